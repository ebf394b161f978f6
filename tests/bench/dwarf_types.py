#!/usr/bin/env python3
"""What it costs to have the types of ten variables from a file's debug info, and what its peers take for the same.

The file is that of fixture 01 (a Rust program of 8 MB) and, with --large FILE, one more: the debug file of a large C++
program (ceph-mds-dbg of Debian 12 has 183 MB of .debug_info). cold: polyton-dwarf is started for it; warm: it is
asked again. The peers are gdb, which prints the types of as many variables (once), and a walk over all DIEs with libdw,
which only finds out where the variables are (median, against warm).

usage: dwarf_types.py [--large FILE] [--runs N]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("POLYTON_BUILD", os.path.join(ROOT, "build"))
FIXTURES = os.environ.get("POLYTON_FIXTURES", os.path.join(ROOT, "build", "fixtures"))


def timed(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - start) * 1000


def variables(path):
    """Ten names of variables of the file."""
    lines = subprocess.run(["nm", "-C", "--defined-only", path], capture_output=True, text=True, check=False).stdout
    names = [line.split(" ", 2)[2] for line in lines.splitlines() if line[17:18] in "bBdD" and "::" in line]
    return names[::max(len(names) // 10, 1)][:10]


def measure(name, path, runs):
    environment = {**os.environ, "POLYTON_DWARF_WORKER": os.path.join(BUILD, "polyton-dwarf")}
    done = subprocess.run([os.path.join(BUILD, "bench", "dwarf_types"), "--runs", str(runs), path], text=True,
                          env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"bench: {done.stderr}")
    cold, warm, kilobytes, typed, asked = done.stdout.split()
    row = f"{name:12}{float(cold):10.1f}{float(warm):10.1f}{int(kilobytes) / 1024:10.1f}{typed:>7} of {asked}"
    if shutil.which("gdb"):
        command = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", path]
        for variable in variables(path):
            command += ["-ex", f"whatis '{variable}'"]
        spent = timed(command)
        row += f"{spent:12.0f}{spent / float(cold):8.0f}x"
    walks = [subprocess.run([os.path.join(BUILD, "peers", "libdw_walk"), path], capture_output=True, text=True,
                            check=True).stdout.split()[0] for _ in range(min(runs, 5))]
    walk = statistics.median(float(spent) for spent in walks)
    row += f"{walk:12.0f}{walk / float(warm):8.0f}x"
    print(row, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--large")
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    print(f"{'':12}{'cold ms':>10}{'warm ms':>10}{'anon MB':>10}{'typed':>12}{'gdb ms':>12}{'ratio':>9}{'libdw ms':>12}{'ratio':>9}")
    measure("host", os.path.join(FIXTURES, "01_tokio_modules", "host"), options.runs)
    if options.large:
        measure(os.path.basename(options.large), options.large, options.runs)


if __name__ == "__main__":
    main()

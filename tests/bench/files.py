#!/usr/bin/env python3
"""What it costs to compare all shared objects of a folder as plugins of one host, beside what people do today.

Peers, each on both processors: nm over all files with sort and uniq, scanelf -s '*' the same way, and a program that
only maps the files and hashes the names of their data symbols. All take turns; figures are medians, warm.

usage: files.py [--folder DIR,...] [--runs N]
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("POLYTON_BUILD", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build"))
POLYTON = os.path.join(BUILD, "polyton")
MAP_NAMES = os.path.join(BUILD, "bench", "map_names")
DEFAULT = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/python3", "/usr/lib/gcc", "/usr/lib/jvm", "/usr/lib/llvm-14/lib",
           "/usr/lib/apache2", "/usr/lib/git-core", "/usr/local/lib"]


def is_shared_object(path):
    try:
        with open(path, "rb") as file:
            head = file.read(18)
    except OSError:
        return False
    return head[:4] == b"\x7fELF" and head[4] == 2 and head[16] == 3


def gather(folders):
    """Links to every shared object, so that one folder has them all and nothing else."""
    found = {}
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(where, name)
                if ".so" in name and not os.path.islink(path) and is_shared_object(path):
                    found[os.path.realpath(path)] = os.path.getsize(path)
    return found


def timed(command, stdin):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, shell=isinstance(command, str), stdin=open(stdin, encoding="utf-8"),
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"bench: {command}: {done.stderr.decode()}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def anonymous(folder):
    """Anonymous memory at its most, in MB: what polyton needs beside the pages of the files."""
    process = subprocess.Popen([POLYTON, "report", "-q", "--no-types", folder], stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                most = max([most, *(int(line.split()[1]) for line in status if line.startswith("RssAnon"))])
        except OSError:
            break
        time.sleep(0.002)
    return most / 1024


def measure(found, runs, title):
    with tempfile.TemporaryDirectory() as folder:
        plugins = os.path.join(folder, "plugins")
        listed = os.path.join(folder, "list")
        os.mkdir(plugins)
        for number, path in enumerate(sorted(found)):
            os.symlink(path, os.path.join(plugins, f"{number:05}-{os.path.basename(path)}"))
        with open(listed, "w", encoding="utf-8") as file:
            file.write("".join(path + "\n" for path in sorted(found)))
        commands = {
            "polyton": [POLYTON, "report", "-q", "--no-types", plugins],
            "map and hash": [MAP_NAMES],
            "nm | sort | uniq": "xargs -d '\\n' -P2 -n50 nm -D --defined-only 2>/dev/null | "
                                "awk '$2 ~ /[BDGSVu]/ { print $3 }' | sort | uniq -d",
        }
        if shutil.which("scanelf"):
            commands["scanelf -s"] = "xargs -d '\\n' -P2 -n50 scanelf -qs '*' -F '%s' 2>/dev/null"
        times = {name: [] for name in commands}
        for _ in range(runs + 1):
            for name, command in commands.items():
                times[name].append(timed(command, listed))
        print(f"\n{title}: {len(found):,} files, {sum(found.values()) / 1e6:,.0f} MB; "
              f"{subprocess.run([MAP_NAMES], stdin=open(listed, encoding='utf-8'), capture_output=True, text=True, check=True).stdout.split(',')[0]}")
        print(f"{'':20}{'wall ms':>10}{'CPU ms':>10}{'polyton is':>14}")
        own = statistics.median(wall for wall, _ in times["polyton"][1:])
        for name, rows in times.items():
            wall = statistics.median(row[0] for row in rows[1:])
            cpu = statistics.median(row[1] for row in rows[1:])
            print(f"{name:20}{wall * 1e3:10.0f}{cpu * 1e3:10.0f}{wall / own:12.2f}x")
        print(f"polyton's anonymous memory: {anonymous(plugins):.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default=",".join(DEFAULT))
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    found = gather(folder for folder in args.folder.split(",") if os.path.isdir(folder))
    if not found:
        sys.exit("bench: no shared objects there")
    half = dict(sorted(found.items())[::2])
    measure(half, args.runs, "every second file")
    measure(found, args.runs, "all files")


if __name__ == "__main__":
    main()

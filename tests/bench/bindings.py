#!/usr/bin/env python3
"""What it costs to find out what every reference was bound to, beside reading the symbols.

Two libraries are made that differ in the number of their references only, by a factor of ten; and the program of this
machine with most of them that can be had is looked at. Each figure is the median of several runs.

usage: bindings.py [--references N,N,...] [--runs N]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
POLYTON = os.environ.get("POLYTON", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "polyton"))


def make_library(folder, count):
    """A library with @count functions and one with a word for each of them, and a program that needs both."""
    names = [f"reference_{i:06}" for i in range(count)]
    with open(os.path.join(folder, "provider.s"), "w", encoding="ascii") as file:
        file.write(".text\n" + "".join(f".globl {n}\n.type {n},@function\n{n}: ret\n.size {n},1\n" for n in names))
    with open(os.path.join(folder, "user.s"), "w", encoding="ascii") as file:
        file.write(".section .data.rel.ro,\"aw\"\n" + "".join(f".quad {n}\n" for n in names))
    with open(os.path.join(folder, "main.c"), "w", encoding="ascii") as file:
        file.write("#include <stdio.h>\nint main(void) { puts(\"ready\"); fflush(stdout); return getchar(); }\n")
    for command in (["-shared", "-o", "libprovider.so", "provider.s"],
                    ["-shared", "-o", "libuser.so", "user.s", "-L.", "-lprovider"],
                    ["-o", "program", "main.c", "-Wl,--no-as-needed", "-L.", "-luser", "-lprovider",
                     "-Wl,-rpath," + folder, "-Wl,-z,noexecstack"]):
        subprocess.run(["gcc", *command], cwd=folder, check=True, stderr=subprocess.DEVNULL)
    return [os.path.join(folder, "program")]


def look(pid, runs):
    subjects = []
    for _ in range(runs):
        done = subprocess.run([POLYTON, "report", str(pid), "--format", "json"], capture_output=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"bench: polyton failed: {done.stderr.decode()}")
        subjects.append(json.loads(done.stdout)["subject"])
    binding = statistics.median(subject["binding_ns"] for subject in subjects) / 1e6
    analysis = statistics.median(subject["analysis_ns"] for subject in subjects) / 1e6
    return subjects[0]["references"], binding, analysis


def put(name, references, binding, analysis):
    print(f"{name:24}{references:12,}{binding:12.1f}{analysis:12.1f}{binding * 1e6 / max(references, 1):14.0f}", flush=True)


# Those with most references of what a distribution ships, waiting for their input. (clang waits when its library is
# relocated; gtk is python3 with GTK 3, which has most of all.)
GTK = "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk; import sys; sys.stdin.read()"
REAL = {
    "clang": [shutil.which("clang-14") or shutil.which("clang"), "-x", "c", "-fsyntax-only", "-"],
    "python3 with GTK": [shutil.which("python3", path="/usr/bin"), "-c", GTK],
}


def measure_real(runs):
    for name, command in REAL.items():
        if not command[0]:
            print(f"{name}: SKIP, it is not here")
            continue
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env={**os.environ, "LD_BIND_NOW": "1"}) as process:
            time.sleep(2)
            if process.poll() is None:
                put(name, *look(process.pid, runs))
            else:
                print(f"{name}: SKIP, it does not start (packages python3-gi gir1.2-gtk-3.0)")
            process.stdin.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--references", default="10000,100000")
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    print(f"{'':24}{'references':>12}{'bindings ms':>12}{'all ms':>12}{'ns/reference':>14}")
    for count in map(int, options.references.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            with subprocess.Popen(make_library(folder, count), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                process.stdout.readline()
                put(f"made, {count:,}", *look(process.pid, options.runs))
                process.stdin.close()
    measure_real(options.runs)


if __name__ == "__main__":
    main()

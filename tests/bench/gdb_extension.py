#!/usr/bin/env python3
"""What the extension costs inside GDB: the report and all cells of a process with many threads, stopped by GDB or by a
gdbserver on this machine; and how soon Ctrl-C ends it, typed at random moments.

usage: gdb_extension.py [--threads N] [--runs N] [--interruptions N] [--seed N] [--json FILE]
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time

from bench import COPIES, FIXTURES, HERE, ROOT

sys.path.append(os.path.join(ROOT, "tests", "gdb"))
BUILD = os.environ.get("POLYTON_BUILD", os.path.join(ROOT, "build"))
EXTENSION = os.path.join(ROOT, "gdb", "polyton-gdb.py")
SETTINGS = ("set debuginfod enabled off", "set confirm off", "set pagination off", "set width 0",
            "set style enabled off")
FAULTS = ("Exception ignored", "Traceback", "Python Exception")


def environment(**more):
    return {**os.environ, "HOME": "/nonexistent", "TERM": "dumb", "LC_ALL": "C.UTF-8", "EXTENSION": EXTENSION,
            "POLYTON_LIBRARY": os.path.join(BUILD, "libpolyton.so.0"), **more}


def command(*arguments):
    return ["gdb", "-nx", "-q", *(word for line in SETTINGS for word in ("-iex", line)), *arguments]


class Threads:
    """The fixture 08_many_threads with that many threads, perhaps behind a gdbserver; how GDB gets at it."""

    def __init__(self, count, is_far):
        self.process = subprocess.Popen([os.path.join(FIXTURES, "08_many_threads", "many"), str(count)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pid = int(self.process.stdout.readline().split()[1])
        self.server = None
        self.arguments = ["-p", str(pid)]
        if is_far:
            self.server = subprocess.Popen(["gdbserver", "--once", "--attach", "127.0.0.1:0", str(pid)],
                                           stderr=subprocess.PIPE, text=True)
            line = ""
            while "Listening on port" not in line:
                line = self.server.stderr.readline()
                if not line:
                    sys.exit("gdb_extension: gdbserver does not serve")
            self.arguments = ["-ex", f"target remote 127.0.0.1:{line.split()[-1]}"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.server, self.process):
            if process:
                process.kill()
                process.wait()


def measure(threads, is_far, runs):
    with Threads(threads, is_far) as target:
        done = subprocess.run(command("-batch", *target.arguments, "-x", os.path.join(HERE, "gdb_extension_inside.py")),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              env=environment(RUNS=str(runs)))
    told = json.loads(last_json(done.stdout))
    if told["count"] != threads * COPIES or not told["bytes"]:
        sys.exit(f"gdb_extension: {told['count']} cells, expected {threads * COPIES}")
    return {"first": told["first"], "report": statistics.median(told["report"]), "cells": statistics.median(told["cells"])}


def last_json(output):
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"gdb_extension: GDB failed: {output}")
    return lines[-1]


def interrupt(threads, is_far, times, chance):
    """Of that many Ctrl-C while a report is made: how many gave "Quit", and after how many milliseconds."""
    from talking import Talking, interrupt_often  # pylint: disable=import-error,import-outside-toplevel
    with Threads(threads, is_far) as target:
        with Talking(command("-iex", f"source {EXTENSION}", *target.arguments), environment()) as gdb:
            gdb.say("polyton report")
            answers, late = interrupt_often(gdb, "polyton report", "exists 3 times", times, chance)
    faulty = [answer for answer, _ in answers + late if any(fault in answer for fault in FAULTS)]
    if faulty:
        sys.exit(f"gdb_extension: {faulty[0]}")
    took = [milliseconds for _, milliseconds in answers]
    return {"quits": len(took), "median": statistics.median(took), "longest": max(took)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--interruptions", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", help="write the figures there, too")
    options = parser.parse_args()
    figures = {}
    if not shutil.which("gdb"):
        print("SKIP gdb_extension: gdb is not installed")
        return
    version = subprocess.run(["gdb", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    print(f"{version}; {options.threads} threads, medians of {options.runs} runs, milliseconds; "
          f"Ctrl-C: {options.interruptions}, --seed {options.seed}")
    print(f"{'target':>9} {'first':>7} {'report':>7} {'report + cells':>14} {'Quit':>5} {'after':>6} {'at most':>7}")
    for name, is_far in (("native", False), ("gdbserver", True)):
        if is_far and not shutil.which("gdbserver"):
            print("SKIP gdbserver: it is not installed")
            continue
        row = measure(options.threads, is_far, options.runs)
        text = f"{name:>9} {row['first']:>7.1f} {row['report']:>7.1f} {row['cells']:>14.1f}"
        try:
            row.update(interrupt(options.threads, is_far, options.interruptions, random.Random(options.seed)))
            text += f" {row['quits']:>5} {row['median']:>6.1f} {row['longest']:>7.1f}"
        except ImportError:
            text += "  (Ctrl-C: python3-pexpect is not installed)"
        print(text, flush=True)
        figures[name] = row
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(figures, out, indent=2)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The figures of docs/performance.md: what it costs to look at a process with many threads.

Each figure is the median of several runs. The peer is GDB with a Python script that reads the same cells
(gdb_cells.py); the two take turns, so that a noisy machine is noisy for both.

usage: bench.py [--threads N,N,...] [--runs N] [--gdb-threads N,N,...] [--gdb-runs N] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
POLYTON = os.environ.get("POLYTON", os.path.join(ROOT, "build", "polyton"))
FIXTURES = os.environ.get("POLYTON_FIXTURES", os.path.join(ROOT, "build", "fixtures"))
COPIES = 3


class Target:
    """The fixture 08_many_threads with that many threads and one that notes the gaps in its own running."""

    def __init__(self, threads):
        command = [os.path.join(FIXTURES, "08_many_threads", "many"), "--tick", str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            sys.exit(f"bench: {threads} threads could not be started")
        self.pid = self.process.pid

    def take_gap(self):
        """Milliseconds: the longest time the ticking thread did not run since the last call."""
        self.process.stdin.write("gap\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline().split()[1]) / 1e6

    def __enter__(self):
        time.sleep(0.3)
        self.take_gap()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def timed(command):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return (time.perf_counter() - start) * 1000, done


def run_polyton(target, *options):
    """Milliseconds of one whole `polyton report`, with what it did to the target; a run that lists every cell, which
    the report folds, then tells how many cells that were, and where the time goes."""
    target.take_gap()
    wall, done = timed([POLYTON, "report", str(target.pid), *options])
    gap = target.take_gap()
    if done.returncode not in (0, 1) or "cell (thread-local) exists 3 times" not in done.stdout:
        sys.exit(f"bench: polyton failed: {done.stdout}{done.stderr}")
    _, done = timed([POLYTON, "show", "cell", str(target.pid), "--format", "json", *options])
    report = json.loads(done.stdout)
    cells = sum(len(copy["cells"]) for singleton in report["singletons"] for copy in singleton["copies"]
                if copy["object"] in ("many", "libmany_one.so", "libmany_two.so"))
    subject = report["subject"]
    return {"wall": wall, "gap": gap, "cells": cells, "capture": subject["capture_ns"] / 1e6,
            "analysis": subject["analysis_ns"] / 1e6, "pause": (subject["pause_ns"] or 0) / 1e6}


def run_gdb(target):
    target.take_gap()
    wall, done = timed(["gdb", "-nx", "-batch", "-p", str(target.pid), "-x", os.path.join(HERE, "gdb_cells.py")])
    gap = target.take_gap()
    cells = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("cells ")]
    if not cells:
        sys.exit(f"bench: gdb failed: {done.stderr}")
    return {"wall": wall, "gap": gap, "cells": cells[0]}


def idle_gap(target, seconds):
    """What the machine alone does to the ticking thread."""
    target.take_gap()
    time.sleep(seconds)
    return target.take_gap()


def medians(rows):
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def numbers(text):
    return [int(part) for part in text.split(",") if part]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=numbers, default=[100, 1000, 10000])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--gdb-threads", type=numbers, default=[100, 1000])
    parser.add_argument("--gdb-runs", type=int, default=3)
    parser.add_argument("--json", help="write the figures there, too")
    options = parser.parse_args()
    figures = []

    print(f"medians of {options.runs} runs, milliseconds; gdb: of {options.gdb_runs}")
    print(f"{'threads':>8} {'cells':>7} {'wall':>8} {'capture':>8} {'analysis':>8} {'gap':>7} {'max gap':>8} "
          f"{'idle gap':>8} {'--stop pause':>12} {'gdb wall':>9} {'gdb gap':>9} {'ratio':>7}")
    for threads in options.threads:
        with Target(threads) as target:
            has_peer = threads in options.gdb_threads and shutil.which("gdb")
            run_polyton(target)  # the first run reads files from the disk
            ours, peer, idle = [], [], []
            for run in range(options.runs):
                ours.append(run_polyton(target))
                idle.append(idle_gap(target, ours[-1]["wall"] / 1000))
                if has_peer and run < options.gdb_runs:
                    peer.append(run_gdb(target))
            stopped = medians([run_polyton(target, "--stop") for _ in range(options.runs)])
        row = {"threads": threads, **medians(ours), "max_gap": max(one["gap"] for one in ours),
               "idle_gap": statistics.median(idle), "stop_pause": stopped["pause"]}
        text = (f"{threads:>8} {row['cells']:>7.0f} {row['wall']:>8.1f} {row['capture']:>8.1f} {row['analysis']:>8.1f} "
                f"{row['gap']:>7.2f} {row['max_gap']:>8.2f} {row['idle_gap']:>8.2f} {row['stop_pause']:>12.1f}")
        if peer:
            other = medians(peer)
            row.update(gdb_wall=other["wall"], gdb_gap=other["gap"], ratio=other["wall"] / row["wall"])
            text += f" {row['gdb_wall']:>9.0f} {row['gdb_gap']:>9.0f} {row['ratio']:>6.0f}x"
        print(text, flush=True)
        # Every thread has three copies; the ticking thread is one more.
        if row["cells"] != (threads + 1) * COPIES:
            sys.exit(f"bench: expected {(threads + 1) * COPIES} cells")
        figures.append(row)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(figures, out, indent=2)


if __name__ == "__main__":
    main()

"""What `polyton run` costs a program: the same program without it, with it, and with breakpoints in memory.

usage: run.py [RUNS]   in the environment of `make bench`; prints medians of so many runs each (5)
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLYTON = os.environ.get("POLYTON", str(ROOT / "build/polyton"))
SOURCES = ROOT / "tests/run"


def build(folder):
    subprocess.run(["cc", "-g", "-O1", "-pthread", "-o", folder / "driver", SOURCES / "driver.c", "-ldl"], check=True)
    for name in ("one", "two"):
        subprocess.run(["cc", "-g", "-O1", "-fPIC", "-shared", f'-DPART="lib{name}.so"', "-o", folder / f"lib{name}.so",
                        SOURCES / "part.c"], check=True)


def wall(command, **changes):
    start = time.perf_counter()
    subprocess.run([str(part) for part in command], env={**os.environ, **changes}, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return 1000 * (time.perf_counter() - start)


def measure(name, command, runs):
    """The three take turns, so that what else the machine does hits all of them."""
    alone, debug, memory, idle = [], [], [], []
    for _ in range(runs):
        alone.append(wall(command))
        debug.append(wall([POLYTON, "run", "-q", "--", *command]))
        memory.append(wall([POLYTON, "run", "-q", "--", *command], POLYTON_RUN_BREAKPOINTS="memory"))
        # What is left of it without the look at the end.
        idle.append(wall([POLYTON, "run", "-q", "--for", "0", "--", *command]))
    figures = [statistics.median(row) for row in (alone, debug, memory, idle)]
    print(f"{name:32}" + "".join(f"{figure:10.1f}" for figure in figures), flush=True)


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'ms':32}" + "".join(f"{title:>10}" for title in ("alone", "run", "memory", "--for 0")))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build(folder)
        driver, modules = folder / "driver", f"{folder}/libone.so,{folder}/libtwo.so"
        measure("true", ["true"], runs)
        measure("a second of sleep", ["sleep", "1"], runs)
        measure("2000 threads, one by one", [driver, "threads=2000"], runs)
        measure("800 loads by 8 threads", [driver, f"churn=8:{modules}"], runs)
        measure("python3, json and sqlite3", ["/usr/bin/python3", "-c", "import json, sqlite3"], runs)
        measure("make-like: 200 children", ["sh", "-c", "for i in $(seq 200); do /bin/true; done"], runs)


if __name__ == "__main__":
    main()

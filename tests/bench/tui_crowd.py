"""The full screen where there is much of it: ten thousand threads of twenty copies, and an object of half a gigabyte.

usage: tui_crowd.py [crowd|large ...]   in the environment of `make bench`; without words: both

Each time is from a key to the first byte of the new picture, on a terminal that understands nothing of it.
"""

import os
import pathlib
import re
import select
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/tui")]

from conftest import Running, plain_environment  # noqa: E402
from stage import build  # noqa: E402
from terminal import Tui  # noqa: E402

WORK = pathlib.Path(os.environ.get("POLYTON_BUILD", ROOT / "build")) / "bench/tui"
TERM = "screen-256color"  # has no short form for a character again: what is waited for is sent as it is


def start(parts=2, is_wide=False):
    folder = WORK / f"{parts}{'wide' if is_wide else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    program, libraries = build(folder, parts, is_wide)
    running = Running([program, *libraries], plain_environment())
    running.wait_ready()
    return running, libraries


def look(*args, **options):
    """A Tui that draws nothing: what polyton sends is taken, not understood, so that none of it is Python's time."""
    return Tui("tui", *args, term=TERM, **options)


def quiet(tui, seconds=0.05):
    while select.select([tui.child.child_fd], [], [], seconds)[0]:
        tui.sent += os.read(tui.child.child_fd, 1 << 16)


def until(tui, wanted, timeout=60):
    """Milliseconds until what it sends from now on has these bytes; until it sends anything for b""."""
    begun, start_at = time.perf_counter(), len(tui.sent)
    while True:
        left = begun + timeout - time.perf_counter()
        if left <= 0 or not select.select([tui.child.child_fd], [], [], left)[0]:
            raise SystemExit(f"it never sent {wanted!r}")
        tui.sent += os.read(tui.child.child_fd, 1 << 16)
        if wanted in tui.sent[start_at:]:
            return 1000 * (time.perf_counter() - begun)


def press(tui, keys, times=30):
    """Milliseconds from each press, of these keys by turns, to the first byte of the new picture."""
    taken = []
    for turn in range(times):
        quiet(tui, 0.002)
        tui.key(keys[turn % len(keys)])
        taken.append(until(tui, b""))
    quiet(tui)
    return taken


def memory(pid, field="VmHWM"):
    """Of the process and its children, in MB."""
    total = 0
    for name in [pid, *children(pid)]:
        found = re.search(rf"^{field}:\s*(\d+)", pathlib.Path(f"/proc/{name}/status").read_text(), re.MULTILINE)
        total += int(found[1]) if found else 0
    return total / 1024


def children(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir() if text.exists() else []
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def show(name, taken):
    print(f"  {name:44}{statistics.median(taken):9.1f}{max(taken):9.1f}", flush=True)


def refreshes(stage, tui, times=5):
    """Milliseconds from `r` to the picture that has the value just set."""
    taken = []
    for turn in range(times):
        value = ("314159", "926535")[turn % 2]
        stage.ask(f"set {value}")
        quiet(tui)
        tui.key("r")
        taken.append(until(tui, value.encode()))
    quiet(tui)
    return taken


def crowd():
    print("10,000 threads x 20 copies                           median ms   most")
    stage, _ = start(parts=20)
    stage.ask("threads 9999 sleeper", timeout=120)
    tui = look(stage.pid, "--interval", "0", columns=120, rows=40)
    show("first picture", [until(tui, b"exist more than once")])
    quiet(tui)
    tui.key("down").key("enter")
    show("into the matrix", [until(tui, b"sleeper")])
    before = memory(tui.pid, "VmRSS")
    for keys in (["down"], ["pgdn"], ["end", "home"], ["right", "left"]):
        show(f"key {', '.join(keys)}", press(tui, keys))
    show("/ and Enter: words that no row has", press_search(tui))
    after = memory(tui.pid, "VmRSS")
    tui.key("home")
    quiet(tui)
    show("refresh, r to the new picture", refreshes(stage, tui))
    show("key s: 10,000 rows in another order", press(tui, ["s"], 6))
    print(f"  memory, MB: {before:.0f} before scrolling, {after:.0f} after it, {memory(tui.pid, 'VmRSS'):.0f} after "
          f"5 refreshes and 6 sorts, {memory(tui.pid):.0f} at most", flush=True)
    tui.kill()
    command = [os.environ.get("POLYTON", str(ROOT / "build/polyton")), "report", "-q", str(stage.pid)]
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    print(f"  (polyton report of the same: {1000 * (time.perf_counter() - begun):.0f} ms)")
    stage.stop()


def press_search(tui):
    tui.key("home")
    quiet(tui)
    tui.type("/no such words")
    quiet(tui)
    tui.key("enter")
    return [until(tui, b"No row")]


def large_object():
    """A shared object of 500 MB, most of it debug info and symbols, that has a copy of the stage's variables, too."""
    path = WORK / "liblarge.so"
    if path.exists():
        return path
    text = ["struct s0 { long member; };"]
    for i in range(1, 20000):
        text.append(f"struct s{i} {{ long first_{i}; char second_{i}[{i % 60 + 1}]; struct s{i - 1} *third_{i}; }};"
                    f"struct s{i} variable_{i} = {{ {i} }};"
                    f"int function_{i}(struct s{i} *it, long x) {{ it->first_{i} += x; return it->second_{i}[0]; }}")
    (WORK / "large.c").write_text("\n".join(text))
    subprocess.run(["cc", "-g", "-O0", "-fPIC", "-c", "-o", WORK / "large.o", WORK / "large.c"], check=True)
    pieces, size = [], 0
    while size < 560 << 20:
        piece = WORK / f"large{len(pieces)}.o"
        subprocess.run(["objcopy", f"--prefix-symbols=part{len(pieces)}_", WORK / "large.o", piece], check=True)
        pieces.append(piece)
        size += int(piece.stat().st_size * 0.72)  # relocations stay behind
    subprocess.run(["cc", "-shared", "-Wl,-soname,liblarge.so", "-o", path, WORK / "2/part.o", *pieces], check=True)
    for piece in [*pieces, WORK / "large.o"]:
        piece.unlink()
    return path


def large():
    stage, _ = start()
    path = large_object()
    print(f"while an object of {path.stat().st_size >> 20} MB is read          median ms   most")
    tui = look(stage.pid, "--interval", "0", columns=120, rows=40)
    until(tui, b"exist more than once")
    quiet(tui)
    stage.ask(f"load {path}")
    tui.key("r")
    begun, taken = time.perf_counter(), []
    while b"liblarge" not in tui.sent and time.perf_counter() - begun < 300:
        quiet(tui, 0.002)
        tui.key("down" if len(taken) % 2 == 0 else "up")
        taken.append(until(tui, b""))
        time.sleep(0.02)
    print(f"  the look took {1000 * (time.perf_counter() - begun):.0f} ms, {len(taken)} keys were answered meanwhile")
    show("a key", taken)
    quiet(tui)
    tui.kill()
    tui = look(stage.pid, columns=120, rows=40)
    show("first look: something is on the screen", [until(tui, b"Esc: give up")])
    show("first look: how far it is", [until(tui, b" of ")])
    tui.key("esc")
    begun = time.perf_counter()
    tui.end()
    show("Esc, to the end of the program", [1000 * (time.perf_counter() - begun)])
    begun = time.perf_counter()
    tui = look(stage.pid, "--interval", "0", columns=120, rows=40)
    until(tui, b"exist more than once")
    print(f"  the first picture is there after {1000 * (time.perf_counter() - begun):.0f} ms; "
          f"{memory(tui.pid):.0f} MB at most")
    quiet(tui)
    stage.ask("set 1")
    tui.key("down", "enter")
    quiet(tui)
    show("a refresh, nothing read anew", refreshes(stage, tui))
    tui.kill()
    stage.stop()


def main():
    parts = {"crowd": crowd, "large": large}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()

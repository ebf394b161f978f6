"""What a debugger's callbacks show of a process is what polyton says of the process itself.

build/tests/support/through_debugger is the debugger: it has the library look through callbacks, interrupts it at any of
them, and has reads fail.
"""

import json
import os
import pathlib
import subprocess

import pytest

from conftest import stand_still
from test_core import PROGRAMS, assert_same, program_path

BUILD = pathlib.Path(os.environ.get("POLYTON_BUILD") or pathlib.Path(__file__).resolve().parents[2] / "build")
INTERRUPTIONS, FAILURES = 60, 48


def through_debugger(pid, mode, *args):
    done = subprocess.run([BUILD.absolute() / "tests/support/through_debugger", str(pid), mode, *map(str, args)],
                          capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
                          env={**os.environ, "POLYTON_DWARF_WORKER": str(BUILD.absolute() / "polyton-dwarf")})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_shared_thread_block(fixture_dir, start, polyton_json):
    """A raw clone on another thread's block is on no list: only its thread pointer tells."""
    running = start([fixture_dir("02_tls_truth") / "truth"])
    stand_still(running.pid)
    process = polyton_json("report", "--all", running.pid)
    report = json.loads(through_debugger(running.pid, "lists"))
    states = [(was["state"], now["state"]) for was, now in zip(process["threads"], report["threads"])]
    assert set(states) == {("ready", "ready"), ("shares", "unknown")}


@pytest.mark.parametrize("mode", ["report", "lists"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_debugger_is_the_process(name, mode, fixture_dir, start, polyton_json):
    if (name, mode) == ("02_tls_truth/truth", "lists"):
        pytest.skip("it has a raw clone: see test_shared_thread_block")
    running = start([program_path(fixture_dir, name)], stderr=subprocess.DEVNULL)
    stand_still(running.pid)
    process = polyton_json("report", "--all", running.pid)
    report = json.loads(through_debugger(running.pid, mode))
    assert (report["subject"]["type"], report["subject"]["pid"]) == ("debugger", running.pid)
    assert [row["name"] for row in report["threads"]] == [row["name"] for row in process["threads"]]
    assert_same(report, process)


@pytest.mark.parametrize("seed", range(3))
def test_interruption_anywhere(seed, fixture_dir, start, polyton_json):
    """It ends at once, nothing more is asked, and the next capture is as good as any."""
    running = start([fixture_dir("02_tls_truth") / "truth"])
    stand_still(running.pid)
    process = polyton_json("report", "--all", running.pid)
    assert_same(json.loads(through_debugger(running.pid, "interrupt", seed, INTERRUPTIONS)), process)


@pytest.mark.parametrize("seed", range(3))
def test_failing_reads(seed, fixture_dir, start):
    running = start([fixture_dir("04_c_statics") / "host"])
    stand_still(running.pid)
    assert through_debugger(running.pid, "fail", seed, FAILURES) == f"{FAILURES} captures\n"

"""Processes that nobody here wrote and that have no duplicated singletons: nothing is reported.

What cannot be seen (stripped libraries) is said in notes; a finding, of any severity but a note about such a
blind spot, would be a false one.
"""

import shutil
import subprocess
import time

import pytest

PYTHON = """
import importlib, sys
for name in ("ssl", "json", "ctypes", "sqlite3", "decimal", "lzma", "xml.parsers.expat"):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
print("ready", flush=True)
sys.stdin.read()
"""

WAITING = {"gdb": ["gdb", "-q", "-nx"], "git": ["git", "cat-file", "--batch"], "sqlite3": ["sqlite3"],
           "dirmngr": ["dirmngr", "--server"]}


def wait_exec(pid, name):
    """Until the child has become the program @name and sleeps in it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with open(f"/proc/{pid}/comm") as comm, open(f"/proc/{pid}/stat") as stat:
            if comm.read().strip() == name[:15] and stat.read().rsplit(")", 1)[1].split()[0] == "S":
                return
        time.sleep(0.02)
    pytest.fail(f"{name} did not come to rest")


def check_clean(polyton_json, pid, *options):
    report = polyton_json("report", pid, *options, exits=(0, 3))
    loud = [finding for finding in report["findings"] if finding["rule"] != "PT012"]
    assert loud == [], "\n".join(finding["headline"] for finding in loud)
    assert report["singletons"] == []
    return report


@pytest.mark.parametrize("stop", ([], ["--stop"]), ids=("running", "stopped"))
@pytest.mark.parametrize("command", (["sleep", "1000"], ["cat"], ["sh", "-c", "read line"],
                                     ["bash", "-c", "read line"], ["perl", "-e", "<STDIN>"]),
                         ids=lambda command: command[0])
def test_small_programs(start, polyton_json, command, stop):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    running = start(command, ready=False)
    wait_exec(running.pid, command[0])
    check_clean(polyton_json, running.pid, *stop)


def test_exit_code_is_zero(start, polyton):
    """Also with libraries that have no symbol table, as distributions ship them."""
    running = start(["sleep", "1000"], ready=False)
    wait_exec(running.pid, "sleep")
    done = polyton("report", running.pid)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("python", ("/usr/bin/python3", "python3"))
def test_python_with_extension_modules(start, polyton_json, python):
    program = shutil.which(python)
    if not program:
        pytest.skip(f"{python} is not installed")
    running = start([program, "-c", PYTHON])
    check_clean(polyton_json, running.pid)


def test_dbus_daemon(start, polyton_json, tmp_path):
    program = shutil.which("dbus-daemon")
    if not program:
        pytest.skip("dbus-daemon is not installed")
    running = start([program, "--session", "--nofork", "--print-address",
                     f"--address=unix:path={tmp_path}/bus"], ready=False)
    running.read_line()
    check_clean(polyton_json, running.pid)


@pytest.mark.parametrize("program", WAITING)
def test_programs_that_happen_to_be_here(start, polyton_json, program):
    """Larger ones, started so that they wait for input."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    running = start(WAITING[program], ready=False, stderr=subprocess.DEVNULL)
    time.sleep(1)
    if running.process.poll() is not None:
        pytest.skip(f"{program} does not wait here")
    check_clean(polyton_json, running.pid)

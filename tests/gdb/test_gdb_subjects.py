"""Everything that GDB can look at shows the same: the host's copies, where it says that they are, with what it says.

The one question is asked of each subject: the picture of CONTEXT (a cell for each copy and thread) and of g_count.
"""

import os
import pathlib
import re
import resource
import signal
import subprocess

import pytest

from gdb_asked import LOAD, ask
from judging import OBJECTS, SHOWN, assert_shown, cells, fields
from subjects import ARM, Truth, free_port, host_command, need, programs, start_host

STEPS = [LOAD, *SHOWN]
NO_THREAD_DB = "set libthread-db-search-path /nonexistent"
THREADS = 1000


def needs_attaching(answers):
    if "ptrace: Operation not permitted" in answers.output:
        pytest.skip("this machine does not let GDB attach")


@pytest.mark.parametrize("settings", [(), (NO_THREAD_DB,), ("set auto-solib-add off",)],
                         ids=["plain", "no-thread-db", "no-libraries"])
@pytest.mark.parametrize("machine", ["x86_64", "i386"])
def test_attached(machine, settings, start, tmp_path):
    """Neither libthread_db nor GDB's own symbols are needed."""
    running, truth = start_host(start, "liba.so", "libb.so", machine=machine)
    steps = ["py value('host', 'CONTEXT')", *STEPS]
    answers = ask(tmp_path, steps, "-p", running.pid, settings=settings)
    needs_attaching(answers)
    if NO_THREAD_DB in settings:  # 9
        assert "Cannot find thread-local variables on this target" in answers.error(steps[0])
    report = assert_shown(answers, truth)
    assert report["subject"]["type"] == "debugger" and report["subject"]["machine"] == machine
    assert report["threads"][0]["name"] == "host"
    assert {row["state"] for row in report["threads"]} == {"ready"}


def test_without_symbols(start, tmp_path):
    running, truth = start_host(start, "liba.so", "libb.so")
    assert_shown(ask(tmp_path, STEPS, "--readnever", "-p", running.pid), truth)


@pytest.mark.parametrize("machine", ["x86_64", "i386"])
def test_run(machine, tmp_path):
    """Started by GDB."""
    command = host_command(machine, "liba.so", "libb.so")
    answers = ask(tmp_path, ["break stand", "run", *STEPS], "--args", *command,
                  settings=("set startup-with-shell off",))
    assert_shown(answers, Truth(said(answers.output)))


def said(output):
    """The host's lines among GDB's."""
    return re.findall(r"^(?:cell|count|unique|idle|ready) .*$", output, re.MULTILINE)


@pytest.mark.parametrize("library_db", [True, False], ids=["thread-db", "no-thread-db"])
def test_core_by_gcore(library_db, start, tmp_path):
    need("gcore")
    running, truth = start_host(start, "liba.so", "libb.so")
    done = subprocess.run(["gcore", "-o", tmp_path / "core", str(running.pid)], capture_output=True, text=True, check=False)
    core = tmp_path / f"core.{running.pid}"
    assert core.exists(), done.stdout + done.stderr
    running.stop()
    answers = ask(tmp_path, STEPS, programs() / "host", core, settings=() if library_db else (NO_THREAD_DB,))
    assert_shown(answers, truth)


@pytest.mark.parametrize("machine", ["x86_64", "i386"])
def test_core_by_the_kernel(machine, start, tmp_path):
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern.startswith("|") or "/" in pattern:
        pytest.skip(f"core_pattern is {pattern!r}: cores do not stay here")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 and os.geteuid() != 0:
        pytest.skip("the hard limit for cores is 0")
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    running, truth = start_host(start, "liba.so", "libb.so", machine=machine, cwd=tmp_path,
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, unlimited))
    os.kill(running.pid, signal.SIGABRT)
    running.process.wait(30)
    core, = tmp_path.glob("core*")
    assert_shown(ask(tmp_path, STEPS, programs(machine) / "host", core), truth)


@pytest.fixture
def server(start):
    """server(*arguments) starts gdbserver and returns its port's address for GDB."""

    def run(*arguments):
        need("gdbserver")
        port = free_port()
        running = start(["gdbserver", *arguments[:-1], f"127.0.0.1:{port}", str(arguments[-1])], ready=False,
                        stderr=subprocess.PIPE)
        said_so = b""
        while b"Listening on port" not in said_so:
            piece = os.read(running.process.stderr.fileno(), 4096)
            if not piece:
                pytest.skip(f"gdbserver does not serve: {said_so.decode()}")
            said_so += piece
        return f"127.0.0.1:{port}"

    return run


@pytest.mark.parametrize("machine", ["x86_64", "i386"])
def test_gdbserver(machine, server, start, tmp_path):
    """7: what is not allocated is an error without its cause there. Files come from the other side."""
    running, truth = start_host(start, "liba.so", "libb.so", machine=machine)
    place = server("--attach", running.pid)
    silent = "py value('liba.so', 'CONTEXT')"
    steps = [f"target remote {place}", f"py thread({truth.idle})", silent, *STEPS,
             f"py thread({truth.main})", 'print $_polyton("CONTEXT", "liba.so")']
    answers = ask(tmp_path, steps, timeout=60)
    if machine == "x86_64":
        assert "Remote target failed to process qGetTLSAddr request" in answers.error(silent)
    assert fields(answers.text(steps[-1])) == (truth.cells[truth.main, "liba.so"][1], "liba.so")
    assert_shown(answers, truth)


def test_other_mount_namespace(start, tmp_path):
    """The files are where the process sees them: under another mount they are others, or none."""
    need("unshare")
    if os.geteuid() != 0:
        pytest.skip("only root can mount something")
    there = tmp_path / "there"
    there.mkdir()
    command = f"mount --bind {programs()} {there} && exec {there}/host {there}/liba.so {there}/libb.so"
    running = start(["unshare", "-m", "sh", "-c", command])
    assert os.listdir(there) == []
    truth = Truth([*running.lines, f"ready {running.pid}"])
    report = assert_shown(ask(tmp_path, STEPS, "-p", running.pid), truth)
    assert {row["path"] for row in report["objects"]} >= {f"{there}/liba.so", f"{there}/libb.so"}
    assert {row["file"] for row in report["objects"]} == {"read", "none"}


def test_namespaces_of_the_loader(start, tmp_path):
    """dlmopen: objects that GDB cannot tell apart by name."""
    running, truth = start_host(start, "liba.so", "apart:libb.so")
    report = assert_shown(ask(tmp_path, STEPS, "-p", running.pid), truth)
    assert {copy["object"] for copy in report["singletons"][0]["copies"]} == {"host", "liba.so", "libb.so@1"}


def test_descriptors(start, tmp_path):
    """TLSDESC: what is small is put into the static block even if loaded late, and then each thread has it."""
    running, truth = start_host(start, "liba.so", "libdesc.so")
    answers = ask(tmp_path, STEPS, "-p", running.pid)
    assert_shown(answers, truth, ("host", "liba.so", "libdesc.so"), at_once=("host", "libdesc.so"))


def test_many_threads(start, tmp_path):
    running, truth = start_host(start, "-t", THREADS - 2, "liba.so", "libb.so")
    steps = ["py thread(%d)" % truth.workers[500], "frame 1", *STEPS, "py gdb.selected_thread().ptid[1]", "frame"]
    answers = ask(tmp_path, steps, "-p", running.pid)
    assert len(assert_shown(answers, truth)["threads"]) == THREADS
    # Whoever looks comes back to where the user was.
    assert answers.text("py gdb.selected_thread().ptid[1]") == truth.workers[500]
    assert answers.text("frame").startswith("#1")


def test_while_it_runs(start, tmp_path):
    """Memory can be read while threads run; that what is seen may be torn is said."""
    running, truth = start_host(start, "liba.so", "libb.so")
    assert running.ask("spin") == "spins"
    steps = ["py gdb.execute('continue&')", "py all(one.is_running() for one in gdb.selected_inferior().threads())", LOAD,
             *SHOWN, "polyton show CONTEXT", "interrupt"]
    answers = ask(tmp_path, steps, "-p", running.pid)
    assert answers.text(steps[1]) is True
    known = cells(answers.text(SHOWN[0]))
    for place, (address, number) in truth.cells.items():
        assert int(known[place]["address"], 16) == address
    assert "threads are running" in answers.text("polyton show CONTEXT")


@pytest.fixture
def emulated(start):
    """A host for aarch64 in qemu-user: (its Running, GDB's settings, the port's address)."""
    need("qemu-aarch64", "gdb-multiarch")
    folder, port = programs("aarch64"), free_port()
    running = start(["qemu-aarch64", "-L", ARM, "-g", str(port), *host_command("aarch64", "liba.so", "libb.so")],
                    ready=False)
    settings = (f"set sysroot {ARM}", f"set solib-search-path {folder}:{ARM}/lib", "set tcp connect-timeout 20")
    return running, settings, f"127.0.0.1:{port}"


def test_another_machine(emulated, tmp_path):
    """11: compilers describe no place for a thread-local of aarch64, so GDB says that it was optimized out."""
    running, settings, place = emulated
    theirs = "py value('liba.so', 'CONTEXT')"
    steps = [f"file {programs('aarch64')}/host", f"target remote {place}", "break stand", "continue", "print CONTEXT",
             theirs, *STEPS, 'print $_polyton("CONTEXT", "liba.so")', "kill"]
    answers = ask(tmp_path, steps, gdb="gdb-multiarch", settings=settings, timeout=60)
    answers.text("continue")
    running.wait_ready()
    truth = Truth([*running.lines, f"ready {running.pid}"])
    assert answers.text("print CONTEXT").endswith("<optimized out>\n")
    assert "<optimized out>" in answers.text(theirs)[0]
    # They are so small that the loader puts them into the static block, as descriptors let it do.
    report = assert_shown(answers, truth, at_once=OBJECTS)
    assert report["subject"]["machine"] == "aarch64"
    assert fields(answers.text('print $_polyton("CONTEXT", "liba.so")')) == (truth.cells[truth.main, "liba.so"][1], "liba.so")

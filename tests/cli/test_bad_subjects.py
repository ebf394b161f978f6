"""Subjects that cannot be looked at, or not fully: one clear line and the right exit code, and nothing else."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import threading
import time

import pytest

from conftest import POLYTON, command_line, plain_environment

USAGE = 2
NOT_SEEN = 3
NOBODY = 65534
PF_KTHREAD = 0x00200000
COMMANDS = (["report"], ["show", "name"], ["objects"], ["threads"], ["tls"])

READY = """
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
_Thread_local int own;
int main(void)
{
#ifdef HIDE
	prctl(PR_SET_DUMPABLE, 0);
#endif
	own = printf("ready %d\\n", getpid());
	fflush(stdout);
	pause();
}
"""


def assert_refused(done, code, *words):
    """One line on standard error with all of these words, nothing on standard output."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert re.fullmatch(r"polyton: [^\n]+\n", done.stderr), done.stderr
    for word in words:
        assert word in done.stderr


def read_stat(pid):
    """The fields of /proc/PID/stat from the state on."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def wait_until(condition, what):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


@pytest.fixture
def public_folder():
    """A folder that every user can reach; pytest's own are the runner's alone."""
    with tempfile.TemporaryDirectory(prefix="polyton-") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.fixture
def as_nobody(public_folder):
    """as_nobody(*args) runs polyton as a user without any rights; as_nobody.wrap(command) is for others."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is missing")
    # The checkout may be out of that user's reach.
    copy = public_folder / "polyton"
    shutil.copy(POLYTON, copy)
    shutil.copy(POLYTON.parent / "libpolyton.so.0", public_folder)

    def wrap(command):
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *map(str, command)]

    def run(*args):
        return subprocess.run(wrap([copy, *args]), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=plain_environment(), cwd="/", timeout=60)

    run.wrap = wrap
    return run


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("options", [[], ["-q"], ["--stop"], ["--format", "json"], ["--all", "-v"]], ids=" ".join)
def test_no_such_process(polyton, command, options):
    gone = subprocess.Popen(["true"])
    gone.wait()
    if "--all" in options and command[0] not in ("report", "show"):
        options = ["-v"]
    assert_refused(polyton(*command, gone.pid, *options), NOT_SEEN, f"no process {gone.pid}")


def test_greatest_number(polyton):
    assert_refused(polyton(2**31 - 1), NOT_SEEN, "no process 2147483647")


def test_zombie(polyton):
    ended = subprocess.Popen(["true"])
    wait_until(lambda: read_stat(ended.pid)[0] == "Z", "true does not end")
    done = polyton(ended.pid)
    ended.wait()
    assert_refused(done, NOT_SEEN, str(ended.pid), "is a zombie")


def test_kernel_thread(polyton):
    try:
        is_kernel_thread = int(read_stat(2)[6]) & PF_KTHREAD
    except FileNotFoundError:
        is_kernel_thread = False
    if not is_kernel_thread:
        pytest.skip("no kernel thread is visible here (own PID namespace)")
    assert_refused(polyton(2), NOT_SEEN, "process 2 is a kernel thread")


def test_thread_of_a_process(polyton):
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    done = polyton(thread.native_id)
    release.set()
    thread.join()
    assert_refused(done, USAGE, f"{thread.native_id} is a thread of process {os.getpid()}")


@pytest.mark.parametrize("options", [[], ["--stop"]], ids=" ".join)
def test_process_of_another_user(as_nobody, start, build_program, options):
    running = start(build_program(READY))
    assert_refused(as_nobody(running.pid, *options), NOT_SEEN, f"process {running.pid} belongs to user 0",
                   "as that user or as root", "CAP_SYS_PTRACE")


def test_process_of_another_user_seen_from_no_root(polyton):
    if os.geteuid() == 0:
        pytest.skip("root may read every process")
    assert_refused(polyton(1), NOT_SEEN, "process 1 belongs to user 0", "CAP_SYS_PTRACE")


def test_own_process_that_may_not_be_read(as_nobody, start, build_program, public_folder):
    """The same user, but the kernel protects it, as it does under Yama."""
    program = shutil.copy(build_program(READY, flags=["-DHIDE"]), public_folder)
    running = start(as_nobody.wrap([program]))
    assert_refused(as_nobody(running.pid), NOT_SEEN, f"process {running.pid}", "ptrace", "CAP_SYS_PTRACE")


def test_own_process_that_may_be_read(as_nobody, start, build_program, public_folder):
    """The counter-proof of the two above: it is the right that is missing there, nothing else."""
    program = shutil.copy(build_program(READY), public_folder)
    running = start(as_nobody.wrap([program]))
    if read_yama_scope() != 0:
        pytest.skip("kernel.yama.ptrace_scope forbids it")
    done = as_nobody("threads", running.pid)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(running.pid) in done.stdout


def read_yama_scope():
    try:
        return int(pathlib.Path("/proc/sys/kernel/yama/ptrace_scope").read_text())
    except FileNotFoundError:
        return 0


def test_32_bit_program(polyton, start, build_program):
    # No libc, so that no 32-bit one is needed: pause(2) for ever.
    source = 'void _start(void) { for (;;) { int ret; __asm__ volatile("int $0x80" : "=a"(ret) : "a"(29)); } }'
    program = build_program(source, flags=["-m32", "-nostdlib", "-static"])
    if not program:
        pytest.skip("the compiler makes no 32-bit programs")
    try:
        running = start(program, ready=False)
    except OSError as error:
        pytest.skip(f"the kernel runs no 32-bit programs: {error}")
    wait_until(lambda: os.readlink(f"/proc/{running.pid}/exe") == str(program), "it does not start")
    assert_refused(polyton(running.pid), NOT_SEEN, "32-bit", "not yet supported")


def notes(document):
    return " / ".join(note["text"] for note in document["notes"])


@pytest.mark.parametrize("flags", [[], ["-static"]], ids=["dynamic", "static"])
def test_musl_program(polyton_json, polyton, start, build_program, flags):
    """What can be said is said, and what cannot is a note."""
    if not shutil.which("musl-gcc"):
        pytest.skip("musl-gcc is missing")
    program = build_program(READY, compiler="musl-gcc", flags=flags)
    running = start(program)
    document = polyton_json("report", running.pid, exits=(NOT_SEEN,))
    assert document["findings"] == []
    assert any(item["program"] for item in document["objects"])
    assert "thread-locals are not shown" in notes(document)
    done = polyton(running.pid)
    assert (done.returncode, done.stderr) == (NOT_SEEN, "")
    assert "thread-locals are not shown" in done.stdout


def test_static_go_program(polyton_json, polyton, start, tmp_path):
    if not shutil.which("go"):
        pytest.skip("go is missing")
    source, program = tmp_path / "main.go", tmp_path / "static_go"
    source.write_text('package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n'
                      '\tfmt.Println("ready", os.Getpid())\n\tos.Stdin.Read(make([]byte, 1))\n}\n')
    subprocess.run(["go", "build", "-o", str(program), str(source)], check=True, cwd=tmp_path,
                   env=dict(os.environ, GO111MODULE="off", CGO_ENABLED="0", GOCACHE=str(tmp_path / "cache")))
    running = start(program)
    document = polyton_json("report", running.pid, exits=(NOT_SEEN,))
    assert document["findings"] == []
    assert [item["name"] for item in document["objects"] if item["program"]] == ["static_go"]
    assert "thread-locals are not shown" in notes(document)
    assert polyton(running.pid).stderr == ""


@pytest.mark.parametrize("is_reaped", [True, False], ids=["gone", "zombie"])
@pytest.mark.parametrize("options", [[], ["--stop"]], ids=["", "--stop"])
def test_process_that_exits_half_way(start, fixture_dir, options, is_reaped):
    """Wherever in polyton's work the process ends: a whole report or one line, never half of one."""
    program = [fixture_dir("02_tls_truth") / "truth", "--quiet", "--threads", "50"]
    rounds = 25
    began = time.monotonic()
    whole = subprocess.run(command_line(start(program).pid, *options), capture_output=True,
                           env=plain_environment())
    usual = time.monotonic() - began
    assert whole.returncode == 1, whole.stderr

    refused = 0
    for number in range(rounds):
        running = start(program)
        looking = subprocess.Popen(command_line(running.pid, *options), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=plain_environment())
        time.sleep(usual * (number + random.random()) / rounds)
        running.process.kill()
        if is_reaped:
            running.process.wait()
        output, complaint = looking.communicate(timeout=60)
        if complaint:
            done = subprocess.CompletedProcess([], looking.returncode, output, complaint)
            assert_refused(done, NOT_SEEN, str(running.pid))
            assert re.search("has ended|no process|is a zombie", complaint), complaint
            refused += 1
        else:
            assert looking.returncode in (0, 1, NOT_SEEN) and output.endswith("\n")
        running.stop()
    assert 0 < refused

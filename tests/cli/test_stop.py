"""--stop: whatever happens to polyton, the process it looks at goes on as it was."""

import ctypes
import os
import pathlib
import random
import signal
import subprocess
import time

import pytest

from conftest import command_line, plain_environment

ROUNDS = 60
PTRACE_SEIZE, PTRACE_DETACH, PTRACE_INTERRUPT = 0x4206, 17, 0x4207
WALL = 0x40000000


def status_of(pid):
    """{tid: (state letter, tracer's pid)} of all threads."""
    answer = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            lines = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines()
                         if ":\t" in line)
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        answer[int(task.name)] = (lines["State"][0], int(lines["TracerPid"]))
    return answer


def check_untouched(pid, states="SRD"):
    """No tracer, no thread in another state than one of @states."""
    # A killed tracer's threads are let go when the kernel tears it down, a moment after its death.
    deadline = time.monotonic() + 5
    while True:
        threads = status_of(pid)
        wrong = {tid: thread for tid, thread in threads.items() if thread[1] or thread[0] not in states}
        if not wrong or time.monotonic() > deadline:
            break
        time.sleep(0.005)
    assert threads and not wrong


@pytest.fixture
def truth(start, fixture_dir):
    """Fixture 02 with a ticking thread, and enough threads for the stop to take a while."""
    return start([fixture_dir("02_tls_truth") / "truth", "--tick", "--threads", "200", "--quiet"])


def gap_of(running):
    word, gap = running.ask("gap").split(" ")
    assert word == "gap"
    return int(gap)


def ticks(running):
    """Whether the ticking thread turns on: then there is a longest gap since the last answer."""
    deadline = time.monotonic() + 5
    while not gap_of(running):
        if time.monotonic() > deadline:
            return False
    return True


def test_killed_at_any_moment(truth, polyton_json):
    """SIGKILL at random moments of one whole run; the seed is in the message of a failure."""
    started = time.monotonic()
    polyton_json("report", truth.pid, "--stop")
    whole = time.monotonic() - started
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    outcomes = {"killed": 0, "ended": 0, "stopped": 0}
    for round_number in range(ROUNDS):
        inspector = subprocess.Popen(command_line("report", truth.pid, "--stop"), env=plain_environment(),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        if round_number % 2:  # while threads are stopped, which a blind moment may miss
            deadline = time.monotonic() + 10
            while inspector.poll() is None and time.monotonic() < deadline:
                if any(tracer for _, tracer in status_of(truth.pid).values()):
                    outcomes["stopped"] += 1
                    break
        else:
            time.sleep(moments.uniform(0, whole))
        inspector.kill()
        outcomes["killed" if inspector.wait() == -signal.SIGKILL else "ended"] += 1
        check_untouched(truth.pid)
        gap_of(truth)
        assert ticks(truth), f"seed {seed}, round {round_number}: it does not tick"
    assert outcomes["killed"] >= ROUNDS // 2, outcomes
    assert outcomes["stopped"] >= ROUNDS // 10, outcomes
    # And nothing of it is in the next one's way.
    assert polyton_json("report", truth.pid, "--stop")["subject"]["stopped"]


def test_pause_is_reported(truth, polyton_json):
    subject = polyton_json("report", truth.pid, "--stop")["subject"]
    assert subject["stopped"]
    assert 0 < subject["pause_ns"] < 10_000_000_000
    check_untouched(truth.pid)
    subject = polyton_json("report", truth.pid)["subject"]
    assert not subject["stopped"] and subject["pause_ns"] is None


def test_pause_is_in_the_text(truth, polyton):
    done = polyton("report", truth.pid, "--stop", "-v")
    assert "stopped" in done.stdout


def stop_signal(pid):
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + 5
    while any(state != "T" for state, _ in status_of(pid).values()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("stop", ([], ["--stop"]), ids=("running", "stopped"))
def test_stopped_process_stays_stopped(truth, polyton_json, stop):
    """Also its cells can be read, and SIGCONT sets it going as if nothing had been."""
    stop_signal(truth.pid)
    view = polyton_json("show", "truth", truth.pid, "--all", *stop)
    check_untouched(truth.pid, states="T")
    time.sleep(0.05)
    check_untouched(truth.pid, states="T")
    program, = (copy for copy in view["singletons"][0]["copies"] if copy["object"] == "truth")
    states = [cell["state"] for cell in program["cells"]]
    assert states.count("set") >= 200
    os.kill(truth.pid, signal.SIGCONT)
    check_untouched(truth.pid)
    assert ticks(truth)


def test_killed_over_a_stopped_process(truth):
    stop_signal(truth.pid)
    for round_number in range(20):
        inspector = subprocess.Popen(command_line("report", truth.pid, "--stop"), env=plain_environment(),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while inspector.poll() is None and time.monotonic() < deadline:
            if any(tracer for _, tracer in status_of(truth.pid).values()):
                break
        inspector.kill()
        inspector.wait()
        check_untouched(truth.pid, states="T")
    os.kill(truth.pid, signal.SIGCONT)
    assert ticks(truth)


def test_interrupted_from_the_keyboard(truth):
    """SIGINT, SIGTERM, SIGHUP and a closed pipe end polyton at any moment, too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE) * 3:
        inspector = subprocess.Popen(command_line("report", truth.pid, "--stop"), env=plain_environment(),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, 0.05))
        inspector.send_signal(number)
        inspector.wait(30)
        check_untouched(truth.pid)
        assert ticks(truth)


class Tracer:
    """This test as a debugger of one thread that is not stopped."""

    def __init__(self, tid):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        self.tid = tid
        if self.libc.ptrace(PTRACE_SEIZE, tid, None, None):
            pytest.skip(f"ptrace is not permitted here: {os.strerror(ctypes.get_errno())}")

    def detach(self):
        self.libc.ptrace(PTRACE_INTERRUPT, self.tid, None, None)
        os.waitpid(self.tid, WALL)
        assert self.libc.ptrace(PTRACE_DETACH, self.tid, None, None) == 0


def test_nothing_is_attached_without_stop(start, fixture_dir, polyton_json, polyton):
    """Another debugger is in the way of ptrace, not of reading: the report is complete all the same."""
    running = start([fixture_dir("04_c_statics") / "host"])
    before = polyton_json("report", running.pid)
    tracer = Tracer(running.pid)
    try:
        during = polyton_json("report", running.pid)
        assert during["threads"] == before["threads"]
        assert during["singletons"] == before["singletons"]
        refused = polyton("report", running.pid, "--stop")
        assert refused.returncode == 3
        assert refused.stdout == "" and len(refused.stderr.splitlines()) == 1
    finally:
        tracer.detach()
    check_untouched(running.pid)


def test_stop_under_churn(start, fixture_dir, polyton_json):
    """Threads that are born while the others are being stopped are stopped as well, and all go on."""
    running = start([fixture_dir("03_churn") / "churn"])
    for _ in range(30):
        report = polyton_json("report", running.pid, "--stop", exits=(0, 1, 3))
        assert report["subject"]["stopped"]
    assert running.process.poll() is None
    check_untouched(running.pid)
    known, born, deadline = set(os.listdir(f"/proc/{running.pid}/task")), set(), time.monotonic() + 10
    while len(born) < 20:
        assert time.monotonic() < deadline, "no thread is born any more"
        born |= set(os.listdir(f"/proc/{running.pid}/task")) - known

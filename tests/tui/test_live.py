"""While somebody looks, the process changes, stops, ends; and the inspector itself comes to harm."""

import os
import re
import signal
import time

import pytest


def has_all(tui):
    return "variables exist more than once" in tui.text and "stage_count" in tui.text


def state_of(pid):
    """The letter that ps has for it, None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return None


def children_of(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                if int(file.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def tracers_of(pid):
    tracers = set()
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status") as file:
            tracers.add(re.search(r"TracerPid:\s*(\d+)", file.read())[1])
    return tracers


def wait_until(holds, timeout=20):
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_unharmed(stage):
    """It obeys, no thread of it is stopped or traced."""
    assert stage.ask("set 3") == "done"
    assert tracers_of(stage.pid) == {"0"}
    assert state_of(stage.pid) in ("S", "R")
    return True


def row(tui, text):
    return tui.lines[tui.row_of(text)]


def test_it_looks_again_by_itself(tui, stage):
    one = tui(stage.pid, "--interval", "0.1").wait(has_all)
    assert "every 0.1 s" in one.lines[0]
    one.key("end", "enter").wait("COPY IN").wait("○ initial")
    stage.ask("set 41")
    one.wait("41")
    stage.ask("set 42")
    one.wait("42")
    assert is_unharmed(stage)


def test_changed_cells_are_marked_for_two_looks(tui, stage):
    one = tui(stage.pid, "--interval", "0").wait(has_all)
    one.key("end", "enter").wait("COPY IN")
    stage.ask("set 41")
    one.key("r").wait("41").wait_selected("libapart.so")
    at = one.row_of("41")
    assert one.lines[at].startswith(">*")
    assert not row(one, "  libbpart.so").startswith(" *")
    column = one.lines[at].index("41")
    assert one.attributes(at, column).bold
    stage.ask("set 41")
    # Nothing else tells on the screen that a look has come: a thread is started for that.
    stage.ask("idle 1 first")
    one.key("r").wait("2 threads").wait(lambda t: t.lines[at].startswith(">*"))
    stage.ask("idle 1 second")
    one.key("r").wait("3 threads").wait(lambda t: t.lines[at].startswith("> "))
    assert not one.attributes(at, column).bold


def look_until(tui, is_so):
    """What is gone is shown for two looks; a key that comes while one is taken asks for the next one only."""
    for _ in range(10):
        if is_so():
            return
        tui.key("r").settle()
    assert is_so(), tui.text


def test_threads_come_and_go(tui, stage):
    one = tui(stage.pid, "--interval", "0").wait(has_all)
    one.key("4").wait("1 thread").wait_selected("stage")
    stage.ask("threads 2 worker")
    one.key("r").wait("3 threads").wait_selected("stage")
    assert sum(line.startswith(" +") for line in one.lines if "worker" in line) == 2
    one.key("end").wait_selected("worker")
    last = one.selected().split()[0]
    one.key("up").wait(lambda t: (t.selected() or last).split()[0] != last)
    kept = one.selected().split()[0]
    stage.ask("end")
    one.key("r").wait("2 threads").wait_selected(kept)
    assert any(line.startswith(" -") and last in line for line in one.lines)
    look_until(one, lambda: not any(re.match(rf".-? *{last} ", line) for line in one.lines))
    one.wait_selected(kept)


def test_copies_come_and_go(tui, stage, stage_program, tmp_path):
    """Another library is loaded: its copy is shown as new. Unloaded again, it goes."""
    third = tmp_path / "libcpart.so"
    third.write_bytes(stage_program[1][0].read_bytes())
    one = tui(stage.pid, "--interval", "0", columns=120).wait(has_all)
    one.key("end", "right").wait("in libbpart.so")
    one.key("down").wait_selected("in libapart.so")
    stage.ask(f"load {third}")
    one.key("r").wait("in libcpart.so").wait_selected("in libapart.so")
    assert row(one, "in libcpart.so").startswith(" +")
    one.key("3").wait("7 objects").wait(lambda t: row(t, "libcpart.so").startswith(" +")).key("q").wait(has_all)
    stage.ask("unload")
    one.key("r").wait(lambda t: row(t, "in libcpart.so").startswith(" -"))
    look_until(one, lambda: "in libcpart.so" not in one.text)
    one.wait_selected("in libapart.so")


def test_what_is_selected_stays_while_all_else_moves(tui, stage):
    """Sorted by a value that changes, with threads before and behind it: the selection goes with its row."""
    stage.ask("threads 8 worker")
    one = tui(stage.pid, "--interval", "0.05", columns=100).wait(has_all)
    one.key("down", "enter").wait("THREAD").wait("1/9")
    one.key("down", "down", "down").wait("4/9")
    kept = one.selected().split()[0]
    for step in range(6):
        stage.ask(f"threads {step + 1} other")
        stage.ask("end")
        one.wait(f"{9 + sum(range(step + 1))} threads" if step else "9 threads").wait_selected(kept)
        one.key("s")
    one.wait_selected(kept)


def test_pause_and_pace(tui, stage):
    one = tui(stage.pid, "--interval", "0.1").wait(has_all)
    one.key("end", "enter").wait("COPY IN")
    one.key("p").wait("PAUSED; seen")
    stage.ask("set 7001")
    one.key("down", "up").wait("PAUSED; seen 1 s ago")
    assert "7001" not in one.text
    one.key("r").wait("7001").wait("PAUSED")
    stage.ask("set 7002")
    one.key("p").wait("7002").wait("every 0.1 s")
    one.key("-").wait("Looking every 0.2 s.").key("-").wait("Looking every 0.5 s.")
    one.key("-").wait("Looking every 1 s.").key("+").wait("Looking every 0.5 s.")
    assert is_unharmed(stage)


def test_the_process_is_killed(tui, stage):
    """What was last seen of it stays, and can be looked through and exported."""
    one = tui(stage.pid, "--interval", "0.1").wait(has_all)
    os.kill(stage.pid, signal.SIGKILL)
    one.wait("THE PROCESS HAS ENDED; last seen").wait(has_all)
    one.key("down").wait_selected("stage_local").key("enter").wait("THREAD").key("3").wait("objects are loaded")
    one.key("r").wait("The process has ended")
    one.key("p").wait("nothing to pause")
    one.key("e").wait("Export to").type("/dev/null\r").wait("does not tell the format").key("q", "q", "q")
    one.key("Q")
    assert one.end() == 0


def test_the_process_ends_and_is_not_collected(tui, stage):
    """A zombie has no memory any more."""
    one = tui(stage.pid, "--interval", "0.1").wait(has_all)
    stage.process.stdin.close()
    one.wait("THE PROCESS HAS ENDED")
    assert state_of(stage.pid) == "Z"


def test_a_stopped_process(tui, stage):
    """It is looked at as it is, before and while it is stopped, and stays as it was."""
    os.kill(stage.pid, signal.SIGSTOP)
    wait_until(lambda: state_of(stage.pid) == "T")
    one = tui(stage.pid, "--interval", "0.1").wait(has_all)
    one.key("down", "enter").wait("THREAD").key("q").wait(has_all)
    one.key("Q")
    assert one.end() == 0
    assert state_of(stage.pid) == "T"
    os.kill(stage.pid, signal.SIGCONT)
    assert is_unharmed(stage)


@pytest.mark.parametrize("options", [[], ["--stop"]])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_inspector_is_killed(tui, stage, options, number):
    """Also while it has the process stopped for a look: it goes on, and nobody traces it."""
    stage.ask("threads 20 worker")
    one = tui("tui", stage.pid, "--interval", "0.1", *options).wait(has_all)
    workers = children_of(one.pid)
    one.read()
    one.child.kill(number)
    one.end()
    wait_until(lambda: tracers_of(stage.pid) == {"0"} and state_of(stage.pid) in ("S", "R"))
    assert is_unharmed(stage)
    wait_until(lambda: all(state_of(pid) in (None, "Z") for pid in workers))


def test_killed_in_the_middle_of_stops(tui, stage):
    stage.ask("threads 20 worker")
    for _ in range(8):
        one = tui("tui", stage.pid, "--interval", "0.01", "--stop").wait("stage_count")
        one.child.kill(signal.SIGKILL)
        one.end()
        wait_until(lambda: tracers_of(stage.pid) == {"0"} and state_of(stage.pid) in ("S", "R"))
    assert is_unharmed(stage)


@pytest.mark.parametrize("is_waiting", [False, True])
def test_the_terminal_is_closed(tui, stage, is_waiting):
    """A window is closed: there is nobody to draw for."""
    one = tui(stage.pid, "--interval", "0.1")
    if not is_waiting:
        one.wait(has_all)
    pid, workers = one.pid, children_of(one.pid)
    one.hang_up()
    wait_until(lambda: state_of(pid) is None)
    wait_until(lambda: all(state_of(worker) in (None, "Z") for worker in workers))
    assert is_unharmed(stage)


def test_the_terminal_does_not_read(tui, stage):
    """Nobody takes what it writes, as over a stuck connection: it waits, and goes on when that is over."""
    one = tui(stage.pid, "--interval", "0.02", columns=200, rows=60).wait(has_all)
    one.key("end", "enter")
    for number in range(100):
        stage.ask(f"set {number}")
        one.resize(200 - number % 3, 60)
    one.resize(200, 60)
    assert is_unharmed(stage)
    one.wait("COPY IN")
    one.key("Q")
    assert one.end() == 0


def test_stopping_is_said(tui, stage):
    one = tui("tui", stage.pid, "--stop", "--interval", "0.1").wait(has_all)
    one.wait(lambda t: re.search(r"stopped for \d+\.\d ms; every 0.1 s", t.lines[0]))
    assert "never" not in one.lines[0]


def test_one_picture_is_one_refresh(tui, stage):
    """Nothing is cleared and drawn anew when a look comes or a key is pressed: only what is another is sent."""
    one = tui(stage.pid, "--interval", "0.1").wait(has_all).settle(0.3)
    before = len(one.sent)
    for _ in range(5):
        one.key("down").wait_selected("stage_local")
        one.key("up").wait_selected("C globals")
    sent = one.sent[before:]
    assert b"\033[2J" not in sent and b"\033[H\033[J" not in sent
    assert len(sent) < 10 * 2500


def test_idle_it_sends_next_to_nothing(tui, stage):
    """Nothing changes but the age of the picture."""
    one = tui(stage.pid, "--interval", "0.1").wait(has_all).settle(0.3)
    before = len(one.sent)
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        one.read()
    assert len(one.sent) - before < 400, one.sent[before:]

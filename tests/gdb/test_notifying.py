"""What is said, unasked, of objects that were loaded: once, after the stop."""

import re

import pytest

import modules


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("modules")
    modules.build(path)
    return path


@pytest.fixture
def run_host(folder, tmp_path, run_gdb):
    def run(lines, *commands, program="host", **where):
        (tmp_path / "input").write_text("".join(f"{line}\n".replace("./", f"{folder}/") for line in lines))
        return run_gdb("break at_call", f"run <{tmp_path}/input", *commands, program=folder / program, **where)
    return run


def told(answer):
    return re.findall(r"^polyton: (\S+) brings ", answer, re.MULTILINE)


def test_once_after_the_stop(run_host):
    answer = run_host(["load ./red.so", "load ./alone.so", "call", "call", "load ./blue.so", "call"], "continue",
                      "continue")
    assert told(answer) == ["red.so", "blue.so"]
    # At the first stop, nothing at the second one, at the third one.
    stops = [found.start() for found in re.finditer(r"hit Breakpoint 1, |^Breakpoint 1, ", answer, re.MULTILINE)]
    places = [found.start() for found in re.finditer(r"^polyton: ", answer, re.MULTILINE)]
    assert len(stops) == 3
    assert sum(place < stops[1] for place in places) == 1 and sum(place > stops[1] for place in places) == 1


def test_turned_off(run_host):
    assert not told(run_host(["load ./red.so", "call"], before=["set polyton notify off"]))


def test_what_the_program_is_linked_to(run_host):
    assert told(run_host(["call"], program="linked")) == ["liblinked.so"]


def test_not_of_what_was_there(folder, start, run_gdb):
    """Attached: it is not new."""
    running = start([folder / "host", folder / "red.so", folder / "blue.so"])
    assert not told(run_gdb("info threads", pid=running.pid))


def test_what_comes_later(folder, start, run_gdb, tmp_path):
    """Attached, and then it is loaded."""
    running = start([folder / "host", folder / "red.so"])
    (tmp_path / "go.py").write_text(
        f"import gdb, os\nfd = os.open('/proc/{running.pid}/fd/0', os.O_WRONLY)\n"
        f"os.write(fd, b'load {folder}/blue.so\\ncall\\n')\nos.close(fd)\n")
    answer = run_gdb("break at_call", f"source {tmp_path}/go.py", "continue", pid=running.pid)
    assert told(answer) == ["blue.so"]
    assert "  registry (static), as in host, red.so\n" in answer


def test_loaded_again(run_host):
    """It was unloaded meanwhile: it brings a copy again."""
    answer = run_host(["load ./red.so", "call", "unload", "load ./red.so", "call"], "continue")
    assert told(answer) in (["red.so"], ["red.so", "red.so"])


def test_next_process(run_host):
    answer = run_host(["load ./red.so", "call"], "kill", "run")
    assert told(answer) == ["red.so", "red.so"]


def test_not_twice_with_a_catchpoint(run_host):
    """The catchpoint has told it."""
    answer = run_host(["load ./red.so", "call"], "continue", before=["polyton catch duplicate"])
    assert not told(answer) and "\nred.so brings " in answer


def test_sourced_twice(run_host):
    from conftest import EXTENSION  # pylint: disable=import-outside-toplevel
    answer = run_host(["load ./red.so", "call"], before=[f"source {EXTENSION}", f"source {EXTENSION}"])
    assert told(answer) == ["red.so"]


def test_nothing_to_look_at(run_gdb):
    """A program that ends without a stop."""
    answer = run_gdb("run", program="/bin/true")
    assert "exited normally" in answer and "polyton" not in answer

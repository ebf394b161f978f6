"""polyton catch duplicate: a stop in the call that brings a further copy, when it is bound, before it is initialised."""

import re
import shutil
import subprocess

import pytest

import modules
from conftest import EXTENSION, marked

STOP = re.compile(r"^Catchpoint (\d+) \(duplicate\), thread (\d+), (.*):$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("modules")
    modules.build(path)
    return path


@pytest.fixture
def run_host(folder, tmp_path, run_gdb):
    """run_host(lines, *commands, **where): the host is run with these lines as its input, under a catchpoint."""
    def run(lines, *commands, catch="polyton catch duplicate", arguments="", program="host", **where):
        (tmp_path / "input").write_text("".join(f"{line}\n".replace("./", f"{folder}/") for line in lines))
        return run_gdb(*([catch] if catch else []), f"run {arguments} <{tmp_path}/input".replace("./", f"{folder}/"),
                       *commands, program=folder / program, **where)
    return run


def brought(answer):
    """The objects of each stop."""
    return re.findall(r"^(\S+) brings ", answer, re.MULTILINE)


def test_stops_in_the_call(run_host):
    """One stop for each module that brings copies, with the caller on the stack; none for one that does not."""
    answer = run_host(["load ./red.so", "load ./alone.so", "load ./blue.so"], *marked("bt"), "continue", "continue")
    assert brought(answer) == ["red.so", "blue.so"]
    assert [found[2] for found in STOP.findall(answer)] == [f"called by load of host, host.c:{line_of('dlopen(path')}"] * 2
    stack = answer.after("bt")
    assert re.search(r"^#\d+ .* in load \(path=0x[0-9a-f]+ \"[^\"]*red.so\"\) at .*host.c", stack, re.MULTILINE)
    assert re.search(r"^#\d+ .* in main ", stack, re.MULTILINE)
    assert "exited normally" in answer


def line_of(text):
    lines = (modules.SOURCES / "host.c").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_what_it_brings(run_host):
    answer = run_host(["load ./red.so", "load ./blue.so"], "continue")
    assert ("red.so brings further copies of 2 singletons:\n  per_thread (thread-local), as in host\n"
            "  registry (static), as in host\n") in answer
    assert "  registry (static), as in host, red.so\n" in answer


def test_bindings_are_true_at_the_stop(run_host):
    """red.so's own copy is the one that it uses, though the loader has not yet returned from the call."""
    answer = run_host(["load ./red.so"], *marked('output $_polyton_count("registry")'),
                      'interpreter-exec mi "-polyton-show registry"')
    assert answer.after('output $_polyton_count("registry")').startswith("2")
    assert re.search(r'object="red.so".*?use="live".*?users=\["red.so"\]', answer)


def test_before_constructors(run_host):
    """The registries of some libraries end the program there: it has stopped before."""
    answer = run_host(["load ./red.so"], "info program", "continue", before=["set environment ABORT=1"])
    assert brought(answer) == ["red.so"]
    assert answer.index("red.so brings") < answer.index("SIGABRT")


def test_pattern(run_host):
    answer = run_host(["load ./red.so", "load ./blue.so"], catch="polyton catch duplicate ^per_")
    assert "brings a further copy of per_thread (thread-local), as in host\n" in answer and "registry" not in answer
    assert not brought(run_host(["load ./red.so"], catch="polyton catch duplicate nothing_like_it"))


def test_pattern_that_is_none(run_gdb):
    answer = run_gdb("polyton catch duplicate (")
    assert "polyton: (: missing )" in answer.errors and answer.status == 1


def test_other_thread(run_host):
    answer = run_host(["load ./red.so", "aside ./blue.so"], "continue")
    assert [(number, brought_) for (_, number, _), brought_ in zip(STOP.findall(answer), brought(answer))] == [
        ("1", "red.so"), ("3", "blue.so")]


def test_call_that_fails(run_host):
    """broken.so is mapped and cannot be relocated: no stop, and the next one is not missed."""
    answer = run_host(["load ./broken.so", "load ./red.so"], "continue")
    assert "undefined symbol: nobody_has_this" in answer
    assert brought(answer) == ["red.so"]


def test_from_the_start(run_host):
    """A program that is linked to a second copy stops before it begins. What red.so has is not used by anybody then."""
    answer = run_host(["load ./red.so"], "continue", program="linked")
    assert brought(answer) == ["liblinked.so"]
    assert STOP.findall(answer)[0][2] == "before the program begins"
    assert "exited normally" in answer


def test_attached(folder, start, run_gdb, tmp_path):
    """What is there is not new. What comes is."""
    running = start([folder / "host", folder / "red.so"])
    (tmp_path / "go.py").write_text(
        f"import gdb, os\nfd = os.open('/proc/{running.pid}/fd/0', os.O_WRONLY)\n"
        f"os.write(fd, b'load {folder}/blue.so\\n')\nos.close(fd)\n")
    answer = run_gdb("polyton catch duplicate", f"source {tmp_path}/go.py", "continue", "bt", pid=running.pid)
    assert brought(answer) == ["blue.so"]
    assert re.search(r"in load \(path=.*blue.so", answer)


def test_without_symbols_of_libraries(folder, start, run_gdb, tmp_path):
    """GDB was told to read none: the loader's are read."""
    running = start([folder / "host", folder / "red.so"])
    (tmp_path / "go.py").write_text(
        f"import gdb, os\nfd = os.open('/proc/{running.pid}/fd/0', os.O_WRONLY)\n"
        f"os.write(fd, b'load {folder}/blue.so\\n')\nos.close(fd)\n")
    answer = run_gdb("polyton catch duplicate", f"source {tmp_path}/go.py", "continue", pid=running.pid,
                     before=["set auto-solib-add off"])
    assert brought(answer) == ["blue.so"]


def test_again(run_host):
    """The next process of the same program, at other addresses; the catchpoint is still the first one."""
    answer = run_host(["load ./red.so", "load ./blue.so"], "continue", "continue", "set disable-randomization off",
                      "run", "continue", "continue")
    assert brought(answer) == ["red.so", "blue.so"] * 2
    assert {found[0] for found in STOP.findall(answer)} == {"1"}


def test_kill_and_again(run_host):
    answer = run_host(["load ./red.so", "load ./blue.so"], "kill", "run", "continue", "kill")
    assert brought(answer) == ["red.so", "red.so", "blue.so"]


def test_deleted_and_disabled(run_host):
    loads = ["load ./red.so", "load ./blue.so"]
    assert brought(run_host(loads, "delete 1", "continue")) == ["red.so"]
    assert brought(run_host(loads, "disable 1", "continue")) == ["red.so"]
    assert brought(run_host(["load ./red.so", "unload", *loads], "disable 1", "enable 1", "continue", "continue")) == [
        "red.so", "red.so", "blue.so"]


def test_unloaded_and_loaded_again(run_host):
    """It has gone and comes again."""
    answer = run_host(["load ./red.so", "unload", "load ./red.so"], "continue", "continue")
    assert brought(answer) == ["red.so", "red.so"]


def test_two_at_once(run_host):
    answer = run_host(["load ./red.so"], catch="polyton catch duplicate registry", before=["polyton catch duplicate thread"])
    assert sorted(found[0] for found in STOP.findall(answer)) == ["1", "2"]


def test_language_of_the_user(run_host):
    assert brought(run_host(["load ./red.so"], before=["set language rust"])) == ["red.so"]


def test_sourced_again(run_host):
    """A catchpoint goes on, also in the next process."""
    answer = run_host(["load ./red.so", "load ./blue.so"], f"source {EXTENSION}", "continue", "kill", "run", "continue",
                      "kill")
    assert brought(answer) == ["red.so", "blue.so"] * 2


def test_over_gdbserver(folder, tmp_path, run_gdb):
    """The program is at its first instruction when GDB comes."""
    if not shutil.which("gdbserver"):
        pytest.skip("gdbserver is not installed")
    with subprocess.Popen(["gdbserver", "--once", "localhost:0", folder / "host", folder / "red.so", folder / "blue.so"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            line = next(line for line in server.stderr if line.startswith("Listening on port"))
            answer = run_gdb(f"target remote localhost:{line.split()[-1]}", "polyton catch duplicate", "continue",
                             "continue", "bt", 'output $_polyton("registry", "blue.so").count', "kill")
        finally:
            server.kill()
    assert brought(answer) == ["red.so", "blue.so"]
    assert re.search(r"in load \(path=.*blue.so", answer)
    assert re.search(r"^20", answer, re.MULTILINE)

"""polyton watch: one copy in one thread, in hardware."""

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
    """run_host(*commands): the host has loaded red.so and blue.so, and calls step() of both three times."""
    def run(*commands, lines=("call", "call", "call"), **where):
        (tmp_path / "input").write_text("".join(f"{line}\n".replace("./", f"{folder}/") for line in lines))
        return run_gdb("break at_call", f"run {folder}/red.so {folder}/blue.so <{tmp_path}/input", *commands,
                       program=folder / "host", **where)
    return run


def test_static(run_host):
    """red.so's, while blue.so's and the host's of the same name change, too."""
    answer = run_host("polyton watch registry red.so count", "delete 1", "continue", "info symbol $pc", "continue",
                      "continue")
    assert re.search(r"^Hardware watchpoint 2: ", answer, re.MULTILINE)
    assert "It is registry.count of red.so.\n" in answer
    assert re.findall(r"Old value = (\d+)\nNew value = (\d+)", answer) == [("11", "12"), ("12", "13")]
    assert answer.count("\nregistry.count of red.so:\n") == 2
    assert re.search(r"step.* in section .text of .*red.so", answer)


def test_whole_copy(run_host):
    answer = run_host("polyton watch registry red.so", "delete 1", "continue")
    assert "\nregistry of red.so:\n" in answer and "New value" in answer


def test_thread_local_of_a_thread(run_host):
    answer = run_host("polyton watch per_thread red.so 1 count", "polyton watch per_thread host 2 count", "delete 1",
                      "continue", "continue", "continue")
    assert re.search(r"It is per_thread.count of red.so in thread 1 \(LWP \d+\)", answer)
    assert re.search(r"It is per_thread.count of host in thread 2 \(LWP \d+\)", answer)
    assert re.findall(r"Old value = (\d+)\nNew value = (\d+)", answer) == [("12", "13"), ("13", "14")]


def test_what_is_not_there_yet(run_host):
    answer = run_host("polyton watch per_thread red.so 2")
    assert re.search(r"thread 2 \(LWP \d+\) has not allocated red.so's copy yet", answer.errors)


def test_pointer(run_host):
    answer = run_host("polyton watch registry blue.so name", "info watchpoints")
    assert re.search(r"hw watchpoint .*\*\(void \*\*\) 0x", answer)


def test_field_that_is_none(run_host):
    answer = run_host("polyton watch registry blue.so colour")
    assert "no member named colour. (reserved, count, name)" in answer.errors


def test_object_that_goes(run_host):
    """Its memory is somebody else's then, or nobody's: it does not go on watching that in silence."""
    answer = run_host("polyton watch registry blue.so count", "continue", "continue", "continue",
                      lines=("call", "unload", "load ./alone.so", "call", "call"))
    assert "registry.count of blue.so:\n" not in answer


def test_next_process(run_host):
    """An address of the process before means nothing in this one."""
    answer = run_host("polyton watch registry red.so count", "continue", "kill", "run", "info watchpoints")
    assert re.search(r"hw watchpoint +keep n ", answer)


@pytest.mark.parametrize("words, complaint", [
    ("", "usage: polyton watch NAME OBJECT [THREAD] [FIELD]"),
    ("registry", "usage: polyton watch"),
    ("registry red.so 1 2 3", "usage: polyton watch"),
    ("registry nobody.so", 'has no copy in "nobody.so"'),
    ("registry red.so 9 count", "there is no thread 9"),
    ("registry red.so count name", '"count" is not a thread\'s number'),
])
def test_complaints(run_host, words, complaint):
    answer = run_host(f"polyton watch {words}")
    assert complaint in answer.errors and "watchpoint" not in answer


def test_too_large(fixture_dir, start, run_gdb):
    """Fixture 01's CONTEXT: nothing that a processor can watch, but its parts are."""
    folder = fixture_dir("01_tokio_modules")
    if (folder / "skipped").exists():
        pytest.skip((folder / "skipped").read_text().strip())
    running = start([folder / "host"])
    answer = run_gdb("polyton watch CONTEXT host", "polyton watch CONTEXT host 1 rng.one",
                     "polyton watch NEXT_ID libmod_same.so", pid=running.pid)
    assert re.search(r"more than a processor can watch: name a FIELD \(.*handle.*\)", answer.errors)
    assert len(re.findall(r"^Hardware watchpoint \d", answer, re.MULTILINE)) == 2
    assert "It is tokio::runtime::task::id::Id::next::NEXT_ID of libmod_same.so." in answer

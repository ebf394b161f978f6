"""Cores, files, and the list of processes to choose from."""

import re
import shutil
import subprocess
import time

import pytest


@pytest.fixture
def core(stage, tmp_path):
    if not shutil.which("gcore"):
        pytest.skip("there is no gcore")
    stage.ask("all 5")
    stage.ask("threads 2 worker")
    subprocess.run(["gcore", "-o", tmp_path / "core", str(stage.pid)], check=True, capture_output=True)
    return tmp_path / f"core.{stage.pid}"


def test_a_core(tui, core):
    """As it was found: nothing is looked at again."""
    one = tui("-c", core).wait("variables exist more than once").wait("stage_count")
    assert one.lines[0].startswith("core: ") and one.lines[0].endswith("as it was found")
    assert "3 threads" in one.lines[0] and "ago" not in one.lines[0]
    one.key("down").wait_selected("stage_local").key("enter").wait("THREAD")
    one.key("right").wait("copy: set in thread").key("enter").wait("PART").wait_selected("5")
    one.key("q").wait("THREAD").key("p").wait("nothing to pause").key("r", "+").settle()
    one.key("4").wait("3 threads").key("5").wait("static block").key("6").wait("Findings about objects")
    one.key("7").wait("All that is known of stage_local").key("Q")
    assert one.end() == 0


def test_files(tui, stage_program):
    """Files do not run: no threads, no values, but the same singletons and the same why."""
    program, libraries = stage_program
    one = tui(program, *(f"--plugin={library}" for library in libraries)).wait("stage_count")
    assert one.lines[0].startswith("files: ") and one.lines[0].endswith("as it was found")
    one.key("down").wait_selected("stage_local").wait("why:").key("enter").wait("COPY IN").wait("libbpart.so")
    assert "TID" not in one.text
    one.key("enter").wait("PART").key("q").wait("COPY IN").key("q").wait("exist more than once")
    one.key("4").wait("There are no threads").key("3").wait_selected("stage").key("o", "t").settle()
    one.key("5").settle().key("Q")
    assert one.end() == 0


def test_what_cannot_be_opened(tui, tmp_path, polyton):
    """The same sentence as the report's, on the terminal as it was before."""
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    for subject in (empty, tmp_path / "missing", 999999999):
        said = polyton("report", subject)
        one = tui("tui", subject, columns=300)
        status = one.end()
        assert status == said.returncode
        assert said.stderr.strip() in " ".join(one.lines), one.text


def test_nothing_is_there_more_than_once(tui, start, build_program):
    alone = start([build_program("""
        #include <stdio.h>
        #include <unistd.h>
        int main(void) { printf("ready %d\\n", getpid()); fflush(stdout); while (getchar() != EOF) ; return 0; }
    """)])
    one = tui(alone.pid).wait("No variable exists more than once").wait("No singleton exists more than once")
    for key in ("enter", "d", "o", "t", "s", "n", "space", "left", "right", "end", "2", "7", "1", "f", "enter", "z"):
        one.key(key)
    one.key("3").wait("objects are loaded").key("Q")
    assert one.end() == 0


def test_names_that_are_no_letters(tui, start, build_program):
    """Wide and combining characters keep their columns, and what a terminal would obey is not sent to it."""
    program = build_program("""
        #include <pthread.h>
        #include <stdio.h>
        #include <unistd.h>
        static void *wait_on(void *name) { pthread_setname_np(pthread_self(), name); for (;;) pause(); }
        int main(void)
        {
            static char *const names[] = { "漢字漢字", "e\\u0301a\\u0308o", "\\033[31mred", "\\xff\\xfe", "tab\\there",
                                           "plain", "한국어", "🦀🦀" };
            pthread_t thread;
            for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                pthread_create(&thread, NULL, wait_on, names[i]);
            usleep(200000);
            printf("ready %d\\n", getpid());
            fflush(stdout);
            while (getchar() != EOF)
                ;
            _exit(0);
        }
    """, flags=["-D_GNU_SOURCE", "-pthread"])
    one = tui(start([program]).pid, "--interval", "0").wait("more than once").key("4").wait("9 threads")
    assert b"\033[31mred" not in one.sent and b"\xff" not in one.sent
    column = one.lines[one.row_of("STATE")].index("STATE")
    for name in ("漢字漢字", "plain", "한국어", "🦀🦀", "red"):
        # In a screen's line, a wide character is followed by an empty one.
        cells = [one.screen.buffer[one.row_of(name)][x].data for x in range(80)]
        assert "".join(cells[column:column + 5]) == "ready", (name, cells)
    one.resize(60, 15).wait(lambda t: len(t.lines[0]) <= 60).wait("漢")


def test_the_picker(tui, tokio_host, stage):
    """Without a subject: which process? Those with something to see are marked, and Enter opens one."""
    one = tui(columns=120, rows=40).wait("Which process?").wait("MORE THAN ONCE")

    def is_marked(pid, count):
        return lambda t: re.search(rf"● +{count} +{pid} ", t.text)

    one.type(f"f{tokio_host.pid}\r").wait(is_marked(tokio_host.pid, 19))
    one.key("esc").wait_gone("filter:")
    one.type(f"f{stage.pid}\r").wait(is_marked(stage.pid, 2))
    one.wait("2 variables exist more than once in it. Enter shows them.")
    one.key("enter").wait("stage_count").wait(f"stage (pid {stage.pid})")
    one.key("down", "enter").wait("THREAD").key("q").wait("stage_count")
    one.key("q").wait("Which process?").wait_selected(str(stage.pid))
    # Once more, and another one.
    one.key("enter").wait("stage_count").key("q").wait("Which process?").key("esc").wait_gone("filter:")
    one.type(f"/{tokio_host.pid}\r").wait_selected(str(tokio_host.pid)).key("enter").wait("tokio 1.")
    one.key("q").wait("Which process?").key("q")
    assert one.end() == 0


def test_the_picker_sees_processes_come_and_go(tui, start, stage_program):
    one = tui(columns=120, rows=40).wait("Which process?")
    program, libraries = stage_program
    late = start([program, *libraries])
    one.type(f"f{late.pid}\r").wait(lambda t: re.search(rf"● +2 +{late.pid} ", t.text))
    late.stop()
    one.wait(lambda t: not re.search(rf"● +2 +{late.pid} ", t.text))


def test_a_process_that_ends_while_the_picker_has_it(tui, stage):
    """Gone between the list and Enter: it says so, and the list is still there."""
    one = tui(columns=120, rows=40).wait("Which process?")
    one.type(f"f{stage.pid}\r").wait_selected(str(stage.pid))
    stage.stop()
    one.key("enter")
    one.wait(lambda t: "Which process?" in t.text and ("No row" in t.text or str(stage.pid) in t.lines[-1]))
    one.key("Q")
    assert one.end() == 0


def test_esc_at_once(tui, stage):
    """Before the first picture Esc gives up the look, after it there is nothing to give up."""
    for _ in range(10):
        one = tui("tui", stage.pid).key("esc")
        if one.wait(lambda t: not t.child.isalive() or "q quits." in t.text).child.isalive():
            one.key("q")
        assert one.end() in (0, 3)
    assert stage.ask("set 1") == "done"


def test_keys_before_the_first_picture(tui, tokio_host):
    """Whoever types ahead gets what he typed, or nothing; never a hang."""
    one = tui(tokio_host.pid)
    one.key("down", "enter", "?", "tab", "s", "/", "3")
    one.wait(lambda t: "host (pid" in t.text or "polyton: help" in t.text)
    started = time.monotonic()
    one.key("esc", "esc", "esc").key("Q")
    one.end()
    assert time.monotonic() - started < 10

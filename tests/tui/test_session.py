"""A stranger who has been told "there is no reactor running": from the first screen to the reason, by keys alone."""

import json


def lines_below(tui, head):
    """The lines of the screen below the one that has this text."""
    return tui.lines[tui.row_of(head) + 1:]


def columns_of(tui, head):
    """Where the titles in the line with @head begin, by title."""
    line = tui.lines[tui.row_of(head)]
    return {title: line.index(title) for title in line.split()}


def test_a_stranger_finds_out(tui, tokio_host, tmp_path, polyton_json):
    one = tui(tokio_host.pid, columns=100, rows=30, cwd=tmp_path)

    # The first screen: how bad is it, and what.
    one.wait("variables exist more than once").wait_selected("tokio", "error")
    assert f"host (pid {tokio_host.pid})" in one.lines[0]
    assert "never stopped" in one.lines[0]

    # Find CONTEXT, which is split.
    one.type("/context::CONTEXT\r").wait_selected("CONTEXT", "thread-local", "split: 1 of 3 set")
    one.wait("CONTEXT (thread-local) exists 3 times").wait("copies of their own")

    # Read on in the why.
    one.key("tab").wait("Tab: back to the list")
    one.key("pgdn", "pgdn").wait("fix: Or let one object own the state")
    assert "the crate tokio is linked statically into host and into" in one.text
    assert "fix: Make one shared object of the crate" in one.text
    one.key("tab").wait_gone("Tab: back to the list")

    # The matrix: who sees what.
    one.key("enter").wait("3 copies, layouts differ").wait("THREAD")
    heads = columns_of(one, "THREAD")
    rows = lines_below(one, "THREAD")[:3]
    assert [line[heads["host"]:].startswith("● alive") for line in rows] == [True] * 3
    assert [line[heads["libmod_same.so"]:].startswith("· not allocated") for line in rows] == [True] * 3
    assert [line[heads["libmod_other.so"]:].startswith("· not allocated") for line in rows] == [True] * 3
    one.key("right").wait("libmod_same.so's copy: not allocated")
    one.key("left").wait("host's copy: alive")

    # A value, as a tree.
    one.key("enter").wait("CONTEXT in host, thread").wait("MultiThread")
    one.key("down", "down").wait_selected("handle")
    one.key("left").wait_gone("MultiThread")
    one.key("right").wait("MultiThread")
    one.key("q").wait("3 copies, layouts differ")

    # What differs between the builds, side by side.
    one.key("d").wait("parts differ")
    assert {"host", "libmod_other.so"} <= columns_of(one, "PART").keys()
    one.wait_selected("104 bytes", "96 bytes")
    assert any("MultiThread" in line and line.endswith("not there") for line in one.lines)
    one.key("q").wait("3 copies, layouts differ")

    # Take it along.
    one.key("e").wait("Export to").type("report.json\r").wait("The report is in report.json.")
    report = json.loads((tmp_path / "report.json").read_text())
    assert {finding["rule"] for finding in report["findings"]} == \
        {finding["rule"] for finding in polyton_json("report", tokio_host.pid)["findings"]}

    one.key("q").wait("variables exist more than once").wait_selected("CONTEXT")
    one.key("q")
    assert one.end() == 0


def test_the_same_words_as_the_report(tui, tokio_host, polyton):
    """What is told of a singleton is what the report says of it."""
    report = " ".join(polyton("report", tokio_host.pid).stdout.split())
    one = tui(tokio_host.pid, "--interval", "0", columns=200, rows=50).wait("tokio 1.24")
    one.type("/context::CONTEXT\r").wait("exists 3 times")
    told = [line.strip() for line in one.lines if line.startswith((" why: ", " fix: "))]
    assert told
    for line in told:
        assert line in report, line


def test_what_the_host_says_of_itself(tui, start, fixture_dir, expected):
    """Asked in its main thread, the host leaves copies behind in the modules: the states are expected.json's."""
    folder = fixture_dir("01_tokio_modules")
    host = start([folder / "host"])
    one = tui(host.pid, "--interval", "0", columns=160, rows=40).wait("variables exist more than once")
    for singleton in expected("01_tokio_modules")["singletons"]:
        if singleton["kind"] != "static":
            continue
        one.type(f"/{singleton['name'].split('::', 1)[1]}\r")
        one.wait_selected(singleton["name"].split("::")[-1])
        one.key("right").wait(lambda t: f"in {singleton['objects'][-1]} " in t.text)
        for name in singleton["objects"]:
            one.wait(lambda t: any(f"  in {name} " in line for line in t.lines))
            row = next(line for line in one.lines if f"  in {name} " in line)
            assert singleton["states"][name] in row.split(), row
        one.key("left")

"""What each key and the mouse do."""

import json
import re

import pytest

FIRST = "19 variables exist more than once"


@pytest.fixture
def one(tui, tokio_host):
    return tui(tokio_host.pid, "--interval", "0", columns=110, rows=40).wait(FIRST).wait_selected("tokio")


def rows(tui, column=0):
    """The texts of the rows between the heads and the rule, cut to begin at a column."""
    first = next(number for number, line in enumerate(tui.lines) if re.match(r"  +[A-Z]", line)) + 1
    last = next(number for number, line in enumerate(tui.lines) if line.startswith("──"))
    return [line[column:] for line in tui.lines[first:last] if line.strip()]


def test_help_has_every_key(one):
    """Each label at the bottom of the screen, and each key that is pressed in these tests."""
    labels = re.findall(r"(\S+) [A-Z][a-z]+", one.lines[-1])
    assert len(labels) > 8
    one.key("?").wait("this help")
    pages = one.text
    one.key("end").wait("Columns of this view")
    pages += one.text
    for name in [*labels, "Home", "g", "End", "G", "PgUp", "PgDn", "F1", "F3", "F4", "F5", "F6", "F10", "Tab", "Esc",
                 "Space", "n", "N", "o", "t", "s", "<", ">", "I", "z", "p", "+", "-", "e", "c", "d", "^L", "mouse"]:
        assert re.search(rf"^ .*(?<!\S){re.escape(name)}(,| )", pages, re.MULTILINE), name
    one.key("esc").wait(FIRST)


def test_moving(one):
    one.key("down", "down").wait_selected("current_thread::CURRENT")
    one.key("k").wait_selected("context::CONTEXT")
    one.key("j").wait_selected("current_thread::CURRENT")
    one.key("end").wait_selected("std (Rust)")
    one.key("home").wait_selected("tokio 1.")
    one.key("G").wait_selected("std (Rust)")
    one.key("g").wait_selected("tokio 1.")
    one.key("up").wait_selected("tokio 1.")
    one.key("pgdn").wait(lambda t: "tokio" not in (t.selected() or "tokio"))
    one.key("pgup").wait_selected("tokio 1.")


def test_folding(one):
    one.key("left").wait_gone("runtime::context::CONTEXT   ").wait_selected("▸ tokio")
    one.key("right").wait_selected("▾ tokio").wait("runtime::context::CONTEXT   ")
    one.key("down", "right").wait("    in libmod_other.so")
    one.key("down", "down", "left").wait_selected("context::CONTEXT")
    one.key("left").wait_gone("    in libmod_other.so")
    one.key("left").wait_selected("▾ tokio")
    one.key("z").wait(lambda t: len(rows(t)) == 5)
    one.key("z").wait("context::CONTEXT")


def test_searching(one):
    one.type("/split\r").wait_selected("context::CONTEXT")
    one.key("n").wait_selected("worker::CURRENT")
    one.key("n").wait_selected("NEXT_ID")
    one.key("N").wait_selected("worker::CURRENT")
    one.type("/SPLIT").key("enter").wait_selected("NEXT_ID")
    one.key("f3").wait("Search:").type("no such words").key("enter").wait('No row has "no such words".')
    one.key("/").wait("Search:").key("esc").wait_gone("Search:").wait_selected("NEXT_ID")
    # What is folded away is found, too.
    one.key("z").wait(lambda t: len(rows(t)) == 5)
    one.type("/GLOBAL_DISPATCH\r").wait_selected("GLOBAL_DISPATCH")


def test_filtering(one):
    one.type("fcurrent::foo\r").wait("filter: current::foo").wait(lambda t: len(rows(t)) == 3)
    assert ["CURRENT::FOO" in row for row in rows(one)] == [False, True, True]
    one.key("esc").wait_gone("filter:").wait(lambda t: len(rows(t)) > 15)
    one.type("\\no such words\r").wait("No row has the words of the filter. Esc drops it.")
    one.key("f4").wait("Only rows with: no such words").key(*["backspace"] * 13, "enter").wait_gone("filter:")
    one.wait("context::CONTEXT")


def test_sorting(one):
    """By each column and back to the worst first; what is selected stays."""
    one.key("down").wait_selected("context::CONTEXT")
    one.key("s").wait("by NAME").wait_selected("context::CONTEXT")
    libraries = [row.split()[1] for row in rows(one) if "(Rust)" in row]
    assert libraries == sorted(libraries) and len(libraries) > 2
    one.key("I").wait("by NAME, greatest first").wait_selected("context::CONTEXT")
    one.key("<").wait_gone("by NAME").wait_selected("context::CONTEXT")
    one.key("<").wait("by OBJECTS")
    one.key("f6").wait("worst first").wait_gone("by OBJECTS")


def test_jumping(one, tokio_host):
    one.key("down", "enter").wait("layouts differ")
    one.key("right").wait("libmod_same.so's copy")
    one.key("o").wait("objects are loaded").wait_selected("libmod_same.so")
    one.key("q").wait("layouts differ")
    one.key("down").wait("in thread").key("t").wait("3 threads").wait_selected("tokio-runtime-w")
    one.key("q").wait("layouts differ")
    one.key("3").wait("objects are loaded").type("/libmod_other\r").wait_selected("libmod_other.so")
    one.key("enter").wait("filter: libmod_other.so")
    one.key("esc").wait_gone("filter:")


@pytest.mark.parametrize("digit, name", list(zip("1234567", ["Singletons", "Matrix", "Objects", "Threads", "Static TLS",
                                                             "Notes", "Evidence"])))
def test_views(one, digit, name):
    one.key("down").wait_selected("CONTEXT")
    one.key(digit)
    column = one.lines[1].index(f"{digit} {name}")
    one.wait(lambda t: t.attributes(1, column).reverse)
    if digit != "1":
        one.key("q").wait(FIRST).wait_selected("CONTEXT")


def test_everything(one):
    """`a` shows what is dropped by default, and takes it away again."""
    one.key("a").wait("by design").wait("WAKER_VTABLE")
    one.key("a").wait_gone("by design")


@pytest.mark.parametrize("name, mark", [
    ("report.txt", "tokio 1.24.2 (Rust)"), ("report.json", '"schema_version"'), ("report.sarif", "sarif"),
    ("report.xml", "<testsuites"), ("report.md", "tokio::runtime::context::CONTEXT"), ("report.html", "<html"),
    ("report.dot", "graph polyton"), ("json:other", '"schema_version"')])
def test_export(tui, tokio_host, tmp_path, name, mark):
    one = tui(tokio_host.pid, "--interval", "0", cwd=tmp_path).wait(FIRST)
    one.key("e").wait("Export to").type(name + "\r").wait("The report is in")
    text = (tmp_path / name.split(":")[-1]).read_text()
    assert mark in text
    if name.endswith("json"):
        json.loads(text)


def test_export_that_fails(one):
    one.key("f2").wait("Export to").type("/nonexistent/report.json\r").wait("No such file or directory")
    one.key("e").wait("Export to").type("report.what\r").wait("does not tell the format")
    assert "--output" not in one.text
    one.key("e").wait("Export to").type("abc").key("esc").wait_gone("Export to").wait(FIRST)


def test_editing_a_line(one):
    one.key("f").wait("Only rows with:").type("CONTXT").key("left", "left").type("E").wait("CONTEXT")
    one.key("home", "right").type("ü").wait("CüONTEXT").key("backspace").wait("CONTEXT")
    one.key("enter").wait("filter: CONTEXT")


def test_scrolling_what_is_told(one):
    one.key("down").wait("exists 3 times")
    one.resize(80, 24).wait("more lines: Tab")
    one.key("tab").wait("Tab: back to the list").key("down").wait_gone("exists 3 times")
    one.key("end").wait("0 more lines").wait("fix: Or let one object own")
    one.key("home").wait("exists 3 times")
    one.key("esc").wait_gone("back to the list").wait_selected("CONTEXT")


def test_mouse(one):
    """A click selects, another one opens; the heads sort, the wheel scrolls, tabs and labels are keys."""
    row = one.row_of("current_thread::CURRENT")
    one.click(row, 10).wait_selected("current_thread::CURRENT")
    one.click(row, 10).wait("CURRENT::FOO (thread-local), 3 copies")
    cell = one.lines[one.row_of("THREAD")].index("libmod_other.so")
    one.click(one.row_of("tokio-runtime-w"), cell + 2).wait("libmod_other.so's copy")
    one.click(1, one.lines[1].index("3 Objects") + 3).wait("objects are loaded")
    one.click(1, one.lines[1].index("1 Singletons")).wait(FIRST)
    heads = one.row_of("SEVERITY")
    one.click(heads, one.lines[heads].index("KIND")).wait("by KIND")
    one.click(heads, one.lines[heads].index("KIND")).wait("by KIND, greatest first")
    one.key("s", "s", "s", "s").wait_gone("by KIND")
    one.key("home").wait_selected("tokio 1.")
    one.click(one.row_of("▾ tokio"), 2).wait_selected("▸ tokio").wait_gone("context::CONTEXT   ")
    one.click(one.row_of("▸ tokio"), 2).wait_selected("▾ tokio").wait("context::CONTEXT   ")
    one.click(one.screen.lines - 1, one.lines[-1].index("Filter")).wait("Only rows with:").key("esc")
    one.wait_gone("Only rows")
    one.resize(110, 15).wait(lambda t: len(t.lines[0]) > 80)
    one.wheel(5, 5, is_down=True).wait(lambda t: "tokio 1." not in (t.selected() or "tokio 1."))
    one.wheel(5, 5, is_down=False).wait_selected("tokio 1.")
    one.click(one.screen.lines - 1, one.lines[-1].index("Quit"))
    assert one.end() == 0


def test_mouse_reports_that_mean_nothing(tui, stage):
    """A button let go, the other buttons, a wheel that turns sideways, a report in pieces: it goes on looking."""
    one = tui(stage.pid, "--interval", "0.05").wait("stage_count")
    one.key("end", "enter").wait("COPY IN").wait_selected("libapart.so")
    reports = ["\033[<0;10;7m", "\033[<2;10;7M", "\033[<2;10;7m", "\033[<1;10;7M", "\033[<66;10;7M", "\033[<67;10;7M",
               "\033[<128;10;7M", "\033[<35;11;7M", "\033[<;;M", "\033[<0;0;0M", "\033[<99999999999;1;1M", "\033[M#!!",
               "\033[<0;10"]
    for number, report in enumerate(reports, 1000):
        one.type(report)
        stage.ask(f"set {number}")
        one.wait(str(number)).wait_selected("libapart.so")


def test_mouse_of_old_terminals(tui, tokio_host):
    """Three bytes after ESC [ M."""
    one = tui(tokio_host.pid, "--interval", "0", columns=80, term="screen-256color").wait(FIRST)
    row = one.row_of("context::CONTEXT")
    one.type(f"\033[M {chr(33 + 10)}{chr(33 + row)}").type("\033[M#**").wait_selected("context::CONTEXT")
    one.type(f"\033[Ma{chr(33 + 10)}{chr(33 + row)}").wait(lambda t: "CONTEXT " not in (t.selected() or "CONTEXT "))


def test_mouse_where_nothing_is(one):
    """Clicks anywhere at all do no harm."""
    for row in range(0, 40, 3):
        for column in range(0, 110, 17):
            if row != 39:
                one.click(row, column)
    one.key("esc", "esc", "esc").key("1").wait("more than once")


def test_q_goes_back_the_way_one_came(one):
    one.key("down", "enter").wait("layouts differ").key("enter").wait("PART").key("q").wait("layouts differ")
    one.key("q").wait(FIRST).key("3").wait("objects are loaded").key("4").wait("3 threads")
    one.key("q").wait("objects are loaded").key("q").wait(FIRST).key("esc").wait("q quits")
    one.key("q")
    assert one.end() == 0


@pytest.mark.parametrize("key", ["Q", "f10"])
def test_quit_from_anywhere(one, key):
    one.key("down", "enter").wait("layouts differ").key("d").wait("parts differ").key(key)
    assert one.end() == 0


def test_redraw(one):
    """^L draws all of it anew."""
    sent = len(one.sent)
    one.key("redraw").wait(lambda t: FIRST.encode() in t.sent[sent:])

"""On a terminal: GDB's pager, its styles and its width, Tab, and Enter."""

import re

import pytest

from conftest import gdb_command, gdb_environment

pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed")

PROMPT, PAGER = r"\(gdb\) ", "--Type <RET> for more"
SETTINGS = ("set debuginfod enabled off", "set confirm off", "set python print-stack full")


@pytest.fixture(name="talk")
def start_talk(version, host_04):  # pylint: disable=unused-argument
    """talk(*commands before the first prompt, rows=, columns=) -> pexpect.spawn at its first prompt"""
    talks = []

    def run(*before, rows=200, columns=100):
        program, *words = gdb_command(before=before, args=["-p", host_04.pid], batch=False, settings=SETTINGS)
        environment = {**gdb_environment(), "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        talks.append(pexpect.spawn(program, words, env=environment, dimensions=(rows, columns), timeout=60,
                                   encoding="utf-8"))
        talks[-1].delaybeforesend = 0
        talks[-1].expect(PROMPT)
        return talks[-1]

    yield run
    for talk in talks:
        talk.close(force=True)


def ask(talk, line):
    """What a command prints, without the escapes of line editing."""
    talk.sendline(line)
    talk.expect(PROMPT)
    return re.sub(r"\x1b\[\?2004[hl]", "", talk.before).replace("\r", "").partition("\n")[2]


def test_pager(talk):
    """It stops at the end of the screen, and what is quit there is quit."""
    gdb = talk(rows=12)
    for answer, expected in ("q", r"Quit"), ("\x03", r"Quit"), ("c", "8 singletons of 2 libraries exist more than once"):
        gdb.sendline("polyton report")
        gdb.expect(PAGER)
        assert "singletons of" not in gdb.before
        gdb.send(answer if answer == "\x03" else answer + "\n")
        gdb.expect(expected)
        gdb.expect(PROMPT)


def test_styles_and_width(talk):
    gdb = talk(columns=90)
    text = ask(gdb, "polyton report ^registry_count$")
    assert "\x1b[" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(map(len, plain.split("\n"))) <= 90
    ask(gdb, "set style enabled off")
    assert ask(gdb, "polyton report ^registry_count$") == plain
    ask(gdb, "set width 60")
    assert max(map(len, ask(gdb, "polyton report ^registry_count$").split("\n"))) <= 60


def test_tab(talk):
    gdb = talk()
    gdb.send("polyton show registry_co\t")
    gdb.expect("registry_count")
    gdb.send("\n")
    gdb.expect("Why there are several")
    gdb.expect(PROMPT)
    gdb.send("polyton watch registry_count libplugin_a\t")
    gdb.expect(r"libplugin_a\.so")
    gdb.send("\x03")
    gdb.expect(PROMPT)


def test_enter_does_not_look_again(talk):
    """A look can be long: it is not repeated by an empty line."""
    gdb = talk()
    assert "registry_count" in ask(gdb, "polyton show registry_count")
    assert ask(gdb, "").strip() == ""

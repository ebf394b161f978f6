"""What different terminals, sizes, locales and switches make of it."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import command_line, plain_environment

COLOR = re.compile(rb"\033\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|38;5;\d+|48;5;\d+)(?:;\d+)*m")
MOUSE_ON, MOUSE_OFF = b"\033[?1006;1000h", b"\033[?1006;1000l"


def has_all(tui):
    return "variables exist more than once" in tui.text and "stage_count" in tui.text


@pytest.mark.parametrize("term", ["xterm-256color", "tmux-256color", "screen-256color", "linux", "vt100", "xterm",
                                  "rxvt", "ansi"])
def test_every_terminal_has_arrows_and_an_end(tui, stage, term):
    one = tui(stage.pid, "--interval", "0", term=term).wait(has_all)
    one.key("down").wait_selected("stage_local")
    one.key("pgdn").wait_selected("stage_count")
    one.key("pgup").wait_selected("C globals")
    one.key("?").wait("this help").key("q").wait(has_all)
    one.key("Q")
    assert one.end() == 0


def test_unknown_keys_are_no_others(tui, stage):
    """Ctrl with an arrow, F12, a mouse report that nobody asked for: nothing happens, above all no other key."""
    one = tui(stage.pid, "--interval", "0", "--no-mouse").wait(has_all)
    one.type("\033[1;5A").type("\033[24~").type("\033[<35;3;3M").type("\033[1;3Q")
    one.key("down").wait_selected("stage_local")
    assert "exist more than once" in one.lines[2]


@pytest.mark.parametrize("term, complaint", [("dumb", "cannot move its cursor"), ("no-such-terminal", "not known"),
                                             ("", "TERM")])
def test_no_terminal(tui, stage, term, complaint):
    """One sentence, not a screen of garbage."""
    one = tui("tui", stage.pid, term=term)
    one.wait(complaint).wait("polyton report")
    assert one.end() == 3
    assert b"\033" not in one.sent


def test_not_on_a_terminal(stage, polyton):
    """Into a pipe goes the report; asked for by name, it says why it cannot come."""
    assert polyton(stage.pid).stdout == polyton("report", stage.pid).stdout
    done = polyton("tui", stage.pid)
    assert done.returncode == 3 and not done.stdout
    assert "not a terminal" in done.stderr


def test_what_only_the_report_has_is_the_report(tui, stage):
    """An option that the screen has no use for is an order for the report, on a terminal, too."""
    one = tui(stage.pid, "--format", "json", columns=120)
    assert one.end() == 1
    assert b"\033[?1049h" not in one.sent and b'"findings"' in one.sent


@pytest.mark.parametrize("columns, rows", [(60, 15), (60, 24), (80, 15), (61, 16)])
def test_small_is_usable(tui, tokio_host, columns, rows):
    one = tui(tokio_host.pid, "--interval", "0", columns=columns, rows=rows)
    one.wait("19 variables exist more than once")
    one.type("/context::CONTEXT\r").wait_selected("context::CONTEXT", "error", "split")
    one.key("enter").wait("libmod_same.so").wait_selected("● alive")
    one.key("right").wait(lambda t: "libmod_same.so's copy" in t.text)
    one.key("d").wait("104 bytes").key("q")
    for digit in "134567":
        one.key(digit).wait(lambda t: re.search(rf"\b{digit} [A-Z]", t.lines[1]))
        assert not any(len(line) > columns for line in one.lines)
    one.key("?").wait("this help")


@pytest.mark.parametrize("columns, rows", [(59, 24), (80, 14), (20, 5), (3, 1), (1, 1)])
def test_too_small_says_so(tui, stage, columns, rows):
    one = tui(stage.pid, "--interval", "0").wait(has_all)
    one.resize(columns, rows).wait(lambda t: t.lines[0] == f"This terminal has {columns}x{rows};"[:columns])
    if columns >= 25:
        one.wait("polyton needs 60x15.").wait("q quits.")
    # Keys do nothing that cannot be seen, but for the way out.
    one.key("down").settle()
    one.resize(80, 24).wait(has_all).wait_selected("C globals").key("down").wait_selected("stage_local")
    one.resize(columns, rows).settle().key("q")
    assert one.end() == 0


def test_a_storm_of_sizes(tui, tokio_host):
    """However the window was dragged, the picture is the one of its last size."""
    calm = tui(tokio_host.pid, "--interval", "0", columns=97, rows=31).wait("CONTEXT")
    calm.key("down", "enter").wait("layouts differ")
    one = tui(tokio_host.pid, "--interval", "0").wait("CONTEXT")
    for step in range(200):
        one.resize(20 + step * 37 % 150, 5 + step * 11 % 50)
        one.read(0)
    one.resize(97, 31).wait("CONTEXT").key("down", "enter")
    for step in range(100):
        one.resize(60 + step * 37 % 150, 15 + step * 11 % 50)
    one.resize(97, 31)
    wanted = [line for line in calm.settle().lines if "seen" not in line]
    one.wait(lambda t: [line for line in t.lines if "seen" not in line] == wanted)


def colors_of(tui):
    return {(cell.fg, cell.bg) for row in range(tui.screen.lines)
            for cell in (tui.screen.buffer[row][x] for x in range(tui.screen.columns))}


def test_colours(tui, stage):
    one = tui(stage.pid, "--interval", "0").wait(has_all)
    assert COLOR.search(one.sent)
    assert any(fg == "red" for fg, _ in colors_of(one))


@pytest.mark.parametrize("options, env, term", [([], {"NO_COLOR": "1"}, "xterm-256color"),
                                                (["--no-color"], {}, "xterm-256color"), ([], {}, "vt100")])
def test_no_colours(tui, stage, options, env, term):
    one = tui("tui", stage.pid, "--interval", "0", *options, env=env, term=term).wait(has_all)
    assert not COLOR.search(one.sent)
    assert colors_of(one) == {("default", "default")}
    assert " error " in one.selected()


def test_empty_no_color_is_none(tui, stage):
    one = tui(stage.pid, "--interval", "0", env={"NO_COLOR": ""}).wait(has_all)
    assert COLOR.search(one.sent)


@pytest.mark.parametrize("options, locale", [(["--ascii"], "C.UTF-8"), ([], "C"), ([], "POSIX")])
def test_ascii_only(tui, tokio_host, options, locale):
    one = tui(tokio_host.pid, "--interval", "0", *options, locale=locale, term="screen-256color").wait("CONTEXT")
    one.key("down", "enter").wait("# alive").wait(". not allocated")
    for digit in "134567":
        one.key(digit).settle()
    one.key("?").settle()
    assert not [byte for byte in one.sent if byte >= 0x80]
    assert "lqk" not in one.text


def test_mouse_is_asked_for_and_let_go(tui, stage):
    one = tui(stage.pid, "--interval", "0").wait(has_all)
    assert MOUSE_ON in one.sent
    one.key("q")
    assert one.end() == 0
    assert one.sent.rindex(MOUSE_OFF) > one.sent.rindex(MOUSE_ON)


def test_no_mouse(tui, stage):
    one = tui(stage.pid, "--interval", "0", "--no-mouse").wait(has_all)
    one.key("?").wait("this help").key("q").wait(has_all)
    assert MOUSE_ON not in one.sent


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_signals_end_it_and_restore_the_terminal(tui, stage, number):
    one = tui(stage.pid).wait(has_all)
    one.child.kill(number)
    one.end()
    for end in (MOUSE_OFF, b"\033[?1049l", b"\033[?25h", b"\033[?1l\033>"):
        assert end in one.sent[-200:], end


class Tmux:
    """A terminal multiplexer of its own; what its pane shows is what a user would see."""

    def __init__(self, folder, columns=80, rows=24):
        self.socket = str(folder / "tmux")
        environment = plain_environment(TERM="xterm-256color", TMUX=None)
        self.environment = environment
        self("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", "-i")
        self("set", "-g", "status", "off")

    def __call__(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args], env=self.environment, check=True, text=True,
                              capture_output=True).stdout

    def screen(self):
        return self("capture-pane", "-p")

    def flags(self):
        return self("display", "-p", "#{cursor_flag} #{alternate_on} #{mouse_any_flag}").strip()

    def wait(self, wanted, timeout=20):
        is_there = wanted if callable(wanted) else lambda tmux: wanted in tmux.screen()
        deadline = time.monotonic() + timeout
        while not is_there(self):
            assert time.monotonic() < deadline, f"tmux never had {wanted!r}:\n{self.screen()}"
        return self

    def keys(self, *names):
        self("send-keys", *names)
        return self

    def type(self, text):
        self("send-keys", "-l", text)
        return self


@pytest.fixture
def tmux(tmp_path):
    if not shutil.which("tmux"):
        pytest.skip("there is no tmux")
    one = Tmux(tmp_path)
    yield one
    subprocess.run(["tmux", "-S", one.socket, "kill-server"], capture_output=True)


def test_in_tmux(tmux, stage):
    """Start, look, resize, suspend and resume, end: the shell is as it was before."""
    program = command_line()[0]
    tmux.type(f"PS1='$ '; clear; {program} {stage.pid}\n")
    tmux.wait("variables exist more than once").wait("stage_count")
    assert tmux.flags() == "0 1 1"
    tmux.keys("Down").wait(">   ▸ stage_local")
    tmux("resize-window", "-x", "100", "-y", "30")
    tmux.wait(lambda t: t.screen().splitlines()[0].rstrip().endswith("ago") and
              len(t.screen().splitlines()[0].rstrip()) > 90)
    tmux.keys("-H", "1b", "5b", "4d", "20", "25", "27").wait(lambda t: ">   ▸ stage_count" in t.screen() or
                                                             "> " in t.screen())
    tmux.keys("Enter").wait("copies").keys("q").wait("variables exist more than once")
    tmux.keys("C-z").wait(lambda t: t.flags() == "1 0 0")
    tmux.type("fg\n").wait("variables exist more than once")
    tmux.keys("Down").wait("stage_")
    tmux.keys("Q").wait(lambda t: t.flags() == "1 0 0")
    tmux.type("echo status=$?\n").wait("status=0")
    assert "variables" not in tmux.screen()


def test_its_text_can_be_copied(tui, stage):
    """The view as plain text, below the screen; the marked rows only, if there are any."""
    one = tui(stage.pid, "--interval", "0").wait(has_all)
    one.key("c").wait("Enter: back to polyton")
    assert "stage_local" in one.text and "stage_count" in one.text
    one.key("enter").wait(has_all)
    one.key("end", "space").wait("1 marked")
    sent = len(one.sent)
    one.key("c").wait("Enter: back to polyton")
    text = one.sent[sent:].decode()
    assert "\tstatic\t" in text and "\tthread-local\t" not in text
    one.key("enter").wait(has_all).key("U").wait_gone("marked")


def test_leaves_nothing_behind(tui, stage, tmp_path):
    one = tui(stage.pid, cwd=tmp_path).wait(has_all)
    one.key("Q")
    assert one.end() == 0
    assert not list(tmp_path.iterdir())
    assert os.path.exists(f"/proc/{stage.pid}")

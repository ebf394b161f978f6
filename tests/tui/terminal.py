"""The inspector on a terminal that is a program: pexpect holds the terminal's other end, pyte is its screen.

Tests get it by the fixture `tui` of tests/conftest.py. Waiting for something to be on the screen is the
only synchronisation: no sleeps, no counting of bytes.
"""

import os
import signal
import time

import pexpect
import pyte

from conftest import command_line, plain_environment

# Seconds: for anything to happen, on a machine that has much else to do; and without a further piece of a picture.
TIMEOUT = 20
QUIET = 0.01

# What a terminal sends. Arrows are those of "application mode", which curses asks for.
KEYS = {
    "up": "\033OA", "down": "\033OB", "right": "\033OC", "left": "\033OD",
    "home": "\033OH", "end": "\033OF", "pgup": "\033[5~", "pgdn": "\033[6~",
    "enter": "\r", "esc": "\033", "tab": "\t", "space": " ", "backspace": "\x7f", "redraw": "\x0c",
    "f1": "\033OP", "f2": "\033OQ", "f3": "\033OR", "f4": "\033OS", "f5": "\033[15~", "f6": "\033[17~",
    "f10": "\033[21~",
}
LINUX_KEYS = dict(KEYS, up="\033[A", down="\033[B", right="\033[C", left="\033[D", f1="\033[[A")


class Screen(pyte.Screen):
    """With what curses sends and pyte lacks: lines that scroll (SU, SD), and a character again (REP)."""

    last = " "

    def draw(self, data):
        super().draw(data)
        self.last = data[-1:] or self.last

    def repeat_last(self, count=1):
        super().draw(self.last * (count or 1))

    def _scroll(self, count, step):
        top, bottom = self.margins or (0, self.lines - 1)
        for _ in range(count or 1):
            for y in range(top, bottom + 1) if step > 0 else range(bottom, top - 1, -1):
                inside = top <= y + step <= bottom
                row = self.buffer[y + step].copy() if inside else {}
                self.buffer[y].clear()
                self.buffer[y].update(row)
        self.dirty.update(range(top, bottom + 1))

    def scroll_lines_up(self, count=1):
        self._scroll(count, 1)

    def scroll_lines_down(self, count=1):
        self._scroll(count, -1)


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, S="scroll_lines_up", T="scroll_lines_down", b="repeat_last")
    events = pyte.ByteStream.events | {"scroll_lines_up", "scroll_lines_down", "repeat_last"}


class Tui:
    """A polyton that runs on a terminal of its own."""

    def __init__(self, *args, columns=80, rows=24, term="xterm-256color", locale="C.UTF-8", env=None, cwd=None,
                 before=()):
        environment = plain_environment(TERM=term, LC_ALL=locale, TZ="UTC", **(env or {}))
        self.keys = LINUX_KEYS if term in ("linux", "rxvt", "ansi") else KEYS
        self.screen = Screen(columns, rows)
        self.stream = Stream(self.screen)
        argv = [*map(str, before), *command_line(*args)]
        self.child = pexpect.spawn(argv[0], argv[1:], env=environment, dimensions=(rows, columns), cwd=cwd)
        self.child.delaybeforesend = 0
        for waiting in (self.child, self.child.ptyproc):
            waiting.delayafterclose = waiting.delayafterterminate = 0.005
        self.sent = b""  # all that it wrote
        self.is_gone = False

    @property
    def pid(self):
        return self.child.pid

    def read(self, seconds=0.02):
        """Take in what it writes, for at most so long until something comes."""
        try:
            piece = self.child.read_nonblocking(1 << 16, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.sent += piece
        self.stream.feed(piece)
        return True

    @property
    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.lines)

    def wait(self, wanted, timeout=TIMEOUT):
        """Until the screen has it: a text, or what a function of this says yes to.

        One picture comes in several pieces: what it says yes to must be there when no more comes at once.
        """
        is_there = wanted if callable(wanted) else lambda tui: wanted in tui.text
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            is_over = not self.read() and not self.child.isalive()
            while is_there(self):
                if not self.read(QUIET):
                    return self
            if is_over:
                break
        raise AssertionError(f"the screen never had {wanted!r}:\n{self.text}")

    def wait_selected(self, *texts, timeout=TIMEOUT):
        """Until the selected row has all of them."""
        return self.wait(lambda tui: all(text in (tui.selected() or "") for text in texts), timeout)

    def wait_gone(self, unwanted, timeout=TIMEOUT):
        return self.wait(lambda tui: unwanted not in tui.text, timeout)

    def settle(self, quiet=0.15):
        """Until it writes nothing for a while; for screens that are to be compared as a whole."""
        deadline = time.monotonic() + 10
        while self.read(quiet) and time.monotonic() < deadline:
            pass
        return self

    def key(self, *names):
        """Press keys, by name or as characters."""
        for name in names:
            self.child.send(self.keys.get(name, name))
        return self

    def type(self, text):
        self.child.send(text)
        return self

    def click(self, row, column, button=0):
        """Press and let go at a place that is counted from 0 (SGR, as xterm does)."""
        self.child.send(f"\033[<{button};{column + 1};{row + 1}M")
        self.child.send(f"\033[<{button};{column + 1};{row + 1}m")
        return self

    def wheel(self, row, column, is_down):
        self.child.send(f"\033[<{65 if is_down else 64};{column + 1};{row + 1}M")
        return self

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)
        return self

    def row_of(self, text):
        """The first screen row that has it."""
        for number, line in enumerate(self.lines):
            if text in line:
                return number
        raise AssertionError(f"no row has {text!r}:\n{self.text}")

    def selected(self):
        """The text of the selected row, without its first column."""
        for line in self.lines:
            if line.startswith((">", "#")):
                return line[2:]
        return None

    def attributes(self, row, column):
        return self.screen.buffer[row][column]

    def end(self, timeout=TIMEOUT):
        """Wait for its end; the exit status, negative for a signal."""
        deadline = time.monotonic() + timeout
        while self.child.isalive() and time.monotonic() < deadline:
            self.read()
        assert not self.child.isalive(), f"it does not end:\n{self.text}"
        while self.read(QUIET):
            pass
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus

    def hang_up(self):
        """The window is closed. A program that does not end by itself stays."""
        self.child.ptyproc.fileobj.close()
        self.is_gone = True
        while os.waitpid(self.pid, 0)[0] != self.pid:
            pass

    def kill(self):
        if self.is_gone:
            return
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
        deadline = time.monotonic() + 10  # a large program takes a while to go
        while self.child.isalive() and time.monotonic() < deadline:
            self.read()
        self.child.close(force=True)

"""GDB at a terminal, for what a person does there: typing Ctrl-C while a command runs."""

import re
import time

import pexpect

PROMPT = "(gdb) "
# What GDB says when Ctrl-C has ended a command, or a line that was being typed.
QUIT = re.compile(r"Quit\r*\n\(gdb\) $")


class Talking:
    """A running GDB; @command and @environment as for subprocess. Close it."""

    def __init__(self, command, environment, timeout=60):
        self._gdb = pexpect.spawn(command[0], command[1:], env=environment, encoding="utf-8", codec_errors="replace",
                                  timeout=timeout, dimensions=(50, 200), echo=False)
        self._gdb.delaybeforesend = None
        self._gdb.expect_exact(PROMPT)

    def say(self, line):
        """The answer to a line, up to the next prompt."""
        self._gdb.sendline(line)
        self._gdb.expect_exact(PROMPT)
        return self._gdb.before

    def interrupt(self, line, after):
        """The answer to a line and Ctrl-C @after seconds later, and the milliseconds until the prompt was back."""
        self._gdb.sendline(line)
        time.sleep(after)
        begin = time.perf_counter()
        self._gdb.sendintr()
        self._gdb.expect(QUIT)
        return self._gdb.before + self._gdb.after, (time.perf_counter() - begin) * 1000

    def close(self):
        self._gdb.close(force=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def interrupt_often(gdb, line, complete, times, random):
    """[(answer, milliseconds)] of as many Ctrl-C at moments in which the command runs: @complete is in its last part.

    A moment that turns out to have come too late is not counted, but its answer is in the list `late`.
    """
    lasts = 60.0
    for _ in range(3):  # the machine may have been busy with something else
        begin = time.perf_counter()
        assert complete in gdb.say(line)
        lasts = min(lasts, time.perf_counter() - begin)
    answers, late = [], []
    while len(answers) < times and len(late) < 3 * times:
        answer, milliseconds = gdb.interrupt(line, random.uniform(0, lasts))
        (late if complete in answer else answers).append((answer, milliseconds))
    return answers, late

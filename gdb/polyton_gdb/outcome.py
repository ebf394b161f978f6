"""What leaves GDB: polyton check, for scripts, and polyton export, for files."""

import os
import stat
import tempfile

import gdb

from . import arguments, parameters, session
from .commands import Command, kind_of
from .library import FORMATS
from .output import looks, say

# As the exit codes of `polyton report`.
CLEAN, FINDINGS, WRONG_USAGE, NOT_SEEN = range(4)
LEVELS = ("note", "warning", "error")

EXTENSIONS = {".txt": "text", ".sarif.json": "sarif", ".json": "json", ".sarif": "sarif", ".xml": "junit", ".md": "markdown",
              ".html": "html", ".htm": "html", ".dot": "dot"}


class Check(Command):
    """Report, and set $polyton_status for scripts.
Usage: polyton check [-quiet] [-fail-on LEVEL] [-max N] [-no-types] [REGEX]

$polyton_status is 0 if there is nothing to complain of, 1 if there is, 2 after a wrong call, 3 if polyton could not look, or
not at everything: as the exit codes of "polyton report" in a shell. It is meant for

  gdb -batch -p PID -ex "polyton check" -ex "quit $polyton_status"

  -quiet          print nothing but errors
  -fail-on LEVEL  complain of findings at least this severe: error (if nothing is said), warning, note, never
  -max N          put up with N of them
  -no-types       read no debug info: layouts are compared by size only
REGEX restricts it to libraries and variables whose names match."""

    name = "polyton check"
    flags = ("quiet", "no-types")
    values = {"fail-on": lambda: ["error", "warning", "note", "never"], "max": lambda: []}

    def invoke(self, argument, from_tty):
        # What is left by an earlier one must not speak for this one, however it ends.
        _set_status(WRONG_USAGE)
        super().invoke(argument, from_tty)

    def run(self, options, operand):
        level, most = _level(options.get("fail-on", "error")), _count(options.get("max", "0"))
        _set_status(NOT_SEEN)
        with session.picture(kind_of(options, {"typed_values": parameters.typed_values()})) as picture:
            wanted = {"match": operand} if operand else {}
            report = picture.json("report", **wanted)
            if "quiet" not in options:
                say(picture.racing + picture.text("report", **wanted, **looks()))
        found = sum(LEVELS.index(finding["severity"]) >= level for finding in report["findings"])
        is_lossy = any(note["loss"] for note in report["notes"])
        _set_status(FINDINGS if found > most else NOT_SEEN if is_lossy else CLEAN)


def _set_status(status):
    gdb.set_convenience_variable("polyton_status", status)


def _level(word):
    if word == "never":
        return len(LEVELS)
    if word not in LEVELS:
        raise gdb.GdbError(f"polyton check: -fail-on takes error, warning, note or never, not \"{word}\"")
    return LEVELS.index(word)


def _count(word):
    if not word.isdecimal():
        raise gdb.GdbError(f"polyton check: -max takes a number, not \"{word}\"")
    return int(word)


class Export(gdb.Command):
    """Write the report to a file.
Usage: polyton export [-all] [-match REGEX] [-no-types] FILE

FILE's name tells the format: .txt .json .sarif .xml (JUnit) .md .html .dot; or it is said in front, as in github:FILE. The
file appears when it is whole.

  -all          also what does not count
  -match REGEX  only libraries and variables whose names match
  -no-types     read no debug info: quicker, values are words"""

    name = "polyton export"

    def __init__(self):
        super().__init__(self.name, gdb.COMMAND_DATA, gdb.COMPLETE_FILENAME)

    def invoke(self, argument, _):
        self.dont_repeat()
        options, operand = arguments.parse(self.name, argument, ("all", "no-types"), ("match",))
        form, path = _format(arguments.need(self.name, operand, "the name of the file"))
        path = os.path.expanduser(arguments.need(self.name, path, "the name of the file"))
        wanted = {"match": options["match"]} if "match" in options else {}
        with session.picture(kind_of(options, {"typed_values": parameters.typed_values()})) as picture:
            pieces = []
            picture.write(pieces.append, "report", form, show_all="all" in options, **wanted)
            say(picture.racing)
        try:
            _put(path, b"".join(pieces))
        except OSError as error:
            raise gdb.GdbError(f"polyton export: cannot write \"{path}\": {error.strerror}") from None


def _format(operand):
    """(format, path)"""
    prefix, colon, path = operand.partition(":")
    if colon and prefix in FORMATS:
        return prefix, path
    for extension, form in EXTENSIONS.items():
        if operand.endswith(extension) and operand != extension:
            return form, operand
    raise gdb.GdbError(f"polyton export: the name \"{operand}\" does not tell the format: it may end in "
                       f"{' '.join(EXTENSIONS)}, or begin with one of {' '.join(f'{name}:' for name in FORMATS)}")


def _put(path, content):
    """Beside its place first, so that nobody finds half of it; a device or a FIFO is written to."""
    path = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as file:
            file.write(content)
        return
    umask = os.umask(0)
    os.umask(umask)
    file, beside = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=os.path.dirname(path))
    try:
        with os.fdopen(file, "wb") as out:
            os.fchmod(out.fileno(), stat.S_IMODE(mode) if mode is not None else 0o666 & ~umask)
            out.write(content)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def register():
    Check()
    Export()

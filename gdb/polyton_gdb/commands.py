"""The commands that look: polyton report|show|objects|..."""

import gdb

from . import session


def say(text):
    """To GDB's output, which pages it; what the host's character set does not have is shown as escapes."""
    try:
        gdb.write(text)
    except UnicodeError:
        gdb.write(text.encode("ascii", "backslashreplace").decode())


def looks():
    """How text is laid out: as wide as GDB's screen, in colours if GDB uses them."""
    return {"columns": gdb.parameter("width") or 0, "use_color": bool(gdb.parameter("style enabled"))}


class Prefix(gdb.Command):
    """Find thread-local and static variables that exist more than once."""

    def __init__(self):
        super().__init__("polyton", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class View(gdb.Command):
    view, kind = "", session.TYPED

    def __init__(self):
        super().__init__(f"polyton {self.view}", gdb.COMMAND_DATA)

    def invoke(self, argument, _):
        self.dont_repeat()
        words = gdb.string_to_argv(argument)
        with session.picture(self.kind) as picture:
            say(picture.text(self.view, **self.options(words), **looks()))

    def options(self, words):
        return {}


class Report(View):
    view = "report"

    def options(self, words):
        return {"match": words[0]} if words else {}


class Show(View):
    view, kind = "show", session.ALL_TYPED

    def options(self, words):
        return {"name": words[0]}


class Objects(View):
    view, kind = "objects", session.WORDS


class Threads(View):
    view, kind = "threads", session.WORDS


class Tls(View):
    view, kind = "tls", session.WORDS


def register():
    for command in (Prefix, Report, Show, Objects, Threads, Tls):
        command()

"""The commands that look: polyton report|show|objects|threads|tls|why|layout, and info polyton."""

import ctypes

import gdb

from . import arguments, completion, parameters, session
from .library import library
from .output import looks, say
from .values import cell_texts

PART_FINDINGS, PART_COPIES, PART_REASONS, PART_LAYOUT, PART_CELLS = 1, 2, 4, 8, 16


def kind_of(options, otherwise):
    """The kind of session that the options ask for."""
    if not parameters.types() or "no-types" in options:
        return session.WORDS
    return session.TREES if "expand" in options else otherwise


class Command(gdb.Command):
    """A command of polyton: its docstring is its help."""

    name = ""
    flags = ()
    values = {}  # name of an option: what completes its argument

    def __init__(self):
        super().__init__(self.name, gdb.COMMAND_DATA)

    def invoke(self, argument, _):
        self.dont_repeat()
        self.run(*arguments.parse(self.name, argument, self.flags, self.values))

    def run(self, options, operand):
        raise NotImplementedError

    def complete(self, text, word):
        return completion.complete(text, word, self.flags, self.values, self.candidates)

    def candidates(self):
        """What the operand may be."""
        return []


class Polyton(gdb.Command):
    """Find thread-local and static variables that exist more than once.

When the same code ends up in several loaded objects, each may bring a copy of its variables: what is set in one copy is
not set in the others. GDB's own "print" shows one of them. polyton knows all copies, which object's code uses which, why
there are several, and what each holds in each thread.

"polyton" alone says what there is in the selected inferior. See polyton-gdb(7)."""

    def __init__(self):
        super().__init__("polyton", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)

    def invoke(self, argument, _):
        self.dont_repeat()
        if argument.strip():
            word = argument.split()[0]
            raise gdb.GdbError(f"polyton: there is no command \"{word}\" (see \"help polyton\")")
        gdb.execute("help polyton")
        say(f"\n{status()}\n")


def status():
    """One line: what is loaded, and what it sees."""
    try:
        about = f"polyton {library().text_version}"
        with session.picture(session.WORDS) as picture:
            return f"{about}: {picture.text('report').rstrip().splitlines()[-1].strip()}"
    except gdb.GdbError as error:
        return str(error)


class View(Command):
    """A view of the library."""

    view, kind = "", session.WORDS
    flags = ("verbose",)

    def run(self, options, operand):
        with session.picture(kind_of(options, self.kind())) as picture:
            say(picture.racing)
            say(picture.text(self.view, show_all="all" in options, is_verbose="verbose" in options, **looks(),
                             **self.what(options, operand, picture)))
            self.say_more(operand, picture)

    def say_more(self, operand, picture):
        """What the view does not say."""

    def kind(self):
        return session.WORDS

    def what(self, options, operand, picture):  # pylint: disable=unused-argument
        """Further options of the view."""
        arguments.none(self.name, operand)
        return {}


class Report(View):
    """Report the variables that code uses more than one copy of.
Usage: polyton report [-all] [-verbose] [-no-types] [REGEX]

For each: the objects that have a copy, what the copies hold, why there are several and what to do about that. With REGEX (a
POSIX extended regular expression) only libraries and variables whose names match.

  -all       also what does not count: possible duplicates, copies that nobody uses, constants, ...
  -verbose   also what was left out, and how long it took
  -no-types  read no debug info: quicker, values are words"""

    name, view = "polyton report", "report"
    flags = ("all", "verbose", "no-types")

    def kind(self):
        return {"typed_values": parameters.typed_values()}

    def what(self, options, operand, picture):
        return {"match": operand} if operand else {}


class Info(Report):
    """Report the variables that code uses more than one copy of.
Usage: info polyton [-all] [-verbose] [-no-types] [REGEX]

The same as "polyton report"."""

    name = "info polyton"


class Named(View):
    """A view of one variable."""

    view = "show"
    parts = 0

    def run(self, options, operand):
        arguments.need(self.name, operand, "the name of a variable")
        super().run(options, operand)

    def kind(self):
        return session.ALL_TYPED

    def what(self, options, operand, picture):
        return {"name": operand, "parts": self.parts}

    def candidates(self):
        return completion.singletons()


class Show(Named):
    """Show one variable: all its copies, and what each holds in each thread.
Usage: polyton show [-all] [-thread LIST] [-expand] [-library] [-no-types] [-verbose] NAME

NAME is its full name (tokio::runtime::context::CONTEXT), the last part or parts of it (CONTEXT, context::CONTEXT), or the
symbol of a copy.

  -all          each thread in a row of its own; without it threads that see the same are told once
  -thread LIST  only values, in these threads: 2 or 1,4-6 as "info threads" has them, . for the selected one
  -expand       also the values part by part, and what they point to
  -library      values as polyton writes them; without it as GDB's "print" does, by its pretty printers
  -no-types     read no debug info: values are words
  -verbose      also how long it took"""

    name = "polyton show"
    flags = ("all", "expand", "library", "no-types", "verbose")
    values = {"thread": completion.threads}

    def what(self, options, operand, picture):
        wanted = super().what(options, operand, picture)
        if "thread" in options:
            tids = arguments.thread_ids(options["thread"], picture.inferior)
            wanted.update(parts=PART_CELLS, tids=(ctypes.c_int32 * len(tids))(*tids), tid_count=len(tids))
        self.whys = []
        if parameters.types() and not {"no-types", "library"} & set(options):
            texts, self.whys = cell_texts(picture.json("show", name=operand))
            wanted.update(cell_texts=texts)
        return wanted

    def say_more(self, operand, picture):
        if self.whys:
            say("\nValues that are not as GDB writes them\n" + "".join(f"  - {why}\n" for why in self.whys))


class Why(Named):
    """Say why a variable exists more than once: who defines it, whose code uses which copy, and what to do.
Usage: polyton why NAME"""

    name = "polyton why"
    parts = PART_FINDINGS | PART_COPIES | PART_REASONS


class Layout(Named):
    """Compare how the copies of a variable are laid out, by the types that debug info gives them.
Usage: polyton layout NAME

Code that was made for one layout damages a variable that has the other."""

    name = "polyton layout"
    parts = PART_LAYOUT | PART_COPIES

    def say_more(self, operand, picture):
        layout = picture.json("show", name=operand)["singletons"][0]["layout"]
        if not layout:
            say("\nNo two copies have types that could be compared.\n")
        elif not layout["rows"]:
            say("\nThe copies that have types are laid out alike.\n")


class Objects(View):
    """List the objects that are loaded, of every namespace.
Usage: polyton objects [-verbose]

Where each is from, whether its file is the one that was loaded, and where the names of its variables come from."""

    name, view = "polyton objects", "objects"


class Threads(View):
    """List the threads, and where their thread-locals are found.
Usage: polyton threads [-verbose]

The thread's block is what its thread-locals are found by; why none is known is said."""

    name, view = "polyton threads", "threads"


class Tls(View):
    """List the objects that have thread-locals, and what is left of the static TLS block.
Usage: polyton tls [-verbose]"""

    name, view = "polyton tls", "tls"


def register():
    for command in (Polyton, Report, Show, Objects, Threads, Tls, Why, Layout, Info):
        command()

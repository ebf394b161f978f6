"""$_polyton(NAME, OBJECT[, THREAD]) and $_polyton_count(NAME), for GDB's expressions."""

import ast

import gdb

from . import copies, events, session
from .output import say


def text(value, what):
    """A string argument, whose type is that of the language that the expression is written in."""
    try:
        plain = value.type.strip_typedefs()
        if plain.code == gdb.TYPE_CODE_STRUCT:  # Rust's &str
            return value["data_ptr"].string(length=int(value["length"]))
        if plain.code == gdb.TYPE_CODE_STRING:  # Rust's b"..."
            return ast.literal_eval(value.format_string(max_elements=0, repeat_threshold=0)).decode()
        return value.string()
    except (gdb.error, SyntaxError, ValueError):
        raise gdb.GdbError(f"polyton: {what} must be a string, in quotation marks") from None


class PolytonFunction(gdb.Function):
    """$_polyton(NAME, OBJECT [, THREAD]): the copy of a variable that an object has.

Usage: print $_polyton("NAME", "OBJECT")
       print $_polyton("NAME", "OBJECT", THREAD).FIELD
       set var $_polyton("NAME", "OBJECT").FIELD = VALUE

NAME is a singleton as "polyton report" writes it, or the last parts of its name; OBJECT one of the objects that have a
copy; THREAD a thread's number, the selected thread if there is none.  The value is in memory: it can be assigned to,
its address taken, and watched (watch -location).  In Rust, write b"NAME": GDB has the program allocate a "NAME".

A thread that has not allocated its copy of a thread-local has no such memory; the value is then what it would start as.
A thread-local of Rust is the value in std's storage once that is alive, and before and after that the storage itself."""

    def __init__(self):
        super().__init__("_polyton")

    def invoke(self, *args):
        if len(args) not in (2, 3):
            raise gdb.GdbError('usage: $_polyton("NAME", "OBJECT"[, THREAD])')
        choice = copies.choose(text(args[0], "NAME"), text(args[1], "OBJECT"))
        value, said = choice.value(copies.find_thread(number(args[2]) if len(args) == 3 else None))
        # In a condition, nobody asked to be told at each time it is tested.
        if said and not events.is_resumed():
            say(f"polyton: {said}\n")
        return value


def number(value):
    """A thread as an argument: 2, or "1.2"."""
    try:
        return str(int(value))
    except (gdb.error, TypeError, ValueError):
        return text(value, "THREAD")


class CountFunction(gdb.Function):
    """$_polyton_count(NAME): how many copies of a variable are in use.

Usage: break FUNCTION if $_polyton_count("NAME") > 1

0 if nothing of that name exists more than once.  Copies that no code is bound to do not count."""

    def __init__(self):
        super().__init__("_polyton_count")

    def invoke(self, *args):
        if len(args) != 1:
            raise gdb.GdbError('usage: $_polyton_count("NAME")')
        name = text(args[0], "NAME")
        with session.picture() as picture:
            try:
                document = picture.json("show", name=name)
            except gdb.GdbError as error:
                # Not if it means several: they are listed.
                if str(error).startswith("polyton: nothing with several copies"):
                    return 0
                raise
        return document["singletons"][0]["live_copies"]


def register():
    PolytonFunction()
    CountFunction()

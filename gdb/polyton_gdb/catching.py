"""polyton catch duplicate: a stop in the call that brings a further copy.

The loader calls a place that is there for debuggers before it changes its lists of objects, and once it has. With glibc
from 2.41 on, with musl, and when a program starts, the new objects are bound to what they use by then. With glibc before
that they are as soon as the loader's own function returns, which from 2.35 on is before any of their constructors runs.
"""

import os

import gdb

from . import events, further, session, values
from .output import say

PLACE = "_dl_debug_state"  # of glibc and musl
LOADERS = "/ld[-.6]"  # ld-linux-x86-64.so.2, ld.so.1, ld64.so.2, ld-musl-x86_64.so.1
RT_CONSISTENT = 0
# The loader, and what it is called through.
LIBRARIES = ("ld-", "ld.so", "ld64.so", "libc.so", "libc.musl-", "libdl.so", "libpthread.so")
FRAMES_MAX = 64
NAMESPACES_MAX = 64


class CatchPrefix(gdb.Command):
    """Set catchpoints for what polyton knows of."""

    def __init__(self):
        super().__init__("polyton catch", gdb.COMMAND_BREAKPOINTS, gdb.COMPLETE_NONE, True)


class CatchDuplicate(gdb.Command):
    """Stop in the call that loads an object with a further copy of a variable.

Usage: polyton catch duplicate [REGEX]

With REGEX (of Python), only copies of singletons whose names it matches count.  The program stops inside dlopen(), once
the new objects are bound and, with musl and glibc from 2.35 on, before their constructors run: "backtrace" shows who
has asked for them.  It also stops before main if what the program was linked to brings several copies.
It is one of the breakpoints that "info breakpoints" lists, so "delete" and "disable" are for it, too."""

    def __init__(self):
        super().__init__("polyton catch duplicate", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        words = gdb.string_to_argv(argument)
        if len(words) > 1:
            raise gdb.GdbError("usage: polyton catch duplicate [REGEX]")
        pattern = words[0] if words else None
        try:
            further.compiled(pattern)
        except ValueError as error:
            raise gdb.GdbError(f"polyton: {pattern}: {error}") from None
        known = {}
        inferior = gdb.selected_inferior()
        if inferior.pid:
            _read_loader()
            known[inferior.num] = session.identity(inferior), _objects()
        _make(pattern, known)


def _make(pattern, known):
    # GDB would tell of a function that is not defined, which it is as soon as the program has its loader.
    CatchDuplicate.wanted = pattern, known
    gdb.execute("python import polyton_gdb.catching as c; c.Catchpoint(*c.CatchDuplicate.wanted)", to_string=True)
    point = max((one for one in gdb.breakpoints() if isinstance(one, Catchpoint)), key=lambda one: one.number)
    say(f"Catchpoint {point.number} (duplicate{' ' + pattern if pattern else ''})\n")


class Catchpoint(gdb.Breakpoint):
    """At the loader's place. Where that comes too early, it is an Arrival that stops."""

    def __init__(self, pattern, known):
        self.pattern = pattern
        self.known = known   # number of an inferior: (identity of its process, identities of its objects)
        self.arrivals = {}   # (number of an inferior, address): Arrival
        super().__init__(PLACE, gdb.BP_BREAKPOINT)
        self.silent = True

    def known_of(self, inferior):
        identity, objects = self.known.get(inferior.num, (None, None))
        return objects if identity == session.identity(inferior) else None

    def stop(self):
        try:
            return self.look()
        except (gdb.error, gdb.GdbError) as error:
            say(f"polyton: catchpoint {self.number}: {error}\n")
        except KeyboardInterrupt:
            return True
        return False

    def look(self):
        inferior = gdb.selected_inferior()
        if self.known_of(inferior) is None:
            self.known[inferior.num] = session.identity(inferior), _objects()
        if not _is_consistent():
            return False
        # Objects that are not relocated yet are not in the picture.
        if _objects() - self.known_of(inferior):
            return self.arrived()
        returning = gdb.newest_frame().older()
        caller = returning.older() if returning else None
        if caller is None:
            raise gdb.GdbError("the stack cannot be followed out of the loader")
        key = inferior.num, caller.pc()
        arrival = self.arrivals.get(key)
        if not arrival or not arrival.is_valid():
            arrival = self.arrivals[key] = Arrival(self, caller.pc())
        arrival.expect(gdb.selected_thread(), caller)
        return False

    def arrived(self):
        """Whether what has come since the last look brings further copies. It is told."""
        inferior = gdb.selected_inferior()
        with session.picture() as picture:
            document = picture.json("report")
        known, objects = self.known_of(inferior), further.identities(document)
        self.known[inferior.num] = session.identity(inferior), objects
        names = {object_["name"] for object_ in document["objects"]
                 if not object_["program"] and further.identity(object_) not in (known or ())}
        news = further.find(document, names, self.pattern)
        if news:
            say(f"\nCatchpoint {self.number} (duplicate), thread {gdb.selected_thread().num}, {_caller(document)}:\n")
            for one in news:
                say("".join(one.lines()))
            events.told(document)
        return bool(news)

    def forget(self, inferior):
        """Its process is no more: nothing of it may be inserted into the next one."""
        self.known.pop(inferior.num, None)
        for key in [key for key in self.arrivals if key[0] == inferior.num]:
            arrival = self.arrivals.pop(key)
            if arrival.is_valid():
                arrival.delete()


class Arrival(gdb.Breakpoint):
    """Where the loader's function that has brought objects returns to. Enabled while a thread is on its way there.

    It is not deleted when it was hit: GDB is using it then, and an event posted for later may never be run.
    """

    def __init__(self, catchpoint, address):
        super().__init__(f"*{address:#x}", gdb.BP_BREAKPOINT, internal=True)
        self.silent = True
        self.catchpoint = catchpoint
        self.expected = {}  # thread: stack pointer

    def expect(self, thread, frame):
        # A thread that was expected and never came has got an error from the loader, or is no more.
        self.expected = {one: pointer for one, pointer in self.expected.items() if one.is_valid()}
        self.expected[thread] = int(frame.read_register("sp"))
        self.enabled = True

    def stop(self):
        thread = gdb.selected_thread()
        # Others return to the same place, or this thread from something that is further in.
        if self.expected.get(thread) != int(gdb.newest_frame().read_register("sp")):
            return False
        del self.expected[thread]
        self.enabled = bool(self.expected)
        if not self.catchpoint.is_valid() or not self.catchpoint.enabled:
            return False
        try:
            return self.catchpoint.arrived()
        except (gdb.error, gdb.GdbError) as error:
            say(f"polyton: catchpoint {self.catchpoint.number}: {error}\n")
            return False
        except KeyboardInterrupt:
            return True


def _objects():
    with session.picture(session.WORDS) as picture:
        return further.identities(picture.json("objects"))


def _is_consistent():
    """The loader has done what it was about to: r_state of struct r_debug, of which each namespace has one."""
    inferior = gdb.selected_inferior()
    word = values.c_type("long").sizeof
    order = "big" if "big endian" in gdb.execute("show endian", to_string=True) else "little"

    def number(address, size):
        return int.from_bytes(bytes(inferior.read_memory(address, size)), order)

    try:
        with values.language_of("c"):
            address = int(gdb.parse_and_eval("(long)&_r_debug"))
    except gdb.error:
        return True  # musl has another one, and calls the place when all is done
    for _ in range(NAMESPACES_MAX):
        if number(address + 3 * word, 4) != RT_CONSISTENT:
            return False
        # r_next is there from version 2 on, and the first structure tells the version of all.
        address = number(address + 5 * word, word) if number(address, 4) > 1 else 0
        if not address:
            break
    return True


def _caller(document):
    """Whose code has asked the C library for it."""
    ranges = [(int(object_["start"], 16), int(object_["end"], 16), object_["name"]) for object_ in document["objects"]]
    frame = gdb.newest_frame()
    for _ in range(FRAMES_MAX):
        frame = frame.older()
        if frame is None:
            break
        name = next((name for start, end, name in ranges if start <= frame.pc() < end), None)
        if name is None or name.startswith(LIBRARIES):
            continue
        place = frame.find_sal()
        line = f", {os.path.basename(place.symtab.filename)}:{place.line}" if place.symtab else ""
        return f"called by {frame.name() or hex(frame.pc())} of {name}{line}"
    return "before the program begins"


def _read_loader():
    """GDB may have been told to read no symbols of libraries (auto-solib-add): the loader's are needed."""
    if not gdb.parameter("auto-solib-add"):
        try:
            gdb.execute(f"sharedlibrary {LOADERS}", to_string=True)
        except gdb.error:
            pass


def _on_exited(event):
    for point in gdb.breakpoints() or ():
        # By name: one that was made before the extension was sourced again is of another class.
        if type(point).__name__ == Catchpoint.__name__:
            point.forget(event.inferior)


def register():
    for command in (CatchPrefix, CatchDuplicate):
        command()
    gdb.events.exited.connect(_on_exited)


def unregister():
    try:
        gdb.events.exited.disconnect(_on_exited)
    except ValueError:
        pass

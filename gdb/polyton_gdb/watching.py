"""polyton watch: one copy in one thread.

GDB parses what it watches again whenever objects are loaded, and would look for a type's name anew, in whichever
object has it first. So what is watched is named by its address and one of C's own types.
"""

import gdb

from . import completion, copies, values
from .output import say

# What debug registers can cover on most machines: four pieces of eight bytes.
SIZE_MAX = 32


class Watch(gdb.Command):
    """Stop when one copy of a variable changes.

Usage: polyton watch NAME OBJECT [THREAD] [FIELD]

NAME is a singleton, OBJECT one of the objects that have a copy of it.  Of a thread-local, the copy of THREAD is watched,
a thread's number, or else that of the selected thread; whoever writes to it.  FIELD is a part of it as in an expression,
without the first dot: "handle", "list[3].count".  Processors watch little, so large variables need one."""

    def __init__(self):
        super().__init__("polyton watch", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        words = gdb.string_to_argv(argument)
        if not 2 <= len(words) <= 4:
            raise gdb.GdbError("usage: polyton watch NAME OBJECT [THREAD] [FIELD]")
        name, object_name, *rest = words
        number = rest.pop(0) if rest and rest[0].replace(".", "", 1).isdigit() else None
        if len(rest) > 1:
            raise gdb.GdbError(f"polyton: \"{rest[0]}\" is not a thread's number")
        thread = copies.find_thread(number)
        choice = copies.choose(name, object_name)
        if choice.address(thread) is None:
            raise gdb.GdbError(f"polyton: {copies.thread_name(thread)} has not allocated {choice.object['name']}'s copy"
                               " yet: it can be watched once the thread has touched it")
        field = rest[0] if rest else ""
        value = part(choice, thread, field)
        size = value.type.sizeof
        if not 0 < size <= SIZE_MAX:
            raise gdb.GdbError(f"polyton: {size} bytes are more than a processor can watch: name a FIELD"
                               f"{fields_of(value)}")
        try:
            with values.language_of("c"):
                point = Watchpoint(choice, thread, field, value)
        except (RuntimeError, gdb.error) as error:
            raise gdb.GdbError(str(error)) from None
        if point.type != gdb.BP_HARDWARE_WATCHPOINT:
            point.delete()
            raise gdb.GdbError(f"polyton: the processor cannot watch these {size} bytes: name a FIELD{fields_of(value)},"
                               " or delete other watchpoints")
        say(f"It is {point.what}.\n")

    def complete(self, text, word):
        return completion.complete_words(text, word, completion.singletons, completion.objects, completion.threads)


def part(choice, thread, field):
    """The value of the copy, or of a field of it, in the words of its own language."""
    value, said = choice.value(thread)
    if said:
        say(f"polyton: {said}\n")
    if not field:
        return value
    gdb.set_convenience_variable("_polyton_copy", value.address)
    try:
        with values.language_of(choice.row["language"]):
            return gdb.parse_and_eval(f"(*$_polyton_copy){field if field[0] in '.[' else '.' + field}")
    except gdb.error as error:
        raise gdb.GdbError(f"{error}{fields_of(value)}") from None


def fields_of(value):
    try:
        names = [field.name for field in value.type.strip_typedefs().fields() if field.name]
    except TypeError:  # it has none
        return ""
    return f" ({', '.join(names[:12])}{', ...' if len(names) > 12 else ''})" if names else ""


def scalar(value):
    """What an atomic, a cell and the like hold, if that is all there is to them."""
    while value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        parts = [field for field in value.type.strip_typedefs().fields()
                 if field.type is not None and hasattr(field, "bitpos") and not field.bitsize
                 and field.type.sizeof == value.type.sizeof]
        if len(parts) != 1:
            break
        value = value[parts[0]]
    return value


def spelled(value):
    """An expression for C: what is watched, by address."""
    type_ = scalar(value).type.strip_typedefs()
    address, size = int(value.address), type_.sizeof
    if type_.code == gdb.TYPE_CODE_PTR:
        return f"*(void **) {address:#x}"
    if type_.code == gdb.TYPE_CODE_FLT and size in (4, 8):
        return f"*({'float' if size == 4 else 'double'} *) {address:#x}"
    name = {1: "char", 2: "short", 4: "int", 8: "long long"}.get(size)
    if not name:
        return f"*(unsigned char (*)[{size}]) {address:#x}"
    is_signed = type_.code == gdb.TYPE_CODE_INT and int(gdb.Value(-1).cast(type_)) < 0
    return f"*({'signed' if is_signed else 'unsigned'} {name} *) {address:#x}"


class Watchpoint(gdb.Breakpoint):
    """Says at each stop whose it is, and ends when the copy is not there any more."""

    def __init__(self, choice, thread, field, value):
        self.name, self.object = choice.row["name"], choice.object["name"]
        # A static is the same for all threads, and there as long as its object is.
        self.owner = thread if choice.row["kind"] == "tls" else None
        self.address = choice.address(thread)
        self.what = (f"{self.name}{'.' + field if field else ''} of {self.object}"
                     f"{' in ' + copies.thread_name(thread) if self.owner else ''}")
        super().__init__(spelled(value), gdb.BP_WATCHPOINT, gdb.WP_WRITE)

    def stop(self):
        try:
            address = copies.choose(self.name, self.object).address(self.owner)
        except (gdb.error, gdb.GdbError, RuntimeError):  # a thread that is no more
            address = None
        except KeyboardInterrupt:
            return True
        if address != self.address:
            self.enabled = False
            say(f"polyton: {self.what} is no more: watchpoint {self.number} is disabled\n")
            return False
        say(f"\n{self.what}:\n")
        return True


def _on_exited(_):
    """Addresses mean nothing in the next process."""
    for point in gdb.breakpoints() or ():
        # By name: one that was made before the extension was sourced again is of another class.
        if type(point).__name__ == Watchpoint.__name__:
            point.enabled = False


def register():
    Watch()
    gdb.events.exited.connect(_on_exited)


def unregister():
    try:
        gdb.events.exited.disconnect(_on_exited)
    except ValueError:
        pass

"""A copy's value by GDB's own type and pretty printers; where GDB has none, by the library, then as bytes.

Addresses are the library's. GDB's part is only what the bytes there mean: see symbols.py for whose type that is.
"""

import contextlib
import re

import gdb  # pylint: disable=import-error

from . import symbols
from .hearing import hear

LANGUAGES = {"rust": "rust", "c++": "c++", "c": "c"}
# A cell is a line of a table: what is deeper, or longer, is for `print $_polyton(...)`.
DEPTH_MAX, ELEMENTS_MAX, TEXT_MAX = 5, 16, 1024
DEPTH_OF_TYPES = 64
HEARD_AT_ONCE = 32

# std's thread-local storage, and what Rust wraps a value in that is not always there. The state is told beside.
STORAGE = re.compile(r"^std::(sys|sys_common|thread)::.*\b(Storage|Key|LazyKeyInner|LazyStorage|EagerStorage)<")
WRAPPER = re.compile(r"^core::(cell::UnsafeCell|mem::([a-z_]+::)?(MaybeUninit|ManuallyDrop|MaybeDangling))<")

# Printers return what they like.
LINE_END = re.compile(r"[ \t]*[\r\n]+[ \t]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_types = {}


def _key(copy, object_):
    return object_["path"], object_["build_id"], copy["symbol"], copy["offset"], copy["size"]


def find_type(copy, object_):
    """(GDB's type of the copy, or None; why there is none)"""
    objfile, why = symbols.objfile_of(object_)
    if objfile is None:
        return None, why
    known = _types.get(_key(copy, object_))
    if known and known[0].is_valid() and known[0] == objfile:
        return known[1], ""
    type_ = symbols.Finder(copy, objfile).type()
    if type_ is None:
        # Not kept: debug info may yet be loaded.
        return None, f"GDB knows no type of the variable in {object_['name']}"
    _types[_key(copy, object_)] = objfile, type_
    return type_, ""


def forget():
    """Types of files that GDB has dropped, or may read anew."""
    _types.clear()


def bytes_type(size):
    """What a variable is by its size alone: an unsigned number, or bytes."""
    for name in ("unsigned char", "unsigned short", "unsigned int", "unsigned long", "unsigned long long"):
        type_ = c_type(name)
        if type_.sizeof == size:
            return type_
    return c_type("unsigned char").array(size - 1)


def c_type(name):
    """One of C's types, whatever the language is now."""
    with language_of("c"):
        return gdb.lookup_type(name)


@contextlib.contextmanager
def language_of(name):
    """Expressions and values are written as in that language."""
    before = gdb.parameter("language")
    wanted = LANGUAGES.get(name, "auto")
    if before == wanted:
        yield
        return
    gdb.execute(f"set language {wanted}", to_string=True)
    try:
        yield
    finally:
        gdb.execute(f"set language {before}", to_string=True)


def at(type_, address):
    """What is at an address, as an lvalue."""
    return gdb.Value(address).cast(type_.pointer()).dereference()


def value_at(copy, object_, address):
    """(the copy as an lvalue; why it is bytes only, or "")"""
    type_, why = find_type(copy, object_)
    return at(type_ or bytes_type(copy["size"]), address), why


def inner(value):
    """What is in Rust's thread-local storage, once that is known to be alive."""
    for _ in range(16):
        name = value.type.strip_typedefs().name or ""
        if not (STORAGE.match(name) or WRAPPER.match(name)):
            break
        # The largest part is the value; beside it there are flags, or nothing: (), the destructor's state.
        parts = [field for field in value.type.strip_typedefs().fields() if field.type is not None]
        if not parts:
            break
        value = value[max(parts, key=lambda field: field.type.sizeof)]
    return value


def stored(value, is_alive):
    """(what a Rust thread-local is to be shown as, what is to be said of that or ""): std's storage may hold no value.

    Bytes that are no value of their type are not handed to GDB: some versions end on them.
    """
    name = value.type.strip_typedefs().name or ""
    if not STORAGE.match(name):
        return value, ""
    if is_alive:
        return inner(value), ""
    parts = {field.name: field for field in value.type.strip_typedefs().fields()}
    if "state" in parts and any("MaybeUninit<" in str(field.type) for field in parts.values()):
        return value[parts["state"]], "it holds no value: only its state is shown"
    return value, ""


def is_broken(value, depth=0):
    """Whether some Rust enum in it has a discriminant that none of its variants has. (GDB 13 ends on printing such.)"""
    type_ = value.type.strip_typedefs()
    if depth > DEPTH_OF_TYPES:
        return False
    if type_.code == gdb.TYPE_CODE_ARRAY:
        low, high = type_.range()
        return any(is_broken(value[index], depth + 1) for index in range(low, min(high, low + ELEMENTS_MAX) + 1))
    if type_.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        return False
    fields = type_.fields()
    # GDB leaves the variants out that do not apply. The discriminant itself has no name.
    if len(fields) == 1 and fields[0].artificial and not fields[0].name:
        return True
    return any(is_broken(value[field], depth + 1) for field in fields
               if hasattr(field, "bitpos") and field.type is not None and field.type.sizeof)


def _limit(name, ours):
    theirs = gdb.parameter(name)
    return ours if theirs in (None, -1) else min(theirs, ours)


def _format():
    return {"max_elements": _limit("print elements", ELEMENTS_MAX), "max_depth": _limit("print max-depth", DEPTH_MAX),
            "pretty_structs": False, "pretty_arrays": False}


def write(value, options):
    """One line of bounded length."""
    text = CONTROL.sub(lambda found: f"\\{ord(found[0]):03o}", LINE_END.sub(" ", value.format_string(**options)))
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX - 3] + "..."


class Writer:
    """GDB's text for the cells of one copy. Their language is to be GDB's meanwhile: see language_of()."""

    def __init__(self, copy, object_, language):
        self.name, self.language = object_["name"], language
        self.type, self.why = find_type(copy, object_)
        self._options = _format()
        self._known = {}

    def text(self, cell):
        """(GDB's text, or None; why there is none, or "" if there is no value that it could be of)

        What is not initialised yet, or destroyed, has bytes that mean nothing: the library's text says so.
        """
        held = cell["value"]
        if not held or not cell["address"] or held["state"] in ("uninitialised", "destroyed"):
            return None, ""
        if self.type is None:
            return None, self.why
        # Threads that hold the same bytes get the same text.
        key = held["bytes"] if len(held["bytes"]) == 2 * self.type.sizeof else cell["address"]
        if key not in self._known:
            try:
                self._known[key] = self._write(held, int(cell["address"], 16)), ""
            except (gdb.error, RuntimeError, ValueError, TypeError) as error:
                why = str(error).partition("\n")[0]
                self._known[key] = None, f"GDB cannot write the value in {self.name}: {why}"
        return self._known[key]

    def _write(self, held, address):
        value = at(self.type, address)
        if held["state"] == "alive":
            value = inner(value)
        if self.language == "rust" and is_broken(value):
            raise ValueError("an enum in it has none of its variants")
        try:
            return write(value, self._options)
        except gdb.MemoryError:
            # A core may lack what the library has found in a file.
            content = bytes.fromhex(held["bytes"])
            if len(content) != self.type.sizeof or self.language == "rust":
                raise
            return write(gdb.Value(content, self.type), self._options)


def cell_texts(document):
    """([GDB's text of each cell, or None], [why some are not GDB's]) of the one singleton of a "show" document.

    In the order of the copies, and of their cells.
    """
    row = document["singletons"][0]
    objects = {object_["name"]: object_ for object_ in document["objects"]}
    texts, whys = [], []
    with language_of(row["language"]):
        for copy in row["copies"]:
            writer = Writer(copy, objects[copy["object"]], row["language"])
            # In parts, so that Ctrl-C is heard in time.
            for begin in range(0, len(copy["cells"]), HEARD_AT_ONCE):
                part = copy["cells"][begin:begin + HEARD_AT_ONCE]
                written = hear(lambda part=part, writer=writer: [writer.text(cell) for cell in part])
                texts += [text for text, _ in written]
                whys += [why for why in dict.fromkeys(why for _, why in written) if why and why not in whys]
    return texts, whys

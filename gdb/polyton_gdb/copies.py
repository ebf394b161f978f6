"""One copy, chosen by the words of a user: NAME, OBJECT, THREAD; and where it is in that thread.

Everything here begins with a fresh picture. Expressions are evaluated in the middle of resuming, where GDB tells of
no event, so what an earlier look has found may be gone.
"""

import os

import gdb

from . import session, values

PT_TLS = 7


class Choice:
    """A copy. @document is the "show" document that it is from."""

    def __init__(self, document, row, copy, object_):
        self.document, self.row, self.copy, self.object = document, row, copy, object_

    def cell(self, thread):
        """The copy's cell in a gdb.InferiorThread; None if it was not read. A static has one for all threads."""
        if self.row["kind"] == "static":
            return self.copy["cells"][0] if self.copy["cells"] else None
        tids = thread.ptid[1], thread.ptid[2]
        return next((cell for cell in self.copy["cells"] if cell["tid"] in tids and cell["tid"]), None)

    def address(self, thread):
        """Where it is, or None: this thread has not allocated it. What cannot be read is a gdb.GdbError."""
        if self.row["kind"] == "static" and self.copy["address"]:
            return int(self.copy["address"], 16)
        cell = self.cell(thread)
        if cell and cell["address"]:
            return int(cell["address"], 16)
        if cell and cell["state"] == "not-allocated":
            return None
        state = cell["state"] if cell else "not in the picture"
        raise gdb.GdbError(f"polyton: {self.row['name']} of {self.object['name']} in {thread_name(thread)}: {state}"
                           f"{self.why_of(thread)}")

    def why_of(self, thread):
        known = [row for row in self.document["threads"] if row["tid"] in (thread.ptid[1], thread.ptid[2])]
        return f" ({known[0]['why']})" if known and known[0]["why"] else ""

    def is_alive(self, thread):
        """It is known that std's storage, which is around a Rust thread-local, holds a value."""
        cell = self.cell(thread)
        return bool(cell and cell["value"] and cell["value"]["state"] == "alive")

    def value(self, thread):
        """(an lvalue; what is to be said of it, or ""). Not allocated yet: what it would start as, and no lvalue."""
        address = self.address(thread)
        if address is not None:
            value, why = values.value_at(self.copy, self.object, address)
            value, said = values.stored(value, self.is_alive(thread))
            return value, f"{why}: only its bytes are shown" if why else said and f"{self.object['name']}'s copy: {said}"
        said = f"{thread_name(thread)} has not allocated {self.object['name']}'s copy"
        image = initial_image(self.copy, self.object)
        if image is None:
            raise gdb.GdbError(f"polyton: {said} yet")
        type_, why = values.find_type(self.copy, self.object)
        value, _ = values.stored(gdb.Value(image, type_ or values.bytes_type(len(image))), False)
        return value, f"{said}: it would start as this{' (' + why + ')' if why else ''}"


def thread_name(thread):
    return f"thread {thread.num} ({'LWP' if thread.ptid[1] else 'task'} {thread.ptid[1] or thread.ptid[2]})"


def choose(name, object_name):
    """The Choice of a copy. Words that fit none, or several, are a gdb.GdbError that lists what there is."""
    with session.picture() as picture:
        document = picture.json("show", name=name)
    row = document["singletons"][0]
    objects = {object_["name"]: object_ for object_ in document["objects"]}
    copies = [copy for copy in row["copies"] if copy["object"] == object_name]
    if not copies:
        copies = [copy for copy in row["copies"]
                  if object_name in (objects[copy["object"]]["path"], objects[copy["object"]]["soname"],
                                     os.path.basename(objects[copy["object"]]["path"]))]
    if len(copies) != 1:
        there = ", ".join(dict.fromkeys(copy["object"] for copy in copies or row["copies"]))
        raise gdb.GdbError(f"polyton: {row['name']} has {'no copy' if not copies else 'several copies'} in"
                           f" \"{object_name}\"; " + (f"there are: {there}" if not copies else "name one by show"))
    return Choice(document, row, copies[0], objects[copies[0]["object"]])


def find_thread(word):
    """GDB's thread of a number as GDB writes it (2, 1.2); the selected one for None."""
    if word is None:
        thread = gdb.selected_thread()
        if thread is None:
            raise gdb.GdbError("polyton: no thread is selected")
        return thread
    inferior = gdb.selected_inferior()
    for thread in inferior.threads():
        if word in (str(thread.num), f"{inferior.num}.{thread.num}"):
            return thread
    raise gdb.GdbError(f"polyton: there is no thread {word}")


def initial_image(copy, object_):
    """What a thread-local starts as in a new thread, from the object's TLS image in memory, which is relocated there.

    None if it cannot be read.
    """
    read = gdb.selected_inferior().read_memory
    start, bias = int(object_["start"], 16), int(object_["load_bias"], 16)
    offset, size = int(copy["offset"], 16), copy["size"]
    try:
        header = bytes(read(start, 64))
        is_64, order = header[4] == 2, "little" if header[5] == 1 else "big"
        if header[:4] != b"\x7fELF":
            return None

        def number(content, place, length):
            return int.from_bytes(content[place:place + length], order)

        table = number(header, 32, 8) if is_64 else number(header, 28, 4)
        entry, count = (number(header, place, 2) for place in ((54, 56) if is_64 else (42, 44)))
        for index in range(min(count, 256)):
            row = bytes(read(start + table + index * entry, entry))
            if number(row, 0, 4) != PT_TLS:
                continue
            address, held = ((number(row, 16, 8), number(row, 32, 8)) if is_64 else
                             (number(row, 8, 4), number(row, 16, 4)))
            held = min(max(held - offset, 0), size)
            content = bytes(read(bias + address + offset, held)) if held else b""
            return content + bytes(size - held)
    except (gdb.MemoryError, IndexError, OverflowError):
        pass
    return None

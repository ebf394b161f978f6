"""What GDB tells us of: objects that were loaded, stops, ends. Nothing that a look has found is kept for the next one.

An objfile is new in the middle of dlopen(), before relocation and with the threads not stopped: what it brings is only
looked for at the next stop, and told of once.
"""

import os

import gdb

from . import further, parameters, session, symbols, values
from .output import say

_seen = {}  # number of an inferior: _Seen


class _Seen:
    """What is known of the objects of one process."""

    def __init__(self, inferior):
        self.identity = session.identity(inferior)
        self.has_stopped = False
        self.came = []     # objfiles since the last stop: (file name, build id)
        self.known = None  # identities of objects at the last look, None before the first one


def is_resumed():
    """GDB has let the selected thread run: what is evaluated now is a condition, or the like."""
    thread = gdb.selected_thread()
    return thread is not None and thread.is_running()


def is_ours(inferior):
    """GDB has started it, so all its objects were loaded under our eyes."""
    try:
        with open(f"/proc/{inferior.pid}/stat", encoding="ascii", errors="replace") as file:
            parent = int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return False
    connection = getattr(inferior, "connection", None)
    return parent == os.getpid() and (connection is None or connection.type == "native")


def _seen_of(inferior):
    seen = _seen.get(inferior.num)
    if seen is None or seen.identity[:2] != session.identity(inferior)[:2]:
        seen = _seen[inferior.num] = _Seen(inferior)
    return seen


def _on_new_objfile(event):
    objfile = event.new_objfile
    if objfile.owner is None and getattr(objfile, "is_file", True):
        _seen_of(gdb.selected_inferior()).came.append((objfile.filename or "", objfile.build_id))


def _on_dropped(*_):
    values.forget()


def _on_exited(event):
    _seen.pop(event.inferior.num, None)


def _on_inferior_deleted(event):
    _on_exited(event)
    session.forget(event.inferior.num)


def _on_stop(*_):
    inferior = gdb.selected_inferior()
    if not inferior.pid:
        return
    seen = _seen_of(inferior)
    is_first, seen.has_stopped = not seen.has_stopped, True
    came, seen.came = seen.came, []
    if not came or not parameters.notify() or is_first and not is_ours(inferior):
        return
    try:
        news = look(seen, came)
    except KeyboardInterrupt:
        say("polyton: interrupted; not looked for what the new objects bring\n")
        return
    except gdb.GdbError as error:
        say(f"polyton: not looked for what the new objects bring: {error}\n")
        return
    for one in news:
        say("polyton: " + "".join(one.lines()))
        if hasattr(gdb, "notify_mi"):
            gdb.notify_mi("polyton-duplicate", one.data())


def told(document):
    """A catchpoint has just told what is new."""
    seen = _seen_of(gdb.selected_inferior())
    seen.known, seen.came = further.identities(document), []


def look(seen, came):
    """What the objects bring that are new: since the last look, or else those of the objfiles @came."""
    with session.picture() as picture:
        document = picture.json("report")
    known, seen.known = seen.known, further.identities(document)
    objects = [object_ for object_ in document["objects"] if not object_["program"]]
    if known is not None or is_ours(gdb.selected_inferior()):
        names = {object_["name"] for object_ in objects if further.identity(object_) not in (known or ())}
        return further.find(document, names)
    names = set()
    for path, build_id in came:
        # Of a file that is loaded several times, the last ones are the new ones.
        fits = [object_["name"] for object_ in objects if object_["name"] not in names and
                (object_["build_id"] == build_id if build_id else symbols.bare_path(path) == object_["path"])]
        names.update(fits[-1:])
    return further.find(document, names)


HANDLERS = (("new_objfile", _on_new_objfile), ("free_objfile", _on_dropped), ("clear_objfiles", _on_dropped),
            ("exited", _on_exited), ("inferior_deleted", _on_inferior_deleted), ("stop", _on_stop))


def register():
    for name, handler in HANDLERS:
        if hasattr(gdb.events, name):
            getattr(gdb.events, name).connect(handler)


def unregister():
    for name, handler in HANDLERS:
        if hasattr(gdb.events, name):
            try:
                getattr(gdb.events, name).disconnect(handler)
            except ValueError:
                pass  # it was never connected

"""Pictures of what GDB debugs.

Every picture is taken anew: memory changes by running, by `set var`, by a function called, by another process that shares
it, and not all of that is told. What is kept between pictures are the files that were parsed, which the library checks
by itself.
"""

import ctypes
import json
import time
import weakref

import gdb

from . import parameters
from .library import Call, FORMATS, Handle, Interrupted, Options, VIEWS, WRITE, WriteOptions, library
from .target import Target, require_subject

UINT32_MAX = 0xffffffff

# Kinds of sessions: what is read of values.
WORDS = {"no_types": True}                              # as words: no debug info is read
TYPED = {}                                              # by their types, 256 different ones of each copy
ALL_TYPED = {"typed_values": UINT32_MAX}                # of all threads
TREES = {"typed_values": UINT32_MAX, "keep_trees": True}  # and part by part
NAMES = {"no_types": True, "no_threads": True}          # nothing: it is about names only


def call_back(function, *args, target=None):
    """A call into the library that calls back. An interruption ends it as GDB wants it; all else is a gdb.GdbError."""
    with Call() as call:
        if target:
            target.call = call
        try:
            function(*args)
        except (Interrupted, gdb.GdbError) as error:
            # What a callback that was interrupted returned is garbage, and may look like a failure: that came second.
            call.keep(error)
    error = call.error
    if error is None:
        return
    if isinstance(error, (KeyboardInterrupt, gdb.GdbError)):
        raise error
    if isinstance(error, (gdb.error, Interrupted, TimeoutError)):
        raise gdb.GdbError(f"polyton: {error}")
    raise error


# [(weakref.ref of a Snapshot, [its handle])] of those that may be open.
_open = []


def close_lost():
    """Close the pictures whose user was interrupted before closing them.

    Not by __del__: a Ctrl-C that comes there is lost, and Python complains of it.
    """
    for known in _open[:]:
        if known[0]() is None:
            _open.remove(known)
            _destroy(known[1])


def _destroy(handles):
    while handles:
        library().snapshot_destroy(handles.pop())


class Snapshot:
    """A frozen picture. Close it."""

    def __init__(self, handle, racing, inferior):
        self._handle = handle
        self._handles = [handle]
        self._known = (weakref.ref(self), self._handles)
        _open.append(self._known)
        self.racing = racing      # a line that says that threads were running, or ""
        self.inferior = inferior  # the gdb.Inferior that it is of

    def close(self):
        self._handle = None
        _destroy(self._handles)
        if self._known in _open:
            _open.remove(self._known)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Options are those of struct polyton_write_options: name, match, columns, use_color, show_all, is_verbose; and
    # cell_texts, a list: one for each cell of each copy of the singleton that is shown, None for those that stay.

    def write(self, take, view, form, **options):
        """Write a view in a format, in pieces, to take(bytes)."""
        wanted = WriteOptions(ctypes.sizeof(WriteOptions), VIEWS[view], FORMATS[form])
        texts = options.pop("cell_texts", None)
        if texts:
            wanted.cell_texts = (ctypes.c_char_p * len(texts))(
                *(text.encode(errors="surrogateescape") if text is not None else None for text in texts))
            wanted.cell_text_count = len(texts)
        for name, value in options.items():
            setattr(wanted, name, value.encode(errors="surrogateescape") if isinstance(value, str) else value)
        with_call = []

        def write(_, piece, count):
            try:
                take(ctypes.string_at(piece, count))
                return 0
            except BaseException as error:  # pylint: disable=broad-except
                with_call.append(error)
                return 1

        def run():
            try:
                library().snapshot_write(self._handle, ctypes.byref(wanted), WRITE(write), None)
            except gdb.GdbError:
                if with_call:
                    raise with_call[0] from None
                raise
        call_back(run)

    def text(self, view, **options):
        pieces = []
        self.write(pieces.append, view, "text", **options)
        return b"".join(pieces).decode(errors="replace")

    def json(self, view, **options):
        """The same as data: docs/format.md describes it."""
        pieces = []
        self.write(pieces.append, view, "json", **options)
        return json.loads(b"".join(pieces))


class Session:
    """One inferior, as one process: parsed files, and how to get at the rest."""

    def __init__(self, inferior, kind):
        self.target = Target(inferior)
        self.identity = identity(inferior)
        self._handle = Handle()
        folders = [folder.encode() for folder in (gdb.parameter("debug-file-directory") or "").split(":") if folder]
        self._folders = (ctypes.c_char_p * (len(folders) + 1))(*folders, None)
        kind = dict(kind)
        self._has_threads = not kind.pop("no_threads", False)
        self._options = Options(size=ctypes.sizeof(Options), debug_dirs=self._folders, **kind)

    def capture(self, seconds):
        """@seconds: how long it may take, None for any time."""
        close_lost()
        threads = self.target.inferior.threads()  # once: each time a stub is asked for all of them
        running = sum(thread.is_running() for thread in threads)
        facts, library_ = self.target.facts(threads if self._has_threads else (), running > 0), library()
        self.target.deadline = seconds and time.monotonic() + seconds
        if not self._handle:
            library_.open_debugger(ctypes.byref(self.target.ops), None, ctypes.byref(facts),
                                   ctypes.byref(self._options), ctypes.byref(self._handle))
        else:
            library_.session_update(self._handle, ctypes.byref(facts))
        handle = Handle()
        racing = (f"Racy: {running} of {len(threads)} threads are running, and may change what is read meanwhile.\n"
                  if running else "")
        try:
            call_back(library_.session_capture, self._handle, ctypes.byref(handle), target=self.target)
        except BaseException:
            library_.snapshot_destroy(handle)
            raise
        return Snapshot(handle, racing, self.target.inferior)

    def close(self):
        if self._handle:
            library().session_close(self._handle)
            self._handle = Handle()
        self.target.close()


def identity(inferior):
    """What a session is good for: another process or another program needs another one."""
    connection = getattr(inferior, "connection", None)
    return (inferior.pid, inferior.progspace.filename, getattr(connection, "num", None),
            gdb.parameter("debug-file-directory"))


_sessions = {}  # (number of the inferior, kind): Session


def picture(kind=None, seconds=None):
    """A Snapshot of the selected inferior, as it is now.

    @kind is WORDS, TYPED, ALL_TYPED, TREES or NAMES; it may not take longer than @seconds, or the user's limit.
    """
    inferior = gdb.selected_inferior()
    kind = TYPED if kind is None else kind
    try:
        require_subject(inferior)
        key = (inferior.num, tuple(sorted(kind.items())))
        session = _sessions.get(key)
        if session and session.identity != identity(inferior):
            session.close()
            session = None
        if not session:
            session = _sessions[key] = Session(inferior, kind)
        limits = [limit for limit in (seconds, parameters.seconds()) if limit]
        return session.capture(min(limits, default=None))
    except gdb.GdbError:
        raise
    except gdb.error as error:
        raise gdb.GdbError(f"polyton: {error}") from None


def forget(number=None):
    """Close the sessions of an inferior that is no more, or of all."""
    for key in [key for key in _sessions if number in (None, key[0])]:
        _sessions.pop(key).close()

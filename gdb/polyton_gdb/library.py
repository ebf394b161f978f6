"""libpolyton, through ctypes.

Structured data comes as the library's JSON (docs/format.md); of its C structures only those are mirrored here that a
debugger hands in. RTLD_DEEPBIND keeps the library's own names and those of what it needs to itself, whatever GDB was
linked with; and it is loaded when it is first needed, not when the extension is.
"""

import ctypes
import os
import sys

import gdb

from . import parameters

VERSION = (0, 1)  # of the header that the structures below were taken from
SONAME = "libpolyton.so.0"
FOLDER = os.path.dirname(os.path.realpath(__file__))

ERROR_INTERRUPTED = 10

VIEWS = {"report": 0, "show": 1, "objects": 2, "threads": 3, "tls": 4, "bindings": 5}
FORMATS = {"text": 0, "json": 1, "sarif": 2, "junit": 3, "github": 4, "markdown": 5, "html": 6, "dot": 7}

Handle = ctypes.c_void_p


class Options(ctypes.Structure):
    """struct polyton_options"""
    _fields_ = [("size", ctypes.c_size_t), ("stop", ctypes.c_bool), ("debug_dirs", ctypes.POINTER(ctypes.c_char_p)),
                ("keep_bindings", ctypes.c_bool), ("no_types", ctypes.c_bool), ("keep_trees", ctypes.c_bool),
                ("typed_values", ctypes.c_uint32)]


class TargetRead(ctypes.Structure):
    """struct polyton_target_read"""
    _fields_ = [("address", ctypes.c_uint64), ("buffer", ctypes.c_void_p), ("size", ctypes.c_size_t),
                ("error", ctypes.c_int32)]


class TargetFile(ctypes.Structure):
    """struct polyton_target_file"""
    _fields_ = [("path", ctypes.c_char_p), ("address", ctypes.c_uint64), ("fd", ctypes.c_int32),
                ("error", ctypes.c_int32), ("is_loaded", ctypes.c_int32)]


# What a callback returns is never looked at: a script that is interrupted returns garbage. Answers go to memory.
READ = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
OPEN_OBJECT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(TargetFile))
GO_ON = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int32))
WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class TargetOps(ctypes.Structure):
    """struct polyton_target_ops"""
    _fields_ = [("size", ctypes.c_size_t), ("read", READ), ("open_object", OPEN_OBJECT), ("go_on", GO_ON)]


class TargetFacts(ctypes.Structure):
    """struct polyton_target_facts"""
    _fields_ = [("size", ctypes.c_size_t), ("pid", ctypes.c_int32), ("machine", ctypes.c_uint16),
                ("elf_class", ctypes.c_uint8), ("elf_data", ctypes.c_uint8), ("program", ctypes.c_char_p),
                ("auxv", ctypes.POINTER(ctypes.c_uint64)), ("auxv_count", ctypes.c_size_t),
                ("thread_count", ctypes.c_size_t), ("tids", ctypes.POINTER(ctypes.c_int32)),
                ("inner_tids", ctypes.POINTER(ctypes.c_int32)), ("thread_pointers", ctypes.POINTER(ctypes.c_uint64)),
                ("names", ctypes.POINTER(ctypes.c_char_p)), ("has_running_threads", ctypes.c_bool)]


class WriteOptions(ctypes.Structure):
    """struct polyton_write_options"""
    _fields_ = [("size", ctypes.c_size_t), ("view", ctypes.c_int), ("format", ctypes.c_int), ("name", ctypes.c_char_p),
                ("columns", ctypes.c_uint32), ("use_color", ctypes.c_bool), ("show_all", ctypes.c_bool),
                ("is_verbose", ctypes.c_bool), ("match", ctypes.c_char_p), ("verdicts", ctypes.c_void_p),
                ("remarks", ctypes.c_void_p), ("fail_on", ctypes.c_int), ("fails_on_new_only", ctypes.c_bool),
                ("tolerated", ctypes.c_void_p), ("cell_texts", ctypes.POINTER(ctypes.c_char_p)),
                ("cell_text_count", ctypes.c_size_t), ("tids", ctypes.POINTER(ctypes.c_int32)),
                ("tid_count", ctypes.c_size_t), ("parts", ctypes.c_uint32)]


# name: (result, arguments); a result of Handle that is not named here otherwise is an error, NULL if all went well.
FUNCTIONS = {
    "version": (ctypes.c_char_p, []),
    "error_code": (ctypes.c_int, [Handle]),
    "error_message": (ctypes.c_char_p, [Handle]),
    "error_destroy": (None, [Handle]),
    "open_debugger": (Handle, [ctypes.POINTER(TargetOps), ctypes.c_void_p, ctypes.POINTER(TargetFacts),
                               ctypes.POINTER(Options), ctypes.POINTER(Handle)]),
    "session_update": (Handle, [Handle, ctypes.POINTER(TargetFacts)]),
    "session_capture": (Handle, [Handle, ctypes.POINTER(Handle)]),
    "session_close": (None, [Handle]),
    "snapshot_destroy": (None, [Handle]),
    "snapshot_write": (Handle, [Handle, ctypes.POINTER(WriteOptions), WRITE, ctypes.c_void_p]),
}


class Call:
    """Around every call that may call back.

    Ctrl-C may come in a callback's first instruction, before any `try` of it, and Python then tells about it by
    sys.unraisablehook only. Whatever ends a callback is kept in @error, the first one counts.
    """

    def __init__(self):
        self.error = None
        self._hook = None

    def keep(self, error):
        self.error = self.error or error

    def __enter__(self):
        self._hook = sys.unraisablehook
        sys.unraisablehook = lambda told: self.keep(told.exc_value)
        return self

    def __exit__(self, *_):
        sys.unraisablehook = self._hook


class Interrupted(Exception):
    """A callback was not completed: whoever made the call knows why."""


class Library:
    """The loaded library: library.snapshot_destroy(handle). Fallible functions raise gdb.GdbError."""

    def __init__(self, path):
        self.path = path
        # What is looked up belongs to this very library, not to another one that has such names.
        self._own = ctypes.CDLL(path, mode=os.RTLD_NOW | os.RTLD_DEEPBIND)
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(self._own, f"polyton_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, self._checked(function) if result is Handle else function)
        self.text_version = self.version().decode()
        if tuple(int(part) for part in self.text_version.split()[0].split(".")[:2]) != VERSION:
            raise OSError(f"is polyton {self.text_version}; this extension is for {VERSION[0]}.{VERSION[1]}")

    def _checked(self, function):
        def call(*args):
            error = function(*args)
            if not error:
                return
            code, message = self.error_code(error), self.error_message(error).decode(errors="replace")
            self.error_destroy(error)
            raise Interrupted(message) if code == ERROR_INTERRUPTED else gdb.GdbError(f"polyton: {message}")
        return call


def candidates():
    """Where the library may be, best first, as (path, who says so). The first one that exists is the one, or an error."""
    if parameters.library():
        return [(parameters.library(), "set polyton library")]
    if os.environ.get("POLYTON_LIBRARY"):
        return [(os.environ["POLYTON_LIBRARY"], "$POLYTON_LIBRARY")]
    found = [(os.path.join(folder, SONAME), "beside the extension") for folder in (FOLDER, os.path.dirname(FOLDER))]
    try:
        with open(os.path.join(FOLDER, "installed"), encoding="utf-8") as file:
            found.append((file.read().strip(), "as installed"))
    except OSError:
        pass
    root = os.path.dirname(os.path.dirname(FOLDER))
    found.append((os.path.join(root, "build", SONAME), "build tree"))
    return found


def _load(path):
    try:
        return Library(path)
    except (OSError, AttributeError) as error:
        raise gdb.GdbError(f"polyton: cannot use {path}: {error}") from None


_loaded = None


def library():
    """The library, loaded on first use; it stays until GDB ends, for code that was called may be on the stack."""
    global _loaded
    if _loaded:
        return _loaded
    tried = candidates()
    for path, why in tried:
        if len(tried) == 1 or os.path.exists(path):
            _loaded = _load(os.path.expanduser(path))
            return _loaded
    try:
        _loaded = Library(SONAME)  # the loader's own way
    except OSError:
        places = "".join(f"\n  {path} ({why})" for path, why in tried)
        raise gdb.GdbError(f"polyton: there is no {SONAME}; looked for:{places}\n  {SONAME} (the loader's folders)\n"
                           "Name it: set polyton library FILE") from None
    return _loaded


def loaded():
    """The library if it was loaded already, else None."""
    return _loaded

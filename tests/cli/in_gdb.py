"""Run by GDB (gdb -x) on a process that it debugs: the library asks for types there, in a program that is not its own.

GDB waits for its children, so it may reap the worker that the library started; if not, this does so for it. What is
found is written as JSON.

Environment: LIBPOLYTON, RESULT (the file to write), NAME (a variable).
"""

import ctypes
import json
import os
import signal
import sys

import gdb  # pylint: disable=import-error

VIEW_SHOW, FORMAT_JSON = 1, 1
WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t)


class WriteOptions(ctypes.Structure):
    """struct polyton_write_options"""
    _fields_ = [("size", ctypes.c_size_t), ("view", ctypes.c_int), ("format", ctypes.c_int), ("name", ctypes.c_char_p),
                ("columns", ctypes.c_uint32), ("use_color", ctypes.c_bool), ("show_all", ctypes.c_bool),
                ("is_verbose", ctypes.c_bool), ("match", ctypes.c_char_p)]


class Library:
    """libpolyton, each fallible call an exception."""

    def __init__(self, path):
        self.own = ctypes.CDLL(path)
        self.own.polyton_error_message.restype = ctypes.c_char_p
        self.own.polyton_error_message.argtypes = [ctypes.c_void_p]

    def call(self, name, *args):
        function = getattr(self.own, f"polyton_{name}")
        function.restype = ctypes.c_void_p
        error = function(*args)
        if error:
            raise RuntimeError(self.own.polyton_error_message(error).decode())

    def drop(self, name, handle):
        function = getattr(self.own, f"polyton_{name}")
        function.restype, function.argtypes = None, [ctypes.c_void_p]
        function(handle)

    def open(self, pid):
        session = ctypes.c_void_p()
        self.call("open_process", ctypes.c_int32(pid), None, ctypes.byref(session))
        return session

    def show(self, session, name):
        """One capture, and what it holds of a variable."""
        pieces = []

        def take(_, piece, count):
            pieces.append(piece[:count])
            return 0

        snapshot = ctypes.c_void_p()
        self.call("session_capture", session, ctypes.byref(snapshot))
        options = WriteOptions(ctypes.sizeof(WriteOptions), VIEW_SHOW, FORMAT_JSON, name.encode())
        self.call("snapshot_write", snapshot, ctypes.byref(options), WRITE(take), None)
        self.drop("snapshot_destroy", snapshot)
        return json.loads(b"".join(pieces))


def workers():
    """The worker's that are this process's children, as {pid: state}; "Z" waits to be reaped."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if name == "polyton-dwarf" and int(parent) == os.getpid():
            found[int(pid)] = state
    return found


def run_a_little():
    """Let the process run, and GDB wait for its children."""
    return int(gdb.parse_and_eval("(int)getpid()"))


def ask():
    library, pid, name = Library(os.environ["LIBPOLYTON"]), gdb.selected_inferior().pid, os.environ["NAME"]
    told = {"pid": pid, "reports": []}
    first = library.open(pid)
    told["reports"].append(library.show(first, name))
    told["alive"] = workers()
    told["ran_with_a_worker"] = run_a_little()
    for worker in told["alive"]:
        os.kill(worker, signal.SIGKILL)
    told["ran_with_a_dead_one"] = run_a_little()
    for worker in workers():
        os.waitpid(worker, 0)  # if GDB did not
    told["reports"].append(library.show(first, name))
    second = library.open(pid)
    told["reports"].append(library.show(second, name))
    told["alive_again"] = workers()
    library.drop("session_close", first)
    library.drop("session_close", second)
    told["left"] = workers()
    told["ran_at_the_end"] = run_a_little()
    told["gdb"] = str(gdb.parse_and_eval(f"sizeof({name})"))
    return told


try:
    result = ask()
except Exception as error:  # pylint: disable=broad-except
    result = {"error": repr(error)}
with open(os.environ["RESULT"], "w", encoding="utf-8") as out:
    json.dump(result, out)
sys.stdout.flush()

"""Files of what GDB debugs, as it has them: another root folder, another machine, or meanwhile another file.

All that is known of a loaded object is the loader's name for it and where it is in memory. A file is worth most if it is
known to be the one that was loaded; whatever is found, the library compares its build id with the one in memory.
"""

import ctypes
import errno
import os
import re
import stat
import struct
import tempfile

import gdb

OPENAT2, RESOLVE_IN_ROOT = 437, 0x10  # the same number on all machines
FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
MAP = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ ([0-9a-f]+):([0-9a-f]+) (\d+) +(/.*)$", re.MULTILINE)
PT_NOTE, NT_GNU_BUILD_ID = 4, 3
NOTES_MAX, HEADERS_MAX = 1 << 16, 512


def keep_regular(file):
    """The descriptor if it is a regular file's; a FIFO or a device of somebody else's is closed again."""
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return file


def open_below(root, path):
    """Open @path as a process has it whose root folder is @root: links do not lead out of it."""
    folder = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        how = struct.pack("=QQQ", FLAGS, 0, RESOLVE_IN_ROOT)
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        file = libc.syscall(ctypes.c_long(OPENAT2), ctypes.c_int(folder), ctypes.c_char_p(path), how,
                            ctypes.c_size_t(len(how)))
        if file < 0 and ctypes.get_errno() == errno.ENOSYS:  # before Linux 5.6
            file = os.open(path.lstrip(b"/"), FLAGS, dir_fd=folder)
        if file < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return keep_regular(file)
    finally:
        os.close(folder)


def open_own(path):
    return keep_regular(os.open(path, FLAGS))


def build_id(read):
    """The build id of an ELF file by read(offset, size) -> bytes, None if it has none. In memory a file begins where
    its object does, and its notes are in its first pages."""
    try:
        ident = read(0, 64)
        is_64 = ident[4] == 2
        order = "<" if ident[5] == 1 else ">"
        if ident[:4] != b"\x7fELF":
            return None
        offset, = struct.unpack_from(order + ("Q" if is_64 else "I"), ident, 32 if is_64 else 28)
        size, count = struct.unpack_from(order + "HH", ident, 54 if is_64 else 42)
        headers = read(offset, size * min(count, HEADERS_MAX))
        for at in range(0, len(headers) - size + 1, size or 1):
            kind, = struct.unpack_from(order + "I", headers, at)
            place, = struct.unpack_from(order + ("Q" if is_64 else "I"), headers, at + (8 if is_64 else 4))
            length, = struct.unpack_from(order + ("Q" if is_64 else "I"), headers, at + (32 if is_64 else 16))
            found = kind == PT_NOTE and _find_note(read(place, min(length, NOTES_MAX)), order)
            if found:
                return found
    except (OSError, gdb.error, struct.error, IndexError, OverflowError):
        pass
    return None


def _find_note(notes, order):
    at = 0
    while at + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from(order + "III", notes, at)
        begin = at + 12 + (name_size + 3 & ~3)
        if kind == NT_GNU_BUILD_ID and notes[at + 12:at + 16] == b"GNU\0":
            return notes[begin:begin + size]
        at = begin + (size + 3 & ~3)
    return None


class NativeFiles:
    """Of a process on this machine, in whatever mount namespace: through /proc/PID."""

    def __init__(self, pid, program):
        self._proc = f"/proc/{pid}"
        self._program = os.fsencode(program)
        self._maps = None

    def _mapping(self, address):
        """(range, device, inode, path) of what is mapped there."""
        if self._maps is None:
            with open(f"{self._proc}/maps", "rb") as file:
                self._maps = [(int(found[1], 16), int(found[2], 16),
                               os.makedev(int(found[3], 16), int(found[4], 16)), int(found[5]), found[6])
                              for found in MAP.finditer(file.read())]
        return next((known for known in self._maps if known[0] <= address < known[1]), None)

    def open(self, path, address):
        """(descriptor, whether it is known to be what was loaded)"""
        mapping = address and self._mapping(address)
        # dlopen("./plugin.so") is from where the process is, and so is the debug file beside it.
        root = f"{self._proc}/{'root' if path.startswith(b'/') else 'cwd'}"
        if not mapping:
            return open_below(root, path), False
        file, failure = -1, None
        try:
            file = open_below(root, path)
            facts = os.fstat(file)
            if (facts.st_dev, facts.st_ino) == mapping[2:4]:
                return file, True
        except OSError as error:
            failure = error
        # Deleted or replaced (or on a file system that has several numbers for one device). What is mapped can be
        # opened with rights over the whole machine only, but for the program's own file.
        ranges = f"map_files/{mapping[0]:x}-{mapping[1]:x}"
        for name in (["exe"] if path == self._program else []) + [ranges]:
            try:
                mapped = open_own(f"{self._proc}/{name}")
            except OSError:
                continue
            if file >= 0:
                os.close(file)
            return mapped, True
        if file < 0:
            raise failure
        return file, False


class FarFiles:
    """Of a core, another machine, or a simulator: files that GDB knows, files of this machine that have the build id
    that is in memory, and files that the other machine sends."""

    def __init__(self, inferior, is_remote):
        self._inferior = inferior
        self._is_remote = is_remote
        self._sent = {}  # (path, build id): descriptor of a file that has no name any more

    def _memory_id(self, address):
        return build_id(lambda offset, size: self._inferior.read_memory(address + offset, size).tobytes())

    def _places(self, path, wanted):
        """Paths on this machine, most trusted first."""
        text = os.fsdecode(path)
        name = os.path.basename(text)
        for objfile in gdb.objfiles():
            known = objfile.filename or ""
            is_it = wanted and getattr(objfile, "build_id", None) == wanted.hex() or os.path.basename(known) == name
            if objfile.owner is None and is_it and not known.startswith("target:"):
                yield known
        sysroot = gdb.parameter("sysroot") or ""
        if sysroot and not sysroot.startswith("target:"):
            yield sysroot.rstrip("/") + text
        yield from (os.path.join(folder, name) for folder in (gdb.parameter("solib-search-path") or "").split(":")
                    if folder)
        yield text

    def open(self, path, address):
        wanted = self._memory_id(address) if address else None
        fallback = None
        for place in self._places(path, wanted):
            try:
                file = open_own(place)
            except OSError:
                continue
            if not wanted or build_id(lambda offset, size, file=file: os.pread(file, size, offset)) == wanted:
                if wanted or not self._is_remote:
                    return file, False
            if fallback is None:
                fallback = file
            else:
                os.close(file)
        if self._is_remote and address:
            try:
                sent = self._fetch(path, wanted)
                if fallback is not None:
                    os.close(fallback)
                return sent, False
            except OSError:
                pass
        if fallback is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return fallback, False

    def _fetch(self, path, wanted):
        """By `remote get`; a file without a build id may be another one by now, and is fetched each time."""
        key = (path, wanted)
        if not wanted or key not in self._sent:
            with tempfile.TemporaryDirectory(prefix="polyton-") as folder:
                copy = os.path.join(folder, "object")
                try:
                    gdb.execute(f"remote get {os.fsdecode(path)} {copy}", to_string=True)
                except gdb.error as error:
                    raise FileNotFoundError(errno.ENOENT, str(error)) from None
                file = open_own(copy)
            if key in self._sent:
                os.close(self._sent[key])
            self._sent[key] = file
        return os.open(f"/proc/self/fd/{self._sent[key]}", FLAGS)

    def close(self):
        for file in self._sent.values():
            os.close(file)
        self._sent = {}

"""What GDB debugs, as the library wants to know it: facts that are handed in, and callbacks that read on.

Neither GDB's symbols nor libthread_db are needed for that: only the auxiliary vector, the threads and memory.
"""

import ctypes
import errno
import os
import re
import struct
import time

import gdb

from . import files, thread_facts
from .library import GO_ON, OPEN_OBJECT, READ, TargetFacts, TargetFile, TargetOps, TargetRead

# What `info auxv` prints: a number, a name, a text, and the value, perhaps with the string that it points to.
AUXV = re.compile(r"^(\d+)\s+\S+\s.*?\s(0x[0-9a-f]+|\d+)(?:\s+\".*\")?$", re.MULTILINE)

# GDB's architecture: EM_*, ELFCLASS*
MACHINES = {"i386:x86-64": (62, 2), "i386:x64-32": (62, 1), "i386": (3, 1), "aarch64": (183, 2),
            "aarch64:ilp32": (183, 1), "riscv:rv64": (243, 2), "riscv:rv32": (243, 1), "s390:64-bit": (22, 2),
            "s390:31-bit": (22, 1), "powerpc:common64": (21, 2)}
ELFDATA2LSB, ELFDATA2MSB = 1, 2
# All of GDB's own memory as bytes. A thousand threads have some thousand pieces to be read, and getting at each by its
# ctypes structure takes longer than reading it.
OWN = memoryview((ctypes.c_ubyte * (1 << (47 if ctypes.sizeof(ctypes.c_void_p) == 8 else 30))).from_address(0)).cast("B")
PIECES = struct.Struct("@QPNi0Q")
READ_ALL, NOT_THERE = struct.pack("@i", 0), struct.pack("@i", errno.EFAULT)
# e_machine of programs that GDB has no architecture of its own for is in their headers.
HEADER_SIZE = 20
PATH_MAX = 4096
AT_EXECFN = 31


def connection_type(inferior):
    """"native", "core", "remote", "extended-remote"; "" if it is nothing that has memory."""
    connection = getattr(inferior, "connection", None)
    if connection is not None:
        return connection.type
    if not hasattr(inferior, "connection"):  # before GDB 12
        return "native" if inferior.pid and os.path.exists(f"/proc/{inferior.pid}/mem") else ""
    return ""


def require_subject(inferior):
    """What keeps us from looking is told in GDB's way, before anything is done."""
    if not inferior.pid:
        raise gdb.GdbError("polyton: there is no process: run or attach to one, or open a core. "
                           "(Files on disk: \"polyton report FILE\" in a shell.)")


class Target:
    """An inferior for one session of the library. @call is the Call that goes on, @deadline when it must be over."""

    def __init__(self, inferior):
        self.inferior = inferior
        self.type = connection_type(inferior)
        self.call = None
        self.deadline = None  # of time.monotonic()
        self._far_files = files.FarFiles(inferior, "remote" in self.type)
        self._files = self._far_files
        # The library keeps these: they live as long as it may call them.
        self.ops = TargetOps(ctypes.sizeof(TargetOps), READ(self._read), OPEN_OBJECT(self._open_object),
                             GO_ON(self._go_on))

    def close(self):
        self._far_files.close()

    # Callbacks: an answer that is not given is an interruption, which ends the capture.

    def _check_time(self):
        if self.deadline and time.monotonic() > self.deadline:
            raise TimeoutError("it took longer than it may (see \"show polyton limits seconds\")")

    def _read(self, _, pieces, count):
        try:
            self._check_time()
            read_memory = self.inferior.read_memory
            answer = pieces + TargetRead.error.offset
            for address, buffer, size, _ in PIECES.iter_unpack(bytes(OWN[pieces:pieces + count * PIECES.size])):
                try:
                    OWN[buffer:buffer + size] = read_memory(address, size).tobytes()
                    OWN[answer:answer + 4] = READ_ALL
                except (gdb.MemoryError, OverflowError):
                    OWN[answer:answer + 4] = NOT_THERE
                answer += PIECES.size
        except BaseException as error:  # pylint: disable=broad-except
            self.call.keep(error)

    def _open_object(self, _, wanted):
        file, is_given = -1, False
        try:
            wanted = wanted.contents
            try:
                file, wanted.is_loaded = self._files.open(wanted.path, wanted.address)
                is_given, wanted.fd, wanted.error = True, file, 0
            except (OSError, gdb.MemoryError) as error:
                wanted.error = getattr(error, "errno", None) or errno.ENOENT
        except BaseException as error:  # pylint: disable=broad-except
            if file >= 0 and not (is_given and not wanted.error):
                os.close(file)
            self.call.keep(error)

    def _go_on(self, _, answer):
        try:
            self._check_time()
            answer[0] = 0
        except BaseException as error:  # pylint: disable=broad-except
            self.call.keep(error)

    # Facts

    def facts(self, threads, has_running_threads):
        """struct polyton_target_facts, with all that it points to. @threads are those whose cells are wanted."""
        machine, elf_class, elf_data = self._machine()
        auxv = [int(word, 0) for pair in AUXV.findall(_execute("info auxv")) for word in pair]
        program = self._program(auxv)
        if self.type == "native":
            self._files = files.NativeFiles(self.inferior.pid, program)
        tids = [thread.ptid[1] or thread.ptid[2] for thread in threads]
        inner = thread_facts.inner_tids(self.inferior.pid, tids) if self.type == "native" else None
        names = thread_facts.names(threads, self.inferior.pid if self.type == "native" else None)
        count = len(threads)
        return TargetFacts(
            ctypes.sizeof(TargetFacts), self.inferior.pid, machine, elf_class, elf_data, os.fsencode(program),
            (ctypes.c_uint64 * len(auxv))(*auxv), len(auxv) // 2, count, (ctypes.c_int32 * count)(*tids),
            (ctypes.c_int32 * count)(*inner) if inner else None,
            (ctypes.c_uint64 * count)(*thread_facts.pointers(threads, machine)),
            (ctypes.c_char_p * count)(*(os.fsencode(name) if name else None for name in names)),
            has_running_threads)

    def _machine(self):
        """(EM_*, ELFCLASS*, ELFDATA*)"""
        is_big = "big endian" in _execute("show endian")
        known = MACHINES.get(self.inferior.architecture().name())
        if known:
            return (*known, ELFDATA2MSB if is_big else ELFDATA2LSB)
        try:
            with open(self.inferior.progspace.filename or "", "rb") as file:
                header = file.read(HEADER_SIZE)
            return int.from_bytes(header[18:20], "big" if header[5] == ELFDATA2MSB else "little"), header[4], header[5]
        except (OSError, IndexError):
            return 0, 2, ELFDATA2LSB

    def _program(self, auxv):
        if self.type == "native":
            try:
                path = os.readlink(f"/proc/{self.inferior.pid}/exe")
                return path[:-len(" (deleted)")] if path.endswith(" (deleted)") else path
            except OSError:
                pass
        path = self.inferior.progspace.filename or self._read_name(auxv)
        return path[len("target:"):] if path.startswith("target:") else path

    def _read_name(self, auxv):
        """As it was started, if GDB has no file of it."""
        address, name = dict(zip(auxv[::2], auxv[1::2])).get(AT_EXECFN, 0), b""
        try:
            while address and b"\0" not in name and len(name) < PATH_MAX:
                name += self.inferior.read_memory(address + len(name), 1).tobytes()
        except gdb.MemoryError:
            return ""
        return os.fsdecode(name.split(b"\0")[0])


def _execute(command):
    try:
        return gdb.execute(command, to_string=True)
    except gdb.error as error:
        raise gdb.GdbError(f"polyton: {error}") from None

"""Threads: who they are, and where their thread-locals are found. All of it without a switch of the thread where
possible, and without the user's thread and frame being others afterwards."""

import os

import gdb

EM_386, EM_X86_64, EM_AARCH64 = 3, 62, 183
# Registers with the thread pointer. On x86 libthread_db's handle is the same, at a hundredth of the cost; and of an i386
# program GDB has no such register.
REGISTERS = {EM_X86_64: ("$fs_base",), EM_AARCH64: ("$tpidr", "$TPIDR_EL0", "$tpidr_el0")}
HANDLE_IS_POINTER = {EM_386, EM_X86_64}
NAME_MAX = 64


def inner_tids(pid, tids):
    """As the process itself numbers its threads, if that is another namespace; else None."""
    def numbers(tid):
        with open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8", errors="replace") as file:
            return next((line.split()[1:] for line in file if line.startswith("NSpid:")), [tid])
    try:
        if len(numbers(pid)) == 1:
            return None
        return [int(numbers(tid)[-1]) for tid in tids]
    except OSError:
        return None


def names(threads, pid):
    """Their own names; of process @pid of this machine not GDB's, which may be ones that the user gave them."""
    if pid is None:
        return [thread.name for thread in threads]
    try:
        folder = os.open(f"/proc/{pid}/task", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return [None] * len(threads)
    try:
        return [_own_name(folder, thread.ptid[1]) for thread in threads]
    finally:
        os.close(folder)


def _own_name(folder, tid):
    try:
        file = os.open(f"{tid}/comm", os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    try:
        return os.fsdecode(os.read(file, NAME_MAX).rstrip(b"\n"))
    except OSError:
        return None
    finally:
        os.close(file)


def pointers(threads, machine):
    """0 where it is not known: the library then looks for it in the C library's own lists."""
    found = [0] * len(threads)
    if machine in HANDLE_IS_POINTER:
        for index, thread in enumerate(threads):
            try:
                found[index] = int.from_bytes(thread.handle(), "little")
            except (RuntimeError, gdb.error):
                break  # there is no libthread_db for this program, so for none of them
    if all(found):
        return found
    selected = gdb.selected_thread()
    frame = _selected_frame()
    try:
        for index, thread in enumerate(threads):
            if not found[index] and not thread.is_running():
                found[index] = _read_pointer(thread, REGISTERS.get(machine, ()))
    finally:
        if selected and selected.is_valid():
            selected.switch()
            if frame and frame.is_valid():
                frame.select()
    return found


def _selected_frame():
    try:
        return gdb.selected_frame()
    except gdb.error:
        return None


def _read_pointer(thread, registers):
    thread.switch()
    for register in registers:
        try:
            value = gdb.parse_and_eval(register)
            if value.type.code != gdb.TYPE_CODE_VOID:
                return int(value) & 0xffffffffffffffff
        except gdb.error:
            pass
    return 0

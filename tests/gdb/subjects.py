"""The programs that GDB looks at here: built for a machine, started, and what they say of themselves.

The sources are in programs/. They are built when a test first needs them, by the compiler of the machine that the test runs
on: so a newer distribution has its own.
"""

import contextlib
import functools
import pathlib
import shutil
import socket
import subprocess
import tempfile

import pytest

from conftest import plain_environment

SOURCES = pathlib.Path(__file__).with_name("programs")
ARM = pathlib.Path("/usr/aarch64-linux-gnu")
LIBRARIES = {"liba.so": 1001, "libb.so": 1002, "libdesc.so": 1004, "libold.so": 1005}
HOST_COUNT = 1003
UNIQUE = ("libunique1.so", "libunique2.so")


def compile_c(machine, output, *arguments):
    """One object of C sources: a library, unless "-pie" is among the arguments. Skips where no such can be made."""
    common = ["-g", "-O1", "-fPIC", "-Wl,--build-id", "-o", output, *arguments]
    before, after = [], ["-pthread", "-ldl"]
    if machine == "aarch64":
        # No compiler for it needs to be installed: clang makes it, the C library is that of the cross packages.
        if not all(map(shutil.which, ("clang", "ld.lld"))) or not (ARM / "lib/Scrt1.o").exists():
            pytest.skip("clang, lld or libc6-dev-arm64-cross is not installed")
        compiler = ["clang", "--target=aarch64-linux-gnu", "-mno-outline-atomics", "-fuse-ld=lld", "-nostdlib",
                    "-isystem", ARM / "include", f"-L{ARM}/lib"]
        after = ["-lc"]
        if "-pie" in arguments:
            before = ["-Wl,--dynamic-linker=/lib/ld-linux-aarch64.so.1", ARM / "lib/Scrt1.o", ARM / "lib/crti.o"]
            after.append(ARM / "lib/crtn.o")
    else:
        compiler = ["gcc", *(["-m32"] if machine == "i386" else [])]
    if not shutil.which(compiler[0]):
        pytest.skip(f"{compiler[0]} is not installed")
    done = subprocess.run([str(part) for part in (*compiler, *before, *common, *after)], cwd=SOURCES,
                          capture_output=True, text=True, check=False, env=plain_environment())
    if done.returncode and machine != "x86_64" and ("No such file" in done.stderr or "cannot find" in done.stderr):
        pytest.skip(f"no C library for {machine} is installed")
    assert done.returncode == 0, done.stderr


def library(machine, output, count, *arguments):
    compile_c(machine, output, "-shared", f"-Wl,-soname,{output.name}", "-DIS_LIBRARY", f'-DOWNER="{output.name}"',
              f"-DCOUNT={count}", *arguments, "context.c")


@functools.cache
def programs(machine="x86_64"):
    """The folder of the host and its libraries for that machine."""
    # Not in pytest's folders: those of this session only, and one for all its tests.
    kept = tempfile.TemporaryDirectory(prefix="polyton-gdb-")
    folder = pathlib.Path(kept.name)
    programs.kept.append(kept)
    compile_c(machine, folder / "host", "-pie", '-DOWNER="host"', f"-DCOUNT={HOST_COUNT}", "host.c", "context.c")
    for name, count in LIBRARIES.items():
        if name != "libdesc.so":
            library(machine, folder / name, count)
        elif machine == "x86_64":
            library(machine, folder / name, count, "-mtls-dialect=gnu2")
    if machine == "x86_64" and shutil.which("g++"):
        for name in UNIQUE:
            subprocess.run(["g++", "-std=c++17", "-g", "-O1", "-fPIC", "-shared", "-Wl,--build-id", f"-Wl,-soname,{name}",
                            "-o", folder / name, SOURCES / "unique.cpp"], check=True)
    return folder


programs.kept = []


class Truth:
    """What the host has printed.

    cells    {(tid, object): (address, id)}
    counts   {object: (address, value)}
    uniques  {(tid, object): (address, value)}
    worker   tids of those that have set their copies, beside the main thread; idle: that of one that has touched none
    """

    def __init__(self, lines):
        self.cells, self.counts, self.uniques, self.idle, self.pid = {}, {}, {}, None, None
        for line in lines:
            kind, *words = line.split()
            if kind in ("cell", "unique"):
                rows = self.cells if kind == "cell" else self.uniques
                rows[int(words[0]), words[1]] = (int(words[2], 16), int(words[3]))
            elif kind == "count":
                self.counts[words[0]] = (int(words[1], 16), int(words[2]))
            elif kind == "idle":
                self.idle = int(words[0])
            elif kind == "ready":
                self.pid = int(words[0])
        self.main = next(iter(self.cells))[0]
        self.workers = sorted({tid for tid, _ in self.cells} - {self.main})


def host_command(machine, *arguments):
    """The command line of the host; libraries are named without their folder ("liba.so", "apart:liba.so")."""
    folder = programs(machine)
    words = [folder / "host"]
    for argument in map(str, arguments):
        how, colon, name = argument.rpartition(":")
        words.append(f"{how}{colon}{folder / name}" if name.endswith(".so") else argument)
    return list(map(str, words))


def start_host(start, *arguments, machine="x86_64", **options):
    """(Running, Truth) of a host that stands."""
    running = start(host_command(machine, *arguments), **options)
    return running, Truth([*running.lines, f"ready {running.pid}"])


def free_port():
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")

"""GDB with the extension: one GDB for each test, started without anybody's own settings.

Environment, beside that of tests/conftest.py:
  POLYTON_BUILD  the folder with libpolyton.so.0; default build of this checkout
  POLYTON_GDB    the GDB to test, with options if need be; default "gdb"
"""

import importlib.util
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess

import pytest

pytest.register_assert_rewrite("judging")

# pytest knows one module "conftest" at a time, and from here on it is this one: so it has what the outer one has, too.
_spec = importlib.util.spec_from_file_location("outer_conftest", pathlib.Path(__file__).parents[1] / "conftest.py")
_outer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_outer)
globals().update({name: value for name, value in vars(_outer).items() if not name.startswith("__")})
ROOT, plain_environment = _outer.ROOT, _outer.plain_environment

BUILD = pathlib.Path(os.environ.get("POLYTON_BUILD") or ROOT / "build").absolute()
EXTENSION = ROOT / "gdb/polyton-gdb.py"
GDB = shlex.split(os.environ.get("POLYTON_GDB") or "gdb")

SETTINGS = ("set debuginfod enabled off", "set confirm off", "set pagination off", "set width 0",
            "set style enabled off", "set print thread-events off", "set python print-stack full")
# What a user must never see: they are the marks of a fault in the extension.
FAULTS = re.compile(r"Exception ignored|Traceback \(most recent|Python Exception|Error occurred in Python|"
                    r"internal-error|SystemError", re.IGNORECASE)


def gdb_version():
    """(13, 1); None if there is no GDB with Python."""
    if not shutil.which(GDB[0]):
        return None
    told = subprocess.run([*GDB, "-nx", "-q", "-batch", "-ex", "python import ctypes; print('GDB', gdb.VERSION)"],
                          capture_output=True, text=True, check=False, env=plain_environment(), stdin=subprocess.DEVNULL)
    found = re.search(r"^GDB .*?(\d+)\.(\d+)", told.stdout, re.MULTILINE)
    return tuple(map(int, found.groups())) if found else None


@pytest.fixture(scope="session")
def version():
    """GDB's version as a tuple; tests that need it are skipped where there is no GDB that can be extended."""
    found = gdb_version()
    if not found:
        pytest.skip(f"{' '.join(GDB)} is not installed, or has no Python with ctypes")
    if b"libasan" in subprocess.run(["ldd", BUILD / "libpolyton.so.0"], capture_output=True, check=True).stdout:
        pytest.skip("a library with AddressSanitizer can be loaded by a sanitized GDB only")
    return found


def gdb_environment(**changes):
    own = {"HOME": "/nonexistent", "TERM": "dumb", "POLYTON_LIBRARY": str(BUILD / "libpolyton.so.0")}
    return plain_environment(**{**own, **changes})


def gdb_command(*commands, before=(), args=(), extension=True, batch=True, settings=SETTINGS):
    """The command line: @before is done before the subject is opened, @commands afterwards."""
    first = [*settings, *([f"source {EXTENSION}"] if extension else []), *before]
    return [*GDB, "-nx", "-q", *(["-batch"] if batch else []), *(word for line in first for word in ("-iex", line)),
            *map(str, args), *(word for line in commands for word in ("-ex", line))]


class Answer(str):
    """What GDB printed on standard output, with: errors (standard error), status (exit code)."""

    errors, status = "", 0

    def after(self, mark):
        """What stands behind the line @mark, up to the next line of marks: see marked()."""
        return self.split(f"{mark}\n", 1)[1].split("----- ", 1)[0]


@pytest.fixture
def run_gdb(version):  # pylint: disable=unused-argument
    """run_gdb(*commands, pid=, core=, program=, args=(), before=(), extension=True, env={}, timeout=120) -> Answer

    Runs the commands in a fresh GDB with the extension, on that process (which goes on afterwards), core or program.
    Standard error is part of what must be free of faults.
    """
    def run(*commands, pid=None, core=None, program=None, args=(), before=(), extension=True, env=None, timeout=120,
            faults=FAULTS):
        subject = [*(["-p", pid] if pid else []), *([program] if program else []), *(["-c", core] if core else [])]
        command = gdb_command(*commands, before=before, args=[*args, *subject], extension=extension)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
                              env=gdb_environment(**(env or {})), encoding="utf-8", errors="surrogateescape")
        fault = faults.search(done.stdout + done.stderr)
        assert not fault, f"{fault[0]}:\n{done.stdout}\n{done.stderr}"
        assert done.returncode != -signal.SIGSEGV, done.stderr
        answer = Answer(done.stdout)
        answer.errors, answer.status = done.stderr, done.returncode
        return answer

    return run


def marked(*commands):
    """The commands with a line before each, for Answer.after(): "----- COMMAND"."""
    return [line for command in commands for line in ("echo ----- " + command.replace("\\", "\\\\") + "\\n", command)]


@pytest.fixture
def host_01(fixture_dir, start):
    """Fixture 01's host, running: a Running."""
    folder = fixture_dir("01_tokio_modules")
    if (folder / "skipped").exists():
        pytest.skip((folder / "skipped").read_text().strip())
    return start([folder / "host"], stderr=subprocess.DEVNULL)


@pytest.fixture
def host_04(fixture_dir, start):
    """Fixture 04's host, running: C statics in the program and two plugins."""
    return start([fixture_dir("04_c_statics") / "host"])

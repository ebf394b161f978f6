"""What all of polyton's Python tests share: running polyton, and starting programs for it to look at.

Environment:
  POLYTON           the program under test; default build/polyton of this checkout
  POLYTON_FIXTURES  where the fixtures were built; default build/fixtures of this checkout

A test that cannot be made here skips with its reason; a missing polyton or fixture is a failure, because
`make check` builds both first.
"""

import json
import os
import pathlib
import selectors
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
POLYTON = pathlib.Path(os.environ.get("POLYTON") or ROOT / "build/polyton").absolute()
FIXTURES = pathlib.Path(os.environ.get("POLYTON_FIXTURES") or ROOT / "build/fixtures").absolute()

# A shell that runs the tests in the background has them ignore Ctrl-C, and all programs that they start would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The inspector's own; whoever runs the tests may have any of them set.
DISPLAY_VARIABLES = ("NO_COLOR", "COLUMNS", "POSIXLY_CORRECT")


def plain_environment(**changes):
    """The environment without what changes polyton's output, then with @changes (None removes)."""
    environment = {k: v for k, v in os.environ.items() if k not in DISPLAY_VARIABLES}
    environment.update(TERM="xterm", LC_ALL="C.UTF-8")
    environment.update({k: v for k, v in changes.items() if v is not None})
    for name in (k for k, v in changes.items() if v is None):
        environment.pop(name, None)
    return environment


def command_line(*args):
    """polyton with these arguments, each turned into text: ["…/polyton", "report", "4242"]."""
    return [str(POLYTON), *map(str, args)]


def stand_still(pid):
    """Stop it and wait until all of it stands."""
    os.kill(pid, signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{pid}/task")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        states = [(task / "stat").read_text().rpartition(")")[2].split()[0] for task in tasks.iterdir()]
        if set(states) <= {"T", "t"}:
            return
        time.sleep(0.01)
    pytest.fail(f"{pid} does not stop")


class Running:
    """A started program.

    pid      the process to inspect: the one its "ready" line names, else the started one
    lines    what it printed before "ready PID", without line ends
    process  the Popen; its stdin is open, because fixtures end at end of file
    """

    def __init__(self, command, environment, cwd=None, **options):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=cwd, env=environment, start_new_session=True, **options)
        self.pid = self.process.pid
        self.lines = []
        self._pending = b""

    def read_line(self, timeout=30):
        """The next line of its standard output, without the line end."""
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    pytest.fail(f"{self.process.args} printed no further line in {timeout} s")
                piece = os.read(self.process.stdout.fileno(), 1 << 16)
                if not piece:
                    pytest.fail(f"{self.process.args} ended early, status {self.process.wait()}")
                self._pending += piece
        line, self._pending = self._pending.split(b"\n", 1)
        return line.decode(errors="surrogateescape")

    def wait_ready(self, timeout=30):
        while True:
            line = self.read_line(timeout)
            if line.split(" ")[0] == "ready":
                self.pid = int((line.split(" ") + [self.pid])[1])
                return
            self.lines.append(line)

    def ask(self, line, timeout=30):
        """Write one line to its standard input, answer with the next line it prints."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.read_line(timeout)

    def stop(self):
        """Kill it with everything it has started, and collect it. May be called twice."""
        if self.process.returncode is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass


@pytest.fixture(scope="session")
def polyton():
    """polyton(*args, env={}, timeout=60, **options) runs the inspector and returns the CompletedProcess.

    Its output is text (undecodable bytes as surrogates), not a terminal, so plain and not cut. `env` holds
    changes to the environment; the options are subprocess.run's. A signal that kills it fails the test.
    """
    assert POLYTON.exists(), f"{POLYTON} is not there: run make, or set POLYTON"

    def run(*args, env=None, timeout=60, **options):
        settings = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        settings.update(options)
        done = subprocess.run(command_line(*args), env=plain_environment(**(env or {})),
                              timeout=timeout, encoding="utf-8", errors="surrogateescape", **settings)
        assert done.returncode >= 0, f"{done.args} was killed by signal {-done.returncode}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="session")
def polyton_json(polyton):
    """polyton_json(*args, exits=(0, 1, 3)) adds --format json, checks the exit code, returns what it parsed."""

    def run(*args, exits=(0, 1, 3), **options):
        done = polyton(*args, "--format", "json", **options)
        assert done.returncode in exits, f"{done.args}: exit {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    return run


@pytest.fixture
def start():
    """start(command, ready=True, env={}, cwd=None) starts a program and returns a Running.

    `command` is one path or a list. With `ready` (the default) it first waits for the program's line
    "ready PID" (or "ready"). Everything started is killed, with its children, when the test ends.
    """
    started = []

    def run(command, ready=True, env=None, cwd=None, timeout=30, **options):
        parts = command if isinstance(command, (list, tuple)) else [command]
        running = Running(parts, plain_environment(**(env or {})), cwd, **options)
        started.append(running)
        if ready:
            running.wait_ready(timeout)
        return running

    yield run
    for running in started:
        running.stop()


@pytest.fixture(scope="session")
def fixture_dir():
    """fixture_dir("02_tls_truth") is the folder that fixture was built in."""

    def find(name):
        folder = FIXTURES / name
        assert folder.is_dir(), f"{folder} is not there: run make fixtures, or set POLYTON_FIXTURES"
        return folder

    return find


@pytest.fixture(scope="session")
def expected():
    """expected("02_tls_truth") is that fixture's expected.json, parsed."""
    return lambda name: json.loads((ROOT / "fixtures" / name / "expected.json").read_text())


@pytest.fixture
def build_program(tmp_path):
    """build_program(source, compiler="cc", flags=[]) compiles a C text and returns the program's path.

    It returns None if that compiler is missing or cannot make such programs, for the caller to skip.
    """

    def build(source, compiler="cc", flags=()):
        program = tmp_path / f"program{len(list(tmp_path.iterdir()))}"
        command = [compiler, "-x", "c", "-", "-x", "none", "-o", str(program), *flags]
        try:
            done = subprocess.run(command, input=source, text=True, capture_output=True)
        except FileNotFoundError:
            return None
        return program if done.returncode == 0 else None

    return build


@pytest.fixture
def tui():
    """tui(*args, columns=80, rows=24, term=..., locale=...) starts polyton on a terminal: tests/tui/terminal.py."""
    pytest.importorskip("pexpect")
    pytest.importorskip("pyte")
    sys.path.insert(0, str(ROOT / "tests/tui"))
    from terminal import Tui
    started = []

    def run(*args, **options):
        started.append(Tui(*args, **options))
        return started[-1]

    yield run
    for one in started:
        one.kill()


@pytest.fixture
def tokio_host(start, fixture_dir):
    """The first fixture, which has asked on a thread that is gone: no thread has the modules' copies."""
    folder = fixture_dir("01_tokio_modules")
    if (folder / "skipped").exists():
        pytest.skip((folder / "skipped").read_text().strip())
    return start([folder / "host", "--aside"])


@pytest.fixture(scope="session")
def stage_program(tmp_path_factory):
    """The program of tests/tui/stage.py and its two libraries."""
    sys.path.insert(0, str(ROOT / "tests/tui"))
    from stage import build
    return build(tmp_path_factory.mktemp("stage"))


@pytest.fixture
def stage(start, stage_program):
    """It runs, with both libraries loaded: stage_local and stage_count exist twice."""
    program, libraries = stage_program
    return start([program, *libraries])

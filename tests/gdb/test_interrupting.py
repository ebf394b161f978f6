"""Ctrl-C at any moment ends a command at once, and leaves everything as it was."""

import os
import random

import pytest

from conftest import FAULTS, gdb_command, gdb_environment
from subjects import free_port, need

pexpect = pytest.importorskip("pexpect")
from talking import Talking, interrupt_often  # pylint: disable=wrong-import-position

THREADS, TIMES, AT_MOST = 400, 10, 1000  # milliseconds, of a machine that does much else; tests/bench asks for 100


@pytest.fixture
def many(fixture_dir, start):
    return start([fixture_dir("08_many_threads") / "many", THREADS])


@pytest.mark.parametrize("line, far", [("polyton report", False), ("polyton report", True), ("polyton show cell", False)])
def test_interrupted_anywhere(line, far, many, start, version):  # pylint: disable=unused-argument
    seed = int(os.environ.get("POLYTON_SEED") or random.randrange(1 << 32))
    print(f"POLYTON_SEED={seed}")
    if far:
        need("gdbserver")
        place = f"127.0.0.1:{free_port()}"
        start(["gdbserver", "--attach", place, str(many.pid)], ready=False, stderr=-3)
    with Talking(gdb_command(args=[] if far else ["-p", many.pid], batch=False), gdb_environment()) as gdb:
        if far:
            gdb.say("set tcp connect-timeout 20")
            gdb.say(f"target remote {place}")
        whole = gdb.say(line)
        assert "exists 3 times" in whole
        answers, late = interrupt_often(gdb, line, "exists 3 times", TIMES, random.Random(seed))
        assert len(answers) == TIMES
        for answer, milliseconds in (*answers, *late):
            assert not FAULTS.search(answer), answer
            assert milliseconds < AT_MOST
        # Whatever was interrupted: the next one is as good as any.
        assert gdb.say(line) == whole

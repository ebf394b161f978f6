"""GDB with the library inside is the GDB that it was: no symbol leads elsewhere, no answer of its own differs."""

import os
import re
import subprocess

import pytest

from conftest import BUILD
from gdb_asked import LOAD, ask
from subjects import start_host

BINDING = re.compile(r"binding file (\S+) \[\d+\] to (\S+) \[\d+\]: \w+ symbol [`'](\S+?)'(?: \[(\S+)\])?$", re.MULTILINE)
OURS, WORKER = "libpolyton.so.0", "polyton-dwarf"


def base(path):
    return os.path.basename(path)


def dynamic_symbols(path, *options):
    done = subprocess.run(["nm", "-D", *options, path], capture_output=True, text=True, check=True)
    return {line.split()[-1].partition("@")[0] for line in done.stdout.splitlines()}


def needed(path):
    """Base names of all that it is linked with."""
    done = subprocess.run(["ldd", path], capture_output=True, text=True, check=True)
    return {base(line.split()[0]) for line in done.stdout.splitlines()}


@pytest.fixture
def log(version, start, tmp_path):  # pylint: disable=unused-argument
    """The loader's own log of a GDB that has looked at everything, as rows (from, to, symbol); and GDB's answers."""
    running, _ = start_host(start, "liba.so", "libb.so")
    folder = tmp_path / "logs"
    folder.mkdir()
    steps = [LOAD, "polyton report", "polyton show CONTEXT", "py __import__('os').getpid()",
             "py open('/proc/self/maps').read()"]
    answers = ask(tmp_path, steps, "-p", running.pid,
                  env={"LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(folder / "log"), "LD_BIND_NOW": "1"})
    assert "exists 3 times" in answers.text("polyton report")
    return bindings((folder / f"log.{answers.text(steps[3])}").read_text(errors="replace")), answers


def bindings(text):
    return [(base(source), base(target), symbol) for source, target, symbol, _ in BINDING.findall(text)]


def test_symbols_of_the_library(log):
    """What it refers to is defined by what it is linked with, and what it exports is nobody else's."""
    rows, answers = log
    assert any(source == OURS for source, *_ in rows)
    known = needed(BUILD / OURS) | {OURS}
    strays = [row for row in rows if row[0] == OURS and row[1] not in known]
    assert strays == []
    exported = dynamic_symbols(BUILD / OURS, "--defined-only")
    assert "polyton_open_debugger" in exported
    assert [row for row in rows if row[2] in exported and row[:2] != (OURS, OURS)] == []
    assert [row for row in rows if row[1] == OURS and row[0] != OURS] == []
    # libdw and libdwarf have names in common: the one is GDB's, the other is not there.
    loaded = {base(line.split()[-1]) for line in answers.text("py open('/proc/self/maps').read()").splitlines()}
    assert OURS in loaded and not any(name.startswith("libdwarf.so") for name in loaded)


def test_symbols_that_gdb_has_too(log):
    """For each name that the library wants and others in GDB have, it has got the one of its own libraries."""
    rows, _ = log
    wanted = dynamic_symbols(BUILD / OURS, "--undefined-only")
    got = {symbol: target for source, target, symbol in rows if source == OURS}
    assert len(wanted & set(got)) > 50
    assert [row for row in got.items() if row[1].startswith(("gdb", "libdw.", "libpython", "libbabeltrace"))] == []


def test_symbols_of_libdwarf():
    """The worker reads debug info, in a process of its own that has nothing of GDB's but where the libraries are."""
    done = subprocess.run([BUILD / WORKER], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          env={"LD_DEBUG": "bindings", "LD_BIND_NOW": "1"})
    rows = [row for row in bindings(done.stderr) if row[2].startswith("dwarf_")]
    assert {source.partition(".")[0] for source, *_ in rows} == {WORKER, "libdwarf"}
    assert {target.partition(".")[0] for _, target, _ in rows} == {"libdwarf"}


OWN = ("info threads", "info sharedlibrary", "info proc", "info auxv", "info files", "bt", "thread apply all bt 1",
       "print CONTEXT", "print &CONTEXT", "print g_count", "ptype struct context", "whatis touch", "list touch",
       "info line touch", "info symbol touch", "info address g_count", "info variables -q -n g_count", "info scope touch",
       "info source", "x/4i touch", "info registers", "info signals", "info all-registers", "show environment",
       "info breakpoints", "info frame", "complete print CONT", "print $_", "show convenience", "p $_siginfo",
       "maint info sections")
STATE = ("py [line for line in open('/proc/self/status') if line.startswith(('Sig', 'Shd', 'Threads', 'CapEff'))]",
         "py __import__('os').getcwd()", "py __import__('locale').setlocale(0)",
         "py [str(__import__('signal').getsignal(number)) for number in range(1, 65)]",
         "py [__import__('sys').unraisablehook is __import__('sys').__unraisablehook__]")


def test_own_answers(start, tmp_path):
    """Before the extension is there, and after it has looked at everything."""
    running, _ = start_host(start, "liba.so", "libb.so")
    # Asked once before: what GDB has listed last decides what a name means where the program has stopped in no file.
    steps = [*OWN, *OWN, *STATE, LOAD, "polyton report", "polyton show CONTEXT", "polyton objects", *OWN, *STATE]
    answers = ask(tmp_path, steps, "-p", running.pid)
    assert "exists 3 times" in answers.text("polyton report")
    for step in (*OWN, *STATE):
        times = (1, 2) if step in OWN else (0, 1)
        before, after = ([answers.of(step, number)[key] for key in ("text", "error")] for number in times)
        for said in (before, after):
            for key, text in enumerate(said):
                said[key] = blank(text)
        if step == "show convenience":  # the extension's own functions, and the history, are more
            continue
        assert after == before, step
    assert running.process.poll() is None


def blank(text):
    """Without the numbers of the value history."""
    return re.sub(r"^\$\d+ = ", "", text, flags=re.MULTILINE) if isinstance(text, str) else text

"""Core files: what is said of a core is what is said of the process that it was made of.

Differences that must be: a core knows the main thread's name only, and the other threads are called by their numbers.
"""

import contextlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess

import pytest

from conftest import stand_still

PROGRAMS = ["01_tokio_modules/host", "02_tls_truth/truth", "04_c_statics/host", "06_shared_library/host",
            "09_causes/not_exported", "10_merged/pinned", "11_libraries_twice/same_file"]
DEFAULT_FILTER, ALL_FILTER, NO_HEADERS_FILTER, NOTHING_FILTER = "0x33", "0x7f", "0x23", "0x00"
MUTANTS = 200


def gcore(pid, folder):
    if not shutil.which("gcore"):
        pytest.skip("no gcore")
    done = subprocess.run(["gcore", "-o", str(folder / "gcore"), str(pid)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    core = folder / f"gcore.{pid}"
    assert core.exists(), done.stdout + done.stderr
    return core


def allow_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def dumped_here(folder):
    """The kernel puts cores into the folder of the process, or the test is skipped."""
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern.startswith("|") or "/" in pattern:
        pytest.skip(f"core_pattern is {pattern!r}: cores do not stay here")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 and os.geteuid() != 0:
        pytest.skip("the hard limit for cores is 0")
    yield
    for core in folder.glob("core*"):
        core.unlink()


def kernel_core(running, folder, core_filter=DEFAULT_FILTER, number=signal.SIGABRT):
    """The process ends by @number, and leaves a core."""
    pathlib.Path(f"/proc/{running.pid}/coredump_filter").write_text(core_filter)
    os.kill(running.pid, number)
    os.kill(running.pid, signal.SIGCONT)
    running.process.wait(30)
    cores = list(folder.glob("core*"))
    assert len(cores) == 1, cores
    return cores[0]


def plain(report):
    """What a core and its process must agree on."""
    def cells(copy):
        return [{key: cell[key] for key in cell if key not in ("thread", "name")} for cell in copy.get("cells") or []]

    return {
        "threads": [(row["tid"], row["state"], row["tcb"], row["shares_tid"]) for row in report["threads"]],
        "objects": [{key: value for key, value in row.items() if key != "file"} for row in report["objects"]],
        "singletons": [{**row, "copies": [{**copy, "cells": cells(copy)} for copy in row["copies"]]}
                       for row in report["singletons"]],
        "findings": [(row["rule"], row["severity"], row["confidence"], row["singleton"], row["library"], row["object"])
                     for row in report["findings"]],
        "dropped": report["dropped"],
    }


def assert_same(core, process):
    core, process = plain(core), plain(process)
    for part in process:
        assert core[part] == process[part], part


def program_path(fixture_dir, name):
    folder, program = name.split("/")
    return fixture_dir(folder) / program


@pytest.mark.parametrize("name", PROGRAMS)
def test_gcore_is_the_process(name, fixture_dir, start, polyton_json, tmp_path):
    running = start([program_path(fixture_dir, name)], stderr=subprocess.DEVNULL)
    stand_still(running.pid)
    process = polyton_json("report", "--all", running.pid)
    core = gcore(running.pid, tmp_path)
    report = polyton_json("report", "--all", "--core", core)
    assert report["subject"]["type"] == "core"
    assert report["subject"]["pid"] == running.pid
    assert report["subject"]["signal"] is None or report["subject"]["signal"] == signal.SIGSTOP
    assert_same(report, process)


@pytest.mark.parametrize("core_filter", [DEFAULT_FILTER, ALL_FILTER])
@pytest.mark.parametrize("name", PROGRAMS)
def test_kernel_core_is_the_process(name, core_filter, fixture_dir, start, polyton_json, tmp_path):
    with dumped_here(tmp_path):
        running = start([program_path(fixture_dir, name)], cwd=tmp_path, preexec_fn=allow_core,
                        stderr=subprocess.DEVNULL)
        stand_still(running.pid)
        process = polyton_json("report", "--all", running.pid)
        report = polyton_json("report", "--all", "-c", kernel_core(running, tmp_path, core_filter))
        assert report["subject"]["signal"] == signal.SIGABRT
        assert report["subject"]["signal_tid"] in [row["tid"] for row in process["threads"]]
        assert_same(report, process)


@pytest.fixture
def host_core(fixture_dir, start, tmp_path):
    """A copy of a fixture that may be moved and replaced, its core, and its process's folder."""
    if not shutil.which("gcore"):
        pytest.skip("no gcore")
    folder = tmp_path / "app"
    shutil.copytree(fixture_dir("04_c_statics"), folder, symlinks=True)
    running = start([folder / "host"])
    stand_still(running.pid)
    core = gcore(running.pid, tmp_path)
    running.stop()
    return folder, core, running.pid


def test_every_view(host_core, polyton, polyton_json):
    _, core, pid = host_core
    for view in (["threads"], ["tls"], ["objects"], ["bindings"], ["show", "registry_count"]):
        assert polyton_json(*view, "-c", core)["subject"]["type"] == "core", view
    text = polyton("report", "--core", core)
    assert f"core of pid {pid}" in text.stdout.splitlines()[0]
    assert text.returncode == 1


def test_signal_is_told(fixture_dir, start, polyton, tmp_path):
    with dumped_here(tmp_path):
        running = start([fixture_dir("04_c_statics") / "host"], cwd=tmp_path, preexec_fn=allow_core)
        core = kernel_core(running, tmp_path, number=signal.SIGSEGV)
        head = polyton("report", "-c", core).stdout.splitlines()[0]
        assert f"core of pid {running.pid}, ended by SIGSEGV in thread {running.pid}" in head


def test_program_elsewhere(host_core, polyton_json, tmp_path):
    folder, core, _ = host_core
    before = polyton_json("report", "--all", "-c", core)
    moved = tmp_path / "moved"
    (folder / "host").rename(moved)
    without = polyton_json("report", "--all", "-c", core)
    assert any("cannot be opened" in note["text"] and note["loss"] for note in without["notes"])
    after = polyton_json("report", "--all", "-c", core, "--exe", moved)
    assert_same(after, before)
    assert not any("cannot be opened" in note["text"] for note in after["notes"])


def test_program_replaced(host_core, polyton_json, tmp_path):
    folder, core, _ = host_core
    before = polyton_json("report", "--all", "-c", core)
    kept = tmp_path / "kept"
    (folder / "host").rename(kept)
    shutil.copy("/bin/true", folder / "host")
    without = polyton_json("report", "-c", core)
    assert any("was replaced" in note["text"] and note["loss"] for note in without["notes"])
    assert_same(polyton_json("report", "--all", "-c", core, "--exe", kept), before)
    wrong = polyton_json("report", "-c", core, "--exe", "/bin/true")
    assert any("that was named" in note["text"] and note["loss"] for note in wrong["notes"])


def test_without_headers(fixture_dir, start, polyton, tmp_path):
    """No page tells which files they were: little can be seen, and that is said."""
    for core_filter in (NO_HEADERS_FILTER, NOTHING_FILTER):
        folder = tmp_path / core_filter
        folder.mkdir()
        with dumped_here(folder):
            running = start([fixture_dir("04_c_statics") / "host"], cwd=folder, preexec_fn=allow_core)
            core = kernel_core(running, folder, core_filter)
            done = polyton("report", "-c", core)
            assert done.returncode == 3, done.stdout
            assert done.stderr or "could not be seen" in done.stdout


def test_cut_off(host_core, polyton, tmp_path):
    _, core, _ = host_core
    data = core.read_bytes()
    for kept in (0, 3, 17, 63, 64, 100, 1000, len(data) // 8, len(data) // 4, len(data) // 2):
        short = tmp_path / "short"
        short.write_bytes(data[:kept])
        done = polyton("report", "-c", short)
        assert done.returncode in (1, 3), (kept, done.stderr)
        assert done.stderr or "is cut off" in done.stdout, kept


def spoil(data, chance):
    """Damage that a reader must look for: in the headers, the segments, the notes."""
    spoilt = bytearray(data)
    headers = int.from_bytes(data[32:40], "little")
    count = int.from_bytes(data[56:58], "little")
    notes = [i for i in range(count) if data[headers + 56 * i] == 4]
    areas = [(0, 64), (headers, headers + 56 * count)]
    for note in notes:
        at = headers + 56 * note
        offset, size = (int.from_bytes(data[at + k:at + k + 8], "little") for k in (8, 32))
        areas += [(offset, min(offset + size, len(data)))] * 4
    areas.append((0, len(data)))
    begin, end = chance.choice(areas)
    for _ in range(chance.choice((1, 2, 8, 64))):
        at = chance.randrange(begin, end)
        kind = chance.randrange(4)
        if kind == 0:
            spoilt[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            spoilt[at] = chance.choice((0, 1, 0x7f, 0x80, 0xff))
        elif kind == 2:
            spoilt[at:at + 8] = chance.choice((b"\xff" * 8, b"\0" * 8, b"\xff" * 7 + b"\x7f"))[:len(data) - at]
        else:
            other = chance.randrange(begin, end)
            spoilt[at:at + 8] = data[other:other + 8][:len(data) - at]
    return bytes(spoilt[:len(data)])


def test_mutants(host_core, polyton, tmp_path):
    """Damaged anywhere it is read: an answer or a refusal in time, never an end by signal."""
    _, core, _ = host_core
    data = core.read_bytes()
    mutant = tmp_path / "mutant"
    for number in range(MUTANTS):
        mutant.write_bytes(spoil(data, random.Random(number)))
        done = polyton("report", "-c", mutant, "--no-types", timeout=30)
        assert done.returncode in (0, 1, 3), (number, done.stderr)
        assert done.returncode != 3 or done.stderr or done.stdout, number


@pytest.mark.parametrize("content, words", [
    (b"", "is not a core file"), (b"\x28\xb5\x2f\xfd rest", "is compressed"), (b"text\n" * 100, "is not a core file")])
def test_no_core(content, words, polyton, tmp_path):
    path = tmp_path / "core"
    path.write_bytes(content)
    done = polyton("report", "-c", path)
    assert done.returncode == 3 and words in done.stderr


def test_wrong_calls(polyton, tmp_path):
    assert "is not a core file" in polyton("report", "-c", "/bin/true").stderr
    assert polyton("report", "-c", tmp_path).returncode == 2
    assert polyton("report", "-c", tmp_path / "none").returncode == 3
    for words in (["-c", "x", "-p", "1"], ["-c", "x", "1"], ["--exe", "x", "1"], ["-c", "x", "--stop"],
                  ["-c", "x", "--sysroot", "/"], ["-c"]):
        assert polyton("report", *words).returncode == 2, words
    os.mkfifo(tmp_path / "fifo")
    assert "not a regular file" in polyton("report", "-c", tmp_path / "fifo").stderr


def test_json_is_valid(host_core, polyton):
    jsonschema = pytest.importorskip("jsonschema")
    _, core, _ = host_core
    schema = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs/polyton.schema.json").read_text())
    jsonschema.validate(json.loads(polyton("report", "-c", core, "--format", "json").stdout), schema)

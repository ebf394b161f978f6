"""The library inside another program: GDB, which debugs a process and waits for children of its own."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT, plain_environment

LIBRARY = pathlib.Path(os.environ.get("POLYTON_BUILD") or ROOT / "build").absolute() / "libpolyton.so.0"
SCRIPT = pathlib.Path(__file__).with_name("in_gdb.py")


@pytest.fixture(scope="module")
def gdb():
    """A gdb with Python and ctypes."""
    if not shutil.which("gdb"):
        pytest.skip("gdb is not installed")
    known = subprocess.run(["gdb", "-nx", "-q", "-batch", "-ex", "python import ctypes, json; print('able')"],
                           capture_output=True, text=True, check=False, env=plain_environment())
    if "able" not in known.stdout:
        pytest.skip("this gdb has no Python")
    return ["gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set confirm off"]


@pytest.fixture
def told(gdb, start, fixture_dir, polyton_json, tmp_path):
    """What is found from outside, and from within GDB: (report, {...})."""
    if b"libasan" in subprocess.run(["ldd", LIBRARY], capture_output=True, check=True).stdout:
        pytest.skip("a sanitized library needs a sanitized gdb")
    program = next(fixture_dir("14_values").glob("c_gcc_*"))
    pid = start([program], env={"LD_PRELOAD": str(program.parent / "twins" / f"{program.name}.so")}).pid
    outside = polyton_json("show", "v_shape", pid)
    result = tmp_path / "result.json"
    done = subprocess.run([*gdb, "-p", str(pid), "-x", SCRIPT], capture_output=True, text=True, timeout=120,
                          check=False, env=plain_environment(LIBPOLYTON=str(LIBRARY), RESULT=str(result), NAME="v_shape"))
    assert result.exists(), done.stdout + done.stderr
    inside = json.loads(result.read_text())
    assert "error" not in inside, inside
    assert inside["pid"] == pid
    return outside, inside


def variables(report):
    """All that is known of the variable's copies, without what differs from look to look."""
    row, = report["singletons"]
    return [{key: copy[key] for key in ("object", "type", "type_missing", "declared", "producer", "cells", "size")}
            for copy in row["copies"]], row["layout"]


def test_types_are_read_in_gdb(told):
    """By the same worker, with the same answer as from outside, before and after the worker was killed."""
    outside, inside = told
    copies, _ = variables(outside)
    assert [copy["type"] for copy in copies] == ["struct shape", "struct shape"]
    for report in inside["reports"]:
        assert variables(report) == variables(outside)
    assert len(inside["reports"]) == 3


def test_gdb_and_the_worker_do_not_disturb_each_other(told):
    """GDB's calls of the process go on; a worker that GDB reaped is followed by another; none is left."""
    _, inside = told
    assert len(inside["alive"]) == 1 and len(inside["alive_again"]) == 1
    assert not set(inside["alive"]) & set(inside["alive_again"])
    assert inside["left"] == {}
    assert {inside[key] for key in inside if key.startswith("ran_")} == {inside["pid"]}
    assert int(inside["gdb"]) == told[0]["singletons"][0]["copies"][0]["size"]

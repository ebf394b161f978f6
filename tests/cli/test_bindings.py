"""The oracle of bindings, the small set: what polyton says a reference was bound to is what the loader says.

tests/bindings has how that is found out; `make check-bindings` does it with more and larger programs.
"""

import copy
import json
import pathlib
import platform
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bindings"))

import check_bindings  # noqa: E402
import compare  # noqa: E402
import debuglog  # noqa: E402
import programs  # noqa: E402

FIXTURES = sorted(path for path in (ROOT / "fixtures").glob("*/expected*.json")
                  if isinstance(json.loads(path.read_text()).get("program"), str))
TRUTH = ("truth", "truth_nopie")
DISTRIBUTION = [program for program in programs.PROGRAMS if program.name in ("cat", "sleep", "python3")]

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the oracle reads relocations of x86-64 only")
modes = pytest.mark.parametrize("is_now", (False, True), ids=("lazy", "now"))


def check(command, folder, is_now, **options):
    with check_bindings.frozen(command, folder, is_now, **options) as (process, rows):
        tally = compare.compare(process, rows)
    assert not tally.differences, "\n".join(map(str, tally.differences[:20]))
    assert not tally.unseen
    assert tally.agreeing["function"] > 10 and tally.agreeing["tls"]
    return tally


@modes
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_fixtures(path, is_now, fixture_dir, tmp_path):
    expected, folder = json.loads(path.read_text()), fixture_dir(path.parent.name)
    preload = ":".join(str(folder / name) for name in expected.get("preload", []))
    env = {"LD_PRELOAD": preload} if preload else {}
    check([folder / expected["program"]], tmp_path, is_now, ready="ready", env=env)


@modes
@pytest.mark.parametrize("program", TRUTH)
def test_every_way_to_a_thread_local(program, is_now, fixture_dir, tmp_path):
    tally = check([fixture_dir("02_tls_truth") / program, "--quiet"], tmp_path, is_now, ready="ready")
    assert tally.objects > 10


@modes
@pytest.mark.parametrize("program", DISTRIBUTION, ids=lambda program: program.name)
def test_programs_of_the_distribution(program, is_now, tmp_path):
    try:
        command = program.command(tmp_path)
    except programs.Missing as reason:
        pytest.skip(str(reason))
    tally = check(command, tmp_path, is_now, input_text=program.input, maps=program.maps)
    assert tally.agreeing["data"] > 20
    assert is_now == (not tally.pending)


def test_the_oracle_notices(fixture_dir, tmp_path):
    """Whatever polyton would get wrong about a reference, or leave out, or make up."""
    def differences(process, rows):
        return [str(one) for one in compare.compare(process, rows).differences]

    folder = fixture_dir("07_interposed")
    with check_bindings.frozen([folder / "copied"], tmp_path, True, ready="ready") as (process, rows):
        assert differences(process, rows) == []
        for kind in ("data", "function", "tls", "copy"):
            index = next(i for i, row in enumerate(rows) if row["kind"] == kind and row["provider"])
            for change in ({"provider": None}, {"expected": None}, {"provider": "ld-linux-x86-64.so.2"},
                           {"symbol": "gear_wheel"}, {"version": "V1"}, {"place": "0x10"}):
                wrong = copy.deepcopy(rows)
                wrong[index].update(change)
                symbols = (rows[index]["symbol"], wrong[index]["symbol"])
                assert any(symbol in line for symbol in symbols for line in differences(process, wrong))
            assert differences(process, rows[:index] + rows[index + 1:])
        assert differences(process, [*rows, rows[0]])
        assert differences(process, [{**rows[0], "object": "libnobody.so"}, *rows[1:]])


def line(symbol, end="", number=42):
    return f"{number:10}:\tbinding file program [0] to libc.so.6 [0]: normal symbol `{symbol}'{end}"


@pytest.mark.parametrize("text, wanted", (
    (line("mmap", " [V1]\n") + line("pause", "\n"), {"mmap": "V1", "pause": ""}),
    (line("mmap") + line("pause", " [V1]\n [V2]\n") + line("open", " [V3]\n"),
     {"mmap": debuglog.TORN, "pause": debuglog.TORN, "open": "V3"}),
    (line("mmap") + line("pause", " [V1]\n") + line("open", " [V2]\n [V3]\n") + line("close", " [V4]\n"),
     {"mmap": debuglog.TORN, "pause": debuglog.TORN, "open": debuglog.TORN, "close": "V4"}),
    (line("mmap", number=43) + line("pause", " [V1]\n") + "        42:\tcalling init: libx.so\n [V2]\n"
     + line("open", " [V3]\n"), {"pause": debuglog.TORN, "open": "V3"}),
), ids=("whole", "two threads", "three threads", "a child"))
def test_whose_a_line_s_end_is(text, wanted):
    """Threads write a line's version on its own: what follows a line while another lacks its end may be that one's."""
    later = debuglog.DebugLog(text, 42).objects["program", 0].later
    assert dict(later) == {(symbol, version): [("libc.so.6", 0)] for symbol, version in wanted.items()}


LIBRARIES = {  # in the order in which they are built
    "symbolic": ["-Wl,-Bsymbolic"],
    "deep": ["-L.", "-Wl,--no-as-needed", "-lsymbolic"],
    "table": ["-Wl,--hash-style=sysv"],
    "cells": ["-ftls-model=initial-exec", "-L.", "-Wl,--no-as-needed", "-ltable", "-ldeep"],
    "descriptor": ["-DPART_CELLS", "-Dcells_function=descriptor_function", "-mtls-dialect=gnu2", "-L.",
                   "-Wl,--no-as-needed", "-ltable", "-ldeep"],
    "before": [], "late": [], "later": [], "promoted": [], "own": [], "user": [],
}


@pytest.fixture(scope="module")
def corners(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corners")
    common = ["cc", "-O1", "-D_GNU_SOURCE", "-Wl,-z,lazy", str(ROOT / "tests/bindings/corners.c")]
    commands = [[*common, "-shared", "-fPIC", f"-DPART_{name.upper()}", f"-Wl,-soname,lib{name}.so", "-o",
                 f"lib{name}.so", *flags] for name, flags in LIBRARIES.items()]
    commands.append([*common, "-no-pie", "-fno-pic", "-o", "corners", "-L.", "-Wl,--no-as-needed", "-lcells",
                     "-ldescriptor", "-ltable", "-Wl,--allow-shlib-undefined", "-Wl,-rpath,$ORIGIN"])
    for command in commands:
        try:
            made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("no C compiler")
        assert made.returncode == 0, made.stderr
    return folder


@modes
@pytest.mark.parametrize("preloaded", (False, True), ids=("plain", "preloaded"))
def test_corners_of_the_lookup(corners, preloaded, is_now, tmp_path):
    env = {"LD_LIBRARY_PATH": str(corners), **({"LD_PRELOAD": str(corners / "libbefore.so")} if preloaded else {})}
    tally = check([corners / "corners"], tmp_path, is_now, ready="ready", env=env)
    assert tally.total["copy"] and tally.total["tls"] >= 4 and tally.computed["function"]

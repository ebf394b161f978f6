"""Files of programs for aarch64, looked at on another machine.

The programs run in qemu's user mode, with their own loader's log on. What polyton says their references are bound to has
to be what that loader says; and what it finds in them is what it finds in the same sources for x86_64.
"""

import json
import pathlib
import platform
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bindings"))
sys.path.insert(0, str(ROOT / "tests/cli"))

import compare  # noqa: E402
import debuglog  # noqa: E402
import test_files_as_process as on_disk  # noqa: E402
from conftest import FIXTURES  # noqa: E402

SYSROOT = pathlib.Path("/usr/aarch64-linux-gnu")
QEMU = shutil.which("qemu-aarch64")
FOLDERS = ("04_c_statics", "05_cxx_statics", "06_shared_library", "07_interposed", "09_causes", "10_merged",
           "11_libraries_twice", "13_static_tls")
CASES = [path for path in on_disk.CASES if path.parent.name in FOLDERS]
# Of glibc and gcc: whether a program has copies of their variables (COPY) is the machine's convention.
SYSTEM = ("libc.so.6", "libm.so.6", "libdl.so.2", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-aarch64.so.1",
          "ld-linux-x86-64.so.2")

pytestmark = [
    pytest.mark.skipif(not QEMU, reason="qemu-aarch64 is not installed"),
    pytest.mark.skipif(not (SYSROOT / "lib/libc.so.6").exists(), reason="no C library for aarch64 is installed"),
]


@pytest.fixture
def run(fixture_dir, start, tmp_path):
    """run(path, expected): the program and what is preloaded, the log of its loader, and its process id."""
    def go(path, expected):
        if not (FIXTURES / "aarch64").exists():
            pytest.skip("the fixtures were not built for aarch64: no compiler for it is installed")
        folder = fixture_dir("aarch64") / path.parent.name
        program, preload = folder / expected["program"], [folder / name for name in expected.get("preload", [])]
        if not program.exists():
            pytest.skip(f"{program.name} was not built")
        settings = {"LD_DEBUG": on_disk.CATEGORIES.replace(",", ":"), "LD_DEBUG_OUTPUT": tmp_path / "log",
                    "LD_BIND_NOW": 1, **({"LD_PRELOAD": ":".join(map(str, preload))} if preload else {})}
        inside = [word for name, value in settings.items() for word in ("-E", f"{name}={value}")]
        running = start([QEMU, "-L", SYSROOT, *inside, program])
        log = next(tmp_path.glob("log.*"))
        return program, preload, log.read_text(errors="replace"), int(log.suffix[1:])

    return go


@pytest.fixture
def look(run, polyton_json):
    """look(path, expected): the program with its loader's word (compare.Process), polyton's rows on the bindings of its files,
    and the command line that has polyton look at what that process loaded."""
    def go(path, expected):
        program, preload, log, pid = run(path, expected)
        before = [word for name in preload for word in ("--preload", name)]
        initial = polyton_json("objects", "--sysroot", SYSROOT, *before, program)["objects"]
        words = [*before, program, *on_disk.options_of(on_disk.opened(log), {str(row["path"]) for row in initial})]
        objects = polyton_json("objects", "--sysroot", SYSROOT, *words)["objects"]
        process = compare.Process(pid, str(program), objects, debuglog.DebugLog(log, pid))
        return process, polyton_json("bindings", "--sysroot", SYSROOT, *words)["bindings"], words

    return go


def bound_by_loader(process, item, row):
    relocated = process.relocated(item)
    return {process.name_of(key) for wanted in ((row["symbol"], row["version"]), (row["symbol"], debuglog.TORN))
            for key in relocated.words.get(wanted, ())}


def check_bindings(process, rows):
    """How many references the loader looked up, all as polyton says."""
    items, agreeing = {item["name"]: item for item in process.objects}, 0
    seen = set()
    for row in rows:
        assert row["provider"] == row["expected"] and row["source"] == "computed"
        said = bound_by_loader(process, items[row["object"]], row)
        seen.add((row["object"], row["symbol"], row["version"]))
        if said:
            assert row["provider"] in said, f"{row}: the loader says {said}"
            agreeing += 1
        else:  # nobody has it, or there was nothing to look up
            assert row["provider"] in (None, row["object"]), f"{row}: not in the loader's log"
    for key, relocated in process.log.objects.items():
        name = process.name_of(key)
        left = [word for word in relocated.words
                if word[1] != debuglog.TORN and (name, *word) not in seen and word[0] not in compare.LOADERS_OWN]
        assert not left, f"{name}: polyton does not list {left}"
    return agreeing


def is_system(name):
    return name is not None and name.split("@")[0] in SYSTEM


def own_facts(report):
    """What was found about the fixture's own objects, without what is the machine's convention."""
    lines = []
    for row in report["singletons"]:
        copies = [{**copy, "users": [user for user in copy["users"] if not is_system(user)]} for copy in row["copies"]
                  if not is_system(copy["object"])]
        if not row["dropped"] and len(copies) > 1:
            head = f"{row['kind']} {row['name']} ({row['confidence']})"
            lines += [f"{head} {copy}" for copy in on_disk.copies_of({"copies": copies})]
    for finding in report["findings"]:
        if not any(map(is_system, [finding["object"], *finding["objects"]])):
            headline = finding["headline"].replace("/aarch64/", "/")  # both machines' folders, however they are named
            lines.append(f"{finding['rule']} {finding['severity']} {headline} {finding['library']}")
    return lines


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_fixtures(path, look, fixture_dir, polyton_json):
    process, rows, words = look(path, json.loads(path.read_text()))
    assert check_bindings(process, rows) > 50

    arm = polyton_json("report", "--all", "--sysroot", SYSROOT, *words)
    assert arm["subject"]["machine"] == "aarch64"
    if platform.machine() == "x86_64":
        folders = str(fixture_dir("aarch64")), str(fixture_dir("aarch64").parent)
        here = polyton_json("report", "--all", *(str(word).replace(*folders) for word in words))
        assert own_facts(arm) == own_facts(here)


def test_the_comparison_notices(look):
    """A reference that is bound to another object, or is left out."""
    path = on_disk.SOURCES / "09_causes/expected_global_scope.json"
    process, rows, _ = look(path, json.loads(path.read_text()))
    check_bindings(process, rows)
    index = next(i for i, row in enumerate(rows) if row["provider"] not in (None, row["object"], "libc.so.6"))
    for provider in (None, rows[index]["object"], "libc.so.6"):
        wrong = [*rows]
        wrong[index] = {**rows[index], "provider": provider, "expected": provider}
        with pytest.raises(AssertionError, match="the loader says"):
            check_bindings(process, wrong)
    with pytest.raises(AssertionError, match="does not list"):
        check_bindings(process, rows[:index] + rows[index + 1:])

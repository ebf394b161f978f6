"""What polyton says of a program's files is what it says of the process that loaded them.

Each program is started with the loader's log on, which tells what it opened and how; the same files are then looked at
on disk, with the options for that. Objects, who is bound to what, why, and what is found have to be the same.
"""

import collections
import json
import os
import platform
import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bindings"))

import check_bindings  # noqa: E402
import compare as bindings  # noqa: E402
import debuglog  # noqa: E402
import programs  # noqa: E402
from trees import Tree  # noqa: E402

SOURCES = ROOT / "fixtures"
CASES = sorted(path for path in SOURCES.glob("*/expected*.json")
               if isinstance(json.loads(path.read_text()).get("program"), str))
OPENING = re.compile(r"\topening file=(?P<path>.*) \[(?P<space>\d+)\]; direct_opencount=")
# Its own list stands before that of all; the list of a DF_SYMBOLIC object alone would be a third one.
DEEPBOUND = re.compile(r"\tobject=(?P<path>.*) \[\d+\]\n *\d+:\t scope 0: (?P=path)(?: .*)?\n *\d+:\t scope 1:.*\n"
                       r"(?! *\d+:\t scope 2:)")
PROMOTED = re.compile(r"\tadd (?P<path>.*) \[\d+\] to global scope")

# What only values tell, so that files cannot have it.
OF_VALUES = {
    "PT004": "some copies are set, others not",
    "PT011": "how much static TLS is left is the running loader's",
}
# Nor how severe it is that several copies of a pointer still agree, as stderr's do after a COPY relocation.
AGREEING = "They hold the same so far."


def opened(log):
    """What was opened, in order, once each: [(path, options)]."""
    found, promoted = {}, {match["path"] for match in PROMOTED.finditer(log)}
    deepbound = {match["path"] for match in DEEPBOUND.finditer(log)}
    for match in OPENING.finditer(log):
        path, space = match["path"], match["space"]
        options = ["--namespace"] if space != "0" else \
            ["--global"] * (path in promoted) + ["--deepbind"] * (path in deepbound) or ["--plugin"]
        found.setdefault((path, space), options)
    return [(path, options) for (path, _), options in found.items()]


def options_of(openings, initial):
    """The words of the command line. @initial: what the program has by itself; opening that changes nothing."""
    return [word for path, options in openings
            if path and (options == ["--namespace"] or os.path.realpath(path) not in initial)
            for option in options for word in (option, path)]


def copies_of(row):
    return [(copy["object"], copy["symbol"], copy["size"], copy["use"], sorted(copy["users"]), copy["bound_to"],
             copy["reason"] and copy["reason"]["cause"]) for copy in row["copies"]]


def facts(report, agreeing):
    """Everything that has to be the same, as lines that a person can compare."""
    lines = [f"object {row['name']} {os.path.realpath(row['path'])}" for row in report["objects"]
             if not row["name"].startswith("linux-vdso")]
    for row in report["singletons"]:
        head = f"{row['kind']} {row['name']} ({row['confidence']}, {row['dropped']})"
        lines += [head, *(f"{head} {copy}" for copy in copies_of(row))]
    for finding in report["findings"]:
        severity = "" if finding["singleton"] in agreeing else finding["severity"]
        if finding["rule"] not in OF_VALUES:
            lines.append(f"{finding['rule']} {severity} {finding['singleton']} {finding['object']} "
                         f"{finding['library']} {finding['objects']}")
    return lines


def compare(process, files):
    agreeing = {finding["singleton"] for finding in process["findings"] if AGREEING in finding["detail"]}
    one, other = facts(process, agreeing), facts(files, agreeing)
    missing = [f"process only: {line}" for line in one if line not in set(other)]
    missing += [f"files only: {line}" for line in other if line not in set(one)]
    # The severe come first, so where that is open the order is, too.
    is_same = one == other or (agreeing and sorted(one) == sorted(other))
    return missing or ([] if is_same else ["not in the same order"])


@pytest.fixture
def ask_files(polyton_json):
    """ask_files(command, program, log, preload): polyton's word on the files of what wrote that log."""
    def ask(command, program, log, preload=()):
        options = {"cwd": "/", "env": {"LD_LIBRARY_PATH": None}, "timeout": 300}
        before = [word for path in preload for word in ("--preload", path)]
        initial = polyton_json("objects", *before, program, **options)["objects"]
        words = options_of(opened(log), {os.path.realpath(row["path"]) for row in initial})
        return polyton_json(*command, *before, program, *words, **options)

    return ask


@pytest.fixture
def both(polyton_json, ask_files):
    """both(pid, program, log, preload): polyton's word on the process, and on the files."""
    def look(pid, program, log, preload=()):
        process = polyton_json("report", "--all", pid, timeout=300)
        return process, ask_files(["report", "--all"], program, log, preload)

    return look


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_fixtures(path, fixture_dir, start, both, tmp_path):
    expected, folder = json.loads(path.read_text()), fixture_dir(path.parent.name)
    program = folder / expected["program"]
    if not program.exists():
        pytest.skip(f"{program.name} was not built")
    preload = [folder / name for name in expected.get("preload", [])]
    log = tmp_path / "log"
    running = start([program], env={"LD_PRELOAD": ":".join(map(str, preload)) or None, "LD_DEBUG": "files,scopes",
                                    "LD_DEBUG_OUTPUT": str(log)})
    text = pathlib.Path(f"{log}.{running.process.pid}").read_text(errors="replace")
    assert "\n".join(compare(*both(running.pid, program, text, preload))) == ""


CATEGORIES = debuglog.CATEGORIES + ",scopes"
REAL = ("cat", "bash", "python3", "apache2", "gdb", "perl", "openssl", "git", "vim", "sqlite3", "php", "ruby", "nginx",
        "clang", "node", "java", "ssh")


@pytest.mark.parametrize("program", [one for one in programs.PROGRAMS if one.name in REAL], ids=lambda one: one.name)
def test_programs_of_the_distribution(program, both, tmp_path):
    """At rest and stopped, with all that they have opened until then."""
    try:
        command = program.command(tmp_path)
    except programs.Missing as reason:
        pytest.skip(str(reason))
    subject = check_bindings.Subject(command, tmp_path, False, program.input, maps=program.maps,
                                     env={**program.env, "LD_DEBUG": CATEGORIES})
    try:
        subject.wait_at_rest()
        subject.freeze()
        log = subject.log.read_text(errors="replace")
        assert "\n".join(compare(*both(subject.pid, command[0], log))) == ""
    finally:
        subject.end()


def key_of(row):
    return row["object"], row["symbol"], row["version"], row["kind"]


def derived(process_rows, file_rows):
    """The rows of the process with what the files say in the place of what was read from it."""
    rows, queues = [], collections.defaultdict(collections.deque)
    for row in file_rows:
        assert row["source"] == "computed" and row["provider"] == row["expected"]
        queues[key_of(row)].append(row)
    for row in process_rows:
        if queues[key_of(row)]:
            provider = queues[key_of(row)].popleft()["provider"]
            rows.append({**row, "provider": provider, "expected": provider})
    left = [row for queue in queues.values() for row in queue]
    return rows, left


def check_derived(ask_files, command, folder, preload=(), **options):
    env = {**options.pop("env", {}), "LD_DEBUG": CATEGORIES,
           **({"LD_PRELOAD": ":".join(map(str, preload))} if preload else {})}
    with check_bindings.frozen(command, folder, True, env=env, **options) as (process, rows):
        log = next(folder.glob(f"loader.{process.pid}")).read_text(errors="replace")
        files = ask_files(["bindings"], command[0], log, preload)
        merged, left = derived(rows, files["bindings"])
        tally = bindings.compare(process, merged)
    assert [str(one) for one in tally.differences[:20]] == [] and [key_of(row) for row in left[:20]] == []
    assert tally.agreeing["function"] > 10
    return tally


ATTEMPTS = 5

of_x86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the oracle reads relocations of x86-64 only")


@of_x86_64
@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_bindings_of_fixtures(path, fixture_dir, ask_files, tmp_path):
    """What the files say a reference will be bound to is what the loader then said."""
    expected, folder = json.loads(path.read_text()), fixture_dir(path.parent.name)
    program = folder / expected["program"]
    if not program.exists():
        pytest.skip(f"{program.name} was not built")
    check_derived(ask_files, [program], tmp_path, [folder / name for name in expected.get("preload", [])],
                  ready="ready")


@of_x86_64
@pytest.mark.parametrize("program", [one for one in programs.PROGRAMS if one.name in REAL], ids=lambda one: one.name)
def test_bindings_of_programs(program, ask_files, tmp_path):
    for attempt in range(ATTEMPTS):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        try:
            command = program.command(folder)
            tally = check_derived(ask_files, command, folder, input_text=program.input, maps=program.maps, env=program.env)
            break
        except programs.Missing as reason:
            pytest.skip(str(reason))
        except ValueError:
            # Threads that bind at the same time write their lines of the loader's log into each other.
            if attempt + 1 == ATTEMPTS:
                raise
    assert tally.agreeing["data"] > 20


# Each library defines all of it, and the function that is its own asks for it.
FILTERED = """
__thread int counter = 1; int setting = 1; int tell(void) { return 1; }
int ask_%s(void) { return counter + setting + tell(); }
"""
FILTER_HOST = """
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
int ask_filter(void), ask_other(void);
extern int setting; extern __thread int counter; int tell(void);
int main(int count, char **words)
{
	for (int i = 1; i < count; i++)
		if (!dlopen(words[i], RTLD_NOW | (i > 1 ? RTLD_GLOBAL : 0)))
			return fprintf(stderr, "%s\\n", dlerror());
	printf("%d\\nready\\n", ask_filter() + ask_other() + setting + counter + tell());
	fflush(stdout);
	pause();
	return 0;
}
"""


@of_x86_64
@pytest.mark.parametrize("plugins", [(), ("one.so",), ("one.so", "two.so")], ids=len)
@pytest.mark.parametrize("preload", [(), ("libfiltee.so",), ("libpreload.so",)], ids=lambda names: "".join(names))
def test_filters(ask_files, both, tmp_path, preload, plugins):
    """What an object filters (DT_FILTER, DT_AUXILIARY) is asked before it: of the program's, of what is preloaded, of
    plugins; in a process, too, the filtee stands first."""
    tree = Tree(tmp_path)

    def library(name, *needs, flags=()):
        tree.library(f"{name}.so", *needs, rpath="$ORIGIN", flags=[flag for flag in flags if flag],
                     source=FILTERED % name.removeprefix("lib"))

    for name in ("libother", "libfiltee", "libhelper", "libdeep", "libnew"):
        library(name)
    library("libhelper", "libdeep.so")
    library("libfiltee", "libhelper.so")
    library("libfilter", "libother.so", flags=["-Wl,-F,libfiltee.so", "-Wl,-f,libnowhere.so"])
    library("libpreload", flags=["-Wl,-f,libdeep.so"])
    library("one", "libfilter.so", flags=["-Wl,-F,libnew.so"])
    library("two", flags=["-Wl,-F,libother.so", "-Wl,-f,one.so"])
    program = tree.program("program", "libfilter.so", "libother.so", rpath="$ORIGIN", source=FILTER_HOST)
    preload, command = [tree / name for name in preload], [program, *(tree / name for name in plugins)]
    check_derived(ask_files, command, tmp_path, preload, ready="ready")
    options = {"env": {"LD_PRELOAD": ":".join(map(str, preload)), "LD_DEBUG": CATEGORIES}, "ready": "ready"}
    with check_bindings.frozen(command, tmp_path, True, **options) as (process, rows):
        assert not bindings.compare(process, rows).differences
        log = next(tmp_path.glob(f"loader.{process.pid}")).read_text(errors="replace")
        providers = {row["provider"] for row in rows if row["object"] == "program" and row["symbol"] == "tell"}
        report, files = both(process.pid, program, log, preload)
    assert "\n".join(compare(report, files)) == ""
    assert providers == {"libdeep.so" if "libpreload.so" in map(os.path.basename, preload) else "libfiltee.so"}


@of_x86_64
def test_the_comparisons_notice(fixture_dir, ask_files, both, tmp_path):
    """Whatever would be wrong of the files: who is bound to what, a copy, a cause, a finding, an object."""
    program = fixture_dir("09_causes") / "not_exported"
    env = {"LD_DEBUG": CATEGORIES}
    with check_bindings.frozen([program], tmp_path, True, ready="ready", env=env) as (process, rows):
        log = next(tmp_path.glob(f"loader.{process.pid}")).read_text(errors="replace")
        of_files = ask_files(["bindings"], program, log)["bindings"]
        assert derived(rows, of_files[1:])[0] == derived(rows, of_files)[0][1:]
        wrong = next(row for row in of_files if row["provider"] == "libc.so.6")
        wrong.update(provider="not_exported", expected="not_exported")
        assert len(bindings.compare(process, derived(rows, of_files)[0]).differences) == 1
        report, files = both(process.pid, program, log)
    assert compare(report, files) == []
    number = next(i for i, row in enumerate(files["singletons"]) if row["name"] == "thing_counts")
    for change in (lambda it: it["objects"].pop(), lambda it: it["findings"].pop(),
                   lambda it: it["singletons"][number]["copies"][0].update(use="shadowed"),
                   lambda it: it["singletons"][number]["copies"][1]["reason"].update(cause="hidden"),
                   lambda it: it["singletons"][number]["copies"][1]["users"].append("libc.so.6"),
                   lambda it: it["findings"].insert(0, it["findings"].pop())):
        changed = json.loads(json.dumps(files))
        change(changed)
        assert compare(report, changed) != []

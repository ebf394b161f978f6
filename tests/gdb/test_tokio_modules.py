"""The first fixture in GDB: a Rust host whose modules each have a tokio of their own.

For both builds: with the first rustc in PATH, and with the distribution's; with the pretty printers of that rustc where
they are installed (of Debian's in rust-gdb).
"""

import pathlib
import re
import subprocess

import pytest

from conftest import marked

BUILDS = ("01_tokio_modules", "01_tokio_modules_distribution")
MODULES = ["libmod_same.so", "libmod_other.so", "libmod_release.so"]
OBJECTS = ["host", "libmod_same.so", "libmod_other.so"]


class Build:
    """One build of the fixture. @where: what run_gdb() needs for the printers of its rustc."""

    def __init__(self, folder):
        self.folder = folder
        lines = (folder / "compiler").read_text().splitlines()
        self.has_printers, self.where = False, {}
        try:
            told, root = (subprocess.run([lines[1], *words], capture_output=True, text=True, check=True).stdout.strip()
                          for words in (["--version"], ["--print", "sysroot"]))
        except OSError:
            return
        # Another release's printers do not know these types.
        if not any(told.split(" (")[0] == line.split(" (")[0].strip() for line in lines):
            return
        printers = pathlib.Path(root) / "lib/rustlib/etc"
        self.has_printers = (printers / "gdb_lookup.py").exists()
        if self.has_printers:
            self.where = {"before": [f"add-auto-load-safe-path {printers}"], "args": ["--directory", printers],
                          "env": {"PYTHONPATH": str(printers)}}


@pytest.fixture(params=BUILDS)
def build(request, fixture_dir):
    try:
        folder = fixture_dir(request.param)
    except AssertionError:
        if request.param == BUILDS[0]:
            raise
        pytest.skip("the first rustc is the distribution's")  # build.mk makes one build only then
    if (folder / "skipped").exists():
        pytest.skip((folder / "skipped").read_text().strip())
    return Build(folder)


@pytest.fixture
def host(build, start):
    return start([build.folder / "host"], stderr=subprocess.DEVNULL)


def cells(text):
    """{object: {tid: (state, rest of the row)}} of what show says is in each object's copy."""
    found = {}
    for part in re.split(r"^In ", text, flags=re.MULTILINE)[1:]:
        name, _, rows = part.partition("\n")
        found[name] = {int(row[1]): (row[2], row[3] or "") for row in re.finditer(
            r"^ +(\d+) +(?:[^ 0]\S* +)?(alive|not allocated)(?: +0x[0-9a-f]+  (.*))?$", rows, re.MULTILINE)}
    return found


def test_show(build, host, run_gdb, polyton_json):
    """The matrix that polyton shows of the process, with the values as GDB's printers write them."""
    answer = run_gdb("polyton show CONTEXT", pid=host.pid, **build.where)
    found = cells(answer)
    row, = polyton_json("show", "CONTEXT", host.pid)["singletons"]
    outside = {copy["object"]: {cell["tid"]: "alive" if cell["value"] else cell["state"].replace("-", " ")
                                for cell in copy["cells"]} for copy in row["copies"]}
    assert {name: {tid: state for tid, (state, _) in rows.items()} for name, rows in found.items()} == outside
    assert list(found) == OBJECTS and all(len(rows) == 3 for rows in found.values())
    for name, rows in found.items():
        for state, text in rows.values():
            if state == "alive":
                assert "tokio::runtime::context::Context {" in text
                assert ("Handle>::Some(" in text) == (name == "host")
                # What the printers make of core::cell::Cell<...> {value: core::cell::UnsafeCell<...> {value: ...}}.
                assert ("thread_id: Cell = {value = " in text) == build.has_printers
    assert "Values that are not as GDB writes them" not in answer


def test_layout_is_that_of_each_object(build, host, run_gdb):
    """libmod_other.so was built without a feature: in its Context, the same member has another place."""
    lines = [f'output (long)&$_polyton("CONTEXT", "{name}").{{rng}} - (long)&$_polyton("CONTEXT", "{name}")' for name in OBJECTS]
    # Before rustc 1.80 std's storage has an Option of it.
    member = "rng" if "distribution" not in build.folder.name else "Some.__0.rng"
    lines = [line.format(rng=member) for line in lines]
    answer = run_gdb(*marked(*lines), pid=host.pid, **build.where)
    offsets = [int(re.match(r"-?\d+", answer.after(line))[0]) for line in lines]
    assert offsets[0] == offsets[1] != offsets[2]


def test_print_in_each_thread(build, host, run_gdb):
    """In the main thread the module's own copy, which has a seed and no runtime; in the workers what it would be."""
    command = 'print $_polyton(b"CONTEXT", b"libmod_same.so")'
    lines = ["set language rust"]
    for number in (1, 2, 3):
        lines += [f"thread {number}", f"echo ----- {number}\\n", command, "echo ----- \\n"]
    answer = run_gdb(*lines, pid=host.pid, **build.where)
    first, *others = (answer.after(str(number)) for number in (1, 2, 3))
    assert "tokio::runtime::context::Context {" in first and "Handle>::None" in first
    for text in others:
        assert re.match(r"polyton: thread \d \(LWP \d+\) has not allocated libmod_same.so's copy: it would start as", text)
        # std's storage has a state of its own since rustc 1.80; before, an Option.
        assert re.search(r"State<\(\)>::Uninitialized\b|Option<tokio::runtime::context::Context>::None\b", text)


def test_print_of_the_host_in_each_thread(build, host, run_gdb):
    """Each thread's own; GDB's "print" in a C function as well, though it writes Rust's enums in C's way."""
    lines = []
    for number in (1, 2, 3):
        lines += [f"thread {number}", f"echo ----- {number}\\n", 'output/x (long)&$_polyton("CONTEXT", "host")',
                  "echo \\n----- \\n"]
    answer = run_gdb(*lines, "polyton show CONTEXT", pid=host.pid, **build.where)
    places = [answer.after(str(number)).strip() for number in (1, 2, 3)]
    shown = re.findall(r"alive +(0x[0-9a-f]+)", answer.split("\nIn host\n")[1].split("\nIn ")[0])
    assert len(set(places)) == 3 and sorted(places) == sorted(shown)


def test_catch_duplicate(build, run_gdb):
    """A stop at each module's load, with the host's function on the stack. The stripped one can only be told apart by
    the crates that its panic messages name."""
    lines = []
    for name in MODULES:
        lines += [f"echo ----- {name}\\n", "bt", "continue"]
    answer = run_gdb("polyton catch duplicate", "run </dev/null", *lines, program=build.folder / "host", **build.where)
    stops = re.findall(r"^Catchpoint 1 \(duplicate\), thread 1, called by host::load of host(?:, main.rs:\d+)?:\n(\S+) (brings|embeds) ",
                       answer, re.MULTILINE)
    assert stops == [("libmod_same.so", "brings"), ("libmod_other.so", "brings"), ("libmod_release.so", "embeds")]
    assert re.search(r"^libmod_release.so embeds .*tokio 1\.\d+\.\d+.*, which other objects have, too", answer, re.MULTILINE)
    assert "  tokio::runtime::context::CONTEXT (thread-local), as in host\n" in answer
    for name in MODULES:
        assert re.search(r"^#\d+ .* in host::load \(.*\n(.*\n)*#\d+ .* in host::main ", answer.after(name), re.MULTILINE)
        # Before the host has asked it anything.
        assert f"{name} sees" not in answer.split(f"----- {name}\n")[0]
    assert "exited normally" in answer


def test_notified(build, run_gdb):
    """Unasked, at the first stop after they were loaded."""
    where = dict(build.where, before=[*build.where.get("before", []), "set breakpoint pending on"])
    answer = run_gdb("break exit", "run </dev/null", program=build.folder / "host", **where)
    assert re.findall(r"^polyton: (\S+) (brings|embeds)", answer, re.MULTILINE) == [
        ("libmod_same.so", "brings"), ("libmod_other.so", "brings"), ("libmod_release.so", "embeds")]


def test_core(build, host, run_gdb, tmp_path):
    """The same of a core file, where nothing can be called."""
    core = tmp_path / "core"
    run_gdb(f"generate-core-file {core}", pid=host.pid)
    command = 'output $_polyton(b"CONTEXT", b"libmod_same.so")'
    answer = run_gdb("set language rust", *marked(command, "polyton show CONTEXT"), program=build.folder / "host", core=core,
                     **build.where)
    assert "tokio::runtime::context::Context {" in answer.after(command)
    assert {name: sorted(state for state, _ in rows.values())
            for name, rows in cells(answer.after("polyton show CONTEXT")).items()} == {
        "host": ["alive"] * 3, "libmod_same.so": ["alive"] + ["not allocated"] * 2,
        "libmod_other.so": ["alive"] + ["not allocated"] * 2}

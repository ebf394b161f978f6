"""Types: where they are from, what they say of two builds of one variable, and what is left when they cannot be read.

The values themselves are the matter of test_14_values.py.
"""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT

CONTEXT = "tokio::runtime::context::CONTEXT"
GLOBAL_DISPATCH = "tracing_core::dispatcher::GLOBAL_DISPATCH"
SHAPE = "struct shape"
TYPED = ("type", "type_missing", "declared", "producer")
NOT_SEEN = 3
FAKES = pathlib.Path(os.environ.get("POLYTON_BUILD") or ROOT / "build") / "tests/test_dwarf_client"


@pytest.fixture(params=("01_tokio_modules", "01_tokio_modules_distribution"))
def tokio(request, fixture_dir):
    """The folder of a host and its modules, once per compiler."""
    if request.param == "01_tokio_modules_distribution" and not (
            fixture_dir("01_tokio_modules").parent / request.param).is_dir():
        pytest.skip("the only cargo is the distribution's, or the distribution has none")
    found = fixture_dir(request.param)
    if (found / "skipped").exists():
        pytest.skip((found / "skipped").read_text().strip())
    return found


@pytest.fixture
def pair(start, fixture_dir, tmp_path):
    """pair(*objcopy's options) starts a C program and a twin of it, the twin's file changed by these."""
    def run(*options):
        folder = fixture_dir("14_values")
        program = next(folder.glob("c_gcc_*"))
        twin = folder / "twins" / f"{program.name}.so"
        if options:
            changed = tmp_path / twin.name
            subprocess.run(["objcopy", *options, twin, changed], check=True)
            twin = changed
        return start([program], env={"LD_PRELOAD": str(twin)})
    return run


def copies_of(report, name):
    row, = (row for row in report["singletons"] if row["name"] == name)
    return {copy["object"]: copy for copy in row["copies"]}


def twins(report, name="v_shape"):
    """The program's copy and its twin's."""
    copies = copies_of(report, name)
    own, = (object_ for object_ in copies if not object_.endswith(".so"))
    return copies[own], copies[f"{own}.so"]


def values(copy):
    return {cell["tid"]: cell["value"] for cell in copy["cells"] if cell["value"]}


def texts_of(report):
    """Every value's text, as {(name, object, thread): text}."""
    return {(row["name"], copy["object"], tid): value["text"] for row in report["singletons"] for copy in row["copies"]
            for tid, value in values(copy).items()}


def without_types(report):
    """The report without what comes from debug info, and without what differs from look to look."""
    for row in report["singletons"]:
        row["layout"] = None
        for copy in row["copies"]:
            for key in TYPED:
                copy.pop(key)
            for cell in copy["cells"]:
                if cell["value"]:
                    cell["value"] = cell["value"]["bytes"]
    return {key: report[key] for key in ("objects", "threads", "singletons", "libraries") if key in report}


# Two builds of tokio.

def test_host_has_a_runtime(start, tokio, polyton_json):
    """On each of its threads, as the worker threads and the entered main thread know."""
    host = copies_of(polyton_json("show", CONTEXT, start([tokio / "host"]).pid), CONTEXT)["host"]
    found = values(host)
    assert len(found) == 3
    for value in found.values():
        assert (value["typed"], value["state"]) == (True, "alive")
        assert "handle: Some(MultiThread" in value["text"]


def test_modules_have_none(start, tokio, polyton_json):
    """What asking has left in them is a context without a runtime; where nobody asked, not even that."""
    for args, states in (([], {"alive"}), (["--aside"], set())):
        copies = copies_of(polyton_json("show", CONTEXT, start([tokio / "host", *args]).pid), CONTEXT)
        for name in ("libmod_same.so", "libmod_other.so"):
            found = {tid: value for tid, value in values(copies[name]).items() if value["state"] != "uninitialised"}
            assert {value["state"] for value in found.values()} == states
            assert all("handle: None" in value["text"] for value in found.values())
            assert {cell["state"] for cell in copies[name]["cells"] if cell["tid"] not in found} <= \
                {"not-allocated", "initial"}


def test_layout_names_what_the_other_build_lacks(start, tokio, polyton_json):
    row, = polyton_json("show", CONTEXT, start([tokio / "host"]).pid)["singletons"]
    assert row["layout"]["copies"] == ["host", "libmod_other.so"]
    rows = {part["path"]: part for part in row["layout"]["rows"]}
    assert [side["size"] for side in rows[""]["sides"]] == [104, 96]
    lacking = {path for path, part in rows.items() if part["sides"][1] is None and not part["behind_pointer"]}
    assert "MultiThread" in {path.split(".")[-1] for path in lacking}
    handle, = (part for path, part in rows.items() if path.split(".")[-1] == "handle")
    assert [side["size"] for side in handle["sides"]] == [24, 16]
    assert any(part["behind_pointer"] for part in rows.values())
    for part in rows.values():
        assert part["sides"] != [None, None]
        assert all(side is None or side["text"] for side in part["sides"])


def test_layout_of_equal_builds_is_no_matter(start, tokio, polyton_json):
    report = polyton_json("report", start([tokio / "host"]).pid)
    for row in report["singletons"]:
        if not row["sizes_differ"] and not row["builds_differ"]:
            assert row["layout"] is None or row["layout"]["rows"] == [], row["name"]


def test_declaration_is_in_the_source(start, tokio, polyton_json):
    """A plain static's is its own line, where the crate's source is here."""
    report = polyton_json("report", start([tokio / "host"]).pid)
    places = [copy["declared"] for name in (CONTEXT, GLOBAL_DISPATCH) for copy in copies_of(report, name).values()]
    assert all(place and place["file"].endswith(".rs") and place["line"] > 0 for place in places)
    path = pathlib.Path(places[-1]["file"])
    if path.exists():
        assert "GLOBAL_DISPATCH" in path.read_text().splitlines()[places[-1]["line"] - 1]


def test_findings_stand_with_and_without_types(start, tokio, polyton, polyton_json):
    """PT003 and PT004 are about sizes and states, which need no debug info; with it, PT003 names the parts."""
    pid = start([tokio / "host"]).pid
    typed, bare = polyton_json("report", pid), polyton_json("report", pid, "--no-types")

    def found(report, rule):
        return {finding["singleton"]: finding for finding in report["findings"] if finding["rule"] == rule}

    for rule in ("PT003", "PT004"):
        assert set(found(typed, rule)) == set(found(bare, rule)) >= {CONTEXT}
    for report in (typed, bare):
        assert "104 bytes in host, 96 bytes in libmod_other.so" in found(report, "PT003")[CONTEXT]["headline"]
    assert "handle" in polyton("show", CONTEXT, pid).stdout.split("Layout")[1]
    assert "Layout" not in polyton("show", CONTEXT, pid, "--no-types").stdout


# What is left without them.

def test_both_are_typed(pair, polyton_json):
    for copy in twins(polyton_json("show", "v_shape", pair().pid)):
        assert (copy["type"], copy["type_missing"]) == (SHAPE, None)
        assert all(value["typed"] for value in values(copy).values())


@pytest.mark.parametrize("way", ["zlib", "zlib-gnu", "zstd"])
def test_compressed_debug_info_is_read(start, fixture_dir, polyton_json, tmp_path, way):
    """Every variable of a program whose debug info is compressed has the type and the value that it has without."""
    if way not in subprocess.run(["objcopy", "--help"], capture_output=True, text=True, check=True).stdout:
        pytest.skip(f"this objcopy does not know {way}")
    program = next(fixture_dir("14_values").glob("c_gcc_*"))
    packed = tmp_path / program.name
    subprocess.run(["objcopy", f"--compress-debug-sections={way}", program, packed], check=True)
    sections = subprocess.run(["readelf", "-SW", packed], capture_output=True, text=True, check=True).stdout
    assert (".zdebug_info" in sections) == (way == "zlib-gnu")

    def look(path):
        running = start([path], env={"LD_PRELOAD": str(program.parent / "twins" / f"{program.name}.so")})
        rows = polyton_json("report", running.pid, "--all")["singletons"]
        own = {row["name"]: copy for row in rows for copy in row["copies"] if copy["object"] == program.name}
        return {name: [copy["type"], copy["declared"], *sorted(values(copy)[tid]["text"] for tid in values(copy))]
                for name, copy in own.items() if name.startswith("v_")}

    plain = look(program)
    assert look(packed) == plain
    assert len(plain) > 20 and all(types for types, *_ in plain.values())


@pytest.mark.parametrize("options, words", [
    (["--remove-section=.debug_*"], "no debug info"),
    (["--remove-section=.debug_info"], "no debug info"),
])
def test_object_without_debug_info_says_so(pair, polyton_json, options, words):
    running = pair(*options)
    report = polyton_json("show", "v_shape", running.pid)
    own, other = twins(report)
    assert (own["type"], other["type"], other["declared"], other["producer"]) == (SHAPE, None, None, "")
    assert words in other["type_missing"]
    assert [value["typed"] for value in values(other).values()] == [False]
    assert report["singletons"][0]["layout"] is None


@pytest.fixture
def shared(fixture_dir, tmp_path):
    """A folder with a program and its twin, stripped; their debug files in debug/, with a common file that dwz made."""
    if not shutil.which("dwz"):
        pytest.skip("dwz is not installed")
    program = next(fixture_dir("14_values").glob("c_gcc_*"))
    debug = tmp_path / "debug"
    debug.mkdir()
    names = [program.name, f"{program.name}.so"]
    for name, path in zip(names, [program, program.parent / "twins" / names[1]]):
        subprocess.run(["objcopy", "--only-keep-debug", path, debug / f"{name}.debug"], check=True)
        subprocess.run(["objcopy", "--strip-all", f"--add-gnu-debuglink={debug / name}.debug", path, tmp_path / name],
                       check=True)
    subprocess.run(["dwz", "-L", "none", "-m", "common", "-M", "/usr/lib/debug/.dwz/x/common",
                    *(f"{name}.debug" for name in names)], cwd=debug, check=True)
    return tmp_path


def build_id_of(path):
    notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True, check=True).stdout
    return notes.split("Build ID:")[1].split()[0]


def common_by_build_id(debug):
    found = build_id_of(debug / "common")
    return f".build-id/{found[:2]}/{found[2:]}.debug"


@pytest.mark.parametrize("place", [common_by_build_id, ".dwz/x/common", "usr/lib/debug/.dwz/x/common", None])
def test_common_file_of_dwz_below_the_debug_folder(shared, start, polyton_json, place):
    """By its build id or by its path; without it, most of what it describes has no type, and that is said."""
    debug, program = shared / "debug", next(path for path in shared.iterdir() if path.suffix == ".so").stem
    if place:
        target = debug / (place(debug) if callable(place) else place)
        target.parent.mkdir(parents=True, exist_ok=True)
        (debug / "common").rename(target)
    running = start([shared / program], env={"LD_PRELOAD": str(shared / f"{program}.so")})
    rows = polyton_json("report", running.pid, "--all", "--debug-dir", debug)["singletons"]
    copies = [copy for row in rows for copy in row["copies"] if row["name"].startswith("v_")]
    missing = [copy["type_missing"] for copy in copies if not copy["type"]]
    assert len(copies) > 40
    if place:
        assert not missing
        assert '"box"' in [value["text"] for value in values(twins({"singletons": rows})[0]).values()][0]
    else:
        assert missing and set(missing) == {"the common debug file of dwz is not there"}


def test_damaged_debug_info_says_so(pair, polyton_json, tmp_path):
    damaged = tmp_path / "section"
    damaged.write_bytes(b"\xff" * 5000)
    report = polyton_json("show", "v_shape", pair(f"--update-section=.debug_abbrev={damaged}").pid)
    own, other = twins(report)
    assert own["type"] and not other["type"] and other["type_missing"]


def test_text_says_why_there_is_no_type(pair, polyton):
    text = polyton("show", "v_shape", pair("--remove-section=.debug_*").pid).stdout
    assert "no debug info" in text and SHAPE in text


def test_no_types_reads_none(pair, polyton_json):
    """Values are words, and nothing is said to be missing."""
    pid = pair().pid
    for command in (["report", pid, "--all"], ["show", "v_shape", pid]):
        report = polyton_json(*command, "--no-types")
        for copy in twins(report):
            assert [copy[key] for key in TYPED] == [None, None, None, ""]
            assert [(value["typed"], value["state"]) for value in values(copy).values()] == [(False, "plain")]


def worker_path(name, folder):
    """A program in the place of polyton-dwarf: one that is not there, one that ends at once, or one of the test's."""
    if name == "missing":
        return "/nonexistent"
    if name == "ends":
        return "/bin/false"
    if not FAKES.exists():
        pytest.skip(f"{FAKES} is not there: run make check-unit")
    link = folder / f"fake-{name}"
    link.symlink_to(FAKES)
    return str(link)


@pytest.mark.parametrize("name, missing", [
    ("missing", "could not be started"), ("ends", "could not be started"), ("unable", "could not be started"),
    ("crash", "unreadable"), ("garbage-answer", "unreadable"), ("half", "unreadable"),
])
def test_reader_that_fails_costs_the_types_only(pair, polyton, tmp_path, name, missing):
    pid = pair().pid
    environment = {"POLYTON_DWARF_WORKER": worker_path(name, tmp_path)}
    bare = polyton("report", pid, "--all", "--no-types", "--format", "json")
    done = polyton("report", pid, "--all", "--format", "json", env=environment)
    assert done.returncode in (bare.returncode, NOT_SEEN) and done.stderr == bare.stderr
    report, bare = json.loads(done.stdout), json.loads(bare.stdout)
    assert all(missing in copy["type_missing"] for copy in twins(report))
    further = [note["text"] for note in report["notes"] if note not in bare["notes"]]
    assert any("polyton-dwarf" in text or "debug info" in text for text in further), further
    assert texts_of(report) == texts_of(bare)
    assert without_types(report) == without_types(bare)


def test_reader_that_crashes_once_is_started_again(pair, polyton, tmp_path):
    """The second one is another fake, which answers that everything is an int of line 4711."""
    done = polyton("show", "v_int", pair().pid, "--format", "json",
                   env={"POLYTON_DWARF_WORKER": worker_path("crash-once", tmp_path)})
    for copy in twins(json.loads(done.stdout), "v_int"):
        assert (copy["type"], copy["declared"]["line"]) == ("int", 4711)

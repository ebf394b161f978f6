"""A host and its tokio modules, and what polyton says of them, for each compiler there is.

What must be found is worked out anew by the fixture's oracle.py from the files themselves, so the lists are
compared for equality whatever rustc and crates this machine has; expected.json says it once more in words.
"""

import functools
import importlib.util
import json
import pathlib
import re
import subprocess
import time

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "fixtures/01_tokio_modules"
BUILDS = ("01_tokio_modules", "01_tokio_modules_distribution")
RULES = {"PT001": "tls", "PT002": "static"}
STATES = {"set": "set", "initial": "initial", "unallocated": "not-allocated"}
CONTEXT = "tokio::runtime::context::CONTEXT"
MODULES = ("libmod_same.so", "libmod_other.so", "libmod_release.so")


def load_oracle():
    spec = importlib.util.spec_from_file_location("tokio_oracle", SOURCE / "oracle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


oracle = load_oracle()
find_singletons = functools.lru_cache(oracle.find_singletons)


@functools.lru_cache
def embedded_crates(path):
    """{(name as in symbols, version)}"""
    return {(name.replace("-", "_"), version) for name, version in oracle.Object(path).embedded_crates()}


@pytest.fixture(params=BUILDS)
def folder(request, fixture_dir):
    if request.param == "01_tokio_modules_distribution" and not (
            fixture_dir("01_tokio_modules").parent / request.param).is_dir():
        pytest.skip("the only cargo is the distribution's, or the distribution has none")
    found = fixture_dir(request.param)
    if (found / "skipped").exists():
        pytest.skip((found / "skipped").read_text().strip())
    return found


@pytest.fixture
def wanted(folder):
    """What the oracle finds, as {(name, kind): row}."""
    rows = {(row["name"], row["kind"]): row for row in find_singletons(folder)}
    assert (CONTEXT, "tls") in rows
    return rows


def wait_idle(pid):
    """Until the workers have parked: only then does the last of parking_lot's variables hold its value."""
    deadline, quiet = time.monotonic() + 10, 0
    while quiet < 3:
        assert time.monotonic() < deadline, "the workers do not come to rest"
        time.sleep(0.01)
        states = [stat.read_text().rpartition(")")[2].split()[0]
                  for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
        quiet = quiet + 1 if set(states) == {"S"} else 0


class Case:
    """A running host and what polyton says of it."""

    def __init__(self, start, folder, polyton, *args):
        self.running = start([folder / "host", *args])
        self.pid = self.running.pid
        wait_idle(self.pid)
        done = polyton("report", self.pid, "--format", "json")
        self.exit = done.returncode
        self.report = json.loads(done.stdout)
        self.tids = sorted(thread["tid"] for thread in self.report["threads"])

    def singleton(self, name, kind):
        rows = [row for row in self.report["singletons"] if (row["name"], row["kind"]) == (name, kind)]
        assert len(rows) == 1, f"{name} ({kind}) is listed {len(rows)} times"
        return rows[0]

    def copies(self, name, kind):
        return {copy["object"]: copy for copy in self.singleton(name, kind)["copies"]}

    def states(self, name, object_):
        """{tid: state} of a thread-local."""
        return {cell["tid"]: cell["state"] for cell in self.copies(name, "tls")[object_]["cells"]}


@pytest.fixture
def case(start, folder, polyton):
    return Case(start, folder, polyton)


def test_modules_see_nothing_of_the_host_s(start, folder):
    """The story itself, by the process's own word."""
    for args in ([], ["--aside"]):
        answers = start([folder / "host", *args]).lines
        assert answers == [f"{name} sees a {what}: {'yes' if name == 'host' else 'no'}"
                           for name in ("host", *MODULES) for what in ("runtime", "subscriber")]


def test_expectation_agrees_with_the_files(folder, wanted, expected):
    story = expected("01_tokio_modules")
    locked = oracle.locked_crates(folder)
    if any(locked.get(name) != version for name, version in story["versions"].items()):
        pytest.skip(f"other crates here than expected.json is about: {locked}")
    assert sorted((row["name"], row["kind"], row["library"], row["objects"]) for row in story["singletons"]) == \
        sorted((row["name"], row["kind"], row["library"], list(row["copies"])) for row in wanted.values())


def test_layouts_of_context_differ(wanted):
    sizes = {name: copy["size"] for name, copy in wanted[CONTEXT, "tls"]["copies"].items()}
    assert sizes["host"] == sizes["libmod_same.so"] > sizes["libmod_other.so"]


def test_every_third_party_variable_is_found_once_and_nothing_else(case, wanted):
    found = sorted((finding["singleton"], RULES[finding["rule"]]) for finding in case.report["findings"]
                   if finding["rule"] in RULES and finding["singleton"])
    assert found == sorted(wanted)
    assert case.exit == 1


def test_nothing_else_is_above_a_note(case, wanted):
    names = {name for name, _ in wanted}
    others = [finding["headline"] for finding in case.report["findings"]
              if finding["severity"] != "note" and finding["singleton"] not in names]
    assert others == []
    for finding in case.report["findings"]:
        if finding["singleton"] in names:
            assert (finding["severity"], finding["confidence"]) == ("error", "certain"), finding["headline"]


def test_objects_of_each_singleton(case, wanted):
    for (name, kind), row in wanted.items():
        copies = case.copies(name, kind)
        assert {object_: (copy["symbol"], copy["size"], int(copy["offset"], 16))
                for object_, copy in copies.items()} == \
            {object_: (copy["symbol"], copy["size"], copy["place"]) for object_, copy in row["copies"].items()}
        assert {copy["use"] for copy in copies.values()} == {"live"}
        singleton = case.singleton(name, kind)
        assert singleton["language"] == "rust" and not singleton["read_only"] and not singleton["dropped"]
        assert singleton["sizes_differ"] == (len({copy["size"] for copy in row["copies"].values()}) > 1)
        headline, = (finding["headline"] for finding in case.report["findings"]
                     if (finding["singleton"], RULES.get(finding["rule"])) == (name, kind))
        for object_ in row["copies"]:
            assert object_ in headline


def test_other_builds_are_told_from_the_same(case):
    """libmod_same.so has the host's very build of tokio, libmod_other.so another; no one else is compared."""
    marks = {name: copy["build_mark"] for name, copy in case.copies(CONTEXT, "tls").items()}
    assert marks["host"] and marks["host"] == marks["libmod_same.so"] != marks["libmod_other.so"]
    assert case.singleton(CONTEXT, "tls")["builds_differ"]
    assert not case.singleton("parking_lot_core::parking_lot::HASHTABLE", "static")["builds_differ"]


def test_folded_by_crate_with_its_version(case, folder, wanted):
    libraries = {row["name"]: row for row in case.report["libraries"] if not row["per_object"]}
    assert sorted(libraries) == sorted({row["library"] for row in wanted.values()})
    for name, library in libraries.items():
        rows = [row for row in wanted.values() if row["library"] == name]
        objects = {object_ for row in rows for object_ in row["copies"]}
        # A crate without a panic path in any of the objects does not say its version.
        is_known = any(name == crate for object_ in objects
                       for crate, _ in embedded_crates(folder / object_))
        assert library["version"] == (rows[0]["version"] if is_known else ""), name
        assert library["language"] == "rust"
    assert libraries["tokio"]["version"] and libraries["tracing_core"]["version"]
    for (name, kind), row in wanted.items():
        assert case.singleton(name, kind)["library"] == row["library"]


def test_std_is_one_line(case):
    std, = (row for row in case.report["libraries"] if row["per_object"])
    assert std["name"] == "std" and std["singletons"] > 0
    line, = (finding for finding in case.report["findings"] if finding["library"] == "std")
    assert line["severity"] == "note" and line["singleton"] is None


def test_context_is_set_where_a_runtime_was_entered_or_asked_for(case, wanted):
    copies = case.copies(CONTEXT, "tls")
    assert sorted(copies) == sorted(MODULES[:2] + ("host",))
    assert case.singleton(CONTEXT, "tls")["live_copies"] == 3
    assert len(case.tids) == 3
    workers = [tid for tid in case.tids if tid != case.pid]
    assert case.states(CONTEXT, "host") == dict.fromkeys(case.tids, "set")
    for name in MODULES[:2]:
        assert case.states(CONTEXT, name) == {case.pid: "set", **dict.fromkeys(workers, "not-allocated")}


def test_states_are_the_expected(case, wanted, expected):
    for row in expected("01_tokio_modules")["singletons"]:
        if (row["name"], row["kind"]) not in wanted:
            continue  # another version of the crate
        copies = case.copies(row["name"], row["kind"])
        states = {name: cell["state"] for name in row["states"] for cell in copies[name]["cells"]
                  if cell["tid"] in (None, case.pid)}
        assert states == {name: STATES[state] for name, state in row["states"].items()}, row["name"]


def test_asked_aside_no_thread_has_a_module_s_copy(start, folder, polyton, wanted):
    case = Case(start, folder, polyton, "--aside")
    assert case.states(CONTEXT, "host") == dict.fromkeys(case.tids, "set")
    for (name, kind), row in wanted.items():
        for object_ in row["copies"]:
            if kind == "tls" and object_ != "host":
                assert case.states(name, object_) == dict.fromkeys(case.tids, "not-allocated"), name
    finding, = (finding for finding in case.report["findings"]
                if finding["singleton"] == CONTEXT and finding["rule"] == "PT001")
    assert "no thread has set" in finding["detail"] and "3 of 3 threads" in finding["detail"]


def shown(cell):
    """Address, state, and as many bytes as the report has."""
    address = cell["address"] and int(cell["address"], 16)
    return address, cell["state"], cell["value"] and bytes.fromhex(cell["value"]["bytes"])


def check_cell(cell, truth, where):
    if truth is None:
        assert cell["state"] == "not-allocated", where
        return
    address, held, state = truth
    shown_address, shown_state, content = shown(cell)
    assert shown_address == address, where
    assert shown_state == state or state is None and shown_state in ("set", "initial"), where
    if content is not None:
        assert content and held.startswith(content), where


def test_statics_hold_what_the_process_s_memory_holds(case, folder, wanted):
    truths = oracle.static_cells(folder, case.pid, wanted.values())
    assert len(truths) == sum(len(row["copies"]) for row in wanted.values() if row["kind"] == "static")
    for (name, object_), truth in truths.items():
        cell, = case.copies(name, "static")[object_]["cells"]
        assert cell["tid"] is None
        check_cell(cell, truth, (name, object_))


def test_thread_locals_are_where_gdb_finds_them(case, folder, wanted):
    try:
        truths = oracle.tls_cells(folder, case.pid, wanted.values())
    except FileNotFoundError:
        pytest.skip("no gdb")
    except LookupError as error:
        pytest.skip(f"GDB cannot tell: {error}")
    assert len(truths) == len(case.tids) * sum(len(row["copies"]) for row in wanted.values()
                                               if row["kind"] == "tls")
    for (name, object_, tid), truth in truths.items():
        cell, = (cell for cell in case.copies(name, "tls")[object_]["cells"] if cell["tid"] == tid)
        check_cell(cell, truth, (name, object_, tid))


def test_stripped_module_is_a_blind_spot_that_names_its_crates(case, folder, expected):
    finding, = (finding for finding in case.report["findings"] if finding["rule"] == "PT012")
    assert (finding["object"], finding["severity"]) == (oracle.STRIPPED, "note")
    text = finding["headline"] + " " + finding["detail"]
    named = set(re.findall(r"\b([A-Za-z0-9_]+) (\d+\.\d+\.\d+[-+.A-Za-z0-9]*?)(?=[,;. ]|$)", text))
    assert named == {(crate["name"], crate["version"]) for crate in finding["crates"]}
    embedded = embedded_crates(folder / oracle.STRIPPED)
    locked = oracle.locked_crates(folder)
    third_party = {(name, version) for name, version in embedded if locked.get(name) == version}
    assert {name for name, _ in third_party} >= set(expected("01_tokio_modules")["embedded"][oracle.STRIPPED])
    assert third_party <= named <= embedded
    assert not any(copy["object"] == oracle.STRIPPED for row in case.report["singletons"]
                   for copy in row["copies"])


def test_text_tells_the_story(case, polyton):
    text = polyton("report", case.pid).stdout
    assert f"{CONTEXT} (thread-local) exists 3 times: in host, libmod_same.so and libmod_other.so" in \
        " ".join(text.split())
    assert len(re.findall(r"^.*\bstd is linked into\b.*$", text, re.M)) == 1
    assert "tokio 1." in " ".join(text.split())


def test_oracle_is_a_program_too(folder):
    done = subprocess.run([SOURCE / "oracle.py", folder], text=True, capture_output=True)
    assert done.returncode == 0 and f"tls {CONTEXT} (tokio " in done.stdout

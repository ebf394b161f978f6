"""The fixtures 04 to 07: a report names exactly the singletons that their expected*.json lists.

What a fixture expects is also checked against the fixture itself: its "at OBJECT ADDRESS NAME" lines say
where each object's code has each variable, so a wrong expectation cannot be met by a wrong report.
"""

import collections
import json
import pathlib
import platform

import pytest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
NAMES = ("04_c_statics", "05_cxx_statics", "06_shared_library", "07_interposed")
CASES = sorted(path for name in NAMES for path in (SOURCES / name).glob("expected*.json"))
RULES = {"PT001": "tls", "PT002": "static"}
FURTHER = ("PT003", "PT004")  # of a singleton that has one of these
# On aarch64 thread-locals are reached by descriptors, and the loader gives what it loads later a static block, too, as long
# as there is room.
HAS_DESCRIPTORS = platform.machine() == "aarch64"
STATES = {"set": "set", "initial": "initial", "unallocated": "initial" if HAS_DESCRIPTORS else "not-allocated"}


class Case:
    """One fixture's program, running, with what is expected of it and what polyton says of it."""

    def __init__(self, path, start, folder, polyton):
        self.expected = json.loads(path.read_text())
        self.running = start([folder / self.expected["program"]])
        done = polyton("report", self.running.pid, "--format", "json")
        self.exit = done.returncode
        self.report = json.loads(done.stdout)
        self.all = json.loads(polyton("report", self.running.pid, "--all", "--format", "json").stdout)

    def found(self):
        """The findings about one variable each, as (name, kind)."""
        return sorted((finding["singleton"], RULES[finding["rule"]])
                      for finding in self.report["findings"]
                      if finding["rule"] in RULES and finding["singleton"])

    def places(self):
        """Where the process's code has each variable: {name: {object: address}}."""
        places = collections.defaultdict(dict)
        for line in self.running.lines:
            word, name, address, variable = line.split(" ", 3)
            assert word == "at"
            places[variable][name] = int(address, 16)
        return places

    def singleton(self, name, kind):
        rows = [row for row in self.report["singletons"] if (row["name"], row["kind"]) == (name, kind)]
        assert len(rows) == 1, f"{name} ({kind}) is listed {len(rows)} times"
        return rows[0]

    def rows_of(self, name):
        return [row for row in self.all["singletons"] if row["name"] == name]


@pytest.fixture(params=CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def case(request, start, fixture_dir, polyton):
    return Case(request.param, start, fixture_dir(request.param.parent.name), polyton)


def live(singleton):
    return {copy["object"]: copy for copy in singleton["copies"] if copy["use"] == "live"}


def cell_of(copy, pid):
    """A static's only cell, or a thread-local's in the main thread."""
    cells = [cell for cell in copy["cells"] if cell["tid"] in (None, pid)]
    assert len(cells) == 1
    return cells[0]


def test_every_singleton_is_found_once_and_nothing_else(case):
    wanted = sorted((row["name"], row["kind"]) for row in case.expected["singletons"])
    assert case.found() == wanted


def test_nothing_else_is_above_a_note(case):
    expected = {row["name"] for row in case.expected["singletons"]}
    others = [finding for finding in case.report["findings"]
              if finding["severity"] != "note" and finding["rule"] not in RULES
              and not (finding["rule"] in FURTHER and finding["singleton"] in expected)]
    assert others == []


def test_exit_code(case):
    assert case.exit == case.expected["exit"]


def test_severity_follows_confidence(case):
    for finding in case.report["findings"]:
        if finding["rule"] in RULES and finding["singleton"]:
            wanted = {"certain": "error", "likely": "warning"}[finding["confidence"]]
            assert finding["severity"] == wanted, finding["singleton"]


def test_objects_of_each_singleton(case):
    for row in case.expected["singletons"]:
        singleton = case.singleton(row["name"], row["kind"])
        assert sorted(live(singleton)) == sorted(row["objects"]), row["name"]
        assert singleton["live_copies"] == len(row["objects"])
        headline, = (finding["headline"] for finding in case.report["findings"]
                     if (finding["singleton"], RULES.get(finding["rule"])) == (row["name"], row["kind"]))
        for name in row["objects"]:
            assert name in headline


def test_states_of_each_copy(case):
    for row in case.expected["singletons"]:
        copies = live(case.singleton(row["name"], row["kind"]))
        states = {name: cell_of(copies[name], case.running.pid)["state"] for name in row["states"]}
        assert states == {name: STATES[state] for name, state in row["states"].items()}, row["name"]


def test_addresses_are_the_process_s_own(case):
    checked = 0
    places = case.places()
    for row in case.expected["singletons"]:
        for name, copy in live(case.singleton(row["name"], row["kind"])).items():
            if name in places[row["name"]]:
                cell = cell_of(copy, case.running.pid)
                assert int(cell["address"], 16) == places[row["name"]][name], (row["name"], name)
                checked += 1
    assert checked >= 2 * len(case.expected["singletons"])


def test_expectation_agrees_with_the_process(case):
    """Two addresses of one name are two copies; that they cannot be written is the only excuse."""
    read_only = set(case.expected.get("read_only", []))
    split = {name for name, by_object in case.places().items() if len(set(by_object.values())) > 1}
    assert split - read_only == {row["name"] for row in case.expected["singletons"]}


def test_absent_names_are_in_no_finding(case):
    for finding in case.report["findings"]:
        for name in case.expected["absent"]:
            assert finding["singleton"] != name
            assert not finding["headline"].startswith(name + " ")
            assert f"::{name} (" not in finding["headline"]
    assert not {row["name"] for row in case.report["singletons"]} & set(case.expected["absent"])


def test_read_only_copies_are_listed_on_request(case):
    for name in case.expected.get("read_only", []):
        row, = case.rows_of(name)
        assert row["read_only"] and not row["dropped"]
        assert sorted(live(row)) == sorted(case.expected["objects"])


def test_merged_copies_are_shadowed_by_the_one_in_use(case):
    for name, winner in case.expected.get("merged", {}).items():
        row, = case.rows_of(name)
        assert list(live(row)) == [winner], name
        assert row["live_copies"] == 1
        shadowed = [copy for copy in row["copies"] if copy["use"] == "shadowed"]
        assert shadowed, name
        assert {copy["bound_to"] for copy in shadowed} <= {winner, None}, name
        place = case.places()[name]
        assert set(place.values()) == {int(cell_of(live(row)[winner], case.running.pid)["address"], 16)}


def test_healthy_control_reports_nothing(start, fixture_dir, polyton):
    running = start([fixture_dir("06_shared_library") / "host"])
    done = polyton("report", running.pid, "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["findings"] == [] and report["singletons"] == [] and report["libraries"] == []


def test_unrelated_statics_are_at_most_possible(start, fixture_dir, polyton_json):
    """Equal names of the fixture's own files that share no code: listed on request, if at all."""
    running = start([fixture_dir("04_c_statics") / "host"])
    report = polyton_json("report", running.pid, "--all")
    for row in report["singletons"]:
        if row["name"].split("#")[0] in ("debug", "buf", "initialized"):
            assert row["confidence"] == "possible" or row["dropped"], row
            assert {copy["object"] for copy in row["copies"]} <= {"libeast.so", "libwest.so"}

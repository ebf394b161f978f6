"""What the loader merges is one variable: no finding, unless they are not alike or are constructed twice."""

import collections
import json

import pytest

from cases import CHECKS, Case, case_name, cell_of, expectations, words_of

CASES = expectations("10_merged")


@pytest.fixture(params=CASES, ids=case_name)
def case(request, start, fixture_dir, polyton):
    return Case.look(request.param, start, fixture_dir("10_merged"), polyton)


@pytest.mark.parametrize("check", CHECKS)
def test_case(case, check):
    getattr(case, check)()


def test_constructors_ran_as_often_as_expected(case):
    """All of them on the one place that all use."""
    constructed = [line.split(" ", 2)[1:] for line in case.lines if line.startswith("constructed ")]
    assert collections.Counter(name for _, name in constructed) == case.expected.get("constructed", {})
    for address, name in constructed:
        assert set(case.places()[name].values()) == {int(address, 16)}


def test_sizes_of_both_sides_are_told(start, fixture_dir, polyton):
    path = next(path for path in CASES if case_name(path) == "resized")
    case = Case.look(path, start, fixture_dir("10_merged"), polyton)
    copies = case.copies("ring", case.all)
    assert {name: copy["size"] for name, copy in copies.items()} == {"resized": 32, "libring_large.so": 64}
    cell = cell_of(copies["resized"], case.pid)
    assert len(bytes.fromhex(cell["value"]["bytes"])) <= 32


def test_routine_findings_are_shown_on_request_only(start, fixture_dir, polyton):
    running = start([fixture_dir("10_merged") / "pinned"])
    plain = polyton("report", running.pid).stdout
    everything = polyton("report", running.pid, "--all").stdout
    listed = json.loads(polyton("report", running.pid, "--all", "--format", "json").stdout)
    routine = [finding for finding in listed["findings"] if finding["routine"]]
    assert {"PT008", "PT010"} <= {finding["rule"] for finding in routine}
    for finding in routine:
        assert finding["headline"] not in " ".join(plain.split()), words_of(finding)
        if finding["rule"] == "PT010":
            assert finding["headline"] in " ".join(everything.split())

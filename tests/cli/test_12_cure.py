"""Modules that import the thread-local and the statics are cured; a static that was forgotten is reported."""

import pytest

from cases import CHECKS, Case, case_name, expectations

CASES = expectations("12_cure")


@pytest.fixture
def folder(fixture_dir):
    found = fixture_dir("12_cure")
    if (found / "skipped").exists():
        pytest.skip((found / "skipped").read_text().strip())
    return found


@pytest.fixture(params=CASES, ids=case_name)
def case(request, start, folder, polyton):
    return Case.look(request.param, start, folder, polyton)


@pytest.mark.parametrize("check", CHECKS)
def test_case(case, check):
    getattr(case, check)()


def test_std_is_no_more_than_a_line(case):
    """Each module has a Rust library of its own, by design: cured or not."""
    std, = (finding for finding in case.report["findings"] if finding["library"] == "std")
    assert std["severity"] == "note"

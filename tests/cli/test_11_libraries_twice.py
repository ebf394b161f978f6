"""A library that is loaded more than once is one finding; what only looks like one is none."""

import os
import subprocess

import pytest

from cases import CHECKS, Case, case_name, expectations

CASES = expectations("11_libraries_twice")


@pytest.fixture(params=CASES, ids=case_name)
def case(request, start, fixture_dir, polyton):
    return Case.look(request.param, start, fixture_dir("11_libraries_twice"), polyton)


@pytest.mark.parametrize("check", CHECKS)
def test_case(case, check):
    getattr(case, check)()


def test_text_has_one_finding_for_the_library(start, fixture_dir, polyton):
    """The list names the library; its variables are not listed beside it."""
    running = start([fixture_dir("11_libraries_twice") / "same_file"])
    text = polyton("report", running.pid).stdout
    assert text.count("PT006") == 1
    assert "PT001" not in text and "PT002" not in text


def test_torn_is_what_the_loader_did(fixture_dir):
    """By the loader's own word: libwhole.so's two functions are libfew.so's, all others its own."""
    done = subprocess.run([fixture_dir("11_libraries_twice") / "torn"], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=True, env={**os.environ, "LD_DEBUG": "bindings"})
    bound = {}
    for line in done.stderr.splitlines():
        if "normal symbol `choir_" in line and "libwhole.so [0] to" in line:
            bound[line.split("`")[1].split("'")[0]] = os.path.basename(line.split(" to ")[1].split(" [")[0])
    assert bound == {"choir_begin": "libfew.so", "choir_end": "libfew.so", "choir_sing": "libwhole.so",
                     "choir_hum": "libwhole.so", "choir_rest": "libwhole.so", "choir_sung": "libwhole.so",
                     "choir_queue": "libwhole.so"}

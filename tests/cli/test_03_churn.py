"""Under churn (threads and libraries come and go) every cell that polyton accepts is right.

tests/support/churn_reader.c captures again and again in one process, which a shell loop over polyton is
too slow for, and judges each cell by its content. Environment: POLYTON_BUILD is the build folder, POLYTON_CHURN_CELLS how
many cells to judge, for slow machines.
"""

import os
import pathlib
import subprocess

import pytest

CELLS = int(os.environ.get("POLYTON_CHURN_CELLS") or 200_000)
CELLS_SANITIZED = 20_000  # the sanitizers make a capture several times as long
SECONDS = 300


@pytest.fixture
def churn_reader():
    root = pathlib.Path(__file__).resolve().parents[2]
    program = pathlib.Path(os.environ.get("POLYTON_BUILD") or root / "build") / "tests/support/churn_reader"
    assert program.exists(), f"{program} is not there: run make check-cli, or set POLYTON_BUILD"
    return program


def test_no_accepted_cell_is_wrong(start, fixture_dir, expected, churn_reader, capfd):
    running = start([fixture_dir("03_churn") / "churn"])
    wanted = expected("03_churn")
    cells = min(CELLS, CELLS_SANITIZED) if b"__asan_init" in churn_reader.read_bytes() else CELLS
    magics = [f"{name}={wanted['magic'][name]}" for name in wanted["objects"]]
    done = subprocess.run([churn_reader, str(running.pid), str(SECONDS), str(cells), *magics],
                          capture_output=True, text=True, timeout=SECONDS + 60)
    assert done.returncode in (0, 1), done.stderr
    counts = {name: int(count) for name, count in (line.split() for line in done.stdout.splitlines())}
    given_up = counts["unstable"] / (counts["accepted"] + counts["absent"] + counts["unstable"])
    with capfd.disabled():
        print(f"\n03_churn: {counts['written']} written cells accepted in {counts['captures']} captures, "
              f"{counts['wrong']} wrong, {given_up:.2%} unstable")
    assert counts["wrong"] == 0, done.stderr
    assert counts["written"] >= cells
    assert counts["short"] >= cells // 100
    assert counts["transient"] >= cells // 1000
    assert given_up < 0.5
    assert running.process.poll() is None


@pytest.mark.parametrize("stop", ([], ["--stop"]), ids=("running", "stopped"))
def test_report_under_churn(start, fixture_dir, expected, polyton_json, stop):
    """The whole report, not only its cells: what is always there is always found, and read unless it just moves."""
    running = start([fixture_dir("03_churn") / "churn"])
    wanted = expected("03_churn")
    states = wanted["singletons"][0]["states"]
    always = set(wanted["objects"]) - set(wanted["transient"])
    seen = {name: set() for name in always}
    for _ in range(20):
        report = polyton_json("report", running.pid, *stop, exits=(0, 1, 3))
        names = {finding["singleton"] for finding in report["findings"] if finding["severity"] != "note"}
        assert names == {"churn"}
        row, = report["singletons"]
        objects = {copy["object"].split("@")[0].split("#")[0]: copy for copy in row["copies"]}
        assert always <= set(objects) <= set(wanted["objects"])
        for name in always:
            main, = (cell for cell in objects[name]["cells"] if cell["tid"] == running.pid)
            seen[name].add(main["state"])
    for name in always:
        assert states[name] in seen[name]
        assert seen[name] <= ({states[name]} if stop else {states[name], "unstable"})

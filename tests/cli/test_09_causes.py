"""Each cause that makes a variable exist twice is told from the others, and what exists once is no finding."""

import json
import subprocess

import pytest

from cases import CHECKS, Case, case_name, expectations

CASES = expectations("09_causes")
CAUSES = {"namespace", "same-file", "two-versions", "static-link", "export-list", "hidden", "symbolic", "protected",
          "not-exported", "local-scope", "deepbind", "no-unique"}


@pytest.fixture(params=CASES, ids=case_name)
def case(request, start, fixture_dir, polyton):
    folder = fixture_dir("09_causes")
    if json.loads(request.param.read_text())["program"] == "clang" and not (folder / "clang").exists():
        pytest.skip("no clang++")
    return Case.look(request.param, start, folder, polyton)


@pytest.mark.parametrize("check", CHECKS)
def test_case(case, check):
    getattr(case, check)()


def test_every_cause_has_its_program():
    seen = {copy["cause"] for path in CASES for row in json.loads(path.read_text())["singletons"]
            for copy in row["copies"].values() if copy["cause"]}
    assert seen == CAUSES


def test_show_says_why(start, fixture_dir, polyton):
    """`show` prints the cause's evidence and every step of the remedy that the JSON has."""
    running = start([fixture_dir("09_causes") / "not_exported"])
    shown = json.loads(polyton("show", "thing_counts", running.pid, "--format", "json").stdout)
    text = " ".join(polyton("show", "thing_counts", running.pid).stdout.split())
    row, = shown["singletons"]
    reason, = (copy["reason"] for copy in row["copies"] if copy["reason"])
    for sentence in [reason["text"], *reason["remedy"]]:
        assert " ".join(sentence.split()) in text
    assert "libplain_a.so" in reason["text"] + text


def test_programs_are_what_they_say(fixture_dir):
    """By readelf: each switch did what its program is about."""
    folder = fixture_dir("09_causes")

    def dynamic(name, *options):
        return subprocess.run(["readelf", "-W", *options, folder / name], text=True, capture_output=True,
                              check=True).stdout

    def exports(name):
        return {line.split()[7].split("@")[0] for line in dynamic(name, "--dyn-syms").splitlines()
                if len(line.split()) > 7 and line.split()[6] not in ("UND", "Ndx")}

    assert "SYMBOLIC" in dynamic("libsymbolic.so", "-d")
    assert "PROTECTED" in dynamic("libprotected.so", "--dyn-syms")
    assert "thing_counts" in exports("libplain_a.so") and "thing_counts" in exports("libexclude_a.so")
    for name in ("libhidden_a.so", "libscript_a.so", "libexclude_b.so", "not_exported"):
        assert "thing_counts" not in exports(name), name
    assert "UNIQUE" in dynamic("libunique_a.so", "--dyn-syms")
    assert "UNIQUE" not in dynamic("libcommon_a.so", "--dyn-syms")
    assert "R_X86_64_COPY" in dynamic("copied", "-r") or "R_AARCH64_COPY" in dynamic("copied", "-r")


def test_one_tokio_for_all(start, fixture_dir, polyton):
    """Rust's dylib: program and modules are linked with one shared tokio, see one runtime, and nothing is found."""
    folder = fixture_dir("09_causes") / "tokio_dylib"
    if (folder / "skipped").exists():
        pytest.skip((folder / "skipped").read_text().strip())
    running = start([folder / "tokio_dylib"])
    assert running.lines == [f"libmodule_{name}.so sees a runtime: yes" for name in "ab"]
    done = polyton("report", running.pid, "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert "libtokio_shared.so" in {object_["name"] for object_ in report["objects"]}
    assert [finding["headline"] for finding in report["findings"] if finding["severity"] != "note"] == []
    assert not any("tokio" in row["name"] for row in report["singletons"])

"""polyton diff: what has changed from one report to another."""

import copy
import json
import pathlib
import re

import pytest

from conftest import Running, plain_environment

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
CLEAN, FINDINGS, USAGE = range(3)


@pytest.fixture(scope="module")
def report(fixture_dir, polyton_json, tmp_path_factory):
    """The report of a process with findings about the program and two plugins."""
    running = Running([fixture_dir("04_c_statics") / "host"], plain_environment())
    running.wait_ready()
    yield polyton_json("report", running.pid, cwd=tmp_path_factory.mktemp("plain"))
    running.stop()


@pytest.fixture
def diff(tmp_path, polyton):
    """diff(OLD, NEW, *OPTIONS) compares two documents."""

    def run(old, new, *options):
        (tmp_path / "old.json").write_text(json.dumps(old))
        (tmp_path / "new.json").write_text(json.dumps(new))
        return polyton("diff", "old.json", "new.json", *options, cwd=tmp_path)

    return run


@pytest.fixture
def diff_json(diff):
    """The same as a document, held against its schema."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DOCS / "polyton-diff.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    def run(old, new, *options):
        document = json.loads(diff(old, new, "--format", "json", *options).stdout)
        jsonschema.Draft202012Validator(schema).validate(document)
        return document

    return run


def without(report, *singletons):
    rest = copy.deepcopy(report)
    rest["findings"] = [each for each in rest["findings"] if each["singleton"] not in singletons]
    return rest


def change(report, singleton, rule="PT002", fingerprint=None, **members):
    """A report whose finding of that singleton and rule is otherwise."""
    other = copy.deepcopy(report)
    finding, = (each for each in other["findings"] if (each["singleton"], each["rule"]) == (singleton, rule))
    finding.update(members, **({"fingerprint": fingerprint} if fingerprint else {}))
    return other


def test_nothing_has_changed(report, diff, diff_json):
    done = diff(report, report)
    count = len(report["findings"])
    assert (done.returncode, done.stdout) == (CLEAN, f"0 new, 0 changed, 0 gone, {count} the same.\n")
    assert diff_json(report, report) == {
        "schema": "polyton-diff", "schema_version": 1, "before": "old.json", "now": "new.json",
        "new": [], "gone": [], "changed": [], "unchanged": count}
    assert "The same\n  error PT001: registry_depth " in diff(report, report, "-v").stdout


def test_new_findings(report, diff, diff_json):
    old = without(report, "registry_count")
    done = diff(old, report)
    assert done.returncode == FINDINGS
    assert re.match(r"New\n(  error PT00[24]: registry_count [^\n]+\n){2}\n2 new, 0 changed, 0 gone, ", done.stdout)
    rows = diff_json(old, report)["new"]
    assert {(row["rule"], row["name"], row["severity"]) for row in rows} == {
        ("PT002", "registry_count", "error"), ("PT004", "registry_count", "error")}
    assert rows[0]["objects"] == ["host", "libplugin_a.so", "libplugin_b.so"]


def test_gone_findings(report, diff, diff_json):
    new = without(report, "registry_count")
    done = diff(report, new)
    assert done.returncode == CLEAN
    assert re.match(r"Gone\n(  error PT00[24]: registry_count [^\n]+\n){2}\n0 new, 0 changed, 2 gone, ", done.stdout)
    assert {row["rule"] for row in diff_json(report, new)["gone"]} == {"PT002", "PT004"}


@pytest.mark.parametrize("lost, level, code", [
    ("registry_count", [], FINDINGS), ("ticket", [], CLEAN), ("ticket", ["--fail-on", "warning"], FINDINGS),
    ("ticket", ["--fail-on", "note"], FINDINGS), ("registry_count", ["--fail-on", "never"], CLEAN),
    ("registry_count", ["--fail-on", "new"], FINDINGS), ("ticket", ["--fail-on", "new,warning"], FINDINGS)])
def test_exit_code(report, diff, lost, level, code):
    assert diff(without(report, lost), report, *level).returncode == code
    done = diff(without(report, lost), report, "-q", *level)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_another_severity(report, diff, diff_json):
    old = change(report, "ticket", severity="note")
    done = diff(old, report, "--fail-on", "warning")
    assert done.returncode == CLEAN
    assert re.match(r"Changed\n  warning PT002: ticket [^\n]+\n    was: note\n\n0 new, 1 changed, ", done.stdout)
    row, = diff_json(old, report)["changed"]
    assert (row["before"]["severity"], row["now"]["severity"], row["worse"]) == ("note", "warning", False)


def test_more_objects_are_worse(report, diff, diff_json):
    old = change(report, "registry_count", fingerprint="0" * 16, objects=["host", "libplugin_a.so"])
    done = diff(old, report)
    assert done.returncode == FINDINGS
    assert "    also in: libplugin_b.so\n" in done.stdout and "no more in" not in done.stdout
    assert diff_json(old, report)["changed"][0]["worse"] is True


def test_fewer_objects_are_not(report, diff, diff_json):
    new = change(report, "registry_count", fingerprint="0" * 16, objects=["host", "libplugin_a.so"])
    done = diff(report, new)
    assert done.returncode == CLEAN
    assert "    no more in: libplugin_b.so\n" in done.stdout and "also in" not in done.stdout
    row, = diff_json(report, new)["changed"]
    assert row["worse"] is False and row["now"]["objects"] == ["host", "libplugin_a.so"]


def test_suppressed_findings_are_not_there(report, diff):
    new = change(report, "registry_count", suppressed="known")
    assert "0 new, 0 changed, 1 gone" in diff(report, new).stdout
    assert diff(new, report).returncode == FINDINGS


def test_a_baseline_and_a_report(report, diff, polyton, fixture_dir, start):
    running = start(fixture_dir("04_c_statics") / "host")
    known = json.loads(polyton("baseline", running.pid).stdout)
    assert f"0 new, 0 changed, 0 gone, {len(report['findings'])} the same." in diff(known, report).stdout
    assert diff(report, known).returncode == CLEAN


def test_hostile_texts_are_shown_not_obeyed(report, diff, diff_json):
    bad = "\x1b[31m\x07\n::error::x\u202e\x7f"
    new = change(report, "registry_count", fingerprint="\x1b1", headline=bad, objects=["host", "a\x1b"])
    new = change(new, "ticket", "PT004", headline=bad, fingerprint="2", slug=bad, library=bad, objects=[bad])
    new["findings"].append({**new["findings"][0], "fingerprint": "3", "rule": bad})
    for options in ([], ["-v"], ["--format", "json"]):
        output = diff(report, new, *options).stdout
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", output)
        assert "\n::error" not in output


@pytest.mark.parametrize("args, words", [
    ([], "the earlier report is missing"),
    (["a"], "the later report is missing"),
    (["a", "b", "c"], "unexpected argument 'c'"),
    (["-p", "1", "a", "b"], "'diff' takes no option '--pid'"),
    (["--baseline", "x", "a", "b"], "'diff' takes no option '--baseline'"),
    (["--format", "xml", "a", "b"], "--format takes text (default)"),
    (["/no/a", "/no/b"], "/no/a: No such file or directory"),
])
def test_usage(polyton, args, words):
    done = polyton("diff", *args)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert words in done.stderr and done.stderr.count("\n") == 1


def test_help(polyton):
    done = polyton("diff", "--help")
    assert (done.returncode, done.stderr) == (CLEAN, "")
    assert done.stdout.startswith("Usage: polyton diff [OPTION...] OLD NEW\n")
    assert "SUBJECT" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.search(r"^  diff OLD NEW +what ", polyton("--help").stdout, re.M)


def test_the_second_file_is_read_as_well(report, tmp_path, polyton):
    (tmp_path / "old.json").write_text(json.dumps(report))
    (tmp_path / "new.json").write_text('{"schema": "polyton"')
    done = polyton("diff", "old.json", "new.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith("polyton: new.json:1:")

"""What a project decides: .polyton.yml, baselines, and the exit code that follows. On a real process."""

import json
import os
import pathlib
import re
import stat
import subprocess

import pytest

from conftest import Running, command_line, plain_environment

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
CLEAN, FINDINGS, USAGE, NOT_SEEN = range(4)


@pytest.fixture(scope="module")
def host(fixture_dir):
    """A process with findings of two severities, each about the program and two plugins."""
    running = Running([fixture_dir("04_c_statics") / "host"], plain_environment())
    running.wait_ready()
    yield running.pid
    running.stop()


@pytest.fixture(scope="module")
def plain(host, polyton_json, tmp_path_factory):
    """Its report without any policy."""
    return polyton_json("report", host, "--no-config", cwd=tmp_path_factory.mktemp("plain"))


@pytest.fixture
def repository(tmp_path):
    """A folder that is the root of a repository, and the current directory of what is run there."""
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def policy(repository):
    """policy(TEXT) writes the repository's policy."""
    return lambda text: (repository / ".polyton.yml").write_text("version: 1\n" + text)


@pytest.fixture(scope="module")
def validate():
    jsonschema = pytest.importorskip("jsonschema")

    def run(document, name="polyton.schema.json"):
        schema = json.loads((DOCS / name).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(document)

    return run


def named(report, rule, singleton):
    finding, = (each for each in report["findings"] if (each["rule"], each["singleton"]) == (rule, singleton))
    return finding


def assert_refused(done, *words):
    assert (done.returncode, done.stdout) == (USAGE, ""), done.stderr
    assert re.fullmatch(r"polyton: [^\n]+\n", done.stderr), done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_the_story_has_what_is_tested(plain):
    severities = {finding["severity"] for finding in plain["findings"]}
    assert severities == {"error", "warning"}
    assert {finding["suppressed"] for finding in plain["findings"]} == {None}
    assert {finding["baseline"] for finding in plain["findings"]} == {None}
    assert plain["suppressed"] == []


def test_suppressed_findings_leave_the_report(host, plain, policy, repository, polyton, polyton_json, validate):
    policy("suppressions:\n- singleton: registry_*\n  objects: [host, 'libplugin_?.so']\n  reason: 'known, see #7'\n")
    report = polyton_json("report", host, cwd=repository)
    left = [each for each in plain["findings"] if not each["singleton"].startswith("registry_")]
    gone = len(plain["findings"]) - len(left)
    assert gone and left
    assert [each["fingerprint"] for each in report["findings"]] == [each["fingerprint"] for each in left]
    assert report["suppressed"] == [{"reason": "known, see #7", "count": gone}]
    assert not [each for each in report["singletons"] if each["name"].startswith("registry_")]
    everything = polyton_json("report", "--all", host, cwd=repository)
    assert named(everything, "PT002", "registry_count")["suppressed"] == "known, see #7"
    assert named(everything, "PT002", "ticket")["suppressed"] is None
    for document in (plain, report, everything):
        validate(document)
    done = polyton("report", host, cwd=repository)
    assert "registry_count" not in done.stdout
    assert f"{gone} suppressed findings are shown with --all: known, see #7 ({gone})." in done.stdout
    assert (done.stderr, done.returncode) == ("", CLEAN)  # what is left are warnings
    assert "registry_count" in polyton("report", "--all", host, cwd=repository).stdout


def test_no_config_and_another(host, plain, policy, repository, polyton, polyton_json):
    policy("severity: {PT001: off, PT002: off, PT004: off}\n")
    assert polyton("report", "-q", host, cwd=repository).returncode == CLEAN
    report = polyton_json("report", "--no-config", host, cwd=repository)
    assert len(report["findings"]) == len(plain["findings"])
    (repository / "other.yml").write_text("version: 1\nseverity: {PT004: off}\n")
    report = polyton_json("report", "--config", "other.yml", host, cwd=repository)
    assert {each["rule"] for each in report["findings"]} == {"PT001", "PT002"}
    assert report["suppressed"][0]["reason"] == "off by other.yml:2"


def test_where_a_policy_is_found(host, policy, repository, polyton):
    """In the current directory or above, up to the root of the repository; outside one, not above."""
    below = repository / "a/b"
    below.mkdir(parents=True)
    policy("severity: {PT001: off, PT002: off, PT004: off}\n")
    done = polyton("report", host, cwd=below)
    assert done.returncode == CLEAN
    assert "are those of ../../.polyton.yml." in done.stdout
    (below / ".polyton.yml").write_text("version: 1\n")  # the nearest one
    assert polyton("report", "-q", host, cwd=below).returncode == FINDINGS
    (below / ".polyton.yml").unlink()
    (repository / "a/.git").write_text("gitdir: elsewhere\n")  # a worktree, a submodule: a root of its own
    assert polyton("report", "-q", host, cwd=below).returncode == FINDINGS
    (repository / "a/.git").unlink()
    (repository / ".git").rmdir()
    assert polyton("report", "-q", host, cwd=below).returncode == FINDINGS
    assert polyton("report", "-q", host, cwd=repository).returncode == CLEAN


def test_only_reports_need_a_policy(host, policy, repository, polyton):
    policy("nonsense: 1\n")
    assert_refused(polyton("report", host, cwd=repository), ".polyton.yml:2:1: ")
    assert_refused(polyton("baseline", host, cwd=repository), ".polyton.yml:2:1: ")
    assert polyton("objects", host, cwd=repository).returncode == CLEAN


@pytest.mark.parametrize("text, words", [
    ("supressions: []\n", ["p.yml:2:1: ", "'supressions'", "did you mean 'suppressions'?"]),
    ("suppressions:\n- rule: PT001\n  reason: ''\n", ["p.yml:4:11: a reason"]),
    ("suppressions:\n- rule: PT01\n  reason: x\n", ["p.yml:3:9: ", "'PT01'", "did you mean 'PT001'?"]),
    ("suppressions:\n- rule: PT001\n  reason: x\n  expires: 2026-02-30\n", ["p.yml:5:12: '2026-02-30' is no day"]),
    ("suppressions:\n- objects: [*.so]\n  reason: x\n", ["p.yml:3:14: ", "quote a glob"]),
    ("a: &a [x]\nb: *a\n", ["p.yml:2:4: anchors"]),
    ("fail_on: [error, note]\n", ["p.yml:2:10: fail_on takes"]),
    ("reason: \"\x1b[31m\"\n", [r"p.yml:2:10: this is no YAML: control characters"]),
    ("\"\\e[31m\": 1\n", [r"p.yml:2:1: ", r"'\x1b[31m'"]),
], ids=lambda value: None if isinstance(value, list) else value.encode("unicode_escape").decode()[:30])
def test_mistakes_in_a_policy(host, tmp_path, polyton, text, words):
    (tmp_path / "p.yml").write_text("version: 1\n" + text)
    assert_refused(polyton("report", "--config", "p.yml", host, cwd=tmp_path), *words)


def test_policies_that_are_none(host, tmp_path, polyton):
    assert_refused(polyton("report", "--config", "no.yml", host, cwd=tmp_path), "no.yml: No such file or directory")
    assert_refused(polyton("report", "--config", ".", host, cwd=tmp_path), ".: Is a directory")
    (tmp_path / "large.yml").write_bytes(b"version: 1\n" + b"# padding\n" * 1_100_000)
    assert_refused(polyton("report", "--config", "large.yml", host, cwd=tmp_path), "large.yml: is too large")
    (tmp_path / "deep.yml").write_text("[" * 500_000)
    assert_refused(polyton("report", "--config", "deep.yml", host, cwd=tmp_path), "nested too deep")


def test_a_policy_through_a_pipe(host, tmp_path):
    script = f"exec {' '.join(command_line('report', '-q', '--config', '<(echo version: 1)', host))}"
    assert subprocess.run(["bash", "-c", script], cwd=tmp_path, env=plain_environment()).returncode == FINDINGS


@pytest.mark.parametrize("args, words", [
    (["--config", "a", "--no-config", "1"], ["'--config'", "'--no-config'"]),
    (["--fail-on", "new", "1"], ["'--fail-on new' needs '--baseline FILE'"]),
    (["--fail-on", "new,warning", "1"], ["needs '--baseline FILE'"]),
    (["--fail-on", "error,warning", "1"], ["--fail-on takes ", "not 'error,warning'"]),
    (["objects", "--config", "a", "1"], ["'objects' takes no option '--config'"]),
    (["baseline", "--format", "json", "1"], ["'baseline' takes no option '--format'"]),
])
def test_usage(polyton, args, words):
    assert_refused(polyton(*args), *words)


def test_suppressions_that_are_not_used_are_told(host, policy, repository, polyton):
    policy("suppressions:\n- {singleton: nobody, reason: long gone}\n- {singleton: ticket, reason: ours}\n")
    words = '.polyton.yml:3: the suppression "long gone" is about no finding of this report'
    done = polyton("report", host, cwd=repository)
    assert done.stderr == f"polyton: {words}\n"
    assert f"  - {words}\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("7 singletons of 2 libraries exist more than once")
    assert polyton("report", "-q", host, cwd=repository).stderr == ""
    assert polyton("report", "--format", "json", host, cwd=repository).stderr == f"polyton: {words}\n"


@pytest.mark.parametrize("day, is_over", [("2026-03-01", False), ("2026-03-02", True)])
def test_suppressions_end(host, plain, policy, repository, polyton, day, is_over):
    policy("suppressions:\n- {rule: PT004, reason: until March, expires: 2026-03-01}\n")
    seconds = subprocess.run(["date", "-u", "-d", day, "+%s"], capture_output=True, text=True, check=True).stdout
    done = polyton("report", "--format", "json", host, cwd=repository, env={"SOURCE_DATE_EPOCH": seconds.strip()})
    rules = {each["rule"] for each in json.loads(done.stdout)["findings"]}
    assert ("PT004" in rules) == is_over
    count = sum(each["rule"] == "PT004" for each in plain["findings"])
    warning = f"ended on 2026-03-01, and suppresses {count} findings no more\n"
    assert done.stderr.endswith(warning) == is_over


def test_the_exit_code_follows_the_verdicts(host, policy, repository, polyton, polyton_json):
    policy("severity: {PT001: note, PT002: note, split-state: note}\n")
    report = polyton_json("report", host, cwd=repository)
    assert {each["severity"] for each in report["findings"]} == {"note"}
    assert polyton("report", "-q", host, cwd=repository).returncode == CLEAN
    assert polyton("report", "-q", "--fail-on", "note", host, cwd=repository).returncode == FINDINGS
    policy("severity:\n- {singleton: ticket, level: error}\n- {library: '*', level: note}\n")
    report = polyton_json("report", host, cwd=repository)
    assert report["findings"][0]["singleton"] == "ticket"  # the worst comes first
    assert polyton("report", "-q", host, cwd=repository).returncode == FINDINGS
    assert polyton("report", "-q", "--match", "scratch", host, cwd=repository).returncode == CLEAN


def test_fail_on_of_the_policy(host, policy, repository, polyton):
    policy("fail_on: never\n")
    assert polyton("report", "-q", host, cwd=repository).returncode == CLEAN
    assert polyton("report", "-q", "--fail-on", "error", host, cwd=repository).returncode == FINDINGS
    policy("fail_on: warning\nsuppressions: [{singleton: registry_*, reason: x}]\n")
    assert polyton("report", "-q", host, cwd=repository).returncode == FINDINGS
    policy("fail_on: error\nsuppressions: [{singleton: registry_*, reason: x}]\n")
    assert polyton("report", "-q", host, cwd=repository).returncode == CLEAN


def test_thresholds(host, plain, policy, repository, polyton):
    errors = sum(each["severity"] == "error" for each in plain["findings"])
    for most, code in ((errors, CLEAN), (errors - 1, FINDINGS)):
        policy(f"thresholds: {{error: {most}}}\n")
        assert polyton("report", "-q", host, cwd=repository).returncode == code
    warnings = len(plain["findings"]) - errors
    for most, code in ((warnings, CLEAN), (warnings - 1, FINDINGS)):
        policy(f"thresholds: {{error: {errors}, warning: {most}}}\n")
        assert polyton("report", "-q", host, cwd=repository).returncode == code


def test_thresholds_in_each_format(host, plain, policy, repository, polyton):
    """What the exit code says is what SARIF and JUnit say: nothing fails as long as there are not too many."""
    errors = sum(each["severity"] == "error" for each in plain["findings"])
    for most, failures in ((errors, 0), (errors - 1, errors)):
        policy(f"thresholds: {{error: {most}}}\n")
        done = polyton("report", host, "--format", "junit", "-o", "a.sarif", cwd=repository)
        invocation, = json.loads((repository / "a.sarif").read_text())["runs"][0]["invocations"]
        assert done.returncode == invocation["exitCode"] == (FINDINGS if failures else CLEAN)
        assert done.stdout.count("<failure ") == failures
    policy(f"thresholds: {{error: {errors}, warning: 0}}\n")  # milder ones fail, which fail_on does not name
    done = polyton("report", host, "--format", "junit", cwd=repository)
    assert done.returncode == FINDINGS
    assert done.stdout.count("<failure ") == len(plain["findings"]) - errors


# Baselines ---------------------------------------------------------------------------------------------------


def test_a_baseline_is_stable(host, plain, tmp_path, polyton, fixture_dir, start, validate):
    first = polyton("baseline", host, cwd=tmp_path)
    assert (first.returncode, first.stderr) == (CLEAN, "")
    other = start(fixture_dir("04_c_statics") / "host")
    assert other.pid != host
    assert polyton("baseline", other.pid, cwd=tmp_path).stdout == first.stdout
    assert not re.search(rf"0x|\b{host}\b", first.stdout)
    document = json.loads(first.stdout)
    validate(document, "polyton-baseline.schema.json")
    assert {each["fingerprint"] for each in document["findings"]} == {each["fingerprint"] for each in plain["findings"]}
    keys = [(each["rule"], each["name"]) for each in document["findings"]]
    assert keys == sorted(keys)


def test_everything_known(host, tmp_path, polyton, polyton_json, validate):
    (tmp_path / "known.json").write_text(polyton("baseline", host).stdout)
    report = polyton_json("report", host, "--baseline", "known.json", cwd=tmp_path)
    assert {each["baseline"] for each in report["findings"]} == {"unchanged"}
    validate(report)
    done = polyton("report", host, "--baseline", "known.json", cwd=tmp_path)
    assert done.returncode == FINDINGS  # they are errors all the same
    assert f"0 findings are new and {len(report['findings'])} are known." in done.stdout
    for level in ("new", "new,warning", "note,new"):
        done = polyton("report", "-q", host, "--baseline", "known.json", "--fail-on", level, cwd=tmp_path)
        assert done.returncode == CLEAN
    # A report is a baseline, too.
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = polyton("report", "-q", host, "--baseline", "report.json", "--fail-on", "new", cwd=tmp_path)
    assert done.returncode == CLEAN


@pytest.mark.parametrize("lost, level, code", [
    ("registry_count", "new", FINDINGS), ("ticket", "new", CLEAN), ("ticket", "new,warning", FINDINGS),
    ("ticket", "warning,new", FINDINGS), ("registry_count", "never,new", CLEAN)])
def test_something_new(host, tmp_path, polyton, polyton_json, lost, level, code):
    known = json.loads(polyton("baseline", host).stdout)
    known["findings"] = [each for each in known["findings"] if each["name"] != lost]
    (tmp_path / "known.json").write_text(json.dumps(known))
    done = polyton("report", host, "--baseline", "known.json", "--fail-on", level, cwd=tmp_path)
    assert done.returncode == code
    assert re.search(rf"PT002 \(new\), PT004 \(new\): {lost} ", done.stdout)
    assert done.stdout.count("(new)") == 2
    report = polyton_json("report", host, "--baseline", "known.json", cwd=tmp_path)
    assert {each["singleton"] for each in report["findings"] if each["baseline"] == "new"} == {lost}


def test_new_leaves_the_level_to_the_policy(host, tmp_path, policy, polyton):
    """"new" says which findings count, not how bad they must be."""
    known = json.loads(polyton("baseline", host).stdout)
    known["findings"] = [each for each in known["findings"] if each["name"] != "ticket"]  # a warning
    (tmp_path / "known.json").write_text(json.dumps(known))
    for text, level, code in (("fail_on: warning\n", "new", FINDINGS), ("fail_on: warning\n", "new,error", CLEAN),
                              ("fail_on: error\n", "new", CLEAN), ("fail_on: never\n", "new,warning", FINDINGS),
                              ("fail_on: never\n", "new", CLEAN), ("fail_on: [new, warning]\n", "error", FINDINGS)):
        policy(text)
        done = polyton("report", "-q", host, "--baseline", "known.json", "--fail-on", level, cwd=tmp_path)
        assert done.returncode == code, (text, level)


def test_objects_that_came_and_went(host, tmp_path, polyton, polyton_json):
    """One that is known with more objects is known; with fewer it is new."""
    known = json.loads(polyton("baseline", host).stdout)
    for each in known["findings"]:
        if each["rule"] == "PT002" and each["name"] in ("ticket", "registry_count"):
            each["fingerprint"] = "0" * 16
            if each["name"] == "ticket":
                each["objects"].append("libplugin_c.so")
            else:
                each["objects"].remove("libplugin_b.so")
    (tmp_path / "known.json").write_text(json.dumps(known))
    report = polyton_json("report", host, "--baseline", "known.json", cwd=tmp_path)
    assert named(report, "PT002", "ticket")["baseline"] == "unchanged"
    assert named(report, "PT002", "registry_count")["baseline"] == "new"


def test_a_policy_that_fails_on_new_needs_no_baseline(host, policy, repository, polyton):
    """Without one nothing is known yet."""
    policy("fail_on: new\n")
    assert polyton("report", "-q", host, cwd=repository).returncode == FINDINGS
    (repository / "known.json").write_text(polyton("baseline", host, cwd=repository).stdout)
    assert polyton("report", "-q", host, "--baseline", "known.json", cwd=repository).returncode == CLEAN


def test_what_is_suppressed_is_not_accepted(host, policy, repository, polyton, polyton_json):
    policy("suppressions: [{singleton: ticket, reason: for now}]\n")
    assert polyton("baseline", "-o", "known.json", host, cwd=repository).stdout == ""
    assert '"ticket"' not in (repository / "known.json").read_text()
    policy("")
    report = polyton_json("report", host, "--baseline", "known.json", cwd=repository)
    assert named(report, "PT002", "ticket")["baseline"] == "new"
    assert named(report, "PT002", "registry_count")["baseline"] == "unchanged"


def test_a_baseline_goes_to_its_file_as_a_whole(host, tmp_path, polyton):
    expected = polyton("baseline", host, cwd=tmp_path).stdout
    file = tmp_path / "known.json"
    file.write_text("old")
    file.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(file)
    done = polyton("baseline", "--output", "link.json", host, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (CLEAN, "", "")
    assert file.read_text() == expected
    assert link.is_symlink() and stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["known.json", "link.json"]
    assert polyton("baseline", "-o", "json:/dev/stdout", host, cwd=tmp_path).stdout == expected
    done = polyton("baseline", "-o", "no/folder/x.json", host, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        NOT_SEEN, "polyton: cannot write 'no/folder/x.json': No such file or directory\n")
    assert polyton("baseline", "-o", "json:/dev/full", host, cwd=tmp_path).returncode == NOT_SEEN
    for options in (["-o", "x.sarif"], ["-o", "x.json", "-o", "y.json"]):
        assert_refused(polyton("baseline", *options, host, cwd=tmp_path), "'baseline' writes one file, which is JSON")


@pytest.mark.parametrize("text, words", [
    ("", ["known.json:1:0: this is no JSON"]),
    ('{"schema": "polyton",\n "schema_version": 2,\n oops}', ["known.json:3:", "this is no JSON", "oops"]),
    ('{"schema": "polyton", "schema_version": 1}', ["known.json: is of schema version 1"]),
    ('{"schema": "other"}', ["known.json: is neither a report nor a baseline of polyton"]),
    ('{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Other"}}, "results": []}]}',
     ["known.json: is a SARIF file of Other, not of polyton"]),
    ("[" * 100_000, ["known.json:1:", "this is no JSON", "depth"]),
], ids=["empty", "damaged", "version", "other", "sarif", "deep"])
def test_baselines_that_are_none(host, tmp_path, polyton, text, words):
    (tmp_path / "known.json").write_text(text)
    assert_refused(polyton("report", host, "--baseline", "known.json", cwd=tmp_path), *words)


def test_a_missing_baseline(host, polyton):
    assert_refused(polyton("report", host, "--baseline", "/no/such.json"),
                   "/no/such.json: No such file or directory ('polyton baseline' writes a baseline)")


def test_sarif_is_a_baseline(host, plain, tmp_path, polyton, polyton_json):
    """By its fingerprints: under polyton's own name, or under the one that GitHub uses."""
    results = [{"ruleId": each["rule"], "level": each["severity"], "message": {"text": each["headline"]},
                "partialFingerprints": {"polyton/v1": each["fingerprint"]} if index % 2 else
                {"primaryLocationLineHash": each["fingerprint"] + ":1"}}
               for index, each in enumerate(plain["findings"]) if each["singleton"] != "ticket"]
    runs = [{"tool": {"driver": {"name": "Other"}}, "results": [{}]},
            {"tool": {"driver": {"name": "polyton"}}, "results": results}]
    (tmp_path / "known.sarif").write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    report = polyton_json("report", host, "--baseline", "known.sarif", cwd=tmp_path)
    assert {each["singleton"] for each in report["findings"] if each["baseline"] == "new"} == {"ticket"}


def test_the_report_as_sarif_is_a_baseline(host, plain, policy, repository, polyton, polyton_json):
    """What is suppressed stands in it, and is not accepted by that."""
    policy("suppressions: [{singleton: ticket, reason: for now}]\nanchors: [{at: 'plugins/a.c:7'}]\n")
    done = polyton("report", "--format", "sarif", host, cwd=repository)
    results = json.loads(done.stdout)["runs"][0]["results"]
    assert len(results) == len(plain["findings"])
    suppressed = [each["suppressions"] for each in results if "suppressions" in each]
    assert len(suppressed) == sum(each["singleton"] == "ticket" for each in plain["findings"])
    assert {each[0]["justification"] for each in suppressed} == {"for now"}
    place = results[0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("plugins/a.c", 7)
    (repository / "known.sarif").write_text(done.stdout)
    report = polyton_json("report", "--no-config", "--baseline", "known.sarif", host, cwd=repository)
    assert {each["singleton"] for each in report["findings"] if each["baseline"] == "new"} == {"ticket"}
    done = polyton("diff", "known.sarif", "known.sarif", cwd=repository)
    assert (done.returncode, done.stdout[:28]) == (CLEAN, "0 new, 0 changed, 0 gone, 14")


# The documents ---------------------------------------------------------------------------------------------


def test_every_rule_of_the_documents_can_be_named(host, tmp_path, polyton):
    rules = re.findall(r"^\| (PT\d+) \| `([a-z-]+)` \|", (DOCS / "format.md").read_text(), re.M)
    assert len(rules) >= 13
    names = [name for rule in rules for name in rule]
    text = "".join(f"- {{rule: {name}, reason: x}}\n" for name in names)
    (tmp_path / "p.yml").write_text(f"version: 1\nsuppressions:\n{text}")
    done = polyton("report", "-q", "--config", "p.yml", host, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (CLEAN, "")


def test_every_policy_of_the_documents_is_one(host, tmp_path, polyton):
    blocks = re.findall(r"^```yaml\n(.*?)^```", (DOCS / "policy.md").read_text(), re.M | re.S)
    assert len(blocks) >= 3
    for block in blocks:
        (tmp_path / "p.yml").write_text(block if block.startswith("version:") else "version: 1\n" + block)
        done = polyton("report", "-q", "--config", "p.yml", host, cwd=tmp_path)
        assert done.returncode in (CLEAN, FINDINGS), (block, done.stderr)

"""How a report tells why there are several copies and who uses which; and that all JSON is as its schema says.

What the causes are is the fixtures' matter: here it counts that text and JSON tell the same, once.
"""

import collections
import json
import pathlib
import re

import pytest

from conftest import Running, plain_environment

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs/polyton.schema.json"
DUPLICATE = ("PT001", "PT002")


@pytest.fixture(scope="module")
def host(fixture_dir):
    """The number of the Rust host's process, with its modules loaded."""
    running = Running([fixture_dir("01_tokio_modules") / "host"], plain_environment())
    running.wait_ready()
    yield running.pid
    running.stop()


@pytest.fixture(scope="module")
def report(host, polyton_json):
    return polyton_json("report", host)


def flat(text):
    """Without line ends and indentation."""
    return re.sub(r"\s+", " ", text)


def live(singleton):
    return [copy for copy in singleton["copies"] if copy["use"] == "live"]


@pytest.mark.parametrize("args", [["report"], ["report", "--all"], ["report", "--no-types"], ["show", "context::CONTEXT"],
                                  ["show", "--expand", "context::CONTEXT"], ["bindings"], ["objects"], ["threads"],
                                  ["tls"]], ids=" ".join)
def test_json_is_as_the_schema_says(host, polyton_json, args):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(polyton_json(*args, host))


def test_each_further_copy_has_a_reason(report):
    names = {finding["singleton"] for finding in report["findings"] if finding["rule"] in DUPLICATE}
    assert names
    for singleton in report["singletons"]:
        if singleton["name"] not in names or singleton["live_copies"] < 2:
            continue
        reasons = [copy["reason"] for copy in live(singleton)]
        assert reasons.count(None) == 1, singleton["name"]
        assert all(copy["users"] for copy in live(singleton))


def test_the_report_tells_each_reason_once(host, polyton, report):
    """At the end of a library if no object has two reasons in it, which is so here."""
    text = polyton("report", host).stdout
    names = {finding["singleton"] for finding in report["findings"] if finding["rule"] in DUPLICATE}
    reasons = collections.defaultdict(set)
    for singleton in report["singletons"]:
        if singleton["name"] in names:
            reasons[singleton["library"]] |= {copy["reason"]["text"] for copy in live(singleton) if copy["reason"]}
    assert len(reasons) > 1
    told = flat(text)
    for library, texts in reasons.items():
        for reason in texts:
            assert told.count(f"{reason} ") == sum(reason in others for others in reasons.values()), library
    assert text.count("why:") == sum(map(len, reasons.values()))
    assert re.search(r"^  fix: ", text, re.M)


def test_several_findings_about_one_singleton_are_told_together(host, polyton, report):
    text = flat(polyton("report", host).stdout)
    rules = [finding["rule"] for finding in report["findings"]
             if (finding["singleton"] or "").endswith("runtime::context::CONTEXT")]
    assert {"PT001", "PT003", "PT004"} <= set(rules)
    assert f"error {', '.join(sorted(rules))}: tokio::runtime::context::CONTEXT (thread-local) exists 3 times" in text


def test_the_last_line_is_true(host, polyton, report):
    line = polyton("report", host).stdout.splitlines()[-1]
    found = [finding for finding in report["findings"] if finding["rule"] in DUPLICATE and finding["singleton"]]
    severities = collections.Counter(finding["severity"] for finding in report["findings"])
    match = re.fullmatch(r"(\d+) singletons of (\d+) libraries exist more than once: (.*)\.", line)
    assert (int(match[1]), int(match[2])) == (len(found), len({finding["library"] for finding in found}))
    assert dict(part.removesuffix("s").split(" ")[::-1] for part in match[3].split(", ")) == \
        {severity: str(count) for severity, count in severities.items()}


def test_show_tells_the_reason_of_each_copy(host, polyton, polyton_json):
    args = ("show", "context::CONTEXT", host)
    singleton, = polyton_json(*args)["singletons"]
    text = polyton(*args).stdout
    part = flat(text[text.index("Why there are several"):])
    assert text.index("Copies\n") < text.index("Why there are several")
    for copy in live(singleton):
        if not copy["reason"]:
            continue
        assert re.search(rf"\b{re.escape(copy['object'])}: [^:]* \({copy['reason']['cause']}\)", part)
        assert f"why: {copy['reason']['text']} " in part
        for step in copy["reason"]["remedy"]:
            assert f"fix: {step} " in part


def values_of(singleton):
    return [cell["value"] for copy in singleton["copies"] for cell in copy["cells"] if cell["value"]]


def test_show_tells_types_and_layout(host, polyton, polyton_json):
    args = ("show", "context::CONTEXT", host)
    singleton, = polyton_json(*args)["singletons"]
    text = polyton(*args).stdout
    for copy in singleton["copies"]:
        assert copy["type"] and not copy["type_missing"] and copy["producer"]
        assert f": {copy['type']}\n" in text
        assert f": {copy['declared']['file']}:{copy['declared']['line']}\n" in text
    assert all(value["typed"] and value["state"] == "alive" and value["rows"] is None for value in values_of(singleton))
    for value in values_of(singleton):
        assert value["text"].startswith("alive, ")
        assert f"  {value['text'].removeprefix('alive, ')}\n" in text
    assert singleton["sizes_differ"] and singleton["layout"]["rows"]
    assert singleton["layout"]["copies"] == ["host", "libmod_other.so"]
    assert re.search(r"^Layout\n  PART +host +libmod_other.so$", text, re.M)
    for row in singleton["layout"]["rows"]:
        assert re.search(rf"^  {re.escape(row['path'] or '(whole)')}  ", text, re.M)
        assert any(row["sides"])


def test_expand_shows_the_parts(host, polyton, polyton_json):
    args = ("show", "context::CONTEXT", host, "--expand")
    singleton, = polyton_json(*args)["singletons"]
    text = polyton(*args).stdout
    for value in values_of(singleton):
        first, *parts = value["rows"]
        assert (first["depth"], first["label"], first["parts"]) == (0, "", True) and parts
        for row in parts:
            line = " " * (4 + 2 * row["depth"]) + row["label"]
            assert re.search(rf"^{re.escape(line)}(: .*)?( = {re.escape(row['text'])})?$", text, re.M)
    assert "budget: Cell<Budget> = " in text  # without the paths of Rust's modules
    assert len(text) > len(polyton(*args[:-1]).stdout)


def test_no_types_leaves_words(host, polyton, polyton_json):
    singleton, = polyton_json("show", "context::CONTEXT", host, "--no-types")["singletons"]
    assert singleton["layout"] is None
    assert all(copy["type"] is None and copy["type_missing"] is None for copy in singleton["copies"])
    assert not any(value["typed"] for value in values_of(singleton))
    assert values_of(singleton)
    assert " alive " not in polyton("report", host, "--no-types").stdout


def test_routine_findings_are_shown_on_request(start, fixture_dir, polyton, polyton_json):
    pid = start([fixture_dir("10_merged") / "pinned"]).pid
    everything = polyton_json("report", "--all", pid)["findings"]
    routine = collections.Counter(finding["rule"] for finding in everything if finding["routine"])
    assert routine and not any(finding["routine"] for finding in polyton_json("report", pid)["findings"])
    text = polyton("report", "-v", pid).stdout
    listed = ", ".join(f"{rule} {routine[rule]}" for rule in sorted(routine))
    assert f"shown with --all: {listed}.\n" in text
    assert not any(f"note {rule}:" in text for rule in routine)
    text = polyton("report", "--all", pid).stdout
    for rule, count in routine.items():
        assert text.count(f"note {rule}:") == count
    # The exit status counts what is shown.
    assert polyton("report", "--fail-on", "note", "--all", pid).returncode == 1
    shown = [finding for finding in everything if not finding["routine"]]
    assert (polyton("report", "--fail-on", "note", pid).returncode == 1) == bool(shown)


BINDING = re.compile(r"  (\S+) +(?:(\S+) +)?(data|function|thread-local|copy) +"
                     r"(\S+?)(?: \((not called yet|computed)\))?(?:, expected (\S+))?")


def bindings_of_text(text):
    rows, name = [], None
    body = re.split(r"^(?:Notes|What could not be seen)$", text, flags=re.M)[0]
    for line in body.splitlines()[1:]:
        if line.startswith("  ") and not line.startswith("  SYMBOL "):
            match = BINDING.fullmatch(line)
            assert match, line
            rows.append((name, match[1], match[2] or "", match[3], match[4], match[5]))
        elif line and not line.startswith(" "):
            name = line
    return rows


def bindings_of_json(document):
    kinds = {"tls": "thread-local"}
    sources = {"read": None, "pending": "not called yet", "computed": "computed"}
    return [(row["object"], row["symbol"], row["version"], kinds.get(row["kind"], row["kind"]),
             row["provider"] or "none", sources[row["source"]]) for row in document["bindings"]]


@pytest.mark.parametrize("match", [[], ["--match", "^(malloc|free|__tls_get_addr)$"], ["--match", "no such name"]],
                         ids=["all", "some", "none"])
def test_bindings_in_text_and_json(start, polyton, polyton_json, match):
    """The process has lazy binding, if its distribution links so, and does not move on meanwhile."""
    running = start(["cat"], ready=False)
    assert running.ask("up") == "up"
    text = polyton("bindings", running.pid, *match).stdout
    document = polyton_json("bindings", running.pid, *match)
    assert bindings_of_text(text) == bindings_of_json(document)
    names = {row["symbol"] for row in document["bindings"]}
    assert bool(names) == (match[1:] != ["no such name"])
    if match:
        assert names <= {"malloc", "free", "__tls_get_addr"}
        assert ("No reference." in text) == (not names)


def test_bindings_are_the_process_s(start, polyton_json):
    running = start(["cat"], ready=False)
    assert running.ask("up") == "up"
    document = polyton_json("bindings", running.pid)
    objects = {row["name"]: row for row in document["objects"]}
    for row in document["bindings"]:
        assert row["object"] in objects
        assert row["provider"] is None or row["provider"] in objects
        assert row["kind"] == "function" or row["source"] != "pending"
    program = next(row["name"] for row in document["objects"] if row["program"])
    read = next(row for row in document["bindings"] if row["object"] == program and row["symbol"] == "read")
    assert (read["provider"], read["kind"], read["version"]) == ("libc.so.6", "function", "GLIBC_2.2.5")

"""The report's formats, as the programs see them that read them: schemas, parsers, a browser.

The samples are written by the unit test of the formats; among them is one in which every name is meant to do harm.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse
import xml.etree.ElementTree

import jsonschema
import pytest

import browser as chromium
from conftest import ROOT, plain_environment

BUILD = pathlib.Path(os.environ.get("POLYTON_BUILD") or ROOT / "build")
SCHEMAS = ROOT / "tests/schemas"
SAMPLES = ("empty", "story", "judged", "files", "hostile", "many")

needs = {name: pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")
         for name in ("xmllint", "dot", "tidy", "cmark-gfm")}


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """samples("story", "html") is the path of that report."""
    folder = tmp_path_factory.mktemp("samples")
    done = subprocess.run([BUILD / "tests/test_report_formats"], capture_output=True, text=True,
                          env=plain_environment(POLYTON_SAMPLES=str(folder)))
    assert done.returncode == 0, done.stdout + done.stderr
    return lambda name, extension: folder / f"{name}.{extension}"


@pytest.mark.parametrize("name", SAMPLES)
def test_sarif_is_valid(samples, name):
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())
    jsonschema.Draft4Validator.check_schema(schema)
    document = json.loads(samples(name, "sarif").read_text())
    errors = [f"{list(error.path)}: {error.message[:200]}"
              for error in jsonschema.Draft4Validator(schema).iter_errors(document)]
    assert errors == []


def test_sarif_schema_refuses(samples):
    """The schema is one that can fail."""
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())
    document = json.loads(samples("story", "sarif").read_text())
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not jsonschema.Draft4Validator(schema).is_valid(document)


def is_relative(uri):
    parts = urllib.parse.urlsplit(uri)
    return not parts.scheme and not parts.netloc and uri and not uri.startswith("/") and \
        ".." not in urllib.parse.unquote(uri).split("/")


@pytest.mark.parametrize("name", SAMPLES)
def test_sarif_has_what_github_asks_for(samples, name):
    document = json.loads(samples(name, "sarif").read_text())
    assert document["$schema"] and document["version"] == "2.1.0"
    run, = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "polyton"
    assert re.fullmatch(r"\d+\.\d+\.\d+", run["tool"]["driver"]["semanticVersion"])
    assert [rule["id"] for rule in rules] == [f"PT{number:03}" for number in range(1, len(rules) + 1)]
    for rule in rules:
        assert 0 < len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"] and rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert 0 < len(rule["properties"]["tags"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
    assert len(run["results"]) <= 25000
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert len(result["relatedLocations"]) <= 1000
        place = result["locations"][0]["physicalLocation"]
        assert is_relative(place["artifactLocation"]["uri"]), place
        region = place["region"]
        assert region["startLine"] >= 1 and region["endLine"] >= region["startLine"]
        assert region["startColumn"] >= 1 and region["endColumn"] >= region["startColumn"]
        uris = [related["physicalLocation"]["artifactLocation"]["uri"] for related in result["relatedLocations"]]
        for uri in uris:
            assert re.fullmatch(r"(file:///|)([A-Za-z0-9._~/-]|%[0-9A-F]{2})*", uri), uri
        assert [related["id"] for related in result["relatedLocations"]] == list(range(1, len(uris) + 1))


@needs["xmllint"]
@pytest.mark.parametrize("name", SAMPLES)
def test_junit_is_valid(samples, name):
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMAS / "junit-10.xsd", samples(name, "xml")],
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, f"{samples(name, 'xml')} validates"), done.stderr


@pytest.mark.parametrize("name", SAMPLES)
def test_junit_adds_up(samples, name):
    root = xml.etree.ElementTree.parse(samples(name, "xml")).getroot()
    suite, = root
    cases = suite.findall("testcase")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names) > 0
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(key)) == len(suite.findall(f"testcase/{tag}")), key
    assert int(suite.get("tests")) == int(root.get("tests")) == len(cases)


@needs["dot"]
@pytest.mark.parametrize("name", SAMPLES)
def test_dot_is_drawn(samples, name, tmp_path):
    done = subprocess.run(["dot", "-Tsvg", "-o", tmp_path / "out.svg", samples(name, "dot")],
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    nodes = len(re.findall(r'<g id="node\d+"', (tmp_path / "out.svg").read_text()))
    assert nodes == len(re.findall(r"^\t[os]\d+ \[", samples(name, "dot").read_text(), re.M))
    assert (nodes == 0) == (name == "empty")
    assert "script" not in {element.tag.split("}")[1] for element in
                            xml.etree.ElementTree.parse(tmp_path / "out.svg").iter()}


@needs["cmark-gfm"]
@pytest.mark.parametrize("name", SAMPLES)
def test_markdown_is_what_was_meant(samples, name):
    """As GitHub's own parser reads it: only our elements, no link, no emphasis by a name, no torn table."""
    done = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tagfilter",
                           samples(name, "md")], capture_output=True, text=True)
    assert done.returncode == 0
    elements = set(re.findall(r"<([a-z0-9]+)", done.stdout))
    assert elements <= {"h2", "h3", "p", "ul", "li", "code", "strong", "details", "summary", "table", "thead", "tbody",
                        "tr", "th", "td"}, elements
    for row in re.findall(r"<tr>(.*?)</tr>", done.stdout, re.S):
        assert len(re.findall("<t[dh]", row)) == 4, row
    assert done.stdout.count("<details") == done.stdout.count("</details>")
    assert len(samples(name, "md").read_bytes()) <= 1 << 20
    if name == "hostile":
        assert "<code>@everyone</code>" in done.stdout


# What an old tidy does not know yet: HTML is a living standard.
OLD_TIDY = re.compile(r"not approved by W3C|unknown value|proprietary|missing </?[a-z]+> before <svg>")


@needs["tidy"]
@pytest.mark.parametrize("name", SAMPLES)
def test_html_is_well_formed(samples, name):
    done = subprocess.run(["tidy", "-quiet", "-errors", "-utf8", samples(name, "html")], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if line.strip() and not OLD_TIDY.search(line)]
    assert complaints[:5] == []


@pytest.fixture(scope="module")
def browser():
    if not chromium.find():
        pytest.skip("no Chromium is installed")
    with chromium.Browser() as started:
        yield started


COUNT_ROWS = "Array.from(document.querySelectorAll('#list tbody tr')).filter(row => row.offsetParent).length"
COUNT_ARTICLES = "Array.from(document.querySelectorAll('article')).filter(each => each.offsetParent).length"


def type_words(browser, words):
    browser.value(f"var box = document.getElementById('words'); box.value = {json.dumps(words)};"
                  "box.dispatchEvent(new Event('input'))")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without"])
def test_html_in_a_browser(samples, browser, name, scripts):
    """All can be read, nothing is loaded, and no name has any effect."""
    browser.open(samples(name, "html"), scripts=scripts)
    assert browser.complaints() == []
    assert browser.requests() == [samples(name, "html").as_uri()]
    assert browser.value("window.harmed") is None
    assert browser.value("document.title").startswith("polyton: ")
    assert browser.value("document.compatMode") == "CSS1Compat"
    assert browser.value("document.scripts.length") == 1
    assert browser.value("document.querySelectorAll('img, iframe, object, embed, link, [style], [onerror], "
                         "[onmouseover]').length") == 0
    findings = len(json.loads(samples(name, "sarif").read_text())["runs"][0]["results"])
    assert browser.value(COUNT_ROWS) == findings
    assert browser.value("document.querySelectorAll('article .finding').length") == findings
    # Each row leads to a finding.
    assert browser.value("Array.from(document.querySelectorAll('#list a')).filter(link => "
                         "!document.getElementById(link.hash.slice(1))).length") == 0
    assert browser.value("!!document.querySelector('form.filter') && "
                         "!!document.querySelector('form.filter').offsetParent") == (scripts and findings > 0)


def test_html_names_are_text(samples, browser):
    """What the page shows is what the name is, escaped only where it is no line of text."""
    browser.open(samples("hostile", "html"))
    names = browser.value("Array.from(document.querySelectorAll('#list code')).map(each => each.textContent)")
    assert "\"><img src=x onerror=window.harmed=1>" in names
    assert "two\\x0alines\\x0d\\x0aand\\x0dmore" in names


def test_html_filter(samples, browser):
    browser.open(samples("many", "html"))
    assert browser.value("document.getElementById('told').textContent") == "400 of 400 findings shown"
    type_words(browser, "registry_012")
    assert (browser.value(COUNT_ROWS), browser.value(COUNT_ARTICLES)) == (1, 1)
    assert browser.value("document.getElementById('told').textContent") == "1 of 400 findings shown"
    type_words(browser, "LIBRARY00 state")
    assert browser.value(COUNT_ROWS) == 10
    type_words(browser, "")
    browser.value("var level = document.getElementById('level'); level.value = 'note';"
                  "level.dispatchEvent(new Event('change'))")
    assert browser.value(COUNT_ROWS) == 58
    type_words(browser, "no such finding")
    assert (browser.value(COUNT_ROWS), browser.value(COUNT_ARTICLES)) == (0, 0)


def test_html_sorts(samples, browser):
    browser.open(samples("many", "html"))
    names = "Array.from(document.querySelectorAll('#list tbody th')).map(each => each.textContent)"
    severities = "Array.from(document.querySelectorAll('#list tbody tr')).map(each => each.dataset.level)"
    first = browser.value(names)
    click = "document.querySelectorAll('#list thead button')[{}].click()"
    browser.value(click.format(2))
    assert browser.value(names) == sorted(first)
    assert browser.value("document.querySelectorAll('#list thead th')[2].getAttribute('aria-sort')") == "ascending"
    browser.value(click.format(2))
    assert browser.value(names) == sorted(first, reverse=True)
    browser.value(click.format(0))
    assert browser.value(severities) == sorted(browser.value(severities), key=["error", "warning", "note"].index)
    assert browser.value("document.querySelectorAll('#list thead th')[2].getAttribute('aria-sort')") is None


# WCAG 2: relative luminance, and what is behind an element.
CONTRAST = """(() => {
    const channel = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const parse = text => text.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) =>
        0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = parse(getComputedStyle(element).backgroundColor);
            if (colour.length < 4 || colour[3] > 0)
                return colour;
        }
        return [255, 255, 255];
    };
    const bad = [];
    for (const element of document.querySelectorAll("body *")) {
        if (!element.offsetParent || !Array.from(element.childNodes).some(each => each.nodeType === 3 &&
                                                                          each.textContent.trim()))
            continue;
        const a = luminance(parse(getComputedStyle(element).color)), b = luminance(behind(element));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5)
            bad.push(element.tagName + "." + element.className + " " + ratio.toFixed(2));
    }
    for (const box of document.querySelectorAll("svg g")) {
        const back = luminance(parse(getComputedStyle(box.querySelector("rect")).fill));
        for (const text of box.querySelectorAll("text")) {
            const front = luminance(parse(getComputedStyle(text).fill));
            const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
            if (ratio < 4.5)
                bad.push("svg " + box.className.baseVal + " " + ratio.toFixed(2));
        }
    }
    return Array.from(new Set(bad));
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["judged", "hostile"])
def test_html_contrast(samples, browser, name, dark):
    browser.open(samples(name, "html"), dark=dark)
    assert browser.value(CONTRAST) == []
    back = browser.value("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (not dark)


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("name", ["judged", "hostile"])
def test_html_fits_the_window(samples, browser, name, width):
    """Only tables and the drawing may be wider, and are scrolled by themselves."""
    browser.open(samples(name, "html"), width=width)
    assert browser.value("document.documentElement.scrollWidth") <= width


def test_html_is_structured(samples, browser):
    browser.open(samples("judged", "html"))
    assert browser.value("document.documentElement.lang") == "en"
    assert browser.value("[document.querySelectorAll('main').length, document.querySelectorAll('h1').length]") == [1, 1]
    for what in ("Array.from(document.querySelectorAll('table')).filter(each => !each.caption)",
                 "Array.from(document.querySelectorAll('thead th')).filter(each => each.scope !== 'col')",
                 "Array.from(document.querySelectorAll('section')).filter(each => "
                 "!document.getElementById(each.getAttribute('aria-labelledby')))",
                 "Array.from(document.querySelectorAll('input, select')).filter(each => !each.labels.length)",
                 "Array.from(document.querySelectorAll('svg')).filter(each => each.getAttribute('role') !== 'img')"):
        assert browser.value(f"{what}.length") == 0, what
    ids = browser.value("Array.from(document.querySelectorAll('[id]')).map(each => each.id)")
    assert len(set(ids)) == len(ids)

"""--output and the formats of --format: where they go, when they fail, and that they are the same in each run."""

import json
import os
import re
import stat
import subprocess
import threading

import pytest

from conftest import Running, command_line, plain_environment

FORMATS = {"text": "txt", "json": "json", "sarif": "sarif", "junit": "xml", "markdown": "md", "html": "html", "dot": "dot"}
BEGINNINGS = {"text": "truth (pid ", "json": "{", "sarif": '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json"',
              "junit": '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites', "github": "::error title=polyton PT0",
              "markdown": "## polyton: ", "html": "<!DOCTYPE html>", "dot": "graph polyton {"}
USAGE = 2
NOT_SEEN = 3


@pytest.fixture(scope="module")
def culprit(fixture_dir):
    """The number of a process with findings that does nothing more."""
    running = Running([fixture_dir("02_tls_truth") / "truth", "--quiet"], plain_environment())
    running.wait_ready()
    yield running.pid
    running.stop()


def assert_refused(done, code, *words):
    assert done.returncode == code, done.stderr
    assert re.fullmatch(r"polyton: [^\n]+\n", done.stderr), done.stderr
    for word in words:
        assert word in done.stderr


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", BEGINNINGS)
def test_each_format(polyton, culprit, name):
    done = polyton("report", culprit, "--format", name)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(BEGINNINGS[name])
    assert done.stdout.endswith("\n")


def test_many_at_once(polyton, culprit, tmp_path):
    words = [word for extension in FORMATS.values() for word in ("-o", tmp_path / f"out.{extension}")]
    done = polyton("report", culprit, *words, "--output", f"github:{tmp_path}/annotations", f"--output={tmp_path}/x.sarif.json",
                   "-o", f"html:{tmp_path}/page.txt")
    assert (done.returncode, done.stderr) == (1, "")
    for name, extension in FORMATS.items():
        assert (tmp_path / f"out.{extension}").read_text().startswith(BEGINNINGS[name]), name
    assert (tmp_path / "annotations").read_text().startswith(BEGINNINGS["github"])
    assert (tmp_path / "x.sarif.json").read_text() == (tmp_path / "out.sarif").read_text()
    assert (tmp_path / "page.txt").read_text() == (tmp_path / "out.html").read_text()
    # The text goes to standard output as without -o.
    assert done.stdout == (tmp_path / "out.txt").read_text()
    assert leftovers(tmp_path) == sorted(["annotations", "x.sarif.json", "page.txt"] + [f"out.{e}" for e in FORMATS.values()])


def test_quiet_is_for_standard_output(polyton, culprit, tmp_path):
    done = polyton("report", culprit, "-q", "-o", tmp_path / "a.json", "--format", "sarif")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert json.loads((tmp_path / "a.json").read_text())["view"] == "report"


def test_other_views_have_text_and_json(polyton, culprit, tmp_path):
    done = polyton("threads", culprit, "-o", tmp_path / "a.json", "-o", tmp_path / "a.txt")
    assert done.returncode in (0, NOT_SEEN)
    assert json.loads((tmp_path / "a.json").read_text())["view"] == "threads"
    assert (tmp_path / "a.txt").read_text() == done.stdout


@pytest.mark.parametrize("args, words", [
    (["report", "1", "-o", "report"], ["--output 'report'", "FORMAT:FILE"]),
    (["report", "1", "-o", "report.pdf"], ["--output 'report.pdf'", "FORMAT:FILE"]),
    (["report", "1", "-o", ".json"], ["--output '.json'"]),
    (["report", "1", "-o", "-"], ["--output '-'"]),
    (["report", "1", "-o", ""], ["--output ''"]),
    (["report", "1", "-o", "json:"], ["name of the file is missing"]),
    (["report", "1", "-o", "yaml:x"], ["--output 'yaml:x'"]),
    (["report", "1", "-o"], ["'--output' needs an argument: FILE"]),
    (["report", "1", "-o", "a.json", "-o", "text:a.json"], ["--output 'a.json' was given twice"]),
    (["threads", "1", "-o", "a.sarif"], ["'threads' cannot be written as sarif"]),
    (["show", "X", "1", "-o", "a.txt", "-o", "a.html"], ["'show' cannot be written as html"]),
    (["bindings", "1", "--format", "dot"], ["'bindings' cannot be written as dot"]),
    (["report", "1", "--format", "xml"], ["--format takes text (default), json, sarif, junit, github, markdown, html or dot"]),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_usage_is_refused(polyton, args, words, tmp_path):
    assert_refused(polyton(*args, cwd=tmp_path), USAGE, *words)
    assert leftovers(tmp_path) == []


def test_a_file_is_replaced_as_a_whole(polyton, culprit, tmp_path):
    (tmp_path / "real").mkdir()
    real = tmp_path / "real/out.json"
    real.write_text("before")
    real.chmod(0o640)
    before = real.stat().st_ino
    (tmp_path / "link.json").symlink_to("real/out.json")
    assert polyton("report", culprit, "-o", tmp_path / "link.json").returncode == 1
    assert json.loads(real.read_text())["view"] == "report"
    assert real.stat().st_ino != before  # whoever has it open goes on seeing the old one
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (tmp_path / "link.json").is_symlink() and leftovers(tmp_path / "real") == ["out.json"]


def test_a_new_file_has_the_usual_mode(polyton, culprit, tmp_path):
    assert polyton("report", culprit, "-o", tmp_path / "a.json", umask=0o027).returncode == 1
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


def test_nothing_is_written_without_a_picture(polyton, tmp_path):
    (tmp_path / "a.json").write_text("before")
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert_refused(polyton("report", gone.pid, "-o", tmp_path / "a.json", "-o", tmp_path / "b.json"), NOT_SEEN)
    assert (leftovers(tmp_path), (tmp_path / "a.json").read_text()) == (["a.json"], "before")


@pytest.mark.parametrize("place, reason", [
    ("no/such/a.json", "No such file or directory"), ("file/a.json", "Not a directory"), ("json:.", "Is a directory"),
])
def test_what_cannot_be_written_is_said_before(polyton, culprit, tmp_path, place, reason):
    (tmp_path / "file").touch()
    done = polyton("report", culprit, "-o", "b.json", "-o", place, cwd=tmp_path)
    assert_refused(done, NOT_SEEN, f"cannot write '{place.removeprefix('json:')}'", reason)
    assert (done.stdout, leftovers(tmp_path)) == ("", ["file"])


def test_full_device(polyton, culprit, tmp_path):
    """The other files are whole all the same."""
    done = polyton("report", culprit, "-o", "html:/dev/full", "-o", tmp_path / "a.json")
    assert_refused(done, NOT_SEEN, "cannot write '/dev/full'", "No space left on device")
    assert json.loads((tmp_path / "a.json").read_text())["view"] == "report"


def test_file_that_grows_too_large(culprit, tmp_path):
    """What was there stays."""
    (tmp_path / "a.html").write_text("before")
    done = subprocess.run(["sh", "-c", "ulimit -f 4; trap '' XFSZ; exec \"$@\"", "sh",
                           *command_line("report", culprit, "-q", "-o", tmp_path / "a.html")],
                          capture_output=True, text=True, env=plain_environment())
    assert_refused(done, NOT_SEEN, "a.html", "File too large")
    assert (leftovers(tmp_path), (tmp_path / "a.html").read_text()) == (["a.html"], "before")


def test_pipe_with_a_name(polyton, culprit, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe.json").read_text()))
    reader.start()
    assert polyton("report", culprit, "-o", tmp_path / "pipe.json").returncode == 1
    reader.join(timeout=60)
    assert json.loads(read[0])["view"] == "report"
    assert stat.S_ISFIFO((tmp_path / "pipe.json").stat().st_mode)


def test_standard_output_by_its_name(polyton, culprit, tmp_path):
    assert json.loads(polyton("report", culprit, "-q", "-o", "json:/dev/stdout").stdout)["view"] == "report"
    with open(tmp_path / "all", "w") as all_:
        assert polyton("report", culprit, "-q", "-o", "json:/dev/stdout", stdout=all_).returncode == 1
    assert json.loads((tmp_path / "all").read_text())["view"] == "report"


def without_runs(text):
    """Without what is of one run: the thread that a split was seen in."""
    return re.sub(r"thread \d+", "thread N", text)


@pytest.mark.parametrize("name", ["sarif", "junit", "github", "markdown", "dot"])
def test_same_in_each_run(polyton, fixture_dir, start, name):
    """Two processes of one program: other ids, other addresses."""
    reports = []
    for _ in range(2):
        running = start([fixture_dir("09_causes") / "hidden"], stderr=subprocess.DEVNULL)
        reports.append(without_runs(polyton("report", running.pid, "--format", name).stdout))
    assert len(reports[0]) > 200
    assert reports[0] == reports[1]


def test_levels_are_those_of_the_exit_code(polyton, culprit):
    for level, code in (("error", 1), ("never", None)):
        done = polyton("report", culprit, "--format", "sarif", "--fail-on", level)
        invocation, = json.loads(done.stdout)["runs"][0]["invocations"]
        assert invocation["exitCode"] == done.returncode and code in (None, done.returncode)
        failures = polyton("report", culprit, "--format", "junit", "--fail-on", level).stdout.count("<failure ")
        assert (failures > 0) == (level == "error")

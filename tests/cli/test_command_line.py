"""The command line: what it takes, what it refuses and how, where its output goes. Not what it reports."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time

import pytest

from conftest import Running, command_line, plain_environment

COMMANDS = ("report", "show", "bindings", "objects", "threads", "tls", "baseline")
USAGE = 2
NOT_SEEN = 3
LOOKED = (0, 1, 3)

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def assert_refused(done, code, *words):
    """One line on standard error with all of these words, nothing on standard output."""
    assert (done.returncode, done.stdout or "") == (code, ""), done.stderr
    assert re.fullmatch(r"polyton: [^\n]+\n", done.stderr), done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def subject(start):
    """The number of a process that has surely come through its start."""
    running = start(["cat"], ready=False)
    assert running.ask("up") == "up"
    return running.pid


@pytest.fixture(scope="module")
def culprit(fixture_dir):
    """The number of a process with findings."""
    running = Running([fixture_dir("02_tls_truth") / "truth", "--quiet"], plain_environment())
    running.wait_ready()
    yield running.pid
    running.stop()


@pytest.mark.parametrize("args, words", [
    ([], ["the subject is missing", "polyton --help"]),
    (["report"], ["the subject is missing", "polyton report --help"]),
    (["show"], ["name of a singleton is missing", "polyton show --help"]),
    (["show", "CONTEXT"], ["the subject is missing", "polyton show --help"]),
    (["show", "-p", "1"], ["name of a singleton is missing"]),
    (["frobnicate"], ["'frobnicate' is neither a command, a process id nor a file"]),
    (["frobnicate", "1"], ["'frobnicate' is neither a command, a process id nor a file"]),
    (["Report", "1"], ["'Report' is neither"]),
    (["rep", "1"], ["'rep' is neither"]),
    (["./core.4242"], ["'./core.4242' is neither a command, a process id nor a file"]),
    (["report", "./core.4242"], ["'./core.4242' is neither a process id nor a file: No such file or directory"]),
    (["threads", "/usr/bin/env"], ["'threads' is about a process: files have none"]),
    (["threads", "--plugin", "/usr/bin/env"], ["'threads' takes no option '--plugin'"]),
    (["1", "--interval", "2"], ["'report' takes no option '--interval'"]),
    (["tui", "1", "--interval", "soon"], ["--interval takes a number of seconds, not 'soon'"]),
    (["tui", "1", "--interval", "-1"], ["--interval takes a number of seconds, not '-1'"]),
    (["tui", "1", "--format", "json"], ["'tui' takes no option '--format'"]),
    (["tui", "1", "2"], ["unexpected argument '2'"]),
    (["tui", "--sysroot", "/"], ["'--sysroot' is for files, but the subject is a process"]),
    (["/usr/bin/env", "--stop"], ["'--stop' is for processes, but the subject is files"]),
    (["--plugin", "/usr/bin/env", "--stop"], ["'--stop' is for processes"]),
    (["-p", "1", "/usr/bin/env"], ["unexpected argument '/usr/bin/env'"]),
    (["1", "/usr/bin/env"], ["unexpected argument '/usr/bin/env'"]),
    (["/usr/bin/env", "/no/such/file"], ["'/no/such/file' is neither a process id nor a file: No such file"]),
    (["/usr/bin/env", "1"], ["'1' is neither a process id nor a file: No such file or directory"]),
    (["show", "CONTEXT", "/no/such/file"], ["'/no/such/file' is neither"]),
    (["show", "CONTEXT", "--stop", "/usr/bin/env"], ["'--stop' is for processes"]),
    (["show", "--plugin", "/usr/bin/env"], ["name of a singleton is missing"]),
    *[([f"--{name}", "/usr/bin/env", "1"], [f"'--{name}' is for files, but the subject is a process"])
      for name in ("plugin", "global", "deepbind", "preload", "namespace")],
    *[(["1", f"--{name}", "/usr"], [f"'--{name}' is for files, but the subject is a process"])
      for name in ("sysroot", "library-path")],
    *[([f"--{name}", "/no/such/file"], [f"--{name} '/no/such/file': No such file or directory"])
      for name in ("plugin", "global", "deepbind", "preload", "namespace", "sysroot")],
    *[([f"--{name}"], [f"'--{name}' needs an argument: {what}"])
      for name, what in (("plugin", "FILE"), ("global", "FILE"), ("deepbind", "FILE"), ("preload", "FILE"),
                         ("namespace", "FILE"), ("sysroot", "DIR"), ("library-path", "PATH"))],
    (["--plugin", "", "/usr/bin/env"], ["--plugin '': No such file or directory"]),
    (["/usr/bin/env", "--sysroot", "/dev/null"], ["--sysroot '/dev/null': Not a directory"]),
    (["/usr/bin/env", "--sysroot", "/", "--sysroot", "/"], ["'--sysroot' was given twice"]),
    (["/usr/bin/env", "--library-path", "/", "--library-path", "/"], ["'--library-path' was given twice"]),
    (["/usr/bin/env", "--plug", "/usr/bin/env"], ["unknown option '--plug'", "'--plugin'"]),
    (["show", "1", "CONTEXT"], ["'CONTEXT' is neither a process id nor a file"]),
    (["report", ""], ["'' is neither a process id nor a file"]),
    (["report", "0"], ["'0' is neither a process id nor a file"]),
    (["report", "+1"], ["'+1' is neither a process id nor a file"]),
    (["report", " 1"], ["' 1' is neither a process id nor a file"]),
    (["report", "1x"], ["'1x' is neither a process id nor a file"]),
    (["report", "0x1"], ["'0x1' is neither a process id nor a file"]),
    (["report", "4294967297"], ["'4294967297' is neither a process id nor a file"]),
    (["report", "9" * 40], ["is neither a process id nor a file"]),
    (["--", "-1"], ["'-1' is neither"]),
    (["report", "--", "--all"], ["'--all' is neither a process id nor a file"]),
    (["-p", "self", "report"], ["'self' is not a process id"]),
    (["-p", "1", "-p", "1"], ["'--pid' was given twice"]),
    (["1", "1"], ["unexpected argument '1'"]),
    (["-p", "1", "1"], ["unexpected argument '1'"]),
    (["report", "-p", "1", "2"], ["unexpected argument '2'"]),
    (["show", "CONTEXT", "1", "2"], ["unexpected argument '2'"]),
    (["1", "report"], ["unexpected argument 'report'"]),
    (["-p"], ["'--pid' needs an argument: PID"]),
    (["1", "--format"], ["'--format' needs an argument: FORMAT"]),
    (["1", "--all=yes"], ["'--all' takes no argument"]),
    (["1", "-x"], ["unknown option '-x'"]),
    (["1", "-qx"], ["unknown option '-x'"]),
    (["1", "-\xe9"], ["unknown option"]),
    (["1", "--frobnicate"], ["unknown option '--frobnicate'"]),
    (["1", "--form", "json"], ["unknown option '--form'", "'--format'"]),
    (["1", "--form=json"], ["unknown option '--form'", "'--format'"]),
    (["1", "--f", "json"], ["unknown option '--f'"]),
    (["--vers"], ["unknown option '--vers'", "'--version'"]),
    (["--he"], ["unknown option '--he'", "'--help'"]),
    (["1", "--format", "xml"], ["--format takes text (default), json, sarif,"]),
    (["1", "--format", ""], ["not ''"]),
    (["1", "--format", "JSON"], ["not 'JSON'"]),
    (["1", "--format", "json", "--format=json"], ["'--format' was given twice"]),
    (["1", "--fail-on", "bad"], ["--fail-on takes error, warning, note or never, new, or 'new,' and one of them, not 'bad'"]),
    (["1", "--match", "("], ["--match '('"]),
    (["1", "--match", "a", "--match", "b"], ["'--match' was given twice"]),
    (["1", "--debug-dir", "/no/such/folder"], ["--debug-dir '/no/such/folder'", "No such file or directory"]),
    (["1", "--debug-dir", "/dev/null"], ["--debug-dir '/dev/null'", "Not a directory"]),
    (["threads", "1", "--fail-on", "note"], ["'threads' takes no option '--fail-on'"]),
    (["show", "CONTEXT", "1", "--match", "x"], ["'show' takes no option '--match'"]),
    (["report", "1", "--expand"], ["'report' takes no option '--expand'"]),
    (["bindings", "1", "--no-types"], ["'bindings' takes no option '--no-types'"]),
    (["show", "CONTEXT", "1", "--expand", "--no-types"], ["'--expand' needs the types that '--no-types' leaves out"]),
    (["objects", "1", "--all"], ["'objects' takes no option '--all'"]),
    (["bindings", "1", "--all"], ["'bindings' takes no option '--all'"]),
    (["bindings", "1", "--fail-on", "note"], ["'bindings' takes no option '--fail-on'"]),
    (["bindings", "1", "--match", "["], ["--match '['"]),
    (["report", "a\nb"], [r"'a\x0ab' is neither a process id nor a file"]),
    (["report", "\x1b[31m"], [r"'\x1b[31m' is neither a process id nor a file"]),
    (["report", "\udcff\udc9b"], [r"'\xff\x9b' is neither a process id nor a file"]),
    (["report", "naïve"], ["'naïve' is neither a process id nor a file"]),
], ids=lambda value: " ".join(value).encode("unicode_escape").decode() if isinstance(value, list) else None)
def test_usage_is_refused(polyton, args, words):
    assert_refused(polyton(*args), USAGE, *words)


def test_unprintable_in_this_locale_is_escaped(polyton):
    done = polyton("report", "naïve", env={"LC_ALL": "C"})
    assert_refused(done, USAGE, r"'na\xc3\xafve' is neither a process id nor a file")


def test_help(polyton):
    done = polyton("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in COMMANDS:
        assert re.search(rf"^  {command} .*SUBJECT  ", done.stdout, re.M)
    assert re.search(r"^  run PROGRAM ARGS  ", done.stdout, re.M)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert polyton("-h").stdout == done.stdout


@pytest.mark.parametrize("command", (*COMMANDS, "run"))
def test_help_of_a_command(polyton, command):
    done = polyton(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: polyton {command} ")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert ("--fail-on" in done.stdout) == (command in ("report", "run"))
    assert ("SUBJECT" in done.stdout) == (command != "run")
    assert ("--expand" in done.stdout) == (command == "show")
    assert ("--no-types" in done.stdout) == (command in ("report", "run", "show", "baseline"))
    assert polyton("--help", command).stdout == done.stdout
    assert polyton("-h", command, "1").stdout == done.stdout
    if command != "run":  # what follows a program is its own
        assert polyton(command, "1", "-h").stdout == done.stdout


def test_version(polyton):
    done = polyton("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"polyton \d+\.\d+\.\d+ \([a-z ]*\)\n", done.stdout)


@pytest.mark.parametrize("args", [["tui"], ["tui", "1"], ["tui", "/usr/bin/env"]])
def test_the_full_screen_needs_a_terminal(polyton, args):
    assert_refused(polyton(*args), NOT_SEEN, "standard input and output are not a terminal")


def test_help_of_the_full_screen_has_the_keys(polyton):
    keys = polyton("tui", "--help").stdout.split("\nKeys:\n")[1]
    assert "  ?, F1                    this help\n" in keys and "  Q, F10 " in keys


@pytest.mark.parametrize("template", [
    "PID --format json", "--format json PID", "--format=json PID", "report PID --format json",
    "report --format json PID", "--format json report PID", "-p PID --format json", "-pPID --format json",
    "--format json -p PID report", "--pid PID --format json", "--pid=PID --format json", "--format json -- PID",
    "report --format json -- PID", "--format json -- report PID", "-vp PID --format json",
    "PID --format json --debug-dir / --debug-dir=/tmp --no-color -v -v",
])
@pytest.mark.parametrize("posix", [None, "1"], ids=["", "POSIXLY_CORRECT"])
def test_order_and_forms(polyton, subject, template, posix):
    done = polyton(*template.replace("PID", str(subject)).split(), env={"POSIXLY_CORRECT": posix})
    assert done.returncode in LOOKED and done.stderr == ""
    document = json.loads(done.stdout)
    assert (document["view"], document["subject"]["pid"]) == ("report", subject)


@pytest.mark.parametrize("command", ["report", "bindings", "objects", "threads", "tls"])
def test_each_command_writes_its_view(polyton_json, subject, command):
    assert polyton_json(command, subject)["view"] == command


@pytest.mark.parametrize("template", ["show NAME PID", "show -p PID NAME", "show NAME -p PID"])
def test_show_takes_a_name(polyton, culprit, template):
    done = polyton(*template.replace("PID", str(culprit)).replace("NAME", "truth_image").split())
    assert done.returncode in (0, 3) and done.stderr == ""
    assert "truth_image" in done.stdout


@pytest.mark.parametrize("options", [[], ["-q"], ["--format", "json"]], ids=" ".join)
def test_show_refuses_a_name_nobody_has(polyton, culprit, options):
    assert_refused(polyton("show", "no::such::NAME", culprit, *options), USAGE, "no::such::NAME")


@pytest.mark.parametrize("command", ["report", "bindings", "objects", "threads", "tls"])
def test_text_is_plain_when_piped(polyton, culprit, command):
    plain = polyton(command, culprit)
    assert plain.returncode in LOOKED and plain.stderr == ""
    assert plain.stdout.endswith("\n") and "\x1b" not in plain.stdout
    narrow = polyton(command, culprit, env={"COLUMNS": "30"})
    assert len(max(narrow.stdout.split("\n"), key=len)) > 30


def test_exit_code_follows_the_level(polyton, polyton_json, culprit):
    document = polyton_json("report", culprit)
    severities = {finding["severity"] for finding in document["findings"]}
    otherwise = 3 if any(note["loss"] for note in document["notes"]) else 0
    assert "error" in severities
    worse = {"error": {"error"}, "warning": {"error", "warning"},
             "note": {"error", "warning", "note"}, "never": set()}
    for level, counted in worse.items():
        code = 1 if severities & counted else otherwise
        assert polyton("report", culprit, "--fail-on", level).returncode == code
        quiet = polyton("report", culprit, "--fail-on", level, "-q")
        assert (quiet.returncode, quiet.stdout, quiet.stderr) == (code, "", "")
    assert polyton(culprit).returncode == 1
    for command in ("bindings", "objects", "threads", "tls"):
        assert polyton(command, culprit).returncode == otherwise


@pytest.mark.parametrize("pattern", ["^truth_image$", "^truth", "tail|image", "^$", "no such name", ""])
def test_exit_code_follows_the_match(polyton, polyton_json, culprit, pattern):
    """What is not shown does not count, and what is shown does."""
    everything = polyton_json("report", culprit)
    shown = polyton_json("report", culprit, "--match", pattern)
    expected = [finding for finding in everything["findings"]
                if any(re.search(pattern, finding[of] or "") for of in ("singleton", "library") if finding[of])]
    # A library that is there twice is shown when one of the variables is that it speaks for.
    folded = [row["name"] for row in everything["singletons"] if row["folded"]]
    if any(re.search(pattern, name) for name in folded):
        expected += [finding for finding in everything["findings"] if finding["rule"] == "PT006"]
    assert sorted(f["headline"] for f in shown["findings"]) == sorted(f["headline"] for f in expected)
    done = polyton("report", culprit, "--match", pattern)
    assert (done.returncode == 1) == any(f["severity"] == "error" for f in expected)


FAILING = (["--help"], ["--version"], ["report", "PID"], ["objects", "PID", "--format", "json"])


@pytest.mark.parametrize("args", FAILING, ids=" ".join)
def test_full_disk(polyton, subject, args):
    with open("/dev/full", "w") as full:
        done = polyton(*(subject if arg == "PID" else arg for arg in args), stdout=full)
    assert_refused(done, NOT_SEEN, "standard output", "No space left on device")


def run_in_shell(redirection, *args):
    return subprocess.run(["sh", "-c", f'exec "$@" {redirection}', "sh", *command_line(*args)],
                          capture_output=True, text=True, env=plain_environment())


@pytest.mark.parametrize("args", FAILING, ids=" ".join)
def test_closed_standard_output(subject, args):
    done = run_in_shell(">&-", *(subject if arg == "PID" else arg for arg in args))
    assert_refused(done, NOT_SEEN, "standard output", "Bad file descriptor")


def test_closed_standard_output_does_not_matter_when_quiet(polyton, subject):
    done = run_in_shell(">&-", "report", subject, "-q")
    assert (done.returncode, done.stderr) == (polyton(subject, "-q").returncode, "")


def test_closed_descriptors_are_not_taken_by_files(polyton, subject):
    """A complaint, or the report, must not go to where a file of the subject was opened."""
    done = run_in_shell("<&- 2>&-", "report", subject)
    assert (done.returncode, done.stdout) == (polyton(subject).returncode, polyton(subject).stdout)
    done = run_in_shell("<&- 2>&-", "report", "nonsense")
    assert (done.returncode, done.stdout, done.stderr) == (USAGE, "", "")


@pytest.mark.parametrize("args", [["report"], ["report", "--format", "json"], ["report", "--fail-on", "never"]],
                         ids=" ".join)
def test_reader_that_went_away(polyton, culprit, args):
    """It is no error, and the exit code is that of the look."""
    whole = polyton(*args, culprit)
    reader, writer = os.pipe()
    os.close(reader)
    done = polyton(*args, culprit, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (whole.returncode, "")


def test_reader_that_goes_away_half_way(polyton, culprit):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen(command_line("report", culprit, "--format", "json"), stdout=writer,
                               stderr=subprocess.PIPE, env=plain_environment())
    os.close(writer)
    assert os.read(reader, 1) == b"{"
    os.close(reader)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == polyton(culprit).returncode


def test_reader_that_does_not_block(polyton, culprit):
    """A full pipe that some other program has set to non-blocking is waited for."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    process = subprocess.Popen(command_line("report", culprit, "--format", "json"), stdout=writer,
                               stderr=subprocess.PIPE, env=plain_environment())
    os.close(writer)
    time.sleep(0.3)
    with os.fdopen(reader) as stream:
        assert json.load(stream)["view"] == "report"
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 1


def on_terminal(*args, columns=100, env=None):
    """What polyton prints to a terminal that is so wide."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command_line(*args), stdin=slave, stdout=slave, stderr=slave,
                               env=plain_environment(**(env or {})))
    os.close(slave)
    pieces = []
    while True:
        try:
            pieces.append(os.read(master, 1 << 16))
        except OSError:  # the terminal's other end is closed
            break
    os.close(master)
    assert process.wait(timeout=60) in LOOKED
    return b"".join(pieces).decode().replace("\r\n", "\n")


def widest(text):
    return max(len(line) for line in ESCAPE.sub("", text).split("\n"))


def test_color_is_for_terminals_that_want_it(culprit):
    assert ESCAPE.search(on_terminal("report", culprit))
    assert ESCAPE.search(on_terminal("report", culprit, env={"NO_COLOR": ""}))
    for args, env in ((["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"}),
                      ([], {"TERM": ""}), ([], {"TERM": None}), (["--format", "json"], {})):
        assert "\x1b" not in on_terminal("report", culprit, *args, env=env), (args, env)


def test_width_is_the_terminals(polyton, culprit):
    """Of the report; what is narrower than 80 columns is not promised to be kept to."""
    assert widest(polyton("report", culprit).stdout) > 120
    assert widest(on_terminal("report", culprit, columns=120)) in range(101, 121)
    assert widest(on_terminal("report", culprit, columns=100)) in range(81, 101)
    assert widest(on_terminal("report", culprit, columns=100, env={"COLUMNS": "80"})) <= 80
    for nonsense in ("", "0", "-5", "80x", "9" * 30):
        assert widest(on_terminal("report", culprit, columns=100, env={"COLUMNS": nonsense})) in range(81, 101)
    # A terminal that does not know its width: the usual 80.
    assert widest(on_terminal("report", culprit, columns=0)) <= 80

"""polyton run. The truth is what the program says of itself (tests/run/driver.c): where its variables are, where it calls
dlopen(), what became of its children; and what the same program does without polyton.
"""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import pytest

from conftest import POLYTON, ROOT, command_line, plain_environment

SOURCES = ROOT / "tests/run"
BOTH = pytest.mark.parametrize("places", ["debug", "memory"])


def compile_c(source, output, *flags):
    subprocess.run(["cc", "-g", "-O1", "-o", str(output), str(source), *flags], check=True)
    return output


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The driver, libone.so and libtwo.so with a copy each, and libchain.so, which loads libtwo.so when it is loaded."""
    made = tmp_path_factory.mktemp("run")
    compile_c(SOURCES / "driver.c", made / "driver", "-pthread", "-ldl")
    for name, more in (("one", []), ("two", []), ("chain", [f'-DPART_CHAIN="{made}/libtwo.so"'])):
        compile_c(SOURCES / "part.c", made / f"lib{name}.so", "-fPIC", "-shared", f'-DPART="lib{name}.so"', *more)
    return made


@pytest.fixture
def driver(folder):
    return folder / "driver"


@pytest.fixture
def run():
    """run(*args, env={}, options=[...]) is `polyton run`; a polyton that hangs fails the test."""

    def start(*args, env=None, timeout=60, **options):
        settings = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        settings.update(options)
        return subprocess.run(command_line("run", *args), env=plain_environment(**(env or {})), timeout=timeout,
                              encoding="utf-8", errors="surrogateescape", **settings)

    return start


def reports(done):
    """The JSON documents on standard error; what is no document is a complaint, and ends them."""
    decoder, text, found = json.JSONDecoder(), done.stderr, []
    while text.startswith("{"):
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].lstrip("\n")
    return found


def report_of(done):
    document, = reports(done)
    return document


def said(done, word):
    """The lines of the program that begin with that word, split."""
    return [line.split(" ")[1:] for line in done.stdout.splitlines() if line.split(" ")[0] == word]


def copies_of(report, name):
    return {copy["object"]: copy for row in report["singletons"] if row["name"] == name for copy in row["copies"]}


def openings(report):
    return {row["name"]: row["opened_by"] for row in report["objects"]}


# Exit statuses and signals.

@pytest.mark.parametrize("words, status", [
    ([], 0), (["exit=0"], 0), (["exit=3"], 3), (["exit=255"], 255), (["leave=4"], 4), (["end-main=5"], 5),
    (["end-thread=6"], 6), ([f"raise={signal.SIGTERM}"], 128 + signal.SIGTERM), ([f"raise={signal.SIGKILL}"], 137),
    ([f"raise={signal.SIGUSR1}"], 128 + signal.SIGUSR1), (["crash"], 128 + signal.SIGSEGV),
    (["handle=5", "raise=5", "await", "exit=9"], 9), (["raise=5"], 128 + signal.SIGTRAP),
    (["ignore=15", "raise=15", "exit=7"], 7), (["handle=15", "raise=15", "await", "exit=8"], 8),
])
@BOTH
def test_exit_status(run, driver, places, words, status):
    done = run("-q", "--", driver, *words, env={"POLYTON_RUN_BREAKPOINTS": places})
    assert done.returncode == status, done.stderr


def test_as_without_polyton(run, driver):
    """The same words lead to the same output, and to the status that a shell would tell."""
    words = ["say=one", "complain=two", "threads=20", "spawn=/bin/false", "fork", "exit=9", "wait", "exit=11"]
    alone = subprocess.run([driver, *words], capture_output=True, text=True)
    done = run("-q", "--", driver, *words)
    without_pids = [re.sub(r"^child \d+", "child", text, flags=re.M) for text in (alone.stdout, done.stdout)]
    assert (done.returncode, done.stderr, without_pids[1]) == (alone.returncode, alone.stderr, without_pids[0])


@pytest.mark.parametrize("source, failing, passing", [("both", 3, 1), ("program", 3, 0), ("findings", 1, 1)])
def test_exit_code(run, folder, driver, source, failing, passing):
    found = [f"load={folder}/libone.so", "bump", f"load={folder}/libtwo.so", "bump"]
    assert run("-q", "--exit-code", source, "--", driver, *found, "exit=3").returncode == failing
    assert run("-q", "--exit-code", source, "--", driver, *found).returncode == passing
    assert run("-q", "--exit-code", source, "--fail-on", "never", "--", driver, *found).returncode == 0


def test_interrupt_is_died_of(run, driver):
    """So that a shell's script stops, too."""
    assert run("-q", "--", driver, f"raise={signal.SIGINT}").returncode == -signal.SIGINT
    assert run("-q", "--exit-code", "findings", "--", driver, f"raise={signal.SIGINT}").returncode == 0


# Programs that cannot be run.

def test_no_such_program(run, tmp_path):
    for name in ("no-such-program-anywhere", tmp_path / "missing", "/etc/passwd/x"):
        done = run("--", name)
        assert (done.returncode, done.stdout) == (127, "")
        assert re.fullmatch(r"polyton: cannot run [^\n]+\n", done.stderr)
    assert run("--exit-code", "findings", "--", tmp_path / "missing").returncode == 3


def test_no_program_to_run(run, tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("echo no\n")
    for name in (plain, tmp_path):
        done = run("--", name)
        assert (done.returncode, done.stdout) == (126, "")
        assert re.fullmatch(r"polyton: cannot run [^\n]+: Permission denied\n", done.stderr)


def test_usage(run):
    for args in ([], ["--"], ["--for", "soon", "--", "true"], ["--when", "(", "--", "true"], ["--end", "--", "true"],
                 ["--stop", "--", "true"], ["-p", "1", "--", "true"], ["--exit-code", "mine", "--", "true"]):
        done = run(*args)
        assert (done.returncode, done.stdout) == (2, ""), args
        assert re.fullmatch(r"polyton: [^\n]+\n", done.stderr), args


def test_options_of_the_program_are_its_own(run):
    assert run("-q", "echo", "-n", "--format", "json", "-q").stdout == "--format json -q"
    assert run("-q", "--", "echo", "--", "--help").stdout == "-- --help\n"


def test_script(run, driver, tmp_path):
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\necho in a script\nexec {driver} say=done exit=6\n")
    script.chmod(0o755)
    done = run("--format", "json", "--", script)
    assert (done.returncode, done.stdout) == (6, "in a script\ndone\n")
    assert report_of(done)["subject"]["name"] == "driver"


def test_script_without_an_interpreter(run, tmp_path):
    """execvp() gives it to the shell, and so does everybody who starts programs."""
    script = tmp_path / "bare"
    script.write_text("echo bare\n")
    script.chmod(0o755)
    assert run("-q", "--", script).stdout == "bare\n"


def test_static_program(run, tmp_path):
    source = tmp_path / "static.c"
    source.write_text('#include <stdio.h>\nint shared;\nint main(void) { puts("static"); return shared + 5; }\n')
    program = compile_c(source, tmp_path / "static", "-static")
    done = run("--format", "json", "--", program)
    assert (done.returncode, done.stdout) == (5, "static\n")
    report = report_of(done)
    assert report["subject"]["run"]["moment"] == "ending" and report["subject"]["run"]["exit_status"] == 5
    assert [row["opened_by"] for row in report["objects"]] == [None] * len(report["objects"])


def test_program_for_another_word_size(run, build_program):
    program = build_program("int main(void) { return 0; }", flags=["-m32"])
    if not program:
        pytest.skip("the compiler makes no 32-bit programs")
    done = run("--", program)
    assert done.returncode == 3 and "32-bit" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a program that is another user's")
def test_set_user_id(run, driver):
    """Run by root it has its rights; run by somebody else it has not, and is warned of."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        os.chmod(name, 0o755)
        program = pathlib.Path(name) / "driver"
        shutil.copy(driver, program)
        program.chmod(0o4755)
        for parent in (*program.parents, *POLYTON.parents):
            if not parent.stat().st_mode & stat.S_IXOTH:
                pytest.skip(f"{parent} lets nobody else in")
        other = dict(user=65534, group=65534, extra_groups=[])
        plain = run("-q", "--", "id", "-u", **other)
        assert (plain.returncode, plain.stdout, plain.stderr) == (0, "65534\n", "")
        done = run("-q", "--", program, "say=x", "user", **other)
        assert done.stdout == "x\nuser 65534\n" and "set-user-ID" in done.stderr
        assert "set-user-ID" not in run("-q", "--", program).stderr


# Standard descriptors.

def test_input_passes(run, driver):
    text = "".join(f"line {i}\n" for i in range(20000))
    done = run("-q", "--", driver, "cat", stdin=None, input=text)
    assert (done.returncode, done.stdout) == (0, text)


def test_output_is_the_programs(run, driver, tmp_path):
    """Byte for byte, and no report in it; the descriptor is the very one that polyton got."""
    target = tmp_path / "output"
    with open(target, "wb") as output:
        done = run("--", "sh", "-c", "readlink /proc/self/fd/1; head -c 100000 /dev/zero", stdout=output)
    content = target.read_bytes()
    assert content == str(target).encode() + b"\n" + bytes(100000)
    assert "No singleton exists more than once." in done.stderr


def test_no_further_descriptors(run):
    listed = "ls /proc/self/fd"
    alone = subprocess.run(["sh", "-c", listed], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    assert run("-q", "--", "sh", "-c", listed).stdout == alone
    assert run("-q", "--when", "nothing", "--", "sh", "-c", listed).stdout == alone


def test_signals_as_they_were(run):
    """What is blocked and ignored is what whoever starts polyton wants."""
    show = "grep -E '^Sig(Blk|Ign):' /proc/self/status"
    for setup in (lambda: None, lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
                  lambda: (signal.signal(signal.SIGCHLD, signal.SIG_IGN),
                           signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGCHLD]))):
        alone = subprocess.run(["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"], capture_output=True, text=True,
                               preexec_fn=setup, restore_signals=False).stdout
        done = run("-q", "--", "grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status", preexec_fn=setup,
                   restore_signals=False)
        assert done.stdout == alone, show


# What is found, and who loaded it.

@BOTH
def test_report_and_callers(run, folder, driver, places):
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", "bump", f"load={folder}/libtwo.so", "bump",
               "exit=0", env={"POLYTON_RUN_BREAKPOINTS": places})
    report = report_of(done)
    assert done.returncode == 1
    assert report["subject"]["run"] == {"moment": "exiting", "signal": None, "exit_status": None}
    # Where the program says that its copies are.
    truth = {name: int(address, 16) for name, address, _ in said(done, "at")}
    found = {name: int(copy["address"], 16) for name, copy in copies_of(report, "registry_count").items()}
    assert found == truth and len(truth) == 2
    # Where it says that it called from.
    opened = openings(report)
    calls = said(done, "call")
    for (_, function, file, line), name in zip(calls, ("libone.so", "libtwo.so")):
        row = opened[name]
        assert (row["function"], row["object"], row["symbol"]) == ("dlopen", "driver", function)
        assert (os.path.basename(row["file"]), row["line"]) == (os.path.basename(file), int(line))
        assert row["path"] == str(folder / name) and row["caller"] == str(driver)
    assert [opened[name]["number"] for name in ("libone.so", "libtwo.so")] == [1, 2]
    assert opened["driver"] is opened["libc.so.6"] is None


def test_values_before_destructors(run, tmp_path):
    """exit() is looked at before its handlers undo what the program has done."""
    source = tmp_path / "late.c"
    source.write_text('#include <stdlib.h>\n#include <dlfcn.h>\n'
                      'static void undo(void) { dlopen("libm.so.6", RTLD_NOW); }\n'
                      'int main(void) { atexit(undo); return 0; }\n')
    program = compile_c(source, tmp_path / "late", "-ldl")
    report = report_of(run("--format", "json", "--", program))
    # A handler has loaded something, so that there was more to see at the end.
    assert report["subject"]["run"] == {"moment": "ending", "signal": None, "exit_status": 0}
    assert openings(report)["libm.so.6"]["symbol"] == "undo"


@BOTH
def test_loading_within_loading(run, folder, driver, places):
    done = run("--format", "json", "--", driver, f"load={folder}/libchain.so", "bump",
               env={"POLYTON_RUN_BREAKPOINTS": places})
    opened = openings(report_of(done))
    (_, inner, _, line), (_, outer, _, outer_line) = said(done, "call")
    assert said(done, "chained") == [["ok"]]
    assert (opened["libtwo.so"]["object"], opened["libtwo.so"]["symbol"]) == ("libchain.so", inner)
    assert opened["libtwo.so"]["line"] == int(line)
    assert (opened["libchain.so"]["object"], opened["libchain.so"]["symbol"]) == ("driver", outer)
    assert opened["libchain.so"]["line"] == int(outer_line)


def test_other_namespace(run, folder, driver):
    done = run("--format", "json", "--", driver, f"apart={folder}/libone.so")
    opened = openings(report_of(done))
    if said(done, "loaded")[0][1] != "ok":
        pytest.skip("this C library has no dlmopen()")
    row = opened["libone.so@1"]
    assert (row["function"], row["symbol"]) == ("dlmopen", "load_apart")
    assert opened["libc.so.6@1"]["number"] == row["number"]


def test_text_names_the_call(run, folder, driver):
    done = run("--", driver, f"load={folder}/libone.so", "bump", f"load={folder}/libtwo.so", "bump")
    (_, function, file, line), _ = said(done, "call")
    assert re.search(rf"^Loaded while it ran\n  libone\.so: loaded by dlopen\(\) from driver, in {function}, "
                     rf"\S*{os.path.basename(file)}:{line}\n  libtwo\.so: ", done.stderr, re.M), done.stderr
    assert re.match(r"driver \(pid \d+\), when it called exit\(\): ", done.stderr)


def test_story(run, fixture_dir):
    """The first fixture: the dlopen() that brought each copy."""
    folder = fixture_dir("01_tokio_modules")
    if not (folder / "host").exists():
        pytest.skip((folder / "skipped").read_text())
    done = run("--format", "json", "--", folder / "host", timeout=120)
    report = report_of(done)
    assert done.returncode == 1
    opened = openings(report)
    holders = set(copies_of(report, "tokio::runtime::context::CONTEXT"))
    assert holders == {"host", "libmod_same.so", "libmod_other.so"}
    for name in holders - {"host"}:
        row = opened[name]
        assert (row["function"], row["object"], row["symbol"]) == ("dlopen", "host", "host::load")
        source = (ROOT / "fixtures/01_tokio_modules/host/src/main.rs")
        sources = [source] if source.exists() else list((ROOT / "fixtures/01_tokio_modules").rglob("main.rs"))
        assert any("dlopen(" in path.read_text().splitlines()[row["line"] - 1] for path in sources)


@BOTH
def test_unloaded_before_the_end(run, folder, driver, places):
    """Copies that are gone at the end are reported as of when they were there."""
    words = [f"load={folder}/libone.so", "bump", f"load={folder}/libtwo.so", "bump", "close", "close"]
    done = run("--format", "json", "--", driver, *words, env={"POLYTON_RUN_BREAKPOINTS": places})
    first, last = reports(done)
    assert done.returncode == 1 and said(done, "closed") == [["0"], ["0"]]
    assert (first["subject"]["run"]["moment"], last["subject"]["run"]["moment"]) == ("unloading", "exiting")
    truth = {name: int(address, 16) for name, address, _ in said(done, "at")}
    found = {name: int(copy["address"], 16) for name, copy in copies_of(first, "registry_count").items()}
    assert found == truth and len(truth) == 2
    assert not {"libone.so", "libtwo.so"} & set(openings(last))
    assert not last["singletons"]


@BOTH
def test_each_pair_is_looked_at(run, folder, driver, places):
    """Objects that were looked at often enough, each alone, are looked at when they are there at once."""
    one, two = f"load={folder}/libone.so", f"load={folder}/libtwo.so"
    alone = [one, "bump", "close"] * 3 + [two, "bump", "close"] * 3
    done = run("--format", "json", "--", driver, *alone, env={"POLYTON_RUN_BREAKPOINTS": places})
    assert done.returncode == 0 and len(reports(done)) == 1
    done = run("--format", "json", "--", driver, *alone, one, two, "bump", "close", "close",
               env={"POLYTON_RUN_BREAKPOINTS": places})
    assert done.returncode == 1
    first, last = reports(done)
    assert set(copies_of(first, "registry_count")) == {"libone.so", "libtwo.so"}
    assert not last["singletons"]


def test_unloaded_without_findings(run, folder, driver):
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", "bump", "close")
    assert done.returncode == 0
    assert report_of(done)["subject"]["run"]["moment"] == "exiting"


def test_failed_load(run, folder, driver):
    done = run("--format", "json", "--", driver, f"load={folder}/none.so", f"load={folder}/libone.so", "bump")
    assert said(done, "loaded") == [[f"{folder}/none.so", "no"], [f"{folder}/libone.so", "ok"]]
    assert openings(report_of(done))["libone.so"]["symbol"] == "load"


# Threads.

@BOTH
def test_threads_that_load_at_once(run, folder, driver, places):
    done = run("--format", "json", "--", driver, f"churn=8:{folder}/libone.so,{folder}/libtwo.so", "exit=0",
               env={"POLYTON_RUN_BREAKPOINTS": places}, timeout=120)
    assert said(done, "churned") == [["8", "failed", "0"]]
    assert reports(done)[-1]["subject"]["run"]["moment"] == "exiting"
    for report in reports(done):
        for name in ("libone.so", "libtwo.so"):
            row = openings(report).get(name)
            assert row is None or (row["function"], row["symbol"]) == ("dlopen", "churn")


@BOTH
def test_no_signal_is_lost(folder, driver, places):
    """Real-time signals are queued, so each one counts, whatever the threads are stopped for meanwhile."""
    number, sent = signal.SIGRTMIN + 3, 2000
    process = subprocess.Popen(
        command_line("run", "-q", "--exit-code", "program", "--", driver, f"count={int(number)}", "pid",
                     f"churn=8:{folder}/libone.so,{folder}/libtwo.so", f"counted={sent}", "exit=7"),
        env=plain_environment(POLYTON_RUN_BREAKPOINTS=places), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline().split()[1])
    for i in range(sent):
        os.kill(pid, number)
        if i % 20 == 0:
            time.sleep(0.001)
    out, _ = process.communicate(timeout=60)
    # Whether both libraries were there at once is the scheduler's to say, and so whether there is a finding.
    assert process.returncode == 7 and out.splitlines() == ["churned 8 failed 0", f"counted {sent}"]


@BOTH
def test_many_threads(run, driver, places):
    done = run("-q", "--", driver, "threads=2000", env={"POLYTON_RUN_BREAKPOINTS": places})
    assert (done.returncode, done.stdout) == (0, "threads 2000\n")


def test_thread_locals_at_the_end(run, driver):
    """All threads are still there, whoever calls exit()."""
    report = report_of(run("--format", "json", "--all", "--", driver, "end-thread=6"))
    assert len(report["threads"]) == 3
    assert all(thread["state"] == "ready" for thread in report["threads"])


# Children.

@BOTH
def test_children_run_free(run, folder, driver, places):
    """A child that loads something has no breakpoints left in it, and is nobody's business."""
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", "fork", "tracer", f"load={folder}/libtwo.so",
               "bump", "close", "wait", "spawn=/bin/true", "tracer", env={"POLYTON_RUN_BREAKPOINTS": places})
    assert said(done, "child")[0][1] == "0" and said(done, "spawned") == [["0", "0"]]
    of_child, of_parent = said(done, "tracer")
    assert of_child == ["0"] and of_parent != ["0"]
    assert set(openings(report_of(done))) >= {"libone.so"} and "libtwo.so" not in openings(report_of(done))


@BOTH
def test_follow(run, folder, driver, places):
    done = run("--follow", "--format", "json", "--", driver, f"load={folder}/libone.so", "bump", "fork",
               f"load={folder}/libtwo.so", "bump", "exit=4", "wait", env={"POLYTON_RUN_BREAKPOINTS": places})
    (pid, status), = said(done, "child")
    assert int(status) == 4 << 8
    child, parent = reports(done)
    assert child["subject"]["pid"] == int(pid) != parent["subject"]["pid"]
    # The child has what its parent had, and knows who loaded it.
    assert set(copies_of(child, "registry_count")) == {"libone.so", "libtwo.so"}
    assert [openings(child)[name]["number"] for name in ("libone.so", "libtwo.so")] == [1, 2]
    assert not parent["singletons"]
    assert done.returncode == 1


@BOTH
def test_follow_exec_in_a_child(run, folder, driver, places):
    done = run("--follow", "--format", "json", "--", driver, "spawn=/bin/true", "fork", f"exec={driver}",
               f"load={folder}/libone.so", "bump", "wait", env={"POLYTON_RUN_BREAKPOINTS": places})
    names = [(row["subject"]["name"], "libone.so" in openings(row)) for row in reports(done)]
    assert names == [("true", False), ("driver", True), ("driver", False)]


def test_followed_child_that_outlives(run, driver):
    """It is reported on when the program ends, runs on, and nobody waits for it."""
    started = time.monotonic()
    done = run("--follow", "--format", "json", "--", "sh", "-c", f"{driver} sleep=30000 >/dev/null 2>&1 & echo $!",
               timeout=25)
    assert time.monotonic() - started < 20
    pid = int(done.stdout)
    try:
        assert {row["subject"]["pid"] for row in reports(done)} >= {pid}
        with open(f"/proc/{pid}/status") as status:
            text = status.read()
        assert "TracerPid:\t0" in text and re.search("^State:\t[RS]", text, re.M)
    finally:
        os.kill(pid, signal.SIGKILL)


@BOTH
def test_exec(run, folder, driver, places):
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", f"exec={driver}", f"load={folder}/libtwo.so",
               "bump", "exit=2", env={"POLYTON_RUN_BREAKPOINTS": places})
    opened = openings(report_of(done))
    assert done.returncode == 2
    assert "libone.so" not in opened and opened["libtwo.so"]["number"] == 1


@BOTH
def test_exec_by_another_thread(run, folder, driver, places):
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", f"thread-exec={driver}",
               f"load={folder}/libtwo.so", "bump", "exit=2", env={"POLYTON_RUN_BREAKPOINTS": places})
    report = report_of(done)
    assert done.returncode == 2 and len(report["threads"]) == 1
    assert "libone.so" not in openings(report) and openings(report)["libtwo.so"]["symbol"] == "load"


def test_polyton_within_polyton(run, driver):
    # A sanitizer that looks for leaks cannot do so in a program that is traced.
    done = run("-q", "--", *command_line("run", "-q", "--", driver, "say=deep", "exit=3"),
               env={"ASAN_OPTIONS": "detect_leaks=0"})
    assert (done.returncode, done.stdout) == (3, "deep\n")


# The moments of a report.

@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_before_a_signal_ends_it(run, folder, driver, number):
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", "bump", f"load={folder}/libtwo.so", "bump",
               f"raise={int(number)}")
    report = report_of(done)
    assert done.returncode == 128 + number
    assert report["subject"]["run"] == {"moment": "dying", "signal": int(number), "exit_status": None}
    assert len(copies_of(report, "registry_count")) == 2


def test_crash_in_text(run, driver):
    done = run("--", driver, "crash")
    assert re.match(r"driver \(pid \d+\), before signal 11 \(SIGSEGV\): ", done.stderr)


def test_killed_without_warning(run, driver):
    """It may be too late for a look; then that is said, and never taken for clean."""
    done = run("--format", "json", "--exit-code", "findings", "--", driver, f"raise={int(signal.SIGKILL)}")
    if reports(done):
        assert report_of(done)["subject"]["run"] == {"moment": "ending", "signal": 9, "exit_status": None}
        assert done.returncode == 0
    else:
        assert done.returncode == 3 and "before it could be looked at" in done.stderr


def test_for(run, folder, driver):
    """The report comes while the program runs, and it runs on to its own end."""
    done = run("--for", "0.5", "--format", "json", "--", driver, f"load={folder}/libone.so", "bump", "sleep=1500",
               "tracer", "exit=3")
    report = report_of(done)
    assert report["subject"]["run"]["moment"] == "running" and "libone.so" in openings(report)
    assert said(done, "tracer") == [["0"]] and done.returncode == 3


@BOTH
def test_let_go_at_any_moment(run, folder, driver, places):
    """In the middle of loads, of threads' births and ends, and of forks: nothing is left behind that would hurt."""
    for i in range(8):
        done = run("-q", "--exit-code", "program", "--for", f"{0.002 + i * 0.011:.3f}", "--", driver,
                   f"churn=8:{folder}/libone.so,{folder}/libtwo.so", "threads=100", "exit=6", timeout=30,
                   env={"POLYTON_RUN_BREAKPOINTS": places})
        assert (done.returncode, done.stdout) == (6, "churned 8 failed 0\nthreads 100\n"), done.stderr
        script = f"for k in $(seq 15); do {driver} load={folder}/libone.so > /dev/null || echo bad $?; done; echo fine"
        done = run("-q", "--follow", "--exit-code", "program", "--for", f"{0.002 + i * 0.005:.3f}", "--", "sh", "-c",
                   script, timeout=30, env={"POLYTON_RUN_BREAKPOINTS": places})
        assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


def test_for_longer_than_the_program(run, driver):
    assert report_of(run("--for", "50", "--format", "json", "--", driver))["subject"]["run"]["moment"] == "exiting"


def test_for_and_end(run, driver):
    done = run("--for", "0.3", "--end", "-q", "--", driver, "sleep=60000")
    assert done.returncode == 128 + signal.SIGTERM
    done = run("--for", "0.3", "--end", "-q", "--", driver, "handle=15", "await", "exit=0")
    assert (done.returncode, said(done, "got")) == (0, [["15"]])
    started = time.monotonic()
    done = run("--for", "0.1", "--end", "-q", "--", driver, "ignore=15", "sleep=60000")
    assert done.returncode == 128 + signal.SIGKILL and time.monotonic() - started > 4


@pytest.mark.parametrize("word", ["say", "complain"])
def test_when(run, folder, driver, word):
    """What the program says passes unchanged, on either descriptor."""
    done = run("--when", "^server is re+ady$", "--format", "json", "--", driver, "say=server is", "complain=not ready",
               f"load={folder}/libone.so", f"{word}=server is reeady", "sleep=1000", f"load={folder}/libtwo.so", "cat",
               "exit=5", stdin=None, input="no line end")
    # What the program complains of, and the report where it was written.
    before, text = done.stderr.split("{", 1)
    report, end = json.JSONDecoder().raw_decode("{" + text)
    assert report["subject"]["run"]["moment"] == "running"
    assert "libone.so" in openings(report) and "libtwo.so" not in openings(report)
    assert done.returncode == 5
    wanted = ["not ready"] + (["server is reeady"] if word == "complain" else [])
    assert (before + ("{" + text)[end:]).split("\n") == [*wanted, "", ""]
    assert done.stdout.endswith("no line end") and done.stdout.startswith("server is\n")


def test_when_never(run, driver):
    done = run("--when", "nowhere", "--format", "json", "--", driver, "say=here", "exit=2")
    assert report_of(done)["subject"]["run"]["moment"] == "exiting"
    assert (done.returncode, done.stdout) == (2, "here\n")


def test_when_keeps_order_and_bytes(run, tmp_path):
    target = tmp_path / "both"
    script = "i=0; while [ $i -lt 500 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done; head -c 300000 /dev/zero"
    with open(target, "wb") as output:
        done = run("-q", "--when", "^out 499", "--", "sh", "-c", script, stdout=output, stderr=subprocess.STDOUT)
    lines = "".join(f"out {i}\nerr {i}\n" for i in range(500)).encode()
    assert target.read_bytes() == lines + bytes(300000) and done.returncode == 0


# Signals to polyton, and what becomes of the program.

def begin(*args, **options):
    return subprocess.Popen(command_line("run", *args), env=plain_environment(), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_pass(driver, number):
    process = begin("--format", "json", "--", driver, f"handle={int(number)}", "await", "exit=4")
    assert process.stdout.readline().startswith("waiting")
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert out == f"got {int(number)}\n" and process.returncode == 4
    assert json.loads(err)["subject"]["run"]["moment"] == "exiting"


def test_signal_that_ends_it(driver):
    process = begin("--format", "json", "--", driver, "say=up", "sleep=60000")
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert json.loads(err)["subject"]["run"] == {"moment": "dying", "signal": 15, "exit_status": None}


@BOTH
def test_polyton_killed(folder, driver, places):
    """The program does not live on with breakpoints in it."""
    process = subprocess.Popen(command_line("run", "-q", "--", driver, "handle=15", "await", f"load={folder}/libone.so"),
                               env=plain_environment(POLYTON_RUN_BREAKPOINTS=places), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline().split()[1])
    process.kill()
    process.wait()
    for _ in range(200):
        if not os.path.exists(f"/proc/{pid}"):
            return
        with open(f"/proc/{pid}/stat") as facts:
            if facts.read().rsplit(")", 1)[1].split()[0] in "ZX":
                return
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the program lives on")


@BOTH
def test_stopped_and_continued(folder, driver, places):
    """Job control of the program alone: it stops, stays stopped, and goes on."""
    process = subprocess.Popen(command_line("run", "-q", "--", driver, "handle=15", "await", f"load={folder}/libone.so"),
                               env=plain_environment(POLYTON_RUN_BREAKPOINTS=places), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline().split()[1])

    def state():
        with open(f"/proc/{pid}/stat") as facts:
            return facts.read().rsplit(")", 1)[1].split()[0]

    os.kill(pid, signal.SIGSTOP)
    for _ in range(250):
        if state() in "Tt":
            break
        time.sleep(0.02)
    time.sleep(0.2)
    assert state() in "Tt"
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.2)
    assert state() in "Tt"
    os.kill(pid, signal.SIGCONT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and out.splitlines()[0] == "got 15" and out.splitlines()[-1].endswith(" ok")


# On a terminal.

class Terminal:
    """polyton run on a terminal of its own, as the foreground process group of a session."""

    def __init__(self, *args):
        self.pid, self.master = pty.fork()
        if not self.pid:
            os.execve(command_line()[0], command_line("run", *args), plain_environment())
        self.text = ""

    def read_until(self, pattern, timeout=30):
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.text):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                pytest.fail(f"no {pattern!r} in {self.text!r}")
            try:
                piece = os.read(self.master, 1 << 16)
            except OSError:
                piece = b""
            if not piece:
                pytest.fail(f"no {pattern!r} in {self.text!r} before the end")
            self.text += piece.decode(errors="replace")
        return re.search(pattern, self.text)

    def press(self, key):
        os.write(self.master, key)

    def wait(self, timeout=30):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.text += os.read(self.master, 1 << 16).decode(errors="replace")
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.master)
                return status
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        pytest.fail(f"polyton does not end: {self.text!r}")


def test_interrupt_from_the_terminal(driver):
    """Ctrl-C reaches the program; its death is looked at, and polyton dies of the same."""
    terminal = Terminal("--no-color", "--", driver, "say=up", "sleep=60000")
    terminal.read_until("up\r\n")
    terminal.press(b"\x03")
    status = terminal.wait()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    assert re.search(r"before signal 2 \(SIGINT\)", terminal.text)


def test_interrupt_that_is_handled(driver):
    terminal = Terminal("--no-color", "--", driver, "handle=2", "await", "exit=7")
    terminal.read_until("waiting")
    terminal.press(b"\x03")
    status = terminal.wait()
    assert os.WEXITSTATUS(status) == 7
    assert terminal.text.count("got 2") == 1 and "when it called exit()" in terminal.text


def test_interrupts_that_are_ignored(driver):
    """The second one brings the report, the third one sets the user free; the program runs on."""
    terminal = Terminal("--no-color", "--", driver, "ignore=2", "handle=15", "await", "tracer")
    pid = int(terminal.read_until(r"waiting (\d+)").group(1))
    terminal.press(b"\x03")
    time.sleep(0.3)
    assert "exists more than once" not in terminal.text
    terminal.press(b"\x03")
    terminal.read_until("while it ran: .*No singleton exists more than once." .replace(".*", r"[\s\S]*"))
    terminal.press(b"\x03")
    try:
        assert os.WTERMSIG(terminal.wait()) == signal.SIGINT
        with open(f"/proc/{pid}/status") as status:
            assert "TracerPid:\t0" in status.read()
    finally:
        os.kill(pid, signal.SIGKILL)


def test_suspend_from_the_terminal(driver):
    """Ctrl-Z stops both, so that a shell is back; SIGCONT lets both go on."""
    terminal = Terminal("--no-color", "-q", "--", driver, "handle=15", "await", "exit=3")
    pid = int(terminal.read_until(r"waiting (\d+)").group(1))
    # A process group without a parent in its session cannot be stopped by the terminal; this one has none.
    os.kill(terminal.pid, signal.SIGTSTP)
    for _ in range(250):
        got, status = os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED)
        if got:
            break
        time.sleep(0.02)
    assert got and os.WIFSTOPPED(status)
    os.kill(terminal.pid, signal.SIGCONT)
    os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGTERM)
    assert os.WEXITSTATUS(terminal.wait()) == 3
    assert terminal.text.count("got 15") == 1


def test_terminal_stays_the_programs(driver):
    terminal = Terminal("-q", "--", "sh", "-c", "test -t 0 && test -t 1 && test -t 2 && tty && stty size && echo yes")
    assert os.WEXITSTATUS(terminal.wait()) == 0 and "yes" in terminal.text


def test_when_on_a_terminal(driver):
    """A program that writes to a terminal still does."""
    terminal = Terminal("--no-color", "--when", "^yes", "--", "sh", "-c",
                        "test -t 1 && test -t 2 && echo yes; read x; echo got $x")
    terminal.read_until("more than once")
    terminal.press(b"word\n")
    assert os.WEXITSTATUS(terminal.wait()) == 0
    assert "yes\r\n" in terminal.text and "got word\r\n" in terminal.text


# Real programs.

def test_extension_modules(run):
    program = "import json, ctypes, decimal, sqlite3\nprint('imported')"
    python = "/usr/bin/python3"
    if not os.path.exists(python):
        pytest.skip(f"no {python}")
    done = run("--format", "json", "--", python, "-c", program)
    if "imported" not in done.stdout:
        pytest.skip("the modules are not there")
    opened = openings(report_of(done))
    modules = {name: row for name, row in opened.items() if row and ".cpython-" in name}
    assert modules and all(row["function"] == "dlopen" for row in modules.values())


def test_name_service(run, build_program):
    """The C library loads modules, too: on whose call is told all the same."""
    program = build_program('#include <iconv.h>\nint main(void)\n{\n\treturn iconv_open("UTF-16", "KOI8-R") == (iconv_t)-1;\n}\n',
                            flags=["-g"])
    done = run("--format", "json", "--", program)
    if done.returncode:
        pytest.skip("no character sets to be loaded")
    rows = [row for name, row in openings(report_of(done)).items() if name == "KOI8-R.so"]
    assert [(row["function"], row["symbol"], row["line"]) for row in rows] == [("iconv_open", "main", 4)]


@BOTH
def test_other_c_library(run, build_program, folder, tmp_path, places):
    """musl says less: what was loaded is known, but there is no way up its stack."""
    program = build_program('#include <dlfcn.h>\n#include <stdio.h>\nint main(int argc, char **argv)\n{\n'
                            '\tfor (int i = 1; i < argc; i++)\n\t\tputs(dlopen(argv[i], RTLD_NOW) ? "ok" : "no");\n'
                            '\treturn 3;\n}\n', compiler="musl-gcc")
    if not program:
        pytest.skip("no musl-gcc")
    for name in ("one", "two"):
        subprocess.run(["musl-gcc", "-g", "-O1", "-fPIC", "-shared", f'-DPART="lib{name}.so"', "-o",
                        tmp_path / f"lib{name}.so", SOURCES / "part.c"], check=True)
    done = run("--format", "json", "--", program, tmp_path / "libone.so", tmp_path / "libtwo.so",
               env={"POLYTON_RUN_BREAKPOINTS": places})
    assert (done.returncode, done.stdout) == (3, "ok\nok\n")
    opened = openings(report_of(done))
    assert [opened[name]["number"] for name in ("libone.so", "libtwo.so")] == [1, 2]
    assert [name for name, row in opened.items() if row] == ["libone.so", "libtwo.so"]


@pytest.mark.skipif(not shutil.which("apache2"), reason="no apache2")
def test_apache(run, tmp_path):
    modules = "/usr/lib/apache2/modules"
    config = tmp_path / "a.conf"
    (tmp_path / "logs").mkdir()
    wanted = [name for name in ("mpm_prefork", "authz_core", "dir", "mime")
              if os.path.exists(f"{modules}/mod_{name}.so")]
    config.write_text("\n".join([f"ServerRoot {tmp_path}", "ServerName localhost", f"PidFile {tmp_path}/logs/pid",
                                 "Listen 127.0.0.1:18097", f"ErrorLog {tmp_path}/logs/error",
                                 *(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in wanted),
                                 "TypesConfig /dev/null", "User nobody", "Group nogroup", ""]))
    done = run("--for", "2", "--end", "--format", "json", "--", "apache2", "-X", "-f", config)
    report = reports(done)[-1]
    opened = openings(report)
    assert all(opened[f"mod_{name}.so"]["function"] == "dlopen" for name in wanted), done.stderr
    assert done.returncode in (0, 128 + signal.SIGTERM)


def test_json_is_as_its_schema_says(run, folder, driver):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/polyton.schema.json").read_text())
    done = run("--format", "json", "--", driver, f"load={folder}/libone.so", "bump", f"load={folder}/libtwo.so", "bump",
               "close", "crash")
    assert len(reports(done)) == 2
    for report in reports(done):
        jsonschema.validate(report, schema)

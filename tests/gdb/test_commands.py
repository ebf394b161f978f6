"""polyton's commands in GDB say what polyton says of the process itself, and of mistakes what is wrong."""

import json
import re

import pytest

from conftest import marked, stand_still

COMMANDS = ["report", "report --all", "show CONTEXT", "show --expand CONTEXT", "objects", "threads", "tls"]


def body(text):
    """Without the line about the subject and what GDB says before and after."""
    text = text[text.index(" (pid "):]
    return text.split("\n", 1)[1].split("\n[Inferior ", 1)[0].split("----- ", 1)[0].rstrip("\n")


def test_says_what_the_process_says(host_01, polyton, run_gdb):
    stand_still(host_01.pid)
    # GDB's own printers write values in another way.
    lines = [f"polyton {name.replace('--', '-').replace('show ', 'show -library ')}" for name in COMMANDS]
    inside = run_gdb(*marked(*lines), pid=host_01.pid)
    for name, line in zip(COMMANDS, lines):
        assert body(inside.after(f"----- {line}")) == body(polyton(*name.split(), host_01.pid).stdout), line
    assert f"host (pid {host_01.pid} in a debugger): x86_64" in inside


def test_report_takes_a_pattern(host_01, polyton, run_gdb):
    """It is taken as it is: with blanks and backslashes."""
    stand_still(host_01.pid)
    for pattern in (r"^tokio::runtime::context", r"\.c\b|next id|[[:upper:]]_ID", "nothing like it"):
        inside = run_gdb(*marked(f"polyton report {pattern}", f"info polyton {pattern}"), pid=host_01.pid)
        outside = body(polyton("report", "--match", pattern, host_01.pid).stdout)
        assert body(inside.after(f"----- polyton report {pattern}")) == outside
        assert body(inside.after(f"----- info polyton {pattern}")) == outside


def test_why(host_01, run_gdb):
    answer = run_gdb("polyton why tokio::runtime::context::CONTEXT", pid=host_01.pid)
    for part in ("error PT001: ", "\nCopies\n", "USED BY", "\nWhy there are several\n", "  fix: "):
        assert part in answer
    for part in ("\nLayout\n", "\nIn host\n"):
        assert part not in answer


def test_layout(host_01, host_04, run_gdb):
    answer = run_gdb("polyton layout CONTEXT", pid=host_01.pid)
    assert "value.handle.value.Some.MultiThread      = 1, 16 bytes, MultiThread                      missing" in answer
    assert "In host" not in answer and "alike" not in answer
    answer = run_gdb("polyton layout registry_count", "set polyton types off", "polyton layout registry_count",
                     pid=host_04.pid)
    alike, unknown = answer.split("registry_count\n  A static", 2)[1:]
    assert "The copies that have types are laid out alike." in alike
    assert "No two copies have types that could be compared." in unknown


def cells_of(text):
    """The rows of "In OBJECT": {object: [tids]}."""
    return {found[1]: re.findall(r"^ +(\d+)  ", found[2], re.MULTILINE)
            for found in re.finditer(r"^In (\S+)\n((?:  .*\n)*)", text, re.MULTILINE)}


def test_show_some_threads(host_01, run_gdb):
    """By GDB's numbers, whatever they are."""
    answer = run_gdb("info threads", *marked(
        "polyton show -thread 2 CONTEXT", "polyton show CONTEXT -thread 1,2-3", "thread 3", "polyton show -th . CONTEXT",
        "polyton show -thread 1.2 CONTEXT", "polyton show CONTEXT"), pid=host_01.pid)
    tids = {int(number): tid for number, tid in re.findall(r"^[* ] (\d+) .*?LWP (\d+)", answer, re.MULTILINE)}
    shown = {mark: cells_of(answer.after(f"----- {mark}")) for mark in (
        "polyton show -thread 2 CONTEXT", "polyton show CONTEXT -thread 1,2-3", "polyton show -th . CONTEXT",
        "polyton show -thread 1.2 CONTEXT", "polyton show CONTEXT")}
    assert sorted(shown["polyton show CONTEXT"]) == ["host", "libmod_other.so", "libmod_same.so"]
    for held in shown["polyton show -thread 2 CONTEXT"], shown["polyton show -thread 1.2 CONTEXT"]:
        assert set(map(tuple, held.values())) == {(tids[2],)}
    assert set(map(tuple, shown["polyton show -th . CONTEXT"].values())) == {(tids[3],)}
    for held in shown["polyton show CONTEXT -thread 1,2-3"].values():
        assert sorted(held) == sorted(tids.values())
    assert "Copies" not in answer.after("----- polyton show -thread 2 CONTEXT")


@pytest.mark.parametrize("line, message", [
    ("polyton show", "polyton show: the name of a variable is missing"),
    ("polyton show -foo x", "polyton show: -foo is not one of its options: -all, -expand, -library, -no-types, -verbose, -thread"),
    ("polyton show -thread", "polyton show: -thread needs an argument"),
    ("polyton show -thread 9 registry_count", 'polyton: there is no thread 9 (see "info threads")'),
    ("polyton show -thread x registry_count", 'polyton: "x" is no thread of this inferior'),
    ("polyton show no_such_name", 'polyton: nothing with several copies is called "no_such_name"'),
    ("polyton report -thread 1", "polyton report: -thread is not one of its options: -all, -verbose, -no-types"),
    ("polyton report (", "polyton: "),
    ("polyton tls x", 'polyton tls: takes no argument, not "x"'),
    ("polyton nonsense", 'polyton: there is no command "nonsense" (see "help polyton")'),
    ("polyton check -fail-on x", 'polyton check: -fail-on takes error, warning, note or never, not "x"'),
    ("polyton check -max x", 'polyton check: -max takes a number, not "x"'),
    ("polyton export", "polyton export: the name of the file is missing"),
    ("polyton export x.foo", 'polyton export: the name "x.foo" does not tell the format'),
    ("polyton export /nonexistent/x.json", 'cannot write "/nonexistent/x.json": No such file or directory'),
    ("set polyton nonsense", 'set polyton: there is no parameter "nonsense"'),
])
def test_mistakes_are_told(line, message, host_04, run_gdb):
    """In one line, and as an error: the last command of a batch decides its exit code."""
    answer = run_gdb(line, pid=host_04.pid)
    assert message in answer.errors
    assert answer.status == 1


@pytest.mark.parametrize("line", ["report", "show x", "objects", "threads", "tls", "why x", "layout x", "check",
                                  "export x.json"])
def test_nothing_to_look_at(line, run_gdb):
    answer = run_gdb(f"polyton {line}")
    assert answer.errors == ('polyton: there is no process: run or attach to one, or open a core. '
                             '(Files on disk: "polyton report FILE" in a shell.)\n')
    assert answer.status == 1


def test_polyton_alone(host_04, run_gdb):
    answer = run_gdb("polyton", pid=host_04.pid)
    for name in ("check", "export", "layout", "objects", "report", "show", "threads", "tls", "why"):
        assert f"\npolyton {name} -- " in answer
    assert re.search(r"^polyton 0\.\d+\.\d+.*: 8 singletons of 2 libraries exist more than once: ", answer, re.MULTILINE)
    assert "there is no process" in run_gdb("polyton")


def test_help_is_there_for_all(run_gdb):
    answer = run_gdb("python [gdb.execute(f'help polyton {name}') for name in 'report show objects threads tls why layout "
                     "check export'.split()]", "help info polyton", "help set polyton limits values")
    assert answer.count("Usage: polyton ") == 9 and "Usage: info polyton " in answer
    assert "not documented" not in answer


@pytest.mark.parametrize("arguments, status", [
    ("", 1), ("-max 1000", 0), ("-max 7", 1), ("-fail-on never", 0), ("-fail-on warning -max 8", 1), ("^nothing$", 0),
    ("-quiet -no-types", 1), ("-fail-on nonsense", 2)])
def test_check(arguments, status, host_04, run_gdb):
    answer = run_gdb(f"polyton check {arguments}", "quit $polyton_status", pid=host_04.pid)
    assert answer.status == status
    assert ("exist more than once" in answer) == (status < 2 and "-quiet" not in arguments and "nothing" not in arguments)


def test_check_that_cannot_look(run_gdb, host_04, tmp_path):
    assert run_gdb("polyton check", "quit $polyton_status").status == 3
    # Nor with a library that is none; an earlier status does not stay.
    answer = run_gdb("polyton check -max 1000", f"set polyton library {tmp_path}", "kill", "polyton check",
                     "quit $polyton_status", pid=host_04.pid)
    assert answer.status == 3


@pytest.mark.parametrize("name, begins", [
    ("a.txt", "host (pid "), ("a.json", '{"schema":"polyton"'), ("a.sarif", '{'), ("a.xml", "<?xml"), ("a.md", "#"),
    ("a.html", "<!DOCTYPE html>"), ("a.dot", "graph polyton {"), ("github:a.foo", "::"), ("json:a b", '{"schema":"polyton"')])
def test_export(name, begins, host_04, run_gdb, tmp_path):
    answer = run_gdb(f"polyton export {name.replace('a', str(tmp_path / 'a'), 1) if ':' not in name else name.replace(':a', f':{tmp_path}/a')}",
                     pid=host_04.pid)
    assert answer.status == 0, answer.errors
    path = tmp_path / name.rpartition(":")[2]
    assert path.read_text().startswith(begins)
    assert path.stat().st_mode & 0o777 == 0o666 & ~0o022 or path.stat().st_mode & 0o400
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


def test_export_keeps_what_is_there_until_it_is_whole(host_04, run_gdb, tmp_path):
    (tmp_path / "a.json").write_text("old")
    (tmp_path / "a.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("a.json")
    run_gdb(f"polyton export -match ^registry_count$ {tmp_path}/link.json", pid=host_04.pid)
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o640
    report = json.loads((tmp_path / "a.json").read_text())
    assert [row["name"] for row in report["singletons"]] == ["registry_count"]


def test_parameters(host_04, run_gdb):
    answer = run_gdb("show polyton", "set polyton types off", "polyton show registry_owner", "set polyton limits seconds 1",
                     "show polyton limits seconds", "set polyton limits values unlimited", "show polyton limits values",
                     "set polyton notify off", "show polyton notify", pid=host_04.pid)
    assert "library:  libpolyton is looked for.\n" in answer
    assert "limits values:  256 different values of a copy are read by type.\n" in answer
    assert "A picture may take 1 second.\n" in answer
    assert "All values of a copy are read by type.\n" in answer
    assert "Further copies are not told of when they come.\n" in answer
    assert "  type" not in answer


def test_time_limit(host_04, run_gdb):
    answer = run_gdb("python from polyton_gdb import session", r'python exec("try:\n session.picture(seconds=1e-9)\n'
                     r'except gdb.GdbError as error:\n print(error)")', pid=host_04.pid)
    assert 'polyton: it took longer than it may (see "show polyton limits seconds")\n' in answer


def test_library_is_loaded_once(host_04, run_gdb, tmp_path):
    answer = run_gdb("set polyton library /nonexistent", "polyton tls", "show polyton library", pid=host_04.pid)
    assert "polyton: cannot use /nonexistent: " in answer.errors
    assert 'The file of libpolyton is "/nonexistent".' in answer
    answer = run_gdb("polyton tls", "set polyton library /nonexistent", "polyton tls", pid=host_04.pid)
    assert "libpolyton.so.0 is loaded and stays so until GDB ends." in answer
    (tmp_path / "libpolyton.so.0").write_text("no library")
    answer = run_gdb("polyton tls", pid=host_04.pid, env={"POLYTON_LIBRARY": str(tmp_path / "libpolyton.so.0")})
    assert "libpolyton.so.0: file too short" in answer.errors or "invalid ELF header" in answer.errors


def test_sourced_again(host_04, run_gdb):
    """Commands work as before, and settings stay."""
    answer = run_gdb("polyton tls", "set polyton notify off", "python gdb.execute('source ' + polyton_gdb.__path__[0] + "
                     "'/../polyton-gdb.py')", "polyton tls", "show polyton notify", "polyton show registry_count",
                     pid=host_04.pid)
    assert answer.count("NAME ") == 2 and "Further copies are not told of" in answer
    assert answer.status == 0, answer.errors


def complete(run_gdb, pid, *lines):
    answer = run_gdb(*marked(*(f"complete {line}" for line in lines)), pid=pid)
    return [answer.after(f"----- complete {line}").split("\n[Inferior")[0].splitlines() for line in lines]


def test_completion(host_01, run_gdb):
    lines = ["polyton show tokio::runtime::con", "polyton show CONT", "polyton why CONT", "polyton layout -v",
             "polyton show -thread 1 CONT", "polyton sh", "polyton show nothing_like", "polyton report -",
             "polyton show -thread ", "polyton check -fail-on n", "polyton show -all tokio::runtime::context::CO"]
    found = complete(run_gdb, host_01.pid, *lines)
    assert "polyton show tokio::runtime::context::CONTEXT" in found[0]
    assert found[1:] == [["polyton show CONTEXT"], ["polyton why CONTEXT"], ["polyton layout -verbose"],
                         ["polyton show -thread 1 CONTEXT"], ["polyton show"], [],
                         ["polyton report -all", "polyton report -no-types", "polyton report -verbose"],
                         ["polyton show -thread 1", "polyton show -thread 2", "polyton show -thread 3"],
                         ["polyton check -fail-on never", "polyton check -fail-on note"],
                         ["polyton show -all tokio::runtime::context::CONTEXT"]]
    assert complete(run_gdb, None, "polyton show CONT") == [[]]

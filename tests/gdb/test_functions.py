"""$_polyton and $_polyton_count: the right copy, of the right type, as an lvalue."""

import re
import shutil

import pytest

import modules
from conftest import marked


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("modules")
    modules.build(path)
    return path


@pytest.fixture
def host(folder, start):
    """A running host that has loaded red.so, blue.so and grey.so."""
    return start([folder / name for name in ("host", "red.so", "blue.so", "grey.so")])


def printed(answer, command):
    return re.sub(r"\[Inferior \d+ \(process \d+\) detached\]$", "", answer.after(command).strip())


def test_each_object_has_its_copy(host, run_gdb):
    """Of its own type: blue.so's has another layout, under the same name in the same file and line."""
    commands = [f'output $_polyton("registry", "{name}")' for name in ("host", "red.so", "blue.so")]
    answer = run_gdb(*marked(*commands), pid=host.pid)
    told = [re.sub(r"0x[0-9a-f]+ ", "", printed(answer, command)) for command in commands]
    assert told == ['{count = 1, name = "host"}', '{count = 10, name = "red"}',
                    '{reserved = 7, count = 20, name = "blue"}']


def test_gdb_itself_shows_the_programs_copy(host, run_gdb):
    """What all this is for: were GDB to tell of the others some day, this test would say so."""
    assert printed(run_gdb(*marked("output registry.name"), pid=host.pid), "output registry.name").endswith('"host"')


def test_static_of_a_function(host, run_gdb):
    """GDB has no name for it outside of the function."""
    commands = [f'output $_polyton("serial", "{name}")' for name in ("host", "red.so", "blue.so")]
    answer = run_gdb(*marked(*commands), pid=host.pid)
    assert [printed(answer, command) for command in commands] == ["3", "12", "22"]


def test_thread_locals(host, run_gdb):
    """Of the selected thread, or of the one that is named."""
    main, other = ('output $_polyton("per_thread", "host").count', 'output $_polyton("per_thread", "host", 2).count')
    assert host.ask("call") == "done"
    answer = run_gdb(*marked("thread 1", main, other, 'output $_polyton("per_thread", "red.so").count', "thread 2",
                             main + " + 0"), pid=host.pid)
    assert printed(answer, main) == "2" and printed(answer, other) == "22"
    assert printed(answer, main + " + 0") == "22"
    assert printed(answer, 'output $_polyton("per_thread", "red.so").count') == "12"


def test_thread_local_that_is_not_allocated(host, run_gdb):
    """A state, and no error: the thread would start with that. It is no memory of the process."""
    value = '$_polyton("per_thread", "blue.so", 2)'
    answer = run_gdb(*marked(f"output {value}"), f"set var {value}.count = 1", pid=host.pid)
    told = printed(answer, f"output {value}")
    assert re.search(r"thread 2 \(LWP \d+\) has not allocated blue.so's copy", told)
    assert re.search(r'\{reserved = 0, count = 21, name = 0x[0-9a-f]+ "blue"\}', told)
    assert "not an lvalue" in answer.errors


def test_assignment_changes_that_copy_only(host, run_gdb):
    run_gdb('set var $_polyton("registry", "blue.so").count = 4711', pid=host.pid)
    commands = [f'output $_polyton("registry", "{name}").count' for name in ("host", "red.so", "blue.so")]
    answer = run_gdb(*marked(*commands), pid=host.pid)
    assert [printed(answer, command) for command in commands] == ["1", "10", "4711"]


def test_address(host, run_gdb):
    """& is where the library says the copy is."""
    command = 'output/x (long)&$_polyton("registry", "red.so")'
    answer = run_gdb(*marked(command, "polyton show registry"), pid=host.pid)
    assert int(printed(answer, command), 16) and printed(answer, command) in answer.after("polyton show registry")


def test_watch_location(host, folder, run_gdb):
    """In hardware, on that copy only."""
    answer = run_gdb("break at_call", "run ./red.so ./blue.so <call", "watch -location $_polyton(\"registry\", \"red.so\").count",
                     "continue", "bt 1", program=folder / "host", before=[f"cd {write(folder / 'call', 'call call')}"])
    assert re.search(r"^Hardware watchpoint 2: -location \$_polyton", answer, re.MULTILINE)
    assert re.search(r"Old value = 11\nNew value = 12", answer)
    assert "in step" in answer or "step ()" in answer


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines.split()))
    return path.parent


def test_condition(folder, run_gdb):
    """A breakpoint stops when another object's copy has reached a value; nothing that an earlier look found is used."""
    write(folder / "calls", "call call call call")
    answer = run_gdb('break at_call if $_polyton("registry", "red.so").count == 13', "run ./red.so <calls",
                     'print $_polyton("registry", "red.so").count', 'print $_polyton("registry", "host").count',
                     program=folder / "host", before=[f"cd {folder}"])
    assert "hit Breakpoint 1" in answer
    assert "$1 = 13" in answer and "$2 = 4" in answer


def test_count(host, run_gdb):
    """0 for what exists once, or not at all; several singletons of that name are an error that lists them."""
    names = ("registry", "per_thread", "main", "there_is_no_such")
    answer = run_gdb(*marked(*(f'output $_polyton_count("{name}")' for name in names)), pid=host.pid)
    assert [printed(answer, f'output $_polyton_count("{name}")') for name in names] == ["4", "4", "0", "0"]


def test_count_in_a_condition(folder, run_gdb):
    """It changes while the program runs, without a stop."""
    (folder / "loads").write_text("call\nload ./blue.so\ncall\n")
    answer = run_gdb('break at_call if $_polyton_count("registry") == 3', "run ./red.so <loads",
                     'output $_polyton("registry", "blue.so").count', program=folder / "host", before=[f"cd {folder}"])
    # The first call() comes before blue.so: only the second one stops, after step() of both.
    assert "hit Breakpoint 1" in answer and answer.rstrip().endswith("21")


def test_no_debug_info(host, run_gdb):
    """Bytes, and why."""
    command = 'output $_polyton("serial", "grey.so")'
    told = printed(run_gdb(*marked(command), pid=host.pid), command)
    assert told == "polyton: GDB knows no type of the variable in grey.so: only its bytes are shown\n42"


def test_file_that_gdb_does_not_find(folder, start, run_gdb):
    """Loaded by a path that means nothing where GDB runs."""
    running = start([folder / "host", "./red.so", "./blue.so"], cwd=folder)
    command = 'output $_polyton("serial", "red.so")'
    told = printed(run_gdb(*marked(command), pid=running.pid), command)
    assert told == "polyton: GDB has no symbols of red.so: only its bytes are shown\n12"


def test_replaced_file(folder, tmp_path, start, run_gdb):
    """GDB reads what is at the path now, of which the types are another build's: they are not used."""
    for name in ("host", "red.so", "blue.so"):
        shutil.copy(folder / name, tmp_path / name)
    running = start([tmp_path / name for name in ("host", "red.so", "blue.so")])
    (tmp_path / "red.so").unlink()
    modules.build_module(tmp_path, "red.so", "-g", "-DNAME=red", "-DSTART=90", "-DWIDE")
    command = 'output $_polyton("serial", "red.so")'
    told = printed(run_gdb(*marked(command), pid=running.pid), command)
    assert told.startswith("polyton: GDB has read another file than the one that is loaded for red.so")
    assert told.endswith("\n12")


@pytest.mark.parametrize("expression, complaint", [
    ('$_polyton("registry", "nobody.so")', 'has no copy in "nobody.so"; there are: host, red.so, blue.so, grey.so'),
    ('$_polyton("nothing", "red.so")', 'nothing with several copies is called "nothing"'),
    ('$_polyton("registry")', "usage: $_polyton("),
    ('$_polyton("registry", 5)', "OBJECT must be a string"),
    ('$_polyton("registry", "red.so", 77)', "there is no thread 77"),
    ('$_polyton_count()', "usage: $_polyton_count("),
])
def test_complaints(host, run_gdb, expression, complaint):
    answer = run_gdb(f"print {expression}", pid=host.pid)
    assert complaint in answer.errors and answer.status == 1


def test_no_process(folder, run_gdb):
    answer = run_gdb('print $_polyton("registry", "red.so")', program=folder / "host")
    assert "there is no process" in answer.errors


def test_rust_strings_without_allocating(host, run_gdb):
    """GDB calls malloc() in the program for "abc" in Rust, not for b"abc"."""
    command = 'output $_polyton(b"registry", b"red.so").count'
    answer = run_gdb("set language rust", "break malloc", *marked(command), pid=host.pid)
    assert printed(answer, command) == "10"


def test_sourced_twice(host, run_gdb):
    from conftest import EXTENSION  # pylint: disable=import-outside-toplevel
    command = 'output $_polyton("registry", "red.so").count'
    answer = run_gdb(f"source {EXTENSION}", *marked(command), pid=host.pid)
    assert printed(answer, command) == "10" and not answer.errors.strip().startswith("Undefined")


def test_variable_object(host, run_gdb):
    """In the machine interface: an editor's watch window."""
    answer = run_gdb('interpreter-exec mi "-var-create v * $_polyton(\\"registry\\",\\"blue.so\\")"',
                     'interpreter-exec mi "-var-list-children --all-values v"',
                     'set var $_polyton("registry", "blue.so").count = 99',
                     'interpreter-exec mi "-var-update --all-values v"', pid=host.pid)
    assert re.search(r'\^done,name="v",numchild="3"', answer)
    assert re.search(r'exp="count",numchild="0",value="20"', answer)
    assert re.search(r'changelist=\[\{name="v.count",value="99"', answer)

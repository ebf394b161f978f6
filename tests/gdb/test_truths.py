"""Where GDB is wrong or silent about copies: its own answer as it is, and beside it what polyton says.

The host says where its copies are and what they hold; that is the truth for both. i386 is looked at by the same GDB.
"""

import re

import pytest

from conftest import Running, plain_environment
from gdb_asked import LOAD, ask
from judging import OBJECTS, assert_contexts, cells, copies, fields
from subjects import HOST_COUNT, LIBRARIES, UNIQUE, start_host

def ours(variable, name, thread=""):
    """The expression for a copy; of the selected thread, if none is said."""
    return f'$_polyton("{variable}", "{name}"{thread and f", {thread}"})'


@pytest.fixture(scope="module")
def module_start():
    """As the fixture start, for a program that several tests look at."""
    started = []

    def run(command, **options):
        started.append(Running(command, plain_environment(), **options))
        started[-1].wait_ready()
        return started[-1]

    yield run
    for running in started:
        running.stop()


@pytest.fixture(scope="module", params=["x86_64", "i386"])
def told(request, module_start, tmp_path_factory):
    """(Truth, Answers) of one GDB that was asked everything that needs no running on."""
    folder = tmp_path_factory.mktemp(request.param)
    running, truth = start_host(module_start, "liba.so", "libb.so", machine=request.param)
    steps = ["print CONTEXT", "info variables -q -n ^CONTEXT$", "print 'context.c'::CONTEXT", "print 'liba.so'::CONTEXT",
             "info symbol &CONTEXT", f"info symbol {truth.counts['liba.so'][0]:#x}", "thread apply all -q -s print CONTEXT",
             *(f"py value('{name}', 'g_count')" for name in OBJECTS)]
    for tid in (truth.main, *truth.workers, truth.idle):
        steps += [f"py thread({tid})", *(f"py [{tid}, value('{name}', 'CONTEXT')]" for name in OBJECTS)]
    steps += [f"py thread({truth.main})", LOAD, "py picture('show', 'CONTEXT')", "py picture('show', 'g_count')",
              "polyton show CONTEXT", 'print $_polyton_count("CONTEXT")']
    for name in OBJECTS:
        steps += [f"print {ours('CONTEXT', name)}", f"print &{ours('CONTEXT', name)}", f"print {ours('g_count', name)}",
                  f"print &{ours('g_count', name)}", f"thread apply all -q -s print {ours('CONTEXT', name)}"]
    steps += [f"ptype {ours('CONTEXT', 'liba.so')}", f"print {ours('CONTEXT', 'liba.so', 1)}", "ptype $"]
    return truth, ask(folder, steps, "-p", running.pid)


def test_first_copy_only(told):
    """1: `print` shows one copy, and not that there are others."""
    truth, answers = told
    assert fields(answers.text("print CONTEXT")) == (truth.cells[truth.main, "host"][1], "host")
    assert_contexts(answers.text("py picture('show', 'CONTEXT')"), truth)
    text = answers.text("polyton show CONTEXT")
    assert "exists 3 times: in host, liba.so and libb.so" in text
    shown = {fields(line) for line in text.splitlines()}
    assert {(number, name) for (_, name), (_, number) in truth.cells.items()} <= shown


def test_one_line_for_three(told):
    """2: what has the same file and line is listed once."""
    _, answers = told
    assert answers.text("info variables -q -n ^CONTEXT$").count("CONTEXT") == 1
    assert len(copies(answers.text("py picture('show', 'CONTEXT')"))) == 3
    assert answers.text('print $_polyton_count("CONTEXT")').endswith(" = 3\n")


def test_no_words_for_an_object(told):
    """3: a file's name means its first copy; an object cannot be named."""
    truth, answers = told
    assert fields(answers.text("print 'context.c'::CONTEXT")) == (truth.cells[truth.main, "host"][1], "host")
    assert 'No symbol "liba.so" in current context.' in answers.error("print 'liba.so'::CONTEXT")
    for name in OBJECTS:
        address, number = truth.cells[truth.main, name]
        assert fields(answers.text(f"print {ours('CONTEXT', name)}")) == (number, name)
        assert address_in(answers.text(f"print &{ours('CONTEXT', name)}")) == address


def address_in(text):
    return int(re.search(r"0x[0-9a-f]+", text)[0], 16)


def test_global_of_another_object(told):
    """4: a variable of the same name in the program is taken for a COPY: its address, its value, the library's name."""
    truth, answers = told
    for name in ("liba.so", "libb.so"):
        assert answers.text(f"py value('{name}', 'g_count')") == [str(HOST_COUNT), truth.counts["host"][0]]
    known = copies(answers.text("py picture('show', 'g_count')"))
    for name, (address, number) in truth.counts.items():
        cell, = known[name]["cells"]
        assert (int(cell["address"], 16), cell["value"]["text"]) == (address, str(number))
        assert known[name]["users"] == [name]
        assert answers.text(f"print {ours('g_count', name)}").split()[-1] == str(number)
        assert address_in(answers.text(f"print &{ours('g_count', name)}")) == address
    assert {number for _, number in truth.counts.values()} == {HOST_COUNT, LIBRARIES["liba.so"], LIBRARIES["libb.so"]}


def test_not_allocated(told, request):
    """6 and 8: no error but a state; of an i386 program GDB shows what is at no variable's place."""
    truth, answers = told
    for name in ("liba.so", "libb.so"):
        answer = answers.of(f"py [{truth.idle}, value('{name}', 'CONTEXT')]")
        if "i386" in request.node.name:
            assert answer["error"] is None and fields(answer["text"][1][0]) != (0, None)
        else:
            assert "has not yet allocated storage for thread-local variables" in answer["error"]
        cell = cells(answers.text("py picture('show', 'CONTEXT')"))[truth.idle, name]
        assert (cell["state"], cell["address"], cell["value"]) == ("not-allocated", None, None)


def test_no_name_for_an_address(told):
    """12: GDB has no name for the address of a thread-local, and a wrong distance for a library's variable."""
    truth, answers = told
    assert "No symbol matches &CONTEXT." in answers.text("info symbol &CONTEXT")
    name = answers.text(f"info symbol {truth.counts['liba.so'][0]:#x}")
    assert re.match(r"g_count \+ \d+ in section \.data of .*liba\.so", name)
    known = {int(cell["address"], 16): (name, tid)
             for (tid, name), cell in cells(answers.text("py picture('show', 'CONTEXT')")).items() if cell["address"]}
    for place, (address, _) in truth.cells.items():
        assert known[address] == place[::-1]


def test_all_threads_of_one_copy(told):
    """14: of each thread, but of the program's copy only."""
    truth, answers = told
    shown = answers.text("thread apply all -q -s print CONTEXT").splitlines()
    owners = [fields(line)[1] for line in shown if fields(line)]
    assert sorted(owners, key=str) == sorted([None] + ["host"] * (1 + len(truth.workers)), key=str)
    for name in OBJECTS:
        found = [fields(line) for line in answers.text(f"thread apply all -q -s print {ours('CONTEXT', name)}").splitlines()]
        numbers = {truth.cells[tid, name][1] for tid in (truth.main, *truth.workers)}
        assert {row for row in found if row} == {(number, name) for number in numbers} | {(0, None)}


def test_no_type_of_a_call(told):
    """15: GDB does not call a function for its type alone, and says int; of the value it knows the type."""
    _, answers = told
    assert answers.text(f"ptype {ours('CONTEXT', 'liba.so')}") == "type = int\n"
    assert "struct context {\n    int id;\n" in answers.text("ptype $")


def test_wrong_object_inside_a_function(start, tmp_path):
    """5: stopped in a library, a name means the program's variable, and not the one that the code there uses."""
    running, truth = start_host(start, "liba.so", "libb.so")
    # The code there is called by GDB itself and stopped in.
    steps = ["py gdb.execute('break *%d' % int(objfile('libb.so').lookup_global_symbol('count_of').value().address))",
             f"py gdb.parse_and_eval('((int *(*)(void))%d)()' % "
             "int(objfile('libb.so').lookup_global_symbol('count_of').value().address)) and None",
             "info symbol $pc", "print g_count", "print &g_count", LOAD, "py picture('show', 'g_count')", f"print {ours('g_count', 'libb.so')}"]
    answers = ask(tmp_path, steps, "-p", running.pid)
    assert "count_of in section .text of" in answers.text("info symbol $pc")
    assert "libb.so" in answers.text("info symbol $pc")
    assert answers.text("print g_count").split()[-1] == str(HOST_COUNT)
    known = copies(answers.text("py picture('show', 'g_count')"))["libb.so"]
    assert known["users"] == ["libb.so"]
    assert known["cells"][0]["value"]["text"] == str(truth.counts["libb.so"][1]) != str(HOST_COUNT)
    assert answers.text(steps[-1]).split()[-1] == str(truth.counts["libb.so"][1])


def test_dead_copy_of_a_merged_one(start, tmp_path):
    """10: GNU_UNIQUE has merged the copies; GDB shows the second library's, which nothing uses."""
    running, truth = start_host(start, *UNIQUE)
    steps = [f"py thread({truth.main})", *(f"py value('{name}', 'unique_counter')" for name in UNIQUE), LOAD,
             "py picture('show', 'unique_counter')", f"print {ours('unique_counter', UNIQUE[0])}"]
    answers = ask(tmp_path, steps, "-p", running.pid)
    first, second = (truth.uniques[truth.main, name] for name in UNIQUE)
    assert first == second
    assert answers.text(f"py value('{UNIQUE[0]}', 'unique_counter')") == [str(first[1]), first[0]]
    text, address = answers.text(f"py value('{UNIQUE[1]}', 'unique_counter')")
    assert (text, address == first[0]) == ("3", False)
    known = answers.text("py picture('show', 'unique_counter')")
    assert copies(known)[UNIQUE[0]]["use"] == "live" and copies(known)[UNIQUE[0]]["users"] == list(UNIQUE)
    assert copies(known)[UNIQUE[1]]["use"] == "shadowed" and copies(known)[UNIQUE[1]]["bound_to"] == UNIQUE[0]
    for (tid, name), (address, number) in truth.uniques.items():
        cell = cells(known)[tid, UNIQUE[0]]
        assert (int(cell["address"], 16), cell["value"]["text"]) == (address, str(number)), name
    assert answers.text(steps[-1]).split()[-1] == str(first[1])

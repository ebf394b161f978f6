"""GDB's types and printers for the right copy, and what happens where there are none."""

import json
import pathlib
import re
import subprocess

import pytest

import modules

ASKED = pathlib.Path(__file__).with_name("values_asked.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("modules")
    modules.build(path)
    return path


@pytest.fixture
def asked(run_gdb, tmp_path):
    """asked(pid): what values_asked.py says of each copy."""
    def run(pid, **where):
        result = tmp_path / "result.json"
        answer = run_gdb(f"source {ASKED}", pid=pid, env={"RESULT": str(result)}, **where)
        assert result.exists(), answer + answer.errors
        return json.loads(result.read_text())
    return run


def twins(folder):
    """Programs with variables of all kinds of types, each with a library that has all of them, too."""
    return sorted(path for path in folder.iterdir() if path.is_file() and (folder / "twins" / f"{path.name}.so").exists())


@pytest.mark.parametrize("which", ["c_gcc", "c_clang", "cpp_gcc", "cpp_clang", "rs_"])
def test_types_of_all_kinds(fixture_dir, start, asked, which):
    """Wherever the library knows a type, GDB's is found, too, and is of the variable's size."""
    programs = [path for path in twins(fixture_dir("14_values")) if path.name.startswith(which)]
    if not programs:
        pytest.skip(f"no program {which} was built")
    for program in programs:
        running = start([program], env={"LD_PRELOAD": str(program.parent / "twins" / f"{program.name}.so")})
        rows = [row for row in asked(running.pid) if row["type"] and row["has_file"]]
        assert len(rows) > 20
        missing = [(row["name"], row["object"], row["type"]) for row in rows if not row["found"]]
        assert not missing
        assert all(row["found_size"] <= row["size"] for row in rows)


def test_own_types(folder, start, asked):
    """Structs of one name, in the same file and line, with two layouts."""
    running = start([folder / "host", folder / "red.so", folder / "blue.so", folder / "grey.so"])
    rows = {(row["name"], row["object"]): row for row in asked(running.pid)}
    assert {name: rows["registry", name]["found_size"] for name in ("host", "red.so", "blue.so", "grey.so")} == {
        "host": 16, "red.so": 16, "blue.so": 24, "grey.so": None}
    texts = {name: re.sub(r"0x[0-9a-f]+ ", "", rows["registry", name]["text"]) for name in ("host", "red.so", "blue.so")}
    assert texts == {"host": '{count = 1, name = "host"}', "red.so": '{count = 10, name = "red"}',
                     "blue.so": '{reserved = 7, count = 20, name = "blue"}'}
    assert rows["serial", "blue.so"]["text"] == "22"


def test_without_debug_info(folder, start, asked):
    """There is no text of GDB's, and it is said why."""
    running = start([folder / "host", folder / "red.so", folder / "grey.so"])
    rows = {(row["name"], row["object"]): row for row in asked(running.pid)}
    row = rows["registry", "grey.so"]
    assert row["text"] is None and "grey.so+0x" in row["library_text"]
    assert row["text_why"] == "GDB knows no type of the variable in grey.so"


def test_separate_debug_info(folder, start, asked, tmp_path):
    """In a file of its own, beside the object."""
    for name in ("host", "red.so", "blue.so"):
        subprocess.run(["objcopy", "--only-keep-debug", folder / name, tmp_path / f"{name}.debug"], check=True)
        subprocess.run(["objcopy", "--strip-debug", f"--add-gnu-debuglink={tmp_path / name}.debug", folder / name,
                        tmp_path / name], check=True)
    running = start([tmp_path / "host", tmp_path / "red.so", tmp_path / "blue.so"])
    rows = {(row["name"], row["object"]): row for row in asked(running.pid)}
    assert rows["registry", "blue.so"]["found_size"] == 24 and rows["registry", "red.so"]["found_size"] == 16


def test_beside_where_it_was_opened(tmp_path, start, run_gdb, build_program):
    """dlopen("./x.so"): the path is the process's own, and so is that of the debug file beside it."""
    library = """struct thing { int a; long b; };
struct thing registry = { 1, 2 };
static int count(void) { static int calls = 3; return ++calls * 7 % 5; }
int use(void) { return registry.a + count() + (int)registry.b * 3; }
"""
    for name in ("one.so", "two.so"):
        build_program(library, flags=["-g", "-shared", "-fPIC"]).rename(tmp_path / name)
        subprocess.run(["objcopy", "--only-keep-debug", name, f"{name}.debug"], cwd=tmp_path, check=True)
        subprocess.run(["objcopy", "--strip-debug", f"--add-gnu-debuglink={name}.debug", name], cwd=tmp_path, check=True)
    host = build_program('''#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	char end;
	if (!dlopen("./one.so", RTLD_NOW) || !dlopen("./two.so", RTLD_NOW))
		return puts(dlerror());
	printf("ready %d\\n", (int)getpid());
	fflush(stdout);
	return (int)read(0, &end, 1);
}
''', flags=["-ldl"])
    running = start([host], cwd=tmp_path)
    answer = run_gdb("polyton show -library registry", pid=running.pid)
    assert "type: struct thing" in answer and "{a = 1, b = 2}" in answer, answer


def test_largest_value(folder, start, run_gdb):
    """GDB refuses what is larger than max-value-size: the library's text stays, and that is said."""
    running = start([folder / "host", folder / "red.so", folder / "blue.so"])
    answer = run_gdb("polyton show registry", pid=running.pid, before=["set max-value-size 16"])
    assert '{reserved = 7, count = 20, name = "blue"}' in answer
    assert re.search(r"GDB cannot write the value in blue.so: value.*requires 24 bytes", answer)


def test_show(folder, start, run_gdb):
    """The same matrix as the library writes, with GDB's texts: it has addresses where the library names symbols."""
    running = start([folder / "host", folder / "red.so", folder / "blue.so", folder / "grey.so"])
    answer = run_gdb("polyton show registry", pid=running.pid)
    assert re.search(r'^ +host +initial +\{count = 1, name = 0x[0-9a-f]+ "host"\}$', answer, re.MULTILINE)
    assert re.search(r'^ +blue.so +initial +\{reserved = 7, count = 20, name = 0x[0-9a-f]+ "blue"\}$', answer, re.MULTILINE)
    assert re.search(r"^ +grey.so +initial +40 grey.so\+0x[0-9a-f]+$", answer, re.MULTILINE)
    assert "GDB knows no type of the variable in grey.so" in answer


def test_language_is_the_users_again(folder, start, run_gdb):
    running = start([folder / "host", folder / "red.so"])
    answer = run_gdb("set language pascal", "polyton show registry", "show language", pid=running.pid)
    assert 'The current source language is "pascal"' in answer
    assert re.search(r'\{count = 10, name = 0x[0-9a-f]+ "red"\}', answer)


def test_control_characters(tmp_path, start, run_gdb, build_program):
    """A printer's text may hold anything; what comes to the terminal is one line without control characters."""
    modules.build(tmp_path)
    (tmp_path / "printer.py").write_text(
        "import gdb\n\nclass Printer:\n    def __init__(self, value):\n        self.value = value\n"
        "    def to_string(self):\n        return 'a\\x1b[31mb\\nc'\n\n"
        "gdb.pretty_printers.append(lambda value: Printer(value) if value.type.name == 'state' else None)\n")
    running = start([tmp_path / "host", tmp_path / "red.so"])
    answer = run_gdb(f"source {tmp_path}/printer.py", "polyton show registry", pid=running.pid)
    assert re.search(r"^ +red.so +initial +a\\033\[31mb c$", answer, re.MULTILINE), answer
    assert "\x1b" not in answer


def test_printer_that_fails(tmp_path, start, run_gdb):
    modules.build(tmp_path)
    (tmp_path / "printer.py").write_text(
        "import gdb\n\nclass Printer:\n    def __init__(self, value):\n        raise ValueError('no such thing')\n\n"
        "gdb.pretty_printers.append(lambda value: Printer(value) if value.type.name == 'state' else None)\n")
    running = start([tmp_path / "host", tmp_path / "red.so"])
    answer = run_gdb(f"source {tmp_path}/printer.py", "polyton show registry", pid=running.pid,
                     faults=re.compile("Exception ignored"))
    assert "red.so" in answer and answer.status == 0


def test_enum_without_a_variant(fixture_dir, start, run_gdb):
    """Rust's bytes that no variant has: some GDBs end on printing them inside of something, so they are not asked to."""
    programs = [path for path in twins(fixture_dir("14_values")) if path.name.startswith("rs_")]
    if not programs:
        pytest.skip("no Rust program was built")
    for program in programs:
        running = start([program], env={"LD_PRELOAD": str(program.parent / "twins" / f"{program.name}.so")})
        copy = f'$_polyton("values::V_CIRCLE", "{program.name}")'
        answer = run_gdb("set language c", "polyton show V_CIRCLE", f"set var *(unsigned int *)&{copy} = 77", "echo ----- now\\n",
                         "polyton show V_CIRCLE", pid=running.pid)
        assert re.search(rf"^ +{program.name} +set +values::Shape::Circle", answer, re.MULTILINE)
        assert re.search(rf"^ +{program.name} +set +<fits no variant>$", answer.after("now"), re.MULTILINE)
        assert f"GDB cannot write the value in {program.name}: an enum in it has none of its variants" in answer


def test_library_on_request(folder, start, run_gdb):
    running = start([folder / "host", folder / "red.so"])
    answer = run_gdb("polyton show -library registry", pid=running.pid)
    assert re.search(r'^ +red.so +initial +\{count = 10, name = "red"\}$', answer, re.MULTILINE)


@pytest.mark.parametrize("name", ["registry_owner", "registry_total", "next_ticket", "ticket", "scratch"])
def test_first_question_of_a_session(name, host_04, run_gdb):
    """A file that has the declaration only is read first; nothing has been looked up before."""
    assert "Values that are not as GDB writes them" not in run_gdb(f"polyton show {name}", pid=host_04.pid)

"""Pictures inside GDB: never stale, of the right inferior, and honest about what can change."""

import json
import re
import shutil
import subprocess

import pytest

from conftest import marked

COUNTER = """
#include <stdio.h>
#include <dlfcn.h>
#include <unistd.h>
static int counter = 1;
static __thread int own;
void bump(void) { counter++; own = counter; }
int main(void)
{
	void *other = dlopen("%s", RTLD_NOW);
	bump();
	((void (*)(void))dlsym(other, "bump"))();
	bump();
	printf("ready %%d\\n", getpid());
	fflush(stdout);
	return getchar() < -1;
}
"""
OTHER = "static int counter = 1;\nstatic __thread int own;\nvoid bump(void) { counter += 10; own = counter; }\n"


@pytest.fixture(name="counter")
def build_counter(tmp_path):
    """A program and a library that both have a static "counter" and a thread-local "own": (program, library)."""
    (tmp_path / "counter.c").write_text(OTHER)
    library, program = tmp_path / "libother.so", tmp_path / "program"
    subprocess.run(["gcc", "-g", "-O0", "-shared", "-fPIC", "-o", library, "counter.c"], cwd=tmp_path, check=True)
    (tmp_path / "counter.c").write_text(COUNTER % library)
    subprocess.run(["gcc", "-g", "-O0", "-o", program, "counter.c"], cwd=tmp_path, check=True)
    return program, library


def values(text):
    """The rows of the table "Values": {object: value}."""
    table = text.split("\nValues\n")[1].split("\n\n")[0]
    return {line.split()[0]: line.split()[-1] for line in table.splitlines()[1:] if line.startswith("  ")}


def test_values_are_those_of_now(counter, run_gdb):
    """After running, after an assignment, and in another run of the program."""
    steps = ["polyton show counter", "finish", "polyton show -no-types counter", "polyton show  counter",
             "set var counter = 77", "polyton show counter ", "kill", "polyton objects", "run", "polyton show  counter  "]
    answer = run_gdb("break bump", "run", "continue", *marked(*steps), program=counter[0])
    before, after = (values(answer.after(f"----- {line}")) for line in ("polyton show counter", "polyton show  counter"))
    assert before == {"program": "2", "libother.so": "1"}
    assert after == {"program": "2", "libother.so": "11"}
    assert values(answer.after("----- polyton show counter ")) == {"program": "77", "libother.so": "11"}
    assert "polyton: there is no process" in answer.errors
    assert values(answer.after("----- polyton show  counter  ")) == {"program": "1", "libother.so": "1"}


def test_while_it_runs(host_01, run_gdb):
    answer = run_gdb("continue &", *marked("polyton show -thread 1 CONTEXT", "polyton objects"), "interrupt",
                     before=["set non-stop off"], pid=host_01.pid)
    for line in "polyton show -thread 1 CONTEXT", "polyton objects":
        text = answer.after(f"----- {line}")
        assert text.startswith("Racy: 3 of 3 threads are running, and may change what is read meanwhile.\n")
    assert re.search(r"In libmod_same.so\n.*\n +\d+ +host +alive +0x", answer)


def test_two_inferiors(host_01, host_04, run_gdb):
    """Each command is about the selected one."""
    lines = ["polyton report ^registry_count$", "inferior 2", "polyton report ^registry_count$ ", "inferior 1",
             "polyton objects"]
    answer = run_gdb("set schedule-multiple off", "add-inferior", "inferior 2", f"attach {host_01.pid}", "inferior 1",
                     *marked(*lines), pid=host_04.pid)
    assert f"(pid {host_04.pid} " in answer.after(f"----- {lines[0]}") and "1 singleton of" in answer.after(f"----- {lines[0]}")
    assert f"(pid {host_01.pid} " in answer.after(f"----- {lines[2]}") and "No singleton" in answer.after(f"----- {lines[2]}")
    assert "libplugin_a.so" in answer.after("----- polyton objects")


def test_a_user_of_gdb_is_left_where_he_was(host_01, run_gdb):
    """Neither the selected thread nor the frame, nor a setting changes; also where registers are read thread by thread."""
    lines = ["info frame", "thread", "show print pretty", "print $_"]
    asked = ["thread 2", "frame 1", *marked(*lines)]
    looks = ["polyton report", "polyton show -thread 3 CONTEXT", "polyton threads"]
    for before in [], ["set auto-load libthread-db off", "set libthread-db-search-path /none"]:
        answer = run_gdb(*asked, *looks, "echo again\\n", *marked(*lines), before=before, pid=host_01.pid)
        first, second = answer.split("again\n")
        for line in lines:
            told = [text.split(f"----- {line}\n")[1].split("----- ")[0].split("[Inferior")[0] for text in (first, second)]
            if line == lines[-1]:
                told = [text.split("\nhost (pid")[0].split(" = ")[1].strip() for text in told]
            else:
                told = [text.split("\nhost (pid")[0].strip() for text in told]
            assert told[0] == told[1]
        assert "tokio::runtime::context::CONTEXT" in first


def test_core_whose_program_is_not_told(host_04, run_gdb, polyton_json, tmp_path):
    """It is found by the name it was started by; nothing is needed but the core."""
    if not shutil.which("gcore"):
        pytest.skip("no gcore")
    subprocess.run(["gcore", "-o", tmp_path / "core", str(host_04.pid)], check=True, capture_output=True)
    core = tmp_path / f"core.{host_04.pid}"
    run_gdb(f"polyton export -all {tmp_path}/inside.json", core=core)
    inside = json.loads((tmp_path / "inside.json").read_text())
    outside = polyton_json("report", "--all", "-c", core)
    assert inside["subject"]["name"] == "host"
    for report in inside, outside:
        for part in "subject", "tool":
            del report[part]
        for thread in report["threads"]:
            del thread["name"]  # the library takes the main thread's from the core's notes, GDB has none
        for finding in report["findings"]:
            finding["headline"] = finding["headline"].replace(" (host)", "")
    assert inside == outside

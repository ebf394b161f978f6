"""Thread-locals outside of functions: a source file constructs all of its own at once, thread by thread.

The constructors say themselves at which address they make an object; all that is asserted is asserted of those addresses.
"""

import shutil
import subprocess

import pytest

# Two of these make a library; nobody has to construct what is constant, and what both define weakly is one.
UNIT = """
#include <cstdio>
#include <unistd.h>
namespace app {
struct Session
{
	long number;
	__attribute__((visibility("hidden"))) explicit Session(const char *what) : number(0)
	{
		std::printf("constructed %s %p %d\\n", what, (void *)this, (int)gettid());
	}
};
static thread_local Session internal("internal");
namespace UNIT {
thread_local Session first("first");
thread_local Session second("second");
thread_local long constant, preset = 7;
}
__attribute__((weak)) thread_local Session weak("weak");
}
thread_local app::Session NAME("global");
extern "C" __attribute__((visibility("default"))) long call_UNIT()
{
	return app::UNIT::second.number + app::UNIT::constant + app::UNIT::preset + app::internal.number +
		app::UNIT::first.number + NAME.number;
}
"""

# Threads by what they call: "1a" is unit a of library 1. Nobody shares the last library's variables.
PROGRAM = """
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>
static pthread_barrier_t barrier;
static void *libraries[3];
static void call(const char *what)
{
	for (; *what; what += 2) {
		std::string name = std::string("call_") + what[1];
		reinterpret_cast<long (*)()>(dlsym(libraries[what[0] - '1'], name.c_str()))();
	}
}
int main(int argc, char **argv)
{
	int scope = strcmp(argv[1], "global") ? RTLD_LOCAL : RTLD_GLOBAL;
	for (int i = 0; i < 3; i++)
		if (!(libraries[i] = dlopen(argv[i + 2], RTLD_NOW | (i == 2 ? RTLD_DEEPBIND : scope))))
			return std::fprintf(stderr, "%s\\n", dlerror()), 1;
	pthread_barrier_init(&barrier, nullptr, argc - 5);
	for (int i = 6; i < argc; i++)
		std::thread([=] { call(argv[i]); pthread_barrier_wait(&barrier); pause(); }).detach();
	call(argv[5]);
	pthread_barrier_wait(&barrier);
	std::printf("ready %d\\n", getpid());
	std::fflush(stdout);
	pause();
}
"""

LIBRARIES = ("lib1.so", "lib2.so", "lib3.so")
THREADS = ["2b", "1a", "1a1b2b3a", "1b2a3b", ""]
COMPILERS = [compiler for compiler in ("g++", "clang++") if shutil.which(compiler)]
CONSTRUCTED = {f"app::{unit}::{name}" for unit in "ab" for name in ("first", "second")} | {"global_a", "global_b"}
CONSTANT = {f"app::{unit}::{name}" for unit in "ab" for name in ("constant", "preset")}


def compile_all(folder, compiler, flags):
    """The program, and libraries of two source files, in @folder."""
    for unit in "ab":
        (folder / f"{unit}.cpp").write_text(UNIT.replace("UNIT", unit).replace("NAME", f"global_{unit}"))
    for library in LIBRARIES:
        for unit in "ab":
            subprocess.run([compiler, "-g", "-fPIC", *(flag for flag in flags if not flag.startswith("-fuse-ld")),
                            "-c", folder / f"{unit}.cpp", "-o", folder / f"{unit}.o"], check=True)
        subprocess.run([compiler, "-shared", *flags, "-o", folder / library, folder / "a.o", folder / "b.o"], check=True)
    subprocess.run(["g++", "-g", "-pthread", "-x", "c++", "-", "-o", folder / "program"], input=PROGRAM, text=True,
                   check=True)


class Seen:
    """What the constructors said, and what polyton says of every cell."""

    def __init__(self, running, report):
        self.made = {(int(line.split()[2], 16), int(line.split()[3])) for line in running.lines}
        self.rows = {row["name"]: row["copies"] for row in report["singletons"] if row["kind"] == "tls"}

    def states(self, name, libraries=LIBRARIES):
        """(whether the constructor ran, polyton's state) of each cell that is there."""
        return {((int(cell["address"], 16), cell["tid"]) in self.made, cell["value"]["state"])
                for copy in self.rows[name] if copy["object"] in libraries
                for cell in copy["cells"] if cell["state"] != "not-allocated"}


@pytest.fixture
def look(start, polyton_json, tmp_path):
    def run(compiler, flags, scope="local"):
        compile_all(tmp_path, compiler, flags)
        running = start([tmp_path / "program", scope, *(tmp_path / library for library in LIBRARIES), *THREADS])
        return Seen(running, polyton_json("report", "--all", running.pid))

    return run


TRUE = {(True, "alive"), (False, "uninitialised")}
PLAIN = {(True, "plain"), (False, "plain")}


@pytest.mark.parametrize("flags", [["-O0"], ["-O2"], ["-O1", "-fvisibility=hidden"], ["-O1", "-fuse-ld=gold"],
                                   ["-O1", "-fuse-ld=lld"]], ids=" ".join)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_states_are_what_the_constructors_said(look, compiler, flags):
    linker = next((flag for flag in flags if flag.startswith("-fuse-ld=")), "-fuse-ld=bfd").split("=")[1]
    if not shutil.which(f"ld.{linker}"):
        pytest.skip(f"no ld.{linker}")
    seen = look(compiler, flags)
    assert CONSTRUCTED | CONSTANT <= set(seen.rows)
    for name in CONSTRUCTED:
        assert seen.states(name) == TRUE, name
    for name in CONSTANT:
        assert seen.states(name) == {(False, "plain")}, name
    # What is weak has a guard of its own; of what is of file scope not enough is known, or all of it.
    assert seen.states("app::weak") == {(True, "alive")}
    assert seen.states("app::internal") in (TRUE, PLAIN)


@pytest.mark.skipif("clang++" not in COMPILERS, reason="no clang++")
def test_variables_of_file_scope_where_the_compiler_tells(look):
    seen = look("clang++", ["-O0"])
    assert seen.states("app::internal") == TRUE


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_thread_that_never_came_by_has_nothing(look, compiler):
    seen = look(compiler, ["-O1"])
    for name in CONSTRUCTED | CONSTANT:
        cells = {copy["object"]: {cell["state"] for cell in copy["cells"]} for copy in seen.rows[name]}
        assert set(cells) == set(LIBRARIES)
        assert all("not-allocated" in states for states in cells.values())


@pytest.mark.parametrize("compiler", COMPILERS)
def test_where_another_object_constructs_it_there_is_no_telling(look, compiler):
    """The second library's code constructs the first one's variables, under a guard of its own."""
    seen = look(compiler, ["-O1"], "global")
    for name in CONSTRUCTED:
        assert (True, "plain") in seen.states(name, ["lib1.so"]) <= PLAIN, name
        assert seen.states(name, ["lib2.so"]) <= {(False, "plain")}, name
        assert seen.states(name, ["lib3.so"]) == TRUE, name
    for name in CONSTANT:
        assert seen.states(name) == {(False, "plain")}, name


@pytest.mark.parametrize("compiler", COMPILERS)
def test_optimised_as_a_whole_there_is_no_wrong_word(look, compiler):
    seen = look(compiler, ["-O2", "-flto", *(["-fuse-ld=lld"] if compiler == "clang++" else [])])
    for name in CONSTRUCTED:
        assert seen.states(name) <= TRUE | PLAIN, name
    for name in CONSTANT:
        assert seen.states(name) == {(False, "plain")}, name

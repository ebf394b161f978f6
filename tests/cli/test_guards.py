"""Thread-locals and statics of functions: constructed or not, thread by thread, as their guards say.

The constructors say themselves whose object they make, in which thread.
"""

import subprocess

import pytest

LIBRARY = """
#include <cstdio>
#include <unistd.h>
namespace app {
struct Session { int number; Session(const char *what) : number(0)
	{ std::printf("constructed %s " LIBRARY " %d\\n", what, (int)gettid()); } };
__attribute__((visibility("hidden"), noinline)) Session &session() { static thread_local Session own("own"); return own; }
__attribute__((visibility("hidden"), noinline)) Session &shared() { static Session one("one"); return one; }
}
extern "C" int FUNCTION(int which) { return which ? app::session().number : app::shared().number; }
"""

PROGRAM = """
#include <cstdio>
#include <pthread.h>
#include <thread>
#include <unistd.h>
extern "C" int first(int which);
extern "C" int second(int which);
static pthread_barrier_t barrier;
static void rest() { pthread_barrier_wait(&barrier); pause(); }
int main()
{
	pthread_barrier_init(&barrier, nullptr, 4);
	std::thread one([] { second(1); rest(); }), both([] { first(1); second(1); rest(); }), none(rest);
	first(1);
	second(0);
	pthread_barrier_wait(&barrier);
	std::printf("ready %d\\n", getpid());
	std::fflush(stdout);
	one.join();
}
"""


@pytest.fixture
def running(start, tmp_path):
    """A program of four threads, three of which have called into one of two libraries, or into both."""
    for function in ("first", "second"):
        subprocess.run(["g++", "-g", "-O1", "-fPIC", "-shared", "-x", "c++", "-", f"-DFUNCTION={function}",
                        f'-DLIBRARY="lib{function}.so"', "-o", tmp_path / f"lib{function}.so"],
                       input=LIBRARY, text=True, check=True)
    subprocess.run(["g++", "-g", "-pthread", "-x", "c++", "-", "-x", "none", "-o", tmp_path / "program",
                    tmp_path / "libfirst.so", tmp_path / "libsecond.so"], input=PROGRAM, text=True, check=True)
    return start([tmp_path / "program"])


@pytest.mark.parametrize("name, what", [("app::session()::own", "own"), ("app::shared()::one", "one")])
def test_states_are_what_the_constructors_said(running, polyton_json, name, what):
    made = {(line.split()[2], int(line.split()[3])) for line in running.lines if line.split()[1] == what}
    row, = (row for row in polyton_json("report", running.pid)["singletons"] if row["name"] == name)
    assert {copy["object"] for copy in row["copies"]} == {"libfirst.so", "libsecond.so"}
    assert made
    seen = {}
    for copy in row["copies"]:
        for cell in copy["cells"]:
            assert cell["value"], cell
            seen[copy["object"], cell["tid"]] = cell["value"]["state"]
    if what == "own":
        assert len(seen) == 8
        assert {where for where, state in seen.items() if state == "alive"} == made
    else:
        assert {object_ for (object_, _), state in seen.items() if state == "alive"} == {where[0] for where in made}
    assert set(seen.values()) == {"alive", "uninitialised"}

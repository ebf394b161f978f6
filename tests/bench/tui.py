"""What the full screen costs: its refreshes, and how long it takes to answer a key.

usage: tui.py [--seconds N] [--no-large]   in the environment of `make bench`; needs pexpect and pyte

  refresh   processor time of the inspector, and of its polyton-dwarf, in percent of one processor, over N seconds (20)
  answer    milliseconds from a key to the first byte of the screen that it makes: median and worst of 100
  large     a process that has loaded an object of 500 MB with 3.5 million variables: the first look, and how long it
            takes to end when Esc gives that up in the middle
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/tui")]
from terminal import Tui  # noqa: E402

FIXTURES = pathlib.Path(os.environ.get("POLYTON_FIXTURES") or ROOT / "build/fixtures")
KINDS = 25     # thread-locals, and as many statics
MODULES = 3    # each with a copy of all
SYMBOLS = 3_500_000

MODULE = "".join(f"__thread int local{i}; int state{i};\n" for i in range(KINDS)) + \
    "void touch(int v) {" + "".join(f"local{i} = v; state{i} = v;" for i in range(KINDS)) + "}\n"
HOST = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void (*touch[16])(int);
static int count;
static void *run(void *arg) { for (int i = 0; i < count; i++) touch[i](gettid()); pause(); return arg; }
int main(int argc, char **argv)
{
	pthread_t thread;
	for (int i = 2; i < argc; i++) {
		void *module = dlopen(argv[i], RTLD_NOW);
		if (!module) { puts(dlerror()); return 1; }
		touch[count] = (void (*)(int))dlsym(module, "touch");
		count += touch[count] != NULL;
	}
	for (int i = 1; i < atoi(argv[1]); i++) pthread_create(&thread, NULL, run, NULL);
	printf("ready %d\\n", getpid()); fflush(stdout); getchar();
}
"""
LARGE = """.data
.macro variable
.type a_rather_long_name_of_a_variable_as_templates_and_generics_have_them_with_all_of_their_arguments_spelled_out_\\@, @object
.size a_rather_long_name_of_a_variable_as_templates_and_generics_have_them_with_all_of_their_arguments_spelled_out_\\@, 4
a_rather_long_name_of_a_variable_as_templates_and_generics_have_them_with_all_of_their_arguments_spelled_out_\\@: .long 0
.endm
.rept %d
variable
.endr
"""


def compile_text(text, output, *flags, language="c"):
    subprocess.run(["cc", "-g", "-x", language, "-", "-x", "none", "-o", output, *flags], input=text, text=True, check=True)


def start(*command):
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    while not line.startswith("ready"):
        if not line:
            sys.exit(f"tui: {command[0]} did not get ready")
        line = process.stdout.readline()
    return process, int((line.split() + [process.pid])[1])


def ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def with_children(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found if children.exists() else [pid]


def drain(tui, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tui.read(0.05)


def percent(tui, seconds):
    pids = with_children(tui.pid)
    drain(tui, 3)
    before, began = sum(map(ticks, pids)), time.monotonic()
    drain(tui, seconds)
    return 100 * (sum(map(ticks, pids)) - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began)


def answers(tui, keys, count=100):
    times = []
    for i in range(count):
        tui.settle(0.02)
        sent, began = len(tui.sent), time.perf_counter()
        tui.key(keys[i % len(keys)])
        while len(tui.sent) == sent:
            tui.read(0.5)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), max(times)


def measure(title, command, keys, seconds):
    process, pid = start(*command)
    began = time.perf_counter()
    tui = Tui(pid, columns=120, rows=40)
    tui.wait("every 1 s", 60)
    first = time.perf_counter() - began
    for key in keys:
        tui.key(key).settle(0.1)
    refresh = percent(tui, seconds)
    median, worst = answers(tui, ("pgdn", "pgup"))
    memory = next(line.split()[1] for line in open(f"/proc/{tui.pid}/status") if line.startswith("VmRSS"))
    print(f"{title:42}{1000 * first:9.0f}{refresh:9.2f}{median:9.1f}{worst:9.1f}{int(memory) / 1024:9.1f}", flush=True)
    tui.key("Q").end()
    process.kill()
    process.wait()


def measure_large(folder):
    text = LARGE % SYMBOLS
    (folder / "large.s").write_text(text)
    subprocess.run(["as", "-o", folder / "large.o", folder / "large.s"], check=True)
    subprocess.run(["ld", "-shared", "--build-id", "-o", folder / "large.so", folder / "large.o"], check=True)
    size = (folder / "large.so").stat().st_size / 1e6
    process, pid = start(folder / "host", 1, folder / "large.so")
    began = time.perf_counter()
    tui = Tui(pid)
    tui.wait("every 1 s", 120)
    print(f"first look, {size:.0f} MB: {time.perf_counter() - began:.1f} s", flush=True)
    tui.key("Q").end(30)
    ends = []
    for _ in range(5):
        tui = Tui(pid)
        tui.wait("large.so", 60)
        drain(tui, 0.1)
        began = time.perf_counter()
        tui.key("esc")
        while tui.child.isalive():
            tui.read(0.001)
        ends.append(1000 * (time.perf_counter() - began))
        tui.kill()
    print(f"Esc in the middle of it, to the end of the program: {statistics.median(ends):.0f} ms, worst {max(ends):.0f}")
    process.kill()
    process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--no-large", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        compile_text(HOST, folder / "host", "-pthread")
        modules = []
        for i in range(MODULES):
            modules.append(folder / f"libmodule{i}.so")
            compile_text(MODULE, modules[-1], "-shared", "-fPIC", f"-Wl,--build-id=0x{i + 1:08x}")
        print(f"{'':42}{'first ms':>9}{'refresh%':>9}{'answer':>9}{'worst':>9}{'MB':>9}")
        fifty = [folder / "host", 100, *modules]
        measure("100 threads, 50 singletons: the list", fifty, ["down"], wanted.seconds)
        measure("100 threads, 50 singletons: a matrix", fifty, ["down", "down", "enter"], wanted.seconds)
        many = FIXTURES / "08_many_threads/many"
        measure("1,000 threads, 3 copies: the matrix", [many, 1000], ["down", "enter"], wanted.seconds)
        measure("10,000 threads, 3 copies: the matrix", [many, 10000], ["down", "enter"], wanted.seconds)
        if not wanted.no_large:
            measure_large(folder)


if __name__ == "__main__":
    main()

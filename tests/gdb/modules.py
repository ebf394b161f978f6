"""Small programs for the tests here: a host that loads modules on request, which have copies of their own of what is in
modules/state.c. Built anew for each test run, in a folder of its own.
"""

import pathlib
import shutil
import subprocess

import pytest

SOURCES = pathlib.Path(__file__).with_name("modules")

# name: what it is built with. What counts is that grey.so has no debug info, and blue.so's copies have another layout.
MODULES = {
    "red.so": ("-g", "-DNAME=red", "-DSTART=10"),
    "blue.so": ("-g", "-DNAME=blue", "-DSTART=20", "-DWIDE"),
    "grey.so": ("-g0", "-DNAME=grey", "-DSTART=40"),
    "broken.so": ("-g", "-DNAME=broken", "-DSTART=50", "-DBROKEN"),
    "alone.so": ("-g", "-DALONE"),
}


def compile_c(output, *arguments):
    done = subprocess.run(["gcc", "-O0", "-fPIC", "-Wl,--build-id", "-o", str(output), *map(str, arguments)], cwd=SOURCES,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def build_module(folder, name, *flags):
    """One module; @flags instead of those of the table."""
    flags = flags or MODULES[name]
    sources = ["module.c"] if "-DALONE" in flags else ["module.c", "state.c"]
    compile_c(folder / name, "-shared", *flags, *sources)


def build(folder):
    """Host and modules."""
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    compile_c(folder / "host", "-g", "-DNAME=host", "-DSTART=1", "host.c", "state.c", "-ldl", "-pthread")
    for name in MODULES:
        build_module(folder, name)
    # Two copies from the start: linked to a library that has them, too, and is kept to its own by -Bsymbolic.
    build_module(folder, "liblinked.so", "-g", "-DNAME=linked", "-DSTART=60", "-Wl,-Bsymbolic", "-Wl,-soname,liblinked.so")
    compile_c(folder / "linked", "-g", "-DNAME=host", "-DSTART=1", "host.c", "state.c", "-ldl", "-pthread",
              f"-L{folder}", "-Wl,--no-as-needed", "-llinked", "-Wl,-rpath,$ORIGIN")

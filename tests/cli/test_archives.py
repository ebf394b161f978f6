"""Static archives and object files beside a program: what they have brought, and what they would bring."""

import shutil
import subprocess

import pytest

from conftest import command_line, plain_environment

LIBRARY = """
int counter_total = 3;
static int counter_hidden = 4;
__thread int counter_local;
static const int table[4] = { 1, 2, 3, 4 };
int counter_get(void) { return counter_total + counter_hidden++ + counter_local++ + table[counter_local & 3]; }
"""
OTHER = "int other_state; int other_get(void) { return other_state++; }"
PLUGIN = "int counter_get(void); int plug(void) { return counter_get(); }"
PROGRAM = "int counter_get(void); int main(void) { return counter_get(); }"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A program and a plugin that each link libcounter.a, which has two members."""
    folder = tmp_path_factory.mktemp("archives")

    def run(*words):
        subprocess.run(words, cwd=folder, check=True)

    for name, text in ("counter", LIBRARY), ("other", OTHER), ("plug", PLUGIN), ("app", PROGRAM):
        (folder / f"{name}.c").write_text(text)
    run("gcc", "-fPIC", "-c", "counter.c", "other.c")
    run("ar", "rcs", "libcounter.a", "counter.o", "other.o")
    run("gcc", "-fPIC", "-shared", "-o", "plug.so", "plug.c", "libcounter.a")
    run("gcc", "-o", "app", "app.c", "libcounter.a")
    return folder


def report(folder, *files):
    done = subprocess.run(command_line("report", *files), cwd=folder, env=plain_environment(), text=True,
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_what_it_has_brought(built):
    code, out, _ = report(built, "./app", "plug.so", "libcounter.a")
    assert code == 1
    said = next(line for line in out.splitlines() if "libcounter.a has" in line)
    assert "has 3 of the variables that exist more than once: " in said
    for name in "counter_total", "counter_hidden", "counter_local":
        assert name in said
    assert "table" not in out


def test_what_it_would_bring(built):
    code, out, _ = report(built, "./app", "libcounter.a")
    assert code == 0
    assert "libcounter.a, linked into one more object, would bring another copy of 3 variables of app" in out


def test_an_object_file(built):
    _, out, _ = report(built, "./app", "plug.so", "counter.o", "other.o")
    assert "counter.o has 3 of the variables that exist more than once" in out
    assert "other.o has no variable in common with the objects" in out


def test_an_archive_alone_is_no_subject(built):
    code, out, err = report(built, "libcounter.a")
    assert (code, out) == (3, "")
    assert err.startswith("polyton: none of the files can be looked at")


@pytest.mark.parametrize("size", (8, 20, 68, 100, 400, 1000))
def test_a_truncated_archive_ends_there(built, tmp_path, size):
    shutil.copy(built / "app", tmp_path)
    (tmp_path / "short.a").write_bytes((built / "libcounter.a").read_bytes()[:size])
    code, out, err = report(tmp_path, "./app", "short.a")
    assert (code, err) == (0, "")
    assert "short.a" in out


def test_sizes_that_lie(built, tmp_path):
    shutil.copy(built / "app", tmp_path)
    text = bytearray((built / "libcounter.a").read_bytes())
    text[8 + 48:8 + 58] = b"9999999999"
    (tmp_path / "liar.a").write_bytes(text)
    code, out, err = report(tmp_path, "./app", "liar.a")
    assert (code, err) == (0, "")
    assert "liar.a has no variable in common" in out

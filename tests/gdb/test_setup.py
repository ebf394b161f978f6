"""How the extension gets into GDB: `polyton gdb`, `make install`, a file that all GDBs of a machine read, python import."""

import os
import pathlib
import shlex
import subprocess

import pytest

from conftest import BUILD, EXTENSION, GDB, POLYTON, ROOT, gdb_environment, plain_environment

QUIET = ["-nx", "-q", "-batch"]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, check=False,
                          stdin=subprocess.DEVNULL, **options)


@pytest.fixture(name="own_gdb")
def one_word_gdb(version, tmp_path):  # pylint: disable=unused-argument
    """The GDB that is tested, as one program."""
    if len(GDB) == 1:
        return GDB[0]
    path = tmp_path / "gdb"
    path.write_text(f"#!/bin/sh\nexec {shlex.join(GDB)} \"$@\"\n")
    path.chmod(0o755)
    return str(path)


def test_polyton_gdb(own_gdb, host_04):
    """All words are GDB's, and so is the exit code."""
    environment = plain_environment(GDB=own_gdb, HOME="/nonexistent")
    done = run(POLYTON, "gdb", *QUIET, "-p", host_04.pid, "-ex", "polyton tls", "-ex", "quit 7", env=environment)
    assert "libplugin_a.so  " in done.stdout and done.returncode == 7, done.stderr
    done = run(POLYTON, "gdb", *QUIET, "--args", "/bin/echo", "--help", "-p", "it's", env=environment)
    assert done.returncode == 0, done.stderr
    done = run(POLYTON, "gdb", *QUIET, "-ex", "show args", "--args", "/bin/echo", "--help", "a b", env=environment)
    assert "--help a\\ b" in done.stdout


def test_polyton_gdb_says_what_is_missing(tmp_path):
    done = run(POLYTON, "gdb", "-p", "1", env=plain_environment(GDB="/nonexistent/gdb"))
    assert (done.returncode, done.stderr) == (3, "polyton: cannot start '/nonexistent/gdb': No such file or directory\n")
    done = run(POLYTON, "gdb", env=plain_environment(PATH=str(tmp_path), GDB=None))
    assert (done.returncode, done.stderr) == (3, "polyton: cannot start 'gdb': No such file or directory\n")
    (tmp_path / "polyton").write_bytes(pathlib.Path(POLYTON).read_bytes())
    (tmp_path / "polyton").chmod(0o755)
    done = run(tmp_path / "polyton", "gdb", env=plain_environment(LD_LIBRARY_PATH=str(BUILD)))
    assert done.returncode == 3 and "the GDB extension is missing: there is no '" in done.stderr


def test_polyton_gdb_has_a_help():
    done = run(POLYTON, "gdb", "--help", env=plain_environment())
    assert done.returncode == 0 and done.stdout.startswith("Usage: polyton gdb ARGS\n\nStart GDB, ")
    for words in (["--no-color", "gdb"], ["--", "gdb", "1"]):
        done = run(POLYTON, *words, env=plain_environment())
        assert (done.returncode, done.stderr) == (2, "polyton: 'gdb' stands in front of all other words: they are its own\n")


@pytest.fixture(scope="module", name="installed")
def install(tmp_path_factory, version):  # pylint: disable=unused-argument
    folder = tmp_path_factory.mktemp("a prefix")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "SAN"))}
    # As make has it: a folder's name with a blank is none.
    folder = folder.rename(folder.with_name(folder.name.replace(" ", "-")))
    done = run("make", "--no-print-directory", "install", f"PREFIX={folder}", f"LIBDIR={folder}/lib/x86_64-linux-gnu",
               f"GDBINIT_DIR={folder}/etc/gdbinit.d", cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_installed(installed, host_04):
    """The library is found where it was installed, whatever LIBDIR was."""
    extension = installed / "share/polyton/gdb/polyton-gdb.py"
    environment = gdb_environment(POLYTON_LIBRARY=None)
    done = run(*GDB, *QUIET, "-ix", extension, "-p", host_04.pid, "-ex", "polyton report", "-ex",
               "python print(polyton_gdb.library.library().path)", env=environment)
    assert "registry_count (static) exists 3 times" in done.stdout, done.stderr
    assert f"\n{installed}/lib/x86_64-linux-gnu/libpolyton.so.0\n" in done.stdout
    done = run(installed / "bin/polyton", "gdb", *QUIET, "-ex", "python print(polyton_gdb.__file__)",
               env=plain_environment(GDB=GDB[0] if len(GDB) == 1 else None, LD_LIBRARY_PATH=str(installed / "lib/x86_64-linux-gnu")))
    assert f"{installed}/share/polyton/gdb/polyton_gdb/__init__.py" in done.stdout, done.stderr
    assert (installed / "share/man/man7/polyton-gdb.7").is_file()


def test_gdbinit_d(installed):
    """What the folder of the system's GDB settings would read."""
    file = installed / "etc/gdbinit.d/polyton.gdb"
    done = run(*GDB, *QUIET, "-ix", file, "-ex", "polyton tls", env=gdb_environment(POLYTON_LIBRARY=None))
    assert done.stderr.startswith("polyton: there is no process")


def test_python_import(installed):
    environment = gdb_environment(PYTHONPATH=str(installed / "share/polyton/gdb"))
    done = run(*GDB, *QUIET, "-ex", "python import polyton_gdb", "-ex", "polyton tls", env=environment)
    assert done.stderr.startswith("polyton: there is no process")


def test_links_lead_to_the_extension(version, tmp_path):  # pylint: disable=unused-argument
    """~/.gdbinit may name a link, and HOME be in its name."""
    (tmp_path / "polyton.py").symlink_to(EXTENSION)
    done = run(*GDB, *QUIET, "-ex", "source ~/polyton.py", "-ex", "polyton tls",
               env={**gdb_environment(), "HOME": str(tmp_path)})
    assert done.stderr.startswith("polyton: there is no process")


def test_nothing_is_loaded_before_it_is_needed(run_gdb):
    answer = run_gdb("python print('libpolyton' in open('/proc/self/maps').read())", "polyton",
                     "python print('libpolyton' in open('/proc/self/maps').read())")
    assert [line for line in answer.splitlines() if line in ("True", "False")] == ["False", "True"]

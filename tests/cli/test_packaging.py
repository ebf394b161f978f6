"""What `make install` brings: a program that runs from there, and a library that others can build with."""

import os
import shlex
import shutil
import subprocess

import pytest

from conftest import ROOT

USER = r"""
#include <polyton.h>
#include <stdio.h>

/* The library's own names are its own: a user may have functions called like its insides. */
#ifdef __cplusplus
extern "C"
#endif
int identity_of(void) { return 7; }

int main(void)
{
	struct polyton_session *session = NULL;
	struct polyton_error *error = polyton_open_process(-5, NULL, &session);
	if (!error || polyton_error_code(error) != POLYTON_ERROR_ARGUMENT || identity_of() != 7)
		return 1;
	printf("%s: %s\n", polyton_version(), polyton_error_message(error));
	polyton_error_destroy(error);
	return 0;
}
"""


def make(*args, **options):
    # Under `make check CC=...` the same compiler is meant; a sanitized library is not one to install.
    given = shlex.split(os.environ.get("MAKEFLAGS", "").partition("-- ")[2])
    given = [word for word in given if not word.startswith(("SAN=", "PREFIX=", "DESTDIR=", "LIBDIR="))]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "SAN"))}
    return subprocess.run(["make", "--no-print-directory", *given, *map(str, args)], cwd=ROOT, env=environment, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


@pytest.fixture(scope="module", name="installed")
def install(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    make("install", f"PREFIX={folder}")
    return folder


def pkg_config(installed, *args):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(installed / "lib/pkgconfig"))
    done = subprocess.run(["pkg-config", *args, "polyton"], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()


def test_program_runs_from_where_it_was_installed(installed):
    done = subprocess.run([installed / "bin/polyton", "--version"], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.startswith("polyton 0.")
    assert (installed / "share/man/man1/polyton.1").is_file()


@pytest.mark.parametrize("compiler, name", [("gcc", "user.c"), ("g++", "user.cpp")])
def test_users_build_with_the_shared_library(installed, tmp_path, compiler, name):
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler} on this machine")
    (tmp_path / name).write_text(USER)
    subprocess.run([compiler, "-Wall", "-Wextra", "-Werror", name, *pkg_config(installed, "--cflags", "--libs"), "-o", "user"],
                   cwd=tmp_path, check=True)
    environment = dict(os.environ, LD_LIBRARY_PATH=str(installed / "lib"))
    done = subprocess.run([tmp_path / "user"], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    assert "-5 is not a process id" in done.stdout


def test_users_build_with_the_static_library(installed, tmp_path):
    (tmp_path / "user.c").write_text(USER)
    flags = ["-l:libpolyton.a" if flag == "-lpolyton" else flag
             for flag in pkg_config(installed, "--static", "--cflags", "--libs")]
    subprocess.run(["gcc", "-Wall", "-Werror", "user.c", *flags, "-o", "user"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "user"], check=True, stdout=subprocess.PIPE, text=True)
    assert "-5 is not a process id" in done.stdout


def test_uninstall_leaves_nothing(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/opt/polyton")
    make("uninstall", f"DESTDIR={tmp_path}", "PREFIX=/opt/polyton")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_dist_holds_what_is_committed(tmp_path):
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    make("dist")
    listing = subprocess.run(["tar", "tzf", next((ROOT / "build").glob("polyton-*.tar.gz"))], check=True,
                             stdout=subprocess.PIPE, text=True).stdout.splitlines()
    committed = subprocess.run(["git", "ls-tree", "-r", "--name-only", "HEAD"], cwd=ROOT, check=True,
                               stdout=subprocess.PIPE, text=True).stdout.splitlines()
    files = sorted(name.split("/", 1)[1] for name in listing if not name.endswith("/"))
    assert files == sorted(committed)

"""Files that are no more what was loaded: deleted, or replaced by a newer build."""

import os
import pathlib
import shutil
import tempfile

import pytest

from conftest import BUILD, EXTENSION
from gdb_asked import ASKING, LOAD, ask
from judging import SHOWN, assert_counts, assert_shown, copies
from subjects import LIBRARIES, Truth, library, programs

STEPS = [LOAD, *SHOWN]
NOBODY = 65534


def open_to_all(path):
    """Whoever the user is, they may read it, and write into the folder itself."""
    for below in (path, *path.rglob("*")):
        below.chmod(0o755)
    path.chmod(0o777)


@pytest.fixture
def lost(start):
    """lost(what, **options) starts a host whose liba.so is then "deleted" or "replaced": (folder, Running, Truth)."""
    with tempfile.TemporaryDirectory(prefix="polyton-gdb-") as name:
        folder = pathlib.Path(name)

        def run(what, **options):
            shutil.copytree(programs(), folder, dirs_exist_ok=True)
            open_to_all(folder)
            running = start([folder / "host", folder / "liba.so", folder / "libb.so"], **options)
            (folder / "liba.so").unlink()
            if what == "replaced":
                library("x86_64", folder / "liba.so", LIBRARIES["liba.so"], "-DIS_REBUILT")
            return folder, running, Truth([*running.lines, f"ready {running.pid}"])

        yield run


@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_file_that_is_no_more(what, lost):
    """13: GDB believes the file that is there now. What was loaded can still be read, by root."""
    folder, running, truth = lost(what)
    theirs = "py value('liba.so', 'CONTEXT')"
    answers = ask(folder, [theirs, *STEPS], "-p", running.pid)
    if what == "deleted":
        assert answers.error(theirs)
    else:
        assert answers.text(theirs)[1] != truth.cells[truth.main, "liba.so"][0]
    if os.geteuid() == 0:
        assert_shown(answers, truth)
    else:
        assert_seen_without(answers, truth, what)


def assert_seen_without(answers, truth, what):
    """What is exported is known from memory, what is not is said not to be known; nothing is believed of another file."""
    contexts, counts = map(answers.text, SHOWN)
    assert_counts(counts, truth)
    assert set(copies(contexts)) == {"host", "libb.so"}
    file = {row["name"]: row["file"] for row in contexts["objects"]}
    assert file["liba.so"] == ("replaced" if what == "replaced" else "unreadable") and file["libb.so"] == "read"
    assert any("liba.so" in note["text"] and note["loss"] for note in contexts["notes"])


@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_file_that_cannot_be_opened_any_more(what, lost):
    """The same by a user who may not open what is mapped."""
    if os.geteuid() != 0:
        pytest.skip("the test above is that user's; only root can become another one")
    folder, running, truth = lost(what, user=NOBODY, group=NOBODY)
    shutil.copytree(EXTENSION.parent, folder / "gdb")
    for name in ("libpolyton.so.0", "polyton-dwarf"):
        shutil.copy(BUILD / name, folder / name)
    shutil.copy(ASKING, folder)
    open_to_all(folder)
    load = f"source {folder}/gdb/{EXTENSION.name}"
    answers = ask(folder, [load, *SHOWN], "-p", running.pid, script=folder / ASKING.name, user=NOBODY, group=NOBODY,
                  cwd=folder, env={"POLYTON_LIBRARY": str(folder / "libpolyton.so.0")})
    assert_seen_without(answers, truth, what)

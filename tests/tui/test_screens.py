"""Whole screens of the first fixture, letter by letter, at two sizes and on three kinds of terminals.

They are in tests/tui/screens/; POLYTON_WRITE_SCREENS=1 writes them anew, to be looked at before they are committed.
Numbers of processes and threads are the same in each run, because the host and polyton run in a pid namespace of their
own; what else differs from run to run is written as zeros. The crates, the compiler and the C library have their part
in what is seen: with others the screens are others, and the tests skip.
"""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile

import pytest

SCREENS = pathlib.Path(__file__).with_name("screens")
IS_WRITING = bool(os.environ.get("POLYTON_WRITE_SCREENS"))
COMPILER = "rustc 1.63.0"
LIBC = ("glibc", "2.36")

# What is pressed for each screen, and what its title must be before it counts.
STEPS = [
    ("singletons", (), "more than once"),
    ("the first of them", ("down",), "(thread-local) exists 3 times"),
    ("a search", ("/", "GLOBAL_DISPATCH", "enter"), "dispatcher::GLOBAL_DISPATCH is split"),
    ("its copies", ("right", "down"), "used by"),
    ("matrix of a static", ("left", "enter"), "COPY IN"),
    ("matrix of a thread-local", ("q", "home", "down", "enter", "right"), "libmod_same.so's copy"),
    ("value", ("q", "/", "CURRENT_STATE", "enter", "enter", "down", "enter"), "PART"),
    ("layout", ("q", "q", "home", "down", "d"), "parts differ"),
    ("objects", ("3",), "loaded"),
    ("threads", ("4",), "has set"),
    ("static TLS", ("5",), "SHARE OF THE BLOCK"),
    ("notes", ("6",), "Findings about objects"),
    ("evidence", ("1", "home", "down", "7"), "All that is known"),
    ("help", ("?",), "this help"),
]

# polyton takes the place of the shell and is process 1; the host is another one of the namespace, and ends with it.
SCRIPT = """
mount --bind "$0" /mnt && cd /mnt || exit
./host --aside <in >out &
exec 9>in 8<out
while read -r word pid <&8; do [ "$word" != ready ] || break; done
exec 8<&-
exec "$@" "$pid"
"""


@pytest.fixture(scope="module")
def stage_folder(fixture_dir):
    """The host and its modules in a folder of their own; they run in it under the name of /mnt."""
    source = fixture_dir("01_tokio_modules_distribution")
    if (source / "skipped").exists():
        pytest.skip((source / "skipped").read_text().strip())
    if COMPILER not in (source / "compiler").read_text() or platform.libc_ver() != LIBC:
        pytest.skip(f"the screens are those of {COMPILER} and {' '.join(LIBC)}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in ("host", "libmod_same.so", "libmod_other.so", "libmod_release.so"):
            shutil.copy(source / file, folder / file)
        for pipe in ("in", "out"):
            os.mkfifo(folder / pipe)
        yield folder


@pytest.fixture(scope="module")
def namespace():
    """The command that gives a program processes and mounts of its own."""
    for command in (["unshare", "-pf", "--mount-proc"], ["unshare", "-Urpf", "--mount-proc"]):
        try:
            if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                return command
        except FileNotFoundError:
            pytest.skip("there is no unshare")
    pytest.skip("no namespaces may be made here")


def plain(tui):
    """The screen, with what is another in each run as zeros of the same width."""
    def zeros(found):
        return re.sub("[0-9a-f]", "0", found[0])

    text = re.sub(r"0x[0-9a-f]{12}\b", lambda found: "0x" + "0" * 12, tui.text)
    text = re.sub(r"\b[0-9a-f]{40}\b|(?<= )[0-9a-f]{12}(?= )", zeros, text)
    # Whether there is a debug file of the C library has nothing to do with it.
    text = text.replace("debug file   ", "exported only")
    # The first seconds have one digit, and a test that takes longer has others to think of.
    text = re.sub(r"seen \d+ s ago", "seen 0 s ago", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


CASES = {
    "80x24": dict(columns=80, rows=24),
    "120x40": dict(columns=120, rows=40),
    "80x24-ascii": dict(columns=80, rows=24, locale="C", term="screen-256color"),
}
# The same letters, whatever the terminal can do.
CASES["80x24, vt100"] = dict(CASES["80x24"], term="vt100")
CASES["80x24-ascii, vt100"] = dict(CASES["80x24-ascii"], term="vt100")


@pytest.mark.parametrize("name", CASES)
def test_screens(tui, stage_folder, namespace, name):
    options = ["tui", "--interval", "0", "--no-mouse", "--no-config", "--debug-dir", "/mnt"]
    one = tui(*options, before=[*namespace, "sh", "-c", SCRIPT, stage_folder], **CASES[name])
    one.wait("variables exist more than once").wait_selected("tokio")
    path = SCREENS / f"{name.split(',')[0]}.txt"
    wanted = {} if IS_WRITING else read_screens(path)
    seen = {}
    for title, keys, mark in STEPS:
        for key in keys:
            one.key(key)
        one.wait(mark)
        if not IS_WRITING:
            wait_for(one, f"{name}, {title}", wanted[title])
        seen[title] = plain(one.settle()) if IS_WRITING else wanted[title]
    one.key("Q").key("Q")
    assert one.end() == 0
    if IS_WRITING:
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"=== {title}\n{text}\n" for title, text in seen.items()))


def read_screens(path):
    parts = re.split(r"^=== (.*)\n", path.read_text(), flags=re.MULTILINE)[1:]
    return {title: text.rstrip("\n") for title, text in zip(parts[::2], parts[1::2])}


def wait_for(tui, title, wanted):
    try:
        tui.wait(lambda one: plain(one).rstrip("\n") == wanted, timeout=5)
    except AssertionError:
        seen = plain(tui).rstrip("\n")
        pytest.fail(f"{title}:\n{seen}\n--- and not\n{wanted}")

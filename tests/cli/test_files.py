"""Files and folders as a subject: what is taken, what is left out, and that nothing in there can do harm."""

import json
import os
import pathlib
import platform
import shutil
import struct
import subprocess

import pytest

from conftest import command_line, plain_environment
from trees import Tree

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the trees are made for x86_64")

NOTHING, FINDINGS, USAGE, BLIND = 0, 1, 2, 3
EM_386, EM_AARCH64 = 3, 183
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_RUNPATH = 1, 4, 5, 6, 10, 11, 29
# A C++ inline variable that its object keeps to itself: certainly the same in each, by its name.
CXX = ("namespace app { inline int counter = 1; int *get(); inline int *where() { return &counter; } }\n"
       "int *use() { return app::where(); }")


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.fixture(scope="session")
def twin(tmp_path_factory):
    """The bytes of an object with a hidden C++ variable, app::counter."""
    folder = tmp_path_factory.mktemp("twin")
    command = ["c++", "-x", "c++", "-", "-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden", "-Wl,--build-id=none",
               "-o", folder / "twin.so"]
    done = subprocess.run(list(map(str, command)), input=CXX, text=True, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no C++ compiler")
    return folder / "twin.so"


@pytest.fixture
def ask(tree, polyton):
    """ask(words, exits): the report on these, in the tree; None instead of one if nothing could be looked at."""
    def run(*words, exits=(NOTHING,), command="report"):
        done = polyton(command, "--format", "json", *words, cwd=tree.folder, timeout=60)
        assert done.returncode in exits, (done.returncode, done.stderr, done.stdout[-2000:])
        return json.loads(done.stdout) if done.stdout else None

    return run


def paths(report):
    """Those that were given, without what they bring from the system."""
    return [row["path"] for row in report["objects"] if not row["path"].startswith("/")]


def notes(report):
    return [note["text"] for note in report["notes"]]


def copy(source, target):
    """Another file with the same content, so that it is another object."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    return target


def patched(source, target, *places):
    """A copy with (format, offset, value) written into it."""
    data = bytearray(source.read_bytes())
    for form, offset, value in places:
        struct.pack_into(form, data, offset, value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def counter(report):
    """The objects that have app::counter, or none."""
    return [[each["object"] for each in row["copies"]] for row in report["singletons"] if row["name"] == "app::counter"]


# What a folder has.

def test_a_folder_is_all_objects_below_it(tree, ask):
    for name in ("b/deep/er/x.so", "a/no_suffix", ".hidden/y.so.1.2", "z.so"):
        tree.library(name)
    (tree / "a/text.so").write_text("not ELF")
    (tree / "a/empty.so").touch()
    (tree / "a/short.so").write_bytes(b"\x7fEL")
    found = [".hidden/y.so.1.2", "a/no_suffix", "b/deep/er/x.so", "z.so"]
    report = ask(tree.folder)
    assert paths(report) == found
    assert any("no program was given" in text for text in notes(report))
    assert paths(ask(f"{tree.folder}//")) == found
    assert [path.removeprefix("./") for path in paths(ask("."))] == found


def test_links_make_no_second_object(tree, ask):
    """Neither in the folder nor to the outside, and what is named by links alone is there once."""
    tree.library("libs/real.so.1.2")
    for name, target in (("real.so.1", "real.so.1.2"), ("real.so", "real.so.1"), ("self", "."), ("up", ".."),
                         ("round", "round"), ("gone.so", "nothing"), ("folder", "/usr/lib")):
        (tree / "libs" / name).symlink_to(target)
    os.link(tree / "libs/real.so.1.2", tree / "libs/hard.so")
    tree.library("outside.so")
    (tree / "libs/second.so").symlink_to("../outside.so")
    (tree / "libs/third.so").symlink_to(tree / "outside.so")
    report = ask("libs")
    assert paths(report) == ["libs/hard.so", "libs/second.so"]
    assert not [text for text in notes(report) if "cannot be read" in text]


def test_nothing_is_opened_that_could_block(tree, ask):
    tree.library("libs/this.so")
    os.mkfifo(tree / "libs/fifo.so")
    (tree / "libs/link.so").symlink_to("fifo.so")
    (tree / "libs/null.so").symlink_to("/dev/zero")
    (tree / "libs/tty.so").symlink_to("/dev/tty")
    assert paths(ask("libs")) == ["libs/this.so"]
    report = ask("libs/this.so", "libs/fifo.so", "libs/null.so")
    assert paths(report) == ["libs/this.so"]
    assert len([text for text in notes(report) if "fifo.so" in text or "null.so" in text]) == 2


def test_devices(tree, ask):
    tree.library("libs/this.so")
    try:
        os.mknod(tree / "libs/zero.so", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making devices takes root")
    assert paths(ask("libs")) == ["libs/this.so"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_noted(tree, ask):
    for name in ("this.so", "locked.so", "folder/that.so"):
        tree.library(f"libs/{name}")
    (tree / "libs/locked.so").chmod(0)
    (tree / "libs/folder").chmod(0)
    report = ask("libs")
    (tree / "libs/folder").chmod(0o755)
    assert paths(report) == ["libs/this.so"]
    assert [text for text in notes(report) if "cannot be read" in text] == [
        "libs/folder cannot be read", "libs/locked.so cannot be read"]


def test_what_may_not_be_read_as_nobody(tree, twin):
    """The same for root, who has to become somebody else for it."""
    if os.getuid() != 0:
        pytest.skip("test_what_may_not_be_read_is_noted does it")
    for name in ("this.so", "locked.so", "folder/that.so"):
        copy(twin, tree / f"libs/{name}").chmod(0o644)
    (tree / "libs/locked.so").chmod(0)
    (tree / "libs/folder").chmod(0)
    for folder in (tree.folder, *tree.folder.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    from conftest import command_line, plain_environment
    done = subprocess.run(command_line("report", "--format", "json", tree / "libs"), capture_output=True, text=True,
                          cwd="/", env=plain_environment(), user=65534, group=65534, extra_groups=[], check=False)
    assert done.returncode == NOTHING, done.stderr
    report = json.loads(done.stdout)
    assert [row["path"] for row in report["objects"]] == [str(tree / "libs/this.so")]
    assert [text for text in notes(report) if "cannot be read" in text] == [
        f"{tree / 'libs/folder'} cannot be read", f"{tree / 'libs/locked.so'} cannot be read"]


def test_deep_folders_end(tree, ask):
    tree.library("libs/this.so")
    deep = tree / ("libs/" + "d/" * 80)
    deep.mkdir(parents=True)
    copy(tree / "libs/this.so", deep / "that.so")
    report = ask("libs")
    assert paths(report) == ["libs/this.so"]
    assert any("cannot be read" in text for text in notes(report))


# What is left out.

def test_left_out_of_a_folder(tree, ask, twin):
    """Counted, by reason, with one of them named."""
    tree.program("bin/program")
    copy(twin, tree / "libs/this.so")
    shutil.copy(tree / "bin/program", tree / "libs/a_program")
    shutil.copy(tree / "bin/program", tree / "libs/b_program")
    (tree / "libs/b_program").write_bytes((tree / "libs/b_program").read_bytes() + b"x")
    patched(twin, tree / "libs/arm.so", ("<H", 18, EM_AARCH64))
    patched(twin, tree / "libs/narrow.so", ("<B", 4, 1), ("<H", 18, EM_386))
    subprocess.run(["cc", "-c", "-x", "c", "-", "-o", tree / "libs/object.o"], input=b"int x;", check=True)
    subprocess.run(["ar", "rcs", tree / "libs/archive.a", tree / "libs/object.o"], check=True)
    shutil.copy(tree / "libs/object.o", tree / "libs/module.ko")
    subprocess.run(["objcopy", "--only-keep-debug", twin, tree / "libs/this.so.debug"], check=True)
    report = ask("bin/program", "libs")
    assert paths(report) == ["bin/program", "libs/this.so"]
    left = sorted(text for text in notes(report) if text.startswith("left out: "))
    assert left == [
        "left out: libs/a_program and 1 more files are each a program, which no other can load",
        "left out: libs/module.ko and 2 more files are each no object that can be loaded (not linked yet, or a debug "
        "file)",
        "left out: libs/narrow.so and 1 more files are each for another machine"]


def test_left_out_though_it_was_named(tree, ask, twin):
    """Each for itself, and as long as something is left there is a report."""
    tree.program("bin/program")
    tree.program("bin/other")
    arm = patched(twin, tree / "arm.so", ("<H", 18, EM_AARCH64))
    (tree / "text").write_text("text")
    report = ask("bin/program", "bin/other", arm, "text")
    assert paths(report) == ["bin/program"]
    for words in ("left out: bin/other is a program", "arm.so", "text"):
        assert any(words in text for text in notes(report)), words


@pytest.mark.parametrize("words", [["text"], ["empty"], ["folder"], ["--plugin", "text"], ["fifo"], ["short"],
                                   ["object.o"]])
def test_blind_only_if_nothing_can_be_seen(tree, polyton, words):
    (tree / "text").write_text("text")
    (tree / "empty").touch()
    (tree / "folder").mkdir()
    os.mkfifo(tree / "fifo")
    (tree / "short").write_bytes(b"\x7fELF\2\1\1")
    subprocess.run(["cc", "-c", "-x", "c", "-", "-o", tree / "object.o"], input=b"int x;", check=True)
    done = polyton("report", *words, cwd=tree.folder)
    assert done.returncode == BLIND and done.stderr.startswith("polyton: ") and done.stderr.count("\n") == 1
    tree.library("libs/this.so")
    assert polyton("report", "libs/this.so", *words, cwd=tree.folder).returncode == NOTHING


# Who is together with whom.

def test_two_plugins(tree, ask, twin):
    """What is looked for at all: the tests below are about when it is not."""
    for name in "ab":
        copy(twin, tree / f"libs/{name}.so")
    assert counter(ask("libs", exits=(FINDINGS,))) == [["a.so", "b.so"]]
    assert counter(ask("libs/a.so", "libs/b.so", exits=(FINDINGS,))) == [["a.so", "b.so"]]


def test_programs_are_never_together(tree, ask):
    source = CXX + "\nint main() { return *use(); }"
    for name in "ab":
        (tree / "bin").mkdir(exist_ok=True)
        subprocess.run(["c++", "-x", "c++", "-", "-o", tree / f"bin/{name}"], input=source.encode(), check=True)
    report = ask("bin")
    assert counter(report) == [] and len([path for path in paths(report) if path.startswith("bin/")]) == 2
    assert any("they are compared with the plugins, but not with each other" in text for text in notes(report))
    subprocess.run(["c++", "-x", "c++", "-", "-shared", "-fPIC", "-fvisibility=hidden", "-o", tree / "bin/c.so"],
                   input=CXX.encode(), check=True)
    assert counter(ask("bin", exits=(FINDINGS,))) == [["a", "b", "c.so"]]


def test_what_a_program_exports_is_one_with_its_plugins(tree, ask):
    """Whoever loads the plugin into that program gets the program's, unless it has its own reasons not to."""
    source = CXX.replace("inline int counter = 1", '__attribute__((visibility("default"))) inline int counter = 1')
    (tree / "bin").mkdir()

    def build(path, *flags, text=source):
        subprocess.run(["c++", "-x", "c++", "-", "-fno-gnu-unique", *flags, "-o", tree / path], input=text.encode(), check=True)

    build("bin/program", "-rdynamic", text=source + "\nint main() { return *use(); }")
    build("bin/plugin.so", "-shared", "-fPIC")
    assert counter(ask("bin")) == []
    build("bin/plugin.so", "-shared", "-fPIC", "-Wl,-Bsymbolic")
    assert counter(ask("bin", exits=(FINDINGS,))) == [["plugin.so", "program"]]


def test_a_program_and_what_it_needs(tree, ask):
    """In its own process the library would use the program's; who it is bound to here, where another brought it, says
    nothing of that."""
    (tree / "bin").mkdir()
    text = "namespace acme { int state = 1; int %s() { return state++; } }"

    def build(name, source, *words):
        subprocess.run(["c++", "-x", "c++", "-", "-o", name, *words], input=source.encode(), check=True, cwd=tree / "bin")

    def holders():
        report = ask("bin", exits=(FINDINGS, NOTHING))
        found = [row["copies"] for row in report["singletons"] if row["name"] == "acme::state"]
        return report, [sorted(copy["object"] for copy in copies) for copies in found]

    needed = ("-L.", "-x", "none", "libneeded.so", "-Wl,-rpath,$ORIGIN")
    build("libneeded.so", text % "needed", "-shared", "-fPIC")
    build("a0.so", "namespace acme { int needed(); } int first() { return acme::needed(); }", "-shared", "-fPIC", *needed)
    build("app", text % "own" + "namespace acme { int needed(); } int main() { return acme::needed() + acme::own(); }",
          "-rdynamic", *needed)
    report, found = holders()
    assert found == []
    assert any("app is a program: it is compared with the plugins" in text for text in notes(report))
    build("plugin.so", text % "plug", "-shared", "-fPIC", "-fvisibility=hidden")
    assert holders()[1] == [["app", "libneeded.so", "plugin.so"]]


def test_what_is_needed_may_be_given(tree, ask):
    """Where the search does not find a library, the one of the folder is meant, in whatever order they come."""
    tree.library("plugins/libzz-given.so", source="int shared = 1; int *f(void) { return &shared; }")
    tree.library("plugins/a.so", "plugins/libzz-given.so", source="extern int shared; int *g(void) { return &shared; }")
    tree.program("bin/program", "plugins/libzz-given.so", source="extern int shared; int main(void) { return shared; }")
    for words in (["plugins"], ["plugins", "bin"], ["bin", "plugins"]):
        report = ask(*words)
        assert not [note for note in notes(report) if "not found" in note], words
        assert not [row for row in report["findings"] if row["severity"] != "note"], words
    bindings = ask("plugins", command="bindings")
    assert {(row["symbol"], row["provider"]) for row in bindings["bindings"] if row["object"] == "a.so"} >= {
        ("shared", "libzz-given.so")}


@pytest.mark.parametrize("first, second", [
    ("a/libx.so", "b/libx.so"), ("libx.so.1", "libx.so.2"), ("libx-14.so.1", "libx-15.so.1"),
    ("m.cpython-311-x86_64-linux-gnu.so", "m.cpython-312-x86_64-linux-gnu.so")])
def test_variants_are_not_compared(tree, ask, twin, first, second):
    """A process has one of them, which a note says is a guess; and one that is named is meant."""
    for name in (first, second):
        copy(twin, tree / f"libs/{name}")
    report = ask("libs")
    assert counter(report) == []
    assert any("are taken for variants of one library" in text and first in text and second in text
               for text in notes(report))
    report = ask("--plugin", f"libs/{first}", "--plugin", f"libs/{second}", exits=(FINDINGS,))
    assert [len(names) for names in counter(report)] == [2]
    assert not any("variants" in text for text in notes(report))


@pytest.mark.parametrize("first, second", [("plugin-1.so", "plugin-2.so"), ("libx.so", "libxy.so"),
                                           ("libx1.so", "libx2.so"), ("x.so", "y.so")])
def test_no_variants(tree, ask, twin, first, second):
    for name in (first, second):
        copy(twin, tree / f"libs/{name}")
    report = ask("libs", exits=(FINDINGS,))
    assert counter(report) == [sorted([first, second])]
    assert not any("variants" in text for text in notes(report))


def test_variants_that_are_needed_are_together(tree, ask):
    """Whoever needs one, and whoever needs the other, may be loaded by one program."""
    for number in "12":
        (tree / "libs").mkdir(exist_ok=True)
        subprocess.run(["c++", "-x", "c++", "-", "-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden",
                        f"-Wl,-soname,libx.so.{number}", "-o", tree / f"libs/libx.so.{number}"],
                       input=CXX.encode(), check=True)
        tree.library(f"libs/user{number}.so", f"libs/libx.so.{number}", runpath="$ORIGIN")
    report = ask("libs", exits=(FINDINGS,))
    assert counter(report) == [["libx.so.1", "libx.so.2"]]


# The command line.

@pytest.mark.parametrize("words, wanted", [
    (["a.so", "--global", "b.so", "c.so"], "abc"), (["c.so", "b.so", "--plugin", "a.so"], "cba"),
    (["--plugin", "c.so", "a.so", "b.so"], "cab"), (["--deepbind=b.so", "--global", "a.so", "c.so"], "bac"),
    (["--", "b.so", "a.so", "c.so"], "bac")])
def test_order_of_the_command_line(tree, ask, words, wanted):
    """Whether a plugin is named by an option or not: they are opened in the order of the words."""
    tree.host()
    for name in "abc":
        tree.library(f"{name}.so")
    given = ["program", *words] if words[0] != "--" else ["--", "program", *words[1:]]
    assert paths(ask(*given)) == ["program", *(f"{name}.so" for name in wanted)]


def test_preloaded_comes_first_wherever_it_stands(tree, ask):
    tree.host()
    for name in "abc":
        tree.library(f"{name}.so")
    assert paths(ask("program", "a.so", "--preload", "b.so", "--global", "c.so")) == ["program", "b.so", "a.so", "c.so"]


def test_digits_are_a_process(tree, polyton, ask):
    shutil.copy(tree.library("this.so"), tree / "2147483647")
    assert paths(ask("./2147483647")) == ["2147483647"]
    done = polyton("report", "2147483647", cwd=tree.folder)
    assert done.returncode == BLIND and "2147483647" in done.stderr
    shutil.copy(tree / "this.so", tree / "123x")
    assert paths(ask("123x")) == ["123x"]


def test_every_command_for_files(tree, ask, twin, polyton):
    for name in "ab":
        copy(twin, tree / f"{name}.so")
    shown = polyton("show", "app::counter", "a.so", "b.so", cwd=tree.folder)
    assert shown.returncode == NOTHING and "b.so" in shown.stdout
    for command in ("objects", "bindings", "tls"):
        assert polyton(command, "a.so", "b.so", cwd=tree.folder).returncode == NOTHING
    done = polyton("a.so", "b.so", cwd=tree.folder)
    assert done.returncode == FINDINGS and "app::counter" in done.stdout
    assert polyton("a.so", "b.so", "-q", cwd=tree.folder).stdout == ""
    assert polyton("report", "a.so", "b.so", "--fail-on", "never", cwd=tree.folder).returncode == NOTHING
    assert polyton("report", "a.so", "b.so", "--match", "^nothing", cwd=tree.folder).returncode == NOTHING


# The output is the same however the files came there.

def test_order_of_a_folder_does_not_matter(tree, polyton, twin):
    names = [f"{folder}/p{number}.so" for folder in "abc" for number in range(12)]
    outputs = set()
    for number, order in enumerate((names, names[::-1], names[1::2] + names[::2])):
        for name in order:
            copy(twin, tree / f"run{number}/libs/{name}")
        done = polyton("report", "libs", "--all", "--format", "json", cwd=tree / f"run{number}")
        assert done.returncode == FINDINGS
        outputs.add(done.stdout)
    for processors in ({0}, {0, 1}):
        if processors <= os.sched_getaffinity(0):
            done = polyton("report", "libs", "--all", "--format", "json", cwd=tree / "run0",
                           preexec_fn=lambda: os.sched_setaffinity(0, processors))
            outputs.add(done.stdout)
    assert len(outputs) == 1


# What would do harm.

def truncations(size):
    return sorted({0, 4, 16, 63, 64, 65, 120, 500, size // 4, size // 2, size - 65, size - 1})


def test_truncated_files(tree, polyton, twin):
    data = twin.read_bytes()
    tree.program("program")
    for size in truncations(len(data)):
        (tree / "libs").mkdir(exist_ok=True)
        (tree / f"libs/t{size}.so").write_bytes(data[:size])
        done = polyton("report", f"libs/t{size}.so", cwd=tree.folder)
        assert done.returncode in (NOTHING, BLIND), size
    copy(twin, tree / "libs/whole.so")
    assert polyton("report", "program", "libs", cwd=tree.folder).returncode in (NOTHING, FINDINGS)


# Offsets in the file's header and first program header: everything at its largest, or where something else is.
ABSURD = [("<Q", 32, value) for value in (0, 1, 1 << 63, (1 << 64) - 1)] + \
         [("<Q", 40, value) for value in (1, 1 << 63, (1 << 64) - 1)] + \
         [("<H", offset, value) for offset in (16, 18, 52, 54, 56, 58, 60, 62) for value in (0, 1, 0xffff)] + \
         [("<Q", 64 + offset, value) for offset in (8, 16, 32, 40, 48) for value in (0, 1 << 62, (1 << 64) - 1)] + \
         [("<I", 64, value) for value in (2, 3, 7, 0xffffffff)]


def test_absurd_headers(tree, polyton, twin):
    for number, place in enumerate(ABSURD):
        patched(twin, tree / f"libs/a{number}.so", place)
        done = polyton("report", f"libs/a{number}.so", cwd=tree.folder, timeout=30)
        assert done.returncode in (NOTHING, BLIND), place
    copy(twin, tree / "libs/whole.so")
    assert polyton("report", "libs", cwd=tree.folder).returncode in (NOTHING, FINDINGS)
    assert polyton("bindings", "libs", cwd=tree.folder, stdout=subprocess.DEVNULL).returncode == NOTHING


@pytest.mark.parametrize("length", [255, 4095, 5000, 30000])
def test_long_names(tree, polyton, length):
    """Of every kind; the paths that come of them cannot be opened, and nothing is cut where it would be another."""
    long = "x" * length
    tree.library("lib/libthis.so", soname=f"lib{long}.so")
    tree.library("top.so", "lib/libthis.so", runpath=f"/{long}:$ORIGIN/{long}:" + "$ORIGIN" * 50)
    tree.library("rpath.so", "lib/libthis.so", rpath=f"{'d/' * (length // 2)}:/{long}")
    tree.program("program", "lib/libthis.so", runpath=f"{tree / 'lib'}:/{long}")
    for words in (["program", "top.so", "rpath.so"], ["."], ["top.so"], ["lib/libthis.so"]):
        done = polyton("report", *words, cwd=tree.folder, timeout=30)
        assert done.returncode in (NOTHING, FINDINGS), (words, done.stderr[:500])
    done = polyton("report", "program", "--format", "json", cwd=tree.folder)
    assert any(text.startswith("libxxx") and "was not found" in text for text in notes(json.loads(done.stdout)))


def test_needs_in_a_circle(tree, ask):
    tree.library("lib/libb.so")
    tree.library("lib/liba.so", "lib/libb.so", runpath="$ORIGIN")
    tree.library("lib/libb.so", "lib/liba.so", runpath="$ORIGIN")
    assert paths(ask("lib/liba.so")) == ["lib/liba.so", "lib/libb.so"]
    assert paths(ask("lib")) == ["lib/liba.so", "lib/libb.so"]


def test_hundreds_of_names(tree, ask):
    """An object that needs very many, none of which is there, and others that need them, too."""
    names = [f"missing/lib{number:03}.so" for number in range(300)]
    data = tree.library(names[0]).read_bytes()
    for name in names:
        (tree / name).write_bytes(data.replace(b"lib000.so\0", pathlib.Path(name).name.encode() + b"\0"))
    tree.library("a.so", *names)
    tree.library("b.so", *names[:200])
    shutil.rmtree(tree / "missing")
    report = ask("a.so", "b.so")
    missing = [text for text in notes(report) if "was not found" in text]
    assert len(missing) == 300 and len(set(missing)) == 300
    assert sum("and 1 more need" in text for text in missing) == 200


def test_more_needs_than_time(tree, ask):
    """Thousands of names, none of them there, and thousands of folders to look for each: the search gives up on that
    object, and on no other."""
    names = "".join(f"libn{number}.so\0" for number in range(20000)).encode()
    folders = ":".join(f"/n{number}" for number in range(20000)).encode() + b"\0"
    start, entries = 0x1000, []
    strings = b"\0" + names + folders
    at = 1
    for name in names.split(b"\0")[:-1]:
        entries.append((DT_NEEDED, at))
        at += len(name) + 1
    size = 16 * (len(entries) + 7)
    symbols = (start + size + len(strings) + 7) // 8 * 8
    entries += [(DT_RUNPATH, at), (DT_STRTAB, start + size), (DT_STRSZ, len(strings)), (DT_SYMTAB, symbols),
                (DT_SYMENT, 24), (DT_HASH, symbols + 24), (0, 0)]
    end = symbols + 40
    body = b"".join(struct.pack("<QQ", *entry) for entry in entries) + strings
    body = body.ljust(symbols - start, b"\0") + bytes(24) + struct.pack("<IIII", 1, 1, 0, 0)
    header = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    header += struct.pack("<IIQQQQQQ", PT_LOAD, 4, 0, 0, 0, end, end, start)
    header += struct.pack("<IIQQQQQQ", PT_DYNAMIC, 4, start, start, start, size, size, 8)
    (tree / "greedy.so").write_bytes(header.ljust(start, b"\0") + body)
    tree.library("lib/libthis.so")
    tree.library("modest.so", "lib/libthis.so", runpath=tree / "lib")
    report = ask("greedy.so", "modest.so")
    assert paths(report) == ["greedy.so", "modest.so", "lib/libthis.so"]
    missing = [text for text in notes(report) if "not found" in text]
    assert len(missing) == 513 and missing[-1] == "19488 more names were not found"


# Values.

def test_values_at_first(tree, polyton_json):
    """What the program's static image holds, as the debugger says; pointers by the name they lead to."""
    gdb = shutil.which("gdb")
    if not gdb:
        pytest.skip("no gdb")
    source = """
struct pair { int number; const char *text; int *place; };
static int target = 5;
__attribute__((visibility("hidden"))) struct pair shared_pair = { 42, "text", &target };
__attribute__((visibility("hidden"))) int shared_numbers[3] = { 1, 2, 3 };
__attribute__((visibility("hidden"))) int *shared_pointer = &shared_numbers[1];
__attribute__((visibility("hidden"))) double shared_zero;
__attribute__((visibility("hidden"))) _Thread_local long shared_tls = -7;
void *shared_use(int i)
{
	void *all[] = { &shared_pair, shared_numbers, &shared_pointer, &shared_zero, &shared_tls };
	return all[i];
}
"""
    for name in "ab":
        tree.library(f"{name}.so", source=source, flags=["-g", "-O0"])
    report = polyton_json("report", "--all", "a.so", "b.so", cwd=tree.folder)
    said = {}
    for row in report["singletons"]:
        for each in row["copies"]:
            cell, = each["cells"]
            assert cell["state"] == "in-file" and cell["address"] is None and cell["tid"] is None
            said.setdefault(row["name"], set()).add(cell["value"]["text"])
    assert said["shared_numbers"] == {"[1, 2, 3]"} and said["shared_tls"] == {"-7"} and said["shared_zero"] == {"0"}
    text = subprocess.run([gdb, "-q", "-nx", "-batch", "-ex", "print shared_numbers", "-ex", "print shared_pair.number",
                           "-ex", "info symbol shared_pointer", tree / "a.so"], capture_output=True, text=True,
                          check=True).stdout
    assert "{1, 2, 3}" in text and "= 42" in text
    assert "shared_numbers + 4" in text
    assert len(said["shared_pointer"]) == len(said["shared_pair"]) == 2  # each names its own object
    for name in "ab":
        assert any(f"{name}.so!shared_numbers+0x4" in value for value in said["shared_pointer"]), said["shared_pointer"]
        assert any("= 42," in value and f"text = {name}.so+0x" in value and f"= {name}.so!target" in value
                   for value in said["shared_pair"]), said["shared_pair"]

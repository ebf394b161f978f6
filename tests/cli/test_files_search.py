"""Which files a program and its plugins load, against the loader: the same paths in the same order."""

import os
import pathlib
import platform
import random
import re
import shutil
import struct
import subprocess

import pytest

from trees import Tree, absolute, clean_environment, loader_list, opened_list, plugin_options, run, traced

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the trees are made for x86_64")

CACHED = "/etc/ld.so.cache"
LOADER = "/lib64/ld-linux-x86-64.so.2"
MUSL_LOADER = "/lib/ld-musl-x86_64.so.1"
PROGRAMS = 100
PT_DYNAMIC, DT_NEEDED, DT_RPATH, DT_DEBUG, DT_RUNPATH = 2, 1, 15, 21, 29


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.fixture
def load(polyton_json):
    """load(program, plugins=["l/a.so"], env={}, cwd="/", options=[]): polyton's objects as [(namespace, path)] without
    the program, the names that were not found, and the exit code's meaning checked: what is missing is no failure."""
    def ask(program, plugins=(), env=None, cwd="/", options=()):
        env = {"LD_LIBRARY_PATH": None, **(env or {})}
        report = polyton_json("objects", *options, program, *plugin_options(plugins), env=env, cwd=cwd, exits=(0,))
        rows = [(str(row["namespace"]), absolute(row["path"], cwd)) for row in report["objects"]]
        assert report["objects"][0]["program"]
        missing = [note["text"].split(", which ")[0] for note in report["notes"] if "was not found" in note["text"]]
        return rows[1:], missing

    return ask


def below(tree, rows):
    """The paths of @rows that are in the tree, relative to it, as the loader spells them."""
    prefix = f"{tree.folder}/"
    return [row[1].removeprefix(prefix) for row in rows if row[1].startswith(prefix)]


@pytest.fixture
def agree(tree, load):
    """agree(wanted, program, plugins, env, cwd): polyton, the loader, and the test's own word are the same."""
    def check(wanted, program="program", plugins=(), env=None, cwd="/", missing=()):
        plugins = [plugin[0] + str(tree / plugin[1:]) for plugin in plugins]
        rows, lacking = load(tree / program, plugins, env, cwd)
        if plugins:
            assert rows == opened_list(tree / program, plugins, env, cwd)
        else:
            paths, absent = loader_list(tree / program, env, cwd)
            found = [path for _, path in rows]
            if LOADER not in paths:  # the list is not of what is there, but of what is needed
                found.remove(LOADER)
            assert (found, lacking) == ([absolute(path, cwd) for path in paths], absent)
        assert (below(tree, rows), lacking) == (list(wanted), list(missing))

    return check


def dynamic_programs():
    for path in sorted(pathlib.Path("/usr/bin").iterdir()):
        real = path.resolve()
        if not real.is_file() or not os.access(real, os.R_OK):
            continue
        with open(real, "rb") as file:
            head = file.read(1 << 12)
        if head[:5] == b"\x7fELF\x02" and LOADER.encode() in head:
            yield real


def test_programs_of_the_distribution(load):
    """Every one of them is linked by the distribution, so what matters most is the order."""
    found = list(dynamic_programs())
    step = max(1, len(found) // PROGRAMS)
    different = []
    for program in found[::step]:
        said = traced(run([LOADER, program], env=clean_environment(LD_TRACE_LOADED_OBJECTS="1"), cwd="/"))
        rows, lacking = load(program)
        if ([path for _, path in rows], lacking) != said:
            different.append(program)
    assert not different
    assert len(found[::step]) >= min(PROGRAMS, 20)


# DT_RPATH and DT_RUNPATH.

def test_runpath_is_the_object_s_own(tree, agree):
    tree.library("deep/libdeep.so")
    tree.library("lib/libtop.so", "deep/libdeep.so")
    tree.program("program", "lib/libtop.so", runpath="$ORIGIN/lib:$ORIGIN/deep")
    agree(["lib/libtop.so"], missing=["libdeep.so"])


def test_rpath_is_for_all_that_it_brings(tree, agree):
    tree.library("deep/libdeep.so")
    tree.library("lib/libtop.so", "deep/libdeep.so")
    tree.program("program", "lib/libtop.so", rpath="$ORIGIN/lib:$ORIGIN/deep")
    agree(["lib/libtop.so", "deep/libdeep.so"])


def test_rpath_is_asked_nearest_first(tree, agree):
    for folder in "abc":
        tree.library(f"{folder}/libdeep.so")
    tree.library("lib/libmiddle.so", "a/libdeep.so", rpath=tree / "b")
    tree.library("lib/libtop.so", "lib/libmiddle.so", rpath=tree / "a")
    tree.program("program", "lib/libtop.so", rpath=f"{tree / 'lib'}:{tree / 'c'}")
    agree(["lib/libtop.so", "lib/libmiddle.so", "b/libdeep.so"])


def test_runpath_puts_away_every_rpath(tree, agree):
    """Of the object itself, and of whoever brought it."""
    tree.library("deep/libdeep.so")
    tree.library("lib/libtop.so", "deep/libdeep.so", runpath="/nowhere")
    tree.program("program", "lib/libtop.so", rpath=f"{tree / 'lib'}:{tree / 'deep'}")
    agree(["lib/libtop.so"], missing=["libdeep.so"])


def dynamic_entries(data):
    """(offset, tag, value) of each entry of the dynamic section."""
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQQQ", data, start + i * size) for i in range(count)]
    at = next(segment[2] for segment in segments if segment[0] == PT_DYNAMIC)
    while struct.unpack_from("<Q", data, at)[0]:
        yield (at, *struct.unpack_from("<QQ", data, at))
        at += 16


def test_rpath_beside_a_runpath_is_ignored(tree, agree):
    """The linker makes only one of them: the other comes from an entry that is of no use here, and has the text of
    the needed name, which is a folder in the working folder."""
    tree.library("a/libdeep.so")
    tree.library("libdeep.so/libdeep.so")
    program = tree.program("program", "a/libdeep.so", runpath=tree / "a")
    data = bytearray(program.read_bytes())
    needed = next(value for _, tag, value in dynamic_entries(data) if tag == DT_NEEDED)
    at = next(at for at, tag, _ in dynamic_entries(data) if tag == DT_DEBUG)
    struct.pack_into("<QQ", data, at, DT_RPATH, needed)
    program.write_bytes(data)
    agree(["a/libdeep.so"], cwd=tree.folder)
    at = next(at for at, tag, _ in dynamic_entries(data) if tag == DT_RUNPATH)
    struct.pack_into("<Q", data, at, DT_DEBUG)
    program.write_bytes(data)
    agree(["libdeep.so/libdeep.so"], cwd=tree.folder)


def test_an_empty_runpath_counts(tree, agree):
    """As tools that take away paths leave it behind: it looks nowhere, but inherits nothing either."""
    tree.library("deep/libdeep.so")
    top = tree.library("lib/libtop.so", "deep/libdeep.so", runpath="/nowhere")
    data = top.read_bytes()
    assert data.count(b"/nowhere\0") == 1
    top.write_bytes(data.replace(b"/nowhere\0", bytes(9)))
    tree.program("program", "lib/libtop.so", rpath=f"{tree / 'lib'}:{tree / 'deep'}")
    agree(["lib/libtop.so"], missing=["libdeep.so"])


def test_rpath_of_the_program_is_for_plugins_too(tree, agree):
    tree.library("deep/libdeep.so")
    tree.library("plugin.so", "deep/libdeep.so")
    tree.host("program", rpath=tree / "deep")
    agree(["plugin.so", "deep/libdeep.so"], plugins=["lplugin.so"])


def test_rpath_of_the_program_reaches_into_namespaces(tree, agree):
    tree.library("deep/libdeep.so")
    tree.library("plugin.so", "deep/libdeep.so")
    tree.host("program", rpath=tree / "deep")
    agree(["plugin.so", "deep/libdeep.so"], plugins=["nplugin.so"])


# Elements.

@pytest.mark.parametrize("text, folder", [
    ("$ORIGIN", "."), ("${ORIGIN}", "."), ("$ORIGIN/../lib", "lib"), ("$ORIGIN/$LIB", "bin/lib/x86_64-linux-gnu"),
    ("$ORIGIN/${LIB}x", "bin/lib/x86_64-linux-gnux"), ("$ORIGIN/a//", "bin/a"), ("$ORIGINx:$ORIGIN/a", "bin/a"),
    ("$ORIGIN_:${ORIGIN:$ORIGIN/a", "bin/a"), ("$NOTHING:$ORIGIN/a", "bin/a"), ("/nowhere:$ORIGIN/a", "bin/a"),
    ("$ORIGIN/$PLATFORM", None)])
def test_tokens(tree, load, text, folder):
    """Whatever the loader makes of it. Where $PLATFORM leads depends on the processor: there is one for each."""
    known = {".": "bin", "lib": "lib"}.get(folder, folder)
    for name in [known] if known else [f"bin/{name}" for name in ("x86_64", "haswell", "xeon_phi")]:
        tree.library(f"{name}/libthis.so")
        last = name
    program = tree.program("bin/program", f"{last}/libthis.so", runpath=text)
    paths, missing = loader_list(program)
    rows, lacking = load(program)
    assert ([path for _, path in rows], lacking) == (paths, missing)
    if "lib/x86_64" not in text or os.path.isdir("/lib/x86_64-linux-gnu"):
        assert not missing


def test_origin_of_a_program_behind_a_link(tree, agree):
    """The kernel tells the program where it is, not by which name it was started."""
    tree.library("app/lib/libthis.so")
    tree.program("app/program", "app/lib/libthis.so", runpath="$ORIGIN/lib")
    (tree / "bin").mkdir()
    (tree / "bin/program").symlink_to("../app/program")
    agree(["app/lib/libthis.so"], program="bin/program")
    os.link(tree / "app/program", tree / "bin/hard")
    agree([], program="bin/hard", missing=["libthis.so"])


def test_origin_of_a_library_behind_a_link(tree, agree):
    """A library is where it was found, whatever stands behind that name."""
    tree.library("real/libdeep.so")
    tree.library("found/libdeep.so")
    tree.library("real/libtop.so", "real/libdeep.so", runpath="$ORIGIN")
    (tree / "found/libtop.so").symlink_to("../real/libtop.so")
    tree.program("program", "real/libtop.so", runpath=tree / "found")
    agree(["found/libtop.so", "found/libdeep.so"])


@pytest.mark.parametrize("elements, wanted", [
    (".", "./libthis.so"), ("here", "here/libthis.so"), ("./here", "./here/libthis.so"), (":/nowhere", "libthis.so"),
    ("/nowhere:", "libthis.so"), ("/nowhere::/other", "libthis.so")])
def test_relative_and_empty_elements(tree, agree, elements, wanted):
    """They begin in the folder that the program is started in."""
    place = wanted.removeprefix("./")
    tree.library(place)
    tree.program("program", place, runpath=elements)
    agree([wanted], cwd=tree.folder)


# LD_LIBRARY_PATH.

@pytest.mark.parametrize("separator", ":;")
def test_library_path(tree, agree, separator):
    for folder in "abc":
        tree.library(f"{folder}/libthis.so")
    (tree / "a/libthis.so").unlink()
    tree.program("program", "c/libthis.so", runpath=tree / "c")
    agree(["b/libthis.so"], env={"LD_LIBRARY_PATH": f"{tree / 'a'}{separator}{tree / 'b'}"})


def test_library_path_comes_behind_rpath(tree, agree):
    for folder in "ab":
        tree.library(f"{folder}/libthis.so")
    tree.program("program", "b/libthis.so", rpath=tree / "b")
    agree(["b/libthis.so"], env={"LD_LIBRARY_PATH": str(tree / "a")})


def test_library_path_counts_origin_from_the_program(tree, agree):
    tree.library("bin/here/libdeep.so")
    tree.library("lib/here/libdeep.so")
    tree.library("lib/libtop.so", "bin/here/libdeep.so")
    tree.program("bin/program", "lib/libtop.so", runpath=tree / "lib")
    agree(["lib/libtop.so", "bin/here/libdeep.so"], program="bin/program",
          env={"LD_LIBRARY_PATH": "$ORIGIN/here"})


def test_library_path_of_the_option_replaces_the_environment_s(tree, load):
    for folder in "ab":
        tree.library(f"{folder}/libthis.so")
    program = tree.program("program", "a/libthis.so")
    rows, _ = load(program, env={"LD_LIBRARY_PATH": str(tree / "a")}, options=["--library-path", tree / "b"])
    assert below(tree, rows) == ["b/libthis.so"]
    rows, missing = load(program, env={"LD_LIBRARY_PATH": str(tree / "a")}, options=["--library-path", ""])
    assert missing == ["libthis.so"] and not below(tree, rows)


# What is a match.

def test_no_default_folders(tree, agree):
    """-z nodefaultlib, where neither the cache nor the loader's own folders are looked into."""
    tree.program("program", flags=["-Wl,-z,nodefaultlib"])
    agree([], missing=["libc.so.6"])
    tree.program("program", flags=["-Wl,-z,nodefaultlib"], runpath="/lib/x86_64-linux-gnu")
    agree([])


def test_needed_by_path(tree, agree):
    library = tree.library("lib/libthis.so", soname="")
    tree.program("program", "lib/libthis.so")
    assert str(library).encode() in (tree / "program").read_bytes()
    agree(["lib/libthis.so"])


def test_needed_by_relative_path(tree, agree):
    tree.library("lib/libthis.so", soname="./lib/libthis.so")
    tree.program("program", "lib/libthis.so")
    agree(["./lib/libthis.so"], cwd=tree.folder)


def test_needed_by_origin(tree, agree):
    """The name is another one in each folder."""
    for folder in "ab":
        tree.library(f"{folder}/libdeep.so", soname="$ORIGIN/libdeep.so")
        tree.library(f"{folder}/libtop_{folder}.so", f"{folder}/libdeep.so")
    tree.program("program", "a/libtop_a.so", "b/libtop_b.so", runpath=f"{tree / 'a'}:{tree / 'b'}")
    agree(["a/libtop_a.so", "b/libtop_b.so", "a/libdeep.so", "b/libdeep.so"])


def test_a_soname_is_enough(tree, agree):
    """A plugin that was opened by its path is what a later one needs by its SONAME, wherever such a file may be."""
    tree.library("lib/libshared.so.1")
    tree.library("plugins/any_name.so", soname="libshared.so.1")
    tree.library("plugins/user.so", "lib/libshared.so.1", runpath=tree / "lib")
    tree.host()
    agree(["plugins/any_name.so", "plugins/user.so"], plugins=["lplugins/any_name.so", "lplugins/user.so"])


def test_a_soname_is_needed(tree, agree):
    """Without one a file of that name somewhere else is no match."""
    tree.library("lib/libshared.so.1")
    tree.library("plugins/libshared.so.1", soname="")
    tree.library("plugins/user.so", "lib/libshared.so.1", runpath=tree / "lib")
    tree.host()
    agree(["plugins/libshared.so.1", "plugins/user.so", "lib/libshared.so.1"],
          plugins=["lplugins/libshared.so.1", "lplugins/user.so"])


def test_the_same_file_by_two_paths_is_one_object(tree, agree):
    tree.library("a/libshared.so", soname="")
    (tree / "b").mkdir()
    (tree / "b/libshared.so").symlink_to("../a/libshared.so")
    os.link(tree / "a/libshared.so", tree / "b/hard.so")
    tree.host()
    agree(["a/libshared.so"], plugins=["la/libshared.so", "lb/libshared.so", "lb/hard.so"])


def test_a_name_that_was_found_is_known(tree, agree):
    """The second who asks gets the same object, though its own path says otherwise."""
    for folder in "ab":
        tree.library(f"{folder}/libdeep.so")
        tree.library(f"lib/libtop_{folder}.so", f"{folder}/libdeep.so", runpath=tree / folder)
    tree.program("program", "lib/libtop_a.so", "lib/libtop_b.so", runpath=tree / "lib")
    agree(["lib/libtop_a.so", "lib/libtop_b.so", "a/libdeep.so"])


@pytest.mark.parametrize("offset, value", [(4, 1), (18, 3), (18, 183)], ids=["class", "i386", "aarch64"])
def test_files_for_other_machines_are_passed_over(tree, agree, offset, value):
    tree.library("b/libthis.so")
    wrong = tree.library("a/libthis.so")
    data = bytearray(wrong.read_bytes())
    data[offset] = value
    wrong.write_bytes(data)
    tree.program("program", "b/libthis.so", runpath=f"{tree / 'a'}:{tree / 'b'}")
    agree(["b/libthis.so"])


def levels():
    text = subprocess.run([LOADER, "--help"], capture_output=True, text=True, check=False).stdout
    return [line.split()[0] for line in text.splitlines() if "(supported, searched)" in line and "x86-64-v" in line]


def test_subfolders_for_better_processors(tree, agree):
    """As many as this processor has, the best first."""
    supported = levels()
    if not supported:
        pytest.skip("this loader has no glibc-hwcaps, or this processor none of them")
    for level in ("x86-64-v2", "x86-64-v3", "x86-64-v4", "x86-64-v9"):
        tree.library(f"a/glibc-hwcaps/{level}/libthis.so")
    tree.library("a/libthis.so")
    tree.program("program", "a/libthis.so", runpath=tree / "a")
    for level in supported:
        agree([f"a/glibc-hwcaps/{level}/libthis.so"])
        (tree / f"a/glibc-hwcaps/{level}/libthis.so").unlink()
    agree(["a/libthis.so"])


def assert_as_from_cache(sysroot, load, program):
    """The same as the loader does in there, with a cache that ldconfig makes now."""
    run(["ldconfig", "-r", sysroot])
    said = in_root(sysroot, "/usr/bin/program")
    if said is None:
        pytest.skip("takes the rights to change the root")
    rows, missing = load(program, options=["--sysroot", sysroot])
    assert ([path for _, path in rows], missing) == said


@pytest.mark.parametrize("folder", ["tls", "haswell", "x86_64", "haswell/x86_64", "tls/haswell/x86_64", "tls/x86_64"])
def test_older_subfolders(tree, load, folder):
    """Up to 2.36; and which of them depends on the processor."""
    tree.library(f"a/{folder}/libthis.so")
    program = tree.program("program", f"a/{folder}/libthis.so", runpath=tree / "a")
    rows, missing = load(program)
    assert ([path for _, path in rows], missing) == loader_list(program)


# Orders.

def test_breadth_first(tree, agree):
    tree.library("lib/libd.so")
    tree.library("lib/libc1.so", "lib/libd.so")
    tree.library("lib/libb.so")
    tree.library("lib/liba.so", "lib/libc1.so", "lib/libb.so")
    tree.program("program", "lib/liba.so", "lib/libb.so", rpath=tree / "lib")
    agree(["lib/liba.so", "lib/libb.so", "lib/libc1.so", "lib/libd.so"])


def test_needs_in_a_circle(tree, agree):
    tree.library("lib/libb.so")
    tree.library("lib/liba.so", "lib/libb.so")
    tree.library("lib/libb.so", "lib/liba.so")
    tree.library("other/libself.so")
    tree.library("lib/libself.so", "other/libself.so", "lib/liba.so")
    tree.program("program", "lib/libself.so", rpath=tree / "lib")
    agree(["lib/libself.so", "lib/liba.so", "lib/libb.so"])


def test_preloaded_objects_come_first(tree, load):
    for name in ("first", "second", "own", "deep"):
        tree.library(f"lib/lib{name}.so")
    tree.library("lib/libfirst.so", "lib/libdeep.so", rpath=tree / "lib")
    program = tree.program("program", "lib/libown.so", rpath=tree / "lib")
    preload = [tree / "lib/libfirst.so", tree / "lib/libsecond.so"]
    rows, missing = load(program, options=[word for path in preload for word in ("--preload", path)])
    paths, _ = loader_list(program, {"LD_PRELOAD": ":".join(map(str, preload))})
    assert [path for _, path in rows] == paths and not missing
    assert below(tree, rows) == ["lib/libfirst.so", "lib/libsecond.so", "lib/libown.so", "lib/libdeep.so"]


def test_plugins_in_the_order_of_the_command_line(tree, agree):
    tree.library("lib/libdeep.so")
    for name in ("one", "two", "three"):
        tree.library(f"{name}.so", "lib/libdeep.so", runpath=tree / "lib")
    tree.host()
    agree(["two.so", "lib/libdeep.so", "one.so", "three.so"], plugins=["ltwo.so", "gone.so", "lthree.so"])


def test_namespaces(tree, agree):
    """Each has objects of its own, but for the loader."""
    tree.library("lib/libdeep.so")
    for name in ("one", "two"):
        tree.library(f"{name}.so", "lib/libdeep.so", runpath=tree / "lib")
    tree.host("program", "lib/libdeep.so", runpath=tree / "lib")
    agree(["lib/libdeep.so", "one.so", "two.so", "lib/libdeep.so", "one.so", "lib/libdeep.so"],
          plugins=["lone.so", "ntwo.so", "none.so"])


# DT_FILTER and DT_AUXILIARY: the filtee stands before its filter, in the loader's list, too.

FILTERS = {"filter": "-F", "auxiliary": "-f"}


def filtering(*names, how="filter"):
    """What makes a library a filter of those; the linker keeps one DT_FILTER only."""
    return [f"-Wl,{FILTERS[how]},{name}" for name in names]


@pytest.fixture
def agree_opened(tree, load):
    """As agree(), against what is in the started program's list, without plugins, too."""
    def check(wanted, plugins=(), missing=()):
        plugins = [plugin[0] + str(tree / plugin[1:]) for plugin in plugins]
        rows, lacking = load(tree / "program", plugins)
        assert rows == opened_list(tree / "program", plugins)
        assert (below(tree, rows), lacking) == (list(wanted), list(missing))

    return check


@pytest.mark.parametrize("how", FILTERS)
def test_filtees_come_first(tree, agree, agree_opened, how):
    for name in "abcdef":
        tree.library(f"lib/lib{name}.so")
    tree.library("lib/libd.so", "lib/libf.so", rpath=tree / "lib")
    tree.library("lib/liba.so", "lib/libe.so", rpath=tree / "lib",
                 flags=filtering("libd.so", how=how) + filtering("libc.so", how="auxiliary"))
    tree.host("program", "lib/liba.so", "lib/libb.so", rpath=tree / "lib")
    wanted = [f"lib/lib{name}.so" for name in "dcabef"]
    agree(wanted)
    agree_opened(wanted)


def test_filters_of_filters(tree, agree_opened):
    for name in "abcd":
        tree.library(f"lib/lib{name}.so")
    tree.library("lib/libc.so", flags=filtering("libd.so"), rpath=tree / "lib")
    tree.library("lib/liba.so", flags=filtering("libc.so", how="auxiliary"), rpath=tree / "lib")
    tree.host("program", "lib/liba.so", "lib/libb.so", rpath=tree / "lib")
    agree_opened([f"lib/lib{name}.so" for name in "dcab"])


def test_a_filtee_by_origin(tree, agree_opened):
    """As the name of a needed library, and looked for where the filter says."""
    tree.library("lib/deep/libdeep.so")
    tree.library("lib/libother.so")
    tree.library("lib/libtop.so", runpath="$ORIGIN",
                 flags=filtering("$ORIGIN/deep/libdeep.so", "libother.so", how="auxiliary"))
    tree.host("program", "lib/libtop.so", runpath=tree / "lib")
    agree_opened(["lib/deep/libdeep.so", "lib/libother.so", "lib/libtop.so"])


def test_a_filtee_that_is_there_is_moved(tree, agree_opened):
    """From further back; what stands in front stays."""
    for name in "abc":
        tree.library(f"lib/lib{name}.so")
    tree.library("lib/libb.so", flags=filtering("liba.so", "libc.so", how="auxiliary"), rpath=tree / "lib")
    tree.host("program", "lib/liba.so", "lib/libb.so", "lib/libc.so", rpath=tree / "lib")
    agree_opened(["lib/liba.so", "lib/libc.so", "lib/libb.so"])


def test_plugins_that_filter(tree, agree_opened):
    """The one that is opened; and what was loaded long before is moved before it."""
    for name in ("deep", "old", "new"):
        tree.library(f"lib/lib{name}.so")
    tree.library("one.so", "lib/libdeep.so", rpath=tree / "lib",
                 flags=filtering("libnew.so", "libold.so", how="auxiliary"))
    tree.library("two.so", "lib/libdeep.so", flags=filtering("libold.so"), rpath=tree / "lib")
    tree.host("program", "lib/libold.so", "lib/libdeep.so", rpath=tree / "lib")
    agree_opened(["lib/libdeep.so", "lib/libnew.so", "lib/libold.so", "one.so"], plugins=["lone.so"])
    agree_opened(["lib/libdeep.so", "lib/libnew.so", "one.so", "lib/libold.so", "two.so"],
                 plugins=["gone.so", "ltwo.so"])


def test_filters_in_namespaces(tree, agree_opened):
    for name in ("deep", "filter"):
        tree.library(f"lib/lib{name}.so")
    tree.library("lib/libfilter.so", flags=filtering("libdeep.so"), rpath=tree / "lib")
    tree.library("plugin.so", "lib/libfilter.so", rpath=tree / "lib")
    tree.host("program", "lib/libfilter.so", rpath=tree / "lib")
    agree_opened(["lib/libdeep.so", "lib/libfilter.so", "plugin.so", "lib/libdeep.so", "lib/libfilter.so"],
                 plugins=["nplugin.so"])


def test_filters_without_a_program(tree, polyton_json):
    """A host that is not known would have them in the same order, and bind to the filtee."""
    shared = "int value = 1; int ask_%s(void) { return value; }"
    for name in ("filtee", "filter"):
        tree.library(f"lib{name}.so", rpath=tree.folder, source=shared % name,
                     flags=filtering("libfiltee.so") if name == "filter" else [])
    path = tree / "libfilter.so"
    for options in ([path], ["--global", path], ["--namespace", path]):
        names = [row["name"].split("@")[0] for row in polyton_json("objects", *options)["objects"]]
        # Of a namespace of its own the one that was opened stays the first.
        wanted = ["libfiltee.so", "libfilter.so"] if "--namespace" not in options else ["libfilter.so", "libfiltee.so"]
        assert [name for name in names if "filte" in name] == wanted
        rows = polyton_json("bindings", *options)["bindings"]
        assert {row["provider"].split("@")[0] for row in rows if row["symbol"] == "value"} == {"libfiltee.so"}


def test_filtees_that_are_missing(tree, load, agree, agree_opened):
    """Of an auxiliary filter that is no matter, though the loader's list for people says so; else it is a note."""
    tree.library("lib/libtop.so", flags=filtering("libgone.so", how="auxiliary"))
    tree.host("program", "lib/libtop.so", rpath=tree / "lib")
    agree_opened(["lib/libtop.so"])
    assert loader_list(tree / "program")[1] == ["libgone.so"]
    tree.library("lib/libtop.so", flags=filtering("libgone.so"))
    agree(["lib/libtop.so"], missing=["libgone.so"])
    # A later plugin of that name is the one that was meant, but not if it could be missing.
    tree.library("lib/libgone.so")
    tree.library("lib/libtop.so", flags=filtering("libgone.so", how="auxiliary"))
    (tree / "lib/libgone.so").rename(tree / "libgone.so")
    agree_opened(["lib/libtop.so", "libgone.so"], plugins=["llibgone.so"])


@pytest.mark.parametrize("seed", range(12))
def test_any_filters(tree, load, seed):
    """Whatever needs and filters what, but no filters in a circle: those the loader does not survive."""
    dice, names = random.Random(seed), "abcdefgh"
    for name in names:
        tree.library(f"lib/lib{name}.so")
    for i, name in enumerate(names):
        needs = dice.sample([other for other in names if other != name], dice.choice([0, 0, 1, 2]))
        filtees = dice.sample(names[i + 1:], min(len(names) - i - 1, dice.choice([0, 0, 1, 2])))
        flags = [flag for other in filtees for flag in filtering(f"lib{other}.so", how=dice.choice(list(FILTERS)))]
        tree.library(f"lib/lib{name}.so", *(f"lib/lib{other}.so" for other in needs), rpath="$ORIGIN", flags=flags)
    tree.host("program", *(f"lib/lib{name}.so" for name in dice.sample(names, 2)), rpath=tree / "lib")
    for count in (0, 3):
        plugins = [dice.choice("llg") + str(tree / f"lib/lib{name}.so") for name in dice.sample(names, count)]
        assert load(tree / "program", plugins) == (opened_list(tree / "program", plugins), [])


def test_filters_in_a_circle(tree, load):
    """ld.so crashes; here it ends."""
    for name in "abc":
        tree.library(f"lib/lib{name}.so")
    for name, other in ("ab", "bc", "ca"):
        tree.library(f"lib/lib{name}.so", flags=filtering(f"lib{other}.so"), rpath=tree / "lib")
    tree.host("program", "lib/liba.so", rpath=tree / "lib")
    rows, missing = load(tree / "program", [f"l{tree / 'lib/libc.so'}"])
    assert sorted(below(tree, rows)) == [f"lib/lib{name}.so" for name in "abc"] and not missing


# Programs of other kinds.

def test_static_program(tree, load):
    rows, missing = load(tree.program("program", flags=["-static"]))
    assert (rows, missing) == ([], [])
    rows, missing = load(tree.program("program", flags=["-static-pie"]))
    assert (rows, missing) == ([], [])


def test_program_without_relocation(tree, agree):
    tree.library("lib/libthis.so")
    tree.program("program", "lib/libthis.so", runpath=tree / "lib", flags=["-no-pie"])
    agree(["lib/libthis.so"])


def test_missing_libraries_are_notes(tree, polyton, polyton_json):
    """One for each, however many need it, and no reason to fail."""
    tree.library("lib/libgone.so")
    tree.library("lib/libother.so")
    for name in "abc":
        tree.library(f"lib/lib{name}.so", "lib/libgone.so")
    program = tree.program("program", "lib/liba.so", "lib/libb.so", "lib/libc.so", "lib/libother.so",
                           rpath=tree / "lib")
    (tree / "lib/libgone.so").unlink()
    (tree / "lib/libother.so").unlink()
    notes = [note["text"] for note in polyton_json("report", program, exits=(0,))["notes"]]
    assert sorted(note for note in notes if "was not found" in note) == [
        "libgone.so, which liba.so and 2 more need, was not found",
        "libother.so, which program needs, was not found"]
    assert "libgone.so" in polyton("report", program).stdout


# Sysroots: "/" is somewhere else, and so is everything that begins with it.

@pytest.fixture
def sysroot(tree):
    """A folder with a loader and a C library, and a program in it."""
    root = tree / "root"
    for path in (LOADER, "/lib/x86_64-linux-gnu/libc.so.6"):
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(path), target)
    (root / "etc").mkdir()
    return root


def in_root(root, program):
    """What the loader in there says, with the folder as its root; None where that takes rights that are not here."""
    if os.getuid() != 0:
        return None

    def enter():
        os.chroot(root)
        os.chdir("/")

    return traced(run([LOADER, program], env=clean_environment(LD_TRACE_LOADED_OBJECTS="1"), preexec_fn=enter))


@pytest.fixture
def agree_in(tree, sysroot, load):
    def check(wanted, program="usr/bin/program", asks_loader=True, missing=()):
        rows, lacking = load(sysroot / program, options=["--sysroot", sysroot])
        said = in_root(sysroot, f"/{program}") if asks_loader else None
        if said is not None:
            assert ([path for _, path in rows], lacking) == said
        known = [path for _, path in rows if "libc.so.6" not in path and "ld-linux" not in path]
        assert (known, lacking) == (list(wanted), list(missing))

    return check


def test_sysroot_with_a_cache(tree, sysroot, agree_in):
    tree.library("root/opt/lib/libthis.so")
    tree.program("root/usr/bin/program", "root/opt/lib/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt/lib\n")
    run(["ldconfig", "-r", sysroot])
    (sysroot / "etc/ld.so.conf").write_text("/nowhere\n")
    agree_in(["/opt/lib/libthis.so"])


@pytest.mark.parametrize("style", ["old", "new", "compat"])
def test_forms_of_the_cache(tree, sysroot, agree_in, style):
    tree.library("root/opt/lib/libthis.so")
    tree.program("root/usr/bin/program", "root/opt/lib/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt/lib\n")
    run(["ldconfig", "-r", sysroot, "-c", style])
    # What is not understood any more is no cache: then there are the folders of ld.so.conf.
    agree_in(["/opt/lib/libthis.so"], asks_loader=style != "old")


def test_cache_with_better_processors(tree, sysroot, agree_in):
    supported = levels()
    if not supported:
        pytest.skip("this loader has no glibc-hwcaps, or this processor none of them")
    for level in ("x86-64-v2", "x86-64-v3", "x86-64-v4"):
        tree.library(f"root/opt/lib/glibc-hwcaps/{level}/libthis.so")
    tree.library("root/opt/lib/libthis.so")
    tree.program("root/usr/bin/program", "root/opt/lib/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt/lib\n")
    run(["ldconfig", "-r", sysroot])
    agree_in([f"/opt/lib/glibc-hwcaps/{supported[0]}/libthis.so"])


def test_a_cache_that_is_out_of_date(tree, sysroot, agree_in):
    """It names a file that is gone: the loader's own folders come next."""
    tree.library("root/opt/lib/libthis.so")
    tree.library("root/usr/lib/libthis.so")
    tree.program("root/usr/bin/program", "root/opt/lib/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt/lib\n")
    run(["ldconfig", "-r", sysroot])
    (sysroot / "opt/lib/libthis.so").unlink()
    agree_in(["/usr/lib/libthis.so"])


CACHE_LEVELS = [f"glibc-hwcaps/x86-64-v{level}" for level in (2, 3, 4)]


def cached(tree, sysroot, *folders, flags=()):
    """A program and a library in each of those folders, which ldconfig knows, and one that it does not know."""
    for folder in folders:
        tree.library(f"root/{folder}/libthis.so")
    tree.program("root/usr/bin/program", f"root/{folders[0]}/libthis.so", flags=flags)
    tops = dict.fromkeys(folder.split("/glibc-hwcaps/")[0] for folder in folders)
    (sysroot / "etc/ld.so.conf").write_text("".join(f"/{top}\n" for top in tops))
    run(["ldconfig", "-r", sysroot])
    tree.library("root/usr/lib/libthis.so")


def test_the_first_of_several_cached_files(tree, sysroot, agree_in):
    """One entry counts: if its file is gone, the others of that name are not tried."""
    cached(tree, sysroot, "opt/a", "opt/b", "opt/c")
    agree_in(["/opt/a/libthis.so"])
    (sysroot / "opt/b/libthis.so").unlink()
    agree_in(["/opt/a/libthis.so"])
    (sysroot / "opt/a/libthis.so").unlink()
    agree_in(["/usr/lib/libthis.so"])
    (sysroot / "usr/lib/libthis.so").unlink()
    agree_in([], missing=["libthis.so"])


def test_the_best_of_several_cached_files(tree, sysroot, agree_in):
    """In whichever folder, by level; and not the next best when it is gone."""
    supported = levels()
    if not supported:
        pytest.skip("this loader has no glibc-hwcaps, or this processor none of them")
    cached(tree, sysroot, *(f"opt/{top}/{level}" for top in "ab" for level in CACHE_LEVELS), "opt/a", "opt/b")
    best = f"glibc-hwcaps/{supported[0]}/libthis.so"
    agree_in([f"/opt/a/{best}"])
    (sysroot / "opt/a" / best).unlink()
    agree_in(["/usr/lib/libthis.so"])
    run(["ldconfig", "-r", sysroot])
    agree_in([f"/opt/b/{best}"])


@pytest.mark.parametrize("level", [2, 3, 4])
def test_cached_files_that_need_more_than_their_folder_says(tree, sysroot, agree_in, level):
    """ldconfig notes what the file says of itself."""
    if not levels():
        pytest.skip("this loader has no glibc-hwcaps, or this processor none of them")
    tree.library(f"root/opt/{CACHE_LEVELS[0]}/libthis.so", flags=[f"-Wl,-z,x86-64-v{level}"])
    tree.library("root/opt/libthis.so")
    tree.program("root/usr/bin/program", "root/opt/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt\n")
    run(["ldconfig", "-r", sysroot])
    is_fit = f"x86-64-v{level}" in levels()
    agree_in([f"/opt/{CACHE_LEVELS[0]}/libthis.so" if is_fit else "/opt/libthis.so"])


@pytest.mark.parametrize("folder", ["tls", "haswell", "x86_64", "tls/x86_64", "avx512_1"])
def test_cached_files_in_older_subfolders(tree, sysroot, load, folder):
    """Up to 2.36, and which of them depends on the processor."""
    tree.library(f"root/opt/{folder}/libthis.so")
    tree.library("root/opt/libthis.so")
    program = tree.program("root/usr/bin/program", "root/opt/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt\n")
    assert_as_from_cache(sysroot, load, program)


@pytest.mark.parametrize("folder", ["opt", "lib/x86_64-linux-gnu/below"])
def test_cached_files_without_default_folders(tree, sysroot, agree_in, folder):
    """-z nodefaultlib bars what is anywhere below the loader's own folders."""
    cached(tree, sysroot, folder, flags=["-Wl,-z,nodefaultlib", "-Wl,-rpath,/lib/x86_64-linux-gnu"])
    found = [f"/{folder}/libthis.so"] if folder == "opt" else []
    agree_in(found, missing=[] if found else ["libthis.so"])


@pytest.mark.parametrize("asked", ["1", "01", "9", "10", "4294967297"])
def test_numbers_in_cached_names(tree, sysroot, load, asked):
    """The loader compares them by value, and takes what is equal."""
    names = [f"libthis.so.{number}" for number in ("01", "1", "10", "4294967297")]
    for name in [*names, f"libthis.so.{asked}"]:
        tree.library(f"root/opt/{name}")
    program = tree.program("root/usr/bin/program", f"root/opt/libthis.so.{asked}")
    if f"libthis.so.{asked}" not in names:
        (sysroot / f"opt/libthis.so.{asked}").unlink()
    (sysroot / "etc/ld.so.conf").write_text("/opt\n")
    assert_as_from_cache(sysroot, load, program)


def test_a_damaged_cache_is_a_note(tree, sysroot, polyton_json):
    tree.library("root/opt/lib/libthis.so")
    program = tree.program("root/usr/bin/program", "root/opt/lib/libthis.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt/lib\n")
    run(["ldconfig", "-r", sysroot])
    cache = sysroot / CACHED[1:]
    cache.write_bytes(cache.read_bytes()[:60])
    report = polyton_json("objects", "--sysroot", sysroot, program, exits=(0,))
    assert "/opt/lib/libthis.so" in [row["path"] for row in report["objects"]]
    assert any("/etc/ld.so.cache is damaged" in note["text"] for note in report["notes"])


def test_preloaded_into_every_program(tree, sysroot, agree_in, polyton_json):
    """/etc/ld.so.preload: behind LD_PRELOAD's, before what the program needs; what is not there is ignored."""
    for name in ("first", "second", "own", "deep"):
        tree.library(f"root/opt/lib/lib{name}.so")
    tree.library("root/opt/lib/libfirst.so", "root/opt/lib/libdeep.so")
    tree.program("root/usr/bin/program", "root/opt/lib/libown.so", "root/opt/lib/libsecond.so")
    (sysroot / "etc/ld.so.conf").write_text("/opt/lib\n")
    run(["ldconfig", "-r", sysroot])
    (sysroot / "etc/ld.so.preload").write_text(
        "# /opt/lib/libdeep.so\nlibfirst.so:/opt/lib/libsecond.so # libown.so\n\tlibgone.so\n")
    agree_in(["/opt/lib/libfirst.so", "/opt/lib/libsecond.so", "/opt/lib/libown.so", "/opt/lib/libdeep.so"])
    report = polyton_json("report", "--sysroot", sysroot, sysroot / "usr/bin/program", exits=(0,))
    assert [note["text"] for note in report["notes"] if "libgone" in note["text"]] == [
        "libgone.so of /etc/ld.so.preload cannot be found: the loader ignores it"]


def test_sysroot_without_a_cache(tree, sysroot, agree_in):
    """The folders that ldconfig would look into, with what they include, in its order."""
    for folder in ("z", "a", "b", "c"):
        tree.library(f"root/opt/{folder}/lib{folder}.so")
        tree.library(f"root/opt/{folder}/libshared.so")
    tree.program("root/usr/bin/program", *(f"root/opt/{name}/lib{name}.so" for name in "zabc"),
                 "root/opt/z/libshared.so")
    (sysroot / "etc/more").mkdir()
    (sysroot / "etc/ld.so.conf").write_text("# first /opt/z\n  /opt/b/  # here\ninclude more/*.conf\n"
                                            "include /etc/other.conf /etc/nowhere*.conf\nhwcap 0 nosegneg\n")
    (sysroot / "etc/more/2.conf").write_text("/opt/a\n")
    (sysroot / "etc/more/1.conf").write_text("/opt/c=libc6\n")
    (sysroot / "etc/more/.3.conf").write_text("/opt/hidden\n")
    (sysroot / "etc/other.conf").write_text("/opt/z\ninclude /etc/other.conf\n")
    agree_in(["/opt/z/libz.so", "/opt/a/liba.so", "/opt/b/libb.so", "/opt/c/libc.so", "/opt/b/libshared.so"],
             asks_loader=False)
    (sysroot / "etc/other.conf").write_text("/opt/z\n")  # ldconfig would never end with the circle
    run(["ldconfig", "-r", sysroot])
    agree_in(["/opt/z/libz.so", "/opt/a/liba.so", "/opt/b/libb.so", "/opt/c/libc.so", "/opt/b/libshared.so"])


def test_links_do_not_leave_the_sysroot(tree, sysroot, agree_in, polyton_json):
    """An absolute link begins in the sysroot, and no number of ".." leads out of it."""
    outside = tree.library("outside/libthis.so")
    tree.library("outside/libthat.so")
    tree.library(f"root{outside.parent}/libthis.so")
    tree.program("root/usr/bin/program", "outside/libthis.so", "outside/libthat.so", runpath="/opt/lib")
    lib = sysroot / "opt/lib"
    lib.mkdir(parents=True)
    (lib / "libthis.so").symlink_to(outside)
    (lib / "libthat.so").symlink_to("../" * 40 + str(outside.parent / "libthat.so")[1:])
    agree_in(["/opt/lib/libthis.so"], missing=["libthat.so"])
    report = polyton_json("report", "--all", "--sysroot", sysroot, sysroot / "usr/bin/program")
    assert str(tree / "outside") not in str([row["path"] for row in report["objects"]])


def test_origin_in_a_sysroot(tree, agree_in):
    """Through a link, too."""
    tree.library("root/app/lib/libthis.so")
    tree.program("root/app/bin/real", "root/app/lib/libthis.so", runpath="$ORIGIN/../lib")
    agree_in(["/app/bin/../lib/libthis.so"], program="app/bin/real")
    (tree / "root/bin").mkdir()
    (tree / "root/bin/link").symlink_to("../app/bin/real")
    agree_in(["/app/bin/../lib/libthis.so"], program="bin/link", asks_loader=False)


def test_links_that_lead_somewhere_only_in_the_sysroot(tree, sysroot, load):
    """Of the program, of a plugin, of a folder of plugins, and in such a folder."""
    tree.host("root/app/bin/real")
    for name in ("one", "two", "three"):
        tree.library(f"root/opt/{name}/{name}.so")
    (sysroot / "usr/plugins").mkdir(parents=True)
    links = {"usr/program": "/app/bin/real", "usr/one.so": "/opt/one/one.so", "usr/folder": "/opt/two",
             "usr/plugins/three.so": "/opt/three/three.so", "usr/plugins/gone.so": "/opt/gone.so",
             "usr/plugins/null.so": "/dev/null"}
    for name, target in links.items():
        assert not os.path.exists(target) or target == "/dev/null"
        (sysroot / name).symlink_to(target)
    plugins = [f"l{sysroot / 'usr' / name}" for name in ("one.so", "folder", "plugins")]
    rows, _ = load(sysroot / "usr/program", plugins, options=["--sysroot", sysroot])
    assert [path for _, path in rows if path.endswith(("one.so", "two.so", "three.so"))] == [
        "/usr/one.so", "/usr/folder/two.so", "/usr/plugins/three.so"]


def test_program_outside_of_the_sysroot(tree, sysroot, load):
    """As one that has just been built for it: its libraries are looked for in the sysroot, but not what it brings."""
    tree.library("root/opt/lib/libthis.so")
    tree.library("build/lib/libown.so")
    program = tree.program("build/program", "root/opt/lib/libthis.so", "build/lib/libown.so",
                           runpath="$ORIGIN/lib:/opt/lib")
    rows, missing = load(program, options=["--sysroot", sysroot])
    names = [path for _, path in rows]
    assert names[:2] == ["/opt/lib/libthis.so", str(tree / "build/lib/libown.so")] and not missing
    assert "/lib/x86_64-linux-gnu/libc.so.6" in names


def test_environment_is_not_a_sysroot_s(tree, sysroot, load):
    tree.library("root/opt/lib/libthis.so")
    program = tree.program("root/usr/bin/program", "root/opt/lib/libthis.so")
    rows, missing = load(program, env={"LD_LIBRARY_PATH": "/opt/lib"}, options=["--sysroot", sysroot])
    assert missing == ["libthis.so"]
    rows, missing = load(program, options=["--sysroot", sysroot, "--library-path", "/opt/lib"])
    assert ("0", "/opt/lib/libthis.so") in rows and not missing


# musl.

@pytest.fixture
def musl(tmp_path):
    if not shutil.which("musl-gcc") or not os.path.exists(MUSL_LOADER):
        pytest.skip("no musl-gcc")
    return Tree(tmp_path, "musl-gcc")


@pytest.fixture
def agree_musl(musl, load):
    def check(wanted, env=None, cwd="/", missing=()):
        done = subprocess.run([MUSL_LOADER, "--list", musl / "program"], capture_output=True, text=True, check=False,
                              env=clean_environment(**(env or {})), cwd=cwd)
        paths = [line.split(" => ")[-1].split(" (")[0] for line in done.stdout.splitlines() if line.startswith("\t")]
        absent = re.findall(r"^Error loading shared library ([^:]*):", done.stderr, re.MULTILINE)
        rows, lacking = load(musl / "program", env=env, cwd=cwd)
        named = [path for path in paths[1:] if "ld-musl" not in path]  # the first is the loader itself
        assert [path for _, path in rows if "musl" not in os.path.basename(path)] == named
        assert lacking == absent == list(missing)
        assert below(musl, rows) == list(wanted)
        assert any("ld-musl" in os.path.realpath(path) or "musl" in path for _, path in rows)

    return check


def test_musl(musl, agree_musl):
    musl.library("lib/libdeep.so")
    musl.library("lib/libtop.so", "lib/libdeep.so")
    musl.program("program", "lib/libtop.so", runpath="$ORIGIN/lib")
    agree_musl(["lib/libtop.so", "lib/libdeep.so"])


def test_musl_takes_a_runpath_for_an_rpath(musl, agree_musl):
    """Those who brought it are asked, too, and the environment comes first."""
    for folder in "ab":
        musl.library(f"{folder}/libdeep.so")
    musl.library("lib/libtop.so", "a/libdeep.so", runpath="/nowhere")
    musl.program("program", "lib/libtop.so", runpath=f"{musl / 'lib'}:{musl / 'a'}")
    agree_musl(["lib/libtop.so", "a/libdeep.so"])
    agree_musl(["lib/libtop.so", "b/libdeep.so"], env={"LD_LIBRARY_PATH": str(musl / "b")})


def test_musl_knows_no_soname(musl, agree_musl):
    """Only the name under which a library was found counts."""
    musl.library("lib/libshared.so.1")
    musl.library("lib/libtop.so", "lib/libshared.so.1")
    musl.library("other/libany.so")
    musl.program("program", "other/libany.so", "lib/libtop.so", runpath=f"{musl / 'other'}:{musl / 'lib'}")
    musl.library("other/libany.so", soname="libshared.so.1")
    agree_musl(["other/libany.so", "lib/libtop.so", "lib/libshared.so.1"])


@pytest.mark.parametrize("how", FILTERS)
def test_musl_knows_no_filters(musl, agree_musl, how):
    musl.library("lib/libdeep.so")
    musl.library("lib/libtop.so", "lib/libdeep.so", flags=filtering("libdeep.so", how=how))
    musl.library("lib/libother.so", flags=filtering("libgone.so", how=how))
    musl.program("program", "lib/libtop.so", "lib/libother.so", runpath=musl / "lib")
    agree_musl(["lib/libtop.so", "lib/libother.so", "lib/libdeep.so"])


def test_musl_skips_empty_elements(musl, agree_musl):
    musl.library("libthis.so")
    musl.program("program", "libthis.so")
    agree_musl([], env={"LD_LIBRARY_PATH": ":/nowhere:"}, cwd=musl.folder, missing=["libthis.so"])


def test_musl_plugins(musl, load):
    """The program has brought them, so its DT_RUNPATH counts for what they need."""
    musl.library("lib/libdeep.so")
    musl.library("plugin.so", "lib/libdeep.so")
    musl.host("program", runpath=musl / "lib")
    rows, missing = load(musl / "program", [f"l{musl / 'plugin.so'}"])
    said = opened_list(musl / "program", [f"l{musl / 'plugin.so'}"])
    assert below(musl, rows) == below(musl, said)[-2:] == ["plugin.so", "lib/libdeep.so"] and not missing

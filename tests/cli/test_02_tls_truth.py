"""The oracle: every address, state and value that polyton shows is the process's own.

Each variant of fixture 02 is started, in its plain form and in the ways that have led readers astray (see
WAYS), and all that its lines say is compared with what polyton says: 100 %, with and without --stop.
"""

import collections
import os
import pathlib
import platform
import shutil
import struct
import subprocess
import time

import pytest

IS_ARM = platform.machine() == "aarch64"
LOADER = "/lib/ld-linux-aarch64.so.1" if IS_ARM else "/lib64/ld-linux-x86-64.so.2"
PTHREAD_SIZE = 1856  # aarch64, glibc 2.36: struct pthread ends where the thread pointer points to
VARIABLES = ("truth", "truth_image", "truth_tail")
PRELOADED = "libextra_39.so"
IMAGE_MAGIC = struct.pack("<Q", 0x696d616765202020)
PT_TLS = 7

Cell = collections.namedtuple("Cell", "tid object variable")


class Truth:
    """What the process says of itself (its README has the lines)."""

    def __init__(self, lines):
        self.cells, self.untouched, self.threads = {}, set(), {}
        self.objects, self.sharers, self.ended = {}, {}, set()
        for line in lines:
            word, *rest = line.split(" ")
            getattr(self, "take_" + word)(*rest)
        assert len(self.threads) == 9 and self.sharers and self.ended and self.cells

    def take_object(self, name, module, placement):
        self.objects[name] = (int(module), placement)

    def take_thread(self, tid, tcb, name):
        self.threads[int(tid)] = (int(tcb, 16), name)

    def take_cell(self, tid, name, variable, address, size, content):
        assert len(content) == 2 * int(size)
        self.cells[Cell(int(tid), name, variable)] = (int(address, 16), content)

    def take_untouched(self, tid, name, variable):
        self.untouched.add(Cell(int(tid), name, variable))

    def take_shares(self, tid, creator):
        self.sharers[int(tid)] = int(creator)

    def take_ended(self, tid):
        self.ended.add(int(tid))

    def thread_named(self, name):
        tid, = (tid for tid, (_, own) in self.threads.items() if own == name)
        return tid

    def state(self, cell):
        """late-initial touches everything and writes nothing: what it holds is the initial image."""
        initial = self.cells[Cell(self.thread_named("late-initial"), cell.object, cell.variable)]
        return "initial" if self.cells[cell][1] == initial[1] else "set"


class Shown:
    """The same of what polyton shows, with the thread numbers of the process's own pid namespace."""

    def __init__(self, views):
        self.cells, self.inner, self.threads, self.tls = {}, {}, {}, {}
        for view in views:
            for thread in view["threads"]:
                self.inner[thread["tid"]] = thread["inner_tid"]
                self.threads[thread["inner_tid"]] = thread
            for item in view["objects"]:
                if item["tls"]:
                    self.tls[plain(item["name"])] = item["tls"]
            assert len(view["singletons"]) == 1
            for copy in view["singletons"][0]["copies"]:
                for cell in copy["cells"]:
                    key = Cell(self.inner[cell["tid"]], plain(copy["object"]),
                               view["singletons"][0]["name"])
                    assert key not in self.cells
                    self.cells[key] = cell


def plain(name):
    """Without what tells equal names in several namespaces apart: "libns.so@1"."""
    return name.split("@")[0].split("#")[0]


def address_of(cell):
    return int(cell["address"], 16) if cell["address"] else None


def show(polyton_json, pid, *options):
    return Shown([polyton_json("show", name, pid, "--all", *options, exits=(0, 1, 3))
                  for name in VARIABLES])


def check_cells(truth, shown, silent=()):
    """@silent are objects with copies that the process does not print."""
    for cell, (address, content) in truth.cells.items():
        got = shown.cells[cell]
        assert address_of(got) == address, (cell, got)
        assert got["state"] == truth.state(cell), (cell, got)
        assert got["value"]["bytes"] == content, (cell, got)
    for cell in truth.untouched:
        assert shown.cells[cell]["state"] == "not-allocated", (cell, shown.cells[cell])
        assert shown.cells[cell]["address"] is None and shown.cells[cell]["value"] is None
    known = set(truth.cells) | truth.untouched
    others = {cell for cell in shown.cells if cell not in known and cell.object not in silent}
    assert {cell.tid for cell in others} == set(truth.sharers), "a copy the process does not know"
    for cell in others:
        own = Cell(truth.sharers[cell.tid], cell.object, cell.variable)
        same = ("state", "address", "value")
        assert [shown.cells[cell][key] for key in same] == [shown.cells[own][key] for key in same], cell


def check_threads(truth, threads):
    assert set(threads) == set(truth.threads) | set(truth.sharers)
    for tid, (tcb, name) in truth.threads.items():
        assert threads[tid]["state"] == "ready", threads[tid]
        assert int(threads[tid]["tcb"], 16) == tcb, threads[tid]
        assert threads[tid]["name"] == name or name == "main", threads[tid]
    outer = {thread["inner_tid"]: thread["tid"] for thread in threads.values()}
    for tid, creator in truth.sharers.items():
        assert threads[tid]["state"] == "shares", threads[tid]
        assert threads[tid]["shares_tid"] == outer[creator]
        assert int(threads[tid]["tcb"], 16) == truth.threads[creator][0]
    assert not truth.ended & set(threads)


def check_placements(truth, shown):
    for name, (module, placement) in truth.objects.items():
        got = shown.tls[name]
        assert got["module"] == module, name
        if placement == "static":
            assert got["placement"] == "static", (name, got)
        else:  # nobody has touched it: then the loader has not decided
            assert got["placement"] in ("dynamic", "undecided"), (name, got)


def inner_process(running):
    """The process that unshare(1) has forked: its "ready" line has the number of another namespace."""
    deadline = time.monotonic() + 10
    children = pathlib.Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
    while not children.read_text().split():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pid, = children.read_text().split()
    return int(pid)


class Ways:
    """Ways of starting a program of the fixture. Each returns (running, pid)."""

    def __init__(self, start, folder, tmp_path):
        self.start, self.folder, self.tmp_path = start, folder, tmp_path

    def run(self, command, **options):
        running = self.start(command, **options)
        return running, running.pid

    def plain(self, program="truth", *arguments):
        return self.run([self.folder / program, *arguments])

    def nopie(self):
        return self.plain("truth_nopie")

    def extra(self):
        return self.plain("truth", "--extra", "40")

    def loader(self):
        return self.run([LOADER, "./truth"], cwd=self.folder)

    def loader_extra(self):
        return self.run([LOADER, "./truth_nopie", "--extra", "40"], cwd=self.folder)

    def audit(self):
        return self.run([self.folder / "truth"], env={"LD_AUDIT": str(self.folder / "libaudit.so")})

    def preload(self):
        """One library more at start, which takes the second module id."""
        return self.run([self.folder / "truth"], env={"LD_PRELOAD": str(self.folder / PRELOADED)})

    def tunables(self):
        """With more static surplus there is room for the large TLS descriptors, too."""
        tunables = "glibc.rtld.optional_static_tls=16384"
        return self.run([self.folder / "truth"], env={"GLIBC_TUNABLES": tunables})

    def copied_folder(self):
        folder = self.tmp_path / "copy"
        shutil.copytree(self.folder, folder)
        return folder

    def deleted(self):
        if os.geteuid():
            pytest.skip("only root may open /proc/PID/map_files, and without files the hidden variables have no names")
        folder = self.copied_folder()
        running = self.start([folder / "truth"])
        shutil.rmtree(folder)
        return running, running.pid

    def relative(self):
        """The loader's paths are relative to a directory that the caller does not have."""
        return self.run(["./truth"], cwd=self.folder, env={"LD_LIBRARY_PATH": "."})

    def mount_namespace(self):
        folder = self.tmp_path / "inside"
        folder.mkdir()
        script = f'mount -t tmpfs none {folder} && cp -r {self.folder}/. {folder} && exec {folder}/truth'
        running = self.unshared(["--mount"], ["sh", "-c", script])
        assert not (folder / "truth").exists()
        return running, running.pid

    def pid_namespace(self):
        running = self.unshared(["--pid", "--fork"], [self.folder / "truth"])
        assert running.pid == 1
        return running, inner_process(running)

    def unshared(self, options, command):
        if not shutil.which("unshare") or subprocess.run(["unshare", *options, "true"],
                                                         capture_output=True).returncode:
            pytest.skip(f"unshare {' '.join(options)} is not permitted here")
        return self.start(["unshare", *options, *command])


WAYS = ("plain", "nopie", "extra", "loader", "loader_extra", "audit", "preload", "tunables", "deleted",
        "relative", "mount_namespace", "pid_namespace")


@pytest.fixture
def ways(start, fixture_dir, tmp_path):
    return Ways(start, fixture_dir("02_tls_truth"), tmp_path)


@pytest.mark.parametrize("stop", ([], ["--stop"]), ids=("running", "stopped"))
@pytest.mark.parametrize("way", WAYS)
def test_every_cell_is_the_process_s_own(ways, polyton_json, way, stop):
    running, pid = getattr(ways, way)()
    truth = Truth(running.lines)
    shown = show(polyton_json, pid, *stop)
    check_cells(truth, shown, [PRELOADED] if way == "preload" else [])
    check_threads(truth, shown.threads)
    check_placements(truth, shown)


def test_expected_singletons_are_reported(ways, polyton_json, expected):
    _, pid = ways.plain()
    report = polyton_json("report", pid)
    wanted = expected("02_tls_truth")
    # libns.so has a C library of its own, so that is there twice, too; some of its variables in the program.
    own = [row["name"] for row in report["singletons"]
           if {plain(copy["object"]) for copy in row["copies"]} & set(wanted["objects"][1:])]
    assert sorted(own) == sorted(VARIABLES)
    found = [finding["singleton"] for finding in report["findings"] if finding["rule"] in ("PT001", "PT002")]
    assert all(found.count(name) == 1 for name in VARIABLES)
    for row in wanted["singletons"]:
        got, = (item for item in report["singletons"] if item["name"] == row["name"])
        assert got["kind"] == row["kind"] and not got["sizes_differ"]
        assert {copy["size"] for copy in got["copies"]} == {row["size"]}
        assert sorted(plain(copy["object"]) for copy in got["copies"]
                      if copy["use"] == "live") == sorted(row["objects"])
        for copy in got["copies"]:
            states = {cell["state"] for cell in copy["cells"]}
            assert row["states"][plain(copy["object"])] in states
    assert not {item["name"] for item in report["singletons"]} & set(wanted["absent"])


def read_tls_segment(path):
    """PT_TLS of an ELF file: (offset of truth_image's initial image in the block, size of the block)."""
    data = path.read_bytes()
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for kind, _, at, _, _, in_file, in_memory, _ in (
            struct.unpack_from("<IIQQQQQQ", data, offset + i * size) for i in range(count)):
        if kind == PT_TLS:
            return data[at:at + in_file].index(IMAGE_MAGIC), in_memory
    raise AssertionError(f"{path} has no PT_TLS")


@pytest.mark.parametrize("stop", ([], ["--stop"]), ids=("running", "stopped"))
@pytest.mark.parametrize("program", ("truth_static", "truth_static_pie"))
def test_static_programs_blocks(ways, polyton_json, program, stop):
    """Stripped, so there are no names: the TCBs, and the block's distance from them, must be right."""
    running, pid = ways.plain(program)
    truth = Truth(running.lines)
    threads = polyton_json("threads", pid, *stop, exits=(0,))["threads"]
    check_threads(truth, {thread["inner_tid"]: thread for thread in threads})
    item, = polyton_json("tls", pid, *stop, exits=(0,))["objects"]
    assert item["program"] and item["tls"]["placement"] == "static" and item["tls"]["module"] == 1
    image_offset, size = read_tls_segment(ways.folder / program)
    assert item["tls"]["size"] == size
    for tid, (tcb, _) in truth.threads.items():
        offset = int(item["tls"]["offset"])
        block = tcb + PTHREAD_SIZE + offset if IS_ARM else tcb - offset
        address, _ = truth.cells[Cell(tid, program, "truth_image")]
        assert address == block + image_offset, tid
        for variable in VARIABLES:
            assert block <= truth.cells[Cell(tid, program, variable)][0] < block + size


@pytest.mark.parametrize("program", ("truth_static", "truth_static_pie"))
def test_static_programs_are_a_blind_spot_not_an_error(ways, polyton, program):
    _, pid = ways.plain(program)
    done = polyton("report", pid)
    assert done.returncode in (0, 3)
    assert "stripped" in done.stdout + done.stderr


def test_capture_is_the_same_again_and_again(ways, polyton_json):
    running, pid = ways.extra()
    truth = Truth(running.lines)
    for _ in range(5):
        check_cells(truth, show(polyton_json, pid))


def test_many_threads(ways, polyton_json):
    running, pid = ways.run([ways.folder / "truth", "--threads", "300", "--quiet"])
    assert not running.lines
    threads = polyton_json("threads", pid)["threads"]
    assert sum(thread["state"] == "ready" for thread in threads) == 309
    view = polyton_json("show", "truth", pid, "--all")
    bench = {thread["tid"] for thread in threads if thread["name"] == "bench"}
    assert len(bench) == 300
    for copy in view["singletons"][0]["copies"]:
        for cell in (cell for cell in copy["cells"] if cell["tid"] in bench):
            if cell["state"] == "set":
                magic, tid, self = struct.unpack("<QQQ", bytes.fromhex(cell["value"]["bytes"]))
                assert (magic, tid, self) == (0x7472757468212121, cell["tid"], address_of(cell))
            else:
                assert copy["object"] not in ("truth", "libneeded.so", "libgd.so")

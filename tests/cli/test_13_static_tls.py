"""What `polyton tls` says is left of static TLS is what the loader hands out: predicted, then loaded until it fails.

The oracle is glibc itself. The rule by which it takes a block out of what is left is written down once more in
take(), after elf/dl-reloc.c; the figures it starts from are polyton's.
"""

import json
import pathlib
import shutil

import pytest

NAME = "13_static_tls"
EXPECTED = json.loads((pathlib.Path(__file__).resolve().parents[2] / "fixtures" / NAME / "expected.json").read_text())
BLOCKS = EXPECTED["blocks"]
# What of the surplus is meant for optimisations, and how many namespaces it is for.
TUNABLES = {"default": None, "optional": "glibc.rtld.optional_static_tls=4096", "namespaces": "glibc.rtld.nns=8",
            "least": "glibc.rtld.nns=1:glibc.rtld.optional_static_tls=0"}
SURPLUS = {"default": 1664, "optional": 5248, "namespaces": 2816, "least": 288}
MANY = 1000
LEAST = 256


def take(free, block):
    """What is left when a block has got its place, None if it gets none (blocks below the thread pointer)."""
    if free < block["size"]:
        return None
    return (free - block["size"]) // block["align"] * block["align"]


def count_left(free, block):
    """How many such blocks still get a place, and what is left then."""
    count = 0
    while (left := take(free, block)) is not None:
        free, count = left, count + 1
    return count, free


class Host:
    """The fixture's program, and what polyton says of it."""

    def __init__(self, folder, running, polyton_json, copies):
        self.folder, self.running, self.polyton_json, self.copies = folder, running, polyton_json, copies
        self.count = 0

    def tls(self, *options):
        return self.polyton_json("tls", self.running.pid, *options, exits=(0, 3))

    def budget(self, *options):
        return self.tls(*options)["budget"]

    def free(self):
        return self.budget()["free"]

    def load_copy(self, name):
        """Load one more library like @name: its path, and what the program answers."""
        self.count += 1
        path = self.copies / f"{pathlib.Path(name).stem}-{self.count}.so"
        shutil.copyfile(self.folder / name, path)
        return path, self.running.ask(f"load {path}")

    def load(self, name):
        path, answer = self.load_copy(name)
        assert answer == "loaded"
        return path

    def load_all(self, name):
        """How many libraries like @name load until one does not."""
        for loaded in range(MANY):
            _, answer = self.load_copy(name)
            if answer != "loaded":
                assert answer.startswith("failed ") and "cannot allocate memory in static TLS block" in answer
                return loaded
        pytest.fail(f"{MANY} of {name} load and there is no end")
        return None

    def findings(self):
        report = self.polyton_json("report", self.running.pid)
        return [finding for finding in report["findings"] if finding["rule"] == "PT011"]


@pytest.fixture
def host(start, fixture_dir, polyton_json, tmp_path):
    def run(tunables=None, **environment):
        folder = fixture_dir(NAME)
        running = start(folder / EXPECTED["program"], env={"GLIBC_TUNABLES": tunables, **environment})
        made = Host(folder, running, polyton_json, tmp_path)
        if made.tls()["subject"]["machine"] not in ("x86_64", "i386", "s390x"):
            pytest.skip("take() knows blocks below the thread pointer only")
        return made

    return run


@pytest.mark.parametrize("tunables", TUNABLES)
@pytest.mark.parametrize("name", BLOCKS)
def test_as_many_load_as_predicted(host, name, tunables):
    program = host(TUNABLES[tunables])
    program.load(name)
    report = program.tls()
    item, = (item for item in report["objects"] if item["path"].endswith("-1.so"))
    block = item["tls"]
    assert {key: block[key] for key in ("size", "align")} == BLOCKS[name]
    assert block["placement"] == "static" and item["initial_exec"]
    assert report["budget"]["surplus"] == SURPLUS[tunables]
    count, left = count_left(report["budget"]["free"], block)
    assert program.load_all(name) == count
    assert program.free() == left


def test_nothing_else_is_taken(host):
    """Libraries of all sizes and alignments in turn: what is left after each is what was predicted."""
    program = host()
    budget = program.budget()
    assert budget["used"] + budget["free"] == budget["size"]
    assert budget["surplus"] <= budget["free"] < budget["surplus"] + 64
    free = budget["free"]
    for name in (*BLOCKS, *reversed(BLOCKS)):
        free = take(free, BLOCKS[name])
        last = program.load(name)
        assert program.budget() == {**budget, "free": free, "used": budget["size"] - free}
    before = free
    last = program.load("libexec_64_8.so")
    assert program.free() < before
    assert program.running.ask(f"unload {last}") == "unloaded"
    assert program.free() == before


def test_stopped_as_running(host):
    program = host()
    program.load("libexec_64_8.so")
    assert program.budget("--stop") == program.budget()


def test_object_that_was_touched_dynamically(host):
    """It takes nothing of static TLS, and never will, so initial-exec code that needs it fails with plenty left."""
    program = host()
    dynamic, wanting = (program.folder / name for name in ("libdynamic.so", "libwanting.so"))
    before = program.budget()
    assert program.running.ask(f"load {dynamic}") == "loaded"
    assert program.running.ask(f"touch {dynamic}") == "touched"
    report = program.tls()
    item, = (item for item in report["objects"] if item["name"] == dynamic.name)
    assert item["tls"]["placement"] == "dynamic"
    assert report["budget"] == before
    assert "static TLS" in program.running.ask(f"load {wanting}")
    count, _ = count_left(program.free(), BLOCKS["libexec_64_8.so"])
    assert program.load_all("libexec_64_8.so") == count


def test_object_that_is_wanted_before_it_is_touched(host):
    program = host()
    before = program.free()
    assert program.running.ask(f"load {program.folder / 'libwanting.so'}") == "loaded"
    report = program.tls()
    item, = (item for item in report["objects"] if item["name"] == "libdynamic.so")
    assert item["tls"]["placement"] == "static"
    assert report["budget"]["free"] == take(before, item["tls"])


@pytest.mark.parametrize("tunables", ("default", "least"))
def test_descriptors_take_of_what_is_optional(host, tunables):
    program = host(TUNABLES[tunables])
    library = program.folder / "libdescribed.so"
    if not library.exists():
        pytest.skip("this compiler makes no TLS descriptors")
    before = program.budget()
    assert program.running.ask(f"load {library}") == "loaded"
    after = program.budget()
    taken = before["free"] - after["free"]
    assert taken == before["optional"] - after["optional"]
    assert bool(taken) == (tunables == "default")
    count, _ = count_left(after["free"], BLOCKS["libexec_8_8.so"])
    assert program.load_all("libexec_8_8.so") == count


def test_audited_program(host, fixture_dir):
    """An audit module has a namespace with a libc of its own, for which the surplus is made larger."""
    program = host(LD_AUDIT=str(fixture_dir("02_tls_truth") / "libaudit.so"))
    budget = program.budget()
    assert budget["surplus"] == SURPLUS["default"] + 288
    count, left = count_left(budget["free"], BLOCKS["libexec_64_8.so"])
    assert program.load_all("libexec_64_8.so") == count
    assert program.free() == left


@pytest.mark.parametrize("tunables", ("default", "least"))
def test_warning_when_little_is_left(host, tunables):
    program = host(TUNABLES[tunables])
    limit = max(SURPLUS[tunables] // 4, LEAST)
    warned = set()
    while (budget := program.budget())["free"] >= 64:
        found = program.findings()
        is_little = budget["free"] < limit
        assert len(found) == is_little
        warned.add(is_little)
        program.load("libexec_64_8.so")
    finding, = program.findings()
    assert warned == {False, True}
    assert finding["severity"] == "warning" and finding["slug"] == "static-tls-pressure"
    assert f"{budget['surplus']} bytes" in finding["headline"]
    assert f"{budget['free']} are left" in finding["headline"]
    assert "libexec_64_8-1.so" in finding["detail"] and "optional_static_tls" in finding["detail"]


def test_text_names_who_has_taken_it(host, polyton):
    program = host()
    program.load("libexec_64_8.so")
    program.load("libexec_200_8.so")
    budget = program.budget()
    line = (f"Static TLS: {budget['free']} of {budget['size']} bytes left for libraries loaded later, 1664 were set aside "
            "for them; used by: libexec_200_8-2.so 200, libexec_64_8-1.so 64.")
    assert line in polyton("tls", program.running.pid).stdout.splitlines()


READY = '#include <stdio.h>\nint main(void) { puts("ready"); fflush(stdout); return getchar(); }\n'


@pytest.mark.parametrize("compiler, flags", (("cc", ["-static"]), ("musl-gcc", [])), ids=("static", "musl"))
def test_unknown_is_an_answer(start, polyton, polyton_json, build_program, compiler, flags):
    program = build_program(READY, compiler=compiler, flags=flags)
    if not program:
        pytest.skip(f"no {compiler} {' '.join(flags)} here")
    running = start(program)
    assert polyton_json("tls", running.pid)["budget"] is None
    assert "Static TLS: not known (" in polyton("tls", running.pid).stdout

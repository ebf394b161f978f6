"""Values are shown as the programmer wrote them: what fixtures/14_values' programs say of their own variables.

Each program runs with its twin preloaded, a library of the same source: so every variable exists twice, and polyton
lists it. The program's own copies have to be what it says; the twin's have the same types.
"""

import pathlib
import re
import sys

import pytest

from conftest import FIXTURES, ROOT

sys.path.insert(0, str(ROOT / "tests/values"))

from by_polyton import look, own_copies, polyton_name  # noqa: E402
from check_values import Program, compare  # noqa: E402
from normalise import normalise  # noqa: E402

SOURCE = ROOT / "fixtures/14_values"
PROGRAMS = sorted(path for path in (FIXTURES / "14_values").glob("*_*_*_*") if path.is_file())
STATES = ("alive", "uninitialised", "destroyed")


class Case:
    """One program, what it says, and what polyton says of it."""

    looked_at = {}

    @classmethod
    def look(cls, path):
        if path not in cls.looked_at:
            cls.looked_at[path] = cls(path)
        return cls.looked_at[path]

    def __init__(self, path):
        with Program(path, has_twin=True) as self.program:
            self.report = look(self.program.process.pid)
        self.language = self.program.language
        found, twin = (own_copies(self.report, name) for name in (path.name, path.name + ".so"))
        names = {name: polyton_name(self.language, name) for name in self.program.values}
        self.copies = {name: found[known] for name, known in names.items() if known in found}
        self.twins = {name: twin[known] for name, known in names.items() if known in twin}
        self.excused = self.program.rules()["polyton"]
        gone = self.program.rules()["gone"]
        self.wanted = {name for name in self.program.values if name not in gone and name not in self.excused}

    def texts(self):
        return {name: cell["value"]["text"] for name, (_, cell) in self.copies.items() if cell and cell["value"]}


@pytest.fixture(params=PROGRAMS, ids=lambda path: path.name)
def case(request):
    return Case.look(request.param)


def test_there_are_programs_of_each_language():
    assert {path.name.split("_")[0] for path in PROGRAMS} >= {"c", "cpp"}


def test_each_variable_is_there_twice(case):
    assert case.wanted <= set(case.copies)
    assert case.wanted <= set(case.twins)


def test_each_value_is_what_the_program_says(case):
    wrong, same = compare(case.program, case.texts(), is_gdb=False)
    assert wrong == []
    assert same >= len(case.wanted)


def test_what_is_excused_is_another_value(case):
    """Else the excuse is no longer needed."""
    texts = case.texts()
    assert [name for name in case.excused if normalise(texts.get(name, "")) == case.program.values[name]] == []


def test_each_value_is_typed_in_both(case):
    for copies in (case.copies, case.twins):
        cells = {name: copies[name][1] for name in case.wanted}
        assert [name for name, cell in cells.items() if not cell or not cell["value"] or not cell["value"]["typed"]
                and cell["state"] != "not-allocated"] == []


def test_types_are_named_alike_in_both(case):
    for name in case.wanted:
        copy, twin = case.copies[name][0], case.twins[name][0]
        assert copy["type"] and (copy["type"], None, None) == (twin["type"], copy["type_missing"],
                                                               twin["type_missing"]), name


def test_each_is_declared_where_the_source_has_it(case):
    suffix = {"c": "values.c", "cpp": "values.cpp", "rs": "values.rs"}[case.language]
    lines = (SOURCE / suffix).read_text().splitlines()
    for name in case.wanted:
        place = case.copies[name][0]["declared"]
        if name.startswith("T_"):  # by a macro of std's: there, or where its braces are
            assert pathlib.PurePath(place["file"]).name in (suffix, "local.rs", "lazy.rs", "eager.rs", "no_threads.rs")
            continue
        assert pathlib.PurePath(place["file"]).name == suffix, name
        assert re.search(rf"\b{name.split('::')[-1]}\b", lines[place["line"] - 1]), (name, place)


def test_producer_is_the_compiler(case):
    word = {"gcc": "GNU C", "clang": "clang"}.get(case.program.path.name.split("_")[1], "rustc")
    assert {name for name in case.wanted if word not in case.copies[name][0]["producer"]} == set()


def test_states_are_the_words(case):
    """What a value's text says of its state is its state; all others are plain."""
    for name in case.wanted:
        value = case.copies[name][1]["value"]
        head = re.match(r"\w*", value["text"])[0]
        if name.startswith("T_"):
            said = case.program.values[name].split(" ")[0]
            assert value["state"] == (said if said in STATES else "plain"), name
        elif value["state"] != "plain":
            assert value["state"] == head, name


def test_twin_of_a_lazy_thread_local_is_not_initialised(case):
    """Nobody has touched it there, so it has no cell yet or an uninitialised one."""
    lazy = [cell for name, (_, cell) in case.twins.items() if name in ("T_LAZY", "T_LAZY_COPY", "T_UNSET")]
    assert bool(lazy) == (case.language == "rs")
    for cell in lazy:
        assert cell["state"] == "not-allocated" or cell["value"]["state"] == "uninitialised"


def test_show_has_the_same(case, start, polyton_json):
    """`show` writes the copies that `report` has."""
    name = {"c": "v_shape", "cpp": "values::v_vector", "rs": "V_BOX"}[case.language]
    path = case.program.path
    running = start([path], env={"LD_PRELOAD": str(path.parent / "twins" / (path.name + ".so"))})
    row, = polyton_json("show", polyton_name(case.language, name), running.pid)["singletons"]
    copy, = (copy for copy in row["copies"] if copy["object"] == path.name)
    shown, reported = copy["cells"][0]["value"], case.copies[name][1]["value"]
    assert (copy["type"], shown["typed"]) == (case.copies[name][0]["type"], True)
    assert re.sub(r"0x[0-9a-f]+", "", shown["text"]) == re.sub(r"0x[0-9a-f]+", "", reported["text"])

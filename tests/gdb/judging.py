"""Whether what polyton shows in GDB is what the host has said of itself."""

import re

OBJECTS = ("host", "liba.so", "libb.so")
SHOWN = ("py picture('show', 'CONTEXT')", "py picture('show', 'g_count')")
FIELDS = re.compile(r"\{id = (-?\d+), owner = (?:0x[0-9a-f]+ )?(?:\"(.*?)\"|0x0|null)")


def fields(text):
    """(id, owner) of a context as GDB or polyton writes it."""
    found = FIELDS.search(text)
    return found and (int(found[1]), found[2])


def copies(report):
    """{object: copy} of the one singleton; objects without the number of their namespace."""
    row, = report["singletons"]
    return {copy["object"].partition("@")[0]: copy for copy in row["copies"]}


def cells(report):
    """{(tid, object): cell}"""
    return {(cell["tid"], name): cell for name, copy in copies(report).items() for cell in copy["cells"]}


def assert_contexts(report, truth, objects=OBJECTS, at_once=("host",), typed=True):
    """Every copy in every thread: where it is, and what it holds. @at_once: those that each thread has from its birth."""
    known = cells(report)
    assert set(known) == {(tid, name) for name in objects for tid in (truth.main, *truth.workers, truth.idle)}
    assert set(truth.cells) == set(known) - {(truth.idle, name) for name in objects}
    for (tid, name), (address, number) in truth.cells.items():
        cell = known[tid, name]
        assert cell["state"] == "set" and int(cell["address"], 16) == address, cell
        if typed:
            assert fields(cell["value"]["text"]) == (number, name), cell
        assert int.from_bytes(bytes.fromhex(cell["value"]["bytes"])[:4], "little") == number, cell
    for name in objects:
        assert known[truth.idle, name]["state"] == ("initial" if name in at_once else "not-allocated"), name


def assert_counts(report, truth, objects=OBJECTS):
    """Each object's own count, and that it is the one that it uses."""
    known = copies(report)
    assert set(known) == set(objects)
    for name in objects:
        address, number = truth.counts[name]
        cell, = known[name]["cells"]
        assert (int(cell["address"], 16), cell["value"]["text"]) == (address, str(number))
        assert [user.partition("@")[0] for user in known[name]["users"]] == [name]


def assert_shown(answers, truth, objects=OBJECTS, **options):
    """Both variables, and nothing that could not be seen."""
    contexts, counts = map(answers.text, SHOWN)
    assert_contexts(contexts, truth, objects, **options)
    assert_counts(counts, truth, objects)
    assert [note["text"] for note in contexts["notes"] if note["loss"]] == []
    return contexts

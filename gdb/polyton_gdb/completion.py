"""Names for the Tab key.

A picture is taken for them when there is none of this process and its objects yet, without threads and values, and for
a second at most: whoever presses Tab does not want to wait. No error is shown here: there is just nothing to complete.
"""

import gdb

from . import session

SECONDS = 1
LIMIT = 1000  # GDB shows 200 by default

_known = {}  # number of the inferior: (identity, {"singletons": names, "objects": names})


def _names():
    inferior = gdb.selected_inferior()
    # Objects come and go: how many there are tells well enough for names.
    key = (session.identity(inferior), len(gdb.objfiles()))
    known = _known.get(inferior.num)
    if known and known[0] == key:
        return known[1]
    with session.picture(session.NAMES, seconds=SECONDS) as picture:
        report = picture.json("report", show_all=True)
    found = {"singletons": sorted({row["name"] for row in report["singletons"]}),
             "objects": [row["name"] for row in report["objects"]]}
    _known[inferior.num] = (key, found)
    return found


def _list(what):
    try:
        return _names()[what]
    except gdb.error:
        return []
    except gdb.GdbError:
        return []


def singletons():
    """Full names, and the last parts of them."""
    names = _list("singletons")
    return names + sorted({name.rsplit("::", 1)[1] for name in names if "::" in name} - set(names))


def objects():
    return _list("objects")


def threads():
    """GDB's numbers."""
    return [str(thread.num) for thread in reversed(gdb.selected_inferior().threads())]


def forget():
    _known.clear()


def complete(text, word, flags, values, candidates):
    """What gdb.Command.complete() answers: @text is all behind the command, @word its last word as GDB takes it.

    @flags and @values are options, without and with an argument: {"thread": threads}. GDB puts each answer in the place
    of @word, of which a name with colons or brackets in it has several.
    """
    if word is None:  # what GDB asks first: where words end, which is for it to say
        return []
    *before, last = text.lstrip().split(" ")
    if last.startswith("-"):
        return _matches(last, word, [f"-{name}" for name in (*flags, *values)])
    while before and (before[0].startswith("-") or not before[0]):
        option = before.pop(0)[1:]
        taking = [name for name in values if option and name.startswith(option) and option not in flags]
        if taking and not before:
            return _matches(last, word, values[taking[0]]())
        del before[:len(taking[:1])]
    return _matches(" ".join((*before, last)), word, candidates())


def complete_words(text, word, *lists):
    """The same of a command with an argument from each list, such as singletons, objects, threads."""
    if word is None:
        return []
    *before, last = text.lstrip().split(" ")
    before = [argument for argument in before if argument]
    return _matches(last, word, lists[len(before)]()) if len(before) < len(lists) else []


def _matches(operand, word, names):
    begin = len(operand) - len(word)
    return [name[begin:] for name in names if name.startswith(operand)][:LIMIT]

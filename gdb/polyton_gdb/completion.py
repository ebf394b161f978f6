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


def forget():
    _known.clear()


def complete(text, word, flags, values, candidates):
    """What gdb.Command.complete() answers: @text is all behind the command, @word its last word as GDB takes it.

    GDB puts each answer in the place of @word, of which a name with colons or brackets in it has several.
    """
    *before, last = text.lstrip().split(" ") or [""]
    if last.startswith("-"):
        begin = len(last) - len(word)
        return [("-" + name)[begin:] for name in (*flags, *values) if ("-" + name).startswith(last)]
    while before and (before[0].startswith("-") or not before[0]):
        takes = before.pop(0)[1:]
        if takes and any(name.startswith(takes) for name in values) and takes not in flags and before:
            before.pop(0)
    operand = " ".join((*before, last))
    begin = len(operand) - len(word)
    return [name[begin:] for name in candidates() if name.startswith(operand)][:LIMIT]

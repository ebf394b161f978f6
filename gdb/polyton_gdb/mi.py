"""What the commands tell, for GDB's machine interface: -polyton-report, -polyton-show, ..."""

import gdb

from . import session, values


def plain(value):
    """As MI can write it: strings, tuples and lists. What is null is left out (of a list: empty), true and
    false are words."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# What each command tells of the library's document, and the kind of picture that it needs.
VIEWS = {
    "report": (("subject", "findings", "singletons", "notes"), session.TYPED),
    "objects": (("objects",), session.WORDS),
    "threads": (("threads",), session.WORDS),
    "tls": (("objects", "budget"), session.WORDS),
}

if hasattr(gdb, "MICommand"):
    class View(gdb.MICommand):
        """-polyton-report [REGEX], -polyton-objects, -polyton-threads, -polyton-tls"""

        def __init__(self, view):
            self.view = view
            super().__init__(f"-polyton-{view}")

        def invoke(self, arguments):
            if len(arguments) > (self.view == "report"):
                raise gdb.GdbError(f"usage: -polyton-{self.view}{' [REGEX]' if self.view == 'report' else ''}")
            members, kind = VIEWS[self.view]
            with session.picture(kind) as picture:
                document = picture.json(self.view, **({"match": arguments[0]} if arguments else {}))
            return {member: plain(document[member]) for member in members if document.get(member) is not None}

    class Show(gdb.MICommand):
        """-polyton-show NAME: the singleton; a cell's "gdb" is its value as GDB writes it."""

        def __init__(self):
            super().__init__("-polyton-show")

        def invoke(self, arguments):
            if len(arguments) != 1:
                raise gdb.GdbError("usage: -polyton-show NAME")
            with session.picture(session.ALL_TYPED) as picture:
                document = picture.json("show", name=arguments[0])
            texts, whys = values.cell_texts(document)
            cells = [cell for copy in document["singletons"][0]["copies"] for cell in copy["cells"]]
            for cell, text in zip(cells, texts):
                cell["gdb"] = text
            return {"singleton": plain(document["singletons"][0]), "threads": plain(document["threads"]),
                    "notes": plain(document["notes"]), "remarks": plain(whys)}


def register():
    if hasattr(gdb, "MICommand"):
        for view in VIEWS:
            View(view)
        Show()

"""What objects bring when they are loaded: further copies of what is there already, in words."""

import re

NAMES_MAX = 6


def identity(object_):
    """An object, as long as it is loaded."""
    return object_["link_map"], object_["load_bias"], object_["path"]


def identities(document):
    return {identity(object_) for object_ in document["objects"]}


def counts(row, libraries):
    """Whether it would be a mistake to have it twice: it can be written to, and its library is not per object by design."""
    return (row["live_copies"] > 1 and not row["read_only"] and not row["dropped"] and
            row["confidence"] != "possible" and not libraries.get((row["library"], row["language"]), {}).get("per_object"))


class News:
    """What one object brings. @rows are singletons, thread-locals first; @crates are embedded, without names for them."""

    def __init__(self, name, rows, crates):
        self.name, self.rows, self.crates = name, rows, crates

    def lines(self):
        if self.rows:
            names = [f"  {row['name']} ({'thread-local' if row['kind'] == 'tls' else 'static'}), as in "
                     f"{others(row, self.name)}\n" for row in self.rows]
            what = "a further copy of" if len(names) == 1 else f"further copies of {len(names)} singletons:"
            if len(names) == 1:
                return [f"{self.name} brings {what} {names[0].strip()}\n"]
            more = len(names) - NAMES_MAX
            return [f"{self.name} brings {what}\n", *names[:NAMES_MAX], *([f"  and {more} more\n"] if more > 0 else [])]
        return [f"{self.name} embeds {', '.join(self.crates)}, which other objects have, too; it is stripped, so which"
                " variables it has copies of cannot be told\n"]

    def data(self):
        """For notify_mi and tests."""
        return {"object": self.name, "singletons": [row["name"] for row in self.rows], "crates": self.crates}


def others(row, name):
    there = list(dict.fromkeys(copy["object"] for copy in row["copies"] if copy["use"] == "live"
                               and copy["object"] != name))
    return ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")


def compiled(pattern):
    """Whether a name matters; what does not compile is a ValueError."""
    try:
        return re.compile(pattern).search if pattern else lambda name: True
    except re.error as error:
        raise ValueError(str(error)) from None


def find(document, came, pattern=None):
    """[News] of the objects whose names are in @came, by a "report" document. @pattern: of names that matter."""
    libraries = {(library["name"], library["language"]): library for library in document["libraries"]}
    matters = compiled(pattern)
    rows = [row for row in document["singletons"] if counts(row, libraries) and matters(row["name"])]
    rows.sort(key=lambda row: (row["kind"] != "tls", row["name"]))
    found = []
    for object_ in document["objects"]:
        name = object_["name"]
        if name not in came:
            continue
        own = [row for row in rows if any(copy["object"] == name and copy["use"] == "live" for copy in row["copies"])]
        crates = [] if own else embedded(document, name, libraries, matters)
        if own or crates:
            found.append(News(name, own, crates))
    return found


def embedded(document, name, libraries, matters):
    """Crates that a stripped object embeds, and that others have singletons of."""
    return [f"{crate['name']} {crate['version']}" for finding in document["findings"] if finding["object"] == name
            for crate in finding["crates"] if (crate["name"], "rust") in libraries and matters(crate["name"])]

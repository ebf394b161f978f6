"""What the loader says it bound: the log that glibc writes with LD_DEBUG=bindings,files,reloc.

A line of it is

    PID:	binding file A [NAMESPACE] to B [NAMESPACE]: normal symbol `NAME' [VERSION]

in which A and B are the names of the loader's list, the program's argv[0] for the program. dlsym() and the loader's
own look-ups print the same line, so a line alone does not tell that a relocation asked. What does is where it stands:
after "relocation processing: A" and before the next such event, all lines of A are its relocations', in the order of
its tables. Later lines of A are those of lazily bound calls, or of dlsym().

A line's end, from the version on, is written on its own: what a child or another thread writes may come between, and
then the end that stands after a line may be another's.
"""

import collections
import dataclasses
import re

# What LD_DEBUG must be set to: "files" and "reloc" bound what "bindings" says.
CATEGORIES = "bindings,files,reloc"

# Ten columns before the colon; where another process or thread came between, not at the start of a line.
PREFIX = re.compile(r"(?=[ \d]{10}:\t) *(\d+):\t")
BINDING = re.compile(r"binding file (?P<user>.*) \[(?P<user_ns>\d+)\] to (?P<provider>.*) \[(?P<provider_ns>\d+)\]: "
                     r"(?:normal|protected) symbol `(?P<symbol>[^'\n]*)'"
                     r"(?P<end>(?: \[[^]\n]*\])?\n)?(?P<more>[^\n]*\n+)*\Z")
TORN = None  # for the version of a line whose end went elsewhere, or may have
PROCESSING = re.compile(r"relocation processing: (?P<name>.*?)(?P<lazy> \(lazy\))?\n\Z", re.DOTALL)
# What the loader says while it relocates an object, because of what it has just bound.
INTERMEDIATE = re.compile(r"^marking .* as NODELETE|\(relocation dependency\)$", re.MULTILINE)

Line = collections.namedtuple("Line", "user provider wanted")


def read(piece, is_alone):
    """A line "binding file"; None for anything else. @is_alone: no earlier line still lacks its end."""
    found = BINDING.match(piece)
    if not found:
        return None
    is_whole = is_alone and found["end"] and not found["more"]
    version = found["end"].strip(" []\n") if is_whole else TORN
    return Line((found["user"], int(found["user_ns"])), (found["provider"], int(found["provider_ns"])),
                (found["symbol"], version))


@dataclasses.dataclass
class Relocated:
    """One object's last relocation, and the calls it has bound since. Names are the loader's.

    words   (symbol, version): providers in the order they were found while the object was relocated
    later   the same since then: bound calls and dlsym()
    vforked the calls that children of vfork() have bound, in the memory that they share with it
    """

    is_lazy: bool
    words: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    later: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    vforked: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))


class DebugLog:
    """objects: (name, namespace): Relocated"""

    def __init__(self, text, pid):
        self.objects, self._lazy = {}, {}
        self._name, self._key = None, None
        self._lacking = 0       # lines whose ends have not come yet
        # A child goes on writing to the same file, under its own number.
        pieces = PREFIX.split(text)
        for number, piece in zip(pieces[1::2], pieces[2::2]):
            if int(number) == pid:
                self._take(piece)
            else:
                self._take_of_child(piece)
            # Every line has a number and one end, also each of those that were written at once.
            self._lacking = max(0, self._lacking + 1 - piece.count("\n"))

    def of(self, name, namespace):
        """What was said of that object; of one that had nothing to look up, how it was relocated."""
        key = (name, namespace)
        return self.objects.setdefault(key, self._new(key))

    def _new(self, key):
        return Relocated(self._lazy.get(key[0], False))

    def _take(self, piece):
        if piece.startswith("binding file "):
            self._take_binding(piece)
            return
        if not piece.strip() or INTERMEDIATE.search(piece):
            return
        processing = PROCESSING.match(piece)
        self._name = processing and processing["name"]
        self._key = None
        if processing:
            self._lazy[self._name] = processing["lazy"] is not None

    def _take_of_child(self, piece):
        found = read(piece, not self._lacking)
        if found:
            relocated = self.of(*found.user)
            relocated.vforked[found.wanted].append(found.provider)

    def _take_binding(self, piece):
        found = read(piece, not self._lacking)
        if not found:
            raise ValueError(f"the loader's line cannot be read: {piece!r}")
        if found.user[0] == self._name and self._key is None:
            # Only here it shows which namespace's object of that name is being relocated. It may have been unloaded
            # and loaded again: what an earlier one was bound to is over.
            self._key = found.user
            self.objects[self._key] = self._new(self._key)
        relocated = self.of(*found.user)
        words = relocated.words if found.user == self._key else relocated.later
        words[found.wanted].append(found.provider)

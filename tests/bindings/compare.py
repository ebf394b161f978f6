"""Whether polyton says the same as the loader: relocation by relocation, with the files as a third witness.

The files tell which references there are, so that polyton can neither leave one out nor make one up; the log tells
what each was bound to; and the words of calls tell which of them have not been bound yet.
"""

import collections
import dataclasses
import os
import struct

from debuglog import TORN
from relocations import ElfFile, STV_DEFAULT

KINDS = ("data", "tls", "copy", "function", "address")
NOBODY, PENDING = "nobody", "pending"
# glibc, __rtld_malloc_init_real(): the loader looks these up for itself in the program's name, right after it.
LOADERS_OWN = {"malloc", "calloc", "realloc", "free"}


@dataclasses.dataclass
class Difference:
    where: str    # "libx.so: name@VERSION (tls)"
    what: str

    def __str__(self):
        return f"{self.where}: {self.what}"


class Tally:
    """Of one process: the references by polyton's kind ("address" if it lists none), and the differences."""

    def __init__(self):
        self.total = collections.Counter()
        self.agreeing = collections.Counter()
        self.pending = collections.Counter()
        self.computed = collections.Counter()
        self.ambiguous = self.objects = 0
        self.differences, self.unseen = [], []

    def differ(self, where, what):
        self.differences.append(Difference(where, what))


def outcomes(relocated, relocations):
    """For each relocation what the loader bound it to: NOBODY, PENDING, "own", or a set of (name, namespace), of more
    than one if dlsym() may have written some of the lines. Then the lines that no relocation explains."""
    queues = {key: collections.deque(words) for key, words in relocated.words.items()}
    answers, cached, word = [], None, NOBODY
    for relocation in relocations:
        key, torn = (relocation.symbol, relocation.version), (relocation.symbol, TORN)
        if relocation.is_lazy and relocated.is_lazy:
            # glibc, _dl_fixup(): a call to a symbol that is not of default visibility stays in its object.
            if relocation.visibility != STV_DEFAULT:
                answers.append("own")
            else:
                said = next((words[one] for words in (relocated.later, relocated.vforked) for one in (key, torn)
                             if one in words), None)
                answers.append(set(said) if said else PENDING)
            continue
        if relocation.is_own:
            answers.append("own")
            continue
        # glibc, RESOLVE_MAP(): the same symbol again, in the same class, is not looked up again.
        asked = (relocation.index, relocation.lookup_class)
        if asked != cached:
            cached = asked
            queue = queues.get(key) or queues.get(torn)
            word = {queue.popleft()} if queue else NOBODY
        answers.append(word)
    return answers, [key for key, queue in queues.items() if queue]


class Process:
    """The stopped process: its objects as polyton names them, its memory, and its log."""

    def __init__(self, pid, program, objects, log):
        self.pid, self.log = pid, log
        self.objects = objects
        self._names, self._keys = {}, {}
        for item in objects:
            name = program if item["program"] else item["path"]
            self._names[name, item["namespace"]] = item["name"]
            self._names.setdefault((self._real(name), item["namespace"]), item["name"])
            self._keys[item["name"]] = (name, item["namespace"])

    def _real(self, name):
        return os.path.realpath(os.path.join(f"/proc/{self.pid}/cwd", name)) if "/" in name else name

    def name_of(self, key):
        """polyton's name of the loader's object."""
        name, namespace = key
        return self._names.get(key) or self._names.get((self._real(name), namespace)) or f"{name} [{namespace}]"

    def file_of(self, item):
        return f"/proc/{self.pid}/exe" if item["program"] else self._real(item["path"])

    def relocated(self, item):
        """What the log says of that object, whichever of its names the loader used."""
        own = self._keys[item["name"]]
        others = (key for key in self.log.objects if self.name_of(key) == item["name"])
        return self.log.of(*(own if own in self.log.objects else next(others, own)))

    def has_word(self, address, value):
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            return os.pread(memory.fileno(), 8, address) == struct.pack("<Q", value & (1 << 64) - 1)


def text_of(answer, own, process):
    if isinstance(answer, set):
        return {process.name_of(key) for key in answer}
    return {"own": {own}, NOBODY: {None}}[answer]


class ObjectCheck:
    """One object's references against polyton's rows about it: a row stands for all relocations of its object for one
    symbol in one class of look-up, and tells of itself only the place of one of them."""

    def __init__(self, process, item, rows, tally):
        self.process, self.item, self.tally = process, item, tally
        self.bias = int(item["load_bias"], 16)
        self.given, self.rows = rows, {}
        self.relocated = process.relocated(item)

    def check(self, file):
        relocations = list(file.relocations())
        answers, unexplained = outcomes(self.relocated, relocations)
        for symbol, version in unexplained:
            if self.item["program"] and symbol in LOADERS_OWN:
                continue
            self.tally.differ(self.where(symbol, version), "the log has a line that no relocation explains")
        self.place_rows({one.offset: one for one in relocations if one.is_reference})
        for relocation, answer in zip(relocations, answers):
            if relocation.is_reference and relocation.symbol:
                self.check_one(file, relocation, answer)

    def place_rows(self, by_offset):
        for row in self.given:
            where = self.where(row["symbol"], row["version"], row["kind"])
            relocation = by_offset.get(int(row["place"], 16) - self.bias)
            wanted = relocation and (relocation.symbol, relocation.version, relocation.family)
            family = row["kind"] if row["kind"] in ("tls", "copy") else "address"
            if wanted != (row["symbol"], row["version"], family):
                self.tally.differ(where, f"the file has no such reference at {row['place']}, but {wanted}")
                continue
            key = (relocation.index, relocation.lookup_class)
            if key in self.rows:
                self.tally.differ(where, f"polyton lists it twice, at {row['place']} and {self.rows[key]['place']}")
            self.rows[key] = row

    def where(self, symbol, version, kind=None):
        return f"{self.item['name']}: {symbol}{'@' + version if version else ''}{f' ({kind})' if kind else ''}"

    def check_one(self, file, relocation, answer):
        tally = self.tally
        row = self.rows.get((relocation.index, relocation.lookup_class))
        kind = row["kind"] if row else relocation.family
        where = self.where(relocation.symbol, relocation.version, kind)
        tally.total[kind] += 1
        if not row:
            tally.differ(where, f"polyton does not list the reference at {self.bias + relocation.offset:#x}")
            return
        is_pending = self.is_pending(file, relocation)
        is_row_s_place = int(row["place"], 16) == self.bias + relocation.offset
        if is_row_s_place and is_pending != (row["source"] == "pending"):
            tally.differ(where, f"polyton says {row['source']}, its word is {'' if is_pending else 'not '}pending")
        elif is_pending:
            # What dlsym() found for the same name is no answer to what a call would find.
            tally.pending[kind] += 1
        elif answer == PENDING:
            tally.differ(where, "its word is bound, but the log does not say to what")
        else:
            self.judge(where, kind, row, text_of(answer, self.item["name"], self.process))

    def is_pending(self, file, relocation):
        if not relocation.is_lazy or not self.relocated.is_lazy:
            return False
        return self.process.has_word(self.bias + relocation.offset, self.bias + file.word(relocation.offset))

    def judge(self, where, kind, row, said):
        tally = self.tally
        tally.ambiguous += len(said) > 1
        tally.computed[kind] += row["source"] == "computed"
        wrong = [f"{what} {row[what]}" for what in ("provider", "expected") if row[what] not in said]
        if not wrong and row["provider"] != row["expected"]:
            wrong = [f"provider {row['provider']}", f"expected {row['expected']}"]
        if wrong:
            loader = " or ".join(sorted(str(name) for name in said))
            tally.differ(where, f"the loader says {loader}, polyton {', '.join(wrong)} "
                                f"({row['source']}, {row['place']})")
        else:
            tally.agreeing[kind] += 1


def compare(process, bindings):
    tally = Tally()
    rows = collections.defaultdict(list)
    for row in bindings:
        rows[row["object"]].append(row)
    for item in process.objects:
        try:
            file = ElfFile(process.file_of(item))
        except (OSError, ValueError) as error:
            if item["file"] != "none":
                tally.unseen.append(f"{item['name']}: {error}")
            continue
        tally.objects += 1
        ObjectCheck(process, item, rows.pop(item["name"], []), tally).check(file)
    for name, left in rows.items():
        tally.differ(name, f"polyton lists {len(left)} references of an object whose file cannot be read here")
    return tally

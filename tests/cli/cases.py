"""What the tests of the fixtures 09 to 12 share: an expected*.json, its program running, and what polyton says of it.

The form of these files is described in fixtures/09_causes/README. Each expectation is checked against two
witnesses: polyton's report, and the program's own "at OBJECT ADDRESS NAME" lines, which say where each object's
code has each variable. So a wrong expectation cannot be met by a wrong report.
"""

import collections
import json
import pathlib
import subprocess

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"


def expectations(*names):
    return sorted(path for name in names for path in (SOURCES / name).glob("expected*.json"))


def case_name(path):
    return path.stem.removeprefix("expected_")


def cell_of(copy, pid):
    """A static's only cell, or a thread-local's in the main thread."""
    cell, = (cell for cell in copy["cells"] if cell["tid"] in (None, pid))
    return cell


def words_of(finding):
    return finding["headline"] + " " + finding["detail"]


def steps_of(reason):
    return " ".join([reason["text"], *reason["remedy"]])


class Case:
    """What one program printed, and what polyton said of it, plainly and with --all."""

    looked_at = {}

    @classmethod
    def look(cls, path, start, folder, polyton):
        """Each program is started and looked at once, however many tests ask."""
        if path not in cls.looked_at:
            cls.looked_at[path] = cls(path, start, folder, polyton)
        return cls.looked_at[path]

    def __init__(self, path, start, folder, polyton):
        self.expected = json.loads(path.read_text())
        preload = ":".join(str(folder / name) for name in self.expected.get("preload", []))
        running = start([folder / self.expected["program"]], env={"LD_PRELOAD": preload or None},
                        stderr=subprocess.DEVNULL)  # where the loader warns of what is here on purpose
        done = polyton("report", running.pid, "--format", "json")
        self.lines, self.pid, self.exit = running.lines, running.pid, done.returncode
        self.report = json.loads(done.stdout)
        self.all = json.loads(polyton("report", running.pid, "--all", "--format", "json").stdout)

    def places(self):
        """Where the process's code has each variable: {name: {object: address}}."""
        places = collections.defaultdict(dict)
        for line in self.lines:
            if line.startswith("at "):
                name, address, variable = line.split(" ", 3)[1:]
                places[variable][name] = int(address, 16)
        return places

    def row(self, name, of=None):
        rows = [row for row in (of or self.report)["singletons"] if row["name"] == name]
        assert len(rows) == 1, f"{name} is listed {len(rows)} times"
        return rows[0]

    def copies(self, name, of=None):
        return {copy["object"]: copy for copy in self.row(name, of)["copies"]}

    def each_copy(self):
        """(name, object, expected copy, reported copy), objects that the report lacks left out."""
        for row in self.expected["singletons"]:
            copies = self.copies(row["name"])
            for name, wanted in row["copies"].items():
                if name in copies:
                    yield row["name"], name, wanted, copies[name]

    # The report against the expectation.

    def check_exit_code(self):
        assert self.exit == self.expected["exit"]

    def check_findings(self):
        """Those at warning or above are exactly the expected ones."""
        found = [finding for finding in self.report["findings"] if finding["severity"] != "note"]
        for wanted in self.expected["findings"]:
            match = [finding for finding in found if is_wanted(finding, wanted)]
            assert len(match) == 1, f"{wanted}: {len(match)} of {[words_of(each) for each in found[:8]]}"
            found.remove(match[0])
        assert [(finding["rule"], words_of(finding)) for finding in found[:8]] == []

    def check_no_routine(self):
        assert [words_of(finding) for finding in self.report["findings"] if finding["routine"]] == []

    def check_routine(self):
        """Shown on request, as notes."""
        for wanted in self.expected.get("routine", []):
            match = [finding for finding in self.all["findings"] if finding["routine"] and is_wanted(finding, wanted)]
            assert len(match) == 1, wanted
            assert match[0]["severity"] == "note"

    def check_singletons(self):
        """No others than the expected ones, and merged ones with a finding; what is folded may be there, too."""
        wanted = sorted((row["name"], row["kind"]) for row in self.expected["singletons"])
        about = {finding["singleton"] for finding in self.report["findings"] if finding["severity"] != "note"}
        merged = about & set(self.expected.get("merged", []))
        listed = [row for row in self.report["singletons"] if row["library"] != "std" and row["name"] not in merged]
        assert sorted((row["name"], row["kind"]) for row in listed
                      if not row["folded"] or (row["name"], row["kind"]) in wanted) == wanted
        for row in self.expected["singletons"]:
            assert self.row(row["name"])["folded"] == row.get("folded", False), row["name"]

    def check_copies(self):
        for row in self.expected["singletons"]:
            copies = self.row(row["name"])["copies"]
            assert [copy["object"] for copy in copies] == list(row["copies"]), row["name"]
            live = [name for name, copy in row["copies"].items() if copy["use"] == "live"]
            assert self.row(row["name"])["live_copies"] == len(live)

    def check_facts(self):
        """Use, who uses it, and what the symbol lets others do."""
        for name, object_, wanted, copy in self.each_copy():
            facts = {key: copy[key] for key in ("use", "exported", "binding", "visibility", "version") if key in wanted}
            assert facts == {key: wanted[key] for key in facts}, (name, object_)
            assert sorted(copy["users"]) == sorted(wanted["users"]), (name, object_)

    def check_causes(self):
        """One each, none for the first copy; where compilers differ, one of a list."""
        for name, object_, wanted, copy in self.each_copy():
            if wanted["cause"] is None:
                assert copy["reason"] is None, (name, object_)
                continue
            causes = wanted["cause"] if isinstance(wanted["cause"], list) else [wanted["cause"]]
            reason = copy["reason"]
            assert reason and reason["cause"] in causes, (name, object_, reason)
            assert reason["text"] and reason["remedy"], (name, object_)
            assert all(step.endswith(".") for step in reason["remedy"]), (name, object_, reason)
            for word in wanted["mentions"]:
                assert word in steps_of(reason), (name, object_, reason)

    def check_merged(self):
        """Several definitions, one of them in use by all: no finding, and on request one live copy."""
        for name, wanted in self.expected.get("merged", {}).items():
            copies = self.copies(name, self.all)
            assert [object_ for object_, copy in copies.items() if copy["use"] == "live"] == [wanted["copy"]], name
            assert sorted(copies[wanted["copy"]]["users"]) == sorted(wanted["users"]), name
            shadowed = {object_: copy for object_, copy in copies.items() if copy["use"] == "shadowed"}
            assert sorted(shadowed) == sorted(wanted["shadowed"]), name
            for object_, copy in shadowed.items():
                assert (copy["bound_to"], copy["users"], copy["reason"]) == (wanted["copy"], [], None), (name, object_)

    def check_absent(self):
        for name in self.expected.get("absent", []):
            for finding in self.report["findings"]:
                assert finding["singleton"] != name
                assert not finding["headline"].startswith(name + " ")
            assert name not in {row["name"] for row in self.report["singletons"]}

    # The expectation, and the report's addresses, against the program's own word.

    def check_users_against_process(self):
        """Objects that have a variable in one place are users of one copy; others are not."""
        places = self.places()
        users = {row["name"]: [copy["users"] for copy in row["copies"].values() if copy["use"] == "live"]
                 for row in self.expected["singletons"]}
        users.update({name: [row["users"]] for name, row in self.expected.get("merged", {}).items()})
        for name, by_object in places.items():
            seen = collections.defaultdict(set)
            for object_, address in by_object.items():
                seen[address].add(object_)
            if name in self.expected.get("apart", []):
                assert len(seen) > 1, name
                continue
            if name not in users:
                assert len(seen) == 1, f"{name} is in {len(seen)} places, and not expected"
                continue
            silent = {each for copy in users[name] for each in copy} - set(by_object)
            grouped = [set(copy) - silent for copy in users[name]]
            assert sorted(map(sorted, seen.values())) == sorted(sorted(group) for group in grouped if group), name
        unseen = {row["name"] for row in self.expected["singletons"] if row.get("unseen")}
        assert set(users) - set(places) == unseen, "what the program says nothing of"

    def check_addresses(self):
        places = self.places()
        rows = [(row["name"], self.report) for row in self.expected["singletons"]]
        rows += [(name, self.all) for name in self.expected.get("merged", {})]
        for name, report in rows:
            for object_, copy in self.copies(name, report).items():
                told = {places[name][user] for user in copy["users"] if user in places[name]}
                if told:
                    assert told == {int(cell_of(copy, self.pid)["address"], 16)}, (name, object_)


def is_wanted(finding, wanted):
    facts = ("rule", "severity", "singleton", "object")
    return all(finding[key] == wanted[key] for key in facts if key in wanted) and \
        all(word in words_of(finding) for word in wanted.get("says", []))


CHECKS = sorted(name for name in vars(Case) if name.startswith("check_"))

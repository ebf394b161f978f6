#!/usr/bin/env python3
"""Damaged debug files: whatever is in one, polyton answers in time, and says in words what it could not read.

A program of fixtures/14_values of each language runs with its twin, both without debug info; that is in files of
their own, which polyton finds by build id (--debug-dir). The program's is damaged anew for each look. Every look has
to end in time, with exit code 0, 1 or 3, with JSON that parses, and with all that needs no debug info as it was. A
variable that has lost its type has a text that says why; a file that was cut, or whose sections are gone or badly
compressed, must be told of by such a text or a note.

usage: mutants.py [--count N] [--seed N] [--keep DIR] [LANGUAGE...]

  --count N   mutants per language (default 700)
  --seed N    the first one's number (default 0): the same number is the same mutant of the same file
  --keep DIR  store those that fail here

Exit status: 0 all were borne, 1 some were not (they are printed), 2 could not be tried.
"""

import argparse
import collections
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests/values")]

from check_values import Program  # noqa: E402
from damage import damage  # noqa: E402

POLYTON = pathlib.Path(os.environ.get("POLYTON") or ROOT / "build/polyton").absolute()
FIXTURES = pathlib.Path(os.environ.get("POLYTON_FIXTURES") or ROOT / "build/fixtures") / "14_values"
LANGUAGES = ("c", "cpp", "rs")
COUNT = 700
# The library gives one file 10 seconds, and a crashed reader a second attempt.
PATIENCE = 40
MEMORY = 2 << 30


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


def build_id(path):
    notes = subprocess.run(["readelf", "-nW", path], capture_output=True, text=True, check=True).stdout
    return next(line.split()[-1] for line in notes.splitlines() if "Build ID" in line)


class Subject:
    """A program and its twin in @folder, running; @debug_file is the one that is damaged."""

    def __init__(self, original, folder):
        self.language = original.name.split("_")[0]
        self.name = original.name
        self.debug_dir = folder / "debug"
        (folder / "twins").mkdir()
        self.debug_file = self.split(original, folder / self.name)
        twin = f"twins/{self.name}.so"
        self.split(original.parent / twin, folder / twin)
        self.pristine = self.debug_file.read_bytes()
        self.program = Program(folder / self.name, has_twin=True)
        self.facts = self.look()
        if not self.facts.copies or self.facts.missing:
            raise OSError(f"{self.name}: not all is typed before anything is damaged: {self.facts.missing}")

    def split(self, original, path):
        """@original as @path without debug info, which goes where its build id says. Returns that file."""
        number = build_id(original)
        debug = self.debug_dir / ".build-id" / number[:2] / f"{number[2:]}.debug"
        debug.parent.mkdir(parents=True, exist_ok=True)
        run("objcopy", "--only-keep-debug", original, debug)
        run("objcopy", "--remove-section=.debug_*", original, path)  # --strip-debug would take files' names, too
        return debug

    def look(self):
        """polyton's Facts of it; an OSError says what is wrong with them."""
        command = [POLYTON, "report", str(self.program.process.pid), "--all", "--format", "json", "--debug-dir",
                   str(self.debug_dir)]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise OSError(f"no answer in {PATIENCE} s") from None
        if done.returncode not in (0, 1, 3):
            raise OSError(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
        return Facts(json.loads(done.stdout), self.name)


class Facts:
    """What a report says of one object."""

    def __init__(self, report, name):
        rows = [(row, copy) for row in report["singletons"] for copy in row["copies"]
                if copy["object"] == name and row["name"].split("::")[-1].startswith(("v_", "V_", "T_"))
                and copy["cells"]]
        self.copies = {row["name"]: copy for row, copy in rows}
        self.notes = [note["text"] for note in report["notes"]]
        self.names = {(row["name"], row["kind"], tuple(copy["object"] for copy in row["copies"]))
                      for row in report["singletons"]}
        self.missing = {name: copy["type_missing"] for name, copy in self.copies.items() if not copy["type"]}

    def bare(self):
        """All that needs no debug info."""
        return {name: (copy["symbol"], copy["offset"], copy["size"], copy["use"], copy["storage"],
                       [(cell["state"], cell["value"] and cell["value"]["bytes"]) for cell in copy["cells"]])
                for name, copy in self.copies.items()}

    def typed(self):
        return {name: (copy["type"], [cell["value"] and cell["value"]["text"] for cell in copy["cells"]])
                for name, copy in self.copies.items()}


def judge(subject, kind, counts):
    """What is wrong with polyton's answer to the mutant that is in place, or None."""
    try:
        facts = subject.look()
    except (OSError, ValueError) as error:
        return str(error)
    if facts.bare() != subject.facts.bare() or facts.names != subject.facts.names:
        return "it is not the same picture"
    silent = sorted(name for name, text in facts.missing.items() if not text)
    if silent:
        return f"nothing says why these have no type: {silent[:3]}"
    notes = [note for note in facts.notes if note not in subject.facts.notes]
    if kind.is_fatal and not notes and not facts.missing:
        return "it lacks what its types were in, and nothing says so"
    counts["types lost" if facts.missing else "noted only" if notes
           else "same" if facts.typed() == subject.facts.typed() else "other types"] += 1
    counts["reader crashed"] += any("crashed" in note for note in notes)
    counts["reader too slow"] += any("took longer" in note for note in notes)
    return None


def attack(subject, options):
    """Try @options.count mutants of one subject; returns how many were not borne."""
    counts, kinds, failures, slowest = collections.Counter(), collections.Counter(), 0, 0
    for seed in range(options.seed, options.seed + options.count):
        kind, mutant = damage(subject.pristine, seed)
        subject.debug_file.write_bytes(mutant)
        begin = time.monotonic()
        wrong = judge(subject, kind, counts)
        slowest = max(slowest, time.monotonic() - begin)
        kinds[kind.name] += 1
        if wrong:
            failures += 1
            print(f"{subject.name}, mutant {seed} ({kind.text}): {wrong}")
            if options.keep:
                shutil.copy(subject.debug_file, options.keep / f"{subject.name}.{seed}")
    said = ", ".join(f"{count} {what}" for what, count in counts.most_common() if count)
    variables = len(subject.facts.copies)
    print(f"{subject.name} ({variables} variables): {options.count} mutants, {failures} not borne; {said}")
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(kinds.items())) + f"; slowest {slowest:.1f} s")
    return failures


def find_originals(languages):
    """The smallest program of each language."""
    found = []
    for language in languages:
        programs = [path for path in FIXTURES.glob(f"{language}_*_*_*") if path.is_file()]
        if programs:
            found.append(min(programs, key=lambda path: path.stat().st_size))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=COUNT, help="mutants per language")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first one")
    parser.add_argument("--keep", type=pathlib.Path, help="where to store those that fail")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="of: " + ", ".join(LANGUAGES))
    options = parser.parse_args()
    originals = find_originals(options.languages or LANGUAGES)
    if not originals:
        print(f"no programs in {FIXTURES}: run make fixtures", file=sys.stderr)
        return 2
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    failures = 0
    try:
        for original in originals:
            with tempfile.TemporaryDirectory(prefix="polyton-mutants") as folder:
                subject = Subject(original, pathlib.Path(folder))
                with subject.program:
                    failures += attack(subject, options)
    except (OSError, subprocess.CalledProcessError, StopIteration) as error:
        print(error, file=sys.stderr)
        return 2
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    print(f"{len(originals) * options.count} mutants, {failures} not borne, {memory >> 20} MiB at most")
    return 1 if failures or memory > MEMORY else 0


if __name__ == "__main__":
    sys.exit(main())

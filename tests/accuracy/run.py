#!/usr/bin/env python3
"""Precision: each row that polyton reports on the processes of cases.py, against the judgements in labels.json.

A label is {"rule", "says", "judged", "why"}: it speaks for the findings of that rule in whose headline the regular
expression "says" is found. It was judged "useful" (true, and worth knowing), "pointless" (true, but nobody would do
anything about it) or "false". Labels of false and pointless rows stay when the rule is mended: they keep watch.
Variables that a finding speaks for are judged by sample, under "folded": a name and a judgement.

usage: run.py [--json FILE] [--keep DIR] [--rows] [CASE...]
       run.py --packages

Exit status: 0 every row is judged and none at error is false, 1 not so, 2 nothing could be tried.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import cases  # noqa: E402
import check_bindings  # noqa: E402

POLYTON = os.environ.get("POLYTON") or str(cases.ROOT / "build/polyton")
QUIET = 2.0      # seconds without a further file mapped: it has come to rest
PATIENCE = 90    # seconds until it must have
JUDGEMENTS = ("useful", "pointless", "false")


class Failed(Exception):
    pass


@contextlib.contextmanager
def running(program, folder):
    """The program at rest; yields its process."""
    with contextlib.ExitStack() as stack:
        env = {key: value for key, value in os.environ.items() if not key.startswith("LD_")}
        env.update(LC_ALL="C.UTF-8", HOME=str(folder), **program.env)
        if program.needs_display:
            env.update(stack.enter_context(check_bindings.display()))
        command = list(map(str, program.command(folder)))
        with open(folder / "output", "wb") as output:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=env,
                                       cwd=folder, start_new_session=True)
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(program.input.encode())
                process.stdin.flush()
            wait_at_rest(program, process, folder)
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def wait_at_rest(program, process, folder):
    deadline, since, count = time.monotonic() + PATIENCE, time.monotonic(), -1
    missing = program.maps
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = (folder / "output").read_text(errors="replace").strip()[-300:]
            raise Failed(f"it ended, status {process.returncode}: {said}")
        maps = pathlib.Path(f"/proc/{process.pid}/maps").read_text(errors="replace")
        now = len({line.split(None, 5)[-1] for line in maps.splitlines() if "/" in line})
        if now != count:
            count, since = now, time.monotonic()
        missing = [name for name in program.maps if name not in maps]
        if not missing and time.monotonic() - since >= QUIET:
            return
        time.sleep(0.05)
    raise Failed(f"not at rest in {PATIENCE} s, without {', '.join(missing) or 'a pause'}")


def report(pid):
    done = subprocess.run([POLYTON, "report", "--format", "json", str(pid)], capture_output=True, text=True,
                          timeout=300, check=False)
    if done.returncode not in (0, 1, 3):
        raise Failed(f"polyton: exit {done.returncode}: {done.stderr.strip()[:300]}")
    return json.loads(done.stdout)


class Verdict:
    """What the labels say about one report."""

    def __init__(self, picture, labels):
        self.counts = collections.Counter()  # (severity, judgement)
        self.rows, self.new, self.bad = [], [], []
        matched = set()
        for finding in picture["findings"]:
            number, judged = judgement_of(finding, labels.get("findings", []))
            matched.add(number)
            self.counts[finding["severity"], judged] += 1
            self.rows.append((judged, finding))
            if judged == "new":
                self.new.append(finding)
            elif judged == "false" and finding["severity"] == "error":
                self.bad.append(finding)
        self.gone = [label for number, label in enumerate(labels.get("findings", []))
                     if number not in matched and label["judged"] == "useful"]
        folded = {one["name"] for one in picture["singletons"] if one["folded"]}
        self.folded, self.sampled = len(folded), collections.Counter(
            label["judged"] for label in labels.get("folded", []) if label["name"] in folded)


def judgement_of(finding, labels):
    for number, label in enumerate(labels):
        if label["rule"] == finding["rule"] and re.search(label["says"], finding["headline"]):
            return number, label["judged"]
    return None, "new"


def check_case(program, labels, keep):
    with tempfile.TemporaryDirectory(prefix="accuracy.", ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        with running(program, folder) as process:
            picture = report(process.pid)
    if keep:
        pathlib.Path(keep).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(keep) / f"{program.name}.json").write_text(json.dumps(picture, indent=1))
    return picture, Verdict(picture, labels)


def line_of(program, picture, verdict):
    symbols = sum(one["symbols"] in ("full", "debug-file", "minidebug") for one in picture["objects"])
    judged = collections.Counter()
    for (_, judgement), count in verdict.counts.items():
        judged[judgement] += count
    counts = "  ".join(f"{word} {judged[word]}" for word in JUDGEMENTS)
    folded = ""
    if verdict.folded:
        sample = ", ".join(f"{count} {word}" for word, count in sorted(verdict.sampled.items()))
        folded = f"  folded {verdict.folded} (sample: {sample or 'none'})"
    return (f"{program.name:18} {len(picture['objects']):3} objects, {symbols:3} with symbols  "
            f"rows {len(verdict.rows):2}  {counts}  new {len(verdict.new)}  gone {len(verdict.gone)}{folded}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", help="write the figures there, too")
    parser.add_argument("--keep", metavar="DIR", help="keep the reports there")
    parser.add_argument("--rows", action="store_true", help="print every row with its judgement")
    parser.add_argument("--packages", action="store_true", help="print the packages the cases come from, and end")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only these")
    options = parser.parse_args()
    known = [program.name for program in cases.CASES]
    for name in options.cases:
        if name not in known:
            parser.error(f"no case {name}; there are {' '.join(known)}")
    return options


def show(options, verdict):
    for judged, finding in verdict.rows:
        if options.rows or judged in ("new", "false"):
            print(f"    {judged:9} {finding['severity']:7} {finding['rule']} {finding['headline'][:200]}")
    for label in verdict.gone:
        print(f"    gone      {label['rule']} {label['says']}")


def main():
    options = parse()
    if options.packages:
        print("\n".join(f"{program.name}: {program.packages}" for program in cases.CASES))
        return 0
    labels = json.loads((HERE / "labels.json").read_text())
    total = {False: collections.Counter(), True: collections.Counter()}  # by whether it is one of UNSEEN
    skipped, figures = [], []
    bad = new = 0
    for program in cases.CASES:
        if options.cases and program.name not in options.cases:
            continue
        try:
            picture, verdict = check_case(program, labels.get(program.name, {}), options.keep)
        except (cases.Missing, check_bindings.Failed, Failed) as reason:
            skipped.append(program.name)
            print(f"{program.name:18} SKIP {reason} (packages {program.packages})", flush=True)
            continue
        print(line_of(program, picture, verdict), flush=True)
        show(options, verdict)
        total[program in cases.UNSEEN].update(verdict.counts)
        bad, new = bad + len(verdict.bad), new + len(verdict.new)
        figures.append({"case": program.name, "unseen": program in cases.UNSEEN,
                        "objects": len(picture["objects"]), "new": len(verdict.new),
                        "gone": len(verdict.gone), "folded": verdict.folded,
                        "rows": [{"severity": severity, "judged": judged, "count": count}
                                 for (severity, judged), count in sorted(verdict.counts.items())]})
    return conclude(options, figures, total, skipped, bad, new)


def show_total(title, counts):
    rows = sum(counts.values())
    print(f"{title}: {rows} rows\n{'':8} " + " ".join(f"{word:>9}" for word in (*JUDGEMENTS, "new")))
    for severity in ("error", "warning", "note"):
        print(f"{severity:8} " + " ".join(f"{counts[severity, word]:9}" for word in (*JUDGEMENTS, "new")))


def conclude(options, figures, total, skipped, bad, new):
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"cases": figures, "skipped": skipped}, indent=2))
    if not figures:
        print("nothing could be tried")
        return 2
    print(f"\n{len(figures)} cases, {len(skipped)} skipped")
    for is_unseen, counts in total.items():
        show_total("cases that no rule was changed for" if is_unseen else "cases that rules were mended on", counts)
    print(f"false at error {bad}; not judged {new}")
    return 1 if bad or new else 0


if __name__ == "__main__":
    sys.exit(main())

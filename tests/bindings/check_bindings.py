#!/usr/bin/env python3
"""The oracle of bindings: on real programs, what polyton says each reference was bound to is what the loader says.

Each program is started twice, with lazy and with immediate binding (LD_BIND_NOW), with the loader's log on. When it
has come to rest it is stopped, and every reference to a symbol that its objects' files make is compared: with the
log's word for it, with what polyton read from the process ("provider"), and with what polyton finds by the rules of
the look-up alone ("expected"). All three have to agree, for every one. A lazily bound call that has not been made yet
has no word; the run with LD_BIND_NOW says what it would find.

usage: check_bindings.py [--lazy | --now] [--json FILE] [--keep DIR] [--shown N] [PROGRAM...]
       check_bindings.py --packages

Exit status: 0 all agree, 1 some do not (the first of them are printed), 2 could not be tried.
"""

import argparse
import collections
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import compare  # noqa: E402
import debuglog  # noqa: E402
import programs  # noqa: E402

POLYTON = os.environ.get("POLYTON") or str(ROOT / "build/polyton")
SHOWN = 8           # differences per program
QUIET = 0.7         # seconds without a line in the log: it has come to rest
PATIENCE = 90       # seconds until it must have


class Failed(Exception):
    pass


class Subject:
    """A program that runs with the loader's log on, and is then stopped.

    It has come to rest when it has written a line that begins with @ready, or else when files of the names @maps are
    mapped and the log is quiet.
    """

    def __init__(self, command, folder, is_now, input_text="", env=None, maps=(), ready=""):
        self.program, self.maps, self.ready = str(command[0]), maps, ready
        self.log_name, self.output = folder / "loader", folder / "output"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LD_")}
        environment |= {"LD_DEBUG": debuglog.CATEGORIES, "LD_DEBUG_OUTPUT": str(self.log_name), "LC_ALL": "C.UTF-8",
                        "HOME": str(folder), **(env or {}), **({"LD_BIND_NOW": "1"} if is_now else {})}
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=output,
                                            stderr=output, env=environment, cwd=folder, start_new_session=True)
        self.pid = self.process.pid
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(input_text.encode())
            self.process.stdin.flush()

    @property
    def log(self):
        return pathlib.Path(f"{self.log_name}.{self.pid}")

    def said(self):
        return self.output.read_text(errors="replace")

    def wait_at_rest(self):
        deadline, since, size = time.monotonic() + PATIENCE, time.monotonic(), -1
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failed(f"it ended, status {self.process.returncode}: {self.said().strip()[-200:]}")
            now = self.log.stat().st_size if self.log.exists() else -1
            if now != size:
                size, since = now, time.monotonic()
            if self.ready:
                if any(line.startswith(self.ready) for line in self.said().splitlines()):
                    return
            elif size >= 0 and time.monotonic() - since >= QUIET and not self.missing_maps():
                return
            time.sleep(0.02)
        lacking = ", ".join(self.missing_maps()) or self.ready or "a pause"
        raise Failed(f"not at rest in {PATIENCE} s: without {lacking}")

    def missing_maps(self):
        maps = pathlib.Path(f"/proc/{self.pid}/maps").read_text(errors="replace")
        return [name for name in self.maps if name not in maps]

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            states = {path.read_text().rsplit(")", 1)[1].split()[0]
                      for path in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat")}
            if states <= {"T"}:
                return
            time.sleep(0.01)
        raise Failed("it does not stop")

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


def ask_polyton(*arguments):
    done = subprocess.run([POLYTON, *map(str, arguments), "--format", "json"], capture_output=True, text=True,
                          errors="surrogateescape", timeout=300, check=False)
    if done.returncode not in (0, 1, 3):
        raise Failed(f"polyton {arguments[0]}: exit {done.returncode}: {done.stderr.strip()[:300]}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def frozen(command, folder, is_now, **options):
    """The program at rest and stopped, with its log read: a compare.Process, and polyton's rows about it."""
    subject = Subject(command, folder, is_now, **options)
    try:
        subject.wait_at_rest()
        subject.freeze()
        log = debuglog.DebugLog(subject.log.read_text(errors="replace"), subject.pid)
        objects = ask_polyton("objects", subject.pid)["objects"]
        rows = ask_polyton("bindings", subject.pid)["bindings"]
        yield compare.Process(subject.pid, subject.program, objects, log), rows
    finally:
        subject.end()


@contextlib.contextmanager
def display():
    """An X server without a screen; yields the environment that names it."""
    server = shutil.which("Xvfb")
    if not server:
        raise programs.Missing("no Xvfb")
    process = subprocess.Popen([server, "-displayfd", "1", "-nolisten", "tcp"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        number = process.stdout.readline().strip()
        if not number:
            raise programs.Missing("Xvfb does not start")
        yield {"DISPLAY": f":{number}"}
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def check_program(program, is_now, keep):
    """Run it and compare; a compare.Tally."""
    with contextlib.ExitStack() as stack:
        name = f"{program.name}-{'now' if is_now else 'lazy'}"
        if keep:
            folder = pathlib.Path(keep).absolute() / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        else:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bindings.")))
            folder.chmod(0o755)
        env = dict(program.env)
        if program.needs_display:
            env.update(stack.enter_context(display()))
        command = program.command(folder)
        process, rows = stack.enter_context(
            frozen(command, folder, is_now, input_text=program.input, env=env, maps=program.maps))
        return compare.compare(process, rows)


def line_of(name, mode, tally):
    counts = "  ".join(f"{kind} {tally.agreeing[kind]}/{tally.total[kind] - tally.pending[kind]}"
                       for kind in compare.KINDS if tally.total[kind])
    return (f"{name:20} {mode:4}  {tally.objects:3} objects  {sum(tally.total.values()):6} references  {counts}  "
            f"pending {sum(tally.pending.values())}  {len(tally.differences)} differing")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--lazy", action="store_true", help="without LD_BIND_NOW only")
    mode.add_argument("--now", action="store_true", help="with LD_BIND_NOW only")
    parser.add_argument("--json", help="write the figures there, too")
    parser.add_argument("--keep", metavar="DIR", help="keep the logs there")
    parser.add_argument("--shown", type=int, default=SHOWN, help="how many differences of each (default %(default)s)")
    parser.add_argument("--packages", action="store_true", help="print the packages the programs come from, and end")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="only these")
    options = parser.parse_args()
    known = [program.name for program in programs.PROGRAMS]
    for name in options.programs:
        if name not in known:
            parser.error(f"no program {name}; there are {' '.join(known)}")
    return options


def main():
    options = parse()
    if options.packages:
        print(" ".join(sorted({word for program in programs.PROGRAMS for word in program.packages.split()})))
        return 0
    figures, skipped, differing = [], [], 0
    chosen = [one for one in programs.PROGRAMS if not options.programs or one.name in options.programs]
    modes = [False] * (not options.now) + [True] * (not options.lazy)
    for program, is_now in itertools.product(chosen, modes):
        if program.closes_log and not is_now:
            continue
        mode = "now" if is_now else "lazy"
        try:
            tally = check_program(program, is_now, options.keep)
        except (programs.Missing, Failed) as reason:
            skipped.append((program.name, mode, str(reason)))
            print(f"{program.name:20} {mode:4}  SKIP {reason} (packages {program.packages})", flush=True)
            continue
        print(line_of(program.name, mode, tally), flush=True)
        for difference in tally.differences[:options.shown]:
            print(f"    {difference}")
        if len(tally.differences) > options.shown:
            print(f"    and {len(tally.differences) - options.shown} more")
        for unseen in tally.unseen:
            print(f"    not compared: {unseen}")
        differing += len(tally.differences)
        figures.append({"program": program.name, "mode": mode, "objects": tally.objects, "total": tally.total,
                        "agreeing": tally.agreeing, "pending": tally.pending, "ambiguous": tally.ambiguous,
                        "computed": tally.computed, "differing": len(tally.differences)})
    return conclude(options, figures, skipped, differing)


def conclude(options, figures, skipped, differing):
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"programs": figures, "skipped": skipped}, indent=2))
    if not figures:
        print("no program could be looked at")
        return 2
    computed = sum((one["computed"] for one in figures), collections.Counter())
    references = sum(sum(one["total"].values()) for one in figures)
    largest = max(figures, key=lambda one: sum(one["total"].values()))
    print(f"{len({one['program'] for one in figures})} programs, {len(figures)} processes, {references} references, "
          f"{sum(sum(one['pending'].values()) for one in figures)} calls not made yet, "
          f"computed: {', '.join(f'{kind} {count}' for kind, count in computed.items() if count) or 'none'}; "
          f"{sum(one['ambiguous'] for one in figures)} with lines of dlsym() among theirs; "
          f"{differing} differing; {len(skipped)} skipped")
    print(f"most references: {largest['program']}, {sum(largest['total'].values())}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

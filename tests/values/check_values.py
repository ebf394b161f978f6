#!/usr/bin/env python3
"""The oracle of values: what the programs of fixtures/14_values print of their own variables is what GDB prints.

While each program waits, GDB prints every variable, in two of its own layouts. All are turned into the words of
fixtures/14_values/README (normalise.py) and have to be equal, but for the variables that expected.json names with the
reason why GDB cannot show them: there the program alone is right.

With --by, what COMMAND prints is held against the programs, too: it is called with the program's path and its PID, the
names are lines of its standard input, and it prints a line "value NAME TEXT" for each, TEXT in its own spelling. The
program then runs with its twin preloaded, so that each variable exists twice. by_polyton.py is such a COMMAND.

usage: check_values.py [--list] [--by COMMAND] [PROGRAM...]

Exit status: 0 all agree, 1 some do not (they are printed), 2 could not be tried.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

from normalise import canonical, normalise  # noqa: E402

FIXTURES = pathlib.Path(os.environ.get("POLYTON_FIXTURES") or ROOT / "build/fixtures") / "14_values"
EXPECTED = json.loads((ROOT / "fixtures/14_values/expected.json").read_text())
LANGUAGES = {"c": "c", "cpp": "c++", "rs": "rust"}
COMMON = ["set pagination off", "set width 0", "set print elements unlimited", "set print null-stop on",
          "set print static-members off", "set print object off"]
LAYOUTS = {
    "flat": ["set print pretty off", "set print repeats 10", "set print symbol on"],
    "pretty": ["set print pretty on", "set print repeats unlimited", "set print symbol on"],
}
PATIENCE = 60
VALUE = re.compile(r"value (\S+) (.*)")


class Program:
    """One of the fixture's programs while it waits, with what it has said."""

    def __init__(self, path, has_twin=False):
        self.path = path
        self.language = path.name.split("_")[0]
        preload = {"LD_PRELOAD": f"{path.parent}/twins/{path.name}.so"} if has_twin else {}
        self.process = subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **preload})
        self.values = {}
        for line in self.process.stdout:
            if line.startswith("ready "):
                break
            match = VALUE.fullmatch(line.rstrip("\n"))
            self.values[match[1]] = canonical(match[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def rules(self):
        rules = dict(EXPECTED[self.language])
        for key in ("silent", "polyton"):
            rules[key] = dict(rules[key])
            for variant, names in rules.pop(f"{key}_in", {}).items():
                if variant in self.path.name.split("_"):
                    rules[key].update(names)
        return rules


def rust_printers():
    """Commands that load the printers that come with Rust."""
    rustc = os.environ.get("RUSTC") or shutil.which("rustc")
    if not rustc:
        return []
    root = subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True).stdout.strip()
    script = pathlib.Path(root, "lib/rustlib/etc/gdb_load_rust_pretty_printers.py")
    if not script.exists():
        return []
    return [f"python import sys; sys.path.insert(0, {str(script.parent)!r})", f"source {script}"]


def ask_gdb(program, layout):
    """{name: what GDB prints}; a variable that it has no value for is missing."""
    rules = program.rules()
    prefix = "values::" if program.language == "rs" else ""
    commands = COMMON + LAYOUTS[layout] + [f"set language {LANGUAGES[program.language]}"]
    if program.language == "rs":
        commands += rust_printers()
    # A language that is set before attaching is changed by it.
    commands = [f"attach {program.process.pid}"] + commands
    for name in program.values:
        commands += [f"echo @@{name}\\n", f"print {prefix}{rules['expressions'].get(name, name)}"]
        if name in rules["pointees"]:
            commands += [f"echo @@*{name}\\n", f"print {rules['pointees'][name]}"]
    line = ["gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set confirm off"]
    for command in commands:
        line += ["-ex", command]
    done = subprocess.run(line + [str(program.path)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if "@@" not in done.stdout:
        raise OSError(f"gdb says nothing: {done.stderr.strip()[-300:]}")
    values = {}
    for part in done.stdout.split("@@")[1:]:
        name, _, printed = part.partition("\n")
        match = re.match(r"\$\d+ = (.*?)(?:\n\[Inferior|\Z)", printed.strip(), re.DOTALL)
        if match:
            values[name] = match[1].strip()
    return values


def ask_other(command, program):
    """The same of the program @command."""
    done = subprocess.run([command, str(program.path), str(program.process.pid)], text=True, stdout=subprocess.PIPE,
                          input="".join(f"{name}\n" for name in program.values), timeout=PATIENCE)
    if done.returncode:
        raise OSError(f"{command}: exit status {done.returncode}")
    return dict(match.groups() for match in map(VALUE.fullmatch, done.stdout.splitlines()) if match)


def compare(program, values, is_gdb):
    """(name, what it should be, what is said) of each variable that differs; and how many agree."""
    rules, wrong, same = program.rules(), [], 0
    excused = rules["silent" if is_gdb else "polyton"]
    for name, wanted in program.values.items():
        if is_gdb and name in rules["wrong"] or name in rules["gone"] and name not in values:
            continue
        if is_gdb:
            wanted = wanted.removeprefix("alive ")
        said = values.get(name)
        words = "(no value)" if said is None else normalise(said)
        if f"*{name}" in values:
            words = re.sub(r"pointer|&\w+", normalise(values[f"*{name}"]), words)
        if words == wanted:
            same += 1
        elif name not in excused:
            wrong.append((name, wanted, f"{words}    from: {said}"))
    return wrong, same


def judge(program, teller, values):
    """Print how far @values agree; whether all do."""
    wrong, same = compare(program, values, teller.startswith("gdb "))
    print(f"{program.path.name}, {teller}: {same} of {len(program.values)} agree, {len(wrong)} differ")
    for name, wanted, words in wrong:
        print(f"  {name}\n    program  {wanted}\n    {teller}  {words}")
    return not wrong and same > 0


def check(path, options):
    """Whether the program and GDB (and the other one) agree."""
    with Program(path) as program:
        if options.list:
            for name, value in program.values.items():
                print(f"{path.name}: {name}: {value}")
            return True
        is_fine = all([judge(program, f"gdb {layout}", ask_gdb(program, layout)) for layout in LAYOUTS])
    if options.by:
        with Program(path, has_twin=True) as program:
            is_fine &= judge(program, os.path.basename(options.by), ask_other(options.by, program))
    return is_fine


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print what the programs say, and do not ask GDB")
    parser.add_argument("--by", metavar="COMMAND", help="what else to hold against the programs")
    parser.add_argument("programs", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    programs = options.programs or sorted(path for path in FIXTURES.glob("*_*") if os.access(path, os.X_OK))
    if not programs:
        print(f"no programs in {FIXTURES}: run make fixtures", file=sys.stderr)
        return 2
    try:
        return 0 if all([check(path.absolute(), options) for path in programs]) else 1
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

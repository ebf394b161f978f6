#!/usr/bin/env python3
"""What polyton shows of a program of fixtures/14_values, for check_values.py --by.

Polyton lists what exists more than once, so the program has to run with its twin preloaded.

usage: by_polyton.py PROGRAM PID < NAMES
"""

import json
import os
import pathlib
import subprocess
import sys

POLYTON = os.environ.get("POLYTON") or pathlib.Path(__file__).resolve().parents[2] / "build/polyton"
PATIENCE = 60


def polyton_name(language, name):
    """The program's name of a variable as polyton has it: with the crate, and in C without the function."""
    return {"rs": f"values::{name}", "c": name.split("::")[-1]}.get(language, name)


def own_copies(report, program):
    """{name: (copy, cell or None)} of the object @program, thread-locals in the main thread."""
    pid = report["subject"]["pid"]
    copies = {}
    for row in report["singletons"]:
        for copy in row["copies"]:
            if copy["object"] == program:
                cell = next((cell for cell in copy["cells"] if cell["tid"] in (None, pid)), None)
                copies[row["name"].replace("[abi:cxx11]", "")] = copy, cell
    return copies


def look(pid):
    done = subprocess.run([POLYTON, "report", str(pid), "--all", "--format", "json"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, timeout=PATIENCE)
    return json.loads(done.stdout)


def main():
    program = pathlib.Path(sys.argv[1]).name
    copies = own_copies(look(sys.argv[2]), program)
    for name in sys.stdin.read().splitlines():
        _, cell = copies.get(polyton_name(program.split("_")[0], name), (None, None))
        if cell and cell["value"]:
            print(f"value {name} {cell['value']['text']}")


if __name__ == "__main__":
    main()

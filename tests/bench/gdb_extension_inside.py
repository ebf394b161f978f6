"""Run by GDB (-x): how long the extension takes for its report, and for every cell's bytes; as JSON on the last line.

Environment: EXTENSION (the file to source), RUNS.
"""

import json
import os
import time

import gdb  # pylint: disable=import-error

gdb.execute(f"source {os.environ['EXTENSION']}")
from polyton_gdb import session  # pylint: disable=import-error,wrong-import-position


def report():
    """The text of the report, as the command prints it."""
    return gdb.execute("polyton report", to_string=True)


def cells():
    """The report with its data, and of each cell the bytes, as text and as data: the words of the library."""
    with session.picture(session.WORDS) as picture:
        picture.text("report")
        return picture.json("show", name="cell")


def timed(function):
    begin = time.perf_counter()
    result = function()
    return (time.perf_counter() - begin) * 1000, result


first, text = timed(report)
assert "exists 3 times" in text, text
told = {"first": first, "report": [], "cells": []}
for _ in range(int(os.environ["RUNS"])):
    told["report"].append(timed(report)[0])
    milliseconds, shown = timed(cells)
    told["cells"].append(milliseconds)
    told["count"] = sum(len(copy["cells"]) for row in shown["singletons"] for copy in row["copies"])
    told["bytes"] = all(cell["value"]["bytes"] for row in shown["singletons"] for copy in row["copies"]
                        for cell in copy["cells"])
print(json.dumps(told))

"""Ctrl-C that GDB does not hear.

While GDB looks for a pretty printer, and while one runs, it takes a Ctrl-C for an error of the printer: it complains and
writes the value without. Then the command that was to end goes on. So what it complains of is listened to.
"""

import gdb  # pylint: disable=import-error

SWALLOWED = "KeyboardInterrupt"

_work = []


def hear(function):
    """What @function returns. A Ctrl-C that came meanwhile is raised, also if GDB has swallowed it."""
    outcome = {}

    def run():
        try:
            outcome["result"] = function()
        except BaseException as error:  # pylint: disable=broad-except
            outcome["error"] = error

    _work.append(run)
    try:
        noise = gdb.execute(f"python import {__name__} as hearing; hearing.do_work()", to_string=True)
    except gdb.error:  # nothing else makes these two lines fail
        raise KeyboardInterrupt from None
    finally:
        _work.pop()
    if SWALLOWED in noise:
        raise KeyboardInterrupt
    if noise:
        gdb.write(noise, gdb.STDERR)
    if "error" in outcome:
        raise outcome["error"]
    if "result" not in outcome:  # it came before the first line of ours
        raise KeyboardInterrupt
    return outcome["result"]


def do_work():
    _work[-1]()

"""Run by GDB (-x): carries out what ASKED holds and writes the answers where ANSWERS says, as JSON.

ASKED is a JSON list of steps; each step is a GDB command, or Python code after "py ", whose value is the answer. An answer
is {"step", "text", "error", "milliseconds"}: `error` is null or what GDB would have printed.
"""

import json
import os
import time

import gdb  # pylint: disable=import-error


def objfile(name):
    """GDB's file of that base name."""
    return next(one for one in gdb.objfiles() if os.path.basename(one.filename or "") == name)


def thread(tid):
    """Select the thread of that number, as the system numbers it."""
    next(one for one in gdb.selected_inferior().threads() if one.ptid[1] == tid).switch()


def value(name, variable):
    """What GDB's own lookup in one object's symbols gives, and where."""
    symbol = objfile(name).lookup_static_symbol(variable) or objfile(name).lookup_global_symbol(variable)
    found = symbol.value()
    return [found.format_string(styling=False), None if found.is_optimized_out else int(found.address)]


def picture(view, name=None):
    """What the extension shows, as data."""
    from polyton_gdb import session  # pylint: disable=import-error,import-outside-toplevel
    with session.picture(session.ALL_TYPED) as snapshot:
        return snapshot.json(view, **({"name": name} if name else {"show_all": True}))


def carry_out(step):
    answer = {"step": step, "text": None, "error": None}
    begin = time.perf_counter()
    try:
        if step.startswith("py "):
            answer["text"] = eval(step[3:])  # pylint: disable=eval-used
        else:
            answer["text"] = gdb.execute(step, to_string=True)
    except BaseException as error:  # pylint: disable=broad-except
        answer["error"] = f"{type(error).__name__}: {error}"
    answer["milliseconds"] = (time.perf_counter() - begin) * 1000
    return answer


def main():
    with open(os.environ["ASKED"], encoding="utf-8") as asked:
        answers = [carry_out(step) for step in json.load(asked)]
    with open(os.environ["ANSWERS"], "w", encoding="utf-8") as out:
        json.dump(answers, out)


main()

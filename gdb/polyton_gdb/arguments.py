"""What stands behind a command: -options, then one operand, which is all the rest.

Names and patterns hold blanks, backslashes, quotes and brackets, so the operand is taken as it is, but for quotes around all
of it. Options may also follow it.
"""

import re

import gdb

WORD = re.compile(r"\s*(\S+)")
LATER = re.compile(r"\s(-[A-Za-z].*)$")


class Options(dict):
    """The options that were given: {"all": True, "thread": "2"}."""


def parse(command, argument, flags=(), values=()):
    """(Options, operand) of a command that takes -FLAG and -VALUE X."""
    options, rest = Options(), argument.strip()
    rest = _take(command, rest, options, flags, values)
    if not rest.startswith("-- "):
        later = LATER.search(rest)
        if later:
            left = _take(command, later[1], options, flags, values)
            if left:
                raise gdb.GdbError(f"{command}: \"{left}\" stands behind the options")
            rest = rest[:later.start()]
    else:
        rest = rest[len("-- "):]
    return options, _unquote(rest.strip())


def _take(command, rest, options, flags, values):
    """Take options from the front; what is left."""
    while re.match(r"-[A-Za-z]", rest):
        word = WORD.match(rest)
        rest = rest[word.end():].lstrip()
        name = _complete(command, word[1][1:], (*flags, *values))
        options[name] = True
        if name in values:
            value = WORD.match(rest)
            if not value:
                raise gdb.GdbError(f"{command}: -{name} needs an argument")
            options[name] = value[1]
            rest = rest[value.end():].lstrip()
    return rest


def _complete(command, word, known):
    """An option may be shortened, as GDB's own are."""
    found = [word] if word in known else [name for name in known if name.startswith(word)]
    if len(found) == 1:
        return found[0]
    takes = ", ".join(f"-{name}" for name in known)
    what = "could be several" if found else "is not one of its options"
    raise gdb.GdbError(f"{command}: -{word} {what}: {takes}" if takes else f"{command}: takes no options, not -{word}")


def _unquote(text):
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[0] not in text[1:-1]:
        return text[1:-1]
    return text


def none(command, operand):
    if operand:
        raise gdb.GdbError(f"{command}: takes no argument, not \"{operand}\"")


def need(command, operand, what):
    if not operand:
        raise gdb.GdbError(f"{command}: {what} is missing")
    return operand


def thread_ids(text, inferior):
    """The tids of a list of GDB's threads: "2", "1,4-6", "1.2", "." for the selected one."""
    known = {thread.num: thread.ptid[1] or thread.ptid[2] for thread in inferior.threads()}
    tids = []
    for part in text.split(","):
        numbers = _numbers(part.strip(), inferior)
        for number in numbers:
            if number not in known:
                raise gdb.GdbError(f"polyton: there is no thread {number} (see \"info threads\")")
            tids.append(known[number])
    return tids


def _numbers(part, inferior):
    if part == ".":
        selected = gdb.selected_thread()
        if not selected:
            raise gdb.GdbError("polyton: no thread is selected")
        return [selected.num]
    if part.startswith("$"):
        return [int(gdb.parse_and_eval(part))]
    own = re.fullmatch(r"(?:(\d+)\.)?(\d+)(?:-(\d+))?", part)
    if not own or (own[1] and int(own[1]) != inferior.num):
        raise gdb.GdbError(f"polyton: \"{part}\" is no thread of this inferior: give numbers of \"info threads\", like "
                           "2, 1,4-6, or . for the selected one")
    return range(int(own[2]), int(own[3] or own[2]) + 1)

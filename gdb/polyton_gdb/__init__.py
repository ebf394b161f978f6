"""polyton in GDB: every copy of a variable that a program has more than once, where GDB knows one."""

from . import catching, commands, completion, events, functions, mi, outcome, parameters, session, watching


def register():
    """Everything that GDB's user can see. What is there already is replaced."""
    for part in (parameters, commands, outcome, functions, watching, catching, events, mi):
        part.register()


def unregister():
    """Before it is loaded again: nothing is left that would be called."""
    session.forget()
    completion.forget()


register()

"""polyton in GDB: every copy of a variable that a program has more than once, where GDB knows one."""

from . import commands


def register():
    commands.register()


register()

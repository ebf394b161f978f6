"""Text for GDB's user, in GDB's way."""

import gdb


def say(text):
    """To GDB's output, which pages it; what the host's character set does not have is shown as escapes."""
    try:
        gdb.write(text)
    except UnicodeError:
        gdb.write(text.encode("ascii", "backslashreplace").decode())


def looks():
    """How views are laid out: as wide as GDB's screen, in colours if GDB uses them."""
    return {"columns": gdb.parameter("width") or 0, "use_color": bool(gdb.parameter("style enabled"))}

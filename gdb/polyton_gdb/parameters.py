"""set|show polyton ..."""

import gdb


def library():
    return ""

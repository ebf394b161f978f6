"""polyton's commands in GDB say what polyton says of the process itself."""

import re
import signal

import pytest

from conftest import stand_still

VARIES = re.compile(r"\((pid \d+)[^)]*\)")


def body(text):
    """Without the line about the subject and what GDB says before."""
    text = text[text.index(" (pid "):]
    return text.split("\n", 1)[1].split("\n[Inferior ", 1)[0].rstrip("\n")


@pytest.mark.parametrize("name", ["report", "show CONTEXT", "objects", "threads", "tls"])
def test_says_what_the_process_says(name, host_01, polyton, run_gdb):
    stand_still(host_01.pid)
    outside = polyton(*name.split(), host_01.pid).stdout
    # GDB's own printers write values in another way.
    inside = run_gdb(f"polyton {name.replace('show', 'show -library')}", pid=host_01.pid)
    assert body(inside) == body(outside)
    assert f"host (pid {host_01.pid} in a debugger): x86_64" in inside

"""Loads the polyton extension into GDB: (gdb) source /path/to/polyton-gdb.py

Sourcing it again loads what changed. `python import polyton_gdb` does the same for whoever has this folder in PYTHONPATH.
"""

import os
import sys

folder = os.path.dirname(os.path.realpath(os.path.expanduser((lambda: 0).__code__.co_filename)))
if folder not in sys.path:
    sys.path.insert(0, folder)
for name in [name for name in sys.modules if name.split(".")[0] == "polyton_gdb"]:
    sys.modules[name].__dict__.get("unregister", lambda: None)()
    del sys.modules[name]
import polyton_gdb  # pylint: disable=wrong-import-position,unused-import

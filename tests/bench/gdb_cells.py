"""Run by GDB in `make bench`: read every thread's copy of `cell` in three objects, as polyton does."""

import os

import gdb

OBJECTS = ("many", "libmany_one.so", "libmany_two.so")

symbols = []
for objfile in gdb.objfiles():
    if os.path.basename(objfile.filename) in OBJECTS:
        symbols.append(objfile.lookup_global_symbol("cell"))

cells = 0
for thread in gdb.selected_inferior().threads():
    thread.switch()
    frame = gdb.selected_frame()
    for symbol in symbols:
        value = symbol.value(frame)
        if int(value["address"]) == int(value.address):
            cells += 1
print("cells", cells)

"""Programs that do what they are told while polyton looks at them: stage.c, compiled once as a program and as many
times as wanted as a library. All of them have the thread-local stage_local and the static stage_count; those of the
program, hidden ones, are taken for other variables when there are only two.

The program, stage, loads the libraries it is started with, prints "ready PID", and then obeys lines, each of which it
answers with "done":
  set N            the first library's copies become N in the main thread
  all N            so do those of the others, and its own
  threads N NAME   N further threads of that name, which have set all copies
  idle N NAME      the same, but they have touched none
  end              the last thread that was started ends
  load PATH, unload
"""

import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).with_name("stage.c")


def build(folder, parts=2, is_wide=False, compiler="cc"):
    """Compile into @folder; the program and its libraries. @is_wide: with fifty further variables."""
    folder = pathlib.Path(folder)
    flags = [compiler, "-D_GNU_SOURCE", "-Wall", "-g", "-O1", "-pthread", *(["-DSTAGE_WIDE"] if is_wide else [])]
    program, part = folder / "stage", folder / "part.o"
    subprocess.run([*flags, "-DSTAGE_PROGRAM", '-DSTAGE_VISIBILITY="hidden"', "-o", program, SOURCE, "-ldl"],
                   check=True)
    subprocess.run([*flags, "-fPIC", '-DSTAGE_VISIBILITY="default"', "-c", "-o", part, SOURCE], check=True)
    libraries = []
    for number in range(parts):
        name = f"lib{chr(ord('a') + number)}part.so"
        subprocess.run([*flags, "-shared", f"-Wl,-soname,{name}", "-o", folder / name, part], check=True)
        libraries.append(folder / name)
    return program, libraries

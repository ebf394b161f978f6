"""The session of docs/gdb.md is what GDB prints, and polyton-gdb(7) has all commands, options and parameters."""

import re

from conftest import ROOT, marked

GUIDE, MANUAL = ROOT / "docs/gdb.md", ROOT / "docs/polyton-gdb.7"
# Of no two runs the same.
VARIES = [(re.compile(r"0x[0-9a-f]+"), "ADDRESS"), (re.compile(r"\(pid \d+ "), "(pid N "), (re.compile(r"^ *\d{2,7}  "), "TID "),
          (re.compile(r"LWP \d+"), "LWP N"),
          (re.compile(r"glibc [0-9.]+"), "glibc N"), (re.compile(r"polyton [0-9.]+ \([a-z ]*\)"), "polyton N"),
          (re.compile(r" +"), " ")]
ELLIPSIS = "..."


def plain(line):
    for pattern, name in VARIES:
        line = pattern.sub(name, line)
    return line.strip()


def session():
    """[(command, lines that it prints)], in order."""
    steps = []
    is_inside = False
    for line in GUIDE.read_text().splitlines():
        is_command = line.startswith("    (gdb) ")
        if is_command:
            steps.append((line[len("    (gdb) "):], []))
        elif line.startswith("    $ "):
            is_inside = False
            continue
        elif is_inside and (line.startswith("    ") or not line):
            steps[-1][1].append(line[4:])
        is_inside = is_command or (is_inside and (line.startswith("    ") or not line))
    return [(command, "\n".join(lines).rstrip("\n").split("\n") if lines else []) for command, lines in steps]


# What is said where the debug files of the C library are not installed.
STRIPPED = re.compile(r"\nNotes\n  - [^\n]*ld-linux[^\n]*\n?(?: {4}[^\n]*\n)*(?=\n|\[Inferior|$)")


def matches(wanted, printed):
    """Line by line; an ellipsis is any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == ELLIPSIS else re.escape(plain(line)) + r"\n" for line in wanted)
    return re.fullmatch(pattern, "".join(plain(line) + "\n" for line in printed))


def test_session_of_the_guide(host_04, run_gdb, tmp_path):
    steps = session()
    assert len(steps) >= 8
    lines = [command.replace("report.html", str(tmp_path / "report.html")) for command, _ in steps]
    answer = run_gdb("set width 100", *marked(*lines), pid=host_04.pid)
    assert answer.status == 0, answer.errors
    for line, (command, wanted) in zip(lines, steps):
        printed = STRIPPED.sub("", answer.after(f"----- {line}")).split("\n[Inferior ")[0]
        printed = printed.split("[Inferior ")[0].rstrip("\n").split("\n")
        wanted = [text for text in wanted] or [""]
        assert matches(wanted, printed), f"{command} printed\n" + "\n".join(printed)
    assert (tmp_path / "report.html").exists()


def test_manual_has_all_commands(run_gdb):
    manual = re.sub(r"\\&", "", MANUAL.read_text())
    for name in re.findall(r"^(polyton \w+) -- ", run_gdb("help polyton"), re.MULTILINE):
        item = re.search(rf"^\.It Cm {name}(?: duplicate)?\b(.*)$", manual, re.MULTILINE)
        assert item, f"{name} is not in {MANUAL.name}"
        usage = re.search(rf"^Usage: {name}\b(.*)$", run_gdb(f"help {name}"), re.MULTILINE)
        documented = set(re.findall(r"Fl ([a-z-]+)", item[1])) | ({"verbose"} if name.split()[1] in (
            "objects", "threads", "tls") else set())
        assert set(re.findall(r"\[-([a-z-]+)", usage[1] if usage else "")) == documented, name


def test_manual_has_all_parameters(run_gdb):
    manual = MANUAL.read_text()
    names = re.findall(r"^([a-z ]+):  ", run_gdb("show polyton"), re.MULTILINE)
    assert len(names) >= 5
    for name in names:
        assert f".It Cm set polyton {name} " in manual

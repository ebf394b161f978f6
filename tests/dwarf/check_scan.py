#!/usr/bin/env python3
"""The scanner against llvm-dwarfdump: every variable with a place of its own, at the same DIE, with the same value.

Samples in C, C++ and Rust are built by every compiler that is there, in every version of DWARF, and put through what
distributions do with debug info (dwz, compression, splitting, packages). What differs is printed.

usage: check_scan.py SCANNER [FILE...]        SCANNER is tests/bench/dwarf_scan.c, built
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "samples")
DUMP = shutil.which("llvm-dwarfdump") or shutil.which("llvm-dwarfdump-14")

ENTRY = re.compile(r"^(0x[0-9a-f]+): ( *)(DW_TAG_\w+|NULL)")
ATTRIBUTE = re.compile(r"^ +(DW_AT_\w+)\s+\((.*)\)$")
UNIT = re.compile(r"^(0x[0-9a-f]+): .*Unit:? ?(.*)")
STATIC = re.compile(r"^DW_OP_(?P<what>addr|addrx|GNU_addr_index|const[1248]u|constu|constx|GNU_const_index) (?P<value>0x[0-9a-f]+)"
                    r"(?P<tls>, DW_OP_(GNU_push_tls_address|form_tls_address))?(?P<plus>, DW_OP_plus_uconst (?P<more>0x[0-9a-f]+))?$")
# LLVM 14 does not know DW_OP_constx; what it prints instead are the bytes.
CONSTX = re.compile(r"^<decoding error> a2 ([0-7][0-9a-f]) (9b|e0)$")
LITERAL = re.compile(r"^DW_OP_lit(?P<value>\d+), DW_OP_(GNU_push_tls_address|form_tls_address)$")


class Crashed(Exception):
    pass


def run(*command):
    # LLVM 14 fails on some .dwo files of rustc, after it has printed all of their units.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as dump:
        for line in dump.stdout:
            yield line.rstrip("\n")
    if dump.returncode < 0:
        raise Crashed


def address_tables(path):
    """The numbers of .debug_addr by their offset in it."""
    table, base = {}, 0
    for line in run(DUMP, "--debug-addr", path):
        if "ddress table header" in line:
            base += 16 if "DWARF64" in line else 8
        elif re.match(r"^0x[0-9a-f]+$", line):
            table[base] = int(line, 16)
            base += 8
    return table


def number(match, unit, addresses):
    what, value = match["what"], int(match["value"], 16)
    if what not in ("addrx", "GNU_addr_index", "constx", "GNU_const_index"):
        return value
    return addresses.get(unit.get("base", unit["default"]) + 8 * value)


def expected(path, addresses=None, bases=None):
    """DIE offset: (kind, value, name) of what the other reader sees."""
    found, unit, die, entry = {}, {"default": 8}, None, None
    addresses = addresses or (address_tables(path) if b".debug_addr" in open(path, "rb").read() else {})

    def finish():
        if not die or die["tag"] != "DW_TAG_variable":
            return
        location = die.get("DW_AT_location", "")
        location = CONSTX.sub(r"DW_OP_constx 0x\1, DW_OP_form_tls_address", location)
        match, literal = STATIC.match(location), LITERAL.match(location)
        name = die.get("DW_AT_linkage_name") or die.get("DW_AT_MIPS_linkage_name") or die.get("DW_AT_name")
        if literal:
            found[entry] = ("t", int(literal["value"]), name)
        elif match and (match["tls"] or "addr" in match["what"]):
            value = number(match, unit, addresses)
            if value is None:
                found[entry] = ("-", 0, name)
            else:
                found[entry] = ("t" if match["tls"] else "a", value + int(match["more"] or "0", 16), name)

    for line in run(DUMP, "--debug-info", path):
        begin, attribute = ENTRY.match(line), ATTRIBUTE.match(line)
        if begin:
            finish()
            entry, die = int(begin.group(1), 16), {"tag": begin.group(3)}
        elif UNIT.match(line):
            finish()
            die = None
            unit = {"default": 8 if "version = 0x0005" in line else 0}
            if "format = DWARF64" in line and unit["default"]:
                unit["default"] = 16
            id_ = re.search(r"DWO_id = (0x[0-9a-f]+)", line)
            if bases and id_:
                unit["base"] = bases.get(int(id_.group(1), 16))
        elif attribute and die is not None:
            text = attribute.group(2)
            die.setdefault(attribute.group(1), text.strip('"'))
            if attribute.group(1) in ("DW_AT_addr_base", "DW_AT_GNU_addr_base"):
                unit["base"] = int(text, 16)
            if bases and attribute.group(1) == "DW_AT_GNU_dwo_id":
                unit["base"] = bases.get(int(text, 16))
    finish()
    return found


def expected_of_readelf(path):
    """The same of binutils' reader, for what makes LLVM 14 crash (dwz -m); names are left to the other one."""
    found, entry, tag = {}, None, None
    command = ["readelf", "--debug-dump=info", "--debug-dump=no-follow-links", path]
    for line in subprocess.run(command, check=True, capture_output=True, text=True,
                               errors="replace").stdout.splitlines():
        begin = re.match(r"^ <[0-9a-f]+><([0-9a-f]+)>: Abbrev Number: \d+(?: \((\w+)\))?", line)
        if begin:
            entry, tag = int(begin.group(1), 16), begin.group(2)
        match = re.search(r"DW_AT_location +: .*\(DW_OP_(addr|const8u): ([0-9a-f]+)(; DW_OP_[^)]*)?\)", line)
        if not match or tag != "DW_TAG_variable":
            continue
        is_tls = bool(match.group(3)) and "tls_address" in match.group(3)
        if is_tls or not match.group(3):
            found[entry] = ("t" if is_tls else "a", int(match.group(2), 16 if match.group(1) == "addr" else 10), None)
    return found


def skeleton_bases(path):
    bases, id_, base = {}, None, None
    for line in run(DUMP, "--debug-info", path):
        if UNIT.match(line):
            base = 8 if "version = 0x0005" in line else 0
            match = re.search(r"DWO_id = (0x[0-9a-f]+)", line)
            id_ = int(match.group(1), 16) if match else None
        match = ATTRIBUTE.match(line)
        if match and match.group(1) in ("DW_AT_addr_base", "DW_AT_GNU_addr_base"):
            base = int(match.group(2), 16)
        if match and match.group(1) == "DW_AT_GNU_dwo_id":
            id_ = int(match.group(2), 16)
        if id_ is not None:
            bases[id_] = base
    return bases


def scanned(scanner, *paths):
    found, complaint = {}, ""
    done = subprocess.run([scanner, "--list", *paths], check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if line.startswith("import"):
            continue
        die, kind, value, which, name = line.split(" ", 4)
        found[int(die, 16)] = (kind, int(value, 16), which, name.replace(" (dead unit)", ""))
    return found, done.stderr.strip()


def compare(scanner, title, path, other=None):
    addresses = bases = None
    if other and path.endswith((".dwo", ".dwp")):
        addresses, bases = address_tables(other), skeleton_bases(other)
    try:
        theirs = expected(path, addresses, bases)
    except Crashed:
        theirs = expected_of_readelf(path)
    ours, complaint = scanned(scanner, path, *([other] if other else []))
    faults = [complaint] if complaint else []
    for die, (kind, value, name) in theirs.items():
        mine = ours.get(die)
        if not mine or mine[:2] != (kind, value):
            faults.append(f"{die:#x} {name}: {kind} {value:#x} is {mine}")
        elif name and not name.startswith("<") and mine[3] not in (name, "?"):
            faults.append(f"{die:#x}: is called {name}, not {mine[3]}")
    for die, mine in ours.items():
        if mine[0] != "-" and die not in theirs:
            faults.append(f"{die:#x} {mine}: is none")
    nameless = sum(mine[3] == "?" for mine in ours.values())
    more = sum(mine[0] == "-" for mine in ours.values())
    print(f"{'FAULT' if faults else 'ok':6}{title:44}{len(theirs):6} placed{more:6} by name only{nameless:6} nameless", flush=True)
    for fault in faults[:10]:
        print("      ", fault)
    return len(faults)


def build(folder, title, command, sources, suffix=""):
    out = os.path.join(folder, re.sub(r"[^a-z0-9.]+", "_", title) + suffix)
    done = subprocess.run([*command, "-o", out, *sources], capture_output=True, text=True, cwd=folder, check=False)
    if done.returncode:
        print(f"SKIP  {title}: {done.stderr.strip().splitlines()[0] if done.stderr else 'does not build'}")
        return None
    return out


def variants():
    """Title, command, sources."""
    for language, source, compilers in (("c", "one.c", ("gcc", "clang")), ("cc", "two.cc", ("g++", "clang++"))):
        path = os.path.join(SAMPLES, source)
        for compiler in filter(shutil.which, compilers):
            for version in "2345":
                for level in ("-O0", "-O2"):
                    yield f"{compiler} {language} -gdwarf-{version} {level}", [compiler, f"-gdwarf-{version}", level], [path]
            for flags in (["-gdwarf-5", "-gdwarf64"], ["-gdwarf-4", "-gdwarf64"], ["-gdwarf-5", "-flto", "-O2"],
                          ["-gdwarf-4", "-fdebug-types-section"], ["-gdwarf-5", "-fdebug-types-section"], ["-g1"],
                          ["-gdwarf-4", "-gsplit-dwarf"], ["-gdwarf-5", "-gsplit-dwarf"], ["-g", "-gz=zlib"],
                          ["-g", "-fdata-sections", "-ffunction-sections", "-Wl,--gc-sections", "-O2"],
                          ["-g", "-fdata-sections", "-ffunction-sections", "-Wl,--gc-sections", "-fuse-ld=lld"],
                          ["-g", "-fdata-sections", "-ffunction-sections", "-Wl,--gc-sections", "-fuse-ld=gold"]):
                yield f"{compiler} {language} {' '.join(flags)}", [compiler, *flags], [path]
    for rustc in filter(shutil.which, ("rustc", "/usr/bin/rustc", "rustc-1.63")):
        path = os.path.join(SAMPLES, "three.rs")
        for flags in (["-g"], ["-g", "-O"], ["-g", "-C", "dwarf-version=5"], ["-C", "debuginfo=1"],
                      ["-g", "-C", "split-debuginfo=unpacked"], ["-g", "-C", "split-debuginfo=packed"],
                      ["-g", "-C", "lto=fat", "-C", "opt-level=2"]):
            yield f"{rustc} {' '.join(flags)}", [rustc, "--edition", "2021", *flags], [path]


def check_split(scanner, folder, title, path):
    bad = 0
    for name in sorted(os.listdir(folder)):
        if name.endswith(".dwo") or name.endswith(".dwp"):
            bad += compare(scanner, f"{title} {name}", os.path.join(folder, name), path)
    return bad


def check_dwz(scanner, folder, title, path):
    if not shutil.which("dwz"):
        return 0
    once = path + ".dwz"
    if subprocess.run(["dwz", "-o", once, path], capture_output=True, check=False).returncode or not os.path.exists(once):
        return 0
    bad = compare(scanner, f"dwz {title}", once)
    two = [shutil.copy(path, os.path.join(folder, name)) for name in ("first", "second")]
    alternate = os.path.join(folder, "alternate")
    subprocess.run(["dwz", "-m", alternate, *two], capture_output=True, check=False)
    if os.path.exists(alternate):
        bad += compare(scanner, f"dwz -m {title}", two[0], alternate)
        bad += compare(scanner, f"dwz -m alternate of {title}", alternate)
    return bad


def main():
    if len(sys.argv) < 2 or not DUMP:
        sys.exit(__doc__ if DUMP else "SKIP: no llvm-dwarfdump")
    scanner, bad = os.path.abspath(sys.argv[1]), 0
    for path in sys.argv[2:]:
        bad += compare(scanner, os.path.basename(path), path)
    if len(sys.argv) > 2:
        return bad != 0
    for title, command, sources in variants():
        with tempfile.TemporaryDirectory() as folder:
            path = build(folder, title, command, sources)
            if not path:
                continue
            bad += compare(scanner, title, path)
            if "split" in title:
                bad += check_split(scanner, folder, title, path)
                for tool in filter(shutil.which, ("dwp", "llvm-dwp", "llvm-dwp-14")):
                    package = f"{path}.{tool}.dwp"
                    if not subprocess.run([tool, "-e", path, "-o", package], cwd=folder, capture_output=True, check=False).returncode:
                        bad += compare(scanner, f"{title} {tool}", package, path)
            elif "-gz" not in title and "dwarf64" not in title:
                bad += check_dwz(scanner, folder, title, path)
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())

"""What GDB's symbol tables say of one copy: its file, the symbol, and so the type.

GDB's addresses of copies are often another copy's (a data symbol of a library is taken for the program's of the same
name, unique thread-locals are not merged, ...), so none is used here. A type is used only if it is certainly the
copy's own: from a file with the build id of what is loaded, and of a symbol with the declaration that the library
has found, or of that size and name in that file alone.
"""

import os
import re

import gdb  # pylint: disable=import-error

# What compilers and linkers append to the names of what is local: "next.0", "count.lto_priv.1", "….llvm.123".
SUFFIX = re.compile(r"(\.(\d+|lto_priv\.\d+|llvm\.\d+|isra\.\d+|constprop\.\d+))+$")
# Types of C that are the same in each object of a program. GDB knows them by one spelling each before it has read any
# debug info, and parses all of them.
BASIC = re.compile(r"((un)?signed |long |short )*(char|short|int|long)( unsigned)?( int)?|unsigned|float|double|_Bool")
# A function's linetable is walked to find what it has inside; more places than this are not tried.
PLACES_MAX = 20000


def main_objfile(objfile):
    """The file that is loaded: debug info may be in another, whose owner it is."""
    return objfile.owner or objfile


def objfiles():
    """The loaded files that GDB has read symbols of."""
    for objfile in gdb.objfiles():
        # The vdso is no file. Before GDB 13 that cannot be asked.
        if objfile.is_valid() and objfile.owner is None and getattr(objfile, "is_file", True):
            yield objfile


def bare_path(path):
    """A path as the loader has it: GDB may say target:/lib/x.so, or prefix its sysroot."""
    path = path[len("target:"):] if path.startswith("target:") else path
    sysroot = gdb.parameter("sysroot") or ""
    if sysroot.startswith("/") and path.startswith(sysroot.rstrip("/") + "/"):
        path = path[len(sysroot.rstrip("/")):]
    return os.path.normpath(path) if path else ""


def is_same_path(objfile, object_):
    ours, theirs = object_["path"], bare_path(objfile.filename or "")
    return bool(ours) and (bare_path(ours) == theirs or os.path.realpath(ours) == os.path.realpath(theirs))


def objfile_of(object_):
    """(GDB's file of an object, or None; why there is none)"""
    at_path = [objfile for objfile in objfiles() if is_same_path(objfile, object_)]
    if object_["build_id"]:
        same = [objfile for objfile in objfiles() if objfile.build_id == object_["build_id"]]
        # One file may be loaded several times (dlmopen): any of them has the same types.
        for objfile in [objfile for objfile in at_path if objfile in same] + same:
            return objfile, ""
        if at_path:
            return None, (f"GDB has read another file than the one that is loaded for {object_['name']}"
                          f" (build id {at_path[0].build_id or 'none'}; {object_['build_id']} is loaded)")
        return None, f"GDB has no symbols of {object_['name']}"
    if not at_path:
        return None, f"GDB has no symbols of {object_['name']}"
    # Nothing tells that GDB's file is the one that is loaded but that the library has compared that one.
    if object_["file"] != "read" or at_path[0].build_id:
        return None, f"nothing tells that the file GDB has read is the one that is loaded for {object_['name']}"
    return at_path[0], ""


def demangled(symbol):
    """As GDB's demangler writes it, or as it is."""
    language = "rust" if re.match(r"_R|_ZN.*17h[0-9a-f]{16}E", symbol) else "c++"
    if not re.fullmatch(r"_[ZR][\w.$]+", symbol):
        return symbol
    try:
        text = gdb.execute(f"demangle -l {language} -- {SUFFIX.sub('', symbol)}", to_string=True).strip()
    except gdb.error:
        return symbol
    return symbol if text.startswith("Can't demangle") else text


def names_of(symbol):
    """What GDB may call the variable of an ELF symbol, in its tables made of debug info."""
    plain = SUFFIX.sub("", symbol)
    name = demangled(symbol)
    name = re.sub(r"::h[0-9a-f]{16}$", "", name)
    name = re.sub(r"(?<=\w)\[[0-9a-f]+\]", "", name)
    numbered = name.replace("{{constant}}", "{constant#0}").replace("{{closure}}", "{closure#0}")
    # clang calls a function's own static "function.static".
    tail = plain.rpartition(".")[2]
    return list(dict.fromkeys([name, numbered, plain, tail]))


def last_part(name):
    """x of a::b::x and of f(int)::x."""
    return re.sub(r"^.*::", "", name)


def fits(type_, size):
    """Whether a variable of that type has so many bytes: just so many, or more if it ends in a flexible array."""
    if type_.sizeof == size:
        return size > 0
    plain = type_.strip_typedefs()
    fields = plain.fields() if plain.code == gdb.TYPE_CODE_STRUCT else []
    return (bool(fields) and 0 < plain.sizeof < size and fields[-1].type is not None and
            fields[-1].type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY)


def look_up(look, name, *domain):
    """The symbol of that name, or None; GDB finds some names of ours too odd to be looked for."""
    try:
        return look(name, *domain)
    except gdb.error:
        return None


class Finder:
    """Looks for the symbol of one copy in GDB's tables of one file."""

    def __init__(self, copy, objfile):
        self.copy = copy
        self.objfile = objfile
        self.names = names_of(copy["symbol"])
        self.declared = copy.get("declared") or {}

    def is_own(self, symbol):
        """Whether it is this copy's: of this file, and of the same declaration or at the same address."""
        if symbol is None or not symbol.is_variable or symbol.symtab is None:
            return False
        if main_objfile(symbol.symtab.objfile) != self.objfile or symbol.type is None:
            return False
        if not fits(symbol.type, self.copy["size"]):
            return False
        if self.declared.get("line"):
            return (symbol.line == self.declared["line"] and
                    os.path.basename(symbol.symtab.filename) == os.path.basename(self.declared["file"]))
        address = self.address_of(symbol)
        if address is not None and not self.copy["exported"]:
            return address == int(self.copy["address"], 16)
        return self.is_only(symbol)

    def address_of(self, symbol):
        """GDB's address, where it can be compared. Of what is exported it may be that of another object's."""
        if not self.copy["address"] or symbol.addr_class != gdb.SYMBOL_LOC_STATIC:
            return None
        try:
            return int(symbol.value().address)
        except gdb.error:
            return None

    def is_only(self, symbol):
        """No other source file of the object has a variable of that name."""
        return len([one for one in gdb.lookup_static_symbols(symbol.name)
                    if one.symtab and main_objfile(one.symtab.objfile) == self.objfile]) <= 1

    def by_name(self):
        for name in self.names:
            for look in (self.objfile.lookup_global_symbol, self.objfile.lookup_static_symbol):
                symbol = look_up(look, name)
                if self.is_own(symbol):
                    return symbol
            for symbol in look_up(gdb.lookup_static_symbols, name) or ():
                if self.is_own(symbol):
                    return symbol
        return None

    def by_declaration(self):
        """What is in a function has no entry by name: it is in a block of code, near its declaration's line."""
        file = os.path.basename(self.declared.get("file") or "")
        if not self.declared.get("line") or not re.fullmatch(r"[\w.+-]+", file):
            return None
        try:
            _, places = gdb.decode_line(f"{file}:{self.declared['line']}")
        except gdb.error:
            return None
        tables = []
        for place in places or ():
            table = place.symtab
            if table and main_objfile(table.objfile) == self.objfile and table not in tables:
                tables.append(table)
        for table in tables:
            symbol = self.in_table(table, self.declared["line"])
            if symbol:
                return symbol
        return None

    def in_table(self, table, line):
        wanted = {last_part(name) for name in self.names}
        lines = sorted(list(table.linetable() or ())[:PLACES_MAX],
                       key=lambda item: abs(item.line - line))
        seen = set()
        for block in [table.static_block(), table.global_block()] + [gdb.block_for_pc(item.pc) for item in lines]:
            # A file's static block and its global one have the same range.
            while block and (block.start, block.end, block.is_global) not in seen:
                seen.add((block.start, block.end, block.is_global))
                for symbol in block:
                    if last_part(symbol.name) in wanted and self.is_own(symbol):
                        return symbol
                block = block.superblock
        return None

    def type_by_name(self):
        """The type of that name in this file, if it is of this size."""
        text = self.copy.get("type") or ""
        text = re.sub(r"^(const |volatile )*(struct |union |enum |class )?", "", text)
        for domain in (gdb.SYMBOL_STRUCT_DOMAIN, gdb.SYMBOL_VAR_DOMAIN):
            for look in (self.objfile.lookup_static_symbol, self.objfile.lookup_global_symbol):
                symbol = look_up(look, text, domain) if text else None
                if (symbol and symbol.addr_class == gdb.SYMBOL_LOC_TYPEDEF and symbol.type.sizeof == self.copy["size"]
                        and symbol.symtab and main_objfile(symbol.symtab.objfile) == self.objfile):
                    return symbol.type
        if BASIC.fullmatch(text):
            language = gdb.parameter("language")
            try:
                gdb.execute("set language c", to_string=True)
                type_ = gdb.parse_and_eval(f"({text}) 0").type
            except gdb.error:
                return None
            finally:
                gdb.execute(f"set language {language}", to_string=True)
            return type_ if type_.sizeof == self.copy["size"] else None
        return None

    def type(self):
        # Of a name GDB may know a file that merely declares it, until it has read the one that has it: for the line.
        symbol = self.by_name() or self.by_declaration() or self.by_name()
        return symbol.type if symbol else self.type_by_name()

"""The relocations of an ELF file that name a symbol, in the order in which the loader goes through them (x86-64)."""

import dataclasses
import struct

PT_LOAD, PT_DYNAMIC = 1, 2
(DT_PLTRELSZ, DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_JMPREL, DT_VERSYM, DT_VERDEF, DT_VERDEFNUM, DT_VERNEED,
 DT_VERNEEDNUM) = (2, 5, 6, 7, 8, 23, 0x6ffffff0, 0x6ffffffc, 0x6ffffffd, 0x6ffffffe, 0x6fffffff)
STB_LOCAL = 0
STV_DEFAULT, STV_INTERNAL, STV_HIDDEN = 0, 1, 2
VER_FLG_BASE = 1

R_64, R_COPY, R_GLOB_DAT, R_JUMP_SLOT = 1, 5, 6, 7
R_TLS = (16, 17, 18, 36)  # DTPMOD64, DTPOFF64, TPOFF64, TLSDESC


@dataclasses.dataclass
class Relocation:
    offset: int      # of the word, in the file's addresses
    type: int
    index: int       # of the symbol
    symbol: str
    version: str     # "" if it has none
    is_own: bool     # a local or hidden symbol: nothing is looked up
    is_lazy: bool    # a call that may be bound when it is first made
    visibility: int

    @property
    def family(self):
        """What kind of thing is asked for, as far as the relocation tells."""
        if self.type == R_COPY:
            return "copy"
        return "tls" if self.type in R_TLS else "address"

    @property
    def is_reference(self):
        """Fills in a pointer; the others (sizes, distances within code) polyton leaves alone."""
        return self.type in (R_64, R_COPY, R_GLOB_DAT, R_JUMP_SLOT) or self.type in R_TLS

    @property
    def lookup_class(self):
        """glibc, elf_machine_type_class(): what the look-up may not find."""
        if self.type == R_COPY:
            return "copy"
        return "call" if self.type == R_JUMP_SLOT or self.type in R_TLS else "any"


class ElfFile:
    def __init__(self, path):
        with open(path, "rb") as file:
            self._bytes = file.read()
        if self._bytes[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", self._bytes, 18)[0] != 62:
            raise ValueError(f"{path} is no x86-64 ELF file")
        start, = struct.unpack_from("<Q", self._bytes, 32)
        size, count = struct.unpack_from("<HH", self._bytes, 54)
        headers = [struct.unpack_from("<IIQQQQQQ", self._bytes, start + i * size) for i in range(count)]
        self._loads = [header for header in headers if header[0] == PT_LOAD]
        self._tags = {}
        for header in headers:
            if header[0] == PT_DYNAMIC:
                for tag, value in struct.iter_unpack("<QQ", self._bytes[header[2]:header[2] + header[5]]):
                    if not tag:
                        break
                    self._tags.setdefault(tag, value)
        self._versions = self._read_versions()
        self._symbols = {}

    def _at(self, address):
        for _, _, offset, start, _, size, _, _ in self._loads:
            if start <= address < start + size:
                return offset + address - start
        raise ValueError(f"no byte of the file is at {address:#x}")

    def word(self, address):
        """The 8 bytes that the file has for that place."""
        return struct.unpack_from("<Q", self._bytes, self._at(address))[0]

    def _string(self, offset):
        start = self._at(self._tags[DT_STRTAB]) + offset
        return self._bytes[start:self._bytes.index(b"\0", start)].decode(errors="replace")

    def _read_versions(self):
        names = {}
        if DT_VERDEF in self._tags:
            at = self._at(self._tags[DT_VERDEF])
            for _ in range(self._tags[DT_VERDEFNUM]):
                _, flags, index, _, _, aux, following = struct.unpack_from("<HHHHIII", self._bytes, at)
                if not flags & VER_FLG_BASE:
                    names[index & 0x7fff] = self._string(struct.unpack_from("<I", self._bytes, at + aux)[0])
                at += following
        if DT_VERNEED in self._tags:
            at = self._at(self._tags[DT_VERNEED])
            for _ in range(self._tags[DT_VERNEEDNUM]):
                _, count, _, aux, following = struct.unpack_from("<HHIII", self._bytes, at)
                entry = at + aux
                for _ in range(count):
                    _, _, index, name, step = struct.unpack_from("<IHHII", self._bytes, entry)
                    names[index & 0x7fff] = self._string(name)
                    entry += step
                at += following
        return names

    def _symbol(self, index):
        if index not in self._symbols:
            at = self._at(self._tags[DT_SYMTAB]) + 24 * index
            name, info, other = struct.unpack_from("<IBB", self._bytes, at)
            version = ""
            if DT_VERSYM in self._tags:
                number, = struct.unpack_from("<H", self._bytes, self._at(self._tags[DT_VERSYM]) + 2 * index)
                version = self._versions.get(number & 0x7fff, "")
            visibility = other & 3
            self._symbols[index] = dict(
                index=index, symbol=self._string(name), version=version, visibility=visibility,
                is_own=info >> 4 == STB_LOCAL or visibility in (STV_INTERNAL, STV_HIDDEN))
        return self._symbols[index]

    def _table(self, tag, size_tag):
        if tag not in self._tags or not self._tags.get(size_tag):
            return
        start = self._at(self._tags[tag])
        yield from struct.iter_unpack("<QII", b"".join(
            self._bytes[at:at + 16] for at in range(start, start + self._tags[size_tag], 24)))

    def relocations(self):
        # Some linkers count the calls' table in the other one, at its end.
        calls = self._tags.get(DT_JMPREL, 0) if self._tags.get(DT_PLTRELSZ) else 0
        start = self._tags.get(DT_RELA, 0)
        for position, (offset, kind, index) in enumerate(self._table(DT_RELA, DT_RELASZ)):
            if index and not (calls and calls <= start + 24 * position < calls + self._tags[DT_PLTRELSZ]):
                yield Relocation(offset, kind, is_lazy=False, **self._symbol(index))
        for offset, kind, index in self._table(DT_JMPREL, DT_PLTRELSZ):
            if index:
                yield Relocation(offset, kind, is_lazy=kind == R_JUMP_SLOT, **self._symbol(index))

"""Ways to damage an ELF file: damage() makes a mutant out of a number, the same one every time."""

import collections
import random
import struct
import zlib

# name: of the way; text: what was done; is_fatal: no reader can find all of the debug info in what is left.
Kind = collections.namedtuple("Kind", "name text is_fatal")
Section = collections.namedtuple("Section", "name header type flags offset size")

HEADER = 64
SHT_PROGBITS, SHT_NOBITS, SHF_COMPRESSED, ELFCOMPRESS_ZLIB = 1, 8, 1 << 11, 1
# Field of a section header: (offset, struct format)
FIELDS = {"name": (0, "I"), "type": (4, "I"), "flags": (8, "Q"), "address": (16, "Q"), "offset": (24, "Q"),
          "size": (32, "Q"), "link": (40, "I"), "info": (44, "I"), "alignment": (48, "Q"), "entry size": (56, "Q")}
ODD = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 1 << 40,
       (1 << 63) - 1, 1 << 63, (1 << 64) - 8, (1 << 64) - 1]


def sections(image):
    """The file's sections, the first (no) one and those without bytes left out."""
    start, = struct.unpack_from("<Q", image, 40)
    size, count, names_index = struct.unpack_from("<HHH", image, 58)
    headers = [start + size * index for index in range(count)]
    names_at, = struct.unpack_from("<Q", image, headers[names_index] + 24)
    found = []
    for header in headers[1:]:
        name, type_, flags, _, offset, length = struct.unpack_from("<IIQQQQ", image, header)
        end = image.index(0, names_at + name)
        if type_ != SHT_NOBITS and length:
            found.append(Section(image[names_at + name:end].decode(), header, type_, flags, offset, length))
    return found


def debug_sections(image):
    return [section for section in sections(image) if section.name.startswith(".debug_")]


def put(image, at, form, number):
    struct.pack_into("<" + form, image, at, number & ((1 << 8 * struct.calcsize(form)) - 1))


def truncate(image, chance):
    """The end is cut off: anywhere, or at a section's edge."""
    info = next(section for section in sections(image) if section.name == ".debug_info")
    edges = [edge for section in sections(image) for edge in (section.offset, section.offset + section.size)]
    at = chance.choice([chance.randrange(len(image)), chance.choice(edges), chance.randrange(HEADER + 1)])
    del image[at:]
    # The section headers come last.
    return Kind("cut", f"cut to {at} bytes", at <= info.offset + info.size)


def change_header(image, chance):
    """Bytes of the ELF header."""
    places = [chance.randrange(HEADER) for _ in range(chance.randint(1, 4))]
    for place in places:
        image[place] = chance.choice([0, 0xff, image[place] ^ 1 << chance.randrange(8), chance.randrange(256)])
    return Kind("header", f"ELF header, bytes {places}", False)


def change_section(image, chance):
    """A field of a section's header."""
    section = chance.choice(debug_sections(image) if chance.random() < 0.8 else sections(image))
    field = chance.choice(list(FIELDS))
    offset, form = FIELDS[field]
    held, = struct.unpack_from("<" + form, image, section.header + offset)
    number = chance.choice(ODD + [held + 1, held - 1, held * 2, held // 2, len(image), len(image) - held])
    put(image, section.header + offset, form, number)
    return Kind("section", f"{section.name}, {field} {held:#x} to {number:#x}", False)


def remove_section(image, chance):
    """One that all readers need is emptied, or no longer there."""
    names = (".debug_info", ".debug_abbrev")
    section = chance.choice([section for section in sections(image) if section.name in names])
    if chance.random() < 0.5:
        image[section.offset:section.offset + section.size] = bytes(section.size)
        return Kind("emptied", f"{section.name} is all null", True)
    put(image, section.header + FIELDS["type"][0], "I", SHT_NOBITS)
    return Kind("emptied", f"{section.name} has no bytes", True)


def change_bytes(image, chance):
    """Some bytes of the file."""
    count = chance.choice([1, 4, 64, 1024])
    for _ in range(count):
        image[chance.randrange(len(image))] = chance.randrange(256)
    return Kind("bytes", f"{count} bytes", False)


def change_debug(image, chance):
    """Some numbers within one section of debug info, or its beginning, where it says how it is to be read."""
    section = chance.choice(debug_sections(image))
    reach = section.size if chance.random() < 0.7 else min(section.size, 64)
    count = chance.choice([1, 2, 8, 32])
    for _ in range(count):
        form = chance.choice("BBHIQ")
        at = section.offset + chance.randrange(reach)
        if at + struct.calcsize(form) <= len(image):
            put(image, at, form, chance.choice(ODD + [chance.randrange(1 << 64)]))
    return Kind("debug info", f"{section.name}, {count} numbers", False)


def move_debug(image, chance):
    """A piece of one section of debug info is copied over another place."""
    source, target = (chance.choice(debug_sections(image)) for _ in range(2))
    size = min(source.size, target.size, chance.choice([8, 100, 4000]))
    at = source.offset + chance.randrange(source.size - size + 1)
    to = target.offset + chance.randrange(target.size - size + 1)
    image[to:to + size] = image[at:at + size]
    return Kind("moved", f"{size} bytes of {source.name} in {target.name}", False)


def fill_debug(image, chance):
    """A run of one byte: chains of empty entries, or of numbers that do not end."""
    section = chance.choice(debug_sections(image))
    size = min(section.size, chance.choice([16, 256, 65536]))
    at = section.offset + chance.randrange(section.size - size + 1)
    byte = chance.choice([0, 1, 0x7f, 0x80, 0xff])
    image[at:at + size] = bytes([byte]) * size
    return Kind("filled", f"{size} bytes of {section.name} are {byte:#x}", False)


def compress(image, chance):
    """Debug info becomes a compressed section that lies, or inflates to very much."""
    needed = [section for section in debug_sections(image) if section.name in (".debug_info", ".debug_abbrev")]
    section = chance.choice(needed)
    held = bytes(image[section.offset:section.offset + section.size])
    packed, kind, says = zlib.compress(held), ELFCOMPRESS_ZLIB, section.size
    way = chance.choice(["bomb", "size", "type", "garbage", "cut", "empty"])
    if way == "bomb":
        size = chance.choice([1 << 20, 1 << 26])
        packer = zlib.compressobj(9)
        piece = bytes(1 << 20)
        packed = b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()
        says = chance.choice([size, section.size, 1 << 40, (1 << 64) - 1])
    elif way == "size":
        says = chance.choice([0, 1, section.size // 2, section.size * 3, 1 << 33, 1 << 62, (1 << 64) - 1])
    elif way == "type":
        kind = chance.choice([0, 2, 3, 0x60000000, 0xffffffff])
    elif way == "garbage":
        packed = packed[:2] + chance.randbytes(len(packed))
    elif way == "cut":
        packed = packed[:chance.randrange(len(packed))]
    else:
        packed = b""
    body = struct.pack("<IIQQ", kind, 0, says, 8) + packed
    if chance.random() < 0.1:
        body = body[:chance.randrange(25)]
    put(image, section.header + FIELDS["flags"][0], "Q", section.flags | SHF_COMPRESSED)
    put(image, section.header + FIELDS["offset"][0], "Q", len(image))
    put(image, section.header + FIELDS["size"][0], "Q", len(body))
    image += body
    return Kind("compressed", f"{section.name}, {way}, says {says:#x}", True)


WAYS = [truncate, change_header, change_section, change_section, remove_section, change_bytes, change_debug,
        change_debug, change_debug, move_debug, fill_debug, compress, compress]


def damage(image, seed):
    """(Kind, mutant) number @seed of the file @image."""
    chance = random.Random(seed)
    mutant = bytearray(image)
    way = WAYS[seed % len(WAYS)]
    kind = way(mutant, chance)
    return kind, bytes(mutant)

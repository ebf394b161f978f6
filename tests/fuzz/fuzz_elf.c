// Files nobody wrote: whatever is in one, reading it must end, in bounds. Random bytes are hardly ever an ELF file, so
// what is none is replaced by a whole one before it is changed. Give it room: -max_len=65536.

#include <stdlib.h>
#include <string.h>

#include "../support/elf_drive.h"
#include "../support/elf_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

static const uint8_t build_id[20] = { 1, 2, 3 };
static const struct elf_symbol_spec symbols[] = {
	{ "x.c", 0, 0, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, SHN_ABS },
	{ "counter", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 },
	{ "slot", 0, 4, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, 1 },
	{ 0 },
};
static const struct elf_reloc_spec relocs[] = {
	{ ELF_AT_DATA, R_X86_64_RELATIVE, 0, 1 },
	{ ELF_AT_DATA + 8, R_X86_64_GLOB_DAT, 2, 0 },
	{ 0 },
};
static const uint64_t relr[] = { ELF_AT_DATA, 7 };
static const char crates[] = "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/tokio-1.24.2/src/lib.rs";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	elf_drive(bytes, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
	if (size < sizeof(Elf64_Ehdr) || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
		const struct elf_spec spec = {
			.soname = "libfuzz.so.1",
			.dynamic_symbols = symbols,
			.symbols = seed % 2 ? symbols : NULL,
			.hash = seed % 3 ? ELF_HASH_GNU : ELF_HASH_SYSV,
			.relocs = relocs,
			.relr = relr,
			.relr_count = sizeof(relr) / sizeof(relr[0]),
			.build_id = build_id,
			.build_id_size = sizeof(build_id),
			.rodata = crates,
			.rodata_size = sizeof(crates),
			.data = build_id,
			.data_size = sizeof(build_id),
			.tbss_size = 8,
			.has_no_sections = seed % 5 == 0,
		};
		struct elf_bytes whole = elf_write(&spec);
		size = whole.size < limit ? whole.size : limit;
		memcpy(bytes, whole.bytes, size);
		elf_bytes_deinit(&whole);
	}
	return LLVMFuzzerMutate(bytes, size, limit);
}

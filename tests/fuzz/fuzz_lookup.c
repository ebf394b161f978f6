// Hash, version and relocation tables nobody wrote: every question about them must end, in bounds. Begin with the files
// that write_seeds.c makes; give it room: -max_len=65536.

#include <string.h>

#include "../support/lookup_drive.h"
#include "../support/lookup_seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	lookup_drive(bytes, size);
	return 0;
}

// xorshift32: one seed, many choices.
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

// Most of a file is padding, so half the time a few numbers are changed where the tables are.
static void change_tables(uint8_t *bytes, size_t size, uint32_t *state)
{
	static const uint32_t numbers[] = { 0,      1,      2,       3,          7,          0x7fff,
					    0x8000, 0xffff, 0x10000, 0x7fffffff, 0xfffffff0, UINT32_MAX };
	static const size_t places = ELF_AT_TABLES + 0x800;
	size_t end = size < places ? size : places;
	for (uint32_t left = next(state) % 4 + 1; left; left--) {
		uint32_t width = 1u << next(state) % 3, value = numbers[next(state) % (sizeof(numbers) / 4)];
		size_t at = (next(state) % (end - 64) + 64) / width * width;
		if (next(state) % 2)
			value = next(state) % 64;
		if (at + width <= size)
			memcpy(bytes + at, &value, width);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
	uint32_t state = seed | 1;
	if (size < 2 * sizeof(Elf64_Ehdr) || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
		struct elf_bytes whole = lookup_seed(next(&state) % lookup_seed_count());
		size = whole.size < limit ? whole.size : limit;
		memcpy(bytes, whole.bytes, size);
		elf_bytes_deinit(&whole);
		return size;
	}
	if (next(&state) % 2)
		return LLVMFuzzerMutate(bytes, size, limit);
	change_tables(bytes, size, &state);
	return size;
}

#include "find_object.h"

#include <stdlib.h>

#include "check.h"

static const Elf64_Phdr segments[] = {
	{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = ELF_AT_RELRO, .p_memsz = ELF_AT_RELRO },
	{ .p_type = PT_LOAD,
	  .p_flags = PF_R | PF_W,
	  .p_offset = ELF_AT_RELRO,
	  .p_vaddr = ELF_AT_RELRO,
	  .p_filesz = FIND_BSS - ELF_AT_RELRO,
	  .p_memsz = ELF_AT_END - ELF_AT_RELRO },
	{ .p_type = PT_GNU_RELRO,
	  .p_flags = PF_R,
	  .p_offset = ELF_AT_RELRO,
	  .p_vaddr = ELF_AT_RELRO,
	  .p_filesz = ELF_AT_DATA - ELF_AT_RELRO,
	  .p_memsz = ELF_AT_DATA - ELF_AT_RELRO },
	{ .p_type = PT_TLS, .p_flags = PF_R, .p_vaddr = ELF_AT_DATA, .p_filesz = FIND_TBSS, .p_memsz = FIND_TLS_SIZE },
};

static struct elf_symbols make_table(const struct elf_symbol_spec *rows)
{
	struct elf_symbols table = { 0 };
	size_t count = 0, size = 1;
	for (; rows && rows[count].name; count++)
		size += strlen(rows[count].name) + 1;
	Elf64_Sym *entries = calloc(count + 1, sizeof(*entries));
	char *strings = calloc(size, 1);
	assert_non_null(entries);
	assert_non_null(strings);
	size_t used = 1;
	for (size_t i = 0; i < count; i++) {
		entries[i + 1] = (Elf64_Sym){ .st_name = (uint32_t)used,
					      .st_info = rows[i].info,
					      .st_other = rows[i].other,
					      .st_shndx = rows[i].section,
					      .st_value = rows[i].value,
					      .st_size = rows[i].size };
		strcpy(strings + used, rows[i].name);
		used += strlen(rows[i].name) + 1;
	}
	table.entries = entries;
	table.count = count + 1;
	table.strings = strings;
	table.strings_size = size;
	return table;
}

void find_object_init(struct object_input *ret, const struct elf_symbol_spec *symbols,
		      const struct elf_symbol_spec *exported)
{
	*ret = (struct object_input){ .segments = segments, .segment_count = count_of(segments) };
	ret->dynamic.soname = "";
	ret->exported = make_table(exported);
	ret->symbols = symbols ? make_table(symbols) : ret->exported;
	candidates *found = calloc(1, sizeof(*found));
	assert_non_null(found);
	assert_fine(candidates_collect(ret, found));
	ret->candidates = found;
}

void find_object_deinit(struct object_input *object)
{
	if (object->symbols.entries != object->exported.entries) {
		free((void *)object->symbols.entries);
		free((void *)object->symbols.strings);
	}
	free((void *)object->exported.entries);
	free((void *)object->exported.strings);
	if (object->candidates)
		free(object->candidates->items);
	free((void *)object->candidates);
}

const struct candidate *find_candidate(const struct object_input *object, const char *name)
{
	for (size_t i = 0; i < object->candidates->count; i++) {
		if (strcmp(object->candidates->items[i].name, name) == 0)
			return &object->candidates->items[i];
	}
	return NULL;
}

struct polyton_snapshot *find_snapshot(uint32_t object_count)
{
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	for (uint32_t i = 0; i < object_count; i++) {
		struct polyton_object *object = vec_push(&snapshot->objects);
		const char *name = arena_printf(&snapshot->arena, "%c", (char)('a' + i));
		assert_non_null(object);
		assert_non_null(name);
		uint64_t bias = (uint64_t)FIND_BIAS * (i + 1);
		*object = (struct polyton_object){ .path = name,
						   .name = name,
						   .soname = "",
						   .build_id = "",
						   .load_bias = bias,
						   .start = bias,
						   .end = bias + 0x10000,
						   .file_state = POLYTON_FILE_READ,
						   .symbols = POLYTON_SYMBOLS_FULL };
	}
	return snapshot;
}

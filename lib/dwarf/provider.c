// libdwarf reads whatever sections it is told of, and has had its worst bugs in those of location lists, ranges,
// frames and line tables. None of them is needed for names and types, so none is told of. The sections' bytes are
// handed over where they lie; libdwarf neither writes to them nor frees them (20210528 to 2.3.1, under ASan).

#include "dwarf/provider.h"

#include <stddef.h>
#include <string.h>

#include "dwarf/narrow.h"
#include "dwarf/shim.h"

enum { LIBRARY_MAX_SECTIONS = 12 };

struct library_section {
	const char *name;
	const uint8_t *bytes;
	size_t size;
};

struct dwarf_library_side {
	shim_interface interface;
	struct library_section sections[LIBRARY_MAX_SECTIONS];
	uint32_t section_count; ///< The one of index 0 is ELF's empty one.
	uint64_t file_size;
	bool is_big_endian, is_64_bit;
	struct narrow_sections narrow;
};

struct polyton_error *dwarf_library_check(void)
{
	const char *version = dwarf_package_version();
	if (shim_kind_of(version) == SHIM_KIND)
		return NULL;
	return error_create(POLYTON_ERROR_UNSUPPORTED,
			    "the libdwarf that was loaded (%s) is not of the kind that polyton was built with",
			    version ? version : "of no version");
}

static int get_section_info(void *object, shim_section_index index, shim_section *ret, int *error_ret)
{
	const struct dwarf_library_side *library = object;
	(void)error_ret;
	if (index >= library->section_count)
		return DW_DLV_NO_ENTRY;
	memset(ret, 0, sizeof(*ret));
	ret->SHIM_SECTION(name) = library->sections[index].name;
	ret->SHIM_SECTION(size) = library->sections[index].size;
	ret->SHIM_SECTION(type) = index ? SHT_PROGBITS : SHT_NULL;
	return DW_DLV_OK;
}

static shim_byte_order get_byte_order(void *object)
{
	const struct dwarf_library_side *library = object;
	return library->is_big_endian ? SHIM_BIG_ENDIAN : SHIM_LITTLE_ENDIAN;
}

static Dwarf_Small get_length_size(void *object)
{
	(void)object;
	return 4;
}

static Dwarf_Small get_pointer_size(void *object)
{
	const struct dwarf_library_side *library = object;
	return library->is_64_bit ? 8 : 4;
}

static Dwarf_Unsigned get_section_count(void *object)
{
	const struct dwarf_library_side *library = object;
	return library->section_count;
}

static int load_section(void *object, shim_section_index index, Dwarf_Small **ret, int *error_ret)
{
	const struct dwarf_library_side *library = object;
	(void)error_ret;
	if (index == 0 || index >= library->section_count)
		return DW_DLV_NO_ENTRY;
	*ret = (Dwarf_Small *)library->sections[index].bytes;
	return DW_DLV_OK;
}

#if SHIM_VERSION != 0
static Dwarf_Unsigned get_file_size(void *object)
{
	const struct dwarf_library_side *library = object;
	return library->file_size;
}
#endif

static const shim_methods methods = {
	.SHIM_METHOD(get_section_info) = get_section_info,
	.SHIM_METHOD(get_byte_order) = get_byte_order,
	.SHIM_METHOD(get_length_size) = get_length_size,
	.SHIM_METHOD(get_pointer_size) = get_pointer_size,
	.SHIM_METHOD(get_section_count) = get_section_count,
	.SHIM_METHOD(load_section) = load_section,
#if SHIM_VERSION != 0
	.SHIM_METHOD(get_filesize) = get_file_size,
#endif
};

enum section_user { FOR_SCANNER = 1, FOR_LIBRARY = 2, FOR_BOTH = 3 };

// Where each section's bytes are kept: in what a scan reads, or beside it.
static const struct section_rule {
	const char *name, *split_name; // NULL: there is none in such a file.
	size_t bytes, size;            // Places in struct dwarf_file.
	enum section_user user;
} section_rules[] = {
#define RULE(name, split_name, field, user)                                                                      \
	{                                                                                                        \
		name, split_name, offsetof(struct dwarf_file, field), offsetof(struct dwarf_file, field##_size), \
			user                                                                                     \
	}
	RULE(".debug_info", ".debug_info.dwo", sections.info, FOR_BOTH),
	RULE(".debug_abbrev", ".debug_abbrev.dwo", sections.abbrev, FOR_BOTH),
	RULE(".debug_str", ".debug_str.dwo", sections.str, FOR_BOTH),
	RULE(".debug_str_offsets", ".debug_str_offsets.dwo", sections.str_offsets, FOR_BOTH),
	RULE(".debug_line_str", NULL, sections.line_str, FOR_BOTH),
	RULE(".debug_addr", NULL, sections.addr, FOR_BOTH),
	RULE(".debug_types", ".debug_types.dwo", types, FOR_LIBRARY),
	RULE(NULL, ".debug_cu_index", sections.index, FOR_BOTH),
	RULE(NULL, ".debug_tu_index", tu_index, FOR_LIBRARY),
	RULE(".debug_line", ".debug_line.dwo", line, FOR_SCANNER),
#undef RULE
};

static void tell_library(struct dwarf_file *file, const char *name, const uint8_t *bytes, size_t size)
{
	struct dwarf_library_side *library = file->library;
	library->sections[library->section_count++] = (struct library_section){ name, bytes, size };
	library->file_size += size;
}

static struct polyton_error *load_sections(struct dwarf_file *file)
{
	_Static_assert(sizeof(section_rules) / sizeof(*section_rules) < LIBRARY_MAX_SECTIONS, "one is the empty one");
	tell_library(file, "", NULL, 0);
	for (size_t i = 0; i < sizeof(section_rules) / sizeof(*section_rules); i++) {
		const struct section_rule *rule = &section_rules[i];
		const char *name = file->is_split ? rule->split_name : rule->name;
		const struct elf_section *section = name ? elf_file_debug_section(file->elf, name) : NULL;
		const uint8_t *bytes;
		size_t size;
		if (!section)
			continue;
		struct polyton_error *error = elf_file_section_bytes(file->elf, section, &bytes, &size);
		if (error)
			return error;
		*(const uint8_t **)((char *)file + rule->bytes) = bytes;
		*(size_t *)((char *)file + rule->size) = size;
		if (rule->user & FOR_LIBRARY)
			tell_library(file, name, bytes, size);
	}
	return NULL;
}

static void replace_section(struct dwarf_library_side *library, const char *name, const uint8_t *bytes, size_t size)
{
	for (uint32_t i = 0; i < library->section_count; i++) {
		struct library_section *section = &library->sections[i];
		if (strncmp(section->name, name, strlen(name)) == 0) {
			library->file_size += size;
			section->bytes = bytes;
			section->size = size;
		}
	}
}

// Only what libdwarf sees is rewritten: offsets of DIEs stay what they are.
static struct polyton_error *narrow(struct dwarf_file *file)
{
	struct narrow_sections *narrowed = &file->library->narrow;
	struct polyton_error *error = NULL;
	if (SHIM_VERSION < NARROW_FIXED_IN && !file->is_split)
		error = narrow_three_byte_forms(&file->sections, narrowed);
	if (!error && narrowed->info) {
		replace_section(file->library, ".debug_info", narrowed->info, file->sections.info_size);
		replace_section(file->library, ".debug_abbrev", narrowed->abbrev, narrowed->abbrev_size);
	}
	return error;
}

static struct polyton_error *open_library(struct dwarf_file *file)
{
	struct dwarf_library_side *library = file->library;
	Dwarf_Error failure = NULL;
	// A switch of the whole process, which is the worker's own. With it on, libdwarf keeps a record of all it
	// allocates: slower, and nothing here needs it.
	dwarf_set_de_alloc_flag(0);
#if SHIM_VERSION >= 1200
	dwarf_library_allow_dup_attr(1);
#endif
	library->interface = (shim_interface)SHIM_INTERFACE(library, &methods);
	unsigned group = file->is_split ? DW_GROUPNUMBER_DWO : DW_GROUPNUMBER_ANY;
	int answer = dwarf_object_init_b(&library->interface, NULL, NULL, group, &file->debug, &failure);
	if (answer == DW_DLV_OK)
		return NULL;
	struct polyton_error *error = error_create(POLYTON_ERROR_DAMAGED, "the debug info cannot be read: %s",
						   answer == DW_DLV_ERROR ? dwarf_errmsg(failure)
									  : "it has no sections that libdwarf knows");
	shim_error_free(NULL, &failure);
	file->debug = NULL;
	return error;
}

// A split file's addresses, and strings that dwz moved to its common file, are looked up in the "tied" one.
static struct polyton_error *open_linked(struct dwarf_file *file, const struct dwarf_links *links)
{
	struct dwarf_file **place = file->is_split ? &file->executable : &file->alternate;
	struct elf_file *other = file->is_split ? links->executable : links->alternate;
	Dwarf_Error failure = NULL;
	if (!other)
		return NULL;
	struct polyton_error *error = dwarf_file_open(other, NULL, place);
	if (error)
		return error;
	// Without, what is in the other file has no type; all else has.
	shim_is_ok(dwarf_set_tied_dbg(file->debug, (*place)->debug, &failure), file->debug, &failure);
	if (file->is_split) {
		file->sections.addr = (*place)->sections.addr;
		file->sections.addr_size = (*place)->sections.addr_size;
		file->sections.line_str = (*place)->sections.line_str;
		file->sections.line_str_size = (*place)->sections.line_str_size;
	} else {
		file->sections.alternate_str = (*place)->sections.str;
		file->sections.alternate_str_size = (*place)->sections.str_size;
	}
	return NULL;
}

struct polyton_error *dwarf_file_open(struct elf_file *elf, const struct dwarf_links *links, struct dwarf_file **ret)
{
	struct dwarf_file *file = calloc(1, sizeof(*file));
	if (!file)
		return error_no_memory();
	file->elf = elf;
	file->is_split = !elf_file_has_debug_info(elf) && elf_file_debug_section(elf, ".debug_info.dwo");
	file->sections.is_split = file->is_split;
	file->sections.is_big_endian = elf->elf_data == ELFDATA2MSB;
	struct polyton_error *error = NULL;
	file->library = calloc(1, sizeof(*file->library));
	if (!file->library)
		error = error_no_memory();
	if (!error) {
		file->library->is_big_endian = file->sections.is_big_endian;
		file->library->is_64_bit = elf->elf_class == ELFCLASS64;
		file->library->file_size = elf->size;
		error = load_sections(file);
	}
	if (!error && !(file->sections.info && file->sections.abbrev))
		error = error_create(POLYTON_ERROR_UNSUPPORTED, "there is no debug info");
	if (!error)
		error = narrow(file);
	if (!error)
		error = open_library(file);
	if (!error && links)
		error = open_linked(file, links);
	if (error) {
		dwarf_file_close(file);
		return error;
	}
	*ret = file;
	return NULL;
}

void dwarf_file_close(struct dwarf_file *file)
{
	if (!file)
		return;
	if (file->debug)
		shim_object_finish(file->debug);
	dwarf_file_close(file->alternate);
	dwarf_file_close(file->executable);
	if (file->library)
		narrow_deinit(&file->library->narrow);
	free(file->library);
	free(file);
}

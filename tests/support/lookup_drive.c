#include "lookup_drive.h"

#include <assert.h>
#include <string.h>

#include "elf/lookup.h"

// A hostile table is searched in the square of its size, name by name: what is asked of one file is limited.
enum { DRIVE_MAX_SYMBOLS = 512, DRIVE_MAX_NAME = 64, DRIVE_MAX_RELOCS = 1 << 16 };

// What is never read again could be left out by the compiler, and a sanitizer would see nothing.
static void touch(const void *bytes, size_t size)
{
	static volatile uint8_t sink;
	const uint8_t *at = bytes;
	uint8_t sum = 0;
	for (size_t i = 0; i < size; i++)
		sum ^= at[i];
	sink = sum;
	(void)sink;
}

static void touch_string(const char *text)
{
	touch(text, strnlen(text, 256));
}

static bool touch_reloc(const struct elf_reloc *reloc, void *arg)
{
	size_t *left = arg;
	touch(reloc, sizeof(*reloc));
	return --*left;
}

static void touch_dynamic(const struct elf_file *file, const struct elf_dynamic *dynamic)
{
	size_t left = DRIVE_MAX_RELOCS;
	touch_string(dynamic->soname);
	if (dynamic->runpath)
		touch_string(dynamic->runpath);
	touch_string(dynamic->rpath);
	for (size_t i = 0; i < dynamic->needed_count; i++)
		touch_string(dynamic->needed[i]);
	elf_relocs_visit(file, dynamic, R_X86_64_RELATIVE, touch_reloc, &left);
}

static bool ask(const struct elf_lookup *lookup, const char *name, const struct elf_version *version)
{
	const struct elf_wanted wanted = { name, elf_gnu_hash(name), version };
	for (int accept_undefined = 0; accept_undefined < 2; accept_undefined++) {
		const Elf64_Sym *found = elf_lookup_find(lookup, &wanted, accept_undefined);
		if (!found)
			continue;
		touch(found, sizeof(*found));
		assert(elf_lookup_symbol_index(lookup, found) < lookup->symbols.count);
		assert(strcmp(elf_symbol_name(&lookup->symbols, found), name) == 0);
		return true;
	}
	return false;
}

static long ask_all(const struct elf_lookup *lookup)
{
	static const char *const strangers[] = { "", "a", "counter", "malloc", "environ", "no such name" };
	long found = 0;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		ask(lookup, strangers[i], NULL);
	for (size_t i = 0; i < lookup->symbols.count && i < DRIVE_MAX_SYMBOLS; i++) {
		bool is_hidden;
		const char *name = elf_symbol_name(&lookup->symbols, &lookup->symbols.entries[i]);
		const struct elf_version *version = elf_versions_of(&lookup->versions, i, &is_hidden);
		if (version) {
			touch_string(version->name);
			touch_string(version->file);
		}
		if (strnlen(name, DRIVE_MAX_NAME) == DRIVE_MAX_NAME)
			continue;
		ask(lookup, name, NULL);
		found += ask(lookup, name, version);
	}
	return found;
}

static struct polyton_error *drive(struct elf_file *file, long *ret)
{
	struct elf_dynamic dynamic;
	struct elf_symbols symbols;
	struct elf_lookup lookup;
	const char *complaint;
	struct polyton_error *error = elf_dynamic_parse(file, &dynamic, &complaint);
	if (error)
		return error;
	touch_dynamic(file, &dynamic);
	error = elf_symbols_dynamic(file, &symbols);
	if (!error)
		error = elf_lookup_init(file, &dynamic, &symbols, &lookup, &complaint);
	if (error)
		return error;
	if (complaint)
		touch_string(complaint);
	*ret = ask_all(&lookup);
	return NULL;
}

long lookup_drive(const uint8_t *bytes, size_t size)
{
	struct elf_file *file = NULL;
	long found = -1;
	struct polyton_error *error = elf_file_from_bytes(bytes, size, "driven", &file);
	if (!error) {
		found = 0;
		error = drive(file, &found);
	}
	if (error)
		touch_string(polyton_error_message(error));
	polyton_error_destroy(error);
	elf_file_close(file);
	return found;
}

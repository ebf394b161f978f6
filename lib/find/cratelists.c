#include "find/cratelists.h"

#include <stdlib.h>
#include <string.h>

#include "base/spread.h"

enum { CRATELISTS_OBJECTS = 16 }; // that are worth a thread of their own

struct polyton_error *crate_lists_init(struct crate_lists *lists, const struct object_input *objects, uint32_t count)
{
	*lists = (struct crate_lists){ objects, count, calloc((size_t)count + 1, sizeof(*lists->lists)) };
	return lists->lists ? NULL : error_no_memory();
}

void crate_lists_deinit(struct crate_lists *lists)
{
	for (uint32_t i = 0; lists->lists && i < lists->count; i++)
		arena_deinit(&lists->lists[i].arena);
	free(lists->lists);
	*lists = (struct crate_lists){ 0 };
}

static struct polyton_error *scan(struct crate_lists *lists, size_t object)
{
	struct crate_list *list = &lists->lists[object];
	struct polyton_error *error = NULL;
	if (!list->is_scanned && lists->objects[object].file)
		error = crates_scan(lists->objects[object].file, &list->arena, &list->crates, &list->count);
	list->is_scanned = !error;
	return error;
}

static bool says_rustc(const struct elf_file *file)
{
	static const char compiler[] = "rustc";
	const struct elf_section *comment = elf_file_section(file, ".comment");
	const Elf64_Shdr *header = comment ? &comment->header : NULL;
	return header && header->sh_type == SHT_PROGBITS && header->sh_offset <= file->size &&
	       header->sh_size <= file->size - header->sh_offset &&
	       memmem(file->map + header->sh_offset, header->sh_size, compiler, sizeof(compiler) - 1);
}

// What std's panics need of the unwinder; C++ needs no more than _Unwind_Resume and its like, and C nothing.
static bool unwinds_by_hand(const struct object_input *object)
{
	const struct elf_symbols *symbols = &object->exported;
	// DT_GNU_HASH has what is not defined in front.
	bool is_sorted = object->lookup && object->lookup->is_gnu && object->lookup->first < symbols->count;
	size_t end = is_sorted ? object->lookup->first : symbols->count;
	for (size_t i = 1; i < end; i++) {
		const char *name = elf_symbol_name(symbols, &symbols->entries[i]);
		if (symbols->entries[i].st_shndx != SHN_UNDEF)
			continue;
		if (strcmp(name, "_Unwind_Backtrace") == 0 || strcmp(name, "_Unwind_GetIPInfo") == 0)
			return true;
	}
	return false;
}

static bool needs_std(const struct elf_dynamic *dynamic)
{
	for (size_t i = 0; i < dynamic->needed_count; i++) {
		if (strncmp(dynamic->needed[i], "libstd-", strlen("libstd-")) == 0)
			return true;
	}
	return !dynamic->needed_count; // all that it needs is in it
}

static bool names_rust(const candidates *all)
{
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].may_be_rust)
			return true;
	}
	return false;
}

// Reading the constants of a thousand libraries to learn that they are of C takes longer than to compare them. Whatever
// was built with std shows it: by the compiler's name, by what it needs, or by names of its own.
static bool may_be_rust(const struct object_input *object)
{
	return !object->file || says_rustc(object->file) || needs_std(&object->dynamic) || unwinds_by_hand(object) ||
	       names_rust(object->candidates);
}

struct scanning {
	struct crate_lists *lists;
	const bool *wanted;
};

static struct polyton_error *scan_wanted(void *arg, size_t object)
{
	const struct scanning *scanning = arg;
	struct crate_lists *lists = scanning->lists;
	if ((scanning->wanted && !scanning->wanted[object]) || lists->lists[object].is_scanned)
		return NULL;
	lists->lists[object].is_scanned = !may_be_rust(&lists->objects[object]);
	return scan(lists, object);
}

struct polyton_error *crate_lists_scan(struct crate_lists *lists, const bool *wanted)
{
	struct scanning scanning = { lists, wanted };
	return spread_over(lists->count, CRATELISTS_OBJECTS, scan_wanted, &scanning);
}

struct polyton_error *crate_lists_get(struct crate_lists *lists, uint32_t object, const struct polyton_crate **ret,
				      size_t *count_ret)
{
	struct polyton_error *error = scan(lists, object);
	if (error)
		return error;
	*ret = lists->lists[object].crates;
	*count_ret = lists->lists[object].count;
	return NULL;
}

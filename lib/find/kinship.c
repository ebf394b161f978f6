// Only asked for pairs of objects that have variables in common, and answered at the first function that they share,
// so a table of names is made for few objects.

#include "find/kinship.h"

#include <string.h>

#include "find/noise.h"

enum {
	KINSHIP_LEAST_SIZE = 24, // bytes: smaller functions (a return, a jump) look alike everywhere
	KINSHIP_SEVERAL = 2,     // functions that are wanted where one is not enough
};

struct kin_function {
	uint64_t size;
	const char *source; ///< STT_FILE it is internal to, "" for one that is not.
};

struct kin_functions {
	struct strmap map; ///< Name to index in items.
	vec_of(struct kin_function) items;
	struct strmap sources; ///< Names of its source files.
	bool is_filled;
};

struct polyton_error *kinship_init(struct kinship *kinship, const struct object_input *objects, uint32_t count)
{
	*kinship = (struct kinship){ .objects = objects, .count = count };
	kinship->functions = calloc((size_t)count + 1, sizeof(*kinship->functions));
	return kinship->functions ? NULL : error_no_memory();
}

void kinship_deinit(struct kinship *kinship)
{
	for (uint32_t i = 0; kinship->functions && i < kinship->count; i++) {
		strmap_deinit(&kinship->functions[i].map);
		strmap_deinit(&kinship->functions[i].sources);
		vec_deinit(&kinship->functions[i].items);
	}
	free(kinship->functions);
	intmap_deinit(&kinship->pairs);
	*kinship = (struct kinship){ 0 };
}

// Inline functions and templates are weak, unless an export list made them local: then no source file is named for
// them.
static bool counts(const Elf64_Sym *symbol, const char *name, const char *source)
{
	unsigned binding = ELF64_ST_BIND(symbol->st_info);
	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF ||
	    symbol->st_size < KINSHIP_LEAST_SIZE)
		return false;
	bool is_mangled = strncmp(name, "_Z", 2) == 0 || strncmp(name, "_R", 2) == 0;
	if (binding == STB_WEAK || (binding == STB_LOCAL && is_mangled && !source[0]))
		return false;
	return name[0] && !noise_is_function(name);
}

typedef bool visit_fn(void *arg, const char *name, const struct kin_function *function);

// Until @p visit answers false.
static void visit_functions(const struct object_input *object, visit_fn *visit, void *arg)
{
	const char *source = "";
	for (size_t i = 1; i < object->symbols.count; i++) {
		const Elf64_Sym *symbol = &object->symbols.entries[i];
		if (ELF64_ST_TYPE(symbol->st_info) == STT_FILE)
			source = elf_symbol_name(&object->symbols, symbol);
		const char *name = elf_symbol_name(&object->symbols, symbol);
		bool is_local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
		// No compiler hides what is internal: this one was global, and lld leaves it among its file's.
		bool was_global = ELF64_ST_VISIBILITY(symbol->st_other) != STV_DEFAULT;
		struct kin_function function = { symbol->st_size, is_local && !was_global ? source : "" };
		if (counts(symbol, name, is_local ? source : "") && !visit(arg, name, &function))
			return;
	}
}

struct filler {
	struct kin_functions *functions;
	bool is_out_of_memory;
};

static bool fill_one(void *arg, const char *name, const struct kin_function *function)
{
	struct filler *filler = arg;
	uint32_t *at = strmap_at(&filler->functions->map, name, strcspn(name, "@"), POLYTON_NONE);
	if (at && *at != POLYTON_NONE)
		return true; // the first of several stands for them
	struct kin_function *place = at ? vec_push(&filler->functions->items) : NULL;
	if (!place) {
		filler->is_out_of_memory = true;
		return false;
	}
	*place = *function;
	*at = (uint32_t)filler->functions->items.count - 1;
	return true;
}

// A source file that says something about where an object comes from. Link-time optimisation leaves none.
static bool is_source(const struct elf_symbols *symbols, const Elf64_Sym *symbol, const char **name_ret)
{
	static const char *const starts[] = {
		"crt", "abi-note.c", "init.c", "elf-init.c", "start.S", "static-reloc.c"
	};
	*name_ret = elf_symbol_name(symbols, symbol);
	if (ELF64_ST_TYPE(symbol->st_info) != STT_FILE || !(*name_ret)[0])
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (strncmp(*name_ret, starts[i], strlen(starts[i])) == 0)
			return false;
	}
	return true;
}

static bool is_optimised(const char *source)
{
	return strstr(source, ".ltrans") || source[0] == '<' || strcmp(source, "ld-temp.o") == 0;
}

static bool fill_sources(const struct object_input *object, struct kin_functions *functions)
{
	const char *name;
	for (size_t i = 1; i < object->symbols.count; i++) {
		if (is_source(&object->symbols, &object->symbols.entries[i], &name) && !is_optimised(name) &&
		    !strmap_at(&functions->sources, name, strlen(name), 0))
			return false;
	}
	return true;
}

enum sources { SOURCES_UNKNOWN, SOURCES_APART, SOURCES_COMMON };

// An object without local symbols, or made by link-time optimisation, names no files; `strip -g` takes the names away.
static enum sources compare_sources(const struct kin_functions *functions, const struct object_input *other)
{
	const char *name;
	bool has_any = false;
	for (size_t i = 1; i < other->symbols.count; i++) {
		if (!is_source(&other->symbols, &other->symbols.entries[i], &name))
			continue;
		if (is_optimised(name))
			return SOURCES_UNKNOWN;
		if (strmap_find(&functions->sources, name, strlen(name)))
			return SOURCES_COMMON;
		has_any = true;
	}
	return has_any && functions->sources.count ? SOURCES_APART : SOURCES_UNKNOWN;
}

struct comparer {
	const struct kin_functions *functions;
	uint32_t named, same, wanted; ///< Functions of one name, and those of them that are of one size, too.
};

static bool compare_one(void *arg, const char *name, const struct kin_function *function)
{
	struct comparer *comparer = arg;
	const uint32_t *at = strmap_find(&comparer->functions->map, name, strcspn(name, "@"));
	const struct kin_function *other = at ? &comparer->functions->items.items[*at] : NULL;
	if (!other || strcmp(other->source, function->source) != 0)
		return true;
	comparer->named++;
	comparer->same += other->size == function->size;
	return comparer->same < comparer->wanted;
}

static struct polyton_error *compare(struct kinship *kinship, uint32_t a, uint32_t b, enum kinship_answer *ret)
{
	// The smaller table is gone through, the larger one looked up in.
	bool is_smaller = kinship->objects[a].symbols.count < kinship->objects[b].symbols.count;
	uint32_t large = is_smaller ? b : a, small = is_smaller ? a : b;
	struct kin_functions *functions = &kinship->functions[large];
	struct filler filler = { functions, false };
	if (!functions->is_filled) {
		visit_functions(&kinship->objects[large], fill_one, &filler);
		if (filler.is_out_of_memory || !fill_sources(&kinship->objects[large], functions))
			return error_no_memory();
		functions->is_filled = true;
	}
	enum sources sources = compare_sources(functions, &kinship->objects[small]);
	// One function may be alike by accident where nothing tells the files; where one file is the same, two that
	// were compiled in other ways are as good as one that was not.
	bool has_common = sources == SOURCES_COMMON;
	struct comparer comparer = { functions, 0, 0, has_common ? 1 : KINSHIP_SEVERAL };
	*ret = KINSHIP_STRANGERS;
	if (sources == SOURCES_APART)
		return NULL;
	visit_functions(&kinship->objects[small], compare_one, &comparer);
	bool is_kin = comparer.same >= comparer.wanted || (has_common && comparer.named >= KINSHIP_SEVERAL);
	*ret = is_kin ? KINSHIP_CODE : KINSHIP_UNKNOWN;
	return NULL;
}

struct polyton_error *kinship_compare(struct kinship *kinship, uint32_t a, uint32_t b, enum kinship_answer *ret)
{
	uint32_t *known = intmap_at(&kinship->pairs, a < b ? a : b, a < b ? b : a, POLYTON_NONE);
	if (!known)
		return error_no_memory();
	if (*known == POLYTON_NONE) {
		struct polyton_error *error = compare(kinship, a, b, ret);
		if (error)
			return error;
		*known = *ret;
	}
	*ret = (enum kinship_answer) * known;
	return NULL;
}

// Only asked for pairs of objects that have variables in common, and answered at the first function that they share,
// so a table of names is made for few objects.

#include "find/kinship.h"

#include <string.h>

#include "base/spread.h"
#include "find/noisecode.h"

enum {
	KINSHIP_LEAST_SIZE = 24, // bytes: smaller functions (a return, a jump) look alike everywhere
	KINSHIP_SEVERAL = 2,     // functions that are wanted where one is not enough
	KINSHIP_TABLES = 2,      // of functions, and pairs of objects, that are worth a thread of their own
	KINSHIP_PAIRS = 8,
};

struct kin_function {
	uint64_t size;
	const char *source; ///< STT_FILE it is internal to, "" for one that is not.
};

struct kin_functions {
	struct strmap map; ///< Name to index in items.
	vec_of(struct kin_function) items;
	struct strmap sources; ///< Names of its source files.
};

/** The smaller table is gone through, the larger one looked up in. */
struct kin_question {
	uint32_t large, small;
	enum kinship_answer answer;
};

void kinship_deinit(struct kinship *kinship)
{
	intmap_deinit(&kinship->map);
	vec_deinit(&kinship->questions);
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
	return name[0] && !noisecode_has(name);
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
		"crt",      "abi-note.c", "init.c",     "elf-init.c", "start.S", "static-reloc.c",
		"lse-init", "unwind-dw2", "unwind-c.c", "emutls.c", // libgcc's
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

static enum kinship_answer compare(const struct kin_functions *functions, const struct object_input *small)
{
	enum sources sources = compare_sources(functions, small);
	// One function may be alike by accident where nothing tells the files; where one file is the same, two that
	// were compiled in other ways are as good as one that was not.
	bool has_common = sources == SOURCES_COMMON;
	struct comparer comparer = { functions, 0, 0, has_common ? 1 : KINSHIP_SEVERAL };
	if (sources == SOURCES_APART)
		return KINSHIP_STRANGERS;
	visit_functions(small, compare_one, &comparer);
	bool is_kin = comparer.same >= comparer.wanted || (has_common && comparer.named >= KINSHIP_SEVERAL);
	return is_kin ? KINSHIP_CODE : KINSHIP_UNKNOWN;
}

struct polyton_error *kinship_ask(struct kinship *kinship, uint32_t a, uint32_t b)
{
	uint32_t *known = intmap_at(&kinship->map, a < b ? a : b, a < b ? b : a, (uint32_t)kinship->questions.count);
	if (known && *known < kinship->questions.count)
		return NULL;
	struct kin_question *question = known ? vec_push(&kinship->questions) : NULL;
	if (!question)
		return error_no_memory();
	bool is_smaller = kinship->objects[a].symbols.count < kinship->objects[b].symbols.count;
	*question = (struct kin_question){ is_smaller ? b : a, is_smaller ? a : b, KINSHIP_UNKNOWN };
	return NULL;
}

enum kinship_answer kinship_answer(const struct kinship *kinship, uint32_t a, uint32_t b)
{
	const uint32_t *known = intmap_find(&kinship->map, a < b ? a : b, a < b ? b : a);
	return known ? kinship->questions.items[*known].answer : KINSHIP_UNKNOWN;
}

/** Tables of functions of those objects that are looked up in. */
struct settler {
	const struct kinship *kinship;
	struct kin_functions *functions; // by object
	vec_of(uint32_t) large;
};

static struct polyton_error *fill_table(void *arg, size_t number)
{
	const struct settler *settler = arg;
	uint32_t object = settler->large.items[number];
	struct filler filler = { &settler->functions[object], false };
	visit_functions(&settler->kinship->objects[object], fill_one, &filler);
	return filler.is_out_of_memory || !fill_sources(&settler->kinship->objects[object], filler.functions)
		       ? error_no_memory()
		       : NULL;
}

static struct polyton_error *answer_question(void *arg, size_t number)
{
	const struct settler *settler = arg;
	struct kin_question *question = &settler->kinship->questions.items[number];
	question->answer = compare(&settler->functions[question->large], &settler->kinship->objects[question->small]);
	return NULL;
}

static struct polyton_error *list_large(struct settler *settler)
{
	const struct kinship *kinship = settler->kinship;
	auto_free bool *is_listed = calloc((size_t)kinship->count + 1, sizeof(*is_listed));
	if (!is_listed)
		return error_no_memory();
	for (size_t i = 0; i < kinship->questions.count; i++) {
		uint32_t object = kinship->questions.items[i].large;
		uint32_t *place = is_listed[object] ? &object : vec_push(&settler->large);
		if (!place)
			return error_no_memory();
		*place = object;
		is_listed[object] = true;
	}
	return NULL;
}

struct polyton_error *kinship_settle(struct kinship *kinship)
{
	struct settler settler = { .kinship = kinship,
				   .functions = calloc((size_t)kinship->count + 1, sizeof(*settler.functions)) };
	struct polyton_error *error = settler.functions ? list_large(&settler) : error_no_memory();
	if (!error)
		error = spread_over(settler.large.count, KINSHIP_TABLES, fill_table, &settler);
	if (!error)
		error = spread_over(kinship->questions.count, KINSHIP_PAIRS, answer_question, &settler);
	for (size_t i = 0; i < settler.large.count; i++) {
		struct kin_functions *functions = &settler.functions[settler.large.items[i]];
		strmap_deinit(&functions->map);
		strmap_deinit(&functions->sources);
		vec_deinit(&functions->items);
	}
	free(settler.functions);
	vec_deinit(&settler.large);
	return error;
}

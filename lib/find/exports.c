// Of a hundred thousand exported functions a few have a name that another object exports, too: those are found by their
// hashes first (shared_names). A second pass counts each name's objects, so that only names of two or more are kept.

#include "find/exports.h"

#include <string.h>

#include "base/arena.h"
#include "find/sharednames.h"

enum {
	EXPORTS_MAX_DEFINERS = 32, // a name that more objects export is an interface's: every plugin has it
};

struct name_count {
	uint32_t last_object, count;
};

struct counter {
	struct strmap map;
	vec_of(struct name_count) counts;
};

void exports_deinit(struct exports *exports)
{
	strmap_deinit(&exports->map);
	vec_deinit(&exports->items);
	vec_deinit(&exports->definers);
	vec_deinit(&exports->uses);
	vec_deinit(&exports->pairs);
	strmap_deinit(&exports->pair_map);
	arena_deinit(&exports->pair_keys);
	free(exports->function_counts);
	*exports = (struct exports){ 0 };
}

static bool is_strong(const Elf64_Sym *symbol, bool *is_function_ret)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info), visibility = ELF64_ST_VISIBILITY(symbol->st_other);
	*is_function_ret = type == STT_FUNC || type == STT_GNU_IFUNC;
	return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL &&
	       (visibility == STV_DEFAULT || visibility == STV_PROTECTED) &&
	       (*is_function_ret || type == STT_OBJECT || type == STT_TLS);
}

typedef bool visit_fn(void *arg, uint32_t object, const char *name, bool is_function);

struct visitor {
	visit_fn *visit;
	void *arg;
	uint32_t object;
	const struct elf_symbols *symbols;
};

static bool visit_strong(void *arg, size_t index)
{
	const struct visitor *visitor = arg;
	const Elf64_Sym *symbol = &visitor->symbols->entries[index];
	bool is_function;
	if (!is_strong(symbol, &is_function))
		return true;
	const char *name = elf_symbol_name(visitor->symbols, symbol);
	return !name[0] || visitor->visit(visitor->arg, visitor->object, name, is_function);
}

// Every strong name that may be there several times; one name of several versions comes once for each.
static bool visit_names(const struct finder *finder, const struct shared_names *names, visit_fn *visit, void *arg)
{
	struct visitor visitor = { .visit = visit, .arg = arg };
	for (uint32_t object = 0; object < finder->snapshot->objects.count; object++) {
		visitor.object = object;
		visitor.symbols = &finder->inputs[object].exported;
		if (!shared_names_visit(names, &finder->inputs[object], visit_strong, &visitor))
			return false;
	}
	return true;
}

static bool count_name(void *arg, uint32_t object, const char *name, bool is_function)
{
	struct counter *counter = arg;
	(void)is_function;
	uint32_t *at = strmap_at(&counter->map, name, strlen(name), POLYTON_NONE);
	if (!at)
		return false;
	if (*at == POLYTON_NONE) {
		struct name_count *fresh = vec_push(&counter->counts);
		if (!fresh)
			return false;
		*fresh = (struct name_count){ object, 1 };
		*at = (uint32_t)counter->counts.count - 1;
	} else if (counter->counts.items[*at].last_object != object) {
		counter->counts.items[*at].last_object = object;
		counter->counts.items[*at].count++;
	}
	return true;
}

struct collector {
	const struct counter *counter;
	struct exports *exports;
};

// Room for a name's objects is set aside when it is first met.
static bool collect_name(void *arg, uint32_t object, const char *name, bool is_function)
{
	struct collector *collector = arg;
	struct exports *exports = collector->exports;
	const uint32_t *counted = strmap_find(&collector->counter->map, name, strlen(name));
	uint32_t count = counted ? collector->counter->counts.items[*counted].count : 0;
	if (count < 2 || count > EXPORTS_MAX_DEFINERS)
		return true;
	uint32_t *at = strmap_at(&exports->map, name, strlen(name), POLYTON_NONE);
	if (!at)
		return false;
	if (*at == POLYTON_NONE) {
		struct export *fresh = vec_push(&exports->items);
		if (!fresh)
			return false;
		*fresh = (struct export){ name, (uint32_t)exports->definers.count, 0, is_function };
		*at = (uint32_t)exports->items.count - 1;
		for (uint32_t i = 0; i < count; i++) {
			uint32_t *definer = vec_push(&exports->definers);
			if (!definer)
				return false;
			*definer = POLYTON_NONE;
		}
	}
	struct export *export = &exports->items.items[*at];
	uint32_t *definers = &exports->definers.items[export->first_definer];
	if (!export->definer_count || definers[export->definer_count - 1] != object)
		definers[export->definer_count++] = object;
	return true;
}

bool exports_is_defined_by(const struct exports *exports, uint32_t export, uint32_t object)
{
	const struct export *row = &exports->items.items[export];
	for (uint32_t i = 0; i < row->definer_count; i++) {
		if (exports->definers.items[row->first_definer + i] == object)
			return true;
	}
	return false;
}

/** Two objects; no padding, so equal pairs have equal bytes. */
struct pair_key {
	uint32_t a, b;
};

static const uint32_t *pair_index(const struct exports *exports, uint32_t a, uint32_t b)
{
	struct pair_key key = { a < b ? a : b, a < b ? b : a };
	return strmap_find(&exports->pair_map, (const char *)&key, sizeof(key));
}

const struct export_pair *exports_pair(const struct exports *exports, uint32_t a, uint32_t b)
{
	const uint32_t *found = pair_index(exports, a, b);
	return found ? &exports->pairs.items[*found] : NULL;
}

// Counted when it is first asked for: few objects are.
static uint32_t count_functions(const struct exports *exports, uint32_t object)
{
	uint32_t *count = &exports->function_counts[object];
	const struct elf_symbols *symbols = *count == POLYTON_NONE ? &exports->inputs[object].exported : NULL;
	if (symbols)
		*count = 0;
	for (size_t i = 1; symbols && i < symbols->count; i++) {
		bool is_function;
		if (is_strong(&symbols->entries[i], &is_function))
			*count += is_function && elf_symbol_name(symbols, &symbols->entries[i])[0];
	}
	return *count;
}

bool exports_share_most(const struct exports *exports, uint32_t a, uint32_t b, bool of_both)
{
	const struct export_pair *pair = exports_pair(exports, a, b);
	uint32_t x = count_functions(exports, a), y = count_functions(exports, b);
	uint32_t smaller = x < y ? x : y, larger = x < y ? y : x;
	return pair && pair->common * 2 >= (of_both ? larger : smaller);
}

static struct polyton_error *collect_uses(const struct finder *finder, struct exports *exports)
{
	for (size_t i = 0; i < finder->linkage->references->count; i++) {
		const struct reference *reference = &finder->linkage->references->items[i];
		if (reference->bound_to.object == POLYTON_NONE || reference->kind == POLYTON_REFERENCE_COPY)
			continue;
		const char *name = reference_name(finder->linkage->resolver, reference);
		const uint32_t *export = strmap_find(&exports->map, name, strlen(name));
		if (!export || !exports_is_defined_by(exports, *export, reference->bound_to.object))
			continue;
		struct export_use *use = vec_push(&exports->uses);
		if (!use)
			return error_no_memory();
		*use = (struct export_use){ *export, reference->object, reference->bound_to.object };
	}
	return NULL;
}

struct export_pair *exports_add_pair(struct exports *exports, uint32_t a, uint32_t b)
{
	const uint32_t *found = pair_index(exports, a, b);
	if (found)
		return &exports->pairs.items[*found];
	struct pair_key *kept = arena_alloc(&exports->pair_keys, 1, sizeof(*kept));
	struct export_pair *pair = kept ? vec_push(&exports->pairs) : NULL;
	if (!pair)
		return NULL;
	*kept = (struct pair_key){ a, b };
	*pair = (struct export_pair){ .a = a, .b = b };
	uint32_t index = (uint32_t)exports->pairs.count - 1;
	return strmap_at(&exports->pair_map, (const char *)kept, sizeof(*kept), index) ? pair : NULL;
}

static bool is_one_namespace(const struct finder *finder, uint32_t a, uint32_t b)
{
	return finder->snapshot->objects.items[a].name_space == finder->snapshot->objects.items[b].name_space;
}

static struct polyton_error *count_common(const struct finder *finder, struct exports *exports)
{
	for (size_t i = 0; i < exports->items.count; i++) {
		const struct export *export = &exports->items.items[i];
		const uint32_t *definers = &exports->definers.items[export->first_definer];
		for (uint32_t a = 0; export->is_function && a < export->definer_count; a++) {
			for (uint32_t b = a + 1; b < export->definer_count; b++) {
				if (!is_one_namespace(finder, definers[a], definers[b]))
					continue;
				struct export_pair *pair = exports_add_pair(exports, definers[a], definers[b]);
				if (!pair)
					return error_no_memory();
				pair->common++;
			}
		}
	}
	return NULL;
}

static int compare_uses(const void *left, const void *right)
{
	const struct export_use *a = left, *b = right;
	if (a->export != b->export)
		return a->export < b->export ? -1 : 1;
	if (a->provider != b->provider)
		return a->provider < b->provider ? -1 : 1;
	return (a->user > b->user) - (a->user < b->user);
}

// Each user of a definition once.
static void sort_uses(struct exports *exports)
{
	size_t kept = 0;
	if (exports->uses.count)
		qsort(exports->uses.items, exports->uses.count, sizeof(*exports->uses.items), compare_uses);
	for (size_t i = 0; i < exports->uses.count; i++) {
		if (!kept || compare_uses(&exports->uses.items[kept - 1], &exports->uses.items[i]) != 0)
			exports->uses.items[kept++] = exports->uses.items[i];
	}
	exports->uses.count = kept;
}

static bool has_third_user(const struct export_use *uses, size_t count, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < count; i++) {
		if (uses[i].user != a && uses[i].user != b)
			return true;
	}
	return false;
}

// For the uses of one definition: the pairs of its object with the others that define the name.
static void count_users(struct exports *exports, const struct export_use *uses, size_t count)
{
	const struct export *export = &exports->items.items[uses->export];
	uint32_t provider = uses->provider;
	for (uint32_t i = 0; export->is_function && i < export->definer_count; i++) {
		uint32_t other = exports->definers.items[export->first_definer + i];
		const uint32_t *index = pair_index(exports, provider, other);
		struct export_pair *pair = index ? &exports->pairs.items[*index] : NULL;
		if (!pair || !has_third_user(uses, count, pair->a, pair->b))
			continue;
		if (provider == pair->a)
			pair->used_a++;
		else
			pair->used_b++;
	}
}

static struct polyton_error *count_pairs(const struct finder *finder, struct exports *exports)
{
	struct polyton_error *error = count_common(finder, exports);
	for (size_t first = 0, last; !error && first < exports->uses.count; first = last) {
		const struct export_use *uses = &exports->uses.items[first];
		for (last = first + 1;
		     last < exports->uses.count && exports->uses.items[last].export == uses->export &&
		     exports->uses.items[last].provider == uses->provider;
		     last++)
			;
		count_users(exports, uses, last - first);
	}
	return error;
}

struct polyton_error *exports_build(const struct finder *finder, struct exports *ret)
{
	uint32_t objects = (uint32_t)finder->snapshot->objects.count;
	struct exports exports = { .inputs = finder->inputs };
	struct counter counter = { 0 };
	struct collector collector = { &counter, &exports };
	struct shared_names names = { 0 };
	exports.function_counts = malloc(((size_t)objects + 1) * sizeof(*exports.function_counts));
	for (uint32_t i = 0; exports.function_counts && i < objects; i++)
		exports.function_counts[i] = POLYTON_NONE;
	bool is_done = exports.function_counts && shared_names_init(finder->inputs, objects, &names) &&
		       visit_names(finder, &names, count_name, &counter) &&
		       visit_names(finder, &names, collect_name, &collector);
	shared_names_deinit(&names);
	strmap_deinit(&counter.map);
	vec_deinit(&counter.counts);
	struct polyton_error *error = is_done ? collect_uses(finder, &exports) : error_no_memory();
	if (!error) {
		sort_uses(&exports);
		error = count_pairs(finder, &exports);
	}
	if (error) {
		exports_deinit(&exports);
		return error;
	}
	*ret = exports;
	return NULL;
}

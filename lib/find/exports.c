// Of a hundred thousand exported functions a few have a name that another object exports, too: those are found by their
// hashes first (find/sharednames). Each of them is then met once, in the order of the objects; names of two objects or
// more are kept.

#include "find/exports.h"

#include <string.h>

#include "find/sharednames.h"

enum {
	EXPORTS_MAX_DEFINERS = 32, // a name that more objects export is an interface's: every plugin has it
};

/** One name. */
struct name {
	const char *text;
	uint32_t next; ///< Of the same hash.
	uint32_t last_object, count;
	uint32_t export; ///< Its index, once it is kept.
	bool is_function;
};

/** An object's symbol of a name. */
struct meeting {
	uint32_t name, object, symbol;
};

struct collector {
	const struct object_input *inputs;
	uint32_t object; ///< That is being visited.
	struct intmap by_hash;
	vec_of(struct name) names;
	vec_of(struct meeting) meetings;
};

static void collector_deinit(struct collector *collector)
{
	intmap_deinit(&collector->by_hash);
	vec_deinit(&collector->names);
	vec_deinit(&collector->meetings);
}

void exports_deinit(struct exports *exports)
{
	vec_deinit(&exports->items);
	vec_deinit(&exports->definers);
	vec_deinit(&exports->uses);
	vec_deinit(&exports->pairs);
	intmap_deinit(&exports->pair_map);
	free(exports->definitions.first);
	vec_deinit(&exports->definitions.items);
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

static uint32_t name_at(struct collector *collector, uint32_t hash, const char *text, bool is_function)
{
	uint32_t *first = intmap_at(&collector->by_hash, hash, 0, POLYTON_NONE);
	for (uint32_t at = first ? *first : POLYTON_NONE; at != POLYTON_NONE; at = collector->names.items[at].next) {
		if (strcmp(collector->names.items[at].text, text) == 0)
			return at;
	}
	struct name *fresh = first ? vec_push(&collector->names) : NULL;
	if (!fresh)
		return POLYTON_NONE;
	*fresh = (struct name){ text, *first, POLYTON_NONE, 0, POLYTON_NONE, is_function };
	*first = (uint32_t)collector->names.count - 1;
	return *first;
}

// One name of several versions comes once for each.
static bool meet_name(void *arg, size_t index, uint32_t hash)
{
	struct collector *collector = arg;
	const struct elf_symbols *symbols = &collector->inputs[collector->object].exported;
	const Elf64_Sym *symbol = &symbols->entries[index];
	bool is_function;
	if (!is_strong(symbol, &is_function))
		return true;
	const char *text = elf_symbol_name(symbols, symbol);
	if (!text[0])
		return true;
	uint32_t at = name_at(collector, hash, text, is_function);
	struct meeting *meeting = at != POLYTON_NONE ? vec_push(&collector->meetings) : NULL;
	if (!meeting)
		return false;
	struct name *name = &collector->names.items[at];
	*meeting = (struct meeting){ at, collector->object, (uint32_t)index };
	name->count += name->last_object != collector->object;
	name->last_object = collector->object;
	return true;
}

static bool meet_names(const struct object_input *inputs, uint32_t count, struct collector *collector)
{
	struct seen names = { 0 };
	bool is_done = shared_names_meet(inputs, count, &names);
	collector->inputs = inputs;
	for (uint32_t i = 0; is_done && i < count; i++) {
		collector->object = i;
		is_done = shared_names_visit(&names, &inputs[i], meet_name, collector);
	}
	seen_deinit(&names);
	return is_done;
}

// Room for a name's objects is set aside when it is first met.
static bool add_export(struct name *name, struct exports *exports)
{
	struct export *fresh = vec_push(&exports->items);
	if (!fresh)
		return false;
	*fresh = (struct export){ name->text, (uint32_t)exports->definers.count, 0, name->is_function };
	name->export = (uint32_t)exports->items.count - 1;
	for (uint32_t i = 0; i < name->count; i++) {
		uint32_t *definer = vec_push(&exports->definers);
		if (!definer)
			return false;
		*definer = POLYTON_NONE;
	}
	return true;
}

static bool keep_names(struct collector *collector, uint32_t count, struct exports *exports)
{
	exports->definitions.first = calloc((size_t)count + 1, sizeof(*exports->definitions.first));
	if (!exports->definitions.first)
		return false;
	for (size_t i = 0; i < collector->meetings.count; i++) {
		const struct meeting *meeting = &collector->meetings.items[i];
		struct name *name = &collector->names.items[meeting->name];
		if (name->count < 2 || name->count > EXPORTS_MAX_DEFINERS)
			continue;
		if (name->export == POLYTON_NONE && !add_export(name, exports))
			return false;
		struct export *export = &exports->items.items[name->export];
		uint32_t *definers = &exports->definers.items[export->first_definer];
		if (!export->definer_count || definers[export->definer_count - 1] != meeting->object)
			definers[export->definer_count++] = meeting->object;
		struct export_definition *definition = vec_push(&exports->definitions.items);
		if (!definition)
			return false;
		*definition = (struct export_definition){ meeting->symbol, name->export };
		exports->definitions.first[meeting->object + 1]++;
	}
	for (uint32_t i = 0; i < count; i++)
		exports->definitions.first[i + 1] += exports->definitions.first[i];
	return true;
}

// Names were met in the order of objects, and each object's in that of its table.
static const struct export_definition *find_definition(const struct export_definitions *definitions, uint32_t object,
						       size_t symbol)
{
	uint32_t first = definitions->first[object], end = definitions->first[object + 1];
	while (first < end) {
		uint32_t middle = first + (end - first) / 2;
		if (definitions->items.items[middle].symbol < symbol)
			first = middle + 1;
		else
			end = middle;
	}
	bool is_found = first < definitions->first[object + 1] && definitions->items.items[first].symbol == symbol;
	return is_found ? &definitions->items.items[first] : NULL;
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

static const uint32_t *pair_index(const struct exports *exports, uint32_t a, uint32_t b)
{
	return intmap_find(&exports->pair_map, a < b ? a : b, a < b ? b : a);
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

static struct polyton_error *collect_uses(const struct linkage *linkage, struct exports *exports)
{
	for (size_t i = 0; i < linkage->references->count; i++) {
		const struct reference *reference = &linkage->references->items[i];
		uint32_t provider = reference->bound_to.object;
		if (provider == POLYTON_NONE || !reference->bound_to.symbol ||
		    reference->kind == POLYTON_REFERENCE_COPY)
			continue;
		const struct elf_lookup *lookup = linkage->resolver->objects[provider].lookup;
		const struct export_definition *definition =
			find_definition(&exports->definitions, provider,
					elf_lookup_symbol_index(lookup, reference->bound_to.symbol));
		struct export_use *use = definition ? vec_push(&exports->uses) : NULL;
		if (definition && !use)
			return error_no_memory();
		if (definition)
			*use = (struct export_use){ definition->export, reference->object, provider };
	}
	return NULL;
}

struct export_pair *exports_add_pair(struct exports *exports, uint32_t a, uint32_t b)
{
	uint32_t *at = intmap_at(&exports->pair_map, a, b, POLYTON_NONE);
	if (at && *at != POLYTON_NONE)
		return &exports->pairs.items[*at];
	struct export_pair *pair = at ? vec_push(&exports->pairs) : NULL;
	if (!pair)
		return NULL;
	*pair = (struct export_pair){ .a = a, .b = b };
	*at = (uint32_t)exports->pairs.count - 1;
	return pair;
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
	if (a->provider != b->provider)
		return a->provider < b->provider ? -1 : 1;
	if (a->export != b->export)
		return a->export < b->export ? -1 : 1;
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

const struct export_use *exports_uses_of(const struct exports *exports, uint32_t provider, size_t *count_ret)
{
	const struct export_use *uses = exports->uses.items;
	size_t first = 0, end = exports->uses.count;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (uses[middle].provider < provider)
			first = middle + 1;
		else
			end = middle;
	}
	while (end < exports->uses.count && uses[end].provider == provider)
		end++;
	*count_ret = end - first;
	return uses + first;
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

struct polyton_error *exports_find(const struct object_input *inputs, uint32_t count, struct exports *ret)
{
	struct exports exports = { .inputs = inputs };
	struct collector collector = { 0 };
	exports.function_counts = malloc(((size_t)count + 1) * sizeof(*exports.function_counts));
	for (uint32_t i = 0; exports.function_counts && i < count; i++)
		exports.function_counts[i] = POLYTON_NONE;
	bool is_done = exports.function_counts && meet_names(inputs, count, &collector) &&
		       keep_names(&collector, count, &exports);
	collector_deinit(&collector);
	if (!is_done) {
		exports_deinit(&exports);
		return error_no_memory();
	}
	*ret = exports;
	return NULL;
}

struct polyton_error *exports_relate(const struct finder *finder, struct exports *exports)
{
	struct polyton_error *error = collect_uses(finder->linkage, exports);
	if (error)
		return error;
	sort_uses(exports);
	return count_pairs(finder, exports);
}

// Merging is what one wants of a registry, and it works as long as one object only brings the code that constructs
// it. So what is merged is easily found, and the rest is to make sure that two objects do.

#include "find/twiceinit.h"

#include <stdio.h>
#include <string.h>

#include "base/spread.h"
#include "base/strmap.h"
#include "find/about.h"
#include "find/merged.h"
#include "find/startcode.h"

enum {
	TWICEINIT_MAX_GUARD = 4096,
	TWICEINIT_OBJECTS = 1, // that are worth a thread of their own
};

/** A way into a merged variable, by the object whose code has it. */
struct twiceinit_access {
	uint32_t object;
	struct startcode_way way;
};

/** A variable that several objects define and one's is used for. */
struct twiceinit_variable {
	struct definition used;
	uint32_t name_object; ///< One of the others, by whose table it is named.
	const Elf64_Sym *name_symbol;
};

struct collector {
	const struct finder *finder;
	struct twiceinit *found;
};

static bool has_symbol(const struct finder *finder, uint32_t object, const char *name)
{
	const struct elf_wanted wanted = { name, elf_gnu_hash(name), NULL };
	return elf_lookup_find(finder->linkage->resolver->objects[object].lookup, &wanted, false) != NULL;
}

static bool is_guard(const char *name)
{
	return strncmp(name, "_ZGV", strlen("_ZGV")) == 0;
}

// "_ZGV" and what is mangled behind "_Z"; a variable of no namespace is not mangled itself.
static bool has_guard(const struct finder *finder, const struct merge *merge, const char *name)
{
	char guard[TWICEINIT_MAX_GUARD];
	int length = strncmp(name, "_Z", 2) == 0 ? snprintf(guard, sizeof(guard), "_ZGV%s", name + 2)
						 : snprintf(guard, sizeof(guard), "_ZGV%zu%s", strlen(name), name);
	if (length < 0 || (size_t)length >= sizeof(guard))
		return true;
	return has_symbol(finder, merge->own.object, guard) || has_symbol(finder, merge->used.object, guard);
}

// What is constructed when the program runs is zero before.
static bool starts_as_zero(const struct finder *finder, const struct definition *definition)
{
	enum polyton_storage storage;
	return object_storage(&finder->inputs[definition->object], definition->symbol->st_value, &storage) &&
	       storage == POLYTON_STORAGE_ZERO;
}

static bool is_candidate(const struct finder *finder, const struct reference *reference, struct merge *ret)
{
	const struct resolver *resolver = finder->linkage->resolver;
	if (reference->kind != POLYTON_REFERENCE_DATA || !merged_read(resolver, reference, ret))
		return false;
	const char *name = reference_name(resolver, reference);
	return finder->inputs[ret->own.object].file && starts_as_zero(finder, &ret->own) && !is_guard(name) &&
	       !has_guard(finder, ret, name);
}

static struct polyton_error *add_access(struct collector *collector, uint32_t object, struct startcode_way way)
{
	struct twiceinit_access *access = vec_push(&collector->found->accesses);
	if (!access)
		return error_no_memory();
	*access = (struct twiceinit_access){ object, way };
	return NULL;
}

// The object whose definition is used has its address itself, if it was linked so.
static struct polyton_error *add_variable(struct collector *collector, const struct merge *merge)
{
	uint32_t *index = placemap_at(&collector->found->places, merge->used.object, POLYTON_KIND_STATIC,
				      merge->used.symbol->st_value, (uint32_t)collector->found->variables.count);
	if (!index)
		return error_no_memory();
	if (*index < collector->found->variables.count)
		return NULL;
	struct twiceinit_variable *variable = vec_push(&collector->found->variables);
	if (!variable)
		return error_no_memory();
	*variable = (struct twiceinit_variable){ merge->used, merge->own.object, merge->own.symbol };
	return add_access(collector, merge->used.object,
			  (struct startcode_way){ .address = merge->used.symbol->st_value, .variable = *index });
}

static struct polyton_error *collect_variables(struct collector *collector)
{
	const struct linkage *linkage = collector->finder->linkage;
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < linkage->references->count; i++) {
		struct merge merge;
		if (!is_candidate(collector->finder, &linkage->references->items[i], &merge))
			continue;
		if (startcode_is_known(&collector->finder->inputs[merge.own.object]))
			error = add_variable(collector, &merge);
		else
			collector->found->is_code_unknown = true;
	}
	return error;
}

// Words that lead to one of the variables, of objects that define it: also of the one whose definition it is.
static struct polyton_error *collect_slots(struct collector *collector)
{
	const struct linkage *linkage = collector->finder->linkage;
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < linkage->references->count; i++) {
		const struct reference *reference = &linkage->references->items[i];
		const struct link_object *object = &linkage->resolver->objects[reference->object];
		if (reference->kind != POLYTON_REFERENCE_DATA || reference->bound_to.object == POLYTON_NONE ||
		    object->lookup->symbols.entries[reference->symbol].st_shndx == SHN_UNDEF)
			continue;
		const uint32_t *variable = placemap_find(&collector->found->places, reference->bound_to.object,
							 POLYTON_KIND_STATIC, reference->bound_to.symbol->st_value);
		if (variable)
			error = add_access(collector, reference->object,
					   (struct startcode_way){ reference->place - object->bias, true, *variable,
								   0 });
	}
	return error;
}

static int compare_by_object(const void *left, const void *right)
{
	const struct twiceinit_access *a = left, *b = right;
	return (a->object > b->object) - (a->object < b->object);
}

static int compare_by_variable(const void *left, const void *right)
{
	const struct twiceinit_access *a = left, *b = right;
	if (a->way.variable != b->way.variable)
		return a->way.variable < b->way.variable ? -1 : 1;
	return compare_by_object(left, right);
}

/** The accesses, by object, and where each object's begin. */
struct looking {
	const struct finder *finder;
	struct twiceinit_access *accesses;
	vec_of(size_t) first;
};

static struct polyton_error *look_into_object(void *arg, size_t number)
{
	const struct looking *looking = arg;
	struct twiceinit_access *accesses = &looking->accesses[looking->first.items[number]];
	size_t count = looking->first.items[number + 1] - looking->first.items[number];
	auto_free struct startcode_way *ways = calloc(count, sizeof(*ways));
	if (!ways)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		ways[i] = accesses[i].way;
	struct polyton_error *error = startcode_look(looking->finder, accesses->object, ways, count);
	for (size_t i = 0; i < count; i++)
		accesses[i].way = ways[i];
	return error;
}

static struct polyton_error *look_into_objects(struct collector *collector)
{
	struct twiceinit_access *accesses = collector->found->accesses.items;
	size_t count = collector->found->accesses.count;
	struct looking looking = { .finder = collector->finder, .accesses = accesses };
	struct polyton_error *error = NULL;
	qsort(accesses, count, sizeof(*accesses), compare_by_object);
	for (size_t i = 0; !error && i <= count; i++) {
		bool is_border = i == 0 || i == count || accesses[i].object != accesses[i - 1].object;
		size_t *first = is_border ? vec_push(&looking.first) : NULL;
		if (first)
			*first = i;
		else if (is_border)
			error = error_no_memory();
	}
	if (!error)
		error = spread_over(looking.first.count - 1, TWICEINIT_OBJECTS, look_into_object, &looking);
	if (!error)
		qsort(accesses, count, sizeof(*accesses), compare_by_variable);
	vec_deinit(&looking.first);
	return error;
}

// Objects whose start code does that with the variable of these accesses: how many.
static size_t list_doers(const struct twiceinit_access *accesses, size_t count, unsigned does, uint32_t *ret)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		if (accesses[i].way.does & does && (!found || ret[found - 1] != accesses[i].object))
			ret[found++] = accesses[i].object;
	}
	return found;
}

/** What objects do to variables of one of them: the objects, in order, and the variables. */
struct deed {
	uint32_t provider;
	bool is_constructed; ///< Else: is destroyed.
	const uint32_t *doers;
	size_t doer_count;
	vec_of(uint32_t) variables;
};

struct deeds {
	struct strmap keys;
	struct arena arena;
	vec_of(struct deed) items;
};

static struct polyton_error *add_deed(struct deeds *deeds, const struct deed *wanted, uint32_t variable)
{
	size_t size = wanted->doer_count * sizeof(*wanted->doers);
	uint32_t *key = arena_alloc(&deeds->arena, wanted->doer_count + 2, sizeof(*key));
	if (!key)
		return error_no_memory();
	key[0] = wanted->provider;
	key[1] = wanted->is_constructed;
	memcpy(key + 2, wanted->doers, size);
	uint32_t *index =
		strmap_at(&deeds->keys, (const char *)key, 2 * sizeof(*key) + size, (uint32_t)deeds->items.count);
	if (!index)
		return error_no_memory();
	struct deed *deed = *index < deeds->items.count ? &deeds->items.items[*index] : vec_push(&deeds->items);
	if (!deed)
		return error_no_memory();
	if (!deed->doers) {
		*deed = *wanted;
		deed->doers = key + 2;
	}
	uint32_t *place = vec_push(&deed->variables);
	if (!place)
		return error_no_memory();
	*place = variable;
	return NULL;
}

static void deeds_deinit(struct deeds *deeds)
{
	for (size_t i = 0; i < deeds->items.count; i++)
		vec_deinit(&deeds->items.items[i].variables);
	vec_deinit(&deeds->items);
	strmap_deinit(&deeds->keys);
	arena_deinit(&deeds->arena);
}

static struct polyton_error *name_variable(const struct finder *finder, const struct placemap *copies,
					   const struct twiceinit_variable *variable, struct arena *arena,
					   const char **ret, uint32_t *singleton_ret)
{
	const struct polyton_snapshot *snapshot = finder->snapshot;
	const struct resolver *resolver = finder->linkage->resolver;
	const struct elf_symbols *symbols = &resolver->objects[variable->name_object].lookup->symbols;
	const char *name, *noise;
	struct polyton_error *error =
		merged_name(elf_symbol_name(symbols, variable->name_symbol), arena, &name, &noise);
	if (error)
		return error;
	*singleton_ret = merged_singleton(snapshot, copies, &variable->used);
	*ret = *singleton_ret == POLYTON_NONE ? name : snapshot->singletons.items[*singleton_ret].name;
	*ret = noise ? NULL : *ret;
	return NULL;
}

static struct polyton_error *report(struct finder *finder, const struct deed *deed, const char *const *words,
				    size_t count, uint32_t singleton)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	struct polyton_finding finding = finder_start(RULE_MERGED_TWICE_INITIALISED, POLYTON_SEVERITY_WARNING);
	const char *who = finder_enumerate(snapshot, (struct names){ deed->doers, deed->doer_count });
	const char *often = finder_times(snapshot, deed->doer_count), *names = finder_list(snapshot, words, count);
	const char *what = deed->is_constructed ? "constructed" : "destroyed";
	if (!who || !often || !names)
		return error_no_memory();
	merged_place(snapshot, count == 1 ? singleton : POLYTON_NONE, deed->doers[1], &finding);
	finding.headline = count == 1 ? arena_printf(&snapshot->arena, "%s is one variable, but %s %s %s: by %s.",
						     names, deed->is_constructed ? "is" : "will be", what, often, who)
				      : arena_printf(&snapshot->arena,
						     "%zu variables are one each for all, but %s %s %s: by %s (%s).",
						     count, deed->is_constructed ? "are" : "will be", what, often,
						     who, names);
	finding.detail = arena_printf(
		&snapshot->arena,
		"All use %s's, and each of the objects %s when it is loaded: %s. Have one of them only bring it, as "
		"a "
		"shared library that the others link; or hide it in each (then each has a variable of its own).",
		finder_object(finder, deed->provider),
		deed->is_constructed ? "runs its constructor on it" : "registers its destructor for it",
		deed->is_constructed ? "what was registered before is lost, or its library ends the program"
				     : "its memory is freed again at the end of the program");
	struct polyton_error *error =
		about_objects(finder, (struct names){ deed->doers, deed->doer_count }, &finding);
	return error ? error : finder_add(finder, finding);
}

static struct polyton_error *report_deed(const struct twiceinit *found, struct finder *finder,
					 const struct placemap *copies, const struct deed *deed)
{
	auto_free const char **words = calloc(deed->variables.count, sizeof(*words));
	struct polyton_error *error = words ? NULL : error_no_memory();
	uint32_t singleton = POLYTON_NONE;
	struct arena scratch = { 0 };
	size_t count = 0;
	for (size_t i = 0; !error && i < deed->variables.count; i++) {
		const struct twiceinit_variable *variable = &found->variables.items[deed->variables.items[i]];
		error = name_variable(finder, copies, variable, &scratch, &words[count], &singleton);
		count += !error && words[count];
	}
	if (!error && count)
		error = report(finder, deed, words, count, singleton);
	arena_deinit(&scratch);
	return error;
}

static struct polyton_error *judge_variable(const struct twiceinit *found, const struct twiceinit_access *accesses,
					    size_t count, uint32_t *objects, struct deeds *deeds)
{
	uint32_t variable = accesses->way.variable;
	struct deed deed = { .provider = found->variables.items[variable].used.object,
			     .is_constructed = true,
			     .doers = objects };
	deed.doer_count = list_doers(accesses, count, STARTCODE_CONSTRUCTS, objects);
	if (deed.doer_count < 2) { // its constructor was inlined, or does nothing when the program runs
		deed.doer_count = list_doers(accesses, count, STARTCODE_DESTROYS, objects);
		deed.is_constructed = false;
	}
	return deed.doer_count < 2 ? NULL : add_deed(deeds, &deed, variable);
}

static struct polyton_error *judge(const struct twiceinit *found, struct finder *finder)
{
	const struct twiceinit_access *accesses = found->accesses.items;
	size_t count = found->accesses.count;
	auto_free uint32_t *objects = calloc(count + 1, sizeof(*objects));
	struct placemap copies = { 0 };
	struct deeds deeds = { 0 };
	struct polyton_error *error = objects ? NULL : error_no_memory();
	for (size_t first = 0, last; !error && first < count; first = last) {
		for (last = first + 1; last < count && accesses[last].way.variable == accesses[first].way.variable;
		     last++)
			;
		error = judge_variable(found, &accesses[first], last - first, objects, &deeds);
	}
	if (!error && deeds.items.count)
		error = merged_map_copies(finder->snapshot, &copies);
	for (size_t i = 0; !error && i < deeds.items.count; i++)
		error = report_deed(found, finder, &copies, &deeds.items.items[i]);
	placemap_deinit(&copies);
	deeds_deinit(&deeds);
	return error;
}

struct polyton_error *twiceinit_look(const struct finder *finder, struct twiceinit *ret)
{
	struct collector collector = { .finder = finder, .found = ret };
	struct polyton_error *error = collect_variables(&collector);
	if (!error && ret->variables.count)
		error = collect_slots(&collector);
	return error || !ret->variables.count ? error : look_into_objects(&collector);
}

void twiceinit_deinit(struct twiceinit *twiceinit)
{
	placemap_deinit(&twiceinit->places);
	vec_deinit(&twiceinit->variables);
	vec_deinit(&twiceinit->accesses);
}

struct polyton_error *twiceinit_find(struct finder *finder)
{
	struct polyton_error *error = judge(finder->twiceinit, finder);
	if (error || !finder->twiceinit->is_code_unknown)
		return error;
	return snapshot_note(
		finder->snapshot, POLYTON_NONE, false,
		"whether variables that were merged are constructed more than once (PT013) was not looked "
		"at: code of this machine cannot be read");
}

// Of two exported definitions the loader takes the first in scope, so a further copy is there because its object did
// not ask the loader, asked in another scope, or because nobody was shown the first. Which of these it was can be
// read off the symbol and the scopes; what cannot is said to be unknown.

#include "find/cause.h"

#include <string.h>

#include "find/exports.h"
#include "find/identity.h"
#include "find/remedy.h"

/** A copy that is beside the first. */
struct pair {
	const struct finder *finder;
	const struct polyton_singleton *singleton;
	const struct polyton_copy *first, *further;
	bool is_internal; ///< To a source file, says the name of either.
};

static const struct polyton_object *object_of(const struct finder *finder, const struct polyton_copy *copy)
{
	return &finder->snapshot->objects.items[copy->object];
}

static const char *base_name(const struct polyton_object *object)
{
	const char *name = object->soname[0] ? object->soname : object->path, *slash = strrchr(name, '/');
	return slash ? slash + 1 : name;
}

const char *cause_stem(const struct polyton_object *object, size_t *length_ret)
{
	const char *name = base_name(object), *suffix = strstr(name, ".so");
	if (object->is_program || !suffix || strncmp(name, "lib", 3) != 0 || suffix - name < 4)
		return NULL;
	size_t length = (size_t)(suffix - name), end = length;
	while (end && strchr("0123456789.", name[end - 1]))
		end--;
	// A number is a version when something says so: sdl2 and sdl are two libraries.
	*length_ret = end && end < length && name[end - 1] == '-' ? end - 1 : length;
	return name;
}

bool cause_needs(const struct finder *finder, uint32_t object, uint32_t library)
{
	const struct elf_dynamic *dynamic = &finder->inputs[object].dynamic;
	for (size_t i = 0; i < dynamic->needed_count; i++) {
		if (strcmp(dynamic->needed[i], finder->snapshot->objects.items[library].soname) == 0)
			return true;
	}
	return false;
}

bool cause_is_other_version(const struct finder *finder, uint32_t a, uint32_t b)
{
	const struct polyton_object *left = &finder->snapshot->objects.items[a];
	const struct polyton_object *right = &finder->snapshot->objects.items[b];
	size_t length, other_length;
	const char *name = cause_stem(left, &length), *other = cause_stem(right, &other_length);
	if (!name || !other || length != other_length || strncmp(name, other, length) != 0)
		return false;
	// Not all linkers give a build id; then the names must tell.
	bool is_other = strcmp(left->build_id, right->build_id) != 0 ||
			(!left->build_id[0] && strcmp(name, other) != 0);
	// A plugin may be named after the library that it brings, and one source may be built into libraries of their
	// own.
	return is_other && !cause_needs(finder, a, b) && !cause_needs(finder, b, a) &&
	       exports_share_most(finder->exports, a, b, false);
}

bool cause_is_same_file(const struct finder *finder, uint32_t a, uint32_t b)
{
	const struct polyton_object *left = &finder->snapshot->objects.items[a];
	const struct polyton_object *right = &finder->snapshot->objects.items[b];
	const struct elf_file *x = finder->inputs[a].file, *y = finder->inputs[b].file;
	if (left->build_id[0] || right->build_id[0])
		return strcmp(left->build_id, right->build_id) == 0;
	return x && y && x->size == y->size && (x == y || memcmp(x->map, y->map, x->size) == 0);
}

static bool has_other_exported(const struct pair *pair, const struct polyton_copy *copy)
{
	const struct polyton_copy *copies = &pair->finder->snapshot->copies.items[pair->singleton->first_copy];
	for (uint32_t i = 0; i < pair->singleton->copy_count; i++) {
		if (copies[i].object != copy->object && copies[i].is_exported)
			return true;
	}
	return false;
}

// Whether the object defines symbol versions, which takes a version script; the base definition names just the file.
static bool has_version_script(const struct finder *finder, uint32_t object)
{
	const struct elf_lookup *lookup = finder->inputs[object].lookup;
	for (size_t i = 0; lookup && i < lookup->versions.count; i++) {
		if (lookup->versions.items[i].name && lookup->versions.items[i].is_definition)
			return true;
	}
	return false;
}

// Why a copy that is not exported is kept inside. GNU ld makes hidden and listed-out symbols alike; no linker makes a
// mangled name internal.
static enum polyton_cause inside_cause(const struct pair *pair, const struct polyton_copy *copy)
{
	bool is_rust = pair->singleton->language == POLYTON_LANGUAGE_RUST;
	if (copy->binding == POLYTON_BINDING_LOCAL && (copy->source[0] || pair->is_internal))
		return POLYTON_CAUSE_STATIC_LINK;
	if (object_of(pair->finder, copy)->is_program)
		return is_rust || copy->binding != POLYTON_BINDING_LOCAL ? POLYTON_CAUSE_NOT_EXPORTED
									 : POLYTON_CAUSE_HIDDEN;
	if (copy->visibility == POLYTON_VISIBILITY_HIDDEN && !is_rust)
		return POLYTON_CAUSE_HIDDEN;
	if (copy->binding != POLYTON_BINDING_LOCAL && copy->visibility != POLYTON_VISIBILITY_HIDDEN)
		return POLYTON_CAUSE_UNKNOWN;
	return is_rust || has_version_script(pair->finder, copy->object) || has_other_exported(pair, copy)
		       ? POLYTON_CAUSE_EXPORT_LIST
		       : POLYTON_CAUSE_HIDDEN;
}

// A variable that every file which uses it defines: inline, a template's, a static of an inline function.
static bool is_vague(const struct polyton_copy *copy)
{
	return strncmp(copy->symbol, "_Z", 2) == 0 &&
	       (copy->binding == POLYTON_BINDING_WEAK || copy->binding == POLYTON_BINDING_UNIQUE);
}

uint32_t cause_user(const struct polyton_copy *copy)
{
	for (uint32_t i = 0; i < copy->user_count; i++) {
		if (copy->users[i] == copy->object)
			return copy->object;
	}
	return copy->user_count ? copy->users[0] : copy->object;
}

// Both are exported, and yet the references of the further one's users went to it.
static enum polyton_cause scope_cause(const struct pair *pair)
{
	const struct scopes *scopes = pair->finder->linkage->scopes;
	uint32_t first = pair->first->object, further = pair->further->object, first_place, own_place;
	uint32_t user = cause_user(pair->further);
	if (!scopes_reach(scopes, user, first, true, &first_place)) {
		bool could_merge = is_vague(pair->further) && pair->further->binding == POLYTON_BINDING_WEAK;
		return could_merge ? POLYTON_CAUSE_NO_UNIQUE : POLYTON_CAUSE_LOCAL_SCOPE;
	}
	if (strcmp(pair->first->version, pair->further->version) != 0)
		return POLYTON_CAUSE_TWO_VERSIONS;
	if (scopes_reach(scopes, user, further, true, &own_place) && own_place < first_place)
		return scopes_is_deepbind(scopes, user) ? POLYTON_CAUSE_DEEPBIND : POLYTON_CAUSE_UNKNOWN;
	return POLYTON_CAUSE_UNKNOWN;
}

static enum polyton_cause find_cause(const struct pair *pair, const struct polyton_copy **whose_ret)
{
	const struct finder *finder = pair->finder;
	const struct polyton_object *first = object_of(finder, pair->first);
	const struct polyton_object *further = object_of(finder, pair->further);
	*whose_ret = pair->further;
	if (first->name_space != further->name_space)
		return POLYTON_CAUSE_NAMESPACE;
	if (cause_is_same_file(finder, pair->first->object, pair->further->object))
		return POLYTON_CAUSE_SAME_FILE;
	if (cause_is_other_version(finder, pair->first->object, pair->further->object))
		return POLYTON_CAUSE_TWO_VERSIONS;
	if (!pair->further->is_exported)
		return inside_cause(pair, pair->further);
	if (pair->further->is_protected)
		return POLYTON_CAUSE_PROTECTED;
	if (finder->inputs[pair->further->object].dynamic.is_symbolic)
		return POLYTON_CAUSE_SYMBOLIC;
	if (pair->first->is_exported)
		return scope_cause(pair);
	*whose_ret = pair->first;
	return inside_cause(pair, pair->first);
}

// The copy that the others' objects could have used. @p is_global: by object, whether all look into it.
static uint32_t find_first(const struct finder *finder, const bool *is_global,
			   const struct polyton_singleton *singleton)
{
	const struct polyton_copy *copies = finder->snapshot->copies.items;
	uint32_t any = POLYTON_NONE, exported = POLYTON_NONE;
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		uint32_t index = singleton->first_copy + i;
		const struct polyton_copy *copy = &copies[index];
		if (copy->use != POLYTON_USE_LIVE || object_of(finder, copy)->name_space)
			continue;
		if (object_of(finder, copy)->is_program && copy->binding != POLYTON_BINDING_LOCAL)
			return index;
		if (any == POLYTON_NONE)
			any = index;
		if (exported == POLYTON_NONE && copy->is_exported && !copy->is_protected && is_global[copy->object])
			exported = index;
	}
	return exported != POLYTON_NONE ? exported : any;
}

static uint32_t first_live(const struct finder *finder, const struct polyton_singleton *singleton)
{
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		if (finder->snapshot->copies.items[singleton->first_copy + i].use == POLYTON_USE_LIVE)
			return singleton->first_copy + i;
	}
	return POLYTON_NONE;
}

static struct polyton_error *ask_name(const struct polyton_copy *copy, bool *is_internal)
{
	struct arena scratch = { 0 };
	struct identity identity;
	if (copy->binding != POLYTON_BINDING_LOCAL || copy->source[0])
		return NULL; // the answer would change nothing
	struct polyton_error *error = identity_of(copy->symbol, false, &scratch, &identity);
	if (!error)
		*is_internal |= identity.scope != IDENTITY_GLOBAL;
	arena_deinit(&scratch);
	return error;
}

static struct polyton_error *settle(const struct finder *finder, const struct polyton_singleton *singleton,
				    const struct polyton_copy *first, struct polyton_copy *further)
{
	struct pair pair = { .finder = finder, .singleton = singleton, .first = first, .further = further };
	struct remedy_case facts = { .snapshot = finder->snapshot,
				     .singleton = singleton,
				     .first = first,
				     .further = further };
	struct polyton_error *error = ask_name(first, &pair.is_internal);
	if (!error)
		error = ask_name(further, &pair.is_internal);
	if (error)
		return error;
	facts.cause = find_cause(&pair, &facts.whose);
	further->reason = remedy_reason(&facts);
	return further->reason ? NULL : error_no_memory();
}

struct polyton_error *causes_settle(struct finder *finder)
{
	struct polyton_snapshot *snapshot = finder->snapshot;
	auto_free bool *is_global = calloc(snapshot->objects.count + 1, sizeof(*is_global));
	if (!is_global)
		return error_no_memory();
	scopes_mark_global(finder->linkage->scopes, is_global);
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		if (singleton->dropped || singleton->live_count < 2)
			continue;
		uint32_t first = find_first(finder, is_global, singleton);
		if (first == POLYTON_NONE)
			first = first_live(finder, singleton);
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + k];
			if (copy->use != POLYTON_USE_LIVE || singleton->first_copy + k == first)
				continue;
			struct polyton_error *error = settle(finder, singleton, &snapshot->copies.items[first], copy);
			if (error)
				return error;
		}
	}
	return NULL;
}

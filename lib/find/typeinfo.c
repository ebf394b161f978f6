// A library that is linked into two objects has all its types twice, so what is said is said of a set of objects.

#include "find/typeinfo.h"

#include <string.h>

#include "base/spread.h"
#include "base/strmap.h"
#include "find/about.h"
#include "find/identity.h"

enum { TYPEINFO_OBJECTS = 16 }; // that are worth a thread of their own

/** Types that the same objects, all of one namespace, have their own of. */
struct family {
	const uint32_t *objects;
	size_t object_count;
	vec_of(uint32_t) singletons;
	bool is_hidden; ///< In one of them at the least, of one of them.
};

struct collector {
	struct finder *finder;
	bool *uses_libcxx; ///< By object.
	struct arena scratch;
	struct strmap keys; ///< Sets of objects.
	vec_of(struct family) families;
};

static bool mentions(const struct elf_symbols *symbols, const char *text)
{
	return symbols->strings_size && memmem(symbols->strings, symbols->strings_size, text, strlen(text));
}

// It needs libc++, or has names of std::__1, libc++'s inline namespace, also when libc++ is linked into it.
static bool is_libcxx_user(const struct object_input *object)
{
	for (size_t i = 0; i < object->dynamic.needed_count; i++) {
		const char *needed = object->dynamic.needed[i];
		if (strncmp(needed, "libc++.so", 9) == 0 || strncmp(needed, "libc++abi.so", 12) == 0)
			return true;
	}
	bool is_stripped = object->symbols.strings == object->exported.strings;
	return mentions(&object->exported, "St3__1") || (!is_stripped && mentions(&object->symbols, "St3__1"));
}

static bool is_live_of(const struct collector *collector, const struct polyton_copy *copy, uint32_t name_space)
{
	return copy->use == POLYTON_USE_LIVE && collector->uses_libcxx[copy->object] &&
	       collector->finder->snapshot->objects.items[copy->object].name_space == name_space;
}

static struct family *family_of(struct collector *collector, const uint32_t *objects, size_t count)
{
	size_t size = count * sizeof(*objects);
	const uint32_t *found = strmap_find(&collector->keys, (const char *)objects, size);
	if (found)
		return &collector->families.items[*found];
	uint32_t *kept = arena_alloc(&collector->scratch, count, sizeof(*kept));
	if (!kept)
		return NULL;
	memcpy(kept, objects, size);
	if (!strmap_at(&collector->keys, (const char *)kept, size, (uint32_t)collector->families.count))
		return NULL;
	struct family *family = vec_push(&collector->families);
	if (family)
		*family = (struct family){ .objects = kept, .object_count = count };
	return family;
}

static struct polyton_error *collect_from(struct collector *collector, uint32_t index, uint32_t first,
					  uint32_t *objects)
{
	const struct polyton_snapshot *snapshot = collector->finder->snapshot;
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	uint32_t name_space = snapshot->objects.items[snapshot->copies.items[first].object].name_space;
	uint32_t end = singleton->first_copy + singleton->copy_count;
	bool is_hidden = false;
	size_t count = 0;
	for (uint32_t i = singleton->first_copy; i < end; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (!is_live_of(collector, copy, name_space))
			continue;
		if (i < first) // this namespace has been looked at
			return NULL;
		is_hidden |= !copy->is_exported;
		objects[count++] = copy->object;
	}
	if (count < 2)
		return NULL;
	struct family *family = family_of(collector, objects, count);
	uint32_t *place = family ? vec_push(&family->singletons) : NULL;
	if (!place)
		return error_no_memory();
	*place = index;
	family->is_hidden |= is_hidden;
	return NULL;
}

// Types of anonymous namespaces, of functions, and lambdas are another in each file by definition.
static bool is_shared_type(const char *symbol)
{
	return strncmp(symbol, "_ZTI", 4) == 0 && symbol[4] != 'Z' && !strstr(symbol, "_GLOBAL__N_") &&
	       !strstr(symbol, "Ul") && !strstr(symbol, "Ut") && !strstr(symbol, "$_");
}

static struct polyton_error *collect(struct collector *collector)
{
	const struct polyton_snapshot *snapshot = collector->finder->snapshot;
	auto_free uint32_t *objects = calloc(snapshot->copies.count + 1, sizeof(*objects));
	struct polyton_error *error = objects ? NULL : error_no_memory();
	for (uint32_t i = 0; !error && i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		uint32_t first = singleton->first_copy;
		if (singleton->live_count < 2 || !is_shared_type(snapshot->copies.items[first].symbol))
			continue;
		for (uint32_t k = 0; !error && k < singleton->copy_count; k++)
			error = collect_from(collector, i, first + k, objects);
	}
	return error;
}

// Whether a cause fits all: who keeps it inside, or who cannot be looked into.
static enum polyton_cause cause_of(const struct collector *collector, const struct family *family)
{
	const struct scopes *scopes = collector->finder->linkage->scopes;
	if (family->is_hidden)
		return POLYTON_CAUSE_HIDDEN;
	for (size_t i = 1; i < family->object_count; i++) {
		if (scopes_reach(scopes, family->objects[i], family->objects[0], true, NULL))
			return POLYTON_CAUSE_UNKNOWN;
	}
	return POLYTON_CAUSE_LOCAL_SCOPE;
}

static const struct polyton_reason *make_reason(const struct collector *collector, const struct family *family)
{
	enum polyton_cause cause = cause_of(collector, family);
	static const char *const text[] = {
		[POLYTON_CAUSE_UNKNOWN] = "Each object uses its own, though it could have found another's.",
		[POLYTON_CAUSE_HIDDEN] = "Their typeinfo is not exported by all of the objects, so the loader cannot "
					 "merge it.",
		[POLYTON_CAUSE_LOCAL_SCOPE] =
			"The objects were loaded with RTLD_LOCAL, so neither looks into the other.",
	};
	static const char *const steps[] = {
		"Link the code that defines these types into one shared library, which all of the objects link.",
		"Or give the types default visibility, and load the first of the objects with RTLD_GLOBAL or link it "
		"with the program.",
		"Or build libc++ with LIBCXX_TYPEINFO_COMPARISON_IMPLEMENTATION=2, which compares names.",
		NULL,
	};
	return finder_reason(collector->finder->snapshot, cause, text[cause], steps);
}

static struct polyton_error *add_finding(struct collector *collector, const struct family *family)
{
	struct polyton_snapshot *snapshot = collector->finder->snapshot;
	size_t count = family->singletons.count;
	auto_free const char **words = calloc(count, sizeof(*words));
	static const char prefix[] = "typeinfo for ";
	if (!words)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		words[i] = snapshot->singletons.items[family->singletons.items[i]].name;
		if (strncmp(words[i], prefix, strlen(prefix)) == 0)
			words[i] += strlen(prefix);
	}
	const char *types = finder_list(snapshot, words, count);
	const char *where = finder_enumerate(snapshot, (struct names){ family->objects, family->object_count });
	if (!types || !where)
		return error_no_memory();
	struct polyton_finding finding = finder_start(RULE_DUPLICATE_TYPE_IDENTITY, POLYTON_SEVERITY_WARNING);
	finding.object = family->objects[1];
	finding.reason = make_reason(collector, family);
	if (!finding.reason)
		return error_no_memory();
	finding.headline =
		count == 1
			? arena_printf(
				  &snapshot->arena,
				  "The C++ type %s exists in each of %s, and libc++ takes it for different ones.",
				  types, where)
			: arena_printf(
				  &snapshot->arena,
				  "%zu C++ types exist in each of %s, and libc++ takes them for different ones: %s.",
				  count, where, types);
	finding.detail =
		"libc++ tells types apart by address: what one of the objects throws, another does not catch by "
		"this type, and dynamic_cast and std::any_cast of the other's fail.";
	struct polyton_error *error =
		about_objects(collector->finder, (struct names){ family->objects, family->object_count }, &finding);
	return error ? error : finder_add(collector->finder, finding);
}

// Only objects with a type's information of which there are several are looked into.
static void mark_holders(const struct polyton_snapshot *snapshot, bool *is_holder)
{
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		const struct polyton_copy *copies = &snapshot->copies.items[singleton->first_copy];
		if (singleton->live_count < 2 || !is_shared_type(copies->symbol))
			continue;
		for (uint32_t k = 0; k < singleton->copy_count; k++)
			is_holder[copies[k].object] = true;
	}
}

static struct polyton_error *look_into_holder(void *arg, size_t object)
{
	const struct collector *collector = arg;
	if (collector->uses_libcxx[object])
		collector->uses_libcxx[object] = is_libcxx_user(&collector->finder->inputs[object]);
	return NULL;
}

struct polyton_error *typeinfo_find(struct finder *finder)
{
	size_t object_count = finder->snapshot->objects.count;
	auto_free bool *uses_libcxx = calloc(object_count + 1, sizeof(*uses_libcxx));
	struct collector collector = { .finder = finder, .uses_libcxx = uses_libcxx };
	uint32_t users = 0;
	if (!uses_libcxx)
		return error_no_memory();
	mark_holders(finder->snapshot, uses_libcxx);
	struct polyton_error *error = spread_over(object_count, TYPEINFO_OBJECTS, look_into_holder, &collector);
	for (size_t i = 0; i < object_count; i++)
		users += uses_libcxx[i];
	if (!error && users >= 2)
		error = collect(&collector);
	for (size_t i = 0; !error && i < collector.families.count; i++)
		error = add_finding(&collector, &collector.families.items[i]);
	for (size_t i = 0; i < collector.families.count; i++)
		vec_deinit(&collector.families.items[i].singletons);
	vec_deinit(&collector.families);
	strmap_deinit(&collector.keys);
	arena_deinit(&collector.scratch);
	return error;
}

// A baseline, a suppression and a code scanning service know a finding again by what it says, not by where it was
// seen: addresses, paths, build ids and process ids differ from run to run, the rule, the variable's name and the
// files' names do not.

#include "find/about.h"

#include <inttypes.h>
#include <string.h>

#include "base/numbers.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static struct polyton_error *set_objects(struct polyton_snapshot *snapshot, struct names names,
					 struct polyton_finding *finding)
{
	uint32_t *objects = arena_alloc(&snapshot->arena, names.count + 1, sizeof(*objects));
	if (!objects)
		return error_no_memory();
	for (size_t i = 0; i < names.count; i++)
		objects[i] = names.objects[i];
	finding->objects = objects;
	finding->object_count = (uint32_t)numbers_settle(objects, names.count);
	return NULL;
}

struct polyton_error *about_objects(struct finder *finder, struct names names, struct polyton_finding *finding)
{
	return set_objects(finder->snapshot, names, finding);
}

typedef vec_of(uint32_t) object_list;

static struct polyton_error *list_object(uint32_t object, object_list *list)
{
	uint32_t *place = vec_push(list);
	if (!place)
		return error_no_memory();
	*place = object;
	return NULL;
}

// Those that hold copies in use; of a variable that is merged, all.
static struct polyton_error *list_holders(const struct polyton_snapshot *snapshot,
					  const struct polyton_singleton *singleton, object_list *list)
{
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		if (singleton->live_count < 2 || copy->use == POLYTON_USE_LIVE)
			error = list_object(copy->object, list);
	}
	return error;
}

static struct polyton_error *list_objects(const struct polyton_snapshot *snapshot,
					  const struct polyton_finding *finding, object_list *list)
{
	struct polyton_error *error = NULL;
	if (finding->object != POLYTON_NONE)
		error = list_object(finding->object, list);
	if (!error && finding->singleton != POLYTON_NONE)
		return list_holders(snapshot, &snapshot->singletons.items[finding->singleton], list);
	if (error || finding->library == POLYTON_NONE)
		return error;
	const struct polyton_library *library = &snapshot->libraries.items[finding->library];
	for (uint32_t i = 0; !error && i < library->singleton_count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[library->first_singleton + i];
		if (singleton->live_count > 1)
			error = list_holders(snapshot, singleton, list);
	}
	return error;
}

static struct polyton_error *find_objects(struct polyton_snapshot *snapshot, struct polyton_finding *finding)
{
	object_list list = { 0 };
	struct polyton_error *error = list_objects(snapshot, finding, &list);
	if (!error)
		error = set_objects(snapshot, (struct names){ list.items, list.count }, finding);
	vec_deinit(&list);
	return error;
}

static const char *file_of(const struct polyton_snapshot *snapshot, uint32_t object)
{
	const char *path = snapshot->objects.items[object].path;
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// Each text ends with its NUL, so that no two lists of texts look alike.
static void add_text(XXH3_state_t *state, const char *text)
{
	XXH3_64bits_update(state, text, strlen(text) + 1);
}

static struct polyton_error *hash_finding(const struct polyton_snapshot *snapshot,
					  const struct polyton_finding *finding, uint64_t *ret)
{
	auto_free const char **files = calloc((size_t)finding->object_count + 1, sizeof(*files));
	XXH3_state_t state;
	if (!files)
		return error_no_memory();
	for (uint32_t i = 0; i < finding->object_count; i++)
		files[i] = file_of(snapshot, finding->objects[i]);
	qsort(files, finding->object_count, sizeof(*files), compare_texts);
	XXH3_64bits_reset(&state);
	add_text(&state, finding->rule);
	if (finding->singleton != POLYTON_NONE) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[finding->singleton];
		add_text(&state, singleton->kind == POLYTON_KIND_TLS ? "tls" : "static");
		add_text(&state, singleton->name);
	} else if (finding->library != POLYTON_NONE) {
		add_text(&state, "library");
		add_text(&state, snapshot->libraries.items[finding->library].name);
	}
	for (uint32_t i = 0; i < finding->object_count; i++)
		add_text(&state, files[i]);
	*ret = XXH3_64bits_digest(&state);
	return NULL;
}

/** The fingerprint of one finding, and which of several equal ones it is. */
struct hashed {
	uint64_t hash;
	uint32_t index;
};

static int compare_hashed(const void *left, const void *right)
{
	const struct hashed *a = left, *b = right;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

struct polyton_error *about_settle(struct polyton_snapshot *snapshot)
{
	size_t count = snapshot->findings.count;
	auto_free struct hashed *hashed = calloc(count + 1, sizeof(*hashed));
	struct polyton_error *error = hashed ? NULL : error_no_memory();
	for (uint32_t i = 0; !error && i < count; i++) {
		struct polyton_finding *finding = &snapshot->findings.items[i];
		hashed[i].index = i;
		if (!finding->objects)
			error = find_objects(snapshot, finding);
		if (!error)
			error = hash_finding(snapshot, finding, &hashed[i].hash);
	}
	if (error)
		return error;
	qsort(hashed, count, sizeof(*hashed), compare_hashed);
	uint32_t same = 0;
	for (size_t i = 0; i < count; i++) {
		// Two facts of one name (a variable of each of two source files) are told apart by their order.
		same = i && hashed[i].hash == hashed[i - 1].hash ? same + 1 : 0;
		const char *text =
			same ? arena_printf(&snapshot->arena, "%016" PRIx64 "-%u", hashed[i].hash, same + 1)
			     : arena_printf(&snapshot->arena, "%016" PRIx64, hashed[i].hash);
		if (!text)
			return error_no_memory();
		snapshot->findings.items[hashed[i].index].fingerprint = text;
	}
	return NULL;
}

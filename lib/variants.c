// A folder of libraries holds several builds of one: for other versions of an interpreter, for debugging, for other
// processors. To compare each with each would report what no process ever sees.

#include "variants.h"

#include <fnmatch.h>
#include <string.h>

#include "model/snapshot.h"

enum { VARIANTS_MAX_SETS = 64, VARIANTS_MAX_NOTES = 8, VARIANTS_PROGRAMS = 1 };

/** Objects of one stem. */
struct kin {
	uint32_t count, needed; ///< Members, and those that others need.
	uint32_t first, second;
};

struct judge {
	struct closure *closure;
	struct polyton_snapshot *snapshot;
	struct strmap stems;
	vec_of(struct kin) kin;
	uint32_t *stem_of; // per object: index in kin, or POLYTON_NONE
	bool *is_needed;   // by another object
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

// "libnsl.so.1" and "libnsl.so.2" are two versions of "libnsl", "libLLVM-14.so.1" and "libLLVM-15.so.1" of "libLLVM";
// "module.cpython-311-x86_64-linux-gnu.so" and "module.cpython-312-x86_64-linux-gnu.so" two builds of "module". But
// "plugin-1.so" and "plugin-2.so" may well be two plugins.
static size_t stem_length(const char *name)
{
	const char *suffix = strstr(name, ".so");
	size_t length = strlen(name), dot = strcspn(name, ".");
	if (strncmp(name + dot, ".cpython-", 9) == 0)
		return dot;
	if (!suffix || strncmp(name, "lib", 3) != 0 || suffix[3] != '.')
		return length;
	size_t end = length = (size_t)(suffix - name);
	while (end && strchr("0123456789.", name[end - 1]))
		end--;
	return end && end < length && name[end - 1] == '-' ? end - 1 : length;
}

static struct polyton_error *add_stem(struct judge *judge, uint32_t index)
{
	const struct closure_object *object = &judge->closure->objects.items[index];
	const char *soname = object->file->dynamic.soname;
	const char *name = soname[0] ? base_name(soname) : base_name(object->shown);
	size_t length = stem_length(name);
	uint32_t fresh = (uint32_t)judge->kin.count;
	judge->stem_of[index] = POLYTON_NONE;
	if (!length || !object->is_found || object->is_program || object->name_space)
		return NULL;
	uint32_t *at = strmap_at(&judge->stems, name, length, fresh);
	struct kin *kin = !at ? NULL : *at == fresh ? vec_push(&judge->kin) : &judge->kin.items[*at];
	if (!kin)
		return error_no_memory();
	judge->stem_of[index] = *at;
	if (!kin->count)
		kin->first = index;
	if (kin->count++ == 1)
		kin->second = index;
	kin->needed += judge->is_needed[index];
	return NULL;
}

static void find_needed(struct judge *judge)
{
	const struct closure *closure = judge->closure;
	for (size_t i = 0; i < closure->objects.count; i++) {
		const struct closure_object *object = &closure->objects.items[i];
		for (size_t k = 0; k < object->file->dynamic.needed_count; k++) {
			if (object->needs[k] != POLYTON_NONE)
				judge->is_needed[object->needs[k]] = true;
		}
	}
}

static struct polyton_error *note_kin(struct judge *judge, const struct kin *kin)
{
	const struct closure_object *objects = judge->closure->objects.items;
	const char *first = objects[kin->first].shown, *second = objects[kin->second].shown;
	if (kin->count == 2)
		return snapshot_note(judge->snapshot, POLYTON_NONE, false,
				     "%s and %s are taken for variants of one library, of which a process loads one: "
				     "they were not compared with each other",
				     first, second);
	return snapshot_note(
		judge->snapshot, POLYTON_NONE, false,
		"%s, %s and %u more are taken for variants of one library, of which a process loads one: "
		"they were not compared with each other",
		first, second, kin->count - 2);
}

// If others need two of them, both are loaded as soon as these are.
static bool is_apart(const struct kin *kin)
{
	return kin->count > 1 && kin->needed < 2;
}

static struct polyton_error *hand_out(struct judge *judge)
{
	struct closure *closure = judge->closure;
	struct polyton_error *error = NULL;
	uint32_t notes = 0;
	for (size_t i = 0; i < closure->objects.count; i++) {
		struct closure_object *object = &closure->objects.items[i];
		uint32_t stem = judge->stem_of[i];
		if (object->is_program && object->is_opened)
			object->party = VARIANTS_PROGRAMS;
		else if (stem != POLYTON_NONE && is_apart(&judge->kin.items[stem]))
			object->party = VARIANTS_PROGRAMS + 1 + stem;
	}
	for (size_t i = 0; !error && i < judge->kin.count; i++) {
		if (is_apart(&judge->kin.items[i]) && notes++ < VARIANTS_MAX_NOTES)
			error = note_kin(judge, &judge->kin.items[i]);
	}
	if (!error && notes > VARIANTS_MAX_NOTES)
		error = snapshot_note(
			judge->snapshot, POLYTON_NONE, false,
			"so are the files of %u more libraries: plugin sets tell which are loaded together",
			notes - VARIANTS_MAX_NOTES);
	return error;
}

static uint64_t find_sets(const char *const *const *sets, const struct closure_object *object)
{
	uint64_t found = 0;
	for (size_t i = 0; sets[i] && i < VARIANTS_MAX_SETS; i++) {
		for (const char *const *pattern = sets[i]; *pattern; pattern++) {
			const char *text = strchr(*pattern, '/') ? object->shown : base_name(object->shown);
			if (fnmatch(*pattern, text, 0) == 0)
				found |= UINT64_C(1) << i;
		}
	}
	return found;
}

// Whoever brought an object may stand behind it (DT_FILTER).
static void inherit_sets(struct closure *closure, uint32_t index, bool *is_settled)
{
	struct closure_object *objects = closure->objects.items;
	uint32_t top = index;
	while (!is_settled[top] && !objects[top].is_opened && !objects[top].is_initial &&
	       objects[top].loader != POLYTON_NONE)
		top = objects[top].loader;
	for (uint32_t at = index; at != top; at = objects[at].loader) {
		objects[at].sets = objects[top].sets;
		is_settled[at] = true;
	}
}

// What a plugin brings is loaded with it; what several bring, with each of them.
static struct polyton_error *apply_sets(const char *const *const *sets, struct closure *closure)
{
	size_t count = closure->objects.count;
	auto_free bool *is_settled = calloc(count + 1, sizeof(*is_settled));
	if (!is_settled)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		struct closure_object *object = &closure->objects.items[i];
		if (object->is_opened)
			object->sets = find_sets(sets, object);
		// Whatever is said of sets replaces the guess.
		if (object->sets)
			object->party = object->is_program ? object->party : 0;
	}
	for (uint32_t i = 0; i < count; i++)
		inherit_sets(closure, i, is_settled);
	for (size_t i = 0; i < count; i++) {
		const struct closure_object *object = &closure->objects.items[i];
		for (size_t k = 0; k < object->file->dynamic.needed_count; k++) {
			uint32_t needed = object->needs[k];
			if (needed != POLYTON_NONE && closure->objects.items[needed].sets)
				closure->objects.items[needed].sets |= object->sets;
		}
	}
	return NULL;
}

// Each object is put at the end of the queue once for a bit, so there is room for it.
static size_t mark_needs(struct closure *closure, uint32_t index, uint64_t bit, uint32_t *queue, size_t last)
{
	const struct closure_object *object = &closure->objects.items[index];
	for (size_t i = 0; i < object->file->dynamic.needed_count; i++) {
		struct closure_object *needed =
			object->needs[i] == POLYTON_NONE ? NULL : &closure->objects.items[object->needs[i]];
		if (!needed || (needed->brought_by & bit) || (needed->brings & bit))
			continue;
		needed->brought_by |= bit;
		queue[last++] = object->needs[i];
	}
	return last;
}

// A program that was found takes the place of whatever it exports and its libraries have, too; but those are judged
// as if it were not there, for it may not be the host.
static struct polyton_error *mark_brought(struct closure *closure)
{
	size_t count = closure->objects.count;
	auto_free uint32_t *queue = calloc(count + 1, sizeof(*queue));
	unsigned programs = 0;
	if (!queue)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++) {
		struct closure_object *program = &closure->objects.items[i];
		if (!program->is_program || !program->is_opened)
			continue;
		// Those that have no bit for themselves share the last one.
		uint64_t bit = UINT64_C(1) << (programs < VARIANTS_MAX_SETS - 1 ? programs : VARIANTS_MAX_SETS - 1);
		size_t last = 0;
		programs++;
		program->brings = bit;
		queue[last++] = i;
		for (size_t at = 0; at < last; at++)
			last = mark_needs(closure, queue[at], bit, queue, last);
	}
	return NULL;
}

struct polyton_error *variants_settle(const struct disk *disk, struct closure *closure,
				      struct polyton_snapshot *snapshot)
{
	size_t count = closure->objects.count;
	auto_free uint32_t *stem_of = calloc(count + 1, sizeof(*stem_of));
	auto_free bool *is_needed = calloc(count + 1, sizeof(*is_needed));
	struct judge judge = { .closure = closure, .snapshot = snapshot, .stem_of = stem_of, .is_needed = is_needed };
	struct polyton_error *error = stem_of && is_needed ? NULL : error_no_memory();
	if (!error)
		find_needed(&judge);
	for (uint32_t i = 0; !error && i < count; i++)
		error = add_stem(&judge, i);
	if (!error)
		error = hand_out(&judge);
	if (!error)
		error = mark_brought(closure);
	if (!error && disk->files.plugin_sets)
		error = apply_sets(disk->files.plugin_sets, closure);
	strmap_deinit(&judge.stems);
	vec_deinit(&judge.kin);
	return error;
}

#include "story.h"

#include <stdlib.h>

#include "check.h"
#include "made_scopes.h"

enum { STORY_FUNCTIONS = 10 };

static void set_up_exports(struct story *story)
{
	for (uint32_t a = 0; a < STORY_OBJECTS; a++) {
		story->function_counts[a] = STORY_FUNCTIONS;
		for (uint32_t b = a + 1; b < STORY_OBJECTS; b++) {
			struct export_pair *pair = exports_add_pair(&story->exports, a, b);
			assert_non_null(pair);
			pair->common = STORY_FUNCTIONS;
		}
	}
	story->exports.function_counts = story->function_counts;
}

int story_set_up(void **state)
{
	struct story *story = calloc(1, sizeof(*story));
	assert_non_null(story);
	story->snapshot = find_snapshot(STORY_OBJECTS);
	for (uint32_t i = 0; i < STORY_OBJECTS; i++) {
		const struct polyton_object *object = &story->snapshot->objects.items[i];
		find_object_init(&story->inputs[i], NULL, NULL);
		story->inputs[i].lookup = &story->lookups[i];
		story->linked[i] = (struct link_object){ .dynamic = &story->inputs[i].dynamic,
							 .lookup = &story->lookups[i],
							 .bias = object->load_bias,
							 .start = object->start,
							 .end = object->end };
	}
	made_scopes_init(&story->scopes, STORY_OBJECTS);
	made_scopes_use(&story->scopes, "01234567", made_scopes_list(&story->scopes, MADE_GLOBAL, "01234567"));
	resolver_init(&story->resolver, story->linked, STORY_OBJECTS, &story->scopes);
	assert_fine(crate_lists_init(&story->crates, story->inputs, STORY_OBJECTS));
	story->linkage = (struct linkage){ &story->resolver, &story->references, &story->scopes };
	set_up_exports(story);
	story->finder = (struct finder){ .snapshot = story->snapshot,
					 .inputs = story->inputs,
					 .crates = &story->crates,
					 .linkage = &story->linkage,
					 .exports = &story->exports };
	*state = story;
	return 0;
}

struct polyton_error *story_find(struct story *story)
{
	struct exports exports = { 0 };
	struct twiceinit twiceinit = { 0 };
	assert_fine(exports_find(story->inputs, STORY_OBJECTS, &exports));
	assert_fine(exports_relate(&story->finder, &exports));
	assert_fine(twiceinit_look(&story->finder, &twiceinit));
	story->finder.exports = &exports;
	story->finder.twiceinit = &twiceinit;
	struct polyton_error *error = findings_build(&story->finder);
	story->finder.exports = NULL;
	story->finder.twiceinit = NULL;
	twiceinit_deinit(&twiceinit);
	exports_deinit(&exports);
	return error;
}

int story_tear_down(void **state)
{
	struct story *story = *state;
	crate_lists_deinit(&story->crates);
	resolver_deinit(&story->resolver);
	scopes_deinit(&story->scopes);
	vec_deinit(&story->references);
	story->exports.function_counts = NULL; // the story's own
	exports_deinit(&story->exports);
	polyton_snapshot_destroy(story->snapshot);
	for (size_t i = 0; i < STORY_OBJECTS; i++)
		find_object_deinit(&story->inputs[i]);
	free(story);
	return 0;
}

struct polyton_library *story_library(struct story *story, const char *name)
{
	struct polyton_library *library = vec_push(&story->snapshot->libraries);
	assert_non_null(library);
	*library = (struct polyton_library){ .name = name,
					     .version = "",
					     .language = POLYTON_LANGUAGE_RUST,
					     .first_singleton = (uint32_t)story->snapshot->singletons.count };
	return library;
}

static enum polyton_cell_state state_of(char letter)
{
	switch (letter) {
	case 's':
		return POLYTON_CELL_SET;
	case 'i':
		return POLYTON_CELL_INITIAL;
	case 'n':
		return POLYTON_CELL_NOT_ALLOCATED;
	case 'u':
		return POLYTON_CELL_UNREADABLE;
	case 't':
		return POLYTON_CELL_UNSTABLE;
	default:
		assert_int_equal(letter, 'p');
		return POLYTON_CELL_PRESENT;
	}
}

static void add_copy(struct story *story, uint32_t object, const char *states, uint32_t count)
{
	struct polyton_snapshot *snapshot = story->snapshot;
	struct polyton_singleton *singleton = &snapshot->singletons.items[snapshot->singletons.count - 1];
	bool is_tls = singleton->kind == POLYTON_KIND_TLS, is_shadowed = *states == '*';
	struct polyton_copy *copy = vec_push(&snapshot->copies);
	struct polyton_cell *cells = arena_alloc(&snapshot->arena, count, sizeof(*cells));
	uint32_t *users = arena_alloc(&snapshot->arena, 1, sizeof(*users));
	assert_non_null(copy);
	assert_non_null(cells);
	assert_non_null(users);
	count -= is_shadowed;
	for (uint32_t i = 0; i < count; i++)
		cells[i] = (struct polyton_cell){ .thread = is_tls ? i : POLYTON_NONE,
						  .state = state_of(states[is_shadowed + i]) };
	*users = object;
	*copy = (struct polyton_copy){ .singleton = (uint32_t)snapshot->singletons.count - 1,
				       .object = object,
				       .symbol = "X",
				       .build_mark = "",
				       .source = "",
				       .version = "",
				       .size = 8,
				       .binding = POLYTON_BINDING_GLOBAL,
				       .is_exported = true,
				       .use = is_shadowed ? POLYTON_USE_SHADOWED : POLYTON_USE_LIVE,
				       .bound_to = POLYTON_NONE,
				       .users = users,
				       .user_count = !is_shadowed,
				       .cells = cells,
				       .cell_count = count };
	singleton->copy_count++;
	singleton->live_count += !is_shadowed;
}

struct polyton_singleton *story_singleton(struct story *story, enum polyton_kind kind, const char *copies)
{
	struct polyton_snapshot *snapshot = story->snapshot;
	struct polyton_singleton *singleton = vec_push(&snapshot->singletons);
	assert_non_null(singleton);
	*singleton = (struct polyton_singleton){ .name = "lib::X",
						 .kind = kind,
						 .confidence = POLYTON_CONFIDENCE_CERTAIN,
						 .library = (uint32_t)snapshot->libraries.count - 1,
						 .first_copy = (uint32_t)snapshot->copies.count,
						 .folded_into = POLYTON_NONE };
	uint32_t object = 0;
	for (const char *at = copies; *at; object++) {
		size_t length = strcspn(at, " ");
		if (*at != '-')
			add_copy(story, object, at, (uint32_t)length);
		at += length;
		at += strspn(at, " ");
	}
	snapshot->libraries.items[singleton->library].singleton_count++;
	return singleton;
}

struct polyton_copy *story_copy(struct story *story, uint32_t object)
{
	struct polyton_snapshot *snapshot = story->snapshot;
	for (size_t i = snapshot->singletons.items[snapshot->singletons.count - 1].first_copy;
	     i < snapshot->copies.count; i++) {
		if (snapshot->copies.items[i].object == object)
			return &snapshot->copies.items[i];
	}
	fail_msg("object %u has no copy", object);
	return NULL;
}

const struct polyton_finding *story_finding(const struct story *story, const char *rule)
{
	const struct polyton_finding *found = NULL;
	for (size_t i = 0; i < story->snapshot->findings.count; i++) {
		const struct polyton_finding *finding = &story->snapshot->findings.items[i];
		if (strcmp(finding->rule, rule) != 0)
			continue;
		assert_null(found);
		found = finding;
	}
	assert_non_null(found);
	return found;
}

size_t story_count(const struct story *story)
{
	size_t count = 0;
	for (size_t i = 0; i < story->snapshot->findings.count; i++)
		count += !story->snapshot->findings.items[i].is_routine;
	return count;
}

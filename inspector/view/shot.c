// A snapshot is frozen, but the next one has other indices for the same things: names are what stays.

#include "shot.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

int shot_severity(const struct shot *shot, uint32_t finding)
{
	if (shot->verdicts && shot->verdicts[finding].suppressed)
		return -1;
	return shot->verdicts ? (int)shot->verdicts[finding].severity
			      : (int)polyton_snapshot_finding(shot->snapshot, finding)->severity;
}

bool shot_reports(const struct shot *shot, uint32_t finding)
{
	const struct polyton_finding *row = polyton_snapshot_finding(shot->snapshot, finding);
	int severity = shot_severity(shot, finding);
	// A policy that raises it has a reason to.
	return severity >= 0 && (!row->is_routine || severity > (int)row->severity);
}

static void rank(struct shot *shot)
{
	const struct polyton_snapshot *snapshot = shot->snapshot;
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(snapshot); i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, i);
		int severity = shot_severity(shot, i);
		if (finding->singleton == POLYTON_NONE || !shot_reports(shot, i))
			continue;
		if (shot->firsts[finding->singleton] == POLYTON_NONE)
			shot->firsts[finding->singleton] = i;
		if (shot->ranks[finding->singleton] < severity + 1)
			shot->ranks[finding->singleton] = (unsigned char)(severity + 1);
	}
	// One finding speaks for all singletons of a library that is there twice.
	for (uint32_t i = 0; i < polyton_snapshot_singleton_count(snapshot); i++) {
		uint32_t fold = polyton_snapshot_singleton(snapshot, i)->folded_into;
		if (fold == POLYTON_NONE || !shot_reports(shot, fold) || shot->ranks[i])
			continue;
		shot->ranks[i] = (unsigned char)(shot_severity(shot, fold) + 1);
		shot->firsts[i] = fold;
	}
}

static void name(struct shot *shot)
{
	const struct polyton_snapshot *snapshot = shot->snapshot;
	for (uint32_t i = 0; i < polyton_snapshot_singleton_count(snapshot); i++) {
		const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, i);
		uint64_t hash = text_hash(singleton->kind, singleton->name);
		hash = text_hash(hash, polyton_snapshot_library(snapshot, singleton->library)->name);
		// Statics of one source file and name are told apart by their symbols: f.1 and f.2.
		shot->singletons[i] = text_hash(hash, polyton_snapshot_copy(snapshot, singleton->first_copy)->symbol);
	}
}

static void count_brought(struct shot *shot)
{
	for (uint32_t i = 0; i < polyton_snapshot_copy_count(shot->snapshot); i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(shot->snapshot, i);
		shot->all_brought[copy->object]++;
		shot->brought[copy->object] += shot->ranks[copy->singleton] > SHOT_HIDDEN;
	}
}

struct shot *shot_create(struct polyton_snapshot *snapshot, const struct polyton_verdict *verdicts)
{
	uint32_t count = polyton_snapshot_singleton_count(snapshot);
	struct shot *shot = calloc(1, sizeof(*shot));
	if (!shot) {
		polyton_snapshot_destroy(snapshot);
		return NULL;
	}
	shot->snapshot = snapshot;
	shot->verdicts = verdicts;
	shot->singletons = calloc(count + 1, sizeof(*shot->singletons));
	shot->ranks = calloc(count + 1, sizeof(*shot->ranks));
	shot->firsts = malloc((count + 1) * sizeof(*shot->firsts));
	uint32_t objects = polyton_snapshot_object_count(snapshot);
	shot->brought = calloc(objects + 1, sizeof(*shot->brought));
	shot->all_brought = calloc(objects + 1, sizeof(*shot->all_brought));
	if (!shot->singletons || !shot->ranks || !shot->firsts || !shot->brought || !shot->all_brought) {
		shot_destroy(shot);
		return NULL;
	}
	memset(shot->firsts, 0xff, (count + 1) * sizeof(*shot->firsts));
	name(shot);
	rank(shot);
	count_brought(shot);
	return shot;
}

void shot_destroy(struct shot *shot)
{
	if (!shot)
		return;
	if (shot->release)
		shot->release(shot->owner);
	polyton_snapshot_destroy(shot->snapshot);
	free(shot->singletons);
	free(shot->ranks);
	free(shot->firsts);
	free(shot->brought);
	free(shot->all_brought);
	free(shot);
}

uint32_t shot_find(const struct shot *shot, uint64_t identity)
{
	for (uint32_t i = 0; i < polyton_snapshot_singleton_count(shot->snapshot); i++) {
		if (shot->singletons[i] == identity)
			return i;
	}
	return POLYTON_NONE;
}

uint32_t shot_first_of_library(const struct shot *shot, uint32_t index)
{
	const struct polyton_library *library = polyton_snapshot_library(shot->snapshot, index);
	uint32_t first = POLYTON_NONE;
	for (uint32_t i = 0; i < library->singleton_count; i++) {
		uint32_t own = shot->firsts[library->first_singleton + i];
		first = own < first ? own : first;
	}
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(shot->snapshot) && i < first; i++) {
		if (polyton_snapshot_finding(shot->snapshot, i)->library == index && shot_reports(shot, i))
			first = i;
	}
	return first;
}

uint64_t shot_object_identity(const struct polyton_object *object)
{
	return text_hash(object->name_space, object->name);
}

void world_add(struct world *world, struct shot *shot)
{
	shot_destroy(world->shots[WORLD_SHOTS - 1]);
	memmove(&world->shots[1], &world->shots[0], (WORLD_SHOTS - 1) * sizeof(world->shots[0]));
	world->shots[0] = shot;
}

void world_deinit(struct world *world)
{
	for (int i = 0; i < WORLD_SHOTS; i++)
		shot_destroy(world->shots[i]);
	*world = (struct world){ 0 };
}

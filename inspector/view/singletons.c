// What exists more than once: libraries, the singletons of each, the copies of each.

#include <stdlib.h>
#include <string.h>

#include "tell.h"
#include "view.h"
#include "words.h"

enum { NAME, SEVERITY, KIND, COPIES, STATE, OBJECTS };

static const struct column columns[] = {
	[NAME] = { .title = "NAME",
		   .help = "library, singleton, or the object that has a copy",
		   .least = 30,
		   .is_tree = true,
		   .keeps_end = true },
	[SEVERITY] = { .title = "SEVERITY",
		       .help = "the worst that was found about it",
		       .least = 8,
		       .by_number = true },
	[KIND] = { .title = "KIND",
		   .help = "static: meant to be there once; thread-local: once in each thread",
		   .least = 12,
		   .spare = 2 },
	[COPIES] = { .title = "COPIES",
		     .help = "how many copies some code uses",
		     .least = 6,
		     .is_number = true,
		     .spare = 1 },
	[STATE] = { .title = "STATE",
		    .help = "split: code that uses one copy sees it set, other code sees another one unset",
		    .least = 18 },
	[OBJECTS] = { .title = "OBJECTS", .help = "the objects that hold the copies", .least = 16, .spare = 3 },
};

static int library_rank(const struct shot *shot, const struct polyton_library *library)
{
	int worst = SHOT_HIDDEN;
	for (uint32_t i = 0; i < library->singleton_count; i++) {
		int rank = shot->ranks[library->first_singleton + i];
		worst = rank > worst ? rank : worst;
	}
	return worst;
}

// A library can be worth a finding of which no singleton has any.
static int finding_rank(const struct shot *shot, uint32_t library)
{
	int worst = SHOT_HIDDEN;
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(shot->snapshot); i++) {
		int severity = shot_severity(shot, i);
		if (polyton_snapshot_finding(shot->snapshot, i)->library == library && shot_reports(shot, i) &&
		    severity + 1 > worst)
			worst = severity + 1;
	}
	return worst;
}

static int full_rank(const struct shot *shot, uint32_t index)
{
	int own = finding_rank(shot, index);
	int most = library_rank(shot, polyton_snapshot_library(shot->snapshot, index));
	return own > most ? own : most;
}

static void add_copies(struct frame *frame, uint32_t index, uint32_t parent)
{
	const struct polyton_snapshot *snapshot = frame->shot->snapshot;
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, index);
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		uint32_t copy = singleton->first_copy + i;
		uint64_t object = tell_object_identity(snapshot, polyton_snapshot_copy(snapshot, copy));
		frame_add(frame, (struct row){ .identity = frame->shot->singletons[index] * 3 + object,
					       .index = copy,
					       .parent = parent,
					       .level = 2,
					       .kind = ROW_PART });
	}
}

/** By what libraries and singletons are ordered: the worst first, then as the findings are. */
struct placed {
	int rank;
	uint32_t first, index;
};

static int compare_places(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;
	if (a->rank != b->rank)
		return a->rank < b->rank ? 1 : -1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

// Their indices, to be freed; NULL when out of memory.
static uint32_t *order_singletons(const struct shot *shot, const struct polyton_library *library)
{
	struct placed *placed = calloc(library->singleton_count + 1, sizeof(*placed));
	uint32_t *order = calloc(library->singleton_count + 1, sizeof(*order));
	for (uint32_t i = 0; placed && i < library->singleton_count; i++) {
		uint32_t index = library->first_singleton + i;
		placed[i] = (struct placed){ shot->ranks[index], shot->firsts[index], index };
	}
	if (placed)
		qsort(placed, library->singleton_count, sizeof(*placed), compare_places);
	for (uint32_t i = 0; placed && order && i < library->singleton_count; i++)
		order[i] = placed[i].index;
	free(placed);
	return order;
}

static void add_library(struct frame *frame, uint32_t index)
{
	const struct shot *shot = frame->shot;
	const struct polyton_library *library = polyton_snapshot_library(shot->snapshot, index);
	int rank = full_rank(shot, index);
	if (rank == SHOT_HIDDEN && !frame->world->shows_all)
		return;
	uint32_t group = (uint32_t)frame->count;
	if (!frame_add(frame, (struct row){ .identity = text_hash(library->language + 16, library->name),
					    .index = index,
					    .parent = POLYTON_NONE,
					    .kind = ROW_GROUP,
					    .begins_folded = rank <= SHOT_NOTE }))
		return;
	uint32_t *order = order_singletons(shot, library);
	for (uint32_t i = 0; order && i < library->singleton_count; i++) {
		uint32_t singleton = order[i], row = (uint32_t)frame->count;
		// Of a library that is there once per object by design, all are shown: there is nothing worse.
		if (!shot->ranks[singleton] && !frame->world->shows_all && !library->is_per_object)
			continue;
		if (frame_add(frame, (struct row){ .identity = shot->singletons[singleton],
						   .index = singleton,
						   .parent = group,
						   .level = 1,
						   .begins_folded = true }))
			add_copies(frame, singleton, row);
	}
	free(order);
}

// The worst first, as the report has them.
static void build(struct frame *frame)
{
	uint32_t count = polyton_snapshot_library_count(frame->shot->snapshot);
	struct placed *placed = calloc(count + 1, sizeof(*placed));
	frame->columns = columns;
	frame->column_count = sizeof(columns) / sizeof(columns[0]);
	for (uint32_t i = 0; placed && i < count; i++)
		placed[i] = (struct placed){ full_rank(frame->shot, i), shot_first_of_library(frame->shot, i), i };
	if (placed)
		qsort(placed, count, sizeof(*placed), compare_places);
	for (uint32_t i = 0; placed && i < count; i++)
		add_library(frame, placed[i].index);
	free(placed);
}

// Those that have a finding; of a library without any, all.
static uint32_t count_shown(const struct shot *shot, const struct polyton_library *library)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < library->singleton_count; i++)
		count += shot->ranks[library->first_singleton + i] > SHOT_HIDDEN;
	return count ? count : library->singleton_count;
}

static void put_rank(int rank, struct text *ret)
{
	static const enum text_style styles[] = { TEXT_PLAIN, TEXT_NOTE, TEXT_WARNING, TEXT_ERROR };
	text_put(ret, word_rank[rank]);
	ret->style = styles[rank];
	ret->number = rank;
}

static void library_cell(const struct shot *shot, uint32_t index, unsigned column, struct text *ret)
{
	const struct polyton_library *library = polyton_snapshot_library(shot->snapshot, index);
	switch (column) {
	case NAME:
		word_library(library, ret);
		ret->style = TEXT_STRONG;
		break;
	case SEVERITY:
		put_rank(full_rank(shot, index), ret);
		break;
	case KIND:
		text_print(ret, "%u variable%s", count_shown(shot, library),
			   count_shown(shot, library) == 1 ? "" : "s");
		break;
	default:
		break;
	}
}

static void singleton_cell(const struct shot *shot, uint32_t index, unsigned column, struct text *ret)
{
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(shot->snapshot, index);
	switch (column) {
	case NAME:
		text_put(ret, word_short_name(shot->snapshot, singleton));
		break;
	case SEVERITY:
		put_rank(shot->ranks[index], ret);
		break;
	case KIND:
		text_put(ret, word_kind[singleton->kind]);
		break;
	case COPIES:
		ret->number = singleton->live_count;
		text_print(ret, "%u", singleton->live_count);
		break;
	case STATE:
		word_singleton(shot, index, ret);
		break;
	default:
		word_holders(shot->snapshot, singleton, ret);
		break;
	}
}

static void copy_cell(const struct shot *shot, uint32_t index, unsigned column, struct text *ret)
{
	const struct polyton_copy *copy = polyton_snapshot_copy(shot->snapshot, index);
	switch (column) {
	case NAME:
		text_print(ret, "in %s", word_holder(shot->snapshot, copy));
		break;
	case KIND:
		text_print(ret, "%llu bytes", (unsigned long long)copy->size);
		break;
	case STATE:
		word_copy(copy, ret);
		break;
	case OBJECTS:
		if (copy->use != POLYTON_USE_LIVE)
			break;
		text_print(ret, "used by ");
		tell_objects(shot->snapshot, copy->users, copy->user_count, ret);
		break;
	default:
		break;
	}
}

static void cell(const struct frame *frame, const struct row *row, unsigned column, struct text *ret)
{
	if (row->kind == ROW_GROUP)
		library_cell(frame->shot, row->index, column, ret);
	else if (row->kind == ROW_PART)
		copy_cell(frame->shot, row->index, column, ret);
	else
		singleton_cell(frame->shot, row->index, column, ret);
}

static void tell(const struct frame *frame, const struct row *row, unsigned column, unsigned width, struct text *ret)
{
	(void)column, (void)width;
	if (!row)
		return;
	if (row->kind == ROW_GROUP)
		tell_library(frame->shot, row->index, ret);
	else if (row->kind == ROW_PART)
		tell_copy(frame->shot, row->index, ret);
	else
		tell_singleton(frame->shot, row->index, ret);
}

static void title(const struct frame *frame, struct text *ret)
{
	const struct shot *shot = frame->shot;
	uint32_t counts[SHOT_ERROR + 1] = { 0 };
	for (uint32_t i = 0; i < polyton_snapshot_singleton_count(shot->snapshot); i++)
		counts[shot->ranks[i]]++;
	uint32_t count = counts[SHOT_ERROR] + counts[SHOT_WARNING] + counts[SHOT_NOTE];
	if (count)
		text_print(ret, "%u variable%s more than once", count, count > 1 ? "s exist" : " exists");
	else
		text_print(ret, "No variable exists more than once");
	if (frame->world->shows_all && counts[SHOT_HIDDEN])
		text_print(ret, ", and %u by design", counts[SHOT_HIDDEN]);
}

const struct view_kind singletons_view = {
	.name = "Singletons",
	.help = "variables that exist more than once, by library",
	.empty = "No singleton exists more than once. Notes (6) say what could not be seen; a shows all.",
	.build = build,
	.cell = cell,
	.tell = tell,
	.title = title,
};

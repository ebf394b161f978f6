// What the report says of it, in the report's own sentences: they are the library's.

#include "tell.h"

#include <inttypes.h>
#include <string.h>

#include "words.h"

enum { TELL_MAX_OBJECTS = 12, TELL_MAX_REASONS = 16, TELL_MAX_COPIES = 256 };

uint64_t tell_object_identity(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return shot_object_identity(polyton_snapshot_object(snapshot, copy->object));
}

void tell_reason(const struct polyton_reason *reason, struct text *ret)
{
	text_print(ret, "why: ");
	text_put(ret, reason->text);
	for (uint32_t i = 0; i < reason->remedy_count; i++) {
		text_print(ret, "\nfix: ");
		text_put(ret, reason->remedy[i]);
	}
	text_print(ret, "\n");
}

void tell_objects(const struct polyton_snapshot *snapshot, const uint32_t *objects, uint32_t count, struct text *ret)
{
	for (uint32_t i = 0; i < count && i < TELL_MAX_OBJECTS; i++)
		text_print(ret, "%s%s", i ? ", " : "", polyton_snapshot_object(snapshot, objects[i])->name);
	if (count > TELL_MAX_OBJECTS)
		text_print(ret, " and %u more", count - TELL_MAX_OBJECTS);
}

static void tell_finding(const struct shot *shot, uint32_t index, struct text *ret)
{
	const struct polyton_finding *finding = polyton_snapshot_finding(shot->snapshot, index);
	int severity = shot_severity(shot, index);
	if (severity < 0)
		text_print(ret, "%s, suppressed (%s): ", finding->rule, shot->verdicts[index].suppressed);
	else
		text_print(ret, "%s %s: ", word_severity[severity], finding->rule);
	text_put(ret, finding->headline);
	if (finding->detail[0])
		text_print(ret, " %s", finding->detail);
	text_print(ret, "\n");
	if (finding->reason)
		tell_reason(finding->reason, ret);
}

/** Copies that reasons are told of: of a singleton, or of a library. */
struct copies {
	const struct polyton_snapshot *snapshot;
	uint32_t first, count;
};

static const struct polyton_reason *reason_of(const struct copies *copies, uint32_t copy)
{
	return polyton_snapshot_copy(copies->snapshot, copies->first + copy)->reason;
}

static bool is_told(const struct copies *copies, uint32_t copy)
{
	const struct polyton_reason *reason = reason_of(copies, copy);
	for (uint32_t i = 0; i < copy; i++) {
		const struct polyton_reason *other = reason_of(copies, i);
		if (other && strcmp(other->text, reason->text) == 0)
			return true;
	}
	return false;
}

static bool has_step(const struct polyton_reason *reason, const char *step)
{
	for (uint32_t i = 0; reason && i < reason->remedy_count; i++) {
		if (strcmp(reason->remedy[i], step) == 0)
			return true;
	}
	return false;
}

// The cure that has most steps mostly covers the others, too; what is left of those comes behind it.
static void tell_remedies(const struct copies *copies, struct text *ret)
{
	const struct polyton_reason *widest = NULL;
	for (uint32_t i = 0; i < copies->count; i++) {
		const struct polyton_reason *reason = reason_of(copies, i);
		if (reason && (!widest || reason->remedy_count > widest->remedy_count))
			widest = reason;
	}
	for (uint32_t i = 0; widest && i < widest->remedy_count; i++)
		text_print(ret, "fix: %s\n", widest->remedy[i]);
	for (uint32_t i = 0; i < copies->count; i++) {
		const struct polyton_reason *reason = reason_of(copies, i);
		for (uint32_t k = 0; reason && reason != widest && k < reason->remedy_count; k++) {
			bool is_known = has_step(widest, reason->remedy[k]);
			for (uint32_t before = 0; before < i && !is_known; before++)
				is_known = has_step(reason_of(copies, before), reason->remedy[k]);
			if (!is_known)
				text_print(ret, "fix: %s\n", reason->remedy[k]);
		}
	}
}

static void tell_reasons(const struct copies *copies, struct text *ret)
{
	uint32_t told = 0;
	for (uint32_t i = 0; i < copies->count && told < TELL_MAX_REASONS; i++) {
		const struct polyton_reason *reason = reason_of(copies, i);
		if (!reason || is_told(copies, i))
			continue;
		text_print(ret, "why: %s\n", reason->text);
		told++;
	}
	tell_remedies(copies, ret);
}

void tell_singleton(const struct shot *shot, uint32_t index, struct text *ret)
{
	const struct polyton_snapshot *snapshot = shot->snapshot;
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, index);
	bool has_finding = false;
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(snapshot); i++) {
		if (polyton_snapshot_finding(snapshot, i)->singleton != index)
			continue;
		tell_finding(shot, i, ret);
		has_finding = true;
	}
	if (singleton->folded_into != POLYTON_NONE) {
		tell_finding(shot, singleton->folded_into, ret);
		has_finding = true;
	}
	if (!has_finding)
		text_print(ret, "%s: %s, %s.\n", singleton->name, word_kind[singleton->kind],
			   word_confidence[singleton->confidence]);
	if (singleton->dropped)
		text_print(ret, "Not counted: %s.\n", singleton->dropped);
	tell_reasons(&(struct copies){ snapshot, singleton->first_copy, singleton->copy_count }, ret);
}

static void tell_source(const struct polyton_copy *copy, struct text *ret)
{
	if (copy->type[0])
		text_print(ret, "type: %s\n", copy->type);
	else if (copy->type_missing[0])
		text_print(ret, "type: not known (%s)\n", copy->type_missing);
	if (copy->decl_file[0])
		text_print(ret, "declared: %s:%u\n", copy->decl_file, copy->decl_line);
}

void tell_copy(const struct shot *shot, uint32_t index, struct text *ret)
{
	const struct polyton_snapshot *snapshot = shot->snapshot;
	const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, index);
	const struct polyton_copy *winner = polyton_snapshot_copy(snapshot, copy->bound_to);
	text_print(ret, "in %s: %" PRIu64 " bytes, ", word_holder(snapshot, copy), copy->size);
	if (copy->use == POLYTON_USE_LIVE) {
		text_print(ret, "used by ");
		tell_objects(snapshot, copy->users, copy->user_count, ret);
	} else if (winner) {
		text_print(ret, "not used: all references go to the copy in %s", word_holder(snapshot, winner));
	} else {
		text_print(ret, "not used: all references go to another copy");
	}
	text_print(ret, "\n");
	tell_source(copy, ret);
	text_print(ret, "symbol: %s\n", copy->symbol);
	if (copy->reason)
		tell_reason(copy->reason, ret);
}

void tell_library(const struct shot *shot, uint32_t index, struct text *ret)
{
	const struct polyton_snapshot *snapshot = shot->snapshot;
	const struct polyton_library *library = polyton_snapshot_library(snapshot, index);
	uint32_t shown = 0, all = library->singleton_count;
	for (uint32_t i = 0; i < all; i++)
		shown += shot->ranks[library->first_singleton + i] > SHOT_HIDDEN;
	word_library(library, ret);
	text_print(ret, library->is_per_object ? ": each object has its own by design. " : ": ");
	text_print(ret, "%u of its variables exist more than once", all);
	text_print(ret, shown < all ? ", %u of them worth a finding.\n" : ".\n", shown);
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(snapshot); i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, i);
		if (finding->library == index && finding->singleton == POLYTON_NONE)
			tell_finding(shot, i, ret);
	}
	uint32_t first = shot_first_of_library(shot, index);
	const struct polyton_finding *worst = polyton_snapshot_finding(snapshot, first);
	if (worst && worst->singleton != POLYTON_NONE)
		tell_finding(shot, first, ret);
	// Each reason once, as the report has them below a library.
	const struct polyton_singleton *last =
		polyton_snapshot_singleton(snapshot, library->first_singleton + all - 1);
	const struct polyton_singleton *start = polyton_snapshot_singleton(snapshot, library->first_singleton);
	if (start && last && !library->is_per_object) {
		uint32_t count = last->first_copy + last->copy_count - start->first_copy;
		tell_reasons(&(struct copies){ snapshot, start->first_copy,
					       count < TELL_MAX_COPIES ? count : TELL_MAX_COPIES },
			     ret);
	}
}

// What could not be read is said in the same breath as what was, never counted as unset.

#include "find/holdings.h"

enum { HOLDINGS_MAX_NAMED = 4 };

struct tally holdings_tally(const struct polyton_copy *copy)
{
	struct tally tally = { 0 };
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		switch (copy->cells[i].state) {
		case POLYTON_CELL_SET:
			tally.set++;
			break;
		case POLYTON_CELL_INITIAL:
			tally.initial++;
			break;
		case POLYTON_CELL_NOT_ALLOCATED:
			tally.not_allocated++;
			break;
		case POLYTON_CELL_PRESENT:
		case POLYTON_CELL_IN_FILE:
			tally.present++;
			break;
		case POLYTON_CELL_UNREADABLE:
		case POLYTON_CELL_UNSTABLE:
			tally.unknown++;
			break;
		}
	}
	return tally;
}

static const char *append(struct polyton_snapshot *snapshot, const char *text, const char *sentence)
{
	if (!text || !sentence)
		return NULL;
	return arena_printf(&snapshot->arena, "%s%s%s", text, text[0] && sentence[0] ? "; " : "", sentence);
}

// "host's is set in 3 of 5 threads"
static const char *describe_set(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				const struct polyton_copy *copy, const struct tally *tally)
{
	const char *object = snapshot->objects.items[copy->object].name;
	if (singleton->kind == POLYTON_KIND_STATIC)
		return arena_printf(&snapshot->arena, "%s's is set", object);
	const char *missing =
		tally->unknown ? arena_printf(&snapshot->arena, " (%u could not be read)", tally->unknown) : "";
	return missing ? arena_printf(&snapshot->arena, "%s's is set in %u of %u thread%s%s", object, tally->set,
				      copy->cell_count, copy->cell_count == 1 ? "" : "s", missing)
		       : NULL;
}

static const char *describe_unset(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				  struct names names)
{
	const char *who = finder_enumerate(snapshot, names);
	if (!who)
		return NULL;
	const char *what = singleton->kind == POLYTON_KIND_TLS ? "which no thread has set"
			   : names.count == 1                  ? "which is still initial"
							       : "which are still initial";
	return names.count == 1 ? arena_printf(&snapshot->arena, "%s uses its own copy, %s", who, what)
				: arena_printf(&snapshot->arena, "%s use copies of their own, %s", who, what);
}

static bool is_own_user(const struct polyton_copy *copy)
{
	for (uint32_t i = 0; i < copy->user_count; i++) {
		if (copy->users[i] == copy->object)
			return true;
	}
	return !copy->user_count; // not known
}

// A copy that is unset, and that others than its own object use.
static const char *describe_foreign(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
				    const struct polyton_copy *copy)
{
	const char *who = finder_enumerate(snapshot, (struct names){ copy->users, copy->user_count });
	const char *state = singleton->kind == POLYTON_KIND_TLS ? "no thread has set" : "is still initial";
	return who ? arena_printf(&snapshot->arena, "%s %s %s's copy, which %s", who,
				  copy->user_count == 1 ? "uses" : "use", snapshot->objects.items[copy->object].name,
				  state)
		   : NULL;
}

const char *holdings_describe(struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
			      uint32_t *scratch)
{
	const char *text = "";
	struct names unset = { scratch, 0 };
	size_t set = 0, unread = 0, more = 0, live = 0;
	if (snapshot->subject.kind == POLYTON_SUBJECT_FILES) // nobody holds anything yet
		return "";

	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		struct tally tally = holdings_tally(copy);
		if (copy->use != POLYTON_USE_LIVE || !copy->cell_count)
			continue;
		live++;
		if (!tally.set && !tally.unknown && !tally.present && !is_own_user(copy))
			text = append(snapshot, text, describe_foreign(snapshot, singleton, copy));
		else if (!tally.set && !tally.unknown && !tally.present)
			scratch[unset.count++] = copy->object;
		else if (!tally.set)
			unread++;
	}
	// Of statics that are all set there is no more to say than that.
	if (singleton->kind == POLYTON_KIND_STATIC && live > 1 && !unset.count && !unread && text && !text[0])
		return "Each of them is set.";
	if (text && unset.count)
		text = append(snapshot, text, describe_unset(snapshot, singleton, unset));
	for (uint32_t i = 0; text && i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		struct tally tally = holdings_tally(copy);
		if (copy->use != POLYTON_USE_LIVE || !tally.set)
			continue;
		if (set++ < HOLDINGS_MAX_NAMED)
			text = append(snapshot, text, describe_set(snapshot, singleton, copy, &tally));
		else
			more++;
	}
	if (more)
		text = append(snapshot, text, arena_printf(&snapshot->arena, "%zu more are set", more));
	if (unread)
		text = append(snapshot, text,
			      arena_printf(&snapshot->arena,
					   "%zu of the copies could not be compared with an initial image%s", unread,
					   singleton->kind == POLYTON_KIND_TLS ? " in every thread" : ""));
	return text && text[0] ? arena_printf(&snapshot->arena, "%s.", text) : text;
}

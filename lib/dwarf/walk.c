// The loop that all time is spent in: about ten cycles for each DIE, which is what it takes to load its code, to load
// the size that goes with it, and to add that. So the common case has one branch, and nothing in it waits for more.

#include "dwarf/walk.h"

struct walk {
	const uint8_t *at, *end;
	int64_t depth; // 0: outside of functions; 1: in one; deeper: in something that is in one
	dwarf_walk_fn *visit;
	void *arg;
	struct dwarf_walked walked;
};

// Past DIEs that need nothing else, up to the first one that does, or to the last ones of the unit.
static void pass_outside(struct walk *walk)
{
	const uint8_t *quick_size = walk->walked.unit->abbrevs->quick_size, *at = walk->at;

	for (const uint8_t *last = walk->end - ABBREV_QUICK_MAX; at < last;) {
		uint8_t size = quick_size[*at];
		if (!size)
			break;
		at += size;
	}
	walk->at = at;
}

// The same, up to the end of the function.
static void pass_inside(struct walk *walk)
{
	const uint8_t *quick_size = walk->walked.unit->abbrevs->quick_size, *at = walk->at;
	const int8_t *quick_depth = walk->walked.unit->abbrevs->quick_depth;
	int64_t depth = walk->depth;

	for (const uint8_t *last = walk->end - ABBREV_QUICK_MAX; at < last && depth;) {
		uint8_t code = *at, size = quick_size[code];
		if (!size)
			break;
		at += size;
		depth += quick_depth[code];
	}
	walk->at = at;
	walk->depth = depth;
}

// Any DIE, whatever is needed. False: damaged.
static bool pass_one(struct walk *walk, struct polyton_error **error_ret)
{
	struct dwarf_walked *walked = &walk->walked;
	const struct abbrev_table *table = walked->unit->abbrevs;

	walked->die = walk->at;
	const struct abbrev *abbrev = abbrev_at(table, walk->at, walk->end, &walked->content);
	const uint8_t *behind = NULL;
	if (abbrev)
		behind = abbrev_pass(table, abbrev, &walked->unit->format, walked->content, walk->end);
	if (!behind)
		return false;
	walk->at = behind;
	if (abbrev->role > ABBREV_FUNCTION) {
		walked->abbrev = abbrev;
		walked->is_in_function = walk->depth != 0;
		*error_ret = walk->visit(walked, walk->arg);
	}
	if (walk->depth || abbrev->role == ABBREV_FUNCTION)
		walk->depth += abbrev->depth;
	return true;
}

struct polyton_error *dwarf_walk(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
				 dwarf_walk_fn *visit, void *arg, const char **complaint_ret)
{
	struct polyton_error *error = NULL;
	struct walk walk = {
		.at = headers->sections->info + unit->first,
		.end = headers->sections->info + unit->end,
		.visit = visit,
		.arg = arg,
		.walked = { .headers = headers, .unit = unit },
	};

	while (!error) {
		if (walk.end - walk.at > ABBREV_QUICK_MAX)
			(walk.depth ? pass_inside : pass_outside)(&walk);
		if (walk.at >= walk.end)
			break;
		if (!pass_one(&walk, &error)) {
			dwarf_complain(complaint_ret, "a unit of .debug_info is damaged; the rest of it was skipped");
			break;
		}
	}
	return error;
}

struct form_cursor dwarf_walk_attributes(const struct dwarf_headers *headers, const struct dwarf_headers_unit *unit,
					 const struct abbrev *abbrev, const uint8_t *content)
{
	return (struct form_cursor){
		.format = unit->format,
		.specs = headers->tables.bytes + (abbrev->specs ? abbrev->specs : headers->tables.size),
		.specs_end = headers->tables.bytes + headers->tables.size,
		.at = content,
		.end = headers->sections->info + unit->end,
	};
}

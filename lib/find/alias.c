// Two names of one variable in one object may be two variables, or one name only, in the next. What has a place in
// common belongs together, also where a third draft is the only link between two others.

#include <string.h>

#include "find/draft.h"
#include "find/placemap.h"

static bool is_better_name(const char *name, const char *than)
{
	return strspn(name, "_") < strspn(than, "_");
}

static struct polyton_error *absorb(struct drafts *drafts, struct placemap *places, uint32_t into, uint32_t from)
{
	struct draft *kept = &drafts->items.items[into], *draft = &drafts->items.items[from];
	for (size_t i = 0; i < draft->count; i++) {
		const struct member *member = draft->members[i];
		uint32_t *owner = placemap_at(places, member->object, member->candidate->kind,
					      member->candidate->symbol->st_value, into);
		if (!owner || !draft_add(kept, member))
			return error_no_memory();
		if (*owner == from)
			*owner = into;
	}
	kept->count = members_fold(kept->members, kept->count);
	if (is_better_name(draft->name, kept->name))
		kept->name = draft->name;
	if (!kept->dropped)
		kept->dropped = draft->dropped;
	draft->count = 0;
	return NULL;
}

struct polyton_error *drafts_merge_aliases(struct drafts *drafts)
{
	struct placemap places = { 0 };
	struct polyton_error *error = NULL;

	for (uint32_t i = 0; !error && i < drafts->items.count; i++) {
		const struct draft *draft = &drafts->items.items[i];
		uint32_t owner = i;
		// Absorbing empties the draft, but leaves its list as it was.
		for (size_t k = 0, count = draft->count; !error && k < count; k++) {
			const struct candidate *candidate = draft->members[k]->candidate;
			const uint32_t *at = placemap_at(&places, draft->members[k]->object, candidate->kind,
							 candidate->symbol->st_value, owner);
			if (!at) {
				error = error_no_memory();
			} else if (*at != owner) {
				uint32_t first = *at < owner ? *at : owner, second = *at < owner ? owner : *at;
				error = absorb(drafts, &places, first, second);
				owner = first;
			}
		}
	}
	placemap_deinit(&places);
	return error;
}

// From names to drafts in three passes, each over fewer symbols than the one before: names seen in two objects,
// keys shared by two objects, definitions that match.
//
// One key can stand several times in one object: macro-generated statics of one function, C statics of several
// source files, several builds of one crate. Which of them belong together is then told by the build mark or
// the source file, never by their order alone.

#include "find/draft.h"

#include <string.h>

#include "base/spread.h"
#include "base/strmap.h"
#include "find/noise.h"

enum {
	DRAFT_UNSEEN = UINT32_MAX,
	DRAFT_BLOCK = 256, // keys whose members are split up in one go
};

bool draft_add(struct draft *draft, const struct member *member)
{
	if (draft->count == draft->capacity &&
	    !vec_grow((void **)&draft->members, draft->count, &draft->capacity, sizeof(*draft->members)))
		return false;
	draft->members[draft->count++] = member;
	return true;
}

static int compare_members(const void *left, const void *right)
{
	const struct member *a = *(const struct member *const *)left, *b = *(const struct member *const *)right;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	uint64_t x = a->candidate->symbol->st_value, y = b->candidate->symbol->st_value;
	if (x != y)
		return x < y ? -1 : 1;
	return (a->candidate > b->candidate) - (a->candidate < b->candidate); // of one object, so of one array
}

static bool is_same_place(const struct member *a, const struct member *b)
{
	return a->object == b->object && a->candidate->symbol->st_value == b->candidate->symbol->st_value;
}

size_t members_fold(const struct member **members, size_t count)
{
	size_t kept = 0;
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 0; i < count; i++) {
		if (!kept || !is_same_place(members[kept - 1], members[i]))
			members[kept++] = members[i];
	}
	return kept;
}

// What tells apart several definitions of one key in one object, and must be equal in the others.
static const char *discriminator(const struct member *member)
{
	return member->identity->scope == IDENTITY_GLOBAL ? member->identity->mark : member->candidate->source;
}

static bool is_several_per_object(const struct member **members, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (members[i]->object == members[i - 1]->object)
			return true;
	}
	return false;
}

static bool spans_objects(const struct member **members, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (members[i]->object != members[0]->object)
			return true;
	}
	return false;
}

// A program that was found is in no process but its own, where whoever asks the loader gets what it exports: then there
// is one variable.
static bool is_interposed(const struct drafts *drafts, const struct member *program, const struct member *other)
{
	const struct object_input *object = &drafts->objects[other->object];
	return drafts->objects[program->object].brings && program->candidate->is_exported &&
	       other->candidate->is_exported && !other->candidate->is_protected && !object->dynamic.is_symbolic;
}

static bool meets_another(const struct drafts *drafts, const struct member **members, size_t count, size_t which)
{
	const struct object_input *object = &drafts->objects[members[which]->object];
	for (size_t i = 0; i < count; i++) {
		if (members[i]->object != members[which]->object &&
		    object_meets(object, &drafts->objects[members[i]->object]) &&
		    !is_interposed(drafts, members[which], members[i]) &&
		    !is_interposed(drafts, members[i], members[which]))
			return true;
	}
	return false;
}

// Definitions in files that no process loads together are no copies of each other. The number of those that are;
// whoever meets nobody is nobody's company either, so they can be taken away one by one.
static size_t keep_meeting(const struct drafts *drafts, const struct member **members, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		const struct member *member = members[i];
		if (!meets_another(drafts, members, count, i))
			continue;
		members[i] = members[kept];
		members[kept++] = member;
	}
	return kept;
}

// ld.so needs parts of the C library before there is one. What it does not export is its own by construction: it
// leaves the set, or makes the whole of it noise when nothing else is left to compare.
static size_t leave_out_loader(const struct drafts *drafts, const struct member **members, size_t count,
			       const char **reason)
{
	size_t others = 0;
	for (size_t i = 0; i < count; i++) {
		const struct member *member = members[i];
		bool is_own = drafts->objects[member->object].is_loader && !member->candidate->is_exported;
		if (is_own)
			continue;
		members[i] = members[others];
		members[others++] = member;
	}
	if (others == count || spans_objects(members, others))
		return others;
	*reason = "the dynamic loader is built with parts of the C library of its own";
	qsort(members, count, sizeof(*members), compare_members);
	return count;
}

static struct polyton_error *emit(struct drafts *drafts, const struct member **members, size_t count, size_t ordinal)
{
	const char *reason = NULL;
	count = keep_meeting(drafts, members, count);
	if (!spans_objects(members, count))
		return NULL;
	count = leave_out_loader(drafts, members, count, &reason);
	struct draft *draft = vec_push(&drafts->items);
	if (!draft)
		return error_no_memory();
	const struct identity *identity = members[0]->identity;
	draft->name = ordinal ? arena_printf(&drafts->arena, "%s#%zu", identity->name, ordinal + 1) : identity->name;
	size_t length = strcspn(members[0]->candidate->name, "@");
	const char *raw = arena_strndup(&drafts->arena, members[0]->candidate->name, length);
	if (!draft->name || !raw)
		return error_no_memory();
	draft->dropped = noise_reason(raw, identity);
	if (!draft->dropped)
		draft->dropped = reason;
	for (size_t i = 0; i < count; i++) {
		if (!draft_add(draft, members[i]))
			return error_no_memory();
	}
	return NULL;
}

static int compare_classes(const void *left, const void *right)
{
	const struct member *a = *(const struct member *const *)left, *b = *(const struct member *const *)right;
	int order = strcmp(discriminator(a), discriminator(b));
	if (!order && a->identity->scope != IDENTITY_GLOBAL) {
		uint64_t x = a->candidate->symbol->st_size, y = b->candidate->symbol->st_size;
		order = (x > y) - (x < y);
	}
	return order ? order : compare_members(left, right);
}

static bool is_same_class(const struct member *a, const struct member *b)
{
	return strcmp(discriminator(a), discriminator(b)) == 0 &&
	       (a->identity->scope == IDENTITY_GLOBAL ||
		a->candidate->symbol->st_size == b->candidate->symbol->st_size);
}

// Within a class each object's first definition pairs with the others' first, and so on, in address order.
static struct polyton_error *emit_class(struct drafts *drafts, const struct member **members, size_t count,
					size_t *ordinal)
{
	auto_free const struct member **row = calloc(count, sizeof(*row));
	if (!row)
		return error_no_memory();
	size_t depth = 0, widest = 0;
	for (size_t i = 0; i < count; i++) {
		depth = i && members[i]->object == members[i - 1]->object ? depth + 1 : 0;
		widest = depth > widest ? depth : widest;
	}
	for (size_t level = 0; level <= widest; level++) {
		size_t used = 0;
		depth = 0;
		for (size_t i = 0; i < count; i++) {
			depth = i && members[i]->object == members[i - 1]->object ? depth + 1 : 0;
			if (depth == level)
				row[used++] = members[i];
		}
		struct polyton_error *error = emit(drafts, row, used, *ordinal);
		if (error)
			return error;
		*ordinal += spans_objects(row, used);
	}
	return NULL;
}

static struct polyton_error *split(struct drafts *drafts, const struct member **members, size_t count)
{
	count = members_fold(members, count);
	// A Rust path or a C++ name that stands once per object needs no telling apart: other builds have other marks.
	if (members[0]->identity->scope == IDENTITY_GLOBAL && !is_several_per_object(members, count))
		return emit(drafts, members, count, 0);

	size_t ordinal = 0;
	qsort(members, count, sizeof(*members), compare_classes);
	for (size_t first = 0, last; first < count; first = last) {
		for (last = first + 1; last < count && is_same_class(members[first], members[last]); last++)
			;
		struct polyton_error *error = emit_class(drafts, members + first, last - first, &ordinal);
		if (error)
			return error;
	}
	return NULL;
}

/** The members of one key, chained, and where they are split up. */
struct grouping {
	struct drafts *drafts;
	vec_of(uint32_t) heads;
	struct drafts *parts; // by block of heads
};

static struct polyton_error *chain_members(struct grouping *grouping)
{
	struct drafts *drafts = grouping->drafts;
	struct strmap keys = { 0 };
	struct arena texts = { 0 };
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < drafts->members.count; i++) {
		struct member *member = &drafts->members.items[i];
		// In front of the key: what the variable has to be equal in besides.
		size_t length = strlen(member->identity->key) + 2;
		char *key = arena_alloc(&texts, length, 1);
		if (key) {
			key[0] = (char)('0' + member->candidate->kind);
			key[1] = (char)('0' + member->identity->scope);
			memcpy(key + 2, member->identity->key, length - 2);
		}
		uint32_t *head = key ? strmap_at(&keys, key, length, DRAFT_UNSEEN) : NULL;
		bool is_new = head && *head == DRAFT_UNSEEN;
		uint32_t *place = is_new ? vec_push(&grouping->heads) : head ? &grouping->heads.items[*head] : NULL;
		if (place) {
			member->next = is_new ? POLYTON_NONE : *place;
			*head = is_new ? (uint32_t)grouping->heads.count - 1 : *head;
			*place = i;
		} else {
			error = error_no_memory();
		}
	}
	strmap_deinit(&keys);
	arena_deinit(&texts);
	return error;
}

static struct polyton_error *split_chain(struct drafts *part, const struct drafts *drafts, uint32_t head)
{
	size_t count = 0;
	for (uint32_t at = head; at != POLYTON_NONE; at = drafts->members.items[at].next)
		count++;
	auto_free const struct member **members = calloc(count, sizeof(*members));
	if (!members)
		return error_no_memory();
	count = 0;
	for (uint32_t at = head; at != POLYTON_NONE; at = drafts->members.items[at].next)
		members[count++] = &drafts->members.items[at];
	return split(part, members, count);
}

static struct polyton_error *split_block(void *arg, size_t block)
{
	const struct grouping *grouping = arg;
	struct drafts *part = &grouping->parts[block];
	struct polyton_error *error = NULL;
	size_t end = (block + 1) * DRAFT_BLOCK;
	part->objects = grouping->drafts->objects;
	for (size_t i = block * DRAFT_BLOCK; !error && i < end && i < grouping->heads.count; i++)
		error = split_chain(part, grouping->drafts, grouping->heads.items[i]);
	return error;
}

// In the order of the heads.
static struct polyton_error *join_parts(struct grouping *grouping, size_t blocks)
{
	struct drafts *drafts = grouping->drafts;
	for (size_t block = 0; block < blocks; block++) {
		struct drafts *part = &grouping->parts[block];
		for (size_t i = 0; i < part->items.count; i++) {
			struct draft *place = vec_push(&drafts->items);
			if (!place)
				return error_no_memory();
			*place = part->items.items[i];
			part->items.items[i].members = NULL;
		}
		arena_join(&drafts->arena, &part->arena);
	}
	return NULL;
}

static struct polyton_error *group_members(struct drafts *drafts)
{
	struct grouping grouping = { .drafts = drafts };
	struct polyton_error *error = chain_members(&grouping);
	size_t blocks = (grouping.heads.count + DRAFT_BLOCK - 1) / DRAFT_BLOCK;
	if (!error) {
		grouping.parts = calloc(blocks + 1, sizeof(*grouping.parts));
		error = grouping.parts ? spread_over(blocks, 2, split_block, &grouping) : error_no_memory();
	}
	if (!error)
		error = join_parts(&grouping, blocks);
	for (size_t i = 0; grouping.parts && i < blocks; i++)
		drafts_deinit(&grouping.parts[i]);
	free(grouping.parts);
	vec_deinit(&grouping.heads);
	return error;
}

struct polyton_error *drafts_find(const struct object_input *objects, uint32_t count, struct drafts *ret)
{
	struct drafts drafts = { .objects = objects, .object_count = count };
	struct common_names names = { 0 };
	struct polyton_error *error = common_names_find(objects, count, &names);
	if (!error)
		error = members_collect(objects, count, &names, &drafts.members);
	if (!error)
		error = group_members(&drafts);
	if (!error)
		error = drafts_merge_aliases(&drafts);
	common_names_deinit(&names);
	if (error) {
		drafts_deinit(&drafts);
		return error;
	}
	*ret = drafts;
	return NULL;
}

void drafts_deinit(struct drafts *drafts)
{
	for (size_t i = 0; i < drafts->items.count; i++)
		free(drafts->items.items[i].members);
	vec_deinit(&drafts->items);
	members_deinit(&drafts->members);
	arena_deinit(&drafts->arena);
}

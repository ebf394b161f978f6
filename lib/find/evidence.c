// A C name by itself says little: "debug", "buf", "initialized" stand in programs that share no line of code.
// What speaks for one origin is company: the same two objects share other variables, too.
//
// The rules (docs/architecture.md says how they were measured):
// - Rust paths and C++ names with linkage are certain alone when the build marks agree or do not exist. A crate
//   of another build needs one companion, because two crates may have the same name.
// - A C global is certain with a companion and equal sizes, likely with one of the two, possible with neither. Being
//   as large as a number or a pointer is no equality: half of all variables are. Thread-locals are rare enough.
// - A C static, a function's static, a name of an anonymous namespace needs the same source file name and size
//   (the draft was built so) and a companion; then it is likely. Otherwise it is possible: no finding.
// Companions are counted among drafts that are not noise. Members without a companion leave a draft that has two
// or more members with one.

#include <string.h>

#include "base/strmap.h"
#include "find/draft.h"

enum {
	EVIDENCE_MAX_MEMBERS = 64,    // pairs of a wider draft are counted between neighbours only
	EVIDENCE_FILE_COMPANIONS = 2, // other drafts of file scope that equal one of global scope
	EVIDENCE_PLAIN_SIZE = 8,      // the largest variable whose size says nothing
};

struct pair_key {
	uint32_t low, high;
};

struct pair {
	uint32_t global, file; // drafts that this pair of objects shares, by scope
	uint32_t last;         // draft that was counted last: one with two places in an object meets its pair twice
};

struct pairs {
	struct strmap map;
	vec_of(struct pair) items;
};

static struct pair *pair_at(struct pairs *pairs, struct arena *arena, uint32_t a, uint32_t b)
{
	struct pair_key key = { a < b ? a : b, a < b ? b : a };
	const uint32_t *found = strmap_find(&pairs->map, (const char *)&key, sizeof(key));
	if (found)
		return &pairs->items.items[*found];
	struct pair_key *kept = arena_alloc(arena, 1, sizeof(*kept));
	struct pair *pair = kept ? vec_push(&pairs->items) : NULL;
	if (!pair)
		return NULL;
	*kept = key;
	pair->last = POLYTON_NONE;
	if (!strmap_at(&pairs->map, (const char *)kept, sizeof(*kept), (uint32_t)pairs->items.count - 1))
		return NULL;
	return pair;
}

static bool is_counted(const struct draft *draft)
{
	return draft->count && !draft->dropped && draft->members[0]->candidate->storage != POLYTON_STORAGE_CONST &&
	       draft->members[0]->candidate->storage != POLYTON_STORAGE_RELRO;
}

static bool is_global(const struct draft *draft)
{
	return draft->members[0]->identity.scope == IDENTITY_GLOBAL;
}

static struct polyton_error *count_pairs(struct drafts *drafts, struct pairs *pairs)
{
	for (size_t i = 0; i < drafts->items.count; i++) {
		const struct draft *draft = &drafts->items.items[i];
		if (!is_counted(draft))
			continue;
		for (size_t a = 0; a < draft->count; a++) {
			size_t end = draft->count > EVIDENCE_MAX_MEMBERS && a + 2 < draft->count ? a + 2
												 : draft->count;
			for (size_t b = a + 1; b < end; b++) {
				if (draft->members[a]->object == draft->members[b]->object)
					continue;
				struct pair *pair = pair_at(pairs, &drafts->arena, draft->members[a]->object,
							    draft->members[b]->object);
				if (!pair)
					return error_no_memory();
				if (pair->last == i)
					continue;
				pair->last = (uint32_t)i;
				if (is_global(draft))
					pair->global++;
				else
					pair->file++;
			}
		}
	}
	return NULL;
}

// Whether the two members' objects share enough beside this draft.
static bool has_companion(struct pairs *pairs, const struct draft *draft, const struct member *a,
			  const struct member *b)
{
	struct pair_key key = { a->object < b->object ? a->object : b->object,
				a->object < b->object ? b->object : a->object };
	const uint32_t *found = strmap_find(&pairs->map, (const char *)&key, sizeof(key));
	if (!found)
		return false;
	struct pair other = pairs->items.items[*found];
	if (is_counted(draft)) {
		other.global -= is_global(draft) && other.global;
		other.file -= !is_global(draft) && other.file;
	}
	return other.global || other.file >= EVIDENCE_FILE_COMPANIONS;
}

// Which members have a companion; how many.
static size_t find_company(struct pairs *pairs, const struct draft *draft, bool *has_company)
{
	size_t with = 0;
	for (size_t a = 0; a < draft->count; a++) {
		has_company[a] = false;
		for (size_t b = 0; !has_company[a] && b < draft->count; b++)
			has_company[a] = draft->members[a]->object != draft->members[b]->object &&
					 has_companion(pairs, draft, draft->members[a], draft->members[b]);
		with += has_company[a];
	}
	return with;
}

static bool has_equal_sizes(const struct draft *draft)
{
	for (size_t i = 1; i < draft->count; i++) {
		if (draft->members[i]->candidate->symbol->st_size != draft->members[0]->candidate->symbol->st_size)
			return false;
	}
	return true;
}

static bool has_equal_marks(const struct draft *draft)
{
	for (size_t i = 1; i < draft->count; i++) {
		if (strcmp(draft->members[i]->identity.mark, draft->members[0]->identity.mark) != 0)
			return false;
	}
	return true;
}

static enum polyton_confidence settle(const struct draft *draft, bool has_company)
{
	const struct identity *identity = &draft->members[0]->identity;
	if (identity->scope != IDENTITY_GLOBAL)
		return has_company ? POLYTON_CONFIDENCE_LIKELY : POLYTON_CONFIDENCE_POSSIBLE;
	if (identity->language == POLYTON_LANGUAGE_CXX)
		return POLYTON_CONFIDENCE_CERTAIN;
	if (identity->language == POLYTON_LANGUAGE_RUST)
		return has_company || has_equal_marks(draft) ? POLYTON_CONFIDENCE_CERTAIN : POLYTON_CONFIDENCE_LIKELY;
	bool is_equal = has_equal_sizes(draft);
	if (has_company && is_equal)
		return POLYTON_CONFIDENCE_CERTAIN;
	const struct candidate *candidate = draft->members[0]->candidate;
	bool is_telling = candidate->kind == POLYTON_KIND_TLS || candidate->symbol->st_size > EVIDENCE_PLAIN_SIZE;
	return has_company || (is_equal && is_telling) ? POLYTON_CONFIDENCE_LIKELY : POLYTON_CONFIDENCE_POSSIBLE;
}

static struct polyton_error *weigh(struct pairs *pairs, struct draft *draft)
{
	auto_free bool *has_company = calloc(draft->count + 1, sizeof(*has_company));
	if (!has_company)
		return error_no_memory();
	size_t with = find_company(pairs, draft, has_company), kept = 0;
	// Names that carry their origin keep all members; bare names keep those that have company.
	bool is_bare = draft->members[0]->identity.language == POLYTON_LANGUAGE_C || !is_global(draft);
	for (size_t i = 0; is_bare && with >= 2 && i < draft->count; i++) {
		if (has_company[i])
			draft->members[kept++] = draft->members[i];
	}
	if (kept)
		draft->count = kept;
	draft->confidence = settle(draft, with >= 2);
	return NULL;
}

struct polyton_error *evidence_weigh(struct drafts *drafts)
{
	struct pairs pairs = { 0 };
	struct polyton_error *error = count_pairs(drafts, &pairs);
	for (size_t i = 0; !error && i < drafts->items.count; i++) {
		if (drafts->items.items[i].count)
			error = weigh(&pairs, &drafts->items.items[i]);
	}
	strmap_deinit(&pairs.map);
	vec_deinit(&pairs.items);
	return error;
}

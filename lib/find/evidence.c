// A C name by itself says little: "debug", "buf", "initialized" stand in programs that share no line of code.
// What speaks for one origin is company: the same two objects share other variables, too.
//
// The rules (docs/architecture.md says how they were measured):
// - Rust paths and C++ names with linkage are certain alone when the build marks agree or do not exist. A crate
//   of another build needs one companion, because two crates may have the same name.
// - A bare name counts only between objects that are kin: they have code in common (kinship.h), or four names at least.
//   What the loader merged (merges.h) needs no other evidence.
// - A C global is certain with a companion and equal sizes, likely with a companion, or with code in common and
//   equal sizes, else possible.
// - A C static, a function's static, a name of an anonymous namespace needs the same source file name and size
//   (the draft was built so) and a companion; then it is likely. Otherwise it is possible: no finding.
// Companions are counted among drafts that are not noise. Members without a companion leave a draft that has two
// or more members with one.

#include <string.h>

#include "base/intmap.h"
#include "find/draft.h"
#include "find/kinship.h"
#include "find/merges.h"

enum {
	EVIDENCE_MAX_MEMBERS = 64,    // pairs of a wider draft are counted between neighbours only
	EVIDENCE_FILE_COMPANIONS = 2, // other drafts of file scope that equal one of global scope
	EVIDENCE_MANY = 4,            // names in common that make up for code
};

struct pair {
	uint32_t global, file; // drafts that this pair of objects shares, by scope
	uint32_t last;         // draft that was counted last: one with two places in an object meets its pair twice
};

struct pairs {
	struct intmap map; // the two objects, the lower first
	vec_of(struct pair) items;
};

static struct pair *pair_at(struct pairs *pairs, uint32_t a, uint32_t b)
{
	uint32_t *at = intmap_at(&pairs->map, a < b ? a : b, a < b ? b : a, POLYTON_NONE);
	if (at && *at != POLYTON_NONE)
		return &pairs->items.items[*at];
	struct pair *pair = at ? vec_push(&pairs->items) : NULL;
	if (!pair)
		return NULL;
	pair->last = POLYTON_NONE;
	*at = (uint32_t)pairs->items.count - 1;
	return pair;
}

// Of a C static that link-time optimisation put into one unit with others it is not known which source file it is
// internal to. (A name of an anonymous namespace says more.)
static bool is_of_unknown_source(const struct draft *draft)
{
	const struct member *first = draft->count ? draft->members[0] : NULL;
	return first && first->identity->scope != IDENTITY_GLOBAL &&
	       first->identity->language == POLYTON_LANGUAGE_C && !first->candidate->source[0];
}

static bool is_counted(const struct draft *draft)
{
	return draft->count && !draft->dropped && !is_of_unknown_source(draft) &&
	       draft->members[0]->candidate->storage != POLYTON_STORAGE_CONST &&
	       draft->members[0]->candidate->storage != POLYTON_STORAGE_RELRO;
}

static bool is_global(const struct draft *draft)
{
	return draft->members[0]->identity->scope == IDENTITY_GLOBAL;
}

/** Two members of a draft, by their places in it. */
struct partners {
	size_t a, b;
};

// The next two that are of different objects, from zeros on; false behind the last.
static bool next_partners(const struct draft *draft, struct partners *at)
{
	while (at->a < draft->count) {
		size_t near = at->a + 2, count = draft->count;
		size_t end = count > EVIDENCE_MAX_MEMBERS && near < count ? near : count;
		at->b = at->b ? at->b + 1 : at->a + 1;
		if (at->b >= end)
			*at = (struct partners){ at->a + 1, 0 };
		else if (draft->members[at->a]->object != draft->members[at->b]->object)
			return true;
	}
	return false;
}

static struct polyton_error *count_pairs(struct drafts *drafts, struct pairs *pairs)
{
	for (size_t i = 0; i < drafts->items.count; i++) {
		const struct draft *draft = &drafts->items.items[i];
		if (!is_counted(draft))
			continue;
		for (struct partners at = { 0 }; next_partners(draft, &at);) {
			struct pair *pair =
				pair_at(pairs, draft->members[at.a]->object, draft->members[at.b]->object);
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
	return NULL;
}

/** What a draft's members have in common beside it. */
struct company {
	bool *has_any; ///< By member.
	size_t with;   ///< How many have it.
	bool is_kin;   ///< Two members' objects have code in common.
};

struct weigher {
	struct pairs pairs;
	struct kinship kinship;
	struct merges merges;
};

static struct pair shared_by(struct pairs *pairs, const struct draft *draft, const struct member *a,
			     const struct member *b)
{
	bool is_first = a->object < b->object;
	const uint32_t *found =
		intmap_find(&pairs->map, is_first ? a->object : b->object, is_first ? b->object : a->object);
	struct pair other = found ? pairs->items.items[*found] : (struct pair){ 0 };
	if (is_counted(draft)) {
		other.global -= is_global(draft) && other.global;
		other.file -= !is_global(draft) && other.file;
	}
	return other;
}

// Names that carry their origin need no code to prove it.
static bool is_bare(const struct draft *draft)
{
	return draft->members[0]->identity->language == POLYTON_LANGUAGE_C || !is_global(draft);
}

static void look_at_pair(struct weigher *weigher, const struct draft *draft, const struct partners *at,
			 struct company *company)
{
	const struct member *left = draft->members[at->a], *right = draft->members[at->b];
	struct pair other = shared_by(&weigher->pairs, draft, left, right);
	bool has_companion = other.global || other.file >= EVIDENCE_FILE_COMPANIONS;
	bool has_many = other.global + other.file + is_counted(draft) >= EVIDENCE_MANY;
	enum kinship_answer answer = KINSHIP_UNKNOWN;
	if (merges_is_one(&weigher->merges, left, right)) {
		has_companion = true;
		answer = KINSHIP_CODE;
	} else if (is_bare(draft)) {
		answer = kinship_answer(&weigher->kinship, left->object, right->object);
	}
	bool is_kin = answer == KINSHIP_CODE;
	if (is_bare(draft))
		has_companion = has_companion && (is_kin || (has_many && answer != KINSHIP_STRANGERS));
	company->is_kin |= is_kin;
	company->has_any[at->a] |= has_companion;
	company->has_any[at->b] |= has_companion;
}

static void find_company(struct weigher *weigher, const struct draft *draft, struct company *company)
{
	for (struct partners at = { 0 }; next_partners(draft, &at);)
		look_at_pair(weigher, draft, &at, company);
	for (size_t i = 0; i < draft->count; i++)
		company->with += company->has_any[i];
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
		if (strcmp(draft->members[i]->identity->mark, draft->members[0]->identity->mark) != 0)
			return false;
	}
	return true;
}

static enum polyton_confidence settle(const struct draft *draft, const struct company *company)
{
	const struct identity *identity = draft->members[0]->identity;
	bool has_company = company->with >= 2, is_equal = has_equal_sizes(draft);
	if (is_of_unknown_source(draft))
		return POLYTON_CONFIDENCE_POSSIBLE;
	if (identity->scope != IDENTITY_GLOBAL)
		return has_company ? POLYTON_CONFIDENCE_LIKELY : POLYTON_CONFIDENCE_POSSIBLE;
	if (identity->language == POLYTON_LANGUAGE_CXX)
		return POLYTON_CONFIDENCE_CERTAIN;
	if (identity->language == POLYTON_LANGUAGE_RUST)
		return has_company || has_equal_marks(draft) ? POLYTON_CONFIDENCE_CERTAIN : POLYTON_CONFIDENCE_LIKELY;
	if (has_company && is_equal)
		return POLYTON_CONFIDENCE_CERTAIN;
	return has_company || (company->is_kin && is_equal) ? POLYTON_CONFIDENCE_LIKELY : POLYTON_CONFIDENCE_POSSIBLE;
}

static struct polyton_error *weigh(struct weigher *weigher, struct draft *draft)
{
	auto_free bool *has_any = calloc(draft->count + 1, sizeof(*has_any));
	struct company company = { .has_any = has_any };
	size_t kept = 0;
	if (!has_any)
		return error_no_memory();
	find_company(weigher, draft, &company);
	// Names that carry their origin keep all members; bare names keep those that have company.
	for (size_t i = 0; is_bare(draft) && company.with >= 2 && i < draft->count; i++) {
		if (has_any[i])
			draft->members[kept++] = draft->members[i];
	}
	if (kept)
		draft->count = kept;
	draft->confidence = settle(draft, &company);
	return NULL;
}

static bool is_weighed(const struct draft *draft)
{
	return draft->count && !draft->dropped;
}

static struct polyton_error *ask_kinship(const struct drafts *drafts, struct weigher *weigher)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < drafts->items.count; i++) {
		const struct draft *draft = &drafts->items.items[i];
		if (!is_weighed(draft) || !is_bare(draft))
			continue;
		for (struct partners at = { 0 }; !error && next_partners(draft, &at);) {
			const struct member *left = draft->members[at.a], *right = draft->members[at.b];
			if (!merges_is_one(&weigher->merges, left, right))
				error = kinship_ask(&weigher->kinship, left->object, right->object);
		}
	}
	return error ? error : kinship_settle(&weigher->kinship);
}

struct polyton_error *evidence_weigh(struct drafts *drafts, const struct linkage *linkage)
{
	struct weigher weigher = { .kinship = { .objects = drafts->objects, .count = drafts->object_count } };
	struct polyton_error *error = merges_build(linkage, &weigher.merges);
	if (!error)
		error = count_pairs(drafts, &weigher.pairs);
	if (!error)
		error = ask_kinship(drafts, &weigher);
	for (size_t i = 0; !error && i < drafts->items.count; i++) {
		if (is_weighed(&drafts->items.items[i]))
			error = weigh(&weigher, &drafts->items.items[i]);
	}
	kinship_deinit(&weigher.kinship);
	merges_deinit(&weigher.merges);
	intmap_deinit(&weigher.pairs.map);
	vec_deinit(&weigher.pairs.items);
	return error;
}

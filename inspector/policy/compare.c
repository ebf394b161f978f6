// An earlier report is a file, and its rows may be any number of any kind: everything here is sorting and looking up,
// but for the few findings of one rule and name.

#include "compare.h"

#include <stdlib.h>
#include <string.h>

enum { COMPARE_MAX_ALIKE = 64 }; // earlier findings of one rule and name that are tried

/** Earlier findings in some order. */
struct index {
	const struct fact **items;
	size_t count;
};

struct matching {
	const struct facts *before;
	struct index index; ///< Of those of @c before that are still free.
	bool *is_known;     ///< Per item of @c before: it is free no more.
};

static int by_fingerprint(const void *left, const void *right)
{
	const struct fact *const *a = left, *const *b = right;
	return strcmp((*a)->fingerprint, (*b)->fingerprint);
}

static int by_name(const void *left, const void *right)
{
	const struct fact *const *a = left, *const *b = right;
	int order = strcmp((*a)->rule, (*b)->rule);
	return order ? order : strcmp((*a)->name, (*b)->name);
}

// Where the items begin that are not before @p wanted.
static size_t find_first(const struct index *index, const struct fact *wanted,
			 int (*order)(const void *, const void *))
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (order(&index->items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// Objects of @p a that @p b has not; both are sorted.
static size_t count_missing(const struct fact *a, const struct fact *b)
{
	size_t missing = 0, k = 0;
	for (size_t i = 0; i < a->object_count; i++) {
		while (k < b->object_count && strcmp(b->objects[k], a->objects[i]) < 0)
			k++;
		if (k < b->object_count && strcmp(b->objects[k], a->objects[i]) == 0)
			k++;
		else
			missing++;
	}
	return missing;
}

// Of what is of the same rule and name and still free, the one that lacks fewest of the objects, and not all of them.
static void match_by_name(struct pair *pair, const struct matching *matching)
{
	const struct index *index = &matching->index;
	const struct fact *best = NULL;
	size_t at = find_first(index, pair->now, by_name), fewest = pair->now->object_count;
	for (size_t i = at; i < index->count && i - at < COMPARE_MAX_ALIKE && fewest; i++) {
		if (by_name(&index->items[i], &pair->now) != 0)
			break;
		size_t missing = count_missing(pair->now, index->items[i]);
		if (missing < fewest && !matching->is_known[index->items[i] - matching->before->items]) {
			fewest = missing;
			best = index->items[i];
		}
	}
	if (!best)
		return;
	pair->before = best;
	pair->has_come = fewest > 0;
	pair->has_gone = count_missing(best, pair->now) > 0;
	matching->is_known[best - matching->before->items] = true;
}

static void match_by_fingerprint(struct pair *pair, const struct matching *matching)
{
	const struct index *index = &matching->index;
	for (size_t i = find_first(index, pair->now, by_fingerprint); i < index->count; i++) {
		if (by_fingerprint(&index->items[i], &pair->now) != 0)
			break;
		pair->before = index->items[i];
		matching->is_known[pair->before - matching->before->items] = true;
	}
}

// The earlier findings that are still free, in another order.
static void sort_rest(struct matching *matching, int (*order)(const void *, const void *))
{
	struct index *index = &matching->index;
	index->count = 0;
	for (size_t i = 0; i < matching->before->count; i++) {
		if (!matching->is_known[i])
			index->items[index->count++] = &matching->before->items[i];
	}
	qsort(index->items, index->count, sizeof(*index->items), order);
}

void compare(struct pool *pool, const struct facts *before, const struct facts *now, struct comparison *ret)
{
	struct pair *pairs = pool_alloc(pool, before->count + now->count + 1, sizeof(*pairs));
	struct matching matching = {
		before,
		{ pool_alloc(pool, before->count + 1, sizeof(*matching.index.items)), 0 },
		pool_alloc(pool, before->count + 1, sizeof(*matching.is_known)),
	};
	size_t count = now->count;
	sort_rest(&matching, by_fingerprint);
	for (size_t i = 0; i < now->count; i++) {
		pairs[i].now = &now->items[i];
		match_by_fingerprint(&pairs[i], &matching);
	}
	sort_rest(&matching, by_name);
	for (size_t i = 0; i < now->count; i++) {
		if (!pairs[i].before)
			match_by_name(&pairs[i], &matching);
	}
	for (size_t i = 0; i < before->count; i++) {
		if (!matching.is_known[i])
			pairs[count++].before = &before->items[i];
	}
	*ret = (struct comparison){ pairs, count };
}

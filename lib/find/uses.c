// Sorted by counting: a large program has millions of references.

#include "find/uses.h"

#include <string.h>

struct polyton_error *uses_init(const struct linkage *linkage, uint32_t objects, struct uses *ret)
{
	const references *all = linkage->references;
	struct uses uses = { calloc((size_t)objects + 1, sizeof(*uses.first)),
			     calloc(all->count + 1, sizeof(*uses.items)) };
	auto_free uint32_t *next = calloc((size_t)objects + 1, sizeof(*next));
	if (!uses.first || !uses.items || !next) {
		uses_deinit(&uses);
		return error_no_memory();
	}
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].bound_to.object < objects)
			uses.first[all->items[i].bound_to.object + 1]++;
	}
	for (uint32_t i = 0; i < objects; i++)
		uses.first[i + 1] += uses.first[i];
	memcpy(next, uses.first, objects * sizeof(*next));
	for (size_t i = 0; i < all->count; i++) {
		uint32_t provider = all->items[i].bound_to.object;
		if (provider < objects)
			uses.items[next[provider]++] = (uint32_t)i;
	}
	*ret = uses;
	return NULL;
}

void uses_deinit(struct uses *uses)
{
	free(uses->first);
	free(uses->items);
	*uses = (struct uses){ 0 };
}

const struct reference *uses_next(const struct uses *uses, const struct linkage *linkage, uint32_t provider,
				  size_t *at)
{
	const references *all = linkage->references;
	if (uses) {
		size_t next = uses->first[provider] + *at;
		if (next >= uses->first[provider + 1])
			return NULL;
		++*at;
		return &all->items[uses->items[next]];
	}
	while (*at < all->count) {
		const struct reference *reference = &all->items[(*at)++];
		if (reference->bound_to.object == provider)
			return reference;
	}
	return NULL;
}

// The variables are few, the DIEs many: the variables are sorted, and each DIE is looked up among them once.

#include "dwarf/pairing.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PAIRING_MAX_NAME = 1024 };

// "name@VERSION" is how a symbol table spells a versioned one.
static size_t symbol_length(const char *symbol)
{
	return strcspn(symbol, "@");
}

static int compare_places(const void *left, const void *right, void *variables)
{
	const struct dwarf_asked *a = (const struct dwarf_asked *)variables + *(const uint32_t *)left;
	const struct dwarf_asked *b = (const struct dwarf_asked *)variables + *(const uint32_t *)right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

struct polyton_error *pairing_init(const struct dwarf_question *question, struct pairing *ret)
{
	uint32_t count = question->variable_count;
	*ret = (struct pairing){ .question = question };
	ret->lists = arena_alloc(&ret->arena, count, sizeof(*ret->lists));
	ret->by_place = arena_alloc(&ret->arena, count, sizeof(*ret->by_place));
	ret->next_of_name = arena_alloc(&ret->arena, count, sizeof(*ret->next_of_name));
	if (!ret->lists || !ret->by_place || !ret->next_of_name)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++) {
		const char *symbol = question->variables[i].symbol;
		uint32_t *first = strmap_at(&ret->by_name, symbol, symbol_length(symbol), POLYTON_NONE);
		if (!first)
			return error_no_memory();
		ret->next_of_name[i] = *first;
		*first = i;
		ret->by_place[i] = i;
	}
	qsort_r(ret->by_place, count, sizeof(*ret->by_place), compare_places, (void *)question->variables);
	return NULL;
}

void pairing_deinit(struct pairing *pairing)
{
	strmap_deinit(&pairing->by_name);
	arena_deinit(&pairing->arena);
}

// Does a number of its own begin at @p at? A digit before it belongs to it, but for that of an anonymous namespace.
static bool is_number_start(const char *symbol, const char *at)
{
	static const char nameless[] = "_GLOBAL__N_1";
	size_t before = (size_t)(at - symbol), length = sizeof(nameless) - 1;
	if (before && !isdigit((unsigned char)at[-1]))
		return true;
	return before >= length && memcmp(at - length, nameless, length) == 0;
}

// Is there "<length><name>" in a mangled symbol, as both Itanium's and Rust's manglings spell a component?
static bool has_component(const char *symbol, size_t symbol_size, const char *name, size_t length)
{
	char spelled[PAIRING_MAX_NAME + 32];
	if (!length || length > PAIRING_MAX_NAME)
		return false;
	for (int separated = 0; separated < 2; separated++) { // Rust's v0 writes "5_1name" where a digit or _ follows
		int size = snprintf(spelled, sizeof(spelled), "%zu%s%s", length, separated ? "_" : "", name);
		const char *at = symbol, *end = symbol + symbol_size;
		while ((at = memmem(at, (size_t)(end - at), spelled, (size_t)size))) {
			if (is_number_start(symbol, at))
				return true;
			at++;
		}
	}
	return false;
}

// Compilers put what makes a name unique before or behind a dot: gcc's "name.1", clang's "function.name",
// "name.llvm.1".
static bool has_part(const char *symbol, size_t symbol_size, const char *name, size_t length)
{
	const char *at = symbol, *end = symbol + symbol_size;
	while (at < end && (at = memmem(at, (size_t)(end - at), name, length))) {
		bool is_start = at == symbol || at[-1] == '.';
		if (is_start && (at + length == end || at[length] == '.'))
			return true;
		at++;
	}
	return false;
}

// How well a DIE's name goes with a symbol's: PAIRING_NONE, PAIRING_BY_NAME, or PAIRING_BY_LINKAGE_NAME when they
// are equal and mangled.
static enum pairing_evidence compare_names(const char *symbol, const struct dwarf_found *found)
{
	size_t symbol_size = symbol_length(symbol), length = found->name ? strlen(found->name) : 0;
	if (!length)
		return PAIRING_NONE;
	if (symbol_size == length && memcmp(symbol, found->name, length) == 0)
		return found->is_linkage_name ? PAIRING_BY_LINKAGE_NAME : PAIRING_BY_NAME;
	if (has_part(symbol, symbol_size, found->name, length))
		return PAIRING_BY_NAME;
	// A DIE that has a mangled name is of that name and no other; "VAL" is part of every Rust thread-local's.
	return !found->is_linkage_name && has_component(symbol, symbol_size, found->name, length) ? PAIRING_BY_NAME
												  : PAIRING_NONE;
}

static bool insert(struct pairing_list *list, const struct pairing_candidate *candidate)
{
	uint32_t at = list->count;
	while (at && list->items[at - 1].evidence < candidate->evidence)
		at--;
	if (at == PAIRING_MAX_CANDIDATES)
		return false;
	if (list->count < PAIRING_MAX_CANDIDATES)
		list->count++;
	memmove(&list->items[at + 1], &list->items[at], (list->count - 1 - at) * sizeof(list->items[0]));
	list->items[at] = *candidate;
	return true;
}

static bool pair_place(struct pairing *pairing, uint32_t source, const struct dwarf_found *found)
{
	const struct dwarf_question *question = pairing->question;
	enum polyton_kind kind = found->place == DWARF_PLACE_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC;
	bool is_doubtful = dwarf_place_is_doubtful(found);
	bool ret = false;
	uint32_t low = 0, high = question->variable_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct dwarf_asked *variable = &question->variables[pairing->by_place[middle]];
		if (variable->kind < kind || (variable->kind == kind && variable->offset < found->value))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < question->variable_count; low++) {
		uint32_t index = pairing->by_place[low];
		const struct dwarf_asked *variable = &question->variables[index];
		if (variable->kind != kind || variable->offset != found->value)
			break;
		enum pairing_evidence name = compare_names(variable->symbol, found);
		if (name == PAIRING_NONE && is_doubtful)
			continue;
		struct pairing_candidate candidate = { found->die, source, PAIRING_BY_PLACE + name };
		ret |= insert(&pairing->lists[index], &candidate);
	}
	return ret;
}

static bool pair_name(struct pairing *pairing, uint32_t source, const struct dwarf_found *found)
{
	const uint32_t *first = found->name ? strmap_find(&pairing->by_name, found->name, strlen(found->name)) : NULL;
	enum pairing_evidence evidence = found->is_linkage_name ? PAIRING_BY_LINKAGE_NAME : PAIRING_BY_NAME;
	bool ret = false;
	for (uint32_t i = first ? *first : POLYTON_NONE; i != POLYTON_NONE; i = pairing->next_of_name[i]) {
		struct pairing_candidate candidate = { found->die, source, evidence };
		// A plain name without a place is that of a static which was optimised away, or of aarch64's
		// thread-locals.
		if (found->is_linkage_name || pairing->question->variables[i].kind == POLYTON_KIND_TLS)
			ret |= insert(&pairing->lists[i], &candidate);
	}
	return ret;
}

static int compare_offsets(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

bool pairing_add(struct pairing *pairing, uint32_t source, const dwarf_found_list *found,
		 const dwarf_offset_list *units)
{
	bool ret = false;
	for (size_t i = 0; i < found->count; i++) {
		const struct dwarf_found *item = &found->items[i];
		if (units && (!units->count || !bsearch(&item->unit, units->items, units->count,
							sizeof(*units->items), compare_offsets)))
			continue;
		// An address 0 is nobody's; a TLS offset 0 may be somebody's.
		bool has_place = item->place != DWARF_PLACE_NONE &&
				 (item->place == DWARF_PLACE_TLS || item->value != 0);
		if (has_place)
			ret |= pair_place(pairing, source, item);
		if (!has_place || (item->is_linkage_name && dwarf_place_is_doubtful(item)))
			ret |= pair_name(pairing, source, item);
	}
	return ret;
}

bool pairing_is_complete(const struct pairing *pairing)
{
	for (uint32_t i = 0; i < pairing->question->variable_count; i++) {
		const struct pairing_list *list = &pairing->lists[i];
		if (!list->count || list->items[0].evidence < PAIRING_BY_PLACE)
			return false;
	}
	return true;
}

void pairing_settle(struct pairing *pairing)
{
	for (uint32_t i = 0; i < pairing->question->variable_count; i++) {
		struct pairing_list *list = &pairing->lists[i];
		const char *symbol = pairing->question->variables[i].symbol;
		const uint32_t *first = strmap_find(&pairing->by_name, symbol, symbol_length(symbol));
		bool is_shared = first && pairing->next_of_name[*first] != POLYTON_NONE;
		if (list->count && list->items[0].evidence == PAIRING_BY_NAME && (list->count > 1 || is_shared))
			list->count = 0;
	}
}

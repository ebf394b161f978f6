// Pairs whose two names differ in nothing but what they stand for: "_ZGVN1A1bE" guards "_ZN1A1bE", and in Rust up to
// 1.79 "X::__getit::STATE" tells of "X::__getit::VAL", if that is a constant with a destructor.

#include "find/guards.h"

#include <string.h>

#include "base/strmap.h"

enum { LEGACY_HASH_DIGITS = 16 };

static bool is_tls(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return snapshot->singletons.items[copy->singleton].kind == POLYTON_KIND_TLS;
}

static void pair(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy,
		 const struct candidate *guard, enum guard_kind kind, struct copy_guard *ret)
{
	uint64_t offset = guard->symbol->st_value;
	if ((guard->kind == POLYTON_KIND_TLS) != is_tls(snapshot, copy))
		return;
	if (is_tls(snapshot, copy))
		*ret = (struct copy_guard){ kind, true, offset - copy->offset };
	else if (copy->address)
		*ret = (struct copy_guard){ kind, false, snapshot->objects.items[copy->object].load_bias + offset };
}

static struct polyton_error *find_own(const struct polyton_snapshot *snapshot, const candidates *all, uint32_t object,
				      struct copy_guard *guards)
{
	struct strmap map = { 0 };
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < all->count; i++) {
		const char *name = all->items[i].name;
		if (strncmp(name, "_ZGV", 4) == 0 && !strmap_at(&map, name + 4, strcspn(name + 4, "@"), (uint32_t)i))
			error = error_no_memory();
	}
	for (uint32_t i = 0; !error && map.count && i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		if (copy->object != object || strncmp(copy->symbol, "_Z", 2) != 0)
			continue;
		const uint32_t *guard = strmap_find(&map, copy->symbol + 2, strlen(copy->symbol + 2));
		if (guard)
			pair(snapshot, copy, &all->items[*guard], GUARD_OWN, &guards[i]);
	}
	strmap_deinit(&map);
	return error;
}

// How much of @p name is the path up to "__getit", if its last part is @p part; else 0. A path alone may be that of
// several variables, which only a hash tells apart (legacy), and compilers append things to names.
static size_t getit_length(const char *name, const char *getit, const char *part)
{
	size_t length = 0, hash = 0;
	for (const char *at = name; (at = strstr(at, getit)); at++)
		length = (size_t)(at - name) + strlen(getit);
	const char *rest = name + length;
	if (!length || strncmp(rest, part, strlen(part)) != 0)
		return 0;
	rest += strlen(part);
	if (name[1] == 'Z') {
		hash = strspn(rest, "0123456789abcdef");
		if (hash != LEGACY_HASH_DIGITS || rest[hash++] != 'E')
			return 0;
	}
	bool is_end = rest[hash] == '\0' || rest[hash] == '.' || rest[hash] == '@';
	return is_end ? length : 0;
}

// Its path's length, 0 if @p name is neither of the two.
static size_t read_getit(const char *name, bool *is_state_ret)
{
	static const struct {
		const char *start, *getit, *part;
		bool is_state;
	} forms[] = {
		{ "_ZN", "7__getit", "3VAL17h", false },
		{ "_ZN", "7__getit", "5STATE17h", true },
		{ "_R", "7___getit", "3VAL", false },
		{ "_R", "7___getit", "5STATE", true },
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		bool is_form = strncmp(name, forms[i].start, strlen(forms[i].start)) == 0;
		size_t length = is_form ? getit_length(name, forms[i].getit, forms[i].part) : 0;
		*is_state_ret = forms[i].is_state;
		if (length)
			return length;
	}
	return 0;
}

/** What an object has under one path. */
struct getit {
	const struct candidate *state;
	uint32_t states, values;
};
typedef vec_of(struct getit) getits;

static struct polyton_error *collect_getits(const candidates *all, struct strmap *map, getits *ret)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct candidate *candidate = &all->items[i];
		bool is_state;
		size_t length = candidate->kind == POLYTON_KIND_TLS ? read_getit(candidate->name, &is_state) : 0;
		if (!length)
			continue;
		const uint32_t *at = strmap_at(map, candidate->name, length, (uint32_t)ret->count);
		if (!at)
			return error_no_memory();
		struct getit *getit = *at < ret->count ? &ret->items[*at] : vec_push(ret);
		if (!getit)
			return error_no_memory();
		if (is_state)
			getit->state = candidate;
		getit->states += is_state;
		getit->values += !is_state;
	}
	return NULL;
}

static struct polyton_error *find_rust(const struct polyton_snapshot *snapshot, const candidates *all,
				       uint32_t object, struct copy_guard *guards)
{
	struct strmap map = { 0 };
	getits found = { 0 };
	struct polyton_error *error = collect_getits(all, &map, &found);
	for (uint32_t i = 0; !error && found.count && i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		bool is_state, is_here = copy->object == object && is_tls(snapshot, copy);
		size_t length = is_here ? read_getit(copy->symbol, &is_state) : 0;
		const uint32_t *at = length && !is_state ? strmap_find(&map, copy->symbol, length) : NULL;
		const struct getit *getit = at ? &found.items[*at] : NULL;
		if (getit && getit->states == 1 && getit->values == 1 && getit->state->symbol->st_size == 1)
			pair(snapshot, copy, getit->state, GUARD_RUST, &guards[i]);
	}
	strmap_deinit(&map);
	vec_deinit(&found);
	return error;
}

struct polyton_error *guards_find(const struct polyton_snapshot *snapshot, const struct object_input *object,
				  uint32_t index, struct copy_guard *guards)
{
	struct polyton_error *error = find_own(snapshot, object->candidates, index, guards);
	if (!error)
		error = find_rust(snapshot, object->candidates, index, guards);
	return error ? error : unitguards_find(snapshot, object, index, guards);
}

// A copy is live when some object's code reaches it. Code reaches an exported variable through words that the
// loader filled in; the program's own variables, local and protected ones and those of -Bsymbolic libraries it
// reaches directly, without a trace. An exported copy with neither is shadowed.

#include "find/binding.h"

#include <string.h>

#include "find/placemap.h"

/** @c object's code reaches @c copy. */
struct user {
	uint32_t copy, object;
};

struct settler {
	struct polyton_snapshot *snapshot;
	const struct object_input *inputs;
	struct placemap places;
	bool *refers;    // per copy: its own object reaches the name through words
	bool *stands_in; // per copy: it is the place for another's (COPY) in a program that is not the host
	vec_of(struct user) users;
};

static struct polyton_error *map_places(struct settler *settler)
{
	const struct polyton_snapshot *snapshot = settler->snapshot;
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[i];
		enum polyton_kind kind = snapshot->singletons.items[copy->singleton].kind;
		if (!placemap_at(&settler->places, copy->object, kind, copy->offset, i))
			return error_no_memory();
	}
	return NULL;
}

static uint32_t copy_at(const struct settler *settler, uint32_t object, const Elf64_Sym *symbol)
{
	unsigned type = symbol ? ELF64_ST_TYPE(symbol->st_info) : STT_FUNC;
	// Most symbols that are referred to are functions: they need not be looked for.
	if (object == POLYTON_NONE || type == STT_FUNC || type == STT_GNU_IFUNC || symbol->st_shndx == SHN_UNDEF)
		return POLYTON_NONE;
	bool is_tls = type == STT_TLS;
	const uint32_t *copy = placemap_find(&settler->places, object,
					     is_tls ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC, symbol->st_value);
	return copy ? *copy : POLYTON_NONE;
}

static struct polyton_error *add_user(struct settler *settler, uint32_t copy, uint32_t object)
{
	struct user *user = vec_push(&settler->users);
	if (!user)
		return error_no_memory();
	*user = (struct user){ copy, object };
	return NULL;
}

static uint32_t own_copy(const struct settler *settler, const struct resolver *resolver,
			 const struct reference *reference)
{
	const struct elf_symbols *symbols = &resolver->objects[reference->object].lookup->symbols;
	return copy_at(settler, reference->object, &symbols->entries[reference->symbol]);
}

// COPY: the program's place is the variable from now on, in the process of that program.
static void take_copy(struct settler *settler, const struct resolver *resolver, const struct reference *reference)
{
	struct polyton_copy *copies = settler->snapshot->copies.items;
	uint32_t own = own_copy(settler, resolver, reference);
	uint32_t used = copy_at(settler, reference->bound_to.object, reference->bound_to.symbol);
	if (used != POLYTON_NONE && !settler->inputs[reference->object].party) {
		copies[used].bound_to = own;
		copies[used].is_copied = true;
	} else if (used != POLYTON_NONE && own != POLYTON_NONE) {
		copies[own].bound_to = used;
		settler->stands_in[own] = true;
	}
}

static struct polyton_error *take_reference(struct settler *settler, const struct resolver *resolver,
					    const struct reference *reference)
{
	struct polyton_copy *copies = settler->snapshot->copies.items;
	uint32_t own = own_copy(settler, resolver, reference);
	uint32_t used = copy_at(settler, reference->bound_to.object, reference->bound_to.symbol);
	// What leads nowhere is no proof against its object's own.
	if (reference->bound_to.object == POLYTON_NONE)
		used = own;
	if (own != POLYTON_NONE) {
		settler->refers[own] = true;
		if (used != POLYTON_NONE && used != own)
			copies[own].bound_to = used;
	}
	if (used != POLYTON_NONE && settler->stands_in[used])
		return NULL;
	return used == POLYTON_NONE ? NULL : add_user(settler, used, reference->object);
}

static bool is_reached_directly(const struct settler *settler, uint32_t index)
{
	const struct polyton_copy *copy = &settler->snapshot->copies.items[index];
	const struct object_input *object = &settler->inputs[copy->object];
	// Of an object without tables it is not known whether it uses its copy: say it does.
	if (!copy->is_exported || copy->is_protected || !object->tables ||
	    settler->snapshot->objects.items[copy->object].is_program)
		return true;
	return !settler->refers[index] && object->dynamic.is_symbolic;
}

static int compare_users(const void *left, const void *right)
{
	const struct user *a = left, *b = right;
	if (a->copy != b->copy)
		return a->copy < b->copy ? -1 : 1;
	return (a->object > b->object) - (a->object < b->object);
}

static struct polyton_error *hand_out_users(struct settler *settler)
{
	struct polyton_snapshot *snapshot = settler->snapshot;
	size_t at = 0;
	if (settler->users.count)
		qsort(settler->users.items, settler->users.count, sizeof(*settler->users.items), compare_users);
	for (uint32_t i = 0; i < snapshot->copies.count; i++) {
		struct polyton_copy *copy = &snapshot->copies.items[i];
		size_t end = at;
		while (end < settler->users.count && settler->users.items[end].copy == i)
			end++;
		uint32_t *users = arena_alloc(&snapshot->arena, end - at + 1, sizeof(*users));
		if (!users)
			return error_no_memory();
		for (; at < end; at++) {
			uint32_t object = settler->users.items[at].object;
			if (!copy->user_count || users[copy->user_count - 1] != object)
				users[copy->user_count++] = object;
		}
		copy->users = users;
		copy->use = copy->user_count ? POLYTON_USE_LIVE : POLYTON_USE_SHADOWED;
		if (copy->user_count)
			copy->bound_to = POLYTON_NONE;
		snapshot->singletons.items[copy->singleton].live_count += copy->user_count > 0;
	}
	return NULL;
}

static bool is_for_old_programs(const struct polyton_copy *copy)
{
	return copy->is_old_version && copy->user_count == 1 && copy->users[0] == copy->object;
}

// glibc keeps what has moved to other libraries for programs that were linked long ago, and uses it itself.
static struct polyton_error *drop_old(struct polyton_snapshot *snapshot)
{
	static const char reason[] = "one of the copies is kept for programs that were linked long ago";
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < snapshot->singletons.count; i++) {
		struct polyton_singleton *singleton = &snapshot->singletons.items[i];
		uint32_t old = 0;
		for (uint32_t k = 0; k < singleton->copy_count; k++)
			old += is_for_old_programs(&snapshot->copies.items[singleton->first_copy + k]);
		if (singleton->dropped || !old || singleton->live_count - old > 1)
			continue;
		singleton->dropped = reason;
		error = snapshot_count_dropped(snapshot, reason);
	}
	return error;
}

struct polyton_error *binding_settle(struct polyton_snapshot *snapshot, const struct object_input *objects,
				     const struct linkage *linkage)
{
	auto_free bool *refers = calloc(snapshot->copies.count + 1, sizeof(*refers));
	auto_free bool *stands_in = calloc(snapshot->copies.count + 1, sizeof(*stands_in));
	struct settler settler = { .snapshot = snapshot, .inputs = objects, .refers = refers, .stands_in = stands_in };
	struct polyton_error *error = refers && stands_in ? map_places(&settler) : error_no_memory();
	for (size_t i = 0; !error && i < linkage->references->count; i++) {
		if (linkage->references->items[i].kind == POLYTON_REFERENCE_COPY)
			take_copy(&settler, linkage->resolver, &linkage->references->items[i]);
	}
	for (size_t i = 0; !error && i < linkage->references->count; i++) {
		const struct reference *reference = &linkage->references->items[i];
		if (reference->has_variable && reference->kind != POLYTON_REFERENCE_COPY)
			error = take_reference(&settler, linkage->resolver, reference);
	}
	for (uint32_t i = 0; !error && i < snapshot->copies.count; i++) {
		if (!settler.stands_in[i] && is_reached_directly(&settler, i))
			error = add_user(&settler, i, snapshot->copies.items[i].object);
	}
	if (!error)
		error = hand_out_users(&settler);
	if (!error)
		error = drop_old(snapshot);
	placemap_deinit(&settler.places);
	vec_deinit(&settler.users);
	return error;
}

// Rows are found again by their DIE's place. Steps only ever shrink, so a row is queued at most as often as there are
// steps, and the queue comes to an end.

#include "dwarf/rows.h"

#include <string.h>

enum { ROWS_MAX_CHAIN = 64 };

void rows_init(struct rows *rows, const struct dwarf_types_limits *limits)
{
	*rows = (struct rows){ .limits = *limits, .void_row = POLYTON_NONE, .full_row = POLYTON_NONE };
}

void rows_deinit(struct rows *rows)
{
	vec_deinit(&rows->types);
	vec_deinit(&rows->sources);
	vec_deinit(&rows->members);
	vec_deinit(&rows->enumerators);
	vec_deinit(&rows->variants);
	vec_deinit(&rows->queue);
	strmap_deinit(&rows->by_place);
	arena_deinit(&rows->arena);
}

struct polyton_error *rows_add(struct rows *rows, const struct type *row, uint32_t *ret)
{
	struct type *type = vec_push(&rows->types);
	struct row_source *source = type ? vec_push(&rows->sources) : NULL;
	if (!source)
		return error_no_memory();
	*type = *row;
	*source = (struct row_source){ .steps = UINT32_MAX, .state = ROW_FILLED };
	*ret = (uint32_t)rows->types.count - 1;
	return NULL;
}

struct polyton_error *rows_void(struct rows *rows, uint32_t *ret)
{
	struct polyton_error *error = NULL;
	if (rows->void_row == POLYTON_NONE) {
		const struct type row = { .kind = TYPE_VOID, .name = "void", .target = POLYTON_NONE };
		error = rows_add(rows, &row, &rows->void_row);
	}
	*ret = rows->void_row;
	return error;
}

struct polyton_error *rows_unknown(struct rows *rows, const char *reason, uint32_t *ret)
{
	const struct type row = { .kind = TYPE_UNKNOWN, .name = reason, .target = POLYTON_NONE };
	return rows_add(rows, &row, ret);
}

static struct polyton_error *beyond_limit(struct rows *rows, uint32_t *ret)
{
	struct polyton_error *error = NULL;
	rows->complaint = "there are more types than the limits allow";
	if (rows->full_row == POLYTON_NONE)
		error = rows_unknown(rows, rows->complaint, &rows->full_row);
	*ret = rows->full_row;
	return error;
}

struct polyton_error *rows_at(struct rows *rows, const struct die_place *place, uint32_t *ret)
{
	// Padding would make equal places differ.
	const uint64_t parts[] = { (uintptr_t)place->units, place->offset, place->is_info };
	const uint32_t *known = strmap_find(&rows->by_place, (const char *)parts, sizeof(parts));
	if (known) {
		*ret = *known;
		return NULL;
	}
	if (rows->types.count >= rows->limits.types)
		return beyond_limit(rows, ret);
	uint32_t index = 0;
	struct polyton_error *error = rows_unknown(rows, "not read", &index);
	if (error)
		return error;
	rows->sources.items[index].place = *place;
	rows->sources.items[index].state = ROW_NEW;
	uint64_t *key = arena_alloc(&rows->arena, 1, sizeof(parts));
	if (!key)
		return error_no_memory();
	memcpy(key, parts, sizeof(parts));
	if (!strmap_at(&rows->by_place, (const char *)key, sizeof(parts), index))
		return error_no_memory();
	*ret = index;
	return NULL;
}

struct polyton_error *rows_reach(struct rows *rows, uint32_t row, uint32_t steps)
{
	if (row >= rows->sources.count || rows->sources.items[row].steps <= steps)
		return NULL;
	struct row_source *source = &rows->sources.items[row];
	source->steps = steps;
	if (source->is_queued)
		return NULL;
	uint32_t *queued = vec_push(&rows->queue);
	if (!queued)
		return error_no_memory();
	*queued = row;
	source->is_queued = true;
	return NULL;
}

static struct polyton_error *reach_members(struct rows *rows, uint32_t first, uint32_t count, uint32_t steps)
{
	struct polyton_error *error = NULL;
	for (uint32_t i = 0; !error && i < count; i++)
		error = rows_reach(rows, rows->members.items[first + i].type, steps);
	return error;
}

struct polyton_error *rows_spread(struct rows *rows, uint32_t row)
{
	const struct type *type = &rows->types.items[row];
	uint32_t steps = rows->sources.items[row].steps;
	// Beyond the limit it makes no difference how far.
	uint32_t further = steps <= rows->limits.steps ? steps + 1 : steps;
	bool is_pointer = type->kind == TYPE_POINTER || type->kind == TYPE_REFERENCE || type->kind == TYPE_FUNCTION ||
			  type->kind == TYPE_MEMBER_POINTER;
	struct polyton_error *error = rows_reach(rows, type->target, is_pointer ? further : steps);
	if (!error)
		error = reach_members(rows, type->first_member, type->member_count, steps);
	if (!error)
		error = reach_members(rows, type->first_parameter, type->parameter_count, further);
	if (!error && type->discriminant != POLYTON_NONE && type->variant_count)
		error = reach_members(rows, type->discriminant, 1, steps);
	for (uint32_t i = 0; !error && i < type->variant_count; i++) {
		uint32_t member = rows->variants.items[type->first_variant + i].member;
		if (member != POLYTON_NONE)
			error = reach_members(rows, member, 1, steps);
	}
	return error;
}

bool rows_next(struct rows *rows, uint32_t *ret)
{
	if (rows->queue_head == rows->queue.count) {
		rows->queue.count = rows->queue_head = 0;
		return false;
	}
	*ret = rows->queue.items[rows->queue_head++];
	rows->sources.items[*ret].is_queued = false;
	return true;
}

// How many bytes it takes, by what it is made of; 0 if that is not known, or leads in a circle.
static uint64_t size_of(const struct rows *rows, uint32_t row)
{
	uint64_t count = 1, size;
	for (int i = 0; i < ROWS_MAX_CHAIN && row < rows->types.count; i++) {
		const struct type *type = &rows->types.items[row];
		if (type->size)
			return __builtin_mul_overflow(count, type->size, &size) ? 0 : size;
		if (type->kind == TYPE_ARRAY) {
			if (type->count == UINT64_MAX || __builtin_mul_overflow(count, type->count, &count))
				return 0;
		} else if (type->kind != TYPE_TYPEDEF && type->kind != TYPE_QUALIFIED) {
			return 0;
		}
		row = type->target;
	}
	return 0;
}

// Compilers store 0xff in a signed byte as 255 or as -1, in an unsigned one, too.
static void finish_enum(struct rows *rows, struct type *type)
{
	if (!type->size)
		type->size = size_of(rows, type->target);
	if (!type->size || type->size >= sizeof(int64_t))
		return;
	unsigned spare = 64 - (unsigned)type->size * 8;
	bool is_signed = type->encoding == TYPE_ENCODING_SIGNED;
	for (uint32_t i = 0; i < type->enumerator_count; i++) {
		int64_t *value = &rows->enumerators.items[type->first_enumerator + i].value;
		uint64_t bits = (uint64_t)*value << spare;
		*value = is_signed ? (int64_t)bits >> spare : (int64_t)(bits >> spare);
	}
}

void rows_finish(struct rows *rows)
{
	for (size_t i = rows->finished; i < rows->types.count; i++) {
		struct type *type = &rows->types.items[i];
		if (type->kind == TYPE_ENUM)
			finish_enum(rows, type);
		else if (!type->size &&
			 (type->kind == TYPE_ARRAY || type->kind == TYPE_TYPEDEF || type->kind == TYPE_QUALIFIED))
			type->size = size_of(rows, (uint32_t)i);
	}
	rows->finished = rows->types.count;
}

// Debug info is large (hundreds of MB) and static variables are few, so what matters is how quickly everything else is
// passed over (walk.h). What has no place of its own, and what lives in registers or on the stack, is dropped here.

#include "dwarf/scan.h"

#include "dwarf/names.h"
#include "dwarf/walk.h"

enum {
	OP_ADDR = 0x03,
	OP_CONST1U = 0x08,
	OP_CONST2U = 0x0a,
	OP_CONST4U = 0x0c,
	OP_CONST8U = 0x0e,
	OP_CONSTU = 0x10,
	OP_PLUS_UCONST = 0x23,
	OP_LIT0 = 0x30,
	OP_LIT31 = 0x4f,
	OP_FORM_TLS_ADDRESS = 0x9b,
	OP_ADDRX = 0xa1,
	OP_CONSTX = 0xa2,
	OP_GNU_PUSH_TLS_ADDRESS = 0xe0,
	OP_GNU_ADDR_INDEX = 0xfb,
	OP_GNU_CONST_INDEX = 0xfc,
};

enum { AT_LOCATION = 0x02 };

// The first operation: a number, or an index of one in .debug_addr.
struct operand {
	uint64_t value;
	bool is_static, is_known, is_address;
};

static const uint8_t *read_operand(const struct dwarf_walked *walked, const uint8_t *at, const uint8_t *end,
				   struct operand *ret)
{
	uint8_t operation = *at++;
	size_t size = 0;

	*ret = (struct operand){ .is_static = true, .is_known = true };
	switch (operation) {
	case OP_ADDR:
		size = walked->unit->format.address_size;
		ret->is_address = true;
		break;
	case OP_CONST1U:
	case OP_CONST2U:
	case OP_CONST4U:
	case OP_CONST8U:
		size = (size_t)1 << (operation - OP_CONST1U) / 2;
		break;
	case OP_CONSTU:
		return form_leb(at, end, &ret->value);
	case OP_ADDRX:
	case OP_GNU_ADDR_INDEX:
	case OP_CONSTX:
	case OP_GNU_CONST_INDEX:
		ret->is_address = operation == OP_ADDRX || operation == OP_GNU_ADDR_INDEX;
		at = form_leb(at, end, &ret->value);
		if (at)
			ret->is_known = dwarf_headers_address(walked->headers, walked->unit, ret->value, &ret->value);
		return at;
	default:
		ret->is_static = operation >= OP_LIT0 && operation <= OP_LIT31;
		ret->value = ret->is_static ? operation - OP_LIT0 : 0;
		return at;
	}
	if ((size_t)(end - at) < size)
		return NULL;
	ret->value = bytes_number(at, size, walked->unit->format.is_big_endian);
	return at + size;
}

// A place in memory, once per process or thread; not what has its address for a value, or lies in several pieces.
// @has_place: it is one, even if what it is cannot be read.
static bool read_place(const struct dwarf_walked *walked, const uint8_t *at, const uint8_t *end,
		       struct dwarf_found *found)
{
	struct operand operand;
	enum dwarf_place place = DWARF_PLACE_ADDRESS;

	if (at == end)
		return false;
	at = read_operand(walked, at, end, &operand);
	if (!at || !operand.is_static)
		return false;
	if (at < end && (*at == OP_FORM_TLS_ADDRESS || *at == OP_GNU_PUSH_TLS_ADDRESS)) {
		place = DWARF_PLACE_TLS;
		at++;
	} else if (!operand.is_address) {
		return false;
	}
	if (at < end && *at == OP_PLUS_UCONST) {
		uint64_t more;
		at = form_leb(at + 1, end, &more);
		if (!at)
			return false;
		operand.value += more;
	}
	if (at != end)
		return false;
	found->place = operand.is_known ? place : DWARF_PLACE_NONE;
	found->value = operand.is_known ? operand.value : 0;
	return true;
}

// The expression, from its offset in the DIE if that is always the same, since most are automatic variables' ones.
static bool find_location(const struct dwarf_walked *walked, const uint8_t **at_ret, const uint8_t **end_ret)
{
	const struct abbrev *abbrev = walked->abbrev;
	const struct dwarf_headers_unit *unit = walked->unit;
	struct form_cursor cursor = dwarf_walk_attributes(walked->headers, unit, abbrev, walked->content);
	uint32_t size;
	size_t length;

	enum form_kind kind = abbrev->location_kind;
	cursor.value = walked->content + abbrev->location;
	if (abbrev->location == ABBREV_LOCATION_UNKNOWN) {
		do {
			if (!form_next(&cursor))
				return false;
		} while (cursor.attribute != AT_LOCATION);
		kind = form_kind(&unit->format, cursor.form, &size);
	}
	if (kind < FORM_IS_BLOCK || kind > FORM_IS_BLOCK4)
		return false;
	const uint8_t *at = form_block(&unit->format, kind, cursor.value, cursor.end, &length);
	if (!at)
		return false;
	*at_ret = at;
	*end_ret = at + length;
	return true;
}

// Some of the units, and what was found in them.
struct scan {
	struct dwarf_names_source names;
	size_t first_unit, unit_count;
	dwarf_found_list found;
	const char *complaint;
	bool has_variables;
	struct polyton_error *error;
};

static struct polyton_error *visit_variable(const struct dwarf_walked *walked, void *arg)
{
	struct scan *scan = arg;
	const struct dwarf_headers_unit *unit = walked->unit;
	const uint8_t *at, *end;
	struct dwarf_found found = { .place = DWARF_PLACE_NONE, .unit = unit->offset, .is_dead_unit = unit->is_dead };
	enum abbrev_role role = walked->abbrev->role;

	if (role == ABBREV_IMPORT)
		return NULL;
	bool is_static = role == ABBREV_NAMED;
	if (role == ABBREV_VARIABLE)
		is_static = find_location(walked, &at, &end) && read_place(walked, at, end, &found);
	// Without a place, one inside a function is most likely an automatic one.
	if (!is_static && walked->is_in_function)
		return NULL;
	found.die = (uint64_t)(walked->die - walked->headers->sections->info);
	struct dwarf_name name = dwarf_name_of(&scan->names, unit, walked->abbrev, walked->content);
	found.name = name.text;
	found.is_linkage_name = name.is_linkage;
	if (!found.name && found.place == DWARF_PLACE_NONE)
		return NULL;
	struct dwarf_found *place = vec_push(&scan->found);
	if (!place)
		return error_no_memory();
	*place = found;
	return NULL;
}

static void scan_units(void *arg)
{
	struct scan *scan = arg;
	const struct dwarf_headers *headers = scan->names.headers;
	for (size_t i = 0; !scan->error && i < scan->unit_count; i++) {
		const struct dwarf_headers_unit *unit = &headers->units.items[scan->first_unit + i];
		scan->has_variables |= unit->abbrevs->has_data;
		scan->error = dwarf_walk(headers, unit, visit_variable, scan, &scan->complaint);
	}
}

// The units that begin in the first half of the section.
static size_t count_first_half(const struct dwarf_headers *headers)
{
	size_t ret = 0;
	while (ret < headers->units.count && headers->units.items[ret].offset < headers->sections->info_size / 2)
		ret++;
	return ret;
}

static struct polyton_error *append(dwarf_found_list *found, const dwarf_found_list *more)
{
	for (size_t i = 0; i < more->count; i++) {
		struct dwarf_found *place = vec_push(found);
		if (!place)
			return error_no_memory();
		*place = more->items[i];
	}
	return NULL;
}

static struct polyton_error *join(struct scan *half, struct scan *other, dwarf_found_list *ret,
				  bool *has_variables_ret, const char **complaint_ret)
{
	struct polyton_error *error = take_pointer(half->error);
	if (!error)
		error = take_pointer(other->error);
	if (!error)
		error = append(&half->found, &other->found);
	polyton_error_destroy(other->error);
	vec_deinit(&other->found);
	if (error) {
		vec_deinit(&half->found);
		return error;
	}
	*ret = half->found;
	*has_variables_ret = half->has_variables || other->has_variables;
	*complaint_ret = half->complaint ? half->complaint : other->complaint;
	return NULL;
}

struct polyton_error *dwarf_scan(const struct dwarf_sections *sections, struct second *second, dwarf_found_list *ret,
				 bool *has_variables_ret, const char **complaint_ret)
{
	struct dwarf_headers headers;
	const char *complaint = NULL;
	struct polyton_error *error = dwarf_headers_init(sections, &headers, &complaint);
	if (!error) {
		struct scan half = { .names = dwarf_names_source(&headers), .complaint = complaint };
		struct scan other = half;
		half.unit_count = count_first_half(&headers);
		other.first_unit = half.unit_count;
		other.unit_count = headers.units.count - half.unit_count;
		second_run(second, scan_units, &half, &other);
		error = join(&half, &other, ret, has_variables_ret, complaint_ret);
	}
	dwarf_headers_deinit(&headers);
	return error;
}

static int compare_skeletons(const void *one, const void *other)
{
	const struct dwarf_skeleton *a = one, *b = other;
	return (a->id > b->id) - (a->id < b->id);
}

struct polyton_error *dwarf_scan_skeletons(const struct dwarf_sections *sections, dwarf_skeleton_list *ret,
					   const char **complaint_ret)
{
	struct dwarf_headers headers;
	dwarf_skeleton_list skeletons = { 0 };
	const char *complaint = NULL;

	struct polyton_error *error = dwarf_headers_init(sections, &headers, &complaint);
	for (size_t i = 0; !error && i < headers.units.count; i++) {
		const struct dwarf_headers_unit *unit = &headers.units.items[i];
		if (!unit->is_skeleton)
			continue;
		struct dwarf_skeleton *skeleton = vec_push(&skeletons);
		if (skeleton)
			*skeleton = (struct dwarf_skeleton){ unit->id, unit->offset, unit->addr_base };
		else
			error = error_no_memory();
	}
	dwarf_headers_deinit(&headers);
	if (error) {
		vec_deinit(&skeletons);
		return error;
	}
	if (skeletons.count)
		qsort(skeletons.items, skeletons.count, sizeof(*skeletons.items), compare_skeletons);
	*ret = skeletons;
	*complaint_ret = complaint;
	return NULL;
}

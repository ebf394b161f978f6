// What stands inside a struct, class, union, enum or function type. A type's own members are put side by side in the
// graph, so they are collected first. DWARF 2 to 5 have three ways to say where a bit-field is.

#include "dwarf/fill.h"

#include <string.h>

#include "dwarf/shim.h"

enum { MEMBERS_MAX_RANGES = 256 };

typedef vec_of(struct type_member) member_list;

struct draft {
	member_list members, parameters, content; // the last: a discriminant, and of each variant what it holds
	vec_of(struct type_variant) variants;     // their members are indices into content
	bool has_discriminant;
};

static void draft_deinit(struct draft *draft)
{
	vec_deinit(&draft->members);
	vec_deinit(&draft->parameters);
	vec_deinit(&draft->content);
	vec_deinit(&draft->variants);
}

static struct polyton_error *copy_name(struct filler *filler, const struct die *die, const char **ret)
{
	const char *name = die_text(die, DIE_NAME);
	*ret = name ? arena_strdup(&filler->rows.arena, name) : "";
	return *ret ? NULL : error_no_memory();
}

// The offset that DW_AT_data_member_location says; false if only the object itself could tell (virtual bases).
static bool read_location(const struct die *die, uint64_t *ret)
{
	size_t size;
	void *release;
	*ret = 0;
	if (!die_has(die, DIE_MEMBER_LOCATION))
		return true;
	const uint8_t *bytes = die_block(die, DIE_MEMBER_LOCATION, &size, &release);
	if (!bytes)
		return die_unsigned(die, DIE_MEMBER_LOCATION, ret);
	const uint8_t *end = bytes + size, *behind = NULL;
	if (size && bytes[0] == DW_OP_plus_uconst)
		behind = form_leb(bytes + 1, end, ret);
	bool is_constant = behind && behind == end;
	die_release(die, release);
	return is_constant;
}

static void place_bits(const struct die *die, struct type_member *member)
{
	uint64_t size, offset, storage;
	int64_t from_high;
	bool is_signed, is_big_endian = die->units->file->sections.is_big_endian;
	if (!die_unsigned(die, DIE_BIT_SIZE, &size) || !size || size > UINT32_MAX)
		return;
	member->bit_size = (uint32_t)size;
	if (die_unsigned(die, DIE_DATA_BIT_OFFSET, &offset)) {
		offset += member->offset * 8;
	} else if (die_constant(die, DIE_BIT_OFFSET, &from_high, &is_signed)) {
		// Counted from the highest bit of an integer of the declared type, whichever end that is.
		if (!die_unsigned(die, DIE_BYTE_SIZE, &storage))
			storage = fill_size_behind(die);
		offset = member->offset * 8 +
			 (is_big_endian ? (uint64_t)from_high : storage * 8 - (uint64_t)from_high - size);
	} else {
		return;
	}
	member->offset = offset / 8;
	member->bit_offset = (uint32_t)(offset % 8);
}

static struct polyton_error *add_member(struct filler *filler, const struct die *die, member_list *list)
{
	struct type_member member = { .is_base = die->tag == DW_TAG_inheritance };
	// Static members have no place in the object; where a virtual base is, the object alone knows.
	if (die_flag(die, DIE_EXTERNAL) || die_flag(die, DIE_DECLARATION) || !read_location(die, &member.offset))
		return NULL;
	place_bits(die, &member);
	struct polyton_error *error = copy_name(filler, die, &member.name);
	if (!error)
		error = fill_reference(filler, die, &member.type);
	if (error)
		return error;
	member.is_artificial = die_flag(die, DIE_ARTIFICIAL) || strncmp(member.name, "_vptr", strlen("_vptr")) == 0;
	struct type_member *place = vec_push(list);
	if (!place)
		return error_no_memory();
	*place = member;
	return NULL;
}

static struct polyton_error *add_parameter(struct filler *filler, const struct die *die, member_list *list)
{
	struct type_member member = { 0 };
	struct polyton_error *error = copy_name(filler, die, &member.name);
	if (!error)
		error = fill_reference(filler, die, &member.type);
	struct type_member *place = error ? NULL : vec_push(list);
	if (error || !place)
		return error ? error : error_no_memory();
	(void)die_unsigned(die, DIE_CONST_VALUE, &member.offset);
	if (die->tag == DW_TAG_unspecified_parameters)
		member.name = "...";
	*place = member;
	return NULL;
}

typedef struct polyton_error *child_fn(struct filler *filler, const struct die *die, struct draft *draft);

// Each child with one of the tags in @p wanted (0 ends the list). In one DIE, what is damaged ends it all.
static struct polyton_error *each_child(struct filler *filler, const struct die *die, const uint16_t *wanted,
					child_fn *visit, struct draft *draft)
{
	struct die child;
	struct polyton_error *error = NULL;
	for (enum die_answer answer = die_first_child(die, &child); answer != DIE_NONE; answer = die_next(&child)) {
		if (answer != DIE_FOUND)
			return error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
		const uint16_t *tag = wanted;
		while (*tag && *tag != child.tag)
			tag++;
		if (*tag && die_read(&child) != DIE_FOUND)
			error = error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
		else if (*tag)
			error = visit(filler, &child, draft);
		if (!error && child.units->die_count > filler->rows.limits.dies)
			error = error_create(POLYTON_ERROR_DAMAGED, "more debug info than the limits allow");
		if (error) {
			die_close(&child);
			return error;
		}
	}
	return NULL;
}

static struct polyton_error *add_variant(struct filler *filler, const struct type_variant *variant,
					 struct draft *draft)
{
	(void)filler;
	struct type_variant *place = vec_push(&draft->variants);
	if (!place)
		return error_no_memory();
	*place = *variant;
	return NULL;
}

static struct polyton_error *add_content(struct filler *filler, const struct die *die, struct draft *draft)
{
	return add_member(filler, die, &draft->content);
}

static int64_t read_leb(const uint8_t **at, const uint8_t *end, bool is_signed)
{
	const uint8_t *start = *at;
	uint64_t value = 0;
	*at = start ? form_leb(start, end, &value) : NULL;
	size_t bits = *at ? (size_t)(*at - start) * 7 : 64;
	if (is_signed && bits < 64 && value >> (bits - 1) & 1)
		value |= UINT64_MAX << bits;
	return (int64_t)value;
}

// Several values and ranges, each of which selects the variant.
static struct polyton_error *add_ranges(struct filler *filler, const struct die *die, struct type_variant *variant,
					bool is_signed, uint64_t mask, struct draft *draft)
{
	size_t size;
	void *release;
	struct polyton_error *error = NULL;
	const uint8_t *bytes = die_block(die, DIE_DISCR_LIST, &size, &release);
	const uint8_t *at = bytes, *end = bytes ? bytes + size : NULL;
	for (int i = 0; !error && at && at < end && i < MEMBERS_MAX_RANGES; i++) {
		bool is_range = *at++ == DW_DSC_range;
		variant->first_value = variant->last_value = (uint64_t)read_leb(&at, end, is_signed) & mask;
		if (is_range)
			variant->last_value = (uint64_t)read_leb(&at, end, is_signed) & mask;
		if (at)
			error = add_variant(filler, variant, draft);
	}
	die_release(die, release);
	return error;
}

// A DW_TAG_variant: what it holds is one member. How its value is written does not depend on its sign.
static struct polyton_error *read_variant(struct filler *filler, const struct die *die, struct draft *draft,
					  uint64_t discriminant_size, bool is_signed)
{
	static const uint16_t members[] = { DW_TAG_member, 0 };
	struct type_variant variant = { .name = "", .member = (uint32_t)draft->content.count };
	uint64_t mask = discriminant_size && discriminant_size < 8 ? (UINT64_C(1) << discriminant_size * 8) - 1
								   : UINT64_MAX;
	struct polyton_error *error = each_child(filler, die, members, add_content, draft);
	if (error)
		return error;
	if (variant.member == draft->content.count)
		variant.member = POLYTON_NONE;
	else
		variant.name = draft->content.items[variant.member].name;
	if (die_has(die, DIE_DISCR_LIST))
		return add_ranges(filler, die, &variant, is_signed, mask, draft);
	if (die_unsigned(die, DIE_DISCR_VALUE, &variant.first_value))
		variant.first_value &= mask;
	else
		variant.is_default = true;
	variant.last_value = variant.first_value;
	return add_variant(filler, &variant, draft);
}

static struct polyton_error *read_variant_part(struct filler *filler, const struct die *part, struct draft *draft)
{
	uint64_t size = 0, encoding = 0;
	struct die child;
	struct polyton_error *error = NULL;
	if (draft->variants.count)
		return NULL;
	for (enum die_answer answer = die_first_child(part, &child); answer != DIE_NONE; answer = die_next(&child)) {
		if (answer != DIE_FOUND || die_read(&child) != DIE_FOUND) {
			error = error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
		} else if (child.tag == DW_TAG_member && die_has(part, DIE_DISCR) && !draft->content.count) {
			size = fill_size_behind(&child);
			encoding = fill_encoding_behind(&child);
			error = add_content(filler, &child, draft);
			draft->has_discriminant = draft->content.count != 0;
		} else if (child.tag == DW_TAG_variant) {
			error = read_variant(filler, &child, draft, size, encoding == DW_ATE_signed);
		}
		if (!error && child.units->die_count > filler->rows.limits.dies)
			error = error_create(POLYTON_ERROR_DAMAGED, "more debug info than the limits allow");
		if (error) {
			if (answer == DIE_FOUND)
				die_close(&child);
			break;
		}
	}
	return error;
}

static struct polyton_error *add_type_parameter(struct filler *filler, const struct die *die, struct draft *draft)
{
	return add_parameter(filler, die, &draft->parameters);
}

static const uint16_t parameter_tags[] = { DW_TAG_template_type_parameter, DW_TAG_template_value_parameter,
					   DW_TAG_formal_parameter, DW_TAG_unspecified_parameters, 0 };

static struct polyton_error *read_inside(struct filler *filler, const struct die *die, struct draft *draft)
{
	switch (die->tag) {
	case DW_TAG_member:
	case DW_TAG_inheritance:
		return add_member(filler, die, &draft->members);
	case DW_TAG_variant_part:
		return read_variant_part(filler, die, draft);
	case DW_TAG_GNU_template_parameter_pack:
		return each_child(filler, die, parameter_tags, add_type_parameter, draft);
	default:
		return add_type_parameter(filler, die, draft);
	}
}

// Members and parameters are one list of the graph, each range of it in one piece.
static struct polyton_error *append(struct rows *rows, const member_list *list, uint32_t *first_ret,
				    uint32_t *count_ret)
{
	*first_ret = (uint32_t)rows->members.count;
	*count_ret = (uint32_t)list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct type_member *place = vec_push(&rows->members);
		if (!place)
			return error_no_memory();
		*place = list->items[i];
	}
	return NULL;
}

static struct polyton_error *settle(struct rows *rows, const struct draft *draft, struct type *row)
{
	uint32_t first_content, content_count;
	struct polyton_error *error = append(rows, &draft->members, &row->first_member, &row->member_count);
	if (!error)
		error = append(rows, &draft->parameters, &row->first_parameter, &row->parameter_count);
	if (!error)
		error = append(rows, &draft->content, &first_content, &content_count);
	if (error)
		return error;
	row->discriminant = draft->has_discriminant ? first_content : POLYTON_NONE;
	row->first_variant = (uint32_t)rows->variants.count;
	row->variant_count = (uint32_t)draft->variants.count;
	for (size_t i = 0; i < draft->variants.count; i++) {
		struct type_variant *place = vec_push(&rows->variants);
		if (!place)
			return error_no_memory();
		*place = draft->variants.items[i];
		if (place->member != POLYTON_NONE)
			place->member += first_content;
	}
	return NULL;
}

struct polyton_error *fill_members(struct filler *filler, const struct die *die, struct type *row)
{
	static const uint16_t inside[] = {
		DW_TAG_member,
		DW_TAG_inheritance,
		DW_TAG_variant_part,
		DW_TAG_GNU_template_parameter_pack,
		DW_TAG_template_type_parameter,
		DW_TAG_template_value_parameter,
		0,
	};
	struct draft draft = { 0 };
	struct polyton_error *error = each_child(filler, die, inside, read_inside, &draft);
	if (!error)
		error = settle(&filler->rows, &draft, row);
	draft_deinit(&draft);
	return error;
}

struct polyton_error *fill_parameters(struct filler *filler, const struct die *die, struct type *row)
{
	struct draft draft = { 0 };
	struct polyton_error *error = each_child(filler, die, parameter_tags, add_type_parameter, &draft);
	if (!error)
		error = settle(&filler->rows, &draft, row);
	draft_deinit(&draft);
	return error;
}

static struct polyton_error *add_enumerator(struct filler *filler, const struct die *die, struct draft *draft)
{
	struct type_enumerator enumerator;
	bool is_signed;
	(void)draft;
	if (!die_constant(die, DIE_CONST_VALUE, &enumerator.value, &is_signed))
		return NULL;
	struct polyton_error *error = copy_name(filler, die, &enumerator.name);
	struct type_enumerator *place = error ? NULL : vec_push(&filler->rows.enumerators);
	if (error || !place)
		return error ? error : error_no_memory();
	*place = enumerator;
	return NULL;
}

struct polyton_error *fill_enumerators(struct filler *filler, const struct die *die, struct type *row)
{
	static const uint16_t enumerators[] = { DW_TAG_enumerator, 0 };
	struct draft none = { 0 };
	row->first_enumerator = (uint32_t)filler->rows.enumerators.count;
	struct polyton_error *error = each_child(filler, die, enumerators, add_enumerator, &none);
	row->enumerator_count = (uint32_t)filler->rows.enumerators.count - row->first_enumerator;
	return error;
}

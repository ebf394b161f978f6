// A type's DIE becomes a row when its turn in the queue comes. What it refers to is given a row, and its turn later.

#include "dwarf/fill.h"

#include "dwarf/qualify.h"
#include "dwarf/shim.h"

enum { FILL_MAX_CHAIN = 32 };

static enum polyton_language language_of(struct filler *filler, const struct die *die, struct dwarf_unit **unit_ret)
{
	struct dwarf_unit *unit = dwarf_units_at(die->units, die->offset, die->is_info);
	*unit_ret = unit;
	if (unit)
		(void)dwarf_unit_read(die->units, unit);
	return unit && unit->has_language ? unit->language : filler->language;
}

static struct polyton_error *qualify_it(struct filler *filler, const struct die *die, struct type *row)
{
	return qualify_die(die, row->language, &filler->rows.arena, &row->name);
}

static struct polyton_error *name_it(struct filler *filler, const struct die *die, struct type *row)
{
	const char *name = die_text(die, DIE_NAME);
	row->name = name ? arena_strdup(&filler->rows.arena, name) : "";
	return row->name ? NULL : error_no_memory();
}

struct polyton_error *fill_reference(struct filler *filler, const struct die *die, uint32_t *ret)
{
	struct die_place place;
	switch (die_reference(die, DIE_TYPE, &place)) {
	case DIE_FOUND:
		return rows_at(&filler->rows, &place, ret);
	case DIE_DAMAGED:
		return rows_unknown(&filler->rows, "damaged debug info", ret);
	case DIE_ELSEWHERE:
		return rows_unknown(&filler->rows, "in dwz's common file, which is not at hand", ret);
	case DIE_NONE:
		break;
	}
	*ret = POLYTON_NONE;
	return NULL;
}

static struct polyton_error *refer_or_void(struct filler *filler, const struct die *die, struct type *row)
{
	struct polyton_error *error = fill_reference(filler, die, &row->target);
	return error || row->target != POLYTON_NONE ? error : rows_void(&filler->rows, &row->target);
}

// The first DIE behind @p die's type that has @p wanted, through typedefs, qualifiers and enums.
static uint64_t look_behind(const struct die *die, enum die_attribute wanted)
{
	struct die_place place;
	uint64_t value = 0;
	enum die_answer answer = die_reference(die, DIE_TYPE, &place);
	for (int i = 0; answer == DIE_FOUND && i < FILL_MAX_CHAIN; i++) {
		struct die next;
		if (die_open(&place, &next) != DIE_FOUND)
			break;
		bool is_there = die_read(&next) == DIE_FOUND && die_unsigned(&next, wanted, &value);
		answer = is_there ? DIE_NONE : die_reference(&next, DIE_TYPE, &place);
		die_close(&next);
	}
	return value;
}

uint64_t fill_size_behind(const struct die *die)
{
	return look_behind(die, DIE_BYTE_SIZE);
}

uint64_t fill_encoding_behind(const struct die *die)
{
	return look_behind(die, DIE_ENCODING);
}

static enum type_encoding encoding_of(uint64_t number, uint64_t size)
{
	switch (number) {
	case DW_ATE_unsigned:
	case DW_ATE_address:
		return TYPE_ENCODING_UNSIGNED;
	case DW_ATE_signed:
		return TYPE_ENCODING_SIGNED;
	case DW_ATE_boolean:
		return TYPE_ENCODING_BOOLEAN;
	case DW_ATE_float:
		return TYPE_ENCODING_FLOAT;
	case DW_ATE_complex_float:
		return TYPE_ENCODING_COMPLEX;
	case DW_ATE_signed_char:
	case DW_ATE_unsigned_char:
		// Old rustc's char.
		return size > 1 ? TYPE_ENCODING_UTF : TYPE_ENCODING_CHARACTER;
	case DW_ATE_UTF:
		return TYPE_ENCODING_UTF;
	default:
		return TYPE_ENCODING_OTHER;
	}
}

static bool read_count(const struct die *range, uint64_t *ret)
{
	int64_t low = 0, high;
	bool is_signed;
	if (die_unsigned(range, DIE_COUNT, ret))
		return true;
	if (!die_constant(range, DIE_UPPER_BOUND, &high, &is_signed))
		return false;
	(void)die_constant(range, DIE_LOWER_BOUND, &low, &is_signed);
	// An array of no elements ends at -1.
	*ret = (uint64_t)high - (uint64_t)low + 1;
	return true;
}

// One row per dimension; the DIE's own one is the outermost.
static struct polyton_error *fill_array(struct filler *filler, const struct die *die, struct type *row)
{
	enum { MAX_DIMENSIONS = 16 };
	uint64_t counts[MAX_DIMENSIONS];
	int dimensions = 0;
	struct die child;
	row->kind = TYPE_ARRAY;
	row->count = UINT64_MAX;
	for (enum die_answer answer = die_first_child(die, &child); answer != DIE_NONE; answer = die_next(&child)) {
		if (answer != DIE_FOUND)
			return error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
		bool is_range = child.tag == DW_TAG_subrange_type || child.tag == DW_TAG_enumeration_type;
		if (!is_range || dimensions == MAX_DIMENSIONS)
			continue;
		if (die_read(&child) != DIE_FOUND || !read_count(&child, &counts[dimensions]))
			counts[dimensions] = UINT64_MAX;
		dimensions++;
	}
	struct polyton_error *error = refer_or_void(filler, die, row);
	while (!error && dimensions > 1) {
		const struct type inner = {
			.kind = TYPE_ARRAY,
			.language = row->language,
			.name = "",
			.target = row->target,
			.count = counts[--dimensions],
			.discriminant = POLYTON_NONE,
		};
		error = rows_add(&filler->rows, &inner, &row->target);
	}
	if (dimensions)
		row->count = counts[0];
	return error;
}

static struct polyton_error *fill_enum(struct filler *filler, const struct die *die, struct type *row)
{
	uint64_t encoding = 0;
	row->kind = TYPE_ENUM;
	struct polyton_error *error = qualify_it(filler, die, row);
	if (!error)
		error = fill_reference(filler, die, &row->target);
	if (!error)
		error = fill_enumerators(filler, die, row);
	if (error)
		return error;
	if (!die_unsigned(die, DIE_ENCODING, &encoding))
		encoding = fill_encoding_behind(die);
	bool is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
	// Nothing says so in older versions' C.
	for (uint32_t i = 0; !encoding && i < row->enumerator_count; i++)
		is_signed |= filler->rows.enumerators.items[row->first_enumerator + i].value < 0;
	row->encoding = is_signed ? TYPE_ENCODING_SIGNED : TYPE_ENCODING_UNSIGNED;
	return NULL;
}

static struct polyton_error *fill_aggregate(struct filler *filler, const struct die *die, bool is_outline,
					    struct type *row)
{
	bool is_declared = die_flag(die, DIE_DECLARATION);
	row->kind = die->tag == DW_TAG_union_type ? TYPE_UNION : TYPE_STRUCT;
	struct polyton_error *error = qualify_it(filler, die, row);
	if (error)
		return error;
	if (is_outline || is_declared) {
		row->is_union = row->kind == TYPE_UNION;
		row->kind = TYPE_INCOMPLETE;
		return NULL;
	}
	return fill_members(filler, die, row);
}

static const char *qualifier_of(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_const_type:
		return "const";
	case DW_TAG_volatile_type:
		return "volatile";
	case DW_TAG_restrict_type:
		return "restrict";
	case DW_TAG_atomic_type:
		return "_Atomic";
	default:
		return NULL;
	}
}

static struct polyton_error *fill_pointer(struct filler *filler, const struct die *die, enum type_kind kind,
					  struct type *row)
{
	struct dwarf_unit *unit = dwarf_units_at(die->units, die->offset, die->is_info);
	row->kind = kind;
	if (!row->size && unit)
		row->size = unit->format.address_size;
	struct polyton_error *error = name_it(filler, die, row);
	return error ? error : fill_reference(filler, die, &row->target);
}

// A member function is referred to by two words (Itanium C++ ABI), whatever compilers say of its size.
static struct polyton_error *fill_member_pointer(struct filler *filler, const struct die *die, struct type *row)
{
	struct die_place place;
	struct die target;
	bool is_function = false;
	uint64_t said = row->size;
	if (die_reference(die, DIE_TYPE, &place) == DIE_FOUND && die_open(&place, &target) == DIE_FOUND) {
		is_function = target.tag == DW_TAG_subroutine_type;
		die_close(&target);
	}
	struct polyton_error *error = fill_pointer(filler, die, TYPE_MEMBER_POINTER, row);
	if (!said && is_function)
		row->size *= 2;
	return error;
}

static struct polyton_error *fill_by_tag(struct filler *filler, const struct die *die, bool is_outline,
					 struct type *row)
{
	uint64_t encoding = 0;
	struct polyton_error *error;
	switch (die->tag) {
	case DW_TAG_base_type:
		row->kind = TYPE_BASE;
		(void)die_unsigned(die, DIE_ENCODING, &encoding);
		row->encoding = encoding_of(encoding, row->size);
		return name_it(filler, die, row);
	case DW_TAG_pointer_type:
		return fill_pointer(filler, die, TYPE_POINTER, row);
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		return fill_pointer(filler, die, TYPE_REFERENCE, row);
	case DW_TAG_ptr_to_member_type:
		return fill_member_pointer(filler, die, row);
	case DW_TAG_array_type:
		return fill_array(filler, die, row);
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
	case DW_TAG_union_type:
		return fill_aggregate(filler, die, is_outline, row);
	case DW_TAG_enumeration_type:
		if (die_flag(die, DIE_DECLARATION))
			return fill_aggregate(filler, die, true, row);
		return fill_enum(filler, die, row);
	case DW_TAG_typedef:
	case DW_TAG_template_alias:
	case DW_TAG_subrange_type:
		row->kind = TYPE_TYPEDEF;
		error = qualify_it(filler, die, row);
		return error ? error : refer_or_void(filler, die, row);
	case DW_TAG_subroutine_type:
		row->kind = TYPE_FUNCTION;
		error = refer_or_void(filler, die, row);
		return error ? error : fill_parameters(filler, die, row);
	case DW_TAG_unspecified_type:
		row->kind = TYPE_VOID;
		return name_it(filler, die, row);
	default:
		row->name = qualifier_of(die->tag);
		if (!row->name) {
			row->name = "a type of a kind that is not known";
			return NULL;
		}
		row->kind = TYPE_QUALIFIED;
		return refer_or_void(filler, die, row);
	}
}

// A type unit's stub leads to the type itself; a declaration to its definition, if one is at hand.
static struct polyton_error *find_definition(struct filler *filler, const struct die *die, bool *is_found_ret,
					     struct die_place *ret)
{
	*is_found_ret = false;
	if (!die_flag(die, DIE_DECLARATION) && !die_has(die, DIE_SIGNATURE))
		return NULL;
	if (die_reference(die, DIE_SIGNATURE, ret) == DIE_FOUND) {
		*is_found_ret = true;
		return NULL;
	}
	struct dwarf_unit *unit;
	const char *name = die_text(die, DIE_NAME);
	if (!name || die->units->file->is_split)
		return NULL;
	struct type named = { .language = language_of(filler, die, &unit) };
	struct polyton_error *error = qualify_it(filler, die, &named);
	if (error)
		return error;
	return complete_types_find(&filler->complete, filler->units, name, named.name, die->tag, named.language,
				   &filler->rows.arena, is_found_ret, ret);
}

static struct polyton_error *fill_from(struct filler *filler, struct die *die, bool is_outline, struct type *row)
{
	struct die_place place;
	struct dwarf_unit *unit;
	bool is_found;
	if (die_read(die) != DIE_FOUND)
		return error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
	struct polyton_error *error = find_definition(filler, die, &is_found, &place);
	if (error)
		return error;
	if (is_found) {
		struct die definition;
		if (die_open(&place, &definition) != DIE_FOUND)
			return error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
		die_close(die);
		*die = definition;
		if (die_read(die) != DIE_FOUND)
			return error_create(POLYTON_ERROR_DAMAGED, "damaged debug info");
	}
	row->language = language_of(filler, die, &unit);
	(void)die_unsigned(die, DIE_BYTE_SIZE, &row->size);
	return fill_by_tag(filler, die, is_outline, row);
}

static struct polyton_error *fill_row(struct filler *filler, uint32_t index)
{
	struct row_source *source = &filler->rows.sources.items[index];
	struct type row = { .name = "", .target = POLYTON_NONE, .discriminant = POLYTON_NONE };
	bool is_outline = source->steps > filler->rows.limits.steps;
	const char *reason = "damaged debug info";
	struct polyton_error *error = NULL;
	struct die die;
	source->state = is_outline ? ROW_OUTLINED : ROW_FILLED;
	if (filler->units->die_count > filler->rows.limits.dies)
		reason = filler->rows.complaint = "more debug info than the limits allow";
	else if (die_open(&source->place, &die) == DIE_FOUND) {
		error = fill_from(filler, &die, is_outline, &row);
		die_close(&die);
		reason = NULL;
	}
	if (error && polyton_error_code(error) == POLYTON_ERROR_DAMAGED) {
		polyton_error_destroy(error);
		reason = "damaged debug info";
		error = NULL;
	}
	if (reason)
		row = (struct type){ .name = reason, .target = POLYTON_NONE, .discriminant = POLYTON_NONE };
	filler->rows.types.items[index] = row;
	return error;
}

struct polyton_error *fill_queued(struct filler *filler)
{
	struct rows *rows = &filler->rows;
	struct polyton_error *error = NULL;
	uint32_t index;
	while (!error && rows_next(rows, &index)) {
		const struct row_source *source = &rows->sources.items[index];
		bool is_nearer = source->state == ROW_OUTLINED && source->steps <= rows->limits.steps;
		if (source->state == ROW_NEW || is_nearer)
			error = fill_row(filler, index);
		if (!error)
			error = rows_spread(rows, index);
	}
	rows_finish(rows);
	return error;
}

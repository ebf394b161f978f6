// A table is a list that ends with code 0. Codes need not be in order, and tables may overlap, so a small section can
// ask for a lot of work and memory: both are bounded by the section's size.

#include "dwarf/abbrevs.h"

enum {
	TAG_FORMAL_PARAMETER = 0x05,
	TAG_BASE_TYPE = 0x24,
	TAG_SUBPROGRAM = 0x2e,
	TAG_VARIABLE = 0x34,
	TAG_IMPORTED_UNIT = 0x3d,
	AT_SIBLING = 0x01,
	AT_LOCATION = 0x02,
	AT_DECLARATION = 0x3c,
	AT_EXTERNAL = 0x3f,
	AT_LINKAGE_NAME = 0x6e,
	AT_MIPS_LINKAGE_NAME = 0x2007,
};

// No table is worth more than this many times the section it is from, over all of its tables. Compilers need at least
// 5 bytes for an entry, so this is far beyond what several formats sharing one table come to.
enum { MOST_PARSED = 16, MOST_ENTRIES = 2, SMALL = 4096 };

// Compilers write some 20 attributes at most. Many that take no space would make a few bytes of .debug_info expensive.
enum { ABBREV_MAX_ATTRIBUTES = UINT8_MAX, ABBREV_MAX_FIXED = UINT16_MAX - 1 };

void abbrev_tables_init(struct abbrev_tables *tables, const uint8_t *bytes, size_t size)
{
	// Offsets of attribute lists are kept in 32 bits.
	*tables = (struct abbrev_tables){ .bytes = bytes, .size = size < UINT32_MAX ? size : UINT32_MAX };
}

static void table_destroy(struct abbrev_table *table)
{
	if (!table)
		return;
	vec_deinit(&table->abbrevs);
	vec_deinit(&table->steps);
	free(table);
}

void abbrev_tables_deinit(struct abbrev_tables *tables)
{
	for (size_t i = 0; i < tables->tables.count; i++)
		table_destroy(tables->tables.items[i]);
	vec_deinit(&tables->tables);
	strmap_deinit(&tables->by_key);
}

// What is known of an abbreviation while its attributes are read.
struct outline {
	uint32_t attributes;
	uint32_t fixed; // bytes since the last step
	bool is_plain;  // all of fixed size so far
	bool is_readable, is_located, is_declared, has_linkage;
};

static bool is_expression(enum form_kind kind)
{
	return kind == FORM_IS_BLOCK || kind == FORM_IS_BLOCK1 || kind == FORM_IS_BLOCK2 || kind == FORM_IS_BLOCK4 ||
	       kind == FORM_IS_INDIRECT;
}

static struct polyton_error *add_attribute(struct abbrev_table *table, const struct dwarf_format *format,
					   uint64_t attribute, uint64_t form, struct abbrev *abbrev,
					   struct outline *outline)
{
	uint32_t size;
	enum form_kind kind = form_kind(format, form, &size);

	outline->is_declared |= attribute == AT_DECLARATION;
	outline->has_linkage |= attribute == AT_LINKAGE_NAME || attribute == AT_MIPS_LINKAGE_NAME ||
				attribute == AT_EXTERNAL;
	if (attribute == AT_LOCATION) {
		outline->is_located = true;
		if (is_expression(kind))
			abbrev->role = ABBREV_VARIABLE;
		if (outline->is_plain && kind != FORM_IS_INDIRECT && outline->fixed < ABBREV_LOCATION_UNKNOWN)
			abbrev->location = (uint16_t)outline->fixed;
		abbrev->location_kind = (uint8_t)kind;
	}
	if (attribute == AT_SIBLING && form == FORM_REF4)
		abbrev->sibling = (uint16_t)outline->fixed;
	if (kind == FORM_IS_FIXED) {
		outline->fixed += size;
	} else if (kind != FORM_IS_UNKNOWN && outline->attributes < ABBREV_MAX_ATTRIBUTES) {
		struct abbrev_step *step = vec_push(&table->steps);
		if (!step)
			return error_no_memory();
		*step = (struct abbrev_step){ outline->fixed, kind };
		abbrev->step_count++;
		abbrev->sibling = ABBREV_SIBLING_UNKNOWN;
		outline->fixed = size;
		outline->is_plain = false;
	} else {
		outline->is_readable = false;
	}
	if (++outline->attributes > ABBREV_MAX_ATTRIBUTES || outline->fixed > ABBREV_MAX_FIXED)
		outline->is_readable = false;
	return NULL;
}

static enum abbrev_role role_of(uint64_t tag, const struct abbrev *abbrev, const struct outline *outline)
{
	if (!outline->is_readable)
		return ABBREV_ABSENT;
	if (tag == TAG_IMPORTED_UNIT)
		return ABBREV_IMPORT;
	if (tag == TAG_SUBPROGRAM)
		return abbrev->depth && !outline->is_declared ? ABBREV_FUNCTION : ABBREV_PLAIN;
	if (tag != TAG_VARIABLE)
		return ABBREV_PLAIN;
	if (abbrev->role == ABBREV_VARIABLE)
		return ABBREV_VARIABLE;
	// A list of locations is an automatic variable's; a declaration has its place elsewhere.
	if (outline->is_located || outline->is_declared)
		return ABBREV_PLAIN;
	return outline->has_linkage ? ABBREV_NAMED : ABBREV_NAMED_OUTER;
}

// From behind the code; @c at_ret is behind the abbreviation, NULL if the section ends within it.
static struct polyton_error *parse_abbrev(const struct abbrev_tables *tables, const struct dwarf_format *format,
					  struct abbrev_table *table, const uint8_t *at, struct abbrev *ret,
					  const uint8_t **at_ret)
{
	const uint8_t *end = tables->bytes + tables->size;
	struct outline outline = { .is_plain = true, .is_readable = true };
	uint64_t tag = 0, attribute, form, unused;

	at = form_leb(at, end, &tag);
	*at_ret = NULL;
	if (!at || at == end)
		return NULL;
	*ret = (struct abbrev){
		.depth = *at ? 1 : 0,
		.location = ABBREV_LOCATION_UNKNOWN,
		.sibling = ABBREV_SIBLING_UNKNOWN,
		.first_step = (uint32_t)table->steps.count,
		.specs = (uint32_t)(at + 1 - tables->bytes),
	};
	at++;
	for (;;) {
		at = form_leb(at, end, &attribute);
		if (at)
			at = form_leb(at, end, &form);
		if (at && form == FORM_IMPLICIT_CONST)
			at = form_leb(at, end, &unused);
		if (!at)
			return NULL;
		if (!attribute && !form)
			break;
		struct polyton_error *error = add_attribute(table, format, attribute, form, ret, &outline);
		if (error)
			return error;
	}
	ret->role = role_of(tag, ret, &outline);
	ret->tail = outline.is_readable ? (uint16_t)outline.fixed : 0;
	if (!outline.is_readable)
		ret->step_count = 0;
	table->has_data |= tag == TAG_VARIABLE || tag == TAG_FORMAL_PARAMETER || tag == TAG_BASE_TYPE;
	*at_ret = at;
	return NULL;
}

static struct polyton_error *put(struct abbrev_tables *tables, struct abbrev_table *table, uint64_t code,
				 const struct abbrev *abbrev)
{
	while (table->abbrevs.count <= code) {
		struct abbrev *absent = vec_push(&table->abbrevs);
		if (!absent)
			return error_no_memory();
		absent->role = ABBREV_ABSENT;
		tables->entries++;
	}
	table->abbrevs.items[code] = *abbrev;
	return NULL;
}

static void make_quick(struct abbrev_table *table)
{
	for (size_t code = 0; code < table->abbrevs.count && code < 0x80; code++) {
		const struct abbrev *abbrev = &table->abbrevs.items[code];
		if (abbrev->role == ABBREV_PLAIN && !abbrev->step_count && abbrev->tail < ABBREV_QUICK_MAX) {
			table->quick_size[code] = (uint8_t)(1 + abbrev->tail);
			table->quick_depth[code] = abbrev->depth;
		}
	}
}

// The table is as good as it is read: false in @c is_whole_ret if it cannot be used.
static struct polyton_error *parse(struct abbrev_tables *tables, uint64_t offset, const struct dwarf_format *format,
				   struct abbrev_table *table, bool *is_whole_ret)
{
	const uint8_t *at = tables->bytes + offset, *end = tables->bytes + tables->size;
	const struct abbrev null_entry = { .depth = -1, .sibling = ABBREV_SIBLING_UNKNOWN };
	struct polyton_error *error = put(tables, table, 0, &null_entry);

	*is_whole_ret = false;
	while (!error) {
		struct abbrev abbrev;
		uint64_t code;
		const uint8_t *start = at;
		at = form_leb(at, end, &code);
		// The section's end is as good an end: nothing can be misread for it.
		if (!at || !code) {
			*is_whole_ret = at || start == end;
			break;
		}
		if (code > tables->size || tables->entries + code > MOST_ENTRIES * tables->size + SMALL)
			break;
		error = parse_abbrev(tables, format, table, at, &abbrev, &at);
		if (error)
			break;
		tables->parsed += (size_t)((at ? at : end) - start);
		if (!at || tables->parsed > MOST_PARSED * tables->size)
			break;
		error = put(tables, table, code, &abbrev);
	}
	return error;
}

struct polyton_error *abbrev_tables_get(struct abbrev_tables *tables, uint64_t offset,
					const struct dwarf_format *format, const struct abbrev_table **ret)
{
	*ret = NULL;
	if (offset >= tables->size)
		return NULL;
	const uint8_t decisive[] = { format->version, format->address_size, format->offset_size };
	uint8_t key[sizeof((*ret)->key)] = { 0 };
	memcpy(key, &offset, sizeof(offset));
	memcpy(key + sizeof(offset), decisive, sizeof(decisive));
	const uint32_t *known = strmap_find(&tables->by_key, (const char *)key, sizeof(key));
	if (known) {
		const struct abbrev_table *table = tables->tables.items[*known];
		*ret = table->abbrevs.count ? table : NULL;
		return NULL;
	}

	struct abbrev_table **place = vec_push(&tables->tables);
	if (!place)
		return error_no_memory();
	struct abbrev_table *table = *place = calloc(1, sizeof(*table));
	if (!table)
		return error_no_memory();
	memcpy(table->key, key, sizeof(key));
	if (!strmap_at(&tables->by_key, (const char *)table->key, sizeof(key), (uint32_t)tables->tables.count - 1))
		return error_no_memory();
	bool is_whole;
	struct polyton_error *error = parse(tables, offset, format, table, &is_whole);
	if (error)
		return error;
	// A damaged one is remembered, empty, so that it is damaged once.
	if (!is_whole) {
		vec_deinit(&table->abbrevs);
		vec_deinit(&table->steps);
		return NULL;
	}
	make_quick(table);
	*ret = table;
	return NULL;
}

/**
 * Abbreviation tables, made up for getting past DIEs quickly: runs of attributes of fixed size are one addition, and a
 * number tells the few DIEs that are worth a look from all others. Each table is parsed once.
 */
#ifndef DWARF_ABBREVS_H
#define DWARF_ABBREVS_H

#include "base/error.h"
#include "base/strmap.h"
#include "base/vec.h"
#include "dwarf/forms.h"

enum abbrev_role {
	ABBREV_PLAIN, ///< Of no interest; also the null entry that ends a list of siblings.
	ABBREV_ABSENT,
	ABBREV_FUNCTION,    ///< With something in it.
	ABBREV_VARIABLE,    ///< Its location is an expression.
	ABBREV_NAMED,       ///< A variable without a location, but with linkage.
	ABBREV_NAMED_OUTER, ///< One without: it may be a static one if it is not inside a function.
	ABBREV_IMPORT,
};

enum { ABBREV_LOCATION_UNKNOWN = UINT16_MAX, ABBREV_SIBLING_UNKNOWN = UINT16_MAX, ABBREV_QUICK_MAX = UINT8_MAX };

/** Get past @c before bytes, then past a value of @c kind. */
struct abbrev_step {
	uint32_t before;
	enum form_kind kind;
};

struct abbrev {
	uint32_t first_step;
	uint32_t specs;    ///< Offset in .debug_abbrev of its pairs of attribute and form.
	uint16_t tail;     ///< Bytes after the last step.
	uint16_t location; ///< VARIABLE: bytes before its location, if that is fixed.
	uint16_t sibling;  ///< Bytes of the tail before DW_AT_sibling, if that is a DW_FORM_ref4 in it.
	uint8_t step_count;
	uint8_t role;
	int8_t depth; ///< 1: its children follow; -1: the null entry.
	uint8_t location_kind;
};

struct abbrev_table {
	uint8_t key[12];               ///< What it was parsed for.
	vec_of(struct abbrev) abbrevs; ///< By code.
	vec_of(struct abbrev_step) steps;
	/**
	 * What most DIEs need, by the first byte of the code: the size of code and attributes, if it is always the same
	 * and nothing else is to be done (else 0), and the change of depth.
	 */
	uint8_t quick_size[256];
	int8_t quick_depth[256];
	bool has_data; ///< Some of it describes variables, parameters or types.
};

struct abbrev_tables {
	const uint8_t *bytes;
	size_t size;
	vec_of(struct abbrev_table *) tables;
	struct strmap by_key;
	size_t parsed, entries; ///< Work and memory spent so far.
};

/** Borrows .debug_abbrev. */
void abbrev_tables_init(struct abbrev_tables *tables, const uint8_t *bytes, size_t size);
void abbrev_tables_deinit(struct abbrev_tables *tables);

/**
 * The table at @p offset, good until the tables' end; NULL if it is damaged, or if tables overlap so much that nobody
 * could have meant it.
 */
must_use struct polyton_error *abbrev_tables_get(struct abbrev_tables *tables, uint64_t offset,
						 const struct dwarf_format *format, const struct abbrev_table **ret);

/** The abbreviation at @p at (behind which @p at_ret is), NULL if there is no such one. */
static inline const struct abbrev *abbrev_at(const struct abbrev_table *table, const uint8_t *at, const uint8_t *end,
					     const uint8_t **at_ret)
{
	uint64_t code;
	at = form_leb(at, end, &code);
	if (!at || code >= table->abbrevs.count || table->abbrevs.items[code].role == ABBREV_ABSENT)
		return NULL;
	*at_ret = at;
	return &table->abbrevs.items[code];
}

/** Behind all attributes, which begin at @p at; NULL if they pass @p end. */
static inline const uint8_t *abbrev_pass(const struct abbrev_table *table, const struct abbrev *abbrev,
					 const struct dwarf_format *format, const uint8_t *at, const uint8_t *end)
{
	for (uint8_t i = 0; at && i < abbrev->step_count; i++) {
		const struct abbrev_step *step = &table->steps.items[abbrev->first_step + i];
		if (step->before > (size_t)(end - at))
			return NULL;
		at = form_pass(format, step->kind, at + step->before, end);
	}
	return at && abbrev->tail <= (size_t)(end - at) ? at + abbrev->tail : NULL;
}

#endif

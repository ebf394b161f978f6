// One finding by itself, for a reader who sees no other: what the report would say of it if it were the only one.

#include "report/table.h"
#include "report/tally.h"
#include "report/text.h"

enum {
	SINGLE_INDENT = 2,
	SINGLE_STATE_FLOOR = 24,
	SINGLE_VALUE_FLOOR = 12,
};

void text_copies(struct page *page, const struct polyton_snapshot *snapshot,
		 const struct polyton_singleton *singleton, size_t indent)
{
	static const struct table_column columns[] = {
		{ 0 },
		{ .is_number = true },
		{ .floor = SINGLE_STATE_FLOOR, .is_wrapped = true },
		{ .floor = SINGLE_VALUE_FLOOR, .is_spare = true, .is_escaped = true },
	};
	struct table table = { page, columns, sizeof(columns) / sizeof(columns[0]), { 0 } };
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &snapshot->copies.items[singleton->first_copy + i];
		table_add(&table,
			  (const char *const[]){ snapshot->objects.items[copy->object].name,
						 page_count(page, copy->size, "byte", "bytes"),
						 tally_state(page, snapshot, copy), tally_value(page, copy) });
	}
	table_put(&table, indent);
}

void text_single(struct page *page, const struct polyton_snapshot *snapshot, uint32_t index,
		 enum polyton_severity severity)
{
	const struct polyton_finding *finding = &snapshot->findings.items[index];
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, finding->singleton);
	const struct text_about about = { &finding->singleton, singleton != NULL, &index, 1 };
	text_headline(page, severity, finding->rule, finding->headline, 0);
	if (finding->detail[0])
		page_paragraph(page, SINGLE_INDENT, SINGLE_INDENT, &(struct span){ STYLE_PLAIN, finding->detail }, 1);
	if (singleton)
		text_copies(page, snapshot, singleton, 2 * SINGLE_INDENT);
	text_reasons(page, snapshot, &about, SINGLE_INDENT);
}

/**
 * Rows that a view is made of, drawn on demand: a row knows what it stands for, its texts are made when somebody wants
 * to see, sort or search them. So ten thousand threads of twenty copies are ten thousand small rows.
 */
#ifndef INSPECTOR_VIEW_ROWS_H
#define INSPECTOR_VIEW_ROWS_H

#include "shot.h"
#include "text.h"

struct column {
	const char *title;
	const char *help; ///< What it tells; for the help screen.
	unsigned least;   ///< Cells that it needs to be of use.
	unsigned most;    ///< Cells that it never has more of; 0: any number.
	bool is_number;   ///< Written to the right, sorted by text.number.
	bool by_number;   ///< Sorted by text.number, though it is written as text.
	bool is_tree;     ///< Shows the rows' levels and folds.
	bool keeps_end;   ///< Too long, it loses its beginning; in rows of ROW_ITEM.
	unsigned spare;   ///< The column with the greatest goes first when there is no room; 0: never.
	uint64_t key;     ///< Of columns made for one snapshot: what they are known again by.
};

enum row_kind { ROW_ITEM, ROW_GROUP, ROW_PART };

struct row {
	uint64_t identity;   ///< The same in each snapshot, and of no other row of the view.
	uint32_t index;      ///< In whatever the view has rows of.
	uint32_t parent;     ///< Row in the frame that it is below of, or POLYTON_NONE.
	unsigned char level; ///< 0 at the top.
	unsigned char kind;  ///< enum row_kind
	unsigned char age;   ///< 0: in the newest snapshot; else how many snapshots ago it was last there.
	bool has_rows;       ///< Others are below it.
	bool begins_folded;
	bool is_opened; ///< Whatever the folds say: what a filter has found is below it.
};

/** What a view is about, if it is about something in particular. */
struct focus {
	uint64_t singleton; ///< 0: nothing.
	uint64_t object;    ///< Whose copy.
	int32_t tid;        ///< 0: of a static.
};

/** A view of one snapshot. */
struct frame {
	const struct shot *shot; ///< NULL: there is none, and no rows.
	const struct world *world;
	struct focus focus;
	bool has_signs_only; ///< The matrix.
	unsigned width;      ///< Cells of a line, for those who write lines.
	struct row *rows;
	size_t count, room;
	const struct column *columns;
	unsigned column_count;
	uint32_t *slots; ///< Rows by identity.
	size_t slot_count;

	/* The views' own. */
	struct column *own_columns; ///< NULL, or what @c columns is.
	struct text lines;
	uint32_t singleton, copy, thread;
	const struct polyton_value *value;
	const void *list;
};

struct row *frame_add(struct frame *frame, struct row row);
void frame_clear(struct frame *frame);
/** To be called when all rows are there. */
void frame_index(struct frame *frame);
/** The row known by @p identity, or NULL. */
const struct row *frame_find(const struct frame *frame, uint64_t identity);
/** The column of @p frame that is column @p index of @p other; POLYTON_NONE if it has none such. */
uint32_t frame_column(const struct frame *frame, const struct frame *other, unsigned index);

#endif

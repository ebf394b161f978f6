/**
 * A list or a tree that is looked at: what is shown of it, in which order, and what is selected. It knows nothing of
 * terminals. What is selected, folded or marked stays so when a new snapshot comes, as long as it is there.
 */
#ifndef INSPECTOR_VIEW_VIEW_H
#define INSPECTOR_VIEW_VIEW_H

#include "rows.h"

enum view_id {
	VIEW_SINGLETONS,
	VIEW_MATRIX,
	VIEW_OBJECTS,
	VIEW_THREADS,
	VIEW_TLS,
	VIEW_NOTES,
	VIEW_EVIDENCE,
	VIEW_VALUE,
	VIEW_LAYOUT,
	VIEW_PICKER,
	VIEW_COUNT,
};

/** What one view shows: a file has one, and a const table. */
struct view_kind {
	const char *name;  ///< On its tab.
	const char *help;  ///< What it shows; for the help screen.
	const char *empty; ///< What is said when there are no rows.
	bool has_cells;    ///< One cell is selected, not a whole row.
	bool is_text;      ///< Lines of text, no columns.
	/** Fill @p frame, whose shot, focus and width are set. */
	void (*build)(struct frame *frame);
	/** One text, into @p ret, which is empty. */
	void (*cell)(const struct frame *frame, const struct row *row, unsigned column, struct text *ret);
	/** What is to be known of @p row (NULL: there is none), paragraphs that end with '\n'. May be NULL. */
	void (*tell)(const struct frame *frame, const struct row *row, unsigned column, unsigned width,
		     struct text *ret);
	/** The line above the rows. */
	void (*title)(const struct frame *frame, struct text *ret);
};

extern const struct view_kind singletons_view, matrix_view, objects_view, threads_view, tls_view, notes_view,
	evidence_view, value_view, layout_view, picker_view;
/** Indexed by enum view_id. */
extern const struct view_kind *const view_kinds[VIEW_COUNT];

/** Identities. Zero-initialise. */
struct set {
	uint64_t *items;
	size_t count;
};
bool set_has(const struct set *set, uint64_t item);
void set_toggle(struct set *set, uint64_t item);

enum { VIEW_PATTERN = 256 };

struct view {
	const struct view_kind *kind;
	const struct world *world;
	struct focus focus;
	unsigned width;
	bool has_signs_only; ///< Of the matrix.
	const void *list;    ///< Of the picker: what it shows.
	struct frame frames[WORLD_SHOTS];
	uint32_t *shown; ///< Rows of frames[0], in order.
	size_t shown_count;
	size_t at, top;    ///< In shown: the selected one, and the first on the screen.
	size_t unfolded;   ///< In shown: the last of what was unfolded, which is to be seen, too; 0: nothing.
	uint64_t selected; ///< Its identity; 0: none yet.
	unsigned column;   ///< Of the selected cell.
	unsigned left;     ///< The first column that is on the screen, of those that are alike.
	struct set turned; ///< Folded or unfolded by the user.
	struct set marked;
	char filter[VIEW_PATTERN], search[VIEW_PATTERN];
	int sort; ///< Column; -1: in the order of the snapshot, which has the worst first.
	bool is_reversed;
};

void view_init(struct view *view, const struct view_kind *kind, const struct world *world);
void view_deinit(struct view *view);
/** Look at the world's snapshots anew. */
void view_refresh(struct view *view);
/** After a change of what is folded, sorted or filtered. */
void view_arrange(struct view *view);

/** The shown row @p index; NULL past the end. */
const struct row *view_row(const struct view *view, size_t index);
const struct row *view_selected(const struct view *view);
/** The text of one cell of it, into @p ret, which is cleared. */
void view_cell(const struct view *view, const struct row *row, unsigned column, struct text *ret);
bool view_is_folded(const struct view *view, const struct row *row);
void view_tell(const struct view *view, unsigned width, struct text *ret);

enum view_change { VIEW_SAME, VIEW_CHANGED, VIEW_NEW, VIEW_GONE };
/** What the last two refreshes have done to one cell. */
enum view_change view_change(const struct view *view, const struct row *row, unsigned column);
/** The same of all of the row. */
enum view_change view_row_change(const struct view *view, const struct row *row);

void view_move(struct view *view, long rows);
void view_move_column(struct view *view, int columns);
/** Select what is known by @p identity, unfolding what it is in; false if it is not there or filtered out. */
bool view_select(struct view *view, uint64_t identity);
/** Fold or unfold; a row with nothing below it: fold what it is in. */
void view_fold(struct view *view, bool is_folded);
void view_fold_all(struct view *view);
/** Go to the next row that has view->search in it, or the one before; false if no row has it. */
bool view_search(struct view *view, bool is_backward);
/** Keep @p rows of the screen around what is selected. */
void view_scroll(struct view *view, size_t rows);
/** Sort by the column, or the other way round if that is what it is sorted by. */
void view_sort(struct view *view, int column);

/** The cells that each column gets of @p width, with two between them; 0: no room. @p ret has one for each column. */
void view_layout_columns(struct view *view, unsigned width, unsigned *ret);

#endif

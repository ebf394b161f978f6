/** The inspector on a terminal: all that its rooms share. */
#ifndef INSPECTOR_TERM_APP_H
#define INSPECTOR_TERM_APP_H

#include "../live/live.h"
#include "../live/survey.h"
#include "../options.h"
#include "../ruling.h"
#include "screen.h"

enum { APP_TRAIL = 16, APP_MESSAGE = 256, APP_PROMPT = 256, APP_COLUMNS = 1024 };

/** What the keys mean now. */
enum app_mode {
	APP_BROWSE,
	APP_PROMPTING, ///< A line is being written at the bottom.
	APP_HELP,
	APP_WAITING, ///< For the first picture.
};

struct prompt {
	enum action action; ///< What it is for.
	char text[APP_PROMPT];
	size_t at; ///< Bytes before the cursor.
};

/** Where things are on the screen, for the mouse. */
struct places {
	int tabs[VIEW_COUNT + 1]; ///< Column where each tab begins; 0: it has none.
	int tab_row, head_row, first_row, row_count, detail_row;
	unsigned widths[APP_COLUMNS]; ///< Of the columns.
	struct {
		int from, to;
		uint32_t key;
	} labels[ACTION_COUNT];
	int label_count;
};

struct app {
	const struct request *request;
	struct ruling *ruling;
	struct subject subject;
	struct live *live;
	struct survey *survey; ///< While the picker is there.
	struct world world;
	struct view views[VIEW_COUNT];
	enum view_id current, trail[APP_TRAIL];
	int trail_count;
	enum app_mode mode;
	struct prompt prompt;
	char message[APP_MESSAGE];
	bool is_error;                                                ///< The message is.
	bool is_in_details, is_paused, has_ended, is_done, is_static; ///< is_static: a core, or files.
	bool has_stopped_looking;                                     ///< The last look failed, but not for good.
	bool has_abandoned;                                           ///< A look goes on that nobody waits for.
	int exit_code, signal;                                        ///< The signal that ended it, 0 if none did.
	size_t details_top, details_count, help_top;
	double interval; ///< Seconds; 0: no refresh.
	uint64_t taken_ms, asked_ms, started_ms;
	struct places places;
};

uint64_t app_now_ms(void);
struct view *app_view(struct app *app);
void app_say(struct app *app, bool is_error, const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));
/** Show @p view, and remember where that was asked for. */
void app_go(struct app *app, enum view_id view);
void app_back(struct app *app);
/** Look at @p subject from now on. */
bool app_open(struct app *app, const struct subject *subject);
/** Ask for a picture now. */
void app_look(struct app *app);
/** All that is shown of the world, anew. */
void app_refresh(struct app *app);

/** draw.c: whether the screen is large enough to show anything. */
bool app_has_room(void);
/** The whole screen. */
void app_draw(struct app *app);
/** list.c: the columns and rows of the current view, from screen row @p row on, in @p height rows with the heads. */
void app_draw_list(struct app *app, int row, int height);
/** Of it: too long for @p width, the end is left out, or the beginning, and a sign says so. */
void app_put_cut(int y, int x, int width, const char *text, bool keeps_end, enum text_style style, unsigned looks);
/** details.c: the text about the selected row. */
void app_draw_details(struct app *app, int row, int height);
/** help.c: what the keys do. */
void app_draw_help(struct app *app);
/** frame.c: the lines above and below. */
void app_draw_header(struct app *app);
void app_draw_footer(struct app *app);
/** act.c */
void app_act(struct app *app, uint32_t key);
void app_click(struct app *app, const struct screen_mouse *mouse);
/** prompt.c */
void app_prompt(struct app *app, enum action action, const char *text);
void app_prompt_key(struct app *app, uint32_t key);
const char *app_prompt_title(const struct app *app);
/** export.c */
void app_export(struct app *app, const char *word);
void app_copy(struct app *app);

#endif

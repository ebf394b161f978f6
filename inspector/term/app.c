// The loop: keys, pictures that came, and the time for the next one. Nothing in here waits for anything else.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../main.h"
#include "../policy/judge.h"
#include "../view/picker.h"
#include "../view/words.h"
#include "app.h"
#include "terminal.h"

enum {
	APP_MS = 1000,
	APP_TICK_MS = 1000,    // the age of what is seen
	APP_PROGRESS_MS = 100, // how far the first look is
	APP_KEYS = 64,         // taken at once, before the screen is drawn
};

uint64_t app_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * APP_MS + (uint64_t)now.tv_nsec / 1000000;
}

struct view *app_view(struct app *app)
{
	return &app->views[app->current];
}

void app_say(struct app *app, bool is_error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *made = NULL;
	int length = vasprintf(&made, format, args);
	va_end(args);
	if (length < 0)
		return;
	struct text text = { 0 };
	text_put(&text, made);
	snprintf(app->message, sizeof(app->message), "%s", text_bytes(&text));
	app->is_error = is_error;
	text_deinit(&text);
	free(made);
}

static void show(struct app *app, enum view_id view)
{
	app->current = view;
	app->details_top = 0;
	app->is_in_details = false;
	app_refresh(app);
}

void app_go(struct app *app, enum view_id view)
{
	if (view == app->current) {
		app_refresh(app);
		return;
	}
	// Whoever goes round in circles does not want to go back all of them.
	for (int i = 0; i < app->trail_count; i++) {
		if (app->trail[i] == view) {
			app->trail_count = i;
			show(app, view);
			return;
		}
	}
	if (app->trail_count < APP_TRAIL)
		app->trail[app->trail_count++] = app->current;
	show(app, view);
}

static void close_subject(struct app *app)
{
	app->has_abandoned |= !live_stop(app->live);
	app->live = NULL;
	for (int i = 0; i < VIEW_COUNT; i++) {
		if (i == VIEW_PICKER)
			continue;
		view_deinit(&app->views[i]);
		view_init(&app->views[i], view_kinds[i], &app->world);
	}
	world_deinit(&app->world);
}

void app_back(struct app *app)
{
	bool is_waiting = app->mode == APP_WAITING;
	if (!is_waiting && app->trail_count && app->trail[app->trail_count - 1] != VIEW_PICKER) {
		show(app, app->trail[--app->trail_count]);
		return;
	}
	if (app->survey && app->current != VIEW_PICKER) {
		close_subject(app);
		app->mode = APP_BROWSE;
		app->trail_count = 0;
		show(app, VIEW_PICKER);
		return;
	}
	app->is_done = true;
	if (is_waiting)
		app->exit_code = EXIT_NOT_SEEN;
}

void app_refresh(struct app *app)
{
	struct view *view = app_view(app);
	if (screen_columns() > 2)
		view->width = (unsigned)screen_columns() - 2;
	view_refresh(view);
}

/** What a shot owns beside its snapshot. */
struct judged {
	struct pool pool;
	struct judgement judgement;
};

static void release(void *owner)
{
	struct judged *judged = owner;
	pool_deinit(&judged->pool);
	free(judged);
}

// The policy's word on each finding, as in the report.
static struct shot *judge_shot(struct app *app, struct polyton_snapshot *snapshot)
{
	struct judged *judged = calloc(1, sizeof(*judged));
	if (!judged) {
		polyton_snapshot_destroy(snapshot);
		return NULL;
	}
	judge(&judged->pool, &app->ruling->policy, app->ruling->has_baseline ? &app->ruling->baseline : NULL,
	      judge_today(), snapshot, &judged->judgement);
	struct shot *shot = shot_create(snapshot, judged->judgement.verdicts);
	if (!shot) {
		release(judged);
		return NULL;
	}
	shot->owner = judged;
	shot->release = release;
	return shot;
}

static void take_error(struct app *app, struct polyton_error *error)
{
	bool is_first = !app->world.shots[0];
	enum polyton_error_code code = polyton_error_code(error);
	if (is_first && !app->survey) {
		screen_close();
		app->exit_code = (int)main_refuse(error);
		app->is_done = true;
		return;
	}
	if (is_first) {
		app_back(app);
		app_say(app, true, "%s", polyton_error_message(error));
	} else if (code == POLYTON_ERROR_NO_SUBJECT) {
		app->has_ended = true;
		app_say(app, true, "The process has ended. This is the last that was seen of it.");
	} else {
		app_say(app, true, "The last look failed: %s", polyton_error_message(error));
	}
	polyton_error_destroy(error);
}

static void take_picture(struct app *app)
{
	struct polyton_error *error = NULL;
	struct polyton_snapshot *snapshot = live_take(app->live, &error);
	if (error) {
		take_error(app, error);
		return;
	}
	struct shot *shot = snapshot ? judge_shot(app, snapshot) : NULL;
	if (!shot)
		return;
	bool is_first = !app->world.shots[0];
	world_add(&app->world, shot);
	app->taken_ms = app_now_ms();
	app->is_static = polyton_snapshot_subject(shot->snapshot)->kind != POLYTON_SUBJECT_PROCESS;
	if (is_first) {
		app->mode = APP_BROWSE;
		show(app, VIEW_SINGLETONS);
	} else {
		app_refresh(app);
	}
}

void app_look(struct app *app)
{
	if (!app->live || app->is_static || live_is_busy(app->live))
		return;
	live_ask(app->live);
	app->asked_ms = app_now_ms();
}

bool app_open(struct app *app, const struct subject *subject)
{
	struct polyton_options options = main_look_options(app->request);
	options.keep_trees = !options.no_types;
	app->subject = *subject;
	const struct live_request request = { &app->subject, app->ruling->policy.plugin_sets, options };
	app->live = live_start(&request);
	if (!app->live) {
		app_say(app, true, "There is no thread to look with: %s", strerror(errno));
		return false;
	}
	app->mode = APP_WAITING;
	app->has_ended = app->is_static = false;
	app->started_ms = app->asked_ms = app_now_ms();
	if (app->current == VIEW_PICKER) {
		app->trail[0] = VIEW_PICKER;
		app->trail_count = 1;
	}
	app->current = VIEW_SINGLETONS;
	live_ask(app->live);
	return true;
}

static void take_survey(struct app *app)
{
	static struct picker_list list;
	survey_take(app->survey, &list);
	app->views[VIEW_PICKER].list = &list;
	if (app->current == VIEW_PICKER)
		app_refresh(app);
}

static bool is_looking(const struct app *app)
{
	return app->live && app->mode != APP_WAITING && !app->is_paused && !app->is_static && !app->has_ended &&
	       app->interval > 0;
}

// Milliseconds to wait for a key; -1: until one comes.
static int time_left(struct app *app)
{
	uint64_t now = app_now_ms(), due = UINT64_MAX;
	if (app->mode == APP_WAITING)
		return APP_PROGRESS_MS;
	if (app->current != VIEW_PICKER && !app->is_static)
		due = now + APP_TICK_MS - (now - app->taken_ms) % APP_TICK_MS;
	if (is_looking(app) && !live_is_busy(app->live)) {
		uint64_t next = app->asked_ms + (uint64_t)(app->interval * APP_MS);
		due = next < due ? next : due;
	}
	return due == UINT64_MAX ? -1 : due <= now ? 0 : (int)(due - now);
}

static void read_keys(struct app *app)
{
	struct screen_mouse mouse;
	for (int i = 0; i < APP_KEYS && !app->is_done; i++) {
		uint32_t key = screen_key(&mouse);
		if (key == KEYS_NONE)
			return;
		if (key == KEYS_RESIZE) {
			// What was on its way for the old size is anywhere by now.
			screen_redraw();
			app_refresh(app);
		} else if (key == KEYS_MOUSE) {
			app_click(app, &mouse);
		} else {
			app_act(app, key);
		}
	}
}

static void run_once(struct app *app)
{
	struct pollfd fds[] = {
		{ STDIN_FILENO, POLLIN, 0 },
		{ screen_signal_fd(), POLLIN, 0 },
		{ app->live ? live_fd(app->live) : -1, POLLIN, 0 },
		{ app->survey ? survey_fd(app->survey) : -1, POLLIN, 0 },
	};
	app_draw(app);
	// An interrupted wait may be a new size of the terminal: curses tells it as a key.
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), time_left(app)) < 0 && errno != EINTR)
		app->is_done = true;
	if (fds[1].revents && screen_signal()) {
		app->signal = screen_signal();
		app->is_done = true;
		return;
	}
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) { // the terminal is gone
		app->is_done = true;
		return;
	}
	read_keys(app);
	if (fds[2].revents && app->live)
		take_picture(app);
	if (fds[3].revents && app->survey)
		take_survey(app);
	if (is_looking(app) && app_now_ms() >= app->asked_ms + (uint64_t)(app->interval * APP_MS))
		app_look(app);
}

static bool start(struct app *app)
{
	const struct subject *subject = &app->request->subject;
	bool has_subject = subject->pid || subject->core || subject->program || subject->plugin_count;
	if (has_subject)
		return app_open(app, subject);
	app->survey = survey_start();
	app->current = VIEW_PICKER;
	if (!app->survey)
		return false;
	take_survey(app);
	view_sort(&app->views[VIEW_PICKER], 0); // those on top that have something to show
	return true;
}

bool terminal_fits(void)
{
	return screen_fits();
}

int terminal_run(const struct request *request, struct ruling *ruling)
{
	static struct app app;
	const char *no_color = getenv("NO_COLOR");
	app = (struct app){ .request = request,
			    .ruling = ruling,
			    .interval = request_has(request, OPTION_INTERVAL) ? request->interval : 1 };
	bool is_ascii = request_has(request, OPTION_ASCII) || !text_is_unicode();
	const struct screen_options options = {
		.no_color = request_has(request, OPTION_NO_COLOR) || (no_color && no_color[0]),
		.no_mouse = request_has(request, OPTION_NO_MOUSE),
		.is_ascii = is_ascii,
	};
	word_use_ascii(is_ascii);
	app.world.shows_all = request_has(request, OPTION_ALL);
	for (int i = 0; i < VIEW_COUNT; i++)
		view_init(&app.views[i], view_kinds[i], &app.world);
	const char *complaint = screen_open(&options);
	if (complaint) {
		complain("%s: 'polyton report' prints the report", complaint);
		return EXIT_NOT_SEEN;
	}
	pool_before_end(screen_close);
	if (!start(&app)) {
		screen_close();
		complain("%s", app.message[0] ? app.message : "there is no thread to look with");
		return EXIT_NOT_SEEN;
	}
	while (!app.is_done)
		run_once(&app);
	screen_close();
	close_subject(&app);
	for (int i = 0; i < VIEW_COUNT; i++)
		view_deinit(&app.views[i]);
	app.has_abandoned |= !survey_stop(app.survey);
	// Whoever sent it is told that it was obeyed; Ctrl-C is a user's way to quit.
	if (app.signal && app.signal != SIGINT) {
		signal(app.signal, SIG_DFL);
		raise(app.signal);
	}
	// A look that goes on must not see the end of main().
	if (app.has_abandoned)
		_exit(app.exit_code);
	return app.exit_code;
}

// One line of input at the bottom: words to search for, to filter by, the name of a file.

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "app.h"

void app_prompt(struct app *app, enum action action, const char *text)
{
	app->mode = APP_PROMPTING;
	app->prompt.action = action;
	snprintf(app->prompt.text, sizeof(app->prompt.text), "%s", text);
	app->prompt.at = strlen(app->prompt.text);
}

const char *app_prompt_title(const struct app *app)
{
	switch (app->prompt.action) {
	case ACTION_SEARCH:
		return "Search: ";
	case ACTION_FILTER:
		return "Only rows with: ";
	default:
		return "Export to (.txt .json .sarif .xml .md .html .dot): ";
	}
}

static void insert(struct prompt *prompt, uint32_t key)
{
	char bytes[16];
	mbstate_t state = { 0 };
	size_t length = wcrtomb(bytes, (wchar_t)key, &state), used = strlen(prompt->text);
	if (key < ' ' || length == (size_t)-1 || used + length >= sizeof(prompt->text))
		return;
	memmove(prompt->text + prompt->at + length, prompt->text + prompt->at, used - prompt->at + 1);
	memcpy(prompt->text + prompt->at, bytes, length);
	prompt->at += length;
}

// The length of the character before @p at.
static size_t before(const struct prompt *prompt)
{
	size_t length = 1;
	if (!prompt->at)
		return 0;
	while (length < prompt->at && ((unsigned char)prompt->text[prompt->at - length] & 0xc0) == 0x80)
		length++;
	return length;
}

static size_t after(const struct prompt *prompt)
{
	size_t length = 1;
	if (!prompt->text[prompt->at])
		return 0;
	while (((unsigned char)prompt->text[prompt->at + length] & 0xc0) == 0x80)
		length++;
	return length;
}

static void erase_bytes(struct prompt *prompt, size_t from, size_t count)
{
	memmove(prompt->text + from, prompt->text + from + count, strlen(prompt->text) - from - count + 1);
	prompt->at = from;
}

static void edit(struct prompt *prompt, uint32_t key)
{
	enum { CLEAR = 'u' - 'a' + 1 };
	switch (key) {
	case KEYS_LEFT:
		prompt->at -= before(prompt);
		break;
	case KEYS_RIGHT:
		prompt->at += after(prompt);
		break;
	case KEYS_HOME:
		prompt->at = 0;
		break;
	case KEYS_END:
		prompt->at = strlen(prompt->text);
		break;
	case KEYS_BACKSPACE:
		erase_bytes(prompt, prompt->at - before(prompt), before(prompt));
		break;
	case KEYS_DELETE:
		erase_bytes(prompt, prompt->at, after(prompt));
		break;
	case CLEAR:
		erase_bytes(prompt, 0, prompt->at);
		break;
	default:
		if (key < KEYS_FIRST)
			insert(prompt, key);
		break;
	}
}

static void copy_pattern(char *to, const char *from)
{
	snprintf(to, VIEW_PATTERN, "%s", from);
}

static void finish(struct app *app)
{
	struct view *view = app_view(app);
	app->mode = APP_BROWSE;
	if (app->prompt.action == ACTION_EXPORT) {
		if (app->prompt.text[0])
			app_export(app, app->prompt.text);
	} else if (app->prompt.action == ACTION_SEARCH) {
		copy_pattern(view->search, app->prompt.text);
		if (view->search[0] && !view_search(view, false))
			app_say(app, true, "No row has \"%s\".", view->search);
	}
	app->details_top = 0;
}

void app_prompt_key(struct app *app, uint32_t key)
{
	struct view *view = app_view(app);
	if (key == KEYS_ENTER) {
		finish(app);
		return;
	}
	if (key == KEYS_ESCAPE) {
		app->mode = APP_BROWSE;
		app->prompt.text[0] = '\0';
	} else {
		edit(&app->prompt, key);
	}
	// A filter is seen while it is written.
	if (app->prompt.action == ACTION_FILTER) {
		copy_pattern(view->filter, app->prompt.text);
		view_arrange(view);
	}
}

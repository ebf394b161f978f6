// The reports of the library have the same words: who has read one finds them here again.

#include "words.h"

#include <string.h>

const char *const word_severity[] = { "note", "warning", "error" };
const char *const word_kind[] = { "static", "thread-local" };
const char *const word_language[] = { "C", "C++", "Rust" };
const char *const word_symbols[] = { "none", "exported only", "mini debug info", "debug file", "full" };
const char *const word_file_state[] = { "no file", "read", "deleted", "replaced", "unreadable" };
const char *const word_placement[] = { "none", "static", "dynamic", "undecided", "unknown" };
const char *const word_thread_state[] = { "ready", "shares", "foreign", "unknown" };
const char *const word_storage[] = { "data", "zero", "relro", "const" };
const char *const word_confidence[] = { "possibly the same variable: only the names are the same",
					"likely the same variable", "certainly the same variable" };
const char *const word_rank[] = { "", "note", "warning", "error" };

static const char *const cell_words[] = { "set",      "initial", "not allocated", "unreadable",
					  "unstable", "present", "at first" };
static const char *const value_words[] = { "", "uninitialised", "alive", "destroyed" };

static bool is_plain_world;

void word_use_ascii(bool is_plain)
{
	is_plain_world = is_plain;
}

bool word_is_ascii(void)
{
	return is_plain_world;
}

const char *word_cell(const struct polyton_cell *cell)
{
	if (cell->value && cell->value->state != POLYTON_VALUE_PLAIN)
		return value_words[cell->value->state];
	return cell_words[cell->state];
}

bool word_is_set(const struct polyton_cell *cell)
{
	if (cell->value && cell->value->state != POLYTON_VALUE_PLAIN)
		return cell->value->state == POLYTON_VALUE_ALIVE;
	return cell->state == POLYTON_CELL_SET || cell->state == POLYTON_CELL_PRESENT;
}

static bool is_trouble(const struct polyton_cell *cell)
{
	return cell->state == POLYTON_CELL_UNREADABLE || cell->state == POLYTON_CELL_UNSTABLE;
}

enum text_style word_cell_style(const struct polyton_cell *cell)
{
	if (is_trouble(cell))
		return TEXT_WARNING;
	if (word_is_set(cell))
		return TEXT_SET;
	return cell->state == POLYTON_CELL_NOT_ALLOCATED ? TEXT_ABSENT : TEXT_PLAIN;
}

const char *word_cell_sign(const struct polyton_cell *cell, bool is_plain)
{
	if (is_trouble(cell))
		return "?";
	if (cell->value && cell->value->state == POLYTON_VALUE_DESTROYED)
		return "x";
	if (word_is_set(cell))
		return is_plain ? "#" : "●";
	if (cell->state == POLYTON_CELL_NOT_ALLOCATED)
		return is_plain ? "." : "·";
	return is_plain ? "o" : "○";
}

const char *word_cell_value(const struct polyton_cell *cell)
{
	const struct polyton_value *value = cell->value;
	if (!value)
		return "";
	const char *label = value_words[value->state];
	size_t length = strlen(label);
	if (!value->is_typed || !length || strncmp(value->text, label, length) != 0)
		return value->text;
	if (!value->text[length])
		return "";
	return strncmp(value->text + length, ", ", 2) == 0 ? value->text + length + 2 : value->text;
}

static uint32_t count_set(const struct polyton_copy *copy)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < copy->cell_count; i++)
		count += word_is_set(&copy->cells[i]);
	return count;
}

static bool has_set(const struct polyton_copy *copy)
{
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		if (word_is_set(&copy->cells[i]))
			return true;
	}
	return false;
}

void word_copy(const struct polyton_copy *copy, struct text *ret)
{
	uint32_t set = 0;
	const struct polyton_cell *first = copy->cells;
	if (copy->use == POLYTON_USE_SHADOWED) {
		ret->style = TEXT_ABSENT;
		text_put(ret, "not used");
		return;
	}
	if (!copy->cell_count) {
		text_put(ret, "not read");
		return;
	}
	set = count_set(copy);
	for (uint32_t i = 0; set && !word_is_set(first) && i < copy->cell_count; i++)
		first = &copy->cells[i];
	ret->style = word_cell_style(first);
	ret->number = set;
	if (copy->cells[0].thread == POLYTON_NONE)
		text_put(ret, word_cell(first));
	else if (set)
		text_print(ret, "%s in %u of %u threads", word_cell(first), set, copy->cell_count);
	else
		text_print(ret, "%s, %u threads", word_cell(first), copy->cell_count);
}

static bool has_split(const struct shot *shot, uint32_t singleton)
{
	for (uint32_t i = 0; i < polyton_snapshot_finding_count(shot->snapshot); i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(shot->snapshot, i);
		if (finding->singleton == singleton && strcmp(finding->rule, "PT004") == 0)
			return true;
	}
	return false;
}

void word_singleton(const struct shot *shot, uint32_t index, struct text *ret)
{
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(shot->snapshot, index);
	uint32_t set = 0, live = 0;
	bool is_in_file = polyton_snapshot_subject(shot->snapshot)->kind == POLYTON_SUBJECT_FILES;
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(shot->snapshot, singleton->first_copy + i);
		if (copy->use != POLYTON_USE_LIVE)
			continue;
		live++;
		set += has_set(copy);
	}
	ret->number = set;
	if (live < 2) {
		text_put(ret, "merged: 1 used");
	} else if (is_in_file) {
		text_put(ret, "not loaded");
	} else if (has_split(shot, index)) {
		ret->style = TEXT_ERROR;
		text_print(ret, "split: %u of %u set", set, live);
	} else if (!set) {
		text_put(ret, "none set");
	} else {
		ret->style = set == live ? TEXT_SET : TEXT_PLAIN;
		text_print(ret, set == live ? "all %u set" : "%u of %u set", set, live);
	}
}

const char *word_holder(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return polyton_snapshot_object(snapshot, copy->object)->name;
}

void word_holders(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		  struct text *ret)
{
	for (uint32_t i = 0; i < singleton->copy_count; i++)
		text_print(ret, "%s%s", i ? ", " : "",
			   word_holder(snapshot, polyton_snapshot_copy(snapshot, singleton->first_copy + i)));
}

const char *word_short_name(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const char *library = polyton_snapshot_library(snapshot, singleton->library)->name;
	size_t length = strlen(library);
	if (strncmp(singleton->name, library, length) == 0 && strncmp(singleton->name + length, "::", 2) == 0)
		return singleton->name + length + 2;
	return singleton->name;
}

void word_library(const struct polyton_library *library, struct text *ret)
{
	text_print(ret, "%s%s%s (%s)", library->name, library->version[0] ? " " : "", library->version,
		   word_language[library->language]);
}

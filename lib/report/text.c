// What every view says: who was looked at, and what could not be seen. A report without the second part would be
// a claim about things nobody looked at.

#include "report/text.h"

#include <inttypes.h>

#include "report/subjectline.h"
#include "report/words.h"

enum {
	TEXT_MAX_NAMED = 6, // objects named in a line before "and N more"
	TEXT_INDENT = 2,
};

// ", before signal 11 (SIGSEGV)": of a program that was started to be looked at.
static const char *moment_text(struct page *page, const struct polyton_subject *subject)
{
	const char *label = words_moment[subject->moment].label;
	if (!subject->was_run)
		return "";
	if (subject->moment != POLYTON_MOMENT_DYING)
		return page_format(page, ", %s", label);
	const char *name = sigabbrev_np(subject->moment_number);
	return page_format(page, ", %s %d%s%s%s", label, subject->moment_number, name ? " (SIG" : "",
			   name ? name : "", name ? ")" : "");
}

void text_head(struct page *page, const struct polyton_snapshot *snapshot)
{
	const struct polyton_subject *subject = &snapshot->subject;
	bool is_loaded = subject->kind != POLYTON_SUBJECT_FILES;
	const char *what = subjectline_kind(page, subject);
	const char *threads = is_loaded ? page_count(page, snapshot->threads.count, "thread, ", "threads, ") : "";
	const char *line = page_format(page, "%s (%s)%s: %s, %s%s%s%s", subject->name, what,
				       moment_text(page, subject), subject->machine, subject->libc,
				       subject->libc[0] ? ", " : "", threads,
				       page_count(page, snapshot->objects.count, "object", "objects"));
	page_line(page, 0, STYLE_PLAIN, line);
}

const char *text_note(struct page *page, const struct polyton_snapshot *snapshot, const struct polyton_note *note)
{
	const struct polyton_object *object = polyton_snapshot_object(snapshot, note->object);
	if (!object || strstr(note->text, object->name) || (object->path[0] && strstr(note->text, object->path)))
		return note->text;
	return page_format(page, "%s: %s", object->name, note->text);
}

static void put_notes(struct page *page, const struct polyton_snapshot *snapshot, bool is_loss, const char *title)
{
	bool is_first = true;
	for (uint32_t i = 0; i < snapshot->notes.count; i++) {
		const struct polyton_note *note = &snapshot->notes.items[i];
		if (note->is_loss != is_loss)
			continue;
		if (is_first) {
			page_end_line(page);
			page_line(page, 0, STYLE_STRONG, title);
		}
		is_first = false;
		const struct span spans[] = { { STYLE_PLAIN, "-" },
					      { STYLE_PLAIN, text_note(page, snapshot, note) } };
		page_paragraph(page, TEXT_INDENT, 2 * TEXT_INDENT, spans, sizeof(spans) / sizeof(spans[0]));
	}
}

void text_foot(struct page *page, const struct polyton_snapshot *snapshot)
{
	const struct polyton_subject *subject = &snapshot->subject;
	put_notes(page, snapshot, true, "What could not be seen");
	put_notes(page, snapshot, false, "Notes");
	if (subject->was_stopped || page->is_verbose)
		page_end_line(page);
	if (subject->was_stopped)
		page_line(page, 0, STYLE_PLAIN,
			  page_format(page, "All threads were stopped for %.2f ms.",
				      (double)subject->pause_ns / 1e6));
	if (page->is_verbose)
		page_line(page, 0, STYLE_PLAIN,
			  page_format(page,
				      "Read in %.1f ms: %" PRIu64 " thread-local cells accepted, %" PRIu64
				      " unstable. Analysed in %.1f ms, %" PRIu64 " references in %.1f ms of it.",
				      (double)subject->capture_ns / 1e6, subject->read_count, subject->unstable_count,
				      (double)subject->analysis_ns / 1e6, subject->reference_count,
				      (double)subject->binding_ns / 1e6));
}

static const enum style severity_styles[] = {
	[POLYTON_SEVERITY_NOTE] = STYLE_NOTE,
	[POLYTON_SEVERITY_WARNING] = STYLE_WARNING,
	[POLYTON_SEVERITY_ERROR] = STYLE_ERROR,
};

void text_headline(struct page *page, enum polyton_severity severity, const char *rules, const char *headline,
		   size_t indent)
{
	const struct span spans[] = {
		{ severity_styles[severity], page_format(page, "%s %s:", words_severity[severity].label, rules) },
		{ STYLE_STRONG, headline },
	};
	page_paragraph(page, indent, indent + 2 * TEXT_INDENT, spans, sizeof(spans) / sizeof(spans[0]));
}

void text_finding(struct page *page, const struct polyton_finding *finding, const char *rules, size_t indent)
{
	text_headline(page, finding->severity, rules, finding->headline, indent);
	if (finding->detail[0])
		page_paragraph(page, indent + TEXT_INDENT, indent + TEXT_INDENT,
			       &(struct span){ STYLE_PLAIN, finding->detail }, 1);
	if (finding->reason)
		text_reason(page, finding->reason, indent + TEXT_INDENT);
}

void text_title(struct page *page, const char *title)
{
	page_end_line(page);
	page_line(page, 0, STYLE_STRONG, title);
}

const char *text_address(struct page *page, uint64_t address)
{
	return address ? page_format(page, "0x%" PRIx64, address) : "";
}

const char *text_holder(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	return snapshot->objects.items[copy->object].name;
}

const char *text_library(struct page *page, const struct polyton_library *library)
{
	const char *language = words_language[library->language].label;
	size_t length = strlen(language);
	// "C globals" says it already.
	if (strncmp(library->name, language, length) == 0 && library->name[length] == ' ')
		return library->name;
	return page_format(page, "%s%s%s (%s)", library->name, library->version[0] ? " " : "", library->version,
			   language);
}

static bool is_in_name(char letter)
{
	return letter == '_' || (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
	       (letter >= 'a' && letter <= 'z');
}

// Only Rust's debug info spells a type with the modules that it is in, which are std's private matter mostly.
const char *text_short_types(struct page *page, enum polyton_language language, const char *text)
{
	if (language != POLYTON_LANGUAGE_RUST || !strstr(text, "::"))
		return text;
	char *shorter = arena_alloc(&page->arena, strlen(text) + 1, 1), *end = shorter, *word = shorter;
	if (!shorter) {
		out_fail(page->out, error_no_memory());
		return "";
	}
	while (*text) {
		if (strncmp(text, "::", 2) == 0 && end > word) {
			end = word;
			text += 2;
			continue;
		}
		bool is_word = is_in_name(*text);
		*end++ = *text++;
		if (!is_word)
			word = end;
	}
	*end = '\0';
	return shorter;
}

const char *text_objects_named(struct page *page, const struct polyton_snapshot *snapshot, const uint32_t *objects,
			       uint32_t count)
{
	uint32_t shown = count <= TEXT_MAX_NAMED + 1 ? count : TEXT_MAX_NAMED;
	const char *text = "";
	for (uint32_t i = 0; i < shown; i++)
		text = page_format(page, "%s%s%s", text,
				   !i               ? ""
				   : i + 1 == count ? " and "
						    : ", ",
				   snapshot->objects.items[objects[i]].name);
	return shown < count ? page_format(page, "%s and %u more", text, count - shown) : text;
}

const char *text_holders(struct page *page, const struct polyton_snapshot *snapshot,
			 const struct polyton_singleton *singleton)
{
	uint32_t objects[TEXT_MAX_NAMED + 1];
	for (uint32_t i = 0; i < singleton->copy_count && i <= TEXT_MAX_NAMED; i++)
		objects[i] = snapshot->copies.items[singleton->first_copy + i].object;
	return text_objects_named(page, snapshot, objects, singleton->copy_count);
}

// json_pack() fails as a whole when one of its members is NULL, so running out of memory anywhere needs no check of
// its own.

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "report/glyph.h"
#include "report/jsonrows.h"
#include "report/reported.h"
#include "report/words.h"

json_t *jsonrows_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t length = 0, bad = 0;
	uint32_t character;
	for (const char *at = text; *at;) {
		unsigned size = glyph_decode(at, &character);
		bad += !size;
		length += size ? size : sizeof(replacement) - 1;
		at += size ? size : 1;
	}
	if (!bad)
		return json_stringn_nocheck(text, length);

	auto_free char *clean = malloc(length);
	if (!clean)
		return NULL;
	char *end = clean;
	while (*text) {
		unsigned size = glyph_decode(text, &character);
		const char *from = size ? text : replacement;
		end = mempcpy(end, from, size ? size : sizeof(replacement) - 1);
		text += size ? size : 1;
	}
	return json_stringn_nocheck(clean, length);
}

static json_t *address_text(uint64_t address)
{
	return json_sprintf("0x%" PRIx64, address);
}

// What a damaged file claims beyond INT64_MAX, jansson cannot write.
static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *text_or_null(const char *text)
{
	return text ? jsonrows_text(text) : json_null();
}

static json_t *text_or_none(const char *text)
{
	return text[0] ? jsonrows_text(text) : json_null();
}

static json_t *address_or_null(uint64_t address)
{
	return address ? address_text(address) : json_null();
}

static json_t *object_name(const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_object *object = polyton_snapshot_object(snapshot, index);
	return text_or_null(object ? object->name : NULL);
}

static json_t *object_names(const struct polyton_snapshot *snapshot, const uint32_t *objects, uint32_t count)
{
	json_t *names = json_array();
	for (uint32_t i = 0; names && i < count; i++) {
		if (json_array_append_new(names, object_name(snapshot, objects[i]))) {
			json_decref(names);
			names = NULL;
		}
	}
	return names;
}

static json_t *texts(const char *const *items, uint32_t count)
{
	json_t *list = json_array();
	for (uint32_t i = 0; list && i < count; i++) {
		if (json_array_append_new(list, jsonrows_text(items[i]))) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

// A member a line, in the order of docs/format.md.
// clang-format off

static json_t *reason_or_null(const struct polyton_reason *reason)
{
	if (!reason)
		return json_null();
	return json_pack("{s:s, s:o, s:o}",
			 "cause", words_cause[reason->cause].key,
			 "text", jsonrows_text(reason->text),
			 "remedy", texts(reason->remedy, reason->remedy_count));
}

// The wait status of a process that ends is taken apart for people who are no C programs.
static json_t *moment_or_null(const struct polyton_subject *subject)
{
	bool is_ending = subject->moment == POLYTON_MOMENT_ENDING, is_dying = subject->moment == POLYTON_MOMENT_DYING;
	bool is_killed = is_ending && WIFSIGNALED(subject->moment_number);
	if (!subject->was_run)
		return json_null();
	return json_pack("{s:s, s:o, s:o}",
			 "moment", words_moment[subject->moment].key,
			 "signal", is_dying    ? json_integer(subject->moment_number)
				   : is_killed ? json_integer(WTERMSIG(subject->moment_number))
					       : json_null(),
			 "exit_status", is_ending && !is_killed ? json_integer(WEXITSTATUS(subject->moment_number))
								: json_null());
}

json_t *jsonrows_subject(const struct polyton_subject *subject)
{
	// Of files nothing that differs from run to run.
	bool is_loaded = subject->kind != POLYTON_SUBJECT_FILES;
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "type", words_subject[subject->kind].key,
			 "pid", is_loaded && subject->pid ? json_integer(subject->pid) : json_null(),
			 "signal", subject->signal ? json_integer(subject->signal) : json_null(),
			 "signal_tid", subject->signal ? json_integer(subject->signal_tid) : json_null(),
			 "name", jsonrows_text(subject->name),
			 "path", jsonrows_text(subject->path),
			 "machine", jsonrows_text(subject->machine),
			 "libc", jsonrows_text(subject->libc),
			 "stopped", (int)subject->was_stopped,
			 "pause_ns", subject->was_stopped ? number(subject->pause_ns) : json_null(),
			 "capture_ns", is_loaded ? number(subject->capture_ns) : json_null(),
			 "analysis_ns", is_loaded ? number(subject->analysis_ns) : json_null(),
			 "accepted_cells", number(subject->read_count),
			 "unstable_cells", number(subject->unstable_count),
			 "references", number(subject->reference_count),
			 "binding_ns", is_loaded ? number(subject->binding_ns) : json_null(),
			 "run", moment_or_null(subject));
}

static json_t *tls_of(const struct polyton_object *object)
{
	// Without a module nobody has placed it yet.
	bool is_static = object->tls_placement == POLYTON_TLS_STATIC && object->tls_module;
	if (object->tls_placement == POLYTON_TLS_NONE)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "placement", words_tls_placement[object->tls_placement].key,
			 "module", number(object->tls_module),
			 "generation", number(object->tls_generation),
			 "size", number(object->tls_size),
			 "file_size", number(object->tls_file_size),
			 "align", number(object->tls_align),
			 "offset", is_static ? number(object->tls_offset) : json_null());
}

static json_t *opening_or_null(const struct polyton_snapshot *snapshot, const struct polyton_opening *opening)
{
	if (!opening)
		return json_null();
	return json_pack("{s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "number", (json_int_t)opening->number,
			 "tid", (int)opening->tid,
			 "time_ns", number(opening->time_ns),
			 "path", jsonrows_text(opening->path),
			 "function", jsonrows_text(opening->function),
			 "caller", jsonrows_text(opening->caller),
			 "object", object_name(snapshot, opening->object),
			 "address", address_or_null(opening->address),
			 "symbol", jsonrows_text(opening->symbol),
			 "file", text_or_none(opening->file),
			 "line", opening->line ? json_integer(opening->line) : json_null());
}

json_t *jsonrows_object(const struct polyton_snapshot *snapshot, const struct polyton_object *object)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:b, s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o}",
			 "name", jsonrows_text(object->name),
			 "path", jsonrows_text(object->path),
			 "soname", jsonrows_text(object->soname),
			 "build_id", jsonrows_text(object->build_id),
			 "namespace", (json_int_t)object->name_space,
			 "program", (int)object->is_program,
			 "link_map", address_text(object->link_map),
			 "load_bias", address_text(object->load_bias),
			 "start", address_text(object->start),
			 "end", address_text(object->end),
			 "file", words_file_state[object->file_state].key,
			 "symbols", words_symbols[object->symbols].key,
			 "initial_exec", (int)object->is_initial_exec,
			 "tls", tls_of(object),
			 "opened_by", opening_or_null(snapshot, object->opened_by));
}

json_t *jsonrows_library(const struct polyton_library *library, uint32_t shown)
{
	return json_pack("{s:o, s:o, s:s, s:b, s:I}",
			 "name", jsonrows_text(library->name),
			 "version", jsonrows_text(library->version),
			 "language", words_language[library->language].key,
			 "per_object", (int)library->is_per_object,
			 "singletons", (json_int_t)shown);
}

static json_t *layout_side(const struct polyton_layout_side *side)
{
	if (!side->is_there)
		return json_null();
	return json_pack("{s:o, s:o, s:o}",
			 "offset", number(side->offset),
			 "size", number(side->size),
			 "text", jsonrows_text(side->text));
}

static json_t *layout_row(const struct polyton_layout_row *row)
{
	return json_pack("{s:o, s:b, s:[o, o]}",
			 "path", jsonrows_text(row->path),
			 "behind_pointer", (int)row->is_behind_pointer,
			 "sides", layout_side(&row->side[0]), layout_side(&row->side[1]));
}

// Types that are the same have no rows; types that nobody has compared have no layout.
static json_t *layout_or_null(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	const struct polyton_copy *left = polyton_snapshot_copy(snapshot, singleton->layout_copies[0]);
	const struct polyton_copy *right = polyton_snapshot_copy(snapshot, singleton->layout_copies[1]);
	if (!left || !right)
		return json_null();
	json_t *rows = json_array();
	for (uint32_t i = 0; rows && i < singleton->layout_count; i++) {
		if (json_array_append_new(rows, layout_row(&singleton->layout[i]))) {
			json_decref(rows);
			rows = NULL;
		}
	}
	return json_pack("{s:[o, o], s:o}",
			 "copies", object_name(snapshot, left->object), object_name(snapshot, right->object),
			 "rows", rows);
}

json_t *jsonrows_singleton(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:I, s:b, s:b, s:b, s:o, s:b, s:o}",
			 "name", jsonrows_text(singleton->name),
			 "kind", words_kind[singleton->kind].key,
			 "language", words_language[singleton->language].key,
			 "confidence", words_confidence[singleton->confidence].key,
			 "library", jsonrows_text(snapshot->libraries.items[singleton->library].name),
			 "live_copies", (json_int_t)singleton->live_count,
			 "read_only", (int)singleton->is_read_only,
			 "sizes_differ", (int)singleton->sizes_differ,
			 "builds_differ", (int)singleton->builds_differ,
			 "dropped", text_or_null(singleton->dropped),
			 "folded", (int)(reported_fold(snapshot, singleton) != NULL),
			 "layout", layout_or_null(snapshot, singleton));
}

static json_t *declared_or_null(const struct polyton_copy *copy)
{
	if (!copy->decl_file[0])
		return json_null();
	return json_pack("{s:o, s:I}",
			 "file", jsonrows_text(copy->decl_file),
			 "line", (json_int_t)copy->decl_line);
}

json_t *jsonrows_copy(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	const struct polyton_copy *winner = polyton_snapshot_copy(snapshot, copy->bound_to);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o,"
			 " s:b, s:b, s:b, s:s, s:s, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "object", object_name(snapshot, copy->object),
			 "symbol", jsonrows_text(copy->symbol),
			 "build_mark", jsonrows_text(copy->build_mark),
			 "source", jsonrows_text(copy->source),
			 "offset", address_text(copy->offset),
			 "address", address_or_null(copy->address),
			 "size", number(copy->size),
			 "storage", words_storage[copy->storage].key,
			 "use", words_use[copy->use].key,
			 "bound_to", winner ? object_name(snapshot, winner->object) : json_null(),
			 "exported", (int)copy->is_exported,
			 "unique", (int)copy->is_unique,
			 "protected", (int)copy->is_protected,
			 "binding", words_binding[copy->binding].key,
			 "visibility", words_visibility[copy->visibility].key,
			 "version", jsonrows_text(copy->version),
			 "old_version", (int)copy->is_old_version,
			 "copied", (int)copy->is_copied,
			 "users", object_names(snapshot, copy->users, copy->user_count),
			 "reason", reason_or_null(copy->reason),
			 "type", text_or_none(copy->type),
			 "type_missing", text_or_none(copy->type_missing),
			 "declared", declared_or_null(copy),
			 "producer", jsonrows_text(copy->producer));
}

static json_t *crate_rows(const struct polyton_finding *finding)
{
	json_t *rows = json_array();
	for (uint32_t i = 0; rows && i < finding->crate_count; i++) {
		const struct polyton_crate *crate = &finding->crates[i];
		if (json_array_append_new(rows, json_pack("{s:o, s:o}", "name", jsonrows_text(crate->name), "version",
							  jsonrows_text(crate->version)))) {
			json_decref(rows);
			rows = NULL;
		}
	}
	return rows;
}

json_t *jsonrows_finding(const struct polyton_snapshot *snapshot, const struct polyton_finding *finding,
			 const struct polyton_verdict *verdict)
{
	enum polyton_baseline baseline = verdict ? verdict->baseline : POLYTON_BASELINE_NONE;
	const struct polyton_library *library = polyton_snapshot_library(snapshot, finding->library);
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, finding->singleton);
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:s?}",
			 "fingerprint", jsonrows_text(finding->fingerprint),
			 "rule", jsonrows_text(finding->rule),
			 "slug", jsonrows_text(finding->slug),
			 "severity", words_severity[finding->severity].key,
			 "confidence", words_confidence[finding->confidence].key,
			 "library", text_or_null(library ? library->name : NULL),
			 "singleton", text_or_null(singleton ? singleton->name : NULL),
			 "object", object_name(snapshot, finding->object),
			 "objects", object_names(snapshot, finding->objects, finding->object_count),
			 "crates", crate_rows(finding),
			 "headline", jsonrows_text(finding->headline),
			 "detail", jsonrows_text(finding->detail),
			 "routine", (int)finding->is_routine,
			 "reason", reason_or_null(finding->reason),
			 "suppressed", text_or_null(verdict ? verdict->suppressed : NULL),
			 "baseline", words_baseline[baseline].key);
}

json_t *jsonrows_note(const struct polyton_snapshot *snapshot, const struct polyton_note *note)
{
	return json_pack("{s:o, s:b, s:o}",
			 "object", object_name(snapshot, note->object),
			 "loss", (int)note->is_loss,
			 "text", jsonrows_text(note->text));
}

json_t *jsonrows_dropped(const struct polyton_dropped *dropped)
{
	return json_pack("{s:o, s:I}", "reason", jsonrows_text(dropped->reason), "count", (json_int_t)dropped->count);
}

static json_t *suppressed_row(const struct polyton_snapshot *snapshot, const struct reported *reported, uint32_t first,
			      bool *is_counted)
{
	const char *reason = reported->verdicts[first].suppressed;
	json_int_t count = 0;
	for (uint32_t i = first; i < snapshot->findings.count; i++) {
		if (!reported->suppressed[i] || strcmp(reported->verdicts[i].suppressed, reason) != 0)
			continue;
		is_counted[i] = true;
		count++;
	}
	return json_pack("{s:o, s:I}", "reason", jsonrows_text(reason), "count", count);
}

json_t *jsonrows_suppressed(const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	auto_free bool *is_counted = calloc(snapshot->findings.count + 1, sizeof(*is_counted));
	json_t *rows = is_counted ? json_array() : NULL;
	for (uint32_t i = 0; rows && i < snapshot->findings.count; i++) {
		if (!reported->suppressed[i] || is_counted[i])
			continue;
		if (json_array_append_new(rows, suppressed_row(snapshot, reported, i, is_counted))) {
			json_decref(rows);
			rows = NULL;
		}
	}
	return rows;
}

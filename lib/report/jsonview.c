// The envelope and its arrays are written as a stream, each row as jansson makes it. What there is once per thread is
// the exception: for tens of thousands of cells a jansson object each takes 2 to 6 microseconds where writing it
// directly takes a tenth of one.
//
// All output is ASCII (JSON_ENSURE_ASCII): a terminal that shows it obeys no byte of it.

#include "report/jsonview.h"

#include "report/jsonrows.h"
#include "report/words.h"

enum { JSON_FLAGS = JSON_COMPACT | JSON_ENSURE_ASCII };

/** An array in the making. */
struct rows {
	struct out *out;
	const char *between; ///< What separates the next row from what is before it.
};

// Of what jansson leaves as it is, DEL alone is no printable character.
static int sink(const char *bytes, size_t count, void *arg)
{
	struct out *out = arg;
	for (const char *at; (at = memchr(bytes, 0x7f, count)) != NULL;) {
		out_bytes(out, bytes, (size_t)(at - bytes));
		out_text(out, "\\u007f");
		count -= (size_t)(at + 1 - bytes);
		bytes = at + 1;
	}
	out_bytes(out, bytes, count);
	return out->error ? -1 : 0;
}

// Write @p value and be done with it.
static void put(struct out *out, json_t *value, size_t flags)
{
	if ((!value || json_dump_callback(value, sink, out, JSON_FLAGS | flags)) && !out->error)
		out_fail(out, error_no_memory());
	json_decref(value);
}

void jsonview_put(struct out *out, json_t *value)
{
	put(out, value, 0);
}

static void put_between(struct rows *rows)
{
	out_text(rows->out, rows->between);
	rows->between = ",\n";
}

static void put_row(struct rows *rows, json_t *row)
{
	put_between(rows);
	put(rows->out, row, 0);
}

static struct rows begin_rows(struct out *out, const char *name)
{
	out_text(out, ",\n\"");
	out_text(out, name);
	out_text(out, "\":[");
	return (struct rows){ out, "\n" };
}

static void end_rows(const struct rows *rows)
{
	out_text(rows->out, rows->between[0] == ',' ? "\n]" : "]");
}

// Most texts are plain, and then no encoder is needed.
static void put_text(struct out *out, const char *text)
{
	const char *at = text;
	while (*at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	if (*at) {
		put(out, jsonrows_text(text), JSON_ENCODE_ANY);
		return;
	}
	out_text(out, "\"");
	out_bytes(out, text, (size_t)(at - text));
	out_text(out, "\"");
}

static void put_address(struct out *out, uint64_t address)
{
	if (address)
		out_quoted_address(out, address);
	else
		out_text(out, "null");
}

static void put_truth(struct out *out, bool is_true)
{
	out_text(out, is_true ? "true" : "false");
}

static void put_parts(struct out *out, const struct polyton_value *value)
{
	if (!value->rows) {
		out_text(out, "null");
		return;
	}
	out_text(out, "[");
	for (uint32_t i = 0; i < value->row_count && !out->error; i++) {
		const struct polyton_value_row *row = &value->rows[i];
		out_text(out, i ? ",{\"depth\":" : "{\"depth\":");
		out_decimal(out, row->depth);
		out_text(out, ",\"label\":");
		put_text(out, row->label);
		out_text(out, ",\"type\":");
		put_text(out, row->type);
		out_text(out, ",\"text\":");
		put_text(out, row->text);
		out_text(out, ",\"parts\":");
		put_truth(out, row->has_parts);
		out_text(out, "}");
	}
	out_text(out, "]");
}

static void put_value(struct out *out, const struct polyton_value *value)
{
	if (!value) {
		out_text(out, "null");
		return;
	}
	out_text(out, "{\"bytes\":\"");
	out_hex_bytes(out, value->bytes, value->size);
	out_text(out, "\",\"text\":");
	put_text(out, value->text);
	out_text(out, ",\"typed\":");
	put_truth(out, value->is_typed);
	out_text(out, ",\"state\":");
	put_text(out, words_value_state[value->state].key);
	out_text(out, ",\"rows\":");
	put_parts(out, value);
	out_text(out, "}");
}

static void put_cell(struct out *out, const struct polyton_snapshot *snapshot, const struct polyton_cell *cell)
{
	const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, cell->thread);
	out_text(out, "{\"tid\":");
	if (thread)
		out_decimal(out, thread->tid);
	else
		out_text(out, "null");
	out_text(out, ",\"state\":");
	put_text(out, words_cell_state[cell->state].key);
	out_text(out, ",\"address\":");
	put_address(out, cell->address);
	out_text(out, ",\"value\":");
	put_value(out, cell->value);
	out_text(out, "}");
}

static void put_thread(struct out *out, const struct polyton_thread *thread)
{
	out_text(out, "{\"tid\":");
	out_decimal(out, thread->tid);
	out_text(out, ",\"inner_tid\":");
	out_decimal(out, thread->inner_tid);
	out_text(out, ",\"name\":");
	put_text(out, thread->name);
	out_text(out, ",\"state\":");
	put_text(out, words_thread_state[thread->state].key);
	out_text(out, ",\"tcb\":");
	put_address(out, thread->tcb);
	out_text(out, ",\"shares_tid\":");
	if (thread->state == POLYTON_THREAD_SHARES)
		out_decimal(out, thread->shares_tid);
	else
		out_text(out, "null");
	out_text(out, ",\"why\":");
	put_text(out, thread->why);
	out_text(out, "}");
}

static void put_copy(struct out *out, const struct polyton_snapshot *snapshot, const struct polyton_copy *copy)
{
	out_text(out, "{");
	put(out, jsonrows_copy(snapshot, copy), JSON_EMBED);
	struct rows cells = begin_rows(out, "cells");
	for (uint32_t i = 0; i < copy->cell_count && !out->error; i++) {
		put_between(&cells);
		put_cell(out, snapshot, &copy->cells[i]);
	}
	end_rows(&cells);
	out_text(out, "}");
}

static void put_singleton(struct rows *rows, const struct polyton_snapshot *snapshot,
			  const struct polyton_singleton *singleton)
{
	struct out *out = rows->out;
	put_between(rows);
	out_text(out, "{");
	put(out, jsonrows_singleton(snapshot, singleton), JSON_EMBED);
	struct rows copies = begin_rows(out, "copies");
	for (uint32_t i = 0; i < singleton->copy_count && !out->error; i++) {
		put_between(&copies);
		put_copy(out, snapshot, &snapshot->copies.items[singleton->first_copy + i]);
	}
	end_rows(&copies);
	out_text(out, "}");
}

static void put_objects(struct out *out, const struct polyton_snapshot *snapshot, bool is_tls_only)
{
	struct rows rows = begin_rows(out, "objects");
	for (uint32_t i = 0; i < snapshot->objects.count && !out->error; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (!is_tls_only || object->tls_placement != POLYTON_TLS_NONE)
			put_row(&rows, jsonrows_object(snapshot, object));
	}
	end_rows(&rows);
}

static void put_budget(struct out *out, const struct polyton_tls_budget *budget)
{
	out_text(out, ",\n\"budget\":");
	if (budget->is_known)
		put(out,
		    json_pack("{s:I, s:I, s:I, s:I, s:I}", "size", (json_int_t)budget->size, "used",
			      (json_int_t)budget->used, "free", (json_int_t)budget->free, "surplus",
			      (json_int_t)budget->surplus, "optional", (json_int_t)budget->optional),
		    0);
	else
		out_text(out, "null");
}

static void put_threads(struct out *out, const struct polyton_snapshot *snapshot)
{
	struct rows rows = begin_rows(out, "threads");
	for (uint32_t i = 0; i < snapshot->threads.count && !out->error; i++) {
		put_between(&rows);
		put_thread(out, &snapshot->threads.items[i]);
	}
	end_rows(&rows);
}

static void put_object_name(struct out *out, const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_object *object = polyton_snapshot_object(snapshot, index);
	if (object)
		put_text(out, object->name);
	else
		out_text(out, "null");
}

static void put_binding(struct out *out, const struct polyton_snapshot *snapshot,
			const struct polyton_binding *binding)
{
	out_text(out, "{\"object\":");
	put_object_name(out, snapshot, binding->object);
	out_text(out, ",\"symbol\":");
	put_text(out, binding->symbol);
	out_text(out, ",\"version\":");
	put_text(out, binding->version);
	out_text(out, ",\"kind\":");
	put_text(out, words_reference_kind[binding->kind].key);
	out_text(out, ",\"source\":");
	put_text(out, words_binding_source[binding->source].key);
	out_text(out, ",\"provider\":");
	put_object_name(out, snapshot, binding->provider);
	out_text(out, ",\"expected\":");
	put_object_name(out, snapshot, binding->expected);
	out_text(out, ",\"place\":");
	out_quoted_address(out, binding->place);
	out_text(out, "}");
}

static void put_bindings(struct out *out, const struct polyton_snapshot *snapshot, struct match *match)
{
	struct rows rows = begin_rows(out, "bindings");
	for (uint32_t i = 0; i < snapshot->bindings.count && !out->error; i++) {
		const struct polyton_binding *binding = &snapshot->bindings.items[i];
		if (!match_has(match, binding->symbol))
			continue;
		put_between(&rows);
		put_binding(out, snapshot, binding);
	}
	end_rows(&rows);
}

static void put_libraries(struct out *out, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	struct rows rows = begin_rows(out, "libraries");
	for (uint32_t i = 0; i < snapshot->libraries.count && !out->error; i++) {
		const struct polyton_library *library = &snapshot->libraries.items[i];
		uint32_t shown = 0;
		if (!reported->libraries[i])
			continue;
		for (uint32_t k = 0; k < library->singleton_count; k++)
			shown += reported->singletons[library->first_singleton + k];
		put_row(&rows, jsonrows_library(library, shown));
	}
	end_rows(&rows);
}

// What the report is about: everything but objects and threads.
static void put_report(struct out *out, const struct polyton_snapshot *snapshot, const struct reported *reported)
{
	put_libraries(out, snapshot, reported);
	struct rows rows = begin_rows(out, "singletons");
	for (uint32_t i = 0; i < snapshot->singletons.count && !out->error; i++) {
		if (reported->singletons[i])
			put_singleton(&rows, snapshot, &snapshot->singletons.items[i]);
	}
	end_rows(&rows);
	rows = begin_rows(out, "findings");
	for (uint32_t i = 0; i < snapshot->findings.count && !out->error; i++) {
		if (reported->findings[i])
			put_row(&rows, jsonrows_finding(snapshot, &snapshot->findings.items[i],
							reported->verdicts ? &reported->verdicts[i] : NULL));
	}
	end_rows(&rows);
	out_text(out, ",\n\"suppressed\":");
	put(out, jsonrows_suppressed(snapshot, reported), 0);
	rows = begin_rows(out, "dropped");
	for (uint32_t i = 0; i < snapshot->dropped.count && !out->error; i++)
		put_row(&rows, jsonrows_dropped(&snapshot->dropped.items[i]));
	end_rows(&rows);
}

// A member a line.
// clang-format off
static json_t *make_envelope(const struct polyton_snapshot *snapshot, enum polyton_view view)
{
	return json_pack("{s:s, s:i, s:s, s:{s:s, s:o}, s:o}",
			 "schema", "polyton",
			 "schema_version", JSONVIEW_SCHEMA_VERSION,
			 "view", words_view[view].key,
			 "tool",
				"name", "polyton",
				"version", json_sprintf("%d.%d.%d", POLYTON_VERSION_MAJOR, POLYTON_VERSION_MINOR,
							POLYTON_VERSION_PATCH),
			 "subject", jsonrows_subject(&snapshot->subject));
}
// clang-format on

void jsonview_write(struct out *out, const struct polyton_snapshot *snapshot, enum polyton_view view,
		    const struct reported *reported, struct match *match, uint32_t singleton)
{
	struct rows rows;
	out_text(out, "{");
	put(out, make_envelope(snapshot, view), JSON_EMBED);
	switch (view) {
	case POLYTON_VIEW_REPORT:
		put_objects(out, snapshot, false);
		put_threads(out, snapshot);
		put_report(out, snapshot, reported);
		break;
	case POLYTON_VIEW_SHOW:
		put_objects(out, snapshot, false);
		put_threads(out, snapshot);
		rows = begin_rows(out, "singletons");
		put_singleton(&rows, snapshot, &snapshot->singletons.items[singleton]);
		end_rows(&rows);
		break;
	case POLYTON_VIEW_OBJECTS:
		put_objects(out, snapshot, false);
		break;
	case POLYTON_VIEW_THREADS:
		put_threads(out, snapshot);
		break;
	case POLYTON_VIEW_TLS:
		put_objects(out, snapshot, true);
		put_budget(out, &snapshot->tls_budget);
		break;
	case POLYTON_VIEW_BINDINGS:
		put_objects(out, snapshot, false);
		put_bindings(out, snapshot, match);
		break;
	}
	rows = begin_rows(out, "notes");
	for (uint32_t i = 0; i < snapshot->notes.count && !out->error; i++)
		put_row(&rows, jsonrows_note(snapshot, &snapshot->notes.items[i]));
	end_rows(&rows);
	out_text(out, "}\n");
}

// One owner for everything a snapshot shows: destroying it frees all rows and strings together.

#include "model/snapshot.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct polyton_error *snapshot_create(struct polyton_snapshot **ret)
{
	struct polyton_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (!snapshot)
		return error_no_memory();
	snapshot->tls_budget.why = "not looked for";
	*ret = snapshot;
	return NULL;
}

void polyton_snapshot_destroy(struct polyton_snapshot *snapshot)
{
	if (!snapshot)
		return;
	arena_deinit(&snapshot->arena);
	vec_deinit(&snapshot->objects);
	vec_deinit(&snapshot->threads);
	vec_deinit(&snapshot->libraries);
	vec_deinit(&snapshot->singletons);
	vec_deinit(&snapshot->copies);
	vec_deinit(&snapshot->findings);
	vec_deinit(&snapshot->notes);
	strmap_deinit(&snapshot->note_keys);
	vec_deinit(&snapshot->dropped);
	vec_deinit(&snapshot->bindings);
	for (size_t i = 0; i < snapshot->owners.count; i++)
		snapshot->owners.items[i].release(snapshot->owners.items[i].thing);
	vec_deinit(&snapshot->owners);
	free(snapshot);
}

struct polyton_error *snapshot_note(struct polyton_snapshot *snapshot, uint32_t object, bool is_loss,
				    const char *format, ...)
{
	va_list args;
	auto_free char *text = NULL;
	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0) {
		text = NULL; // vasprintf() leaves it undefined
		return error_no_memory();
	}

	// A folder may have a note for each of a million files.
	size_t head = sizeof(object), size = head + (size_t)length;
	char *key = arena_alloc(&snapshot->arena, size + 1, 1);
	if (!key)
		return error_no_memory();
	memcpy(key, &object, head);
	memcpy(key + head, text, (size_t)length);
	uint32_t *known = strmap_at(&snapshot->note_keys, key, size, 0);
	if (known && (*known)++)
		return NULL;
	const char *kept = key + head;
	struct polyton_note *note = known ? vec_push(&snapshot->notes) : NULL;
	if (!note)
		return error_no_memory();
	*note = (struct polyton_note){ object, is_loss, kept };
	return NULL;
}

struct polyton_error *snapshot_count_dropped(struct polyton_snapshot *snapshot, const char *reason)
{
	for (size_t i = 0; i < snapshot->dropped.count; i++) {
		if (strcmp(snapshot->dropped.items[i].reason, reason) == 0) {
			snapshot->dropped.items[i].count++;
			return NULL;
		}
	}
	struct polyton_dropped *dropped = vec_push(&snapshot->dropped);
	if (!dropped)
		return error_no_memory();
	*dropped = (struct polyton_dropped){ reason, 1 };
	return NULL;
}

const struct polyton_subject *polyton_snapshot_subject(const struct polyton_snapshot *snapshot)
{
	return &snapshot->subject;
}

const struct polyton_tls_budget *polyton_snapshot_tls_budget(const struct polyton_snapshot *snapshot)
{
	return &snapshot->tls_budget;
}

// The count and the item of one list: the same two functions for each.
#define SNAPSHOT_LIST(name, list)                                                                     \
	uint32_t polyton_snapshot_##name##_count(const struct polyton_snapshot *snapshot)             \
	{                                                                                             \
		return (uint32_t)snapshot->list.count;                                                \
	}                                                                                             \
	const struct polyton_##name *polyton_snapshot_##name(const struct polyton_snapshot *snapshot, \
							     uint32_t index)                          \
	{                                                                                             \
		return index < snapshot->list.count ? &snapshot->list.items[index] : NULL;            \
	}

SNAPSHOT_LIST(object, objects)
SNAPSHOT_LIST(thread, threads)
SNAPSHOT_LIST(library, libraries)
SNAPSHOT_LIST(singleton, singletons)
SNAPSHOT_LIST(copy, copies)
SNAPSHOT_LIST(finding, findings)
SNAPSHOT_LIST(note, notes)
SNAPSHOT_LIST(dropped, dropped)
SNAPSHOT_LIST(binding, bindings)

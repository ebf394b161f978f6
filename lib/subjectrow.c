// What the snapshot says of the subject itself.

#include "subjectrow.h"

#include <string.h>

struct polyton_error *subjectrow_fill(const struct subject *from, struct polyton_snapshot *snapshot)
{
	struct polyton_subject *subject = &snapshot->subject;
	const char *slash = strrchr(from->exe, '/');
	subject->kind = from->kind;
	subject->pid = from->pid;
	subject->path = arena_strdup(&snapshot->arena, from->exe);
	subject->name = arena_strdup(&snapshot->arena, slash ? slash + 1 : from->exe);
	subject->machine = from->target->arch->name;
	subject->libc = "";
	subject->signal = from->signal;
	subject->signal_tid = from->signal_tid;
	struct polyton_error *error = subject->path && subject->name ? NULL : error_no_memory();
	for (size_t i = 0; !error && i < from->loss_count; i++)
		error = snapshot_note(snapshot, POLYTON_NONE, true, "%s", from->losses[i]);
	return error;
}

struct polyton_error *subjectrow_note_unsettled(const struct subject *subject, int attempts,
						struct polyton_snapshot *snapshot)
{
	if (subject->is_still)
		return snapshot_note(snapshot, POLYTON_NONE, true,
				     "an object was just being loaded or unloaded: some may be missing");
	return snapshot_note(snapshot, POLYTON_NONE, true,
			     "objects were loaded or unloaded during every one of %d attempts: some may be missing",
			     attempts);
}

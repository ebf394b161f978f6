// A plugin that was unloaded before the end would be missing from a picture taken then, so there is one before
// anything is unloaded. Programs that load and unload the same all the time are looked at a few times only, and when
// two objects are there at once that were not before.

#include "looks.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"

void looks_deinit(struct looks *looks)
{
	for (size_t i = 0; i < looks->kept_count; i++)
		polyton_snapshot_destroy(looks->kept[i]);
	for (size_t i = 0; i < looks->path_count; i++)
		free(looks->paths[i].path);
	polyton_snapshot_destroy(looks->last);
	together_deinit(&looks->pairs);
	free(looks->kept);
	free(looks->paths);
	*looks = (struct looks){ 0 };
}

void looks_note_load(struct looks *looks, const char *path)
{
	struct looks_path *found = NULL;
	for (size_t i = 0; !found && i < looks->path_count; i++) {
		if (strcmp(looks->paths[i].path, path) == 0)
			found = &looks->paths[i];
	}
	if (!found) {
		struct looks_path *grown = reallocarray(looks->paths, looks->path_count + 1, sizeof(*grown));
		char *copy = strdup(path);
		looks->paths = grown ? grown : looks->paths;
		if (!grown || !copy) {
			free(copy);
			looks->is_partial = true;
			return;
		}
		found = &looks->paths[looks->path_count++];
		*found = (struct looks_path){ .path = copy };
	}
	found->is_fresh = true;
	// A handler of exit() has loaded something.
	polyton_snapshot_destroy(looks->last);
	looks->last = NULL;
}

bool looks_need_one(struct looks *looks, const struct polyton_run_event *event)
{
	if (together_meet(&looks->pairs, event->loaded, event->loaded_count))
		return true;
	for (size_t i = 0; i < looks->path_count; i++) {
		if (looks->paths[i].is_fresh && looks->paths[i].looks < LOOKS_SAME)
			return true;
	}
	return false;
}

static void keep(struct looks *looks, struct polyton_snapshot *snapshot)
{
	struct polyton_snapshot **grown = reallocarray(looks->kept, looks->kept_count + 1, sizeof(*grown));
	if (!grown) {
		polyton_snapshot_destroy(snapshot);
		looks->is_partial = true;
		return;
	}
	looks->kept = grown;
	looks->kept[looks->kept_count++] = snapshot;
}

// What makes the exit code, and warnings at least.
static bool is_worth_telling(const struct answer *answer, uint32_t index)
{
	struct polyton_verdict verdict = judgement_verdict(answer->judgement, answer->snapshot, index);
	bool is_note_enough = answer->ruling->fail_on.level == FAIL_ON_NOTE;
	return (is_note_enough || verdict.severity >= POLYTON_SEVERITY_WARNING) && !verdict.suppressed &&
	       report_shows(answer, index);
}

static bool has_path(const struct polyton_snapshot *snapshot, const char *path)
{
	for (uint32_t i = 0; snapshot && i < polyton_snapshot_object_count(snapshot); i++) {
		if (strcmp(polyton_snapshot_object(snapshot, i)->path, path) == 0)
			return true;
	}
	return false;
}

// Whether a finding is about the object: itself, or a copy of the singleton or of the library it speaks of.
static bool is_about(const struct polyton_snapshot *snapshot, uint32_t index, uint32_t object)
{
	const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, index);
	if (finding->object == object)
		return true;
	for (uint32_t i = 0; i < polyton_snapshot_copy_count(snapshot); i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, i);
		const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, copy->singleton);
		if (copy->object == object &&
		    (copy->singleton == finding->singleton || singleton->folded_into == index ||
		     (finding->singleton == POLYTON_NONE && finding->library != POLYTON_NONE &&
		      singleton->library == finding->library)))
			return true;
	}
	return false;
}

// Whether @p snapshot has something to tell about an object that none of the @p count later ones, nor the last, has.
static bool tells_more(const struct looks *looks, const struct polyton_snapshot *snapshot, size_t first_later,
		       const struct request *request, struct ruling *ruling)
{
	struct judgement judgement;
	ruling_judge(ruling, snapshot, &judgement);
	const struct answer answer = { snapshot, request, ruling, &judgement, NULL };
	for (uint32_t i = 0; i < polyton_snapshot_object_count(snapshot); i++) {
		const char *path = polyton_snapshot_object(snapshot, i)->path;
		bool is_later = has_path(looks->last, path);
		for (size_t k = first_later; !is_later && k < looks->kept_count; k++)
			is_later = looks->kept[k] && has_path(looks->kept[k], path);
		for (uint32_t k = 0; !is_later && k < polyton_snapshot_finding_count(snapshot); k++) {
			if (is_worth_telling(&answer, k) && is_about(snapshot, k, i))
				return true;
		}
	}
	return false;
}

// From the last to the first: what a later one tells, an earlier one need not.
static void sift(struct looks *looks, const struct request *request, struct ruling *ruling)
{
	size_t count = 0;
	for (size_t i = looks->kept_count; i-- > 0;) {
		if (tells_more(looks, looks->kept[i], i + 1, request, ruling))
			continue;
		polyton_snapshot_destroy(looks->kept[i]);
		looks->kept[i] = NULL;
	}
	for (size_t i = 0; i < looks->kept_count; i++) {
		if (looks->kept[i])
			looks->kept[count++] = looks->kept[i];
	}
	looks->kept_count = count;
}

void looks_take(struct looks *looks, struct polyton_run *run, const struct request *request, struct ruling *ruling,
		bool is_last)
{
	struct polyton_snapshot *snapshot = NULL;
	if (!is_last && looks->taken == LOOKS_MAX) {
		looks->is_partial = true;
		return;
	}
	struct polyton_error *error = polyton_run_capture(run, looks->pid, &snapshot);
	looks->taken += !is_last;
	for (size_t i = 0; i < looks->path_count; i++) {
		looks->paths[i].looks += looks->paths[i].is_fresh;
		looks->paths[i].is_fresh = false;
	}
	if (error) {
		main_refuse(error);
		looks->has_failed |= is_last;
		looks->is_partial |= !is_last;
		return;
	}
	if (!is_last) {
		keep(looks, snapshot);
		sift(looks, request, ruling);
		return;
	}
	polyton_snapshot_destroy(looks->last);
	looks->last = snapshot;
}

static enum exit_code write_one(const struct polyton_snapshot *snapshot, const struct request *request,
				struct ruling *ruling, struct output *output, bool *is_first_io)
{
	bool is_text = request->choice[OPTION_FORMAT] == POLYTON_FORMAT_TEXT;
	if (!*is_first_io && is_text && !request_has(request, OPTION_QUIET))
		output_print(output, "\n");
	*is_first_io = false;
	return main_write(snapshot, request, ruling, output);
}

enum exit_code looks_write(struct looks *looks, const struct request *request, struct ruling *ruling,
			   struct output *output, bool *is_first_io)
{
	enum exit_code code = EXIT_CLEAN;
	sift(looks, request, ruling);
	for (size_t i = 0; i < looks->kept_count; i++)
		code = main_worse(code, write_one(looks->kept[i], request, ruling, output, is_first_io));
	if (looks->last)
		code = main_worse(code, write_one(looks->last, request, ruling, output, is_first_io));
	else if (!looks->has_failed)
		complain("process %d ended before it could be looked at", looks->pid);
	if (looks->is_partial)
		complain("process %d unloaded objects that were not looked at", looks->pid);
	output_flush(output);
	return looks->last && !looks->is_partial ? code : main_worse(code, EXIT_NOT_SEEN);
}

// The front door: a session owns the open subject and the files it has parsed; a capture goes once through all
// floors, from the process or the files to a frozen snapshot, and keeps nothing but the parsed files.

#include <stdio.h>
#include <string.h>

#include "analysis.h"
#include "archives.h"
#include "base/clock.h"
#include "capture.h"
#include "diskscan.h"
#include "diskvalues.h"
#include "openings.h"
#include "session.h"
#include "subjectrow.h"
#include "target/core.h"
#include "target/debugger.h"
#include "target/process.h"
#include "typing.h"
#include "variants.h"

enum { SESSION_ATTEMPTS = 3 };

/** Of files @c disk is there; of all others @c subject, and the one that it speaks for. */
struct polyton_session {
	struct subject subject;
	struct live *live;
	struct core *core;
	struct debugger *debugger;
	struct disk *disk;
	struct elf_debug_search search;
	struct file_cache files;
	struct typing typing;
	struct polyton_options options;
	const struct loading *loading; ///< Of a run: its process stands still. Else NULL.
	enum polyton_moment moment;
	int32_t moment_number;
};

static struct polyton_error *create(const struct polyton_options *options, struct polyton_session **ret)
{
	struct polyton_session *session = calloc(1, sizeof(*session));
	if (!session)
		return error_no_memory();
	// A caller built against an older header has a shorter structure; what it lacks stays zero.
	if (options)
		memcpy(&session->options, options,
		       options->size < sizeof(session->options) ? options->size : sizeof(session->options));
	session->search.debug_dirs = session->options.debug_dirs;
	*ret = session;
	return NULL;
}

static void use_subject(struct polyton_session *session, struct subject subject)
{
	session->subject = subject;
	session->subject.progress = session->options.progress;
	session->subject.progress_arg = session->options.progress_arg;
	session->search.open = subject.ops->open_path;
	session->search.arg = subject.state;
	session->typing.subject = &session->subject;
}

struct polyton_error *polyton_open_process(int32_t pid, const struct polyton_options *options,
					   struct polyton_session **ret)
{
	struct polyton_session *session = NULL;
	if (pid <= 0)
		return error_create(POLYTON_ERROR_ARGUMENT, "%d is not a process id", pid);
	struct polyton_error *error = create(options, &session);
	if (!error)
		error = live_open(pid, &session->live);
	if (error) {
		polyton_session_close(session);
		return error;
	}
	use_subject(session, process_subject(session->live));
	*ret = session;
	return NULL;
}

struct polyton_error *polyton_open_core(const char *path, const char *exe, const struct polyton_options *options,
					struct polyton_session **ret)
{
	struct polyton_session *session = NULL;
	struct polyton_error *error = create(options, &session);
	if (!error)
		error = core_open(path, exe, &session->core);
	if (error) {
		polyton_session_close(session);
		return error;
	}
	use_subject(session, core_subject(session->core));
	*ret = session;
	return NULL;
}

struct polyton_error *polyton_open_debugger(const struct polyton_target_ops *ops, void *state,
					    const struct polyton_target_facts *facts,
					    const struct polyton_options *options, struct polyton_session **ret)
{
	struct polyton_session *session = NULL;
	struct polyton_error *error = create(options, &session);
	if (!error)
		error = debugger_open(ops, state, facts, &session->debugger);
	if (error) {
		polyton_session_close(session);
		return error;
	}
	session->files.takes_narrow = true;
	use_subject(session, debugger_subject(session->debugger));
	*ret = session;
	return NULL;
}

struct polyton_error *polyton_session_update(struct polyton_session *session,
					     const struct polyton_target_facts *facts)
{
	if (!session->debugger)
		return error_create(POLYTON_ERROR_ARGUMENT, "only a debugger's session is told what it looks at");
	struct polyton_error *error = debugger_update(session->debugger, facts);
	if (!error)
		use_subject(session, debugger_subject(session->debugger));
	return error;
}

struct polyton_error *polyton_open_files(const struct polyton_files *files, const struct polyton_options *options,
					 struct polyton_session **ret)
{
	struct polyton_session *session = NULL;
	struct polyton_error *error = create(options, &session);
	if (!error)
		error = disk_open(files, &session->disk);
	if (error) {
		polyton_session_close(session);
		return error;
	}
	session->search.open = disk_open_path;
	session->search.arg = session->disk;
	*ret = session;
	return NULL;
}

void session_watch(struct polyton_session *session, const struct loading *loading, enum polyton_moment moment,
		   int32_t number)
{
	session->loading = loading;
	session->moment = moment;
	session->moment_number = number;
}

void polyton_session_close(struct polyton_session *session)
{
	if (!session)
		return;
	typing_deinit(&session->typing);
	file_cache_deinit(&session->files);
	live_close(session->live);
	core_close(session->core);
	debugger_close(session->debugger);
	disk_close(session->disk);
	free(session);
}

// What debug info tells.
static struct polyton_error *type(struct polyton_session *session, const struct scan *scan,
				  const struct openings *openings, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = typing_read(&session->typing, &session->search, scan, snapshot);
	return error ? error : openings_read_lines(&session->typing, scan, openings, snapshot);
}

/** What one capture knows besides the snapshot. */
struct work {
	struct scan scan;
	struct analysis analysis;
	struct openings openings; ///< Of a program that polyton has started.
};

static void work_deinit(struct work *work)
{
	analysis_deinit(&work->analysis);
	scan_deinit(&work->scan);
}

// Everything that needs nothing but the objects.
static struct polyton_error *examine(struct polyton_session *session, struct work *work,
				     struct polyton_snapshot *snapshot)
{
	const struct scan *scan = &work->scan;
	struct polyton_error *error = NULL;
	if (session->loading)
		error = openings_fill(session->loading, scan, snapshot, &work->openings);
	if (!error)
		error = analysis_make(session->disk ? NULL : &session->subject, scan, session->options.keep_bindings,
				      snapshot, &work->analysis);
	if (!error && !session->options.no_types)
		error = type(session, scan, &work->openings, snapshot);
	return error;
}

// What do the copies hold?
static struct polyton_error *look(struct polyton_session *session, const struct scan *scan,
				  struct polyton_snapshot *snapshot)
{
	struct captured captured = { 0 };
	uint64_t start = clock_ns();
	struct polyton_error *error =
		capture_read(&session->subject, scan, session->options.stop, snapshot, &captured);
	snapshot->subject.capture_ns += clock_ns() - start;
	if (!error)
		error = capture_settle(&session->subject, scan, &captured, &session->options, snapshot);
	captured_deinit(&captured);
	return error;
}

// A process that stands still has lists that rest, though it may be in the middle of unloading.
static struct polyton_error *is_current(struct polyton_session *session, const struct scan *scan, bool *ret)
{
	*ret = true;
	return session->loading ? live_check(session->live) : scan_is_current(&session->subject, scan, ret);
}

/**
 * @p is_settled_ret: the loader's lists were the same afterwards. Unless @p is_last, a scan that is out of date as soon
 * as it is made is given up: @p snapshot is then incomplete, and not settled.
 */
static struct polyton_error *take(struct polyton_session *session, struct polyton_snapshot *snapshot, bool is_last,
				  bool *is_settled_ret)
{
	struct work work = { 0 };
	uint64_t start = clock_ns();
	struct polyton_error *error = subjectrow_fill(&session->subject, snapshot);
	snapshot->subject.was_run = session->loading != NULL;
	snapshot->subject.moment = session->moment;
	snapshot->subject.moment_number = session->moment_number;
	if (!error)
		error = scan_read(&session->subject, &session->search, &session->files, &work.scan, snapshot);
	if (error)
		return error;
	error = is_current(session, &work.scan, is_settled_ret);
	if (error || (!*is_settled_ret && !is_last)) {
		work_deinit(&work);
		return error;
	}
	error = examine(session, &work, snapshot);
	if (!error)
		error = look(session, &work.scan, snapshot);
	if (!error)
		error = analysis_conclude(&work.analysis, &work.scan, snapshot);
	if (!error)
		error = is_current(session, &work.scan, is_settled_ret);
	snapshot->subject.analysis_ns = clock_ns() - start - snapshot->subject.capture_ns;
	work_deinit(&work);
	return error;
}

static struct polyton_error *take_files(struct polyton_session *session, struct polyton_snapshot *snapshot)
{
	struct closure closure = { 0 };
	struct work work = { 0 };
	uint64_t start = clock_ns();
	struct polyton_error *error =
		closure_build(session->disk, &session->search, &session->files, snapshot, &closure);
	if (error)
		return error;
	error = variants_settle(session->disk, &closure, snapshot);
	if (!error)
		error = diskscan_make(session->disk, &closure, &work.scan, snapshot);
	snapshot->subject.capture_ns = clock_ns() - start;
	if (!error) {
		diskvalues_place(&work.scan, snapshot);
		error = examine(session, &work, snapshot);
	}
	if (!error)
		error = diskvalues_settle(&work.scan, &session->options, snapshot);
	if (!error)
		error = analysis_conclude(&work.analysis, &work.scan, snapshot);
	if (!error)
		error = archives_note(session->disk, &closure, &work.scan, snapshot);
	diskvalues_forget(snapshot);
	snapshot->subject.analysis_ns = clock_ns() - start - snapshot->subject.capture_ns;
	work_deinit(&work);
	closure_deinit(&closure);
	return error;
}

static struct polyton_error *capture_files(struct polyton_session *session, struct polyton_snapshot **ret)
{
	struct polyton_snapshot *snapshot = NULL;
	struct polyton_error *error = snapshot_create(&snapshot);
	if (!error)
		error = take_files(session, snapshot);
	if (error) {
		polyton_snapshot_destroy(snapshot);
		return error;
	}
	*ret = snapshot;
	return NULL;
}

static struct polyton_error *capture_process(struct polyton_session *session, struct polyton_snapshot **ret)
{
	struct polyton_snapshot *snapshot = NULL;
	struct polyton_error *error = NULL;
	bool is_settled = false;
	uint64_t pause_ns = 0; // of attempts that were given up

	if (session->debugger)
		debugger_begin(session->debugger);
	int attempts = session->subject.is_still ? 1 : SESSION_ATTEMPTS;

	for (int attempt = 0; !is_settled && attempt < attempts; attempt++) {
		pause_ns += snapshot ? snapshot->subject.pause_ns : 0;
		polyton_snapshot_destroy(snapshot);
		snapshot = NULL;
		polyton_error_destroy(error);
		error = snapshot_create(&snapshot);
		if (!error)
			error = take(session, snapshot, attempt + 1 == attempts, &is_settled);
		// A list that changes under the walk leads astray: that is worth another try, an end is not.
		if (error && polyton_error_code(error) != POLYTON_ERROR_READ &&
		    polyton_error_code(error) != POLYTON_ERROR_DAMAGED)
			break;
	}
	if (!error && !is_settled)
		error = subjectrow_note_unsettled(&session->subject, SESSION_ATTEMPTS, snapshot);
	if (error) {
		// Its memory goes before its state tells so.
		struct polyton_error *ended = polyton_error_code(error) == POLYTON_ERROR_NO_SUBJECT && session->live
						      ? live_ended(session->live)
						      : session->subject.ops->check(session->subject.state);
		polyton_snapshot_destroy(snapshot);
		if (ended) { // then that is the reason for whatever failed
			polyton_error_destroy(error);
			return ended;
		}
		return error;
	}
	snapshot->subject.pause_ns += pause_ns;
	*ret = snapshot;
	return NULL;
}

struct polyton_error *polyton_session_capture(struct polyton_session *session, struct polyton_snapshot **ret)
{
	return session->disk ? capture_files(session, ret) : capture_process(session, ret);
}

/**
 * The pictures that were taken of one process while it ran. What is reported is the last one, and of the earlier ones
 * those that show what the later ones cannot, because the objects are gone.
 */
#ifndef INSPECTOR_LOOKS_H
#define INSPECTOR_LOOKS_H

#include "main.h"
#include "together.h"

enum {
	LOOKS_MAX = 128, ///< Before unloading, of one process.
	LOOKS_SAME = 2,  ///< After the same object was loaded again.
};

/** An object that was loaded, by the path that was asked for, and how often it was looked at. */
struct looks_path {
	char *path;
	int looks;
	bool is_fresh; ///< Loaded since the last look.
};

/** Zero-initialise. */
struct looks {
	int32_t pid;
	struct polyton_snapshot **kept; ///< In order of time.
	size_t kept_count;
	struct polyton_snapshot *last;
	struct looks_path *paths;
	size_t path_count;
	struct together pairs;
	int taken;
	bool is_partial; ///< Something was unloaded without a look that it needed.
	bool has_failed; ///< The last look failed.
};

void looks_deinit(struct looks *looks);
/** An object was loaded. */
void looks_note_load(struct looks *looks, const char *path);
/** Whether it is worth a look before something is unloaded, when @p event is told. If so, it is taken now. */
bool looks_need_one(struct looks *looks, const struct polyton_run_event *event);
/** Take one, before an unload or, with @p is_last, the one to be reported. */
void looks_take(struct looks *looks, struct polyton_run *run, const struct request *request, struct ruling *ruling,
		bool is_last);
/** Write what there is to report. What it exits with; @p is_first_io: nothing was written before. */
enum exit_code looks_write(struct looks *looks, const struct request *request, struct ruling *ruling,
			   struct output *output, bool *is_first_io);

#endif

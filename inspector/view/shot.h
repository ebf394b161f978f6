/**
 * A snapshot with what the views want to know of it again and again; and the latest three of them, so that what has
 * changed can be seen for two refreshes.
 */
#ifndef INSPECTOR_VIEW_SHOT_H
#define INSPECTOR_VIEW_SHOT_H

#include "polyton.h"

/** How bad a singleton is, by the worst of its findings. */
enum shot_rank {
	SHOT_HIDDEN, ///< No finding, or none that a report shows: seen on request only.
	SHOT_NOTE,
	SHOT_WARNING,
	SHOT_ERROR,
};

struct shot {
	struct polyton_snapshot *snapshot;
	const struct polyton_verdict *verdicts; ///< One for each finding, or NULL.
	uint64_t *singletons;                   ///< What each is known again by.
	unsigned char *ranks;                   ///< enum shot_rank of each.
	uint32_t *firsts;                       ///< Of each the first finding that a report shows, or POLYTON_NONE.
	uint32_t *brought;                      ///< Of each object: the copies that it has of singletons with a rank.
	uint32_t *all_brought;                  ///< And of all.
	/** Called with @c owner when the shot goes, before its snapshot does. May be NULL. */
	void (*release)(void *owner);
	void *owner;
};

/** Takes @p snapshot over, also when it fails: NULL then. */
struct shot *shot_create(struct polyton_snapshot *snapshot, const struct polyton_verdict *verdicts);
void shot_destroy(struct shot *shot);

/** The index of the singleton that is known by @p identity, or POLYTON_NONE. */
uint32_t shot_find(const struct shot *shot, uint64_t identity);
/** What the policy says of that finding's severity; -1 if it is suppressed. */
int shot_severity(const struct shot *shot, uint32_t finding);
/** Whether a report would show that finding without --all. */
bool shot_reports(const struct shot *shot, uint32_t finding);
/** The first finding, the worst, that a report shows of the library or of what is in it, or POLYTON_NONE. */
uint32_t shot_first_of_library(const struct shot *shot, uint32_t library);
uint64_t shot_object_identity(const struct polyton_object *object);

enum { WORLD_SHOTS = 3 };
/** The newest first; NULL where there are not as many yet. Zero-initialise. */
struct world {
	struct shot *shots[WORLD_SHOTS];
	bool shows_all; ///< Also what a report shows with --all only.
};

/** A newer one. The oldest goes. */
void world_add(struct world *world, struct shot *shot);
void world_deinit(struct world *world);

#endif

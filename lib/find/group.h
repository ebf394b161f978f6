/**
 * Objects that are one library several times, and the finding that speaks for what they share.
 */
#ifndef FIND_GROUP_H
#define FIND_GROUP_H

#include "base/strmap.h"
#include "find/finder.h"

/** Zero-initialise, but for the key. */
struct group {
	const char *key;
	uint32_t *objects; ///< Each once, in the order of adding.
	size_t count, capacity;
};

struct groups {
	struct strmap map;
	vec_of(struct group) items;
	struct arena keys;
};

void groups_deinit(struct groups *groups);
/** Add an object to the group of that key, which must outlive the groups (@c keys is for that). */
must_use struct polyton_error *groups_add(struct groups *groups, const char *key, uint32_t object);

/** Leave out the objects that are in one process with none of the others. */
void group_keep_meeting(const struct finder *finder, struct group *group);
/**
 * Add a PT006 finding. Singletons whose live copies are all in the group's objects are folded into it, and counted in
 * its detail, behind @p detail.
 */
must_use struct polyton_error *group_report(struct finder *finder, const struct group *group,
					    enum polyton_severity severity, const char *headline, const char *detail,
					    const struct polyton_reason *reason);
/** Whether a finding that was added, or one that is by what the two are, says that they are one library. */
bool group_is_told(const struct finder *finder, uint32_t a, uint32_t b);
/** "a and b use libbar.so": who is bound to @p object beside itself; "" if nobody is, NULL when out of memory. */
must_use const char *group_users(struct finder *finder, uint32_t object);
/** Whether there are any. */
bool group_has_users(const struct finder *finder, uint32_t object);

#endif

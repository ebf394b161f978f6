/**
 * Search lists by hand. Objects are digits: "021" is a list of objects 0, 2 and 1, which object 0 was opened with.
 */
#ifndef SUPPORT_MADE_SCOPES_H
#define SUPPORT_MADE_SCOPES_H

#include "link/scope.h"

enum made_list {
	MADE_GLOBAL, ///< A namespace's.
	MADE_LOCAL,  ///< Of one dlopen().
	MADE_SELF,   ///< DF_SYMBOLIC's.
};

/** Scopes of @p count objects that look nowhere. For scopes_deinit(). */
void made_scopes_init(struct scopes *scopes, uint32_t count);
/** Add a list: its index. */
uint32_t made_scopes_list(struct scopes *scopes, enum made_list kind, const char *objects);
/** @p object looks into @p list, too, after all else; when it was loaded, into the first @p count objects of it. */
void made_scopes_part(struct scopes *scopes, uint32_t object, uint32_t list, uint32_t count);
/** The same into all of it, for each object of a string of digits. */
void made_scopes_use(struct scopes *scopes, const char *objects, uint32_t list);

/** The objects of a list as digits, "" for none. To be freed. */
char *made_scopes_digits(const struct scope_list *list);

/** Whether @p object is on a global list. */
bool made_is_global(const struct scopes *scopes, uint32_t object);

#endif

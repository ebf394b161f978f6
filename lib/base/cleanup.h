/** Scope-bound release of locals, and the attribute that keeps errors from being dropped. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define must_use __attribute__((warn_unused_result))
#define returns_nonnull __attribute__((returns_nonnull))
#define printf_like(format_at, first) __attribute__((__format__(__printf__, format_at, first)))

static inline void cleanup_free(void *place)
{
	free(*(void **)place);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/** free() when the variable goes out of scope. */
#define auto_free __attribute__((cleanup(cleanup_free)))
/** close() when the variable goes out of scope, unless it is negative. */
#define auto_close __attribute__((cleanup(cleanup_close)))

/** Hand a variable's content over and forget it, so that its cleanup does nothing. */
#define take_pointer(place)                        \
	({                                         \
		__typeof__(place) taken = (place); \
		(place) = NULL;                    \
		taken;                             \
	})

#endif

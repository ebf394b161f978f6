// A context and a count that the program and each of its libraries have a copy of their own of.

#ifndef PROGRAMS_CONTEXT_H
#define PROGRAMS_CONTEXT_H

struct context {
	int id;
	const char *owner;
};

/** Set the calling thread's copy to @p id, or leave it alone with 0; returns its address. */
typedef struct context *touch_fn(int id);
/** Where this object's code finds the count. */
typedef int *count_fn(void);

#ifdef IS_LIBRARY
#define CONTEXT_API __attribute__((visibility("default")))
#else
#define CONTEXT_API __attribute__((visibility("hidden")))
#endif

CONTEXT_API touch_fn touch;
/** The sum of what the calling thread's copy and the count hold, @p times over. */
CONTEXT_API long weigh(int times);
CONTEXT_API count_fn count_of;

#endif

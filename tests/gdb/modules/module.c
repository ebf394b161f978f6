// A module with copies of its own of what is in state.c; ALONE has only a variable that nobody else has.

#include <stdio.h>
#include <stdlib.h>

#include "state.h"

void step(void);

#ifdef ALONE

int alone;

void step(void)
{
	alone++;
}

#else

void step(void)
{
	registry.count++;
	per_thread.count++;
	next_serial();
}

// As the registries of some libraries do when they find that they are there twice.
__attribute__((constructor)) static void construct(void)
{
	if (getenv("ABORT"))
		abort();
}

#endif

#ifdef BROKEN
extern int nobody_has_this(void);
int ask(void);

int ask(void)
{
	return nobody_has_this();
}
#endif

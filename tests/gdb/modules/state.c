// Linked into the host and into each module: NAME is its name, START what it counts from.

#include "state.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

struct state registry = {
#ifdef WIDE
	.reserved = 7,
#endif
	.count = START,
	.name = TEXT(NAME),
};

__thread struct state per_thread = { .count = START + 1, .name = TEXT(NAME) };

int next_serial(void)
{
	static int serial = START + 2;
	return ++serial;
}

// A context and a count that the program and each of its libraries have a copy of their own of.
//
// compile with: -DOWNER='"liba.so"' -DCOUNT=1001 [-DIS_LIBRARY] [-DIS_REBUILT]

#include "context.h"

#ifdef IS_REBUILT // with a member more, and everything at another place
__thread char before[64] = { 1 };
int more[20] = { 1 };
#endif
static __thread struct context CONTEXT;
// The program does not export it, so each library reaches its own; a debugger may think that it is a COPY.
int g_count = COUNT;

struct context *touch(int id)
{
	if (id) {
		CONTEXT.id = id;
		CONTEXT.owner = OWNER;
	}
	return &CONTEXT;
}

long weigh(int times)
{
	long sum = 0;
	for (int i = 0; i < times; i++)
		sum += touch(0)->id * 3L + g_count % (i + 1);
	return sum;
}

int *count_of(void)
{
	return &g_count;
}

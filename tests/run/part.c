// What every object of this folder that wants one has a copy of: PART is its name, and LIBRARY hides everything else.
#include <stdio.h>

static int registry_total;
__attribute__((visibility("hidden"))) int registry_count = 1;
__attribute__((visibility("hidden"))) _Thread_local int registry_depth;

__attribute__((visibility("hidden"), noinline)) int registry_enter(int by)
{
	registry_depth += by;
	registry_total += by;
	return registry_count += by;
}

__attribute__((visibility("hidden"), noinline)) int registry_leave(int by)
{
	registry_depth -= by;
	return registry_total -= registry_count * by;
}

/** Use it, and say where it is. */
int part_bump(void)
{
	int count = registry_enter(2);
	registry_leave(1);
	printf("at %s %p registry_count\n", PART, (void *)&registry_count);
	fflush(stdout);
	return count;
}

#ifdef PART_CHAIN
#include <dlfcn.h>
// A module that needs another one as soon as it is there.
__attribute__((constructor)) static void chain(void)
{
	void *handle = dlopen(PART_CHAIN, RTLD_NOW);
	printf("call %s chain %s %d\n", PART, __FILE__, __LINE__ - 1);
	printf("chained %s\n", handle ? "ok" : "no");
	fflush(stdout);
}
#endif

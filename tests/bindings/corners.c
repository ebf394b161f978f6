// A program and the libraries of the corner cases of ld.so's lookup, all from this one file: -DPART_X says which one.
// test_bindings.py builds them and says how each is linked. Nothing here is checked but what every word leads to.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern int symbolic_value, table_value, promoted_value, offered_value;
extern __thread int table_cell;
int table_function(void);
int table_pointed(void);
int guarded_function(void);
int offered_function(void);
int later_function(void);
int promoted_function(void);
int absent_function(void) __attribute__((weak));
extern int absent_value __attribute__((weak));

#if defined PART_SYMBOLIC // the last one that the program starts with, linked with -Bsymbolic
int symbolic_value = 1;

int *symbolic_place(void)
{
	return &symbolic_value;
}

#elif defined PART_DEEP // what makes that one the last: only it needs it
int *deep_place(void)
{
	return &symbolic_value;
}

#elif defined PART_TABLE // has DT_HASH only
int table_value = 2;
__thread int table_cell = 3;

int table_function(void)
{
	return table_value + (&absent_value ? 1 : 0) + (absent_function ? 1 : 0);
}

int table_pointed(void)
{
	return getpid();
}

__attribute__((visibility("protected"))) int guarded_function(void)
{
	return table_cell;
}

#elif defined PART_CELLS // reaches another object's thread-local by a TLS descriptor, or by its place in static TLS
int cells_function(void)
{
	return ++table_cell + symbolic_value + guarded_function();
}

#elif defined PART_BEFORE // LD_PRELOAD
pid_t getpid(void)
{
	pid_t (*next)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "getpid");
	return next();
}

int offered_function(void)
{
	return offered_value;
}

int offered_value = 4;

#elif defined PART_LATE // calls what comes into the global scope only after it was loaded
int late_function(int is_there)
{
	return is_there ? later_function() : offered_function();
}

#elif defined PART_LATER // opened RTLD_GLOBAL
int later_function(void)
{
	return 5;
}

int offered_function(void)
{
	return 6;
}

#elif defined PART_PROMOTED // opened RTLD_LOCAL, then again RTLD_GLOBAL
int promoted_value = 7;

int promoted_function(void)
{
	return promoted_value++;
}

#elif defined PART_OWN // has its own of everything, and is opened RTLD_DEEPBIND
int promoted_value = 8, offered_value = 9, table_value = 10;
__thread int table_cell = 11;

int own_function(void)
{
	return promoted_value + offered_value + table_value + ++table_cell + table_function();
}

#elif defined PART_USER // uses what was promoted, and what the program has a copy of
int user_function(void)
{
	return promoted_function() + promoted_value + table_value + ++table_cell + offered_function() + getpid();
}

#else
int cells_function(void);
int descriptor_function(void);
// The address of a function of a library, in a program that is not PIE: its own PLT entry is that function's address.
static int (*volatile pointed)(void) = table_pointed;
// Overwritten before anybody looks: no word of it tells what the loader bound it to.
int (*overwritten)(void) = table_function;

static void *open_or_end(const char *name, int flags)
{
	void *handle = dlopen(name, flags);
	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return handle;
}

static int call(void *handle, const char *name, int argument)
{
	int (*function)(int) = handle ? (int (*)(int))dlsym(handle, name) : NULL;
	return function ? function(argument) : 0;
}

int main(void)
{
	int sum = table_value + table_cell + cells_function() + descriptor_function() + pointed() + overwritten() +
		  table_function();
	overwritten = main;
	// With LD_BIND_NOW it cannot be opened: what it calls is not there yet.
	void *late = dlopen("liblate.so", RTLD_LAZY | RTLD_LOCAL);
	if (dlsym(RTLD_DEFAULT, "offered_function"))
		sum += call(late, "late_function", 0);
	open_or_end("liblater.so", RTLD_NOW | RTLD_GLOBAL);
	sum += call(late, "late_function", 1);
	open_or_end("libpromoted.so", RTLD_NOW | RTLD_LOCAL);
	open_or_end("libpromoted.so", RTLD_NOW | RTLD_GLOBAL);
	dlclose(open_or_end("libuser.so", RTLD_LAZY | RTLD_LOCAL));
	sum += call(open_or_end("libown.so", RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND), "own_function", 0);
	sum += call(open_or_end("libuser.so", RTLD_LAZY | RTLD_LOCAL), "user_function", 0);
	sum += call(dlmopen(LM_ID_NEWLM, "libpromoted.so", RTLD_LAZY), "promoted_function", 0);
	printf("%d\nready %d\n", sum, getpid());
	fflush(stdout);
	return getchar() == 0;
}
#endif

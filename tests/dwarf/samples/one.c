// Variables in all places that C has for them.

#include <stdio.h>

int global_zero;
int global_set = 5;
static int internal = 7;
_Thread_local int tls_zero;
_Thread_local int tls_set = 9;
static _Thread_local long tls_internal = 3;
const char *const names[] = { "a", "bc" };
static int left_out = 4; // in a section of its own, which nothing refers to
extern int declared_only;
struct pair {
	int a, b;
} pairs[3] = { { 1, 2 } };
int alias_target = 2;
extern int alias_of __attribute__((alias("alias_target")));

static int *never_called(void)
{
	return &left_out;
}

int counter(int by);
int counter(int by)
{
	static int calls;
	static _Thread_local int tls_calls = 1;
	for (int i = 0; i < by; i++) {
		static short in_block = 3;
		calls += in_block++;
	}
	{
		static short in_block = 4; // twice the same name
		calls += in_block--;
	}
	return calls + ++tls_calls;
}

int main(int argc, char **argv)
{
	if (argc > 100)
		return *never_called();
	printf("%d %s %d\n", counter(argc), argv[0], global_zero + global_set + internal++ + tls_zero++ + tls_set++);
	tls_internal += pairs[argc % 3].a;
	puts(names[argc % 2]);
	return (int)tls_internal == 12345;
}

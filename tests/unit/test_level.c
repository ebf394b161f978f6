// The loader of this machine is asked which subfolders it tries; polyton has to try the same.

#include "../support/check.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/level.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2"

// The first line that holds all of these words, in @p line; false if there is none, or no such program.
static bool find_line(const char *command, const char *word, const char *other, char *line, int size)
{
	FILE *stream = popen(command, "r");
	bool is_found = false;
	while (stream && !is_found && fgets(line, size, stream))
		is_found = strstr(line, word) && strstr(line, other);
	if (stream)
		pclose(stream);
	return is_found;
}

static const struct arch *x86_64(void)
{
	return arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void test_levels(void **state)
{
	(void)state;
	static const char *const names[] = { "x86-64-v4", "x86-64-v3", "x86-64-v2" };
	const char *levels[ARCH_LEVELS_MAX];
	char line[256];
	if (!find_line(LOADER " --help 2>/dev/null", "x86-64-v2", "", line, sizeof(line)))
		skip(); // before 2.33, or another machine
	arch_levels(x86_64(), levels);
	unsigned count = 0;
	for (size_t i = 0; i < count_of(names); i++) {
		if (!find_line(LOADER " --help 2>/dev/null", names[i], "searched)", line, sizeof(line)))
			continue;
		assert_non_null(levels[count]);
		assert_string_equal(levels[count++], names[i]);
	}
	assert_null(levels[count]);
}

static void test_platform(void **state)
{
	(void)state;
	char line[256], wanted[256];
	if (!find_line(LOADER " --list-diagnostics 2>/dev/null", "dl_platform=", "", line, sizeof(line)))
		skip();
	snprintf(wanted, sizeof(wanted), "dl_platform=\"%s\"\n", arch_platform(x86_64()));
	assert_string_equal(line, wanted);
}

// Its legacy subfolders are listed up to 2.36.
static void test_old_hwcap(void **state)
{
	(void)state;
	char line[256];
	const char *help = LOADER " --help 2>/dev/null";
	if (!find_line(help, "Legacy HWCAP", "", line, sizeof(line)))
		skip();
	bool is_searched = find_line(help, "avx512_1", "searched)", line, sizeof(line));
	assert_string_equal(arch_old_hwcap(x86_64()), is_searched ? "avx512_1" : "");
}

static void test_other_machines(void **state)
{
	(void)state;
	const struct arch *arm = arch_find(EM_AARCH64, ELFCLASS64, ELFDATA2LSB);
	const char *levels[ARCH_LEVELS_MAX];
	assert_non_null(arm);
	arch_levels(arm, levels);
	assert_null(levels[0]);
#if defined(__x86_64__)
	assert_string_equal(arch_platform(arm), "");
	assert_string_equal(arch_old_hwcap(arm), "");
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_platform),
		cmocka_unit_test(test_old_hwcap),
		cmocka_unit_test(test_other_machines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

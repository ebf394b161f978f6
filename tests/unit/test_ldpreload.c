// The names in /etc/ld.so.preload, as ld.so takes them.

#include "../support/check.h"

#include <stdio.h>

#include "../support/tree.h"
#include "link/ldpreload.h"

static void check(const char *content, const char *wanted)
{
	char said[1024] = "";
	struct arena arena = { 0 };
	struct ldpreload preload;
	struct tree tree = tree_create();
	if (content)
		tree_write_text(&tree, "etc/ld.so.preload", content);
	assert_fine(ldpreload_read(tree.fd, &arena, &preload));
	for (size_t i = 0; i < preload.count; i++) {
		size_t used = strlen(said);
		snprintf(said + used, sizeof(said) - used, "%s[%s]", i ? " " : "", preload.names[i]);
	}
	assert_string_equal(said, wanted);
	arena_deinit(&arena);
	tree_remove(&tree);
}

static void test_names(void **state)
{
	(void)state;
	check(NULL, "");
	check("", "");
	check("\n\n :\t", "");
	check("a", "[a]");
	check("liba.so /lib/libb.so\n", "[liba.so] [/lib/libb.so]");
	check(":a::b:\tc\n", "[a] [b] [c]");
}

static void test_comments(void **state)
{
	(void)state;
	check("# all", "");
	check("#\n#\n", "");
	check("a # b\nc#d e\n", "[a] [c]");
	check("a\n# last", "[a]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_comments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// What ldconfig would read, as ldconfig reads it.

#include "../support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../support/tree.h"
#include "link/ldconf.h"

static void check(const struct tree *tree, const char *wanted)
{
	char said[1024] = "";
	struct ldconf conf = { 0 };
	assert_fine(ldconf_read(tree->fd, &conf));
	for (size_t i = 0; i < conf.folders.count; i++) {
		size_t used = strlen(said);
		snprintf(said + used, sizeof(said) - used, "%s%s", i ? ":" : "", conf.folders.items[i]);
	}
	ldconf_deinit(&conf);
	assert_string_equal(said, wanted);
}

static void test_lines(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	check(&tree, "");
	tree_write_text(&tree, "etc/ld.so.conf",
			"/a\n  /b/  # why\n#/c\n\n\t/d///\nrelative\nhwcap 0 nosegneg\n/e=libc6\n/f\r\n/g h\n/a\n/i/ "
			"= libc6\n/");
	check(&tree, "/a:/b:/d:/e:/f:/g h:/a:/i:/");
	tree_write_text(&tree, "etc/ld.so.conf", "/last");
	check(&tree, "/last");
	tree_remove(&tree);
}

static void test_includes(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	tree_write_text(
		&tree, "etc/ld.so.conf",
		"/first\ninclude ld.so.conf.d/*.conf\ninclude\t/opt/x.conf nowhere.conf\nincluded /no\n/end\n");
	tree_write_text(&tree, "etc/ld.so.conf.d/b.conf", "/b\ninclude deeper/*\n");
	tree_write_text(&tree, "etc/ld.so.conf.d/a.conf", "/a\n");
	tree_write_text(&tree, "etc/ld.so.conf.d/a.conf~", "/backup\n");
	tree_write_text(&tree, "etc/ld.so.conf.d/.c.conf", "/hidden\n");
	tree_write_text(&tree, "etc/ld.so.conf.d/deeper/1", "/deep\n");
	tree_write_text(&tree, "opt/x.conf", "/x\n");
	tree_make_folder(&tree, "etc/ld.so.conf.d/d.conf");
	check(&tree, "/first:/a:/b:/deep:/x:/end");
	tree_remove(&tree);
}

// Whatever includes whatever.
static void test_circles(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	tree_write_text(&tree, "etc/ld.so.conf", "/a\ninclude ld.so.conf ld.so.conf ld.so.conf ld.so.conf\n/b\n");
	struct ldconf conf = { 0 };
	assert_fine(ldconf_read(tree.fd, &conf));
	assert_true(conf.folders.count >= 1);
	assert_string_equal(conf.folders.items[0], "/a");
	ldconf_deinit(&conf);
	tree_remove(&tree);
}

static void test_nothing_leads_out(void **state)
{
	(void)state;
	struct tree tree = tree_create(), other = tree_create();
	char target[128];
	tree_write_text(&other, "outside.conf", "/outside\n");
	snprintf(target, sizeof(target), "%s/outside.conf", other.path);
	tree_link(&tree, "etc/ld.so.conf", target);
	check(&tree, "");
	unlinkat(tree.fd, "etc/ld.so.conf", 0);
	tree_write_text(&tree, "etc/real", "/inside\n");
	tree_link(&tree, "etc/ld.so.conf", "/etc/real");
	check(&tree, "/inside");
	tree_remove(&tree);
	tree_remove(&other);
}

static void test_files(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	size_t size = 0;
	tree_write_text(&tree, "x", "12345");
	char *bytes = ldconf_read_file(tree.fd, "/x", 5, &size);
	assert_non_null(bytes);
	assert_int_equal(size, 5);
	assert_string_equal(bytes, "12345");
	free(bytes);
	errno = 0;
	assert_null(ldconf_read_file(tree.fd, "/x", 4, &size));
	assert_int_equal(errno, EFBIG);
	assert_null(ldconf_read_file(tree.fd, "/y", 4, &size));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkfifoat(tree.fd, "fifo", 0644), 0);
	assert_null(ldconf_read_file(tree.fd, "/fifo", 4, &size));
	assert_null(ldconf_read_file(tree.fd, "/", 4, &size));
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),   cmocka_unit_test(test_includes),
		cmocka_unit_test(test_circles), cmocka_unit_test(test_nothing_leads_out),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

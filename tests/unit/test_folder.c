// What a folder has, whatever else it has; opened files are found below the root only.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../support/tree.h"
#include "target/folder.h"
#include "target/root.h"

static void put(const struct tree *tree, const char *path)
{
	tree_write_text(tree, path, "\177ELF and more");
}

static void check(const struct tree *tree, const char *folder, const char *wanted, const char *unread)
{
	char said[1024] = "", not_said[1024] = "";
	struct folder_files files;
	assert_fine(folder_search(tree->fd, folder, &files));
	for (size_t i = 0; i < files.paths.count; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said), " %s", files.paths.items[i]);
	for (size_t i = 0; i < files.unread.count; i++)
		snprintf(not_said + strlen(not_said), sizeof(not_said) - strlen(not_said), " %s",
			 files.unread.items[i]);
	assert_string_equal(said, wanted);
	assert_string_equal(not_said, unread);
	assert_false(files.is_cut);
	folder_files_deinit(&files);
}

static void test_in_the_order_of_bytes(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	static const char *const names[] = { "b", "a/b", "a", "B", "a-", ".h", "a.so", "c/c/c/c" };
	for (size_t i = count_of(names); i-- > 0;) {
		char path[64];
		snprintf(path, sizeof(path), "lib/%s%s", names[i], i == 2 ? "x" : "");
		put(&tree, path);
	}
	tree_write_text(&tree, "lib/text", "#!/bin/sh");
	tree_write_text(&tree, "lib/short", "\177EL");
	tree_write_text(&tree, "lib/empty", "");
	put(&tree, "other");
	check(&tree, "/lib",
	      " /lib/.h /lib/B /lib/a-"
	      " /lib/a.so /lib/a/b /lib/ax /lib/b /lib/c/c/c/c",
	      "");
	check(&tree, "/lib/c//", " /lib/c/c/c/c", "");
	check(&tree, "/nowhere", "", " /nowhere");
	check(&tree, "/other", "", " /other");
	tree_remove(&tree);
}

static void test_links(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	put(&tree, "lib/real");
	put(&tree, "outside/one");
	put(&tree, "outside/two");
	tree_link(&tree, "lib/a", "real");
	tree_link(&tree, "lib/z", "a");
	tree_link(&tree, "lib/loop", "loop");
	tree_link(&tree, "lib/up", "..");
	tree_link(&tree, "lib/one", "../outside/one");
	tree_link(&tree, "lib/two.b", "/outside/two");
	tree_link(&tree, "lib/two.a", "/outside/two");
	tree_link(&tree, "lib/gone", "/proc/self/exe"); // there, but not below this root
	assert_int_equal(linkat(tree.fd, "lib/real", tree.fd, "lib/hard", 0), 0);
	check(&tree, "/lib", " /lib/hard /lib/one /lib/two.a", "");
	check(&tree, "/lib/up", " /lib/up/lib/hard /lib/up/outside/one /lib/up/outside/two", "");
	tree_remove(&tree);
}

static void test_no_files(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	put(&tree, "lib/this");
	assert_int_equal(mkfifoat(tree.fd, "lib/fifo", 0644), 0);
	tree_link(&tree, "lib/link", "fifo");
	check(&tree, "/lib", " /lib/this", "");
	assert_false(root_is_regular(tree.fd, "/lib/fifo"));
	assert_false(root_is_regular(tree.fd, "/lib"));
	assert_true(root_is_regular(tree.fd, "/lib/this"));
	assert_true(root_open(tree.fd, "/lib/fifo") < 0);
	assert_true(root_open(tree.fd, "/lib") < 0);
	tree_remove(&tree);
}

static void test_depth(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	char path[1024] = "lib", unread[1100];
	put(&tree, "lib/this");
	for (int i = 0; i < 63; i++)
		strcat(path, "/d");
	strcat(path, "/x");
	put(&tree, path);
	snprintf(unread, sizeof(unread), " /lib/%s /lib/this", path + 4);
	check(&tree, "/lib", unread, "");
	path[strlen(path) - 2] = '\0';
	strcat(path, "/e/x");
	put(&tree, path);
	snprintf(unread, sizeof(unread), " /%.*s", (int)strlen(path) - 2, path);
	struct folder_files files;
	assert_fine(folder_search(tree.fd, "/lib", &files));
	assert_int_equal(files.paths.count, 2);
	assert_int_equal(files.unread.count, 1);
	assert_string_equal(files.unread.items[0], unread + 1);
	folder_files_deinit(&files);
	tree_remove(&tree);
}

static void test_real_path(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	put(&tree, "app/program");
	tree_link(&tree, "bin/relative", "../app/program");
	tree_link(&tree, "bin/absolute", "/app/program");
	tree_link(&tree, "bin/out", "/bin/sh");
	static const char *const rows[][2] = { { "/bin/relative", "/app/program" },
					       { "/bin/absolute", "/app/program" },
					       { "/app/program", "/app/program" },
					       { "/app/../app/program", "/app/program" },
					       { "/../../app/program", "/app/program" } };
	for (size_t i = 0; i < count_of(rows); i++) {
		char *path = root_real_path(tree.fd, rows[i][0]);
		assert_non_null(path);
		assert_string_equal(path, rows[i][1]);
		free(path);
	}
	assert_null(root_real_path(tree.fd, "/bin/out"));
	assert_null(root_real_path(tree.fd, "/nowhere"));
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_the_order_of_bytes),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_real_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

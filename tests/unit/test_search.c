// Which places are tried, in which order, in a tree that is "/". Files need not be ELF: whoever asks decides.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/cache_writer.h"
#include "../support/tree.h"
#include "arch/level.h"
#include "link/search.h"
#include "target/root.h"

/** A question, and the places that were offered for it. */
struct asked {
	const struct tree *tree;
	char said[2048];
	const char *take; ///< The first place with that in it is taken.
};

static bool try_place(void *arg, const struct search_place *place)
{
	struct asked *asked = arg;
	size_t used = strlen(asked->said);
	// Only what is there: folders without the file are of no interest here.
	if (!place->is_outside && !root_is_regular(asked->tree->fd, place->path))
		return false;
	snprintf(asked->said + used, sizeof(asked->said) - used, "%s%s%s", used ? " " : "",
		 place->is_outside ? "outside:" : "", place->path);
	return asked->take && strstr(place->path, asked->take);
}

static struct search_options plain(const struct tree *tree)
{
	return (struct search_options){ .root = tree->fd,
					.arch = arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB),
					.ldso = { .folders = { "/lib", "/usr/lib" }, .folder_count = 2, .lib = "lib" },
					.working_folder = "/work",
					.has_sysroot = true };
}

static void check(const struct search_options *options, const struct tree *tree, const struct search_object *object,
		  const struct search_object *program, const char *name, const char *wanted)
{
	struct search *search;
	const char *complaint;
	struct asked asked = { .tree = tree };
	bool is_found;
	assert_fine(search_create(options, &search, &complaint));
	assert_null(complaint);
	assert_fine(search_library(search, object, program, name, try_place, &asked, &is_found));
	assert_false(is_found);
	assert_string_equal(asked.said, wanted);
	// The same again, now that it knows which folders are not there; and that where all look there is none.
	asked.said[0] = '\0';
	assert_fine(search_library(search, object, program, name, try_place, &asked, &is_found));
	assert_memory_equal(asked.said, wanted, strlen(asked.said));
	if (!object->has_no_default && !strchr(name, '/') && !options->ldso.is_musl)
		assert_null(strstr(asked.said, "/usr/lib/"));
	search_destroy(search);
	// It ends where a place is taken.
	assert_fine(search_create(options, &search, &complaint));
	asked.said[0] = '\0';
	asked.take = "/";
	assert_fine(search_library(search, object, program, name, try_place, &asked, &is_found));
	assert_int_equal(is_found, wanted[0] != '\0');
	assert_memory_equal(asked.said, wanted, strlen(asked.said));
	assert_null(strchr(asked.said, ' '));
	search_destroy(search);
}

static void put(const struct tree *tree, const char *paths)
{
	char *copy = strdup(paths), *state = NULL;
	for (char *path = strtok_r(copy, " ", &state); path; path = strtok_r(NULL, " ", &state))
		tree_write_text(tree, path + 1, "x");
	free(copy);
}

static const struct search_object program = { .place = { "/app/bin/program", false }, .rpath = "/program" };

static void test_order(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	options.library_path = "/path:/path2";
	put(&tree, "/rpath/x /brought/x /program/x /path/x /path2/x /runpath/x /conf/x /lib/x /usr/lib/x");
	tree_write_text(&tree, "etc/ld.so.conf", "/conf\n");
	const struct search_object loader = { .place = { "/l", false }, .rpath = "/brought", .loader = &program };
	struct search_object object = { .place = { "/o", false }, .rpath = "/rpath", .loader = &loader };
	check(&options, &tree, &object, &program, "x",
	      "/rpath/x /brought/x /program/x /path/x /path2/x /conf/x /lib/x /usr/lib/x");
	// Of who has a DT_RUNPATH, too, the DT_RPATH is nobody's; the program's, neither.
	const struct search_object modern = { .place = { "/l", false },
					      .rpath = "/brought",
					      .runpath = "",
					      .loader = &program };
	const struct search_object modern_program = { .place = { "/p", false }, .rpath = "/program", .runpath = "" };
	object.loader = &modern;
	check(&options, &tree, &object, &program, "x",
	      "/rpath/x /program/x /path/x /path2/x /conf/x /lib/x /usr/lib/x");
	object.loader = NULL;
	check(&options, &tree, &object, &modern_program, "x", "/rpath/x /path/x /path2/x /conf/x /lib/x /usr/lib/x");
	// The program's is asked even if it has not brought the object, and once if it has.
	object.loader = NULL;
	check(&options, &tree, &object, &program, "x",
	      "/rpath/x /program/x /path/x /path2/x /conf/x /lib/x /usr/lib/x");
	object.runpath = "/runpath";
	check(&options, &tree, &object, &program, "x", "/path/x /path2/x /runpath/x /conf/x /lib/x /usr/lib/x");
	object.runpath = "";
	check(&options, &tree, &object, &program, "x", "/path/x /path2/x /conf/x /lib/x /usr/lib/x");
	object.has_no_default = true;
	check(&options, &tree, &object, NULL, "x", "/path/x /path2/x /conf/x");
	check(&options, &tree, &object, NULL, "y", "");
	tree_remove(&tree);
}

static void test_names_with_a_slash(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	put(&tree, "/app/bin/x /app/lib/x /lib/x");
	check(&options, &tree, &program, &program, "/app/lib/x", "/app/lib/x");
	check(&options, &tree, &program, &program, "$ORIGIN/x", "/app/bin/x");
	check(&options, &tree, &program, &program, "${ORIGIN}/../lib/x", "/app/bin/../lib/x");
	check(&options, &tree, &program, &program, "some/x", "outside:/work/some/x");
	// A name that goes on, or does not end, is none.
	check(&options, &tree, &program, &program, "$ORIGINx/x", "outside:/work/$ORIGINx/x");
	check(&options, &tree, &program, &program, "$ORIGIN_/x", "outside:/work/$ORIGIN_/x");
	check(&options, &tree, &program, &program, "$ORIGIN1/x", "outside:/work/$ORIGIN1/x");
	check(&options, &tree, &program, &program, "${ORIGIN/x", "outside:/work/${ORIGIN/x");
	check(&options, &tree, &program, &program, "${ORIGINx}/x", "outside:/work/${ORIGINx}/x");
	check(&options, &tree, &program, &program, "$/x", "outside:/work/$/x");
	options.has_sysroot = false;
	check(&options, &tree, &program, &program, "some/x", "");
	tree_remove(&tree);
}

static void test_cache(void **state)
{
	(void)state;
	static const struct cache_entry_spec entries[] = {
		{ "x", "/opt/v9/x", "x86-64-v9", 0x303, 0 },
		{ "x", "/opt/x", NULL, 0x303, 0 },
		{ "x", "/conf/x", NULL, 0x303, 0 },
		{ "w", "relative/x", NULL, 0x303, 0 },
		{ "v", "/lib/below/v", NULL, 0x303, 0 },
		{ "u", "/libs/u", NULL, 0x303, 0 },
		{ 0 },
	};
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	struct cache_bytes cache = cache_write(CACHE_NEW, entries);
	tree_write(&tree, "etc/ld.so.cache", cache.bytes, cache.size);
	tree_write_text(&tree, "etc/ld.so.conf", "/conf\n");
	put(&tree, "/opt/v9/x /opt/x /conf/x /lib/x /usr/lib/x /relative/x /lib/below/v /libs/u");
	struct search_object object = { .place = { "/o", false }, .rpath = "" };
	// With a cache the folders that it was made of do not matter; of several entries one is tried.
	check(&options, &tree, &object, NULL, "x", "/opt/x /lib/x /usr/lib/x");
	check(&options, &tree, &object, NULL, "v", "/lib/below/v");
	check(&options, &tree, &object, NULL, "w", "");
	object.has_no_default = true;
	check(&options, &tree, &object, NULL, "x", "/opt/x");
	check(&options, &tree, &object, NULL, "u", "/libs/u");
	check(&options, &tree, &object, NULL, "v", "");
	tree_remove(&tree);
	free(cache.bytes);
}

static void test_damaged_cache(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	struct search *search;
	const char *complaint;
	tree_write_text(&tree, "etc/ld.so.cache", "nothing");
	assert_fine(search_create(&options, &search, &complaint));
	assert_non_null(complaint);
	assert_non_null(strstr(complaint, "/etc/ld.so.cache"));
	search_destroy(search);
	tree_remove(&tree);
}

static void test_subfolders(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	const char *levels[ARCH_LEVELS_MAX], *platform = arch_platform(options.arch);
	char wanted[1024] = "", path[256];
	arch_levels(options.arch, levels);
	for (unsigned i = 0; levels[i]; i++) {
		snprintf(path, sizeof(path), "/d/glibc-hwcaps/%s/x", levels[i]);
		put(&tree, path);
		snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s ", path);
	}
	put(&tree, "/d/glibc-hwcaps/other/x /d/tls/x /d/x86_64/x /d/x");
	const struct search_object object = { .place = { "/o", false }, .runpath = "/d" };
	size_t length = strlen(wanted);
	strcat(wanted, "/d/x");
	check(&options, &tree, &object, NULL, "x", wanted);
	options.ldso.has_old_hwcaps = true;
	// With another name of the processor there are other combinations; the loader itself is asked by other tests.
	if (strcmp(platform, "x86_64") == 0) {
		strcpy(wanted + length, "/d/tls/x /d/x86_64/x /d/x86_64/x /d/x");
		check(&options, &tree, &object, NULL, "x", wanted);
	}
	tree_remove(&tree);
}

static void test_musl(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	options.ldso.is_musl = true;
	options.library_path = "/path::";
	put(&tree, "/runpath/x /program/x /path/x /lib/x /usr/lib/x /own/x /conf/x");
	tree_write_text(&tree, "etc/ld.so.conf", "/conf\n");
	const struct search_object object = { .place = { "/o", false },
					      .rpath = "/rpath",
					      .runpath = "/runpath",
					      .loader = &program };
	check(&options, &tree, &object, &program, "x", "/path/x /runpath/x /program/x /lib/x /usr/lib/x");
	tree_write_text(&tree, "etc/ld-musl-x86_64.path", "/own\n/nowhere:/lib\n");
	check(&options, &tree, &object, &program, "x", "/path/x /runpath/x /program/x /own/x /lib/x");
	tree_remove(&tree);
}

static void test_outside_of_the_root(void **state)
{
	(void)state;
	struct tree tree = tree_create();
	struct search_options options = plain(&tree);
	const struct search_object object = { .place = { "/tmp/build/o", true }, .runpath = "$ORIGIN:/d:relative:" };
	put(&tree, "/d/x /tmp/build/x");
	options.working_folder = "/tmp";
	// Where it is, in the inspector's file system, the file need not be: only the folder.
	check(&options, &tree, &object, NULL, "x", "/d/x outside:/tmp/x");
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_names_with_a_slash),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_damaged_cache),
		cmocka_unit_test(test_subfolders),
		cmocka_unit_test(test_musl),
		cmocka_unit_test(test_outside_of_the_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Debug files in folders of their own: those of the inspector's side and, through the open function, the subject's.

#include "../support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../support/elf_writer.h"
#include "elf/debugfile.h"

static const uint8_t right_id[20] = { 0xab, 0xcd, 1, 2, 3 }, wrong_id[20] = { 0xab, 0xcd, 9, 9, 9 };
static const char id_path[] = "/.build-id/ab/cd010203000000000000000000000000000000.debug";
static const struct elf_symbol_spec all[] = {
	{ "hidden", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1 },
	{ 0 },
};

struct side {
	char root[64]; ///< The subject's file system, and the folder of --debug-dir in it.
	char debug_dir[128];
	const char *debug_dirs[2];
	struct elf_debug_search search;
};

static int open_in_root(void *arg, const char *path)
{
	const struct side *side = arg;
	char full[4096];
	snprintf(full, sizeof(full), "%s%s", side->root, path);
	return open(full, O_RDONLY | O_CLOEXEC);
}

static int set_up(void **state)
{
	struct side *side = calloc(1, sizeof(*side));
	strcpy(side->root, "/tmp/polyton-test-XXXXXX");
	if (!mkdtemp(side->root))
		return -1;
	snprintf(side->debug_dir, sizeof(side->debug_dir), "%s/own", side->root);
	side->debug_dirs[0] = side->debug_dir;
	side->search = (struct elf_debug_search){ side->debug_dirs, open_in_root, side };
	*state = side;
	return 0;
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *at)
{
	(void)facts, (void)type, (void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct side *side = *state;
	int result = nftw(side->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(side);
	return result;
}

static void store(const char *root, const char *path, const void *bytes, size_t size)
{
	char full[4096];
	int length = snprintf(full, sizeof(full), "%s%s", root, path);
	for (int i = 1; i < length; i++) {
		if (full[i] != '/')
			continue;
		full[i] = '\0';
		mkdir(full, 0755);
		full[i] = '/';
	}
	int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static uint32_t store_debug_file(const char *root, const char *path, const uint8_t *id)
{
	const struct elf_spec spec = { .build_id = id, .build_id_size = id ? 20 : 0, .symbols = all };
	struct elf_bytes bytes = elf_write(&spec);
	store(root, path, bytes.bytes, bytes.size);
	uint32_t crc = (uint32_t)crc32_z(0, bytes.bytes, bytes.size);
	elf_bytes_deinit(&bytes);
	return crc;
}

/** Look for the debug file of a stripped object at /opt/lib/libx.so. */
static bool is_found(const struct side *side, const uint8_t *id, const char *link, uint32_t crc)
{
	const struct elf_spec spec = { .build_id = id,
				       .build_id_size = id ? 20 : 0,
				       .debug_link = link,
				       .debug_link_crc = crc };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file, *found = NULL;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(debugfile_find(file, "/opt/lib/libx.so", &side->search, &found));
	if (found) {
		struct elf_symbols symbols;
		assert_fine(elf_symbols_full(found, &symbols));
		assert_string_equal(elf_symbol_name(&symbols, &symbols.entries[1]), "hidden");
	}
	elf_file_close(found);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
	return found;
}

static void test_none(void **state)
{
	const struct side *side = *state;
	assert_false(is_found(side, right_id, "libx.debug", 0));
	assert_false(is_found(side, NULL, NULL, 0));
}

static void test_by_build_id_on_either_side(void **state)
{
	const struct side *side = *state;
	store_debug_file(side->debug_dir, id_path, right_id);
	assert_true(is_found(side, right_id, NULL, 0));
	struct side other = *side;
	other.search.debug_dirs = NULL;
	other.search.arg = &other;
	assert_false(is_found(&other, right_id, NULL, 0));
	char system_path[256];
	snprintf(system_path, sizeof(system_path), "/usr/lib/debug%s", id_path);
	store_debug_file(side->root, system_path, right_id);
	assert_true(is_found(&other, right_id, NULL, 0));
	other.search.open = NULL;
	assert_false(is_found(&other, right_id, NULL, 0));
}

static void test_file_of_another_build_is_not_taken(void **state)
{
	const struct side *side = *state;
	store_debug_file(side->debug_dir, id_path, wrong_id);
	assert_false(is_found(side, right_id, NULL, 0));
	// Nor one without an id, nor by a name that the link gives.
	store_debug_file(side->debug_dir, id_path, NULL);
	uint32_t crc = store_debug_file(side->root, "/opt/lib/libx.debug", wrong_id);
	assert_false(is_found(side, right_id, "libx.debug", crc));
}

static void test_by_debug_link_in_every_place(void **state)
{
	const struct side *side = *state;
	static const char *const places[] = { "/opt/lib/libx.debug", "/opt/lib/.debug/libx.debug", "/own/libx.debug",
					      "/usr/lib/debug/opt/lib/libx.debug" };
	for (size_t i = 0; i < count_of(places); i++) {
		char full[4096];
		store_debug_file(side->root, places[i], right_id);
		assert_true(is_found(side, right_id, "libx.debug", 0));
		snprintf(full, sizeof(full), "%s%s", side->root, places[i]);
		remove(full);
		assert_false(is_found(side, right_id, "libx.debug", 0));
	}
}

static void test_without_a_build_id_the_crc_decides(void **state)
{
	const struct side *side = *state;
	uint32_t crc = store_debug_file(side->root, "/opt/lib/libx.debug", NULL);
	assert_true(is_found(side, NULL, "libx.debug", crc));
	assert_false(is_found(side, NULL, "libx.debug", crc + 1));
}

static void test_link_that_leads_elsewhere_is_ignored(void **state)
{
	const struct side *side = *state;
	store(side->root, "/opt/lib/there", "", 0);
	uint32_t crc = store_debug_file(side->root, "/opt/secret", NULL);
	assert_false(is_found(side, NULL, "../secret", crc));
	assert_false(is_found(side, NULL, "/opt/secret", crc));
	assert_false(is_found(side, NULL, "", crc));
	// An object is not its own debug file.
	crc = store_debug_file(side->root, "/opt/lib/libx.so", NULL);
	assert_false(is_found(side, NULL, "libx.so", crc));
}

static void test_damaged_candidate_does_not_hide_a_good_one(void **state)
{
	const struct side *side = *state;
	store(side->debug_dir, id_path, "no debug file", 13);
	store_debug_file(side->root, "/opt/lib/libx.debug", right_id);
	const struct elf_spec spec = { .build_id = right_id, .build_id_size = 20, .debug_link = "libx.debug" };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file, *extra;
	struct elf_symbols symbols;
	enum polyton_symbol_source source;
	const char *complaint;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_symbols_find(file, "/opt/lib/libx.so", &side->search, &symbols, &source, &extra, &complaint));
	assert_int_equal(source, POLYTON_SYMBOLS_DEBUG_FILE);
	assert_int_equal(symbols.count, 2);
	elf_file_close(file);
	elf_file_close(extra);
	elf_bytes_deinit(&bytes);
}

static void test_damage_is_told_when_nothing_better_is_there(void **state)
{
	const struct side *side = *state;
	store(side->debug_dir, id_path, "no debug file", 13);
	const struct elf_spec spec = { .build_id = right_id, .build_id_size = 20 };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file, *extra;
	struct elf_symbols symbols;
	enum polyton_symbol_source source;
	const char *complaint;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_symbols_find(file, "/opt/lib/libx.so", &side->search, &symbols, &source, &extra, &complaint));
	assert_int_equal(source, POLYTON_SYMBOLS_NONE);
	assert_null(extra);
	assert_non_null(complaint);
	assert_non_null(strstr(complaint, "is not an ELF file"));
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
}

static void test_fifo_in_a_debug_folder_does_not_block(void **state)
{
	const struct side *side = *state;
	char full[4096];
	store(side->debug_dir, id_path, "", 0);
	snprintf(full, sizeof(full), "%s%s", side->debug_dir, id_path);
	remove(full);
	assert_int_equal(mkfifo(full, 0644), 0);
	assert_false(is_found(side, right_id, NULL, 0));
}

/** Look for the common file of a debug file at @p from. */
static bool is_common_found(const struct side *side, const char *from, const char *name, const uint8_t *id)
{
	const struct elf_common_wanted common = { from, name, id, 20 };
	int fd = debugfile_open_common(&common, &side->search);
	if (fd < 0)
		return false;
	struct elf_file *file;
	assert_fine(elf_file_open(fd, "common", &file));
	assert_int_equal(file->build_id_size, 20);
	assert_memory_equal(file->build_id, id, 20);
	elf_file_close(file);
	close(fd);
	return true;
}

static void store_common_file(const char *root, const char *path, const uint8_t *id)
{
	const struct elf_spec spec = { .build_id = id,
				       .build_id_size = 20,
				       .extra_name = ".debug_info",
				       .extra = "x",
				       .extra_size = 1 };
	struct elf_bytes bytes = elf_write(&spec);
	store(root, path, bytes.bytes, bytes.size);
	elf_bytes_deinit(&bytes);
}

static void test_common_file_in_every_place(void **state)
{
	const struct side *side = *state;
	char own[256];
	store(side->debug_dir, "/.build-id/11/22.debug", "", 0);
	store(side->root, "/opt/lib/x.debug", "", 0);
	snprintf(own, sizeof(own), "%s/.build-id/11/22.debug", side->debug_dir);
	const struct {
		const char *place, *from, *name; // the place in the subject's root; the folder of --debug-dir is /own
	} cases[] = {
		{ "/own/.build-id/ab/cd010203000000000000000000000000000000.debug", "/opt/x.debug", "/nowhere" },
		{ "/usr/lib/debug/.build-id/ab/cd010203000000000000000000000000000000.debug", "/opt/x.debug", "x" },
		{ "/opt/.dwz/common", "/opt/lib/x.debug", "../.dwz/common" },
		{ "/opt/.dwz/common", "/elsewhere/x.debug", "/opt/.dwz/common" },
		{ "/own/.dwz/common", own, "../../.dwz/common" },
		{ "/own/.dwz/common", "/opt/x.debug", "/usr/lib/debug/.dwz/common" },
		{ "/own/.dwz/common", "/usr/lib/debug/opt/x.debug", "../.dwz/common" },
		{ "/own/opt/.dwz/common", "/elsewhere/x.debug", "/opt/.dwz/common" },
		{ "/own/opt/.dwz/common", "/opt/lib/x.debug", ".././/.dwz/common" },
		{ "/own/common", "/x.debug", "../../../common" },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		char full[4096];
		store_common_file(side->root, cases[i].place, right_id);
		assert_true(is_common_found(side, cases[i].from, cases[i].name, right_id));
		assert_false(is_common_found(side, cases[i].from, cases[i].name, wrong_id));
		snprintf(full, sizeof(full), "%s%s", side->root, cases[i].place);
		remove(full);
		assert_false(is_common_found(side, cases[i].from, cases[i].name, right_id));
	}
}

// Its debug file is found by a link in .build-id, and the common one from where that leads.
static void test_common_file_beside_what_a_link_leads_to(void **state)
{
	const struct side *side = *state;
	char from[256];
	store(side->debug_dir, "/usr/bin/x.debug", "", 0);
	store_common_file(side->debug_dir, "/.dwz/common", right_id);
	store(side->debug_dir, "/.build-id/11/none", "", 0);
	snprintf(from, sizeof(from), "%s/.build-id/11/22.debug", side->debug_dir);
	assert_int_equal(symlink("../../usr/bin/x.debug", from), 0);
	assert_true(is_common_found(side, from, "../../.dwz/common", right_id));
	assert_false(is_common_found(side, from, "../../../.dwz/common", right_id));
}

static void test_no_way_out_of_a_debug_folder(void **state)
{
	const struct side *side = *state;
	struct side other = *side;
	char from[256];
	other.search.open = NULL;
	store_common_file(side->root, "/outside", right_id);
	snprintf(from, sizeof(from), "%s/lib/x.debug", side->debug_dir);
	store(side->debug_dir, "/lib/x.debug", "", 0);
	assert_false(is_common_found(&other, from, "../../outside", right_id));
	assert_false(is_common_found(&other, "/x.debug", "../outside", right_id));
	snprintf(from, sizeof(from), "%s/outside", side->root);
	assert_false(is_common_found(&other, "/x.debug", from, right_id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_by_build_id_on_either_side, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file_of_another_build_is_not_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_by_debug_link_in_every_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_a_build_id_the_crc_decides, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_link_that_leads_elsewhere_is_ignored, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_candidate_does_not_hide_a_good_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage_is_told_when_nothing_better_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_common_file_in_every_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_common_file_beside_what_a_link_leads_to, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_way_out_of_a_debug_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fifo_in_a_debug_folder_does_not_block, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

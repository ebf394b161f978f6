// The scanner over this program's own debug info: its variables know where they are.

#include "../support/check.h"

#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include "dwarf/scan.h"
#include "elf/file.h"

static volatile int scanned_static = 3;
static __thread volatile int scanned_tls = 4;

static int note_bias(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(uint64_t *)arg = info->dlpi_addr;
	return 1;
}

static void take(struct elf_file *file, const char *name, const uint8_t **ret, size_t *size_ret)
{
	const struct elf_section *section = elf_file_section(file, name);
	if (section)
		assert_fine(elf_file_section_bytes(file, section, ret, size_ret));
}

static void test_own_program(void **state)
{
	(void)state;
	static volatile short scanned_inside = 5;
	struct elf_file *file;
	struct dwarf_sections sections = { 0 };
	dwarf_found_list found_list;
	bool has_variables;
	const char *complaint;
	uint64_t bias = 0;
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_fine(elf_file_open(fd, "/proc/self/exe", &file));
	take(file, ".debug_info", &sections.info, &sections.info_size);
	take(file, ".debug_abbrev", &sections.abbrev, &sections.abbrev_size);
	take(file, ".debug_str", &sections.str, &sections.str_size);
	take(file, ".debug_line_str", &sections.line_str, &sections.line_str_size);
	take(file, ".debug_addr", &sections.addr, &sections.addr_size);
	take(file, ".debug_str_offsets", &sections.str_offsets, &sections.str_offsets_size);
	if (!sections.info_size) {
		elf_file_close(file);
		skip();
	}
	dl_iterate_phdr(note_bias, &bias);
	scanned_tls += scanned_static + scanned_inside;
	const uint64_t places[] = { (uint64_t)(uintptr_t)&scanned_static - bias,
				    (uint64_t)(uintptr_t)&scanned_inside - bias };
	int seen_static = 0, seen_inside = 0, seen_tls = 0;
	assert_fine(dwarf_scan(&sections, NULL, &found_list, &has_variables, &complaint));
	assert_null(complaint);
	assert_true(has_variables);
	for (size_t i = 0; i < found_list.count; i++) {
		const struct dwarf_found *found = &found_list.items[i];
		const char *name = found->name ? found->name : "";
		bool is_here = found->place == DWARF_PLACE_ADDRESS;
		seen_static += is_here && found->value == places[0] && strcmp(name, "scanned_static") == 0;
		seen_inside += is_here && found->value == places[1] && strcmp(name, "scanned_inside") == 0;
		seen_tls += strcmp(name, "scanned_tls") == 0;
	}
	assert_int_equal(seen_static, 1);
	assert_int_equal(seen_inside, 1);
	assert_int_equal(seen_tls, 1);
	vec_deinit(&found_list);
	elf_file_close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

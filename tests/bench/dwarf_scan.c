// How long it takes to find all variables in the debug info of a file, over and over again in one process, so that what
// is measured is the scan and not the page cache. With --list: what was found, for comparison with other readers.
//
// usage: dwarf_scan [--list] [--runs N] FILE [ALTERNATE | EXECUTABLE]
// A second file is dwz's alternate one, or, when FILE is a .dwo or .dwp, the executable it belongs to.

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dwarf/scan.h"
#include "elf/file.h"

static void must(struct polyton_error *error)
{
	if (!error)
		return;
	fprintf(stderr, "dwarf_scan: %s\n", polyton_error_message(error));
	exit(3);
}

static struct elf_file *open_file(const char *path)
{
	struct elf_file *file;
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		exit(3);
	}
	must(elf_file_open(fd, path, &file));
	return file;
}

static void take_section(struct elf_file *file, const char *name, bool is_split, const uint8_t **ret,
			 size_t *size_ret)
{
	char full[64];
	snprintf(full, sizeof(full), "%s%s", name, is_split ? ".dwo" : "");
	const struct elf_section *section = elf_file_section(file, full);
	if (section)
		must(elf_file_section_bytes(file, section, ret, size_ret));
}

static struct dwarf_sections sections_of(struct elf_file *file)
{
	struct dwarf_sections ret = { 0 };
	ret.is_split = elf_file_section(file, ".debug_info.dwo") != NULL;
	take_section(file, ".debug_info", ret.is_split, &ret.info, &ret.info_size);
	take_section(file, ".debug_abbrev", ret.is_split, &ret.abbrev, &ret.abbrev_size);
	take_section(file, ".debug_str", ret.is_split, &ret.str, &ret.str_size);
	take_section(file, ".debug_str_offsets", ret.is_split, &ret.str_offsets, &ret.str_offsets_size);
	take_section(file, ".debug_line_str", false, &ret.line_str, &ret.line_str_size);
	take_section(file, ".debug_addr", false, &ret.addr, &ret.addr_size);
	take_section(file, ".debug_cu_index", false, &ret.index, &ret.index_size);
	return ret;
}

static void list(const dwarf_found_list *found)
{
	static const char
		places[] = { [DWARF_PLACE_ADDRESS] = 'a', [DWARF_PLACE_TLS] = 't', [DWARF_PLACE_NONE] = '-' };
	for (size_t i = 0; i < found->count; i++) {
		const struct dwarf_found *one = &found->items[i];
		printf("0x%08" PRIx64 " %c 0x%" PRIx64 " %s %s%s\n", one->die, places[one->place], one->value,
		       one->is_linkage_name ? "linkage" : "plain", one->name ? one->name : "?",
		       one->is_dead_unit ? " (dead unit)" : "");
	}
}

static double now_ms(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// Only what is in memory already is timed.
static void touch(const uint8_t *bytes, size_t size)
{
	static volatile uint8_t sink;
	for (size_t i = 0; i < size; i += 4096)
		sink = bytes[i];
	(void)sink;
}

static int compare(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;
	return (a > b) - (a < b);
}

// Sections of the second file that the first one's variables are looked up in; what it imports.
static void connect(struct dwarf_sections *sections, struct dwarf_sections *beside, dwarf_skeleton_list *skeletons,
		    dwarf_offset_list *imports)
{
	const char *complaint;
	if (sections->is_split) {
		must(dwarf_scan_skeletons(beside, skeletons, &complaint));
		sections->addr = beside->addr;
		sections->addr_size = beside->addr_size;
		sections->skeletons = skeletons->items;
		sections->skeleton_count = skeletons->count;
	} else {
		sections->alternate_str = beside->str;
		sections->alternate_str_size = beside->str_size;
		must(dwarf_scan_imports(sections, beside, imports, &complaint));
	}
}

static void measure(const struct dwarf_sections *sections, int runs, dwarf_found_list *found)
{
	enum { MOST_RUNS = 1000 };
	static double times[MOST_RUNS];
	bool has_variables = false;
	const char *complaint;

	runs = runs < 1 ? 1 : runs > MOST_RUNS ? MOST_RUNS : runs;
	for (int run = 0; run < runs; run++) {
		vec_deinit(found);
		double start = now_ms();
		must(dwarf_scan(sections, NULL, found, &has_variables, &complaint));
		times[run] = now_ms() - start;
	}
	qsort(times, (size_t)runs, sizeof(*times), compare);
	double median = times[runs / 2];
	printf("%.1f MB of .debug_info, %zu variables, %s: %.2f ms (%.2f to %.2f), %.2f GB/s\n",
	       (double)sections->info_size / 1e6, found->count, has_variables ? "typed" : "line tables only", median,
	       times[0], times[runs - 1], (double)sections->info_size / median / 1e6);
}

int main(int argc, char **argv)
{
	bool is_listed = false, has_variables;
	int runs = 9, at = 1;
	const char *complaint = NULL;
	dwarf_skeleton_list skeletons = { 0 };
	dwarf_offset_list imports = { 0 };
	dwarf_found_list found = { 0 };

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--list") == 0)
			is_listed = true;
		else if (strcmp(argv[at], "--runs") == 0 && at + 1 < argc)
			runs = atoi(argv[++at]);
	}
	if (at >= argc) {
		fprintf(stderr, "usage: dwarf_scan [--list] [--runs N] FILE [ALTERNATE | EXECUTABLE]\n");
		return 2;
	}
	struct elf_file *file = open_file(argv[at]), *other = at + 1 < argc ? open_file(argv[at + 1]) : NULL;
	struct dwarf_sections sections = sections_of(file), beside = { 0 };
	if (other) {
		beside = sections_of(other);
		connect(&sections, &beside, &skeletons, &imports);
	}
	if (is_listed) {
		must(dwarf_scan(&sections, NULL, &found, &has_variables, &complaint));
		list(&found);
		for (size_t i = 0; i < imports.count; i++)
			printf("import 0x%" PRIx64 "\n", imports.items[i]);
	} else {
		touch(sections.info, sections.info_size);
		measure(&sections, runs, &found);
	}
	if (complaint)
		fprintf(stderr, "dwarf_scan: %s: %s\n", argv[at], complaint);
	vec_deinit(&found);
	vec_deinit(&skeletons);
	vec_deinit(&imports);
	elf_file_close(other);
	elf_file_close(file);
	return 0;
}

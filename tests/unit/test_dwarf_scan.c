// The scanner over debug info that is written here byte by byte, in all versions, sizes and byte orders, whole and
// damaged. (tests/dwarf/check_scan.py compares it with other readers over what compilers write.)

#include "../support/check.h"

#include <stdlib.h>

#include "../support/dwarf_writer.h"
#include "dwarf/scan.h"

struct outcome {
	dwarf_found_list found;
	bool has_variables;
	const char *complaint;
};

static void prepare_nothing(void *unused)
{
	(void)unused;
}

/// What two threads find is what one does.
static void assert_shared(const struct dwarf_sections *sections, const struct outcome *alone)
{
	static struct second second;
	struct outcome shared = { 0 };
	if (!second.is_there)
		second_start(&second, prepare_nothing);
	assert_true(second.is_there);
	assert_fine(dwarf_scan(sections, &second, &shared.found, &shared.has_variables, &shared.complaint));
	assert_int_equal(shared.found.count, alone->found.count);
	for (size_t i = 0; i < alone->found.count; i++)
		assert_memory_equal(&shared.found.items[i], &alone->found.items[i], sizeof(alone->found.items[i]));
	assert_int_equal(shared.has_variables, alone->has_variables);
	assert_ptr_equal(shared.complaint, alone->complaint);
	vec_deinit(&shared.found);
}

static struct outcome scan(const struct dwarf_sections *sections)
{
	struct outcome ret = { 0 };
	assert_fine(dwarf_scan(sections, NULL, &ret.found, &ret.has_variables, &ret.complaint));
	assert_shared(sections, &ret);
	return ret;
}

static void assert_found(const struct outcome *outcome, const struct dwarf_expected *expected, size_t count)
{
	assert_null(outcome->complaint);
	assert_int_equal(outcome->found.count, count);
	for (size_t i = 0; i < count; i++) {
		const struct dwarf_found *found = &outcome->found.items[i];
		assert_int_equal(found->die, expected[i].die);
		assert_non_null(found->name);
		assert_string_equal(found->name, expected[i].name);
		assert_int_equal(found->is_linkage_name, expected[i].is_linkage_name);
		assert_int_equal(found->place, expected[i].place);
		assert_int_equal(found->value, expected[i].value);
		assert_false(found->is_dead_unit);
	}
}

static void test_every_format(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 4 * 8; which++) {
		struct dwarf_writer writer = { .format = { .version = (uint8_t)(2 + which / 8),
							   .offset_size = which & 1 ? 8 : 4,
							   .address_size = which & 2 ? 8 : 4,
							   .is_big_endian = which & 4 } };
		struct dwarf_expected expected[DWARF_SAMPLE_MAX];
		// The second one has its own abbreviations, and its references are relative to it.
		(void)dwarf_write_sample(&writer, expected);
		size_t count = dwarf_write_sample(&writer, expected), second = writer.unit;
		struct dwarf_sections sections = dwarf_written(&writer);
		struct outcome all = scan(&sections), later = all;
		assert_int_equal(all.found.count, 2 * count);
		later.found.items += count;
		later.found.count = count;
		assert_found(&later, expected, count);
		assert_int_equal(later.found.items[0].unit, second);
		assert_int_equal(all.found.items[0].unit, 0);
		assert_true(all.has_variables);
		vec_deinit(&all.found);
	}
}

static struct dwarf_writer sample_writer(uint8_t version)
{
	return (struct dwarf_writer){ .format = { .version = version, .offset_size = 4, .address_size = 8 } };
}

// Longer than what the end of a unit is treated with care for, and nested in all ways.
static void test_long_unit(void **state)
{
	(void)state;
	struct dwarf_writer writer = sample_writer(4);
	enum { ROOT = 1, FUNCTION, TYPE, STATIC, UNPLACED };
	dwarf_write_abbrev(&writer, ROOT, 0x11, true, 0u);
	dwarf_write_abbrev(&writer, FUNCTION, 0x2e, true, 0x3au, 0x0bu, 0u);
	dwarf_write_abbrev(&writer, TYPE, 0x13, true, 0x3au, 0x06u, 0u);
	dwarf_write_abbrev(&writer, STATIC, 0x34, false, 0x03u, FORM_STRING, 0x02u, FORM_EXPRLOC, 0u);
	dwarf_write_abbrev(&writer, UNPLACED, 0x34, false, 0x03u, FORM_STRING, 0u);
	dwarf_put_leb(&writer.abbrev, 0);
	dwarf_begin_unit(&writer, 0, 0);
	dwarf_put_leb(&writer.info, ROOT);
	for (uint64_t i = 0; i < 100; i++) {
		dwarf_put_leb(&writer.info, TYPE);
		dwarf_put(&writer, &writer.info, 0, 4);
		dwarf_put_leb(&writer.info, FUNCTION);
		dwarf_put(&writer, &writer.info, 0, 1);
		for (int depth = 0; depth < 3; depth++) {
			dwarf_put_leb(&writer.info, TYPE);
			dwarf_put(&writer, &writer.info, 0x01010101, 4);
		}
		dwarf_put_leb(&writer.info, STATIC);
		dwarf_put_string(&writer.info, "in");
		dwarf_write_address(&writer, i);
		dwarf_put_leb(&writer.info, UNPLACED);
		dwarf_put_string(&writer.info, "gone");
		dwarf_put(&writer, &writer.info, 0, 5);
		dwarf_put_leb(&writer.info, UNPLACED);
		dwarf_put_string(&writer.info, "out");
	}
	dwarf_put_leb(&writer.info, 0);
	dwarf_end_unit(&writer);
	struct dwarf_sections sections = dwarf_written(&writer);
	struct outcome outcome = scan(&sections);
	assert_null(outcome.complaint);
	assert_int_equal(outcome.found.count, 200);
	for (size_t i = 0; i < outcome.found.count; i++) {
		const struct dwarf_found *found = &outcome.found.items[i];
		assert_string_equal(found->name, i % 2 ? "out" : "in");
		assert_int_equal(found->place, i % 2 ? DWARF_PLACE_NONE : DWARF_PLACE_ADDRESS);
		assert_int_equal(found->value, i % 2 ? 0 : i / 2);
	}
	vec_deinit(&outcome.found);
}

// Each section in a block of exactly its size, so that one byte too far is seen.
static struct outcome scan_exactly(const struct dwarf_sections *sections)
{
	struct dwarf_sections exact = *sections;
	const uint8_t **places[] = { &exact.info, &exact.abbrev,      &exact.str,  &exact.line_str,
				     &exact.addr, &exact.str_offsets, &exact.index };
	const size_t sizes[] = { exact.info_size, exact.abbrev_size,      exact.str_size,  exact.line_str_size,
				 exact.addr_size, exact.str_offsets_size, exact.index_size };
	uint8_t *copies[count_of(places)];
	for (size_t i = 0; i < count_of(places); i++) {
		copies[i] = malloc(sizes[i] ? sizes[i] : 1);
		assert_non_null(copies[i]);
		if (sizes[i])
			memcpy(copies[i], *places[i], sizes[i]);
		*places[i] = copies[i];
	}
	struct outcome ret = scan(&exact);
	size_t letters = 0;
	for (size_t i = 0; i < ret.found.count; i++)
		letters += ret.found.items[i].name ? strlen(ret.found.items[i].name) : 0;
	assert_true(letters <= ret.found.count * DWARF_WRITER_MAX);
	for (size_t i = 0; i < count_of(places); i++)
		free(copies[i]);
	return ret;
}

static void test_cut_everywhere(void **state)
{
	(void)state;
	for (uint8_t version = 2; version <= 5; version++) {
		struct dwarf_writer writer = sample_writer(version);
		struct dwarf_expected expected[DWARF_SAMPLE_MAX];
		size_t count = dwarf_write_sample(&writer, expected);
		const struct dwarf_sections whole = dwarf_written(&writer);
		size_t *const sizes[] = { &writer.info.size,     &writer.abbrev.size, &writer.str.size,
					  &writer.line_str.size, &writer.addr.size,   &writer.str_offsets.size };
		for (size_t section = 0; section < count_of(sizes); section++) {
			size_t full = *sizes[section];
			for (size_t size = 0; size < full; size++) {
				*sizes[section] = size;
				struct dwarf_sections sections = dwarf_written(&writer);
				struct outcome outcome = scan_exactly(&sections);
				assert_true(outcome.found.count <= count);
				// The header's length is wrong, or what is used is missing.
				if (section == 0)
					assert_true(outcome.complaint || size == 0);
				if (section == 1 && size < full - 1)
					assert_non_null(outcome.complaint);
				vec_deinit(&outcome.found);
			}
			*sizes[section] = full;
		}
		assert_int_equal(whole.info_size, writer.info.size);
	}
}

static void test_no_attributes_at_all(void **state)
{
	enum { ROOT = 1, STATIC };
	(void)state;
	struct dwarf_writer writer = sample_writer(4);
	dwarf_write_abbrev(&writer, ROOT, 0x11, true, 0u);
	dwarf_write_abbrev(&writer, STATIC, 0x34, false, 0u);
	dwarf_put_leb(&writer.abbrev, 0);
	dwarf_begin_unit(&writer, 0, 0);
	dwarf_put_leb(&writer.info, ROOT);
	dwarf_put_leb(&writer.info, STATIC);
	dwarf_put_leb(&writer.info, 0);
	dwarf_end_unit(&writer);
	struct dwarf_sections sections = dwarf_written(&writer);
	struct outcome outcome = scan(&sections);
	assert_found(&outcome, NULL, 0);
	vec_deinit(&outcome.found);
}

// A unit that says itself that it is shorter than what is in it: all but what is cut is read, and that is said.
static void test_short_unit(void **state)
{
	(void)state;
	enum { ROOT = 1, TYPE, STATIC, COUNT = 100, LENGTH_SIZE = 4 };
	for (uint64_t code = TYPE; code <= STATIC; code++) {
		struct dwarf_writer writer = sample_writer(4);
		dwarf_write_abbrev(&writer, ROOT, 0x11, true, 0u);
		dwarf_write_abbrev(&writer, TYPE, 0x13, true, 0x3au, 0x07u, 0u);
		dwarf_write_abbrev(&writer, STATIC, 0x34, false, 0x02u, FORM_EXPRLOC, 0x3au, 0x07u, 0u);
		dwarf_put_leb(&writer.abbrev, 0);
		dwarf_begin_unit(&writer, 0, 0);
		dwarf_put_leb(&writer.info, ROOT);
		size_t start = writer.info.size;
		for (int i = 0; i < COUNT; i++) {
			dwarf_put_leb(&writer.info, code);
			if (code == STATIC)
				dwarf_write_address(&writer, 0x2000);
			dwarf_put(&writer, &writer.info, 0, 8);
		}
		size_t step = (writer.info.size - start) / COUNT;
		for (size_t size = writer.info.size; size >= start; size--) {
			writer.info.size = 0;
			dwarf_put(&writer, &writer.info, size - LENGTH_SIZE, LENGTH_SIZE);
			writer.info.size = size;
			struct dwarf_sections sections = dwarf_written(&writer);
			struct outcome outcome = scan_exactly(&sections);
			assert_int_equal(outcome.complaint != NULL, (size - start) % step != 0);
			assert_int_equal(outcome.found.count, code == STATIC ? (size - start) / step : 0);
			vec_deinit(&outcome.found);
		}
	}
}

static void test_every_byte_changed(void **state)
{
	(void)state;
	static const uint8_t changes[] = { 0x01, 0x80, 0xff, 0x7f, 0x16 };
	for (uint8_t version = 2; version <= 5; version++) {
		struct dwarf_writer writer = sample_writer(version);
		struct dwarf_expected expected[DWARF_SAMPLE_MAX];
		(void)dwarf_write_sample(&writer, expected);
		struct dwarf_bytes *const parts[] = { &writer.info, &writer.abbrev, &writer.str_offsets };
		for (size_t part = 0; part < count_of(parts); part++) {
			for (size_t at = 0; at < parts[part]->size; at++) {
				for (size_t change = 0; change < count_of(changes); change++) {
					uint8_t before = parts[part]->bytes[at];
					parts[part]->bytes[at] ^= changes[change];
					struct dwarf_sections sections = dwarf_written(&writer);
					struct outcome outcome = scan_exactly(&sections);
					assert_true(outcome.found.count < writer.info.size);
					vec_deinit(&outcome.found);
					parts[part]->bytes[at] = before;
				}
			}
		}
	}
}

// What is damaged is skipped, and said; the units around it are read.
static void test_damaged_unit_between(void **state)
{
	(void)state;
	struct dwarf_writer writer = sample_writer(4);
	struct dwarf_expected expected[DWARF_SAMPLE_MAX], last[DWARF_SAMPLE_MAX];
	size_t count = dwarf_write_sample(&writer, expected);
	(void)dwarf_write_sample(&writer, last);
	size_t damaged = last[1].die;
	(void)dwarf_write_sample(&writer, last);
	writer.info.bytes[damaged] = 0x7e;
	struct dwarf_sections sections = dwarf_written(&writer);
	struct outcome outcome = scan(&sections);
	assert_non_null(outcome.complaint);
	assert_non_null(strstr(outcome.complaint, "damaged"));
	assert_int_equal(outcome.found.count, count + 1 + count);
	assert_int_equal(outcome.found.items[count + 1].die, last[0].die);
	vec_deinit(&outcome.found);

	// A version from the future, and one that never was.
	writer.info.bytes[damaged] = 3;
	for (uint8_t version = 0; version < 8; version++) {
		writer.info.bytes[4] = version;
		outcome = scan(&sections);
		bool is_known = version >= 2 && version <= 5;
		assert_true(outcome.found.count >= 2 * count);
		assert_int_equal(outcome.complaint == NULL, version >= 2 && version <= 4);
		assert_true(is_known || outcome.found.count == 2 * count);
		vec_deinit(&outcome.found);
	}
}

// Units that each name another place in one long table ask for a quadratic amount of work.
static void test_overlapping_tables(void **state)
{
	(void)state;
	enum { UNITS = 300 };
	struct dwarf_writer writer = sample_writer(4);
	// From 128 on, so that all have the same size.
	for (uint64_t code = 128; writer.abbrev.size < DWARF_WRITER_MAX - 16; code++)
		dwarf_write_abbrev(&writer, code, 0x11, false, 0x03u, FORM_STRING, 0u);
	dwarf_put_leb(&writer.abbrev, 0);
	for (size_t i = 0; i < UNITS; i++) {
		writer.abbrev_offset = 8 * i;
		dwarf_begin_unit(&writer, 0, 0);
		dwarf_put_leb(&writer.info, 128 + i);
		dwarf_put_string(&writer.info, "unit");
		dwarf_end_unit(&writer);
	}
	struct dwarf_sections sections = dwarf_written(&writer);
	struct outcome outcome = scan(&sections);
	assert_non_null(outcome.complaint);
	assert_non_null(strstr(outcome.complaint, ".debug_abbrev"));
	vec_deinit(&outcome.found);
}

// Attributes that take no space: a DIE of one byte with a hundred thousand of them is not worth reading.
static void test_too_many_attributes(void **state)
{
	(void)state;
	for (size_t count = 250; count < 260; count++) {
		struct dwarf_writer writer = sample_writer(4);
		dwarf_write_abbrev(&writer, 1, 0x11, true, 0u);
		dwarf_write_abbrev(&writer, 2, 0x34, false, 0x03u, FORM_STRING, 0u);
		writer.abbrev.size -= 2;
		for (size_t i = 1; i < count; i++) {
			dwarf_put_leb(&writer.abbrev, 0x3f);
			dwarf_put_leb(&writer.abbrev, 0x19);
		}
		dwarf_put(&writer, &writer.abbrev, 0, 3);
		dwarf_begin_unit(&writer, 0, 0);
		dwarf_put_leb(&writer.info, 1);
		dwarf_put_leb(&writer.info, 2);
		dwarf_put_string(&writer.info, "x");
		dwarf_put_leb(&writer.info, 0);
		dwarf_end_unit(&writer);
		struct dwarf_sections sections = dwarf_written(&writer);
		struct outcome outcome = scan(&sections);
		assert_int_equal(outcome.found.count, count <= 255);
		assert_int_equal(outcome.complaint != NULL, count > 255);
		vec_deinit(&outcome.found);
	}
}

static void test_left_out(void **state)
{
	(void)state;
	struct dwarf_writer writer = sample_writer(4);
	dwarf_write_abbrev(&writer, 1, 0x11, true, 0x11u, FORM_ADDR, 0x12u, 0x06u, 0u);
	dwarf_write_abbrev(&writer, 2, 0x34, false, 0x03u, FORM_STRING, 0x02u, FORM_EXPRLOC, 0u);
	dwarf_put_leb(&writer.abbrev, 0);
	static const uint64_t low[] = { 0x1000, 0, UINT64_MAX, 0x1000 },
			      address[] = { 0x2000, 0, 0x2000, UINT64_MAX - 1 };
	for (size_t i = 0; i < count_of(low); i++) {
		dwarf_begin_unit(&writer, 0, 0);
		dwarf_put_leb(&writer.info, 1);
		dwarf_put(&writer, &writer.info, low[i], 8);
		dwarf_put(&writer, &writer.info, 0x20, 4);
		dwarf_put_leb(&writer.info, 2);
		dwarf_put_string(&writer.info, "x");
		dwarf_write_address(&writer, address[i]);
		dwarf_put_leb(&writer.info, 0);
		dwarf_end_unit(&writer);
	}
	struct dwarf_sections sections = dwarf_written(&writer);
	struct outcome outcome = scan(&sections);
	assert_int_equal(outcome.found.count, count_of(low));
	for (size_t i = 0; i < count_of(low); i++) {
		assert_int_equal(outcome.found.items[i].is_dead_unit, i == 1 || i == 2);
		assert_int_equal(dwarf_place_is_doubtful(&outcome.found.items[i]), i != 0);
	}
	vec_deinit(&outcome.found);
}

static void test_line_tables_only(void **state)
{
	(void)state;
	struct dwarf_writer writer = sample_writer(5);
	dwarf_write_abbrev(&writer, 1, 0x11, true, 0x03u, FORM_STRING, 0u);
	dwarf_write_abbrev(&writer, 2, 0x2e, false, 0x03u, FORM_STRING, 0u);
	dwarf_put_leb(&writer.abbrev, 0);
	dwarf_begin_unit(&writer, 1, 0);
	dwarf_put_leb(&writer.info, 1);
	dwarf_put_string(&writer.info, "x.c");
	dwarf_put_leb(&writer.info, 2);
	dwarf_put_string(&writer.info, "function");
	dwarf_put_leb(&writer.info, 0);
	dwarf_end_unit(&writer);
	struct dwarf_sections sections = dwarf_written(&writer), nothing = { 0 };
	struct outcome outcome = scan(&sections);
	assert_null(outcome.complaint);
	assert_false(outcome.has_variables);
	assert_int_equal(outcome.found.count, 0);
	outcome = scan(&nothing);
	assert_null(outcome.complaint);
	assert_false(outcome.has_variables);
}

// A unit in a .dwo: a variable whose address and name are the first ones of its parts.
static void write_split_unit(struct dwarf_writer *writer, uint64_t id)
{
	writer->abbrev_offset = writer->abbrev.size;
	dwarf_write_abbrev(writer, 1, 0x11, true, 0u);
	dwarf_write_abbrev(writer, 2, 0x34, false, 0x03u, 0x25u, 0x02u, FORM_EXPRLOC, 0u);
	dwarf_put_leb(&writer->abbrev, 0);
	dwarf_begin_unit(writer, 5, id);
	dwarf_put_leb(&writer->info, 1);
	dwarf_put_leb(&writer->info, 2);
	dwarf_put(writer, &writer->info, 0, 1);
	dwarf_write_location(writer, (const uint8_t[]){ 0xa1, 0 }, 2);
	dwarf_put_leb(&writer->info, 0);
	dwarf_end_unit(writer);
}

enum { SPLIT_UNITS = 3 };

static void write_index(struct dwarf_writer *package, const size_t *units, const size_t *abbrevs,
			const size_t *strings)
{
	static const uint32_t columns[] = { 1, 3, 6 };
	struct dwarf_bytes *index = &package->index;
	dwarf_put(package, index, 5, 4);
	dwarf_put(package, index, count_of(columns), 4);
	dwarf_put(package, index, SPLIT_UNITS, 4);
	dwarf_put(package, index, 4, 4);
	dwarf_put(package, index, 0, 4 * 12);
	for (size_t i = 0; i < count_of(columns); i++)
		dwarf_put(package, index, columns[i], 4);
	for (size_t row = SPLIT_UNITS; row-- > 0;) {
		dwarf_put(package, index, units[row], 4);
		dwarf_put(package, index, abbrevs[row], 4);
		dwarf_put(package, index, strings[row], 4);
	}
	for (size_t row = SPLIT_UNITS; row-- > 0;) {
		dwarf_put(package, index, units[row + 1] - units[row], 4);
		dwarf_put(package, index, 0, 8);
	}
}

static void write_executable(struct dwarf_writer *writer)
{
	dwarf_write_abbrev(writer, 1, 0x4a, false, 0x73u, 0x17u, 0u);
	dwarf_put_leb(&writer->abbrev, 0);
	for (uint64_t i = 0; i < SPLIT_UNITS; i++) {
		dwarf_put(writer, &writer->addr, 0, 8);
		dwarf_begin_unit(writer, 4, 900 - i);
		dwarf_put_leb(&writer->info, 1);
		dwarf_put(writer, &writer->info, writer->addr.size, 4);
		dwarf_end_unit(writer);
		dwarf_put(writer, &writer->addr, 0x4000 + i, 8);
	}
}

static void write_package(struct dwarf_writer *package, const char *const names[SPLIT_UNITS])
{
	size_t units[SPLIT_UNITS + 1], abbrevs[SPLIT_UNITS], strings[SPLIT_UNITS];

	for (size_t i = 0; i < SPLIT_UNITS; i++) {
		units[i] = package->info.size;
		abbrevs[i] = package->abbrev.size;
		strings[i] = package->str_offsets.size;
		dwarf_put(package, &package->str_offsets, 0, 8);
		dwarf_put(package, &package->str_offsets, dwarf_put_string(&package->str, names[i]), 4);
		write_split_unit(package, 900 - i);
		// As tools that make packages do: the offset in the header stays what it was in the .dwo.
		memset(package->info.bytes + units[i] + 8, 0, 4);
	}
	units[SPLIT_UNITS] = package->info.size;
	write_index(package, units, abbrevs, strings);
	// Not listed: a unit of types, in a package that a tool made.
	write_split_unit(package, 900);
}

static void test_package(void **state)
{
	(void)state;
	static const char *const names[SPLIT_UNITS] = { "zero", "one", "two" };
	struct dwarf_writer executable = sample_writer(5), package = sample_writer(5);
	dwarf_skeleton_list skeletons;
	const char *complaint;

	write_executable(&executable);
	struct dwarf_sections sections = dwarf_written(&executable);
	assert_fine(dwarf_scan_skeletons(&sections, &skeletons, &complaint));
	assert_null(complaint);
	assert_int_equal(skeletons.count, SPLIT_UNITS);
	assert_int_equal(skeletons.items[0].id, 898);
	assert_int_equal(skeletons.items[2].unit, 0);

	write_package(&package, names);
	sections = dwarf_written(&package);
	sections.is_split = true;
	sections.addr = executable.addr.bytes;
	sections.addr_size = executable.addr.size;
	sections.skeletons = skeletons.items;
	sections.skeleton_count = skeletons.count;
	struct outcome outcome = scan(&sections);
	assert_null(outcome.complaint);
	assert_int_equal(outcome.found.count, SPLIT_UNITS);
	for (size_t i = 0; i < SPLIT_UNITS; i++) {
		assert_string_equal(outcome.found.items[i].name, names[i]);
		assert_int_equal(outcome.found.items[i].place, DWARF_PLACE_ADDRESS);
		assert_int_equal(outcome.found.items[i].value, 0x4000 + i);
	}
	vec_deinit(&outcome.found);

	// Whose skeleton is not there keeps its name.
	sections.skeleton_count = 1;
	outcome = scan(&sections);
	assert_int_equal(outcome.found.count, SPLIT_UNITS);
	assert_int_equal(outcome.found.items[0].place, DWARF_PLACE_NONE);
	assert_string_equal(outcome.found.items[0].name, "zero");
	assert_int_equal(outcome.found.items[2].value, 0x4002);
	vec_deinit(&outcome.found);

	for (sections.index_size = 1; sections.index_size < package.index.size; sections.index_size++) {
		outcome = scan_exactly(&sections);
		assert_non_null(outcome.complaint);
		assert_int_equal(outcome.found.count, 0);
		vec_deinit(&outcome.found);
	}
	vec_deinit(&skeletons);
}

// Units 0 to 5 of an alternate file, each importing the next but one, the last two in a circle.
static void test_imports(void **state)
{
	(void)state;
	enum { UNITS = 6 };
	struct dwarf_writer alternate = sample_writer(4), file = sample_writer(4);
	size_t units[UNITS], first[UNITS];
	dwarf_offset_list imports;
	const char *complaint;
	dwarf_write_abbrev(&alternate, 1, 0x3c, true, 0u);
	dwarf_write_abbrev(&alternate, 2, 0x3d, false, 0x18u, FORM_REF_ADDR, 0u);
	dwarf_put_leb(&alternate.abbrev, 0);
	for (size_t i = 0; i < UNITS; i++) {
		units[i] = alternate.info.size;
		first[i] = units[i] + 11;
		dwarf_begin_unit(&alternate, 0, 0);
		assert_int_equal(alternate.info.size, first[i]);
		dwarf_put_leb(&alternate.info, 1);
		dwarf_put_leb(&alternate.info, 2);
		dwarf_put(&alternate, &alternate.info, (i + 2 < UNITS ? i + 2 : UNITS - 2 + i % 2) * 18 + 11, 4);
		dwarf_put_leb(&alternate.info, 0);
		dwarf_end_unit(&alternate);
	}
	assert_int_equal(units[1], 18);
	dwarf_write_abbrev(&file, 1, 0x11, true, 0u);
	dwarf_write_abbrev(&file, 2, 0x3d, false, 0x18u, FORM_GNU_REF_ALT, 0u);
	dwarf_put_leb(&file.abbrev, 0);
	dwarf_begin_unit(&file, 0, 0);
	dwarf_put_leb(&file.info, 1);
	dwarf_put_leb(&file.info, 2);
	dwarf_put(&file, &file.info, first[1], 4);
	dwarf_put_leb(&file.info, 2);
	dwarf_put(&file, &file.info, 0x100000, 4);
	dwarf_put_leb(&file.info, 0);
	dwarf_end_unit(&file);
	struct dwarf_sections sections = dwarf_written(&file), other = dwarf_written(&alternate);
	assert_fine(dwarf_scan_imports(&sections, &other, &imports, &complaint));
	assert_null(complaint);
	assert_int_equal(imports.count, 3);
	for (size_t i = 0; i < imports.count; i++)
		assert_int_equal(imports.items[i], units[1 + 2 * i]);
	vec_deinit(&imports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format),
		cmocka_unit_test(test_long_unit),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_no_attributes_at_all),
		cmocka_unit_test(test_short_unit),
		cmocka_unit_test(test_every_byte_changed),
		cmocka_unit_test(test_damaged_unit_between),
		cmocka_unit_test(test_overlapping_tables),
		cmocka_unit_test(test_too_many_attributes),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_line_tables_only),
		cmocka_unit_test(test_package),
		cmocka_unit_test(test_imports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

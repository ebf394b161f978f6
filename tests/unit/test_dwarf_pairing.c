// Which DIE speaks for which variable: by place and name together, and above all not by a place that is nobody's.

#include "../support/check.h"

#include "dwarf/pairing.h"

#define TLS DWARF_PLACE_TLS
#define ADDRESS DWARF_PLACE_ADDRESS
#define NONE DWARF_PLACE_NONE

static const char context[] = "_ZN5tokio7context7CONTEXT3VAL17h0123456789abcdefE";
static const char dtors[] = "_ZN3std5DTORS3VAL17hfedcba9876543210E";

// The candidates of one variable, given what was found.
static struct pairing_list pair_one(const struct dwarf_asked *asked, const struct dwarf_found *items, size_t count)
{
	struct pairing pairing;
	const struct dwarf_question question = { .variables = asked, .variable_count = 1 };
	dwarf_found_list found = { (struct dwarf_found *)items, count, count };
	assert_fine(pairing_init(&question, &pairing));
	pairing_add(&pairing, 0, &found, NULL);
	pairing_settle(&pairing);
	struct pairing_list list = pairing.lists[0];
	pairing_deinit(&pairing);
	return list;
}

static struct dwarf_found found(uint64_t die, enum dwarf_place place, uint64_t value, const char *name)
{
	bool is_linkage_name = name && name[0] == '_' && name[1] == 'Z';
	return (struct dwarf_found){ .die = die,
				     .value = value,
				     .name = name,
				     .place = place,
				     .is_linkage_name = is_linkage_name };
}

static void expect(const struct dwarf_asked *asked, const struct dwarf_found *item, enum pairing_evidence evidence)
{
	struct pairing_list list = pair_one(asked, item, 1);
	assert_int_equal(list.count, evidence != PAIRING_NONE);
	if (list.count)
		assert_int_equal(list.items[0].evidence, evidence);
}

static void test_evidence(void **state)
{
	(void)state;
	const struct {
		struct dwarf_asked asked;
		struct dwarf_found found;
		enum pairing_evidence evidence;
	} cases[] = {
		{ { POLYTON_KIND_STATIC, 0x4000, 4, "counter" },
		  found(1, ADDRESS, 0x4000, "counter"),
		  PAIRING_BY_BOTH },
		{ { POLYTON_KIND_STATIC, 0x4000, 4, "counter" }, found(1, ADDRESS, 0x4000, NULL), PAIRING_BY_PLACE },
		{ { POLYTON_KIND_STATIC, 0x4000, 4, "__func__.1" }, found(1, ADDRESS, 0x4000, "x"), PAIRING_BY_PLACE },
		{ { POLYTON_KIND_STATIC, 0x4000, 4, "counter" }, found(1, ADDRESS, 0x4008, "counter"), PAIRING_NONE },
		{ { POLYTON_KIND_STATIC, 0x40, 4, "counter" }, found(1, TLS, 0x40, "counter"), PAIRING_NONE },
		{ { POLYTON_KIND_TLS, 0x40, 4, "slot" }, found(1, ADDRESS, 0x40, "slot"), PAIRING_NONE },
		{ { POLYTON_KIND_TLS, 0x40, 4, "slot@@V1" }, found(1, TLS, 0x40, "slot"), PAIRING_BY_BOTH },
		{ { POLYTON_KIND_TLS, 0x20, 104, context },
		  found(1, TLS, 0x20, context),
		  PAIRING_BY_PLACE_AND_LINKAGE },
		// What compilers append or put before.
		{ { POLYTON_KIND_TLS, 0, 4, "counter.3" }, found(1, TLS, 0, "counter"), PAIRING_BY_BOTH },
		{ { POLYTON_KIND_TLS, 0, 4, "f.counter" }, found(1, TLS, 0, "counter"), PAIRING_BY_BOTH },
		{ { POLYTON_KIND_TLS, 0, 4, "f.counter.7" }, found(1, TLS, 0, "counter"), PAIRING_BY_BOTH },
		{ { POLYTON_KIND_TLS, 0, 4, "f.recounter" }, found(1, TLS, 0, "counter"), PAIRING_NONE },
		{ { POLYTON_KIND_TLS, 0, 4, "_ZN12_GLOBAL__N_14slotE" }, found(1, TLS, 0, "slot"), PAIRING_BY_BOTH },
		{ { POLYTON_KIND_TLS, 0, 4, "_ZN12_GLOBAL__N_114slotE" }, found(1, TLS, 0, "slot"), PAIRING_NONE },
		{ { POLYTON_KIND_TLS, 0, 4, "_RNvC1x3_1ab" }, found(1, TLS, 0, "1ab"), PAIRING_BY_BOTH },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		struct pairing_list list = pair_one(&cases[i].asked, &cases[i].found, 1);
		enum pairing_evidence got = list.count ? list.items[0].evidence : PAIRING_NONE;
		if (got != cases[i].evidence)
			print_error("case %zu\n", i);
		assert_int_equal(got, cases[i].evidence);
	}
}

// What the linker left out is described at offset 0, where std's own variable is: "VAL" is part of both names.
static void test_ghosts(void **state)
{
	(void)state;
	const struct dwarf_asked at_zero = { POLYTON_KIND_TLS, 0, 32, dtors };
	const struct dwarf_found ghosts[] = { found(1, TLS, 0, context), found(2, TLS, 0, NULL) };
	assert_int_equal(pair_one(&at_zero, ghosts, count_of(ghosts)).count, 0);
	// The true one is at the same place and is told by its name.
	const struct dwarf_asked true_one = { POLYTON_KIND_TLS, 0, 104, context };
	struct pairing_list list = pair_one(&true_one, ghosts, count_of(ghosts));
	assert_true(list.count >= 1);
	assert_int_equal(list.items[0].die, 1);
	assert_int_equal(list.items[0].evidence, PAIRING_BY_PLACE_AND_LINKAGE);

	// Address 0 and the highest ones are nobody's.
	const struct dwarf_asked zero = { POLYTON_KIND_STATIC, 0, 4, "x" };
	struct dwarf_found ghost = found(1, ADDRESS, 0, "x");
	expect(&zero, &ghost, PAIRING_NONE);
	const struct dwarf_asked top = { POLYTON_KIND_STATIC, UINT64_MAX, 4, "x" };
	ghost = found(1, ADDRESS, UINT64_MAX, "y");
	expect(&top, &ghost, PAIRING_NONE);
	// A unit that was left out as a whole proves nothing by its places either.
	const struct dwarf_asked low = { POLYTON_KIND_STATIC, 0x10, 4, "x" };
	ghost = found(1, ADDRESS, 0x10, "y");
	expect(&low, &ghost, PAIRING_BY_PLACE);
	ghost.is_dead_unit = true;
	expect(&low, &ghost, PAIRING_NONE);
}

static void test_names_without_places(void **state)
{
	(void)state;
	// aarch64's thread-locals have no place.
	const struct dwarf_asked slot = { POLYTON_KIND_TLS, 0x10, 8, "slot" };
	const struct dwarf_found items[] = { found(1, NONE, 0, "slot"), found(2, NONE, 0, "slot") };
	expect(&slot, &items[0], PAIRING_BY_NAME);
	// Two files' statics of one name are two variables.
	assert_int_equal(pair_one(&slot, items, 2).count, 0);
	// A static without a place was optimised away: another one of that name is not it.
	const struct dwarf_asked counter = { POLYTON_KIND_STATIC, 0x4000, 8, "slot" };
	expect(&counter, &items[0], PAIRING_NONE);
	// A mangled name is of one variable only, wherever its description says it is.
	const struct dwarf_asked mangled = { POLYTON_KIND_STATIC, 0x4000, 8, "_ZN3Reg4selfE" };
	struct dwarf_found item = found(1, NONE, 0, "_ZN3Reg4selfE");
	expect(&mangled, &item, PAIRING_BY_LINKAGE_NAME);
	item.place = ADDRESS;
	expect(&mangled, &item, PAIRING_BY_LINKAGE_NAME);
}

static void test_best_comes_first(void **state)
{
	(void)state;
	const struct dwarf_asked asked = { POLYTON_KIND_STATIC, 0x4000, 8, "_ZN3Reg4selfE" };
	const struct dwarf_found items[] = {
		found(1, NONE, 0, "_ZN3Reg4selfE"),         found(2, ADDRESS, 0x4000, "other"),
		found(3, ADDRESS, 0x4000, "_ZN3Reg4selfE"), found(4, ADDRESS, 0x4000, "self"),
		found(5, ADDRESS, 0x4000, "_ZN3Reg4selfE"),
	};
	static const uint64_t order[] = { 3, 5, 4, 2, 1 };
	struct pairing_list list = pair_one(&asked, items, count_of(items));
	assert_int_equal(list.count, count_of(order));
	for (size_t i = 0; i < count_of(order); i++)
		assert_int_equal(list.items[i].die, order[i]);

	// Of very many, the best ones are kept, whenever they come.
	struct dwarf_found many[64];
	for (size_t i = 0; i < count_of(many); i++)
		many[i] = found(100 + i, ADDRESS, 0x4000, "other");
	many[63] = items[2];
	list = pair_one(&asked, many, count_of(many));
	assert_int_equal(list.count, PAIRING_MAX_CANDIDATES);
	assert_int_equal(list.items[0].die, 3);
	assert_int_equal(list.items[1].die, 100);
}

// Of dwz's common file, only the units that this file imports.
static void test_imported_units(void **state)
{
	(void)state;
	struct pairing pairing;
	const struct dwarf_asked asked[] = { { POLYTON_KIND_TLS, 8, 8, "a" }, { POLYTON_KIND_TLS, 16, 8, "b" } };
	const struct dwarf_question question = { .variables = asked, .variable_count = count_of(asked) };
	struct dwarf_found items[] = { found(1, TLS, 8, "a"), found(2, TLS, 16, "b") };
	items[0].unit = 0x100;
	items[1].unit = 0x200;
	uint64_t offsets[] = { 0x80, 0x200 };
	const dwarf_found_list list = { items, count_of(items), count_of(items) };
	const dwarf_offset_list none = { NULL, 0, 0 }, some = { offsets, count_of(offsets), count_of(offsets) };
	assert_fine(pairing_init(&question, &pairing));
	assert_false(pairing_add(&pairing, 0, &list, &none));
	assert_true(pairing_add(&pairing, 7, &list, &some));
	assert_int_equal(pairing.lists[0].count, 0);
	assert_int_equal(pairing.lists[1].count, 1);
	assert_int_equal(pairing.lists[1].items[0].source, 7);
	assert_false(pairing_is_complete(&pairing));
	assert_true(pairing_add(&pairing, 0, &list, NULL));
	assert_true(pairing_is_complete(&pairing));
	pairing_deinit(&pairing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_ghosts),
		cmocka_unit_test(test_names_without_places),
		cmocka_unit_test(test_best_comes_first),
		cmocka_unit_test(test_imported_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

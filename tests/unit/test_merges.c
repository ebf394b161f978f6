// Definitions that the loader made one.

#include "../support/check.h"

#include "../support/link_world.h"
#include "find/merges.h"

enum { A = ELF_AT_DATA, B = ELF_AT_DATA + 16, C = ELF_AT_DATA + 32 };

struct case_of {
	struct link_world world;
	references found;
	struct linkage linkage;
	struct merges merges;
};

// Three objects that define x at A, B and C.
static void start(struct case_of *merged)
{
	*merged = (struct case_of){ 0 };
	link_world_init(&merged->world, EM_X86_64);
	link_world_add_symbols(&merged->world, FIND_ROWS(FIND_GLOBAL("x", A, 8)));
	link_world_add_symbols(&merged->world, FIND_ROWS(FIND_GLOBAL("x", B, 8)));
	link_world_add_symbols(&merged->world, FIND_ROWS(FIND_GLOBAL("x", C, 8)));
	link_world_link(&merged->world);
}

static struct definition definition_of(const struct case_of *merged, uint32_t object)
{
	uint32_t symbol = link_world_symbol(&merged->world, object, "x");
	return (struct definition){ object, &merged->world.lookups[object].symbols.entries[symbol] };
}

static void refer(struct case_of *merged, uint32_t object, enum polyton_reference_kind kind, uint32_t to)
{
	struct reference *reference = vec_push(&merged->found);
	assert_non_null(reference);
	*reference = (struct reference){ .object = object,
					 .symbol = link_world_symbol(&merged->world, object, "x"),
					 .kind = kind,
					 .has_variable = true,
					 .bound_to = definition_of(merged, to) };
}

static void build(struct case_of *merged)
{
	merged->linkage = (struct linkage){ &merged->world.resolver, &merged->found, &merged->world.scopes };
	assert_fine(merges_build(&merged->linkage, &merged->merges));
}

static bool is_one(const struct case_of *merged, uint32_t a, uint32_t b)
{
	struct candidate places[2] = { { .kind = POLYTON_KIND_STATIC, .symbol = definition_of(merged, a).symbol },
				       { .kind = POLYTON_KIND_STATIC, .symbol = definition_of(merged, b).symbol } };
	const struct member left = { .object = a, .candidate = &places[0] };
	const struct member right = { .object = b, .candidate = &places[1] };
	assert_int_equal(merges_is_one(&merged->merges, &left, &right),
			 merges_is_one(&merged->merges, &right, &left));
	return merges_is_one(&merged->merges, &left, &right);
}

static void end(struct case_of *merged)
{
	merges_deinit(&merged->merges);
	vec_deinit(&merged->found);
	link_world_deinit(&merged->world);
}

static void test_who_lost_to_whom(void **state)
{
	(void)state;
	struct case_of merged;
	start(&merged);
	refer(&merged, 1, POLYTON_REFERENCE_DATA, 0);
	build(&merged);
	assert_true(is_one(&merged, 0, 1));
	assert_false(is_one(&merged, 0, 2));
	assert_false(is_one(&merged, 1, 2));
	end(&merged);
}

static void test_both_lost_to_the_same(void **state)
{
	(void)state;
	struct case_of merged;
	start(&merged);
	refer(&merged, 1, POLYTON_REFERENCE_DATA, 0);
	refer(&merged, 2, POLYTON_REFERENCE_DATA, 0);
	build(&merged);
	assert_true(is_one(&merged, 1, 2));
	end(&merged);
}

static void test_a_reference_to_ones_own_merges_nothing(void **state)
{
	(void)state;
	struct case_of merged;
	start(&merged);
	refer(&merged, 1, POLYTON_REFERENCE_DATA, 1);
	refer(&merged, 2, POLYTON_REFERENCE_FUNCTION, 0); // a function's name, not the variable's
	build(&merged);
	assert_false(is_one(&merged, 0, 1));
	assert_false(is_one(&merged, 0, 2));
	end(&merged);
}

// The program's place for a copy is the variable; the library's references go there, too.
static void test_a_copy(void **state)
{
	(void)state;
	struct case_of merged;
	start(&merged);
	refer(&merged, 0, POLYTON_REFERENCE_COPY, 1);
	refer(&merged, 1, POLYTON_REFERENCE_DATA, 0);
	build(&merged);
	assert_true(is_one(&merged, 0, 1));
	assert_false(is_one(&merged, 1, 2));
	end(&merged);
}

static void test_nothing_is_known(void **state)
{
	(void)state;
	struct case_of merged;
	start(&merged);
	assert_fine(merges_build(NULL, &merged.merges));
	assert_false(is_one(&merged, 0, 1));
	end(&merged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_lost_to_whom),
		cmocka_unit_test(test_both_lost_to_the_same),
		cmocka_unit_test(test_a_reference_to_ones_own_merges_nothing),
		cmocka_unit_test(test_a_copy),
		cmocka_unit_test(test_nothing_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

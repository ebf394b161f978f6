#include "../support/check.h"

#include "../support/find_world.h"

#define CONTEXT_A "_ZN5tokio7runtime7context7CONTEXT17h0123456789abcdefE"
#define CONTEXT_B "_ZN5tokio7runtime7context7CONTEXT17hfedcba9876543210E"
static const char context[] = "tokio::runtime::context::CONTEXT";

#define assert_in(draft, ...) assert_true(find_world_is_in(draft, (const int[]){ __VA_ARGS__, -1 }))

static enum polyton_confidence weigh(struct find_world *world, const char *name)
{
	find_world_weigh(world);
	const struct draft *draft = find_world_named(world, name, NULL);
	assert_non_null(draft);
	return draft->confidence;
}

static void test_c_globals(void **state)
{
	(void)state;
	const struct {
		uint64_t other_size;
		bool has_company;
		enum polyton_confidence expected;
	} rows[] = {
		{ 8, true, POLYTON_CONFIDENCE_CERTAIN },
		{ 8, false, POLYTON_CONFIDENCE_LIKELY },
		{ 16, true, POLYTON_CONFIDENCE_LIKELY },
		{ 16, false, POLYTON_CONFIDENCE_POSSIBLE },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct find_world world;
		find_world_init(&world, 2);
		find_world_add(&world, 0, "counter", 0x100, 8, 0, "");
		find_world_add(&world, 1, "counter", 0x100, rows[i].other_size, 0, "");
		if (rows[i].has_company)
			find_world_add_all(&world, "companion", 0x200, 4, 0);
		assert_int_equal(weigh(&world, "counter"), rows[i].expected);
		find_world_deinit(&world);
	}
}

static void test_rust_needs_company_for_another_build_only(void **state)
{
	(void)state;
	const struct {
		const char *other;
		bool has_company;
		enum polyton_confidence expected;
	} rows[] = {
		{ CONTEXT_A, false, POLYTON_CONFIDENCE_CERTAIN },
		{ CONTEXT_B, false, POLYTON_CONFIDENCE_LIKELY },
		{ CONTEXT_B, true, POLYTON_CONFIDENCE_CERTAIN },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct find_world world;
		find_world_init(&world, 2);
		find_world_add(&world, 0, CONTEXT_A, 0x100, 8, FIND_LOCAL | FIND_TLS, "");
		find_world_add(&world, 1, rows[i].other, 0x100, 8, FIND_LOCAL | FIND_TLS, "");
		if (rows[i].has_company)
			find_world_add_all(&world, "companion", 0x200, 4, 0);
		assert_int_equal(weigh(&world, context), rows[i].expected);
		find_world_deinit(&world);
	}
}

static void test_cxx_with_linkage_is_certain(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add_all(&world, "_ZN4acme3log5levelE", 0x100, 4, 0);
	assert_int_equal(weigh(&world, "acme::log::level"), POLYTON_CONFIDENCE_CERTAIN);
	find_world_deinit(&world);
}

static void test_statics_of_a_file(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	for (uint32_t i = 0; i < 2; i++)
		find_world_add(&world, i, "buf", 0x100, 64, FIND_LOCAL, "a.c");
	assert_int_equal(weigh(&world, "buf"), POLYTON_CONFIDENCE_POSSIBLE);
	// Another static in company is no proof: "a.c" with "buf" and "len" is easily there twice.
	for (uint32_t i = 0; i < 2; i++)
		find_world_add(&world, i, "len", 0x200, 4, FIND_LOCAL, "a.c");
	assert_int_equal(weigh(&world, "buf"), POLYTON_CONFIDENCE_POSSIBLE);
	for (uint32_t i = 0; i < 2; i++)
		find_world_add(&world, i, "state", 0x300, 4, FIND_LOCAL, "a.c");
	assert_int_equal(weigh(&world, "buf"), POLYTON_CONFIDENCE_LIKELY);
	find_world_deinit(&world);

	find_world_init(&world, 2);
	for (uint32_t i = 0; i < 2; i++)
		find_world_add(&world, i, "buf", 0x100, 64, FIND_LOCAL, "a.c");
	find_world_add_all(&world, "companion", 0x200, 4, 0); // one global is
	assert_int_equal(weigh(&world, "buf"), POLYTON_CONFIDENCE_LIKELY);
	find_world_deinit(&world);
}

static void test_what_does_not_count_as_company(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add_all(&world, "counter", 0x100, 8, 0);
	find_world_add_all(&world, "__dso_handle", 0x200, 8, 0);
	find_world_add_all(&world, "table", 0x300, 8, FIND_CONST);
	find_world_add_all(&world, "pointers", 0x400, 8, FIND_RELRO);
	assert_int_equal(weigh(&world, "counter"), POLYTON_CONFIDENCE_LIKELY);
	find_world_deinit(&world);
}

// Three unrelated plug-ins define "counter"; two of them share a library. The third's is its own.
static void test_bare_names_without_company_leave(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 4);
	find_world_add_all(&world, "counter", 0x100, 8, 0);
	find_world_add(&world, 1, "companion", 0x200, 4, 0, "");
	find_world_add(&world, 3, "companion", 0x200, 4, 0, "");
	assert_int_equal(weigh(&world, "counter"), POLYTON_CONFIDENCE_CERTAIN);
	assert_in(find_world_named(&world, "counter", NULL), 1, 3);
	find_world_deinit(&world);
}

// Names that carry their origin stay together, in object order, whoever has company.
static void test_full_names_stay_in_order(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 4);
	find_world_add_all(&world, CONTEXT_A, 0x100, 8, FIND_LOCAL | FIND_TLS);
	find_world_add(&world, 1, "companion", 0x200, 4, 0, "");
	find_world_add(&world, 3, "companion", 0x200, 4, 0, "");
	assert_int_equal(weigh(&world, context), POLYTON_CONFIDENCE_CERTAIN);
	assert_in(find_world_named(&world, context, NULL), 0, 1, 2, 3);
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_c_globals),
		cmocka_unit_test(test_rust_needs_company_for_another_build_only),
		cmocka_unit_test(test_cxx_with_linkage_is_certain),
		cmocka_unit_test(test_statics_of_a_file),
		cmocka_unit_test(test_what_does_not_count_as_company),
		cmocka_unit_test(test_bare_names_without_company_leave),
		cmocka_unit_test(test_full_names_stay_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

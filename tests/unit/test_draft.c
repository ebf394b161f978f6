#include "../support/check.h"

#include "../support/find_world.h"

#define CONTEXT_A "_ZN5tokio7runtime7context7CONTEXT17h0123456789abcdefE"
#define CONTEXT_B "_ZN5tokio7runtime7context7CONTEXT17hfedcba9876543210E"
static const char context[] = "tokio::runtime::context::CONTEXT";

#define assert_in(draft, ...) assert_true(find_world_is_in(draft, (const int[]){ __VA_ARGS__, -1 }))

static size_t live_count(const struct find_world *world)
{
	size_t count = 0;
	for (size_t i = 0; i < world->drafts.items.count; i++)
		count += world->drafts.items.items[i].count > 0;
	return count;
}

static void test_same_name_in_two_objects(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 3);
	find_world_add(&world, 0, "counter", 0x100, 8, 0, "");
	find_world_add(&world, 2, "counter", 0x200, 8, 0, "");
	find_world_add(&world, 1, "other", 0x100, 8, 0, "");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	assert_in(find_world_named(&world, "counter", NULL), 0, 2);
	assert_null(find_world_named(&world, "counter", NULL)->dropped);
	find_world_deinit(&world);
}

static void test_thread_local_and_static_are_two(void **state)
{
	(void)state;
	struct find_world world;
	size_t count;
	find_world_init(&world, 4);
	find_world_add(&world, 0, "x", 0x10, 8, FIND_TLS, "");
	find_world_add(&world, 1, "x", 0x10, 8, 0, "");
	find_world_add(&world, 2, "x", 0x10, 8, FIND_TLS, "");
	find_world_add(&world, 3, "x", 0x10, 8, 0, "");
	find_world_draft(&world);
	assert_non_null(find_world_named(&world, "x", &count));
	assert_int_equal(count, 2);
	for (size_t i = 0; i < world.drafts.items.count; i++) {
		const struct draft *draft = &world.drafts.items.items[i];
		assert_int_equal(draft->members[0]->candidate->kind, draft->members[1]->candidate->kind);
	}
	find_world_deinit(&world);
}

static void test_versions_of_one_place_are_one(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add(&world, 0, "x@V1", 0x100, 8, FIND_EXPORTED, "");
	find_world_add(&world, 0, "x@@V2", 0x100, 8, FIND_EXPORTED, "");
	find_world_add(&world, 1, "x", 0x300, 8, 0, "");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	assert_in(find_world_named(&world, "x", NULL), 0, 1);
	find_world_deinit(&world);
}

static void test_rust_builds_are_one_variable(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 3);
	find_world_add(&world, 0, CONTEXT_A, 0x10, 40, FIND_TLS | FIND_LOCAL, "");
	find_world_add(&world, 1, CONTEXT_A, 0x20, 40, FIND_TLS | FIND_LOCAL, "");
	find_world_add(&world, 2, CONTEXT_B, 0x30, 48, FIND_TLS | FIND_LOCAL, "");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	assert_in(find_world_named(&world, context, NULL), 0, 1, 2);
	find_world_deinit(&world);
}

// The program was built with two versions of a crate, and a module with one of them: their marks tell which.
static void test_two_builds_in_one_object_go_by_their_marks(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add(&world, 0, CONTEXT_B, 0x10, 40, FIND_TLS | FIND_LOCAL, "");
	find_world_add(&world, 0, CONTEXT_A, 0x80, 40, FIND_TLS | FIND_LOCAL, "");
	find_world_add(&world, 1, CONTEXT_A, 0x30, 40, FIND_TLS | FIND_LOCAL, "");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	const struct draft *draft = find_world_named(&world, context, NULL);
	assert_in(draft, 0, 1);
	assert_int_equal(draft->members[0]->candidate->symbol->st_value, 0x80);
	find_world_deinit(&world);
}

static void test_file_scope_goes_by_source_and_size(void **state)
{
	(void)state;
	struct find_world world;
	size_t count;
	find_world_init(&world, 3);
	find_world_add(&world, 0, "buf", 0x100, 64, FIND_LOCAL, "a.c");
	find_world_add(&world, 1, "buf", 0x100, 64, FIND_LOCAL, "a.c");
	find_world_add(&world, 2, "buf", 0x100, 32, FIND_LOCAL, "a.c"); // another size
	find_world_add(&world, 0, "buf", 0x200, 64, FIND_LOCAL, "b.c");
	find_world_add(&world, 2, "buf", 0x200, 64, FIND_LOCAL, "b.c");
	find_world_add(&world, 1, "buf", 0x300, 64, FIND_LOCAL, "c.c"); // alone
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 2);
	assert_in(find_world_named(&world, "buf", &count), 0, 1);
	assert_int_equal(count, 1);
	assert_in(find_world_named(&world, "buf#2", NULL), 0, 2);
	find_world_deinit(&world);
}

// Macros make several statics of one name in one function: the first pairs with the first, in address order.
static void test_several_of_one_class_pair_in_address_order(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add(&world, 0, "site.7", 0x300, 8, FIND_LOCAL, "a.c");
	find_world_add(&world, 0, "site.3", 0x100, 8, FIND_LOCAL, "a.c");
	find_world_add(&world, 0, "site.5", 0x200, 8, FIND_LOCAL, "a.c");
	find_world_add(&world, 1, "site.2", 0x900, 8, FIND_LOCAL, "a.c");
	find_world_add(&world, 1, "site.9", 0x800, 8, FIND_LOCAL, "a.c");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 2);
	const struct draft *first = find_world_named(&world, "site", NULL);
	const struct draft *second = find_world_named(&world, "site#2", NULL);
	assert_int_equal(first->members[0]->candidate->symbol->st_value, 0x100);
	assert_int_equal(first->members[1]->candidate->symbol->st_value, 0x800);
	assert_int_equal(second->members[0]->candidate->symbol->st_value, 0x200);
	assert_int_equal(second->members[1]->candidate->symbol->st_value, 0x900);
	find_world_deinit(&world);
}

static void test_global_and_static_of_one_name_are_two(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add(&world, 0, "debug", 0x100, 4, 0, "");
	find_world_add(&world, 1, "debug", 0x100, 4, FIND_LOCAL, "debug.c");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 0);
	find_world_deinit(&world);
}

static void test_names_of_one_place_are_one_copy(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 3);
	const char *const names[] = { "__environ", "_environ", "environ" };
	for (size_t i = 0; i < count_of(names); i++) {
		find_world_add(&world, 0, names[i], 0x100, 8, FIND_EXPORTED, "");
		find_world_add(&world, 1, names[i], 0x500, 8, FIND_EXPORTED, "");
	}
	find_world_add(&world, 2, "environ", 0x700, 8, FIND_EXPORTED, "");
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	const struct draft *draft = find_world_named(&world, "environ", NULL); // the one with the fewest '_'
	assert_non_null(draft);
	assert_in(draft, 0, 1, 2);
	find_world_deinit(&world);
}

// a and b are one in object 1, b and c in object 2: all three are one variable, and no place is in two drafts.
static void test_aliases_that_meet_by_way_of_another(void **state)
{
	(void)state;
	static const char *const orders[][3] = { { "a", "b", "c" }, { "c", "a", "b" }, { "b", "c", "a" } };
	for (size_t i = 0; i < count_of(orders); i++) {
		struct find_world world;
		find_world_init(&world, 4);
		for (size_t k = 0; k < 3; k++) {
			const char *name = orders[i][k];
			if (name[0] == 'a') {
				find_world_add(&world, 0, name, 0x100, 8, 0, "");
				find_world_add(&world, 1, name, 0x100, 8, 0, "");
			} else if (name[0] == 'b') {
				find_world_add(&world, 1, name, 0x100, 8, 0, "");
				find_world_add(&world, 2, name, 0x200, 8, 0, "");
			} else {
				find_world_add(&world, 2, name, 0x200, 8, 0, "");
				find_world_add(&world, 3, name, 0x300, 8, 0, "");
			}
		}
		find_world_draft(&world);
		assert_int_equal(live_count(&world), 1);
		for (size_t k = 0; k < world.drafts.items.count; k++) {
			if (world.drafts.items.items[k].count)
				assert_in(&world.drafts.items.items[k], 0, 1, 2, 3);
		}
		find_world_deinit(&world);
	}
}

static void test_guards_and_state_words_belong_to_their_variable(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add_all(&world, "_ZGVZ3foovE1x", 0x100, 8, 0);
	find_world_add_all(&world, "_ZZ3foovE1x", 0x108, 8, 0);
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	assert_int_equal(world.drafts.items.items[0].members[0]->identity.role, IDENTITY_VALUE);
	find_world_deinit(&world);
}

static void test_noise_is_kept_with_its_reason(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 2);
	find_world_add_all(&world, "__dso_handle", 0x100, 8, 0);
	find_world_draft(&world);
	assert_int_equal(live_count(&world), 1);
	assert_non_null(world.drafts.items.items[0].dropped);
	find_world_deinit(&world);
}

// ld.so carries parts of the C library: what it does not export is its own by construction.
static void test_what_the_loader_keeps_to_itself(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 3);
	world.inputs[2].is_loader = true;
	find_world_add(&world, 1, "_dl_catch", 0x100, 8, FIND_LOCAL, "x.c");
	find_world_add(&world, 2, "_dl_catch", 0x100, 8, FIND_LOCAL, "x.c");
	find_world_add_all(&world, "tunable", 0x200, 8, 0);
	find_world_add(&world, 1, "_rtld_global", 0x300, 8, FIND_EXPORTED, "");
	find_world_add(&world, 2, "_rtld_global", 0x300, 8, FIND_EXPORTED, "");
	find_world_draft(&world);
	assert_non_null(find_world_named(&world, "_dl_catch", NULL)->dropped);
	assert_in(find_world_named(&world, "tunable", NULL), 0, 1);
	assert_null(find_world_named(&world, "tunable", NULL)->dropped);
	assert_in(find_world_named(&world, "_rtld_global", NULL), 1, 2);
	find_world_deinit(&world);
}

static void test_no_objects(void **state)
{
	(void)state;
	struct find_world world;
	find_world_init(&world, 0);
	find_world_weigh(&world);
	assert_int_equal(world.drafts.items.count, 0);
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_name_in_two_objects),
		cmocka_unit_test(test_thread_local_and_static_are_two),
		cmocka_unit_test(test_versions_of_one_place_are_one),
		cmocka_unit_test(test_rust_builds_are_one_variable),
		cmocka_unit_test(test_two_builds_in_one_object_go_by_their_marks),
		cmocka_unit_test(test_file_scope_goes_by_source_and_size),
		cmocka_unit_test(test_several_of_one_class_pair_in_address_order),
		cmocka_unit_test(test_global_and_static_of_one_name_are_two),
		cmocka_unit_test(test_names_of_one_place_are_one_copy),
		cmocka_unit_test(test_aliases_that_meet_by_way_of_another),
		cmocka_unit_test(test_guards_and_state_words_belong_to_their_variable),
		cmocka_unit_test(test_noise_is_kept_with_its_reason),
		cmocka_unit_test(test_what_the_loader_keeps_to_itself),
		cmocka_unit_test(test_no_objects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Which variable tells whether another one is constructed, by what symbol tables say.

#include "../support/check.h"

#include "../support/find_object.h"
#include "find/guards.h"

enum {
	COPIES = 8,
	BSS = FIND_TBSS, // thread-locals without content begin there
	GUARD = BSS + 0x80,
	OTHER_GUARD = BSS + 0x90,
	INIT = ELF_AT_RODATA,
	OTHER_INIT = ELF_AT_RODATA + 0x40,
};

#define FUNCTION(name, binding, value) FIND_SYMBOL(name, binding, STT_FUNC, value, 16)
#define LOCAL_TLS(name, value, size) FIND_SYMBOL(name, STB_LOCAL, STT_TLS, value, size)
#define UNIT(file, init, guard) \
	FIND_FILE(file), FUNCTION("__tls_init", STB_LOCAL, init), LOCAL_TLS("__tls_guard", guard, 1)

/** An object and copies of its variables, each of a singleton of its own. */
struct desk {
	struct object_input object;
	struct polyton_snapshot *snapshot;
	struct copy_guard guards[COPIES];
};

static void open_on(struct desk *desk, const struct elf_symbol_spec *symbols)
{
	*desk = (struct desk){ 0 };
	find_object_init(&desk->object, symbols, NULL);
	desk->snapshot = find_snapshot(2);
}

static void close_desk(struct desk *desk)
{
	polyton_snapshot_destroy(desk->snapshot);
	find_object_deinit(&desk->object);
}

static struct polyton_copy *add(struct desk *desk, const char *symbol, uint64_t offset)
{
	static const uint32_t first[] = { 0, 1 };
	const struct candidate *candidate = NULL;
	for (size_t i = 0; i < desk->object.candidates->count; i++) {
		const struct candidate *other = &desk->object.candidates->items[i];
		if (strcmp(other->name, symbol) == 0 && other->symbol->st_value == offset)
			candidate = other;
	}
	assert_non_null(candidate);
	struct polyton_singleton *singleton = vec_push(&desk->snapshot->singletons);
	struct polyton_copy *copy = vec_push(&desk->snapshot->copies);
	assert_non_null(singleton);
	assert_non_null(copy);
	uint32_t index = (uint32_t)desk->snapshot->copies.count - 1;
	*singleton = (struct polyton_singleton){ .kind = candidate->kind, .first_copy = index, .copy_count = 1 };
	bool is_tls = candidate->kind == POLYTON_KIND_TLS;
	*copy = (struct polyton_copy){
		.singleton = index,
		.symbol = symbol,
		.offset = offset,
		.address = is_tls ? 0 : FIND_BIAS + offset,
		.size = candidate->symbol->st_size,
		.storage = candidate->storage,
		.binding = ELF64_ST_BIND(candidate->symbol->st_info) == STB_LOCAL ? POLYTON_BINDING_LOCAL
										  : POLYTON_BINDING_GLOBAL,
		.users = first,
		.user_count = 1,
	};
	return copy;
}

static void find(struct desk *desk)
{
	assert_in_range(desk->snapshot->copies.count, 1, COPIES);
	memset(desk->guards, 0, sizeof(desk->guards));
	assert_fine(guards_find(desk->snapshot, &desk->object, 0, desk->guards));
}

// A thread-local's, at that offset of the block.
static void is_guarded_at(const struct desk *desk, uint32_t copy, enum guard_kind kind, uint64_t offset)
{
	assert_int_equal(desk->guards[copy].kind, kind);
	assert_true(desk->guards[copy].is_relative);
	assert_int_equal(desk->guards[copy].place + desk->snapshot->copies.items[copy].offset, offset);
}

static void has_none(const struct desk *desk, uint32_t copy)
{
	assert_int_equal(desk->guards[copy].kind, GUARD_NONE);
}

static void test_a_guard_of_its_own(void **state)
{
	(void)state;
	struct desk desk;
	open_on(&desk, FIND_ROWS(FIND_GLOBAL("_ZN1A1bE", FIND_BSS, 8), FIND_GLOBAL("_ZGVN1A1bE@@V", FIND_BSS + 8, 8),
				 FIND_TLS("_ZN1A1tE", BSS, 8), FIND_TLS("_ZGVN1A1tE", BSS + 8, 8),
				 FIND_TLS("_ZN1A1xE", BSS + 16, 8), FIND_GLOBAL("_ZGVN1A1xE", FIND_BSS + 16, 8)));
	add(&desk, "_ZN1A1bE", FIND_BSS);
	add(&desk, "_ZN1A1tE", BSS);
	add(&desk, "_ZN1A1xE", BSS + 16);
	find(&desk);
	assert_int_equal(desk.guards[0].kind, GUARD_OWN);
	assert_false(desk.guards[0].is_relative);
	assert_int_equal(desk.guards[0].place, FIND_BIAS + FIND_BSS + 8);
	is_guarded_at(&desk, 1, GUARD_OWN, BSS + 8);
	has_none(&desk, 2); // another kind of variable
	close_desk(&desk);
}

static void test_each_source_file_has_its_guard(void **state)
{
	(void)state;
	struct desk desk;
	open_on(&desk, FIND_ROWS(UNIT("a.cpp", INIT, GUARD), LOCAL_TLS("_ZL1s", BSS, 4),
				 FUNCTION("_ZTHL1s", STB_LOCAL, INIT), UNIT("b.cpp", OTHER_INIT, OTHER_GUARD),
				 LOCAL_TLS("_ZL1s", BSS + 4, 4), FUNCTION("_ZTHL1s", STB_LOCAL, OTHER_INIT),
				 LOCAL_TLS("_ZL1k", BSS + 8, 4), FIND_FILE(""), FIND_TLS("_ZN1n1aE", BSS + 12, 4),
				 FUNCTION("_ZTHN1n1aE@@V1", STB_GLOBAL, INIT), FIND_TLS("plain", BSS + 16, 4),
				 FUNCTION("_ZTH5plain", STB_WEAK, OTHER_INIT), FIND_TLS("_ZN1n1kE", BSS + 20, 4),
				 FIND_TLS("_ZN1n1dE", 8, 4), FUNCTION("_ZTHN1n1dE", STB_GLOBAL, INIT)));
	add(&desk, "_ZL1s", BSS);
	add(&desk, "_ZL1s", BSS + 4);
	add(&desk, "_ZL1k", BSS + 8);
	add(&desk, "_ZN1n1aE", BSS + 12);
	add(&desk, "plain", BSS + 16);
	add(&desk, "_ZN1n1kE", BSS + 20);
	add(&desk, "_ZN1n1dE", 8);
	find(&desk);
	is_guarded_at(&desk, 0, GUARD_UNIT, GUARD);
	is_guarded_at(&desk, 1, GUARD_UNIT, OTHER_GUARD);
	has_none(&desk, 2);
	is_guarded_at(&desk, 3, GUARD_UNIT, GUARD);
	is_guarded_at(&desk, 4, GUARD_UNIT, OTHER_GUARD);
	has_none(&desk, 5); // constant: nobody has to call anything
	has_none(&desk, 6); // has content from the start
	close_desk(&desk);
}

// What a guard is not believed for: @p change makes the difference.
static void check_refused(const struct elf_symbol_spec *symbols, void (*change)(struct polyton_copy *copy))
{
	struct desk desk;
	open_on(&desk, symbols);
	struct polyton_copy *copy = add(&desk, "_ZN1n1aE", BSS);
	if (change)
		change(copy);
	find(&desk);
	has_none(&desk, 0);
	close_desk(&desk);
}

#define VARIABLE FIND_TLS("_ZN1n1aE", BSS, 4), FUNCTION("_ZTHN1n1aE", STB_GLOBAL, INIT)

static void test_where_names_leave_a_choice_there_is_none(void **state)
{
	(void)state;
	check_refused(FIND_ROWS(UNIT("a", INIT, GUARD), LOCAL_TLS("__tls_guard", OTHER_GUARD, 1), VARIABLE), NULL);
	check_refused(FIND_ROWS(UNIT("a", INIT, GUARD), FUNCTION("__tls_init", STB_LOCAL, OTHER_INIT), VARIABLE),
		      NULL);
	check_refused(FIND_ROWS(UNIT("a", INIT, GUARD), UNIT("b", INIT, OTHER_GUARD), VARIABLE), NULL);
	check_refused(FIND_ROWS(UNIT("a", INIT, GUARD), LOCAL_TLS("__tls_guard.3", OTHER_GUARD, 1), VARIABLE), NULL);
	check_refused(FIND_ROWS(UNIT("a", INIT, GUARD), VARIABLE, FUNCTION("_ZTHN1n1aE", STB_LOCAL, OTHER_INIT)),
		      NULL);
	check_refused(FIND_ROWS(UNIT("a", INIT, FIND_TLS_SIZE), VARIABLE), NULL); // behind the block
	check_refused(FIND_ROWS(FIND_FILE("a"), LOCAL_TLS("__tls_guard", GUARD, 1), FIND_FILE("b"),
				FUNCTION("__tls_init", STB_LOCAL, INIT), VARIABLE),
		      NULL);
	check_refused(FIND_ROWS(UNIT("a", INIT, GUARD), FIND_TLS("_ZN1n1aE", BSS, 4)), NULL);
}

static void make_weak(struct polyton_copy *copy)
{
	copy->binding = POLYTON_BINDING_WEAK;
}

static void make_unused(struct polyton_copy *copy)
{
	static const uint32_t other[] = { 1 };
	copy->users = other;
}

static void test_who_constructs_it_has_to_be_known(void **state)
{
	(void)state;
	const struct elf_symbol_spec *symbols = FIND_ROWS(UNIT("a", INIT, GUARD), VARIABLE);
	check_refused(symbols, make_weak);
	check_refused(symbols, make_unused);

	// Another object's code uses it: what of it, if that has no definition whose constructor it would run?
	struct desk desk;
	open_on(&desk, symbols);
	struct polyton_copy *copy = add(&desk, "_ZN1n1aE", BSS);
	copy->user_count = 2;
	find(&desk);
	is_guarded_at(&desk, 0, GUARD_UNIT, GUARD);
	struct polyton_copy *other = vec_push(&desk.snapshot->copies);
	assert_non_null(other);
	*other = (struct polyton_copy){ .object = 1, .symbol = "_ZN1n1aE", .offset = BSS };
	desk.snapshot->singletons.items[0].copy_count = 2;
	find(&desk);
	has_none(&desk, 0);
	has_none(&desk, 1);
	close_desk(&desk);
}

static void test_the_only_function_without_a_name(void **state)
{
	(void)state;
	struct desk desk;
	open_on(&desk,
		FIND_ROWS(FIND_FILE("a"), LOCAL_TLS("__tls_guard", GUARD, 1), UNIT("b", OTHER_INIT, OTHER_GUARD),
			  FIND_FILE(""), VARIABLE, FIND_TLS("_ZN1n1bE", BSS + 4, 4),
			  FUNCTION("_ZTHN1n1bE", STB_GLOBAL, OTHER_INIT), FIND_TLS("_ZN1n1tE", BSS + 8, 4),
			  FUNCTION("_ZTHN1n1tE", STB_GLOBAL, INIT + 0x80), FIND_TLS("_ZGVN1n1tE", BSS + 16, 8)));
	add(&desk, "_ZN1n1aE", BSS);
	add(&desk, "_ZN1n1bE", BSS + 4);
	add(&desk, "_ZN1n1tE", BSS + 8);
	find(&desk);
	is_guarded_at(&desk, 0, GUARD_UNIT, GUARD);
	is_guarded_at(&desk, 1, GUARD_UNIT, OTHER_GUARD);
	is_guarded_at(&desk, 2, GUARD_OWN, BSS + 16);
	close_desk(&desk);

	// With two of either there is a choice.
	check_refused(FIND_ROWS(FIND_FILE("a"), LOCAL_TLS("__tls_guard", GUARD, 1), FIND_FILE("b"),
				LOCAL_TLS("__tls_guard", OTHER_GUARD, 1), VARIABLE),
		      NULL);
	check_refused(FIND_ROWS(FIND_FILE("a"), LOCAL_TLS("__tls_guard", GUARD, 1), VARIABLE,
				FIND_TLS("_ZN1n1bE", BSS + 4, 4), FUNCTION("_ZTHN1n1bE", STB_GLOBAL, OTHER_INIT)),
		      NULL);
}

#define PATH "_ZN4desk1X7__getit"
#define HASH "17h0123456789abcdefE"
#define OTHER_HASH "17hfedcba9876543210E"

static void test_rust_keeps_a_state_beside_the_value(void **state)
{
	(void)state;
	struct desk desk;
	open_on(&desk,
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, 0, 8), LOCAL_TLS(PATH "5STATE" OTHER_HASH ".0", GUARD, 1),
			  LOCAL_TLS("_RNvNvNvCs1_4desk1Y7___getit3VAL", BSS, 8),
			  LOCAL_TLS("_RNvNvNvCs1_4desk1Y7___getit5STATE", OTHER_GUARD, 1),
			  LOCAL_TLS("_RNvNvNvCs2_4desk1Y7___getit3VAL", BSS + 8, 8)));
	add(&desk, PATH "3VAL" HASH, 0);
	add(&desk, PATH "5STATE" OTHER_HASH ".0", GUARD);
	add(&desk, "_RNvNvNvCs1_4desk1Y7___getit3VAL", BSS);
	add(&desk, "_RNvNvNvCs2_4desk1Y7___getit3VAL", BSS + 8);
	find(&desk);
	is_guarded_at(&desk, 0, GUARD_RUST, GUARD);
	has_none(&desk, 1);
	is_guarded_at(&desk, 2, GUARD_RUST, OTHER_GUARD);
	has_none(&desk, 3);
	close_desk(&desk);
}

static void test_rust_states_that_may_be_another_ones(void **state)
{
	(void)state;
	const struct elf_symbol_spec *const tables[] = {
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, BSS, 8), LOCAL_TLS(PATH "3VAL" OTHER_HASH, BSS + 8, 8),
			  LOCAL_TLS(PATH "5STATE" HASH, GUARD, 1)),
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, BSS, 8), LOCAL_TLS(PATH "5STATE" HASH, OTHER_GUARD, 1),
			  LOCAL_TLS(PATH "5STATE" OTHER_HASH, GUARD, 1)),
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, BSS, 8), LOCAL_TLS(PATH "5STATE" HASH, GUARD, 2)),
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, BSS, 8), FIND_LOCAL(PATH "5STATE" HASH, FIND_BSS, 1)),
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, BSS, 8), LOCAL_TLS(PATH "5STATE17h01E", GUARD, 1)),
		FIND_ROWS(LOCAL_TLS(PATH "3VAL" HASH, BSS, 8), LOCAL_TLS(PATH "5STATE" HASH "x", GUARD, 1)),
	};
	for (size_t i = 0; i < count_of(tables); i++) {
		struct desk desk;
		open_on(&desk, tables[i]);
		add(&desk, PATH "3VAL" HASH, BSS);
		find(&desk);
		has_none(&desk, 0);
		close_desk(&desk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_guard_of_its_own),
		cmocka_unit_test(test_each_source_file_has_its_guard),
		cmocka_unit_test(test_where_names_leave_a_choice_there_is_none),
		cmocka_unit_test(test_who_constructs_it_has_to_be_known),
		cmocka_unit_test(test_the_only_function_without_a_name),
		cmocka_unit_test(test_rust_keeps_a_state_beside_the_value),
		cmocka_unit_test(test_rust_states_that_may_be_another_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

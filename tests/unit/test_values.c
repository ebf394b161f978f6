// What cells hold, as bytes, as a line for people, and compared with what they held at first.

#include "../support/check.h"

#include <errno.h>

#include <stdlib.h>

#include "../support/find_object.h"
#include "find/values.h"

enum { D = ELF_AT_DATA, COPY_MAX = 300 };

static const struct elf_symbol_spec symbols[] = {
	FIND_GLOBAL("_ZN4acme5countE", D, 16),
	FIND_GLOBAL("_ZN5tokio4NEXT17h00000000000000a1E.llvm.77", D + 32, 8),
	FIND_GLOBAL("plain@@V2", D + 64, 8),
	FIND_LOCAL("once.12", D + 80, 8),
	{ 0 },
};

/** Copy 0 has 8 bytes, as many as its index the others. */
struct desk {
	struct object_input object;
	struct polyton_snapshot *snapshot;
	struct places *places;
	struct values *values;
	struct target target;
	uint8_t guard; // of copy 2, a byte that the process holds
};

enum { TYPED_LIMIT = 4, GUARD_AT = 0x5000, CELL_AT = 0x5010 };

static void read_desk(void *state, struct target_read *pieces, size_t count)
{
	const struct desk *desk = state;
	for (size_t i = 0; i < count; i++) {
		bool is_guard = pieces[i].address == GUARD_AT;
		pieces[i].error = is_guard ? 0 : EFAULT;
		memset(pieces[i].buffer, 0, pieces[i].size);
		if (is_guard)
			*(uint8_t *)pieces[i].buffer = desk->guard;
	}
}

static const struct target_ops desk_ops = { .read = read_desk };

static void open_on(struct desk *desk, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	const struct arch *arch = arch_find(machine, elf_class, elf_data);
	assert_non_null(arch);
	find_object_init(&desk->object, symbols, NULL);
	desk->snapshot = find_snapshot(1);
	for (uint32_t i = 0; i < COPY_MAX; i++) {
		struct polyton_copy *copy = vec_push(&desk->snapshot->copies);
		assert_non_null(copy);
		*copy = (struct polyton_copy){ .size = i ? i : 8 };
	}
	assert_fine(places_create(desk->snapshot, &desk->object, &desk->places));
	desk->target = (struct target){ .ops = &desk_ops, .state = desk, .arch = arch };
	const struct values_options options = { &desk->target, true, TYPED_LIMIT };
	assert_fine(values_create(desk->snapshot, &options, desk->places, &desk->values));
}

static int set_up(void **state)
{
	static struct desk desk;
	open_on(&desk, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	*state = &desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;
	values_destroy(desk->values);
	values_destroy(NULL);
	places_destroy(desk->places);
	polyton_snapshot_destroy(desk->snapshot);
	find_object_deinit(&desk->object);
	return 0;
}

static const struct polyton_value *value_of(struct desk *desk, uint32_t copy, const void *bytes, size_t size)
{
	struct polyton_cell cell = { 0 };
	// Exactly so many bytes, so that reading more is noticed.
	uint8_t *exact = malloc(size);
	assert_non_null(exact);
	memcpy(exact, bytes, size);
	assert_fine(values_settle(desk->values, copy, exact, NULL, size, &cell));
	free(exact);
	assert_non_null(cell.value);
	return cell.value;
}

static const char *text_of_word(struct desk *desk, uint64_t word)
{
	return value_of(desk, 0, &word, sizeof(word))->text;
}

static void test_states(void **state)
{
	struct desk *desk = *state;
	struct polyton_cell cell = { 0 };
	const uint64_t now = 7, initial = 7, other = 0;
	assert_fine(values_settle(desk->values, 0, (const uint8_t *)&now, (const uint8_t *)&initial, 8, &cell));
	assert_int_equal(cell.state, POLYTON_CELL_INITIAL);
	assert_fine(values_settle(desk->values, 0, (const uint8_t *)&now, (const uint8_t *)&other, 8, &cell));
	assert_int_equal(cell.state, POLYTON_CELL_SET);
	assert_string_equal(cell.value->text, "7");
	// Without an image to compare with it is neither.
	assert_fine(values_settle(desk->values, 0, (const uint8_t *)&now, NULL, 8, &cell));
	assert_int_equal(cell.state, POLYTON_CELL_PRESENT);
}

static void test_equal_content_is_kept_once(void **state)
{
	struct desk *desk = *state;
	uint8_t bytes[8] = { 1, 2, 3 };
	const struct polyton_value *first = value_of(desk, 8, bytes, 8);
	bytes[7] = 9;
	const struct polyton_value *other = value_of(desk, 8, bytes, 8);
	bytes[7] = 0;
	assert_ptr_equal(value_of(desk, 8, bytes, 8), first);
	assert_ptr_not_equal(other, first);
	// Another copy may have another size, so its text may differ.
	assert_ptr_not_equal(value_of(desk, 24, bytes, 8), first);
	// A beginning is not the whole.
	assert_ptr_not_equal(value_of(desk, 8, bytes, 4), first);
	assert_int_equal(first->size, 8);
	assert_memory_equal(first->bytes, bytes, 8);
	assert_int_equal(other->bytes[7], 9);
}

static void test_numbers(void **state)
{
	struct desk *desk = *state;
	const uint8_t bytes[] = { 0xff, 0x01, 0x00, 0x80 };
	assert_string_equal(value_of(desk, 1, bytes, 1)->text, "255");
	assert_string_equal(value_of(desk, 2, bytes, 2)->text, "511");
	assert_string_equal(value_of(desk, 4, bytes, 4)->text, "2147484159");
	assert_string_equal(text_of_word(desk, 0), "0");
	assert_string_equal(text_of_word(desk, 4095), "4095");
	assert_string_equal(text_of_word(desk, 4096), "0x1000");
	assert_string_equal(text_of_word(desk, UINT64_MAX), "0xffffffffffffffff");
}

static void test_pointers_by_name(void **state)
{
	struct desk *desk = *state;
	assert_string_equal(text_of_word(desk, FIND_BIAS + D), "a!acme::count");
	assert_string_equal(text_of_word(desk, FIND_BIAS + D + 8), "a!acme::count+0x8");
	assert_string_equal(text_of_word(desk, FIND_BIAS + D + 32), "a!tokio::NEXT");
	assert_string_equal(text_of_word(desk, FIND_BIAS + D + 64), "a!plain");
	assert_string_equal(text_of_word(desk, FIND_BIAS + D + 80), "a!once");
	assert_string_equal(text_of_word(desk, FIND_BIAS + 0x10), "a+0x10");
	assert_string_equal(text_of_word(desk, FIND_BIAS + 0x10000), "0x10010000");
}

static void test_several_words(void **state)
{
	struct desk *desk = *state;
	const uint64_t words[] = { 1, FIND_BIAS + D, 0, 0x10000, 5, 6, 7, 8 };
	assert_string_equal(value_of(desk, 16, words, 16)->text, "1 a!acme::count");
	assert_string_equal(value_of(desk, 48, words, 48)->text, "1 a!acme::count 0 0x10000 5 6");
	assert_string_equal(value_of(desk, 56, words, 56)->text, "1 a!acme::count 0 0x10000 5 6 ...");
}

static void test_odd_sizes(void **state)
{
	struct desk *desk = *state;
	const uint8_t bytes[] = { 1, 2, 0xab, 0, 0, 0, 0, 0, 9, 0xf0, 0x0f };
	assert_string_equal(value_of(desk, 3, bytes, 3)->text, "01 02 ab");
	assert_string_equal(value_of(desk, 11, bytes, 11)->text, "0xab0201 09 f0 0f");
}

// What was not read is not shown, but said to be there.
static void test_cut_values(void **state)
{
	struct desk *desk = *state;
	uint8_t bytes[COPY_MAX] = { 0 };
	assert_string_equal(value_of(desk, 24, bytes, 16)->text, "0 0 ...");
	assert_string_equal(value_of(desk, 8, bytes, 4)->text, "00 00 00 00 ...");
	assert_string_equal(value_of(desk, 4, bytes, 2)->text, "00 00 ...");
	const struct polyton_value *large = value_of(desk, 299, bytes, 299);
	assert_int_equal(large->size, 256);
	assert_string_equal(large->text, "0 0 0 0 0 0 ...");
	// What is behind the kept part still counts.
	bytes[298] = 1;
	assert_ptr_not_equal(value_of(desk, 299, bytes, 299), large);
}

// Long names end the line, not the memory behind it.
static void test_long_names(void **state)
{
	struct desk *desk = *state;
	enum { NAME = 700 };
	char *name = malloc(NAME + 1);
	assert_non_null(name);
	memset(name, 'n', NAME);
	name[NAME] = '\0';
	desk->snapshot->objects.items[0].name = name;
	const uint64_t words[] = { FIND_BIAS + D, FIND_BIAS + D, FIND_BIAS + D, FIND_BIAS + D };
	const char *text = value_of(desk, 32, words, 32)->text;
	assert_in_range(strlen(text), NAME, 1023);
	assert_int_equal(strspn(text, "n"), NAME);
	free(name);
}

static void test_other_machines(void **state)
{
	(void)state;
	const uint8_t bytes[] = { 0, 0, 0, 1, 0, 0, 1, 0 };
	struct desk desk;
	void *place = &desk;
	open_on(&desk, EM_S390, ELFCLASS64, ELFDATA2MSB);
	assert_string_equal(value_of(&desk, 4, bytes, 4)->text, "1");
	assert_string_equal(value_of(&desk, 8, bytes, 8)->text, "0x100000100");
	tear_down(&place);
	open_on(&desk, EM_386, ELFCLASS32, ELFDATA2LSB);
	assert_string_equal(value_of(&desk, 8, bytes, 8)->text, "281474993487872");
	assert_string_equal(value_of(&desk, 12, bytes, 8)->text, "0x1000000 0x10000 ...");
	tear_down(&place);
}

static const struct type types[] = {
	{ .kind = TYPE_BASE, .encoding = TYPE_ENCODING_SIGNED, .name = "int", .size = 4, .target = POLYTON_NONE },
};
static const struct type_graph graph = { .types = types, .type_count = 1 };

// Copy 4 (of four bytes) is an int.
static void give_type(struct desk *desk, enum type_absence absence)
{
	struct type_of *all = arena_alloc(&desk->snapshot->arena, COPY_MAX, sizeof(*all));
	assert_non_null(all);
	for (uint32_t i = 0; i < COPY_MAX; i++)
		all[i].absence = TYPE_NO_DEBUG_INFO;
	all[4] = (struct type_of){ .absence = absence, .graph = &graph, .type = 0 };
	desk->snapshot->types = all;
}

static const struct polyton_value *settle_int(struct desk *desk, int32_t number)
{
	struct polyton_cell cell = { .address = CELL_AT };
	assert_fine(values_settle(desk->values, 4, (const uint8_t *)&number, NULL, sizeof(number), &cell));
	return cell.value;
}

static void test_by_its_type(void **state)
{
	struct desk *desk = *state;
	give_type(desk, TYPE_IS_THERE);
	const struct polyton_value *value = settle_int(desk, -7);
	assert_true(value->is_typed);
	assert_string_equal(value->text, "-7");
	assert_int_equal(value->state, POLYTON_VALUE_PLAIN);
	assert_int_equal(value->row_count, 1);
	assert_string_equal(value->rows[0].type, "int");
	assert_string_equal(value->rows[0].text, "-7");
}

static void test_words_without_a_type(void **state)
{
	struct desk *desk = *state;
	give_type(desk, TYPE_UNREADABLE);
	const struct polyton_value *value = settle_int(desk, -7);
	assert_false(value->is_typed);
	assert_string_equal(value->text, "4294967289");
	assert_int_equal(value->row_count, 0);
}

// More threads than a person reads: the rest stays words.
static void test_only_so_many_are_typed(void **state)
{
	struct desk *desk = *state;
	give_type(desk, TYPE_IS_THERE);
	for (int32_t i = 0; i < TYPED_LIMIT + 2; i++)
		assert_int_equal(settle_int(desk, i)->is_typed, i < TYPED_LIMIT);
	assert_true(settle_int(desk, 0)->is_typed); // known already
}

static void test_a_guard_comes_before_the_value(void **state)
{
	struct desk *desk = *state;
	struct copy_guard guards[COPY_MAX] = { [4] = { .kind = GUARD_OWN, .place = GUARD_AT } };
	give_type(desk, TYPE_IS_THERE);
	desk->snapshot->guards = guards;
	assert_int_equal(settle_int(desk, 0)->state, POLYTON_VALUE_UNINITIALISED);
	desk->guard = 1;
	const struct polyton_value *value = settle_int(desk, 3);
	assert_int_equal(value->state, POLYTON_VALUE_ALIVE);
	assert_string_equal(value->text, "alive, 3");
	// The same bytes are another value where the guard says so.
	guards[4].is_relative = true;
	guards[4].place = (uint64_t)GUARD_AT - CELL_AT;
	assert_ptr_equal(settle_int(desk, 3), value);
	desk->guard = 0;
	assert_int_equal(settle_int(desk, 3)->state, POLYTON_VALUE_UNINITIALISED);
}

static enum polyton_value_state state_beside(struct desk *desk, const int32_t *now, const int32_t *initial)
{
	struct polyton_cell cell = { .address = CELL_AT };
	assert_fine(
		values_settle(desk->values, 4, (const uint8_t *)now, (const uint8_t *)initial, sizeof(*now), &cell));
	return cell.value->state;
}

// What one guard says of a whole file is no proof against a variable that was written.
static void test_a_file_s_guard_is_not_believed_against_the_bytes(void **state)
{
	struct desk *desk = *state;
	struct copy_guard guards[COPY_MAX] = { [4] = { GUARD_UNIT, true, (uint64_t)GUARD_AT - CELL_AT } };
	const int32_t zero = 0, one = 1;
	give_type(desk, TYPE_IS_THERE);
	desk->snapshot->guards = guards;
	assert_int_equal(state_beside(desk, &zero, &zero), POLYTON_VALUE_UNINITIALISED);
	assert_int_equal(state_beside(desk, &one, &zero), POLYTON_VALUE_PLAIN);
	desk->guard = 1;
	assert_int_equal(state_beside(desk, &zero, &zero), POLYTON_VALUE_ALIVE);
	guards[4].kind = GUARD_OWN; // is set behind the constructor, which writes
	desk->guard = 0;
	assert_int_equal(state_beside(desk, &one, &zero), POLYTON_VALUE_UNINITIALISED);
}

static void test_a_rust_constant_knows_its_destructor(void **state)
{
	struct desk *desk = *state;
	struct copy_guard guards[COPY_MAX] = { [4] = { GUARD_RUST, true, (uint64_t)GUARD_AT - CELL_AT } };
	static const enum polyton_value_state states[] = { POLYTON_VALUE_PLAIN, POLYTON_VALUE_ALIVE,
							   POLYTON_VALUE_DESTROYED, POLYTON_VALUE_PLAIN };
	const int32_t one = 1;
	give_type(desk, TYPE_IS_THERE);
	desk->snapshot->guards = guards;
	for (uint8_t i = 0; i < count_of(states); i++) {
		desk->guard = i;
		assert_int_equal(state_beside(desk, &one, &one), states[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_states, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_equal_content_is_kept_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pointers_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_several_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_odd_sizes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cut_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_by_its_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words_without_a_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_so_many_are_typed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_guard_comes_before_the_value, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_file_s_guard_is_not_believed_against_the_bytes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_rust_constant_knows_its_destructor, set_up, tear_down),
		cmocka_unit_test(test_other_machines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

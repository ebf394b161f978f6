#include "../support/check.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "../support/byte_target.h"

enum { PAGE = 4096, PLACE = 0x10000 };

static void test_words_of_every_size_and_order(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
		uint64_t first;
		int32_t number;
	} rows[] = {
		{ EM_X86_64, ELFCLASS64, ELFDATA2LSB, 0x8877665544332211, 0x44332211 },
		{ EM_386, ELFCLASS32, ELFDATA2LSB, 0x44332211, 0x44332211 },
		{ EM_S390, ELFCLASS64, ELFDATA2MSB, 0x1122334455667788, 0x11223344 },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct byte_target memory;
		uint64_t words[3];
		byte_target_init(&memory, rows[i].machine, rows[i].elf_class, rows[i].elf_data);
		uint8_t *bytes = byte_target_map(&memory, PLACE, 64);
		for (int k = 0; k < 8; k++)
			bytes[k] = (uint8_t)(0x11 * (k + 1));
		byte_target_put_word(&memory, PLACE + 2 * memory.target.arch->word, 0xfedcba98);
		assert_fine(target_read_words(&memory.target, PLACE, 3, words));
		assert_int_equal(words[0], rows[i].first);
		assert_int_equal(words[2], 0xfedcba98);
		assert_int_equal(target_int(&memory.target, bytes), rows[i].number);
		assert_int_equal(target_number(&memory.target, bytes, 1), 0x11);
		assert_int_equal(target_number(&memory.target, bytes, 2),
				 memory.target.arch->is_big_endian ? 0x1122 : 0x2211);
		byte_target_deinit(&memory);
	}
}

static void test_many_words_come_in_few_reads(void **state)
{
	(void)state;
	enum { MANY = 1000 };
	struct byte_target memory;
	uint64_t words[MANY];
	byte_target_init(&memory, EM_386, ELFCLASS32, ELFDATA2LSB);
	byte_target_map(&memory, PLACE, MANY * 4);
	for (uint32_t i = 0; i < MANY; i++)
		byte_target_put_word(&memory, PLACE + 4 * i, i * 7);
	assert_fine(target_read_words(&memory.target, PLACE, MANY, words));
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(words[i], i * 7);
	assert_true(memory.calls <= MANY / 50);
	assert_fine(target_read_words(&memory.target, PLACE, 0, words));
	assert_error(target_read_words(&memory.target, PLACE + 4, MANY, words), POLYTON_ERROR_READ, "cannot read");
	byte_target_deinit(&memory);
}

static void test_error_names_the_address(void **state)
{
	(void)state;
	struct byte_target memory;
	char buffer[16];
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	byte_target_map(&memory, PLACE, 8);
	assert_fine(target_read(&memory.target, PLACE, buffer, 8));
	assert_error(target_read(&memory.target, PLACE, buffer, 9), POLYTON_ERROR_READ,
		     "cannot read 9 bytes at 0x10000: Bad address");
	assert_error(target_read(&memory.target, UINT64_MAX, buffer, 2), POLYTON_ERROR_READ, "0xffffffffffffffff");
	byte_target_deinit(&memory);
}

static void read_nothing(void *state, struct target_read *pieces, size_t count)
{
	(void)state, (void)pieces, (void)count;
}

static void test_reader_that_gives_up_leaves_no_piece_looking_read(void **state)
{
	(void)state;
	const struct target_ops ops = { .read = read_nothing };
	struct target target = { .ops = &ops, .arch = arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB) };
	char byte;
	struct target_read pieces[2] = { { PLACE, &byte, 1, 0 }, { PLACE, &byte, 1, 0 } };
	target_read_pieces(&target, pieces, 2);
	assert_int_equal(pieces[0].error, EINTR);
	assert_int_equal(pieces[1].error, EINTR);
	assert_error(target_read(&target, PLACE, &byte, 1), POLYTON_ERROR_READ, "Interrupted");
	// Nor does such a target have a kernel or registers to ask.
	uint64_t answer = 7;
	assert_int_equal(target_robust_list(&target, 1, &answer), ENOSYS);
	assert_int_equal(target_thread_pointer(&target, 1, &answer), ENOSYS);
	assert_int_equal(answer, 7);
}

static void check_string(struct byte_target *memory, uint64_t address, size_t limit, const char *expected)
{
	char *text = NULL;
	assert_fine(target_read_string(&memory->target, address, limit, &text));
	assert_string_equal(text, expected);
	free(text);
}

static void test_string_right_before_an_unmapped_page(void **state)
{
	(void)state;
	struct byte_target memory;
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	byte_target_map(&memory, PLACE, 2 * PAGE);
	byte_target_put_string(&memory, PLACE + 2 * PAGE - 6, "tokio");
	byte_target_put_string(&memory, PLACE + PAGE - 3, "across");
	check_string(&memory, PLACE + 2 * PAGE - 6, 4096, "tokio");
	check_string(&memory, PLACE + 2 * PAGE - 1, 4096, "");
	check_string(&memory, PLACE + PAGE - 3, 4096, "across");
	byte_target_deinit(&memory);
}

static void test_string_that_does_not_end(void **state)
{
	(void)state;
	struct byte_target memory;
	char *text = NULL;
	byte_target_init(&memory, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	memset(byte_target_map(&memory, PLACE, 8 * PAGE), 'a', 8 * PAGE);
	assert_error(target_read_string(&memory.target, PLACE, PAGE, &text), POLYTON_ERROR_DAMAGED,
		     "string at 0x10000 does not end within 4096 bytes");
	assert_error(target_read_string(&memory.target, PLACE, 100 * PAGE, &text), POLYTON_ERROR_READ, "0x18000");
	assert_error(target_read_string(&memory.target, 0, PAGE, &text), POLYTON_ERROR_READ, "at 0x0");
	assert_null(text);
	// Up to the limit, and not one byte more.
	byte_target_put_string(&memory, PLACE + 10, "");
	check_string(&memory, PLACE, 10, "aaaaaaaaaa");
	assert_error(target_read_string(&memory.target, PLACE, 9, &text), POLYTON_ERROR_DAMAGED, "does not end");
	byte_target_deinit(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_of_every_size_and_order),
		cmocka_unit_test(test_many_words_come_in_few_reads),
		cmocka_unit_test(test_error_names_the_address),
		cmocka_unit_test(test_reader_that_gives_up_leaves_no_piece_looking_read),
		cmocka_unit_test(test_string_right_before_an_unmapped_page),
		cmocka_unit_test(test_string_that_does_not_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

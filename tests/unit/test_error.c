#include "../support/check.h"

#include <errno.h>

static void test_message_and_code(void **state)
{
	(void)state;
	assert_error(error_create(POLYTON_ERROR_DAMAGED, "list at 0x%x does not end", 16), POLYTON_ERROR_DAMAGED,
		     "list at 0x10 does not end");
	char long_text[3000];
	memset(long_text, 'y', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_error(error_create(POLYTON_ERROR_READ, "%s|", long_text), POLYTON_ERROR_READ, "yyy|");
}

static void test_errno_adds_the_reason(void **state)
{
	(void)state;
	struct polyton_error *error = error_errno(POLYTON_ERROR_READ, EFAULT, "cannot read %d", 7);
	assert_string_equal(polyton_error_message(error), "cannot read 7: Bad address");
	assert_int_equal(polyton_error_code(error), POLYTON_ERROR_READ);
	polyton_error_destroy(error);
}

static void test_errno_knows_rights_and_ends(void **state)
{
	(void)state;
	assert_error(error_errno(POLYTON_ERROR_READ, EPERM, "x"), POLYTON_ERROR_PERMISSION, "not permitted");
	assert_error(error_errno(POLYTON_ERROR_READ, EACCES, "x"), POLYTON_ERROR_PERMISSION, "denied");
	assert_error(error_errno(POLYTON_ERROR_READ, ESRCH, "x"), POLYTON_ERROR_NO_SUBJECT, "No such process");
	assert_error(error_errno(POLYTON_ERROR_SYSTEM, 99999, "x"), POLYTON_ERROR_SYSTEM, "99999");
}

static void test_out_of_memory_needs_none(void **state)
{
	(void)state;
	struct polyton_error *error = error_no_memory();
	assert_int_equal(polyton_error_code(error), POLYTON_ERROR_MEMORY);
	assert_string_equal(polyton_error_message(error), "out of memory");
	polyton_error_destroy(error);
	polyton_error_destroy(error);
	polyton_error_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_and_code),
		cmocka_unit_test(test_errno_adds_the_reason),
		cmocka_unit_test(test_errno_knows_rights_and_ends),
		cmocka_unit_test(test_out_of_memory_needs_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

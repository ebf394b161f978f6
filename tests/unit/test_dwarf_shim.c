// Which libraries fit a build: what dwarf_package_version() says against the kind of the headers.

#include "../support/check.h"

#include "dwarf/provider.h"
#include "dwarf/shim.h"

static void test_kinds(void **state)
{
	(void)state;
	static const struct {
		const char *version;
		enum shim_kind kind;
	} said[] = {
		{ "20201201", SHIM_BEFORE_0_1 }, { "20210528", SHIM_BEFORE_0_1 }, { NULL, SHIM_BEFORE_0_1 },
		{ "", SHIM_BEFORE_0_1 },         { "0.3.4", SHIM_BEFORE_0_9 },    { "0.8.0", SHIM_BEFORE_0_9 },
		{ "0.9.2", SHIM_BEFORE_0_12 },   { "0.11.1", SHIM_BEFORE_0_12 },  { "1.11.1", SHIM_BEFORE_0_12 },
		{ "0.12.0", SHIM_SINCE_0_12 },   { "2.0.0", SHIM_SINCE_0_12 },    { "2.3.1", SHIM_SINCE_0_12 },
	};
	for (size_t i = 0; i < count_of(said); i++)
		assert_int_equal(shim_kind_of(said[i].version), said[i].kind);
}

static void test_the_one_that_is_loaded_fits(void **state)
{
	(void)state;
	assert_fine(dwarf_library_check());
#ifdef DW_LIBDWARF_VERSION
	assert_int_equal(shim_kind_of(DW_LIBDWARF_VERSION), SHIM_KIND);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_the_one_that_is_loaded_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

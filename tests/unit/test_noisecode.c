// Functions that say nothing, as nm prints them, and names that stand between them in the table.

#include "../support/check.h"

#include "find/noisecode.h"

static void test_what_objects_have_by_construction(void **state)
{
	(void)state;
	static const char *const names[] = {
		"JNI_OnLoad",
		"SWIG_Python_GetModule",
		"_GLOBAL__sub_I_main.cpp",
		"_Unwind_Resume",
		"_ZNKSt6vectorIiE4sizeEv",
		"_ZNSt6vectorIiE9push_backEOi",
		"_ZSt4moveIiEvT_",
		"__Pyx_PyObject_Call",
		"_ZN10__cxxabiv117__class_type_infoD1Ev",
		"_ZN9__gnu_cxx27__verbose_terminate_handlerEv",
		"__aarch64_cas4_acq_rel",
		"__addtf3",
		"__ashlti3",
		"__bid64_add",
		"__cpu_indicator_init",
		"__divti3",
		"__do_global_dtors_aux",
		"__gcov_flush",
		"__static_initialization_and_destruction_0",
		"__udivti3",
		"__unordtf2",
		"__x86.get_pc_thunk.bx",
		"_fini",
		"_init",
		"_mcount",
		"_start",
		"_sub_I_65535_0",
		"add_fdes.isra.0",
		"at_quick_exit",
		"atexit",
		"deregister_tm_clones",
		"frame_dummy",
		"fstat64",
		"init_have_lse_atomics",
		"main",
		"register_tm_clones",
		"stat",
		"uw_init_context_1",
		"yyparse",
	};
	for (size_t i = 0; i < count_of(names); i++) {
		if (!noisecode_has(names[i]))
			fail_msg("%s is taken for a function that says something", names[i]);
	}
}

static void test_what_people_write(void **state)
{
	(void)state;
	static const char *const names[] = {
		"",      "A",   "JNI",      "_",         "_Z",       "_ZN3lib4readEv", "_ZNS0_3fooEv", "__",
		"__Pyx", "__a", "__dinner", "__getf",    "_finally", "at_exit_hook",   "frame",        "mai",
		"parse", "sta", "user_a",   "xylophone", "y",        "z_last_of_all",
	};
	for (size_t i = 0; i < count_of(names); i++) {
		if (noisecode_has(names[i]))
			fail_msg("%s is taken for one that says nothing", names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_objects_have_by_construction),
		cmocka_unit_test(test_what_people_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

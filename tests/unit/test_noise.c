#include "../support/check.h"

#include "find/noise.h"

static struct arena arena;

static const char *reason_of(const char *symbol, bool is_local)
{
	struct identity identity;
	assert_fine(identity_of(symbol, is_local, &arena, &identity));
	return noise_reason(symbol, &identity);
}

static int forget(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

// As nm prints them of what gcc 12, clang 14, rustc 1.63 and 1.95, Go 1.19, flex and bison made.
static const struct {
	const char *symbol, *words; // of the reason
} noise[] = {
	{ "completed.0", "start files" },
	{ "completed.7325", "start files" }, // gcc 8
	{ "dtor_idx.6357", "start files" },
	{ "__dso_handle", "start files" },
	{ "__TMC_END__", "start files" },
	{ "__frame_dummy_init_array_entry", "start files" },
	{ "__do_global_dtors_aux_fini_array_entry", "start files" },
	{ "_IO_stdin_used", "start files" },
	{ "_DYNAMIC", "linker" },
	{ "_GLOBAL_OFFSET_TABLE_", "linker" },
	{ "__bss_start", "linker" },
	{ "__start___llvm_prf_cnts", "linker" },
	{ "__stop_my_section", "linker" },
	{ "DW.ref.__gxx_personality_v0", "exceptions" },
	{ "DW.ref._ZTI5Error", "exceptions" },
	{ "DW.ref.rust_eh_personality", "exceptions" },
	{ "_ZStL8__ioinit", "header" },
	{ "_ZStL19piecewise_construct", "header" },
	{ "_ZTVN2ns1CE", "class" },
	{ "_ZTIN2ns1CE", "class" },
	{ "_ZTSN2ns1CE", "class" },
	{ "_ZTTN2ns1CE", "class" },
	{ "_ZTCN2ns1CE0_NS_1BE", "class" },
	{ "CSWTCH.11", "nameless" },
	{ "CSWTCH.11.lto_priv.0", "nameless" },
	{ "__compound_literal.1.lto_priv.1", "nameless" },
	{ ".compoundliteral.2.llvm.3841433867577437762", "nameless" },
	{ "anon.00a2218548287d31246d34243aada62e.0.llvm.9363107394177192805", "nameless" },
	{ "__func__.4", "nameless" },
	{ "_ZZ3foovE8__func__", "nameless" },
	{ "_ZZN2ns3fooEvE19__PRETTY_FUNCTION__", "nameless" },
	{ "__cpu_model", "libgcc" },
	{ "__aarch64_have_lse_atomics", "libgcc" },
	{ "frame_hdr_cache", "libgcc" },
	{ "__odr_asan.filelit", "sanitizer" },
	{ "__asan_option_detect_stack_use_after_return", "sanitizer" },
	{ "_ZN11__sanitizerL10cache_lockE", "sanitizer" },
	{ "__gcov0.main", "coverage" },
	{ "__gcov_.main", "coverage" },
	{ "__llvm_gcov_ctr.3", "coverage" },
	{ "__llvm_profile_raw_version", "coverage" },
	{ "__covrec_26E290808A3C3EF0u", "coverage" },
	{ "_parser.17", "Python" },
	{ "_kwtuple.3", "Python" },
	{ "kwlist.5", "Python" },
	{ "socket_sendto.kwlist", "Python" }, // clang
	{ "moduledef", "Python" },
	{ "_ZL9moduledef", "Python" },
	{ "_ZL7_module", "Python" },
	{ "methods", "Python" },
	{ "__pyx_mstate_global", "Cython" },
	{ "_ZL13__pyx_builtins", "Cython" },
	{ "_swigt__p_char", "SWIG" },
	{ "yy_buffer_stack", "parser" },
	{ "yytext", "parser" },
	{ "yytable", "parser" },
	{ ".gomp_critical_user_lock", "OpenMP" },
	{ "__rust_no_alloc_shim_is_unstable", "rustc" },
	{ "__rustc_proc_macro_decls_0123456789abcdef__", "rustc" },
	{ "_rust_extern_with_linkage___dso_handle.llvm.6393127353238539583", "rustc" },
	{ "_RNvNvNtNtNtCscTPYGNvQQN5_6memchr4arch6x86_646memchr10memchr_raw2FN", "processor" },
	{ "_cgo_init", "Go" },
	{ "internal/cpu.X86", "Go" },
	{ "_ZGVZN2ns6meyersEvE1m", "set up" },
	{ "_ZGR4keptB5cxx11_", "set up" },
	{ "__tls_guard", "set up" },
	{ "_ZN1a1X7__getit5STATE17h0123456789abcdefE", "set up" },
};

static void test_names_that_objects_have_by_construction(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(noise); i++) {
		const char *reason = reason_of(noise[i].symbol, true);
		if (!reason || !strstr(reason, noise[i].words))
			print_error("%s: %s\n", noise[i].symbol, reason ? reason : "no noise");
		assert_non_null(reason);
		assert_non_null(strstr(reason, noise[i].words));
		// It is the end of a sentence in a report.
		assert_true(strlen(reason) < 100);
		assert_null(strpbrk(reason, "\n"));
		assert_int_not_equal(reason[strlen(reason) - 1], '.');
	}
}

static const struct {
	const char *symbol;
	bool is_local;
} names[] = {
	// The C library's data is one copy by binding, not by name.
	{ "stdout", false },
	{ "environ", false },
	{ "optind", false },
	{ "_ZSt4cout", false },
	{ "tzname", false },
	// Close to what is noise.
	{ "completed", true },
	{ "completed", false },
	{ "completed.7", true }, // the user's own, in gcc 12
	{ "completed.12.lto_priv.0", true },
	{ "work.completed", true },
	{ "methods", false },
	{ "moduledef", false },
	{ "_ZN2ns7methodsE", false },
	{ "_ZN2ns7_moduleE", false },
	{ "kwlist", true },
	{ "kwlist", false },
	{ "yyextra_data", true },
	{ "yy_state", false },
	{ "yytable", false },
	{ "frame_hdr_cache", false },
	{ "swig_types", false },
	{ "start_time", true },
	{ "__startup", false },
	{ "end", false },
	{ "edata", true },
	{ "str.0", true },
	{ "anonymous", true },
	{ "internal_state", false },
	{ "runtime", false },
	{ "runtime.0", true },
	{ "runtime.instance", true },
	{ "anon.0", true },
	{ "anon.cache", true },
	{ "typeinfo", false },
	{ "go", true },
	{ "profile", false },
	{ "_ZSt14__once_callable", false },
	{ "_ZNSt6locale2id11_S_refcountE", false },
	{ "_ZTerminal", false },
	{ "_ZZ3foovE1x", false },
	// Third parties' Rust.
	{ "_ZN5tokio7runtime7context7CONTEXT17h6f087f584668bf03E", true },
	{ "_ZN3log5STATE17h6f087f584668bf03E", true },
	{ "_ZN6memchr6memchr3x866memchr2FN17h6f087f584668bf03E", true },
	{ "_RNvNtNtC9my_memchr4arch6x86_642FN", true },
	{ "_RNvNtNtNtNtC6memchr4arch6x86_646memchr5other", true },
	{ "_RNvC6memchr4arch", true },
};

static void test_names_that_people_give(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(names); i++) {
		const char *reason = reason_of(names[i].symbol, names[i].is_local);
		if (reason)
			print_error("%s: %s\n", names[i].symbol, reason);
		assert_null(reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_names_that_objects_have_by_construction, forget),
		cmocka_unit_test_teardown(test_names_that_people_give, forget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "find/identity.h"
#include "rust_names.h"

// Processor seconds that this test may take: a demangler that follows every reference of a hostile name never ends.
enum { PATIENCE = 30 };

static struct arena arena;

static struct identity read_name(const char *symbol, bool is_local)
{
	struct identity identity;
	assert_fine(identity_of(symbol, is_local, &arena, &identity));
	assert_non_null(identity.key);
	assert_non_null(identity.name);
	assert_non_null(identity.mark);
	assert_non_null(identity.library);
	return identity;
}

static int forget(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

static void test_rust_variables_have_one_spelling(void **state)
{
	(void)state;
	const char *path = NULL;
	enum identity_role role = IDENTITY_VALUE;
	size_t symbols = 0;
	for (size_t i = 0; i < count_of(rust_names); i++) {
		if (rust_names[i][0] != '_') {
			role = strncmp(rust_names[i], "STATE", 5) == 0 ? IDENTITY_STATE : IDENTITY_VALUE;
			path = rust_names[i] + 6;
			continue;
		}
		struct identity identity = read_name(rust_names[i], true);
		assert_string_equal(identity.key, path);
		assert_string_equal(identity.name, path);
		assert_string_equal(identity.library, "sample_crate");
		assert_int_equal(identity.language, POLYTON_LANGUAGE_RUST);
		assert_int_equal(identity.role, role);
		// Linkers make nearly every Rust variable local; its path means the same everywhere all the same.
		assert_int_equal(identity.scope, IDENTITY_GLOBAL);
		assert_true(strlen(identity.mark) >= 15);
		symbols++;
	}
	assert_true(symbols > 80);
}

/** A name as one symbol has it. */
struct expectation {
	const char *symbol, *name, *library, *mark;
};

static void expect_rust(const struct expectation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct identity identity = read_name(rows[i].symbol, true);
		assert_int_equal(identity.language, POLYTON_LANGUAGE_RUST);
		assert_string_equal(identity.name, rows[i].name);
		assert_string_equal(identity.library, rows[i].library);
		assert_string_equal(identity.mark, rows[i].mark);
	}
}

static void test_builds_are_told_apart_by_their_marks(void **state)
{
	(void)state;
	static const struct expectation rows[] = {
		{ "_ZN12sample_crate5twice1X17h0758eb6ea6536dabE", "sample_crate::twice::X", "sample_crate",
		  "0758eb6ea6536dab" },
		{ "_ZN12sample_crate5twice1X17heca6662e6b05f351E", "sample_crate::twice::X", "sample_crate",
		  "eca6662e6b05f351" },
		// v0 has one number for the crate's build; rustfilt prints it, too.
		{ "_RNvNvCsPlj6SP6PO4_12sample_crate5twice1X", "sample_crate::twice::X", "sample_crate",
		  "9a54ab4c66a8f2e" },
		{ "_RNvNtNtCsPlj6SP6PO4_12sample_crate5inner4deep5PLAIN", "sample_crate::inner::deep::PLAIN",
		  "sample_crate", "9a54ab4c66a8f2e" },
		{ "_RNvC1a1b", "a::b", "a", "0" },
	};
	expect_rust(rows, count_of(rows));

	// The second of a name in the same crate's build has the crate's number and something of its own.
	struct identity first = read_name("_RNvNvCsPlj6SP6PO4_12sample_crate5twice1X", true);
	struct identity second = read_name("_RNvNvCsPlj6SP6PO4_12sample_crate5twices_1X", true);
	struct identity third = read_name("_RNvNvCsPlj6SP6PO4_12sample_crate5twices0_1X", true);
	assert_string_equal(first.key, second.key);
	assert_int_equal(strncmp(first.mark, second.mark, strlen(first.mark)), 0);
	assert_string_not_equal(first.mark, second.mark);
	assert_string_not_equal(second.mark, third.mark);
	assert_string_equal(second.mark, read_name("_RNvNvCsPlj6SP6PO4_12sample_crate5twices_1X.0", true).mark);
}

static void test_suffixes_of_llvm_are_dropped(void **state)
{
	(void)state;
	static const struct expectation rows[] = {
		{ "_ZN3std10sys_common6thread9min_stack3MIN17h940e65e287f9cf58E.0",
		  "std::sys_common::thread::min_stack::MIN", "std", "940e65e287f9cf58" },
		{ "_ZN3std3sys4unix2os8ENV_LOCK17hce04e4fd66d77774E.llvm.17321650172939032598",
		  "std::sys::unix::os::ENV_LOCK", "std", "ce04e4fd66d77774" },
		{ "_ZN3std10sys_common11thread_info11THREAD_INFO7__getit5STATE17h2df3b0740f482025E.0.llvm."
		  "14675764578384208085",
		  "std::sys_common::thread_info::THREAD_INFO", "std", "2df3b0740f482025" },
		{ "_RNvNtNtNtNtNtCsjrHSEGnQ3l9_3std3sys3pal4unix14stack_overflow3imp9PAGE_SIZE.0",
		  "std::sys::pal::unix::stack_overflow::imp::PAGE_SIZE", "std", "e28293b1aa0f68bd" },
		{ "_RNvNvNtNtNtCscTPYGNvQQN5_6memchr4arch6x86_646memchr10memchr_raw2FN",
		  "memchr::arch::x86_64::memchr::memchr_raw::FN", "memchr", "9642f0ce76a98c65" },
	};
	expect_rust(rows, count_of(rows));
	assert_int_equal(read_name(rows[2].symbol, true).role, IDENTITY_STATE);
}

static void test_thread_locals_of_other_compilers(void **state)
{
	(void)state;
	// 1.80 has the closure of 1.95 and VAL in it; v0 had "k" for constants once.
	static const char *const symbols[] = {
		("_ZN5tokio7CONTEXT29_$u7b$$u7b$constant$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$"
		 "3VAL17h0123456789abcdefE"),
		"_RNvNCNkNvCs123_5tokio7CONTEXT003VAL",
		"_RNvNCNKNvCs123_5tokio7CONTEXT0s_023___RUST_STD_INTERNAL_VAL",
		"_ZN5tokio7CONTEXT7__getit5__KEY17h0123456789abcdefE",
	};
	for (size_t i = 0; i < count_of(symbols); i++)
		assert_string_equal(read_name(symbols[i], true).name, "tokio::CONTEXT");
}

static void test_code_belongs_to_the_crate_that_implements(void **state)
{
	(void)state;
	static const struct expectation rows[] = {
		{ "_ZN51_$LT$a..Type$u20$as$u20$core..ops..deref..Deref$GT$5deref1X17h0123456789abcdefE",
		  "<a::Type as core::ops::deref::Deref>::deref::X", "a", "0123456789abcdef" },
		{ "_ZN40_$LT$$RF$a..Type$u20$as$u20$b..Trait$GT$1f1X17h0123456789abcdefE",
		  "<&a::Type as b::Trait>::f::X", "a", "0123456789abcdef" },
		{ "_ZN59_$LT$alloc..vec..Vec$LT$a..Type$GT$$u20$as$u20$b..Trait$GT$1f1X17h0123456789abcdefE",
		  "<alloc::vec::Vec<a::Type> as b::Trait>::f::X", "b", "0123456789abcdef" },
		{ "_ZN40_$LT$u8$u20$as$u20$b..Trait$LT$T$GT$$GT$1f1X17h0123456789abcdefE",
		  "<u8 as b::Trait<_>>::f::X", "b", "0123456789abcdef" },
		{ "_ZN30_$LT$T$u20$as$u20$b..Trait$GT$1f1X17h0123456789abcdefE", "<_ as b::Trait>::f::X", "b",
		  "0123456789abcdef" },
		{ "_ZN66_$LT$core..option..Option$LT$T$GT$$u20$as$u20$core..fmt..Debug$GT$3fmt1X17h01234567"
		  "89abcdefE",
		  "<core::option::Option<_> as core::fmt::Debug>::fmt::X", "core", "0123456789abcdef" },
		{ "_ZN1b1m83_$LT$impl$u20$core..convert..From$LT$a..T$GT$$u20$for$u20$alloc..string..String"
		  "$GT$4from1X17h0123456789abcdefE",
		  "<alloc::string::String as core::convert::From<a::T>>::from::X", "b", "0123456789abcdef" },
		{ "_ZN4core3num21_$LT$impl$u20$u32$GT$3pow1X17h0123456789abcdefE", "<u32>::pow::X", "core",
		  "0123456789abcdef" },
		{ "_RNvXC1bhNtC1b5Trait1X", "<u8 as b::Trait>::X", "b", "0" },
	};
	expect_rust(rows, count_of(rows));
	// The module that the code is in says it, not the types.
	struct identity identity = read_name("_RNvXs_NtC1b1mNtNtC5alloc6string6StringNtC1a5Trait1X", true);
	assert_string_equal(identity.name, "<alloc::string::String as a::Trait>::X");
	assert_string_equal(identity.library, "b");
}

static void test_what_only_looks_like_rust(void **state)
{
	(void)state;
	static const char *const c_names[] = { "_R", "_Rodeo", "_RNA_data", "_RC",       "_RINGBUF",
					       "R",  "_",      "17h",       "_R0NvC1a1b" };
	for (size_t i = 0; i < count_of(c_names); i++) {
		struct identity identity = read_name(c_names[i], false);
		assert_int_equal(identity.language, POLYTON_LANGUAGE_C);
		assert_string_equal(identity.name, c_names[i]);
	}
	static const char *const cxx_names[] = {
		"_ZN1a1b17h0123456789abcdeE",    // a digit too few
		"_ZN1a1b17h0123456789abcdeFE",   // a capital
		"_ZN1a1b17h0123456789abcdef1xE", // not the last part
		"_ZN17h0123456789abcdefE",       // nothing before it
		"_ZN1a9b17h0123456789abcdefE",   // a length that lies
	};
	for (size_t i = 0; i < count_of(cxx_names); i++)
		assert_int_equal(read_name(cxx_names[i], false).language, POLYTON_LANGUAGE_CXX);
}

/** A C++ name as one symbol has it. */
struct cxx_expectation {
	const char *symbol, *name, *library;
	enum identity_scope scope;
	enum identity_role role;
};

// From g++ 12 and clang++ 14.
static const struct cxx_expectation cxx_names[] = {
	{ "_ZN2ns3pubE", "ns::pub", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZN2nsL3locE", "ns::loc", "ns", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZL3top", "top", "", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZN2ns12_GLOBAL__N_14anonE", "ns::(anonymous namespace)::anon", "ns", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZN12_GLOBAL__N_14anonE", "(anonymous namespace)::anon", "", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZN2ns2v11XINS_12_GLOBAL__N_11HEE2tlE", "ns::v1::X<ns::(anonymous namespace)::H>::tl", "ns", IDENTITY_FILE,
	  IDENTITY_VALUE },
	{ "_ZN2ns2v11XIiE4instE", "ns::v1::X<int>::inst", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZN2ns2QEILNS_1EE0EE2qeE", "ns::QE<(ns::E)0>::qe", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZN2ns4varTIdEE", "ns::varT<double>", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_Z3gtlB5cxx11", "gtl[abi:cxx11]", "", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZSt4cout", "std::cout", "std", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZStL8__ioinit", "std::__ioinit", "std", IDENTITY_FILE, IDENTITY_VALUE },
	// A variable of a function is where the function is.
	{ "_ZZN2ns6meyersEvE1m", "ns::meyers()::m", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZZN2nsL7smeyersEvE1m", "ns::smeyers()::m", "ns", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZZL7smeyersvE1m", "smeyers()::m", "", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZZN2ns1CclEiE2op", "ns::C::operator()(int)::op", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZZ2tfIiEiT_E2ts", "tf<int>(int)::ts", "", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZZ4cfunE3cst", "cfun::cst", "", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZZZ1fvENKUliE_clEiE3il2", "f()::{lambda(int)#1}::operator()(int) const::il2", "", IDENTITY_GLOBAL,
	  IDENTITY_VALUE },
	{ "_ZZNK3$_0clEiE3inl", "$_0::operator()(int) const::inl", "", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZZNKUliE_clEiE3inl", "{lambda(int)#1}::operator()(int) const::inl", "", IDENTITY_FILE, IDENTITY_VALUE },
	{ "_ZGVZN2ns6meyersEvE1m", "guard variable for ns::meyers()::m", "ns", IDENTITY_GLOBAL, IDENTITY_GUARD },
	{ "_ZGR4keptB5cxx11_", "reference temporary #0 for kept[abi:cxx11]", "", IDENTITY_GLOBAL, IDENTITY_GUARD },
	{ "_ZTW3gtl", "TLS wrapper function for gtl", "", IDENTITY_GLOBAL, IDENTITY_GUARD },
	{ "_ZTH3gtl", "TLS init function for gtl", "", IDENTITY_GLOBAL, IDENTITY_GUARD },
	{ "_ZTVN2ns1CE", "vtable for ns::C", "ns", IDENTITY_GLOBAL, IDENTITY_VALUE },
	// Groups that publish many libraries below one name.
	{ "_ZN6google8protobuf8internal10fixed_poolE", "google::protobuf::internal::fixed_pool", "google::protobuf",
	  IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZN6google10LogMessage4dataE", "google::LogMessage::data", "google", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZN6google4flagE", "google::flag", "google", IDENTITY_GLOBAL, IDENTITY_VALUE },
	{ "_ZN5boost6system3catE", "boost::system::cat", "boost::system", IDENTITY_GLOBAL, IDENTITY_VALUE },
};

static void test_cxx_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(cxx_names); i++) {
		// Whether the symbol is local depends on linkers; the name does not.
		for (int is_local = 0; is_local < 2; is_local++) {
			struct identity identity = read_name(cxx_names[i].symbol, is_local);
			assert_int_equal(identity.language, POLYTON_LANGUAGE_CXX);
			assert_string_equal(identity.key, cxx_names[i].symbol);
			assert_string_equal(identity.name, cxx_names[i].name);
			assert_string_equal(identity.library, cxx_names[i].library);
			assert_string_equal(identity.mark, "");
			assert_int_equal(identity.scope, cxx_names[i].scope);
			assert_int_equal(identity.role, cxx_names[i].role);
		}
	}
	struct identity copy = read_name("_ZL3top.lto_priv.0@V1", true);
	assert_string_equal(copy.key, "_ZL3top");
	assert_string_equal(copy.name, "top");
	assert_int_equal(copy.scope, IDENTITY_FILE);
	struct identity guard = read_name("__tls_guard", true);
	assert_int_equal(guard.role, IDENTITY_GUARD);
	assert_int_equal(guard.language, POLYTON_LANGUAGE_CXX);
}

static void test_c_names(void **state)
{
	(void)state;
	// From gcc 12 and clang 14, with and without LTO.
	static const struct {
		const char *symbol;
		bool is_local;
		const char *key;
		enum identity_scope scope;
	} rows[] = {
		{ "counter", false, "counter", IDENTITY_GLOBAL },
		{ "counter", true, "counter", IDENTITY_FILE },
		{ "counter@V1", false, "counter", IDENTITY_GLOBAL },
		{ "counter@@V2", false, "counter", IDENTITY_GLOBAL },
		{ "counter.1234", true, "counter", IDENTITY_LOCAL },
		{ "counter.1234", false, "counter", IDENTITY_LOCAL }, // a linker without STT_FILE
		{ "counter.0.lto_priv.1", true, "counter", IDENTITY_LOCAL },
		{ "counter.lto_priv.0", true, "counter", IDENTITY_FILE },
		{ "counter.lto_priv.0", false, "counter", IDENTITY_FILE },
		{ "counter.llvm.5562601714729081099", false, "counter", IDENTITY_FILE },
		{ "counter.cold", true, "counter", IDENTITY_FILE },
		{ "counter.constprop.0.isra.3", true, "counter", IDENTITY_FILE },
		{ "function.counter", true, "function.counter", IDENTITY_LOCAL },
		{ "function.counter.1", true, "function.counter", IDENTITY_LOCAL },
		{ "function.counter.1.llvm.77", true, "function.counter", IDENTITY_LOCAL },
		{ "DW.ref.__gxx_personality_v0", false, "DW.ref.__gxx_personality_v0", IDENTITY_GLOBAL },
		{ ".compoundliteral.2", true, ".compoundliteral", IDENTITY_LOCAL },
		{ ".gomp_critical_user_x", false, ".gomp_critical_user_x", IDENTITY_GLOBAL },
		{ "counter.", false, "counter.", IDENTITY_GLOBAL },
		{ ".5", false, ".5", IDENTITY_GLOBAL },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct identity identity = read_name(rows[i].symbol, rows[i].is_local);
		assert_int_equal(identity.language, POLYTON_LANGUAGE_C);
		assert_string_equal(identity.key, rows[i].key);
		assert_string_equal(identity.name, rows[i].key);
		assert_string_equal(identity.library, "");
		assert_string_equal(identity.mark, "");
		assert_int_equal(identity.role, IDENTITY_VALUE);
		assert_int_equal(identity.scope, rows[i].scope);
	}
}

static void test_std_is_what_no_user_can_have(void **state)
{
	(void)state;
	static const char *const yes[] = { "std",        "core",         "alloc",
					   "proc_macro", "panic_unwind", "compiler_builtins",
					   "std_detect", "test",         "__rustc" };
	static const char *const no[] = {
		"", "tokio", "hashbrown", "memchr", "libc", "stdx", "st", "gimli", "object"
	};
	for (size_t i = 0; i < count_of(yes); i++)
		assert_true(identity_is_std_crate(yes[i]));
	for (size_t i = 0; i < count_of(no); i++)
		assert_false(identity_is_std_crate(no[i]));
}

// Every part of real names, cut off anywhere, and with any one byte replaced.
static void test_damaged_names_are_survived(void **state)
{
	(void)state;
	static const char replacements[] = "_$.0EBNLsz";
	for (size_t i = 0; i < count_of(rust_names); i++) {
		size_t length = strlen(rust_names[i]);
		for (size_t cut = 0; cut < length; cut++) {
			// At the end of an allocation, where a sanitizer sees any step too far.
			char *name = strndup(rust_names[i], cut);
			assert_non_null(name);
			read_name(name, true);
			free(name);
			name = strdup(rust_names[i]);
			assert_non_null(name);
			name[cut] = replacements[cut % (sizeof(replacements) - 1)];
			read_name(name, true);
			free(name);
		}
		arena_deinit(&arena);
	}
}

// "_" is 0, "0_" is 1, "10_" is 63.
static void put_base62(FILE *file, size_t number)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char text[16];
	size_t at = sizeof(text);
	for (size_t left = number ? number - 1 : 0; number && (left || at == sizeof(text)); left /= 62)
		text[--at] = digits[left % 62];
	fprintf(file, "%.*s_", (int)(sizeof(text) - at), text + at);
}

// a::f<((u32, u32), (u32, u32)), ...>, each tuple of two of the one before.
static char *doubling_rust_name(int depth)
{
	char *name = NULL;
	size_t size, last = strlen("INvC1a1f");
	FILE *file = open_memstream(&name, &size);
	assert_non_null(file);
	fprintf(file, "_RINvC1a1fTmmE");
	for (int i = 0; i < depth; i++) {
		fflush(file);
		size_t here = size - strlen("_R");
		fputs("TB", file);
		put_base62(file, last);
		fputs("B", file);
		put_base62(file, last);
		fputs("E", file);
		last = here;
	}
	fputs("E", file);
	assert_int_equal(fclose(file), 0);
	return name;
}

// f(A, P<A, A>, P<P<A, A>, P<A, A>>, ...)::x
static char *doubling_cxx_name(int depth)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *name = NULL;
	size_t size;
	FILE *file = open_memstream(&name, &size);
	assert_non_null(file);
	fprintf(file, "_ZZ1f1A1PIS_S_E");
	for (int i = 1; i <= depth; i++) {
		char number[3] = { digits[i % 36] };
		if (i >= 36)
			memcpy(number, (char[]){ digits[i / 36], digits[i % 36] }, 2);
		fprintf(file, "S0_IS%s_S%s_E", number, number);
	}
	fprintf(file, "E1x");
	assert_int_equal(fclose(file), 0);
	return name;
}

static void test_names_that_double_with_every_part_end(void **state)
{
	(void)state;
	char *(*const makers[])(int) = { doubling_rust_name, doubling_cxx_name };
	for (size_t i = 0; i < count_of(makers); i++) {
		char *name = makers[i](3);
		struct identity identity = read_name(name, true);
		assert_string_not_equal(identity.name, name);
		assert_true(strlen(identity.name) > 80);
		free(name);
		// Were it printed, it would fill any memory; it stands for itself then.
		name = makers[i](60);
		identity = read_name(name, true);
		assert_string_equal(identity.name, name);
		free(name);
	}
}

// Lifetimes print nothing, so no end of the text stops what reads them again and again.
static void test_what_prints_nothing_ends(void **state)
{
	(void)state;
	enum { LIFETIMES = 400 * 1000, REFERENCES = 1000, TIMES = 50 };
	char *name, *at;
	name = at = malloc(2 * LIFETIMES + 4 * REFERENCES + 64);
	assert_non_null(name);
	at = stpcpy(at, "_RINvC1a1fINvC1b1g");
	for (int i = 0; i < LIFETIMES; i++)
		at = stpcpy(at, "L_");
	at = stpcpy(at, "E");
	for (int i = 0; i < REFERENCES; i++)
		at = stpcpy(at, "B7_");
	stpcpy(at, "E");
	for (int i = 0; i < TIMES; i++)
		assert_string_equal(read_name(name, true).name, name);
	free(name);
}

static void test_long_and_deep_names_end(void **state)
{
	(void)state;
	enum { LONG = 200 * 1000 };
	static const struct {
		const char *start, *part, *end;
	} shapes[] = {
		{ "_RINvC1a1f", "R", "uE" },
		{ "_RINvC1a1f", "L_", "E" },
		{ "_RINvC1a1f", "KB9_", "E" },
		{ "_R", "Nv", "C1a" },
		{ "_RMC1a", "X", "" },
		{ "_RNvC", "9", "" },
		{ "_RNvC1au5abc_", "9", "" },
		{ "_ZN", "1a", "17h0123456789abcdefE" },
		{ "_ZN", "5$LT$$", "17h0123456789abcdefE" },
		{ "_ZN", "3foo", "E" },
		{ "_Z", "Z", "" },
		{ "_ZN", "9", "" },
		{ "a", ".0", "" },
		{ "a", ".lto_priv.1", "" },
		{ "", ".", "" },
		{ "", "@", "" },
	};
	for (size_t i = 0; i < count_of(shapes); i++) {
		size_t parts = LONG / strlen(shapes[i].part),
		       size = strlen(shapes[i].start) + LONG + strlen(shapes[i].end) + 1;
		char *name = malloc(size), *at = name;
		assert_non_null(name);
		at = stpcpy(at, shapes[i].start);
		for (size_t k = 0; k < parts; k++)
			at = stpcpy(at, shapes[i].part);
		stpcpy(at, shapes[i].end);
		read_name(name, true);
		free(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rust_variables_have_one_spelling, forget),
		cmocka_unit_test_teardown(test_builds_are_told_apart_by_their_marks, forget),
		cmocka_unit_test_teardown(test_suffixes_of_llvm_are_dropped, forget),
		cmocka_unit_test_teardown(test_thread_locals_of_other_compilers, forget),
		cmocka_unit_test_teardown(test_code_belongs_to_the_crate_that_implements, forget),
		cmocka_unit_test_teardown(test_what_only_looks_like_rust, forget),
		cmocka_unit_test_teardown(test_cxx_names, forget),
		cmocka_unit_test_teardown(test_c_names, forget),
		cmocka_unit_test(test_std_is_what_no_user_can_have),
		cmocka_unit_test_teardown(test_damaged_names_are_survived, forget),
		cmocka_unit_test_teardown(test_names_that_double_with_every_part_end, forget),
		cmocka_unit_test_teardown(test_what_prints_nothing_ends, forget),
		cmocka_unit_test_teardown(test_long_and_deep_names_end, forget),
	};
	assert_int_equal(setrlimit(RLIMIT_CPU, &(struct rlimit){ PATIENCE, PATIENCE }), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

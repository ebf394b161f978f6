// Names that say nothing when they appear twice, because compilers, linkers and generators put them everywhere. They
// are data: adding one is a line here. A row must never fit a name that people give to variables of their own, so it
// is as narrow as the thing it stands for, and names that only occur as statics are looked for among statics only.
// Measured over the packages of a distribution; docs/architecture.md says how.

#include "find/noise.h"

#include <string.h>

enum reason {
	START_FILES,
	LINKER,
	EXCEPTIONS,
	STD_HEADERS,
	CLASS_TABLES,
	CONSTANTS,
	LIBGCC,
	SANITIZERS,
	PROFILING,
	PYTHON,
	CYTHON,
	SWIG,
	PARSERS,
	CRITICAL,
	RUST,
	MEMCHR,
	GO,
	EMACS,
	PYO3,
};

static const char *const reasons[] = {
	[START_FILES] = "the compiler's start files define it in every object",
	[LINKER] = "the linker defines it in every object",
	[EXCEPTIONS] = "the compiler puts it into every object that handles exceptions",
	[STD_HEADERS] = "a header of the C++ standard library defines it in every file that includes it",
	[CLASS_TABLES] = "a table that the compiler makes for a class: never written, and the same everywhere",
	[CONSTANTS] = "a nameless object of the source, which the compiler numbered",
	[LIBGCC] = "libgcc's support code is linked into every object that needs it",
	[SANITIZERS] = "a sanitizer's instrumentation is in every object built with it",
	[PROFILING] = "instrumentation for coverage or profiles is in every object built with it",
	[PYTHON] = "each Python extension module has tables of its own for this",
	[CYTHON] = "Cython generates it for each module",
	[SWIG] = "SWIG generates it for each module",
	[PARSERS] = "flex and bison generate it for each parser",
	[CRITICAL] = "the lock of an OpenMP critical section in this object's code",
	[RUST] = "rustc makes it for every object",
	[MEMCHR] = "a cache of which routine suits the processor; Rust's standard library has it in every object",
	[GO] = "each Go library has a Go runtime of its own",
	[PYO3] = "a cache of pyo3's intern!(): each object looks its string up for itself",
	[EMACS] = "each compiled Lisp file of Emacs has tables of its own for this",
};

enum match {
	SYMBOL,       ///< The symbol is this.
	START,        ///< The symbol starts with this.
	END,          ///< The symbol ends with this.
	STATIC,       ///< A variable of file or function scope has this name, in C or C++.
	STATIC_START, ///< Its name starts with this.
	FUNCTION,     ///< A variable of function scope has this name ("name.12", clang's "function.name").
	CRT,          ///< The same, with a number as in start files.
	HASHED,       ///< The key is this and 32 hex digits.
	PATH,         ///< The Rust path starts with this, and ends with what follows the '*'.
};

static const struct row {
	enum reason reason;
	enum match match;
	const char *text;
} rows[] = {
	{ START_FILES, SYMBOL, "__dso_handle" },
	{ START_FILES, SYMBOL, "__TMC_END__" },
	{ START_FILES, SYMBOL, "__TMC_LIST__" },
	{ START_FILES, SYMBOL, "__EH_FRAME_BEGIN__" },
	{ START_FILES, SYMBOL, "__FRAME_END__" },
	{ START_FILES, SYMBOL, "__CTOR_LIST__" },
	{ START_FILES, SYMBOL, "__CTOR_END__" },
	{ START_FILES, SYMBOL, "__DTOR_LIST__" },
	{ START_FILES, SYMBOL, "__DTOR_END__" },
	{ START_FILES, SYMBOL, "__JCR_LIST__" },
	{ START_FILES, SYMBOL, "__JCR_END__" },
	{ START_FILES, SYMBOL, "__frame_dummy_init_array_entry" },
	{ START_FILES, SYMBOL, "__do_global_dtors_aux_fini_array_entry" },
	{ START_FILES, SYMBOL, "_IO_stdin_used" },
	{ START_FILES, SYMBOL, "__abi_tag" },
	{ START_FILES, SYMBOL, "__data_start" },
	{ START_FILES, SYMBOL, "data_start" },
	{ START_FILES, CRT, "completed" },
	{ START_FILES, CRT, "dtor_idx" },

	{ LINKER, SYMBOL, "_DYNAMIC" },
	{ LINKER, SYMBOL, "_GLOBAL_OFFSET_TABLE_" },
	{ LINKER, SYMBOL, "_PROCEDURE_LINKAGE_TABLE_" },
	{ LINKER, SYMBOL, "_TLS_MODULE_BASE_" },
	{ LINKER, SYMBOL, "__GNU_EH_FRAME_HDR" },
	{ LINKER, SYMBOL, "__ehdr_start" },
	{ LINKER, SYMBOL, "__executable_start" },
	{ LINKER, SYMBOL, "__bss_start" },
	{ LINKER, SYMBOL, "__bss_start__" },
	{ LINKER, SYMBOL, "__bss_end__" },
	{ LINKER, SYMBOL, "_bss_end__" },
	{ LINKER, SYMBOL, "_edata" },
	{ LINKER, SYMBOL, "_end" },
	{ LINKER, SYMBOL, "__end__" },
	{ LINKER, SYMBOL, "_etext" },
	{ LINKER, SYMBOL, "__init_array_start" },
	{ LINKER, SYMBOL, "__init_array_end" },
	{ LINKER, SYMBOL, "__fini_array_start" },
	{ LINKER, SYMBOL, "__fini_array_end" },
	{ LINKER, SYMBOL, "__preinit_array_start" },
	{ LINKER, SYMBOL, "__preinit_array_end" },
	{ LINKER, SYMBOL, "__rela_iplt_start" },
	{ LINKER, SYMBOL, "__rela_iplt_end" },
	{ LINKER, START, "__start_" }, // of a section with a C name
	{ LINKER, START, "__stop_" },

	{ EXCEPTIONS, START, "DW.ref." },
	{ EXCEPTIONS, START, "GCC_except_table" },

	{ STD_HEADERS, START, "_ZStL" }, // std::__ioinit, std::piecewise_construct, std::ignore, ...

	{ CLASS_TABLES, START, "_ZTV" },
	{ CLASS_TABLES, START, "_ZTT" },
	{ CLASS_TABLES, START, "_ZTC" },
	{ CLASS_TABLES, START, "_ZTI" },
	{ CLASS_TABLES, START, "_ZTS" },

	{ CONSTANTS, START, ".L" },
	{ CONSTANTS, HASHED, "anon." },           // rustc
	{ CONSTANTS, START, ".compoundliteral" }, // clang
	{ CONSTANTS, START, "__const." },
	{ CONSTANTS, START, "switch.table." },
	{ CONSTANTS, FUNCTION, "__compound_literal" }, // gcc
	{ CONSTANTS, FUNCTION, "CSWTCH" },
	{ CONSTANTS, FUNCTION, "__func__" },
	{ CONSTANTS, FUNCTION, "__FUNCTION__" },
	{ CONSTANTS, FUNCTION, "__PRETTY_FUNCTION__" },
	{ CONSTANTS, END, "E8__func__" },
	{ CONSTANTS, END, "E12__FUNCTION__" },
	{ CONSTANTS, END, "E19__PRETTY_FUNCTION__" },

	{ LIBGCC, SYMBOL, "__cpu_model" },
	{ LIBGCC, SYMBOL, "__cpu_features2" },
	{ LIBGCC, SYMBOL, "__aarch64_have_lse_atomics" },
	{ LIBGCC, SYMBOL, "__aarch64_cpu_features" },
	{ LIBGCC, SYMBOL, "__aarch64_has_sme_and_tpidr2_el0" },
	{ LIBGCC, STATIC, "dwarf_reg_size_table" },
	{ LIBGCC, FUNCTION, "once_regsizes" },
	{ LIBGCC, STATIC, "any_objects_registered" },
	{ LIBGCC, STATIC, "unseen_objects" },
	{ LIBGCC, STATIC, "frame_hdr_cache" },
	{ LIBGCC, STATIC, "frame_hdr_cache_head" },
	{ LIBGCC, STATIC, "emutls_mutex" },
	{ LIBGCC, STATIC, "emutls_key" },
	{ LIBGCC, STATIC, "emutls_size" },

	{ SANITIZERS, START, "__asan_" },
	{ SANITIZERS, START, "___asan_" },
	{ SANITIZERS, START, "__odr_asan" },
	{ SANITIZERS, START, "__hwasan_" },
	{ SANITIZERS, START, "__lsan_" },
	{ SANITIZERS, START, "__msan_" },
	{ SANITIZERS, START, "__tsan_" },
	{ SANITIZERS, START, "__ubsan_" },
	{ SANITIZERS, START, "__sancov_" },
	{ SANITIZERS, START, "__sanitizer_" },
	{ SANITIZERS, START, "_ZN11__sanitizer" },
	{ SANITIZERS, START, "_ZZN11__sanitizer" },
	{ SANITIZERS, START, "_ZN6__asan" },
	{ SANITIZERS, START, "_ZN6__lsan" },
	{ SANITIZERS, START, "_ZN6__tsan" },
	{ SANITIZERS, START, "_ZN7__ubsan" },

	{ PROFILING, START, "__gcov" },
	{ PROFILING, START, "__llvm_" },
	{ PROFILING, START, "__covrec_" },
	{ PROFILING, START, "__prof_" },
	{ PROFILING, START, "__profc_" },
	{ PROFILING, START, "__profd_" },
	{ PROFILING, START, "__profn_" },
	{ PROFILING, START, "__profvp_" },
	{ PROFILING, START, "__profbm_" },
	{ PROFILING, START, "lprofCur" },
	{ PROFILING, SYMBOL, "lprofDirMode" },
	{ PROFILING, SYMBOL, "lprofValueProfNodes" },
	{ PROFILING, START, "llvm_gcov_init." },
	{ PROFILING, START, "llvm_gcda_summary_info." },

	{ PYTHON, FUNCTION, "_parser" }, // Argument Clinic
	{ PYTHON, FUNCTION, "_kwtuple" },
	{ PYTHON, FUNCTION, "_keywords" },
	{ PYTHON, FUNCTION, "_kwlist" },
	{ PYTHON, FUNCTION, "kwlist" },
	{ PYTHON, STATIC, "methods" },
	{ PYTHON, STATIC, "moduledef" },
	{ PYTHON, SYMBOL, "_ZL7_module" },

	{ CYTHON, START, "__pyx_" },
	{ CYTHON, STATIC_START, "__pyx_" },

	{ SWIG, STATIC, "swig_types" },
	{ SWIG, STATIC, "swig_module" },
	{ SWIG, STATIC, "swig_type_initial" },
	{ SWIG, STATIC, "swig_cast_initial" },
	{ SWIG, STATIC, "swig_const_table" },
	{ SWIG, STATIC, "SwigMethods" },
	{ SWIG, STATIC_START, "_swigt__" },
	{ SWIG, STATIC_START, "_swigc__" },

	{ PARSERS, STATIC_START, "yy_" },
	{ PARSERS, SYMBOL, "yy_flex_debug" },
	{ PARSERS, SYMBOL, "yyin" },
	{ PARSERS, SYMBOL, "yyout" },
	{ PARSERS, SYMBOL, "yytext" },
	{ PARSERS, SYMBOL, "yyleng" },
	{ PARSERS, SYMBOL, "yylineno" },
	{ PARSERS, SYMBOL, "yylval" },
	{ PARSERS, SYMBOL, "yylloc" },
	{ PARSERS, SYMBOL, "yychar" },
	{ PARSERS, SYMBOL, "yydebug" },
	{ PARSERS, SYMBOL, "yynerrs" },
	{ PARSERS, STATIC, "yycheck" },
	{ PARSERS, STATIC, "yydefact" },
	{ PARSERS, STATIC, "yydefgoto" },
	{ PARSERS, STATIC, "yypact" },
	{ PARSERS, STATIC, "yypgoto" },
	{ PARSERS, STATIC, "yyr1" },
	{ PARSERS, STATIC, "yyr2" },
	{ PARSERS, STATIC, "yyrline" },
	{ PARSERS, STATIC, "yystos" },
	{ PARSERS, STATIC, "yytable" },
	{ PARSERS, STATIC, "yytname" },
	{ PARSERS, STATIC, "yytranslate" },

	{ CRITICAL, START, ".gomp_critical_user_" },

	{ RUST, START, "__rust_" },
	{ RUST, START, "__rustc_" },
	{ RUST, START, "rust_metadata_" },
	{ RUST, START, "_rust_extern_with_linkage_" },
	// Of the crates.io crates that std is built with, the one with variables that are written (rustc 1.95).
	{ MEMCHR, PATH, "memchr::arch::x86_64::memchr::*::FN" },

	{ PYO3, PATH, "*::INTERNED" },

	{ GO, START, "internal/" },
	{ GO, START, "go:" },
	{ GO, START, "type:" },
	{ GO, START, "_cgo_" },
	{ GO, START, "x_cgo_" },

	{ EMACS, SYMBOL, "freloc_link_table" },
	{ EMACS, SYMBOL, "pure_reloc" },
	{ EMACS, SYMBOL, "current_thread_reloc" },
	{ EMACS, SYMBOL, "f_symbols_with_pos_enabled_reloc" },
	{ EMACS, START, "d_reloc" },
	{ EMACS, START, "text_data_reloc" },
	{ EMACS, SYMBOL, "comp_unit" },
	{ EMACS, SYMBOL, "freloc_hash_blob" },
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

// A static's own name: C's key, clang's "function.name" without the function, C++'s "_ZL4name".
static const char *static_name(const struct identity *identity)
{
	const char *name = identity->key;
	if (identity->scope == IDENTITY_GLOBAL || identity->language == POLYTON_LANGUAGE_RUST)
		return "";
	if (identity->language == POLYTON_LANGUAGE_CXX)
		return starts_with(name, "_ZL") ? name + 3 + strspn(name + 3, "0123456789") : "";
	const char *dot = identity->scope == IDENTITY_LOCAL ? strrchr(name, '.') : NULL;
	return dot ? dot + 1 : name;
}

// gcc numbers statics of functions from 0 in each file since version 10, and had four digits and more before. A
// start file has only one.
static bool is_crt_number(const char *symbol, const char *name)
{
	const char *number = symbol + strlen(name) + 1;
	size_t length = strspn(number, "0123456789");
	return !number[length] && (strcmp(number, "0") == 0 || length >= 4);
}

/** What rows are compared with. */
struct words {
	const char *symbol, *static_name;
	const struct identity *identity;
	bool is_function; // its scope, in C
};

static bool fits(const struct row *row, const struct words *words)
{
	const struct identity *identity = words->identity;
	const char *text = row->text, *rest;
	switch (row->match) {
	case SYMBOL:
		return strcmp(words->symbol, text) == 0;
	case START:
		return starts_with(words->symbol, text);
	case END:
		return ends_with(words->symbol, text);
	case STATIC:
		return strcmp(words->static_name, text) == 0;
	case STATIC_START:
		return starts_with(words->static_name, text);
	case FUNCTION:
		return words->is_function && strcmp(words->static_name, text) == 0;
	case CRT:
		return words->is_function && strcmp(identity->key, text) == 0 && is_crt_number(words->symbol, text);
	case HASHED:
		return starts_with(identity->key, text) &&
		       strspn(identity->key + strlen(text), "0123456789abcdef") == 32 &&
		       strlen(identity->key) == strlen(text) + 32;
	case PATH:
		rest = strchr(text, '*');
		return identity->language == POLYTON_LANGUAGE_RUST &&
		       strncmp(identity->name, text, (size_t)(rest - text)) == 0 &&
		       ends_with(identity->name, rest + 1);
	}
	return false;
}

const char *noise_reason(const char *symbol, const struct identity *identity)
{
	if (identity->role != IDENTITY_VALUE)
		return "it says whether another variable is set up";
	const struct words words = { symbol, static_name(identity), identity,
				     identity->scope == IDENTITY_LOCAL && identity->language == POLYTON_LANGUAGE_C };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (fits(&rows[i], &words))
			return reasons[rows[i].reason];
	}
	return NULL;
}

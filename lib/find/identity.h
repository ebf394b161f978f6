/**
 * A symbol's name as evidence: which variable it is, for people and for comparing between objects.
 *
 * Rust's manglings are demangled; the legacy hash and the v0 crate disambiguator become the build mark, and the
 * internal tails of thread_local! are dropped. C++ names stay mangled for comparing and are demangled for people.
 * Compiler suffixes (.llvm.N, .lto_priv.N, .constprop.N, name.1234) are dropped and remembered as weakness.
 */
#ifndef FIND_IDENTITY_H
#define FIND_IDENTITY_H

#include "base/arena.h"
#include "polyton.h"

/** What part of a variable a symbol names. */
enum identity_role {
	IDENTITY_VALUE, ///< The variable.
	IDENTITY_STATE, ///< A state word beside it: Rust 1.63's X::__getit::STATE.
	IDENTITY_GUARD, ///< C++ _ZGV, _ZGR temporaries' guards, __tls_guard.
};

/** How far the name alone reaches. */
enum identity_scope {
	IDENTITY_GLOBAL, ///< One meaning in the whole program: C++ with linkage, Rust paths, C globals.
	IDENTITY_FILE,   ///< One meaning per source file: C static, anonymous namespace, _ZL.
	IDENTITY_LOCAL,  ///< One meaning per function or less: name.1234, clang's func.name.
};

struct identity {
	const char *key;     ///< Compare this (with the kind): equal keys may be the same variable.
	const char *name;    ///< Show this. For Rust, key and name are equal.
	const char *mark;    ///< Build mark: "17h…" hex of the legacy hash, or the v0 disambiguators; "" if none.
	const char *library; ///< Crate, or C++ namespace; "" for C and for the global namespace.
	enum polyton_language language;
	enum identity_role role;
	enum identity_scope scope;
};

/**
 * What @p symbol (a raw name, '@VERSION' allowed and dropped) stands for. @p is_local: STB_LOCAL and not formerly
 * global (see symbols with hidden visibility). Strings live in @p arena or are borrowed from @p symbol.
 */
must_use struct polyton_error *identity_of(const char *symbol, bool is_local, struct arena *arena,
					   struct identity *ret);

/** Rust crates that belong to the standard library: their variables are per object by design. */
bool identity_is_std_crate(const char *crate);

#endif

// Which language a name comes from is told by its mangling alone, so a variable of C++ or Rust that opted out of
// mangling counts as C: its name is all there is to compare, as for any C variable.

#include "find/identity.h"

#include <string.h>

#include "base/error.h"
#include "find/cxxname.h"
#include "find/rustname.h"

// What compilers append to a copy or a part of something internal; a number follows most of them.
static bool is_copy_suffix(const char *text, size_t length)
{
	static const char *const suffixes[] = {
		"lto_priv", "llvm", "constprop", "isra", "part", "cold", "localalias"
	};
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (length == strlen(suffixes[i]) && memcmp(text, suffixes[i], length) == 0)
			return true;
	}
	return false;
}

static bool is_number(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return length > 0;
}

// The last dot that is not the first character; 0 if there is none.
static size_t last_dot(const char *name, size_t length)
{
	const char *dot = memrchr(name, '.', length);
	return dot ? (size_t)(dot - name) : 0;
}

// A C name's length without what compilers appended, and its scope with what that says.
static size_t base_length(const char *name, size_t length, bool is_local, enum identity_scope *scope_ret)
{
	bool is_copy = false, is_numbered = false, is_behind_number = false;
	for (size_t dot; (dot = last_dot(name, length)); length = dot) {
		if (is_number(name + dot + 1, length - dot - 1)) {
			is_numbered |= is_behind_number;
			is_behind_number = true;
		} else if (is_copy_suffix(name + dot + 1, length - dot - 1)) {
			// The number behind it counted copies.
			is_behind_number = false;
			is_copy = true;
		} else {
			break;
		}
	}
	is_numbered |= is_behind_number;
	// clang names a function's variable "function.name".
	if (is_numbered || (is_local && last_dot(name, length)))
		*scope_ret = IDENTITY_LOCAL;
	else
		*scope_ret = is_local || is_copy ? IDENTITY_FILE : IDENTITY_GLOBAL;
	return length;
}

static struct polyton_error *read_rust(const struct rustname *name, struct arena *arena, struct identity *ret)
{
	ret->key = ret->name = arena_strndup(arena, name->path.bytes, name->path.length);
	ret->mark = arena_strdup(arena, name->mark);
	ret->library = arena_strdup(arena, name->crate);
	ret->language = POLYTON_LANGUAGE_RUST;
	ret->role = name->is_state ? IDENTITY_STATE : IDENTITY_VALUE;
	return ret->key && ret->mark && ret->library ? NULL : error_no_memory();
}

static const char *keep(const char *symbol, size_t length, struct arena *arena)
{
	return symbol[length] ? arena_strndup(arena, symbol, length) : symbol;
}

static bool is_cxx(const char *symbol)
{
	return strncmp(symbol, "_Z", 2) == 0 && symbol[2] && strchr("NZLSTGW0123456789", symbol[2]);
}

struct polyton_error *identity_of(const char *symbol, bool is_local, struct arena *arena, struct identity *ret)
{
	struct rustname rust;
	struct identity identity = { .mark = "", .library = "", .language = POLYTON_LANGUAGE_C };
	size_t length = strcspn(symbol, "@");
	struct polyton_error *error = NULL;

	if (rustname_read(symbol, length, &rust)) {
		error = read_rust(&rust, arena, &identity);
	} else if (is_cxx(symbol)) {
		identity.language = POLYTON_LANGUAGE_CXX;
		// A dot is in no mangled name: what stands behind one was appended by the compiler.
		identity.key = keep(symbol, strcspn(symbol, ".@"), arena);
		error = identity.key ? cxxname_read(identity.key, arena, &identity) : error_no_memory();
	} else {
		length = base_length(symbol, length, is_local, &identity.scope);
		identity.key = identity.name = keep(symbol, length, arena);
		// "Are this file's thread-locals constructed?", the same name in every file that has some.
		if (strcmp(symbol, "__tls_guard") == 0) {
			identity.language = POLYTON_LANGUAGE_CXX;
			identity.role = IDENTITY_GUARD;
		}
		error = identity.key ? NULL : error_no_memory();
	}
	if (error)
		return error;
	*ret = identity;
	return NULL;
}

bool identity_is_std_crate(const char *crate)
{
	// Only names that nobody else's crate can have, or that no other crate has variables under. The crates.io
	// ones that std is built with (hashbrown, gimli, object, memchr, ...) are not here: a program's own copy of
	// them has the same paths, and no mangling tells whose it is. Of these only memchr has variables that can be
	// written; find/noise.c knows it.
	static const char *const crates[] = {
		"std",        "core",       "alloc", "compiler_builtins", "panic_abort", "panic_unwind",
		"proc_macro", "std_detect", "test",  "__rustc",
	};
	for (size_t i = 0; i < sizeof(crates) / sizeof(crates[0]); i++) {
		if (strcmp(crate, crates[i]) == 0)
			return true;
	}
	return false;
}

/**
 * A Rust symbol as one spelling of its path, whichever mangling, compiler and debug level it came from:
 * "tokio::runtime::context::CONTEXT", "<host::Plugin as host::Hook<_>>::call::COUNT".
 *
 * What one of the manglings does not tell is left out of both: names of type parameters and values of constant
 * parameters that are not integers are "_", numbers of closures are dropped. The build mark keeps what the path
 * has lost, so that (path, mark) still stands for one variable of one build.
 */
#ifndef FIND_RUSTNAME_H
#define FIND_RUSTNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RUSTNAME_MAX = 4096, ///< Longer paths are refused: no real variable has one.
	RUSTNAME_MARK_MAX = 32,
	RUSTNAME_CRATE_MAX = 72, ///< crates.io allows 64.
};

/** Text with an end. */
struct rustname_text {
	size_t length;
	bool is_full; ///< Something did not fit.
	char bytes[RUSTNAME_MAX];
};

struct rustname {
	struct rustname_text path;
	char crate[RUSTNAME_CRATE_MAX]; ///< The crate that the code is in, as far as the mangling tells; "" if not.
	char mark[RUSTNAME_MARK_MAX];   ///< Hex of the legacy hash; or of the v0 crate disambiguator, then ".HASH".
	bool is_state;                  ///< The word beside a thread-local in which Rust keeps whether it is set up.
};

/**
 * Read @p length bytes of @p symbol, without '@VERSION'. What compilers append (".llvm.123", ".0") is skipped.
 * False if it is no Rust name, or one that is damaged or too long; @p ret is undefined then.
 */
bool rustname_read(const char *symbol, size_t length, struct rustname *ret);

/** The two manglings, for rustname_read(): the path with all that thread_local! puts into it. */
bool rustname_read_legacy(const char *symbol, size_t length, struct rustname *ret);
bool rustname_read_v0(const char *symbol, size_t length, struct rustname *ret);

void rustname_put(struct rustname_text *text, const char *bytes, size_t length);
void rustname_put_string(struct rustname_text *text, const char *string);
/** Append one character as UTF-8; false if there is no such character. */
bool rustname_put_character(struct rustname_text *text, uint32_t character);

#endif

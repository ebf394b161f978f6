/** Identifiers with other characters than ASCII, as Rust's v0 mangling has them. */
#ifndef FIND_PUNYCODE_H
#define FIND_PUNYCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PUNYCODE_MAX = 128 }; ///< Characters; longer identifiers are refused.

/** RFC 3492 with '_' for the delimiter. @p ret has room for PUNYCODE_MAX; false if the text is no Punycode. */
bool punycode_decode(const char *bytes, size_t length, uint32_t *ret, size_t *count_ret);

#endif

/**
 * Names of types: one written for a reader, and two compared although compilers, versions and builds spell them in ways
 * of their own.
 */
#ifndef VALUE_SPELLING_H
#define VALUE_SPELLING_H

#include "base/arena.h"
#include "model/type.h"

enum { SPELLING_MAX = 160 }; ///< Longer spellings are cut, and end in "...".

/**
 * @p type as its language writes it: "const char *", "int (*)[4]", "struct shape", "[u8; 4]", "struct {...}". A
 * function is "function", as the graph does not know its parameters. NULL when out of memory.
 */
must_use const char *spelling_of(struct arena *arena, const struct type_graph *graph, uint32_t type);

/** No name, or one that the compiler made up: "(anonymous struct at a.c:3:1)", "{unnamed type#1}", "<lambda()>". */
bool spelling_is_anonymous(const char *name);

/**
 * Whether two names of that language mean one type. No difference are: white space, the numbers of "{impl#0}" and the
 * like, places in the source, the order of "long unsigned int", qualifiers, suffixes of literals, enumerators given as
 * numbers; for Rust also hashes and the path in front of a name, because std moves its types between releases.
 */
bool spelling_is_same(const char *a, const char *b, enum polyton_language language);

#endif

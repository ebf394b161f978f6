/** A type graph and a memory made by hand, and what the decoder makes of them. */
#ifndef SUPPORT_MADE_TYPES_H
#define SUPPORT_MADE_TYPES_H

#include "base/arena.h"
#include "value/decode.h"

enum { MADE_MOST = 256, MADE_PIECES = 32 };

struct made_types {
	struct type types[MADE_MOST];
	struct type_member members[MADE_MOST];
	struct type_enumerator enumerators[MADE_MOST];
	struct type_variant variants[MADE_MOST];
	struct type_graph graph;
	enum polyton_language language; ///< Of types to come.
	const char *producer;
	bool is_big_endian;
	struct {
		uint64_t address;
		const void *bytes;
		size_t size;
		const char *symbol; ///< NULL: memory without a name.
	} pieces[MADE_PIECES];
	size_t piece_count;
	struct arena arena;
	struct value value; ///< Of the last made_line().
};

void made_types_init(struct made_types *made, enum polyton_language language);
void made_types_deinit(struct made_types *made);

uint32_t made_base(struct made_types *made, const char *name, enum type_encoding encoding, uint64_t size);
uint32_t made_target(struct made_types *made, enum type_kind kind, const char *name, uint32_t target);
uint32_t made_array(struct made_types *made, uint32_t element, uint64_t count);
/** STRUCT, UNION or ENUM, whose members, arguments or enumerators follow before the next one's. */
uint32_t made_type(struct made_types *made, enum type_kind kind, const char *name, uint64_t size);
struct type_member *made_member(struct made_types *made, uint32_t type, const char *name, uint64_t offset,
				uint32_t of);
struct type_member *made_argument(struct made_types *made, uint32_t type, const char *name, uint32_t of);
void made_enumerator(struct made_types *made, uint32_t type, const char *name, int64_t value);
/** A Rust enum's parts, after its members: the place that tells, and each variant with its content or POLYTON_NONE. */
void made_discriminant(struct made_types *made, uint32_t type, uint64_t offset, uint32_t of);
void made_variant(struct made_types *made, uint32_t type, const char *name, uint64_t value, uint32_t content);
void made_default_variant(struct made_types *made, uint32_t type, const char *name, uint32_t content);
/** A structure of that one member. */
uint32_t made_wrapper(struct made_types *made, const char *name, const char *member, uint32_t of);
/** Option<T> of T at offset 8 behind a tag of 8 bytes. */
uint32_t made_option(struct made_types *made, uint32_t of, uint64_t size);

void made_memory(struct made_types *made, uint64_t address, const void *bytes, size_t size, const char *symbol);
/** The value of @p type on one line. */
const char *made_line(struct made_types *made, uint32_t type, const void *bytes, size_t size);
const char *made_line_within(struct made_types *made, uint32_t type, const void *bytes, size_t size,
			     const struct value_limits *limits, size_t cells);
/** The same of a variable at @p address. */
const char *made_line_at(struct made_types *made, uint32_t type, const void *bytes, size_t size, uint64_t address);

#endif

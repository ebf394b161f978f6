/**
 * The words that the loader wrote for relocations, and whose definition each leads to.
 */
#ifndef LINK_WORDS_H
#define LINK_WORDS_H

#include "link/resolve.h"
#include "polyton.h"
#include "target/target.h"

enum word_form {
	WORD_ADDRESS,        ///< GLOB_DAT, or a data word.
	WORD_SLOT,           ///< JUMP_SLOT: of a function that was not called yet it leads back into its own object.
	WORD_COPY,           ///< The variable itself.
	WORD_TLS_MODULE,     ///< DTPMOD: a module id.
	WORD_TLS_DISTANCE,   ///< TPOFF: from the unbiased thread pointer.
	WORD_TLS_DESCRIPTOR, ///< Two words; the second is a distance, or leads to {module id, offset}.
};

struct word {
	uint32_t object, symbol;
	uint8_t form;  ///< enum word_form
	uint8_t class; ///< enum lookup_class
	uint8_t rank;
	bool is_read;
	int64_t addend;
	uint64_t place;
	uint64_t value; ///< The word; of a descriptor its argument. Valid if @c is_read.
};

struct words {
	struct word *items;
	size_t count, capacity;
};

/** Fill the values of all the words of @p count objects. */
must_use struct polyton_error *words_read(struct target *target, struct words *words, uint32_t count);

/** The objects by address. */
struct placed_objects {
	struct placed_object *items;
	size_t count;
};

must_use struct polyton_error *placed_objects_init(struct placed_objects *placed, const struct resolver *resolver);
void placed_objects_deinit(struct placed_objects *placed);

/**
 * The definition that the word leads to, in @p ret: one of the name that is looked for, or none for a weak reference
 * that stayed empty. False if the word does not tell; @p source_ret says how it will have to be known then.
 */
bool word_settle(struct target *target, const struct resolver *resolver, const struct placed_objects *placed,
		 const struct word *word, enum polyton_binding_source *source_ret, struct definition *ret);

#endif

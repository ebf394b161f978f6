/**
 * The words for what the snapshot's enums say: a key for JSON and a label for people, one table each.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "polyton.h"

struct words {
	const char *key;   ///< In JSON; part of the schema.
	const char *label; ///< In a line of text.
};

// Each is indexed by the enum it is named after.
extern const struct words words_view[];
extern const struct words words_moment[];
extern const struct words words_subject[];
extern const struct words words_severity[];
extern const struct words words_baseline[]; // its first key is NULL: JSON's null
extern const struct words words_confidence[];
extern const struct words words_kind[];
extern const struct words words_language[];
extern const struct words words_symbols[];
extern const struct words words_file_state[];
extern const struct words words_tls_placement[];
extern const struct words words_thread_state[];
extern const struct words words_cell_state[];
extern const struct words words_value_state[];
extern const struct words words_storage[];
extern const struct words words_use[];
extern const struct words words_binding[];
extern const struct words words_visibility[];
extern const struct words words_cause[];
extern const struct words words_reference_kind[];
extern const struct words words_binding_source[];

#endif

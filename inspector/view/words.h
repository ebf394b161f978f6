/** Words for what the snapshot's enums say, and what the cells of a copy and the copies of a singleton come to. */
#ifndef INSPECTOR_VIEW_WORDS_H
#define INSPECTOR_VIEW_WORDS_H

#include "shot.h"
#include "text.h"

// Each is indexed by the enum it is named after.
extern const char *const word_severity[];
extern const char *const word_kind[];
extern const char *const word_language[];
extern const char *const word_symbols[];
extern const char *const word_file_state[];
extern const char *const word_placement[];
extern const char *const word_thread_state[];
extern const char *const word_storage[];
extern const char *const word_confidence[];
extern const char *const word_rank[]; ///< enum shot_rank

/** "alive", "set", "not allocated": of the variable if that is known, else of its bytes. */
const char *word_cell(const struct polyton_cell *cell);
/** Somebody has given it a value. */
bool word_is_set(const struct polyton_cell *cell);
enum text_style word_cell_style(const struct polyton_cell *cell);
/** A sign for it: one character, of ASCII if @p is_plain. */
const char *word_cell_sign(const struct polyton_cell *cell, bool is_plain);
/** The value in one line, without the state that it begins with; "" if there is none. */
const char *word_cell_value(const struct polyton_cell *cell);
/** What the cells of @p copy come to: "alive in 1 of 3 threads", "initial", "not used". */
void word_copy(const struct polyton_copy *copy, struct text *ret);
/** What the copies of a singleton come to: "split: 1 of 3 set". */
void word_singleton(const struct shot *shot, uint32_t singleton, struct text *ret);
/** "host, liba.so": the objects that hold its copies. */
void word_holders(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		  struct text *ret);
/** The singleton's name without the library's, where it begins with that. */
const char *word_short_name(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton);
const char *word_holder(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy);
/** "tokio 1.24.2 (Rust)" */
void word_library(const struct polyton_library *library, struct text *ret);

/** Signs that the locale or --ascii leaves no other choice than ASCII for. For the whole program, set at its start. */
void word_use_ascii(bool is_plain);
bool word_is_ascii(void);

#endif

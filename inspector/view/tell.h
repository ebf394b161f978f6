/** Paragraphs about a singleton or a copy, for the lower part of the screen. */
#ifndef INSPECTOR_VIEW_TELL_H
#define INSPECTOR_VIEW_TELL_H

#include "rows.h"

/** The row of a copy's object. */
uint64_t tell_object_identity(const struct polyton_snapshot *snapshot, const struct polyton_copy *copy);
/** Its findings, in sentences, then why there are several and what to do, each once. */
void tell_singleton(const struct shot *shot, uint32_t singleton, struct text *ret);
/** Why, and what to do. */
void tell_reason(const struct polyton_reason *reason, struct text *ret);
/** Where it is, who uses it, of which type, why it is there. */
void tell_copy(const struct shot *shot, uint32_t copy, struct text *ret);
/** Findings that are about the library as a whole; what is not, is in its singletons. */
void tell_library(const struct shot *shot, uint32_t library, struct text *ret);
/** "host, liba.so" */
void tell_objects(const struct polyton_snapshot *snapshot, const uint32_t *objects, uint32_t count, struct text *ret);

#endif

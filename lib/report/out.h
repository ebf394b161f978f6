/**
 * Bytes on their way to a caller's polyton_write_fn.
 *
 * Writing has no answer to check at every step: the first failure is kept, nothing is written after it, and
 * out_finish() hands it over.
 */
#ifndef REPORT_OUT_H
#define REPORT_OUT_H

#include <string.h>

#include "base/error.h"

enum { OUT_BUFFER = 16 * 1024 };

/** Set @c write and @c arg, zero the rest. */
struct out {
	polyton_write_fn *write;
	void *arg;
	struct polyton_error *error;
	size_t used;
	char bytes[OUT_BUFFER];
};

void out_bytes(struct out *out, const char *bytes, size_t count);
/** @p text as it is: for our own words and for what is escaped already. */
static inline void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}
void out_decimal(struct out *out, int64_t number);
/** Quoted, as all addresses are in JSON: "0x7ffff7dd0000". */
void out_quoted_address(struct out *out, uint64_t address);
void out_hex_bytes(struct out *out, const uint8_t *bytes, size_t count);

/** Take @p error as the writing's failure; an earlier one stays and @p error is destroyed. */
void out_fail(struct out *out, struct polyton_error *error);
/** Write what is still buffered. The writing's failure, or NULL. */
must_use struct polyton_error *out_finish(struct out *out);

#endif

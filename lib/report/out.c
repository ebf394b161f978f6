// A caller's write function may be a pipe that breaks or a disk that fills up: it is called with large pieces, and
// never again after it has failed.

#include "report/out.h"

#include <stdio.h>

enum { OUT_DIGITS_MAX = 24 };

static void flush(struct out *out)
{
	if (out->used && !out->error) {
		int number = out->write(out->arg, out->bytes, out->used);
		char reason[128];
		// The caller's function is no file of the subject: its EPERM is no lack of rights to look.
		if (number)
			out_fail(out, error_create(POLYTON_ERROR_SYSTEM, "writing failed: %s",
						   strerror_r(number, reason, sizeof(reason))));
	}
	out->used = 0;
}

void out_bytes(struct out *out, const char *bytes, size_t count)
{
	while (count && !out->error) {
		size_t piece = OUT_BUFFER - out->used < count ? OUT_BUFFER - out->used : count;
		memcpy(out->bytes + out->used, bytes, piece);
		out->used += piece;
		bytes += piece;
		count -= piece;
		if (out->used == OUT_BUFFER)
			flush(out);
	}
}

// Numbers are put together by hand: with a cell per thread and copy, printf is most of the time that JSON takes.
void out_decimal(struct out *out, int64_t number)
{
	char digits[OUT_DIGITS_MAX];
	size_t at = sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (number < 0)
		digits[--at] = '-';
	out_bytes(out, digits + at, sizeof(digits) - at);
}

static const char hex_digits[] = "0123456789abcdef";

void out_quoted_address(struct out *out, uint64_t address)
{
	char digits[OUT_DIGITS_MAX];
	size_t at = sizeof(digits);
	digits[--at] = '"';
	do {
		digits[--at] = hex_digits[address & 15];
		address >>= 4;
	} while (address);
	digits[--at] = 'x';
	digits[--at] = '0';
	digits[--at] = '"';
	out_bytes(out, digits + at, sizeof(digits) - at);
}

void out_hex_bytes(struct out *out, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char pair[2] = { hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15] };
		out_bytes(out, pair, sizeof(pair));
	}
}

void out_fail(struct out *out, struct polyton_error *error)
{
	if (out->error)
		polyton_error_destroy(error);
	else
		out->error = error;
}

struct polyton_error *out_finish(struct out *out)
{
	flush(out);
	return take_pointer(out->error);
}

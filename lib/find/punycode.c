// RFC 3492, section 6.2. The numbers are as large as the text says they are, so every step is checked against what
// a character can be.

#include "find/punycode.h"

#include <string.h>

// The constants of section 5.
enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_CHARACTER = 128 };
enum { LAST_CHARACTER = 0x10ffff };

static int digit_value(char byte)
{
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a';
	return byte >= '0' && byte <= '9' ? byte - '0' + 26 : -1;
}

// How far on the next character goes in, counted through all places and characters; false at the text's end.
static bool read_delta(const char **at, const char *end, uint64_t bias, uint64_t *ret)
{
	uint64_t delta = 0, weight = 1;
	for (uint64_t k = BASE;; k += BASE) {
		int digit = *at < end ? digit_value(*(*at)++) : -1;
		uint64_t threshold = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
		if (digit < 0 || weight > UINT32_MAX)
			return false;
		delta += (uint64_t)digit * weight;
		if ((uint64_t)digit < threshold)
			break;
		weight *= BASE - threshold;
	}
	*ret = delta;
	return delta <= UINT32_MAX;
}

static uint64_t adapt(uint64_t delta, uint64_t count, bool is_first)
{
	uint64_t bias = 0;
	delta /= is_first ? DAMP : 2;
	delta += delta / count;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; bias += BASE)
		delta /= BASE - T_MIN;
	return bias + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

bool punycode_decode(const char *bytes, size_t length, uint32_t *ret, size_t *count_ret)
{
	const char *end = bytes + length, *delimiter = memrchr(bytes, '_', length);
	const char *at = delimiter ? delimiter + 1 : bytes;
	size_t count = delimiter ? (size_t)(delimiter - bytes) : 0, ascii = count;
	uint64_t character = FIRST_CHARACTER, place = 0, bias = FIRST_BIAS, delta;

	if (count > PUNYCODE_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		ret[i] = (unsigned char)bytes[i];
	for (; at < end; place++) {
		if (count == PUNYCODE_MAX || !read_delta(&at, end, bias, &delta))
			return false;
		bias = adapt(delta, count + 1, count == ascii);
		place += delta;
		character += place / (count + 1);
		place %= count + 1;
		if (character > LAST_CHARACTER)
			return false;
		memmove(ret + place + 1, ret + place, (count - place) * sizeof(*ret));
		ret[place] = (uint32_t)character;
		count++;
	}
	*count_ret = count;
	return true;
}

// Numbers of as many bytes as they need.

#include "base/bytes.h"

uint64_t bytes_take_leb(struct bytes *bytes, bool is_signed)
{
	uint64_t value = 0, byte = 0x80;
	unsigned shift = 0;
	while (bytes->at && byte & 0x80) {
		byte = bytes_take(bytes, 1);
		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
	}
	if (is_signed && shift < 64 && byte & 0x40)
		value |= UINT64_MAX << shift;
	return value;
}

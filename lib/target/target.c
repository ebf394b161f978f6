// What every kind of target has in common: single reads on top of the vectored one.

#include "target/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { TARGET_PAGE = 4096, TARGET_WORDS_AT_ONCE = 64 };

void target_read_pieces(struct target *target, struct target_read *pieces, size_t count)
{
	// A reader that is interrupted half-way must not leave a piece looking read.
	for (size_t i = 0; i < count; i++)
		pieces[i].error = EINTR;
	target->ops->read(target->state, pieces, count);
}

int target_robust_list(struct target *target, int32_t tid, uint64_t *ret)
{
	return target->ops->robust_list ? target->ops->robust_list(target->state, tid, ret) : ENOSYS;
}

int target_thread_pointer(struct target *target, int32_t tid, uint64_t *ret)
{
	return target->ops->thread_pointer ? target->ops->thread_pointer(target->state, tid, ret) : ENOSYS;
}

struct polyton_error *target_read(struct target *target, uint64_t address, void *buffer, size_t size)
{
	struct target_read piece = { .address = address, .buffer = buffer, .size = size };
	target_read_pieces(target, &piece, 1);
	if (piece.error)
		return error_errno(POLYTON_ERROR_READ, piece.error, "cannot read %zu bytes at 0x%" PRIx64, size,
				   address);
	return NULL;
}

struct polyton_error *target_read_words(struct target *target, uint64_t address, size_t count, uint64_t *ret)
{
	uint8_t bytes[TARGET_WORDS_AT_ONCE * 8];
	size_t word = target->arch->word;

	for (size_t done = 0; done < count;) {
		size_t now = count - done < TARGET_WORDS_AT_ONCE ? count - done : TARGET_WORDS_AT_ONCE;
		struct polyton_error *error = target_read(target, address + done * word, bytes, now * word);
		if (error)
			return error;
		for (size_t i = 0; i < now; i++)
			ret[done + i] = target_word(target, bytes + i * word);
		done += now;
	}
	return NULL;
}

struct polyton_error *target_read_string(struct target *target, uint64_t address, size_t limit, char **ret)
{
	auto_free char *text = NULL;
	size_t length = 0;

	// Page by page: the string may end right before an unmapped page.
	while (length <= limit) {
		size_t step = TARGET_PAGE - (address + length) % TARGET_PAGE;
		char *grown = realloc(text, length + step + 1);
		if (!grown)
			return error_no_memory();
		text = grown;
		struct polyton_error *error = target_read(target, address + length, text + length, step);
		if (error)
			return error;
		const char *end = memchr(text + length, '\0', step);
		if (end && (size_t)(end - text) <= limit) {
			// Thousands of paths are kept: none of them needs a page.
			char *fitting = realloc(text, (size_t)(end - text) + 1);
			*ret = fitting ? fitting : text;
			text = NULL;
			return NULL;
		}
		length += step;
	}
	return error_create(POLYTON_ERROR_DAMAGED, "string at 0x%" PRIx64 " does not end within %zu bytes", address,
			    limit);
}

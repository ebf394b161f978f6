/**
 * Bytes of whatever is inspected. There is no way to write.
 *
 * All reads go through one vectored call, because the cost of reading another process is in the number of
 * calls, and because a debugger's reads can only be interrupted between them.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "base/error.h"

/** One piece to read. All or nothing: a piece that is not wholly readable has an error. */
struct target_read {
	uint64_t address;
	void *buffer;
	size_t size;
	int error; ///< Result: 0, or an errno (EFAULT: not mapped; ESRCH: the target is gone).
};

struct target_ops {
	/**
	 * Fill every piece and its @c error. Pieces are independent of each other. Of a target that runs on, the bytes
	 * of one call, and of one piece, are of different moments and in no order; those of two calls are in order.
	 */
	void (*read)(void *state, struct target_read *pieces, size_t count);
	/**
	 * What the task has registered with set_robust_list(2), 0 for nothing. 0 or an errno. NULL where no kernel
	 * can be asked.
	 */
	int (*robust_list)(void *state, int32_t tid, uint64_t *ret);
	/**
	 * The task's thread pointer out of its registers, which may stop it for a moment. 0 or an errno (ESRCH: the
	 * task has ended, or does not stop). NULL where registers are not to be had.
	 */
	int (*thread_pointer)(void *state, int32_t tid, uint64_t *ret);
};

struct target {
	const struct target_ops *ops;
	void *state;
	const struct arch *arch;
	bool is_still; ///< Nobody writes to it between two reads.
};

void target_read_pieces(struct target *target, struct target_read *pieces, size_t count);

/** All @p size bytes, or an error that names the address. */
must_use struct polyton_error *target_read(struct target *target, uint64_t address, void *buffer, size_t size);
/** @p count machine words, widened. */
must_use struct polyton_error *target_read_words(struct target *target, uint64_t address, size_t count,
						 uint64_t *ret);
/**
 * The string at @p address, at most @p limit bytes long; the caller frees @p ret. A longer one is an error.
 */
must_use struct polyton_error *target_read_string(struct target *target, uint64_t address, size_t limit, char **ret);

/** The optional operations; ENOSYS where there are none. */
int target_robust_list(struct target *target, int32_t tid, uint64_t *ret);
int target_thread_pointer(struct target *target, int32_t tid, uint64_t *ret);

/** The @p size bytes (at most 8) at @p bytes as a number. */
static inline uint64_t target_number(const struct target *target, const void *bytes, size_t size)
{
	return bytes_number(bytes, size, target->arch->is_big_endian);
}

/** The machine word at @p bytes. */
static inline uint64_t target_word(const struct target *target, const void *bytes)
{
	return target_number(target, bytes, target->arch->word);
}

/** The C int at @p bytes. */
static inline int32_t target_int(const struct target *target, const void *bytes)
{
	return (int32_t)(uint32_t)target_number(target, bytes, sizeof(int32_t));
}

#endif

// The cost of reading another process is in the number of calls and, inside the kernel, in the number of segments: so
// pieces are sorted, and neighbours read as one.

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "target/live.h"

enum {
	MEMORY_BATCH = 1024, // IOV_MAX of process_vm_readv(2)
	MEMORY_NEAR = 1024,  // bytes between pieces that are read in one segment
};

static int compare_addresses(const void *left, const void *right)
{
	uint64_t a = (*(struct target_read *const *)left)->address,
		 b = (*(struct target_read *const *)right)->address;
	return (a > b) - (a < b);
}

static bool is_sorted(struct target_read *const *pieces, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (pieces[i]->address < pieces[i - 1]->address)
			return false;
	}
	return true;
}

// The bytes between two pieces that are read as one, or -1 if they are not. A short gap brings in no page that the
// two pieces are not on themselves.
static ssize_t gap_between(const struct target_read *piece, const struct target_read *next)
{
	uint64_t end = piece->address + piece->size, gap = next->address - end;
	return end >= piece->address && next->address >= end && gap <= MEMORY_NEAR ? (ssize_t)gap : -1;
}

// How many pieces @p size bytes from the start of the first one cover, gaps counted in.
static size_t count_covered(struct target_read *const *pieces, size_t count, size_t size)
{
	size_t covered = 0, left = size;
	for (; covered < count; covered++) {
		ssize_t gap = covered ? gap_between(pieces[covered - 1], pieces[covered]) : 0;
		size_t need = pieces[covered]->size + (gap > 0 ? (size_t)gap : 0);
		if (need > left)
			break;
		left -= need;
	}
	return covered;
}

// Read the first of the pieces, which are in address order, with one call; returns how many of them are settled.
// The kernel's work is per remote segment, so neighbours (the DTVs of many threads) go into one.
static size_t read_batch(const struct live *live, struct target_read *const *pieces, size_t count)
{
	struct iovec local[MEMORY_BATCH], remote[MEMORY_BATCH];
	uint8_t between[MEMORY_NEAR];
	size_t locals = 0, remotes = 0, used = 0, size = 0;
	for (; used < count && locals + 2 <= MEMORY_BATCH; used++) {
		const struct target_read *piece = pieces[used];
		ssize_t gap = used ? gap_between(pieces[used - 1], piece) : -1;
		if (gap > 0) {
			local[locals++] = (struct iovec){ between, (size_t)gap };
			size += (size_t)gap;
		}
		if (gap >= 0)
			remote[remotes - 1].iov_len += (size_t)gap + piece->size;
		else
			remote[remotes++] = (struct iovec){ (void *)(uintptr_t)piece->address, piece->size };
		local[locals++] = (struct iovec){ piece->buffer, piece->size };
		size += piece->size;
	}

	ssize_t got = process_vm_readv(live->reader, local, locals, remote, remotes, 0);
	int reason = got < 0 ? errno : EFAULT;
	// The kernel stops at the first page it cannot read and tells how many bytes came before it.
	size_t covered = got < 0 ? 0 : (size_t)got == size ? used : count_covered(pieces, used, (size_t)got);
	for (size_t i = 0; i < covered; i++)
		pieces[i]->error = 0;
	if (covered == used)
		return used;
	// What refuses the process refuses all of it.
	size_t failed = reason == EFAULT ? covered + 1 : used;
	for (size_t i = covered; i < failed; i++)
		pieces[i]->error = reason;
	return failed;
}

void live_read(void *state, struct target_read *pieces, size_t count)
{
	const struct live *live = state;
	auto_free struct target_read **order = malloc((count + 1) * sizeof(*order));
	if (!order) {
		for (size_t i = 0; i < count; i++)
			read_batch(live, &(struct target_read *){ &pieces[i] }, 1);
		return;
	}
	// Nothing to read is always read, wherever it would be.
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		pieces[i].error = 0;
		if (pieces[i].size)
			order[used++] = &pieces[i];
	}
	if (!is_sorted(order, used))
		qsort(order, used, sizeof(*order), compare_addresses);
	for (size_t first = 0; first < used;)
		first += read_batch(live, order + first, used - first);
}

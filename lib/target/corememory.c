// Memory of a core: what was dumped, and, where a range was not, the file that it had been mapped from. What is in
// neither is not zero but absent.

#include <errno.h>
#include <string.h>

#include "target/core.h"

// The last segment that begins at or before @p address; index plus one, 0 if there is none.
static size_t count_up_to(const struct core *core, uint64_t address)
{
	size_t low = 0, high = core->segments.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (core->segments.items[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct core_segment *corememory_segment(const struct core *core, uint64_t address)
{
	size_t at = count_up_to(core, address);
	const struct core_segment *segment = at ? &core->segments.items[at - 1] : NULL;
	return segment && address - segment->address < segment->size ? segment : NULL;
}

size_t corememory_held(const struct core *core, uint64_t address, void *buffer, size_t size)
{
	const struct core_segment *segment = corememory_segment(core, address);
	if (!segment || address - segment->address >= segment->held)
		return 0;
	uint64_t inside = address - segment->address, left = segment->held - inside;
	return core_file_bytes(core, segment->offset + inside, buffer, left < size ? (size_t)left : size);
}

// How many of @p size bytes come before the next segment that may have some of its own.
static size_t gap_before_next(const struct core *core, uint64_t address, size_t size)
{
	size_t next = count_up_to(core, address);
	if (next == core->segments.count)
		return size;
	uint64_t gap = core->segments.items[next].address - address;
	return gap < size ? (size_t)gap : size;
}

static int read_piece(struct core *core, uint64_t address, uint8_t *buffer, size_t size)
{
	while (size) {
		size_t got = corememory_held(core, address, buffer, size);
		if (!got)
			got = corefiles_read(core, address, buffer, gap_before_next(core, address, size));
		if (!got || __builtin_add_overflow(address, got, &address))
			return got && got == size ? 0 : EFAULT;
		buffer += got;
		size -= got;
	}
	return 0;
}

void corememory_read(void *state, struct target_read *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pieces[i].error = read_piece(state, pieces[i].address, pieces[i].buffer, pieces[i].size);
}

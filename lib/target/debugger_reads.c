// A debugger's reads cost a call into a script, and over a wire a round trip: so pieces are sorted, and neighbours read
// as one. A read is all or nothing there, so what fails together is read again one by one. Each call is small: between
// two of them the caller can be interrupted.

#include <errno.h>
#include <string.h>

#include "target/debugger_parts.h"

enum {
	READS_NEAR = 1024,   // bytes between pieces that are read as one: glibc's thread block's are not so far apart
	READS_JOINED = 4096, // bytes read as one
	READS_STEP = 64 * 1024, // bytes asked for in one call
	READS_BATCH = 64,       // pieces asked for in one call
};

/** One call's worth. */
struct batch {
	struct polyton_target_read reads[READS_BATCH];
	size_t first[READS_BATCH + 1]; ///< Of each read's pieces; the last one is where the next batch begins.
	size_t count, size;
	uint8_t joined[READS_STEP]; ///< What pieces that are read as one are read into.
	size_t joined_size;
};

static int compare_addresses(const void *left, const void *right)
{
	uint64_t a = (*(struct target_read *const *)left)->address,
		 b = (*(struct target_read *const *)right)->address;
	return (a > b) - (a < b);
}

// Ask for @p count pieces. What the caller does not get to do reads as interrupted, and is the end of asking.
static void ask(struct debugger *debugger, struct polyton_target_read *reads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		reads[i].error = EINTR;
	if (!debugger->is_interrupted)
		debugger->ops.read(debugger->caller, reads, count);
	for (size_t i = 0; i < count; i++)
		debugger->is_interrupted = debugger->is_interrupted || reads[i].error == EINTR;
}

// In steps, however long it is.
static void read_alone(struct debugger *debugger, struct target_read *piece)
{
	size_t done = 0;
	piece->error = 0;
	while (done < piece->size && !piece->error) {
		size_t left = piece->size - done;
		struct polyton_target_read read = { .address = piece->address + done,
						    .buffer = (uint8_t *)piece->buffer + done,
						    .size = left < READS_STEP ? left : READS_STEP };
		ask(debugger, &read, 1);
		piece->error = read.error;
		done += read.size;
	}
}

// How many of the pieces from @p first on one read covers, and where that ends.
static size_t join(struct target_read *const *order, size_t first, size_t count, uint64_t *end_ret)
{
	uint64_t begin = order[first]->address, end = begin + order[first]->size;
	size_t next = first + 1;
	for (; next < count; next++) {
		const struct target_read *piece = order[next];
		uint64_t piece_end;
		if (piece->address > end && piece->address - end > READS_NEAR)
			break;
		if (__builtin_add_overflow(piece->address, piece->size, &piece_end) ||
		    (piece_end > end ? piece_end : end) - begin > READS_JOINED)
			break;
		end = piece_end > end ? piece_end : end;
	}
	*end_ret = end;
	return next - first;
}

// The next pieces, as many as one call takes.
static void gather(struct target_read *const *order, size_t first, size_t count, struct batch *batch)
{
	batch->count = batch->size = batch->joined_size = 0;
	while (first < count && batch->count < READS_BATCH) {
		uint64_t end;
		size_t covered = join(order, first, count, &end), size = (size_t)(end - order[first]->address);
		bool is_joined = covered > 1;
		if (batch->count && (batch->size + size > READS_STEP ||
				     (is_joined && batch->joined_size + size > sizeof(batch->joined))))
			break;
		batch->first[batch->count] = first;
		batch->reads[batch->count++] = (struct polyton_target_read){
			.address = order[first]->address,
			.buffer = is_joined ? batch->joined + batch->joined_size : order[first]->buffer,
			.size = size,
		};
		batch->joined_size += is_joined ? size : 0;
		batch->size += size;
		first += covered;
	}
	batch->first[batch->count] = first;
}

static void settle(struct debugger *debugger, struct target_read *const *order, const struct batch *batch,
		   size_t index)
{
	const struct polyton_target_read *read = &batch->reads[index];
	size_t first = batch->first[index], end = batch->first[index + 1];
	for (size_t i = first; i < end; i++) {
		struct target_read *piece = order[i];
		piece->error = read->error;
		if (end - first > 1 && !read->error)
			memcpy(piece->buffer, (uint8_t *)read->buffer + (piece->address - read->address),
			       piece->size);
		else if (end - first > 1)
			read_alone(debugger, piece);
	}
}

void debugger_read(void *state, struct target_read *pieces, size_t count)
{
	struct debugger *debugger = state;
	if (count == 1) {
		read_alone(debugger, pieces);
		return;
	}
	auto_free struct target_read **order = malloc((count + 1) * sizeof(*order));
	auto_free struct batch *batch = malloc(sizeof(*batch));
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		// Nothing to read is always read; what is longer than a step is read in steps.
		pieces[i].error = 0;
		if (pieces[i].size > READS_STEP || (pieces[i].size && (!order || !batch)))
			read_alone(debugger, &pieces[i]);
		else if (pieces[i].size)
			order[used++] = &pieces[i];
	}
	if (!order || !batch)
		return;
	qsort(order, used, sizeof(*order), compare_addresses);
	for (size_t first = 0; first < used; first = batch->first[batch->count]) {
		gather(order, first, used, batch);
		ask(debugger, batch->reads, batch->count);
		for (size_t i = 0; i < batch->count; i++)
			settle(debugger, order, batch, i);
	}
}

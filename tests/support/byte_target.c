// Reads are served piece by piece, and a piece may span segments that touch, as pages of a process do.

#include "byte_target.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct byte_segment *find(const struct byte_target *memory, uint64_t address)
{
	for (size_t i = 0; i < memory->segments.count; i++) {
		struct byte_segment *segment = &memory->segments.items[i];
		if (address - segment->address < segment->size)
			return segment;
	}
	return NULL;
}

static int copy(const struct byte_target *memory, uint64_t address, uint8_t *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		const struct byte_segment *segment = find(memory, address + done);
		if (!segment)
			return EFAULT;
		size_t at = address + done - segment->address, now = segment->size - at;
		now = now < size - done ? now : size - done;
		memcpy(buffer + done, segment->bytes + at, now);
		done += now;
	}
	return 0;
}

static void run_events(struct byte_target *memory, uint64_t address)
{
	// By index: what happens may add events.
	for (size_t i = 0; i < memory->events.count; i++) {
		struct byte_event event = memory->events.items[i];
		if (event.address != address || !event.left)
			continue;
		if (!event.is_repeated)
			memory->events.items[i].left--;
		if (event.left == 1)
			event.happen(memory, event.arg);
	}
}

static void read_pieces(void *state, struct target_read *pieces, size_t count)
{
	struct byte_target *memory = state;
	memory->calls++;
	for (size_t i = 0; i < count; i++) {
		memory->pieces++;
		run_events(memory, pieces[i].address);
		pieces[i].error = copy(memory, pieces[i].address, pieces[i].buffer, pieces[i].size);
	}
}

static const struct byte_task *find_task(const struct byte_target *memory, int32_t tid)
{
	for (size_t i = 0; i < memory->tasks.count; i++) {
		if (memory->tasks.items[i].tid == tid)
			return &memory->tasks.items[i];
	}
	return NULL;
}

static int read_robust_list(void *state, int32_t tid, uint64_t *ret)
{
	const struct byte_task *task = find_task(state, tid);
	if (!task || task->robust_error)
		return task ? task->robust_error : ESRCH;
	*ret = task->robust_list;
	return 0;
}

static int read_thread_pointer(void *state, int32_t tid, uint64_t *ret)
{
	struct byte_target *memory = state;
	const struct byte_task *task = find_task(memory, tid);
	memory->pointers_asked++;
	if (!task || task->pointer_error)
		return task ? task->pointer_error : ESRCH;
	*ret = task->thread_pointer;
	return 0;
}

static const struct target_ops byte_ops = {
	.read = read_pieces,
	.robust_list = read_robust_list,
	.thread_pointer = read_thread_pointer,
};

void byte_target_init(struct byte_target *memory, uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	*memory = (struct byte_target){ 0 };
	memory->target =
		(struct target){ .ops = &byte_ops, .state = memory, .arch = arch_find(machine, elf_class, elf_data) };
	assert(memory->target.arch);
}

void byte_target_deinit(struct byte_target *memory)
{
	for (size_t i = 0; i < memory->segments.count; i++)
		free(memory->segments.items[i].bytes);
	vec_deinit(&memory->segments);
	vec_deinit(&memory->events);
	vec_deinit(&memory->tasks);
}

uint8_t *byte_target_map(struct byte_target *memory, uint64_t address, size_t size)
{
	struct byte_segment *segment = vec_push(&memory->segments);
	assert(segment);
	*segment = (struct byte_segment){ address, size, calloc(size, 1) };
	assert(segment->bytes);
	return segment->bytes;
}

void byte_target_unmap(struct byte_target *memory, uint64_t address)
{
	struct byte_segment *segment = find(memory, address);
	assert(segment && segment->address == address);
	free(segment->bytes);
	*segment = memory->segments.items[--memory->segments.count];
}

void byte_target_put(struct byte_target *memory, uint64_t address, const void *bytes, size_t size)
{
	struct byte_segment *segment = find(memory, address);
	assert(segment && segment->size - (address - segment->address) >= size);
	memcpy(segment->bytes + (address - segment->address), bytes, size);
}

void byte_target_put_string(struct byte_target *memory, uint64_t address, const char *text)
{
	byte_target_put(memory, address, text, strlen(text) + 1);
}

void byte_target_put_number(struct byte_target *memory, uint64_t address, uint64_t value, size_t size)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < size; i++)
		bytes[memory->target.arch->is_big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
	byte_target_put(memory, address, bytes, size);
}

void byte_target_put_word(struct byte_target *memory, uint64_t address, uint64_t value)
{
	byte_target_put_number(memory, address, value, memory->target.arch->word);
}

uint64_t byte_target_get_word(const struct byte_target *memory, uint64_t address)
{
	uint8_t bytes[8];
	int error = copy(memory, address, bytes, memory->target.arch->word);
	assert(!error);
	return error ? 0 : target_word(&memory->target, bytes);
}

static void add_event(struct byte_target *memory, struct byte_event event)
{
	struct byte_event *place = vec_push(&memory->events);
	assert(place);
	*place = event;
}

void byte_target_before(struct byte_target *memory, uint64_t address, unsigned nth, byte_target_fn *happen, void *arg)
{
	add_event(memory, (struct byte_event){ address, nth, false, happen, arg });
}

void byte_target_always(struct byte_target *memory, uint64_t address, byte_target_fn *happen, void *arg)
{
	add_event(memory, (struct byte_event){ address, 1, true, happen, arg });
}

struct byte_task *byte_target_task(struct byte_target *memory, int32_t tid)
{
	struct byte_task *known = (struct byte_task *)find_task(memory, tid);
	if (known)
		return known;
	struct byte_task *task = vec_push(&memory->tasks);
	assert(task);
	task->tid = tid;
	return task;
}

/**
 * A target made of byte arrays, for machines and states that no process here is in. What is at an address can be
 * made to change between two reads of it, which is how a running process is played.
 */
#ifndef SUPPORT_BYTE_TARGET_H
#define SUPPORT_BYTE_TARGET_H

#include "base/vec.h"
#include "target/target.h"

struct byte_target;
typedef void byte_target_fn(struct byte_target *memory, void *arg);

struct byte_segment {
	uint64_t address;
	size_t size;
	uint8_t *bytes;
};

/** Something that happens right before the nth reading of an address. */
struct byte_event {
	uint64_t address;
	unsigned left; ///< Readings until it happens; 0 once it has.
	bool is_repeated;
	byte_target_fn *happen;
	void *arg;
};

/** What the kernel answers about a task. */
struct byte_task {
	int32_t tid;
	uint64_t robust_list, thread_pointer;
	int robust_error, pointer_error;
};

struct byte_target {
	struct target target;
	vec_of(struct byte_segment) segments;
	vec_of(struct byte_event) events;
	vec_of(struct byte_task) tasks;
	size_t calls, pieces;    ///< Vectored reads, and pieces read by them.
	unsigned pointers_asked; ///< Thread pointers asked for: each would have stopped a thread.
};

/** Start an empty memory of a machine: an x86_64 one has no segments until they are mapped. */
void byte_target_init(struct byte_target *memory, uint16_t machine, uint8_t elf_class, uint8_t elf_data);
void byte_target_deinit(struct byte_target *memory);

/** Zeroed bytes at [address, address+size). */
uint8_t *byte_target_map(struct byte_target *memory, uint64_t address, size_t size);
/** Take the segment that begins at @p address away. */
void byte_target_unmap(struct byte_target *memory, uint64_t address);

/** Store into mapped memory, in the machine's byte order. */
void byte_target_put(struct byte_target *memory, uint64_t address, const void *bytes, size_t size);
void byte_target_put_string(struct byte_target *memory, uint64_t address, const char *text);
void byte_target_put_number(struct byte_target *memory, uint64_t address, uint64_t value, size_t size);
void byte_target_put_word(struct byte_target *memory, uint64_t address, uint64_t value);
uint64_t byte_target_get_word(const struct byte_target *memory, uint64_t address);

/** Before the nth reading (from 1 on) of a piece that begins at @p address: @p happen. */
void byte_target_before(struct byte_target *memory, uint64_t address, unsigned nth, byte_target_fn *happen,
			void *arg);
/** The same before every reading of it. */
void byte_target_always(struct byte_target *memory, uint64_t address, byte_target_fn *happen, void *arg);

/** The task's place among what the kernel knows; a new one knows nothing. Good until the next new one. */
struct byte_task *byte_target_task(struct byte_target *memory, int32_t tid);

#endif

// Debug registers are set task by task and are not inherited, neither by threads nor by children. Instructions in
// memory are seen by every thread at once, are copied by fork(), and stand in the way of a child of vfork().

#include "target/breakpoint.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "arch/instruction.h"

enum {
	DEBUG_CONTROL = 7, // DR7: bit 2N enables slot N for the task; length and kind 0 is "run"
	BREAKPOINT_LOOK = 16,
	BREAKPOINT_MAX_PLACES = 4096,
	SIGTRAP_HARDWARE = 4, // TRAP_HWBKPT
	SIGTRAP_SOFTWARE = 1, // TRAP_BRKPT; SI_KERNEL on x86
};

bool task_registers_read(int32_t tid, struct task_registers *ret)
{
	struct iovec buffer = { ret->bytes, sizeof(ret->bytes) };
	ret->size = 0;
	if (ptrace(PTRACE_GETREGSET, tid, (void *)(uintptr_t)NT_PRSTATUS, &buffer))
		return false;
	ret->size = buffer.iov_len;
	return true;
}

bool task_registers_write(int32_t tid, const struct task_registers *registers)
{
	struct iovec buffer = { (void *)(uintptr_t)registers->bytes, registers->size };
	return !ptrace(PTRACE_SETREGSET, tid, (void *)(uintptr_t)NT_PRSTATUS, &buffer);
}

uint64_t task_register(const struct task_registers *registers, size_t place)
{
	uint64_t value = 0;
	if (place + sizeof(value) <= registers->size)
		memcpy(&value, registers->bytes + place, sizeof(value));
	return value;
}

static void set_register(struct task_registers *registers, size_t place, uint64_t value)
{
	if (place + sizeof(value) <= registers->size)
		memcpy(registers->bytes + place, &value, sizeof(value));
}

static bool poke_debug(const struct trace_task *task, unsigned number, uint64_t value)
{
	uintptr_t place = task->process->arch->tracing.debug_place + number * sizeof(uint64_t);
	return !ptrace(PTRACE_POKEUSER, task->tid, (void *)place, (void *)(uintptr_t)value);
}

static bool load_debug(struct trace_task *task)
{
	static const uint64_t none[ARCH_SLOTS];
	uint64_t control = 0;
	if (memcmp(task->slots, task->loaded, sizeof(task->slots)) == 0)
		return true;
	// The kernel checks an address when its slot is enabled, so all are off while they change.
	bool is_good = memcmp(task->loaded, none, sizeof(none)) == 0 || poke_debug(task, DEBUG_CONTROL, 0);
	for (unsigned i = 0; is_good && i < ARCH_SLOTS; i++) {
		control |= task->slots[i] ? UINT64_C(1) << 2 * i : 0;
		if (task->slots[i] != task->loaded[i])
			is_good = poke_debug(task, i, task->slots[i]);
	}
	if (is_good && control)
		is_good = poke_debug(task, DEBUG_CONTROL, control);
	if (is_good)
		memcpy(task->loaded, task->slots, sizeof(task->loaded));
	else // none is better than some
		poke_debug(task, DEBUG_CONTROL, 0);
	return is_good;
}

// PTRACE_PEEKDATA and POKEDATA go by words and past every protection. Bytes of the word beyond are left as they are.
static bool peek_word(int32_t tid, uint64_t address, long *ret)
{
	errno = 0;
	*ret = ptrace(PTRACE_PEEKDATA, tid, (void *)(uintptr_t)address, NULL);
	return errno == 0;
}

static bool poke_bytes(int32_t tid, uint64_t address, const uint8_t *bytes, size_t size)
{
	long word;
	if (size > sizeof(word) || !peek_word(tid, address, &word))
		return false;
	memcpy(&word, bytes, size);
	return !ptrace(PTRACE_POKEDATA, tid, (void *)(uintptr_t)address, (void *)word);
}

static bool peek_bytes(int32_t tid, uint64_t address, uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size; at += sizeof(long)) {
		long word;
		if (!peek_word(tid, address + at, &word))
			return false;
		memcpy(bytes + at, &word, size - at < sizeof(word) ? size - at : sizeof(word));
	}
	return true;
}

static struct trace_place *find_place(const struct trace_process *process, uint64_t address)
{
	for (size_t i = 0; i < process->places.count; i++) {
		if (process->places.items[i].address == address)
			return &process->places.items[i];
	}
	return NULL;
}

static void take_out(const struct trace_process *process, int32_t tid, struct trace_place *place)
{
	if (place->is_in)
		poke_bytes(tid, place->address, place->saved, process->arch->tracing.trap_size);
	place->is_in = false;
}

static bool put_in(const struct trace_process *process, int32_t tid, struct trace_place *place)
{
	const struct arch_tracing *tracing = &process->arch->tracing;
	if (!place->is_in && !process->is_lent)
		place->is_in = peek_bytes(tid, place->address, place->saved, tracing->trap_size) &&
			       poke_bytes(tid, place->address, tracing->trap, tracing->trap_size);
	return place->is_in || process->is_lent;
}

void breakpoint_lift(struct trace_process *process, int32_t tid)
{
	for (size_t i = 0; i < process->places.count; i++)
		take_out(process, tid, &process->places.items[i]);
}

void breakpoint_restore(struct trace_process *process, int32_t tid)
{
	for (size_t i = 0; i < process->places.count; i++)
		put_in(process, tid, &process->places.items[i]);
}

static bool is_used(const struct tracer *tracer, const struct trace_process *process, uint64_t address)
{
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		const struct trace_task *task = tracer->tasks.items[i];
		bool is_alive = task->process == process && !task->is_exiting;
		for (unsigned k = ARCH_SHARED_SLOTS; is_alive && k < ARCH_SLOTS; k++) {
			if (task->slots[k] == address)
				return true;
		}
	}
	for (unsigned i = 0; i < ARCH_SHARED_SLOTS; i++) {
		if (process->breakpoints[i] == address)
			return true;
	}
	return false;
}

// Many tasks stop at the first slot's place, and each must get past it while it stays where it is.
static bool can_pass(const struct trace_task *task, uint64_t address)
{
	uint8_t bytes[BREAKPOINT_LOOK];
	size_t length;
	return peek_bytes(task->tid, address, bytes, sizeof(bytes)) &&
	       instruction_pass(bytes, sizeof(bytes), &length) != INSTRUCTION_PASS_NOT;
}

static bool load_memory(struct tracer *tracer, struct trace_task *task)
{
	struct trace_process *process = task->process;
	for (size_t i = 0; i < process->places.count; i++) {
		if (!is_used(tracer, process, process->places.items[i].address))
			take_out(process, task->tid, &process->places.items[i]);
	}
	bool is_good = true;
	for (unsigned i = 0; i < ARCH_SLOTS; i++) {
		struct trace_place *place = find_place(process, task->slots[i]);
		if (!task->slots[i])
			continue;
		if (!place) {
			place = process->places.count < BREAKPOINT_MAX_PLACES ? vec_push(&process->places) : NULL;
			if (!place)
				return false;
			*place = (struct trace_place){ .address = task->slots[i] };
		}
		is_good = put_in(process, task->tid, place) && is_good;
	}
	return is_good;
}

bool breakpoint_load(struct tracer *tracer, struct trace_task *task)
{
	struct trace_process *process = task->process;
	if (!process || !process->arch)
		return false;
	const struct arch_tracing *tracing = &process->arch->tracing;
	memcpy(task->slots, process->breakpoints, sizeof(process->breakpoints));
	if (!process->uses_memory && tracing->debug_place && !tracer->no_debug && load_debug(task))
		return true;
	uint64_t first = process->breakpoints[0];
	if (!tracing->trap_size || (first && !process->uses_memory && !can_pass(task, first)))
		return false;
	process->uses_memory = true;
	return load_memory(tracer, task);
}

static int find_slot(const struct trace_task *task, uint64_t address)
{
	for (int i = 0; i < ARCH_SLOTS; i++) {
		if (task->slots[i] && task->slots[i] == address)
			return i;
	}
	return BREAKPOINT_NONE;
}

// The place was another task's: nobody needs to step over it if it is taken away, and the other task's call is then
// known to be over at its next stop.
static void give_up_place(struct tracer *tracer, struct trace_task *task, uint64_t address)
{
	for (size_t i = 0; i < tracer->tasks.count; i++) {
		struct trace_task *other = tracer->tasks.items[i];
		int slot = other->process == task->process ? find_slot(other, address) : BREAKPOINT_NONE;
		if (slot >= ARCH_SHARED_SLOTS)
			other->slots[slot] = 0;
	}
	load_memory(tracer, task);
}

int breakpoint_hit(struct tracer *tracer, struct trace_task *task, bool *is_ours_ret)
{
	struct trace_process *process = task->process;
	struct task_registers registers;
	siginfo_t info;
	*is_ours_ret = false;
	if (!process->arch || ptrace(PTRACE_GETSIGINFO, task->tid, NULL, &info) ||
	    !task_registers_read(task->tid, &registers))
		return BREAKPOINT_NONE;
	const struct arch_tracing *tracing = &process->arch->tracing;
	uint64_t pc = task_register(&registers, tracing->pc_place);
	if (!process->uses_memory) {
		int slot = info.si_code == SIGTRAP_HARDWARE ? find_slot(task, pc) : BREAKPOINT_NONE;
		*is_ours_ret = slot != BREAKPOINT_NONE;
		return slot;
	}
	uint64_t address = pc - tracing->trap_size;
	bool is_trap = info.si_code == SI_KERNEL || info.si_code == SIGTRAP_SOFTWARE;
	if (!is_trap || !find_place(process, address))
		return BREAKPOINT_NONE;
	*is_ours_ret = true;
	set_register(&registers, tracing->pc_place, address);
	if (!task_registers_write(task->tid, &registers))
		return BREAKPOINT_NONE;
	task->is_at_trap = true;
	int slot = find_slot(task, address);
	if (slot == BREAKPOINT_NONE)
		give_up_place(tracer, task, address);
	return slot;
}

// A debug register does not stop a task twice at one place: the kernel sets the resume flag.
void breakpoint_pass(struct tracer *tracer, struct trace_task *task)
{
	const struct trace_process *process = task->process;
	struct task_registers registers;
	uint8_t bytes[BREAKPOINT_LOOK];
	size_t length;
	if (!task->is_at_trap || !process || !process->arch || !task_registers_read(task->tid, &registers))
		return;
	task->is_at_trap = false;
	const struct arch_tracing *tracing = &process->arch->tracing;
	uint64_t pc = task_register(&registers, tracing->pc_place);
	uint64_t sp = task_register(&registers, tracing->sp_place);
	const struct trace_place *place = find_place(process, pc);
	// Only what stands at the first slot is known to be passed. Elsewhere it was the wrong call that came by.
	if (place && place->is_in && find_slot(task, pc) != 0)
		give_up_place(tracer, task, pc);
	if (!place || !place->is_in || !peek_bytes(task->tid, pc, bytes, sizeof(bytes)))
		return;
	memcpy(bytes, place->saved, tracing->trap_size);
	switch (instruction_pass(bytes, sizeof(bytes), &length)) {
	case INSTRUCTION_PASS_NOT:
		return;
	case INSTRUCTION_PASS_SKIP:
		pc += length;
		break;
	case INSTRUCTION_PASS_RETURN: {
		long word;
		if (!peek_word(task->tid, sp, &word))
			return;
		pc = (uint64_t)word;
		sp += sizeof(word);
		break;
	}
	}
	set_register(&registers, tracing->pc_place, pc);
	set_register(&registers, tracing->sp_place, sp);
	task_registers_write(task->tid, &registers);
}

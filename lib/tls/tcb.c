// Threads are born and end while they are listed, their stacks and TCBs are used again, and some tasks have no
// TCB of their own at all. Nothing is taken from a list or a register without asking the TCB itself.

#include "tls/tcb.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	TCB_MAX_LISTED = 1 << 20, // threads on glibc's lists
	TCB_MAX_PROBED = 256,     // tasks stopped for their registers in one capture
	TCB_LIST_ATTEMPTS = 3,    // of walking a list that is being edited
};

enum { TCB_PIECES = 3 }; // of a header

// The headers of @p count candidates in one batch.
static bool read_heads(struct target *target, const struct tls_layout *layout, const uint64_t *tcbs, size_t count,
		       struct tls_header *heads, struct target_read *pieces)
{
	const struct arch *arch = target->arch;
	bool has_self = arch->self_offset != UINT16_MAX;
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		pieces[used++] = (struct target_read){ tcbs[i] + layout->pthread_tid, heads[i].tid, 4, 0 };
		pieces[used++] =
			has_self ? (struct target_read){ tcbs[i] + arch->self_offset, heads[i].self, arch->word, 0 }
				 : (struct target_read){ tcbs[i], heads[i].self, arch->word, 0 };
		pieces[used++] = (struct target_read){ tcbs[i] + layout->pthread_dtv, heads[i].dtv, arch->word, 0 };
	}
	target_read_pieces(target, pieces, used);
	return has_self;
}

// The TCB's own word on whose it is; 0 if it is no TCB.
static int32_t read_owner(const struct target *target, const struct tls_header *head,
			  const struct target_read *pieces, bool has_self, uint64_t tcb)
{
	if (pieces[0].error || pieces[1].error || (has_self && target_word(target, head->self) != tcb))
		return 0;
	return target_int(target, head->tid);
}

// Believe each thread's candidate TCB only if it names itself and the thread's number.
static struct polyton_error *verify(struct target *target, const struct tls_layout *layout, tls_threads *threads)
{
	size_t count = threads->count;
	auto_free uint64_t *tcbs = calloc(count + 1, sizeof(*tcbs));
	auto_free struct tls_header *heads = calloc(count + 1, sizeof(*heads));
	auto_free struct target_read *pieces = calloc(TCB_PIECES * count + 1, sizeof(*pieces));
	if (!tcbs || !heads || !pieces)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		tcbs[i] = threads->items[i].tcb;
	bool has_self = read_heads(target, layout, tcbs, count, heads, pieces);
	for (size_t i = 0; i < count; i++) {
		struct tls_thread *thread = &threads->items[i];
		// One that shares a TCB is not the one that it names.
		if (thread->state == POLYTON_THREAD_READY || thread->state == POLYTON_THREAD_SHARES || !thread->tcb)
			continue;
		int32_t owner = read_owner(target, &heads[i], &pieces[TCB_PIECES * i], has_self, tcbs[i]);
		// The child of a raw fork keeps its parent's number. When it is the only task, nobody else is meant.
		bool is_orphan = thread->state == POLYTON_THREAD_FOREIGN && count == 1 && has_self && owner > 0;
		if (owner == thread->inner_tid || is_orphan) {
			thread->state = POLYTON_THREAD_READY;
			thread->tcb_tid = owner;
			thread->header = heads[i];
			thread->has_header = !pieces[TCB_PIECES * i + 2].error;
		} else {
			thread->tcb = 0;
		}
	}
	return NULL;
}

static int compare_inner(const void *key, const void *item)
{
	int32_t a = *(const int32_t *)key, b = ((const struct tls_thread *)item)->inner_tid;
	return (a > b) - (a < b);
}

// Without a nested pid namespace tasks are sorted by inner_tid, too; with one they may not be.
static bool is_sorted(const tls_threads *threads)
{
	for (size_t i = 1; i < threads->count; i++) {
		if (threads->items[i].inner_tid < threads->items[i - 1].inner_tid)
			return false;
	}
	return true;
}

static struct tls_thread *find_inner(const tls_threads *threads, bool is_in_order, int32_t tid)
{
	struct tls_thread *found =
		threads->count ? bsearch(&tid, threads->items, threads->count, sizeof(*threads->items), compare_inner)
			       : NULL;
	for (size_t i = 0; !found && !is_in_order && i < threads->count; i++) {
		if (threads->items[i].inner_tid == tid)
			found = &threads->items[i];
	}
	return found;
}

// One of glibc's two lists of stacks: node, next, prev; a node is at pthread_list in struct pthread. False if the walk
// strayed: the list was being edited, and what followed belongs to nobody.
static bool walk_list(struct target *target, const struct tls_layout *layout, uint64_t head, tls_threads *threads)
{
	uint64_t node = head, previous = head, word[2];
	bool is_in_order = is_sorted(threads);

	for (size_t seen = 0; seen < TCB_MAX_LISTED; seen++) {
		struct polyton_error *error = target_read_words(target, node, 2, word);
		if (error) {
			polyton_error_destroy(error);
			return false;
		}
		if (seen && word[1] != previous)
			return false;
		previous = node;
		node = word[0];
		if (!node || node == head) // 0: the C library is not initialised yet
			return true;
		if (node - layout->rtld_global < layout->rtld_global_size) // another list's head
			return false;
		uint8_t bytes[4];
		struct target_read piece = { node - layout->pthread_list + layout->pthread_tid, bytes, sizeof(bytes),
					     0 };
		target_read_pieces(target, &piece, 1);
		int32_t tid = piece.error ? 0 : target_int(target, bytes);
		// Not running: created but not cloned yet, ended and not joined (0), joined (-1).
		struct tls_thread *thread = tid <= 0 ? NULL : find_inner(threads, is_in_order, tid);
		if (thread && thread->state == POLYTON_THREAD_UNKNOWN)
			thread->tcb = node - layout->pthread_list;
	}
	return false;
}

static struct polyton_error *search_lists(struct target *target, const struct tls_layout *layout,
					  tls_threads *threads)
{
	const uint64_t heads[] = { layout->stack_user, layout->stack_used };
	for (size_t i = 0; layout->pthread_list && i < sizeof(heads) / sizeof(heads[0]); i++) {
		for (int attempt = 0; heads[i] && attempt < TCB_LIST_ATTEMPTS; attempt++) {
			if (walk_list(target, layout, heads[i], threads))
				break;
		}
	}
	return verify(target, layout, threads);
}

static uint64_t tcb_of(const struct target *target, const struct tls_layout *layout, uint64_t pointer)
{
	return target->arch->tls_variant == ARCH_TLS_BELOW ? pointer : pointer - layout->pthread_above;
}

// The task's thread pointer, by stopping it for a moment.
static void probe(struct target *target, const struct tls_layout *layout, tls_threads *threads,
		  struct tls_thread *thread)
{
	uint64_t pointer = thread->pointer;
	int refusal = pointer ? 0 : target_thread_pointer(target, thread->tid, &pointer);
	if (refusal) {
		thread->why = refusal == ESRCH ? "ended, or out of reach in the kernel"
					       : "its registers cannot be read";
		return;
	}
	if (!pointer) {
		thread->why = "has not set up its thread pointer yet";
		return;
	}
	uint64_t tcb = tcb_of(target, layout, pointer);
	for (size_t i = 0; i < threads->count; i++) {
		const struct tls_thread *other = &threads->items[i];
		if (other != thread && other->state == POLYTON_THREAD_READY && other->tcb == tcb) {
			thread->state = POLYTON_THREAD_SHARES;
			thread->tcb = tcb;
			thread->tcb_tid = other->tcb_tid;
			thread->shares_tid = other->tid;
			thread->why = "a raw clone on another thread's TCB";
			return;
		}
	}
	thread->tcb = tcb;
	thread->state = POLYTON_THREAD_FOREIGN; // until verify() believes it
	thread->why = "its thread pointer is not this C library's";
}

static int compare_pointers(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

// Pointers that more than one thread has become 0.
static void drop_shared(uint64_t *sorted, size_t count)
{
	for (size_t first = 0, next; first < count; first = next) {
		for (next = first + 1; next < count && sorted[next] == sorted[first]; next++)
			;
		for (size_t i = first; next - first > 1 && i < next; i++)
			sorted[i] = 0;
	}
	qsort(sorted, count, sizeof(*sorted), compare_pointers);
}

// When no thread's number is in its TCB, the numbers are another pid namespace's: a debugger outside made the core.
// Then a thread pointer that only one thread has, and a TCB that names itself, say as much.
static struct polyton_error *believe_pointers(struct target *target, const struct tls_layout *layout,
					      tls_threads *threads)
{
	size_t count = threads->count;
	auto_free uint64_t *sorted = calloc(count + 1, sizeof(*sorted));
	auto_free int32_t *given = calloc(count + 1, sizeof(*given));
	auto_free struct tls_header *heads = calloc(count + 1, sizeof(*heads));
	auto_free struct target_read *pieces = calloc(TCB_PIECES * count + 1, sizeof(*pieces));
	if (!sorted || !given || !heads || !pieces)
		return error_no_memory();
	for (size_t i = 0; i < count; i++) {
		if (threads->items[i].state == POLYTON_THREAD_READY || !threads->items[i].pointer)
			return NULL;
		sorted[i] = threads->items[i].pointer;
	}
	qsort(sorted, count, sizeof(*sorted), compare_pointers);
	drop_shared(sorted, count);
	auto_free uint64_t *tcbs = calloc(count + 1, sizeof(*tcbs));
	if (!tcbs)
		return error_no_memory();
	for (size_t i = 0; i < count; i++)
		tcbs[i] = tcb_of(target, layout, threads->items[i].pointer);
	if (!read_heads(target, layout, tcbs, count, heads, pieces))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct tls_thread *thread = &threads->items[i];
		int32_t owner = read_owner(target, &heads[i], &pieces[TCB_PIECES * i], true, tcbs[i]);
		given[i] = thread->inner_tid;
		if (owner <= 0 || !bsearch(&thread->pointer, sorted, count, sizeof(*sorted), compare_pointers))
			continue;
		thread->inner_tid = owner;
		thread->tcb = tcbs[i];
	}
	struct polyton_error *error = verify(target, layout, threads);
	for (size_t i = 0; i < count; i++) {
		if (threads->items[i].state != POLYTON_THREAD_READY)
			threads->items[i].inner_tid = given[i];
	}
	return error;
}

static bool has_unknown(const tls_threads *threads)
{
	for (size_t i = 0; i < threads->count; i++) {
		if (threads->items[i].state == POLYTON_THREAD_UNKNOWN)
			return true;
	}
	return false;
}

static struct polyton_error *probe_unknown(struct target *target, const struct tls_layout *layout,
					   tls_threads *threads)
{
	size_t probed = 0;
	for (size_t i = 0; i < threads->count; i++) {
		struct tls_thread *thread = &threads->items[i];
		if (thread->state != POLYTON_THREAD_UNKNOWN)
			continue;
		if (probed++ < TCB_MAX_PROBED)
			probe(target, layout, threads, thread);
		else
			thread->why = "too many threads without a registered TCB to stop each";
	}
	struct polyton_error *error = verify(target, layout, threads);
	for (size_t i = 0; !error && i < threads->count; i++) {
		struct tls_thread *thread = &threads->items[i];
		if (thread->state == POLYTON_THREAD_READY)
			thread->why = "";
	}
	return error;
}

struct polyton_error *tls_threads_find(struct target *target, const struct tls_layout *layout,
				       const subject_tasks *tasks, tls_threads *ret)
{
	tls_threads threads = { 0 };
	struct polyton_error *error = NULL;

	for (size_t i = 0; !error && i < tasks->count; i++) {
		const struct subject_task *task = &tasks->items[i];
		struct tls_thread *thread = vec_push(&threads);
		if (!thread) {
			error = error_no_memory();
			break;
		}
		*thread = (struct tls_thread){ .tid = task->tid,
					       .inner_tid = task->inner_tid,
					       .state = POLYTON_THREAD_UNKNOWN,
					       .tcb = task->robust_list ? task->robust_list - layout->robust_head : 0,
					       .is_registered = task->robust_list != 0,
					       .pointer = task->thread_pointer,
					       .why = "" };
		if (!task->robust_list && task->thread_pointer)
			thread->tcb = tcb_of(target, layout, task->thread_pointer);
	}
	if (!error)
		error = verify(target, layout, &threads);
	// A thread that is found otherwise has registered something else, which says nothing of this TCB.
	for (size_t i = 0; i < threads.count; i++) {
		if (threads.items[i].state != POLYTON_THREAD_READY)
			threads.items[i].is_registered = false;
	}
	if (!error && has_unknown(&threads))
		error = search_lists(target, layout, &threads);
	if (!error && has_unknown(&threads) && threads.items[0].pointer)
		error = believe_pointers(target, layout, &threads);
	if (!error && has_unknown(&threads))
		error = probe_unknown(target, layout, &threads);
	if (error) {
		vec_deinit(&threads);
		return error;
	}
	*ret = threads;
	return NULL;
}

uint64_t tls_static_offset(const struct arch *arch, const Elf64_Phdr *tls)
{
	uint64_t align = tls->p_align ? tls->p_align : 1;
	if (arch->tls_variant == ARCH_TLS_ABOVE)
		return (arch->tcb_size + align - 1) & ~(align - 1);
	// glibc csu/libc-tls.c: the block ends at the thread pointer, aligned so that p_vaddr's low bits are kept.
	uint64_t first = (0 - tls->p_vaddr) & (align - 1);
	return ((tls->p_memsz - first + align - 1) & ~(align - 1)) + first;
}

/**
 * Where each thread's struct pthread (its thread control block) is.
 */
#ifndef TLS_TCB_H
#define TLS_TCB_H

#include "target/subject.h"
#include "tls/glibc.h"

/** The fields of a struct pthread that say whose it is and where its DTV is, in the target's byte order. */
struct tls_header {
	uint8_t self[8], dtv[8], tid[4];
};

struct tls_thread {
	int32_t tid, inner_tid;
	enum polyton_thread_state state;
	uint64_t tcb;       ///< struct pthread, 0 if not known.
	int32_t tcb_tid;    ///< What the TCB says whose it is: the owner's inner_tid, for SHARES the other thread's.
	bool is_registered; ///< Found by get_robust_list(2), which can be asked again to see that it still is so.
	bool has_header;    ///< @c header is what the TCB held when it was believed.
	struct tls_header header;
	uint64_t pointer; ///< Its thread pointer, where that was to be had for nothing; else 0.
	int32_t shares_tid;
	const char *why;
};
typedef vec_of(struct tls_thread) tls_threads;

/**
 * Find the TCB of every task of a glibc process: by what the thread registered with set_robust_list(2),
 * then by glibc's own lists, and only for a task that neither knows by its registers, which stops that one
 * task for a moment. A TCB is believed when its own self and tid fields agree.
 */
must_use struct polyton_error *tls_threads_find(struct target *target, const struct tls_layout *layout,
						const subject_tasks *tasks, tls_threads *ret);

/** The program's TLS block in a fully static program: distance as glibc's l_tls_offset would have it. */
uint64_t tls_static_offset(const struct arch *arch, const Elf64_Phdr *tls);

#endif

/**
 * Reading one variable in one thread: (thread, module, offset) to address and bytes, or "not allocated".
 *
 * The process runs on meanwhile. Everything an address was computed from is read again after the value, and a
 * difference throws the value away (glibc nptl_db's td_thr_tlsbase gives the rules of the computation; it
 * needs a stopped process, this does not). Of a core, and of what a debugger has stopped, all is read once.
 */
#ifndef TLS_CELLS_H
#define TLS_CELLS_H

#include "tls/modules.h"
#include "tls/tcb.h"

enum tls_answer {
	TLS_PENDING,       ///< Not read yet.
	TLS_READY,         ///< Bytes and address are this thread's, unchanged over the reading.
	TLS_NOT_ALLOCATED, ///< The thread has no block of this module; it would see the initial image.
	TLS_UNREADABLE,    ///< The address is not readable, or (0) cannot be told.
	TLS_UNSTABLE,      ///< Changed during every attempt; or the thread or the module is gone.
};

struct tls_cell {
	uint32_t thread; ///< Index in the threads.
	uint32_t module; ///< Index in the modules.
	uint64_t offset; ///< In the module's block.
	uint32_t size;
	void *buffer; ///< @c size bytes, written to when READY.
	enum tls_answer answer;
	uint64_t address; ///< 0 where there is none.
};

/** Read @p count cells, those of a thread next to each other. Threads that have no TCB answer UNREADABLE. */
must_use struct polyton_error *tls_cells_read(struct target *target, const struct tls_layout *layout,
					      const tls_threads *threads, const struct tls_modules *modules,
					      struct tls_cell *cells, size_t count);

#endif

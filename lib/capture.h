/**
 * What the copies hold: threads, cells and statics, read in one go while the process runs or is stopped.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "scan.h"
#include "target/names.h"
#include "tls/cells.h"

/** Everything that was read from the process after the analysis said what to read. */
struct captured {
	tls_threads threads;
	subject_tids tids; ///< Of the threads, in their order, and of some that have ended meanwhile.
	struct thread_names *names;
	struct tls_cell *cells; ///< Thread by thread, each with the thread-local copies in copy order.
	size_t cell_count;
	uint32_t *tls_copies; ///< Snapshot indices of the thread-local copies that are read.
	uint32_t tls_copy_count;
	uint32_t *statics; ///< The same for statics.
	uint32_t static_count;
	struct target_read *static_reads;
	struct target_read *image_reads; ///< Initial images of the thread-local copies, in their order.
	uint8_t *memory;                 ///< What all buffers point into.
	bool *is_gone;                   ///< Per object: unloaded, or replaced by another, meanwhile.
};

/** How many bytes of a copy are read: all, up to a limit. */
size_t capture_size(const struct polyton_copy *copy);
/** The same, of a copy of which it is known what it is. */
size_t capture_size_of(const struct polyton_copy *copy, bool is_tls);

/**
 * Read all of it. With @p stop the process is stopped for just this; the pause goes to the snapshot's subject.
 * Thread rows, and notes about what was missed, go to @p snapshot.
 */
must_use struct polyton_error *capture_read(struct subject *subject, const struct scan *scan, bool stop,
					    struct polyton_snapshot *snapshot, struct captured *ret);
void captured_deinit(struct captured *captured);

/** Turn what was read into the cells of @p snapshot; @p wanted says how values are shown. */
must_use struct polyton_error *capture_settle(struct subject *subject, const struct scan *scan,
					      const struct captured *captured, const struct polyton_options *wanted,
					      struct polyton_snapshot *snapshot);

#endif

/**
 * The picture: plain rows in one arena. Built by capture, then frozen: everybody else only reads it through
 * polyton.h.
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/strmap.h"
#include "base/vec.h"
#include "model/type.h"

/** Something that lives as long as the snapshot. */
struct snapshot_owner {
	void *thing;
	void (*release)(void *thing);
};

/** What tells whether a copy is constructed. */
enum guard_kind {
	GUARD_NONE,
	GUARD_OWN,  ///< C++'s _ZGV...: of this variable alone.
	GUARD_UNIT, ///< C++'s __tls_guard: of all thread-locals that its source file constructs.
	GUARD_RUST, ///< The STATE that std keeps beside a thread-local constant up to 1.79.
};

struct copy_guard {
	enum guard_kind kind;
	bool is_relative; ///< A thread-local's: each thread has one.
	uint64_t place;   ///< Its address; if it is relative: how far it is behind the cell, modulo 2^64.
};

struct polyton_snapshot {
	struct arena arena; ///< All strings, values and cells.
	struct polyton_subject subject;
	vec_of(struct polyton_object) objects;
	vec_of(struct polyton_thread) threads;
	vec_of(struct polyton_library) libraries;
	vec_of(struct polyton_singleton) singletons;
	vec_of(struct polyton_copy) copies;
	vec_of(struct polyton_finding) findings;
	vec_of(struct polyton_note) notes;
	struct strmap note_keys; ///< What was noted: object and text.
	vec_of(struct polyton_dropped) dropped;
	vec_of(struct polyton_binding) bindings;
	struct polyton_tls_budget tls_budget;
	const struct type_of *types;          ///< Per copy; NULL if none was looked for.
	const struct copy_guard *guards;      ///< Per copy; NULL if none was looked for.
	vec_of(struct snapshot_owner) owners; ///< What types point into.
};

must_use struct polyton_error *snapshot_create(struct polyton_snapshot **ret);

/** Add a note; @p object is an index or POLYTON_NONE. Equal notes are kept once. */
must_use struct polyton_error *snapshot_note(struct polyton_snapshot *snapshot, uint32_t object, bool is_loss,
					     const char *format, ...) printf_like(4, 5);
/** Count one more name that is left out for @p reason, which is borrowed for ever. */
must_use struct polyton_error *snapshot_count_dropped(struct polyton_snapshot *snapshot, const char *reason);

#endif

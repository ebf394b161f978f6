/**
 * A made-up snapshot: a Rust host with two modules that brought their own tokio, a stripped one, and some C and C++.
 * What tests say about reports, they say about this.
 */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

#include "model/snapshot.h"

enum scene_object {
	SCENE_HOST,
	SCENE_SAME,
	SCENE_OTHER,
	SCENE_RELEASE,
	SCENE_LIBC,
	SCENE_VDSO,
	SCENE_OBJECTS,
};

/** What a copy is like, for scene_copy(). */
struct scene_copy {
	enum scene_object object;
	const char *symbol;
	uint64_t size;
	const char *
		states; ///< A letter per cell: s(et) i(nitial) n(ot allocated) u(nreadable) t(orn: unstable) p(resent).
	const char *value; ///< Text of what is set; NULL: a text of its own for each cell.
};

/** The whole story. Any trouble fails the test. */
struct polyton_snapshot *scene_create(void);
/** The subject, its objects, and threads without any singleton. */
struct polyton_snapshot *scene_create_empty(void);

uint32_t scene_library(struct polyton_snapshot *snapshot, const char *name, const char *version,
		       enum polyton_language language);
/** Of the newest library. All its copies are live until scene_copy()'s caller says otherwise. */
struct polyton_singleton *scene_singleton(struct polyton_snapshot *snapshot, const char *name,
					  enum polyton_kind kind);
/** Of the newest singleton. */
struct polyton_copy *scene_copy(struct polyton_snapshot *snapshot, struct scene_copy wanted);
/** A typed value; all cells of @p copy whose letter in @p cells is an x hold it. */
struct polyton_value *scene_value(struct polyton_snapshot *snapshot, struct polyton_copy *copy, const char *cells,
				  enum polyton_value_state state, const char *text);
/** Nothing uses @p copy: all references go to the copy of index @p winner. */
void scene_shadow(struct polyton_snapshot *snapshot, struct polyton_copy *copy, uint32_t winner);
/** Either step may be NULL, the first one only with the second. */
const struct polyton_reason *scene_reason(struct polyton_snapshot *snapshot, enum polyton_cause cause,
					  const char *text, const char *first_step, const char *second_step);
void scene_binding(struct polyton_snapshot *snapshot, struct polyton_binding wanted);
/** An error of any rule about @p singleton, or about none. */
struct polyton_finding *scene_rule(struct polyton_snapshot *snapshot, uint32_t singleton, const char *rule,
				   const char *slug, const char *headline);
/** About the newest singleton. */
struct polyton_finding *scene_finding(struct polyton_snapshot *snapshot, enum polyton_severity severity,
				      const char *headline, const char *detail);

/** Write a view; the whole text, to be freed. A failure fails the test. */
char *scene_write(const struct polyton_snapshot *snapshot, const struct polyton_write_options *options);
/** A view of the whole story. */
char *write_scene(const struct polyton_write_options *options);

void assert_has(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);

#endif

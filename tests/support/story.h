/**
 * A snapshot of objects "a" to "h" that singletons are added to one by one, and all that the rooms that make
 * findings ask for: "a" is no program, nothing has symbols, and each sees all others, unless the test says
 * otherwise.
 */
#ifndef SUPPORT_STORY_H
#define SUPPORT_STORY_H

#include "find/exports.h"
#include "find/findings.h"
#include "find/twiceinit.h"
#include "find_object.h"

enum { STORY_OBJECTS = 8 };

struct story {
	struct polyton_snapshot *snapshot;
	struct object_input inputs[STORY_OBJECTS];
	struct crate_lists crates;
	struct elf_lookup lookups[STORY_OBJECTS];
	struct link_object linked[STORY_OBJECTS];
	struct scopes scopes;
	struct resolver resolver;
	references references;
	struct linkage linkage;
	struct exports exports; ///< Each two export the same ten functions.
	uint32_t function_counts[STORY_OBJECTS];
	struct finder finder;
};

/** For cmocka_unit_test_setup_teardown(): the state is a struct story. */
int story_set_up(void **state);
int story_tear_down(void **state);

struct polyton_library *story_library(struct story *story, const char *name);
/**
 * Of the newest library, "lib::X". @p copies: a word of cells' states per object, in the order of objects, each
 * a letter: s(et) i(nitial) n(ot allocated) u(nreadable) t(orn: unstable) p(resent). "-" stands for an object
 * without a copy, a leading "*" for one that nothing is bound to.
 */
struct polyton_singleton *story_singleton(struct story *story, enum polyton_kind kind, const char *copies);
/** The copy of the newest singleton in @p object. */
struct polyton_copy *story_copy(struct story *story, uint32_t object);

/** findings_build(), with what the inputs export. */
must_use struct polyton_error *story_find(struct story *story);
/** The only finding of a rule; the test fails if there is none or another. */
const struct polyton_finding *story_finding(const struct story *story, const char *rule);
/** How many findings the default report lists. */
size_t story_count(const struct story *story);

#endif

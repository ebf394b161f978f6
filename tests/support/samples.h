/**
 * Reports of made-up snapshots that the formats of a report are tested with, by these tests and by outside programs.
 */
#ifndef SUPPORT_SAMPLES_H
#define SUPPORT_SAMPLES_H

#include "scene.h"

/** A snapshot, and what a policy says of its findings (NULL: nothing). */
struct sample {
	const char *name;
	struct polyton_snapshot *snapshot;
	struct polyton_verdict *verdicts;
};

enum sample_kind {
	SAMPLE_EMPTY,   ///< Nothing was found.
	SAMPLE_STORY,   ///< The scene.
	SAMPLE_JUDGED,  ///< The same, with a policy that suppresses some, knows some, and has anchors.
	SAMPLE_FILES,   ///< The same as files on disk: no process, no threads, no addresses.
	SAMPLE_HOSTILE, ///< Every text is meant to do harm.
	SAMPLE_MANY,    ///< Hundreds of findings about dozens of objects.
	SAMPLE_COUNT,
};

struct sample sample_make(enum sample_kind kind);
void sample_free(struct sample *sample);
/** The report, to be freed. */
char *sample_write(const struct sample *sample, enum polyton_format format);

/** The same of a sample that is made for it. */
char *write_sample(enum sample_kind kind, enum polyton_format format);

/** How often @p part is in @p text. */
size_t count_parts(const char *text, const char *part);

/** Texts that are meant to do harm, NULL at the end. */
extern const char *const hostile_texts[];

#endif

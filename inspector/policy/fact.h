/**
 * Findings as they are compared from run to run: of this snapshot, or of an earlier report. All of it belongs to the
 * pool. Texts are well-formed UTF-8.
 */
#ifndef INSPECTOR_POLICY_FACT_H
#define INSPECTOR_POLICY_FACT_H

#include <stdbool.h>

#include "polyton.h"
#include "pool.h"

struct fact {
	const char *fingerprint;
	const char *rule, *slug;
	const char *
		name; ///< Of the singleton, else of the library, else of the object; "" if there is none or not known.
	const char *const *objects; ///< Base names of their files, sorted.
	size_t object_count;        ///< 0 also if they are not known.
	enum polyton_severity severity;
	const char *headline;
};

struct facts {
	const struct fact *items;
	size_t count;
};

/**
 * Those of all findings of @p snapshot, in their order. @p verdicts, which may be NULL, has one for each: its severity
 * is the fact's.
 */
void facts_take(struct pool *pool, const struct polyton_snapshot *snapshot, const struct polyton_verdict *verdicts,
		struct facts *ret);
/** Sort @p count texts. */
void facts_sort_texts(const char **texts, size_t count);
/** @p text, with U+FFFD for each byte that is not part of well-formed UTF-8, as polyton writes its JSON. */
const char *facts_clean(struct pool *pool, const char *text);
/** The part behind the last slash. */
const char *facts_base(const char *path);

extern const char *const severity_words[]; ///< By enum polyton_severity; NULL ends them.

/**
 * The largest part of an earlier report that is read. A report of many threads is large; one that is larger than this
 * has grown by something else than findings.
 */
enum { FACTS_MAX_SIZE = 256 << 20 };

/**
 * Read the earlier report @p file: polyton's JSON report, its baseline, or its SARIF. Suppressed findings are left
 * out, since they were not accepted as they are. NULL when all went well, else what is wrong.
 */
const char *facts_read(struct pool *pool, const char *file, struct facts *ret);
/** The same of what is in @p file. */
const char *facts_parse(struct pool *pool, const char *file, const char *text, size_t size, struct facts *ret);
/**
 * @p facts as a baseline: JSON that is the same for the same findings, whatever the run or the machine, a member a
 * line, so that a version control system shows what has changed. The text belongs to the pool; NULL when out of
 * memory.
 */
const char *facts_baseline(struct pool *pool, const struct facts *facts);

#endif

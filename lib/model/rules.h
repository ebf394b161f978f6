/**
 * The rules that findings are made by: what each is called and what it means, for people and for machines.
 */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include "polyton.h"

/** In the order of their ids: RULE_DUPLICATE_TLS is PT001. */
enum rule_id {
	RULE_DUPLICATE_TLS,
	RULE_DUPLICATE_STATIC,
	RULE_LAYOUT_MISMATCH,
	RULE_SPLIT_STATE,
	RULE_TORN_LIBRARY,
	RULE_DUPLICATE_LIBRARY,
	RULE_MERGED_MISMATCH,
	RULE_SHADOWED_COPY,
	RULE_DUPLICATE_TYPE_IDENTITY,
	RULE_PINNED_OBJECT,
	RULE_STATIC_TLS_PRESSURE,
	RULE_BLIND_SPOT,
	RULE_MERGED_TWICE_INITIALISED,
	RULE_COUNT,
};

struct rule {
	const char *id;                 ///< "PT001"; a promise, as the slug is.
	const char *slug;               ///< "duplicate-tls"
	const char *name;               ///< "DuplicateThreadLocal", for those who want one word.
	enum polyton_severity severity; ///< Of a finding that nothing makes milder.
	const char *precision; ///< How seldom it is wrong, in the words of code scanning: "very-high", "high".
	const char *brief;     ///< What is there, in one sentence.
	const char *full;      ///< Why that matters, in one paragraph.
	const char *help;      ///< What to do, in one paragraph; code stands between backticks.
};

/** Indexed by enum rule_id. */
extern const struct rule rule_rows[RULE_COUNT];

/** The index of the rule that has @p id, RULE_COUNT if none has. */
enum rule_id rules_find(const char *id);

#endif

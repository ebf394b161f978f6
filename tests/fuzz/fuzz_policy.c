// What lies in a repository: a policy, or an earlier report. The first byte says which of them the rest is meant to be.
// What is accepted is used, and a baseline made of it is accepted again; what is refused is refused at a place.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../inspector/policy/compare.h"
#include "../../inspector/policy/glob.h"
#include "../../inspector/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);

static const char whole_policy[] =
	"0version: 1\nsuppressions:\n- rule: [PT001, split-state]\n  singleton: 'a*::[b-d]?'\n"
	"  objects: [host, 'lib\\*.so']\n  fingerprint: 0123456789abcdef-2\n  reason: >-\n"
	"    why\n  expires: 2028-02-29\nseverity: {PT009: off, PT008: error}\nanchors:\n"
	"- {library: x, at: 'a/b:12'}\n- at: c\nfail_on: [new, note]\n"
	"thresholds: {warning: 3}\nplugin_sets: [[a, b], ['c*']]\n";
static const char whole_report[] =
	"1{\"schema\": \"polyton\", \"schema_version\": 2, \"view\": \"report\", \"objects\": [{\"name\": \"b#2\", "
	"\"path\": \"/x/b\"}], \"findings\": [{\"fingerprint\": \"1\", \"rule\": \"PT001\", \"slug\": \"s\", "
	"\"severity\": \"error\", \"headline\": \"h\", \"objects\": [\"b#2\"], \"singleton\": \"n\"}]}";
static const char whole_sarif[] =
	"1{\"runs\": [{\"tool\": {\"driver\": {\"name\": \"polyton\"}}, \"results\": [{\"ruleId\": \"PT004\", "
	"\"message\": {\"text\": \"t\"}, \"partialFingerprints\": {\"polyton/v1\": \"1\"}, \"level\": \"note\"}]}]}";

static void check_complaint(const char *complaint)
{
	if (strncmp(complaint, "F:", 2) != 0 || !complaint[2])
		abort();
}

static void try_patterns(const char *const *patterns)
{
	for (; patterns && *patterns; patterns++) {
		if (glob_complaint(*patterns) || !glob_takes(*patterns, *patterns))
			abort();
		(void)glob_takes(*patterns, "libplugin_a.so");
	}
}

static void try_policy(struct pool *pool, const char *text, size_t size)
{
	struct policy policy = { 0 };
	const char *complaint = policy_parse(pool, "F", text, size, &policy);
	if (complaint) {
		check_complaint(complaint);
		return;
	}
	for (size_t i = 0; i < policy.suppression_count; i++) {
		const struct suppression *suppression = &policy.suppressions[i];
		if (!suppression->reason || !suppression->line)
			abort();
		try_patterns(suppression->about.singletons);
		try_patterns(suppression->about.libraries);
		try_patterns(suppression->about.objects);
	}
	for (size_t i = 0; i < policy.anchor_count; i++) {
		if (!policy.anchors[i].path[0] || !policy.anchors[i].line)
			abort();
	}
	for (size_t i = 0; policy.plugin_sets && policy.plugin_sets[i]; i++)
		try_patterns(policy.plugin_sets[i]);
}

static void try_report(struct pool *pool, const char *text, size_t size)
{
	struct facts facts, again;
	struct comparison comparison;
	const char *complaint = facts_parse(pool, "F", text, size, &facts);
	if (complaint) {
		check_complaint(complaint);
		return;
	}
	const char *baseline = facts_baseline(pool, &facts);
	if (!baseline || facts_parse(pool, "F", baseline, strlen(baseline), &again) || again.count != facts.count)
		abort();
	compare(pool, &facts, &facts, &comparison);
	if (comparison.count < facts.count || !comparison_json(pool, "F", "F", &comparison))
		abort();
	for (size_t i = 0; i < facts.count; i++) {
		if (pair_is_new(&comparison.pairs[i]))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct pool pool = { 0 };
	if (!size)
		return 0;
	if (bytes[0] % 2)
		try_report(&pool, (const char *)bytes + 1, size - 1);
	else
		try_policy(&pool, (const char *)bytes + 1, size - 1);
	pool_deinit(&pool);
	return 0;
}

// Something whole to begin with: random bytes hardly ever get past the first key.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
	static const char *const wholes[] = { whole_policy, whole_report, whole_sarif };
	if (seed % 64 == 0 || size < 2) {
		const char *whole = wholes[seed / 64 % (sizeof(wholes) / sizeof(wholes[0]))];
		size = strlen(whole) < limit ? strlen(whole) : limit;
		memcpy(bytes, whole, size);
	}
	return LLVMFuzzerMutate(bytes, size, limit);
}

// Findings as JSON. A baseline lies in a repository and is looked at when it changes: its rows are sorted and hold
// nothing of the moment, no address, no process, no thread.

#include "compare.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"

enum {
	BASELINE_VERSION = 1,
	DIFF_VERSION = 1,
};

static int compare_facts(const void *left, const void *right)
{
	const struct fact *a = left, *b = right;
	int order = strcmp(a->rule, b->rule);
	order = order ? order : strcmp(a->name, b->name);
	return order ? order : strcmp(a->fingerprint, b->fingerprint);
}

// "a, b and c"
static const char *join(struct pool *pool, const struct fact *fact)
{
	const char *text = "";
	for (size_t i = 0; i < fact->object_count; i++)
		text = pool_format(pool, "%s%s%s", text,
				   !i                           ? ""
				   : i + 1 < fact->object_count ? ", "
								: " and ",
				   fact->objects[i]);
	return text;
}

static const char *headline_of(struct pool *pool, const struct fact *fact)
{
	const struct known_rule *rule = known_rule_find(fact->rule);
	if (!rule || !rule->is_momentary)
		return fact->headline;
	const char *objects = join(pool, fact);
	return pool_format(pool, "%s%s%s%s%s", fact->name, fact->name[0] ? ": " : "", fact->slug,
			   objects[0] ? ", in " : "", objects);
}

// @p headline: the finding's own, or one that is the same in each run.
static json_t *make_row(const struct fact *fact, const char *headline)
{
	json_t *objects = json_array();
	for (size_t i = 0; objects && i < fact->object_count; i++) {
		if (json_array_append_new(objects, json_string(fact->objects[i]))) {
			json_decref(objects);
			objects = NULL;
		}
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "fingerprint", fact->fingerprint, "rule", fact->rule,
			 "slug", fact->slug, "severity", severity_words[fact->severity], "name", fact->name,
			 "objects", objects, "headline", headline);
}

// Append to @p rows, which becomes NULL when out of memory.
static void append(json_t **rows, json_t *row)
{
	if (*rows && !json_array_append_new(*rows, row))
		return;
	if (!*rows)
		json_decref(row);
	json_decref(*rows);
	*rows = NULL;
}

// The text of @p root, which is done with. Of what jansson leaves as it is, DEL alone is no printable character.
static const char *dump(struct pool *pool, json_t *root)
{
	static const char escaped[] = "\\u007f";
	char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII) : NULL;
	size_t length = text ? strlen(text) : 0;
	json_decref(root);
	if (!text)
		return NULL;
	char *ret = pool_alloc(pool, length + 2, sizeof(escaped) - 1), *end = ret;
	for (const char *at = text; *at; at++) {
		if (*at == 0x7f)
			end = mempcpy(end, escaped, sizeof(escaped) - 1);
		else
			*end++ = *at;
	}
	*end = '\n';
	free(text);
	return ret;
}

const char *facts_baseline(struct pool *pool, const struct facts *facts)
{
	json_t *rows = json_array();
	struct fact *sorted = pool_alloc(pool, facts->count + 1, sizeof(*sorted));
	memcpy(sorted, facts->items, facts->count * sizeof(*sorted));
	qsort(sorted, facts->count, sizeof(*sorted), compare_facts);
	for (size_t i = 0; i < facts->count; i++)
		append(&rows, make_row(&sorted[i], headline_of(pool, &sorted[i])));
	return dump(pool, json_pack("{s:s, s:i, s:o}", "schema", "polyton-baseline", "schema_version",
				    BASELINE_VERSION, "findings", rows));
}

const char *comparison_json(struct pool *pool, const char *before, const char *now,
			    const struct comparison *comparison)
{
	json_t *come = json_array(), *gone = json_array(), *changed = json_array();
	json_int_t unchanged = 0;
	for (size_t i = 0; i < comparison->count; i++) {
		const struct pair *pair = &comparison->pairs[i];
		if (!pair->before)
			append(&come, make_row(pair->now, pair->now->headline));
		else if (!pair->now)
			append(&gone, make_row(pair->before, pair->before->headline));
		else if (pair_is_changed(pair))
			append(&changed, json_pack("{s:b, s:o, s:o}", "worse", (int)pair_is_new(pair), "before",
						   make_row(pair->before, pair->before->headline), "now",
						   make_row(pair->now, pair->now->headline)));
		else
			unchanged++;
	}
	return dump(pool,
		    json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:I}", "schema", "polyton-diff", "schema_version",
			      DIFF_VERSION, "before", facts_clean(pool, before), "now", facts_clean(pool, now), "new",
			      come, "gone", gone, "changed", changed, "unchanged", unchanged));
}

// A report that came out of a cache, an artifact or a repository: it may be cut off, of another tool, or made up. It is
// believed in what it says of findings, and refused as a whole if it does not say it in the form that polyton writes.

#include "fact.h"

#include <jansson.h>
#include <string.h>

#include "locate.h"
#include "known.h"

enum {
	EARLIER_REPORT_VERSION = 2,
	EARLIER_BASELINE_VERSION = 1,
};

/** A report on its way to facts. */
struct earlier {
	struct pool *pool;
	const char *file;
	json_t *paths;         ///< Of a report: of the objects that its findings name, by these names.
	const char *complaint; ///< The first one.
};

static bool refuse(struct earlier *earlier, const char *text)
{
	if (!earlier->complaint)
		earlier->complaint = pool_format(earlier->pool, "%s: %s", earlier->file, text);
	return false;
}

static bool refuse_item(struct earlier *earlier, size_t index, const char *text)
{
	return refuse(earlier, pool_format(earlier->pool, "finding %zu %s", index + 1, text));
}

// The text of a member, in the pool; NULL if it is not there or no text.
static const char *text_of(struct earlier *earlier, const json_t *value, const char *name)
{
	const char *text = json_string_value(json_object_get(value, name));
	return text ? pool_copy(earlier->pool, text, strlen(text)) : NULL;
}

static bool is_text(const json_t *value, const char *name, const char *expected)
{
	const char *text = json_string_value(json_object_get(value, name));
	return text && strcmp(text, expected) == 0;
}

static bool take_severity(const char *word, enum polyton_severity *ret)
{
	for (size_t i = 0; word && severity_words[i]; i++) {
		if (strcmp(severity_words[i], word) == 0) {
			*ret = (enum polyton_severity)i;
			return true;
		}
	}
	return false;
}

// A report's findings name objects as they are called there; what is compared are the files' names.
static const char *file_of(const struct earlier *earlier, const char *name)
{
	const char *path = json_string_value(json_object_get(earlier->paths, name));
	return path ? facts_base(path) : name;
}

static bool take_objects(struct earlier *earlier, const json_t *list, size_t index, struct fact *fact)
{
	size_t i;
	json_t *item;
	const char **objects = pool_alloc(earlier->pool, json_array_size(list) + 1, sizeof(*objects));
	if (!json_is_array(list))
		return refuse_item(earlier, index, "has no list 'objects'");
	json_array_foreach(list, i, item)
	{
		const char *name = json_string_value(item);
		if (!name)
			return refuse_item(earlier, index, "has objects that are no texts");
		name = file_of(earlier, name);
		objects[i] = pool_copy(earlier->pool, name, strlen(name));
	}
	facts_sort_texts(objects, i);
	fact->objects = objects;
	fact->object_count = i;
	return true;
}

static bool take_finding(struct earlier *earlier, const json_t *value, size_t index, struct fact *fact)
{
	static const char *const names[] = { "name", "singleton", "library", NULL };
	const char *object = json_string_value(json_object_get(value, "object"));
	fact->fingerprint = text_of(earlier, value, "fingerprint");
	fact->rule = text_of(earlier, value, "rule");
	fact->headline = text_of(earlier, value, "headline");
	fact->slug = text_of(earlier, value, "slug");
	for (size_t i = 0; names[i] && !fact->name; i++)
		fact->name = text_of(earlier, value, names[i]);
	if (!fact->name)
		fact->name = object ? pool_format(earlier->pool, "%s", file_of(earlier, object)) : "";
	if (!fact->fingerprint)
		return refuse_item(earlier, index, "has no 'fingerprint': an earlier polyton may have written this");
	if (!fact->rule || !fact->headline || !fact->slug)
		return refuse_item(earlier, index, "lacks 'rule', 'slug' or 'headline'");
	if (!take_severity(json_string_value(json_object_get(value, "severity")), &fact->severity))
		return refuse_item(earlier, index, "has no 'severity' that is known");
	return take_objects(earlier, json_object_get(value, "objects"), index, fact);
}

static bool take_findings(struct earlier *earlier, const json_t *root, struct facts *ret)
{
	const json_t *list = json_object_get(root, "findings");
	struct fact *items = pool_alloc(earlier->pool, json_array_size(list) + 1, sizeof(*items));
	size_t i, count = 0;
	json_t *item;
	if (!json_is_array(list))
		return refuse(earlier, "has no list 'findings'");
	json_array_foreach(list, i, item)
	{
		const json_t *suppressed = json_object_get(item, "suppressed");
		if (suppressed && !json_is_null(suppressed))
			continue;
		if (!take_finding(earlier, item, i, &items[count++]))
			return false;
	}
	*ret = (struct facts){ items, count };
	return true;
}

static bool check_version(struct earlier *earlier, const json_t *root, json_int_t known)
{
	const json_t *version = json_object_get(root, "schema_version");
	if (!json_is_integer(version))
		return refuse(earlier, "has no 'schema_version'");
	if (json_integer_value(version) == known)
		return true;
	return refuse(earlier,
		      pool_format(earlier->pool,
				  "is of schema version %" JSON_INTEGER_FORMAT ", and this polyton reads version "
				  "%" JSON_INTEGER_FORMAT ": write it again",
				  json_integer_value(version), known));
}

static bool take_report(struct earlier *earlier, const json_t *root, struct facts *ret)
{
	const char *view = text_of(earlier, root, "view");
	size_t i;
	json_t *row;
	if (!check_version(earlier, root, EARLIER_REPORT_VERSION))
		return false;
	if (!view || strcmp(view, "report") != 0)
		return refuse(earlier,
			      pool_format(earlier->pool, "is what 'polyton %s' writes: of use here is a report",
					  view ? view : "?"));
	earlier->paths = json_object();
	json_array_foreach(json_object_get(root, "objects"), i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));
		if (name && json_is_string(json_object_get(row, "path")))
			(void)json_object_set(earlier->paths, name, json_object_get(row, "path"));
	}
	return take_findings(earlier, root, ret);
}

static bool is_known_by_sarif(const json_t *result)
{
	const json_t *kind = json_object_get(result, "kind");
	return json_array_size(json_object_get(result, "suppressions")) == 0 &&
	       !is_text(result, "baselineState", "absent") && (!kind || is_text(result, "kind", "fail"));
}

// "fingerprint" or, as GitHub counts them, "fingerprint:1".
static const char *sarif_fingerprint(struct earlier *earlier, const json_t *result)
{
	static const char *const keys[] = { "polyton/v1", "primaryLocationLineHash", NULL };
	const json_t *prints = json_object_get(result, "partialFingerprints");
	for (size_t i = 0; keys[i]; i++) {
		const char *text = text_of(earlier, prints, keys[i]);
		if (text && text[0])
			return pool_copy(earlier->pool, text, strcspn(text, ":"));
	}
	return NULL;
}

static const char *sarif_name(struct earlier *earlier, const json_t *result)
{
	const json_t *place = json_array_get(json_object_get(result, "locations"), 0);
	const json_t *logical = json_array_get(json_object_get(place, "logicalLocations"), 0);
	const char *name = text_of(earlier, logical, "fullyQualifiedName");
	name = name ? name : text_of(earlier, logical, "name");
	return name ? name : "";
}

static bool take_result(struct earlier *earlier, const json_t *result, size_t index, struct fact *fact)
{
	const char *level = json_string_value(json_object_get(result, "level"));
	const struct known_rule *rule;
	fact->fingerprint = sarif_fingerprint(earlier, result);
	fact->rule = text_of(earlier, result, "ruleId");
	fact->headline = text_of(earlier, json_object_get(result, "message"), "text");
	if (!fact->fingerprint)
		return refuse_item(earlier, index, "has no partial fingerprint of polyton's");
	if (!fact->rule || !fact->headline)
		return refuse_item(earlier, index, "lacks 'ruleId' or 'message'");
	rule = known_rule_find(fact->rule);
	fact->slug = rule ? rule->slug : fact->rule;
	fact->name = sarif_name(earlier, result);
	if (!take_severity(level ? level : "warning", &fact->severity)) // the default by SARIF
		return refuse_item(earlier, index, "has no 'level' that is known");
	return true;
}

// A file may hold runs of several tools; those of others are nobody's business here.
static bool take_sarif(struct earlier *earlier, const json_t *root, struct facts *ret)
{
	const json_t *runs = json_object_get(root, "runs");
	const char *other = NULL;
	size_t i, k, most = 0, count = 0, own = 0;
	json_t *run, *result;
	json_array_foreach(runs, i, run) most += json_array_size(json_object_get(run, "results"));
	struct fact *items = pool_alloc(earlier->pool, most + 1, sizeof(*items));
	json_array_foreach(runs, i, run)
	{
		const json_t *driver = json_object_get(json_object_get(run, "tool"), "driver");
		if (!is_text(driver, "name", "polyton")) {
			other = text_of(earlier, driver, "name");
			continue;
		}
		own++;
		json_array_foreach(json_object_get(run, "results"), k, result)
		{
			if (is_known_by_sarif(result) && !take_result(earlier, result, k, &items[count++]))
				return false;
		}
	}
	if (!own)
		return refuse(earlier, pool_format(earlier->pool, "is a SARIF file of %s, not of polyton",
						   other ? other : "some other tool"));
	*ret = (struct facts){ items, count };
	return true;
}

static bool take_root(struct earlier *earlier, const json_t *root, struct facts *ret)
{
	if (is_text(root, "schema", "polyton"))
		return take_report(earlier, root, ret);
	if (is_text(root, "schema", "polyton-baseline"))
		return check_version(earlier, root, EARLIER_BASELINE_VERSION) && take_findings(earlier, root, ret);
	if (is_text(root, "schema", "polyton-diff"))
		return refuse(earlier, "is what 'polyton diff' writes: of use here is a report");
	if (json_is_array(json_object_get(root, "runs")))
		return take_sarif(earlier, root, ret);
	return refuse(earlier, "is neither a report nor a baseline of polyton");
}

const char *facts_parse(struct pool *pool, const char *file, const char *text, size_t size, struct facts *ret)
{
	struct earlier earlier = { .pool = pool, .file = file };
	json_error_t error;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return pool_format(pool, "%s:%d:%d: this is no JSON: %s", file, error.line, error.column, error.text);
	take_root(&earlier, root, ret);
	json_decref(earlier.paths);
	json_decref(root);
	return earlier.complaint;
}

const char *facts_read(struct pool *pool, const char *file, struct facts *ret)
{
	struct text text;
	const char *complaint = locate_read(pool, file, FACTS_MAX_SIZE, &text);
	return complaint ? complaint : facts_parse(pool, file, text.bytes, text.size, ret);
}

// A result must have a place in the repository, or GitHub does not show it. A variable that is there twice has none
// that would be right for everybody: the user's policy may name one (the anchor). Otherwise it is line 1 of the first
// object, by its path if that is a relative one, as for files of a build, else by its name. Where the copies are, and
// where they are declared, are related locations: those may lie outside the repository.
//
// Addresses are those in the file, for the same program has others in each run.

#include "report/sarifrows.h"

#include "report/jsonrows.h"
#include "report/words.h"

enum {
	SARIF_MAX_RELATED = 1000, // GitHub refuses a result with more
	SARIF_MAX_REASONS = 8,
};

/** A list in the making; NULL when out of memory. */
struct list {
	json_t *items;
	size_t count;
};

static void add(struct list *list, json_t *item)
{
	if (list->items && json_array_append_new(list->items, item)) {
		json_decref(list->items);
		list->items = NULL;
	}
	list->count++;
}

static bool is_plain_in_uri(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       (byte && strchr("-._~/", byte));
}

// A path as a URI: "file:///usr/lib/x", or a relative reference.
static const char *uri_of(struct report *report, const char *path)
{
	static const char digits[] = "0123456789ABCDEF";
	char *uri = arena_alloc(&report->page.arena, 3 * strlen(path) + sizeof("file://"), 1), *end = uri;
	if (!uri) {
		out_fail(report->out, error_no_memory());
		return "";
	}
	if (path[0] == '/')
		end = stpcpy(end, "file://");
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;
		if (is_plain_in_uri(*path)) {
			*end++ = *path;
		} else {
			*end++ = '%';
			*end++ = digits[byte >> 4];
			*end++ = digits[byte & 15];
		}
	}
	*end = '\0';
	return uri;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static bool leads_out(const char *path)
{
	return path[0] == '/' || strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0 || strstr(path, "/../");
}

// Of a path that leads out of its folder the name is left.
static const char *in_repository(const char *path)
{
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	return path[0] && !leads_out(path) ? path : base_name(path);
}

// What a plain message takes for a link, "[words](target)", or for a placeholder, "{0}", must not come about by a name.
json_t *sarif_message(struct report *report, const char *text)
{
	char *message = arena_alloc(&report->page.arena, GLYPH_MAX * strlen(text) + 1, 1), *end = message;
	struct glyph glyph;
	if (!message)
		return NULL;
	while (glyph_next(&text, &glyph)) {
		end = mempcpy(end, glyph.bytes, glyph.size);
		char last = end[-1];
		if (last == ']' && *text == '(')
			*end++ = ' ';
		if (last == '{' && *text >= '0' && *text <= '9')
			*end++ = ' ';
	}
	*end = '\0';
	return jsonrows_text(message);
}

json_t *sarif_help(const struct rule *rule, bool is_markdown)
{
	if (is_markdown)
		return json_sprintf("%s\n\n**What to do.** %s", rule->full, rule->help);
	auto_free char *plain = malloc(strlen(rule->help) + 1);
	if (!plain)
		return NULL;
	char *end = plain;
	for (const char *at = rule->help; *at; at++) {
		if (*at != '`')
			*end++ = *at;
	}
	*end = '\0';
	return json_sprintf("%s What to do: %s", rule->full, plain);
}

json_t *sarif_run(struct report *report)
{
	return jsonrows_text(page_format(&report->page, "polyton/%s/", report->snapshot->subject.name));
}

static json_t *artifact(struct report *report, const char *path)
{
	return json_pack("{s:s}", "uri", uri_of(report, path));
}

// All four of a region are required by GitHub.
static json_t *primary_location(struct report *report, const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	const char *path = ranked->verdict.anchor;
	uint32_t object = finding->object_count ? finding->objects[0] : finding->object;
	json_int_t line = ranked->verdict.anchor && ranked->verdict.anchor_line ? ranked->verdict.anchor_line : 1;
	if (!path || !path[0]) {
		const struct polyton_object *first = polyton_snapshot_object(report->snapshot, object);
		path = in_repository(first ? first->path : report->snapshot->subject.name);
	}
	return json_pack("{s:o, s:{s:I, s:I, s:I, s:I}}", "artifactLocation", artifact(report, path), "region",
			 "startLine", line, "startColumn", (json_int_t)1, "endLine", line, "endColumn",
			 (json_int_t)1);
}

static const char *last_part(const char *name)
{
	const char *last = name;
	for (const char *at; (at = strstr(last, "::")) != NULL && at[2];)
		last = at + 2;
	return last;
}

static json_t *logical_location(struct report *report, const struct polyton_finding *finding)
{
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	const char *name = formats_about(report, finding);
	if (!singleton)
		return json_pack("{s:o, s:s}", "name", jsonrows_text(name), "kind",
				 finding->library != POLYTON_NONE ? "namespace" : "module");
	const struct polyton_copy *first = &report->snapshot->copies.items[singleton->first_copy];
	return json_pack("{s:o, s:o, s:o, s:s}", "name", jsonrows_text(last_part(name)), "fullyQualifiedName",
			 jsonrows_text(name), "decoratedName", jsonrows_text(first->symbol), "kind", "variable");
}

static json_t *locations(struct report *report, const struct ranked *ranked)
{
	return json_pack("[{s:o, s:[o]}]", "physicalLocation", primary_location(report, ranked), "logicalLocations",
			 logical_location(report, ranked->finding));
}

static void add_related(struct list *list, struct report *report, const char *message, json_t *place)
{
	add(list, json_pack("{s:I, s:o, s:{s:o}}", "id", (json_int_t)list->count + 1, "physicalLocation", place,
			    "message", "text", sarif_message(report, message)));
}

static json_int_t bounded(uint64_t number)
{
	return number > INT64_MAX ? INT64_MAX : (json_int_t)number;
}

// A static has a place in its file, a thread-local one in the block that each thread gets.
static json_t *copy_place(struct report *report, const struct polyton_copy *copy, bool is_tls)
{
	const struct polyton_object *object = &report->snapshot->objects.items[copy->object];
	return json_pack("{s:o, s:{s:I, s:s, s:o, s:I}}", "artifactLocation", artifact(report, object->path),
			 "address", is_tls ? "offsetFromParent" : "relativeAddress", bounded(copy->offset), "kind",
			 "data", "name", jsonrows_text(copy->symbol), "length", bounded(copy->size));
}

static json_t *declaration(struct report *report, const struct polyton_copy *copy)
{
	json_t *place = json_pack("{s:o}", "artifactLocation", artifact(report, copy->decl_file));
	if (place && copy->decl_line &&
	    json_object_set_new(place, "region", json_pack("{s:I}", "startLine", (json_int_t)copy->decl_line))) {
		json_decref(place);
		return NULL;
	}
	return place;
}

static void add_copies(struct list *list, struct report *report, const struct polyton_singleton *singleton)
{
	const struct polyton_copy *copies = &report->snapshot->copies.items[singleton->first_copy];
	for (uint32_t i = 0; i < singleton->copy_count && list->count + 1 < SARIF_MAX_RELATED; i++) {
		const struct polyton_copy *copy = &copies[i];
		const char *holder = report->snapshot->objects.items[copy->object].name;
		bool is_told = false;
		add_related(list, report,
			    page_format(&report->page, "copy in %s, %s, %s", holder,
					page_count(&report->page, copy->size, "byte", "bytes"),
					words_use[copy->use].label),
			    copy_place(report, copy, singleton->kind == POLYTON_KIND_TLS));
		for (uint32_t k = 0; k < i && !is_told; k++)
			is_told = copies[k].decl_line == copy->decl_line &&
				  strcmp(copies[k].decl_file, copy->decl_file) == 0;
		if (copy->decl_file[0] && !is_told)
			add_related(list, report, page_format(&report->page, "declared here, for %s", holder),
				    declaration(report, copy));
	}
}

static json_t *related_locations(struct report *report, const struct polyton_finding *finding)
{
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	struct list list = { json_array(), 0 };
	if (singleton)
		add_copies(&list, report, singleton);
	for (uint32_t i = 0; !singleton && i < finding->object_count && list.count < SARIF_MAX_RELATED; i++) {
		const struct polyton_object *object = &report->snapshot->objects.items[finding->objects[i]];
		add_related(&list, report, object->name,
			    json_pack("{s:o}", "artifactLocation", artifact(report, object->path)));
	}
	return list.items;
}

static json_t *message_of(struct report *report, const struct polyton_finding *finding)
{
	const struct polyton_reason *reasons[SARIF_MAX_REASONS];
	size_t count = formats_reasons(report, finding, reasons, SARIF_MAX_REASONS);
	const char *text = formats_sentences(report, finding);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(reasons[i]->text);
		bool is_whole = length && strchr(".!?", reasons[i]->text[length - 1]);
		text = page_format(&report->page, "%s Why: %s%s", text, reasons[i]->text, is_whole ? "" : ".");
		for (uint32_t k = 0; k < reasons[i]->remedy_count; k++)
			text = page_format(&report->page, "%s %s%s", text,
					   k ? "" : "What to do: ", reasons[i]->remedy[k]);
	}
	return sarif_message(report, text);
}

static json_t *properties(struct report *report, const struct polyton_finding *finding)
{
	struct list names = { json_array(), 0 };
	for (uint32_t i = 0; i < finding->object_count; i++)
		add(&names, jsonrows_text(report->snapshot->objects.items[finding->objects[i]].name));
	return json_pack("{s:s, s:o}", "confidence", words_confidence[finding->confidence].key, "objects",
			 names.items);
}

static void set(json_t **result, const char *key, json_t *value)
{
	if (*result && json_object_set_new(*result, key, value)) {
		json_decref(*result);
		*result = NULL;
	} else if (!*result) {
		json_decref(value);
	}
}

json_t *sarif_result(struct report *report, const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	const struct polyton_verdict *verdict = &ranked->verdict;
	enum rule_id rule = rules_find(finding->rule);
	// clang-format off
	json_t *result = json_pack("{s:s, s:s, s:{s:o}, s:o, s:{s:s}, s:o}",
				   "ruleId", finding->rule,
				   "level", words_severity[verdict->severity].key,
				   "message", "text", message_of(report, finding),
				   "locations", locations(report, ranked),
				   "partialFingerprints", "primaryLocationLineHash", finding->fingerprint,
				   "properties", properties(report, finding));
	// clang-format on
	if (rule < RULE_COUNT)
		set(&result, "ruleIndex", json_integer(rule));
	set(&result, "relatedLocations", related_locations(report, finding));
	if (verdict->suppressed)
		set(&result, "suppressions",
		    json_pack("[{s:s, s:s, s:o}]", "kind", "external", "status", "accepted", "justification",
			      sarif_message(report, verdict->suppressed)));
	if (verdict->baseline != POLYTON_BASELINE_NONE)
		set(&result, "baselineState",
		    json_string(verdict->baseline == POLYTON_BASELINE_NEW ? "new" : "unchanged"));
	return result;
}

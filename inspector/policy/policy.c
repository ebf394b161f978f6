// The keys of .polyton.yml. The file is understood as a whole or not at all: half a policy would let through, or hold
// up, what nobody decided.

#include "policy.h"

#include <string.h>

#include "glob.h"
#include "reader.h"
#include "known.h"

enum {
	POLICY_VERSION = 1,
	POLICY_MAX_LINE = 1000 * 1000 * 1000,
	POLICY_MAX_FINDINGS = 1000 * 1000,
	DATE_LENGTH = 10, // 2026-01-31
};

const char *const fail_on_words[] = { "error", "warning", "note", "never", "new", NULL };

static bool is_digits(const char *text, size_t count, uint32_t *ret)
{
	uint32_t number = 0;
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = 10 * number + (uint32_t)(text[i] - '0');
	}
	*ret = number;
	return true;
}

static bool read_date(const char *text, uint32_t *ret)
{
	static const uint8_t lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint32_t year, month, day;
	if (strlen(text) != DATE_LENGTH || text[4] != '-' || text[7] != '-' || !is_digits(text, 4, &year) ||
	    !is_digits(text + 5, 2, &month) || !is_digits(text + 8, 2, &day))
		return false;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (!year || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
	    (month == 2 && day == 29 && !is_leap))
		return false;
	*ret = 10000 * year + 100 * month + day;
	return true;
}

static bool take_expires(struct reader *reader, const struct node *value, void *thing)
{
	struct suppression *suppression = thing;
	const char *text;
	if (!reader_text(reader, value, "a day, like 2026-01-31,", &text))
		return false;
	return read_date(text, &suppression->expires) ||
	       reader_refuse(reader, value, "'%s' is no day: write it as 2026-01-31", text);
}

static bool take_reason(struct reader *reader, const struct node *value, void *thing)
{
	return reader_text(reader, value, "a reason", &((struct suppression *)thing)->reason);
}

static bool take_suppressions(struct reader *reader, const struct node *value, void *thing)
{
	static const struct key keys[] = { { "reason", take_reason, true },
					   { "expires", take_expires, false },
					   { 0 } };
	struct policy *policy = thing;
	if (!reader_list(reader, value, "a list of suppressions"))
		return false;
	struct suppression *items = pool_alloc(reader->pool, value->count, sizeof(*items));
	policy->suppressions = items;
	for (const struct node *node = value->first; node; node = node->next, items++) {
		items->line = node->line;
		if (!reader_entry(reader, node, "a suppression", keys, items))
			return false;
		if (!reader_selects(&items->about))
			return reader_refuse(reader, node,
					     "this suppression takes every finding: name a rule, singleton, library, "
					     "objects or a fingerprint");
	}
	policy->suppression_count = value->count;
	return true;
}

static bool take_level(struct reader *reader, const struct node *value, void *thing)
{
	struct grading *grading = thing;
	return reader_severity(reader, value, &grading->is_off, &grading->severity);
}

// severity: { PT009: error, shadowed-copy: off }
static bool take_rule_gradings(struct reader *reader, const struct node *map, struct grading *items)
{
	for (const struct node *node = map->first; node; node = node->next->next, items++) {
		if (!reader_take_rules(reader, node, &items->about))
			return false;
		if (node->kind != NODE_TEXT)
			return reader_refuse(reader, node, "the name of a rule is wanted here");
		for (const struct node *other = map->first; other != node; other = other->next->next) {
			if (known_rule_find(other->text) == known_rule_find(node->text))
				return reader_refuse(reader, node, "'%s' was given before in severity, in line %zu",
						     node->text, other->line);
		}
		items->line = node->line;
		if (!take_level(reader, node->next, items))
			return false;
	}
	return true;
}

static bool take_gradings(struct reader *reader, const struct node *value, void *thing)
{
	static const struct key keys[] = { { "level", take_level, true }, { 0 } };
	struct policy *policy = thing;
	bool is_map = value->kind == NODE_MAP && value->count;
	if (!is_map && !reader_list(reader, value, "a map of rules, or a list of entries,"))
		return false;
	struct grading *items = pool_alloc(reader->pool, value->count, sizeof(*items));
	policy->gradings = items;
	policy->grading_count = value->count;
	if (is_map)
		return take_rule_gradings(reader, value, items);
	for (const struct node *node = value->first; node; node = node->next, items++) {
		items->line = node->line;
		if (!reader_entry(reader, node, "an entry of severity", keys, items))
			return false;
		if (!reader_selects(&items->about))
			return reader_refuse(reader, node,
					     "this entry of severity takes every finding: name what it "
					     "is about");
	}
	return true;
}

// A relative path that does not lead upwards.
static bool is_inside(const char *path)
{
	bool is_good = path[0] && path[0] != '/';
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		is_good &= !(part[0] == '.' && part[1] == '.' && (!part[2] || part[2] == '/'));
	}
	return is_good;
}

// "plugins/Cargo.toml:12"; without a number it is line 1.
static bool take_place(struct reader *reader, const struct node *value, void *thing)
{
	struct anchor *anchor = thing;
	const char *text;
	if (!reader_text(reader, value, "a place like plugins/Cargo.toml:12", &text))
		return false;
	size_t length = strlen(text), digits = 0;
	anchor->line = 1;
	while (digits < length && text[length - digits - 1] >= '0' && text[length - digits - 1] <= '9')
		digits++;
	if (digits && digits < length && text[length - digits - 1] == ':') {
		const struct node number = { .line = value->line,
					     .column = value->column,
					     .text = text + length - digits };
		if (!reader_number(reader, &number, "a line", POLICY_MAX_LINE, &anchor->line))
			return false;
		length -= digits + 1;
	}
	anchor->path = pool_copy(reader->pool, text, length);
	if (!anchor->line)
		return reader_refuse(reader, value, "lines are counted from 1");
	if (!is_inside(anchor->path))
		return reader_refuse(reader, value, "'%s' is no path from the root of the repository", text);
	return true;
}

static bool take_anchors(struct reader *reader, const struct node *value, void *thing)
{
	static const struct key keys[] = { { "at", take_place, true }, { 0 } };
	struct policy *policy = thing;
	if (!reader_list(reader, value, "a list of anchors"))
		return false;
	struct anchor *items = pool_alloc(reader->pool, value->count, sizeof(*items));
	policy->anchors = items;
	policy->anchor_count = value->count;
	for (const struct node *node = value->first; node; node = node->next, items++) {
		if (!reader_entry(reader, node, "an anchor", keys, items))
			return false;
		if (!reader_selects(&items->about) && node->next)
			return reader_refuse(reader, node,
					     "this anchor takes every finding, so those behind it have "
					     "none left: it belongs at the end");
	}
	return true;
}

static bool add_word(struct fail_on *fail_on, const char *word, size_t length)
{
	for (unsigned i = 0; fail_on_words[i]; i++) {
		if (strlen(fail_on_words[i]) != length || strncmp(fail_on_words[i], word, length) != 0)
			continue;
		bool is_new = i > FAIL_ON_NEVER, is_again = is_new ? fail_on->is_new_only : fail_on->has_level;
		if (is_new)
			fail_on->is_new_only = true;
		else
			fail_on->level = (enum fail_level)i;
		fail_on->has_level |= !is_new;
		return !is_again;
	}
	return false;
}

const char *fail_on_parse(struct pool *pool, const char *text, struct fail_on *ret)
{
	struct fail_on fail_on = { 0 };
	for (const char *word = text;; word++) {
		size_t length = strcspn(word, ",");
		if (!add_word(&fail_on, word, length))
			return pool_format(pool,
					   "error, warning, note or never, new, or 'new,' and one of them, not '%s'",
					   text);
		word += length;
		if (!*word)
			break;
	}
	*ret = fail_on;
	return NULL;
}

static bool take_fail_on(struct reader *reader, const struct node *value, void *thing)
{
	struct policy *policy = thing;
	const char *const *words, *text = "";
	if (!reader_texts(reader, value, "a level, or 'new',", &words))
		return false;
	for (; *words; words++)
		text = pool_format(reader->pool, "%s%s%s", text, text[0] ? "," : "", *words);
	const char *complaint = fail_on_parse(reader->pool, text, &policy->fail_on);
	policy->has_fail_on = true;
	return !complaint || reader_refuse(reader, value, "fail_on takes %s", complaint);
}

static bool take_most(struct reader *reader, const struct node *value, struct threshold *threshold)
{
	threshold->is_given = true;
	return reader_number(reader, value, "a number of findings", POLICY_MAX_FINDINGS, &threshold->most);
}

static bool take_most_errors(struct reader *reader, const struct node *value, void *thing)
{
	return take_most(reader, value, &((struct policy *)thing)->thresholds[POLYTON_SEVERITY_ERROR]);
}

static bool take_most_warnings(struct reader *reader, const struct node *value, void *thing)
{
	return take_most(reader, value, &((struct policy *)thing)->thresholds[POLYTON_SEVERITY_WARNING]);
}

static bool take_most_notes(struct reader *reader, const struct node *value, void *thing)
{
	return take_most(reader, value, &((struct policy *)thing)->thresholds[POLYTON_SEVERITY_NOTE]);
}

static bool take_thresholds(struct reader *reader, const struct node *value, void *thing)
{
	static const struct key keys[] = { { "error", take_most_errors, false },
					   { "warning", take_most_warnings, false },
					   { "note", take_most_notes, false },
					   { 0 } };
	return reader_map(reader, value, "thresholds", keys, thing);
}

static bool take_plugin_sets(struct reader *reader, const struct node *value, void *thing)
{
	struct policy *policy = thing;
	if (!reader_list(reader, value, "a list of sets of plugins"))
		return false;
	const char *const **sets = pool_alloc(reader->pool, value->count + 1, sizeof(*sets));
	policy->plugin_sets = sets;
	for (const struct node *node = value->first; node; node = node->next) {
		if (!reader_list(reader, node, "a set, which is a list of plugins,") ||
		    !reader_patterns(reader, node, "the name of a plugin", sets++))
			return false;
	}
	return true;
}

static bool take_version(struct reader *reader, const struct node *value, void *thing)
{
	uint32_t version;
	(void)thing;
	if (!reader_number(reader, value, "the version of this form, which is 1,", POLICY_MAX_LINE, &version))
		return false;
	return version == POLICY_VERSION ||
	       reader_refuse(reader, value, "version %u is not known: this polyton reads version 1", version);
}

const char *policy_parse(struct pool *pool, const char *file, const char *text, size_t size, struct policy *ret)
{
	static const struct key keys[] = {
		{ "version", take_version, true },          { "suppressions", take_suppressions, false },
		{ "severity", take_gradings, false },       { "anchors", take_anchors, false },
		{ "fail_on", take_fail_on, false },         { "thresholds", take_thresholds, false },
		{ "plugin_sets", take_plugin_sets, false }, { 0 }
	};
	struct reader reader = { .pool = pool, .file = file };
	struct policy policy = { .file = file };
	const struct node *root;
	const char *complaint = tree_parse(pool, file, text, size, &root);
	if (complaint)
		return complaint;
	if (!reader_map(&reader, root, "the configuration", keys, &policy))
		return reader.complaint;
	*ret = policy;
	return NULL;
}

// A key that nobody knows is a key that somebody thought would work: it is an error, never skipped.

#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "glob.h"
#include "known.h"

enum { READER_LINE = 512 };

bool reader_refuse(struct reader *reader, const struct node *at, const char *format, ...)
{
	char text[READER_LINE];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!reader->complaint)
		reader->complaint = tree_complaint(reader->pool, reader->file, at->line, at->column, text);
	return false;
}

static const char *kind_of(const struct node *node)
{
	static const char *const kinds[] = { "a text", "a list", "a map" };
	return node->kind == NODE_TEXT && node->is_plain && !node->text[0] ? "nothing" : kinds[node->kind];
}

// "rule, objects and reason"
static const char *list_keys(struct pool *pool, const struct key *keys)
{
	const char *text = "";
	for (; keys->name; keys++)
		text = pool_format(pool, "%s%s%s", text, !text[0] ? "" : keys[1].name ? ", " : " and ", keys->name);
	return text;
}

static const struct key *find_key(struct reader *reader, const struct node *node, const char *what,
				  const struct key *keys)
{
	const char *names[READER_MAX_KEYS + 1] = { NULL };
	if (node->kind != NODE_TEXT) {
		reader_refuse(reader, node, "a key is wanted here, not %s", kind_of(node));
		return NULL;
	}
	for (size_t i = 0; i < READER_MAX_KEYS && keys[i].name; i++) {
		names[i] = keys[i].name;
		if (strcmp(keys[i].name, node->text) == 0)
			return &keys[i];
	}
	const char *guess = known_word_nearest(node->text, names);
	if (guess)
		reader_refuse(reader, node, "%s has no key '%s': did you mean '%s'?", what, node->text, guess);
	else
		reader_refuse(reader, node, "%s has no key '%s': its keys are %s", what, node->text,
			      list_keys(reader->pool, keys));
	return NULL;
}

bool reader_map(struct reader *reader, const struct node *map, const char *what, const struct key *keys, void *thing)
{
	bool is_given[READER_MAX_KEYS] = { false };
	if (map->kind != NODE_MAP)
		return reader_refuse(reader, map, "%s is a map, with keys like '%s:'; this is %s", what, keys->name,
				     kind_of(map));
	for (const struct node *node = map->first; node; node = node->next->next) {
		const struct key *key = find_key(reader, node, what, keys);
		if (!key)
			return false;
		if (is_given[key - keys])
			return reader_refuse(reader, node, "'%s' was given before in %s", key->name, what);
		is_given[key - keys] = true;
		if (!key->take(reader, node->next, thing))
			return false;
	}
	for (size_t i = 0; keys[i].name; i++) {
		if (keys[i].is_needed && !is_given[i])
			return reader_refuse(reader, map, "%s needs '%s'", what, keys[i].name);
	}
	return true;
}

bool reader_list(struct reader *reader, const struct node *list, const char *what)
{
	if (list->kind != NODE_LIST)
		return reader_refuse(reader, list, "%s is wanted here, not %s", what, kind_of(list));
	return list->count || reader_refuse(reader, list, "%s has nothing in it: leave it out", what);
}

bool reader_text(struct reader *reader, const struct node *node, const char *what, const char **ret)
{
	bool is_good = node->kind == NODE_TEXT && node->text[strspn(node->text, " \t\r\n")];
	if (is_good)
		*ret = node->text;
	else if (node->kind == NODE_TEXT)
		reader_refuse(reader, node, "%s is wanted here, and this is empty", what);
	else
		reader_refuse(reader, node, "%s is wanted here, not %s", what, kind_of(node));
	return is_good;
}

bool reader_texts(struct reader *reader, const struct node *node, const char *what, const char *const **ret)
{
	bool is_list = node->kind == NODE_LIST;
	const char **texts = pool_alloc(reader->pool, (is_list ? node->count : 1) + 1, sizeof(*texts));
	if (is_list && !reader_list(reader, node, what))
		return false;
	size_t i = 0;
	for (const struct node *item = is_list ? node->first : node; item; item = is_list ? item->next : NULL) {
		if (!reader_text(reader, item, what, &texts[i++]))
			return false;
	}
	*ret = texts;
	return true;
}

bool reader_patterns(struct reader *reader, const struct node *node, const char *what, const char *const **ret)
{
	const char *const *texts;
	if (!reader_texts(reader, node, what, &texts))
		return false;
	const struct node *item = node->kind == NODE_LIST ? node->first : node;
	for (size_t i = 0; texts[i]; i++, item = item->next) {
		const char *complaint = glob_complaint(texts[i]);
		if (complaint)
			return reader_refuse(reader, item, "'%s' is no pattern: %s", texts[i], complaint);
	}
	*ret = texts;
	return true;
}

bool reader_number(struct reader *reader, const struct node *node, const char *what, uint32_t most, uint32_t *ret)
{
	uint64_t number = 0;
	const char *text;
	if (!reader_text(reader, node, what, &text))
		return false;
	for (const char *digit = text; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return reader_refuse(reader, node, "%s is wanted here, not '%s'", what, text);
		number = 10 * number + (uint64_t)(*digit - '0');
		if (number > most)
			return reader_refuse(reader, node, "'%s' is too large for %s: %u at most", text, what, most);
	}
	*ret = (uint32_t)number;
	return true;
}

bool reader_severity(struct reader *reader, const struct node *node, bool *off_ret, enum polyton_severity *ret)
{
	static const char *const words[] = { "note", "warning", "error", "off", NULL }; // as enum polyton_severity
	const char *what = off_ret ? "error, warning, note or off" : "error, warning or note", *text;
	if (!reader_text(reader, node, what, &text))
		return false;
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], text) != 0 || (!off_ret && i > POLYTON_SEVERITY_ERROR))
			continue;
		if (off_ret)
			*off_ret = i > POLYTON_SEVERITY_ERROR;
		*ret = i > POLYTON_SEVERITY_ERROR ? POLYTON_SEVERITY_NOTE : (enum polyton_severity)i;
		return true;
	}
	return reader_refuse(reader, node, "%s is wanted here, not '%s'", what, text);
}

bool reader_take_rules(struct reader *reader, const struct node *value, void *selector)
{
	const char *const *names;
	if (!reader_texts(reader, value, "a rule", &names))
		return false;
	const struct node *item = value->kind == NODE_LIST ? value->first : value;
	size_t count = 0;
	while (names[count])
		count++;
	const char **rules = pool_alloc(reader->pool, count + 1, sizeof(*rules));
	for (size_t i = 0; i < count; i++, item = item->next) {
		const struct known_rule *row = known_rule_find(names[i]);
		const char *guess = row ? NULL : known_rule_nearest(names[i]);
		if (!row)
			return reader_refuse(reader, item, "there is no rule '%s'%s%s%s", names[i],
					     guess ? ": did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
		rules[i] = row->id;
	}
	((struct selector *)selector)->rules = rules;
	return true;
}

static bool take_singletons(struct reader *reader, const struct node *value, void *selector)
{
	return reader_patterns(reader, value, "the name of a singleton", &((struct selector *)selector)->singletons);
}

static bool take_libraries(struct reader *reader, const struct node *value, void *selector)
{
	return reader_patterns(reader, value, "the name of a library", &((struct selector *)selector)->libraries);
}

static bool take_objects(struct reader *reader, const struct node *value, void *selector)
{
	return reader_patterns(reader, value, "the name of an object", &((struct selector *)selector)->objects);
}

static bool is_fingerprint(const char *text)
{
	enum { DIGITS = 16 };
	size_t length = strspn(text, "0123456789abcdef");
	const char *rest = text + length;
	return length == DIGITS && (!*rest || (*rest == '-' && rest[1] >= '1' && rest[1] <= '9' &&
					       !rest[1 + strspn(rest + 1, "0123456789")]));
}

static bool take_fingerprints(struct reader *reader, const struct node *value, void *selector)
{
	const char *const *texts;
	if (!reader_texts(reader, value, "a fingerprint", &texts))
		return false;
	const struct node *item = value->kind == NODE_LIST ? value->first : value;
	for (size_t i = 0; texts[i]; i++, item = item->next) {
		if (!is_fingerprint(texts[i]))
			return reader_refuse(reader, item,
					     "'%s' is no fingerprint: polyton report --format json has them, "
					     "16 hexadecimal digits",
					     texts[i]);
	}
	((struct selector *)selector)->fingerprints = texts;
	return true;
}

bool reader_entry(struct reader *reader, const struct node *map, const char *what, const struct key *keys,
		  void *thing)
{
	struct key all[READER_MAX_KEYS + 1] = { { "rule", reader_take_rules, false },
						{ "singleton", take_singletons, false },
						{ "library", take_libraries, false },
						{ "objects", take_objects, false },
						{ "fingerprint", take_fingerprints, false } };
	size_t count = 0;
	while (all[count].name)
		count++;
	while (keys->name && count < READER_MAX_KEYS)
		all[count++] = *keys++;
	return reader_map(reader, map, what, all, thing);
}

bool reader_selects(const struct selector *selector)
{
	return selector->rules || selector->singletons || selector->libraries || selector->objects ||
	       selector->fingerprints;
}

// People type the part of a name they remember. A guess that is not certain is never taken for them: they get the
// names to choose from, each in a form that means one singleton only.

#include "report/select.h"

#include <string.h>

#include "report/glyph.h"
#include "report/reported.h"

enum {
	SELECT_LISTED = 8,
	SELECT_COMPARED = 64, // bytes of a name's last part that are compared for likeness
	SELECT_FAR = SELECT_COMPARED + 1,
	SELECT_WIDTH = 200, // cells of a name in a message
};

/** How well a name fits, best last. */
enum fit { FIT_NONE, FIT_TAIL, FIT_SYMBOL, FIT_OWNED, FIT_FULL };

static bool has_symbol(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		       const char *name)
{
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		if (strcmp(snapshot->copies.items[singleton->first_copy + i].symbol, name) == 0)
			return true;
	}
	return false;
}

static bool is_tail(const char *whole, const char *part)
{
	size_t length = strlen(whole), size = strlen(part);
	return length > size + 2 && strcmp(whole + length - size, part) == 0 &&
	       memcmp(whole + length - size - 2, "::", 2) == 0;
}

static bool is_owned(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		     const char *name)
{
	const char *library = snapshot->libraries.items[singleton->library].name;
	size_t length = strlen(library);
	return strncmp(name, library, length) == 0 && strncmp(name + length, "::", 2) == 0 &&
	       strcmp(name + length + 2, singleton->name) == 0;
}

static enum fit fit_of(const struct polyton_snapshot *snapshot, const struct polyton_singleton *singleton,
		       const char *name)
{
	if (strcmp(singleton->name, name) == 0)
		return FIT_FULL;
	if (is_owned(snapshot, singleton, name))
		return FIT_OWNED;
	if (has_symbol(snapshot, singleton, name))
		return FIT_SYMBOL;
	return is_tail(singleton->name, name) ? FIT_TAIL : FIT_NONE;
}

/** A list of names under way into an error's message. */
struct list {
	vec_of(char) text;
	size_t count;
	bool is_failed;
};

static void append(struct list *list, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count && !list->is_failed; i++) {
		char *place = vec_push(&list->text);
		if (place)
			*place = bytes[i];
		list->is_failed = !place;
	}
}

// A message is one line for a person, whatever the names hold.
static void append_escaped(struct list *list, const char *text)
{
	struct glyph glyph;
	size_t width = 0;
	while (width < SELECT_WIDTH && glyph_next(&text, &glyph)) {
		append(list, glyph.bytes, glyph.size);
		width += glyph.cells;
	}
	if (*text)
		append(list, "...", 3);
}

static void append_name(struct list *list, const char *library, const char *name)
{
	append(list, ", ", list->count++ ? 2 : 0);
	if (library) {
		append_escaped(list, library);
		append(list, "::", 2);
	}
	append_escaped(list, name);
}

// The list's text, closed; NULL when out of memory.
static const char *close_list(struct list *list)
{
	append(list, "", 1);
	return list->is_failed ? NULL : list->text.items;
}

// The shortest form that means this singleton only: its name, with its library, or a symbol.
static void append_singleton(struct list *list, const struct polyton_snapshot *snapshot, uint32_t index)
{
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	bool is_unique = true, is_unique_there = true;
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		const struct polyton_singleton *other = &snapshot->singletons.items[i];
		if (i == index || strcmp(other->name, singleton->name) != 0)
			continue;
		is_unique = false;
		if (strcmp(snapshot->libraries.items[other->library].name,
			   snapshot->libraries.items[singleton->library].name) == 0)
			is_unique_there = false;
	}
	if (is_unique)
		append_name(list, NULL, singleton->name);
	else if (is_unique_there)
		append_name(list, snapshot->libraries.items[singleton->library].name, singleton->name);
	else
		append_name(list, NULL, snapshot->copies.items[singleton->first_copy].symbol);
}

static struct polyton_error *complain_ambiguous(const struct polyton_snapshot *snapshot, const char *name,
						enum fit fit, size_t count)
{
	struct list list = { 0 }, quoted = { 0 };
	struct polyton_error *error;
	append_escaped(&quoted, name);
	for (uint32_t i = 0; i < snapshot->singletons.count && list.count < SELECT_LISTED; i++) {
		if (fit_of(snapshot, &snapshot->singletons.items[i], name) == fit)
			append_singleton(&list, snapshot, i);
	}
	size_t listed = list.count;
	const char *names = close_list(&list), *what = close_list(&quoted);
	if (!names || !what)
		error = error_no_memory();
	else if (listed < count)
		error = error_create(POLYTON_ERROR_NOT_FOUND, "\"%s\" means %zu singletons: %s and %zu more", what,
				     count, names, count - listed);
	else
		error = error_create(POLYTON_ERROR_NOT_FOUND, "\"%s\" means %zu singletons: %s", what, count, names);
	vec_deinit(&list.text);
	vec_deinit(&quoted.text);
	return error;
}

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static const char *last_part(const char *name)
{
	const char *part = name;
	for (const char *at = name; (at = strstr(at, "::")) != NULL; at += 2)
		part = at[2] ? at + 2 : part;
	return part;
}

static bool contains(const char *whole, const char *part)
{
	for (; *whole; whole++) {
		size_t i = 0;
		while (part[i] && lower(whole[i]) == lower(part[i]))
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

// How many letters are to be put in, left out or changed to make one of the other; case does not count.
static size_t edit_distance(const char *left, const char *right)
{
	size_t row[SELECT_COMPARED + 1];
	size_t width = strnlen(left, SELECT_COMPARED), height = strnlen(right, SELECT_COMPARED);
	for (size_t i = 0; i <= width; i++)
		row[i] = i;
	for (size_t y = 1; y <= height; y++) {
		size_t diagonal = row[0];
		row[0] = y;
		for (size_t x = 1; x <= width; x++) {
			size_t cost = diagonal + (lower(left[x - 1]) != lower(right[y - 1]));
			diagonal = row[x];
			size_t least = row[x - 1] < diagonal ? row[x - 1] : diagonal;
			row[x] = least + 1 < cost ? least + 1 : cost;
		}
	}
	return row[width];
}

// 0: one name contains the other; SELECT_FAR: no likeness.
static size_t distance_of(const char *candidate, const char *name)
{
	const char *part = last_part(candidate), *wanted = last_part(name);
	if (contains(candidate, wanted))
		return 0;
	size_t distance = edit_distance(part, wanted), limit = strnlen(wanted, SELECT_COMPARED) / 3;
	return distance <= (limit < 2 ? 1 : limit) ? distance : SELECT_FAR;
}

/** A name like the one that was asked for. */
struct neighbour {
	uint32_t index;
	size_t distance;
};

static size_t find_neighbours(const struct polyton_snapshot *snapshot, const char *name, struct neighbour *ret)
{
	size_t count = 0;
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		size_t distance = distance_of(snapshot->singletons.items[i].name, name);
		size_t at = count;
		if (distance == SELECT_FAR || (count == SELECT_LISTED && ret[count - 1].distance <= distance))
			continue;
		if (count == SELECT_LISTED)
			at--;
		else
			count++;
		for (; at > 0 && ret[at - 1].distance > distance; at--)
			ret[at] = ret[at - 1];
		ret[at] = (struct neighbour){ i, distance };
	}
	return count;
}

static struct polyton_error *complain_unknown(const struct polyton_snapshot *snapshot, const char *name)
{
	struct neighbour neighbours[SELECT_LISTED];
	struct list list = { 0 }, quoted = { 0 };
	struct polyton_error *error;
	size_t count = find_neighbours(snapshot, name, neighbours);
	append_escaped(&quoted, name);
	for (size_t i = 0; i < count; i++)
		append_singleton(&list, snapshot, neighbours[i].index);
	const char *names = close_list(&list), *what = close_list(&quoted);
	if (!names || !what)
		error = error_no_memory();
	else
		error = error_create(POLYTON_ERROR_NOT_FOUND, "nothing with several copies is called \"%s\"%s%s",
				     what, count ? "; similar: " : "", names);
	vec_deinit(&list.text);
	vec_deinit(&quoted.text);
	return error;
}

struct polyton_error *select_singleton(const struct polyton_snapshot *snapshot, const char *name, uint32_t *ret)
{
	enum fit best = FIT_NONE;
	size_t count = 0, reported = 0;
	uint32_t any = POLYTON_NONE, reported_one = POLYTON_NONE;

	if (!name || !name[0])
		return error_create(POLYTON_ERROR_ARGUMENT, "the name of a singleton is missing");
	for (uint32_t i = 0; i < snapshot->singletons.count; i++) {
		enum fit fit = fit_of(snapshot, &snapshot->singletons.items[i], name);
		if (fit == FIT_NONE || fit < best)
			continue;
		if (fit > best)
			count = reported = 0;
		best = fit;
		any = i;
		count++;
		if (!reported_why_not(&snapshot->singletons.items[i])) {
			reported_one = i;
			reported++;
		}
	}
	if (!count)
		return complain_unknown(snapshot, name);
	if (count > 1 && reported != 1)
		return complain_ambiguous(snapshot, name, best, count);
	*ret = count == 1 ? any : reported_one;
	return NULL;
}

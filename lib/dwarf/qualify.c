// A scope's path is worked out once and kept with it. A function or class that is defined outside of its namespace
// says where it was declared, and a class of another type unit where it is: there its scopes, and maybe its name,
// are.

#include "dwarf/qualify.h"

#include "dwarf/shim.h"

enum { QUALIFY_MAX_SCOPES = 64, QUALIFY_MAX_JUMPS = 4 };

struct link {
	struct scope *scope;
	const char *name;
};

struct climb {
	struct arena *arena;
	enum polyton_language language;
	struct link links[QUALIFY_MAX_SCOPES];
	int count;
	const char *outermost; // the path of what is around the last link
};

// An optimised function may have lost its name (clang 14): then it is no part of a path.
static const char *nameless(uint16_t tag)
{
	if (tag == DW_TAG_subprogram)
		return "";
	return tag == DW_TAG_namespace ? "(anonymous namespace)" : "(anonymous)";
}

// The name of the scope at @p place, which becomes the place of what it completes.
static struct polyton_error *name_scope(struct climb *climb, struct die_place *place, uint16_t tag, const char **ret)
{
	const char *name = NULL;
	for (int jump = 0; jump <= QUALIFY_MAX_JUMPS; jump++) {
		struct die die;
		struct die_place next;
		if (die_open(place, &die) != DIE_FOUND)
			break;
		bool is_read = die_read(&die) == DIE_FOUND;
		if (is_read && !name)
			name = die_text(&die, DIE_NAME);
		enum die_answer answer = is_read ? die_reference(&die, DIE_SPECIFICATION, &next) : DIE_DAMAGED;
		if (answer == DIE_NONE)
			answer = die_reference(&die, DIE_ABSTRACT_ORIGIN, &next);
		if (answer == DIE_NONE)
			answer = die_reference(&die, DIE_SIGNATURE, &next);
		die_close(&die);
		if (answer != DIE_FOUND)
			break;
		*place = next;
	}
	bool is_call = name && tag == DW_TAG_subprogram && climb->language == POLYTON_LANGUAGE_CXX;
	if (!name)
		name = nameless(tag);
	*ret = is_call ? arena_printf(climb->arena, "%s()", name) : arena_strdup(climb->arena, name);
	return *ret ? NULL : error_no_memory();
}

// The innermost scope around @p place, NULL if there is none.
static struct polyton_error *find_scope(const struct die_place *place, struct scope **ret)
{
	struct dwarf_unit *unit = dwarf_units_at(place->units, place->offset, place->is_info);
	*ret = NULL;
	return unit ? dwarf_unit_scope(place->units, unit, place->offset, ret) : NULL;
}

static struct polyton_error *climb_from(struct climb *climb, struct die_place place)
{
	while (climb->count < QUALIFY_MAX_SCOPES) {
		struct scope *scope;
		struct polyton_error *error = find_scope(&place, &scope);
		if (error || !scope)
			return error;
		if (scope->path) {
			climb->outermost = scope->path;
			return NULL;
		}
		place.offset = scope->die;
		struct link *link = &climb->links[climb->count++];
		link->scope = scope;
		error = name_scope(climb, &place, scope->tag, &link->name);
		if (error)
			return error;
	}
	return NULL;
}

struct polyton_error *qualify(const struct die_place *place, const char *name, enum polyton_language language,
			      struct arena *arena, const char **ret)
{
	struct climb climb = { .arena = arena, .language = language, .outermost = "" };
	struct polyton_error *error = language == POLYTON_LANGUAGE_C || !*name ? NULL : climb_from(&climb, *place);
	const char *path = climb.outermost;
	while (!error && climb.count) {
		const struct link *link = &climb.links[--climb.count];
		if (*path && *link->name)
			path = arena_printf(arena, "%s::%s", path, link->name);
		else if (!*path)
			path = link->name;
		if (!path)
			return error_no_memory();
		link->scope->path = path;
	}
	if (error)
		return error;
	*ret = *path ? arena_printf(arena, "%s::%s", path, name) : arena_strdup(arena, name);
	return *ret ? NULL : error_no_memory();
}

struct polyton_error *qualify_die(const struct die *die, enum polyton_language language, struct arena *arena,
				  const char **ret)
{
	const char *name = die_text(die, DIE_NAME);
	struct die_place place = { die->units, die->offset, die->is_info };
	struct die declaration;
	if (die_reference(die, DIE_SPECIFICATION, &place) == DIE_FOUND &&
	    die_open(&place, &declaration) == DIE_FOUND) {
		if (!name && die_read(&declaration) == DIE_FOUND)
			name = die_text(&declaration, DIE_NAME);
		die_close(&declaration);
	}
	return qualify(&place, name ? name : "", language, arena, ret);
}

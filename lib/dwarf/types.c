// A variable's DIE may be bare: the rest stands in what it completes (specification) or is an instance of (abstract
// origin), possibly in several steps, and of what is said twice the nearest counts.

#include "dwarf/types.h"

#include "dwarf/fill.h"
#include "dwarf/qualify.h"

enum { TYPES_MAX_ORIGINS = 4 };
enum { TYPES_STEPS = 3, TYPES_MAX = 1 << 17, TYPES_MAX_DIES = 1 << 22 };

struct dwarf_types {
	struct filler filler;
	struct type_graph graph;
};

/** A variable as its chain of DIEs describes it. */
struct described {
	struct die_place outermost; ///< The last of the chain: what its scopes are those of.
	const char *name, *linkage_name;
	uint32_t type;
	enum die_answer type_answer;
	struct die_place type_place;
	bool has_file, is_declaration;
	struct dwarf_units *file_units;
	struct dwarf_unit *file_unit;
	uint64_t file, line;
};

struct polyton_error *dwarf_types_create(struct dwarf_file *file, const struct dwarf_types_limits *limits,
					 struct dwarf_types **ret)
{
	static const struct dwarf_types_limits usual = { TYPES_STEPS, TYPES_MAX, TYPES_MAX_DIES };
	struct dwarf_types *types = calloc(1, sizeof(*types));
	if (!types)
		return error_no_memory();
	rows_init(&types->filler.rows, limits ? limits : &usual);
	struct polyton_error *error = dwarf_units_create(file, &types->filler.units);
	if (error) {
		dwarf_types_destroy(types);
		return error;
	}
	*ret = types;
	return NULL;
}

void dwarf_types_destroy(struct dwarf_types *types)
{
	if (!types)
		return;
	dwarf_units_destroy(types->filler.units);
	complete_types_deinit(&types->filler.complete);
	rows_deinit(&types->filler.rows);
	free(types);
}

static void take_from(const struct die *die, struct described *described)
{
	if (!described->name)
		described->name = die_text(die, DIE_NAME);
	if (!described->linkage_name)
		described->linkage_name = die_text(die, DIE_LINKAGE_NAME);
	if (described->type_answer == DIE_NONE)
		described->type_answer = die_reference(die, DIE_TYPE, &described->type_place);
	if (!described->has_file && die_unsigned(die, DIE_DECL_FILE, &described->file)) {
		described->has_file = true;
		described->file_units = die->units;
		described->file_unit = dwarf_units_at(die->units, die->offset, die->is_info);
		(void)die_unsigned(die, DIE_DECL_LINE, &described->line);
	}
}

static enum die_answer follow(const struct die_place *start, struct described *ret)
{
	struct die_place place = *start;
	*ret = (struct described){ .type_answer = DIE_NONE };
	for (int i = 0; i <= TYPES_MAX_ORIGINS; i++) {
		struct die die;
		struct die_place next;
		enum die_answer answer = die_open(&place, &die);
		if (answer == DIE_FOUND) {
			answer = die_read(&die);
			ret->outermost = place;
			if (answer == DIE_FOUND) {
				take_from(&die, ret);
				if (i == 0)
					ret->is_declaration = die_flag(&die, DIE_DECLARATION);
				answer = die_reference(&die, DIE_SPECIFICATION, &next);
			}
			if (answer == DIE_NONE)
				answer = die_reference(&die, DIE_ABSTRACT_ORIGIN, &next);
			die_close(&die);
		}
		if (answer == DIE_NONE)
			return DIE_FOUND;
		if (answer != DIE_FOUND)
			return answer;
		place = next;
	}
	return DIE_DAMAGED;
}

static struct polyton_error *find_names(struct dwarf_types *types, uint64_t die, struct described *ret)
{
	const struct die_place place = { types->filler.units, die, true };
	if (follow(&place, ret) == DIE_DAMAGED)
		return error_create(POLYTON_ERROR_DAMAGED, "the debug info at offset %#llx is damaged",
				    (unsigned long long)die);
	return NULL;
}

static struct polyton_error *keep_text(struct dwarf_types *types, const char *text, const char **ret)
{
	*ret = text ? arena_strdup(&types->filler.rows.arena, text) : "";
	return *ret ? NULL : error_no_memory();
}

struct polyton_error *dwarf_types_names(struct dwarf_types *types, uint64_t die, struct dwarf_names *ret)
{
	struct described described;
	struct dwarf_names names;
	struct polyton_error *error = find_names(types, die, &described);
	if (!error)
		error = keep_text(types, described.name, &names.name);
	if (!error)
		error = keep_text(types, described.linkage_name, &names.linkage_name);
	if (error)
		return error;
	names.has_type = described.type_answer != DIE_NONE;
	names.is_declaration = described.is_declaration;
	*ret = names;
	return NULL;
}

struct polyton_error *dwarf_types_qualified_name(struct dwarf_types *types, uint64_t die, const char **ret)
{
	struct described described;
	struct polyton_error *error = find_names(types, die, &described);
	if (error)
		return error;
	struct dwarf_unit *unit = dwarf_units_at(types->filler.units, die, true);
	if (unit)
		(void)dwarf_unit_read(types->filler.units, unit);
	return qualify(&described.outermost, described.name ? described.name : "",
		       unit ? unit->language : POLYTON_LANGUAGE_C, &types->filler.rows.arena, ret);
}

static struct polyton_error *describe_place(struct dwarf_types *types, uint64_t die,
					    const struct described *described, struct type_of *ret)
{
	struct dwarf_units *units = types->filler.units;
	struct arena *arena = &types->filler.rows.arena;
	struct dwarf_unit *unit = dwarf_units_at(units, die, true);
	struct polyton_error *error = NULL;
	if (unit) {
		(void)dwarf_unit_read(units, unit);
		types->filler.language = unit->language;
		error = keep_text(types, unit->producer, &ret->producer);
	}
	if (error || !described->has_file || !described->file_unit)
		return error;
	ret->decl_line = described->line < UINT32_MAX ? (uint32_t)described->line : 0;
	return dwarf_unit_file_name(described->file_units, described->file_unit, described->file, arena,
				    &ret->decl_file);
}

static void renew_graph(struct dwarf_types *types)
{
	const struct rows *rows = &types->filler.rows;
	types->graph = (struct type_graph){
		.types = rows->types.items,
		.type_count = (uint32_t)rows->types.count,
		.members = rows->members.items,
		.member_count = (uint32_t)rows->members.count,
		.enumerators = rows->enumerators.items,
		.enumerator_count = (uint32_t)rows->enumerators.count,
		.variants = rows->variants.items,
		.variant_count = (uint32_t)rows->variants.count,
	};
}

static enum type_absence absence_of(enum die_answer chain, const struct described *described)
{
	if (described->type_answer == DIE_FOUND)
		return TYPE_IS_THERE;
	if (chain == DIE_ELSEWHERE || described->type_answer == DIE_ELSEWHERE)
		return TYPE_ALTERNATE_MISSING;
	return chain == DIE_FOUND && described->type_answer == DIE_NONE ? TYPE_LINE_TABLES_ONLY : TYPE_UNREADABLE;
}

struct polyton_error *dwarf_types_describe(struct dwarf_types *types, uint64_t die, struct type_of *ret)
{
	const struct die_place place = { types->filler.units, die, true };
	struct rows *rows = &types->filler.rows;
	struct described described;
	struct type_of found = { .type = POLYTON_NONE, .decl_file = "", .producer = "" };
	found.absence = absence_of(follow(&place, &described), &described);
	struct polyton_error *error = describe_place(types, die, &described, &found);
	if (!error && found.absence == TYPE_IS_THERE) {
		error = rows_at(rows, &described.type_place, &found.type);
		if (!error)
			error = rows_reach(rows, found.type, 0);
		if (!error)
			error = fill_queued(&types->filler);
	}
	renew_graph(types);
	if (error)
		return error;
	if (found.absence == TYPE_IS_THERE) {
		found.graph = &types->graph;
		if (rows->types.items[found.type].kind == TYPE_UNKNOWN)
			found.absence = TYPE_UNREADABLE;
	}
	*ret = found;
	return NULL;
}

const struct type_graph *dwarf_types_graph(const struct dwarf_types *types)
{
	return &types->graph;
}

const char *dwarf_types_complaint(const struct dwarf_types *types)
{
	const struct dwarf_units *units = types->filler.units;
	if (types->filler.rows.complaint)
		return types->filler.rows.complaint;
	return !units->complaint && units->alternate ? units->alternate->complaint : units->complaint;
}

// The record was made when the call was under way, and is resolved when somebody looks: an object that is gone by then
// leaves its path, but no symbols.

#include "openings.h"

#include <string.h>

#include "find/identity.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

struct polyton_opening openings_row(const struct loading_call *call)
{
	return (struct polyton_opening){ .number = call->number,
					 .tid = call->tid,
					 .time_ns = call->time_ns,
					 .path = or_empty(call->path),
					 .function = "",
					 .caller = or_empty(call->caller.path),
					 .object = POLYTON_NONE,
					 .address = call->caller.address,
					 .symbol = "",
					 .file = "" };
}

static uint32_t find_object(const struct polyton_snapshot *snapshot, const struct loading_place *place)
{
	for (uint32_t i = 0; place->map && i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (object->link_map == place->map && object->load_bias == place->bias)
			return i;
	}
	return POLYTON_NONE;
}

// Of several names of one function, the one that others know it by; among those the first.
static const char *find_symbol(const struct elf_symbols *symbols, uint64_t address)
{
	const Elf64_Sym *best = NULL;
	for (size_t i = 0; i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		unsigned type = ELF64_ST_TYPE(symbol->st_info);
		if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF ||
		    address < symbol->st_value || address - symbol->st_value >= symbol->st_size)
			continue;
		bool is_local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
		if (!best || (ELF64_ST_BIND(best->st_info) == STB_LOCAL && !is_local))
			best = symbol;
	}
	return best ? elf_symbol_name(symbols, best) : "";
}

// A call's return address may be behind the end of its function: the call is before it.
static const char *name_place(const struct scan *scan, const struct loading_place *place, uint32_t object,
			      bool is_exported)
{
	if (object == POLYTON_NONE)
		return "";
	const struct object_input *input = &scan->inputs[object];
	return find_symbol(is_exported ? &input->exported : &input->symbols, place->address - place->bias - 1);
}

// As the programmer wrote it; "" stays "".
static struct polyton_error *spell(struct arena *arena, const char *symbol, const char **ret)
{
	struct identity identity = { .name = "" };
	struct polyton_error *error = symbol[0] ? identity_of(symbol, true, arena, &identity) : NULL;
	if (error)
		return error;
	*ret = arena_strdup(arena, identity.name);
	return *ret ? NULL : error_no_memory();
}

static struct polyton_error *add_row(const struct loading_call *call, const struct scan *scan,
				     struct polyton_snapshot *snapshot, struct polyton_opening **ret)
{
	struct arena *arena = &snapshot->arena;
	struct polyton_opening *row = arena_alloc(arena, 1, sizeof(*row));
	if (!row)
		return error_no_memory();
	*row = openings_row(call);
	row->object = find_object(snapshot, &call->caller);
	row->path = arena_strdup(arena, row->path);
	// The loader calls the program "".
	const struct polyton_object *caller = polyton_snapshot_object(snapshot, row->object);
	row->caller = arena_strdup(arena, caller ? caller->path : row->caller);
	struct polyton_error *error = spell(arena, name_place(scan, &call->caller, row->object, false), &row->symbol);
	row->function =
		arena_strdup(arena, name_place(scan, &call->function, find_object(snapshot, &call->function), true));
	*ret = row;
	return error || (row->path && row->caller && row->function) ? error : error_no_memory();
}

static const struct loading_object *find_loaded(const struct loading *loading, const struct polyton_object *object)
{
	for (size_t i = 0; object->link_map && i < loading->objects.count; i++) {
		const struct loading_object *loaded = &loading->objects.items[i];
		if (loaded->map == object->link_map && loaded->bias == object->load_bias)
			return loaded;
	}
	return NULL;
}

struct polyton_error *openings_fill(const struct loading *loading, const struct scan *scan,
				    struct polyton_snapshot *snapshot, struct openings *ret)
{
	struct polyton_error *error = NULL;
	struct openings openings = { .rows = arena_alloc(&snapshot->arena, snapshot->objects.count + 1,
							 sizeof(struct polyton_opening *)) };
	auto_free struct polyton_opening **by_number =
		calloc(loading->calls.count + 1, sizeof(struct polyton_opening *));
	if (!openings.rows || !by_number)
		return error_no_memory();
	for (uint32_t i = 0; !error && i < snapshot->objects.count; i++) {
		struct polyton_object *object = &snapshot->objects.items[i];
		const struct loading_object *loaded = find_loaded(loading, object);
		const struct loading_call *call = loaded ? loading_find_call(loading, loaded->call) : NULL;
		if (!call)
			continue;
		struct polyton_opening **row = &by_number[call->number];
		if (!*row) {
			error = add_row(call, scan, snapshot, row);
			openings.rows[openings.count++] = *row;
		}
		object->opened_by = *row;
	}
	if (!error && loading->is_full)
		error = snapshot_note(snapshot, POLYTON_NONE, false,
				      "of more than %zu calls that loaded objects the later ones are not recorded",
				      loading->calls.count);
	if (!error && loading->is_unwatched)
		error = snapshot_note(
			snapshot, POLYTON_NONE, false,
			"the loader could not be followed (no breakpoints on this machine): on whose call "
			"objects came is not known, nor what was unloaded before");
	*ret = openings;
	return error;
}

// One file's: @p which are the rows whose caller it is.
static struct polyton_error *read_object(struct typing *typing, const struct scanned_file *file, uint64_t bias,
					 struct polyton_opening **which, uint32_t count, struct arena *arena)
{
	struct dwarf_answer *answer = NULL;
	auto_free uint64_t *places = calloc(count, sizeof(*places));
	if (!places)
		return error_no_memory();
	for (uint32_t i = 0; i < count; i++)
		places[i] = which[i]->address - bias - 1; // the call is before where it returns to
	const struct dwarf_question question = { .places = places, .place_count = count };
	struct polyton_error *error = typing_ask(typing, file->debug->fd, &question, &answer);
	for (uint32_t i = 0; !error && i < count && i < answer->line_count; i++) {
		which[i]->file = arena_strdup(arena, answer->lines[i].file);
		which[i]->line = answer->lines[i].line;
		if (!which[i]->file)
			error = error_no_memory();
	}
	dwarf_answer_destroy(answer);
	return error;
}

struct polyton_error *openings_read_lines(struct typing *typing, const struct scan *scan,
					  const struct openings *openings, struct polyton_snapshot *snapshot)
{
	struct polyton_error *error = NULL;
	auto_free struct polyton_opening **which = calloc(openings->count + 1, sizeof(struct polyton_opening *));
	if (!which)
		return error_no_memory();
	for (uint32_t i = 0; !error && openings->count && i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		uint32_t count = 0;
		for (uint32_t k = 0; k < openings->count && count < WIRE_MAX_PLACES; k++) {
			if (openings->rows[k]->object == i)
				which[count++] = openings->rows[k];
		}
		if (!count || !scan->files[i])
			continue;
		error = file_find_debug(typing->search, object->path, scan->files[i], snapshot);
		if (error || !scan->files[i]->debug)
			continue;
		typing->path = object->path;
		typing->debug_path = scan->files[i]->debug->path;
		error = read_object(typing, scan->files[i], object->load_bias, which, count, &snapshot->arena);
	}
	return error;
}

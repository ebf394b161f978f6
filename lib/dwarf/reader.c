// The variables' DIEs may be in the file itself, in dwz's alternate file, in a .dwp, or in one of many .dwo files.
// All are scanned by the same eyes; a file that has nothing to say of the variables is closed again at once.

#include "dwarf/reader.h"

#include <string.h>

#include "base/cleanup.h"
#include "dwarf/describe.h"
#include "dwarf/linerows.h"
#include "dwarf/split.h"

enum {
	READER_MAX_DWO = 16384, // .dwo files looked into for one question
};

struct reading {
	const struct dwarf_question *question;
	const struct reader_help *help;
	dwarf_source_list sources;
	struct elf_file *alternate;
	struct pairing pairing;
	struct arena arena;
	bool has_info, has_variables, is_alternate_missing, is_split_missing;
	const char *complaint; // the first one
};

static void close_reading(struct reading *reading)
{
	dwarf_sources_deinit(&reading->sources);
	elf_file_close(reading->alternate);
	pairing_deinit(&reading->pairing);
	arena_deinit(&reading->arena);
}

// Only running out of memory ends the reading; anything else is said in the answer.
static struct polyton_error *complain(struct reading *reading, struct polyton_error *error)
{
	if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	if (!reading->complaint)
		reading->complaint = arena_strdup(&reading->arena, polyton_error_message(error));
	polyton_error_destroy(error);
	return reading->complaint ? NULL : error_no_memory();
}

static void complain_text(struct reading *reading, const char *text)
{
	if (text && !reading->complaint)
		reading->complaint = text;
}

// A further file, NULL in @p ret if it is not to be had or cannot be read.
static struct polyton_error *get_file(struct reading *reading, const struct dwarf_need *need, struct elf_file **ret)
{
	auto_close int fd = -1;
	struct polyton_error *error = reading->help->need(reading->help->arg, need, &fd);
	if (error || fd < 0)
		return error; // cppcheck-suppress returnDanglingLifetime ; the error does not hold it
	return complain(reading, elf_file_open(fd, *need->path ? need->path : "its .dwp file", ret));
}

static struct polyton_error *add_source(struct reading *reading, struct elf_file *elf, struct dwarf_file *file,
					bool is_owned)
{
	struct dwarf_source *source = vec_push(&reading->sources);
	if (!source)
		return error_no_memory();
	*source = (struct dwarf_source){ elf, file, is_owned, NULL, POLYTON_NONE };
	return NULL;
}

// .gnu_debugaltlink: a path, NUL, a build id.
static struct polyton_error *find_alternate(struct reading *reading, struct elf_file *elf)
{
	const uint8_t *bytes;
	size_t size;
	const struct elf_section *section = elf_file_section(elf, ".gnu_debugaltlink");
	struct polyton_error *error = section ? elf_file_section_bytes(elf, section, &bytes, &size) : NULL;
	if (!section || error)
		return complain(reading, error);
	const uint8_t *end = memchr(bytes, '\0', size);
	size_t id_size = end ? size - (size_t)(end + 1 - bytes) : 0;
	reading->is_alternate_missing = true;
	if (!end || !id_size || id_size > WIRE_MAX_ID || (size_t)(end - bytes) > WIRE_MAX_TEXT)
		return NULL;
	struct dwarf_need need = { DWARF_NEED_ALTERNATE, (const char *)bytes, { 0 }, (uint32_t)id_size };
	memcpy(need.id, end + 1, id_size);
	error = get_file(reading, &need, &reading->alternate);
	const struct elf_file *found = reading->alternate;
	// Offsets into another build's file would lead to just any DIE.
	reading->is_alternate_missing = !found || found->build_id_size != id_size ||
					memcmp(found->build_id, need.id, id_size) != 0;
	if (reading->is_alternate_missing)
		elf_file_close(take_pointer(reading->alternate));
	return error;
}

// gcc 12 writes a thread-local's place in a split file as the address of its initial image.
static void correct_places(const struct elf_file *executable, dwarf_found_list *found)
{
	const Elf64_Phdr *tls = elf_file_segment(executable, PT_TLS);
	for (size_t i = 0; tls && i < found->count; i++) {
		struct dwarf_found *item = &found->items[i];
		if (item->place == DWARF_PLACE_TLS && item->value >= tls->p_memsz && item->value >= tls->p_vaddr &&
		    item->value - tls->p_vaddr < tls->p_memsz)
			item->value -= tls->p_vaddr;
	}
}

static struct polyton_error *scan(struct reading *reading, uint32_t source, const struct dwarf_sections *sections,
				  const dwarf_offset_list *units, bool *is_useful_ret)
{
	dwarf_found_list found = { 0 };
	const char *complaint = NULL;
	bool has_variables = false;
	struct polyton_error *error = dwarf_scan(sections, reading->help->second, &found, &has_variables, &complaint);
	if (!error) {
		if (sections->is_split)
			correct_places(reading->sources.items[0].elf, &found);
		*is_useful_ret = pairing_add(&reading->pairing, source, &found, units);
		reading->has_variables |= has_variables;
		complain_text(reading, complaint);
	}
	vec_deinit(&found);
	return complain(reading, error);
}

// dwz -m moves thread-locals' DIEs into the alternate file, among those of other files.
static struct polyton_error *scan_alternate(struct reading *reading)
{
	struct dwarf_file *file = reading->sources.items[0].file;
	dwarf_offset_list units = { 0 };
	const char *complaint = NULL;
	bool is_useful;
	if (!file->alternate)
		return NULL;
	struct polyton_error *error = add_source(reading, NULL, file->alternate, false);
	if (!error)
		error = dwarf_scan_imports(&file->sections, &file->alternate->sections, &units, &complaint);
	complain_text(reading, complaint);
	if (!error)
		error = scan(reading, 1, &file->alternate->sections, &units, &is_useful);
	vec_deinit(&units);
	return complain(reading, error);
}

// The other halves of split units, by what is still missing.
struct split {
	struct reading *reading;
	dwarf_split_list units;
	dwarf_skeleton_list skeletons;
	bool *is_found; // by unit
};

static int compare_ids(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

static void mark_found(struct split *split, const dwarf_split_ids *ids)
{
	if (!ids->count)
		return;
	qsort(ids->items, ids->count, sizeof(*ids->items), compare_ids);
	for (size_t i = 0; i < split->units.count; i++)
		split->is_found[i] |= bsearch(&split->units.items[i].id, ids->items, ids->count, sizeof(*ids->items),
					      compare_ids) != NULL;
}

// Look into a .dwo or .dwp, and keep it if it is of use. @p elf is handed over.
static struct polyton_error *scan_split(struct split *split, struct elf_file *elf)
{
	struct reading *reading = split->reading;
	struct dwarf_file *file;
	dwarf_split_ids ids = { 0 };
	bool is_useful = false;
	const struct dwarf_links links = { .executable = reading->sources.items[0].elf };
	struct polyton_error *error = dwarf_file_open(elf, &links, &file);
	if (error) {
		elf_file_close(elf);
		return complain(reading, error);
	}
	struct dwarf_sections sections = file->sections;
	sections.skeletons = split->skeletons.items;
	sections.skeleton_count = split->skeletons.count;
	error = dwarf_split_list_ids(file, &ids);
	if (!error)
		error = scan(reading, (uint32_t)reading->sources.count, &sections, NULL, &is_useful);
	if (!error)
		mark_found(split, &ids);
	vec_deinit(&ids);
	struct polyton_error *failed = !error && is_useful ? add_source(reading, elf, file, true) : NULL;
	if (error || failed || !is_useful) {
		dwarf_file_close(file);
		elf_file_close(elf);
	}
	return complain(reading, error ? error : failed);
}

static struct polyton_error *get_dwo(struct split *split, const struct dwarf_split *unit)
{
	struct reading *reading = split->reading;
	struct elf_file *elf = NULL;
	struct dwarf_need need = { .kind = DWARF_NEED_DWO, .id_size = sizeof(unit->id) };
	bool is_relative = unit->name[0] != '/' && unit->comp_dir[0];
	need.path = arena_printf(&reading->arena, "%s%s%s", is_relative ? unit->comp_dir : "", is_relative ? "/" : "",
				 unit->name);
	if (!need.path)
		return error_no_memory();
	for (size_t i = 0; i < sizeof(unit->id); i++)
		need.id[i] = (uint8_t)(unit->id >> 8 * i);
	if (strlen(need.path) > WIRE_MAX_TEXT)
		return NULL;
	struct polyton_error *error = get_file(reading, &need, &elf);
	return error || !elf ? error : scan_split(split, elf);
}

static struct polyton_error *scan_parts(struct split *split)
{
	struct reading *reading = split->reading;
	struct elf_file *elf = NULL;
	const struct dwarf_need whole = { .kind = DWARF_NEED_DWP, .path = "" };
	struct polyton_error *error = get_file(reading, &whole, &elf);
	if (!error && elf)
		error = scan_split(split, elf);
	for (size_t i = 0; !error && i < split->units.count; i++) {
		if (split->is_found[i])
			continue;
		if (pairing_is_complete(&reading->pairing))
			break;
		if (i < READER_MAX_DWO)
			error = get_dwo(split, &split->units.items[i]);
		reading->is_split_missing |= !split->is_found[i];
	}
	return error;
}

static struct polyton_error *scan_all_split(struct reading *reading)
{
	struct dwarf_file *file = reading->sources.items[0].file;
	struct split split = { .reading = reading };
	const char *complaint = NULL;
	struct polyton_error *error = dwarf_scan_skeletons(&file->sections, &split.skeletons, &complaint);
	complain_text(reading, complaint);
	if (!error && split.skeletons.count && !pairing_is_complete(&reading->pairing)) {
		error = dwarf_split_list_units(file, &reading->arena, &split.units);
		if (!error)
			split.is_found = arena_alloc(&reading->arena, split.units.count, sizeof(*split.is_found));
		if (!error && !split.is_found)
			error = error_no_memory();
		if (!error)
			error = scan_parts(&split);
	}
	vec_deinit(&split.units);
	vec_deinit(&split.skeletons);
	return error;
}

static struct polyton_error *open_main(struct reading *reading, int fd)
{
	struct elf_file *elf = NULL;
	struct dwarf_file *file = NULL;
	auto_close int closed = fd;
	struct polyton_error *error = elf_file_open(closed, "its file", &elf);
	if (error) {
		reading->has_info = true; // for all that is known
		return complain(reading, error);
	}
	reading->has_info = elf_file_has_debug_info(elf);
	if (!reading->has_info) {
		elf_file_close(elf);
		return NULL;
	}
	error = find_alternate(reading, elf);
	const struct dwarf_links links = { .alternate = reading->alternate };
	if (!error)
		error = complain(reading, dwarf_file_open(elf, &links, &file));
	if (!error && file)
		error = add_source(reading, elf, file, true);
	if (error || !file) {
		dwarf_file_close(file);
		elf_file_close(elf);
	}
	return error;
}

static struct polyton_error *find_dies(struct reading *reading, int fd)
{
	bool is_useful;
	struct polyton_error *error = open_main(reading, fd);
	if (error || !reading->sources.count || !reading->question->variable_count)
		return error;
	error = scan(reading, 0, &reading->sources.items[0].file->sections, NULL, &is_useful);
	if (!error)
		error = scan_alternate(reading);
	if (!error)
		error = scan_all_split(reading);
	pairing_settle(&reading->pairing);
	return error;
}

// Why a variable that nothing describes has no type.
static enum type_absence find_absence(const struct reading *reading)
{
	if (!reading->has_info)
		return TYPE_NO_DEBUG_INFO;
	if (reading->is_split_missing)
		return TYPE_SPLIT_MISSING;
	if (reading->is_alternate_missing)
		return TYPE_ALTERNATE_MISSING;
	if (reading->complaint)
		return TYPE_UNREADABLE;
	return reading->has_variables ? TYPE_NOT_DESCRIBED : TYPE_LINE_TABLES_ONLY;
}

// The line tables are in the file itself, split or not.
static struct polyton_error *find_lines(struct reading *reading, const struct dwarf_line **ret)
{
	const struct dwarf_question *question = reading->question;
	struct dwarf_source *main = reading->sources.count ? &reading->sources.items[0] : NULL;
	const struct elf_section *section = main ? elf_file_section(main->elf, ".debug_line") : NULL;
	struct line_source source = { .sections = main ? &main->file->sections : NULL };
	struct polyton_error *error = NULL;
	if (!question->place_count || !section)
		return NULL;
	error = elf_file_section_bytes(main->elf, section, &source.line, &source.line_size);
	struct dwarf_line *lines = arena_alloc(&reading->arena, question->place_count, sizeof(*lines));
	if (!error && !lines)
		error = error_no_memory();
	if (!error)
		error = linerows_find(&source, question->places, question->place_count, &reading->arena, lines);
	if (!error)
		*ret = lines;
	return complain(reading, error);
}

struct polyton_error *reader_answer(int fd, const struct dwarf_question *question, const struct reader_help *help,
				    struct pack *ret)
{
	struct reading reading = { .question = question, .help = help };
	struct polyton_error *error = pairing_init(question, &reading.pairing);
	if (error)
		close(fd);
	else
		error = find_dies(&reading, fd);
	const struct dwarf_line *lines = NULL;
	if (!error)
		error = find_lines(&reading, &lines);
	if (!error)
		error = describe_variables(question, &reading.pairing, &reading.sources, find_absence(&reading),
					   lines, reading.complaint, ret);
	close_reading(&reading);
	return error;
}

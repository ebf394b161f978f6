// An archive is no object: nobody loads it, and nothing is bound to it. It is compared with the objects as if it were
// one more, and what they have in common is said in a note.

#include "archives.h"

#include <errno.h>
#include <string.h>

#include "elf/archive.h"
#include "find/draft.h"
#include "find/finder.h"

enum { ARCHIVES_MAX_MEMBERS = 65536 };

/** One archive, its members and what they define. */
struct source {
	struct archive archive;
	vec_of(struct elf_file *) files;
	candidates candidates;
	struct arena symbols;
};

// A place of its own for what is at no address yet: one place is one variable, whatever names it has.
static const Elf64_Sym *place_symbol(struct source *source, const Elf64_Sym *symbol)
{
	Elf64_Sym *placed = arena_alloc(&source->symbols, 1, sizeof(*placed));
	bool is_common = symbol->st_shndx == SHN_COMMON;
	uint64_t section = (uint64_t)source->files.count << 16 | symbol->st_shndx;
	if (!placed)
		return NULL;
	*placed = *symbol;
	placed->st_value = section << 32 | (is_common ? source->candidates.count : (uint32_t)symbol->st_value);
	return placed;
}

static struct polyton_error *add_candidate(struct source *source, const struct elf_file *file,
					   const struct elf_symbols *symbols, const Elf64_Sym *symbol,
					   const char *unit)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info), section = symbol->st_shndx;
	bool is_common = section == SHN_COMMON;
	const char *name = elf_symbol_name(symbols, symbol);
	if ((type != STT_OBJECT && type != STT_TLS && type != STT_COMMON) || !symbol->st_size || !name[0] ||
	    (!is_common && (section == SHN_UNDEF || section >= file->section_count)))
		return NULL;
	const Elf64_Shdr *header = is_common ? NULL : &file->sections[section].header;
	const Elf64_Sym *placed = place_symbol(source, symbol);
	struct candidate *place = placed ? vec_push(&source->candidates) : NULL;
	if (!place)
		return error_no_memory();
	bool is_local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
	bool is_writable = !header || (header->sh_flags & SHF_WRITE) || type == STT_TLS;
	bool is_zero = !header || header->sh_type == SHT_NOBITS;
	*place = (struct candidate){ .symbol = placed,
				     .name = name,
				     .source = is_local ? unit : "",
				     .kind = type == STT_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC,
				     .storage = !is_writable ? POLYTON_STORAGE_CONST
						: is_zero    ? POLYTON_STORAGE_ZERO
							     : POLYTON_STORAGE_DATA,
				     .is_local = is_local };
	return NULL;
}

static struct polyton_error *read_member(struct source *source, const struct archive_member *member, const char *path)
{
	struct elf_file **place = vec_push(&source->files);
	struct elf_symbols symbols;
	const char *unit = "";
	if (!place)
		return error_no_memory();
	struct polyton_error *error = elf_file_from_bytes(member->bytes, member->size, path, place);
	bool is_narrow = !error && (*place)->elf_class == ELFCLASS32; // as all files: not yet supported
	if (!error)
		error = elf_symbols_full(*place, &symbols);
	for (size_t i = 1; !error && !is_narrow && i < symbols.count; i++) {
		if (ELF64_ST_TYPE(symbols.entries[i].st_info) == STT_FILE)
			unit = elf_symbol_name(&symbols, &symbols.entries[i]);
		error = add_candidate(source, *place, &symbols, &symbols.entries[i], unit);
	}
	// Archives hold other things, too (bitcode, resources); those have no symbols to compare.
	if (error && polyton_error_code(error) != POLYTON_ERROR_MEMORY) {
		polyton_error_destroy(error);
		error = NULL;
	}
	return error;
}

static struct polyton_error *read_source(const struct disk *disk, const struct disk_root *root, struct source *source)
{
	struct archive_member member;
	auto_close int fd = disk_open_place(disk, &root->place);
	if (fd < 0)
		return error_errno(POLYTON_ERROR_READ, errno, "%s", root->shown);
	struct polyton_error *error = archive_open(fd, root->shown, &source->archive);
	for (size_t i = 0; !error && i < ARCHIVES_MAX_MEMBERS && archive_next(&source->archive, &member); i++)
		error = read_member(source, &member, root->shown);
	return error;
}

static void source_deinit(struct source *source)
{
	for (size_t i = 0; i < source->files.count; i++)
		elf_file_close(source->files.items[i]);
	vec_deinit(&source->files);
	vec_deinit(&source->candidates);
	arena_deinit(&source->symbols);
	archive_close(&source->archive);
}

/** What an archive has in common with the objects. */
struct common {
	const char **several, **once; ///< Variables that they have several times already, and once.
	size_t several_count, once_count;
	bool *is_holder; ///< Objects of the second.
};

// A name that says nothing of where it comes from counts if the sizes are the same, too.
static bool is_same(const struct member *a, const struct member *b)
{
	return a->identity->language != POLYTON_LANGUAGE_C ||
	       a->candidate->symbol->st_size == b->candidate->symbol->st_size;
}

static void take_draft(const struct draft *draft, uint32_t archive, uint32_t objects, struct common *ret)
{
	const struct member *own = NULL;
	uint32_t holders = 0, holder = 0;
	for (size_t i = 0; i < draft->count; i++)
		own = draft->members[i]->object == archive ? draft->members[i] : own;
	if (!own || draft->dropped || own->candidate->storage == POLYTON_STORAGE_CONST)
		return;
	for (size_t i = 0; i < draft->count; i++) {
		const struct member *member = draft->members[i];
		if (member->object >= objects || !is_same(own, member))
			continue;
		holders++;
		holder = member->object;
	}
	if (holders > 1) {
		ret->several[ret->several_count++] = draft->name;
	} else if (holders) {
		ret->once[ret->once_count++] = draft->name;
		ret->is_holder[holder] = true;
	}
}

static struct polyton_error *note_common(const struct disk_root *root, const struct common *common,
					 struct polyton_snapshot *snapshot)
{
	auto_free uint32_t *holders = calloc(snapshot->objects.count + 1, sizeof(*holders));
	struct names names = { holders, 0 };
	if (!holders)
		return error_no_memory();
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		if (common->is_holder[i])
			holders[names.count++] = i;
	}
	const char *several = finder_list(snapshot, common->several, common->several_count);
	const char *once = finder_list(snapshot, common->once, common->once_count);
	const char *who = finder_enumerate(snapshot, names);
	if (!several || !once || !who)
		return error_no_memory();
	struct polyton_error *error = NULL;
	if (common->several_count)
		error = snapshot_note(snapshot, POLYTON_NONE, false,
				      "%s has %zu of the variables that exist more than once: %s", root->shown,
				      common->several_count, several);
	if (!error && common->once_count)
		error = snapshot_note(
			snapshot, POLYTON_NONE, false,
			"%s, linked into one more object, would bring another copy of %zu variable%s of "
			"%s: %s",
			root->shown, common->once_count, common->once_count == 1 ? "" : "s", who, once);
	if (!error && !common->several_count && !common->once_count)
		error = snapshot_note(snapshot, POLYTON_NONE, false, "%s has no variable in common with the objects",
				      root->shown);
	return error;
}

static struct polyton_error *compare(const struct drafts *drafts, const struct disk_root *root, uint32_t archive,
				     uint32_t objects, struct polyton_snapshot *snapshot)
{
	auto_free const char **several = calloc(drafts->items.count + 1, sizeof(*several));
	auto_free const char **once = calloc(drafts->items.count + 1, sizeof(*once));
	auto_free bool *is_holder = calloc((size_t)objects + 1, sizeof(*is_holder));
	struct common common = { several, once, 0, 0, is_holder };
	if (!several || !once || !is_holder)
		return error_no_memory();
	for (size_t i = 0; i < drafts->items.count; i++)
		take_draft(&drafts->items.items[i], archive, objects, &common);
	return note_common(root, &common, snapshot);
}

struct polyton_error *archives_note(const struct disk *disk, const struct closure *closure, const struct scan *scan,
				    struct polyton_snapshot *snapshot)
{
	uint32_t count = (uint32_t)closure->archives.count, objects = scan->count;
	auto_free struct source *sources = calloc((size_t)count + 1, sizeof(*sources));
	auto_free struct object_input *inputs = calloc((size_t)objects + count + 1, sizeof(*inputs));
	struct drafts drafts = { 0 };
	struct polyton_error *error = sources && inputs ? NULL : error_no_memory();
	if (!count)
		return error;
	for (uint32_t i = 0; !error && i < objects; i++)
		inputs[i] = scan->inputs[i];
	for (uint32_t i = 0; !error && i < count; i++) {
		inputs[objects + i] = (struct object_input){ .candidates = &sources[i].candidates };
		error = read_source(disk, &closure->archives.items[i], &sources[i]);
		if (error && polyton_error_code(error) != POLYTON_ERROR_MEMORY) {
			struct polyton_error *noted =
				snapshot_note(snapshot, POLYTON_NONE, false, "%s", polyton_error_message(error));
			polyton_error_destroy(error);
			error = noted;
		}
	}
	if (!error)
		error = drafts_find(inputs, objects + count, &drafts);
	for (uint32_t i = 0; !error && i < count; i++)
		error = compare(&drafts, &closure->archives.items[i], objects + i, objects, snapshot);
	drafts_deinit(&drafts);
	for (uint32_t i = 0; sources && i < count; i++)
		source_deinit(&sources[i]);
	return error;
}

// Everything that leaves here is copied into the snapshot's arena: the files whose tables the drafts point into
// may be closed while the snapshot lives.

#include "find/rows.h"

#include <string.h>

#include "base/strmap.h"

/** A draft with the library it goes to. */
struct entry {
	const struct draft *draft;
	const char *library;
	enum polyton_language language;
};

static const struct identity *draft_identity(const struct draft *draft)
{
	return draft->members[0]->identity;
}

// Where a variable came from, as far as names tell: crate, namespace, or source file.
static const char *library_name(const struct draft *draft)
{
	const struct identity *identity = draft_identity(draft);
	// core, alloc and the rest come with std and go with it.
	if (identity->language == POLYTON_LANGUAGE_RUST && identity_is_std_crate(identity->library))
		return "std";
	if (identity->library[0])
		return identity->library;
	if (draft->members[0]->candidate->source[0])
		return draft->members[0]->candidate->source;
	return identity->language == POLYTON_LANGUAGE_C ? "C globals" : "C++ globals";
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->language != b->language)
		return a->language > b->language ? -1 : 1; // Rust, C++, C
	int order = strcmp(a->library, b->library);
	if (!order)
		order = strcmp(a->draft->name, b->draft->name);
	if (!order)
		order = (int)a->draft->members[0]->candidate->kind - (int)b->draft->members[0]->candidate->kind;
	// The same name twice (two builds, two sources): by the first place, which is the same in every run.
	if (!order && a->draft->members[0]->object != b->draft->members[0]->object)
		order = a->draft->members[0]->object < b->draft->members[0]->object ? -1 : 1;
	if (!order) {
		uint64_t x = a->draft->members[0]->candidate->symbol->st_value;
		uint64_t y = b->draft->members[0]->candidate->symbol->st_value;
		order = (x > y) - (x < y);
	}
	return order;
}

static enum polyton_symbol_binding binding_of(const Elf64_Sym *symbol)
{
	switch (ELF64_ST_BIND(symbol->st_info)) {
	case STB_GLOBAL:
		return POLYTON_BINDING_GLOBAL;
	case STB_WEAK:
		return POLYTON_BINDING_WEAK;
	case STB_GNU_UNIQUE:
		return POLYTON_BINDING_UNIQUE;
	default:
		return POLYTON_BINDING_LOCAL;
	}
}

static enum polyton_symbol_visibility visibility_of(const Elf64_Sym *symbol)
{
	switch (ELF64_ST_VISIBILITY(symbol->st_other)) {
	case STV_DEFAULT:
		return POLYTON_VISIBILITY_DEFAULT;
	case STV_PROTECTED:
		return POLYTON_VISIBILITY_PROTECTED;
	default:
		return POLYTON_VISIBILITY_HIDDEN;
	}
}

// A symbol table has it behind the name ("x@@V1", or "x@V1" if that is not the default), the dynamic one in a table of
// its own.
static const char *version_of(const struct object_input *object, const struct candidate *candidate, bool *is_old_ret)
{
	const char *at = strchr(candidate->name, '@');
	*is_old_ret = at && at[1] != '@';
	if (at)
		return at + strspn(at, "@");
	const struct elf_lookup *lookup = candidate->is_exported ? object->lookup : NULL;
	if (!lookup || !lookup->versions.count)
		return "";
	size_t index = (size_t)(candidate->symbol - object->symbols.entries);
	if (object->symbols.entries != lookup->symbols.entries) { // the other table
		struct elf_wanted wanted = { .name = candidate->name, .gnu_hash = elf_gnu_hash(candidate->name) };
		const Elf64_Sym *symbol = elf_lookup_find(lookup, &wanted, false);
		if (!symbol)
			return "";
		index = elf_lookup_symbol_index(lookup, symbol);
	}
	const struct elf_version *version = elf_versions_of(&lookup->versions, index, is_old_ret);
	return version ? version->name : "";
}

// Copies of one variable mostly have the same texts: @p known is one that the arena has.
static const char *keep(struct arena *arena, const char *text, size_t length, const char *known)
{
	bool is_known = strncmp(known, text, length) == 0 && !known[length];
	return is_known ? known : arena_strndup(arena, text, length);
}

static struct polyton_error *add_copy(struct polyton_snapshot *snapshot, const struct object_input *objects,
				      const struct member *member, uint32_t singleton)
{
	const struct candidate *candidate = member->candidate;
	const struct polyton_object *object = &snapshot->objects.items[member->object];
	struct arena *arena = &snapshot->arena;
	struct polyton_copy *copy = vec_push(&snapshot->copies);
	static const struct polyton_copy none = { .symbol = "", .build_mark = "", .source = "", .version = "" };
	bool is_old;
	const char *version = version_of(&objects[member->object], candidate, &is_old);
	const char *mark = member->identity->mark, *source = candidate->source;
	if (!copy)
		return error_no_memory();
	const struct polyton_copy *before = snapshot->copies.count > 1 ? copy - 1 : &none;
	*copy = (struct polyton_copy){
		.singleton = singleton,
		.object = member->object,
		.symbol = keep(arena, candidate->name, strcspn(candidate->name, "@"), before->symbol),
		.build_mark = keep(arena, mark, strlen(mark), before->build_mark),
		.source = keep(arena, source, strlen(source), before->source),
		.offset = candidate->symbol->st_value,
		.address = candidate->kind == POLYTON_KIND_TLS ? 0 : object->load_bias + candidate->symbol->st_value,
		.size = candidate->symbol->st_size,
		.storage = candidate->storage,
		.is_exported = candidate->is_exported,
		.is_unique = candidate->is_unique,
		.is_protected = candidate->is_protected,
		.bound_to = POLYTON_NONE,
		.binding = binding_of(candidate->symbol),
		.visibility = visibility_of(candidate->symbol),
		.version = keep(arena, version, strlen(version), before->version),
		.type = "",
		.type_missing = "",
		.decl_file = "",
		.producer = "",
		.is_old_version = is_old,
	};
	return copy->symbol && copy->build_mark && copy->source && copy->version ? NULL : error_no_memory();
}

static struct polyton_error *add_singleton(struct polyton_snapshot *snapshot, const struct object_input *objects,
					   const struct draft *draft, uint32_t library)
{
	uint32_t index = (uint32_t)snapshot->singletons.count;
	struct polyton_singleton *singleton = vec_push(&snapshot->singletons);
	const char *name = arena_strdup(&snapshot->arena, draft->name);
	if (!singleton || !name)
		return error_no_memory();
	*singleton = (struct polyton_singleton){
		.name = name,
		.kind = draft->members[0]->candidate->kind,
		.language = draft_identity(draft)->language,
		.confidence = draft->confidence,
		.library = library,
		.first_copy = (uint32_t)snapshot->copies.count,
		.copy_count = (uint32_t)draft->count,
		.is_read_only = true,
		.dropped = draft->dropped,
		.folded_into = POLYTON_NONE,
		.layout_copies = { POLYTON_NONE, POLYTON_NONE },
	};
	for (size_t i = 0; i < draft->count; i++) {
		const struct member *first = draft->members[0], *member = draft->members[i];
		enum polyton_storage storage = member->candidate->storage;
		if (storage == POLYTON_STORAGE_DATA || storage == POLYTON_STORAGE_ZERO)
			singleton->is_read_only = false;
		if (member->candidate->symbol->st_size != first->candidate->symbol->st_size)
			singleton->sizes_differ = true;
		if (strcmp(member->identity->mark, first->identity->mark) != 0)
			singleton->builds_differ = true;
		struct polyton_error *error = add_copy(snapshot, objects, member, index);
		if (error)
			return error;
	}
	return draft->dropped ? snapshot_count_dropped(snapshot, draft->dropped) : NULL;
}

// Whether @p version is one of those in "1.24.2, 1.41.0".
static bool is_listed(const char *versions, const char *version)
{
	size_t length = strlen(version);
	for (const char *at = versions; (at = strstr(at, version)) != NULL; at += length) {
		bool is_start = at == versions || at[-1] == ' ';
		if (is_start && (at[length] == ',' || !at[length]))
			return true;
	}
	return false;
}

// The versions of a crate in the objects that hold copies of its variables: "1.24.2" or "1.24.2, 1.41.0".
static struct polyton_error *find_versions(struct polyton_snapshot *snapshot, struct crate_lists *crates,
					   struct polyton_library *library)
{
	const char *versions = "";
	for (uint32_t i = 0; i < library->singleton_count; i++) {
		const struct polyton_singleton *singleton = &snapshot->singletons.items[library->first_singleton + i];
		for (uint32_t k = 0; k < singleton->copy_count; k++) {
			const struct polyton_crate *list;
			size_t count;
			uint32_t object = snapshot->copies.items[singleton->first_copy + k].object;
			struct polyton_error *error = crate_lists_get(crates, object, &list, &count);
			if (error)
				return error;
			for (size_t c = 0; c < count; c++) {
				if (strcmp(list[c].name, library->name) != 0 || is_listed(versions, list[c].version))
					continue;
				versions = arena_printf(&snapshot->arena, "%s%s%s", versions, versions[0] ? ", " : "",
							list[c].version);
				if (!versions)
					return error_no_memory();
			}
		}
	}
	library->version = versions;
	return NULL;
}

static struct polyton_error *add_library(struct polyton_snapshot *snapshot, const struct entry *entries, size_t count,
					 struct crate_lists *crates)
{
	uint32_t index = (uint32_t)snapshot->libraries.count;
	struct polyton_library *place = vec_push(&snapshot->libraries);
	if (!place)
		return error_no_memory();
	struct polyton_library library = {
		.name = arena_strdup(&snapshot->arena, entries[0].library),
		.version = "",
		.language = entries[0].language,
		.is_per_object = entries[0].language == POLYTON_LANGUAGE_RUST &&
				 identity_is_std_crate(entries[0].library),
		.first_singleton = (uint32_t)snapshot->singletons.count,
		.singleton_count = (uint32_t)count,
	};
	if (!library.name)
		return error_no_memory();
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < count; i++)
		error = add_singleton(snapshot, crates->objects, entries[i].draft, index);
	if (!error && library.language == POLYTON_LANGUAGE_RUST && !library.is_per_object)
		error = find_versions(snapshot, crates, &library);
	snapshot->libraries.items[index] = library;
	return error;
}

struct polyton_error *rows_build(const struct drafts *drafts, struct crate_lists *crates,
				 struct polyton_snapshot *snapshot)
{
	auto_free struct entry *entries = calloc(drafts->items.count + 1, sizeof(*entries));
	size_t count = 0, copies = 0;
	if (!entries)
		return error_no_memory();
	for (size_t i = 0; i < drafts->items.count; i++) {
		const struct draft *draft = &drafts->items.items[i];
		if (draft->count < 2)
			continue;
		entries[count++] = (struct entry){ draft, library_name(draft), draft_identity(draft)->language };
		copies += draft->count;
	}
	if (!vec_expect(&snapshot->copies, copies) || !vec_expect(&snapshot->singletons, count))
		return error_no_memory();
	qsort(entries, count, sizeof(*entries), compare_entries);

	struct polyton_error *error = NULL;
	for (size_t first = 0, last; !error && first < count; first = last) {
		for (last = first + 1; last < count && entries[last].language == entries[first].language &&
				       strcmp(entries[last].library, entries[first].library) == 0;
		     last++)
			;
		error = add_library(snapshot, entries + first, last - first, crates);
	}
	return error;
}

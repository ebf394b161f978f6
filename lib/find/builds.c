// Two builds of one library in one process rarely say so, but their functions have the same names. Names alone prove
// nothing (every plugin of a host exports its interface), so it is also asked who uses which: a library is there
// twice when others are bound to both.

#include "find/builds.h"

#include <string.h>

#include "base/numbers.h"
#include "find/cause.h"
#include "find/exports.h"
#include "find/group.h"

enum {
	BUILDS_MANY_FUNCTIONS = 64, // then it need not be half of the larger one
	BUILDS_LEAST_USED = 2,      // functions of each that others use: one is replaced on purpose at times
	BUILDS_START_FILES = 16,    // bytes of __dso_handle and completed.0, with their alignment
	BUILDS_LEAST_CAPTURED = 3,  // that an object gets from another than the library it needs
	BUILDS_NAMED = 3,
};

// The C library's and the compiler's.
static bool is_runtime(const struct polyton_object *object)
{
	static const char *const names[] = { "libc.so.",     "libm.so.",      "libpthread.so.", "libdl.so.",
					     "librt.so.",    "libresolv.so.", "ld-linux",       "libstdc++.so.",
					     "libgcc_s.so.", "libc++.so.",    "libc++abi.so.",  "linux-vdso.so.",
					     "ld-musl-",     "libasan.so.",   "libtsan.so.",    "libubsan.so." };
	const char *name = object->soname[0] ? object->soname : object->name;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

// Fronts that hand every call on to one implementation: which of them is called makes no difference.
static bool is_front(const struct polyton_object *object)
{
	static const char *const names[] = { "libGL.so.",     "libGLX.so.",       "libOpenGL.so.",
					     "libGLESv2.so.", "libGLESv1_CM.so.", "libEGL.so." };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(object->soname, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static const struct polyton_object *object_at(const struct finder *finder, uint32_t index)
{
	return &finder->snapshot->objects.items[index];
}

typedef vec_of(uint32_t) function_list;

// The functions that both export; one under two versions counts once.
static struct polyton_error *find_common(const struct exports *exports, const struct export_pair *pair,
					 function_list *ret)
{
	const struct export_definitions *definitions = &exports->definitions;
	for (uint32_t i = definitions->first[pair->a]; i < definitions->first[pair->a + 1]; i++) {
		uint32_t export = definitions->items.items[i].export;
		if (!exports->items.items[export].is_function || !exports_is_defined_by(exports, export, pair->b))
			continue;
		uint32_t *place = vec_push(ret);
		if (!place)
			return error_no_memory();
		*place = export;
	}
	ret->count = numbers_settle(ret->items, ret->count);
	return NULL;
}

// A few of them, as "a(), b() and 10 more".
static const char *list_functions(struct finder *finder, const function_list *functions)
{
	const struct export *exports = finder->exports->items.items;
	size_t shown = functions->count < BUILDS_NAMED ? functions->count : BUILDS_NAMED;
	const char *text = "";
	for (size_t i = 0; text && i < shown; i++)
		text = arena_printf(&finder->snapshot->arena, "%s%s%s()", text, i ? ", " : "",
				    exports[functions->items[i]].name);
	if (text && functions->count > shown)
		text = arena_printf(&finder->snapshot->arena, "%s and %zu more", text, functions->count - shown);
	return text;
}

// The version that an object gives a name, "" for none.
static const char *version_in(const struct finder *finder, uint32_t object, const char *name)
{
	const struct elf_lookup *lookup = finder->inputs[object].lookup;
	struct elf_wanted wanted = { name, elf_gnu_hash(name), NULL };
	const Elf64_Sym *symbol = lookup ? elf_lookup_find(lookup, &wanted, false) : NULL;
	const struct elf_version *version =
		symbol ? elf_versions_of(&lookup->versions, elf_lookup_symbol_index(lookup, symbol), NULL) : NULL;
	return version ? version->name : "";
}

// Whether each reference says by its version which of the two it means.
static bool are_kept_apart(const struct finder *finder, const struct export_pair *pair,
			   const function_list *functions)
{
	for (size_t i = 0; i < functions->count; i++) {
		const char *name = finder->exports->items.items[functions->items[i]].name;
		const char *left = version_in(finder, pair->a, name), *right = version_in(finder, pair->b, name);
		if (!left[0] || !right[0] || strcmp(left, right) == 0)
			return false;
	}
	return functions->count > 0;
}

static struct polyton_error *report_pair(struct finder *finder, const struct export_pair *pair, const char *headline,
					 const char *detail, const char *const *remedy)
{
	uint32_t objects[2] = { pair->a, pair->b };
	const struct group group = { .objects = objects, .count = 2 };
	function_list common = { 0 };
	struct polyton_error *error = find_common(finder->exports, pair, &common);
	bool is_apart = !error && are_kept_apart(finder, pair, &common);
	const char *functions = error ? NULL : list_functions(finder, &common);
	vec_deinit(&common);
	if (error)
		return error;
	const char *text = functions ? arena_printf(&finder->snapshot->arena, "both export %s%s", functions,
						    is_apart ? ", under symbol versions that keep them apart" : "")
				     : NULL;
	return group_report(finder, &group, is_apart ? POLYTON_SEVERITY_WARNING : POLYTON_SEVERITY_ERROR, headline,
			    detail, finder_reason(finder->snapshot, POLYTON_CAUSE_TWO_VERSIONS, text, remedy));
}

static struct polyton_error *add_functions(struct finder *finder, const struct export_pair *pair)
{
	static const char *const remedy[] = {
		"Let all that uses the library use one build of it.",
		"If each must keep its own, let no handle or object of it go from users of "
		"the one to users of the other.",
		NULL
	};
	struct polyton_snapshot *snapshot = finder->snapshot;
	const char *first = group_users(finder, pair->a), *second = group_users(finder, pair->b);
	if (!first || !second)
		return error_no_memory();
	const char *headline =
		arena_printf(&snapshot->arena,
			     "%s and %s are two builds, or implementations, of one library, and both are used.",
			     finder_object(finder, pair->a), finder_object(finder, pair->b));
	return report_pair(finder, pair, headline, arena_printf(&snapshot->arena, "%s; %s.", first, second), remedy);
}

/** The objects that need @c library and get its functions from @c other. */
struct capture {
	uint32_t library, other, names;
	struct names users;
};

static struct polyton_error *add_captured(struct finder *finder, const struct export_pair *pair,
					  const struct capture *capture)
{
	static const char *const remedy[] = {
		"Build the first without exporting the library: a version script, --exclude-libs, no -rdynamic for "
		"it.",
		"Or let it use the shared library, too.",
		"Or load the others with RTLD_DEEPBIND, so that they look into what they need first.", NULL
	};
	struct polyton_snapshot *snapshot = finder->snapshot;
	const char *who = finder_enumerate(snapshot, capture->users);
	const char *library = finder_object(finder, capture->library), *other = finder_object(finder, capture->other);
	if (!who)
		return error_no_memory();
	const char *headline = arena_printf(&snapshot->arena,
					    "%s exports a build of %s of its own, which takes its place for %s.",
					    other, library, who);
	const char *detail = arena_printf(&snapshot->arena,
					  "%s %s linked to %s, but %u of the functions come from %s.", who,
					  capture->users.count == 1 ? "is" : "are", library, capture->names, other);
	return report_pair(finder, pair, headline, detail, remedy);
}

// LD_PRELOAD's objects, and those that everybody needs, are in front on purpose.
static bool is_in_front_on_purpose(const struct finder *finder, uint32_t object, uint32_t user)
{
	const struct scope *scope = &finder->linkage->scopes->of_object[object];
	if (object_at(finder, object)->is_program)
		return false;
	if (cause_needs(finder, user, object))
		return true;
	for (uint32_t i = 0; i < finder->snapshot->objects.count; i++) {
		if (cause_needs(finder, i, object))
			return false;
	}
	return object < finder->linkage->scopes->object_count && scope->count == 1;
}

static struct polyton_error *find_captured(struct finder *finder, const struct export_pair *pair, uint32_t library,
					   bool *is_found_ret)
{
	const struct exports *exports = finder->exports;
	size_t objects = finder->snapshot->objects.count;
	uint32_t other = library == pair->a ? pair->b : pair->a;
	auto_free bool *is_user = calloc(objects + 1, sizeof(*is_user));
	auto_free uint32_t *users = calloc(objects + 1, sizeof(*users));
	struct capture capture = { library, other, 0, { users, 0 } };
	uint32_t last = POLYTON_NONE;
	if (!is_user || !users)
		return error_no_memory();
	size_t count;
	const struct export_use *uses = exports_uses_of(exports, other, &count);
	for (const struct export_use *use = uses; use < uses + count; use++) {
		if (use->user == other || use->user == library ||
		    !exports_is_defined_by(exports, use->export, library) ||
		    !cause_needs(finder, use->user, library) || is_in_front_on_purpose(finder, other, use->user))
			continue;
		is_user[use->user] = true;
		capture.names += use->export != last;
		last = use->export;
	}
	*is_found_ret = capture.names >= BUILDS_LEAST_CAPTURED;
	if (!*is_found_ret)
		return NULL;
	for (uint32_t i = 0; i < objects; i++) {
		if (is_user[i])
			users[capture.users.count++] = i;
	}
	return add_captured(finder, pair, &capture);
}

bool builds_share_by_design(const struct finder *finder, uint32_t left, uint32_t right)
{
	const struct polyton_object *a = object_at(finder, left), *b = object_at(finder, right);
	return is_runtime(a) || is_runtime(b) || (is_front(a) && is_front(b));
}

// So many functions of @p object, up to BUILDS_LEAST_USED, do others than the two reach.
static uint32_t count_used(const struct finder *finder, uint32_t object, uint32_t other)
{
	const struct resolver *resolver = finder->linkage->resolver;
	const char *last = "";
	uint32_t count = 0;
	const struct reference *reference;
	for (size_t at = 0;
	     count < BUILDS_LEAST_USED && (reference = uses_next(finder->uses, finder->linkage, object, &at));) {
		if (reference->object == object || reference->object == other ||
		    reference->kind != POLYTON_REFERENCE_FUNCTION || !reference->bound_to.symbol ||
		    ELF64_ST_BIND(reference->bound_to.symbol->st_info) != STB_GLOBAL)
			continue;
		const char *name = reference_name(resolver, reference);
		count += strcmp(name, last) != 0;
		last = name;
	}
	return count;
}

// Whether an object has anything that could be there twice: more than what the start files bring. Words that the loader
// alone writes (RELRO, the GOT) are no state. Without section headers it is not known.
static bool has_state(const struct finder *finder, uint32_t object)
{
	const struct elf_file *file = finder->inputs[object].file;
	const Elf64_Phdr *relro = file ? elf_file_segment(file, PT_GNU_RELRO) : NULL;
	uint64_t size = 0;
	for (uint32_t i = 0; file && i < file->section_count; i++) {
		const Elf64_Shdr *header = &file->sections[i].header;
		uint64_t needed = SHF_ALLOC | SHF_WRITE;
		bool is_relro = relro && header->sh_addr - relro->p_vaddr < relro->p_memsz;
		bool is_tls = header->sh_flags & SHF_TLS;
		if ((header->sh_flags & needed) == needed && (!is_relro || is_tls) &&
		    strncmp(file->sections[i].name, ".got", 4) != 0)
			size += header->sh_size;
	}
	return !file || !file->section_count || size > BUILDS_START_FILES;
}

static bool are_builds(const struct finder *finder, const struct export_pair *pair)
{
	bool is_most = exports_share_most(finder->exports, pair->a, pair->b, pair->common < BUILDS_MANY_FUNCTIONS);
	return is_most && has_state(finder, pair->a) && has_state(finder, pair->b) &&
	       count_used(finder, pair->a, pair->b) >= BUILDS_LEAST_USED &&
	       count_used(finder, pair->b, pair->a) >= BUILDS_LEAST_USED;
}

struct polyton_error *builds_find(struct finder *finder)
{
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < finder->exports->pairs.count; i++) {
		const struct export_pair *pair = &finder->exports->pairs.items[i];
		bool is_found = false;
		if (!object_meets(&finder->inputs[pair->a], &finder->inputs[pair->b]))
			continue;
		if (pair->common < BUILDS_LEAST_FUNCTIONS || builds_share_by_design(finder, pair->a, pair->b) ||
		    group_is_told(finder, pair->a, pair->b))
			continue;
		if (pair->used_a)
			error = find_captured(finder, pair, pair->b, &is_found);
		if (!error && !is_found && pair->used_b)
			error = find_captured(finder, pair, pair->a, &is_found);
		if (!error && !is_found && are_builds(finder, pair))
			error = add_functions(finder, pair);
	}
	return error;
}

// The order is the whole point: the same name stands in several folders, and the wrong one would be another library.
// All names come from files, so they are bounded, and lead nowhere but below the root.

#include "link/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "arch/level.h"
#include "base/strmap.h"
#include "link/tokens.h"
#include "target/root.h"

enum { SEARCH_MAX_PATH = 4096, SEARCH_MAX_CHAIN = 64, SEARCH_MAX_SUBFOLDERS = 20, SEARCH_MAX_CACHE = 16 << 20 };
enum { SEARCH_MAX_STEPS = 1 << 18 };

struct search {
	struct search_options options;
	struct arena arena;
	struct ldcache cache;
	struct ldconf conf;
	const char *levels[ARCH_LEVELS_MAX];
	uint64_t old_hwcaps; // bits of entries of the cache, before 2.37
	const char *platform;
	const char *subfolders[SEARCH_MAX_SUBFOLDERS]; // tried in each folder before itself
	size_t subfolder_count;
	const char *asking;    // the path of the object that asked last
	uint32_t steps;        // elements of lists that were looked at for it
	struct strmap missing; // folders that are not there, "S/path" below the root and "H/path" outside
	struct strmap absent;  // names that are in none of the places where all look
};

/** One search under way. */
struct quest {
	struct search *search;
	const char *name;
	search_try_fn *try;
	void *arg;
	bool is_found;
	struct polyton_error *error;
};

static void add_subfolder(struct search *search, const char *first, const char *rest)
{
	const char *text = arena_printf(&search->arena, "%s%s/", first, rest);
	if (text && search->subfolder_count < SEARCH_MAX_SUBFOLDERS)
		search->subfolders[search->subfolder_count++] = text;
}

// Before 2.37 there were also all combinations of "tls", what the processor is and has, and the machine.
static void find_subfolders(struct search *search)
{
	const struct search_options *options = &search->options;
	const char *extra = arch_old_hwcap(options->arch);
	const char *const names[] = { options->arch->name, extra, search->platform, "tls" };
	for (unsigned i = 0; !options->ldso.is_musl && search->levels[i]; i++)
		add_subfolder(search, "glibc-hwcaps/", search->levels[i]);
	for (unsigned set = 15; options->ldso.has_old_hwcaps && search->platform[0] && set; set--) {
		const char *text = "";
		for (unsigned i = 4; text && i-- > 0;) {
			if (set & 1U << i)
				text = arena_printf(&search->arena, "%s%s%s", text, text[0] ? "/" : "", names[i]);
		}
		if (text && (extra[0] || !(set & 2)))
			add_subfolder(search, text, "");
	}
}

static struct polyton_error *read_cache(struct search *search, const char **complaint_ret)
{
	size_t size = 0;
	char *bytes = ldconf_read_file(search->options.root, "/etc/ld.so.cache", SEARCH_MAX_CACHE, &size);
	if (!bytes) {
		if (errno != ENOENT)
			*complaint_ret =
				arena_printf(&search->arena, "/etc/ld.so.cache cannot be read (%s)", strerror(errno));
		return ldconf_read(search->options.root, &search->conf);
	}
	struct polyton_error *error = ldcache_init(bytes, size, &search->cache);
	if (!error || polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	*complaint_ret = arena_printf(&search->arena, "%s", polyton_error_message(error));
	polyton_error_destroy(error);
	return ldconf_read(search->options.root, &search->conf);
}

// "/etc/ld-musl-x86_64.path" takes the place of the default folders.
static struct polyton_error *read_musl_path(struct search *search)
{
	struct ldso *ldso = &search->options.ldso;
	const char *path = arena_printf(&search->arena, "/etc/ld-musl-%s.path", search->options.arch->name);
	size_t size, count = 0;
	if (!path)
		return error_no_memory();
	auto_free char *text = ldconf_read_file(search->options.root, path, SEARCH_MAX_PATH, &size);
	char *state = NULL;
	for (char *word = text ? strtok_r(text, ":\n", &state) : NULL; word && count < LDSO_MAX_FOLDERS;
	     word = strtok_r(NULL, ":\n", &state)) {
		const char *folder = arena_strdup(&search->arena, word);
		if (!folder)
			return error_no_memory();
		ldso->folders[count++] = folder;
	}
	if (count)
		ldso->folder_count = (uint32_t)count;
	return NULL;
}

struct polyton_error *search_create(const struct search_options *options, struct search **ret,
				    const char **complaint_ret)
{
	struct search *search = calloc(1, sizeof(*search));
	*complaint_ret = NULL;
	if (!search)
		return error_no_memory();
	search->options = *options;
	search->platform = arch_platform(options->arch);
	arch_levels(options->arch, search->levels);
	search->old_hwcaps = options->ldso.has_old_hwcaps ? arch_old_hwcaps(options->arch) : 0;
	find_subfolders(search);
	bool is_musl = options->ldso.is_musl;
	struct polyton_error *error = is_musl ? read_musl_path(search) : read_cache(search, complaint_ret);
	if (error) {
		search_destroy(search);
		return error;
	}
	*ret = search;
	return NULL;
}

void search_destroy(struct search *search)
{
	if (!search)
		return;
	strmap_deinit(&search->missing);
	strmap_deinit(&search->absent);
	ldcache_deinit(&search->cache);
	ldconf_deinit(&search->conf);
	arena_deinit(&search->arena);
	free(search);
}

// An object with thousands of needs and of folders to look for them: what it needs then counts as not found.
static bool is_over(const struct quest *quest)
{
	return quest->is_found || quest->error || quest->search->steps > SEARCH_MAX_STEPS;
}

static void try_place(struct quest *quest, const char *path, bool is_outside)
{
	const struct search_place place = { path, is_outside };
	quest->search->steps++;
	if (!is_over(quest) && strlen(path) < SEARCH_MAX_PATH)
		quest->is_found = quest->try(quest->arg, &place);
}

// Most folders of most lists are not there, and most have no subfolders: each is asked for once.
static bool is_there(struct quest *quest, const char *folder, bool is_outside)
{
	struct search *search = quest->search;
	char key[SEARCH_MAX_PATH + 1];
	size_t length = (size_t)snprintf(key, sizeof(key), "%c%s", is_outside ? 'H' : 'S', folder);
	uint32_t *known = strmap_find(&search->missing, key, length);
	const char *kept = known ? NULL : arena_strdup(&search->arena, key);
	if (kept)
		known = strmap_at(&search->missing, kept, length, 2);
	if (!known) {
		quest->error = error_no_memory();
		return false;
	}
	if (*known == 2) {
		auto_close int fd = is_outside ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
					       : root_open_folder(search->options.root, folder);
		*known = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	}
	return !*known;
}

static void try_folder(struct quest *quest, const char *folder, bool is_outside)
{
	char path[SEARCH_MAX_PATH];
	const struct search *search = quest->search;
	if (is_over(quest) || !is_there(quest, folder, is_outside))
		return;
	for (size_t i = 0; !is_over(quest) && i <= search->subfolder_count; i++) {
		const char *below = i < search->subfolder_count ? search->subfolders[i] : "";
		int length = snprintf(path, sizeof(path), "%s/%s", folder, below);
		if (length < 0 || (size_t)length >= sizeof(path) || (below[0] && !is_there(quest, path, is_outside)))
			continue;
		length += snprintf(path + length, sizeof(path) - (size_t)length, "%s", quest->name);
		if ((size_t)length < sizeof(path))
			try_place(quest, path, is_outside);
	}
}

// An element of a path list, or a needed name; @p is_outside_ret: it begins where the object is.
static void expand(const struct search *search, const struct search_object *object, const char *element,
		   size_t length, struct token_text *ret, bool *is_outside_ret)
{
	const struct tokens tokens = { object->place.path, search->platform, search->options.ldso.lib };
	tokens_expand(&tokens, element, length, ret);
	*is_outside_ret = ret->has_origin && object->place.is_outside;
}

// A relative element begins where the program is started, which is in the inspector's own file system.
static void try_element(struct quest *quest, const struct search_object *object, const char *element, size_t length)
{
	const struct search_options *options = &quest->search->options;
	struct token_text text, whole = { .length = 0 };
	bool is_outside;
	expand(quest->search, object, element, length, &text, &is_outside);
	quest->search->steps++;
	while (text.length > 1 && text.bytes[text.length - 1] == '/')
		text.bytes[--text.length] = '\0';
	if (text.bytes[0] != '/') {
		token_text_append(&whole, options->working_folder, strlen(options->working_folder));
		token_text_append(&whole, "/", text.length > 0);
		token_text_append(&whole, text.bytes, text.length);
		whole.is_too_long |= text.is_too_long;
		text = whole;
		is_outside = options->has_sysroot;
	}
	if (!text.is_too_long)
		try_folder(quest, text.bytes, is_outside);
}

static void try_list(struct quest *quest, const struct search_object *object, const char *list,
		     const char *separators)
{
	if (!list || !list[0])
		return;
	for (const char *at = list;; at++) {
		size_t length = strcspn(at, separators);
		if (length || !quest->search->options.ldso.is_musl) // glibc: the working folder
			try_element(quest, object, at, length);
		at += length;
		if (!*at || is_over(quest))
			break;
	}
}

static void try_rpath(struct quest *quest, const struct search_object *object, const struct search_object *program)
{
	bool has_asked_program = false;
	unsigned depth = 0;
	for (const struct search_object *at = object; at && depth < SEARCH_MAX_CHAIN; at = at->loader, depth++) {
		has_asked_program |= at == program;
		if (!at->runpath)
			try_list(quest, at, at->rpath, ":");
	}
	if (program && !has_asked_program && !program->runpath)
		try_list(quest, program, program->rpath, ":");
}

// As far below such a folder as may be: the loader compares the beginnings.
static bool is_in_system_folder(const struct ldso *ldso, const char *path)
{
	for (uint32_t i = 0; i < ldso->folder_count; i++) {
		size_t length = strlen(ldso->folders[i]);
		if (strncmp(path, ldso->folders[i], length) == 0 && path[length] == '/')
			return true;
	}
	return false;
}

static void try_cache(struct quest *quest, const struct search_object *object)
{
	const struct search *search = quest->search;
	const struct ldcache_wanted wanted = { .name = quest->name,
					       .flags = search->options.arch->cache_flags,
					       .levels = search->levels,
					       .hwcaps = search->old_hwcaps };
	const char *path = is_over(quest) ? NULL : ldcache_find(&search->cache, &wanted);
	if (path && path[0] == '/' && !(object->has_no_default && is_in_system_folder(&search->options.ldso, path)))
		try_place(quest, path, false);
}

// Where all look, whoever asks: what is not there for one is not there for the next, and a thousand plugins may need
// it.
static void try_common(struct quest *quest, const struct search_object *object)
{
	struct search *search = quest->search;
	size_t length = strlen(quest->name);
	bool is_whole = !object->has_no_default; // else fewer folders are looked at
	if (is_over(quest) || (is_whole && strmap_find(&search->absent, quest->name, length)))
		return;
	try_cache(quest, object);
	for (size_t i = 0; i < search->conf.folders.count; i++)
		try_folder(quest, search->conf.folders.items[i], false);
	for (uint32_t i = 0; is_whole && i < search->options.ldso.folder_count; i++)
		try_folder(quest, search->options.ldso.folders[i], false);
	if (is_over(quest) || !is_whole)
		return;
	const char *kept = arena_strdup(&search->arena, quest->name);
	if (!kept || !strmap_at(&search->absent, kept, length, true))
		quest->error = error_no_memory();
}

static void search_glibc(struct quest *quest, const struct search_object *object, const struct search_object *program)
{
	if (!object->runpath)
		try_rpath(quest, object, program);
	try_list(quest, program ? program : object, quest->search->options.library_path, ":;");
	try_list(quest, object, object->runpath, ":");
	try_common(quest, object);
}

// musl takes DT_RUNPATH for DT_RPATH, of the object and of all that brought it.
static void search_musl(struct quest *quest, const struct search_object *object)
{
	const struct search *search = quest->search;
	unsigned depth = 0;
	try_list(quest, object, search->options.library_path, ":\n");
	for (const struct search_object *at = object; at && depth < SEARCH_MAX_CHAIN; at = at->loader, depth++)
		try_list(quest, at, at->runpath ? at->runpath : at->rpath, ":");
	for (uint32_t i = 0; i < search->options.ldso.folder_count; i++)
		try_folder(quest, search->options.ldso.folders[i], false);
}

const char *search_expand(const struct search *search, const struct search_object *object, const char *name,
			  struct arena *arena)
{
	struct token_text text;
	bool is_outside;
	if (!strchr(name, '$'))
		return name;
	expand(search, object, name, strlen(name), &text, &is_outside);
	return text.is_too_long ? name : arena_strndup(arena, text.bytes, text.length);
}

struct polyton_error *search_library(struct search *search, const struct search_object *object,
				     const struct search_object *program, const char *name, search_try_fn *try,
				     void *arg, bool *is_found_ret)
{
	struct quest quest = { .search = search, .name = name, .try = try, .arg = arg };
	if (search->asking != object->place.path)
		search->steps = 0;
	search->asking = object->place.path;
	struct token_text text;
	bool is_outside;
	expand(search, object, name, strlen(name), &text, &is_outside);
	if (!text.is_too_long)
		quest.name = text.bytes;
	if (strchr(quest.name, '/')) {
		char path[SEARCH_MAX_PATH];
		bool is_relative = quest.name[0] != '/';
		int length = snprintf(path, sizeof(path), "%s%s%s", is_relative ? search->options.working_folder : "",
				      is_relative ? "/" : "", quest.name);
		if (length > 0 && (size_t)length < sizeof(path))
			try_place(&quest, path, is_outside || (is_relative && search->options.has_sysroot));
	} else if (search->options.ldso.is_musl) {
		search_musl(&quest, object);
	} else {
		search_glibc(&quest, object, program);
	}
	*is_found_ret = quest.is_found;
	return quest.error;
}

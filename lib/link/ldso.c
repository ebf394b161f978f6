// Distributions build glibc with folders of their own (/lib/x86_64-linux-gnu, /lib64), and nothing but the loader
// itself knows them: a table of texts, each ending with a slash and a NUL (elf/dl-load.c, system_dirs).

#include "link/ldso.h"

#include <string.h>

enum { LDSO_MAX_LENGTH = 255, LDSO_OLD_HWCAPS_MAJOR = 2, LDSO_OLD_HWCAPS_MINOR = 36 };

// The folder at @p text, without its slash; false if it is none.
static bool is_folder(const char *text, size_t size, size_t *length_ret)
{
	const char *end = memchr(text, '\0', size < LDSO_MAX_LENGTH ? size : LDSO_MAX_LENGTH);
	size_t length = end ? (size_t)(end - text) : 0;
	if (length < 3 || text[0] != '/' || text[length - 1] != '/' || !memmem(text, length, "/lib", 4))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '!' || text[i] > '~')
			return false;
	}
	*length_ret = length - 1;
	return true;
}

// The table is two texts at least; one alone may be anything.
static struct polyton_error *find_folders(const char *bytes, size_t size, struct arena *arena, struct ldso *ldso)
{
	for (const char *at = bytes, *end = bytes + size; (at = memchr(at, '/', (size_t)(end - at))); at++) {
		const char *next = at;
		size_t length;
		if (at > bytes && at[-1])
			continue;
		ldso->folder_count = 0;
		while (ldso->folder_count < LDSO_MAX_FOLDERS && is_folder(next, (size_t)(end - next), &length)) {
			const char *folder = arena_strndup(arena, next, length);
			if (!folder)
				return error_no_memory();
			ldso->folders[ldso->folder_count++] = folder;
			next += length + 2;
		}
		if (ldso->folder_count > 1)
			return NULL;
	}
	ldso->folder_count = 0;
	return NULL;
}

static bool has_old_hwcaps(const char *bytes, size_t size)
{
	static const char mark[] = "stable release version ";
	const char *found = memmem(bytes, size, mark, sizeof(mark) - 1);
	unsigned number[2] = { 0 };
	if (!found)
		return false;
	const char *at = found + sizeof(mark) - 1, *end = bytes + size;
	for (unsigned i = 0; i < 2; i++, at++) {
		for (; at < end && *at >= '0' && *at <= '9' && number[i] < 1000; at++)
			number[i] = 10 * number[i] + (unsigned)(*at - '0');
		if (at == end || *at != '.')
			break;
	}
	return number[0] == LDSO_OLD_HWCAPS_MAJOR && number[1] && number[1] <= LDSO_OLD_HWCAPS_MINOR;
}

static void use_defaults(const struct arch *arch, struct ldso *ldso)
{
	static const char *const wide[] = { "/lib64", "/usr/lib64", "/lib", "/usr/lib" };
	static const char *const narrow[] = { "/lib", "/usr/lib" };
	static const char *const musl[] = { "/lib", "/usr/local/lib", "/usr/lib" };
	const char *const *folders = ldso->is_musl ? musl : arch->word == 8 ? wide : narrow;
	ldso->folder_count = ldso->is_musl ? 3 : arch->word == 8 ? 4 : 2;
	memcpy(ldso->folders, folders, ldso->folder_count * sizeof(*folders));
}

struct polyton_error *ldso_read(const struct elf_file *file, const char *name, const struct arch *arch,
				struct arena *arena, struct ldso *ret)
{
	const char *slash = strrchr(name, '/');
	struct ldso ldso = { .is_musl = strncmp(slash ? slash + 1 : name, "ld-musl-", 8) == 0 };
	if (file && !ldso.is_musl) {
		struct polyton_error *error = find_folders((const char *)file->map, file->size, arena, &ldso);
		if (error)
			return error;
		ldso.has_old_hwcaps = has_old_hwcaps((const char *)file->map, file->size);
	}
	if (!ldso.folder_count)
		use_defaults(arch, &ldso);
	// glibc's $LIB is slibdir without its slash, and so the first of the folders.
	ldso.lib = ldso.is_musl ? "lib" : ldso.folders[0] + 1;
	*ret = ldso;
	return NULL;
}

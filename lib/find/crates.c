// A panic's location is a string like any other: no NUL ends it, and other strings may stand right before and behind
// it. What is certain is its inside: slashes around "NAME-VERSION", "src" behind that in nearly all crates, ".rs" at
// the end. Everything is looked for from there backwards.

#include "find/crates.h"

#include <stdlib.h>
#include <string.h>

#include "base/strmap.h"
#include "base/vec.h"

enum {
	CRATES_MAX = 4096,
	CRATES_MAX_NAME = 64, // crates.io's own limit
	CRATES_MAX_PATH = 4096,
};

struct scan {
	struct arena *arena;
	struct strmap seen; // "NAME-VERSION", in the file
	vec_of(struct polyton_crate) found;
};

struct text {
	const char *bytes;
	size_t length;
};

// Not isalpha(): the locale is the caller's.
static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_word_byte(char byte)
{
	return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
}

static bool is_path_byte(char byte)
{
	return is_word_byte(byte) || byte == '/' || byte == '.' || byte == '+';
}

static bool is_equal(struct text text, const char *string)
{
	return text.length == strlen(string) && memcmp(text.bytes, string, text.length) == 0;
}

static bool ends_with(struct text text, const char *end)
{
	size_t length = strlen(end);
	return text.length >= length && memcmp(text.bytes + text.length - length, end, length) == 0;
}

// "1." of "1.24.2": its length, 0 if it is no number without leading zeros.
static size_t number_length(struct text text)
{
	size_t length = 0;
	while (length < text.length && is_digit(text.bytes[length]))
		length++;
	return length > 1 && text.bytes[0] == '0' ? 0 : length;
}

// "alpha.9" up to the end or to @p stop.
static size_t labels_length(struct text text, char stop)
{
	size_t length = 0;
	bool is_empty = true;
	for (; length < text.length && text.bytes[length] != stop; length++) {
		if (text.bytes[length] == '.' ? is_empty
					      : !is_word_byte(text.bytes[length]) || text.bytes[length] == '_')
			return 0;
		is_empty = text.bytes[length] == '.';
	}
	return is_empty ? 0 : length;
}

// Semantic versioning 2.0.0: three numbers, then "-" labels, then "+" labels.
static bool is_version(struct text text)
{
	for (int i = 0; i < 3; i++) {
		size_t length = number_length(text);
		if (!length || (i < 2 && (length == text.length || text.bytes[length] != '.')))
			return false;
		length += i < 2;
		text = (struct text){ text.bytes + length, text.length - length };
	}
	for (const char *sign = "-+"; *sign; sign++) {
		if (!text.length || text.bytes[0] != *sign)
			continue;
		text = (struct text){ text.bytes + 1, text.length - 1 };
		size_t length = labels_length(text, '+');
		if (!length)
			return false;
		text = (struct text){ text.bytes + length, text.length - length };
	}
	return !text.length;
}

// Where the name of "NAME-VERSION" ends, 0 if it is none. Names may have "-5" inside, versions have two dots.
static size_t name_length(struct text folder)
{
	if (!folder.length || !is_letter(folder.bytes[0]))
		return 0;
	for (size_t i = 1; i < folder.length && i <= CRATES_MAX_NAME; i++) {
		if (folder.bytes[i] == '-' &&
		    is_version((struct text){ folder.bytes + i + 1, folder.length - i - 1 }))
			return i;
		if (!is_word_byte(folder.bytes[i]))
			return 0;
	}
	return 0;
}

// The folder before the last one of "…/a/b/": "a" for @p back 1. Empty if there is none.
static struct text parent(struct text path, size_t back)
{
	struct text folder = { path.bytes, 0 };
	for (size_t i = 0; i <= back; i++) {
		size_t end = path.length ? path.length - 1 : 0, start = end;
		while (start && path.bytes[start - 1] != '/')
			start--;
		folder = (struct text){ path.bytes + start, end - start };
		path.length = start;
	}
	return folder;
}

// "rustc-1.63.0", but not "rustc-hash-1.1.0".
static bool is_compiler(struct text folder)
{
	size_t name = name_length(folder);
	return is_equal((struct text){ folder.bytes, name }, "rustc");
}

// What is built into the standard library comes with std, and is not this object's choice: "/rust/deps/",
// "/rustc/HASH/vendor/", Debian's "/usr/src/rustc-1.63.0/vendor/", and std itself in old "rustc-1.40.0/src/".
static bool is_std(struct text before, struct text folder)
{
	bool is_vendor = is_equal(parent(before, 0), "vendor");
	return ends_with(before, "/rust/deps/") || (is_vendor && is_equal(parent(before, 2), "rustc")) ||
	       (is_vendor && is_compiler(parent(before, 1))) || is_compiler(folder);
}

static bool is_registry(struct text before)
{
	return is_equal(parent(before, 0), "registry") ||
	       (is_equal(parent(before, 1), "src") && is_equal(parent(before, 2), "registry"));
}

static struct polyton_error *keep(struct scan *scan, struct text folder, size_t name)
{
	uint32_t *place = strmap_at(&scan->seen, folder.bytes, folder.length, 0);
	if (!place)
		return error_no_memory();
	if (*place)
		return NULL;
	*place = 1;
	struct polyton_crate *crate = vec_push(&scan->found);
	char *text = arena_alloc(scan->arena, folder.length + 1, 1);
	if (!crate || !text)
		return error_no_memory();
	memcpy(text, folder.bytes, folder.length);
	text[name] = '\0';
	for (char *dash = text; (dash = strchr(dash, '-'));)
		*dash = '_';
	*crate = (struct polyton_crate){ text, text + name + 1 };
	return NULL;
}

// @p path is what may be one, and ends in ".rs". Its crate's folder is the last that looks like one.
static struct polyton_error *read_path(struct scan *scan, struct text path)
{
	struct text inside = { path.bytes + path.length, 0 }; // the crate's folder
	for (size_t at = path.length, end = path.length; at; at--) {
		if (path.bytes[at - 1] != '/')
			continue;
		struct text folder = { path.bytes + at, end - at }, before = { path.bytes, at };
		size_t name = inside.length ? name_length(folder) : 0;
		if (name) {
			bool is_crate = !memchr(inside.bytes, '/', inside.length) ||
					strncmp(inside.bytes, "src/", 4) == 0 || is_registry(before);
			return is_crate && !is_std(before, folder) ? keep(scan, folder, name) : NULL;
		}
		inside = (struct text){ path.bytes + at, path.length - at };
		end = at - 1;
	}
	return NULL;
}

static struct polyton_error *scan_bytes(struct scan *scan, const char *bytes, size_t size)
{
	const char *end = bytes + size, *done = bytes;
	for (const char *dot = bytes; (dot = memchr(dot, '.', (size_t)(end - dot))); dot++) {
		if (end - dot < 3 || dot[1] != 'r' || dot[2] != 's')
			continue;
		// Each byte is part of one path at most, so this is linear whatever the bytes are.
		const char *start = dot;
		while (start > done && dot - start < CRATES_MAX_PATH && is_path_byte(start[-1]))
			start--;
		done = dot + 3;
		struct polyton_error *error = read_path(scan, (struct text){ start, (size_t)(done - start) });
		if (error || scan->found.count == CRATES_MAX)
			return error;
	}
	return NULL;
}

static int compare_crates(const void *left, const void *right)
{
	const struct polyton_crate *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	return order ? order : strverscmp(a->version, b->version);
}

static bool has_constants_apart(const struct elf_file *file)
{
	for (uint32_t i = 0; i < file->segment_count; i++) {
		if (file->segments[i].p_type == PT_LOAD && !(file->segments[i].p_flags & (PF_W | PF_X)))
			return true;
	}
	return false;
}

// Constants, and no tables of the linker's or the unwinder's: those are half of what can be read only.
static bool has_constants(const struct elf_section *section)
{
	return section->header.sh_type == SHT_PROGBITS && (section->header.sh_flags & SHF_ALLOC) &&
	       !(section->header.sh_flags & (SHF_WRITE | SHF_EXECINSTR)) &&
	       strncmp(section->name, ".eh_frame", 9) != 0 && strcmp(section->name, ".gcc_except_table") != 0;
}

static struct polyton_error *scan_sections(struct scan *scan, const struct elf_file *file, bool *has_any_ret)
{
	size_t left = file->size; // sections of a damaged file may overlap
	*has_any_ret = false;
	for (uint32_t i = 0; i < file->section_count && scan->found.count < CRATES_MAX; i++) {
		const Elf64_Shdr *header = &file->sections[i].header;
		if (!has_constants(&file->sections[i]) || header->sh_offset > file->size ||
		    header->sh_size > file->size - header->sh_offset || header->sh_size > left)
			continue;
		left -= header->sh_size;
		*has_any_ret |= strncmp(file->sections[i].name, ".rodata", 7) == 0;
		struct polyton_error *error =
			scan_bytes(scan, (const char *)file->map + header->sh_offset, header->sh_size);
		if (error)
			return error;
	}
	return NULL;
}

static struct polyton_error *scan_segments(struct scan *scan, const struct elf_file *file)
{
	// Some linkers put constants and code into one segment.
	uint32_t unwanted = has_constants_apart(file) ? PF_W | PF_X : PF_W;
	size_t left = file->size; // segments of a damaged file may overlap
	for (uint32_t i = 0; i < file->segment_count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];
		if (segment->p_type != PT_LOAD || segment->p_flags & unwanted || scan->found.count == CRATES_MAX)
			continue;
		size_t size = segment->p_filesz < left ? segment->p_filesz : left;
		left -= size;
		struct polyton_error *error = scan_bytes(scan, (const char *)file->map + segment->p_offset, size);
		if (error)
			return error;
	}
	return NULL;
}

static struct polyton_error *list(struct scan *scan, struct polyton_crate **ret, size_t *count_ret)
{
	size_t count = 0;
	*ret = NULL;
	*count_ret = 0;
	if (!scan->found.count)
		return NULL;
	struct polyton_crate *crates = arena_alloc(scan->arena, scan->found.count, sizeof(*crates));
	if (!crates)
		return error_no_memory();
	qsort(scan->found.items, scan->found.count, sizeof(*crates), compare_crates);
	for (size_t i = 0; i < scan->found.count; i++) {
		// "a-b" and "a_b" are one name.
		if (!count || compare_crates(&crates[count - 1], &scan->found.items[i]) != 0)
			crates[count++] = scan->found.items[i];
	}
	*ret = crates;
	*count_ret = count;
	return NULL;
}

struct polyton_error *crates_scan(const struct elf_file *file, struct arena *arena, struct polyton_crate **ret,
				  size_t *count_ret)
{
	struct scan scan = { .arena = arena };
	bool has_sections = false;
	struct polyton_error *error = scan_sections(&scan, file, &has_sections);
	if (!error && !has_sections)
		error = scan_segments(&scan, file);
	if (!error)
		error = list(&scan, ret, count_ret);
	strmap_deinit(&scan.seen);
	vec_deinit(&scan.found);
	return error;
}

// DWARF 5, section 6.2.4; versions 2 to 4 have lists of plain strings instead of described entries. A damaged header
// gives no name, which costs the place of a declaration and nothing else.

#include "dwarf/lines.h"

#include "dwarf/forms.h"

enum { LINE_CONTENT_PATH = 1, LINE_CONTENT_DIRECTORY = 2, LINE_MAX_FORMATS = 16, LINE_MAX_PATH = 4096 };

/** Sticky: after damage @c at is NULL. */
struct line_reader {
	const struct line_source *source;
	struct dwarf_format format;
	const uint8_t *at, *end;
};

struct entry_format {
	uint8_t count;
	struct {
		uint64_t content, form;
	} items[LINE_MAX_FORMATS];
};

struct entry {
	const char *path;
	uint64_t directory;
};

static uint64_t take(struct line_reader *reader, size_t size)
{
	if (!reader->at || (size_t)(reader->end - reader->at) < size) {
		reader->at = NULL;
		return 0;
	}
	uint64_t value = bytes_number(reader->at, size, reader->format.is_big_endian);
	reader->at += size;
	return value;
}

static uint64_t take_leb(struct line_reader *reader)
{
	uint64_t value = 0;
	if (reader->at)
		reader->at = form_leb(reader->at, reader->end, &value);
	return value;
}

static const char *take_string(struct line_reader *reader)
{
	const uint8_t *start = reader->at;
	const uint8_t *nul = start ? memchr(start, 0, (size_t)(reader->end - start)) : NULL;
	reader->at = nul ? nul + 1 : NULL;
	return nul ? (const char *)start : "";
}

static const char *text_at(const uint8_t *section, size_t size, uint64_t offset)
{
	if (offset >= size || !memchr(section + offset, 0, size - offset))
		return "";
	return (const char *)section + offset;
}

// To the names of the header at @p offset; false if it is damaged or of an unknown version.
static bool begin(struct line_reader *reader, uint64_t offset)
{
	const struct line_source *source = reader->source;
	if (offset >= source->line_size)
		return false;
	reader->at = source->line + offset;
	reader->end = source->line + source->line_size;
	reader->format.is_big_endian = source->sections->is_big_endian;
	reader->format.offset_size = 4;
	uint64_t length = take(reader, 4);
	if (length == UINT32_MAX) {
		reader->format.offset_size = 8;
		length = take(reader, 8);
	}
	if (!reader->at || length > (size_t)(reader->end - reader->at))
		return false;
	reader->end = reader->at + length;
	uint64_t version = take(reader, 2);
	if (version < 2 || version > 5)
		return false;
	reader->format.version = (uint8_t)version;
	reader->format.address_size = 8;
	if (version == 5) {
		reader->format.address_size = (uint8_t)take(reader, 1);
		(void)take(reader, 1); // size of segment selectors
	}
	uint64_t header_length = take(reader, reader->format.offset_size);
	if (!reader->at || header_length > (size_t)(reader->end - reader->at))
		return false;
	reader->end = reader->at + header_length;
	// How the program is encoded: 5 numbers, 6 since version 4, and the sizes of its operations.
	for (int i = 0; i < (version >= 4 ? 5 : 4); i++)
		(void)take(reader, 1);
	uint64_t operations = take(reader, 1);
	for (uint64_t i = 1; i < operations; i++)
		(void)take(reader, 1);
	return reader->at != NULL;
}

static void read_format(struct line_reader *reader, struct entry_format *ret)
{
	ret->count = (uint8_t)take(reader, 1);
	if (ret->count > LINE_MAX_FORMATS) {
		ret->count = 0;
		reader->at = NULL;
	}
	for (uint8_t i = 0; i < ret->count; i++) {
		ret->items[i].content = take_leb(reader);
		ret->items[i].form = take_leb(reader);
	}
}

static const char *read_path(const struct line_reader *reader, uint64_t form, const uint8_t *value)
{
	const struct dwarf_sections *sections = reader->source->sections;
	const struct form_cursor cursor = { .format = reader->format,
					    .form = form,
					    .value = value,
					    .value_end = reader->at };
	uint64_t number;
	size_t width = reader->format.offset_size;
	if (form == FORM_STRING)
		return (const char *)value;
	if (!form_number(&cursor, &number))
		return "";
	if (form == FORM_LINE_STRP)
		return text_at(sections->line_str, sections->line_str_size, number);
	if (form == FORM_STRP)
		return text_at(sections->str, sections->str_size, number);
	if (form != FORM_STRX && !(form >= FORM_STRX1 && form <= FORM_STRX4))
		return "";
	uint64_t base = reader->source->str_offsets_base;
	if (base > sections->str_offsets_size || number >= (sections->str_offsets_size - base) / width)
		return "";
	return text_at(sections->str, sections->str_size,
		       bytes_number(sections->str_offsets + base + number * width, width,
				    reader->format.is_big_endian));
}

static struct entry read_entry(struct line_reader *reader, const struct entry_format *format)
{
	struct entry entry = { .path = "" };
	for (uint8_t i = 0; reader->at && i < format->count; i++) {
		uint64_t form = format->items[i].form;
		const uint8_t *value = reader->at;
		uint32_t size;
		enum form_kind kind = form_kind(&reader->format, form, &size);
		const uint8_t *behind = form_pass(&reader->format, kind, value, reader->end);
		if (!behind || kind == FORM_IS_INDIRECT || size > (size_t)(reader->end - behind)) {
			reader->at = NULL;
			break;
		}
		reader->at = behind + size;
		const struct form_cursor cursor = { .format = reader->format,
						    .form = form,
						    .value = value,
						    .value_end = reader->at };
		if (format->items[i].content == LINE_CONTENT_PATH)
			entry.path = read_path(reader, form, value);
		else if (format->items[i].content == LINE_CONTENT_DIRECTORY)
			(void)form_number(&cursor, &entry.directory);
	}
	return entry;
}

// Entry @p index of the list that begins here; up to it, or, if there is none, to the list's end.
static struct entry find_entry(struct line_reader *reader, uint64_t index)
{
	struct entry_format format = { 0 };
	struct entry found = { .path = "" };
	read_format(reader, &format);
	uint64_t count = take_leb(reader);
	// Entries of forms that take no bytes could be as many as one likes to claim.
	if (!format.count || !reader->at || count > (uint64_t)(reader->end - reader->at))
		return found;
	for (uint64_t i = 0; reader->at && i < count; i++) {
		struct entry entry = read_entry(reader, &format);
		if (i == index && reader->at) {
			found = entry;
			break;
		}
	}
	return found;
}

static void find_described(struct line_reader *reader, uint64_t index, const char **directory_ret,
			   const char **path_ret)
{
	struct line_reader directories = *reader;
	(void)find_entry(reader, UINT64_MAX);
	struct entry file = find_entry(reader, index);
	*path_ret = file.path;
	*directory_ret = file.directory ? find_entry(&directories, file.directory).path : "";
}

static const char *find_plain_directory(struct line_reader *reader, uint64_t index)
{
	const char *found = "";
	for (uint64_t i = 1; reader->at; i++) {
		const char *directory = take_string(reader);
		if (!*directory)
			break;
		if (i == index)
			found = directory;
	}
	return found;
}

static void find_plain(struct line_reader *reader, uint64_t index, const char **directory_ret, const char **path_ret)
{
	struct line_reader directories = *reader;
	(void)find_plain_directory(reader, 0);
	for (uint64_t i = 1; reader->at; i++) {
		const char *path = take_string(reader);
		uint64_t directory = *path ? take_leb(reader) : 0;
		if (!*path)
			break;
		(void)take_leb(reader); // time
		(void)take_leb(reader); // size
		if (i == index && reader->at) {
			*path_ret = path;
			*directory_ret = find_plain_directory(&directories, directory);
			break;
		}
	}
}

struct polyton_error *line_file_name(const struct line_source *source, uint64_t offset, uint64_t index,
				     struct arena *arena, const char **ret)
{
	struct line_reader reader = { .source = source };
	const char *directory = "", *path = "";
	*ret = "";
	if (!begin(&reader, offset))
		return NULL;
	if (reader.format.version == 5)
		find_described(&reader, index, &directory, &path);
	else
		find_plain(&reader, index, &directory, &path);
	if (!*path || strlen(path) + strlen(directory) > LINE_MAX_PATH)
		return NULL;
	bool is_whole = !*directory || *path == '/';
	const char *name = is_whole ? arena_strdup(arena, path) : arena_printf(arena, "%s/%s", directory, path);
	if (!name)
		return error_no_memory();
	*ret = name;
	return NULL;
}

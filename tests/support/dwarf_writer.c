#include "dwarf_writer.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void dwarf_put(const struct dwarf_writer *writer, struct dwarf_bytes *to, uint64_t value, size_t size)
{
	assert(to->size + size <= sizeof(to->bytes));
	for (size_t i = 0; i < size; i++) {
		size_t byte = writer->format.is_big_endian ? size - 1 - i : i;
		to->bytes[to->size++] = byte < 8 ? (uint8_t)(value >> 8 * byte) : 0;
	}
}

void dwarf_put_leb(struct dwarf_bytes *to, uint64_t value)
{
	do {
		assert(to->size < sizeof(to->bytes));
		to->bytes[to->size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value);
}

static void put_bytes(struct dwarf_bytes *to, const void *bytes, size_t size)
{
	assert(to->size + size <= sizeof(to->bytes));
	memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
}

size_t dwarf_put_string(struct dwarf_bytes *to, const char *text)
{
	size_t start = to->size;
	put_bytes(to, text, strlen(text) + 1);
	return start;
}

void dwarf_write_abbrev(struct dwarf_writer *writer, uint64_t code, uint64_t tag, int has_children, ...)
{
	va_list pairs;

	dwarf_put_leb(&writer->abbrev, code);
	dwarf_put_leb(&writer->abbrev, tag);
	dwarf_put_leb(&writer->abbrev, has_children ? 1 : 0);
	va_start(pairs, has_children);
	for (unsigned attribute; (attribute = va_arg(pairs, unsigned)) != 0;) {
		unsigned form = va_arg(pairs, unsigned);
		dwarf_put_leb(&writer->abbrev, attribute);
		dwarf_put_leb(&writer->abbrev, form);
		if (form == FORM_IMPLICIT_CONST)
			dwarf_put_leb(&writer->abbrev, 5);
	}
	va_end(pairs);
	dwarf_put_leb(&writer->abbrev, 0);
	dwarf_put_leb(&writer->abbrev, 0);
}

void dwarf_begin_unit(struct dwarf_writer *writer, uint8_t type, uint64_t id)
{
	struct dwarf_bytes *info = &writer->info;
	const struct dwarf_format *format = &writer->format;

	writer->unit = info->size;
	if (format->offset_size == 8)
		dwarf_put(writer, info, UINT32_MAX, 4);
	dwarf_put(writer, info, 0, format->offset_size);
	dwarf_put(writer, info, format->version, 2);
	if (format->version == 5) {
		dwarf_put(writer, info, type, 1);
		dwarf_put(writer, info, format->address_size, 1);
	}
	dwarf_put(writer, info, writer->abbrev_offset, format->offset_size);
	if (format->version < 5)
		dwarf_put(writer, info, format->address_size, 1);
	else if (type != 1 && type != 3)
		dwarf_put(writer, info, id, 8);
	if (type == 2 || type == 6)
		dwarf_put(writer, info, 0, format->offset_size);
}

void dwarf_end_unit(struct dwarf_writer *writer)
{
	size_t place = writer->unit + (writer->format.offset_size == 8 ? 4 : 0), end = writer->info.size;
	writer->info.size = place;
	dwarf_put(writer, &writer->info, end - place - writer->format.offset_size, writer->format.offset_size);
	writer->info.size = end;
}

uint64_t dwarf_location_form(const struct dwarf_writer *writer)
{
	return writer->format.version >= 4 ? FORM_EXPRLOC : FORM_BLOCK1;
}

void dwarf_write_location(struct dwarf_writer *writer, const void *bytes, size_t size)
{
	dwarf_put(writer, &writer->info, size, 1);
	put_bytes(&writer->info, bytes, size);
}

void dwarf_write_address(struct dwarf_writer *writer, uint64_t address)
{
	dwarf_put(writer, &writer->info, 1u + writer->format.address_size, 1);
	dwarf_put(writer, &writer->info, 0x03, 1);
	dwarf_put(writer, &writer->info, address, writer->format.address_size);
}

void dwarf_write_tls(struct dwarf_writer *writer, uint64_t offset, uint8_t operation)
{
	dwarf_put(writer, &writer->info, 2u + writer->format.address_size, 1);
	dwarf_put(writer, &writer->info, writer->format.address_size == 8 ? 0x0e : 0x0c, 1);
	dwarf_put(writer, &writer->info, offset, writer->format.address_size);
	dwarf_put(writer, &writer->info, operation, 1);
}

// The sample's abbreviations; those above 127 have codes of two bytes.
enum { ROOT = 1, PLAIN, TLS, NESTED, FUNCTION, BLOCK, AUTO, UNPLACED, SPACE, DECLARED, SPECIFIED, STRUCTURE, ODD };
enum { INDEXED = 200 };

static void write_abbrevs(struct dwarf_writer *writer)
{
	unsigned location = (unsigned)dwarf_location_form(writer);
	bool is_5 = writer->format.version == 5;

	writer->abbrev_offset = writer->abbrev.size;
	dwarf_write_abbrev(writer, ROOT, 0x11, true, 0x03u, FORM_STRING, 0x72u, is_5 ? 0x17u : 0x06u, 0x73u,
			   is_5 ? 0x17u : 0x06u, 0u);
	dwarf_write_abbrev(writer, PLAIN, 0x34, false, 0x03u, FORM_STRP, 0x3au, 0x0bu, 0x02u, location, 0x3fu, 0x0cu,
			   0u);
	dwarf_write_abbrev(writer, TLS, 0x34, false, 0x03u, FORM_STRING, 0x02u, location, 0u);
	dwarf_write_abbrev(writer, NESTED, 0x34, false, 0x03u, FORM_STRP, 0x6eu, FORM_STRP, 0x49u, 0x13u, 0x02u,
			   location, 0u);
	dwarf_write_abbrev(writer, FUNCTION, 0x2e, true, 0x03u, FORM_STRP, 0x40u, location, 0u);
	dwarf_write_abbrev(writer, BLOCK, 0x0b, true, 0u);
	dwarf_write_abbrev(writer, AUTO, 0x34, false, 0x03u, FORM_STRP, 0x02u, location, 0u);
	dwarf_write_abbrev(writer, UNPLACED, 0x34, false, 0x03u, FORM_STRP, 0u);
	dwarf_write_abbrev(writer, SPACE, 0x39, true, 0x03u, FORM_STRP, 0u);
	dwarf_write_abbrev(writer, DECLARED, 0x34, false, 0x03u, FORM_STRP, 0x2007u, FORM_STRP, 0x3cu, 0x0cu, 0u);
	dwarf_write_abbrev(writer, SPECIFIED, 0x34, false, 0x47u, 0x13u, 0x02u, location, 0u);
	// All kinds of attributes of changing size.
	dwarf_write_abbrev(writer, STRUCTURE, 0x13, false, 0x03u, FORM_STRING, 0x0bu, 0x0fu, 0x3eu, 0x0du, 0x1cu,
			   FORM_BLOCK2, 0x1cu, FORM_BLOCK4, 0x1cu, FORM_BLOCK, 0x49u, FORM_REF_UDATA, 0x01u,
			   FORM_REF_ADDR, 0x11u, FORM_ADDR, 0u);
	dwarf_write_abbrev(writer, ODD, 0x34, false, 0x03u, FORM_INDIRECT, 0x02u, FORM_INDIRECT, 0x3au,
			   is_5 ? FORM_IMPLICIT_CONST : 0x0bu, 0u);
	if (is_5)
		dwarf_write_abbrev(writer, INDEXED, 0x34, false, 0x03u, FORM_LINE_STRP, 0x6eu, 0x27u, 0x02u, location,
				   0u);
	dwarf_put_leb(&writer->abbrev, 0);
}

struct sample {
	struct dwarf_writer *writer;
	struct dwarf_expected *expected;
	size_t count;
};

static size_t begin(struct dwarf_writer *writer, uint64_t code)
{
	size_t die = writer->info.size;
	dwarf_put_leb(&writer->info, code);
	return die;
}

static void name(struct dwarf_writer *writer, const char *text)
{
	dwarf_put(writer, &writer->info, dwarf_put_string(&writer->str, text), writer->format.offset_size);
}

static void expect(struct sample *sample, size_t die, enum dwarf_place place, uint64_t value, const char *text,
		   bool is_linkage)
{
	assert(sample->count < DWARF_SAMPLE_MAX);
	sample->expected[sample->count++] = (struct dwarf_expected){ die, place, value, text, is_linkage };
}

static void write_plain(struct sample *sample, const char *text, uint64_t address)
{
	struct dwarf_writer *writer = sample->writer;
	expect(sample, begin(writer, PLAIN), DWARF_PLACE_ADDRESS, address, text, false);
	name(writer, text);
	dwarf_put(writer, &writer->info, 1, 1);
	dwarf_write_address(writer, address);
	dwarf_put(writer, &writer->info, 1, 1);
}

static void write_tls(struct sample *sample, const char *text, uint64_t offset, uint8_t operation)
{
	struct dwarf_writer *writer = sample->writer;
	expect(sample, begin(writer, TLS), DWARF_PLACE_TLS, offset, text, false);
	dwarf_put_string(&writer->info, text);
	dwarf_write_tls(writer, offset, operation);
}

static void write_with_location(struct dwarf_writer *writer, const char *text, const void *location, size_t size)
{
	(void)begin(writer, AUTO);
	name(writer, text);
	dwarf_write_location(writer, location, size);
}

static void write_function(struct sample *sample)
{
	struct dwarf_writer *writer = sample->writer;
	static const uint8_t frame[] = { 0x91, 0x6c };
	(void)begin(writer, FUNCTION);
	name(writer, "function");
	dwarf_write_location(writer, (const uint8_t[]){ 0x9c }, 1);
	write_with_location(writer, "automatic", frame, sizeof(frame));
	(void)begin(writer, UNPLACED);
	name(writer, "optimised_away");
	(void)begin(writer, BLOCK);
	expect(sample, begin(writer, NESTED), DWARF_PLACE_ADDRESS, 0x2008, "_ZZ8functionE6nested", true);
	name(writer, "nested");
	name(writer, "_ZZ8functionE6nested");
	dwarf_put(writer, &writer->info, 0, 4);
	dwarf_write_address(writer, 0x2008);
	(void)begin(writer, 0);
	(void)begin(writer, 0);
}

// What has the address for its value, and what lies in pieces, is nowhere; inside of nothing, it is known by name.
static void write_no_places(struct sample *sample)
{
	struct dwarf_writer *writer = sample->writer;
	uint8_t bytes[16] = { 0x03 };
	size_t size = 1u + writer->format.address_size;
	bytes[size] = 0x9f;
	expect(sample, writer->info.size, DWARF_PLACE_NONE, 0, "value_only", false);
	write_with_location(writer, "value_only", bytes, size + 1);
	expect(sample, writer->info.size, DWARF_PLACE_NONE, 0, "constant_only", false);
	write_with_location(writer, "constant_only", (const uint8_t[]){ 0x35, 0x9f }, 2);
	expect(sample, begin(writer, UNPLACED), DWARF_PLACE_NONE, 0, "outside", false);
	name(writer, "outside");
}

static void write_specified(struct sample *sample)
{
	struct dwarf_writer *writer = sample->writer;
	(void)begin(writer, SPACE);
	name(writer, "space");
	size_t declared = begin(writer, DECLARED);
	name(writer, "member");
	name(writer, "_ZN5space6memberE");
	dwarf_put(writer, &writer->info, 1, 1);
	(void)begin(writer, 0);
	expect(sample, begin(writer, SPECIFIED), DWARF_PLACE_ADDRESS, 0x2018, "_ZN5space6memberE", true);
	dwarf_put(writer, &writer->info, declared - writer->unit, 4);
	dwarf_write_address(writer, 0x2018);
}

static void write_structure(struct dwarf_writer *writer)
{
	struct dwarf_bytes *info = &writer->info;
	(void)begin(writer, STRUCTURE);
	dwarf_put_string(info, "structure");
	dwarf_put_leb(info, 300);
	dwarf_put_leb(info, 5000);
	dwarf_put(writer, info, 3, 2);
	dwarf_put(writer, info, 0, 3);
	dwarf_put(writer, info, 5, 4);
	dwarf_put(writer, info, 0, 5);
	dwarf_put_leb(info, 130);
	dwarf_put(writer, info, 0, 130);
	dwarf_put_leb(info, 1 << 20);
	dwarf_put(writer, info, 0,
		  writer->format.version == 2 ? writer->format.address_size : writer->format.offset_size);
	dwarf_put(writer, info, 0, writer->format.address_size);
}

static void write_odd(struct sample *sample)
{
	struct dwarf_writer *writer = sample->writer;
	expect(sample, begin(writer, ODD), DWARF_PLACE_ADDRESS, 0x2020, "odd", false);
	dwarf_put_leb(&writer->info, FORM_STRING);
	dwarf_put_string(&writer->info, "odd");
	dwarf_put_leb(&writer->info, dwarf_location_form(writer));
	dwarf_write_address(writer, 0x2020);
	if (writer->format.version < 5)
		dwarf_put(writer, &writer->info, 1, 1);
}

// By index: the second entry of this unit's part of .debug_addr, the third of its part of .debug_str_offsets.
static void write_indexed(struct sample *sample)
{
	struct dwarf_writer *writer = sample->writer;
	for (uint64_t i = 0; i < 3; i++) {
		dwarf_put(writer, &writer->addr, 0x3000 + 8 * i, writer->format.address_size);
		dwarf_put(writer, &writer->str_offsets, i == 2 ? dwarf_put_string(&writer->str, "_Zindexed") : 0,
			  writer->format.offset_size);
	}
	for (int operation = 0; operation < 2; operation++) {
		static const uint8_t plain[] = { 0xa1, 1 }, tls[] = { 0xa2, 0x81, 0, 0x9b };
		expect(sample, begin(writer, INDEXED), operation ? DWARF_PLACE_TLS : DWARF_PLACE_ADDRESS, 0x3008,
		       "_Zindexed", true);
		dwarf_put(writer, &writer->info, dwarf_put_string(&writer->line_str, "indexed"),
			  writer->format.offset_size);
		dwarf_put(writer, &writer->info, 2, 3);
		dwarf_write_location(writer, operation ? tls : plain, operation ? sizeof(tls) : sizeof(plain));
	}
}

size_t dwarf_write_sample(struct dwarf_writer *writer, struct dwarf_expected expected[DWARF_SAMPLE_MAX])
{
	struct sample sample = { .writer = writer, .expected = expected };
	bool is_5 = writer->format.version == 5;

	write_abbrevs(writer);
	// Something before the unit's own part, so that its base matters.
	dwarf_put(writer, &writer->str_offsets, 0, 16);
	dwarf_put(writer, &writer->addr, 0, 16);
	dwarf_begin_unit(writer, is_5 ? 1 : 0, 0);
	(void)begin(writer, ROOT);
	dwarf_put_string(&writer->info, "sample.c");
	dwarf_put(writer, &writer->info, writer->str_offsets.size, is_5 ? writer->format.offset_size : 4);
	dwarf_put(writer, &writer->info, writer->addr.size, is_5 ? writer->format.offset_size : 4);
	write_plain(&sample, "first", 0x2000);
	write_tls(&sample, "tls_gcc", 0x10, 0x9b);
	write_tls(&sample, "tls_llvm", 0, 0xe0);
	write_function(&sample);
	write_no_places(&sample);
	write_structure(writer);
	write_specified(&sample);
	write_odd(&sample);
	if (is_5)
		write_indexed(&sample);
	write_plain(&sample, "last", 0x2028);
	(void)begin(writer, 0);
	dwarf_end_unit(writer);
	return sample.count;
}

struct dwarf_sections dwarf_written(const struct dwarf_writer *writer)
{
	struct dwarf_sections ret = {
		.info = writer->info.bytes,
		.info_size = writer->info.size,
		.abbrev = writer->abbrev.bytes,
		.abbrev_size = writer->abbrev.size,
		.str = writer->str.bytes,
		.str_size = writer->str.size,
		.line_str = writer->line_str.bytes,
		.line_str_size = writer->line_str.size,
		.addr = writer->addr.bytes,
		.addr_size = writer->addr.size,
		.str_offsets = writer->str_offsets.bytes,
		.str_offsets_size = writer->str_offsets.size,
		.index = writer->index.bytes,
		.index_size = writer->index.size,
		.is_big_endian = writer->format.is_big_endian,
	};
	return ret;
}

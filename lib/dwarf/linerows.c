// Every table is run, as nothing but the tables themselves says for sure which addresses one has: compilers need not
// write .debug_aranges. A table is a program of one-byte operations, which makes rows of rising addresses.

#include "dwarf/linerows.h"

#include <string.h>

#include "dwarf/forms.h"

enum {
	LNE_END_SEQUENCE = 1,
	LNE_SET_ADDRESS = 2,
	LNS_EXTENDED = 0,
	LNS_COPY = 1,
	LNS_ADVANCE_PC = 2,
	LNS_ADVANCE_LINE = 3,
	LNS_SET_FILE = 4,
	LNS_CONST_ADD_PC = 8,
	LNS_FIXED_ADVANCE_PC = 9,
	LINEROWS_OPERATIONS = 256,
};

struct row {
	uint64_t address, file, line;
};

/** A table that is being run. */
struct table {
	struct bytes in;
	uint64_t offset; // of its header
	uint8_t step;    // bytes of the shortest instruction
	int8_t line_base;
	uint8_t line_range, opcode_base;
	uint8_t arguments[LINEROWS_OPERATIONS]; // of the standard operations, so that unknown ones can be passed
	struct row now, before;
	bool has_before; // a row of the same sequence
	uint64_t start;  // the sequence's first address
};

struct finding {
	const struct line_source *source;
	const uint64_t *addresses;
	uint32_t count;
	struct arena *arena;
	struct dwarf_line *lines;
	struct polyton_error *error;
};

static void begin_sequence(struct table *table)
{
	table->now = (struct row){ .file = 1, .line = 1 };
	table->has_before = false;
	table->start = 0;
}

// To the first operation; false if the header is damaged.
static bool begin(struct table *table, uint64_t version, size_t offset_size)
{
	struct bytes *in = &table->in;
	uint64_t length = bytes_take(in, offset_size);
	if (!in->at || length > (size_t)(in->end - in->at))
		return false;
	const uint8_t *program = in->at + length;
	table->step = (uint8_t)bytes_take(in, 1);
	if (version >= 4)
		(void)bytes_take(in, 1); // operations of an instruction word: of VLIW machines only
	(void)bytes_take(in, 1);         // whether rows begin statements
	table->line_base = (int8_t)bytes_take(in, 1);
	table->line_range = (uint8_t)bytes_take(in, 1);
	table->opcode_base = (uint8_t)bytes_take(in, 1);
	for (unsigned i = 1; i < table->opcode_base; i++)
		table->arguments[i] = (uint8_t)bytes_take(in, 1);
	if (!in->at || !table->line_range || !table->opcode_base)
		return false;
	in->at = program;
	begin_sequence(table);
	return true;
}

// What stands before the row is at the addresses up to it. Code that the linker left out is at address 0.
static void add_row(struct table *table, struct finding *finding)
{
	const struct row *row = &table->before;
	if (!table->has_before)
		table->start = table->now.address;
	bool is_range = table->has_before && table->start && row->line && row->line <= UINT32_MAX &&
			row->address < table->now.address;
	for (uint32_t i = 0; is_range && i < finding->count && !finding->error; i++) {
		struct dwarf_line *line = &finding->lines[i];
		if (line->line || finding->addresses[i] < row->address || finding->addresses[i] >= table->now.address)
			continue;
		finding->error =
			line_file_name(finding->source, table->offset, row->file, finding->arena, &line->file);
		if (!finding->error && line->file[0])
			line->line = (uint32_t)row->line;
	}
	table->before = table->now;
	table->has_before = true;
}

static void run_extended(struct table *table, struct finding *finding)
{
	struct bytes *in = &table->in;
	uint64_t size = bytes_take_leb(in, false);
	if (!in->at || !size || size > (size_t)(in->end - in->at)) {
		in->at = NULL;
		return;
	}
	const uint8_t *behind = in->at + size;
	uint64_t operation = bytes_take(in, 1);
	if (operation == LNE_END_SEQUENCE) {
		add_row(table, finding);
		begin_sequence(table);
	} else if (operation == LNE_SET_ADDRESS && size - 1 <= sizeof(uint64_t)) {
		table->now.address = bytes_take(in, size - 1);
	}
	in->at = behind;
}

static void run_standard(struct table *table, uint8_t operation, struct finding *finding)
{
	struct bytes *in = &table->in;
	switch (operation) {
	case LNS_EXTENDED:
		run_extended(table, finding);
		break;
	case LNS_COPY:
		add_row(table, finding);
		break;
	case LNS_ADVANCE_PC:
		table->now.address += bytes_take_leb(in, false) * table->step;
		break;
	case LNS_ADVANCE_LINE:
		table->now.line += bytes_take_leb(in, true);
		break;
	case LNS_SET_FILE:
		table->now.file = bytes_take_leb(in, false);
		break;
	case LNS_CONST_ADD_PC:
		table->now.address += (uint64_t)((255 - table->opcode_base) / table->line_range) * table->step;
		break;
	case LNS_FIXED_ADVANCE_PC:
		table->now.address += bytes_take(in, 2);
		break;
	default:
		for (unsigned i = 0; i < table->arguments[operation]; i++)
			(void)bytes_take_leb(in, false);
	}
}

// Each operation takes a byte at least, so this ends.
static void run(struct table *table, struct finding *finding)
{
	while (table->in.at && table->in.at < table->in.end && !finding->error) {
		uint8_t operation = (uint8_t)bytes_take(&table->in, 1);
		if (operation < table->opcode_base) {
			run_standard(table, operation, finding);
			continue;
		}
		unsigned special = operation - table->opcode_base;
		table->now.address += (uint64_t)(special / table->line_range) * table->step;
		table->now.line += (uint64_t)(int64_t)(table->line_base + (int)(special % table->line_range));
		add_row(table, finding);
	}
}

static bool is_done(const struct finding *finding)
{
	for (uint32_t i = 0; i < finding->count; i++) {
		if (!finding->lines[i].line)
			return false;
	}
	return true;
}

struct polyton_error *linerows_find(const struct line_source *source, const uint64_t *addresses, uint32_t count,
				    struct arena *arena, struct dwarf_line *ret)
{
	struct finding finding = { source, addresses, count, arena, ret, NULL };
	for (uint32_t i = 0; i < count; i++)
		ret[i] = (struct dwarf_line){ "", 0 };
	struct bytes all = { source->line, source->line + source->line_size, source->sections->is_big_endian };
	while (all.at && all.at < all.end && !finding.error && !is_done(&finding)) {
		struct table table = { .offset = (uint64_t)(all.at - source->line) };
		size_t offset_size = 4;
		uint64_t length = bytes_take(&all, 4);
		if (length == UINT32_MAX) {
			offset_size = 8;
			length = bytes_take(&all, 8);
		}
		if (!all.at || length > (size_t)(all.end - all.at))
			break; // where the next one begins is not known
		table.in = (struct bytes){ all.at, all.at + length, all.is_big_endian };
		all.at += length;
		uint64_t version = bytes_take(&table.in, 2);
		if (version < 2 || version > 5)
			continue;
		if (version == 5)
			(void)bytes_take(&table.in, 2); // sizes of addresses and of segment selectors
		if (begin(&table, version, offset_size))
			run(&table, &finding);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!ret[i].line)
			ret[i].file = "";
	}
	return finding.error;
}

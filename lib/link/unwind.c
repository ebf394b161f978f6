// DWARF 5, section 6.4, in the form of the Linux Standard Base (Core, 10.6 "Exception Frames"): a table sorted by
// address (.eh_frame_hdr) leads to a function's record (FDE), that to what it has in common with others (CIE). All of
// it is the target's memory: sizes are bounded, and whatever does not fit ends the way.

#include "link/unwind.h"

#include <string.h>

#include "link/cfa.h"

enum {
	UNWIND_MAX_RECORD = 8192, // bytes of a CIE or FDE
	UNWIND_MAX_FUNCTIONS = 1 << 24,
	ENTRY_SIZE = 8, // of the sorted table: two offsets of four bytes
};

// A CIE or FDE: its length, then so many bytes, which go to @p bytes. The length itself is left out.
static struct cfa_cursor read_record(struct target *target, uint64_t address, uint8_t *bytes)
{
	struct cfa_cursor cursor = { .bytes.is_big_endian = target->arch->is_big_endian,
				     .address = address + 4,
				     .start = bytes,
				     .word = target->arch->word };
	uint8_t head[4];
	struct polyton_error *error = target_read(target, address, head, sizeof(head));
	uint64_t length = error ? 0 : target_number(target, head, sizeof(head));
	// The 64-bit form is for sections of 4 GiB.
	if (!error && length && length <= UNWIND_MAX_RECORD)
		error = target_read(target, address + 4, bytes, length);
	if (!error && length && length <= UNWIND_MAX_RECORD) {
		cursor.bytes.at = bytes;
		cursor.bytes.end = bytes + length;
	}
	polyton_error_destroy(error);
	return cursor;
}

struct unwind_table unwind_find_table(const struct image *image)
{
	const Elf64_Phdr *segment = image_segment(image, PT_GNU_EH_FRAME);
	if (!segment)
		return (struct unwind_table){ 0 };
	return (struct unwind_table){ image->bias + segment->p_vaddr, segment->p_memsz };
}

// The FDE of the last function that begins at or before @p pc; 0 if there is none.
static uint64_t find_function(struct target *target, const struct unwind_table *table, uint64_t pc)
{
	uint8_t bytes[32];
	size_t size = table->size < sizeof(bytes) ? table->size : sizeof(bytes);
	struct cfa_cursor cursor = { { bytes, bytes + size, target->arch->is_big_endian },
				     table->address,
				     bytes,
				     target->arch->word };
	struct polyton_error *error = target_read(target, table->address, bytes, size);
	uint8_t version = (uint8_t)bytes_take(&cursor.bytes, 1),
		frame_encoding = (uint8_t)bytes_take(&cursor.bytes, 1);
	uint8_t count_encoding = (uint8_t)bytes_take(&cursor.bytes, 1),
		encoding = (uint8_t)bytes_take(&cursor.bytes, 1);
	(void)cfa_take_address(&cursor, frame_encoding);
	uint64_t count = cfa_take_address(&cursor, count_encoding);
	bool is_good = !error && cursor.bytes.at && version == 1 && encoding == CFA_PE_DATAREL_SDATA4 &&
		       count <= UNWIND_MAX_FUNCTIONS;
	uint64_t entries = is_good ? table->address + (uint64_t)(cursor.bytes.at - bytes) : 0, found = 0;
	polyton_error_destroy(error);
	for (uint64_t low = 0, high = is_good ? count : 0; low < high;) {
		uint64_t middle = low + (high - low) / 2;
		uint8_t entry[ENTRY_SIZE];
		error = target_read(target, entries + middle * ENTRY_SIZE, entry, sizeof(entry));
		if (error) {
			polyton_error_destroy(error);
			return 0;
		}
		uint64_t start = table->address + (uint64_t)(int64_t)target_int(target, entry);
		if (start <= pc) {
			found = table->address + (uint64_t)(int64_t)target_int(target, entry + 4);
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return found;
}

// "zR", "zPLR" and "zRS" are what compilers write. 'S', a signal handler's frame, has expressions.
static bool read_augmentation(struct cfa_cursor *cursor, const char *letters, struct cfa_common *common)
{
	uint64_t size = bytes_take_leb(&cursor->bytes, false);
	if (!cursor->bytes.at || size > (size_t)(cursor->bytes.end - cursor->bytes.at))
		return false;
	const uint8_t *behind = cursor->bytes.at + size;
	for (letters++; *letters; letters++) {
		if (*letters == 'R')
			common->encoding = (uint8_t)bytes_take(&cursor->bytes, 1);
		else if (*letters == 'L')
			(void)bytes_take(&cursor->bytes, 1);
		else if (*letters == 'P') {
			// Its address is of no interest, and may be indirect (0x80).
			uint8_t encoding = (uint8_t)bytes_take(&cursor->bytes, 1);
			(void)cfa_take_address(cursor, encoding & ~CFA_PE_INDIRECT);
		} else if (*letters != 'S' && *letters != 'B') {
			return false;
		}
	}
	if (!cursor->bytes.at)
		return false;
	cursor->bytes.at = behind;
	return true;
}

static bool read_common(struct target *target, uint64_t address, struct cfa_common *ret)
{
	uint8_t bytes[UNWIND_MAX_RECORD];
	struct cfa_cursor cursor = read_record(target, address, bytes);
	uint64_t id = bytes_take(&cursor.bytes, 4), version = bytes_take(&cursor.bytes, 1);
	const uint8_t *nul =
		cursor.bytes.at ? memchr(cursor.bytes.at, '\0', (size_t)(cursor.bytes.end - cursor.bytes.at)) : NULL;
	if (!nul || id || (version != 1 && version != 3))
		return false;
	const char *letters = (const char *)cursor.bytes.at;
	cursor.bytes.at = nul + 1;
	*ret = (struct cfa_common){ .has_augmentation = letters[0] == 'z' };
	ret->code_align = bytes_take_leb(&cursor.bytes, false);
	ret->data_align = (int64_t)bytes_take_leb(&cursor.bytes, true);
	uint64_t column = version == 1 ? bytes_take(&cursor.bytes, 1) : bytes_take_leb(&cursor.bytes, false);
	if (!cursor.bytes.at || column != target->arch->tracing.return_register ||
	    (letters[0] && !ret->has_augmentation) ||
	    (ret->has_augmentation && !read_augmentation(&cursor, letters, ret)))
		return false;
	struct cfa_program program = { .in = cursor, .common = ret, .pc = UINT64_MAX };
	bool is_good = cfa_run(&program);
	ret->initial = program.rules;
	return is_good;
}

static bool find_rules(struct target *target, const struct unwind_table *table, uint64_t pc, struct cfa_rules *ret)
{
	uint8_t bytes[UNWIND_MAX_RECORD];
	struct cfa_common common;
	uint64_t address = find_function(target, table, pc);
	if (!address)
		return false;
	struct cfa_cursor cursor = read_record(target, address, bytes);
	// Back to the CIE, counted from this field.
	uint64_t back = bytes_take(&cursor.bytes, 4);
	if (!cursor.bytes.at || !back || !read_common(target, address + 4 - back, &common))
		return false;
	uint64_t start = cfa_take_address(&cursor, common.encoding);
	uint64_t size = cfa_take_address(&cursor, common.encoding & CFA_PE_FORM);
	if (common.has_augmentation) {
		uint64_t skip = bytes_take_leb(&cursor.bytes, false);
		if (!cursor.bytes.at || skip > (size_t)(cursor.bytes.end - cursor.bytes.at))
			return false;
		cursor.bytes.at += skip;
	}
	if (!cursor.bytes.at || pc < start || pc - start >= size)
		return false;
	struct cfa_program program = { .in = cursor,
				       .common = &common,
				       .location = start,
				       .pc = pc,
				       .rules = common.initial };
	bool is_good = cfa_run(&program);
	*ret = program.rules;
	return is_good;
}

static bool is_known(const struct unwind_frame *frame, uint64_t number)
{
	return number < ARCH_FRAME_REGISTERS && frame->known >> number & 1;
}

static bool apply(struct target *target, const struct cfa_rules *rules, struct unwind_frame *frame)
{
	const struct arch_tracing *tracing = &target->arch->tracing;
	struct unwind_frame up = *frame;
	if (!is_known(frame, rules->cfa_register))
		return false;
	uint64_t cfa = frame->registers[rules->cfa_register] + (uint64_t)rules->cfa_offset;
	for (unsigned i = 0; i < tracing->frame_registers; i++) {
		const struct cfa_rule *rule = &rules->registers[i];
		uint64_t bit = UINT64_C(1) << i, number = (uint64_t)rule->number;
		struct polyton_error *error = NULL;
		if (rule->kind == CFA_RULE_OFFSET)
			error = target_read_words(target, cfa + number, 1, &up.registers[i]);
		else if (rule->kind == CFA_RULE_REGISTER && is_known(frame, number))
			up.registers[i] = frame->registers[number];
		if (error || rule->kind == CFA_RULE_UNDEFINED ||
		    (rule->kind == CFA_RULE_REGISTER && !is_known(frame, number)))
			up.known &= ~bit;
		else
			up.known |= is_known(frame, i) || rule->kind != CFA_RULE_SAME ? bit : 0;
		polyton_error_destroy(error);
	}
	// A return address that nothing is said of is no way up: the outermost frame.
	bool has_return = rules->registers[tracing->return_register].kind != CFA_RULE_SAME;
	up.registers[tracing->sp_register] = cfa;
	up.known |= UINT64_C(1) << tracing->sp_register;
	// A stack that does not get shorter is none.
	if (!has_return || !is_known(&up, tracing->return_register) || cfa <= frame->registers[tracing->sp_register])
		return false;
	*frame = up;
	return true;
}

bool unwind_step(struct target *target, const struct unwind_table *table, bool is_call, struct unwind_frame *frame)
{
	const struct arch_tracing *tracing = &target->arch->tracing;
	struct cfa_rules rules;
	if (!table->address || !tracing->frame_registers || !is_known(frame, tracing->return_register))
		return false;
	uint64_t pc = frame->registers[tracing->return_register] - (is_call ? 1 : 0);
	return find_rules(target, table, pc, &rules) && apply(target, &rules, frame);
}

#include "made_types.h"

#include "check.h"

#include <elf.h>
#include <stdio.h>

enum { CELLS = 200 };

void made_types_init(struct made_types *made, enum polyton_language language)
{
	memset(made, 0, sizeof(*made));
	made->graph = (struct type_graph){ .types = made->types,
					   .members = made->members,
					   .enumerators = made->enumerators,
					   .variants = made->variants };
	made->language = language;
	made->producer = "";
}

void made_types_deinit(struct made_types *made)
{
	arena_deinit(&made->arena);
}

uint32_t made_type(struct made_types *made, enum type_kind kind, const char *name, uint64_t size)
{
	uint32_t index = made->graph.type_count++;
	assert_true(index < MADE_MOST);
	made->types[index] = (struct type){ .kind = kind,
					    .name = name,
					    .size = size,
					    .language = made->language,
					    .target = POLYTON_NONE,
					    .discriminant = POLYTON_NONE };
	return index;
}

uint32_t made_base(struct made_types *made, const char *name, enum type_encoding encoding, uint64_t size)
{
	uint32_t index = made_type(made, TYPE_BASE, name, size);
	made->types[index].encoding = encoding;
	return index;
}

uint32_t made_target(struct made_types *made, enum type_kind kind, const char *name, uint32_t target)
{
	bool is_pointer = kind == TYPE_POINTER || kind == TYPE_REFERENCE;
	uint32_t index = made_type(made, kind, name, is_pointer ? 8 : 0);
	made->types[index].target = target;
	return index;
}

uint32_t made_array(struct made_types *made, uint32_t element, uint64_t count)
{
	uint32_t index = made_target(made, TYPE_ARRAY, "", element);
	made->types[index].count = count;
	return index;
}

static struct type_member *add_member(struct made_types *made, const char *name, uint64_t offset, uint32_t of)
{
	uint32_t index = made->graph.member_count++;
	assert_true(index < MADE_MOST);
	made->members[index] = (struct type_member){ .name = name, .type = of, .offset = offset };
	return &made->members[index];
}

struct type_member *made_member(struct made_types *made, uint32_t type, const char *name, uint64_t offset,
				uint32_t of)
{
	struct type *row = &made->types[type];
	if (!row->member_count)
		row->first_member = made->graph.member_count;
	assert_int_equal(row->first_member + row->member_count, made->graph.member_count);
	row->member_count++;
	return add_member(made, name, offset, of);
}

struct type_member *made_argument(struct made_types *made, uint32_t type, const char *name, uint32_t of)
{
	struct type *row = &made->types[type];
	if (!row->parameter_count)
		row->first_parameter = made->graph.member_count;
	assert_int_equal(row->first_parameter + row->parameter_count, made->graph.member_count);
	row->parameter_count++;
	return add_member(made, name, 0, of);
}

void made_enumerator(struct made_types *made, uint32_t type, const char *name, int64_t value)
{
	struct type *row = &made->types[type];
	uint32_t index = made->graph.enumerator_count++;
	assert_true(index < MADE_MOST);
	if (!row->enumerator_count++)
		row->first_enumerator = index;
	made->enumerators[index] = (struct type_enumerator){ name, value };
}

void made_discriminant(struct made_types *made, uint32_t type, uint64_t offset, uint32_t of)
{
	made->types[type].discriminant = made->graph.member_count;
	add_member(made, "", offset, of);
}

static struct type_variant *add_variant(struct made_types *made, uint32_t type, const char *name, uint32_t content)
{
	struct type *row = &made->types[type];
	uint32_t index = made->graph.variant_count++;
	assert_true(index < MADE_MOST);
	if (!row->variant_count++)
		row->first_variant = index;
	made->variants[index] = (struct type_variant){ .name = name, .member = POLYTON_NONE };
	if (content != POLYTON_NONE) {
		made->variants[index].member = made->graph.member_count;
		add_member(made, name, 0, content);
	}
	return &made->variants[index];
}

void made_variant(struct made_types *made, uint32_t type, const char *name, uint64_t value, uint32_t content)
{
	struct type_variant *variant = add_variant(made, type, name, content);
	variant->first_value = variant->last_value = value;
}

void made_default_variant(struct made_types *made, uint32_t type, const char *name, uint32_t content)
{
	add_variant(made, type, name, content)->is_default = true;
}

uint32_t made_wrapper(struct made_types *made, const char *name, const char *member, uint32_t of)
{
	uint32_t type = made_type(made, TYPE_STRUCT, name, made->types[of].size);
	made_member(made, type, member, 0, of);
	return type;
}

uint32_t made_option(struct made_types *made, uint32_t of, uint64_t size)
{
	uint32_t tag = made_base(made, "u64", TYPE_ENCODING_UNSIGNED, 8);
	uint32_t some = made_type(made, TYPE_STRUCT, "Some", size), none = made_type(made, TYPE_STRUCT, "None", size);
	uint32_t option = made_type(made, TYPE_STRUCT, "core::option::Option<T>", size);
	made_member(made, some, "__0", 8, of);
	made_discriminant(made, option, 0, tag);
	made_variant(made, option, "None", 0, none);
	made_variant(made, option, "Some", 1, some);
	return option;
}

void made_memory(struct made_types *made, uint64_t address, const void *bytes, size_t size, const char *symbol)
{
	assert_true(made->piece_count < MADE_PIECES);
	made->pieces[made->piece_count].address = address;
	made->pieces[made->piece_count].bytes = bytes;
	made->pieces[made->piece_count].size = size;
	made->pieces[made->piece_count++].symbol = symbol;
}

static bool read_memory(void *arg, uint64_t address, void *buffer, size_t size)
{
	const struct made_types *made = arg;
	for (size_t i = 0; i < made->piece_count; i++) {
		uint64_t offset = address - made->pieces[i].address;
		if (offset > made->pieces[i].size || made->pieces[i].size - offset < size)
			continue;
		memcpy(buffer, (const uint8_t *)made->pieces[i].bytes + offset, size);
		return true;
	}
	return false;
}

static const char *name_symbol(void *arg, uint64_t address)
{
	const struct made_types *made = arg;
	for (size_t i = 0; i < made->piece_count; i++)
		if (address - made->pieces[i].address < made->pieces[i].size)
			return made->pieces[i].symbol;
	return NULL;
}

static const char *line(struct made_types *made, const struct value_input *input, const struct value_limits *limits,
			size_t cells)
{
	const struct value_source source = {
		.arch = arch_find(made->is_big_endian ? EM_S390 : EM_X86_64, ELFCLASS64,
				  made->is_big_endian ? ELFDATA2MSB : ELFDATA2LSB),
		.read = read_memory,
		.symbol = name_symbol,
		.arg = made,
	};
	assert_non_null(source.arch);
	assert_fine(value_decode(input, &source, limits, &made->arena, &made->value));
	const char *text = value_line(&made->value, cells, &made->arena);
	assert_non_null(text);
	return text;
}

const char *made_line_within(struct made_types *made, uint32_t type, const void *bytes, size_t size,
			     const struct value_limits *limits, size_t cells)
{
	const struct type_of of = { .graph = &made->graph, .type = type, .producer = made->producer };
	return line(made, &(struct value_input){ .type = &of, .bytes = bytes, .size = size }, limits, cells);
}

const char *made_line(struct made_types *made, uint32_t type, const void *bytes, size_t size)
{
	return made_line_within(made, type, bytes, size, NULL, CELLS);
}

const char *made_line_at(struct made_types *made, uint32_t type, const void *bytes, size_t size, uint64_t address)
{
	const struct type_of of = { .graph = &made->graph, .type = type, .producer = made->producer };
	return line(made, &(struct value_input){ .type = &of, .bytes = bytes, .size = size, .address = address },
		    NULL, CELLS);
}

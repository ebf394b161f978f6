// Constructors of variables run from small functions of the compiler's making, one for each source file. Their code
// has one shape: the variable's address goes into a register, and that, or a copy of it, is an argument of the next
// call. So a few instructions are recognised by their bytes and the rest is passed over. Bytes that look like one of
// them by chance do not lead to an address that is asked for.

#include "find/startcode.h"

#include <libiberty/demangle.h>
#include <string.h>

#include "arch/instruction.h"

enum {
	STARTCODE_MAX_FUNCTIONS = 1 << 16,
	STARTCODE_MAX_FUNCTION = 1 << 16, // bytes looked at of each
	STARTCODE_NAMELESS = 4096,        // the same, if it has no symbol that says its size
	STARTCODE_MAX_TOTAL = 1 << 24,    // of all
	STARTCODE_REACH = 512,            // bytes from where the address is taken to the call
	STARTCODE_MAX_NAME = 1024,        // libiberty's stack grows with longer ones
	STARTCODE_STUB = 12,              // bytes of a stub that are looked at
};

struct function {
	uint64_t address, size;
};

/** A word that a call may go through, and the symbol that it was bound for. */
struct slot {
	uint64_t address;
	const char *name;
};

struct reader {
	const struct object_input *object;
	vec_of(struct function) functions;
	vec_of(struct slot) slots;
	vec_of(uint64_t) constructors;
	struct startcode_way *ways;
	size_t way_count;
	// The function that is being read.
	const uint8_t *code;
	size_t size;
	uint64_t address;
};

bool startcode_is_known(const struct object_input *object)
{
	return object->file && object->file->machine == EM_X86_64 && object->file->elf_class == ELFCLASS64;
}

// Most names are told to be none by how constructors are mangled: C1, C2, or CI1, CI2 for inherited ones.
static bool is_constructor(const char *name)
{
	return strncmp(name, "_Z", 2) == 0 && (strstr(name, "C1") || strstr(name, "C2") || strstr(name, "CI")) &&
	       strnlen(name, STARTCODE_MAX_NAME) < STARTCODE_MAX_NAME && is_gnu_v3_mangled_ctor(name);
}

// What gcc and clang make of a file's dynamic initialisers. Functions of these names run at the start, whoever calls
// them.
static bool is_start_function(const char *name)
{
	static const char *const starts[] = { "_GLOBAL__sub_I_", "_GLOBAL__I_", "__cxx_global_var_init",
					      "_Z41__static_initialization_and_destruction_0",
					      "_ZL41__static_initialization_and_destruction_0" };
	for (size_t i = 0; name[0] == '_' && i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return false;
}

static int compare_words(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

struct init_array {
	uint64_t start, size;
	uint32_t relative;
	uint64_t *entries;
};

static bool take_entry(const struct elf_reloc *reloc, void *arg)
{
	const struct init_array *array = arg;
	if (reloc->type == array->relative && reloc->offset - array->start < array->size)
		array->entries[(reloc->offset - array->start) / sizeof(uint64_t)] = (uint64_t)reloc->addend;
	return true;
}

// The words as the loader leaves them, without the load bias, sorted.
static struct polyton_error *read_init_array(const struct object_input *object, uint64_t **ret, size_t *count_ret)
{
	const struct elf_dynamic *dynamic = &object->dynamic;
	size_t count = dynamic->init_array_size / sizeof(uint64_t);
	if (!dynamic->init_array || count > STARTCODE_MAX_FUNCTIONS)
		count = 0;
	struct init_array array = { dynamic->init_array, count * sizeof(uint64_t), R_X86_64_RELATIVE, NULL };
	array.entries = calloc(count + 1, sizeof(*array.entries));
	if (!array.entries)
		return error_no_memory();
	const uint8_t *words = elf_file_at(object->file, array.start, array.size);
	if (words)
		memcpy(array.entries, words, array.size);
	if (count)
		elf_relocs_visit(object->file, dynamic, array.relative, take_entry, &array);
	qsort(array.entries, count, sizeof(*array.entries), compare_words);
	*ret = array.entries;
	*count_ret = count;
	return NULL;
}

static int compare_functions(const void *left, const void *right)
{
	const struct function *a = left, *b = right;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->size < b->size) - (a->size > b->size);
}

static struct polyton_error *add_function(struct reader *reader, uint64_t address, uint64_t size)
{
	struct function *function = vec_push(&reader->functions);
	if (!function)
		return error_no_memory();
	*function = (struct function){ address, size };
	return NULL;
}

static void sort_functions(struct reader *reader)
{
	struct function *functions = reader->functions.items;
	size_t kept = 0;
	if (reader->functions.count)
		qsort(functions, reader->functions.count, sizeof(*functions), compare_functions);
	for (size_t i = 0; i < reader->functions.count; i++) {
		if (!kept || functions[i].address != functions[kept - 1].address)
			functions[kept++] = functions[i];
	}
	reader->functions.count = kept;
}

// What is read beyond the end of a function without a symbol does no harm: it is not for nothing that the address of
// just this variable is given to a constructor.
static struct polyton_error *add_nameless(struct reader *reader, const uint64_t *entries, size_t count)
{
	size_t named = reader->functions.count;
	struct polyton_error *error = NULL;
	for (size_t i = 0; !error && i < count; i++) {
		size_t first = 0, end = named;
		while (first < end) {
			size_t middle = first + (end - first) / 2;
			if (reader->functions.items[middle].address < entries[i])
				first = middle + 1;
			else
				end = middle;
		}
		if (first == named || reader->functions.items[first].address != entries[i])
			error = add_function(reader, entries[i], STARTCODE_NAMELESS);
	}
	return error;
}

// The start functions, each once, and the constructors.
static struct polyton_error *read_symbols(struct reader *reader, const uint64_t *entries, size_t count)
{
	const struct elf_symbols *symbols = &reader->object->symbols;
	struct polyton_error *error = NULL;
	for (size_t i = 1; !error && i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF)
			continue;
		const char *name = elf_symbol_name(symbols, symbol);
		bool is_start = is_start_function(name) ||
				bsearch(&symbol->st_value, entries, count, sizeof(*entries), compare_words);
		if (is_start && symbol->st_size && reader->functions.count < STARTCODE_MAX_FUNCTIONS) {
			error = add_function(reader, symbol->st_value, symbol->st_size);
		} else if (is_constructor(name)) {
			uint64_t *constructor = vec_push(&reader->constructors);
			if (!constructor)
				return error_no_memory();
			*constructor = symbol->st_value;
		}
	}
	if (error)
		return error;
	if (reader->constructors.count)
		qsort(reader->constructors.items, reader->constructors.count, sizeof(uint64_t), compare_words);
	sort_functions(reader);
	return add_nameless(reader, entries, count);
}

static int compare_slots(const void *left, const void *right)
{
	const struct slot *a = left, *b = right;
	return (a->address > b->address) - (a->address < b->address);
}

static struct polyton_error *read_slots(const struct finder *finder, uint32_t object, struct reader *reader)
{
	const struct linkage *linkage = finder->linkage;
	uint64_t bias = linkage->resolver->objects[object].bias;
	size_t first = 0, end = linkage->references->count;
	while (first < end) { // they are in object order
		size_t middle = first + (end - first) / 2;
		if (linkage->references->items[middle].object < object)
			first = middle + 1;
		else
			end = middle;
	}
	for (size_t i = first; i < linkage->references->count; i++) {
		const struct reference *reference = &linkage->references->items[i];
		if (reference->object != object)
			break;
		struct slot *slot = vec_push(&reader->slots);
		if (!slot)
			return error_no_memory();
		*slot = (struct slot){ reference->place - bias, reference_name(linkage->resolver, reference) };
	}
	if (reader->slots.count)
		qsort(reader->slots.items, reader->slots.count, sizeof(*reader->slots.items), compare_slots);
	return NULL;
}

static int compare_ways(const void *left, const void *right)
{
	const struct startcode_way *a = left, *b = right;
	return (a->address > b->address) - (a->address < b->address);
}

static struct startcode_way *find_way(const struct reader *reader, uint64_t address, bool is_slot)
{
	struct startcode_way key = { .address = address };
	struct startcode_way *way = bsearch(&key, reader->ways, reader->way_count, sizeof(key), compare_ways);
	return way && way->is_slot == is_slot ? way : NULL;
}

static const char *slot_name(const struct reader *reader, uint64_t address)
{
	struct slot key = { address, NULL };
	const struct slot *slot = bsearch(&key, reader->slots.items, reader->slots.count, sizeof(key), compare_slots);
	return slot ? slot->name : NULL;
}

// A stub of the procedure linkage table: "jmp *A(%rip)", after endbr64 and bnd at the most.
static const char *stub_name(const struct reader *reader, uint64_t address)
{
	static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	const uint8_t *bytes = elf_file_at(reader->object->file, address, STARTCODE_STUB);
	size_t at = 0;
	if (!bytes)
		return NULL;
	if (memcmp(bytes, endbr, sizeof(endbr)) == 0)
		at += sizeof(endbr);
	at += bytes[at] == 0xf2;
	struct instruction jump = instruction_read(bytes + at, STARTCODE_STUB - at, address + at);
	return jump.kind == INSTRUCTION_JUMP_SLOT ? slot_name(reader, jump.address) : NULL;
}

static bool is_code(const struct object_input *object, uint64_t address)
{
	for (uint32_t i = 0; i < object->segment_count; i++) {
		const Elf64_Phdr *segment = &object->segments[i];
		if (segment->p_type == PT_LOAD && segment->p_flags & PF_X &&
		    address - segment->p_vaddr < segment->p_filesz)
			return true;
	}
	return false;
}

static bool is_known_constructor(const struct reader *reader, uint64_t address)
{
	return reader->constructors.count && bsearch(&address, reader->constructors.items, reader->constructors.count,
						     sizeof(address), compare_words);
}

// What a call does with a variable whose address is in these registers. False: it is no call.
static bool judge_call(const struct reader *reader, const struct instruction *call, unsigned registers,
		       unsigned *does)
{
	bool is_slot = call->kind == INSTRUCTION_CALL_SLOT || call->kind == INSTRUCTION_JUMP_SLOT;
	bool is_first = registers & 1u << INSTRUCTION_RDI, is_second = registers & 1u << INSTRUCTION_RSI;
	const char *name = is_slot ? slot_name(reader, call->address) : stub_name(reader, call->address);
	if (is_slot ? !name : !is_code(reader->object, call->address))
		return false;
	if (is_second && name && strcmp(name, "__cxa_atexit") == 0)
		*does |= STARTCODE_DESTROYS;
	if (is_first && (name ? is_constructor(name) : is_known_constructor(reader, call->address)))
		*does |= STARTCODE_CONSTRUCTS;
	return true;
}

// Follow an address from register @p target through those that it is in, until it is in none.
static unsigned follow(const struct reader *reader, size_t at, unsigned target)
{
	// What a called function leaves as it is: rbx, rbp, r12 to r15.
	const unsigned preserved = 1u << INSTRUCTION_RBX | 1u << INSTRUCTION_RBP | 0xfu << INSTRUCTION_R12;
	unsigned registers = 1u << target, does = 0;
	size_t end = at + STARTCODE_REACH < reader->size ? at + STARTCODE_REACH : reader->size;
	while (registers && at < end) {
		struct instruction next = instruction_read(reader->code + at, end - at, reader->address + at);
		switch (next.kind) {
		case INSTRUCTION_ADDRESS:
		case INSTRUCTION_LOAD:
		case INSTRUCTION_CLOBBER:
			registers &= ~(1u << next.to);
			break;
		case INSTRUCTION_MOVE:
			registers = (registers & ~(1u << next.to)) | (registers >> next.from & 1) << next.to;
			break;
		case INSTRUCTION_CALL:
		case INSTRUCTION_CALL_SLOT:
			if (judge_call(reader, &next, registers, &does))
				registers &= preserved;
			else
				next.size = 1;
			break;
		case INSTRUCTION_JUMP: // out of the function, or to another path through it
		case INSTRUCTION_JUMP_SLOT:
			if (judge_call(reader, &next, registers, &does))
				registers = 0;
			else
				next.size = 1;
			break;
		case INSTRUCTION_OTHER:
			break;
		}
		at += next.size;
	}
	return does;
}

static void read_function(struct reader *reader, const struct function *function)
{
	reader->address = function->address;
	reader->size = function->size < STARTCODE_MAX_FUNCTION ? function->size : STARTCODE_MAX_FUNCTION;
	reader->code = elf_file_at(reader->object->file, function->address, reader->size);
	for (; !reader->code && reader->size; reader->size /= 2) // the segment ends before
		reader->code = elf_file_at(reader->object->file, function->address, reader->size / 2);
	for (size_t at = 0; reader->code && at < reader->size; at++) {
		if (!instruction_may_take(reader->code[at]))
			continue;
		struct instruction taking =
			instruction_read(reader->code + at, reader->size - at, reader->address + at);
		if (taking.kind != INSTRUCTION_ADDRESS && taking.kind != INSTRUCTION_LOAD)
			continue;
		struct startcode_way *way = find_way(reader, taking.address, taking.kind == INSTRUCTION_LOAD);
		if (way)
			way->does |= follow(reader, at + taking.size, taking.to);
	}
}

struct polyton_error *startcode_look(const struct finder *finder, uint32_t object, struct startcode_way *ways,
				     size_t count)
{
	struct reader reader = { .object = &finder->inputs[object], .ways = ways, .way_count = count };
	struct polyton_error *error;
	auto_free uint64_t *entries = NULL;
	size_t total = 0, entry_count;
	if (!count || !startcode_is_known(reader.object))
		return NULL;
	qsort(ways, count, sizeof(*ways), compare_ways);
	error = read_init_array(reader.object, &entries, &entry_count);
	if (!error)
		error = read_symbols(&reader, entries, entry_count);
	if (!error)
		error = read_slots(finder, object, &reader);
	for (size_t i = 0; !error && i < reader.functions.count && total < STARTCODE_MAX_TOTAL; i++) {
		read_function(&reader, &reader.functions.items[i]);
		total += reader.size;
	}
	vec_deinit(&reader.functions);
	vec_deinit(&reader.slots);
	vec_deinit(&reader.constructors);
	return error;
}

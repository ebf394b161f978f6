// Constructors of variables run from small functions of the compiler's making, one for each source file. Their code
// has one shape: the variable's address goes into a register, and that, or a copy of it, is an argument of the next
// call.

#include "find/startcode.h"

#include <libiberty/demangle.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/flow.h"

enum {
	STARTCODE_MAX_FUNCTIONS = 1 << 16,
	STARTCODE_MAX_POINTERS = 1 << 16,
	STARTCODE_MAX_FUNCTION = 1 << 16, // bytes looked at of each
	STARTCODE_NAMELESS = 4096,        // the same, if it has no symbol that says its size
	STARTCODE_MAX_TOTAL = 1 << 24,    // of all
	STARTCODE_MAX_NAME = 1024,        // libiberty's stack grows with longer ones
};

struct function {
	uint64_t address, size;
};

/** A word that the loader adds the load bias to, and the way to what it then points to. */
struct pointer {
	uint64_t address;
	struct startcode_way *way;
};

/** A word that a call may go through, and the symbol that it was bound for. */
struct slot {
	uint64_t address;
	const char *name;
};

struct reader {
	const struct object_input *object;
	const struct arch *arch;
	vec_of(struct function) functions;
	vec_of(struct pointer) pointers;
	vec_of(struct slot) slots;
	vec_of(uint64_t) constructors;
	struct startcode_way *ways;
	size_t way_count;
};

static const struct arch *arch_of(const struct object_input *object)
{
	const struct elf_file *file = object->file;
	return file ? arch_find(file->machine, file->elf_class, file->elf_data) : NULL;
}

bool startcode_is_known(const struct object_input *object)
{
	const struct arch *arch = arch_of(object);
	return arch && arch->flow;
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

// Of rows that begin with an address, or are one.
static int compare_addresses(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

static void *find_row(const void *rows, size_t count, size_t size, uint64_t address)
{
	return count ? bsearch(&address, rows, count, size, compare_addresses) : NULL;
}

static struct startcode_way *find_way(const struct reader *reader, uint64_t address, bool is_slot)
{
	struct startcode_way *way = find_row(reader->ways, reader->way_count, sizeof(*way), address);
	return way && way->is_slot == is_slot ? way : NULL;
}

/** What is read of the words that the loader adds the load bias to. */
struct relative_words {
	struct reader *reader;
	uint64_t start, size; ///< The array of start functions.
	uint64_t *entries;    ///< What it holds.
	struct polyton_error *error;
};

static bool take_word(const struct elf_reloc *reloc, void *arg)
{
	struct relative_words *words = arg;
	struct reader *reader = words->reader;
	if (reloc->type != reader->arch->relocs.relative)
		return true;
	if (reloc->offset - words->start < words->size)
		words->entries[(reloc->offset - words->start) / sizeof(uint64_t)] = (uint64_t)reloc->addend;
	struct startcode_way *way = reader->pointers.count < STARTCODE_MAX_POINTERS
					    ? find_way(reader, (uint64_t)reloc->addend, false)
					    : NULL;
	struct pointer *pointer = way ? vec_push(&reader->pointers) : NULL;
	if (pointer)
		*pointer = (struct pointer){ reloc->offset, way };
	else if (way)
		words->error = error_no_memory();
	return !words->error;
}

// The array's words as the loader leaves them, without the load bias, sorted; and words that lead to variables.
static struct polyton_error *read_words(struct reader *reader, uint64_t **ret, size_t *count_ret)
{
	const struct object_input *object = reader->object;
	const struct elf_dynamic *dynamic = &object->dynamic;
	size_t count = dynamic->init_array_size / sizeof(uint64_t);
	if (!dynamic->init_array || count > STARTCODE_MAX_FUNCTIONS)
		count = 0;
	struct relative_words words = { reader, dynamic->init_array, count * sizeof(uint64_t), NULL, NULL };
	words.entries = calloc(count + 1, sizeof(*words.entries));
	if (!words.entries)
		return error_no_memory();
	const uint8_t *bytes = elf_file_at(object->file, words.start, words.size);
	if (bytes)
		memcpy(words.entries, bytes, words.size);
	elf_relocs_visit(object->file, dynamic, reader->arch->relocs.relative, take_word, &words);
	qsort(words.entries, count, sizeof(*words.entries), compare_addresses);
	if (reader->pointers.count)
		qsort(reader->pointers.items, reader->pointers.count, sizeof(*reader->pointers.items),
		      compare_addresses);
	*ret = words.entries;
	*count_ret = count;
	return words.error;
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
		if (!find_row(reader->functions.items, named, sizeof(struct function), entries[i]))
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
				find_row(entries, count, sizeof(*entries), symbol->st_value);
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
		qsort(reader->constructors.items, reader->constructors.count, sizeof(uint64_t), compare_addresses);
	sort_functions(reader);
	return add_nameless(reader, entries, count);
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
		qsort(reader->slots.items, reader->slots.count, sizeof(*reader->slots.items), compare_addresses);
	return NULL;
}

static const char *slot_name(const struct reader *reader, uint64_t address)
{
	const struct slot *slot = find_row(reader->slots.items, reader->slots.count, sizeof(*slot), address);
	return slot ? slot->name : NULL;
}

static const char *stub_name(const struct reader *reader, uint64_t address)
{
	const struct flow *flow = reader->arch->flow;
	const struct flow_code code = { elf_file_at(reader->object->file, address, flow->stub_size), flow->stub_size,
					address };
	uint64_t slot;
	return code.bytes && flow->stub(&code, &slot) ? slot_name(reader, slot) : NULL;
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
	return find_row(reader->constructors.items, reader->constructors.count, sizeof(uint64_t), address);
}

// By a word that leads to a variable: one that was bound for its name, that the loader adds the bias to, or that the
// linker has filled in for good.
static struct startcode_way *way_through(const struct reader *reader, uint64_t address)
{
	struct startcode_way *way = find_way(reader, address, true);
	const struct pointer *pointer =
		way ? NULL : find_row(reader->pointers.items, reader->pointers.count, sizeof(*pointer), address);
	const uint8_t *bytes = way || pointer ? NULL : elf_file_at(reader->object->file, address, sizeof(uint64_t));
	if (bytes) {
		memcpy(&address, bytes, sizeof(address));
		way = find_way(reader, address, false);
	}
	return pointer ? pointer->way : way;
}

static struct startcode_way *way_of(const struct reader *reader, const struct flow_value *value)
{
	if (value->kind == FLOW_WORD)
		return way_through(reader, value->address);
	return value->kind == FLOW_ADDRESS ? find_way(reader, value->address, false) : NULL;
}

static bool is_wanted(const struct flow_value *value, void *arg)
{
	return way_of(arg, value);
}

static bool judge_call(const struct flow_call *call, void *arg)
{
	const struct reader *reader = arg;
	struct startcode_way *first = way_of(reader, &call->arguments[0]);
	struct startcode_way *second = way_of(reader, &call->arguments[1]);
	const char *name = call->is_slot ? slot_name(reader, call->target) : stub_name(reader, call->target);
	if (call->is_slot ? !name : !is_code(reader->object, call->target))
		return false;
	if (second && name && strcmp(name, "__cxa_atexit") == 0)
		second->does |= STARTCODE_DESTROYS;
	if (first && (name ? is_constructor(name) : is_known_constructor(reader, call->target)))
		first->does |= STARTCODE_CONSTRUCTS;
	return true;
}

// Returns how many bytes were read.
static size_t read_function(struct reader *reader, const struct function *function)
{
	const struct flow_visitor visitor = { is_wanted, judge_call, reader };
	struct flow_code code = { NULL, function->size, function->address };
	if (code.size > STARTCODE_MAX_FUNCTION)
		code.size = STARTCODE_MAX_FUNCTION;
	while (code.size && !(code.bytes = elf_file_at(reader->object->file, code.address, code.size)))
		code.size /= 2; // the segment ends before
	if (code.bytes)
		reader->arch->flow->follow(&code, &visitor);
	return code.size;
}

struct polyton_error *startcode_look(const struct finder *finder, uint32_t object, struct startcode_way *ways,
				     size_t count)
{
	struct reader reader = { .object = &finder->inputs[object],
				 .arch = arch_of(&finder->inputs[object]),
				 .ways = ways,
				 .way_count = count };
	struct polyton_error *error;
	auto_free uint64_t *entries = NULL;
	size_t total = 0, entry_count;
	if (!count || !reader.arch || !reader.arch->flow)
		return NULL;
	qsort(ways, count, sizeof(*ways), compare_addresses);
	error = read_words(&reader, &entries, &entry_count);
	if (!error)
		error = read_symbols(&reader, entries, entry_count);
	if (!error)
		error = read_slots(finder, object, &reader);
	for (size_t i = 0; !error && i < reader.functions.count && total < STARTCODE_MAX_TOTAL; i++)
		total += read_function(&reader, &reader.functions.items[i]);
	vec_deinit(&reader.pointers);
	vec_deinit(&reader.functions);
	vec_deinit(&reader.slots);
	vec_deinit(&reader.constructors);
	return error;
}

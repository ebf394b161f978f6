// Graphs, bytes and memory of unknown intent: circles, absurd counts, names that promise what is not there. What comes
// out is bounded text; the sanitizers see to the rest.

#include "../support/check.h"

#include <elf.h>
#include <stdlib.h>

#include "value/decode.h"

enum { TYPES = 24, MEMBERS = 64, ENUMERATORS = 16, VARIANTS = 16, BYTES = 96, ROUNDS = 6000, CELLS = 120 };

static uint64_t seed;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint32_t below(uint32_t limit)
{
	return (uint32_t)(next() % limit);
}

// Small numbers mostly, and the ends of their range.
static uint64_t odd_number(void)
{
	static const uint64_t odd[] = { 0,  1,  2,  4,   8,    8,          16,         24,
					32, 40, 96, 255, 4096, UINT32_MAX, UINT64_MAX, INT64_MAX };
	return odd[below(count_of(odd))];
}

static const char *const names[] = {
	"",
	"a",
	"_M_p",
	"_M_string_length",
	"_M_start",
	"_M_finish",
	"_M_node_count",
	"_M_header",
	"_M_size",
	"_M_element_count",
	"_M_before_begin",
	"_M_head_impl",
	"_M_engaged",
	"_M_index",
	"_M_manager",
	"_M_invoker",
	"_M_offset",
	"__begin_node_",
	"__size_",
	"__first_node_",
	"__start_",
	"__f_",
	"__data",
	"__lock",
	"__owner",
	"__count",
	"__kind",
	"__r",
	"_vptr.X",
	"len",
	"length",
	"data_ptr",
	"vtable",
	"value",
	"val",
	"state",
	"inner",
	"data",
	"poison",
	"once",
	"borrow",
	"items",
	"table",
	"bucket_mask",
	"ctrl",
	"head",
	"tail",
	"cap",
	"secs",
	"nanos",
	"strong",
	"weak",
	"dtor_state",
	"__0",
	"__1",
	"\x1b[31m\\",
};

static const char *const type_names[] = {
	"",
	"x",
	"char",
	"wchar_t",
	"unsigned char",
	"long double",
	"std::__cxx11::basic_string<char>",
	"std::__1::basic_string<char>",
	"std::basic_string_view<char>",
	"std::vector<T>",
	"std::span<T>",
	"std::map<K, V>",
	"std::set<K>",
	"std::unordered_map<K, V>",
	"std::list<T>",
	"std::forward_list<T>",
	"std::deque<T>",
	"std::unique_ptr<T>",
	"std::shared_ptr<T>",
	"std::weak_ptr<T>",
	"std::optional<T>",
	"std::variant<T>",
	"std::function<T>",
	"std::any",
	"std::pair<A, B>",
	"std::tuple<A>",
	"std::_Head_base<0, A>",
	"std::chrono::duration<R, P>",
	"std::filesystem::path",
	"std::once_flag",
	"std::atomic<T>",
	"std::allocator<T>",
	"__pthread_mutex_s",
	"__pthread_rwlock_arch_t",
	"alloc::vec::Vec<T>",
	"alloc::string::String",
	"alloc::sync::Arc<T>",
	"alloc::rc::Rc<str>",
	"alloc::rc::Weak<T>",
	"core::cell::RefCell<T>",
	"std::sync::mutex::Mutex<T>",
	"std::sync::rwlock::RwLock<T>",
	"std::sync::once::Once",
	"std::sync::once_lock::OnceLock<T>",
	"core::cell::once::OnceCell<T>",
	"core::cell::lazy::LazyCell<T>",
	"std::collections::HashMap<K, V>",
	"alloc::collections::VecDeque<T>",
	"alloc::collections::BTreeMap<K, V>",
	"core::time::Duration",
	"core::mem::MaybeUninit<T>",
	"&str",
	"&[T]",
	"&T",
	"alloc::boxed::Box<T>",
	"(A, B)",
	"std::thread::local::fast::Key<T>",
	"std::sys::thread_local::native::lazy::Storage<T>",
	"std::sys::thread_local::native::eager::Storage<T>",
	"a<b<c",
	"<T as U>::V",
	"x->y>",
};

// In range mostly.
static uint32_t any_index(uint32_t count)
{
	return below(16) ? below(count) : (uint32_t)odd_number();
}

struct hostile {
	struct type types[TYPES];
	struct type_member members[MEMBERS];
	struct type_enumerator enumerators[ENUMERATORS];
	struct type_variant variants[VARIANTS];
	uint8_t bytes[BYTES];
};

static void make_type(struct type *type)
{
	*type = (struct type){
		.kind = below(4) ? TYPE_STRUCT : (enum type_kind)below(TYPE_INCOMPLETE + 1),
		.encoding = (enum type_encoding)below(TYPE_ENCODING_OTHER + 1),
		.language = (enum polyton_language)below(POLYTON_LANGUAGE_RUST + 1),
		.name = type_names[below(count_of(type_names))],
		.size = odd_number(),
		.target = any_index(TYPES),
		.count = odd_number(),
		.first_member = any_index(MEMBERS),
		.member_count = below(8) ? below(6) : (uint32_t)odd_number(),
		.first_enumerator = any_index(ENUMERATORS),
		.enumerator_count = below(6),
		.first_variant = any_index(VARIANTS),
		.variant_count = below(3) ? 0 : below(5),
		.discriminant = any_index(MEMBERS),
		.first_parameter = any_index(MEMBERS),
		.parameter_count = below(4),
	};
}

static void make(struct hostile *hostile)
{
	static const char *const variants[] = { "None", "Some", "Alive", "Destroyed", "Initial", "Init", "" };
	for (size_t i = 0; i < TYPES; i++)
		make_type(&hostile->types[i]);
	for (size_t i = 0; i < MEMBERS; i++)
		hostile->members[i] = (struct type_member){ .name = names[below(count_of(names))],
							    .type = any_index(TYPES),
							    .offset = odd_number(),
							    .bit_size = below(8) ? 0 : (uint32_t)odd_number(),
							    .bit_offset = below(8) ? 0 : (uint32_t)odd_number(),
							    .is_base = !below(6),
							    .is_artificial = !below(12) };
	for (size_t i = 0; i < ENUMERATORS; i++)
		hostile->enumerators[i] =
			(struct type_enumerator){ names[below(count_of(names))], (int64_t)odd_number() };
	for (size_t i = 0; i < VARIANTS; i++)
		hostile->variants[i] = (struct type_variant){ .name = variants[below(count_of(variants))],
							      .is_default = !below(4),
							      .first_value = below(3),
							      .last_value = below(4),
							      .member = any_index(MEMBERS) };
	for (size_t i = 0; i < BYTES; i += 8) {
		uint64_t word = below(3) ? odd_number() : 0x1000 + next() % 0x10000;
		memcpy(hostile->bytes + i, &word, sizeof(word));
	}
}

// Memory is everywhere, and points everywhere.
static bool read_anything(void *arg, uint64_t address, void *buffer, size_t size)
{
	size_t *total = arg;
	*total += size;
	if (!below(20))
		return false;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buffer)[i] = (uint8_t)((address + i) % 8 < 2 ? next() : 0);
	return true;
}

static const char *name_anything(void *arg, uint64_t address)
{
	static const char *const symbols[] = { "a!b",
					       "a!vtable for X+0x10",
					       "a!vtable for ",
					       "a!_Function_handler<int (), x>::_M_invoke()",
					       "a!_Function_handler<",
					       "a!drop_in_place<",
					       "a!drop_in_place<x>",
					       "a!_Manager_internal<>",
					       "a!\x1b[0m\xff" };
	(void)arg;
	return address % 3 ? symbols[below(count_of(symbols))] : NULL;
}

// One line of whole characters; how many.
static size_t check_text(const char *text)
{
	size_t count = 0;
	assert_non_null(text);
	for (const char *c = text; *c; c++) {
		assert_true((uint8_t)*c >= 0x20 && *c != 0x7f);
		count += ((uint8_t)*c & 0xc0) != 0x80;
	}
	return count;
}

static void decode(struct hostile *hostile, const struct value_limits *limits, const struct arch *arch)
{
	const struct type_graph graph = { hostile->types,       TYPES,       hostile->members,  MEMBERS,
					  hostile->enumerators, ENUMERATORS, hostile->variants, VARIANTS };
	const struct type_of of = { .graph = &graph, .type = below(TYPES), .producer = "rustc version 1.95.0" };
	const struct value_input input = { &of, hostile->bytes, below(4) ? BYTES : below(BYTES),
					   below(2) ? 0x7000 : 0, VALUE_PLAIN };
	size_t total = 0, count;
	const struct value_source source = { arch, read_anything, name_anything, &total };
	struct arena arena = { 0 };
	struct value value;
	const struct value_row *rows;

	assert_fine(value_decode(&input, &source, limits, &arena, &value));
	assert_true(total <= (limits ? limits : &value_line_limits)->bytes);
	const char *line = value_line(&value, CELLS, &arena);
	assert_true(check_text(line) <= CELLS);
	assert_fine(value_rows(&value, CELLS, &arena, &rows, &count));
	assert_true(count <= value_tree_limits.nodes * 2 + 1);
	for (size_t i = 0; i < count; i++) {
		check_text(rows[i].text);
		check_text(rows[i].label);
	}
	arena_deinit(&arena);
}

static void anything_ends(void **state)
{
	(void)state;
	const struct arch *archs[] = { arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB),
				       arch_find(EM_386, ELFCLASS32, ELFDATA2LSB),
				       arch_find(EM_S390, ELFCLASS64, ELFDATA2MSB) };
	struct hostile *hostile = malloc(sizeof(*hostile));
	assert_non_null(hostile);
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		seed = round * 0x9e3779b97f4a7c15;
		make(hostile);
		decode(hostile, round % 16 ? NULL : &value_tree_limits, archs[round % 3]);
	}
	free(hostile);
}

// One type that contains and points to itself in every way.
static void circles_end(void **state)
{
	(void)state;
	struct hostile *hostile = calloc(1, sizeof(*hostile));
	assert_non_null(hostile);
	for (int language = POLYTON_LANGUAGE_C; language <= POLYTON_LANGUAGE_RUST; language++) {
		for (enum type_kind kind = TYPE_UNKNOWN; kind <= TYPE_INCOMPLETE; kind++) {
			for (size_t i = 0; i < TYPES; i++)
				hostile->types[i] = (struct type){ .kind = kind,
								   .language = (enum polyton_language)language,
								   .name = "&core::x",
								   .size = 8,
								   .count = UINT32_MAX,
								   .member_count = 1 + (i & 1),
								   .discriminant = POLYTON_NONE };
			for (size_t i = 0; i < MEMBERS; i++)
				hostile->members[i] = (struct type_member){ .name = "inner" };
			seed = 1;
			decode(hostile, &value_tree_limits, arch_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB));
		}
	}
	free(hostile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything_ends),
		cmocka_unit_test(circles_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

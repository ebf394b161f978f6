// Values of C++: what the libraries' types hold, in memory that was constructed and in memory that was not.

#include "../support/check.h"

#include "../support/made_types.h"

static struct made_types made;
static uint32_t int_type, char_type, word_type;

static int begin(void **state)
{
	(void)state;
	made_types_init(&made, POLYTON_LANGUAGE_CXX);
	int_type = made_base(&made, "int", TYPE_ENCODING_SIGNED, 4);
	char_type = made_base(&made, "char", TYPE_ENCODING_CHARACTER, 1);
	word_type = made_base(&made, "unsigned long", TYPE_ENCODING_UNSIGNED, 8);
	return 0;
}

static int end(void **state)
{
	(void)state;
	made_types_deinit(&made);
	return 0;
}

static uint32_t pointer_to(uint32_t type)
{
	return made_target(&made, TYPE_POINTER, "", type);
}

// libstdc++'s, 32 bytes: pointer, length, the text itself.
static uint32_t string_type(void)
{
	uint32_t hider = made_wrapper(&made, "std::string::_Alloc_hider", "_M_p", pointer_to(char_type));
	uint32_t text = made_array(&made, char_type, 16);
	uint32_t string =
		made_type(&made, TYPE_STRUCT, "std::__cxx11::basic_string<char, std::allocator<char> >", 32);
	made_member(&made, string, "_M_dataplus", 0, hider);
	made_member(&made, string, "_M_string_length", 8, word_type);
	made_member(&made, string, "_M_local_buf", 16, text);
	made_argument(&made, string, "_CharT", char_type);
	return string;
}

static void strings(void **state)
{
	(void)state;
	uint32_t string = string_type();
	struct {
		uint64_t pointer, length;
		char text[16];
	} bytes = { 0x5010, 5, "short" };

	// Its own text needs no reading: nothing is at that address.
	assert_string_equal(made_line_at(&made, string, &bytes, sizeof(bytes), 0x5000), "\"short\"");
	static const char elsewhere[] = "a text that is too long for it";
	made_memory(&made, 0x9000, elsewhere, sizeof(elsewhere), NULL);
	bytes.pointer = 0x9000;
	bytes.length = strlen(elsewhere);
	assert_string_equal(made_line(&made, string, &bytes, sizeof(bytes)), "\"a text that is too long for it\"");
	bytes.pointer = bytes.length = 0;
	assert_string_equal(made_line(&made, string, &bytes, sizeof(bytes)), "<not constructed>");
	bytes.pointer = 0x666;
	bytes.length = UINT64_MAX;
	assert_string_equal(made_line(&made, string, &bytes, sizeof(bytes)),
			    "0x666 <size 18446744073709551615, unreadable>");
}

static void libcxx_strings(void **state)
{
	(void)state;
	uint32_t bytes_type = made_array(&made, char_type, 24);
	uint32_t string = made_type(&made, TYPE_STRUCT, "std::__1::basic_string<char>", 24);
	made_member(&made, string, "__r_", 0, bytes_type);
	made_argument(&made, string, "_CharT", char_type);
	const uint8_t kept[24] = { 5 << 1, 's', 'h', 'o', 'r', 't' };
	assert_string_equal(made_line(&made, string, kept, sizeof(kept)), "\"short\"");
	made_memory(&made, 0x9000, "elsewhere", 9, NULL);
	const uint64_t away[3] = { 33, 9, 0x9000 };
	assert_string_equal(made_line(&made, string, away, sizeof(away)), "\"elsewhere\"");
	const uint8_t wrong[24] = { 60 << 1 };
	assert_null(strstr(made_line(&made, string, wrong, sizeof(wrong)), "size"));
}

static uint32_t vector_of(uint32_t element)
{
	uint32_t pointer = pointer_to(element);
	uint32_t impl = made_type(&made, TYPE_STRUCT, "std::_Vector_impl", 24);
	made_member(&made, impl, "_M_start", 0, pointer);
	made_member(&made, impl, "_M_finish", 8, pointer);
	made_member(&made, impl, "_M_end_of_storage", 16, pointer);
	uint32_t base = made_wrapper(&made, "std::_Vector_base<T>", "_M_impl", impl);
	uint32_t vector = made_type(&made, TYPE_STRUCT, "std::vector<T>", 24);
	made_member(&made, vector, "", 0, base)->is_base = true;
	made_argument(&made, vector, "_Tp", element);
	return vector;
}

static void vectors(void **state)
{
	(void)state;
	uint32_t vector = vector_of(int_type);
	static int32_t numbers[20] = { 1, 2, 3 };
	made_memory(&made, 0x9000, numbers, sizeof(numbers), NULL);
	assert_string_equal(made_line(&made, vector, ((const uint64_t[3]){ 0x9000, 0x900c, 0x9010 }), 24),
			    "size 3 [1, 2, 3]");
	assert_string_equal(made_line(&made, vector, ((const uint64_t[3]){ 0x9000, 0x9050, 0x9050 }), 24),
			    "size 20 [1, 2, 3, 0 <repeats 17>]");
	assert_string_equal(made_line(&made, vector, ((const uint64_t[3]){ 0, 0, 0 }), 24), "size 0");
	assert_string_equal(made_line(&made, vector, ((const uint64_t[3]){ 0x9001, 0x9000, 0 }), 24),
			    "<makes no sense>");
	assert_string_equal(made_line(&made, vector, ((const uint64_t[3]){ 0x8000, UINT64_MAX & ~3, 0 }), 24),
			    "size 4611686018427379711 <unreadable>");
	// More than is read: the rest is left out.
	static int32_t many[3000];
	for (int32_t i = 0; i < 3000; i++)
		many[i] = i;
	made_memory(&made, 0x20000, many, sizeof(many), NULL);
	assert_string_equal(made_line(&made, vector, ((const uint64_t[3]){ 0x20000, 0x20000 + sizeof(many), 0 }), 24),
			    "size 3000 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]");
}

// A node of libstdc++'s tree: colour, parent, left, right, and a pair of two ints.
struct tree_node {
	uint64_t colour, parent, left, right;
	int32_t pair[2];
};

static uint32_t map_type(void)
{
	uint32_t header = made_type(&made, TYPE_STRUCT, "std::_Rb_tree_node_base", 32);
	uint32_t map = made_type(&made, TYPE_STRUCT, "std::map<int, int>", 48);
	made_member(&made, map, "_M_header", 8, header);
	made_member(&made, map, "_M_node_count", 40, word_type);
	made_argument(&made, map, "_Key", int_type);
	made_argument(&made, map, "_Tp", int_type);
	return map;
}

static void maps(void **state)
{
	(void)state;
	uint32_t map = map_type();
	// 1 - 2 - 3, the root in the middle; the header lies at 0x8008.
	static const struct tree_node nodes[3] = { { 1, 0xa100, 0, 0, { 1, 10 } },
						   { 1, 0x8008, 0xa000, 0xa200, { 2, 20 } },
						   { 1, 0xa100, 0, 0, { 3, 30 } } };
	for (size_t i = 0; i < 3; i++)
		made_memory(&made, 0xa000 + i * 0x100, &nodes[i], sizeof(nodes[i]), NULL);
	uint64_t bytes[6] = { 0, 0, 0xa100, 0xa000, 0xa200, 3 };
	assert_string_equal(made_line(&made, map, bytes, sizeof(bytes)), "size 3 {1: 10, 2: 20, 3: 30}");
	bytes[5] = 5000; // more than there are: the walk ends where memory does
	const char *text = made_line(&made, map, bytes, sizeof(bytes));
	assert_memory_equal(text, "size 5000 {1: 10, 2: 20, 3: 30", strlen("size 5000 {1: 10, 2: 20, 3: 30"));
	bytes[5] = 0;
	assert_string_equal(made_line(&made, map, bytes, sizeof(bytes)), "size 0");
}

static void looping_lists_end(void **state)
{
	(void)state;
	uint32_t list = made_type(&made, TYPE_STRUCT, "std::forward_list<int>", 8), pointer = pointer_to(int_type);
	made_member(&made, list, "_M_next", 0, pointer);
	made_argument(&made, list, "_Tp", int_type);
	static const uint64_t node[2] = { 0xb000, 7 };
	made_memory(&made, 0xb000, node, sizeof(node), NULL);
	assert_string_equal(made_line(&made, list, &(uint64_t){ 0xb000 }, 8),
			    "[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, ...]");
}

static void owners(void **state)
{
	(void)state;
	uint32_t pointer = pointer_to(int_type), control = pointer_to(POLYTON_NONE);
	uint32_t shared = made_type(&made, TYPE_STRUCT, "std::shared_ptr<int>", 16);
	made_member(&made, shared, "_M_ptr", 0, pointer);
	made_member(&made, shared, "_M_pi", 8, control);
	made_argument(&made, shared, "_Tp", int_type);
	static const struct {
		uint64_t vtable;
		uint32_t use, weak;
		int32_t value;
	} block = { 0, 2, 2, 8 };
	made_memory(&made, 0xc000, &block, sizeof(block), NULL);
	assert_string_equal(made_line(&made, shared, ((const uint64_t[2]){ 0xc010, 0xc000 }), 16),
			    "shared_ptr(use=2, weak=1) 8");
	assert_string_equal(made_line(&made, shared, ((const uint64_t[2]){ 0, 0 }), 16), "null");
	assert_string_equal(made_line(&made, shared, ((const uint64_t[2]){ 0x10, 0x20 }), 16),
			    "0x10 <counts unreadable>");

	// The deleter's own pointer comes first, in the base class.
	uint32_t code = made_type(&made, TYPE_FUNCTION, "", 0), deleter = pointer_to(code);
	uint32_t unique = made_type(&made, TYPE_STRUCT, "std::unique_ptr<int, void (*)(int*)>", 16);
	made_member(&made, unique, "deleter", 0, deleter);
	made_member(&made, unique, "_M_head_impl", 8, pointer);
	made_argument(&made, unique, "_Tp", int_type);
	assert_string_equal(made_line(&made, unique, ((const uint64_t[2]){ 0x10, 0xc010 }), 16), "8");
	assert_string_equal(made_line(&made, unique, ((const uint64_t[2]){ 0x10, 0 }), 16), "null");
}

static void alternatives(void **state)
{
	(void)state;
	uint32_t flag = made_base(&made, "bool", TYPE_ENCODING_BOOLEAN, 1),
		 byte = made_base(&made, "unsigned char", TYPE_ENCODING_CHARACTER, 1),
		 d = made_base(&made, "double", TYPE_ENCODING_FLOAT, 8);
	uint32_t optional = made_type(&made, TYPE_STRUCT, "std::optional<int>", 8);
	made_member(&made, optional, "_M_payload", 0, int_type);
	made_member(&made, optional, "_M_engaged", 4, flag);
	made_argument(&made, optional, "_Tp", int_type);
	assert_string_equal(made_line(&made, optional, ((const int32_t[2]){ 3, 1 }), 8), "3");
	assert_string_equal(made_line(&made, optional, ((const int32_t[2]){ 3, 0 }), 8), "nullopt");

	uint32_t variant = made_type(&made, TYPE_STRUCT, "std::variant<int, double>", 16);
	made_member(&made, variant, "_M_u", 0, word_type);
	made_member(&made, variant, "_M_index", 8, byte);
	made_argument(&made, variant, "_Types", int_type);
	made_argument(&made, variant, "_Types", d);
	struct {
		double value;
		uint64_t index;
	} bytes = { 2.5, 1 };
	assert_string_equal(made_line(&made, variant, &bytes, 16), "2.5 <alternative 1>");
	bytes.index = 0xff;
	assert_string_equal(made_line(&made, variant, &bytes, 16), "valueless");
	bytes.index = 9;
	assert_string_equal(made_line(&made, variant, &bytes, 16), "<alternative 9 is not known>");
}

static void wrappers_and_locks(void **state)
{
	(void)state;
	uint32_t atomic = made_wrapper(&made, "std::atomic<int>", "_M_b",
				       made_wrapper(&made, "std::__atomic_base<int>", "_M_i", int_type));
	assert_string_equal(made_line(&made, atomic, &(int32_t){ 11 }, 4), "11");
	uint32_t own = made_wrapper(&made, "mine::Wrap", "only", int_type);
	assert_string_equal(made_line(&made, own, &(int32_t){ 4 }, 4), "{only = 4}");

	uint32_t data = made_type(&made, TYPE_STRUCT, "__pthread_mutex_s", 40);
	made_member(&made, data, "__lock", 0, int_type);
	made_member(&made, data, "__count", 4, int_type);
	made_member(&made, data, "__owner", 8, int_type);
	made_member(&made, data, "__kind", 16, int_type);
	uint32_t mutex = made_type(&made, TYPE_UNION, "pthread_mutex_t", 40);
	made_member(&made, mutex, "__data", 0, data);
	uint32_t std_mutex = made_wrapper(&made, "std::mutex", "_M_mutex", mutex);
	assert_string_equal(made_line(&made, std_mutex, ((const int32_t[10]){ 0 }), 40), "unlocked");
	assert_string_equal(made_line(&made, std_mutex, ((const int32_t[10]){ 1, 0, 77 }), 40),
			    "locked by thread 77");
	assert_string_equal(made_line(&made, std_mutex, ((const int32_t[10]){ 1, 3, 77, 0, 1 }), 40),
			    "locked 3 times by thread 77");

	uint32_t ratio = made_type(&made, TYPE_STRUCT, "std::ratio<1l, 1000l>", 1);
	made_argument(&made, ratio, "_Num", word_type)->offset = 1;
	made_argument(&made, ratio, "_Den", word_type)->offset = 1000;
	uint32_t duration = made_type(&made, TYPE_STRUCT, "std::chrono::duration<long, std::ratio<1l, 1000l> >", 8);
	made_member(&made, duration, "__r", 0, word_type);
	made_argument(&made, duration, "_Rep", word_type);
	made_argument(&made, duration, "_Period", ratio);
	assert_string_equal(made_line(&made, duration, &(uint64_t){ 1500 }, 8), "1500ms");
}

static void dynamic_types(void **state)
{
	(void)state;
	uint32_t table = pointer_to(POLYTON_NONE);
	uint32_t base = made_type(&made, TYPE_STRUCT, "ns::Base", 16);
	made_member(&made, base, "_vptr.Base", 0, table)->is_artificial = true;
	made_member(&made, base, "b", 8, int_type);
	uint32_t derived = made_type(&made, TYPE_STRUCT, "ns::Derived", 24);
	made_member(&made, derived, "", 0, base)->is_base = true;
	made_member(&made, derived, "d", 16, int_type);
	static const uint8_t tables[2][32] = { { 0 } };
	made_memory(&made, 0xd000, tables[0], 32, "host!vtable for ns::Base+0x10");
	made_memory(&made, 0xe000, tables[1], 32, "host!vtable for ns::Derived+0x10");
	const uint64_t bytes[3] = { 0xe010, 1, 2 }, plain[2] = { 0xd010, 1 }, unmade[3] = { 0 };

	assert_string_equal(made_line(&made, base, bytes, 16), "ns::Derived {b = 1}");
	assert_string_equal(made_line(&made, base, plain, 16), "{b = 1}");
	assert_string_equal(made_line(&made, derived, bytes, 24), "{<ns::Base> = {b = 1}, d = 2}");
	assert_string_equal(made_line(&made, derived, unmade, 24), "{<ns::Base> = {b = 0}, d = 0} <not constructed>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(strings, begin, end),
		cmocka_unit_test_setup_teardown(libcxx_strings, begin, end),
		cmocka_unit_test_setup_teardown(vectors, begin, end),
		cmocka_unit_test_setup_teardown(maps, begin, end),
		cmocka_unit_test_setup_teardown(looping_lists_end, begin, end),
		cmocka_unit_test_setup_teardown(owners, begin, end),
		cmocka_unit_test_setup_teardown(alternatives, begin, end),
		cmocka_unit_test_setup_teardown(wrappers_and_locks, begin, end),
		cmocka_unit_test_setup_teardown(dynamic_types, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

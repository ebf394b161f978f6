// Values of Rust: enums and niches, std's wrappers, and the state of thread-local storage in each of its forms.

#include "../support/check.h"

#include "../support/made_types.h"

static struct made_types made;
static uint32_t i32, u8, word;

static int begin(void **state)
{
	(void)state;
	made_types_init(&made, POLYTON_LANGUAGE_RUST);
	made.producer = "clang LLVM (rustc version 1.95.0 (59807616e 2026-04-14))";
	i32 = made_base(&made, "i32", TYPE_ENCODING_SIGNED, 4);
	u8 = made_base(&made, "u8", TYPE_ENCODING_UNSIGNED, 1);
	word = made_base(&made, "usize", TYPE_ENCODING_UNSIGNED, 8);
	return 0;
}

static int end(void **state)
{
	(void)state;
	made_types_deinit(&made);
	return 0;
}

static uint32_t pointer_to(const char *name, uint32_t type)
{
	return made_target(&made, TYPE_POINTER, name, type);
}

static uint32_t holder(const char *name, uint64_t size, const char *member, uint64_t offset, uint32_t of)
{
	uint32_t type = made_type(&made, TYPE_STRUCT, name, size);
	made_member(&made, type, member, offset, of);
	return type;
}

static void enums(void **state)
{
	(void)state;
	uint32_t unit = made_type(&made, TYPE_STRUCT, "Unit", 16), tuple = holder("Tuple", 16, "__0", 4, i32),
		 named = holder("Named", 16, "x", 8, i32);
	uint32_t data = made_type(&made, TYPE_STRUCT, "c::Data", 16);
	made_discriminant(&made, data, 0, u8);
	made_variant(&made, data, "Unit", 0, unit);
	made_variant(&made, data, "Tuple", 1, tuple);
	made_variant(&made, data, "Named", 0xff, named); // -1, cut to the tag's size
	assert_string_equal(made_line(&made, data, ((const int32_t[4]){ 0, 5, 6 }), 16), "Unit");
	assert_string_equal(made_line(&made, data, ((const int32_t[4]){ 1, 5, 6 }), 16), "Tuple(5)");
	assert_string_equal(made_line(&made, data, ((const int32_t[4]){ 0xff, 5, 6 }), 16), "Named {x: 6}");
	assert_string_equal(made_line(&made, data, ((const int32_t[4]){ 2 }), 16), "<fits no variant>");
	assert_string_equal(made_line(&made, data, "", 0), "<not captured>");
}

static void niches(void **state)
{
	(void)state;
	static const int32_t pointee = 5;
	made_memory(&made, 0x1000, &pointee, sizeof(pointee), NULL);
	uint32_t box = pointer_to("alloc::boxed::Box<i32, alloc::alloc::Global>", i32);
	uint32_t some = holder("Some", 8, "__0", 0, box), none = made_type(&made, TYPE_STRUCT, "None", 8);
	uint32_t option = made_type(&made, TYPE_STRUCT, "core::option::Option<alloc::boxed::Box<i32>>", 8);
	made_discriminant(&made, option, 0, word);
	made_variant(&made, option, "None", 0, none);
	made_default_variant(&made, option, "Some", some);
	assert_string_equal(made_line(&made, option, &(uint64_t){ 0 }, 8), "None");
	assert_string_equal(made_line(&made, option, &(uint64_t){ 0x1000 }, 8), "Some(5)");
	assert_string_equal(made_line(&made, option, &(uint64_t){ 0x666 }, 8), "Some(0x666 <unreadable>)");

	uint32_t u128 = made_base(&made, "u128", TYPE_ENCODING_UNSIGNED, 16);
	uint32_t wide_some = holder("Some", 16, "__0", 0, u128),
		 wide_none = made_type(&made, TYPE_STRUCT, "None", 16);
	uint32_t wide = made_type(&made, TYPE_STRUCT, "core::option::Option<NonZero<u128>>", 16);
	made_discriminant(&made, wide, 0, u128);
	made_variant(&made, wide, "None", 0, wide_none);
	made_default_variant(&made, wide, "Some", wide_some);
	assert_string_equal(made_line(&made, wide, ((const uint64_t[2]){ 0, 0 }), 16), "None");
	assert_string_equal(made_line(&made, wide, ((const uint64_t[2]){ 0, 1 }), 16), "Some(18446744073709551616)");
}

static void wide_pointers(void **state)
{
	(void)state;
	static const char text[] = "text";
	static const uint64_t vtable[3] = { 0x3000, 8, 8 };
	made_memory(&made, 0x1000, text, sizeof(text), NULL);
	made_memory(&made, 0x2000, vtable, sizeof(vtable), "host!vtable.0");
	made_memory(&made, 0x3000, text, sizeof(text), "host!core::ptr::drop_in_place<app::Engine<u8>>");
	uint32_t string = made_type(&made, TYPE_STRUCT, "&str", 16), bytes = pointer_to("", u8);
	made_member(&made, string, "data_ptr", 0, bytes);
	made_member(&made, string, "length", 8, word);
	uint32_t slice = made_type(&made, TYPE_STRUCT, "&[u8]", 16);
	made_member(&made, slice, "data_ptr", 0, bytes);
	made_member(&made, slice, "length", 8, word);
	uint32_t object = made_type(&made, TYPE_STRUCT, "alloc::boxed::Box<dyn app::Motor>", 16);
	made_member(&made, object, "pointer", 0, bytes);
	made_member(&made, object, "vtable", 8, bytes);
	const uint64_t four[2] = { 0x1000, 4 }, none[2] = { 1, 0 }, dynamic[2] = { 0x9000, 0x2000 };

	assert_string_equal(made_line(&made, string, four, 16), "\"text\"");
	assert_string_equal(made_line(&made, string, none, 16), "\"\"");
	assert_string_equal(made_line(&made, slice, four, 16), "size 4 [116, 101, 120, 116]");
	assert_string_equal(made_line(&made, object, dynamic, 16), "0x9000 <dyn app::Engine<u8>>");
}

static void wrappers(void **state)
{
	(void)state;
	uint32_t cell = made_wrapper(&made, "core::cell::Cell<i32>", "value",
				     made_wrapper(&made, "core::cell::UnsafeCell<i32>", "value", i32));
	assert_string_equal(made_line(&made, cell, &(int32_t){ 12 }, 4), "12");
	// Nightly's: one more wrapper makes no difference.
	uint32_t atomic =
		made_wrapper(&made, "core::sync::atomic::Atomic<usize>", "v",
			     made_wrapper(&made, "core::cell::UnsafeCell<Align8<usize>>", "value",
					  made_wrapper(&made, "core::sync::atomic::Align8<usize>", "__0", word)));
	assert_string_equal(made_line(&made, atomic, &(uint64_t){ 15 }, 8), "15");
	uint32_t own = made_wrapper(&made, "app::Handle", "handle", i32),
		 anonymous = made_wrapper(&made, "app::New", "__0", i32);
	assert_string_equal(made_line(&made, own, &(int32_t){ 1 }, 4), "{handle: 1}");
	assert_string_equal(made_line(&made, anonymous, &(int32_t){ 1 }, 4), "1");

	uint32_t phantom = made_type(&made, TYPE_STRUCT, "core::marker::PhantomData<app::X>", 0);
	uint32_t pair = made_type(&made, TYPE_STRUCT, "(i32, i32)", 8);
	made_member(&made, pair, "__0", 0, i32);
	made_member(&made, pair, "__1", 4, i32);
	uint32_t mixed = made_type(&made, TYPE_STRUCT, "app::Mixed", 8);
	made_member(&made, mixed, "marker", 0, phantom);
	made_member(&made, mixed, "a", 0, i32);
	made_member(&made, mixed, "b", 4, i32);
	const int32_t two[2] = { 1, 2 };
	assert_string_equal(made_line(&made, pair, two, 8), "(1, 2)");
	assert_string_equal(made_line(&made, mixed, two, 8), "{a: 1, b: 2}");
	assert_string_equal(made_line(&made, phantom, "", 0), "PhantomData");
}

static uint32_t cell_type(const char *name, uint64_t size, const char *state, uint32_t state_type, const char *value,
			  uint64_t offset)
{
	uint32_t type = made_type(&made, TYPE_STRUCT, name, size);
	made_member(&made, type, state, 0, state_type);
	made_member(&made, type, value, offset, i32);
	made_argument(&made, type, "T", i32);
	return type;
}

static void cells_and_locks(void **state)
{
	(void)state;
	uint32_t isize = made_base(&made, "isize", TYPE_ENCODING_SIGNED, 8),
		 u32 = made_base(&made, "u32", TYPE_ENCODING_UNSIGNED, 4);
	uint32_t refcell = cell_type("core::cell::RefCell<i32>", 16, "borrow",
				     made_wrapper(&made, "core::cell::Cell<isize>", "value", isize), "value", 8);
	assert_string_equal(made_line(&made, refcell, ((const int64_t[2]){ 0, 13 }), 16), "13");
	assert_string_equal(made_line(&made, refcell, ((const int64_t[2]){ 2, 13 }), 16), "13 <borrowed 2>");
	assert_string_equal(made_line(&made, refcell, ((const int64_t[2]){ -1, 13 }), 16), "13 <mutably borrowed>");

	uint32_t futex = made_wrapper(&made, "std::sys::sync::mutex::futex::Mutex", "futex", u32);
	uint32_t mutex = made_type(&made, TYPE_STRUCT, "std::sync::poison::mutex::Mutex<i32>", 12);
	made_member(&made, mutex, "inner", 0, futex);
	made_member(&made, mutex, "poison", 4, u8);
	made_member(&made, mutex, "data", 8, i32);
	made_argument(&made, mutex, "T", i32);
	assert_string_equal(made_line(&made, mutex, ((const int32_t[3]){ 0, 0, 6 }), 12), "6");
	assert_string_equal(made_line(&made, mutex, ((const int32_t[3]){ 2, 1, 6 }), 12), "6 <poisoned, locked>");

	uint32_t raw = made_type(&made, TYPE_STRUCT, "std::sys::sync::rwlock::futex::RwLock", 8);
	made_member(&made, raw, "state", 0, u32);
	made_member(&made, raw, "writer_notify", 4, u32);
	uint32_t rwlock = made_type(&made, TYPE_STRUCT, "std::sync::poison::rwlock::RwLock<i32>", 12);
	made_member(&made, rwlock, "inner", 0, raw);
	made_member(&made, rwlock, "data", 8, i32);
	made_argument(&made, rwlock, "T", i32);
	assert_string_equal(made_line(&made, rwlock, ((const int32_t[3]){ 3, 0, 6 }), 12), "6 <read-locked 3>");
	assert_string_equal(made_line(&made, rwlock, ((const int32_t[3]){ 0x3fffffff, 0, 6 }), 12),
			    "6 <write-locked>");
}

static void once_by_release(void **state)
{
	(void)state;
	uint32_t u32 = made_base(&made, "u32", TYPE_ENCODING_UNSIGNED, 4);
	uint32_t once = made_wrapper(&made, "std::sync::poison::once::Once", "state", u32);
	uint32_t lock = cell_type("std::sync::once_lock::OnceLock<i32>", 8, "once", once, "value", 4);
	static const struct {
		const char *producer;
		int32_t state;
		const char *text;
	} cases[] = {
		{ "rustc version 1.95.0", 0, "9" },
		{ "rustc version 1.95.0", 3, "uninitialised" },
		{ "rustc version 1.95.0", 2, "poisoned" },
		{ "rustc version 1.95.0", 5, "being initialised" },
		{ "rustc version 1.97.0-nightly", 0, "9" },
		{ "rustc version 1.85.0", 0, "uninitialised" },
		{ "rustc version 1.85.0", 3, "9" },
		{ "rustc version 1.70.0", 3, "being initialised" },
		{ "rustc version 1.70.0", 4, "9" },
		{ "rustc version 1.63.0", 3, "9" },
		{ "rustc version 1.82.0", 2, "being initialised" },
		{ "rustc version 1.82.0", 3, "<state not known>" },
		{ "rustc version 1.90.0", 0, "<state not known>" },
		{ "", 0, "<state not known>" },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		made.producer = cases[i].producer;
		const int32_t bytes[2] = { cases[i].state, 9 };
		assert_string_equal(made_line(&made, lock, bytes, 8), cases[i].text);
	}
}

static void owners_and_collections(void **state)
{
	(void)state;
	static const struct {
		uint64_t strong, weak;
		int32_t value;
	} block = { 2, 3, 11 };
	made_memory(&made, 0x1000, &block, sizeof(block), NULL);
	uint32_t inner = made_type(&made, TYPE_STRUCT, "alloc::sync::ArcInner<i32>", 24);
	made_member(&made, inner, "strong", 0, word);
	made_member(&made, inner, "weak", 8, word);
	made_member(&made, inner, "data", 16, i32);
	uint32_t arc =
		made_wrapper(&made, "alloc::sync::Arc<i32>", "ptr",
			     made_wrapper(&made, "core::ptr::NonNull<T>", "pointer", pointer_to("*const T", inner)));
	uint32_t weak = made_wrapper(&made, "alloc::sync::Weak<i32>", "ptr", pointer_to("*const T", inner));
	assert_string_equal(made_line(&made, arc, &(uint64_t){ 0x1000 }, 8), "Arc(strong=2, weak=2) 11");
	assert_string_equal(made_line(&made, arc, &(uint64_t){ 0x666 }, 8), "0x666 <unreadable>");
	assert_string_equal(made_line(&made, weak, &(uint64_t){ 0x1000 }, 8), "Weak(strong=2, weak=2)");
	assert_string_equal(made_line(&made, weak, &(uint64_t){ UINT64_MAX }, 8), "Weak(dangling)");

	static const int32_t numbers[4] = { 1, 2, 3, 4 };
	made_memory(&made, 0x2000, numbers, sizeof(numbers), NULL);
	uint32_t buffer = made_type(&made, TYPE_STRUCT, "alloc::raw_vec::RawVec<i32>", 16),
		 pointer = pointer_to("*const u8", u8);
	made_member(&made, buffer, "ptr", 0, pointer);
	made_member(&made, buffer, "cap", 8, word);
	uint32_t vec = made_type(&made, TYPE_STRUCT, "alloc::vec::Vec<i32, alloc::alloc::Global>", 24);
	made_member(&made, vec, "buf", 0, buffer);
	made_member(&made, vec, "len", 16, word);
	made_argument(&made, vec, "T", i32);
	assert_string_equal(made_line(&made, vec, ((const uint64_t[3]){ 0x2000, 4, 3 }), 24), "size 3 [1, 2, 3]");
	assert_string_equal(made_line(&made, vec, ((const uint64_t[3]){ 4, 0, 0 }), 24), "size 0");
	assert_string_equal(made_line(&made, vec, ((const uint64_t[3]){ 4, 0, UINT64_MAX }), 24),
			    "size 18446744073709551615 <unreadable>");

	uint32_t deque = made_type(&made, TYPE_STRUCT, "alloc::collections::vec_deque::VecDeque<i32>", 32);
	made_member(&made, deque, "buf", 0, buffer);
	made_member(&made, deque, "head", 16, word);
	made_member(&made, deque, "len", 24, word);
	made_argument(&made, deque, "T", i32);
	assert_string_equal(made_line(&made, deque, ((const uint64_t[4]){ 0x2000, 4, 3, 3 }), 32),
			    "size 3 [4, 1, 2]");
	assert_string_equal(made_line(&made, deque, ((const uint64_t[4]){ 0x2000, 4, 1, 2 }), 32), "size 2 [2, 3]");
}

static enum value_state read_state(uint32_t type, const void *bytes, size_t size)
{
	made_line(&made, type, bytes, size);
	return made.value.state;
}

// State<(), D> as an enum with data, of 8 bytes of tag.
static uint32_t state_enum(const char *const names[3], uint32_t alive, uint64_t size)
{
	uint32_t empty = made_type(&made, TYPE_STRUCT, "", size);
	uint32_t type = made_type(&made, TYPE_STRUCT, "std::sys::thread_local::native::lazy::State<T, ()>", size);
	made_discriminant(&made, type, 0, word);
	made_variant(&made, type, names[0], 0, empty);
	made_variant(&made, type, names[1], 1, alive == POLYTON_NONE ? empty : alive);
	made_variant(&made, type, names[2], 2, empty);
	return type;
}

static void storage_of_1_63(void **state)
{
	(void)state;
	uint32_t dtor = made_type(&made, TYPE_ENUM, "std::thread::local::fast::DtorState", 1);
	made_enumerator(&made, dtor, "Unregistered", 0);
	made_enumerator(&made, dtor, "Registered", 1);
	made_enumerator(&made, dtor, "RunningOrHasRun", 2);
	uint32_t dtor_cell = made_wrapper(&made, "core::cell::Cell<DtorState>", "value", dtor);
	uint32_t lazy = made_wrapper(&made, "std::thread::local::lazy::LazyKeyInner<i32>", "inner",
				     made_wrapper(&made, "core::cell::UnsafeCell<Option<i32>>", "value",
						  made_option(&made, i32, 16)));
	uint32_t key = made_type(&made, TYPE_STRUCT, "std::thread::local::fast::Key<i32>", 24);
	made_member(&made, key, "inner", 0, lazy);
	made_member(&made, key, "dtor_state", 16, dtor_cell);

	uint64_t bytes[3] = { 0, 5, 0 };
	assert_string_equal(made_line(&made, key, bytes, 24), "uninitialised");
	assert_null(made.value.root);
	bytes[0] = 1;
	assert_string_equal(made_line(&made, key, bytes, 24), "alive, 5"); // needs no destructor
	bytes[2] = 1;
	assert_string_equal(made_line(&made, key, bytes, 24), "alive, 5");
	bytes[2] = 2;
	assert_string_equal(made_line(&made, key, bytes, 24), "destroyed");
	assert_int_equal(read_state(key, bytes, 8), VALUE_PLAIN); // not captured: nothing is claimed
}

static void storage_of_1_85(void **state)
{
	(void)state;
	static const char *const names[3] = { "Initial", "Alive", "Destroyed" };
	uint32_t alive = holder("Alive", 16, "__0", 8, i32);
	uint32_t storage = made_wrapper(&made, "std::sys::thread_local::native::lazy::Storage<i32, ()>", "state",
					made_wrapper(&made, "core::cell::UnsafeCell<State>", "value",
						     state_enum(names, alive, 16)));
	assert_string_equal(made_line(&made, storage, ((const uint64_t[2]){ 0, 5 }), 16), "uninitialised");
	assert_string_equal(made_line(&made, storage, ((const uint64_t[2]){ 1, 5 }), 16), "alive, 5");
	assert_string_equal(made_line(&made, storage, ((const uint64_t[2]){ 2, 5 }), 16), "destroyed");
	assert_int_equal(read_state(storage, ((const uint64_t[2]){ 9, 5 }), 16), VALUE_PLAIN);
}

static void storage_of_1_95(void **state)
{
	(void)state;
	static const char *const names[3] = { "Uninitialized", "Alive", "Destroyed" };
	uint32_t pair = made_type(&made, TYPE_STRUCT, "app::Context", 8);
	made_member(&made, pair, "handle", 0, i32);
	made_member(&made, pair, "depth", 4, i32);
	uint32_t told = state_enum(names, POLYTON_NONE, 8);
	uint32_t state_cell = made_wrapper(&made, "core::cell::Cell<State<()>>", "value", told);
	uint32_t slot = made_wrapper(&made, "core::cell::UnsafeCell<MaybeUninit<T>>", "value", pair);
	uint32_t storage = made_type(&made, TYPE_STRUCT, "std::sys::thread_local::native::lazy::Storage<T, ()>", 16);
	made_member(&made, storage, "value", 0, slot);
	made_member(&made, storage, "state", 8, state_cell);
	made_argument(&made, storage, "T", pair);
	struct {
		int32_t value[2];
		uint64_t state;
	} bytes = { { 3, 1 }, 0 };
	assert_string_equal(made_line(&made, storage, &bytes, 16), "uninitialised");
	bytes.state = 1;
	assert_string_equal(made_line(&made, storage, &bytes, 16), "alive, handle: 3, depth: 1");
	bytes.state = 2;
	assert_string_equal(made_line(&made, storage, &bytes, 16), "destroyed");
}

static void eager_storage(void **state)
{
	(void)state;
	uint32_t told = made_type(&made, TYPE_ENUM, "std::sys::thread_local::native::eager::State", 1);
	made_enumerator(&made, told, "Initial", 0);
	made_enumerator(&made, told, "Alive", 1);
	made_enumerator(&made, told, "Destroyed", 2);
	uint32_t cell = made_wrapper(&made, "core::cell::UnsafeCell<i32>", "value", i32);
	uint32_t storage = made_type(&made, TYPE_STRUCT, "std::sys::thread_local::native::eager::Storage<i32>", 8);
	made_member(&made, storage, "val", 0, cell);
	made_member(&made, storage, "state", 4, told);
	made_argument(&made, storage, "T", i32);
	// Not used yet, but it holds its constant from the start.
	assert_string_equal(made_line(&made, storage, ((const int32_t[2]){ 77, 0 }), 8), "77");
	assert_string_equal(made_line(&made, storage, ((const int32_t[2]){ 78, 1 }), 8), "alive, 78");
	assert_string_equal(made_line(&made, storage, ((const int32_t[2]){ 78, 2 }), 8), "destroyed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(enums, begin, end),
		cmocka_unit_test_setup_teardown(niches, begin, end),
		cmocka_unit_test_setup_teardown(wide_pointers, begin, end),
		cmocka_unit_test_setup_teardown(wrappers, begin, end),
		cmocka_unit_test_setup_teardown(cells_and_locks, begin, end),
		cmocka_unit_test_setup_teardown(once_by_release, begin, end),
		cmocka_unit_test_setup_teardown(owners_and_collections, begin, end),
		cmocka_unit_test_setup_teardown(storage_of_1_63, begin, end),
		cmocka_unit_test_setup_teardown(storage_of_1_85, begin, end),
		cmocka_unit_test_setup_teardown(storage_of_1_95, begin, end),
		cmocka_unit_test_setup_teardown(eager_storage, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

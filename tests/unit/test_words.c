// What a word that the loader wrote says of the reference it was written for, and when it says nothing.

#include "../support/check.h"

#include "../support/link_world.h"
#include "link/words.h"

enum { D = ELF_AT_DATA, C = 0x1000 };

/** Object 0 refers to what object 1 defines; object 2 is between neighbours and defines something else. */
struct scene {
	struct link_world world;
	struct placed_objects placed;
};

static void start(struct scene *scene, uint16_t machine, const struct elf_symbol_spec *host,
		  const struct elf_symbol_spec *library)
{
	link_world_init(&scene->world, machine);
	link_world_add_symbols(&scene->world, host);
	link_world_add_symbols(&scene->world, library);
	link_world_add_symbols(&scene->world, FIND_ROWS(FIND_GLOBAL("other", D, 8)));
	link_world_link(&scene->world);
	assert_fine(placed_objects_init(&scene->placed, &scene->world.resolver));
}

static void finish(struct scene *scene)
{
	placed_objects_deinit(&scene->placed);
	link_world_deinit(&scene->world);
}

// A word of object 0 for its first symbol.
static struct word word_for(enum word_form form, uint64_t value)
{
	return (struct word){ .symbol = 1,
			      .form = form,
			      .class = form == WORD_ADDRESS ? LOOKUP_DATA
				       : form == WORD_COPY  ? LOOKUP_COPY
							    : LOOKUP_PLT,
			      .is_read = true,
			      .value = value };
}

static void check_read(struct scene *scene, struct word word, uint32_t object, uint32_t symbol)
{
	struct definition found;
	enum polyton_binding_source source = POLYTON_BINDING_COMPUTED;
	assert_true(word_settle(&scene->world.memory.target, &scene->world.resolver, &scene->placed, &word, &source,
				&found));
	assert_int_equal(source, POLYTON_BINDING_READ);
	link_world_check(&scene->world, found, object, symbol);
}

static void check_silent(struct scene *scene, struct word word, enum polyton_binding_source wanted)
{
	struct definition found;
	enum polyton_binding_source source = POLYTON_BINDING_READ;
	assert_false(word_settle(&scene->world.memory.target, &scene->world.resolver, &scene->placed, &word, &source,
				 &found));
	assert_int_equal(source, wanted);
	link_world_check(&scene->world, found, POLYTON_NONE, 0);
}

static void check_computed(struct scene *scene, struct word word)
{
	check_silent(scene, word, POLYTON_BINDING_COMPUTED);
}

static uint64_t at(const struct scene *scene, uint32_t object, uint64_t offset)
{
	return link_world_at(&scene->world, object, offset);
}

static void test_addresses(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("x", STT_OBJECT)),
	      FIND_ROWS(FIND_GLOBAL("y", D, 8), FIND_GLOBAL("x", D + 8, 8)));
	struct word word = word_for(WORD_ADDRESS, at(&scene, 1, D + 8));
	check_read(&scene, word, 1, 2);
	// Into the variable: &x.member.
	word.value += 4;
	check_computed(&scene, word);
	word.addend = 4;
	check_read(&scene, word, 1, 2);
	word.addend = -4;
	word.value -= 8;
	check_read(&scene, word, 1, 2);
	// What has been read of it is nothing.
	word.is_read = false;
	check_computed(&scene, word);
	finish(&scene);
}

// A data word is the program's to change: &x may have become &y, or anything.
static void test_words_that_were_changed(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("x", STT_OBJECT)),
	      FIND_ROWS(FIND_GLOBAL("y", D, 8), FIND_GLOBAL("x", D + 8, 8)));
	const uint64_t values[] = {
		at(&scene, 1, D),
		at(&scene, 2, D),
		at(&scene, 0, D),
		0,
		1,
		UINT64_MAX,
		0x5555555592a0,
		at(&scene, 0, 0) - 1,
		at(&scene, 2, ELF_AT_END + 1),
	};
	for (size_t i = 0; i < count_of(values); i++)
		check_computed(&scene, word_for(WORD_ADDRESS, values[i]));
	finish(&scene);
}

static void test_a_weak_reference_stays_empty(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED_WEAK("x", STT_OBJECT)), FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	check_read(&scene, word_for(WORD_ADDRESS, 0), POLYTON_NONE, 0);
	struct word word = word_for(WORD_ADDRESS, 16);
	word.addend = 16;
	check_read(&scene, word, POLYTON_NONE, 0);
	finish(&scene);
	// A definition of its own is somewhere: an empty word was emptied later.
	start(&scene, EM_X86_64, FIND_ROWS(FIND_SYMBOL("x", STB_WEAK, STT_OBJECT, D, 8)),
	      FIND_ROWS(FIND_GLOBAL("y", D, 8)));
	check_computed(&scene, word_for(WORD_ADDRESS, 0));
	finish(&scene);
}

static void test_its_own_definition(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(FIND_GLOBAL("x", D, 8), FIND_GLOBAL("alias", D, 8)),
	      FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 0, D)), 0, 1);
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 1, D + 8)), 1, 1);
	finish(&scene);
	// One that nobody else can see, and that no lookup finds.
	start(&scene, EM_X86_64, FIND_ROWS({ "x", D, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_HIDDEN, 1 }),
	      FIND_ROWS(FIND_GLOBAL("x", D + 8, 8)));
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 0, D)), 0, 1);
	finish(&scene);
}

static void test_absolute_symbols(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS({ "x", 0, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, SHN_ABS }),
	      FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	// Its value is no address in the object: nothing there leads back to it.
	check_computed(&scene, word_for(WORD_ADDRESS, at(&scene, 0, 0)));
	finish(&scene);
}

// The end of an object's last variable may be the first address behind it; where another object begins, it is
// that one's.
static void test_at_the_edges(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("end", STT_NOTYPE)),
	      FIND_ROWS({ "end", ELF_AT_END, 0, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, 1 }));
	struct word word = word_for(WORD_ADDRESS, at(&scene, 1, ELF_AT_END));
	check_read(&scene, word, 1, 1);
	finish(&scene);
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("x", STT_OBJECT)),
	      FIND_ROWS({ "x", 8, 8, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1 }));
	placed_objects_deinit(&scene.placed);
	scene.world.objects[0].end = scene.world.objects[1].start;
	assert_fine(placed_objects_init(&scene.placed, &scene.world.resolver));
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 1, 8)), 1, 1);
	finish(&scene);
}

// Until a function is called its slot leads to the object's own PLT. A program that takes its address has an
// entry there that counts as the function for all who ask for the address, but not for those who call.
static void test_slots(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("f", STT_FUNC)), FIND_ROWS(LINK_FUNCTION("f", C)));
	check_read(&scene, word_for(WORD_SLOT, at(&scene, 1, C)), 1, 1);
	check_silent(&scene, word_for(WORD_SLOT, at(&scene, 0, C)), POLYTON_BINDING_PENDING);
	check_computed(&scene, word_for(WORD_SLOT, at(&scene, 1, C + 8))); // a tool's, or into the middle
	check_computed(&scene, word_for(WORD_SLOT, at(&scene, 2, C)));     // another's of another name
	check_computed(&scene, word_for(WORD_SLOT, 0));
	struct word word = word_for(WORD_SLOT, at(&scene, 1, C));
	word.addend = 77; // not part of the word
	check_read(&scene, word, 1, 1);
	finish(&scene);

	// The object has the function itself: bound to it, or not bound yet.
	start(&scene, EM_X86_64, FIND_ROWS(LINK_FUNCTION("f", C)), FIND_ROWS(LINK_FUNCTION("f", C)));
	check_read(&scene, word_for(WORD_SLOT, at(&scene, 0, C)), 0, 1);
	check_silent(&scene, word_for(WORD_SLOT, at(&scene, 0, C + 0x40)), POLYTON_BINDING_PENDING);
	finish(&scene);
}

static void test_canonical_plt_entries(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("f", STT_FUNC)),
	      FIND_ROWS({ "f", C, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF }));
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 1, C)), 1, 1);
	check_computed(&scene, word_for(WORD_SLOT, at(&scene, 1, C)));
	finish(&scene);
}

// Its resolver chose another address of its object: memcpy() is one of a dozen functions.
static void test_indirect_functions(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(LINK_WANTED("f", STT_FUNC)),
	      FIND_ROWS(FIND_SYMBOL("f", STB_GLOBAL, STT_GNU_IFUNC, C, 16)));
	check_read(&scene, word_for(WORD_SLOT, at(&scene, 1, C + 0x400)), 1, 1);
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 1, C + 0x800)), 1, 1);
	check_computed(&scene, word_for(WORD_SLOT, at(&scene, 2, C)));
	finish(&scene);
}

// The word is the variable.
static void test_copies_are_never_read(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(FIND_GLOBAL("x", FIND_BSS, 8)), FIND_ROWS(FIND_GLOBAL("x", D, 8)));
	check_computed(&scene, word_for(WORD_COPY, at(&scene, 1, D)));
	finish(&scene);
}

static void test_module_ids(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(FIND_TLS("t", 8, 8)), FIND_ROWS(FIND_TLS("x", 0, 8), FIND_TLS("t", 8, 8)));
	check_read(&scene, word_for(WORD_TLS_MODULE, 1), 0, 1);
	check_read(&scene, word_for(WORD_TLS_MODULE, 2), 1, 2);
	check_computed(&scene, word_for(WORD_TLS_MODULE, 3)); // which has no such name
	check_computed(&scene, word_for(WORD_TLS_MODULE, 4)); // which nobody has
	scene.world.objects[1].tls_module = 0;
	check_computed(&scene, word_for(WORD_TLS_MODULE, 0)); // which is none
	struct word word = word_for(WORD_TLS_MODULE, 1);
	word.is_read = false;
	check_computed(&scene, word);
	finish(&scene);
}

static void place_blocks(struct scene *scene, uint64_t first, uint64_t second)
{
	scene->world.objects[0].tls_offset = first;
	scene->world.objects[1].tls_offset = second;
	scene->world.objects[0].has_static_tls = scene->world.objects[1].has_static_tls = true;
}

static void test_distances_below(void **state)
{
	(void)state;
	struct scene scene;
	start(&scene, EM_X86_64, FIND_ROWS(FIND_TLS("t", 0x10, 8)), FIND_ROWS(FIND_TLS("t", 8, 8)));
	place_blocks(&scene, 0x40, 0x80);
	check_read(&scene, word_for(WORD_TLS_DISTANCE, (uint64_t)(0x10 - 0x40)), 0, 1);
	check_read(&scene, word_for(WORD_TLS_DISTANCE, (uint64_t)(8 - 0x80)), 1, 1);
	struct word word = word_for(WORD_TLS_DISTANCE, (uint64_t)(8 - 0x80 + 4));
	check_computed(&scene, word);
	word.addend = 4;
	check_read(&scene, word, 1, 1);
	check_computed(&scene, word_for(WORD_TLS_DISTANCE, (uint64_t)-0x38)); // nobody's
	check_computed(&scene, word_for(WORD_TLS_DISTANCE, 0));
	// Without a place in the static block there is no distance that could be.
	scene.world.objects[1].has_static_tls = false;
	check_computed(&scene, word_for(WORD_TLS_DISTANCE, (uint64_t)(8 - 0x80)));
	finish(&scene);
}

// powerpc's distances are 0x7000 less than from where the blocks are counted.
static void test_distances_above(void **state)
{
	(void)state;
	struct scene scene;
	const struct elf_symbol_spec *rows = FIND_ROWS(FIND_TLS("t", 0x10, 8));
	start(&scene, EM_AARCH64, rows, rows);
	place_blocks(&scene, 16, 0x80);
	check_read(&scene, word_for(WORD_TLS_DISTANCE, 0x20), 0, 1);
	check_read(&scene, word_for(WORD_TLS_DISTANCE, 0x90), 1, 1);
	check_computed(&scene, word_for(WORD_TLS_DISTANCE, (uint64_t)-0x70));
	finish(&scene);
	start(&scene, EM_PPC64, rows, rows);
	place_blocks(&scene, 0, 0x80);
	check_read(&scene, word_for(WORD_TLS_DISTANCE, (uint64_t)(0x90 - 0x7000)), 1, 1);
	check_computed(&scene, word_for(WORD_TLS_DISTANCE, 0x90));
	finish(&scene);
}

// {function, argument}: the static kind's argument is a distance.
static void test_static_descriptors(void **state)
{
	(void)state;
	struct scene scene;
	const struct elf_symbol_spec *rows = FIND_ROWS(FIND_TLS("t", 0x10, 8));
	start(&scene, EM_X86_64, rows, rows);
	place_blocks(&scene, 0x40, 0x80);
	struct word word = word_for(WORD_TLS_DESCRIPTOR, (uint64_t)(0x10 - 0x80 + 8));
	check_computed(&scene, word);
	word.addend = 8;
	check_read(&scene, word, 1, 1);
	finish(&scene);
	start(&scene, EM_AARCH64, rows, rows);
	place_blocks(&scene, 16, 0x80);
	check_read(&scene, word_for(WORD_TLS_DESCRIPTOR, 0x90), 1, 1);
	finish(&scene);
}

// The dynamic kind's leads to {module, offset, generation}, which malloc() placed: in a program that is not position
// independent that may be at a small address.
static void test_dynamic_descriptors_wherever_the_heap_is(void **state)
{
	(void)state;
	static const struct {
		uint16_t machine;
		uint64_t heap;
	} cases[] = { { EM_X86_64, 0x1c3e2a0 },      { EM_X86_64, 0x40000000 },      { EM_X86_64, 0x7f1300000010 },
		      { EM_X86_64, 0x555555555010 }, { EM_AARCH64, 0xffff80001000 }, { EM_AARCH64, 0x1c3e2a0 } };
	for (size_t i = 0; i < count_of(cases); i++) {
		struct scene scene;
		uint64_t heap = cases[i].heap;
		start(&scene, cases[i].machine, FIND_ROWS(LINK_WANTED("t", STT_TLS)), FIND_ROWS(FIND_TLS("t", 8, 8)));
		byte_target_map(&scene.world.memory, heap, 24);
		byte_target_put_word(&scene.world.memory, heap, 2);
		check_read(&scene, word_for(WORD_TLS_DESCRIPTOR, heap), 1, 1);
		byte_target_put_word(&scene.world.memory, heap, 99); // no such module
		check_computed(&scene, word_for(WORD_TLS_DESCRIPTOR, heap));
		check_computed(&scene, word_for(WORD_TLS_DESCRIPTOR, heap + 16)); // half of it readable
		check_computed(&scene, word_for(WORD_TLS_DESCRIPTOR, 0x999999999000));
		struct word word = word_for(WORD_TLS_DESCRIPTOR, heap);
		byte_target_put_word(&scene.world.memory, heap, 2);
		word.is_read = false;
		check_computed(&scene, word);
		finish(&scene);
	}
}

// A name asks for its version in the object that a word leads to, too.
static void test_versions(void **state)
{
	(void)state;
	static const uint16_t asked[] = { 2 }, defined[] = { 2, 3 };
	static const struct elf_version_spec needs[] = { { "V2", "libx.so", 2, 0 }, { 0 } };
	static const struct elf_version_spec has[] = { { "V1", NULL, 2, 0 }, { "V2", NULL, 3, 0 }, { 0 } };
	struct scene scene;
	link_world_init(&scene.world, EM_X86_64);
	link_world_add(&scene.world, &(struct elf_spec){ .dynamic_symbols = FIND_ROWS(LINK_WANTED("x", STT_OBJECT)),
							 .versym = asked,
							 .versions = needs });
	link_world_add(&scene.world, &(struct elf_spec){ .dynamic_symbols = FIND_ROWS(FIND_GLOBAL("x", D, 8),
										      FIND_GLOBAL("x", D + 8, 8)),
							 .versym = defined,
							 .versions = has });
	link_world_link(&scene.world);
	assert_fine(placed_objects_init(&scene.placed, &scene.world.resolver));
	check_read(&scene, word_for(WORD_ADDRESS, at(&scene, 1, D + 8)), 1, 2);
	check_computed(&scene, word_for(WORD_ADDRESS, at(&scene, 1, D)));
	finish(&scene);
}

// All in one reading, of a descriptor the second word. Machines have words of 4 bytes, too.
static void test_words_are_read_together(void **state)
{
	(void)state;
	static const struct {
		uint16_t machine;
		uint8_t elf_class, elf_data;
	} cases[] = { { EM_X86_64, ELFCLASS64, ELFDATA2LSB },
		      { EM_S390, ELFCLASS64, ELFDATA2MSB },
		      { EM_ARM, ELFCLASS32, ELFDATA2LSB } };
	for (size_t i = 0; i < count_of(cases); i++) {
		struct byte_target memory;
		byte_target_init(&memory, cases[i].machine, cases[i].elf_class, cases[i].elf_data);
		size_t size = memory.target.arch->word;
		byte_target_map(&memory, 0x10000, 4 * size);
		for (size_t k = 0; k < 4; k++)
			byte_target_put_word(&memory, 0x10000 + k * size, 0xc0de0000 + k);
		struct word items[] = { { .form = WORD_ADDRESS, .place = 0x10000 },
					{ .form = WORD_TLS_DESCRIPTOR, .place = 0x10000 + size },
					{ .form = WORD_SLOT, .place = 0x20000 },
					{ .form = WORD_TLS_DESCRIPTOR, .place = 0x10000 + 3 * size },
					{ .form = WORD_SLOT, .place = UINT64_MAX - 3 },
					{ .form = WORD_TLS_MODULE, .place = 0x10000 + 3 * size } };
		struct words words = { items, count_of(items), count_of(items) };
		assert_fine(words_read(&memory.target, &words, 1));
		assert_int_equal(memory.calls, 1);
		const bool is_read[] = { true, true, false, false, false, true };
		for (size_t k = 0; k < count_of(items); k++)
			assert_int_equal(items[k].is_read, is_read[k]);
		assert_int_equal(items[0].value, 0xc0de0000);
		assert_int_equal(items[1].value, 0xc0de0002);
		assert_int_equal(items[5].value, 0xc0de0003);
		byte_target_deinit(&memory);
	}
}

// A distance below the thread pointer is negative in a narrow word, too; a pointer is not, however high.
static void test_narrow_distances(void **state)
{
	(void)state;
	static const struct {
		enum word_form form;
		uint32_t word;
		uint64_t value;
	} cases[] = {
		{ WORD_TLS_DISTANCE, (uint32_t)-8, (uint64_t)-8 },
		{ WORD_TLS_DISTANCE, 0x90, 0x90 },
		{ WORD_TLS_DESCRIPTOR, (uint32_t)-0x70, (uint64_t)-0x70 },
		{ WORD_TLS_DESCRIPTOR, 0xf7c00610, 0xf7c00610 },
		{ WORD_ADDRESS, 0xfffffff0, 0xfffffff0 },
	};
	for (size_t i = 0; i < count_of(cases); i++) {
		struct byte_target memory;
		struct word item = { .form = cases[i].form, .place = 0x10000 };
		struct words words = { &item, 1, 1 };
		byte_target_init(&memory, EM_386, ELFCLASS32, ELFDATA2LSB);
		byte_target_map(&memory, 0x10000, 8);
		byte_target_put_word(&memory, 0x10000 + (item.form == WORD_TLS_DESCRIPTOR ? 4 : 0), cases[i].word);
		assert_fine(words_read(&memory.target, &words, 1));
		assert_int_equal(item.value, cases[i].value);
		byte_target_deinit(&memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_words_that_were_changed),
		cmocka_unit_test(test_a_weak_reference_stays_empty),
		cmocka_unit_test(test_its_own_definition),
		cmocka_unit_test(test_absolute_symbols),
		cmocka_unit_test(test_at_the_edges),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_canonical_plt_entries),
		cmocka_unit_test(test_indirect_functions),
		cmocka_unit_test(test_copies_are_never_read),
		cmocka_unit_test(test_module_ids),
		cmocka_unit_test(test_distances_below),
		cmocka_unit_test(test_distances_above),
		cmocka_unit_test(test_static_descriptors),
		cmocka_unit_test(test_dynamic_descriptors_wherever_the_heap_is),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_words_are_read_together),
		cmocka_unit_test(test_narrow_distances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

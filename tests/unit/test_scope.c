// The loader's search lists, as words in a byte array: found by what they hold, and as far as they went when an
// object was relocated.

#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/byte_target.h"
#include "../support/made_scopes.h"
#include "polyton.h"

enum { OBJECTS = 8, STRIDE = 0x10000, L_REAL = 5 };
static const uint64_t maps = 0x7f0000000000, arrays = 0x7f1000000000, nowhere = 0x7f2000000000;

/** Where struct link_map has what is looked for, in words. */
struct shape {
	size_t words, searchlist, symbolic, scope;
};
static const struct shape glibc_236 = { 145, 88, 90, 117 };

/** A loader that has loaded objects. */
struct loader {
	struct byte_target memory;
	struct shape shape;
	struct linkmap list;
	struct scopes scopes;
	uint64_t used; // of the arrays
};

static uint64_t map_of(uint32_t object)
{
	return maps + object * (uint64_t)STRIDE;
}

static uint64_t word_of(const struct loader *loader, uint32_t object, size_t word)
{
	return map_of(object) + word * loader->memory.target.arch->word;
}

static uint64_t searchlist(const struct loader *loader, uint32_t object)
{
	return word_of(loader, object, loader->shape.searchlist);
}

static void start_on(struct loader *loader, uint32_t count, const struct shape *shape, uint16_t machine,
		     uint8_t elf_class, uint8_t elf_data)
{
	*loader = (struct loader){ .shape = *shape };
	byte_target_init(&loader->memory, machine, elf_class, elf_data);
	byte_target_map(&loader->memory, arrays, 0x10000);
	for (uint32_t i = 0; i < count; i++) {
		struct linkmap_entry *entry = vec_push(&loader->list.entries);
		assert_non_null(entry);
		*entry = (struct linkmap_entry){ .address = map_of(i), .real = map_of(i) };
		byte_target_map(&loader->memory, map_of(i), shape->words * loader->memory.target.arch->word);
		byte_target_put_word(&loader->memory, word_of(loader, i, L_REAL), map_of(i));
	}
}

static void start(struct loader *loader, uint32_t count)
{
	start_on(loader, count, &glibc_236, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void finish(struct loader *loader)
{
	scopes_deinit(&loader->scopes);
	vec_deinit(&loader->list.entries);
	byte_target_deinit(&loader->memory);
}

// Words one behind the other: their address.
static uint64_t put_words(struct loader *loader, const uint64_t *words, size_t count)
{
	uint64_t at = arrays + loader->used;
	for (size_t i = 0; i < count; i++, loader->used += loader->memory.target.arch->word)
		byte_target_put_word(&loader->memory, arrays + loader->used, words[i]);
	return at;
}

static void put_head(struct loader *loader, uint64_t address, uint64_t first, uint32_t count)
{
	size_t word = loader->memory.target.arch->word;
	byte_target_put_word(&loader->memory, address, first);
	byte_target_put_number(&loader->memory, address + word, count, 4);
}

// struct r_scope_elem at @p address, of objects by their digits.
static void put_list(struct loader *loader, uint64_t address, const char *objects)
{
	uint64_t words[32];
	size_t count = strlen(objects);
	for (size_t i = 0; i < count; i++)
		words[i] = map_of((uint32_t)(objects[i] - '0'));
	put_head(loader, address, put_words(loader, words, count), (uint32_t)count);
}

#define LISTS(...) ((const uint64_t[]){ __VA_ARGS__, 0 })

// l_scope of @p object: addresses of lists, ended by 0.
static void put_scope(struct loader *loader, uint32_t object, const uint64_t *lists)
{
	size_t count = 0;
	while (lists[count])
		count++;
	byte_target_put_word(&loader->memory, word_of(loader, object, loader->shape.scope),
			     put_words(loader, lists, count + 1));
}

// The objects by their digits look into the program's list only, as all do that a program starts with.
static void put_startup(struct loader *loader, const char *global, const char *objects)
{
	put_list(loader, searchlist(loader, 0), global);
	for (; *objects; objects++)
		put_scope(loader, (uint32_t)(*objects - '0'), LISTS(searchlist(loader, 0)));
}

static void read_all(struct loader *loader)
{
	assert_fine(scopes_read(&loader->memory.target, &loader->list, &loader->scopes));
	assert_true(loader->scopes.is_read);
	assert_int_equal(loader->scopes.object_count, loader->list.entries.count);
}

static void check_nothing_read(struct loader *loader)
{
	assert_fine(scopes_read(&loader->memory.target, &loader->list, &loader->scopes));
	assert_false(loader->scopes.is_read);
	assert_int_equal(loader->scopes.lists.count, 0);
}

// "012:3 3:1": what @p object looks into, and how many of each were there when it was loaded.
static void check(const struct loader *loader, uint32_t object, const char *wanted)
{
	char said[256] = "";
	size_t used = 0;
	const struct scope *scope = &loader->scopes.of_object[object];
	for (uint32_t i = 0; i < scope->count; i++) {
		char *digits = made_scopes_digits(&loader->scopes.lists.items[scope->parts[i].list]);
		used += (size_t)snprintf(said + used, sizeof(said) - used, "%s%s:%u", i ? " " : "", digits,
					 scope->parts[i].count);
		free(digits);
	}
	assert_string_equal(said, wanted);
}

static void check_program_alone(struct loader *loader)
{
	put_startup(loader, "012", "012");
	read_all(loader);
	assert_int_equal(loader->scopes.lists.count, 1);
	assert_int_equal(loader->scopes.lists.items[0].owner, 0);
	assert_true(loader->scopes.lists.items[0].is_global);
	for (uint32_t i = 0; i < 3; i++) {
		check(loader, i, "012:3");
		assert_true(made_is_global(&loader->scopes, i));
		assert_false(scopes_is_deepbind(&loader->scopes, i));
	}
	finish(loader);
}

// Every version has its own offsets; machines differ in word and byte order.
static void test_found_by_content(void **state)
{
	(void)state;
	static const struct shape shapes[] = { { 145, 88, 90, 117 }, { 160, 120, 100, 30 }, { 140, 9, 11, 6 } };
	struct loader loader;
	for (size_t i = 0; i < count_of(shapes); i++) {
		start_on(&loader, 3, &shapes[i], EM_X86_64, ELFCLASS64, ELFDATA2LSB);
		check_program_alone(&loader);
		start_on(&loader, 3, &shapes[i], EM_S390, ELFCLASS64, ELFDATA2MSB);
		check_program_alone(&loader);
	}
}

// r_nlist is an int: what stands behind it is padding, and may be anything.
static void test_padding_is_not_looked_at(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 3);
	byte_target_put_number(&loader.memory, searchlist(&loader, 0) + 12, 0xdeadbeef, 4);
	check_program_alone(&loader);
}

static void test_words_that_only_look_like_it(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 3);
	uint64_t symbolic = word_of(&loader, 0, loader.shape.symbolic), program = map_of(0);
	uint64_t array = put_words(&loader, &program, 1); // l_initfini: maps, the program first
	put_list(&loader, symbolic, "1");
	const uint64_t decoys[] = {
		array,
		array + 1,
		nowhere,
		put_words(&loader, &symbolic, 1), // a list in the map, but another object's
		put_words(&loader, &nowhere, 1),
		map_of(0),
		searchlist(&loader, 0),
		UINT64_MAX - 7,
		arrays + 0xf001, // right but for its place: pointers are aligned
	};
	byte_target_put_word(&loader.memory, arrays + 0xf001, searchlist(&loader, 0));
	for (size_t i = 0; i < count_of(decoys); i++)
		byte_target_put_word(&loader.memory, word_of(&loader, 0, 10 + i), decoys[i]);
	put_startup(&loader, "012", "01");
	put_scope(&loader, 2, LISTS(symbolic, searchlist(&loader, 0)));
	read_all(&loader);
	check(&loader, 0, "012:3");
	check(&loader, 2, "1:1 012:3"); // which only l_scope tells
	finish(&loader);
}

// The loader allocates maps with malloc(): behind one of them may be the end of what is mapped.
static void test_a_map_at_the_end_of_a_page(void **state)
{
	(void)state;
	static const struct shape at_the_end = { 113, 88, 90, 111 }, too_short = { 95, 88, 90, 94 };
	struct loader loader;
	start_on(&loader, 3, &at_the_end, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	check_program_alone(&loader);
	start_on(&loader, 3, &too_short, EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	put_startup(&loader, "012", "012");
	check_nothing_read(&loader);
	finish(&loader);
}

// musl's records, or what nobody can understand: what the caller had is kept.
static void test_another_loader(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 0);
	check_nothing_read(&loader);
	finish(&loader);
	start(&loader, 2);
	check_nothing_read(&loader);
	made_scopes_init(&loader.scopes, 2);
	made_scopes_list(&loader.scopes, MADE_GLOBAL, "01");
	assert_fine(scopes_read(&loader.memory.target, &loader.list, &loader.scopes));
	assert_int_equal(loader.scopes.lists.count, 1);
	loader.list.entries.items[0].address = 0;
	assert_fine(scopes_read(&loader.memory.target, &loader.list, &loader.scopes));
	assert_int_equal(loader.scopes.lists.count, 1);
	finish(&loader);
	// What was understood takes its place.
	start(&loader, 3);
	made_scopes_init(&loader.scopes, 2);
	made_scopes_list(&loader.scopes, MADE_GLOBAL, "10");
	check_program_alone(&loader);
}

// 3 and 4 came by dlopen(), then 5 and 6 by dlopen(RTLD_GLOBAL), which needs 4, too.
static void test_lists_grow(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 7);
	put_startup(&loader, "01256", "012");
	put_list(&loader, searchlist(&loader, 3), "34");
	put_list(&loader, searchlist(&loader, 5), "564");
	put_scope(&loader, 3, LISTS(searchlist(&loader, 0), searchlist(&loader, 3)));
	put_scope(&loader, 4, LISTS(searchlist(&loader, 0), searchlist(&loader, 3), searchlist(&loader, 5)));
	put_scope(&loader, 5, LISTS(searchlist(&loader, 0), searchlist(&loader, 5)));
	put_scope(&loader, 6, LISTS(searchlist(&loader, 0), searchlist(&loader, 5)));
	read_all(&loader);
	check(&loader, 0, "01256:3");
	check(&loader, 2, "01256:3");
	check(&loader, 3, "01256:3 34:2");
	check(&loader, 4, "01256:3 34:2 564:0");
	check(&loader, 5, "01256:5 564:3");
	check(&loader, 6, "01256:5 564:3");

	const struct scopes *scopes = &loader.scopes;
	uint32_t place = 77;
	assert_false(scopes_reach(scopes, 3, 5, true, &place));
	assert_int_equal(place, 77);
	assert_true(scopes_reach(scopes, 3, 5, false, &place));
	assert_int_equal(place, 3);
	assert_true(scopes_reach(scopes, 3, 4, true, &place));
	assert_int_equal(place, 4); // behind the three of the global list that were there
	assert_true(scopes_reach(scopes, 3, 4, false, &place));
	assert_int_equal(place, 6);
	assert_true(scopes_reach(scopes, 6, 4, true, NULL));
	assert_false(scopes_reach(scopes, 0, 3, false, NULL));
	assert_false(scopes_reach(scopes, 7, 0, false, NULL)); // no such object
	assert_true(made_is_global(scopes, 6));
	assert_false(made_is_global(scopes, 4));
	finish(&loader);
}

static void test_deepbind_and_symbolic(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 5);
	uint64_t self = word_of(&loader, 4, loader.shape.symbolic),
		 startup_self = word_of(&loader, 2, loader.shape.symbolic);
	put_startup(&loader, "012", "01");
	put_list(&loader, startup_self, "2");
	put_scope(&loader, 2, LISTS(startup_self, searchlist(&loader, 0)));
	put_list(&loader, searchlist(&loader, 3), "31");
	put_scope(&loader, 3, LISTS(searchlist(&loader, 3), searchlist(&loader, 0)));
	put_list(&loader, searchlist(&loader, 4), "4");
	put_list(&loader, self, "4");
	put_scope(&loader, 4, LISTS(self, searchlist(&loader, 0), searchlist(&loader, 4)));
	read_all(&loader);
	check(&loader, 0, "012:3"); // -Bsymbolic or not, the process started with 2
	check(&loader, 2, "2:1 012:3");
	check(&loader, 3, "31:2 012:3");
	check(&loader, 4, "4:1 012:3 4:1");
	assert_int_equal(loader.scopes.lists.items[loader.scopes.of_object[4].parts[0].list].owner, POLYTON_NONE);
	assert_int_equal(loader.scopes.lists.items[loader.scopes.of_object[4].parts[2].list].owner, 4);
	assert_true(scopes_is_deepbind(&loader.scopes, 3));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(scopes_is_deepbind(&loader.scopes, i), i == 3);
	assert_false(scopes_is_deepbind(&loader.scopes, 5)); // no such object
	finish(&loader);
}

// A namespace has a global list of its own, in which ld.so is a proxy that leads to the one there is.
static void test_namespaces(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 5);
	uint64_t proxy = nowhere + STRIDE, broken = nowhere + 2 * STRIDE;
	byte_target_map(&loader.memory, proxy, 0x200);
	byte_target_put_word(&loader.memory, proxy + L_REAL * 8, map_of(2));
	byte_target_map(&loader.memory, broken, 0x200);
	byte_target_put_word(&loader.memory, broken + L_REAL * 8, nowhere);
	put_startup(&loader, "012", "01"); // ld.so keeps no scope for itself
	const uint64_t words[] = { map_of(3), map_of(4), proxy, broken, nowhere };
	put_head(&loader, searchlist(&loader, 3), put_words(&loader, words, count_of(words)), count_of(words));
	put_scope(&loader, 3, LISTS(searchlist(&loader, 3)));
	loader.list.entries.items[3].name_space = loader.list.entries.items[4].name_space = 1;
	read_all(&loader);
	check(&loader, 2, "012:3");
	check(&loader, 3, "342:3");
	check(&loader, 4, "342:3"); // not the base's
	assert_true(loader.scopes.lists.items[loader.scopes.of_object[3].parts[0].list].is_global);
	assert_true(made_is_global(&loader.scopes, 4));
	assert_false(scopes_reach(&loader.scopes, 4, 0, false, NULL));
	finish(&loader);
}

static void test_lists_that_cannot_be(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 3);
	put_startup(&loader, "012", "01");
	uint64_t endless = put_words(&loader, LISTS(0, 0), 2), empty = put_words(&loader, LISTS(0, 0), 2);
	uint64_t lost = put_words(&loader, LISTS(0, 0), 2), long_one = put_words(&loader, LISTS(0, 0), 2);
	put_head(&loader, endless, arrays, UINT32_MAX);
	put_head(&loader, empty, arrays, 0);
	put_head(&loader, lost, nowhere, 2);
	put_head(&loader, long_one, arrays, 3 + 65); // more than there are objects, and room for proxies
	put_scope(&loader, 2, LISTS(endless, empty, lost, long_one, nowhere, searchlist(&loader, 0)));
	read_all(&loader);
	assert_int_equal(loader.scopes.lists.count, 1);
	check(&loader, 2, "012:3");
	finish(&loader);
}

// l_scope without an end: memory that was reused, or made so. And one that cannot be read.
static void test_a_scope_that_does_not_end(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 3);
	put_startup(&loader, "012", "01");
	uint64_t endless = nowhere + STRIDE;
	byte_target_map(&loader.memory, endless, 0x8000);
	for (uint64_t i = 0; i < 0x8000; i += 8)
		byte_target_put_word(&loader.memory, endless + i, searchlist(&loader, 0));
	byte_target_put_word(&loader.memory, word_of(&loader, 2, loader.shape.scope), endless);
	byte_target_put_word(&loader.memory, word_of(&loader, 1, loader.shape.scope), nowhere);
	read_all(&loader);
	assert_int_equal(loader.scopes.lists.count, 1);
	assert_in_range(loader.scopes.of_object[2].count, 1, 1024);
	check(&loader, 1, "012:3"); // the namespace's will do
	finish(&loader);
}

// An object may be unloaded while all of this is read.
static void test_a_map_that_is_gone(void **state)
{
	(void)state;
	struct loader loader;
	start(&loader, 4);
	put_startup(&loader, "012", "012");
	byte_target_unmap(&loader.memory, map_of(3));
	read_all(&loader);
	check(&loader, 3, "012:3");
	finish(&loader);
	// Nothing that is read leads anywhere but to lists: all words are the map itself.
	start(&loader, 3);
	for (size_t i = 0; i < loader.shape.words; i++)
		byte_target_put_word(&loader.memory, word_of(&loader, 0, i), map_of(0));
	check_nothing_read(&loader);
	finish(&loader);
}

static void test_no_scopes_at_all(void **state)
{
	(void)state;
	const struct scopes none = { 0 };
	assert_false(scopes_reach(&none, 3, 0, false, NULL));
	assert_false(made_is_global(&none, 0));
	assert_false(scopes_is_deepbind(&none, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_by_content),
		cmocka_unit_test(test_padding_is_not_looked_at),
		cmocka_unit_test(test_words_that_only_look_like_it),
		cmocka_unit_test(test_a_map_at_the_end_of_a_page),
		cmocka_unit_test(test_another_loader),
		cmocka_unit_test(test_lists_grow),
		cmocka_unit_test(test_deepbind_and_symbolic),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_lists_that_cannot_be),
		cmocka_unit_test(test_a_scope_that_does_not_end),
		cmocka_unit_test(test_a_map_that_is_gone),
		cmocka_unit_test(test_no_scopes_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// Every reference of every object, from relocations and the words that the loader wrote for them.

#include "../support/check.h"

#include "../support/link_world.h"
#include "link/references.h"

enum { D = ELF_AT_DATA, R = ELF_AT_RELRO, C = 0x1000 };
static const uint8_t data[256];

static const struct elf_symbol_spec provided[] = {
	FIND_GLOBAL("counter", D, 8), FIND_TLS("slot", 8, 8), FIND_GLOBAL("other", D + 16, 8),
	LINK_FUNCTION("run", C),      FIND_TLS("both", 0, 8), { 0 },
};
static const struct elf_symbol_spec wanted[] = {
	LINK_WANTED("counter", STT_OBJECT), LINK_WANTED("slot", STT_TLS),    LINK_WANTED("other", STT_NOTYPE),
	LINK_WANTED("run", STT_NOTYPE),     LINK_WANTED("both", STT_NOTYPE), { 0 },
};

/** A program without references, then a library that provides, then one that refers. */
struct scene {
	struct link_world world;
	references found;
};

static void start_on(struct scene *scene, uint16_t machine, const struct elf_symbol_spec *symbols,
		     const struct elf_reloc_spec *relocs, const struct elf_reloc_spec *plt_relocs)
{
	*scene = (struct scene){ 0 };
	link_world_init(&scene->world, machine);
	link_world_add_symbols(&scene->world, FIND_ROWS(FIND_GLOBAL("program", D, 8)));
	link_world_add_symbols(&scene->world, provided);
	link_world_add(&scene->world, &(struct elf_spec){ .dynamic_symbols = symbols,
							  .relocs = relocs,
							  .plt_relocs = plt_relocs,
							  .relro = data,
							  .relro_size = sizeof(data),
							  .data = data,
							  .data_size = sizeof(data) });
	link_world_link(&scene->world);
}

static void start(struct scene *scene, const struct elf_reloc_spec *relocs)
{
	start_on(scene, EM_X86_64, wanted, relocs, NULL);
}

static void put(struct scene *scene, uint64_t offset, uint64_t value)
{
	byte_target_put_word(&scene->world.memory, link_world_at(&scene->world, 2, offset), value);
}

static uint64_t provider(const struct scene *scene, uint64_t offset)
{
	return link_world_at(&scene->world, 1, offset);
}

static void read_all(struct scene *scene, size_t count)
{
	vec_deinit(&scene->found);
	assert_fine(references_read(&scene->world.memory.target, &scene->world.resolver, &scene->found));
	assert_int_equal(scene->found.count, count);
}

static void finish(struct scene *scene)
{
	vec_deinit(&scene->found);
	link_world_deinit(&scene->world);
}

static void check(const struct scene *scene, size_t index, const char *name, enum polyton_reference_kind kind,
		  enum polyton_binding_source source, uint64_t offset)
{
	assert_true(index < scene->found.count);
	const struct reference *reference = &scene->found.items[index];
	assert_int_equal(reference->object, 2);
	assert_string_equal(reference_name(&scene->world.resolver, reference), name);
	assert_int_equal(reference->kind, kind);
	assert_int_equal(reference->source, source);
	assert_int_equal(reference->place, link_world_at(&scene->world, 2, offset));
	link_world_check(&scene->world, reference->bound_to, 1, link_world_symbol(&scene->world, 1, name));
}

static void test_every_kind_of_word(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = {
		{ D, R_X86_64_GLOB_DAT, 1, 0 },
		{ D + 8, R_X86_64_64, 3, 24 }, // points into the variable
		{ D + 16, R_X86_64_DTPMOD64, 2, 0 },
		{ D + 40, R_X86_64_DTPOFF64, 2, 0 }, // says nothing that DTPMOD does not
		{ D + 48, R_X86_64_RELATIVE, 0, 0 },
		{ D + 56, R_X86_64_IRELATIVE, 0, 0 },
		{ D + 64, R_X86_64_GLOB_DAT, 99, 0 }, // no such symbol
		{ D + 72, R_X86_64_GLOB_DAT, 0, 0 },
		{ D + 80, R_X86_64_TPOFF64, 5, 4 },
		{ D + 88, R_X86_64_PC32, 1, 0 }, // in code: the loader's word is not a word
		{ 0 },
	};
	const struct elf_reloc_spec plt_relocs[] = { { D + 96, R_X86_64_JUMP_SLOT, 4, 0 }, { 0 } };
	struct scene scene;
	start_on(&scene, EM_X86_64, wanted, relocs, plt_relocs);
	scene.world.objects[1].has_static_tls = true;
	scene.world.objects[1].tls_offset = 64;
	put(&scene, D, provider(&scene, D));
	put(&scene, D + 8, provider(&scene, D + 16 + 24));
	put(&scene, D + 16, 2);
	put(&scene, D + 80, (uint64_t)-64 + 4);
	put(&scene, D + 96, provider(&scene, C));
	read_all(&scene, 5);
	check(&scene, 0, "counter", POLYTON_REFERENCE_DATA, POLYTON_BINDING_READ, D);
	check(&scene, 1, "other", POLYTON_REFERENCE_DATA, POLYTON_BINDING_READ, D + 8);
	check(&scene, 2, "slot", POLYTON_REFERENCE_TLS, POLYTON_BINDING_READ, D + 16);
	check(&scene, 3, "both", POLYTON_REFERENCE_TLS, POLYTON_BINDING_READ, D + 80);
	check(&scene, 4, "run", POLYTON_REFERENCE_FUNCTION, POLYTON_BINDING_READ, D + 96);
	finish(&scene);
}

// What cannot be read, does not tell, or is not bound yet is looked up; which of these it was is said.
static void test_words_that_do_not_tell_are_looked_up(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = {
		{ ELF_AT_END + 0x1000, R_X86_64_GLOB_DAT, 1, 0 },
		{ UINT64_MAX - 3, R_X86_64_GLOB_DAT, 3, 0 },
		{ D, R_X86_64_JUMP_SLOT, 4, 0 },
		{ D + 8, R_X86_64_DTPMOD64, 2, 0 },
		{ 0 },
	};
	struct scene scene;
	start(&scene, relocs);
	put(&scene, D, link_world_at(&scene.world, 2, C)); // into its own PLT
	put(&scene, D + 8, 1234);
	read_all(&scene, 4);
	check(&scene, 0, "counter", POLYTON_REFERENCE_DATA, POLYTON_BINDING_COMPUTED, ELF_AT_END + 0x1000);
	check(&scene, 1, "other", POLYTON_REFERENCE_DATA, POLYTON_BINDING_COMPUTED, UINT64_MAX - 3);
	check(&scene, 2, "run", POLYTON_REFERENCE_FUNCTION, POLYTON_BINDING_PENDING, D);
	check(&scene, 3, "slot", POLYTON_REFERENCE_TLS, POLYTON_BINDING_COMPUTED, D + 8);
	finish(&scene);
}

// A pending function will be looked up among all that is loaded by then; a word that was written long ago was not.
static void test_when_it_was_looked_up(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_X86_64_GLOB_DAT, 1, 0 },
						 { D + 8, R_X86_64_JUMP_SLOT, 4, 0 },
						 { 0 } };
	struct scene scene;
	start(&scene, relocs);
	scopes_deinit(&scene.world.scopes);
	made_scopes_init(&scene.world.scopes, 3);
	made_scopes_part(&scene.world.scopes, 2, made_scopes_list(&scene.world.scopes, MADE_GLOBAL, "01"), 1);
	put(&scene, D + 8, link_world_at(&scene.world, 2, C));
	read_all(&scene, 2);
	assert_int_equal(scene.found.items[0].source, POLYTON_BINDING_COMPUTED);
	link_world_check(&scene.world, scene.found.items[0].bound_to, POLYTON_NONE, 0);
	check(&scene, 1, "run", POLYTON_REFERENCE_FUNCTION, POLYTON_BINDING_PENDING, D + 8);
	finish(&scene);
}

static void test_copies(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { FIND_BSS, R_X86_64_COPY, 1, 0 }, { 0 } };
	struct scene scene;
	start_on(&scene, EM_X86_64, FIND_ROWS(FIND_GLOBAL("counter", FIND_BSS, 8)), relocs, NULL);
	scene.world.objects[0].is_program = false;
	scene.world.objects[2].is_program = true;
	put(&scene, FIND_BSS, provider(&scene, D)); // a pointer that is the variable's content
	read_all(&scene, 1);
	check(&scene, 0, "counter", POLYTON_REFERENCE_COPY, POLYTON_BINDING_COMPUTED, FIND_BSS);
	finish(&scene);
}

// A table of a thousand pointers to one variable is one reference. What only the loader writes tells most,
// whatever the program made of the others.
static void test_the_most_telling_word_counts(void **state)
{
	(void)state;
	static const struct elf_reloc_spec writable = { D, R_X86_64_64, 1, 0 }, relro = { R, R_X86_64_64, 1, 8 },
					   got = { D + 8, R_X86_64_GLOB_DAT, 1, 0 };
	const struct elf_reloc_spec orders[][5] = {
		{ writable, relro, got, { D + 16, R_X86_64_GLOB_DAT, 1, 0 } },
		{ got, relro, writable },
		{ relro, got, writable },
	};
	struct scene scene;
	for (size_t i = 0; i < count_of(orders); i++) {
		start(&scene, orders[i]);
		put(&scene, D, provider(&scene, D + 16));
		put(&scene, R, provider(&scene, D + 16));
		put(&scene, D + 8, provider(&scene, D));
		read_all(&scene, 1);
		check(&scene, 0, "counter", POLYTON_REFERENCE_DATA, POLYTON_BINDING_READ, D + 8);
		finish(&scene);
	}
	const struct elf_reloc_spec without[] = { writable, relro, { D + 16, R_X86_64_64, 1, 0 }, { 0 } };
	start(&scene, without);
	put(&scene, R, provider(&scene, D + 8));
	read_all(&scene, 1);
	check(&scene, 0, "counter", POLYTON_REFERENCE_DATA, POLYTON_BINDING_READ, R);
	finish(&scene);
}

// A function that is called and whose address is taken is two references: they may lead to two places. So are a
// thread-local and a function of one name.
static void test_classes_are_apart(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_X86_64_GLOB_DAT, 4, 0 },
						 { D + 8, R_X86_64_JUMP_SLOT, 4, 0 },
						 { D + 16, R_X86_64_DTPMOD64, 5, 0 },
						 { D + 24, R_X86_64_JUMP_SLOT, 5, 0 },
						 { 0 } };
	struct scene scene;
	start(&scene, relocs);
	put(&scene, D, provider(&scene, C));
	put(&scene, D + 8, provider(&scene, C));
	put(&scene, D + 16, 2);
	read_all(&scene, 4);
	check(&scene, 0, "run", POLYTON_REFERENCE_FUNCTION, POLYTON_BINDING_READ, D); // by what it leads to
	check(&scene, 1, "run", POLYTON_REFERENCE_FUNCTION, POLYTON_BINDING_READ, D + 8);
	check(&scene, 2, "both", POLYTON_REFERENCE_TLS, POLYTON_BINDING_READ, D + 16);
	assert_int_equal(scene.found.items[3].kind, POLYTON_REFERENCE_FUNCTION);
	assert_int_equal(scene.found.items[0].class, LOOKUP_DATA);
	assert_int_equal(scene.found.items[1].class, LOOKUP_PLT);
	finish(&scene);
}

static void test_descriptors(void **state)
{
	(void)state;
	static const struct {
		uint16_t machine;
		uint32_t type;
		uint64_t offset, argument;
	} cases[] = { { EM_X86_64, R_X86_64_TLSDESC, 320, (uint64_t)-320 + 8 },
		      { EM_AARCH64, R_AARCH64_TLSDESC, 72, 72 + 8 } };
	for (size_t i = 0; i < count_of(cases); i++) {
		const struct elf_reloc_spec relocs[] = { { D, cases[i].type, 2, 0 }, { 0 } };
		const uint64_t heap = 0x1c3e2a0;
		struct scene scene;
		start_on(&scene, cases[i].machine, wanted, relocs, NULL);
		scene.world.objects[1].has_static_tls = true;
		scene.world.objects[1].tls_offset = cases[i].offset;
		put(&scene, D, 0x7f1300001000); // the function that knows what the argument is
		put(&scene, D + 8, cases[i].argument);
		read_all(&scene, 1);
		check(&scene, 0, "slot", POLYTON_REFERENCE_TLS, POLYTON_BINDING_READ, D);
		byte_target_map(&scene.world.memory, heap, 24);
		byte_target_put_word(&scene.world.memory, heap, 2);
		put(&scene, D + 8, heap);
		read_all(&scene, 1);
		check(&scene, 0, "slot", POLYTON_REFERENCE_TLS, POLYTON_BINDING_READ, D);
		// Where nothing is, nothing was read.
		put(&scene, D + 8, 0x999999999000);
		read_all(&scene, 1);
		check(&scene, 0, "slot", POLYTON_REFERENCE_TLS, POLYTON_BINDING_COMPUTED, D);
		finish(&scene);
	}
}

static void test_biased_distances(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_PPC64_TPREL64, 2, 0 }, { 0 } };
	struct scene scene;
	start_on(&scene, EM_PPC64, wanted, relocs, NULL);
	scene.world.objects[1].has_static_tls = true;
	scene.world.objects[1].tls_offset = 64;
	put(&scene, D, (uint64_t)(64 + 8) - 0x7000);
	read_all(&scene, 1);
	check(&scene, 0, "slot", POLYTON_REFERENCE_TLS, POLYTON_BINDING_READ, D);
	finish(&scene);
}

static void test_objects_without_tables(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_X86_64_GLOB_DAT, 1, 0 }, { 0 } };
	static const struct elf_lookup no_tables;
	struct scene scene;
	start(&scene, relocs);
	scene.world.objects[0].file = NULL;
	scene.world.objects[0].lookup = &no_tables;
	put(&scene, D, provider(&scene, D));
	read_all(&scene, 1);
	check(&scene, 0, "counter", POLYTON_REFERENCE_DATA, POLYTON_BINDING_READ, D);
	scene.world.objects[2].file = NULL;
	read_all(&scene, 0);
	finish(&scene);
}

// Whoever is loaded first has the unique symbol, and its words are asked first.
static void test_in_object_order(void **state)
{
	(void)state;
	const struct elf_reloc_spec relocs[] = { { D, R_X86_64_GLOB_DAT, 2, 0 },
						 { D + 8, R_X86_64_GLOB_DAT, 1, 0 },
						 { 0 } };
	const struct elf_symbol_spec *rows =
		FIND_ROWS(FIND_SYMBOL("u", STB_GNU_UNIQUE, STT_OBJECT, D + 16, 8), LINK_WANTED("x", STT_OBJECT));
	const struct elf_spec spec = { .dynamic_symbols = rows,
				       .relocs = relocs,
				       .data = data,
				       .data_size = sizeof(data) };
	struct scene scene = { 0 };
	link_world_init(&scene.world, EM_X86_64);
	for (size_t i = 0; i < 3; i++)
		link_world_add(&scene.world, &spec);
	made_scopes_init(&scene.world.scopes, 3);
	made_scopes_use(&scene.world.scopes, "1", made_scopes_list(&scene.world.scopes, MADE_LOCAL, "1"));
	made_scopes_use(&scene.world.scopes, "2", made_scopes_list(&scene.world.scopes, MADE_LOCAL, "2"));
	link_world_link(&scene.world);
	read_all(&scene, 6);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(scene.found.items[i].object, i / 2);
		assert_int_equal(scene.found.items[i].symbol, i % 2 ? 1 : 2);
		assert_int_equal(scene.found.items[i].source, POLYTON_BINDING_COMPUTED);
	}
	link_world_check(&scene.world, scene.found.items[3].bound_to, 1, 1);
	link_world_check(&scene.world, scene.found.items[5].bound_to, 1, 1);
	finish(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_word),
		cmocka_unit_test(test_words_that_do_not_tell_are_looked_up),
		cmocka_unit_test(test_when_it_was_looked_up),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_the_most_telling_word_counts),
		cmocka_unit_test(test_classes_are_apart),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_biased_distances),
		cmocka_unit_test(test_objects_without_tables),
		cmocka_unit_test(test_in_object_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

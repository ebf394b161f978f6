// Whose start code constructs what has been merged: made of the few instructions that compilers make of it.

#include "../support/check.h"

#include "../support/find_world.h"
#include "arch/instruction.h"
#include "find/twiceinit.h"

enum {
	CODE = ELF_AT_RODATA,
	CONSTRUCTOR = CODE + 0x200,
	FUNCTION = CODE + 0x240,
	STUB = CODE + 0x280,
	INIT = ELF_AT_DATA,  // the array, in .data
	VARIABLE = 0x6100,   // in .bss
	SLOT = 0x7000,       // leads to the variable
	EXIT_SLOT = 0x7008,  // leads to __cxa_atexit
	OTHER_SLOT = 0x7010, // leads to another variable
	POINTER = 0x7018,    // to the variable: the loader adds the bias
	CONSTANT = CODE + 0x2c0,
	SYMBOL_VARIABLE = 1,
	SYMBOL_EXIT,
	SYMBOL_OTHER,
};

static const char variable[] = "_ZN4desk8registryE";

/** Code of one function, and what else of its object a test may change. */
struct code {
	uint8_t bytes[0x300];
	size_t size;
	const char *name; ///< Of the start function, NULL for none.
	bool is_listed;   ///< In the array of start functions.
	uint64_t place;   ///< Of the variable.
	unsigned binding;
	const char *guard;  ///< Exported beside the variable.
	const char *symbol; ///< The variable's, if not the usual one.
	bool has_constant;  ///< The variable's address stands at CONSTANT, for good.
};

static struct code start_code(void)
{
	return (struct code){ .name = "_GLOBAL__sub_I_registry",
			      .is_listed = true,
			      .place = VARIABLE,
			      .binding = STB_GLOBAL };
}

static void put(struct code *code, const char *opcode, size_t size)
{
	memcpy(code->bytes + code->size, opcode, size);
	code->size += size;
}

// An opcode and the distance of @p target from the instruction's end.
static void put_relative(struct code *code, const char *opcode, size_t size, uint64_t target)
{
	int32_t distance = (int32_t)(target - (CODE + code->size + size + 4));
	put(code, opcode, size);
	memcpy(code->bytes + code->size, &distance, 4);
	code->size += 4;
}

#define PUT(code, opcode) put(code, opcode, sizeof(opcode) - 1)
#define LEA_RDI(code, target) put_relative(code, "\x48\x8d\x3d", 3, target)
#define LOAD_RDI(code, slot) put_relative(code, "\x48\x8b\x3d", 3, slot)
#define LOAD_RSI(code, slot) put_relative(code, "\x48\x8b\x35", 3, slot)
#define LOAD_RBX(code, slot) put_relative(code, "\x48\x8b\x1d", 3, slot)
#define MOV_RDI_RBX(code) PUT(code, "\x48\x89\xdf")
#define MOV_RSI_RBX(code) PUT(code, "\x48\x89\xde")
#define CALL(code, target) put_relative(code, "\xe8", 1, target)
#define CALL_SLOT(code, slot) put_relative(code, "\xff\x15", 2, slot)

static void add(struct find_world *world, struct code *code, uint16_t machine)
{
	static const uint8_t data[0x1000];
	const struct elf_symbol_spec full[] = {
		FIND_SYMBOL("_ZN4desk8RegistryC1Ev", STB_LOCAL, STT_FUNC, CONSTRUCTOR, 16),
		FIND_SYMBOL("_ZN4desk8Registry3addEi", STB_LOCAL, STT_FUNC, FUNCTION, 16),
		FIND_SYMBOL(code->symbol ? code->symbol : variable, code->binding, STT_OBJECT, code->place, 32),
		FIND_SYMBOL(code->name, STB_LOCAL, STT_FUNC, CODE, code->size),
		{ 0 },
	};
	// A stub of the procedure linkage table, behind the code.
	size_t size = code->size;
	code->size = STUB - CODE;
	PUT(code, "\xf3\x0f\x1e\xfa");
	put_relative(code, "\xff\x25", 2, EXIT_SLOT);
	if (code->has_constant)
		memcpy(code->bytes + CONSTANT - CODE, &code->place, sizeof(code->place));
	find_world_add(world,
		       &(struct elf_spec){
			       .machine = machine,
			       .dynamic_symbols =
				       FIND_ROWS(FIND_SYMBOL(code->symbol ? code->symbol : variable, code->binding,
							     STT_OBJECT, code->place, 32),
						 LINK_WANTED_WEAK("__cxa_atexit", STT_FUNC),
						 FIND_GLOBAL("other", 0x6200, 8),
						 FIND_GLOBAL(code->guard ? code->guard : "nothing", 0x6300, 8)),
			       .symbols = full,
			       .relocs = FIND_RELOCS(FIND_RELOC(R_X86_64_GLOB_DAT, SLOT, SYMBOL_VARIABLE),
						     FIND_RELOC(R_X86_64_GLOB_DAT, EXIT_SLOT, SYMBOL_EXIT),
						     FIND_RELOC(R_X86_64_GLOB_DAT, OTHER_SLOT, SYMBOL_OTHER),
						     { POINTER, R_X86_64_RELATIVE, 0, (int64_t)code->place },
						     { INIT, code->is_listed ? R_X86_64_RELATIVE : R_X86_64_DTPOFF64,
						       0, CODE }),
			       .rodata = code->bytes,
			       .rodata_size = sizeof(code->bytes),
			       .data = data,
			       .data_size = sizeof(data),
			       .init_array = INIT,
			       .init_array_size = 8,
		       });
	code->size = size;
}

static void find(struct find_world *world)
{
	struct twiceinit found = { 0 };
	assert_fine(twiceinit_look(&world->finder, &found));
	world->finder.twiceinit = &found;
	assert_fine(twiceinit_find(&world->finder));
	world->finder.twiceinit = NULL;
	twiceinit_deinit(&found);
}

// What is found when "a" has that start code, and "b", whose variable is merged with a's, this.
static void find_on(struct find_world *world, uint16_t machine, struct code *a, struct code *b)
{
	find_world_init(world, EM_X86_64);
	add(world, a, machine);
	add(world, b, machine);
	find_world_settle(world);
	find(world);
}

static void assert_twice(struct code *a, struct code *b, const char *headline)
{
	struct find_world world;
	find_on(&world, EM_X86_64, a, b);
	const struct polyton_finding *finding = find_world_finding(&world, "PT013");
	assert_non_null(finding);
	assert_string_equal(finding->headline, headline);
	assert_string_equal(finding->slug, "merged-twice-initialised");
	assert_int_equal(finding->severity, POLYTON_SEVERITY_WARNING);
	assert_int_not_equal(finding->singleton, POLYTON_NONE);
	assert_int_equal(finding->object, POLYTON_NONE);
	assert_non_null(strstr(finding->detail, "All use a's"));
	find_world_deinit(&world);
}

static void assert_healthy(struct code *a, struct code *b)
{
	struct find_world world;
	find_on(&world, EM_X86_64, a, b);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

static const char constructed[] = "desk::registry is one variable, but is constructed twice: by a and b.";
static const char destroyed[] = "desk::registry is one variable, but will be destroyed twice: by a and b.";

// As the program's and as a library's.
static struct code constructs_directly(void)
{
	struct code code = start_code();
	LEA_RDI(&code, VARIABLE);
	CALL(&code, CONSTRUCTOR);
	return code;
}

static struct code constructs_by_slot(void)
{
	struct code code = start_code();
	LOAD_RDI(&code, SLOT);
	CALL(&code, CONSTRUCTOR);
	return code;
}

static void test_constructed_twice(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = constructs_by_slot();
	assert_twice(&a, &b, constructed);
	a = constructs_by_slot(); // a library's own
	assert_twice(&a, &b, constructed);
}

static void test_address_goes_through_registers(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = start_code();
	LOAD_RBX(&b, SLOT);
	CALL(&b, FUNCTION); // which preserves it
	MOV_RDI_RBX(&b);
	CALL(&b, CONSTRUCTOR);
	assert_twice(&a, &b, constructed);
}

// The linker may have made such words of slots, where it knew which variable it would be.
static void test_words_that_lead_to_its_own(void **state)
{
	(void)state;
	struct code a = start_code(), b = constructs_by_slot();
	LOAD_RDI(&a, POINTER);
	CALL(&a, CONSTRUCTOR);
	assert_twice(&a, &b, constructed);
	assert_healthy(&b, &a); // b's own, which nobody uses
	a.size = 0;
	LOAD_RDI(&a, CONSTANT);
	CALL(&a, CONSTRUCTOR);
	assert_healthy(&a, &b);
	a.has_constant = true;
	assert_twice(&a, &b, constructed);
}

static void test_destroyed_twice(void **state)
{
	(void)state;
	struct code a = start_code(), b = start_code();
	LOAD_RBX(&a, SLOT);
	LEA_RDI(&a, FUNCTION);
	MOV_RSI_RBX(&a);
	CALL(&a, STUB);
	LOAD_RSI(&b, SLOT);
	LEA_RDI(&b, FUNCTION);
	CALL_SLOT(&b, EXIT_SLOT);
	assert_twice(&a, &b, destroyed);
	b.size = 0;
	LOAD_RDI(&b, SLOT); // its first argument is a function
	CALL_SLOT(&b, EXIT_SLOT);
	assert_healthy(&b, &b);
	struct code c = constructs_by_slot(); // that one's destructor is trivial
	assert_healthy(&a, &c);
}

// Found by the array, or by its name when another function of the array calls it.
static void test_start_functions(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = constructs_by_slot();
	b.is_listed = false;
	assert_twice(&a, &b, constructed);
	b.name = "_Z41__static_initialization_and_destruction_0ii";
	assert_twice(&a, &b, constructed);
	b.name = "__cxx_global_var_init.3";
	assert_twice(&a, &b, constructed);
	b.name = "desk_reset";
	assert_healthy(&a, &b); // some function that is not run at the start
	b.is_listed = true;
	assert_twice(&a, &b, constructed);
	b.name = NULL;
	assert_twice(&a, &b, constructed); // stripped
}

static void test_only_one_constructs(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = start_code();
	assert_healthy(&a, &b);
	assert_healthy(&b, &a); // directly: b's own, which nobody uses
	LOAD_RDI(&b, SLOT);     // registers something
	CALL(&b, FUNCTION);
	assert_healthy(&a, &b);
	b.size = 0;
	LOAD_RSI(&b, SLOT); // as an argument of another's constructor
	LEA_RDI(&b, 0x6400);
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
	b.size = 0;
	LOAD_RDI(&b, SLOT); // what it points to
	PUT(&b, "\x48\x8b\x3f");
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
	b.size = 0;
	LOAD_RDI(&b, SLOT); // no more there after a call
	CALL(&b, FUNCTION);
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
	b.size = 0;
	LOAD_RBX(&b, SLOT); // overwritten
	LOAD_RBX(&b, OTHER_SLOT);
	MOV_RDI_RBX(&b);
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
	b.size = 0;
	LOAD_RDI(&b, SLOT); // likewise
	MOV_RDI_RBX(&b);
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
	b.size = 0;
	LEA_RDI(&b, SLOT); // the address of the word
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
	b.size = 0;
	LOAD_RDI(&b, SLOT); // on another path
	put_relative(&b, "\xe9", 1, CODE + 32);
	CALL(&b, CONSTRUCTOR);
	assert_healthy(&a, &b);
}

static void test_a_constant_is_not_constructed(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = constructs_by_slot();
	b.place = ELF_AT_DATA + 0x100; // has its value in the file
	assert_healthy(&a, &b);
}

// A guard is merged as its variable is.
static void test_a_guard_keeps_it_from_happening(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = constructs_by_slot();
	a.guard = b.guard = "_ZGVN4desk8registryE";
	assert_healthy(&a, &b);
	b.guard = NULL;
	assert_healthy(&a, &b);
	b.guard = a.guard;
	a.guard = NULL;
	assert_healthy(&a, &b);
	b.guard = NULL;
	assert_twice(&a, &b, constructed);
	a.symbol = b.symbol = "registry"; // of no namespace, so not mangled
	assert_twice(&a, &b, "registry is one variable, but is constructed twice: by a and b.");
	a.guard = b.guard = "_ZGV8registry";
	assert_healthy(&a, &b);
}

static void test_apart(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = constructs_by_slot();
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, &a, EM_X86_64);
	add(&world, &b, EM_X86_64);
	made_scopes_init(&world.link.scopes, 2);
	made_scopes_use(&world.link.scopes, "0", made_scopes_list(&world.link.scopes, MADE_GLOBAL, "0"));
	made_scopes_use(&world.link.scopes, "1", made_scopes_list(&world.link.scopes, MADE_LOCAL, "1"));
	find_world_settle(&world);
	find(&world);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	find_world_deinit(&world);
}

static void test_machines_whose_code_is_not_read(void **state)
{
	(void)state;
	static const char note[] =
		"whether variables that were merged are constructed more than once (PT013) was not "
		"looked at: code of this machine cannot be read";
	struct code a = constructs_directly(), b = constructs_by_slot();
	struct find_world world;
	find_on(&world, EM_RISCV, &a, &b);
	assert_int_equal(world.finder.snapshot->findings.count, 0);
	assert_int_equal(world.finder.snapshot->notes.count, 1);
	assert_string_equal(world.finder.snapshot->notes.items[0].text, note);
	find_world_deinit(&world);
	find_world_init(&world, EM_X86_64);
	add(&world, &a, EM_RISCV); // nothing that would be looked at
	find_world_settle(&world);
	find(&world);
	assert_int_equal(world.finder.snapshot->notes.count, 0);
	find_world_deinit(&world);
}

static void test_three_objects(void **state)
{
	(void)state;
	struct code a = start_code(), b = constructs_by_slot();
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, &a, EM_X86_64);
	add(&world, &b, EM_X86_64);
	add(&world, &b, EM_X86_64);
	find_world_settle(&world);
	find(&world);
	assert_string_equal(find_world_finding(&world, "PT013")->headline,
			    "desk::registry is one variable, but is constructed twice: by b and c.");
	find_world_deinit(&world);
}

// A library that was linked into two objects has many of them.
static void test_variables_of_the_same_objects_are_folded(void **state)
{
	(void)state;
	struct code a = start_code();
	struct find_world world;
	LOAD_RDI(&a, SLOT);
	CALL(&a, CONSTRUCTOR);
	LOAD_RDI(&a, OTHER_SLOT);
	CALL(&a, CONSTRUCTOR);
	struct code b = a;
	find_on(&world, EM_X86_64, &a, &b);
	const struct polyton_finding *finding = find_world_finding(&world, "PT013");
	assert_non_null(finding);
	assert_string_equal(finding->headline,
			    "2 variables are one each for all, but are constructed twice: by a and b "
			    "(desk::registry and other).");
	assert_int_equal(finding->singleton, POLYTON_NONE);
	assert_int_equal(finding->object, 1);
	find_world_deinit(&world);
}

// Start functions that are not there, and an array that is not in the file.
static void test_damage(void **state)
{
	(void)state;
	struct code a = constructs_directly(), b = constructs_by_slot();
	struct find_world world;
	find_world_init(&world, EM_X86_64);
	add(&world, &a, EM_X86_64);
	add(&world, &b, EM_X86_64);
	world.inputs[1].dynamic.init_array = UINT64_MAX - 8;
	world.inputs[1].dynamic.init_array_size = UINT64_MAX;
	((Elf64_Sym *)world.inputs[0].symbols.entries)[4].st_size = UINT64_MAX;
	find_world_settle(&world);
	find(&world);
	assert_string_equal(find_world_finding(&world, "PT013")->headline, constructed);
	find_world_deinit(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constructed_twice),
		cmocka_unit_test(test_address_goes_through_registers),
		cmocka_unit_test(test_words_that_lead_to_its_own),
		cmocka_unit_test(test_destroyed_twice),
		cmocka_unit_test(test_start_functions),
		cmocka_unit_test(test_only_one_constructs),
		cmocka_unit_test(test_a_constant_is_not_constructed),
		cmocka_unit_test(test_a_guard_keeps_it_from_happening),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_machines_whose_code_is_not_read),
		cmocka_unit_test(test_three_objects),
		cmocka_unit_test(test_variables_of_the_same_objects_are_folded),
		cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// The table against the notes' own numbers, which were proved on running programs.

#include "../support/check.h"

#include <elf.h>

#include "arch/arch.h"

enum { LOONGARCH = 258 };

static const struct {
	uint16_t machine;
	uint8_t elf_class, elf_data;
	const char *name;
} known[] = {
	{ EM_X86_64, ELFCLASS64, ELFDATA2LSB, "x86_64" }, { EM_386, ELFCLASS32, ELFDATA2LSB, "i386" },
	{ EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x" },    { EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "aarch64" },
	{ EM_ARM, ELFCLASS32, ELFDATA2LSB, "arm" },       { EM_RISCV, ELFCLASS64, ELFDATA2LSB, "riscv64" },
	{ EM_PPC64, ELFCLASS64, ELFDATA2LSB, "ppc64le" }, { LOONGARCH, ELFCLASS64, ELFDATA2LSB, "loongarch64" },
	{ EM_MIPS, ELFCLASS64, ELFDATA2LSB, "mips64" },
};

static void test_every_machine_is_found_by_its_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(known); i++) {
		const struct arch *arch = arch_find(known[i].machine, known[i].elf_class, known[i].elf_data);
		assert_non_null(arch);
		assert_string_equal(arch->name, known[i].name);
		assert_int_equal(arch->word, known[i].elf_class == ELFCLASS64 ? 8 : 4);
		assert_int_equal(arch->is_big_endian, known[i].elf_data == ELFDATA2MSB);
	}
}

static void test_other_machines_are_not(void **state)
{
	(void)state;
	assert_null(arch_find(EM_X86_64, ELFCLASS32, ELFDATA2LSB)); // x32
	assert_null(arch_find(EM_X86_64, ELFCLASS64, ELFDATA2MSB));
	assert_null(arch_find(EM_PPC64, ELFCLASS64, ELFDATA2MSB));
	assert_null(arch_find(EM_SPARCV9, ELFCLASS64, ELFDATA2MSB));
	assert_null(arch_find(0, 0, 0));
}

static const struct arch *machine(uint16_t number)
{
	for (size_t i = 0; i < count_of(known); i++) {
		if (known[i].machine == number)
			return arch_find(number, known[i].elf_class, known[i].elf_data);
	}
	return NULL;
}

static void test_sentinels_per_machine(void **state)
{
	(void)state;
	const uint16_t zero_means_none[] = { EM_X86_64, EM_386, EM_S390, EM_AARCH64, EM_ARM };
	const uint16_t zero_is_an_offset[] = { EM_RISCV, EM_PPC64, EM_MIPS, LOONGARCH };
	for (size_t i = 0; i < count_of(zero_means_none); i++) {
		assert_int_equal(machine(zero_means_none[i])->no_tls_offset, 0);
		assert_int_equal(machine(zero_means_none[i])->forced_dynamic_offset, -1);
	}
	for (size_t i = 0; i < count_of(zero_is_an_offset); i++) {
		assert_int_equal(machine(zero_is_an_offset[i])->no_tls_offset, -1);
		assert_int_equal(machine(zero_is_an_offset[i])->forced_dynamic_offset, -2);
	}
}

// Machines whose ABI gives the thread pointer no header keep tcbhead_t right below it, dtv first or last in it.
static void test_dtv_is_below_the_pointer_where_the_tcb_has_no_size(void **state)
{
	(void)state;
	assert_int_equal(machine(EM_AARCH64)->dtv_offset, 0);
	assert_int_equal(machine(EM_ARM)->dtv_offset, 0);
	assert_int_equal(machine(EM_RISCV)->dtv_offset, -16);
	assert_int_equal(machine(LOONGARCH)->dtv_offset, -16);
	assert_int_equal(machine(EM_MIPS)->dtv_offset, -16);
	assert_int_equal(machine(EM_PPC64)->dtv_offset, -8);
	assert_int_equal(machine(EM_X86_64)->dtv_offset, 8);
	assert_int_equal(machine(EM_386)->dtv_offset, 4);
	assert_int_equal(machine(EM_S390)->dtv_offset, 8);
}

static void test_pre_is_not_the_size_of_struct_pthread(void **state)
{
	(void)state;
	assert_int_equal(machine(EM_AARCH64)->pre_tcb_size, 1856);
	assert_int_equal(machine(EM_ARM)->pre_tcb_size, 1280);
	assert_int_equal(machine(EM_RISCV)->pre_tcb_size, 1888);
	assert_int_equal(machine(EM_PPC64)->pre_tcb_size, 1984);
	assert_int_equal(machine(EM_PPC64)->tp_offset_bias, 0x7000);
	assert_int_equal(machine(EM_MIPS)->tp_offset_bias, 0x7000);
	assert_int_equal(machine(EM_RISCV)->tp_offset_bias, 0);
	assert_int_equal(machine(EM_AARCH64)->tcb_size, 16);
	assert_int_equal(machine(EM_ARM)->tcb_size, 8);
}

static void test_robust_head_differs_on_32_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_of(known); i++) {
		const struct arch *arch = machine(known[i].machine);
		assert_int_equal(arch->robust_head_offset, arch->tid_offset + (arch->word == 8 ? 16 : 4));
	}
	assert_int_equal(machine(EM_X86_64)->robust_head_offset, 736);
	assert_int_equal(machine(EM_AARCH64)->robust_head_offset, 224);
	assert_int_equal(machine(EM_386)->robust_head_offset, 108);
}

static void test_relocation_numbers(void **state)
{
	(void)state;
	const struct {
		uint16_t machine;
		struct arch_relocs relocs;
	} rows[] = {
		{ EM_X86_64, { 1, 6, 7, 8, 37, 5, 16, 17, 18, 36 } },
		{ EM_386, { 1, 6, 7, 8, 42, 5, 35, 36, 14, 41 } },
		{ EM_AARCH64, { 257, 1025, 1026, 1027, 1032, 1024, 1028, 1029, 1030, 1031 } },
		{ EM_ARM, { 2, 21, 22, 23, 160, 20, 17, 18, 19, 13 } },
		{ EM_RISCV, { 2, 0, 5, 3, 58, 4, 7, 9, 11, 12 } },
		{ EM_PPC64, { 38, 20, 21, 22, 248, 19, 68, 78, 73, 0 } },
		{ EM_S390, { 22, 10, 11, 12, 61, 9, 54, 55, 56, 0 } },
		{ LOONGARCH, { 2, 0, 5, 3, 12, 4, 7, 9, 11, 14 } },
	};
	for (size_t i = 0; i < count_of(rows); i++)
		assert_memory_equal(&machine(rows[i].machine)->relocs, &rows[i].relocs, sizeof(rows[i].relocs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_machine_is_found_by_its_header),
		cmocka_unit_test(test_other_machines_are_not),
		cmocka_unit_test(test_sentinels_per_machine),
		cmocka_unit_test(test_dtv_is_below_the_pointer_where_the_tcb_has_no_size),
		cmocka_unit_test(test_pre_is_not_the_size_of_struct_pthread),
		cmocka_unit_test(test_robust_head_differs_on_32_bit),
		cmocka_unit_test(test_relocation_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// The machines, as data. Sources: each psABI's TLS chapter; glibc sysdeps/*/nptl/tls.h (TLS_TCB_SIZE,
// TLS_PRE_TCB_SIZE, TLS_TCB_OFFSET), sysdeps/*/dl-tls.h (TLS_DTV_OFFSET), sysdeps/*/linkmap or
// elf/dl-tls.c for NO_TLS_OFFSET; <elf.h> for relocation numbers.

#include "arch/arch.h"

#include <elf.h>

#include "arch/flow.h"

#ifndef NT_ARM_TLS
#define NT_ARM_TLS 0x401
#endif
// binutils' names for what glibc's older elf.h lacks.
enum {
	LARCH_32 = 1,
	LARCH_64 = 2,
	LARCH_RELATIVE = 3,
	LARCH_COPY = 4,
	LARCH_JUMP_SLOT = 5,
	LARCH_DTPMOD64 = 7,
	LARCH_DTPREL64 = 9,
	LARCH_TPREL64 = 11,
	LARCH_IRELATIVE = 12,
	LARCH_DESC64 = 14
};
enum { MACHINE_LOONGARCH = 258, RISCV_TLSDESC = 12, RISCV_IRELATIVE = 58 };

static const struct arch machines[] = {
	{
		.machine = EM_X86_64,
		.word = 8,
		.name = "x86_64",
		.interpreter = "/lib64/ld-linux-x86-64.so.2",
		.tls_variant = ARCH_TLS_BELOW,
		.robust_head_offset = 736,
		.tid_offset = 720,
		.dtv_offset = 8,
		.self_offset = 16,
		.no_tls_offset = 0,
		.forced_dynamic_offset = -1,
		.tp_source = ARCH_TP_PRSTATUS,
		.tp_place = 21 * 8, // user_regs_struct.fs_base
		.cache_flags = { 0x303 },
		.relocs = { R_X86_64_64, R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE, R_X86_64_IRELATIVE,
			    R_X86_64_COPY, R_X86_64_DTPMOD64, R_X86_64_DTPOFF64, R_X86_64_TPOFF64, R_X86_64_TLSDESC },
		.flow = &flow_x86_64,
		// <sys/user.h>'s user_regs_struct in words, asm/unistd_64.h; psABI "DWARF Register Number".
		.tracing = { .pc_place = 16 * 8,
			     .sp_place = 19 * 8,
			     .syscall_place = 15 * 8,
			     .sys_exit = 60,
			     .sys_exit_group = 231,
			     .trap = { 0xcc },
			     .trap_size = 1,
			     .debug_place = 848, // offsetof(struct user, u_debugreg)
			     .frame_registers = 17,
			     .return_register = 16,
			     .sp_register = 7,
			     // rax rdx rcx rbx rsi rdi rbp rsp r8 to r15, rip
			     .frame_places = { 80, 96, 88, 40, 104, 112, 32, 152, 72, 64, 56, 48, 24, 16, 8, 0,
					       128 } },
	},
	{
		.machine = EM_386,
		.word = 4,
		.name = "i386",
		.is_tried = true,
		.interpreter = "/lib/ld-linux.so.2",
		.tls_variant = ARCH_TLS_BELOW,
		.robust_head_offset = 108,
		.tid_offset = 104,
		.dtv_offset = 4,
		.self_offset = 8,
		.no_tls_offset = 0,
		.forced_dynamic_offset = -1,
		.tp_source = ARCH_TP_I386_TLS,
		.cache_flags = { 3, 1 },
		.relocs = { R_386_32, R_386_GLOB_DAT, R_386_JMP_SLOT, R_386_RELATIVE, R_386_IRELATIVE, R_386_COPY,
			    R_386_TLS_DTPMOD32, R_386_TLS_DTPOFF32, R_386_TLS_TPOFF, R_386_TLS_DESC },
	},
	{
		.machine = EM_S390,
		.word = 8,
		.is_big_endian = true,
		.name = "s390x",
		.interpreter = "/lib/ld64.so.1",
		.tls_variant = ARCH_TLS_BELOW,
		.robust_head_offset = 224,
		.tid_offset = 208,
		.dtv_offset = 8,
		.self_offset = 16,
		.no_tls_offset = 0,
		.forced_dynamic_offset = -1,
		.tp_source = ARCH_TP_PRSTATUS,
		.tp_place = 144, // access registers 0 and 1
		.cache_flags = { 0x403 },
		.relocs = { R_390_64, R_390_GLOB_DAT, R_390_JMP_SLOT, R_390_RELATIVE, R_390_IRELATIVE, R_390_COPY,
			    R_390_TLS_DTPMOD, R_390_TLS_DTPOFF, R_390_TLS_TPOFF, 0 },
	},
	{
		.machine = EM_AARCH64,
		.word = 8,
		.name = "aarch64",
		.interpreter = "/lib/ld-linux-aarch64.so.1",
		.tls_variant = ARCH_TLS_ABOVE,
		.tcb_size = 16,
		.pre_tcb_size = 1856,
		.robust_head_offset = 224,
		.tid_offset = 208,
		.dtv_offset = 0,
		.self_offset = UINT16_MAX,
		.no_tls_offset = 0,
		.forced_dynamic_offset = -1,
		.tp_source = ARCH_TP_REGSET,
		.tp_regset = NT_ARM_TLS, // tpidr_el0
		.cache_flags = { 0xa03 },
		.relocs = { R_AARCH64_ABS64, R_AARCH64_GLOB_DAT, R_AARCH64_JUMP_SLOT, R_AARCH64_RELATIVE,
			    R_AARCH64_IRELATIVE, R_AARCH64_COPY, R_AARCH64_TLS_DTPMOD, R_AARCH64_TLS_DTPREL,
			    R_AARCH64_TLS_TPREL, R_AARCH64_TLSDESC },
		.flow = &flow_aarch64,
		// <sys/user.h>'s user_regs_struct: x0 to x30, sp, pc; the number is in x8 (asm-generic/unistd.h). How
		// to set breakpoints, and to find callers, nobody has taught it.
		.tracing = { .pc_place = 32 * 8,
			     .sp_place = 31 * 8,
			     .syscall_place = 8 * 8,
			     .sys_exit = 93,
			     .sys_exit_group = 94 },
	},
	{
		.machine = EM_ARM,
		.word = 4,
		.name = "arm",
		.interpreter = "/lib/ld-linux-armhf.so.3",
		.tls_variant = ARCH_TLS_ABOVE,
		.tcb_size = 8,
		.pre_tcb_size = 1280,
		.robust_head_offset = 108,
		.tid_offset = 104,
		.dtv_offset = 0,
		.self_offset = UINT16_MAX,
		.no_tls_offset = 0,
		.forced_dynamic_offset = -1,
		.tp_source = ARCH_TP_GET_THREAD_AREA,
		.cache_flags = { 0x903, 0xb03, 3 },
		.relocs = { R_ARM_ABS32, R_ARM_GLOB_DAT, R_ARM_JUMP_SLOT, R_ARM_RELATIVE, R_ARM_IRELATIVE, R_ARM_COPY,
			    R_ARM_TLS_DTPMOD32, R_ARM_TLS_DTPOFF32, R_ARM_TLS_TPOFF32, R_ARM_TLS_DESC },
	},
	{
		.machine = EM_RISCV,
		.word = 8,
		.name = "riscv64",
		.interpreter = "/lib/ld-linux-riscv64-lp64d.so.1",
		.tls_variant = ARCH_TLS_ABOVE,
		.pre_tcb_size = 1888,
		.dtp_bias = 0x800,
		.robust_head_offset = 224,
		.tid_offset = 208,
		.dtv_offset = -16,
		.self_offset = UINT16_MAX,
		.no_tls_offset = -1,
		.forced_dynamic_offset = -2,
		.tp_source = ARCH_TP_PRSTATUS,
		.tp_place = 32, // x4
		.cache_flags = { 0x1003, 0xf03 },
		.relocs = { R_RISCV_64, 0, R_RISCV_JUMP_SLOT, R_RISCV_RELATIVE, RISCV_IRELATIVE, R_RISCV_COPY,
			    R_RISCV_TLS_DTPMOD64, R_RISCV_TLS_DTPREL64, R_RISCV_TLS_TPREL64, RISCV_TLSDESC },
	},
	{
		.machine = EM_PPC64,
		.word = 8,
		.name = "ppc64le",
		.interpreter = "/lib64/ld64.so.2",
		.tls_variant = ARCH_TLS_ABOVE,
		.pre_tcb_size = 1984,
		.tp_offset_bias = 0x7000,
		.dtp_bias = 0x8000,
		.robust_head_offset = 224,
		.tid_offset = 208,
		.dtv_offset = -8,
		.self_offset = UINT16_MAX,
		.no_tls_offset = -1,
		.forced_dynamic_offset = -2,
		.tp_source = ARCH_TP_PRSTATUS,
		.tp_place = 104, // r13
		.cache_flags = { 0x503 },
		.relocs = { R_PPC64_ADDR64, R_PPC64_GLOB_DAT, R_PPC64_JMP_SLOT, R_PPC64_RELATIVE, R_PPC64_IRELATIVE,
			    R_PPC64_COPY, R_PPC64_DTPMOD64, R_PPC64_DTPREL64, R_PPC64_TPREL64, 0 },
	},
	{
		.machine = MACHINE_LOONGARCH,
		.word = 8,
		.name = "loongarch64",
		.interpreter = "/lib64/ld-linux-loongarch-lp64d.so.1",
		.tls_variant = ARCH_TLS_ABOVE,
		.robust_head_offset = 224,
		.tid_offset = 208,
		.dtv_offset = -16,
		.self_offset = UINT16_MAX,
		.no_tls_offset = -1,
		.forced_dynamic_offset = -2,
		.tp_source = ARCH_TP_PRSTATUS,
		.tp_place = 16, // r2
		.cache_flags = { 0x1203, 0x1103 },
		.relocs = { LARCH_64, 0, LARCH_JUMP_SLOT, LARCH_RELATIVE, LARCH_IRELATIVE, LARCH_COPY, LARCH_DTPMOD64,
			    LARCH_DTPREL64, LARCH_TPREL64, LARCH_DESC64 },
	},
	{
		.machine = EM_MIPS,
		.word = 8,
		.name = "mips64",
		.interpreter = "",
		.tls_variant = ARCH_TLS_ABOVE,
		.tp_offset_bias = 0x7000,
		.dtp_bias = 0x8000,
		.robust_head_offset = 224,
		.tid_offset = 208,
		.dtv_offset = -16,
		.self_offset = UINT16_MAX,
		.no_tls_offset = -1,
		.forced_dynamic_offset = -2,
		.tp_source = ARCH_TP_GET_THREAD_AREA,
		.cache_flags = { 0x703, 0xe03 },
		.relocs = { R_MIPS_64, R_MIPS_GLOB_DAT, R_MIPS_JUMP_SLOT, R_MIPS_REL32, 0, R_MIPS_COPY,
			    R_MIPS_TLS_DTPMOD64, R_MIPS_TLS_DTPREL64, R_MIPS_TLS_TPREL64, 0 },
	},
};

const struct arch *arch_find(uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const struct arch *arch = &machines[i];
		if (arch->machine == machine && arch->word == (elf_class == ELFCLASS64 ? 8 : 4) &&
		    arch->is_big_endian == (elf_data == ELFDATA2MSB))
			return arch;
	}
	return NULL;
}

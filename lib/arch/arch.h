/**
 * Machine facts, one const table row per machine, chosen at run time from e_machine. Nothing above this floor
 * tests which machine it was compiled for.
 *
 * To add a machine: (1) a row in arch.c with every field from the psABI's TLS chapter and glibc's
 * sysdeps/MACHINE/nptl/tls.h; (2) relocation numbers by the macros of <elf.h>; (3) where the thread pointer is
 * in the general registers or in which regset; (4) run fixture 02 there.
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where the TLS blocks lie, seen from the thread pointer (Drepper, "ELF Handling For Thread-Local Storage"). */
enum arch_tls_variant {
	ARCH_TLS_ABOVE, ///< Variant I: glibc's DTV_AT_TP; struct pthread lies below the thread pointer.
	ARCH_TLS_BELOW, ///< Variant II: glibc's TCB_AT_TP; the thread pointer is the address of struct pthread.
};

/** How the thread pointer of a stopped thread is had. */
enum arch_tp_source {
	ARCH_TP_PRSTATUS,        ///< In NT_PRSTATUS's pr_reg, at tp_place.
	ARCH_TP_REGSET,          ///< First word of regset tp_regset.
	ARCH_TP_I386_TLS,        ///< Entry gs>>3 of NT_386_TLS's array of user_desc.
	ARCH_TP_GET_THREAD_AREA, ///< PTRACE_GET_THREAD_AREA.
};

/** Relocation types by meaning; 0 (R_*_NONE on every machine) where the machine has none. */
struct arch_relocs {
	uint32_t absolute; ///< A symbol's address in a data word (R_X86_64_64).
	uint32_t glob_dat, jump_slot, relative, irelative, copy;
	uint32_t tls_module, tls_offset, tls_static, tls_descriptor; ///< DTPMOD, DTPOFF, TPOFF, TLSDESC
};

enum {
	ARCH_FRAME_REGISTERS = 33, ///< DWARF's numbers that unwinding keeps.
	ARCH_SLOTS = 4,            ///< Breakpoints of a task: debug registers, or as many places in memory.
	ARCH_SHARED_SLOTS = 2,     ///< The first of them are those of its process.
};

/**
 * What following a program takes; all zero where nobody has tried it, and no breakpoint instruction where it is known
 * only how programs end.
 */
struct arch_tracing {
	/** NT_PRSTATUS's pr_reg, byte offsets: program counter, stack pointer, number of the system call it is in. */
	uint16_t pc_place, sp_place, syscall_place;
	uint16_t sys_exit, sys_exit_group; ///< Their numbers.
	uint8_t trap[4]; ///< The breakpoint instruction; the program counter is behind it at the stop.
	uint8_t trap_size;
	/** struct user's u_debugreg[0], for PTRACE_POKEUSER; 0 if there are none. */
	uint16_t debug_place;
	/** How far DWARF's numbers go, which one holds the return address, which one the stack pointer. */
	uint8_t frame_registers, return_register, sp_register;
	/** Where in pr_reg each of them is; the return address's is that of the program counter. */
	uint16_t frame_places[ARCH_FRAME_REGISTERS];
};

enum { ARCH_CACHE_FLAGS = 3 };

struct flow;

struct arch {
	uint16_t machine; ///< EM_*
	uint8_t word;     ///< Bytes of a pointer: 4 or 8.
	bool is_big_endian;
	const char *name;
	/** Programs for it were looked into by tests of ours; all of 64 bits are, as far as they are alike. */
	bool is_tried;
	const char *interpreter; ///< Where the psABI has glibc's dynamic loader; "" if polyton does not know.
	enum arch_tls_variant tls_variant;
	/** ABOVE: size of the ABI's own header at the thread pointer, before the program's TLS block. */
	uint16_t tcb_size;
	/** ABOVE: what the thread pointer is biased by (0x7000 where signed 16-bit offsets are used). */
	uint16_t tp_offset_bias;
	/** What __tls_get_addr adds to an offset (0x800 riscv, 0x8000 powerpc and mips); glibc's DTV is free of it. */
	uint16_t dtp_bias;
	/** ABOVE, glibc: TLS_PRE_TCB_SIZE as of 2.36, used only where no descriptor tells; 0 if not known. */
	uint16_t pre_tcb_size;
	/** glibc: &robust_head - struct pthread, from 2.25 on, checked against the self fields before use. */
	uint16_t robust_head_offset;
	/** glibc: pthread.tid likewise, for programs that carry no _thread_db_* descriptors. */
	uint16_t tid_offset;
	/**
	 * glibc: tcbhead_t.dtv from struct pthread (BELOW), or from the thread pointer without its bias (ABOVE), where
	 * it is below that on machines whose ABI has no header there (tcb_size 0).
	 */
	int16_t dtv_offset;
	/** tcbhead_t.self, only BELOW; UINT16_MAX where there is none. */
	uint16_t self_offset;
	/** glibc's NO_TLS_OFFSET: l_tls_offset of a module whose block is not placed. */
	int8_t no_tls_offset;
	/** glibc's FORCED_DYNAMIC_TLS_OFFSET. */
	int8_t forced_dynamic_offset;
	enum arch_tp_source tp_source;
	uint32_t tp_regset; ///< NT_* with ARCH_TP_REGSET.
	uint16_t tp_place;  ///< Byte offset of the thread pointer within pr_reg, with ARCH_TP_PRSTATUS.
	/**
	 * glibc: what ld.so.cache says of files that are for it, as far as this machine's loaders take them; 0 behind
	 * the last. Sources: FLAG_* in sysdeps/generic/ldconfig.h, _dl_cache_check_flags in each machine's dl-cache.h.
	 */
	uint16_t cache_flags[ARCH_CACHE_FLAGS];
	struct arch_relocs relocs;
	/** How its code is read, NULL where it is not. */
	const struct flow *flow;
	struct arch_tracing tracing;
};

/** The row of an ELF file's e_machine, EI_CLASS and EI_DATA, or NULL if there is none. */
const struct arch *arch_find(uint16_t machine, uint8_t elf_class, uint8_t elf_data);

#endif

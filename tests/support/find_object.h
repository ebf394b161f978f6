/**
 * One loaded object as the analysis sees it, made from rows of symbols: no file and no process.
 *
 * Its segments are those of every file of elf_writer.h: read-only up to ELF_AT_RELRO, relro up to ELF_AT_DATA, data
 * with content up to FIND_BSS and zeros up to ELF_AT_END. Thread-locals: FIND_TBSS bytes of content, zeros up to
 * FIND_TLS_SIZE.
 */
#ifndef SUPPORT_FIND_OBJECT_H
#define SUPPORT_FIND_OBJECT_H

#include "elf_writer.h"
#include "find/subject.h"

enum { FIND_BSS = 0x6000, FIND_TBSS = 0x100, FIND_TLS_SIZE = 0x200 };

/** Rows of symbols. A row without a name ends a table. */
#define FIND_SYMBOL(name, binding, type, value, size)                 \
	{                                                             \
		name, value, size, ELF64_ST_INFO(binding, type), 0, 1 \
	}
#define FIND_FILE(name)                                                    \
	{                                                                  \
		name, 0, 0, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, SHN_ABS \
	}
#define FIND_GLOBAL(name, value, size) FIND_SYMBOL(name, STB_GLOBAL, STT_OBJECT, value, size)
#define FIND_LOCAL(name, value, size) FIND_SYMBOL(name, STB_LOCAL, STT_OBJECT, value, size)
#define FIND_TLS(name, value, size) FIND_SYMBOL(name, STB_GLOBAL, STT_TLS, value, size)

/** A table of such rows. */
#define FIND_ROWS(...) ((const struct elf_symbol_spec[]){ __VA_ARGS__, { 0 } })

/** Fill @p ret from its table (NULL: what it exports is all there is) and what it exports (NULL: nothing). */
void find_object_init(struct object_input *ret, const struct elf_symbol_spec *symbols,
		      const struct elf_symbol_spec *exported);
void find_object_deinit(struct object_input *object);

/** Its candidate of that raw name, NULL if there is none. */
const struct candidate *find_candidate(const struct object_input *object, const char *name);

/** Rows of a snapshot: objects named "a", "b", ..., each 0x10000 bytes at @c FIND_BIAS, times one, two, .... */
enum { FIND_BIAS = 0x10000000 };
struct polyton_snapshot *find_snapshot(uint32_t object_count);

#endif

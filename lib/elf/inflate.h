/** Compressed content: SHF_COMPRESSED sections (zlib, zstd), .zdebug_* sections, the xz stream of .gnu_debugdata. */
#ifndef ELF_INFLATE_H
#define ELF_INFLATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/**
 * Inflate a section that begins with an Elf64_Chdr, or an Elf32_Chdr, into @p arena. A claimed size beyond all reason
 * is refused.
 */
must_use struct polyton_error *inflate_section(struct arena *arena, uint8_t elf_class, const char *name,
					       const uint8_t *bytes, size_t size, const uint8_t **ret,
					       size_t *size_ret);
/** The same for what came before these: "ZLIB", the size in eight bytes, a zlib stream (.zdebug_*). */
must_use struct polyton_error *inflate_zdebug(struct arena *arena, const char *name, const uint8_t *bytes,
					      size_t size, const uint8_t **ret, size_t *size_ret);
/** Inflate an xz stream into @p arena, with at most 256 MiB of working memory and 1 GiB of result. */
must_use struct polyton_error *inflate_xz(struct arena *arena, const char *name, const uint8_t *bytes, size_t size,
					  const uint8_t **ret, size_t *size_ret);

#endif

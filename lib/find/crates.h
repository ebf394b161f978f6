/**
 * Rust crates that an object embeds, by the panic-location paths in its read-only data. These survive strip(1):
 * ".../tokio-1.24.2/src/runtime/context.rs", ".../registry/src/index.crates.io-6f17d22bba15001f/log-0.4.17/src/lib.rs".
 */
#ifndef FIND_CRATES_H
#define FIND_CRATES_H

#include "elf/file.h"
#include "polyton.h"

/** All different (name, version) pairs, sorted by name then version; allocated in @p arena. At most 4096 are kept. */
must_use struct polyton_error *crates_scan(const struct elf_file *file, struct arena *arena,
					   struct polyton_crate **ret, size_t *count_ret);

#endif

/**
 * Which of the libraries' variants for better processors (glibc-hwcaps) this machine would load.
 */
#ifndef ARCH_LEVEL_H
#define ARCH_LEVEL_H

#include "arch/arch.h"

enum { ARCH_LEVELS_MAX = 4 };

/**
 * The names of the subfolders of glibc-hwcaps that ld.so would look into here for programs of @p arch, best first, and
 * a NULL behind the last: "x86-64-v3". None on another machine than polyton was built for. Sources: x86-64 psABI,
 * "Microarchitecture levels"; glibc sysdeps/x86_64/dl-hwcaps_subdirs.c (2.33).
 */
void arch_levels(const struct arch *arch, const char *ret[ARCH_LEVELS_MAX]);
/** What ld.so puts for $PLATFORM: AT_PLATFORM, or, on processors of Intel, "haswell" or "xeon_phi". "": not known. */
const char *arch_platform(const struct arch *arch);
/** The subfolder that ld.so up to 2.36 also tried for what the processor has: "avx512_1". "" for none. */
const char *arch_old_hwcap(const struct arch *arch);
/**
 * The same as bits of an ld.so.cache: "tls", "x86_64", $PLATFORM and the one before. Source: sysdeps/x86/dl-procinfo.h
 * of 2.36; of other machines "tls" alone.
 */
uint64_t arch_old_hwcaps(const struct arch *arch);

#endif

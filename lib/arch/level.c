// The files that ld.so would take depend on the processor; so this asks the one that polyton runs on, which is right
// for the programs of this machine, and a guess for a sysroot's.

#include "arch/level.h"

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>

#if defined(__x86_64__)
#include <cpuid.h>

enum {
	VENDOR_INTEL = 0x756e6547, // "Genu", CPUID 0: EBX
	STATE_AVX = 0x6,           // XCR0: SSE and AVX registers are kept by the system
	STATE_AVX512 = 0xe0,       // opmask, ZMM_Hi256, Hi16_ZMM
};

struct features {
	unsigned vendor;
	unsigned c1, d1;          // CPUID 1: ECX, EDX
	unsigned b7;              // CPUID 7.0: EBX
	unsigned c80000001;       // CPUID 80000001: ECX
	unsigned saved_by_kernel; // XCR0
};

static const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;

static struct features read_features(void)
{
	struct features features = { 0 };
	unsigned a, b, c, d;
	if (__get_cpuid(0, &a, &b, &c, &d))
		features.vendor = b;
	if (__get_cpuid(1, &a, &b, &c, &d)) {
		features.c1 = c;
		features.d1 = d;
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		features.b7 = b;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		features.c80000001 = c;
	if (features.c1 & bit_OSXSAVE)
		__asm__("xgetbv" : "=a"(features.saved_by_kernel), "=d"(d) : "c"(0));
	return features;
}

static bool has_all(unsigned word, unsigned wanted)
{
	return (word & wanted) == wanted;
}

static unsigned find_level(const struct features *features)
{
	if (!has_all(features->c1, bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT) ||
	    !has_all(features->c80000001, bit_LAHF_LM))
		return 1;
	if (!has_all(features->c1, bit_AVX | bit_F16C | bit_FMA | bit_MOVBE) ||
	    !has_all(features->b7, bit_AVX2 | bit_BMI | bit_BMI2) || !has_all(features->c80000001, bit_LZCNT) ||
	    !has_all(features->saved_by_kernel, STATE_AVX))
		return 2;
	return has_all(features->b7, avx512) && has_all(features->saved_by_kernel, STATE_AVX | STATE_AVX512) ? 4 : 3;
}

void arch_levels(const struct arch *arch, const char *ret[ARCH_LEVELS_MAX])
{
	static const char *const names[] = { "x86-64-v4", "x86-64-v3", "x86-64-v2" };
	ret[0] = NULL;
	if (arch->machine != EM_X86_64)
		return;
	const struct features features = read_features();
	unsigned level = find_level(&features), count = 0;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (level >= 4 - i)
			ret[count++] = names[i];
	}
	ret[count] = NULL;
}

// glibc sysdeps/x86/cpu-features.c: what a processor of level 3 is called since 2.26, if it is Intel's.
static const char *find_platform(void)
{
	static const unsigned phi = bit_AVX512F | bit_AVX512CD | bit_AVX512ER | bit_AVX512PF;
	const struct features features = read_features();
	if (features.vendor != VENDOR_INTEL || !has_all(features.saved_by_kernel, STATE_AVX))
		return NULL;
	if (has_all(features.saved_by_kernel, STATE_AVX512) && has_all(features.b7, phi))
		return "xeon_phi";
	if (has_all(features.b7, bit_AVX2 | bit_BMI | bit_BMI2) && has_all(features.c80000001, bit_LZCNT) &&
	    has_all(features.c1, bit_FMA | bit_MOVBE | bit_POPCNT))
		return "haswell";
	return NULL;
}

// The same place: HWCAP_X86_AVX512_1.
static const char *find_old_hwcap(void)
{
	const struct features features = read_features();
	bool has_avx512 = has_all(features.saved_by_kernel, STATE_AVX | STATE_AVX512) && has_all(features.b7, avx512);
	return features.vendor == VENDOR_INTEL && has_avx512 && !(features.b7 & bit_AVX512ER) ? "avx512_1" : "";
}
#else
void arch_levels(const struct arch *arch, const char *ret[ARCH_LEVELS_MAX])
{
	(void)arch;
	ret[0] = NULL;
}

static const char *find_platform(void)
{
	return NULL;
}

static const char *find_old_hwcap(void)
{
	return "";
}
#endif

const char *arch_platform(const struct arch *arch)
{
	const char *given = (const char *)getauxval(AT_PLATFORM), *found = find_platform();
	if (!given || strcmp(given, arch->name) != 0)
		return "";
	return found ? found : arch->name;
}

const char *arch_old_hwcap(const struct arch *arch)
{
	return arch_platform(arch)[0] ? find_old_hwcap() : "";
}

uint64_t arch_old_hwcaps(const struct arch *arch)
{
	static const struct {
		const char *name;
		unsigned bit;
	} platforms[] = { { "haswell", 50 }, { "xeon_phi", 51 } };
	enum { X86_64 = 1, AVX512_1 = 2, TLS = 63 };
	const char *platform = arch_platform(arch);
	uint64_t hwcaps = UINT64_C(1) << TLS;
	if (arch->machine != EM_X86_64)
		return hwcaps;
	hwcaps |= UINT64_C(1) << X86_64;
	if (arch_old_hwcap(arch)[0])
		hwcaps |= UINT64_C(1) << AVX512_1;
	for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++) {
		if (strcmp(platform, platforms[i].name) == 0)
			hwcaps |= UINT64_C(1) << platforms[i].bit;
	}
	return hwcaps;
}

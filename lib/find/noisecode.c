// Compilers, start files, libgcc, libc_nonshared.a and generators put functions into objects; those that plugins of one
// kind all define are here, too.

#include "find/noisecode.h"

#include <stdlib.h>
#include <string.h>

// Sorted by bytes, and none is the start of another: at most one fits a name, and a search finds it.
static const char *const starts[] = {
	"JNI_",
	"SWIG_",
	"_GLOBAL__",
	"_Unwind_",
	"_ZN10__cxxabi",
	"_ZN9__gnu_cxx",
	"_ZNK9__gnu_cxx",
	"_ZNKSt",
	"_ZNSt",
	"_ZSt",
	"__Pyx_",
	"__asan_",
	"__ashl",
	"__ashr",
	"__clear_cache",
	"__clz",
	"__cpu_indicator",
	"__ctz",
	"__cxa_",
	"__cxx_global_",
	"__deregister_f",
	"__div",
	"__do_global_",
	"__emutls_",
	"__extend",
	"__ffs",
	"__fix",
	"__float",
	"__gcc_",
	"__gcov",
	"__gxx_",
	"__libc_csu_",
	"__llvm_",
	"__lshr",
	"__mod",
	"__mul",
	"__popcount",
	"__pow",
	"__pthread_a",
	"__pyx_",
	"__register_f",
	"__rust_",
	"__sanitizer_",
	"__stack_chk_",
	"__static_ini",
	"__trunc",
	"__tsan_",
	"__ubsan_",
	"__udiv",
	"__umod",
	"__x86.get_pc_thunk",
	"_dl_relocate_static",
	"_fini",
	"_init",
	"_mcount",
	"_start",
	"_sub_I_",
	"add_fdes",
	"asan.module_",
	"at_quick_exit",
	"atexit",
	"base_from_",
	"classify_obj",
	"deregister_tm",
	"execute_cfa",
	"execute_stack",
	"fde_",
	"frame_dummy",
	"frame_heapsort",
	"fstat",
	"get_cie_enc",
	"init_object",
	"linear_search",
	"lstat",
	"main",
	"mknod",
	"pthread_atf",
	"read_encoded",
	"register_tm_",
	"rust_",
	"search_object",
	"size_of_encod",
	"stat",
	"uw_",
	"yy",
};

static int compare_start(const void *name, const void *place)
{
	const char *start = *(const char *const *)place;
	return strncmp(name, start, strlen(start));
}

// Asked of every function of an object.
bool noisecode_has(const char *name)
{
	return bsearch(name, starts, sizeof(starts) / sizeof(starts[0]), sizeof(starts[0]), compare_start);
}

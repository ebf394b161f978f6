/**
 * libdwarf as one API, whether it is that of 20210528 and before or of 0.1 and after. What is not here has the same
 * name and prototype in all of them; dwarf_next_cu_header_d() and dwarf_siblingof_b() are to be used throughout.
 */
#ifndef DWARF_SHIM_H
#define DWARF_SHIM_H

#include <dwarf.h>
#include <stdbool.h>
#include <stdio.h>
// It has a function of that name, which is not used; here it is a type of dwarf/scan.h.
#define dwarf_offset_list library_offset_list
#include <libdwarf.h>
#undef dwarf_offset_list

// The numbers came with 0.3.1. Versions from 0.1.1 to 0.3.0 have none and the newer API: they are not supported.
#ifdef DW_LIBDWARF_VERSION_MAJOR
#define SHIM_VERSION (DW_LIBDWARF_VERSION_MAJOR * 10000 + DW_LIBDWARF_VERSION_MINOR * 100 + DW_LIBDWARF_VERSION_MICRO)
#else
#define SHIM_VERSION 0
#endif

/** Builds with headers of one kind run with libraries of that kind: what is handed over has the same shape. */
enum shim_kind {
	SHIM_BEFORE_0_1,
	SHIM_BEFORE_0_9,  ///< A section's number is a Dwarf_Half.
	SHIM_BEFORE_0_12, ///< It is a Dwarf_Unsigned.
	SHIM_SINCE_0_12,  ///< And so in 2.x: Dwarf_Obj_Access_Methods_a has two more members.
};
#if SHIM_VERSION == 0
#define SHIM_KIND SHIM_BEFORE_0_1
#elif SHIM_VERSION < 900
#define SHIM_KIND SHIM_BEFORE_0_9
#elif SHIM_VERSION < 1200
#define SHIM_KIND SHIM_BEFORE_0_12
#else
#define SHIM_KIND SHIM_SINCE_0_12
#endif

/** Of what dwarf_package_version() says: "20210528" and before, "0.3.4" and after; of Debian's 0.11.1, "1.11.1". */
static inline enum shim_kind shim_kind_of(const char *version)
{
	unsigned major, minor;
	if (!version || sscanf(version, "%u.%u", &major, &minor) != 2)
		return SHIM_BEFORE_0_1;
	if (major >= 2 || minor >= 12)
		return SHIM_SINCE_0_12;
	return minor >= 9 ? SHIM_BEFORE_0_12 : SHIM_BEFORE_0_9;
}

#if SHIM_VERSION == 0
typedef Dwarf_Obj_Access_Interface shim_interface;
typedef Dwarf_Obj_Access_Methods shim_methods;
typedef Dwarf_Obj_Access_Section shim_section;
typedef Dwarf_Half shim_section_index;
typedef Dwarf_Endianness shim_byte_order;
#define SHIM_METHOD(name) name
#define SHIM_SECTION(name) name
#define SHIM_INTERFACE(object_, methods_)              \
	{                                              \
		.object = object_, .methods = methods_ \
	}
#define SHIM_BIG_ENDIAN DW_OBJECT_MSB
#define SHIM_LITTLE_ENDIAN DW_OBJECT_LSB
#else
typedef Dwarf_Obj_Access_Interface_a shim_interface;
typedef Dwarf_Obj_Access_Methods_a shim_methods;
typedef Dwarf_Obj_Access_Section_a shim_section;
#if SHIM_VERSION >= 900
typedef Dwarf_Unsigned shim_section_index;
#else
typedef Dwarf_Half shim_section_index;
#endif
typedef Dwarf_Small shim_byte_order;
#define SHIM_METHOD(name) om_##name
#define SHIM_SECTION(name) as_##name
#define SHIM_INTERFACE(object_, methods_)                    \
	{                                                    \
		.ai_object = object_, .ai_methods = methods_ \
	}
#define SHIM_BIG_ENDIAN DW_END_big
#define SHIM_LITTLE_ENDIAN DW_END_little
#endif

static inline void shim_object_finish(Dwarf_Debug debug)
{
#if SHIM_VERSION == 0
	dwarf_object_finish(debug, NULL);
#else
	dwarf_object_finish(debug);
#endif
}

/** Where a reference leads. @p die is the one that has the attribute: its section tells which one is meant. */
static inline int shim_global_formref(Dwarf_Die die, Dwarf_Attribute attribute, Dwarf_Off *ret,
				      Dwarf_Bool *is_info_ret, Dwarf_Error *error_ret)
{
#if SHIM_VERSION == 0
	Dwarf_Half form = 0;
	int answer = dwarf_whatform(attribute, &form, error_ret);
	if (answer != DW_DLV_OK)
		return answer;
	*is_info_ret = form == DW_FORM_ref_addr ? 1 : dwarf_get_die_infotypes_flag(die);
	return dwarf_global_formref(attribute, ret, error_ret);
#else
	(void)die;
	return dwarf_global_formref_b(attribute, ret, is_info_ret, error_ret);
#endif
}

/** Errors are allocated whatever the flags say. */
static inline void shim_error_free(Dwarf_Debug debug, Dwarf_Error *error)
{
	if (*error)
		dwarf_dealloc_error(debug, *error);
	*error = NULL;
}

/** Whether a call gave what was asked for. Its error, if that is what it gave, is freed. */
static inline bool shim_is_ok(int answer, Dwarf_Debug debug, Dwarf_Error *error)
{
	if (answer == DW_DLV_ERROR)
		shim_error_free(debug, error);
	return answer == DW_DLV_OK;
}

#endif

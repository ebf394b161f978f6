// The Itanium C++ ABI's mangling. Demangling is left to libiberty; what it does not tell (internal linkage, the
// namespace without its arguments) is read from the front of the mangled name, where it always stands.

#include "find/cxxname.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

#include "base/error.h"

enum {
	CXX_NAME_MAX = 4096,    // longer ones are shown mangled
	CXX_MANGLED_MAX = 1024, // libiberty refuses longer ones, too: its stack grows with them
};

struct sink {
	size_t length;
	jmp_buf full;
	char text[CXX_NAME_MAX];
};

static void collect(const char *piece, size_t size, void *arg)
{
	struct sink *sink = arg;
	// Substitutions can double a name with every few bytes, and libiberty cannot be told to stop. It has nothing
	// allocated while it prints, so it can be left like this.
	if (size > sizeof(sink->text) - sink->length)
		longjmp(sink->full, 1);
	memcpy(sink->text + sink->length, piece, size);
	sink->length += size;
}

static bool demangle(const char *mangled, struct sink *sink)
{
	sink->length = 0;
	if (setjmp(sink->full))
		return false;
	return cplus_demangle_v3_callback(mangled, DMGL_NO_OPTS, collect, sink) && sink->length;
}

/** One component of a name. */
struct component {
	const char *text; // NULL if it is none
	size_t length;
	bool is_internal;
};

// "3foo", "L3foo" (internal linkage), "St" (std) at @p at, which is moved behind it.
static struct component read_component(const char **at)
{
	struct component component = { 0 };
	const char *mangled = *at;
	if (mangled[0] == 'S' && mangled[1] && strchr("tabsiod", mangled[1])) {
		*at += 2;
		return (struct component){ "std", 3, false };
	}
	component.is_internal = *mangled == 'L';
	mangled += component.is_internal;
	size_t length = 0;
	while (*mangled >= '0' && *mangled <= '9' && length < CXX_MANGLED_MAX)
		length = length * 10 + (size_t)(*mangled++ - '0');
	if (!length || strnlen(mangled, length) < length)
		return component;
	component.text = mangled;
	component.length = length;
	*at = mangled + length;
	return component;
}

// Groups that publish unrelated libraries below one namespace; there the second component is part of the library.
static bool is_umbrella(const struct component *component)
{
	static const char *const names[] = { "apache", "boost", "facebook", "google" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (component->length == strlen(names[i]) &&
		    memcmp(component->text, names[i], component->length) == 0)
			return true;
	}
	return false;
}

// "_GLOBAL__N_1", an anonymous namespace; "$_0", clang's lambda that is in no function.
static bool is_anonymous(const struct component *component)
{
	return strncmp(component->text, "_GLOBAL_", 8) == 0 || component->text[0] == '$';
}

// google::protobuf is a namespace, google::LogMessage a class: with these groups, case tells.
static bool is_namespace_name(const struct component *component, char following)
{
	return component->text && component->text[0] >= 'a' && component->text[0] <= 'z' && following != 'E';
}

static struct polyton_error *read_library(struct component first, const char *at, struct arena *arena,
					  struct identity *ret)
{
	struct component second = { 0 };
	if (is_umbrella(&first))
		second = read_component(&at);
	if (is_namespace_name(&second, *at))
		ret->library = arena_printf(arena, "%.*s::%.*s", (int)first.length, first.text, (int)second.length,
					    second.text);
	else
		ret->library = arena_strndup(arena, first.text, first.length);
	return ret->library ? NULL : error_no_memory();
}

// The front of a name: "Z" for each function that it is local to, then "N" and the namespaces.
static struct polyton_error *read_front(const char *at, struct arena *arena, struct identity *ret)
{
	at += strspn(at, "Z");
	bool is_scoped = *at == 'N' || strncmp(at, "St", 2) == 0;
	if (*at == 'N')
		at += 1 + strspn(at + 1, "rVKRO");
	// A lambda that is in no function belongs to the initialiser of some variable of the file.
	if (strncmp(at, "Ul", 2) == 0)
		ret->scope = IDENTITY_FILE;

	struct component component = read_component(&at);
	if (component.text && is_scoped && !is_anonymous(&component)) {
		struct polyton_error *error = read_library(component, at, arena, ret);
		if (error)
			return error;
	}
	while (component.text && !component.is_internal)
		component = read_component(&at);
	if (component.is_internal)
		ret->scope = IDENTITY_FILE;
	return NULL;
}

// What stands before the name of the variable that a guard, a vtable or the like belongs to.
static size_t special_length(const char *front, enum identity_role *role_ret)
{
	static const struct {
		char letters[3];
		enum identity_role role;
	} specials[] = {
		{ "GV", IDENTITY_GUARD }, { "GR", IDENTITY_GUARD }, { "TH", IDENTITY_GUARD },
		{ "TW", IDENTITY_GUARD }, { "TV", IDENTITY_VALUE }, { "TT", IDENTITY_VALUE },
		{ "TI", IDENTITY_VALUE }, { "TS", IDENTITY_VALUE }, { "TC", IDENTITY_VALUE },
	};
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		if (strncmp(front, specials[i].letters, 2) == 0) {
			*role_ret = specials[i].role;
			return 2;
		}
	}
	return 0;
}

struct polyton_error *cxxname_read(const char *mangled, struct arena *arena, struct identity *ret)
{
	struct sink sink;
	const char *front = mangled + strlen("_Z");
	front += special_length(front, &ret->role);
	ret->name = mangled;
	if (strnlen(mangled, CXX_MANGLED_MAX) < CXX_MANGLED_MAX && demangle(mangled, &sink))
		ret->name = arena_strndup(arena, sink.text, sink.length);
	if (!ret->name)
		return error_no_memory();
	// An anonymous namespace, also in an argument of a template; clang's lambdas are numbered by file.
	if (strstr(mangled, "_GLOBAL__N_") || strstr(mangled, "$_"))
		ret->scope = IDENTITY_FILE;
	return read_front(front, arena, ret);
}

// What helps depends on the cause and on the language: a row each. In the texts %F is the further copy's object, %U one
// that uses it, %X the first one's, %W that of the two that the cause holds for, %L the library, %S the further copy's
// source file.

#include "find/remedy.h"

#include <stdio.h>
#include <string.h>

#include "find/cause.h"

enum { REMEDY_STEPS = 4, REMEDY_TEXT_MAX = 1024 };

static const struct remedy {
	enum polyton_cause cause;
	const char *only; ///< "r": for Rust, "?": where the source file is not known, "": for all.
	const char *text;
	const char *steps[REMEDY_STEPS];
} remedies[] = {
	{ POLYTON_CAUSE_NAMESPACE,
	  "",
	  "%F was loaded into a namespace of its own (dlmopen or LD_AUDIT), where nothing that %X has is seen",
	  { "Load it with dlopen() instead of dlmopen() if it is to share its variables.",
	    "If it is kept apart on purpose, pass what must be shared over its interface." } },
	{ POLYTON_CAUSE_SAME_FILE,
	  "",
	  "%F and %X are the same file, loaded under two paths",
	  { "Keep one of the two and make the other a symbolic link to it: the loader knows a file by device and "
	    "inode.",
	    "Look at who asks for which path: RUNPATH, LD_LIBRARY_PATH, a full path given to dlopen()." } },
	{ POLYTON_CAUSE_TWO_VERSIONS,
	  "",
	  "%X and %F are two versions of one library, and each object uses the one that it was linked to",
	  { "Build all that shares data with it against one version, and remove the other.",
	    "Until then let no pointer to its types go from code of the one to code of the other." } },
	{ POLYTON_CAUSE_STATIC_LINK,
	  "r",
	  "the crate %L is linked statically into %X and into %F, each time with variables of its own",
	  { "Make one shared object of the crate (crate-type = [\"dylib\"], -C prefer-dynamic) that both link to.",
	    "Or let one object own the state and hand it to the others through their interface." } },
	{ POLYTON_CAUSE_STATIC_LINK,
	  "?",
	  "the variable is internal to a source file (static, or in an anonymous namespace) that is linked into "
	  "%X and into %F",
	  { "Link the library that the file belongs to into one shared object, and link the others to that.",
	    "Or, if it stands in a header, leave a declaration there (extern), and define it in one shared "
	    "object." } },
	{ POLYTON_CAUSE_STATIC_LINK,
	  "",
	  "%S is linked into %X and into %F, and the variable is internal to that file in each",
	  { "Link the library that the file belongs to into one shared object, and link the others to that.",
	    "Or link it into one of them only, and export the functions that the others call." } },
	{ POLYTON_CAUSE_EXPORT_LIST,
	  "r",
	  "%W has the crate %L linked in statically, and a cdylib exports nothing of the crates in it",
	  { "Make one shared object of the crate (crate-type = [\"dylib\"], -C prefer-dynamic) that host and modules "
	    "link to; "
	    "all must come from one lockfile, one set of features and one compiler.",
	    "Or let the host own the state and hand it to the modules: pass a handle or functions through their "
	    "interface." } },
	{ POLYTON_CAUSE_EXPORT_LIST,
	  "",
	  "%W has it linked in and leaves it out of what it exports (a version script's local: *, or --exclude-libs)",
	  { "Export it: name it in the version script's global: list, or link without --exclude-libs for its "
	    "archive.",
	    "Or put the library into one shared object (a target_link_libraries() to a SHARED target in CMake)." } },
	{ POLYTON_CAUSE_HIDDEN,
	  "",
	  "%W has it linked in and keeps it inside: hidden visibility, or an export list (linkers leave no trace of "
	  "which)",
	  { "Put the library into one shared object that all of them link to.",
	    "Or export it from one: __attribute__((visibility(\"default\"))) on its declaration, or no "
	    "-fvisibility=hidden for "
	    "the file that defines it." } },
	{ POLYTON_CAUSE_SYMBOLIC,
	  "",
	  "%F was linked with -Bsymbolic: it uses its own definitions, whoever else has them",
	  { "Link %F without -Wl,-Bsymbolic; -Wl,-Bsymbolic-functions leaves variables to the loader.",
	    "Or leave the definition out of it, and link it to the shared object that has it." } },
	{ POLYTON_CAUSE_PROTECTED,
	  "",
	  "in %F the symbol is protected (STV_PROTECTED): its own code always uses this one",
	  { "Give the variable default visibility: __attribute__((visibility(\"default\"))), no "
	    "-fvisibility=protected.",
	    "Or leave the definition out of it, and link it to the shared object that has it." } },
	{ POLYTON_CAUSE_NOT_EXPORTED,
	  "r",
	  "the crate %L is linked statically into the program %W, which exports none of it",
	  { "Make one shared object of the crate (crate-type = [\"dylib\"], -C prefer-dynamic) that the program "
	    "links to, too.",
	    "Or let the program own the state and hand it out through the interface of its modules." } },
	{ POLYTON_CAUSE_NOT_EXPORTED,
	  "",
	  "the program %W defines it, too, but does not export it, so the loader had only %F's to offer",
	  { "Link the program with -rdynamic, or with -Wl,--export-dynamic-symbol=NAME for each (CMake: "
	    "ENABLE_EXPORTS ON).",
	    "Or take the library out of the program, and link it to a shared object that has it." } },
	{ POLYTON_CAUSE_LOCAL_SCOPE,
	  "",
	  "%U was loaded by dlopen() without seeing %X: neither is in the other's scope (RTLD_LOCAL)",
	  { "Put the library into one shared object that both are linked to: it is loaded once for both, RTLD_LOCAL "
	    "or not.",
	    "Or load %X with RTLD_GLOBAL before %U." } },
	{ POLYTON_CAUSE_DEEPBIND,
	  "",
	  "%U was loaded with RTLD_DEEPBIND: it looks among its own libraries before it looks at %X",
	  { "Load %U without RTLD_DEEPBIND.", "Or take the definition out of %F." } },
	{ POLYTON_CAUSE_NO_UNIQUE,
	  "",
	  "%F and %X were loaded by dlopen() without RTLD_GLOBAL, and the variable is no unique symbol that would be "
	  "merged all "
	  "the same (clang makes none, nor does g++ -fno-gnu-unique)",
	  { "Move the variable into the source file of one shared object that both link to, and leave a declaration "
	    "in the header.",
	    "Or compile both with g++ without -fno-gnu-unique; such an object is never unloaded.",
	    "Or load the first of them with RTLD_GLOBAL." } },
	{ POLYTON_CAUSE_UNKNOWN,
	  "",
	  "why %F uses its own cannot be told from its symbols",
	  { "Compare what both objects are linked to (`polyton objects`), and which definition each reference got "
	    "(`polyton bindings`)." } },
};

static const struct remedy *find_remedy(const struct remedy_case *facts)
{
	bool is_rust = facts->singleton->language == POLYTON_LANGUAGE_RUST;
	bool is_unknown = !facts->whose->source[0];
	size_t count = sizeof(remedies) / sizeof(remedies[0]);
	for (size_t i = 0; i < count; i++) {
		char only = remedies[i].only[0];
		if (remedies[i].cause == facts->cause &&
		    (!only || (only == 'r' && is_rust) || (only == '?' && is_unknown)))
			return &remedies[i];
	}
	return &remedies[count - 1];
}

static const char *word_of(const struct remedy_case *facts, char letter)
{
	const struct polyton_object *objects = facts->snapshot->objects.items;
	switch (letter) {
	case 'F':
		return objects[facts->further->object].name;
	case 'U':
		return objects[cause_user(facts->further)].name;
	case 'X':
		return objects[facts->first->object].name;
	case 'W':
		return objects[facts->whose->object].name;
	case 'L':
		return facts->snapshot->libraries.items[facts->singleton->library].name;
	default:
		return facts->whose->source;
	}
}

// A text with its words put in; NULL when out of memory. Names come from the subject: a long one is cut.
static const char *fill(const struct remedy_case *facts, const char *text)
{
	char filled[REMEDY_TEXT_MAX];
	size_t used = 0;
	for (; *text && used + 1 < sizeof(filled); text++) {
		if (*text != '%') {
			filled[used++] = *text;
			continue;
		}
		const char *word = word_of(facts, *++text);
		int length = snprintf(filled + used, sizeof(filled) - used, "%s", word);
		used += length < 0 ? 0 : (size_t)length;
		if (used >= sizeof(filled))
			used = sizeof(filled) - 1;
	}
	return arena_strndup(&facts->snapshot->arena, filled, used);
}

const struct polyton_reason *remedy_reason(const struct remedy_case *facts)
{
	const struct remedy *remedy = find_remedy(facts);
	const char *steps[REMEDY_STEPS + 2] = { NULL };
	size_t count = 0;
	if (facts->further->size != facts->first->size)
		steps[count++] =
			"Make the builds equal first: the copies differ in size, and code made for one would "
			"damage the other.";
	for (size_t i = 0; i < REMEDY_STEPS && remedy->steps[i]; i++) {
		steps[count] = fill(facts, remedy->steps[i]);
		if (!steps[count++])
			return NULL;
	}
	return finder_reason(facts->snapshot, facts->cause, fill(facts, remedy->text), steps);
}

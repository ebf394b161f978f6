// Findings, reports and the manual have these words from here. Ids and slugs are never changed or used again: policies,
// baselines and code scanning services remember them.

#include "model/rules.h"

#include <string.h>

// clang-format off

const struct rule rule_rows[RULE_COUNT] = {
	[RULE_DUPLICATE_TLS] = {
		"PT001", "duplicate-tls", "DuplicateThreadLocal", POLYTON_SEVERITY_ERROR, "high",
		"Code uses two or more copies of one thread-local variable.",
		"A thread-local is meant to exist once per thread. Here several loaded objects each have a copy of "
		"it, and code of theirs uses different ones: what one object sets, the others do not see. A plugin "
		"then finds no runtime, no logger, no current context, although its host has set one.",
		"Let all of them use one copy: link the library that defines it as one shared object (Rust: "
		"`crate-type = [\"dylib\"]` with `-C prefer-dynamic`), or export the variable from one object and "
		"hide it in none. Or do not share it at all: hand the state across the objects' interface. The "
		"finding says which of these fits its cause." },
	[RULE_DUPLICATE_STATIC] = {
		"PT002", "duplicate-static", "DuplicateStatic", POLYTON_SEVERITY_ERROR, "high",
		"Code uses two or more copies of one static variable that can be written to.",
		"A static is meant to exist once per process. Here several loaded objects each have a copy of it, "
		"and code of theirs uses different ones: registries look empty or are filled twice, counters hand "
		"out the same number twice, locks do not lock.",
		"Let all of them use one copy: link the library that defines it as one shared object, or export the "
		"variable from one object (`-rdynamic`, default visibility, no `-Bsymbolic`). The finding says which "
		"of these fits its cause." },
	[RULE_LAYOUT_MISMATCH] = {
		"PT003", "layout-mismatch", "LayoutMismatch", POLYTON_SEVERITY_ERROR, "high",
		"Copies of one variable that are used differ in size or layout.",
		"The objects were built with different versions, features or compilers of the library that defines "
		"the variable. Code made for one layout damages the other: sharing such a variable corrupts memory, "
		"so its being there twice is the smaller trouble.",
		"Build all objects with the same version and features of the library, and the same compiler, before "
		"anything is shared. The finding lists the parts that differ." },
	[RULE_SPLIT_STATE] = {
		"PT004", "split-state", "SplitState", POLYTON_SEVERITY_ERROR, "very-high",
		"One copy of a variable is set while another is still initial.",
		"This is a duplicate variable caught at work: in the same thread, or the same process, one object "
		"has set its copy and another looks at a copy of its own that was never set.",
		"Cure the duplicate itself (`PT001`, `PT002`, `PT006`), which names the cause and the remedy." },
	[RULE_TORN_LIBRARY] = {
		"PT005", "torn-library", "TornLibrary", POLYTON_SEVERITY_ERROR, "high",
		"One object uses some functions or variables of a library in one copy of it, and some in another.",
		"Its calls are divided between two copies of a library, each with a state of its own. What was "
		"opened, registered or locked through one of them is unknown to the other.",
		"Link the library into one shared object that all use. Or let each object keep its copy to itself: a "
		"version script, or `-Wl,--exclude-libs` for the archive." },
	[RULE_DUPLICATE_LIBRARY] = {
		"PT006", "duplicate-library", "DuplicateLibrary", POLYTON_SEVERITY_ERROR, "high",
		"One library is loaded, or linked in, more than once.",
		"All its variables are there once per copy: the same file under two paths, two versions of it, one "
		"per namespace, or a static copy beside the shared one. The finding speaks for all of them.",
		"Load it once: one path, one version, one namespace; link the shared library instead of the archive." },
	[RULE_MERGED_MISMATCH] = {
		"PT007", "merged-mismatch", "MergedMismatch", POLYTON_SEVERITY_ERROR, "high",
		"Copies of a variable were merged into one although their sizes differ.",
		"The loader bound all references to one definition by its name alone. Code that was compiled for a "
		"larger one reads and writes beyond its end, into what happens to stand behind it.",
		"Build all objects against one version of the header that declares it. If they are different "
		"variables that are only called alike, rename one or give it hidden visibility." },
	[RULE_SHADOWED_COPY] = {
		"PT008", "shadowed-copy", "ShadowedCopy", POLYTON_SEVERITY_NOTE, "very-high",
		"A definition of a variable that no reference was bound to.",
		"It takes up memory, and it becomes a copy in use if libraries are loaded in another order. Mostly "
		"this is how a program is meant to be linked.",
		"Nothing needs to be done. Leaving the definition out of all objects but one makes sure that it "
		"stays so." },
	[RULE_DUPLICATE_TYPE_IDENTITY] = {
		"PT009", "duplicate-type-identity", "DuplicateTypeIdentity", POLYTON_SEVERITY_WARNING, "high",
		"The type information of one C++ type exists more than once.",
		"Where type information is compared by address, an exception that one object throws is not caught by "
		"another, and `dynamic_cast` and `std::any_cast` fail across them.",
		"Give the type default visibility (`__attribute__((visibility(\"default\")))`) in all objects, and "
		"let it have a key function in one of them." },
	[RULE_PINNED_OBJECT] = {
		"PT010", "pinned-object", "PinnedObject", POLYTON_SEVERITY_NOTE, "very-high",
		"Unique symbols keep an object from ever being unloaded.",
		"An object with a symbol of binding STB_GNU_UNIQUE stays loaded after `dlclose()`: its variables "
		"keep their values, and a new version of the file is not taken.",
		"If it is to be unloaded, compile it with `-fno-gnu-unique` or with hidden visibility." },
	[RULE_STATIC_TLS_PRESSURE] = {
		"PT011", "static-tls-pressure", "StaticTlsPressure", POLYTON_SEVERITY_WARNING, "very-high",
		"The static TLS block is nearly used up.",
		"Objects with initial-exec thread-locals that are loaded after the start get their place in a block "
		"of fixed size. When it is full, `dlopen()` fails with \"cannot allocate memory in static TLS "
		"block\".",
		"Link or preload such objects with the program, build them without `-ftls-model=initial-exec`, or "
		"enlarge the block with `GLIBC_TUNABLES=glibc.rtld.optional_static_tls`." },
	[RULE_BLIND_SPOT] = {
		"PT012", "blind-spot", "BlindSpot", POLYTON_SEVERITY_NOTE, "very-high",
		"An object has variables but no names to compare them by.",
		"Its symbols were stripped, so which variables it has copies of cannot be told. It is neither clean "
		"nor faulty.",
		"Give polyton its debug file (`--debug-dir`, or installed below `/usr/lib/debug`), or look at a "
		"build that is not stripped." },
	[RULE_MERGED_TWICE_INITIALISED] = {
		"PT013", "merged-twice-initialised", "MergedTwiceInitialised", POLYTON_SEVERITY_WARNING, "high",
		"Copies of a variable were merged into one that two objects initialise.",
		"References were bound to one definition, but two objects carry its constructor, and each runs it on "
		"that one variable: a registry is emptied after it was filled, or complains that a name is taken.",
		"Link the library that defines it once: as a shared object, or as an archive into one object only." },
};

// clang-format on

enum rule_id rules_find(const char *id)
{
	unsigned at = 0;
	while (at < RULE_COUNT && strcmp(rule_rows[at].id, id) != 0)
		at++;
	return (enum rule_id)at;
}

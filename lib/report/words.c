// Keys are promises: a reader of the JSON compares with them. Labels may change.

#include "report/words.h"

const struct words words_view[] = {
	[POLYTON_VIEW_REPORT] = { "report", "report" },
	[POLYTON_VIEW_SHOW] = { "show", "show" },
	[POLYTON_VIEW_OBJECTS] = { "objects", "objects" },
	[POLYTON_VIEW_THREADS] = { "threads", "threads" },
	[POLYTON_VIEW_TLS] = { "tls", "tls" },
	[POLYTON_VIEW_BINDINGS] = { "bindings", "bindings" },
};

const struct words words_moment[] = {
	[POLYTON_MOMENT_RUNNING] = { "running", "while it ran" },
	[POLYTON_MOMENT_UNLOADING] = { "unloading", "before it unloaded objects" },
	[POLYTON_MOMENT_DYING] = { "dying", "before signal" },
	[POLYTON_MOMENT_EXITING] = { "exiting", "when it called exit()" },
	[POLYTON_MOMENT_ENDING] = { "ending", "at its end" },
};

const struct words words_subject[] = {
	[POLYTON_SUBJECT_PROCESS] = { "process", "process" },
	[POLYTON_SUBJECT_FILES] = { "files", "files of" },
	[POLYTON_SUBJECT_CORE] = { "core", "core of" },
	[POLYTON_SUBJECT_DEBUGGER] = { "debugger", "process in a debugger" },
};

const struct words words_severity[] = {
	[POLYTON_SEVERITY_NOTE] = { "note", "note" },
	[POLYTON_SEVERITY_WARNING] = { "warning", "warning" },
	[POLYTON_SEVERITY_ERROR] = { "error", "error" },
};

const struct words words_baseline[] = {
	[POLYTON_BASELINE_NONE] = { NULL, "" },
	[POLYTON_BASELINE_NEW] = { "new", "new" },
	[POLYTON_BASELINE_UNCHANGED] = { "unchanged", "known" },
};

const struct words words_confidence[] = {
	[POLYTON_CONFIDENCE_POSSIBLE] = { "possible", "possibly the same variable: only the names are the same" },
	[POLYTON_CONFIDENCE_LIKELY] = { "likely", "likely the same variable" },
	[POLYTON_CONFIDENCE_CERTAIN] = { "certain", "certainly the same variable" },
};

const struct words words_kind[] = {
	[POLYTON_KIND_STATIC] = { "static", "static" },
	[POLYTON_KIND_TLS] = { "tls", "thread-local" },
};

const struct words words_language[] = {
	[POLYTON_LANGUAGE_C] = { "c", "C" },
	[POLYTON_LANGUAGE_CXX] = { "c++", "C++" },
	[POLYTON_LANGUAGE_RUST] = { "rust", "Rust" },
};

const struct words words_symbols[] = {
	[POLYTON_SYMBOLS_NONE] = { "none", "none" },
	[POLYTON_SYMBOLS_DYNAMIC] = { "dynamic", "exported only" },
	[POLYTON_SYMBOLS_MINIDEBUG] = { "minidebug", "mini debug info" },
	[POLYTON_SYMBOLS_DEBUG_FILE] = { "debug-file", "debug file" },
	[POLYTON_SYMBOLS_FULL] = { "full", "full" },
};

const struct words words_file_state[] = {
	[POLYTON_FILE_NONE] = { "none", "no file" },
	[POLYTON_FILE_READ] = { "read", "read" },
	[POLYTON_FILE_DELETED] = { "deleted", "deleted" },
	[POLYTON_FILE_REPLACED] = { "replaced", "replaced" },
	[POLYTON_FILE_UNREADABLE] = { "unreadable", "unreadable" },
};

const struct words words_tls_placement[] = {
	[POLYTON_TLS_NONE] = { "none", "none" }, // never in JSON: such an object's "tls" is null
	[POLYTON_TLS_STATIC] = { "static", "static" },
	[POLYTON_TLS_DYNAMIC] = { "dynamic", "dynamic" },
	[POLYTON_TLS_UNDECIDED] = { "undecided", "undecided" },
	[POLYTON_TLS_UNKNOWN] = { "unknown", "unknown" },
};

const struct words words_thread_state[] = {
	[POLYTON_THREAD_READY] = { "ready", "ready" },
	[POLYTON_THREAD_SHARES] = { "shares", "shares" },
	[POLYTON_THREAD_FOREIGN] = { "foreign", "foreign" },
	[POLYTON_THREAD_UNKNOWN] = { "unknown", "unknown" },
};

const struct words words_cell_state[] = {
	[POLYTON_CELL_SET] = { "set", "set" },
	[POLYTON_CELL_INITIAL] = { "initial", "initial" },
	[POLYTON_CELL_NOT_ALLOCATED] = { "not-allocated", "not allocated" },
	[POLYTON_CELL_UNREADABLE] = { "unreadable", "unreadable" },
	[POLYTON_CELL_UNSTABLE] = { "unstable", "unstable" },
	[POLYTON_CELL_PRESENT] = { "present", "present" },
	[POLYTON_CELL_IN_FILE] = { "in-file", "at first" },
};

const struct words words_value_state[] = {
	[POLYTON_VALUE_PLAIN] = { "plain", "" }, // no word of its own: the cell's state says all
	[POLYTON_VALUE_UNINITIALISED] = { "uninitialised", "uninitialised" },
	[POLYTON_VALUE_ALIVE] = { "alive", "alive" },
	[POLYTON_VALUE_DESTROYED] = { "destroyed", "destroyed" },
};

const struct words words_storage[] = {
	[POLYTON_STORAGE_DATA] = { "data", "data" },
	[POLYTON_STORAGE_ZERO] = { "zero", "zero" },
	[POLYTON_STORAGE_RELRO] = { "relro", "relro" },
	[POLYTON_STORAGE_CONST] = { "const", "const" },
};

const struct words words_use[] = {
	[POLYTON_USE_LIVE] = { "live", "used" },
	[POLYTON_USE_SHADOWED] = { "shadowed", "not used" },
};

const struct words words_binding[] = {
	[POLYTON_BINDING_LOCAL] = { "local", "local" },
	[POLYTON_BINDING_GLOBAL] = { "global", "global" },
	[POLYTON_BINDING_WEAK] = { "weak", "weak" },
	[POLYTON_BINDING_UNIQUE] = { "unique", "unique" },
};

const struct words words_visibility[] = {
	[POLYTON_VISIBILITY_DEFAULT] = { "default", "default" },
	[POLYTON_VISIBILITY_PROTECTED] = { "protected", "protected" },
	[POLYTON_VISIBILITY_HIDDEN] = { "hidden", "hidden" },
};

const struct words words_cause[] = {
	[POLYTON_CAUSE_UNKNOWN] = { "unknown", "not known" },
	[POLYTON_CAUSE_NAMESPACE] = { "namespace", "loaded into another namespace" },
	[POLYTON_CAUSE_SAME_FILE] = { "same-file", "the same file under two paths" },
	[POLYTON_CAUSE_TWO_VERSIONS] = { "two-versions", "two versions of one library" },
	[POLYTON_CAUSE_STATIC_LINK] = { "static-link", "linked into each, internal to its source file or crate" },
	[POLYTON_CAUSE_EXPORT_LIST] = { "export-list", "kept inside by an export list" },
	[POLYTON_CAUSE_HIDDEN] = { "hidden", "kept inside by hidden visibility" },
	[POLYTON_CAUSE_SYMBOLIC] = { "symbolic", "bound to its own by -Bsymbolic" },
	[POLYTON_CAUSE_PROTECTED] = { "protected", "bound to its own by protected visibility" },
	[POLYTON_CAUSE_NOT_EXPORTED] = { "not-exported", "the program does not export the one it has" },
	[POLYTON_CAUSE_LOCAL_SCOPE] = { "local-scope", "loaded with RTLD_LOCAL, out of each other's scope" },
	[POLYTON_CAUSE_DEEPBIND] = { "deepbind", "loaded with RTLD_DEEPBIND, looks among its own first" },
	[POLYTON_CAUSE_NO_UNIQUE] = { "no-unique", "loaded with RTLD_LOCAL, compiled without unique symbols" },
};

const struct words words_reference_kind[] = {
	[POLYTON_REFERENCE_DATA] = { "data", "data" },
	[POLYTON_REFERENCE_FUNCTION] = { "function", "function" },
	[POLYTON_REFERENCE_TLS] = { "tls", "thread-local" },
	[POLYTON_REFERENCE_COPY] = { "copy", "copy" },
};

const struct words words_binding_source[] = {
	[POLYTON_BINDING_READ] = { "read", "read" },
	[POLYTON_BINDING_PENDING] = { "pending", "not called yet" },
	[POLYTON_BINDING_COMPUTED] = { "computed", "computed" },
};

// Keys are promises: a reader of the JSON compares with them. Labels may change.

#include "report/words.h"

const struct words words_view[] = {
	[POLYTON_VIEW_REPORT] = { "report", "report" },
	[POLYTON_VIEW_SHOW] = { "show", "show" },
	[POLYTON_VIEW_OBJECTS] = { "objects", "objects" },
	[POLYTON_VIEW_THREADS] = { "threads", "threads" },
	[POLYTON_VIEW_TLS] = { "tls", "tls" },
};

const struct words words_severity[] = {
	[POLYTON_SEVERITY_NOTE] = { "note", "note" },
	[POLYTON_SEVERITY_WARNING] = { "warning", "warning" },
	[POLYTON_SEVERITY_ERROR] = { "error", "error" },
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

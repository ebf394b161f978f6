/**
 * polyton: find every thread-local and static variable that exists more than once in a program.
 *
 * The order of use: open a *session* on a subject, capture a *snapshot*, read or write it out, destroy it,
 * capture again whenever a fresh picture is wanted, close the session.
 *
 * Rules that hold for everything here:
 * - The library never writes to a target, prints, exits, changes a locale, a directory or a signal handler.
 * - A session belongs to one thread at a time; different sessions are independent. There is no global state.
 * - A fallible function returns NULL when all went well, or an error that the caller destroys; its results,
 *   named @c ret, are untouched on failure.
 * - Structures reached through a snapshot are frozen and live until polyton_snapshot_destroy(). They are only
 *   ever handed out by pointer and grow only at their end, so a program built against an older header of the
 *   same soname keeps working.
 * - Strings are UTF-8 where the target's bytes were; they may hold any byte but NUL. Escape them on output.
 */
#ifndef POLYTON_H
#define POLYTON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLYTON_VERSION_MAJOR 0
#define POLYTON_VERSION_MINOR 1
#define POLYTON_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

#define POLYTON_API __attribute__((visibility("default")))

/** "MAJOR.MINOR.PATCH" of the library that is loaded, then its optional features: "0.1.0 (zstd lzma)". */
POLYTON_API const char *polyton_version(void);

/* Errors ------------------------------------------------------------------------------------------------ */

enum polyton_error_code {
	POLYTON_ERROR_MEMORY = 1,  ///< Out of memory.
	POLYTON_ERROR_ARGUMENT,    ///< The call makes no sense (a caller's mistake, or a user's words).
	POLYTON_ERROR_NO_SUBJECT,  ///< No such process, or it has ended (also half-way).
	POLYTON_ERROR_PERMISSION,  ///< The kernel refuses; the message says which right is missing.
	POLYTON_ERROR_UNSUPPORTED, ///< Understood, but not something polyton can look into.
	POLYTON_ERROR_DAMAGED,     ///< The target's or a file's data contradicts itself.
	POLYTON_ERROR_READ,        ///< Bytes that should be there cannot be read.
	POLYTON_ERROR_SYSTEM,      ///< Any other refusal of the operating system.
	POLYTON_ERROR_NOT_FOUND,   ///< A name the caller gave matches nothing.
	POLYTON_ERROR_INTERRUPTED, ///< A callback wanted it so, or was not completed: see polyton_open_debugger().
};

struct polyton_error;

/** Errors are told apart by this code, never by address. */
POLYTON_API enum polyton_error_code polyton_error_code(const struct polyton_error *error);
/** One line for a person, with the place (path or address) where there is one. Borrowed from @p error. */
POLYTON_API const char *polyton_error_message(const struct polyton_error *error);
POLYTON_API void polyton_error_destroy(struct polyton_error *error);

/* Sessions ---------------------------------------------------------------------------------------------- */

struct polyton_session;
struct polyton_snapshot;

/** How far a capture is; a first one, which reads all files, can take a while. */
struct polyton_progress {
	const char *what; ///< The object that is next, as the loader names it. Borrowed for the call.
	uint32_t done, total;
};

/** Set @c size to sizeof(struct polyton_options) and zero the rest for the defaults. */
struct polyton_options {
	size_t size;
	/** Stop all threads while cells are read. Default: the target is never stopped. */
	bool stop;
	/** Folders that hold separate debug files, searched first; NULL ends the list. Borrowed until close. */
	const char *const *debug_dirs;
	/** Keep every reference of every object, for polyton_snapshot_binding(). Default: those to singletons only. */
	bool keep_bindings;
	/** Read no debug info: values stay words. Default: types are read, by polyton-dwarf. */
	bool no_types;
	/** Keep values as trees, too (polyton_value.rows), and follow what they point to. */
	bool keep_trees;
	/** How many different values of one copy are shown by their type; those of more threads stay words. 0: 256. */
	uint32_t typed_values;
	/**
	 * Called on the thread that captures, between steps of long work; not of files on disk. Not 0: give up, and the
	 * capture ends with POLYTON_ERROR_INTERRUPTED; the next one begins afresh. NULL: nobody is told.
	 */
	int (*progress)(void *arg, const struct polyton_progress *progress);
	void *progress_arg;
};

/** Open process @p pid for reading. The process is neither attached to nor stopped by this. */
POLYTON_API struct polyton_error *polyton_open_process(int32_t pid, const struct polyton_options *options,
						       struct polyton_session **ret);
/**
 * Open the core file at @p path. @p exe is the program's file, if it is not where the core says or was replaced; else
 * NULL. Memory that is not in the core is taken from files that have the build ids of those that were loaded.
 */
POLYTON_API struct polyton_error *polyton_open_core(const char *path, const char *exe,
						    const struct polyton_options *options,
						    struct polyton_session **ret);
/** How an object comes into a process that is only thought of. */
enum polyton_opened {
	POLYTON_OPENED_LOCAL,     ///< dlopen() with RTLD_LOCAL
	POLYTON_OPENED_GLOBAL,    ///< dlopen() with RTLD_GLOBAL
	POLYTON_OPENED_NAMESPACE, ///< dlmopen() with LM_ID_NEWLM, each into one of its own.
	POLYTON_OPENED_PRELOADED, ///< LD_PRELOAD
	POLYTON_OPENED_DEEPBIND,  ///< dlopen() with RTLD_DEEPBIND, and RTLD_LOCAL if the file is not GLOBAL, too.
};

/** A file, or a folder: all ELF objects below it, each by itself, in the order of their paths. */
struct polyton_plugin {
	const char *path;
	enum polyton_opened how;
};

/**
 * Files on disk that would be one process. Set @c size to sizeof(struct polyton_files) and zero the rest for the
 * defaults. Everything is borrowed until the session is closed.
 */
struct polyton_files {
	size_t size;
	/**
	 * The program. A folder, or a file that is no program, is taken for the first plugin, as NULL is for none: then
	 * the host of the plugins is not known, what they ask of it stays open, and a note says so.
	 */
	const char *program;
	const struct polyton_plugin *plugins; ///< In the order of loading.
	size_t plugin_count;
	const char *sysroot;      ///< The folder that is "/" for the program; NULL: "/".
	const char *library_path; ///< LD_LIBRARY_PATH; NULL: none. The library does not look into its own environment.
	/**
	 * Plugins that are loaded together: sets of patterns (fnmatch(3)) for paths or base names, each set and the
	 * list ended by NULL. Two plugins that are in sets, but in none together, are not compared. NULL: all may be
	 * together.
	 */
	const char *const *const *plugin_sets;
};

/**
 * Open files as the process that they would make: the closure of what the program and each plugin need, by the rules of
 * their loader. Nothing is run. Files are read when a snapshot is captured.
 */
POLYTON_API struct polyton_error *polyton_open_files(const struct polyton_files *files,
						     const struct polyton_options *options,
						     struct polyton_session **ret);

/**
 * A piece of memory for a debugger to read. @c error is EINTR when it is asked for: the callback writes 0 once all
 * @c size bytes are in @c buffer, or an errno (EFAULT) if not all of them can be read.
 */
struct polyton_target_read {
	uint64_t address;
	void *buffer;
	size_t size;
	int32_t error;
};

/** A file for a debugger to open. */
struct polyton_target_file {
	const char *path;  ///< As the loader names the object; "" never.
	uint64_t address;  ///< Where the object is loaded; 0: a separate debug file, which need not exist.
	int32_t fd;        ///< -1 when asked for. Of a local file, read-only; the library closes it.
	int32_t error;     ///< EINTR when asked for: 0 with @c fd, else an errno (ENOENT).
	int32_t is_loaded; ///< Not 0: it is known to be the very file that was loaded, and may lack a build id.
};

/**
 * How a debugger reads what it has stopped. Set @c size to sizeof(struct polyton_target_ops). There is no way to write.
 *
 * Everything is called on the thread that captures, and only while it does. The caller may be a script that is
 * interrupted anywhere: so no answer is a return value, but all are in memory that is preset to EINTR, "interrupted".
 * When one stays so, nothing more is called, and the capture ends with POLYTON_ERROR_INTERRUPTED; the next one begins
 * afresh.
 */
struct polyton_target_ops {
	size_t size;
	/** At most 64 pieces, together at most 64 KiB, near each other joined, by address. */
	void (*read)(void *state, struct polyton_target_read *pieces, size_t count);
	/** NULL: no files; names come from memory. */
	void (*open_object)(void *state, struct polyton_target_file *file);
	/** Called between steps that read nothing; @c *answer is EINTR: write 0 to go on. NULL: always on. */
	void (*go_on)(void *state, int32_t *answer);
};

/**
 * What a debugger knows. Set @c size to sizeof(struct polyton_target_facts) and zero what is not known. All of it is
 * copied.
 */
struct polyton_target_facts {
	size_t size;
	int32_t pid;
	uint16_t machine;            ///< EM_*
	uint8_t elf_class, elf_data; ///< ELFCLASS64, ELFDATA2LSB
	const char *program;         ///< Path of the program.
	const uint64_t *auxv;        ///< The auxiliary vector: type, value, type, value
	size_t auxv_count;           ///< Pairs.
	size_t thread_count;
	const int32_t *tids;
	const int32_t *inner_tids;       ///< As the innermost pid namespace numbers them; NULL: as @c tids.
	const uint64_t *thread_pointers; ///< NULL, or 0 for one: not known, looked for in glibc's lists.
	const char *const *names;        ///< NULL, or NULL for one: not known.
	bool has_running_threads; ///< What may change while it is read is read twice, and looked at up to 3 times.
};

/** Open what a debugger has stopped. @p state is handed to the callbacks. polyton_options.stop means nothing here. */
POLYTON_API struct polyton_error *polyton_open_debugger(const struct polyton_target_ops *ops, void *state,
							const struct polyton_target_facts *facts,
							const struct polyton_options *options,
							struct polyton_session **ret);
/** It has run on since: what is known of it now. Files that were parsed stay so. For a debugger's session only. */
POLYTON_API struct polyton_error *polyton_session_update(struct polyton_session *session,
							 const struct polyton_target_facts *facts);
POLYTON_API void polyton_session_close(struct polyton_session *session);

/**
 * Take a picture of the subject: objects, threads, singletons with their copies and cells, findings, notes.
 * What cannot be seen becomes a note of the snapshot; an error means there is no picture at all. Files that
 * did not change since the session's last capture are not parsed again.
 */
POLYTON_API struct polyton_error *polyton_session_capture(struct polyton_session *session,
							  struct polyton_snapshot **ret);
POLYTON_API void polyton_snapshot_destroy(struct polyton_snapshot *snapshot);

/* The picture ------------------------------------------------------------------------------------------- */

/** An index that points nowhere. */
#define POLYTON_NONE UINT32_MAX

enum polyton_severity { POLYTON_SEVERITY_NOTE, POLYTON_SEVERITY_WARNING, POLYTON_SEVERITY_ERROR };

/** How sure polyton is that the copies are the same variable. */
enum polyton_confidence { POLYTON_CONFIDENCE_POSSIBLE, POLYTON_CONFIDENCE_LIKELY, POLYTON_CONFIDENCE_CERTAIN };

enum polyton_kind { POLYTON_KIND_STATIC, POLYTON_KIND_TLS };

enum polyton_language { POLYTON_LANGUAGE_C, POLYTON_LANGUAGE_CXX, POLYTON_LANGUAGE_RUST };

enum polyton_subject_kind {
	POLYTON_SUBJECT_PROCESS,
	POLYTON_SUBJECT_FILES, ///< Not loaded: there are no threads, and addresses are 0.
	POLYTON_SUBJECT_CORE,
	POLYTON_SUBJECT_DEBUGGER,
};

/** At what point of its life a process was looked at. */
enum polyton_moment {
	POLYTON_MOMENT_RUNNING,   ///< While it ran.
	POLYTON_MOMENT_UNLOADING, ///< Before it unloaded objects.
	POLYTON_MOMENT_DYING,     ///< Before a signal ended it.
	POLYTON_MOMENT_EXITING,   ///< When it called exit(), before destructors ran.
	POLYTON_MOMENT_ENDING,    ///< At its end.
};

struct polyton_subject {
	int32_t pid;          ///< 0 if it is no process.
	const char *name;     ///< Base name of the executable; of files without a program, of what was given first.
	const char *path;     ///< The executable, as the subject's own mount namespace names it.
	const char *machine;  ///< "x86_64"
	const char *libc;     ///< "glibc 2.36", "musl", or "" when it was not recognised.
	bool was_stopped;     ///< --stop was asked for and done.
	uint64_t pause_ns;    ///< With was_stopped: first thread stopped to last released, over all attempts.
	uint64_t capture_ns;  ///< Reading the target, wall time.
	uint64_t analysis_ns; ///< Everything else, wall time.
	uint64_t read_count;  ///< Accepted cells that were read and re-read without a change.
	uint64_t unstable_count;  ///< Cells given up as unstable.
	uint64_t reference_count; ///< References to symbols, whose definitions were found.
	uint64_t binding_ns;      ///< That part of analysis_ns.
	enum polyton_subject_kind kind;
	int signal;         ///< Of a core: the signal that ended the process, 0 if none did.
	int32_t signal_tid; ///< And the thread that it was delivered to.
	bool was_run;       ///< It was started to be looked at: by polyton_run_start().
	enum polyton_moment moment;
	int32_t moment_number; ///< DYING: the signal; ENDING: the wait status. Else 0.
};

/** A call by which a program that polyton has started had objects loaded. */
struct polyton_opening {
	uint32_t number;      ///< 1, 2, ... in the order of the calls in one process.
	int32_t tid;          ///< Of the thread.
	uint64_t time_ns;     ///< Since the program was started.
	const char *path;     ///< The first object that it brought: the one that was asked for, if nobody interferes.
	const char *function; ///< Of the C library, that was called: "dlopen", "getaddrinfo"; "" if not known.
	const char *caller;   ///< Path of the object whose code called it; "" if not known.
	uint32_t object;      ///< That object, POLYTON_NONE if it is not known or not there any more.
	uint64_t address;     ///< Where the call returns to; 0 if not known.
	const char *symbol;   ///< The caller's function, as the programmer wrote it; "" if not known.
	const char *file;     ///< Source file and line of the call, as its debug info has it; "" and 0 if not known.
	uint32_t line;
};

/** Where an object's variable names came from, best first. */
enum polyton_symbol_source {
	POLYTON_SYMBOLS_NONE,       ///< No names at all.
	POLYTON_SYMBOLS_DYNAMIC,    ///< .dynsym only: exported variables; everything else is invisible.
	POLYTON_SYMBOLS_MINIDEBUG,  ///< .gnu_debugdata (functions mostly) with .dynsym.
	POLYTON_SYMBOLS_DEBUG_FILE, ///< .symtab of a separate debug file with the same build id.
	POLYTON_SYMBOLS_FULL,       ///< Its own .symtab.
};

enum polyton_file_state {
	POLYTON_FILE_NONE,       ///< Not a file (vdso).
	POLYTON_FILE_READ,       ///< Read, and it is what is loaded (same build id, or same inode).
	POLYTON_FILE_DELETED,    ///< Unlinked meanwhile; the loaded inode itself was read.
	POLYTON_FILE_REPLACED,   ///< Another file has its path now; it is not trusted, names come from memory.
	POLYTON_FILE_UNREADABLE, ///< Names come from memory.
};

/** How the loader has placed an object's TLS block. */
enum polyton_tls_placement {
	POLYTON_TLS_NONE,      ///< The object has no thread-locals.
	POLYTON_TLS_STATIC,    ///< At a fixed distance from every thread's thread pointer; exists in each thread.
	POLYTON_TLS_DYNAMIC,   ///< Allocated per thread at the first touch.
	POLYTON_TLS_UNDECIDED, ///< Loaded late and touched by no thread yet.
	POLYTON_TLS_UNKNOWN,   ///< The loader's record could not be read.
};

struct polyton_object {
	const char *path;     ///< As the loader or the kernel names it.
	const char *name;     ///< Base name, made unique with "@N" (namespace) or "#2" where two would be equal.
	const char *soname;   ///< "" if it has none.
	const char *build_id; ///< Lower-case hex, "" if it has none.
	uint64_t link_map;    ///< Address of the loader's record, 0 if it keeps none (static program).
	uint64_t load_bias;   ///< Added to the file's addresses.
	uint64_t start, end;  ///< Mapped range, page-rounded.
	uint32_t name_space;  ///< 0 is the base namespace; others come from dlmopen() and LD_AUDIT.
	bool is_program;
	bool is_initial_exec; ///< DF_STATIC_TLS: must get static TLS or fail to load.
	enum polyton_file_state file_state;
	enum polyton_symbol_source symbols;
	enum polyton_tls_placement tls_placement;
	uint64_t tls_module;     ///< The loader's module id, 0 if none.
	uint64_t tls_generation; ///< Of the module table's slot: a DTV older than this has no block of it.
	uint64_t tls_size;       ///< p_memsz of PT_TLS.
	uint64_t tls_file_size;  ///< p_filesz: the initialised part.
	uint64_t tls_align;
	uint64_t tls_offset; ///< With POLYTON_TLS_STATIC: glibc's l_tls_offset (distance from the TP).
	/** The call that brought it. NULL: it was there at the start, or nobody was there to see it come. */
	const struct polyton_opening *opened_by;
};

enum polyton_thread_state {
	POLYTON_THREAD_READY,   ///< @c tcb is verified.
	POLYTON_THREAD_SHARES,  ///< A raw clone that runs on the TCB of thread @c shares_tid.
	POLYTON_THREAD_FOREIGN, ///< Its thread pointer is no libc TCB (own runtime, no TLS of these objects).
	POLYTON_THREAD_UNKNOWN, ///< Starting, ending, or out of reach; @c why says so.
};

struct polyton_thread {
	int32_t tid;       ///< As the inspector's own pid namespace numbers it.
	int32_t inner_tid; ///< As the subject's innermost pid namespace numbers it.
	const char *name;
	enum polyton_thread_state state;
	uint64_t tcb; ///< Address of struct pthread (glibc), 0 unless READY or SHARES.
	int32_t shares_tid;
	const char *why; ///< "" when there is nothing to say.
};

/** What is known of a variable before its bytes are believed: Rust's thread-local storage, C++ guards. */
enum polyton_value_state {
	POLYTON_VALUE_PLAIN, ///< Nothing: it is what its bytes say.
	POLYTON_VALUE_UNINITIALISED,
	POLYTON_VALUE_ALIVE,
	POLYTON_VALUE_DESTROYED,
};

/** A part of a value: parents come before their parts. */
struct polyton_value_row {
	uint32_t depth;
	const char *label; ///< "handle", "[3]"; "" for the variable itself.
	const char *type;  ///< As its language spells it; "" where there is none to tell.
	const char *text;  ///< A whole value, or its head if its parts follow.
	bool has_parts;
};

/** Bytes of a cell, shared by all cells that hold the same bytes of the same copy. */
struct polyton_value {
	const uint8_t *bytes;
	uint32_t size; ///< Bytes held here; a larger variable is cut, see polyton_copy.size.
	/**
	 * One line. As the programmer wrote it, if the copy has a type (then a backslash is two, and control characters
	 * are written as in C); else words, pointers as object!symbol+offset.
	 */
	const char *text;
	bool is_typed;
	enum polyton_value_state state;
	const struct polyton_value_row *rows; ///< With polyton_options.keep_trees and a type; else NULL.
	uint32_t row_count;
};

enum polyton_cell_state {
	POLYTON_CELL_SET,           ///< Differs from the initial image.
	POLYTON_CELL_INITIAL,       ///< Equals the initial image.
	POLYTON_CELL_NOT_ALLOCATED, ///< This thread has never touched the block: it would see the initial image.
	POLYTON_CELL_UNREADABLE,
	POLYTON_CELL_UNSTABLE, ///< Changed hands under every attempt to read it (thread or object going away).
	POLYTON_CELL_PRESENT,  ///< Read, but there is no initial image to compare it with (no trusted file).
	POLYTON_CELL_IN_FILE,  ///< Not loaded: what it will hold at first.
};

/** One copy in one thread. */
struct polyton_cell {
	uint32_t thread;
	enum polyton_cell_state state;
	uint64_t address;                  ///< 0 when there is none.
	const struct polyton_value *value; ///< NULL unless SET, INITIAL, PRESENT or IN_FILE.
};

enum polyton_storage {
	POLYTON_STORAGE_DATA,  ///< Initialised, writable.
	POLYTON_STORAGE_ZERO,  ///< .bss or .tbss.
	POLYTON_STORAGE_RELRO, ///< Written by the loader only (PT_GNU_RELRO).
	POLYTON_STORAGE_CONST, ///< Read-only.
};

/** ELF's STB_*, as the symbol table has it: a linker makes local what an export list leaves out. */
enum polyton_symbol_binding {
	POLYTON_BINDING_LOCAL,
	POLYTON_BINDING_GLOBAL,
	POLYTON_BINDING_WEAK,
	POLYTON_BINDING_UNIQUE, ///< STB_GNU_UNIQUE: one per namespace, whoever defines it.
};

/** ELF's STV_*, likewise. */
enum polyton_symbol_visibility {
	POLYTON_VISIBILITY_DEFAULT,
	POLYTON_VISIBILITY_PROTECTED,
	POLYTON_VISIBILITY_HIDDEN, ///< STV_HIDDEN or STV_INTERNAL
};

/** Why a copy is there beside the first one. */
enum polyton_cause {
	POLYTON_CAUSE_UNKNOWN,      ///< What would tell cannot be seen (no symbol table, no relocations).
	POLYTON_CAUSE_NAMESPACE,    ///< Loaded into another namespace (dlmopen, LD_AUDIT).
	POLYTON_CAUSE_SAME_FILE,    ///< The same file under two paths.
	POLYTON_CAUSE_TWO_VERSIONS, ///< Two versions of one library.
	POLYTON_CAUSE_STATIC_LINK,  ///< Internal to a source file or crate that is linked into both.
	POLYTON_CAUSE_EXPORT_LIST,  ///< Kept inside by a version script, --exclude-libs, a cdylib's export list.
	POLYTON_CAUSE_HIDDEN,       ///< Kept inside by hidden visibility.
	POLYTON_CAUSE_SYMBOLIC,     ///< -Bsymbolic: its object uses its own, whoever else has one.
	POLYTON_CAUSE_PROTECTED,    ///< STV_PROTECTED, likewise.
	POLYTON_CAUSE_NOT_EXPORTED, ///< The program has one, too, but does not export it (-rdynamic).
	POLYTON_CAUSE_LOCAL_SCOPE,  ///< RTLD_LOCAL: neither object is in the other's scope.
	POLYTON_CAUSE_DEEPBIND,     ///< RTLD_DEEPBIND: its object looks among its own first.
	POLYTON_CAUSE_NO_UNIQUE,    ///< RTLD_LOCAL, and compiled without the unique symbols that would merge them.
};

/** Why a copy is there, on what evidence, and what to do. */
struct polyton_reason {
	enum polyton_cause cause;
	const char *text;          ///< One sentence, with the evidence.
	const char *const *remedy; ///< Steps, each a sentence; which of several ways comes first is the better one.
	uint32_t remedy_count;
};

enum polyton_use {
	POLYTON_USE_LIVE,     ///< Some object's code reaches it.
	POLYTON_USE_SHADOWED, ///< Every reference that could reach it was bound to another copy.
};

/** One definition in one object: all alias names at one address together. */
struct polyton_copy {
	uint32_t singleton, object;
	const char *symbol;     ///< Raw name of the definition.
	const char *build_mark; ///< Rust's crate hash: equal marks are the very same build. "" elsewhere.
	const char *source;     ///< STT_FILE the symbol table puts it under, "" if none.
	uint64_t offset;        ///< Link-time address, or offset in the TLS block.
	uint64_t address;       ///< Statics: run-time address. Thread-locals: 0, see the cells.
	uint64_t size;
	enum polyton_storage storage;
	enum polyton_use use;
	bool is_exported;  ///< In .dynsym with a binding and visibility that let others bind to it.
	bool is_unique;    ///< STB_GNU_UNIQUE.
	bool is_protected; ///< STV_PROTECTED: its own object always uses it.
	uint32_t bound_to; ///< With SHADOWED: index of the copy that won, or POLYTON_NONE if not known.
	/**
	 * Statics: one cell, its thread is POLYTON_NONE. Thread-locals: one per thread, in thread order. Of files: one
	 * without a thread, or none where it depends on the loader what it will hold.
	 */
	const struct polyton_cell *cells;
	uint32_t cell_count;
	enum polyton_symbol_binding binding;
	enum polyton_symbol_visibility visibility;
	const char *version; ///< Symbol version of the definition, "" if it has none.
	/** Objects whose code reaches it, in object order: its own, and those whose references were bound to it. */
	const uint32_t *users;
	uint32_t user_count;
	/** Live copies but the first: why they are not that one. Else NULL. */
	const struct polyton_reason *reason;
	const char *type;         ///< As its language spells it; "" if it is not known.
	const char *type_missing; ///< Why there is none: "no debug info"; "" if there is one, or nobody looked.
	const char *decl_file;    ///< Where it is declared, as the debug info says; "" if it does not.
	uint32_t decl_line;
	const char *producer; ///< Compiler, version and switches of its unit; "" if not known.
	bool is_copied;       ///< The program has its own place for it (COPY relocation), which others use instead.
	bool is_old_version;  ///< Under a version that is not the default: for programs linked long ago.
};

/** One of two copies' view of a part. */
struct polyton_layout_side {
	bool is_there;
	uint64_t offset, size; ///< Bytes, from the start of the variable.
	const char *text;      ///< "Option<u64>, 16 bytes at 8"; "" if it is not there.
};

/** A part of a variable that is laid out in two ways. */
struct polyton_layout_row {
	const char *path; ///< "inner.handle"; "" is the variable itself.
	bool is_behind_pointer;
	struct polyton_layout_side side[2];
};

struct polyton_singleton {
	const char *name; ///< Canonical, for people: tokio::runtime::context::CONTEXT
	enum polyton_kind kind;
	enum polyton_language language;
	enum polyton_confidence confidence;
	uint32_t library;
	uint32_t first_copy, copy_count; ///< Consecutive copies, in object order.
	uint32_t live_count;             ///< Copies in use.
	bool is_read_only;               ///< All copies are RELRO or CONST.
	bool sizes_differ, builds_differ;
	const char *dropped; ///< Why it is no finding (noise by construction), NULL for the others.
	/** Index of the PT006 finding that speaks for it: the whole library is there twice. Else POLYTON_NONE. */
	uint32_t folded_into;
	/** Where the types of two of its live copies differ: of the first typed one, and the first unlike it. */
	const struct polyton_layout_row *layout;
	uint32_t layout_count;
	uint32_t layout_copies[2]; ///< The two that were compared, POLYTON_NONE if no two have types.
};

/** Singletons that came from one place: a Rust crate, a C++ namespace, a C source file. */
struct polyton_library {
	const char *name;    ///< "tokio", "acme::log", "counter.c"
	const char *version; ///< "1.24.2"; several joined by ", "; "" when not known.
	enum polyton_language language;
	bool is_per_object; ///< Meant to be there once per object (Rust's std in a cdylib): never worse than a note.
	uint32_t first_singleton, singleton_count; ///< Consecutive.
};

/** A Rust crate that an object embeds. */
struct polyton_crate {
	const char *name;    ///< As in symbols: '-' is '_'.
	const char *version; ///< "1.24.2", also pre-releases "1.0.0-alpha.9".
};

struct polyton_finding {
	const char *rule; ///< "PT001"
	const char *slug; ///< "duplicate-tls"
	enum polyton_severity severity;
	enum polyton_confidence confidence;
	uint32_t library;     ///< POLYTON_NONE if it is about an object.
	uint32_t singleton;   ///< POLYTON_NONE if it is about a library or an object.
	uint32_t object;      ///< POLYTON_NONE if it is about a singleton.
	const char *headline; ///< One sentence a stranger understands.
	const char *detail;   ///< The second sentence: who uses what, what it holds. May be "".
	/** True, but of no use to most: shown on request only. */
	bool is_routine;
	/** Of a finding that is about no copies, or about many: why, and what to do. Else NULL: ask the copies. */
	const struct polyton_reason *reason;
	/** The objects that it is about, in object order. */
	const uint32_t *objects;
	uint32_t object_count;
	/** Of a stripped object: the crates that it embeds and other objects, too, by name and version. Else none. */
	const struct polyton_crate *crates;
	uint32_t crate_count;
	/**
	 * What it is known again by: made of the rule, the name of the singleton or library, and the base names of the
	 * objects' files, and so the same in each run and on each machine. Different findings have different ones.
	 */
	const char *fingerprint;
};

enum polyton_reference_kind {
	POLYTON_REFERENCE_DATA,
	POLYTON_REFERENCE_FUNCTION,
	POLYTON_REFERENCE_TLS,
	POLYTON_REFERENCE_COPY, ///< The program's own place for another object's variable (COPY relocation).
};

/** How it is known what a reference was bound to. */
enum polyton_binding_source {
	POLYTON_BINDING_READ,     ///< Read from the word that the loader wrote.
	POLYTON_BINDING_PENDING,  ///< A function not called yet (lazy binding): what the lookup will find.
	POLYTON_BINDING_COMPUTED, ///< Its word cannot be read, or does not tell: what the lookup finds.
};

/** What one object's references to a symbol were bound to: one row for each kind. */
struct polyton_binding {
	uint32_t object; ///< Whose code refers.
	const char *symbol;
	const char *version; ///< That it asks for, "" if it asks for none.
	enum polyton_reference_kind kind;
	enum polyton_binding_source source;
	uint32_t provider; ///< The object whose definition it got; POLYTON_NONE for none (weak, or never used).
	uint32_t expected; ///< The same by the rules of the lookup alone.
	uint64_t place;    ///< Run-time address of the word.
};

/**
 * The static TLS block: what glibc set aside per thread for objects with initial-exec thread-locals, and what is left
 * for those that are loaded later (glibc, csu/libc-tls.c and elf/dl-tls.c: _dl_tls_static_size and _used; bytes).
 */
struct polyton_tls_budget {
	bool is_known;
	const char *why;   ///< Not is_known: why not. Else "".
	uint64_t size;     ///< All of it, without the thread's control block.
	uint64_t used;     ///< By objects that have their places.
	uint64_t free;     ///< What dlopen() can still hand out.
	uint64_t surplus;  ///< What the loader set aside for dlopen() at the start.
	uint64_t optional; ///< Part of it that is for optimisations (TLS descriptors) only; 0 if not known.
};

/** Something that could not be seen, or was skipped, and why. */
struct polyton_note {
	uint32_t object; ///< POLYTON_NONE if it is about the subject.
	/**
	 * Looking failed somewhere, so the picture lacks what could have been seen. A stripped object is no loss
	 * in this sense: what it was built without cannot be seen by anybody.
	 */
	bool is_loss;
	const char *text;
};

/** Names left out because every object has them by construction, counted per reason. */
struct polyton_dropped {
	const char *reason;
	uint32_t count;
};

POLYTON_API const struct polyton_subject *polyton_snapshot_subject(const struct polyton_snapshot *snapshot);
POLYTON_API const struct polyton_tls_budget *polyton_snapshot_tls_budget(const struct polyton_snapshot *snapshot);

POLYTON_API uint32_t polyton_snapshot_object_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_thread_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_library_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_singleton_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_copy_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_finding_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_note_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_dropped_count(const struct polyton_snapshot *snapshot);
POLYTON_API uint32_t polyton_snapshot_binding_count(const struct polyton_snapshot *snapshot);

/** The item of that index, NULL past the end. Findings come worst first, objects as the loader lists them. */
POLYTON_API const struct polyton_object *polyton_snapshot_object(const struct polyton_snapshot *snapshot,
								 uint32_t index);
POLYTON_API const struct polyton_thread *polyton_snapshot_thread(const struct polyton_snapshot *snapshot,
								 uint32_t index);
POLYTON_API const struct polyton_library *polyton_snapshot_library(const struct polyton_snapshot *snapshot,
								   uint32_t index);
POLYTON_API const struct polyton_singleton *polyton_snapshot_singleton(const struct polyton_snapshot *snapshot,
								       uint32_t index);
POLYTON_API const struct polyton_copy *polyton_snapshot_copy(const struct polyton_snapshot *snapshot, uint32_t index);
POLYTON_API const struct polyton_finding *polyton_snapshot_finding(const struct polyton_snapshot *snapshot,
								   uint32_t index);
POLYTON_API const struct polyton_note *polyton_snapshot_note(const struct polyton_snapshot *snapshot, uint32_t index);
POLYTON_API const struct polyton_dropped *polyton_snapshot_dropped(const struct polyton_snapshot *snapshot,
								   uint32_t index);
/** By object, then in the order of its relocations; none unless polyton_options.keep_bindings. */
POLYTON_API const struct polyton_binding *polyton_snapshot_binding(const struct polyton_snapshot *snapshot,
								   uint32_t index);

/* Writing it out ---------------------------------------------------------------------------------------- */

enum polyton_view {
	POLYTON_VIEW_REPORT,   ///< Findings, folded by library; notes.
	POLYTON_VIEW_SHOW,     ///< One singleton, everything known: copies, evidence, value per thread.
	POLYTON_VIEW_OBJECTS,  ///< What is loaded.
	POLYTON_VIEW_THREADS,  ///< Threads and their TCBs.
	POLYTON_VIEW_TLS,      ///< TLS blocks per module, and the budget of static TLS.
	POLYTON_VIEW_BINDINGS, ///< Every reference of every object, and what it was bound to.
};

enum polyton_format {
	POLYTON_FORMAT_TEXT,
	POLYTON_FORMAT_JSON,
	/* Of POLYTON_VIEW_REPORT only: */
	POLYTON_FORMAT_SARIF,    ///< SARIF 2.1.0, with what GitHub's code scanning requires.
	POLYTON_FORMAT_JUNIT,    ///< JUnit XML: a test case for each finding.
	POLYTON_FORMAT_GITHUB,   ///< Workflow commands of GitHub Actions: an annotation for each finding.
	POLYTON_FORMAT_MARKDOWN, ///< For a step's summary: GitHub's Markdown, within its limit of 1 MiB.
	POLYTON_FORMAT_HTML,     ///< One file that needs no other.
	POLYTON_FORMAT_DOT,      ///< Graphviz: the objects, and the singletons that they have copies of.
};

/** How a finding compares with an earlier report. */
enum polyton_baseline {
	POLYTON_BASELINE_NONE, ///< There was none to compare with.
	POLYTON_BASELINE_NEW,
	POLYTON_BASELINE_UNCHANGED,
};

/** What the user's policy makes of one finding. Strings are borrowed while it is written. */
struct polyton_verdict {
	enum polyton_severity severity; ///< Instead of the finding's own. Raised, a routine finding is so no more.
	const char *suppressed;         ///< Why it does not count; NULL if it does.
	enum polyton_baseline baseline;
	const char *anchor; ///< Path in the repository that it is shown at; NULL if there is none.
	uint32_t anchor_line;
};

/** Parts of POLYTON_VIEW_SHOW; what the singleton is, and notes, are always written. */
enum polyton_part {
	POLYTON_PART_FINDINGS = 1,
	POLYTON_PART_COPIES = 2,  ///< Where they are, who uses which, what symbol tables and debug info say of them.
	POLYTON_PART_REASONS = 4, ///< Why there are several, on whose call they came, and what to do.
	POLYTON_PART_LAYOUT = 8,
	POLYTON_PART_CELLS = 16, ///< What each holds, in each thread.
};

/** Which findings make a check fail, in the formats that say so (SARIF, JUNIT, GITHUB). Suppressed ones never do. */
enum polyton_fail_on {
	POLYTON_FAIL_ON_ERROR,
	POLYTON_FAIL_ON_WARNING, ///< And what is worse.
	POLYTON_FAIL_ON_NOTE,
	POLYTON_FAIL_ON_NEVER,
};

/** Set @c size to sizeof(struct polyton_write_options) and zero the rest for the defaults. */
struct polyton_write_options {
	size_t size;
	enum polyton_view view;
	enum polyton_format format;
	const char *name; ///< SHOW: the singleton: its full name, its last part(s), or a raw symbol name.
	uint32_t columns; ///< Text: width to keep to; 0 means do not cut or wrap.
	bool use_color;   ///< Text: ANSI colours.
	bool show_all;    ///< Also what was dropped, what is only possible, and every thread's cell.
	bool is_verbose;  ///< Also counts of what was dropped, per reason, and times.
	/**
	 * REPORT: a POSIX extended regular expression; only libraries and singletons whose name it matches, and their
	 * findings, are written. BINDINGS: only references to symbols whose name it matches. NULL: all. One that does
	 * not compile is POLYTON_ERROR_ARGUMENT.
	 */
	const char *match;
	/** REPORT: one for each finding of the snapshot, in their order; NULL: the findings speak for themselves. */
	const struct polyton_verdict *verdicts;
	/** REPORT, text: what more is to be said at its end, a paragraph each; NULL ends them. May be NULL. */
	const char *const *remarks;
	enum polyton_fail_on fail_on; ///< REPORT.
	bool fails_on_new_only;       ///< And only on what is POLYTON_BASELINE_NEW.
	/**
	 * REPORT: how many findings that would count are put up with, by severity, three numbers; UINT32_MAX is any.
	 * If there are more, all of that severity fail the check. NULL: none of fail_on's severities.
	 */
	const uint32_t *tolerated;
	/**
	 * SHOW: what is written as the text of the values instead of the library's own, by a debugger that has printers
	 * for them: one for each cell of each copy of the singleton, in their order, each on one line and escaped as
	 * typed values are; NULL for those that stay. It changes no other member of a cell. NULL: none.
	 */
	const char *const *cell_texts;
	size_t cell_text_count; ///< As many as there are cells, or it is POLYTON_ERROR_ARGUMENT.
	/** SHOW: of thread-locals only what these threads have. NULL: all threads. */
	const int32_t *tids;
	size_t tid_count;
	uint32_t parts; ///< SHOW, text: members of enum polyton_part, added up; 0: all.
};

/** Takes @p count bytes; a non-zero answer (an errno) ends the writing with POLYTON_ERROR_SYSTEM. */
typedef int polyton_write_fn(void *arg, const char *bytes, size_t count);

/** Write one view. SHOW with a name that matches nothing or several singletons is an error that lists them. */
POLYTON_API struct polyton_error *polyton_snapshot_write(const struct polyton_snapshot *snapshot,
							 const struct polyton_write_options *options,
							 polyton_write_fn *write, void *arg);

#ifdef __cplusplus
}
#endif

#include "polyton_run.h"

#endif

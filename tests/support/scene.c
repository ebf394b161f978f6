#include "scene.h"

#include <stdio.h>

#include "check.h"
#include "find/about.h"

static void *checked(void *pointer)
{
	assert_non_null(pointer);
	return pointer;
}

static const struct polyton_object objects[SCENE_OBJECTS] = {
	[SCENE_HOST] = { .path = "/srv/app/host",
			 .name = "host",
			 .soname = "",
			 .build_id = "0123456789abcdef0123456789abcdef01234567",
			 .link_map = 0x7f0000001000,
			 .load_bias = 0x555500000000,
			 .start = 0x555500000000,
			 .end = 0x555500400000,
			 .is_program = true,
			 .file_state = POLYTON_FILE_READ,
			 .symbols = POLYTON_SYMBOLS_FULL,
			 .tls_placement = POLYTON_TLS_STATIC,
			 .tls_module = 1,
			 .tls_size = 0x98,
			 .tls_file_size = 0x20,
			 .tls_align = 8,
			 .tls_offset = 0x98 },
	[SCENE_SAME] = { .path = "/srv/app/libmod_same.so",
			 .name = "libmod_same.so",
			 .soname = "libmod_same.so",
			 .build_id = "aa",
			 .link_map = 0x7f0000002000,
			 .load_bias = 0x7f1000000000,
			 .start = 0x7f1000000000,
			 .end = 0x7f1000400000,
			 .file_state = POLYTON_FILE_READ,
			 .symbols = POLYTON_SYMBOLS_FULL,
			 .tls_placement = POLYTON_TLS_DYNAMIC,
			 .tls_module = 3,
			 .tls_generation = 2,
			 .tls_size = 0x60,
			 .tls_align = 8 },
	[SCENE_OTHER] = { .path = "/srv/app/libmod_other.so",
			  .name = "libmod_other.so",
			  .soname = "libmod_other.so",
			  .build_id = "bb",
			  .link_map = 0x7f0000003000,
			  .load_bias = 0x7f2000000000,
			  .start = 0x7f2000000000,
			  .end = 0x7f2000400000,
			  .name_space = 1,
			  .file_state = POLYTON_FILE_DELETED,
			  .symbols = POLYTON_SYMBOLS_DEBUG_FILE,
			  .tls_placement = POLYTON_TLS_DYNAMIC,
			  .tls_module = 4,
			  .tls_generation = 3,
			  .tls_size = 0x68,
			  .tls_align = 8 },
	[SCENE_RELEASE] = { .path = "/srv/app/libmod_release.so",
			    .name = "libmod_release.so",
			    .soname = "",
			    .build_id = "",
			    .link_map = 0x7f0000004000,
			    .load_bias = 0x7f3000000000,
			    .start = 0x7f3000000000,
			    .end = 0x7f3000400000,
			    .file_state = POLYTON_FILE_READ,
			    .symbols = POLYTON_SYMBOLS_DYNAMIC,
			    .tls_placement = POLYTON_TLS_UNDECIDED,
			    .tls_module = 5,
			    .tls_generation = 4,
			    .tls_size = 0x60,
			    .tls_align = 8 },
	[SCENE_LIBC] = { .path = "/lib/x86_64-linux-gnu/libc.so.6",
			 .name = "libc.so.6",
			 .soname = "libc.so.6",
			 .build_id = "cc",
			 .link_map = 0x7f0000005000,
			 .load_bias = 0x7f4000000000,
			 .start = 0x7f4000000000,
			 .end = 0x7f4000400000,
			 .is_initial_exec = true,
			 .file_state = POLYTON_FILE_READ,
			 .symbols = POLYTON_SYMBOLS_MINIDEBUG,
			 .tls_placement = POLYTON_TLS_STATIC,
			 .tls_module = 2,
			 .tls_size = 0x90,
			 .tls_align = 8,
			 .tls_offset = 0x128 },
	[SCENE_VDSO] = { .path = "linux-vdso.so.1",
			 .name = "linux-vdso.so.1",
			 .soname = "linux-vdso.so.1",
			 .build_id = "",
			 .link_map = 0,
			 .load_bias = 0x7fff00000000,
			 .start = 0x7fff00000000,
			 .end = 0x7fff00002000,
			 .file_state = POLYTON_FILE_NONE,
			 .symbols = POLYTON_SYMBOLS_DYNAMIC },
};

static const struct polyton_thread threads[] = {
	{ 4242, 4242, "host", POLYTON_THREAD_READY, 0x7f5000000740, 0, "" },
	{ 4243, 4243, "tokio-runtime-w", POLYTON_THREAD_READY, 0x7f5000100740, 0, "" },
	{ 4244, 4244, "tokio-runtime-w", POLYTON_THREAD_READY, 0x7f5000200740, 0, "" },
	{ 4245, 4245, "", POLYTON_THREAD_UNKNOWN, 0, 0, "ended, or out of reach in the kernel" },
	{ 4246, 4246, "raw", POLYTON_THREAD_SHARES, 0x7f5000000740, 4242, "a raw clone on another thread's TCB" },
};

struct polyton_snapshot *scene_create_empty(void)
{
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	snapshot->subject = (struct polyton_subject){
		.pid = 4242,
		.name = "host",
		.path = "/srv/app/host",
		.machine = "x86_64",
		.libc = "glibc 2.36",
		.capture_ns = 1500000,
		.analysis_ns = 40250000,
		.read_count = 15,
		.unstable_count = 1,
	};
	for (size_t i = 0; i < SCENE_OBJECTS; i++)
		*(struct polyton_object *)checked(vec_push(&snapshot->objects)) = objects[i];
	for (size_t i = 0; i < count_of(threads); i++)
		*(struct polyton_thread *)checked(vec_push(&snapshot->threads)) = threads[i];
	return snapshot;
}

uint32_t scene_library(struct polyton_snapshot *snapshot, const char *name, const char *version,
		       enum polyton_language language)
{
	*(struct polyton_library *)checked(vec_push(&snapshot->libraries)) = (struct polyton_library){
		.name = name,
		.version = version,
		.language = language,
		.first_singleton = (uint32_t)snapshot->singletons.count,
	};
	return (uint32_t)snapshot->libraries.count - 1;
}

struct polyton_singleton *scene_singleton(struct polyton_snapshot *snapshot, const char *name, enum polyton_kind kind)
{
	struct polyton_library *library = &snapshot->libraries.items[snapshot->libraries.count - 1];
	struct polyton_singleton *singleton = checked(vec_push(&snapshot->singletons));
	*singleton = (struct polyton_singleton){
		.name = name,
		.kind = kind,
		.language = library->language,
		.confidence = POLYTON_CONFIDENCE_CERTAIN,
		.library = (uint32_t)snapshot->libraries.count - 1,
		.first_copy = (uint32_t)snapshot->copies.count,
		.folded_into = POLYTON_NONE,
		.layout_copies = { POLYTON_NONE, POLYTON_NONE },
	};
	library->singleton_count++;
	return singleton;
}

static enum polyton_cell_state state_of(char letter)
{
	static const char letters[] = {
		[POLYTON_CELL_SET] = 's',        [POLYTON_CELL_INITIAL] = 'i',  [POLYTON_CELL_NOT_ALLOCATED] = 'n',
		[POLYTON_CELL_UNREADABLE] = 'u', [POLYTON_CELL_UNSTABLE] = 't', [POLYTON_CELL_PRESENT] = 'p',
	};
	const char *place = memchr(letters, letter, sizeof(letters));
	assert_non_null(place);
	return (enum polyton_cell_state)(place - letters);
}

static const struct polyton_value *make_value(struct polyton_snapshot *snapshot, const char *text)
{
	struct polyton_value *value = checked(arena_alloc(&snapshot->arena, 1, sizeof(*value)));
	static const uint8_t bytes[] = { 0x11, 0x00, 0xab, 0xff };
	*value = (struct polyton_value){ .bytes = bytes, .size = sizeof(bytes), .text = text };
	return value;
}

struct polyton_copy *scene_copy(struct polyton_snapshot *snapshot, struct scene_copy wanted)
{
	uint32_t index = (uint32_t)snapshot->singletons.count - 1, count = (uint32_t)strlen(wanted.states);
	struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	struct polyton_copy *copy = checked(vec_push(&snapshot->copies));
	struct polyton_cell *cells = checked(arena_alloc(&snapshot->arena, count, sizeof(*cells)));
	bool is_tls = singleton->kind == POLYTON_KIND_TLS;
	uint32_t *user = checked(arena_alloc(&snapshot->arena, 1, sizeof(*user)));
	const struct polyton_value *set = wanted.value ? make_value(snapshot, wanted.value) : NULL;
	const struct polyton_value *initial = make_value(snapshot, "0");

	for (uint32_t i = 0; i < count; i++) {
		enum polyton_cell_state state = state_of(wanted.states[i]);
		bool is_set = state == POLYTON_CELL_SET || state == POLYTON_CELL_PRESENT;
		bool is_there = is_set || state == POLYTON_CELL_INITIAL;
		cells[i] = (struct polyton_cell){ is_tls ? i : POLYTON_NONE, state,
						  is_there ? 0x7f6000000000 + 0x100 * i : 0, NULL };
		if (is_there)
			cells[i].value =
				!is_set ? initial
				: set   ? set
					: make_value(snapshot, arena_printf(&snapshot->arena, "0x%x", 0x1000 + i));
	}
	*user = wanted.object;
	*copy = (struct polyton_copy){
		.singleton = index,
		.object = wanted.object,
		.symbol = wanted.symbol,
		.build_mark = "",
		.source = "",
		.offset = 0x30,
		.address = is_tls ? 0 : objects[wanted.object].load_bias + 0x30,
		.size = wanted.size,
		.storage = POLYTON_STORAGE_ZERO,
		.bound_to = POLYTON_NONE,
		.cells = cells,
		.cell_count = count,
		.version = "",
		.users = user,
		.user_count = 1,
		.type = "",
		.type_missing = "",
		.decl_file = "",
		.producer = "",
	};
	singleton->copy_count++;
	singleton->live_count++;
	return copy;
}

struct polyton_value *scene_value(struct polyton_snapshot *snapshot, struct polyton_copy *copy, const char *cells,
				  enum polyton_value_state state, const char *text)
{
	struct polyton_value *value = (struct polyton_value *)make_value(snapshot, text);
	struct polyton_cell *held = (struct polyton_cell *)copy->cells;
	value->is_typed = true;
	value->state = state;
	assert_int_equal(strlen(cells), copy->cell_count);
	for (uint32_t i = 0; i < copy->cell_count; i++) {
		if (cells[i] == 'x')
			held[i].value = value;
	}
	return value;
}

void scene_shadow(struct polyton_snapshot *snapshot, struct polyton_copy *copy, uint32_t winner)
{
	copy->use = POLYTON_USE_SHADOWED;
	copy->bound_to = winner;
	copy->user_count = 0;
	snapshot->singletons.items[copy->singleton].live_count--;
}

const struct polyton_reason *scene_reason(struct polyton_snapshot *snapshot, enum polyton_cause cause,
					  const char *text, const char *first_step, const char *second_step)
{
	struct polyton_reason *reason = checked(arena_alloc(&snapshot->arena, 1, sizeof(*reason)));
	const char **steps = checked(arena_alloc(&snapshot->arena, 2, sizeof(*steps)));
	steps[0] = first_step;
	steps[1] = second_step;
	*reason = (struct polyton_reason){ cause, text, steps, second_step ? 2 : first_step ? 1 : 0 };
	return reason;
}

void scene_binding(struct polyton_snapshot *snapshot, struct polyton_binding wanted)
{
	*(struct polyton_binding *)checked(vec_push(&snapshot->bindings)) = wanted;
}

struct polyton_finding *scene_rule(struct polyton_snapshot *snapshot, uint32_t singleton, const char *rule,
				   const char *slug, const char *headline)
{
	struct polyton_finding *finding = checked(vec_push(&snapshot->findings));
	const struct polyton_singleton *row = polyton_snapshot_singleton(snapshot, singleton);
	*finding = (struct polyton_finding){
		.rule = rule,
		.slug = slug,
		.severity = POLYTON_SEVERITY_ERROR,
		.confidence = row ? row->confidence : POLYTON_CONFIDENCE_CERTAIN,
		.library = row ? row->library : POLYTON_NONE,
		.singleton = singleton,
		.object = POLYTON_NONE,
		.headline = headline,
		.detail = "",
	};
	return finding;
}

struct polyton_finding *scene_finding(struct polyton_snapshot *snapshot, enum polyton_severity severity,
				      const char *headline, const char *detail)
{
	uint32_t index = (uint32_t)snapshot->singletons.count - 1;
	const struct polyton_singleton *singleton = &snapshot->singletons.items[index];
	bool is_tls = singleton->kind == POLYTON_KIND_TLS;
	struct polyton_finding *finding = checked(vec_push(&snapshot->findings));
	*finding = (struct polyton_finding){
		.rule = is_tls ? "PT001" : "PT002",
		.slug = is_tls ? "duplicate-tls" : "duplicate-static",
		.severity = severity,
		.confidence = singleton->confidence,
		.library = singleton->library,
		.singleton = index,
		.object = POLYTON_NONE,
		.headline = headline,
		.detail = detail,
	};
	return finding;
}

static void add_std(struct polyton_snapshot *snapshot)
{
	uint32_t library = scene_library(snapshot, "std", "", POLYTON_LANGUAGE_RUST);
	snapshot->libraries.items[library].is_per_object = true;
	scene_singleton(snapshot, "std::thread::CURRENT", POLYTON_KIND_TLS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "_ZN3std6thread7CURRENT17h01E", 8, "sssus", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "_ZN3std6thread7CURRENT17h02E", 8, "nnnun", NULL });
}

static void add_tokio(struct polyton_snapshot *snapshot)
{
	static const char *const statics[] = { "tokio::runtime::task::id::NEXT_ID", "tokio::util::rand::COUNTER",
					       "tokio::park::NEXT", "tokio::process::ORPHANS" };
	scene_library(snapshot, "tokio", "1.24.2", POLYTON_LANGUAGE_RUST);
	const struct polyton_reason *reason = scene_reason(
		snapshot, POLYTON_CAUSE_EXPORT_LIST,
		"a cdylib exports its C functions only, so its tokio is its own.",
		"Build the modules as crate-type = [\"dylib\"] with -C prefer-dynamic, on one shared tokio.",
		"Or hand a tokio Handle into the module and enter it there.");
	uint32_t index = (uint32_t)snapshot->singletons.count;
	struct polyton_singleton *context =
		scene_singleton(snapshot, "tokio::runtime::context::CONTEXT", POLYTON_KIND_TLS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "_ZN5tokio7CONTEXT17haaE", 56, "sssui",
						  "1 host!tokio::VTABLE+0x10 0" })
		->build_mark = "17haa";
	struct polyton_copy *copy =
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "_ZN5tokio7CONTEXT17haaE", 56, "nnnun", NULL });
	copy->build_mark = "17haa";
	copy->reason = reason;
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "_ZN5tokio7CONTEXT17hbbE", 64, "innun", NULL });
	copy->build_mark = "17hbb";
	copy->reason = reason;
	context->sizes_differ = context->builds_differ = true;
	scene_finding(
		snapshot, POLYTON_SEVERITY_ERROR,
		"tokio::runtime::context::CONTEXT (thread-local) exists 3 times: in host, libmod_same.so and "
		"libmod_other.so.",
		"libmod_same.so and libmod_other.so use copies of their own, which no thread has set; host's is set "
		"in 3 of 5 threads (1 could not be read).");
	for (size_t i = 0; i < count_of(statics); i++) {
		scene_singleton(snapshot, statics[i], POLYTON_KIND_STATIC);
		scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "_ZN5tokio1aE", 8, "s", "17" });
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "_ZN5tokio1aE", 8, "i", NULL })->reason =
			reason;
		scene_finding(snapshot, POLYTON_SEVERITY_ERROR,
			      arena_printf(&snapshot->arena, "%s (static) exists twice: in host and libmod_same.so.",
					   statics[i]),
			      "libmod_same.so uses its own copy, which is still initial; host's is set.");
	}
	scene_rule(snapshot, index, "PT003", "layout-mismatch",
		   "The copies differ in size: 56 bytes in host, 64 bytes in libmod_other.so.");
	scene_rule(snapshot, index, "PT004", "split-state",
		   "In thread host, host's copy is set and libmod_other.so's is still initial.");
	scene_rule(snapshot, index + 1, "PT004", "split-state", "host's copy is set and the other is initial.");
}

// What is not counted: possible, merged, read-only, dropped.
static void add_others(struct polyton_snapshot *snapshot)
{
	uint32_t first;
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_CXX);
	struct polyton_singleton *singleton = scene_singleton(snapshot, "acme::registry()::all", POLYTON_KIND_STATIC);
	first = singleton->first_copy;
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "_ZZ4acmeE3all", 24, "s", "0x1 0x2 3" })->is_unique =
		true;
	struct polyton_copy *copy =
		scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "_ZZ4acmeE3all", 24, "i", NULL });
	scene_shadow(snapshot, copy, first);
	singleton = scene_singleton(snapshot, "acme::table", POLYTON_KIND_STATIC);
	singleton->is_read_only = true;
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "_ZN4acme5tableE", 64, "i", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "_ZN4acme5tableE", 64, "i", NULL });

	scene_library(snapshot, "counter.c", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "counter", POLYTON_KIND_STATIC)->confidence = POLYTON_CONFIDENCE_LIKELY;
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "counter", 4, "s", "3" })->source = "counter.c";
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "counter", 4, "s", "4" });
	copy->source = "counter.c";
	copy->reason = scene_reason(snapshot, POLYTON_CAUSE_STATIC_LINK,
				    "counter.c is linked into both, and counter is static in it.",
				    "Link counter.c into one shared library that both use.", NULL);
	scene_finding(snapshot, POLYTON_SEVERITY_WARNING,
		      "counter (static) exists twice: in libmod_same.so and libmod_other.so.",
		      "libmod_same.so's is set; libmod_other.so's is set.");
	scene_singleton(snapshot, "scratch", POLYTON_KIND_STATIC)->confidence = POLYTON_CONFIDENCE_POSSIBLE;
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "scratch", 4, "i", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "scratch", 4, "i", NULL });
	scene_library(snapshot, "C globals", "", POLYTON_LANGUAGE_C);
	scene_singleton(snapshot, "completed.0", POLYTON_KIND_STATIC)->dropped = "start-up code of every object";
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "completed.0", 1, "i", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "completed.0", 1, "i", NULL });
	*(struct polyton_dropped *)checked(vec_push(&snapshot->dropped)) =
		(struct polyton_dropped){ "start-up code of every object", 1 };
}

struct polyton_snapshot *scene_create(void)
{
	struct polyton_snapshot *snapshot = scene_create_empty();
	add_std(snapshot);
	add_tokio(snapshot);
	add_others(snapshot);
	*(struct polyton_finding *)checked(vec_push(&snapshot->findings)) = (struct polyton_finding){
		.rule = "PT001",
		.slug = "duplicate-tls",
		.severity = POLYTON_SEVERITY_NOTE,
		.confidence = POLYTON_CONFIDENCE_CERTAIN,
		.library = 0,
		.singleton = POLYTON_NONE,
		.object = POLYTON_NONE,
		.headline =
			"std is linked into each of host and libmod_same.so by design: 0 of its statics and 1 of its "
			"thread-locals exist in more than one of them.",
		.detail = "",
	};
	static const struct polyton_crate crates[] = { { "tokio", "1.24.2" } };
	*(struct polyton_finding *)checked(vec_push(&snapshot->findings)) = (struct polyton_finding){
		.rule = "PT012",
		.slug = "blind-spot",
		.severity = POLYTON_SEVERITY_NOTE,
		.confidence = POLYTON_CONFIDENCE_CERTAIN,
		.library = POLYTON_NONE,
		.singleton = POLYTON_NONE,
		.object = SCENE_RELEASE,
		.headline = "libmod_release.so is stripped: which variables it has copies of cannot be told.",
		.detail = "Of the crates that its panic messages name (3), other objects embed, too: tokio 1.24.2.",
		.crates = crates,
		.crate_count = 1,
	};
	assert_fine(snapshot_note(snapshot, SCENE_OTHER, true, "deleted meanwhile"));
	assert_fine(snapshot_note(snapshot, POLYTON_NONE, false, "libc.so.6 was not looked into"));
	assert_fine(about_settle(snapshot));
	return snapshot;
}

/** What was written. */
struct written {
	char *text;
	size_t count, capacity;
};

static int keep(void *arg, const char *bytes, size_t count)
{
	struct written *written = arg;
	if (written->count + count + 1 > written->capacity) {
		written->capacity = 2 * (written->count + count + 1);
		written->text = checked(realloc(written->text, written->capacity));
	}
	memcpy(written->text + written->count, bytes, count);
	written->count += count;
	written->text[written->count] = '\0';
	return 0;
}

char *scene_write(const struct polyton_snapshot *snapshot, const struct polyton_write_options *options)
{
	struct written written = { 0 };
	struct polyton_write_options sized = *options;
	sized.size = sizeof(sized);
	// What capture does last, of all findings that the test has made.
	assert_fine(about_settle((struct polyton_snapshot *)snapshot));
	assert_fine(polyton_snapshot_write(snapshot, &sized, keep, &written));
	assert_non_null(written.text);
	// Text for people and machines: a NUL would end it early.
	assert_int_equal(strlen(written.text), written.count);
	return written.text;
}

char *write_scene(const struct polyton_write_options *options)
{
	struct polyton_snapshot *snapshot = scene_create();
	char *text = scene_write(snapshot, options);
	polyton_snapshot_destroy(snapshot);
	return text;
}

void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		print_error("missing: %s\nin: %s\n", part, text);
	assert_non_null(strstr(text, part));
}

void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		print_error("unwanted: %s\nin: %s\n", part, text);
	assert_null(strstr(text, part));
}

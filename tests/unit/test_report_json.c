// The views as JSON: every text must be parsed by somebody else's parser, and say what the snapshot says.

#include "../support/check.h"

#include <inttypes.h>
#include <jansson.h>

#include "../support/scene.h"

static json_t *parse(const struct polyton_snapshot *snapshot, struct polyton_write_options options)
{
	json_error_t error;
	options.format = POLYTON_FORMAT_JSON;
	char *text = scene_write(snapshot, &options);
	for (const char *at = text; *at; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
	assert_int_equal(text[strlen(text) - 1], '\n');
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		print_error("%s in line %d: %s\n", error.text, error.line, text);
	assert_non_null(root);
	free(text);
	return root;
}

// The member at a path of names and, in brackets, indices: "singletons[1].copies[0].object".
static const json_t *at(const json_t *value, const char *path)
{
	const char *rest = path;
	while (*rest && value) {
		size_t length = strcspn(rest, ".[");
		char name[64] = "";
		assert_true(length < sizeof(name));
		memcpy(name, rest, length);
		if (length)
			value = json_object_get(value, name);
		rest += length;
		if (*rest == '[') {
			value = json_array_get(value, (size_t)strtoul(rest + 1, NULL, 10));
			rest = strchr(rest, ']') + 1;
		}
		rest += *rest == '.';
	}
	if (!value)
		print_error("there is no %s\n", path);
	assert_non_null(value);
	return value;
}

static void assert_text(const json_t *root, const char *path, const char *expected)
{
	assert_true(json_is_string(at(root, path)));
	assert_string_equal(json_string_value(at(root, path)), expected);
}

static void assert_number(const json_t *root, const char *path, json_int_t expected)
{
	assert_true(json_is_integer(at(root, path)));
	assert_int_equal(json_integer_value(at(root, path)), expected);
}

static void assert_members(const json_t *value, const char *names)
{
	const char *key;
	json_t *member;
	char all[512] = "";
	json_object_foreach((json_t *)value, key, member)
	{
		strcat(all, all[0] ? " " : "");
		strcat(all, key);
	}
	assert_string_equal(all, names);
}

static void test_envelope(void **state)
{
	(void)state;
	static const struct {
		enum polyton_view view;
		const char *name, *members;
	} views[] = {
		{ POLYTON_VIEW_REPORT, "report",
		  " objects threads libraries singletons findings suppressed dropped notes" },
		{ POLYTON_VIEW_SHOW, "show", " objects threads singletons notes" },
		{ POLYTON_VIEW_OBJECTS, "objects", " objects notes" },
		{ POLYTON_VIEW_THREADS, "threads", " threads notes" },
		{ POLYTON_VIEW_TLS, "tls", " objects budget notes" },
		{ POLYTON_VIEW_BINDINGS, "bindings", " objects bindings notes" },
	};
	struct polyton_snapshot *snapshot = scene_create();
	for (size_t i = 0; i < count_of(views); i++) {
		char members[256] = "schema schema_version view tool subject";
		json_t *root =
			parse(snapshot, (struct polyton_write_options){ .view = views[i].view, .name = "CONTEXT" });
		assert_members(root, strcat(members, views[i].members));
		assert_text(root, "schema", "polyton");
		assert_number(root, "schema_version", 2);
		assert_text(root, "view", views[i].name);
		assert_text(root, "tool.name", "polyton");
		assert_number(root, "subject.pid", 4242);
		assert_text(root, "subject.libc", "glibc 2.36");
		assert_true(json_is_false(at(root, "subject.stopped")));
		assert_true(json_is_null(at(root, "subject.pause_ns")));
		assert_number(root, "subject.accepted_cells", 15);
		assert_int_equal(json_array_size(at(root, "notes")), 2);
		assert_text(root, "notes[0].object", "libmod_other.so");
		assert_true(json_is_true(at(root, "notes[0].loss")));
		assert_true(json_is_null(at(root, "notes[1].object")));
		json_decref(root);
	}
	snapshot->subject.was_stopped = true;
	snapshot->subject.pause_ns = 12;
	json_t *root = parse(snapshot, (struct polyton_write_options){ .view = POLYTON_VIEW_TLS });
	assert_number(root, "subject.pause_ns", 12);
	assert_int_equal(json_array_size(at(root, "objects")), 5); // not the vdso
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_objects_and_threads(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	json_t *root = parse(snapshot, (struct polyton_write_options){ 0 });
	assert_int_equal(json_array_size(at(root, "objects")), SCENE_OBJECTS);
	assert_members(at(root, "objects[0]"),
		       "name path soname build_id namespace program link_map load_bias start end "
		       "file symbols initial_exec tls opened_by");
	assert_text(root, "objects[0].load_bias", "0x555500000000");
	assert_true(json_is_true(at(root, "objects[0].program")));
	assert_number(root, "objects[0].tls.offset", 0x98);
	assert_number(root, "objects[0].tls.file_size", 0x20);
	assert_text(root, "objects[1].tls.placement", "dynamic");
	assert_true(json_is_null(at(root, "objects[1].tls.offset")));
	assert_number(root, "objects[2].namespace", 1);
	assert_text(root, "objects[2].symbols", "debug-file");
	assert_text(root, "objects[2].file", "deleted");
	assert_text(root, "objects[5].link_map", "0x0");
	assert_true(json_is_null(at(root, "objects[5].tls")));
	assert_members(at(root, "threads[0]"), "tid inner_tid name state tcb shares_tid why");
	assert_text(root, "threads[0].tcb", "0x7f5000000740");
	assert_true(json_is_null(at(root, "threads[0].shares_tid")));
	assert_true(json_is_null(at(root, "threads[3].tcb")));
	assert_text(root, "threads[3].state", "unknown");
	assert_number(root, "threads[4].shares_tid", 4242);
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_report_has_what_findings_are_about(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	json_t *root = parse(snapshot, (struct polyton_write_options){ 0 });
	assert_int_equal(json_array_size(at(root, "libraries")), 3); // std, tokio, counter.c
	assert_number(root, "libraries[1].singletons", 5);
	assert_text(root, "libraries[1].version", "1.24.2");
	assert_true(json_is_true(at(root, "libraries[0].per_object")));
	assert_int_equal(json_array_size(at(root, "singletons")), 7);
	assert_text(root, "singletons[0].name", "std::thread::CURRENT");
	assert_int_equal(json_array_size(at(root, "findings")), 11);
	assert_members(at(root, "findings[0]"), "fingerprint rule slug severity confidence library singleton object "
						"objects crates headline detail routine "
						"reason suppressed baseline");
	assert_text(root, "findings[0].library", "tokio");
	assert_true(json_is_null(at(root, "findings[0].object")));
	assert_true(json_is_false(at(root, "findings[0].routine")));
	assert_true(json_is_null(at(root, "findings[0].reason")));
	assert_text(root, "findings[5].rule", "PT003");
	assert_text(root, "findings[8].severity", "warning");
	assert_text(root, "findings[8].confidence", "likely");
	assert_true(json_is_null(at(root, "findings[9].singleton")));
	assert_int_equal(json_array_size(at(root, "findings[9].crates")), 0);
	assert_text(root, "findings[10].object", "libmod_release.so");
	assert_members(at(root, "findings[10].crates[0]"), "name version");
	assert_text(root, "findings[10].crates[0].name", "tokio");
	assert_text(root, "findings[10].crates[0].version", "1.24.2");
	assert_number(root, "dropped[0].count", 1);
	json_decref(root);

	root = parse(snapshot, (struct polyton_write_options){ .show_all = true });
	assert_int_equal(json_array_size(at(root, "singletons")), 11);
	assert_text(root, "singletons[10].dropped", "start-up code of every object");
	json_decref(root);
	root = parse(snapshot, (struct polyton_write_options){ .show_all = true, .match = "^acme$|completed" });
	assert_int_equal(json_array_size(at(root, "singletons")), 3);
	assert_int_equal(json_array_size(at(root, "findings")), 0);
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_copies_and_cells(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	json_t *root =
		parse(snapshot, (struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "CONTEXT" });
	assert_members(at(root, "singletons[0]"), "name kind language confidence library live_copies read_only "
						  "sizes_differ builds_differ dropped folded layout copies");
	assert_int_equal(json_array_size(at(root, "singletons")), 1);
	assert_text(root, "singletons[0].kind", "tls");
	assert_number(root, "singletons[0].live_copies", 3);
	assert_true(json_is_true(at(root, "singletons[0].sizes_differ")));
	assert_members(at(root, "singletons[0].copies[0]"),
		       "object symbol build_mark source offset address size storage "
		       "use bound_to exported unique protected binding visibility version old_version "
		       "copied users reason type type_missing declared producer cells");
	assert_true(json_is_false(at(root, "singletons[0].folded")));
	assert_text(root, "singletons[0].copies[2].build_mark", "17hbb");
	assert_text(root, "singletons[0].copies[1].binding", "local");
	assert_text(root, "singletons[0].copies[1].visibility", "default");
	assert_text(root, "singletons[0].copies[1].version", "");
	assert_int_equal(json_array_size(at(root, "singletons[0].copies[1].users")), 1);
	assert_text(root, "singletons[0].copies[1].users[0]", "libmod_same.so");
	assert_true(json_is_null(at(root, "singletons[0].copies[0].reason")));
	assert_members(at(root, "singletons[0].copies[1].reason"), "cause text remedy");
	assert_text(root, "singletons[0].copies[1].reason.cause", "export-list");
	assert_text(root, "singletons[0].copies[1].reason.text",
		    "a cdylib exports its C functions only, so its tokio is its own.");
	assert_int_equal(json_array_size(at(root, "singletons[0].copies[1].reason.remedy")), 2);
	assert_text(root, "singletons[0].copies[1].reason.remedy[1]",
		    "Or hand a tokio Handle into the module and enter it there.");
	assert_true(json_is_null(at(root, "singletons[0].copies[0].address")));
	assert_int_equal(json_array_size(at(root, "singletons[0].copies[0].cells")), 5);
	assert_members(at(root, "singletons[0].copies[0].cells[0]"), "tid state address value");
	assert_number(root, "singletons[0].copies[0].cells[1].tid", 4243);
	assert_text(root, "singletons[0].copies[0].cells[1].address", "0x7f6000000100");
	assert_true(json_is_null(at(root, "singletons[0].layout")));
	assert_true(json_is_null(at(root, "singletons[0].copies[0].type")));
	assert_true(json_is_null(at(root, "singletons[0].copies[0].type_missing")));
	assert_true(json_is_null(at(root, "singletons[0].copies[0].declared")));
	assert_text(root, "singletons[0].copies[0].producer", "");
	assert_members(at(root, "singletons[0].copies[0].cells[1].value"), "bytes text typed state rows");
	assert_true(json_is_false(at(root, "singletons[0].copies[0].cells[1].value.typed")));
	assert_text(root, "singletons[0].copies[0].cells[1].value.state", "plain");
	assert_true(json_is_null(at(root, "singletons[0].copies[0].cells[1].value.rows")));
	assert_text(root, "singletons[0].copies[0].cells[1].value.bytes", "1100abff");
	assert_text(root, "singletons[0].copies[0].cells[1].value.text", "1 host!tokio::VTABLE+0x10 0");
	assert_text(root, "singletons[0].copies[0].cells[3].state", "unreadable");
	assert_text(root, "singletons[0].copies[1].cells[0].state", "not-allocated");
	assert_true(json_is_null(at(root, "singletons[0].copies[1].cells[0].value")));
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_copies_of_a_static(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create();
	json_t *root = parse(snapshot, (struct polyton_write_options){ .view = POLYTON_VIEW_SHOW, .name = "all" });
	assert_text(root, "singletons[0].copies[0].address", "0x555500000030");
	assert_true(json_is_null(at(root, "singletons[0].copies[0].bound_to")));
	assert_true(json_is_true(at(root, "singletons[0].copies[0].unique")));
	assert_text(root, "singletons[0].copies[1].use", "shadowed");
	assert_text(root, "singletons[0].copies[1].bound_to", "host");
	assert_int_equal(json_array_size(at(root, "singletons[0].copies[1].users")), 0);
	assert_true(json_is_null(at(root, "singletons[0].copies[1].cells[0].tid")));
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_types(void **state)
{
	(void)state;
	static const struct polyton_value_row rows[] = { { 0, "", "Cell<u\xff>", "alive", true },
							 { 1, "a\"\\\\", "", "5", false } };
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_RUST);
	scene_singleton(snapshot, "acme::A", POLYTON_KIND_TLS);
	struct polyton_copy *copy = scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "A", 8, "ssiii", NULL });
	copy->type = "Cell<u8>";
	copy->decl_file = "/src/a.rs";
	copy->decl_line = 7;
	copy->producer = "rustc 1.80";
	struct polyton_value *value = scene_value(snapshot, copy, "xx---", POLYTON_VALUE_ALIVE, "alive, 5");
	value->rows = rows;
	value->row_count = count_of(rows);
	copy = scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "A", 8, "iiiii", NULL });
	copy->type_missing = "no debug info";

	struct polyton_write_options options = { .view = POLYTON_VIEW_SHOW, .name = "A" };
	json_t *root = parse(snapshot, options);
	assert_text(root, "singletons[0].copies[0].type", "Cell<u8>");
	assert_true(json_is_null(at(root, "singletons[0].copies[0].type_missing")));
	assert_members(at(root, "singletons[0].copies[0].declared"), "file line");
	assert_text(root, "singletons[0].copies[0].declared.file", "/src/a.rs");
	assert_number(root, "singletons[0].copies[0].declared.line", 7);
	assert_text(root, "singletons[0].copies[0].producer", "rustc 1.80");
	assert_text(root, "singletons[0].copies[1].type_missing", "no debug info");
	assert_true(json_is_null(at(root, "singletons[0].copies[1].declared")));
	assert_true(json_is_true(at(root, "singletons[0].copies[0].cells[1].value.typed")));
	assert_text(root, "singletons[0].copies[0].cells[1].value.state", "alive");
	assert_text(root, "singletons[0].copies[0].cells[1].value.text", "alive, 5");
	assert_int_equal(json_array_size(at(root, "singletons[0].copies[0].cells[1].value.rows")), 2);
	assert_members(at(root, "singletons[0].copies[0].cells[1].value.rows[0]"), "depth label type text parts");
	assert_text(root, "singletons[0].copies[0].cells[1].value.rows[0].type", "Cell<u\xef\xbf\xbd>");
	assert_true(json_is_true(at(root, "singletons[0].copies[0].cells[1].value.rows[0].parts")));
	assert_number(root, "singletons[0].copies[0].cells[1].value.rows[1].depth", 1);
	assert_text(root, "singletons[0].copies[0].cells[1].value.rows[1].label", "a\"\\\\");
	assert_text(root, "singletons[0].copies[0].cells[1].value.rows[1].text", "5");
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_layout(void **state)
{
	(void)state;
	static const struct polyton_layout_row layout[] = {
		{ "handle", false, { { true, 8, 16, "Option<u64>" }, { .text = "" } } },
		{ "next->id", true, { { true, 0, UINT64_MAX, "u64" }, { true, 4, 8, "u64" } } },
	};
	struct polyton_write_options options = { .view = POLYTON_VIEW_SHOW, .name = "A" };
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_RUST);
	struct polyton_singleton *singleton = scene_singleton(snapshot, "acme::A", POLYTON_KIND_TLS);
	scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "A", 8, "ssiii", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "A", 8, "iiiii", NULL });
	singleton->layout_copies[0] = 1;
	singleton->layout_copies[1] = 0;
	json_t *root = parse(snapshot, options);
	// Compared, and the same.
	assert_int_equal(json_array_size(at(root, "singletons[0].layout.rows")), 0);
	assert_text(root, "singletons[0].layout.copies[0]", "libmod_other.so");
	json_decref(root);

	singleton->layout = layout;
	singleton->layout_count = count_of(layout);
	root = parse(snapshot, options);
	assert_members(at(root, "singletons[0].layout"), "copies rows");
	assert_text(root, "singletons[0].layout.copies[1]", "host");
	assert_members(at(root, "singletons[0].layout.rows[0]"), "path behind_pointer sides");
	assert_text(root, "singletons[0].layout.rows[0].path", "handle");
	assert_int_equal(json_array_size(at(root, "singletons[0].layout.rows[0].sides")), 2);
	assert_members(at(root, "singletons[0].layout.rows[0].sides[0]"), "offset size text");
	assert_number(root, "singletons[0].layout.rows[0].sides[0].offset", 8);
	assert_text(root, "singletons[0].layout.rows[0].sides[0].text", "Option<u64>");
	assert_true(json_is_null(at(root, "singletons[0].layout.rows[0].sides[1]")));
	assert_true(json_is_true(at(root, "singletons[0].layout.rows[1].behind_pointer")));
	assert_number(root, "singletons[0].layout.rows[1].sides[0].size", INT64_MAX);
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_folded_and_routine(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_library(snapshot, "acme", "", POLYTON_LANGUAGE_CXX);
	scene_singleton(snapshot, "acme::log", POLYTON_KIND_STATIC)->folded_into = 0;
	scene_copy(snapshot, (struct scene_copy){ SCENE_SAME, "log", 8, "s", NULL });
	scene_copy(snapshot, (struct scene_copy){ SCENE_OTHER, "log", 8, "s", NULL });
	struct polyton_finding *finding =
		scene_rule(snapshot, POLYTON_NONE, "PT006", "duplicate-library", "libacme.so is loaded twice.");
	finding->object = SCENE_OTHER;
	finding->reason = scene_reason(snapshot, POLYTON_CAUSE_NAMESPACE, "dlmopen() did it.", "Use dlopen().", NULL);
	finding = scene_rule(snapshot, POLYTON_NONE, "PT010", "pinned-object", "libmod_same.so is pinned.");
	finding->severity = POLYTON_SEVERITY_NOTE;
	finding->is_routine = true;

	json_t *root = parse(snapshot, (struct polyton_write_options){ 0 });
	assert_int_equal(json_array_size(at(root, "findings")), 1);
	assert_text(root, "findings[0].reason.cause", "namespace");
	assert_text(root, "findings[0].reason.remedy[0]", "Use dlopen().");
	assert_int_equal(json_array_size(at(root, "singletons")), 1); // that the finding speaks for
	assert_true(json_is_true(at(root, "singletons[0].folded")));
	json_decref(root);
	root = parse(snapshot, (struct polyton_write_options){ .show_all = true });
	assert_int_equal(json_array_size(at(root, "findings")), 2);
	assert_true(json_is_true(at(root, "findings[1].routine")));
	json_decref(root);
	// A finding is found by what it speaks for.
	root = parse(snapshot, (struct polyton_write_options){ .match = "::log$" });
	assert_text(root, "findings[0].rule", "PT006");
	json_decref(root);
	root = parse(snapshot, (struct polyton_write_options){ .match = "nothing" });
	assert_int_equal(json_array_size(at(root, "findings")), 0);
	assert_int_equal(json_array_size(at(root, "singletons")), 0);
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_bindings(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot = scene_create_empty();
	scene_binding(snapshot, (struct polyton_binding){ SCENE_HOST, "counter", "V1", POLYTON_REFERENCE_COPY,
							  POLYTON_BINDING_READ, SCENE_SAME, SCENE_SAME, 0x5555 });
	scene_binding(snapshot, (struct polyton_binding){ SCENE_SAME, "b\"\x7f", "", POLYTON_REFERENCE_FUNCTION,
							  POLYTON_BINDING_PENDING, SCENE_HOST, POLYTON_NONE, 0 });
	scene_binding(snapshot,
		      (struct polyton_binding){ SCENE_OTHER, "counter", "", POLYTON_REFERENCE_TLS,
						POLYTON_BINDING_COMPUTED, POLYTON_NONE, POLYTON_NONE, UINT64_MAX });
	json_t *root = parse(snapshot, (struct polyton_write_options){ .view = POLYTON_VIEW_BINDINGS });
	assert_int_equal(json_array_size(at(root, "objects")), SCENE_OBJECTS);
	assert_int_equal(json_array_size(at(root, "bindings")), 3);
	assert_members(at(root, "bindings[0]"), "object symbol version kind source provider expected place");
	assert_text(root, "bindings[0].object", "host");
	assert_text(root, "bindings[0].version", "V1");
	assert_text(root, "bindings[0].kind", "copy");
	assert_text(root, "bindings[0].source", "read");
	assert_text(root, "bindings[0].provider", "libmod_same.so");
	assert_text(root, "bindings[0].place", "0x5555");
	assert_text(root, "bindings[1].symbol", "b\"\x7f");
	assert_text(root, "bindings[1].kind", "function");
	assert_text(root, "bindings[1].source", "pending");
	assert_true(json_is_null(at(root, "bindings[1].expected")));
	assert_text(root, "bindings[1].place", "0x0");
	assert_text(root, "bindings[2].kind", "tls");
	assert_text(root, "bindings[2].source", "computed");
	assert_true(json_is_null(at(root, "bindings[2].provider")));
	json_decref(root);
	root = parse(snapshot, (struct polyton_write_options){ .view = POLYTON_VIEW_BINDINGS, .match = "^count" });
	assert_int_equal(json_array_size(at(root, "bindings")), 2);
	assert_text(root, "bindings[1].object", "libmod_other.so");
	json_decref(root);
	struct polyton_write_options bad = { sizeof(bad), .view = POLYTON_VIEW_BINDINGS, .match = "(" };
	assert_error(polyton_snapshot_write(snapshot, &bad, NULL, NULL), POLYTON_ERROR_ARGUMENT, "\"(\"");
	polyton_snapshot_destroy(snapshot);
}

static void test_hostile_names_and_numbers(void **state)
{
	(void)state;
	static const char hostile[] = "a\033\n\"\\\xff\xc3\xe2\x80\xae\x7f\xf0\x9f\xa6\x80\xed\xa0\x80";
	static const char shown[] = "a\033\n\"\\\xef\xbf\xbd\xef\xbf\xbd\xe2\x80\xae\x7f\xf0\x9f\xa6\x80"
				    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd";
	struct polyton_snapshot *snapshot = scene_create();
	snapshot->subject.name = snapshot->subject.path = hostile;
	snapshot->subject.read_count = UINT64_MAX;
	snapshot->objects.items[0].name = snapshot->objects.items[1].soname = hostile;
	snapshot->objects.items[1].tls_size = UINT64_MAX;
	snapshot->objects.items[1].end = UINT64_MAX;
	snapshot->threads.items[0].name = snapshot->threads.items[0].why = hostile;
	snapshot->threads.items[0].tid = INT32_MIN;
	snapshot->libraries.items[1].name = hostile;
	snapshot->copies.items[2].symbol = snapshot->copies.items[2].source = hostile;
	((struct polyton_value *)snapshot->copies.items[2].cells[0].value)->text = hostile;
	snapshot->findings.items[0].headline = hostile;
	assert_fine(snapshot_note(snapshot, POLYTON_NONE, false, "%s", hostile));

	json_t *root = parse(snapshot, (struct polyton_write_options){ 0 });
	assert_text(root, "subject.path", shown);
	assert_number(root, "subject.accepted_cells", INT64_MAX);
	assert_text(root, "objects[0].name", shown);
	assert_text(root, "objects[1].end", "0xffffffffffffffff");
	assert_number(root, "objects[1].tls.size", INT64_MAX);
	assert_text(root, "threads[0].why", shown);
	assert_number(root, "threads[0].tid", INT32_MIN);
	assert_text(root, "libraries[1].name", shown);
	assert_text(root, "singletons[1].copies[0].symbol", shown);
	assert_text(root, "singletons[1].copies[0].cells[0].value.text", shown);
	assert_text(root, "findings[0].headline", shown);
	assert_text(root, "notes[2].text", shown);
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

static void test_empty_arrays(void **state)
{
	(void)state;
	struct polyton_snapshot *snapshot;
	assert_fine(snapshot_create(&snapshot));
	snapshot->subject.name = snapshot->subject.path = snapshot->subject.machine = snapshot->subject.libc = "";
	json_t *root = parse(snapshot, (struct polyton_write_options){ 0 });
	assert_int_equal(json_array_size(at(root, "objects")), 0);
	assert_int_equal(json_array_size(at(root, "singletons")), 0);
	assert_int_equal(json_array_size(at(root, "notes")), 0);
	json_decref(root);
	polyton_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_objects_and_threads),
		cmocka_unit_test(test_report_has_what_findings_are_about),
		cmocka_unit_test(test_copies_and_cells),
		cmocka_unit_test(test_copies_of_a_static),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_folded_and_routine),
		cmocka_unit_test(test_bindings),
		cmocka_unit_test(test_hostile_names_and_numbers),
		cmocka_unit_test(test_empty_arrays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// From files that the compilers of this machine make, in every form of debug info that they write, to names and types.
// One description of each sample is held against all forms. What is not installed is skipped, and said so.

#include "../support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/type_text.h"
#include "dwarf/scan.h"
#include "dwarf/split.h"
#include "dwarf/types.h"
#include "dwarf_samples.h"

enum { MAX_COMMAND = 4096, MAX_NUMBERS = 70000 };

struct place {
	char folder[64];
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	strcpy(place->folder, "/tmp/polyton-test-XXXXXX");
	if (!mkdtemp(place->folder))
		return -1;
	*state = place;
	return 0;
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *at)
{
	(void)facts, (void)type, (void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *place = *state;
	int result = nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(place);
	return result;
}

static void store(const struct place *place, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", place->folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) < 0, 0);
	assert_int_equal(fclose(file), 0);
}

static bool has_program(const char *name)
{
	char command[MAX_COMMAND];
	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", name);
	return system(command) == 0;
}

/// In the test's folder; what it says is shown when it fails.
static bool run(const struct place *place, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool run(const struct place *place, const char *format, ...)
{
	char command[MAX_COMMAND];
	int length = snprintf(command, sizeof(command), "cd %s && { ", place->folder);
	va_list args;
	va_start(args, format);
	length += vsnprintf(command + length, sizeof(command) - (size_t)length, format, args);
	va_end(args);
	snprintf(command + length, sizeof(command) - (size_t)length, "; } >log 2>&1");
	return system(command) == 0;
}

static void must(struct polyton_error *error)
{
	if (error)
		fail_msg("%s", polyton_error_message(error));
}

static struct elf_file *open_elf(const struct place *place, const char *name)
{
	char path[128];
	struct elf_file *file;
	snprintf(path, sizeof(path), "%s/%s", place->folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	must(elf_file_open(fd, path, &file));
	close(fd);
	return file;
}

/// A file and whatever it takes to read its types.
struct subject {
	struct elf_file *elf, *other;
	struct dwarf_file *file;
	struct dwarf_types *types;
	dwarf_skeleton_list skeletons;
	dwarf_found_list found;
};

static void open_subject(const struct place *place, const char *name, const char *other,
			 const struct dwarf_types_limits *limits, struct subject *ret)
{
	const char *complaint = NULL;
	bool has_variables;
	*ret = (struct subject){ .elf = open_elf(place, name), .other = other ? open_elf(place, other) : NULL };
	const struct dwarf_links links = { ret->other, ret->other };
	must(dwarf_file_open(ret->elf, &links, &ret->file));
	if (ret->file->executable) {
		must(dwarf_scan_skeletons(&ret->file->executable->sections, &ret->skeletons, &complaint));
		ret->file->sections.skeletons = ret->skeletons.items;
		ret->file->sections.skeleton_count = ret->skeletons.count;
	}
	must(dwarf_types_create(ret->file, limits, &ret->types));
	must(dwarf_scan(&ret->file->sections, NULL, &ret->found, &has_variables, &complaint));
	assert_null(complaint);
}

static void close_subject(struct subject *subject)
{
	dwarf_types_destroy(subject->types);
	dwarf_file_close(subject->file);
	elf_file_close(subject->elf);
	elf_file_close(subject->other);
	vec_deinit(&subject->skeletons);
	vec_deinit(&subject->found);
}

/// The variable of that plain name, the first with a place.
static const struct dwarf_found *find(struct subject *subject, const char *name)
{
	for (size_t i = 0; i < subject->found.count; i++) {
		struct dwarf_names names;
		must(dwarf_types_names(subject->types, subject->found.items[i].die, &names));
		if (strcmp(names.name, name) == 0 && subject->found.items[i].place != DWARF_PLACE_NONE)
			return &subject->found.items[i];
	}
	return NULL;
}

static void expect_text(const char *what, const char *variable, const char *got, const char *expected)
{
	if (strcmp(got, expected) != 0)
		fail_msg("%s, %s: got\n%s\ninstead of\n%s", what, variable, got, expected);
}

static void check_variable(struct subject *subject, const char *what, const struct expected *expected,
			   const char *source)
{
	const struct dwarf_found *found = find(subject, expected->variable);
	struct type_of type;
	const char *qualified;
	if (!found)
		fail_msg("%s: %s was not found", what, expected->variable);
	must(dwarf_types_describe(subject->types, found->die, &type));
	assert_int_equal(type.absence, TYPE_IS_THERE);
	char *content = type_text_content(type.graph, type.type);
	expect_text(what, expected->variable, content, expected->content);
	free(content);
	must(dwarf_types_qualified_name(subject->types, found->die, &qualified));
	// clang 14 forgets the name of an optimised function around a variable.
	if (!strstr(what, "clang++ -gdwarf-5 -O2") || strcmp(qualified, expected->variable) != 0)
		expect_text(what, expected->variable, qualified,
			    expected->qualified ? expected->qualified : expected->variable);
	if (expected->line) {
		assert_int_equal(type.decl_line, expected->line);
		if (strncmp(type.decl_file, "/tmp/polyton-test-", strlen("/tmp/polyton-test-")) != 0 ||
		    !strstr(type.decl_file, source))
			fail_msg("%s, %s: declared in \"%s\"", what, expected->variable, type.decl_file);
	}
	assert_true(*type.producer);
}

/// @p missing is left out: a variable that the form at hand does not describe.
static void check_file(const struct place *place, const char *what, const char *name, const char *other,
		       const struct expected *expected, const char *missing)
{
	struct subject subject;
	open_subject(place, name, other, NULL, &subject);
	for (; expected->variable; expected++) {
		if (!missing || !strstr(missing, expected->variable))
			check_variable(&subject, what, expected,
				       strstr(expected->variable, "_here") ? "/other.c" : "/sample.");
	}
	assert_null(dwarf_types_complaint(subject.types));
	close_subject(&subject);
}

static const char *const c_forms[] = {
	"gcc -gdwarf-2",
	"gcc -gdwarf-3",
	"gcc -gdwarf-4",
	"gcc -gdwarf-5",
	"gcc -gdwarf-5 -O2",
	"gcc -gdwarf-5 -gdwarf64",
	"gcc -gdwarf-4 -fdebug-types-section",
	"gcc -gdwarf-5 -fdebug-types-section",
	"gcc -g -gz=zlib",
	"gcc -g -flto",
	"clang -gdwarf-2",
	"clang -gdwarf-3",
	"clang -gdwarf-4",
	"clang -gdwarf-5",
	"clang -gdwarf-5 -O2",
	"clang -gdwarf-5 -gdwarf64",
	"clang -gdwarf-4 -fdebug-types-section",
	"clang -gdwarf-5 -fdebug-types-section",
	NULL,
};

static void check_forms(const struct place *place, const char *language, const char *sources,
			const struct expected *expected)
{
	for (const char *const *form = c_forms; *form; form++) {
		char what[128];
		int compiler = (int)strcspn(*form, " ");
		bool is_clang = (*form)[0] == 'c';
		const char *driver = strcmp(language, "c") == 0 ? (is_clang ? "clang" : "gcc")
								: (is_clang ? "clang++" : "g++");
		snprintf(what, sizeof(what), "%s%s", driver, *form + compiler);
		if (!has_program(driver)) {
			print_message("SKIP %s: it is not installed\n", what);
			continue;
		}
		if (!run(place, "%s -shared -fPIC -w -o sample.so %s", what, sources)) {
			print_message("SKIP %s: it does not compile\n", what);
			continue;
		}
		check_file(place, what, "sample.so", NULL, expected, NULL);
	}
}

static void test_c_in_every_form(void **state)
{
	store(*state, "sample.c", c_sample);
	store(*state, "other.c", c_other);
	check_forms(*state, "c", "-std=gnu17 sample.c other.c", c_expected);
}

static void test_cxx_in_every_form(void **state)
{
	store(*state, "sample.cc", cxx_sample);
	store(*state, "other.cc", cxx_other);
	check_forms(*state, "c++", "-std=c++17 sample.cc other.cc", cxx_expected);
}

static void test_rust(void **state)
{
	static const char *const forms[] = { "-g", "-g -C dwarf-version=5", "-g -O -C lto=fat", NULL };
	static const char *const compilers[] = { "rustc", "/usr/bin/rustc", NULL };
	store(*state, "sample.rs", rust_sample);
	for (const char *const *compiler = compilers; *compiler; compiler++) {
		for (const char *const *form = forms; *form; form++) {
			char what[128];
			snprintf(what, sizeof(what), "%s %s", *compiler, *form);
			if (!run(*state, "%s --crate-type=cdylib -o sample.so sample.rs", what)) {
				print_message("SKIP %s: it does not compile, or is not installed\n", what);
				continue;
			}
			check_file(*state, what, "sample.so", NULL, rust_expected, NULL);
		}
	}
}

static void check_split(const struct place *place, const char *what, const char *packer)
{
	struct subject subject;
	struct arena arena = { 0 };
	dwarf_split_list units = { 0 };
	struct elf_file *elf = open_elf(place, "sample.so");
	struct dwarf_file *file;
	must(dwarf_file_open(elf, NULL, &file));
	must(dwarf_split_list_units(file, &arena, &units));
	assert_int_equal(units.count, 1);
	assert_string_equal(units.items[0].name, "sample.dwo");
	assert_string_equal(units.items[0].comp_dir, place->folder);
	const char *name = "sample.dwo";
	if (packer) {
		assert_true(run(place, "%s -e sample.so -o sample.dwp", packer));
		name = "sample.dwp";
	}
	dwarf_split_ids ids = { 0 };
	open_subject(place, name, "sample.so", NULL, &subject);
	must(dwarf_split_list_ids(subject.file, &ids));
	assert_int_equal(ids.count, 1);
	assert_int_equal(ids.items[0], units.items[0].id);
	close_subject(&subject);
	check_file(place, what, name, "sample.so", c_expected, "opaque_here outer_var opaque_var");
	vec_deinit(&ids);
	vec_deinit(&units);
	dwarf_file_close(file);
	elf_file_close(elf);
	arena_deinit(&arena);
}

static void test_split(void **state)
{
	static const struct {
		const char *compiler, *flags, *packer;
	} forms[] = {
		{ "gcc", "-gdwarf-4", NULL },         { "gcc", "-gdwarf-5", NULL },
		{ "clang", "-gdwarf-4", NULL },       { "clang", "-gdwarf-5", NULL },
		{ "gcc", "-gdwarf-4", "dwp" },        { "clang", "-gdwarf-5", "llvm-dwp-14" },
		{ "clang", "-gdwarf-5", "llvm-dwp" }, { 0 },
	};
	store(*state, "sample.c", c_sample);
	for (int i = 0; forms[i].compiler; i++) {
		char what[128];
		snprintf(what, sizeof(what), "%s %s -gsplit-dwarf, %s", forms[i].compiler, forms[i].flags,
			 forms[i].packer ? forms[i].packer : "unpacked");
		if (!has_program(forms[i].compiler) || (forms[i].packer && !has_program(forms[i].packer))) {
			print_message("SKIP %s: it is not installed\n", what);
			continue;
		}
		assert_true(
			run(*state,
			    "%s %s -gsplit-dwarf -std=gnu17 -fPIC -c sample.c && %s -shared -o sample.so sample.o",
			    forms[i].compiler, forms[i].flags, forms[i].compiler));
		check_split(*state, what, forms[i].packer);
	}
}

static void test_compressed(void **state)
{
	static const char *const forms[][2] = { { "zstd", "ZSTD" }, { "zlib-gnu", "zdebug_info" } };
	size_t done = 0;
	store(*state, "sample.c", c_sample);
	store(*state, "other.c", c_other);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (!run(*state,
			 "gcc -g -shared -fPIC -w -o plain.so -std=gnu17 sample.c other.c && "
			 "objcopy --compress-debug-sections=%s plain.so sample.so && "
			 "readelf -t sample.so | grep -q %s",
			 forms[i][0], forms[i][1])) {
			print_message("SKIP %s: this objcopy cannot\n", forms[i][0]);
			continue;
		}
		check_file(*state, forms[i][0], "sample.so", NULL, c_expected, NULL);
		done++;
	}
	if (!done)
		skip();
}

static void test_dwz(void **state)
{
	static const struct {
		const char *compiler, *flags;
	} forms[] = { { "gcc -gdwarf-4", "" }, { "gcc -gdwarf-5", "" }, { "gcc -gdwarf-5", "--dwarf-5" }, { 0 } };
	if (!has_program("dwz")) {
		print_message("SKIP dwz: it is not installed\n");
		skip();
	}
	store(*state, "sample.c", c_sample);
	store(*state, "other.c", c_other);
	for (int i = 0; forms[i].compiler; i++) {
		char what[64];
		snprintf(what, sizeof(what), "%s, dwz %s", forms[i].compiler, forms[i].flags);
		assert_true(run(*state, "%s -shared -fPIC -w -o plain.so -std=gnu17 sample.c other.c",
				forms[i].compiler));
		assert_true(run(*state, "cp plain.so sample.so && dwz %s -L none sample.so", forms[i].flags));
		check_file(*state, what, "sample.so", NULL, c_expected, NULL);
		assert_true(run(*state,
				"cp plain.so sample.so && cp plain.so twin.so && "
				"dwz %s -L none -m common.debug sample.so twin.so",
				forms[i].flags));
		// dwz takes thread-locals to be the same wherever they are, so they are in the common file.
		check_file(*state, what, "sample.so", "common.debug", c_expected, "tls_var");
	}
}

static void test_missing_common_file(void **state)
{
	struct subject subject;
	struct type_of type;
	if (!has_program("dwz"))
		skip();
	store(*state, "sample.c", c_sample);
	store(*state, "other.c", c_other);
	assert_true(run(*state,
			"gcc -g -shared -fPIC -w -o sample.so -std=gnu17 sample.c other.c && cp sample.so twin.so && "
			"dwz -L none -m common.debug sample.so twin.so"));
	open_subject(*state, "sample.so", NULL, NULL, &subject);
	// Even names may be in the common file: the number of variables without a type is what can be told.
	size_t missing = 0;
	for (size_t i = 0; i < subject.found.count; i++) {
		must(dwarf_types_describe(subject.types, subject.found.items[i].die, &type));
		missing += type.absence == TYPE_ALTERNATE_MISSING && !type.graph;
	}
	assert_true(missing > 3);
	close_subject(&subject);
}

static void test_line_tables_only(void **state)
{
	struct subject subject;
	struct type_of type;
	store(*state, "sample.c", c_sample);
	if (!run(*state, "gcc -g1 -shared -fPIC -w -o sample.so sample.c"))
		skip();
	open_subject(*state, "sample.so", NULL, NULL, &subject);
	const struct dwarf_found *found = find(&subject, "matrix_var");
	if (found) {
		must(dwarf_types_describe(subject.types, found->die, &type));
		assert_int_equal(type.absence, TYPE_LINE_TABLES_ONLY);
	}
	close_subject(&subject);
}

static void test_no_debug_info(void **state)
{
	struct dwarf_file *file = NULL;
	store(*state, "sample.c", c_sample);
	if (!run(*state, "gcc -g0 -shared -fPIC -w -o sample.so sample.c"))
		skip();
	struct elf_file *elf = open_elf(*state, "sample.so");
	struct polyton_error *error = dwarf_file_open(elf, NULL, &file);
	assert_int_equal(polyton_error_code(error), POLYTON_ERROR_UNSUPPORTED);
	assert_null(file);
	polyton_error_destroy(error);
	elf_file_close(elf);
}

static void test_limits(void **state)
{
	struct subject subject;
	struct type_of type;
	store(*state, "sample.c",
	      "struct c { int z; }; struct b { struct c *c; }; struct a { struct b *b; } a_var;\n"
	      "struct b b_var;\n");
	if (!run(*state, "gcc -g -shared -fPIC -w -o sample.so sample.c"))
		skip();
	// What lies behind the last step has its name and size only, until something nearer leads there.
	open_subject(*state, "sample.so", NULL, &(struct dwarf_types_limits){ 1, 100, 1000 }, &subject);
	must(dwarf_types_describe(subject.types, find(&subject, "a_var")->die, &type));
	const struct type *b =
		type_at(type.graph, type.graph->members[type_at(type.graph, type.type)->first_member].type);
	b = type_at(type.graph, b->target);
	assert_int_equal(b->kind, TYPE_STRUCT);
	uint32_t c = type_at(type.graph, type.graph->members[b->first_member].type)->target;
	assert_int_equal(type_at(type.graph, c)->kind, TYPE_INCOMPLETE);
	assert_string_equal(type_at(type.graph, c)->name, "c");
	assert_int_equal(type_at(type.graph, c)->size, 4);
	must(dwarf_types_describe(subject.types, find(&subject, "b_var")->die, &type));
	assert_int_equal(type_at(type.graph, c)->kind, TYPE_STRUCT);
	assert_int_equal(type_at(type.graph, c)->member_count, 1);
	close_subject(&subject);

	open_subject(*state, "sample.so", NULL, &(struct dwarf_types_limits){ 9, 3, 1000 }, &subject);
	must(dwarf_types_describe(subject.types, find(&subject, "a_var")->die, &type));
	assert_int_equal(type.absence, TYPE_IS_THERE);
	assert_non_null(dwarf_types_complaint(subject.types));
	close_subject(&subject);

	open_subject(*state, "sample.so", NULL, &(struct dwarf_types_limits){ 9, 100, 8 }, &subject);
	must(dwarf_types_describe(subject.types, find(&subject, "a_var")->die, &type));
	assert_non_null(dwarf_types_complaint(subject.types));
	close_subject(&subject);
}

static void test_shared_rows(void **state)
{
	struct subject subject;
	struct type_of first, second;
	store(*state, "sample.c", "struct pair { int a, b; } one_var, two_var;\n");
	if (!run(*state, "gcc -g -shared -fPIC -w -o sample.so sample.c"))
		skip();
	open_subject(*state, "sample.so", NULL, NULL, &subject);
	must(dwarf_types_describe(subject.types, find(&subject, "one_var")->die, &first));
	uint32_t count = first.graph->type_count;
	must(dwarf_types_describe(subject.types, find(&subject, "two_var")->die, &second));
	assert_int_equal(first.type, second.type);
	assert_int_equal(second.graph->type_count, count);
	must(dwarf_types_describe(subject.types, 3, &second));
	assert_int_equal(second.absence, TYPE_UNREADABLE);
	close_subject(&subject);
}

/// More names in a unit than two bytes can number: DW_FORM_strx3.
static void test_many_strings(void **state)
{
	static const struct expected expected[] = {
		{ "v000000", NULL, "struct s000000{0 m000000: int}4", 0 },
		{ "v069999", NULL, "struct s069999{0 m069999: int}4", 0 },
		{ 0 },
	};
	const struct place *place = *state;
	char path[128];
	snprintf(path, sizeof(path), "%s/sample.c", place->folder);
	FILE *file = fopen(path, "w");
	for (int i = 0; i < MAX_NUMBERS; i++)
		fprintf(file, "struct s%06d { int m%06d; } v%06d;\n", i, i, i);
	fclose(file);
	if (!has_program("clang") || !run(place, "clang -gdwarf-5 -shared -fPIC -o sample.so sample.c")) {
		print_message("SKIP many strings: clang is not installed\n");
		skip();
	}
	struct subject subject;
	open_subject(place, "sample.so", NULL, NULL, &subject);
	for (const struct expected *one = expected; one->variable; one++) {
		for (size_t i = 0; i < subject.found.count; i++) {
			const struct dwarf_found *found = &subject.found.items[i];
			struct type_of type;
			if (!found->name || strcmp(found->name, one->variable) != 0)
				continue;
			must(dwarf_types_describe(subject.types, found->die, &type));
			char *content = type_text_content(type.graph, type.type);
			expect_text("many strings", one->variable, content, one->content);
			free(content);
		}
	}
	assert_int_equal(subject.found.count, MAX_NUMBERS);
	close_subject(&subject);
}

int main(void)
{
	must(dwarf_library_check());
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_c_in_every_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cxx_in_every_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rust, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_split, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_compressed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dwz, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing_common_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_line_tables_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_debug_info, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shared_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_strings, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

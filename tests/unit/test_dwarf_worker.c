// The real worker on real files, made here by whichever compiler there is: types arrive, what is missing is said, and
// files that are damaged in any way cost no more than their types.

#include "../support/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/vec.h"
#include "dwarf/client.h"
#include "elf/file.h"

enum { MUTANTS = 200, MUTANT_DEADLINE_MS = 5000 };

static const char source[] = "#include <stdint.h>\n"
			     "struct node { int value; struct node *next; unsigned bits : 3; const char *name; };\n"
			     "struct node head = { 1, 0, 2, \"x\" };\n"
			     "__thread long slot = 5;\n"
			     "static __thread struct node local;\n"
			     "double table[3][4];\n"
			     "struct tail { int count; int values[]; } tail = { 2, { 1, 2 } };\n"
			     "int *next(void) { static int counter; counter++; local.value++; return &counter; }\n";

static char folder[] = "/tmp/polyton-worker-XXXXXX";
static char worker[4096];

static const char *in_folder(const char *name)
{
	static char path[2][sizeof(folder) + 64];
	static unsigned turn;
	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static bool run(const char *command)
{
	char line[1024];
	snprintf(line, sizeof(line), "cd %s && { %s; } >/dev/null 2>&1", folder, command);
	return system(line) == 0;
}

static struct dwarf_client *create(int (*open)(void *, const struct dwarf_need *), void *arg, uint32_t deadline_ms)
{
	struct dwarf_client *client;
	const struct dwarf_client_options options = { .worker = worker,
						      .deadline_ms = deadline_ms,
						      .open = open,
						      .arg = arg };
	assert_fine(dwarf_client_create(&options, &client));
	return client;
}

typedef vec_of(struct dwarf_asked) asked_list;

// All its variables, by .symtab, in the order of the table.
static void list_variables(struct elf_file *file, asked_list *ret)
{
	const struct elf_section *section = elf_file_section(file, ".symtab");
	assert_non_null(section);
	const Elf64_Sym *symbols = (const void *)(file->map + section->header.sh_offset);
	const char *names = (const char *)file->map + file->sections[section->header.sh_link].header.sh_offset;
	for (size_t i = 0; i < section->header.sh_size / sizeof(*symbols); i++) {
		unsigned type = ELF64_ST_TYPE(symbols[i].st_info);
		if ((type != STT_OBJECT && type != STT_TLS) || !symbols[i].st_shndx)
			continue;
		struct dwarf_asked *asked = vec_push(ret);
		assert_non_null(asked);
		*asked = (struct dwarf_asked){ type == STT_TLS ? POLYTON_KIND_TLS : POLYTON_KIND_STATIC,
					       symbols[i].st_value, symbols[i].st_size, names + symbols[i].st_name };
	}
}

static struct dwarf_answer *ask_fd(struct dwarf_client *client, int fd, const asked_list *asked)
{
	struct dwarf_answer *answer = NULL;
	const struct dwarf_question question = { .variables = asked->items,
						 .variable_count = (uint32_t)asked->count };
	assert_fine(dwarf_client_ask(client, fd, &question));
	while (!answer)
		assert_fine(dwarf_client_step(client, 50, &answer));
	assert_int_equal(answer->variable_count, asked->count);
	return answer;
}

// A file and what is known of its variables.
struct told {
	struct elf_file *file;
	asked_list asked;
	struct dwarf_answer *answer;
};

static struct told tell(struct dwarf_client *client, const char *name)
{
	struct told told = { 0 };
	auto_close int fd = open(in_folder(name), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_fine(elf_file_open(fd, name, &told.file));
	list_variables(told.file, &told.asked);
	told.answer = ask_fd(client, fd, &told.asked);
	return told;
}

static void forget(struct told *told)
{
	dwarf_answer_destroy(told->answer);
	vec_deinit(&told->asked);
	elf_file_close(told->file);
}

// Of the symbol that begins so; a static in a function has a number behind it, or the function before it.
static const struct type_of *of(const struct told *told, const char *name)
{
	for (size_t i = 0; i < told->asked.count; i++) {
		if (strstr(told->asked.items[i].symbol, name))
			return &told->answer->variables[i];
	}
	fail_msg("no symbol %s", name);
	return NULL;
}

static void expect_type(const struct told *told, const char *symbol, enum type_kind kind, const char *name,
			uint32_t line)
{
	const struct type_of *variable = of(told, symbol);
	if (variable->absence != TYPE_IS_THERE)
		print_error("%s: absence %d, %s\n", symbol, variable->absence, told->answer->complaint);
	assert_int_equal(variable->absence, TYPE_IS_THERE);
	const struct type *type = type_at(variable->graph, type_strip(variable->graph, variable->type));
	assert_int_equal(type->kind, kind);
	if (name)
		assert_string_equal(type->name, name);
	assert_int_equal(variable->decl_line, line);
	assert_non_null(strstr(variable->decl_file, "s.c"));
}

static void expect_all(const struct told *told)
{
	expect_type(told, "head", TYPE_STRUCT, "node", 3);
	expect_type(told, "slot", TYPE_BASE, "long int", 4);
	expect_type(told, "local", TYPE_STRUCT, "node", 5);
	expect_type(told, "table", TYPE_ARRAY, NULL, 6);
	expect_type(told, "tail", TYPE_STRUCT, "tail", 7);
	expect_type(told, "counter", TYPE_BASE, "int", 8);
}

static void expect_none(const struct told *told, enum type_absence absence)
{
	assert_int_equal(of(told, "head")->absence, absence);
	assert_int_equal(of(told, "slot")->absence, absence);
}

static int open_further(void *arg, const struct dwarf_need *need)
{
	char path[4096];
	const char *file = arg;
	if (need->kind == DWARF_NEED_DWP)
		snprintf(path, sizeof(path), "%s.dwp", file);
	else if (need->kind == DWARF_NEED_ALTERNATE)
		snprintf(path, sizeof(path), "%s", file);
	else
		snprintf(path, sizeof(path), "%s", need->path);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void test_debug_info_in_the_file(void **state)
{
	(void)state;
	static const char *const flags[] = { "-gdwarf-2 -gstrict-dwarf",
					     "-gdwarf-3",
					     "-gdwarf-4",
					     "-gdwarf-5",
					     "-g -O2",
					     "-g -gz=zlib",
					     "-g -flto",
					     "-g -O0 -fdebug-types-section" };
	struct dwarf_client *client = create(NULL, NULL, 0);
	for (size_t i = 0; i < count_of(flags); i++) {
		char command[256];
		snprintf(command, sizeof(command), "gcc %s -fPIC -shared -o lib.so s.c", flags[i]);
		if (!run(command))
			skip();
		struct told told = tell(client, "lib.so");
		expect_all(&told);
		assert_non_null(strstr(of(&told, "head")->producer, "GNU"));
		forget(&told);
	}
	dwarf_client_destroy(client);
}

// As binutils compressed before 2.26, and does on request.
static void test_older_compression(void **state)
{
	(void)state;
	if (!run("gcc -g -fPIC -shared -o plain.so s.c && "
		 "objcopy --compress-debug-sections=zlib-gnu plain.so older.so && readelf -S older.so | grep -q "
		 "zdebug_info"))
		skip();
	struct dwarf_client *client = create(NULL, NULL, 0);
	struct told told = tell(client, "older.so");
	expect_all(&told);
	forget(&told);
	dwarf_client_destroy(client);
}

static void test_absence_is_explained(void **state)
{
	(void)state;
	static const struct {
		const char *flags;
		enum type_absence absence;
	} cases[] = {
		{ "-g0", TYPE_NO_DEBUG_INFO },
		{ "-g1", TYPE_LINE_TABLES_ONLY },
		{ "-g -gsplit-dwarf", TYPE_SPLIT_MISSING },
	};
	struct dwarf_client *client = create(NULL, NULL, 0);
	for (size_t i = 0; i < count_of(cases); i++) {
		char command[256];
		snprintf(command, sizeof(command), "gcc %s -fPIC -shared -o absent.so s.c", cases[i].flags);
		if (!run(command))
			skip();
		struct told told = tell(client, "absent.so");
		expect_none(&told, cases[i].absence);
		forget(&told);
	}
	dwarf_client_destroy(client);
}

// dwz -m moves what two files share, thread-locals' descriptions among it, to a third.
static void test_alternate_file(void **state)
{
	(void)state;
	char path[sizeof(folder) + 64];
	snprintf(path, sizeof(path), "%s/common", folder);
	if (!run("gcc -g -gdwarf-4 -fPIC -shared -o a.so s.c && cp a.so b.so && dwz -m common a.so b.so"))
		skip();
	struct dwarf_client *client = create(NULL, NULL, 0);
	struct told told = tell(client, "a.so");
	assert_int_equal(of(&told, "slot")->absence, TYPE_ALTERNATE_MISSING);
	forget(&told);
	dwarf_client_destroy(client);
	client = create(open_further, path, 0);
	told = tell(client, "a.so");
	expect_all(&told);
	forget(&told);
	dwarf_client_destroy(client);
	// Another build's is not taken for it.
	assert_true(run("cp a.so common"));
	client = create(open_further, path, 0);
	told = tell(client, "a.so");
	assert_int_equal(of(&told, "slot")->absence, TYPE_ALTERNATE_MISSING);
	forget(&told);
	dwarf_client_destroy(client);
}

static void test_split_debug_info(void **state)
{
	(void)state;
	static const char *const commands[] = {
		"gcc -gdwarf-4 -gsplit-dwarf -fPIC -shared -o split.so s.c",
		"gcc -gdwarf-5 -gsplit-dwarf -fPIC -shared -o split.so s.c",
		"gcc -gdwarf-4 -gsplit-dwarf -fPIC -shared -o split.so s.c && dwp -e split.so && rm *.dwo",
	};
	char path[sizeof(folder) + 64];
	snprintf(path, sizeof(path), "%s/split.so", folder);
	for (size_t i = 0; i < count_of(commands); i++) {
		if (!run(commands[i]))
			skip();
		struct dwarf_client *client = create(open_further, path, 0);
		struct told told = tell(client, "split.so");
		expect_all(&told);
		forget(&told);
		dwarf_client_destroy(client);
	}
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

// Bytes anywhere, in the headers, in the sections' table or in the debug info; or the end is missing.
static size_t mutate(uint8_t *bytes, size_t size, uint64_t *seed)
{
	unsigned way = (unsigned)(next_random(seed) % 8);
	if (way == 0)
		return (size_t)(next_random(seed) % size);
	for (uint64_t left = 1 + next_random(seed) % 16; left; left--) {
		size_t at = next_random(seed) % (way == 1 ? 64 : size);
		if (way == 2)
			at = size - 1 - next_random(seed) % (size / 8);
		bytes[at] = (uint8_t)next_random(seed);
	}
	return size;
}

static void test_damaged_files(void **state)
{
	(void)state;
	if (!run("gcc -g -gdwarf-5 -fPIC -shared -o whole.so s.c"))
		skip();
	struct dwarf_client *client = create(NULL, NULL, MUTANT_DEADLINE_MS);
	struct told whole = tell(client, "whole.so");
	uint8_t *bytes = malloc(whole.file->size);
	assert_non_null(bytes);
	uint64_t seed = 88172645463325252ull;
	unsigned with_types = 0, without = 0;
	for (int i = 0; i < MUTANTS; i++) {
		memcpy(bytes, whole.file->map, whole.file->size);
		size_t size = mutate(bytes, whole.file->size, &seed);
		auto_close int fd = open(in_folder("mutant"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
		struct dwarf_answer *answer = ask_fd(client, fd, &whole.asked);
		for (uint32_t k = 0; k < answer->variable_count; k++) {
			bool has_type = answer->variables[k].absence == TYPE_IS_THERE;
			assert_int_equal(has_type, answer->variables[k].graph != NULL);
			with_types += has_type;
			without += !has_type;
		}
		dwarf_answer_destroy(answer);
	}
	assert_true(with_types > MUTANTS && without > MUTANTS);
	free(bytes);
	forget(&whole);
	dwarf_client_destroy(client);
}

// What is no object file at all, and what nobody can read twice.
static void test_no_object_file(void **state)
{
	(void)state;
	struct dwarf_client *client = create(NULL, NULL, 0);
	const struct dwarf_asked asked = { POLYTON_KIND_STATIC, 0x1000, 4, "x" };
	const asked_list list = { (struct dwarf_asked *)&asked, 1, 1 };
	static const char *const paths[] = { "/dev/null", "/proc/self/maps", "/etc/passwd", "/" };
	for (size_t i = 0; i < count_of(paths); i++) {
		auto_close int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		struct dwarf_answer *answer = ask_fd(client, fd, &list);
		assert_int_equal(answer->variables[0].absence, TYPE_UNREADABLE);
		assert_true(answer->complaint[0] != '\0');
		dwarf_answer_destroy(answer);
	}
	dwarf_client_destroy(client);
}

static int make_folder(void **state)
{
	(void)state;
	const char *build = getenv("POLYTON_BUILD");
	snprintf(worker, sizeof(worker), "%s/polyton-dwarf", build ? build : "build");
	if (!mkdtemp(folder))
		return -1;
	FILE *file = fopen(in_folder("s.c"), "w");
	return file && fputs(source, file) >= 0 && fclose(file) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	struct dirent *entry;
	DIR *list = opendir(folder);
	while (list && (entry = readdir(list)))
		unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debug_info_in_the_file), cmocka_unit_test(test_absence_is_explained),
		cmocka_unit_test(test_older_compression),      cmocka_unit_test(test_absence_is_explained),
		cmocka_unit_test(test_alternate_file),         cmocka_unit_test(test_split_debug_info),
		cmocka_unit_test(test_damaged_files),          cmocka_unit_test(test_no_object_file),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

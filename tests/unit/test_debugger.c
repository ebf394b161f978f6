// Reads through a debugger's callbacks: joined where near, small calls, alone after a failure, and an end when one is
// not completed.

#include "../support/check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "target/debugger.h"

enum { BASE = 0x10000, SIZE = 1 << 20, HOLE = BASE + 0x8000, HOLE_SIZE = 0x100, PIECES_MAX = 64, STEP = 64 * 1024 };

/** The debugger's side: bytes at BASE, with a hole. */
struct script {
	uint8_t *bytes;
	size_t calls, pieces;
	size_t end_at; ///< The call that is not completed, 0: none.
	int open_error, open_fd;
	bool is_loaded;
};

static uint8_t byte_at(uint64_t address)
{
	return (uint8_t)(address * 31 + (address >> 8));
}

static void read_pieces(void *state, struct polyton_target_read *pieces, size_t count)
{
	struct script *script = state;
	size_t total = 0;
	assert_true(count && count <= PIECES_MAX);
	assert_true(!script->end_at || script->calls < script->end_at); // nothing after an end
	script->pieces += count;
	if (++script->calls == script->end_at)
		count /= 2;
	for (size_t i = 0; i < count; i++) {
		uint64_t begin = pieces[i].address, end = begin + pieces[i].size;
		assert_int_equal(pieces[i].error, EINTR);
		assert_true(!i || begin > pieces[i - 1].address);
		total += pieces[i].size;
		bool is_there = begin >= BASE && end <= BASE + SIZE && end > begin &&
				(end <= HOLE || begin >= HOLE + HOLE_SIZE);
		pieces[i].error = is_there ? 0 : EFAULT;
		for (uint64_t at = begin; is_there && at < end; at++)
			((uint8_t *)pieces[i].buffer)[at - begin] = byte_at(at);
	}
	assert_true(total <= STEP);
}

static void open_one(void *state, struct polyton_target_file *file)
{
	struct script *script = state;
	script->calls++;
	assert_true(file->error == EINTR && file->fd == -1);
	file->error = script->open_error;
	file->fd = script->open_fd;
	file->is_loaded = script->is_loaded;
}

static const uint64_t auxv[] = { AT_PHDR, BASE, AT_SYSINFO_EHDR, 0x7000, AT_NULL, 0 };
static const int32_t tids[] = { 30, 10, 20 };
static const uint64_t pointers[] = { 0x3000, 0, 0x2000 };
static const char *const names[] = { "thirty", NULL, "a name of twenty characters" };

static struct polyton_target_facts make_facts(void)
{
	return (struct polyton_target_facts){ .size = sizeof(struct polyton_target_facts),
					      .pid = 10,
					      .machine = EM_X86_64,
					      .elf_class = ELFCLASS64,
					      .elf_data = ELFDATA2LSB,
					      .auxv = auxv,
					      .auxv_count = 3,
					      .thread_count = 3,
					      .tids = tids,
					      .thread_pointers = pointers,
					      .names = names };
}

static struct debugger *make(struct script *script)
{
	static const struct polyton_target_ops ops = { sizeof(ops), read_pieces, open_one, NULL };
	struct polyton_target_facts facts = make_facts();
	struct debugger *debugger = NULL;
	assert_fine(debugger_open(&ops, script, &facts, &debugger));
	return debugger;
}

static bool is_there(const struct target_read *piece)
{
	uint64_t begin = piece->address, end = begin + piece->size;
	return !piece->size ||
	       (begin >= BASE && end <= BASE + SIZE && end > begin && (end <= HOLE || begin >= HOLE + HOLE_SIZE));
}

// Each piece has its own bytes or its own error, however they were joined.
static void test_any_pieces(void **state)
{
	(void)state;
	enum { ROUNDS = 200, COUNT = 300, LONGEST = 200 * 1024 };
	struct script script = { 0 };
	struct debugger *debugger = make(&script);
	struct subject subject = debugger_subject(debugger);
	struct target_read *pieces = calloc(COUNT, sizeof(*pieces));
	uint8_t *memory = malloc(SIZE * 4);
	unsigned random = 1;
	assert_true(pieces && memory);
	for (int round = 0; round < ROUNDS; round++) {
		size_t count = 1 + (size_t)rand_r(&random) % COUNT, used = 0;
		for (size_t i = 0; i < count; i++) {
			size_t longest = (unsigned)rand_r(&random) % 50 ? 600 : LONGEST;
			uint64_t near = (unsigned)rand_r(&random) % 3
						? HOLE - 4096 + (uint64_t)rand_r(&random) % 16384
						: BASE - 100 + (uint64_t)rand_r(&random) % SIZE;
			size_t size = (size_t)rand_r(&random) % longest;
			if (used + size > SIZE * 4)
				size = 0;
			pieces[i] = (struct target_read){ near, memory + used, size, 0 };
			used += size;
		}
		if (round == 0)
			pieces[0].address = UINT64_MAX - 10;
		target_read_pieces(subject.target, pieces, count);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(pieces[i].error, is_there(&pieces[i]) ? 0 : EFAULT);
			for (size_t k = 0; !pieces[i].error && k < pieces[i].size; k++)
				assert_int_equal(((uint8_t *)pieces[i].buffer)[k], byte_at(pieces[i].address + k));
		}
	}
	free(pieces);
	free(memory);
	debugger_close(debugger);
}

static void test_neighbours_are_one_read(void **state)
{
	(void)state;
	enum { COUNT = 1000 };
	struct script script = { 0 };
	struct debugger *debugger = make(&script);
	struct subject subject = debugger_subject(debugger);
	struct target_read pieces[COUNT];
	uint8_t bytes[COUNT][8];
	for (size_t i = 0; i < COUNT; i++)
		pieces[i] = (struct target_read){ HOLE + HOLE_SIZE + 64 * i, bytes[i], 8, 0 };
	target_read_pieces(subject.target, pieces, COUNT);
	assert_true(script.pieces <= 64 * COUNT / 4000 + 2);
	assert_true(script.calls <= 2);
	// As of glibc's thread blocks: the pointer to the DTV and the thread's number.
	for (size_t i = 0; i < COUNT; i++)
		pieces[i] = (struct target_read){ HOLE + HOLE_SIZE + 4096 * (i / 2) + 712 * (i % 2), bytes[i], 8, 0 };
	script.pieces = 0;
	target_read_pieces(subject.target, pieces, 64);
	assert_int_equal(script.pieces, 32);
	debugger_close(debugger);
}

static void test_interruption(void **state)
{
	(void)state;
	enum { COUNT = 400 };
	struct target_read pieces[COUNT];
	uint8_t bytes[COUNT][8];
	for (size_t end_at = 1; end_at < 5; end_at++) {
		struct script script = { .end_at = end_at };
		struct debugger *debugger = make(&script);
		struct subject subject = debugger_subject(debugger);
		bool is_loaded;
		for (size_t i = 0; i < COUNT; i++)
			pieces[i] = (struct target_read){ HOLE + HOLE_SIZE + 1024 * i, bytes[i], 8, 0 };
		target_read_pieces(subject.target, pieces, COUNT);
		target_read_pieces(subject.target, pieces + COUNT - 1, 1);
		assert_int_equal(pieces[COUNT - 1].error, EINTR);
		assert_int_equal(script.calls, end_at);
		assert_int_equal(subject.ops->open_object(subject.state, "/x", 1, &is_loaded), -1);
		assert_int_equal(script.calls, end_at);
		assert_error(subject.ops->check(subject.state), POLYTON_ERROR_INTERRUPTED, "interrupted");
		assert_error(subject_go_on(&subject), POLYTON_ERROR_INTERRUPTED, "interrupted");
		// The next capture asks afresh.
		debugger_begin(debugger);
		script.end_at = 0;
		assert_fine(subject_go_on(&subject));
		target_read_pieces(subject.target, pieces, COUNT);
		assert_int_equal(pieces[COUNT - 1].error, 0);
		debugger_close(debugger);
	}
}

static void test_files(void **state)
{
	(void)state;
	struct script script = { .open_error = ENOENT, .open_fd = -1 };
	struct debugger *debugger = make(&script);
	struct subject subject = debugger_subject(debugger);
	bool is_loaded = false;
	assert_int_equal(subject.ops->open_path(subject.state, "/x"), -1);
	assert_int_equal(errno, ENOENT);
	script = (struct script){ .open_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), .is_loaded = true };
	int fd = subject.ops->open_object(subject.state, "/x", 1, &is_loaded);
	assert_true(fd >= 0 && is_loaded);
	close(fd);
	script = (struct script){ .open_fd = open("/dev/null", O_RDONLY | O_CLOEXEC) };
	assert_int_equal(subject.ops->open_path(subject.state, "/x"), -1); // no regular file
	script = (struct script){ 0 };
	assert_int_equal(subject.ops->open_path(subject.state, ""), -1);
	assert_int_equal(script.calls, 0);
	assert_fine(subject_go_on(&subject));
	script = (struct script){ .open_error = EINTR, .open_fd = -1 };
	assert_int_equal(subject.ops->open_path(subject.state, "/x"), -1);
	assert_error(subject_go_on(&subject), POLYTON_ERROR_INTERRUPTED, "interrupted");
	debugger_close(debugger);
}

static void test_facts(void **state)
{
	(void)state;
	struct script script = { 0 };
	struct debugger *debugger = make(&script);
	struct subject subject = debugger_subject(debugger);
	subject_tids listed = { 0 };
	subject_tasks tasks = { 0 };
	struct subject_maps maps = { 0 };
	char name[SUBJECT_NAME_MAX];
	uint64_t value = 0;
	assert_fine(subject.ops->list_tids(subject.state, &listed));
	assert_fine(subject.ops->read_tasks(subject.state, &listed, &tasks));
	assert_int_equal(tasks.count, 3);
	assert_int_equal(tasks.items[0].tid, 10);
	assert_int_equal(tasks.items[1].thread_pointer, 0x2000);
	assert_int_equal(target_thread_pointer(subject.target, 10, &value), EPERM);
	assert_int_equal(target_thread_pointer(subject.target, 30, &value), 0);
	assert_int_equal(value, 0x3000);
	subject.ops->read_name(subject.state, 20, name);
	assert_string_equal(name, "a name of twent");
	subject.ops->read_name(subject.state, 10, name);
	assert_string_equal(name, "");
	assert_fine(subject.ops->read_auxv(subject.state, AT_PHDR, &value));
	assert_int_equal(value, BASE);
	assert_fine(subject.ops->read_maps(subject.state, &maps));
	assert_string_equal(subject_maps_find(&maps, 0x7010)->path, "[vdso]");
	assert_null(subject_maps_find(&maps, 0x6fff));
	subject_maps_deinit(&maps);
	vec_deinit(&listed);
	vec_deinit(&tasks);
	debugger_close(debugger);
}

static void test_wrong_facts(void **state)
{
	(void)state;
	struct script script = { 0 };
	struct debugger *debugger = make(&script), *other = NULL;
	const struct polyton_target_ops nothing = { .size = sizeof(nothing) };
	const int32_t twice[] = { 5, 6, 5 };
	struct polyton_target_facts facts = make_facts();
	assert_error(debugger_open(&nothing, NULL, &facts, &other), POLYTON_ERROR_ARGUMENT, "no way to read");
	facts.elf_class = ELFCLASS32;
	assert_error(debugger_update(debugger, &facts), POLYTON_ERROR_UNSUPPORTED, "32-bit");
	facts.machine = EM_ARM; // nobody has tried it
	assert_error(debugger_update(debugger, &facts), POLYTON_ERROR_UNSUPPORTED,
		     "32-bit or big-endian program (arm)");
	facts.machine = EM_386;
	assert_fine(debugger_update(debugger, &facts));
	assert_string_equal(debugger_subject(debugger).target->arch->name, "i386");
	facts = make_facts();
	facts.machine = 0x7777;
	assert_error(debugger_update(debugger, &facts), POLYTON_ERROR_UNSUPPORTED, "e_machine");
	facts = make_facts();
	facts.tids = twice;
	assert_error(debugger_update(debugger, &facts), POLYTON_ERROR_ARGUMENT, "5 is listed twice");
	facts = make_facts();
	facts.auxv = NULL;
	assert_error(debugger_update(debugger, &facts), POLYTON_ERROR_ARGUMENT, "no auxiliary vector");
	assert_int_equal(debugger_subject(debugger).pid, 10); // as it was
	debugger_close(debugger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_pieces),   cmocka_unit_test(test_neighbours_are_one_read),
		cmocka_unit_test(test_interruption), cmocka_unit_test(test_files),
		cmocka_unit_test(test_facts),        cmocka_unit_test(test_wrong_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

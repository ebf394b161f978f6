// Looks at fixture 03 again and again through the public interface, and judges every cell it is given by
// what the cell itself says: whose copy it is, in which thread, and where.
//
// usage: churn_reader PID SECONDS CELLS OBJECT=MAGIC...
//
// Ends after SECONDS, or before when there were CELLS written cells and, of these, a hundredth that is short and a
// thousandth that is transient: on a busy machine few short threads run while it looks. Prints, a line each, NAME
// COUNT:
//   captures, accepted (cells with a value), written (of these, not zero), short (of the written: of threads
//   that had ended when all was over), transient (of the written: in objects other than the first two),
//   partial (of the written: tid or address not seen yet), absent (not allocated), unstable, unreadable, wrong
// and every wrong cell on standard error. The exit code is 1 if there is any.

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "polyton.h"

enum { SHORT_PART = 100, TRANSIENT_PART = 1000 };
enum { OBJECTS_MAX = 8, ALWAYS_LOADED = 2, TIDS_MAX = 4 << 20, WRONG_SHOWN = 20 };

struct churn_cell {
	uint64_t magic, tid, address;
};

struct expected_object {
	const char *name;
	size_t name_length;
	uint64_t magic;
};

struct reader {
	pid_t pid;
	struct expected_object objects[OBJECTS_MAX];
	size_t object_count;
	uint32_t *written_by_tid;
	uint64_t captures, accepted, written, transient, partial, absent, unstable, unreadable, wrong;
};

static void fail(struct polyton_error *error)
{
	errx(2, "%s", polyton_error_message(error));
}

static uint64_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

static void parse_objects(struct reader *reader, char **arguments)
{
	for (; *arguments; arguments++) {
		const char *equals = strchr(*arguments, '=');
		if (!equals || reader->object_count == OBJECTS_MAX)
			errx(2, "not OBJECT=MAGIC: %s", *arguments);
		reader->objects[reader->object_count++] = (struct expected_object){ *arguments,
										    (size_t)(equals - *arguments),
										    strtoull(equals + 1, NULL, 16) };
	}
	if (reader->object_count <= ALWAYS_LOADED)
		errx(2, "too few objects");
}

// The snapshot's names have a tail where several objects have one name.
static size_t find_object(const struct reader *reader, const char *name)
{
	size_t length = strcspn(name, "@#");

	for (size_t i = 0; i < reader->object_count; i++) {
		const struct expected_object *object = &reader->objects[i];
		if (object->name_length == length && !strncmp(object->name, name, length))
			return i;
	}
	errx(2, "an object that the fixture does not have: %s", name);
}

// A cell is copied in no order, though it is written in one: its magic may be seen before the other two. What is not
// seen yet of a new block is 0.
static bool is_right(const struct churn_cell *held, uint64_t magic, const struct polyton_thread *thread,
		     uint64_t address)
{
	return held->magic == magic && (!held->tid || held->tid == (uint64_t)thread->inner_tid) &&
	       (!held->address || held->address == address);
}

static void judge(struct reader *reader, size_t object, const struct polyton_thread *thread,
		  const struct polyton_cell *cell)
{
	const struct expected_object *expected = &reader->objects[object];
	struct churn_cell held;

	if (cell->value->size != sizeof(held))
		errx(2, "a cell of %" PRIu32 " bytes", cell->value->size);
	memcpy(&held, cell->value->bytes, sizeof(held));
	reader->accepted++;
	if (!held.magic)
		return;
	reader->written++;
	reader->transient += object >= ALWAYS_LOADED;
	if (thread->tid > 0 && thread->tid < TIDS_MAX)
		reader->written_by_tid[thread->tid]++;
	reader->partial += !held.tid || !held.address;
	if (is_right(&held, expected->magic, thread, cell->address))
		return;
	if (reader->wrong++ < WRONG_SHOWN)
		fprintf(stderr,
			"wrong: %.*s, thread %" PRId32 " at %#" PRIx64 " holds magic %#" PRIx64 " tid %" PRIu64
			" address %#" PRIx64 "\n",
			(int)expected->name_length, expected->name, thread->inner_tid, cell->address, held.magic,
			held.tid, held.address);
}

// The main thread wrote to the copies of what is always loaded before the fixture was ready.
static void judge_missing(struct reader *reader, size_t object, const struct polyton_thread *thread)
{
	reader->absent++;
	if (thread->tid != reader->pid || object >= ALWAYS_LOADED)
		return;
	if (reader->wrong++ < WRONG_SHOWN)
		fprintf(stderr, "wrong: the main thread's copy in %.*s is said not to be allocated\n",
			(int)reader->objects[object].name_length, reader->objects[object].name);
}

static void look_at_copy(struct reader *reader, const struct polyton_snapshot *snapshot,
			 const struct polyton_copy *copy)
{
	size_t object = find_object(reader, polyton_snapshot_object(snapshot, copy->object)->name);

	for (uint32_t i = 0; i < copy->cell_count; i++) {
		const struct polyton_cell *cell = &copy->cells[i];
		const struct polyton_thread *thread = polyton_snapshot_thread(snapshot, cell->thread);
		switch (cell->state) {
		case POLYTON_CELL_SET:
		case POLYTON_CELL_INITIAL:
		case POLYTON_CELL_PRESENT:
		case POLYTON_CELL_IN_FILE:
			judge(reader, object, thread, cell);
			break;
		case POLYTON_CELL_NOT_ALLOCATED:
			judge_missing(reader, object, thread);
			break;
		case POLYTON_CELL_UNSTABLE:
			reader->unstable++;
			break;
		case POLYTON_CELL_UNREADABLE:
			reader->unreadable++;
			break;
		}
	}
}

static struct polyton_snapshot *capture(struct reader *reader, struct polyton_session *session)
{
	struct polyton_snapshot *snapshot;
	struct polyton_error *error = polyton_session_capture(session, &snapshot);

	if (error)
		fail(error);
	reader->captures++;
	for (uint32_t i = 0; i < polyton_snapshot_copy_count(snapshot); i++) {
		const struct polyton_copy *copy = polyton_snapshot_copy(snapshot, i);
		const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, copy->singleton);
		if (!strcmp(singleton->name, "churn"))
			look_at_copy(reader, snapshot, copy);
	}
	return snapshot;
}

// What was written by threads that @p last does not show any more.
static uint64_t count_short(const struct reader *reader, const struct polyton_snapshot *last)
{
	uint64_t count = reader->written;

	for (uint32_t i = 0; i < polyton_snapshot_thread_count(last); i++) {
		int32_t tid = polyton_snapshot_thread(last, i)->tid;
		if (tid > 0 && tid < TIDS_MAX)
			count -= reader->written_by_tid[tid];
	}
	return count;
}

static bool has_enough(const struct reader *reader, const struct polyton_snapshot *last, uint64_t wanted)
{
	return reader->written >= wanted && reader->transient >= wanted / TRANSIENT_PART &&
	       count_short(reader, last) >= wanted / SHORT_PART;
}

int main(int argc, char **argv)
{
	struct reader reader = { .written_by_tid = calloc(TIDS_MAX, sizeof(uint32_t)) };
	struct polyton_session *session;

	if (argc < 5 || !reader.written_by_tid)
		errx(2, "usage: churn_reader PID SECONDS CELLS OBJECT=MAGIC...");
	reader.pid = atoi(argv[1]);
	parse_objects(&reader, argv + 4);

	struct polyton_error *error = polyton_open_process(reader.pid, NULL, &session);
	if (error)
		fail(error);
	const uint64_t end = seconds_now() + strtoull(argv[2], NULL, 10), wanted = strtoull(argv[3], NULL, 10);
	struct polyton_snapshot *last = NULL;
	do {
		polyton_snapshot_destroy(last);
		last = capture(&reader, session);
	} while (!has_enough(&reader, last, wanted) && seconds_now() < end);

	printf("captures %" PRIu64 "\naccepted %" PRIu64 "\nwritten %" PRIu64 "\nshort %" PRIu64
	       "\ntransient %" PRIu64 "\npartial %" PRIu64 "\nabsent %" PRIu64 "\nunstable %" PRIu64
	       "\nunreadable %" PRIu64 "\nwrong %" PRIu64 "\n",
	       reader.captures, reader.accepted, reader.written, count_short(&reader, last), reader.transient,
	       reader.partial, reader.absent, reader.unstable, reader.unreadable, reader.wrong);
	polyton_snapshot_destroy(last);
	polyton_session_close(session);
	free(reader.written_by_tid);
	return reader.wrong != 0;
}

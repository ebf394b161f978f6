// The jobs are long, so one lock for who does what is enough.

#include "base/jobs.h"

#include <assert.h>
#include <pthread.h>

struct run {
	const struct job *jobs;
	size_t count;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t is_done;
	uint32_t begun, done;
	struct polyton_error *error; // of the job with the lowest index
	size_t failed;
};

// The first job that can be begun: its index, or the number of jobs.
static size_t find_ready(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		if (!(run->begun & JOB(i)) && !(run->jobs[i].needs & ~run->done))
			return i;
	}
	return run->count;
}

static bool is_over(const struct run *run)
{
	return run->error || run->begun == (uint32_t)((UINT64_C(1) << run->count) - 1);
}

static void finish(struct run *run, size_t job, struct polyton_error *error)
{
	run->done |= JOB(job);
	if (error && (!run->error || job < run->failed)) {
		polyton_error_destroy(run->error);
		run->error = error;
		run->failed = job;
	} else {
		polyton_error_destroy(error);
	}
	pthread_cond_broadcast(&run->is_done);
}

static struct polyton_error *take_turns(void *arg, size_t thread)
{
	struct run *run = arg;
	(void)thread;
	pthread_mutex_lock(&run->lock);
	while (!is_over(run)) {
		size_t job = find_ready(run);
		if (job == run->count) {
			pthread_cond_wait(&run->is_done, &run->lock);
			continue;
		}
		run->begun |= JOB(job);
		pthread_mutex_unlock(&run->lock);
		struct polyton_error *error = run->jobs[job].work(run->arg, job);
		pthread_mutex_lock(&run->lock);
		finish(run, job, error);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

struct polyton_error *jobs_run(const struct job *jobs, size_t count, bool side_by_side, void *arg)
{
	struct run run = { .jobs = jobs,
			   .count = count,
			   .arg = arg,
			   .lock = PTHREAD_MUTEX_INITIALIZER,
			   .is_done = PTHREAD_COND_INITIALIZER };
	assert(count <= JOBS_MAX);
	// Whoever comes late finds nothing left to do, so the number of threads is no more than a wish.
	struct polyton_error *error = spread_over(side_by_side ? count : 1, 1, take_turns, &run);
	pthread_cond_destroy(&run.is_done);
	pthread_mutex_destroy(&run.lock);
	return error ? error : run.error;
}

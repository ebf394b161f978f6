// A look at a process costs some milliseconds, at a browser a second: so the list comes first and the looks follow,
// without types and one at a time. Processes come and go; those that are known keep what was found.

#include "survey.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "quiet.h"

enum {
	SURVEY_MAX = 65536, // processes
	SURVEY_SECONDS = 3, // between two lists
	SURVEY_PATH = 64,   // "/proc/PID/cmdline"
	SURVEY_USER = 4096, // what getpwuid_r() may need
};

struct survey {
	pthread_t thread;
	int event;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* With the lock held: */
	bool is_ending, is_resting, is_abandoned;
	struct picker_list list;
};

static void destroy(struct survey *survey)
{
	close(survey->event);
	free(survey->list.items);
	pthread_cond_destroy(&survey->wake);
	pthread_mutex_destroy(&survey->lock);
	free(survey);
}

static void tell(struct survey *survey)
{
	uint64_t one = 1;
	(void)!write(survey->event, &one, sizeof(one));
}

static size_t read_file(const char *path, char *ret, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, ret, room - 1);
	if (fd >= 0)
		close(fd);
	size = size < 0 ? 0 : size;
	ret[size] = '\0';
	return (size_t)size;
}

static void read_user(uid_t uid, char *ret, size_t room)
{
	char buffer[SURVEY_USER];
	struct passwd entry, *found = NULL;
	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) == 0 && found)
		snprintf(ret, room, "%s", entry.pw_name);
	else
		snprintf(ret, room, "%u", (unsigned)uid);
}

// False: a kernel thread, another user's, or gone.
static bool describe(int32_t pid, struct picker_process *ret)
{
	char path[SURVEY_PATH], exe[256];
	struct stat facts;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	ssize_t length = readlink(path, exe, sizeof(exe) - 1);
	if (length <= 0)
		return false;
	*ret = (struct picker_process){ .pid = pid };
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (stat(path, &facts))
		return false;
	read_user(facts.st_uid, ret->user, sizeof(ret->user));
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	read_file(path, ret->name, sizeof(ret->name));
	ret->name[strcspn(ret->name, "\n")] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	size_t size = read_file(path, ret->command, sizeof(ret->command));
	for (size_t i = 0; i + 1 < size; i++) {
		if (!ret->command[i])
			ret->command[i] = ' ';
	}
	return true;
}

static const struct picker_process *find(const struct picker_list *list, int32_t pid)
{
	for (uint32_t i = 0; i < list->count; i++) {
		if (list->items[i].pid == pid)
			return &list->items[i];
	}
	return NULL;
}

static void add(struct picker_list *list, const struct picker_process *process)
{
	struct picker_process *grown = reallocarray(list->items, list->count + 1, sizeof(*grown));
	if (!grown)
		return;
	list->items = grown;
	list->items[list->count++] = *process;
}

static void list_all(struct survey *survey)
{
	struct picker_list list = { 0 };
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	while (folder && list.count < SURVEY_MAX && (entry = readdir(folder))) {
		struct picker_process process;
		int32_t pid = isdigit((unsigned char)entry->d_name[0]) ? (int32_t)strtol(entry->d_name, NULL, 10) : 0;
		if (pid <= 0 || pid == getpid() || !describe(pid, &process))
			continue;
		// Only this thread changes the list, so it may read it without the lock. A number can be used again.
		const struct picker_process *known = find(&survey->list, pid);
		add(&list, known && strcmp(known->command, process.command) == 0 ? known : &process);
	}
	if (folder)
		closedir(folder);
	pthread_mutex_lock(&survey->lock);
	free(survey->list.items);
	survey->list = list;
	pthread_mutex_unlock(&survey->lock);
	tell(survey);
}

static uint32_t count_findings(const struct polyton_snapshot *snapshot)
{
	uint32_t count = 0;
	bool *is_counted = calloc(polyton_snapshot_singleton_count(snapshot) + 1, sizeof(*is_counted));
	for (uint32_t i = 0; is_counted && i < polyton_snapshot_finding_count(snapshot); i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, i);
		if (finding->singleton == POLYTON_NONE || finding->is_routine || is_counted[finding->singleton])
			continue;
		is_counted[finding->singleton] = true;
		count++;
	}
	free(is_counted);
	return count;
}

static void look(struct picker_process *process)
{
	const struct polyton_options options = { .size = sizeof(options), .no_types = true };
	struct polyton_session *session = NULL;
	struct polyton_snapshot *snapshot = NULL;
	struct polyton_error *error = polyton_open_process(process->pid, &options, &session);
	if (!error)
		error = polyton_session_capture(session, &snapshot);
	if (error) {
		bool is_refused = polyton_error_code(error) == POLYTON_ERROR_PERMISSION;
		process->state = is_refused ? PICKER_REFUSED : PICKER_FAILED;
		snprintf(process->why, sizeof(process->why), "%s", polyton_error_message(error));
	} else {
		process->state = PICKER_LOOKED;
		process->count = count_findings(snapshot);
	}
	polyton_error_destroy(error);
	polyton_snapshot_destroy(snapshot);
	polyton_session_close(session);
}

static bool is_ending(struct survey *survey)
{
	pthread_mutex_lock(&survey->lock);
	bool answer = survey->is_ending;
	pthread_mutex_unlock(&survey->lock);
	return answer;
}

static void look_at_all(struct survey *survey)
{
	for (uint32_t i = 0; i < survey->list.count && !is_ending(survey); i++) {
		struct picker_process process = survey->list.items[i];
		if (process.state != PICKER_WAITING)
			continue;
		look(&process);
		pthread_mutex_lock(&survey->lock);
		survey->list.items[i] = process;
		pthread_mutex_unlock(&survey->lock);
		tell(survey);
	}
}

static void rest(struct survey *survey)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SURVEY_SECONDS;
	pthread_mutex_lock(&survey->lock);
	survey->is_resting = true;
	if (!survey->is_ending)
		pthread_cond_timedwait(&survey->wake, &survey->lock, &until);
	survey->is_resting = false;
	pthread_mutex_unlock(&survey->lock);
}

static void *run(void *arg)
{
	struct survey *survey = arg;
	while (!is_ending(survey)) {
		list_all(survey);
		look_at_all(survey);
		rest(survey);
	}
	pthread_mutex_lock(&survey->lock);
	bool is_abandoned = survey->is_abandoned;
	pthread_mutex_unlock(&survey->lock);
	if (is_abandoned)
		destroy(survey);
	return NULL;
}

struct survey *survey_start(void)
{
	struct survey *survey = calloc(1, sizeof(*survey));
	if (!survey)
		return NULL;
	survey->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&survey->lock, NULL);
	pthread_cond_init(&survey->wake, NULL);
	int status = quiet_start(&survey->thread, run, survey);
	if (!status)
		return survey;
	destroy(survey);
	errno = status;
	return NULL;
}

int survey_fd(const struct survey *survey)
{
	return survey->event;
}

void survey_take(struct survey *survey, struct picker_list *list)
{
	uint64_t count;
	(void)!read(survey->event, &count, sizeof(count));
	pthread_mutex_lock(&survey->lock);
	uint32_t items = survey->list.count;
	struct picker_process *grown = reallocarray(list->items, items + 1, sizeof(*grown));
	if (grown) {
		list->items = grown;
		list->count = items;
		if (items)
			memcpy(grown, survey->list.items, items * sizeof(*grown));
	}
	pthread_mutex_unlock(&survey->lock);
}

bool survey_stop(struct survey *survey)
{
	if (!survey)
		return true;
	pthread_mutex_lock(&survey->lock);
	survey->is_ending = true;
	bool is_busy = !survey->is_resting;
	survey->is_abandoned = is_busy;
	pthread_t thread = survey->thread;
	pthread_cond_signal(&survey->wake);
	pthread_mutex_unlock(&survey->lock);
	if (is_busy) {
		pthread_detach(thread);
		return false;
	}
	pthread_join(thread, NULL);
	destroy(survey);
	return true;
}

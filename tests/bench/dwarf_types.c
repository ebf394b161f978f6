// How long it takes to have the types of some variables of a file: the worker started anew, and asked again. With what
// memory of its own it needs.
//
// usage: dwarf_types [--runs N] [--count N] FILE
// Prints "MS_COLD MS_WARM ANONYMOUS_KB TYPED ASKED", medians of the runs.

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dwarf/client.h"
#include "elf/symbols.h"

enum { STEP_MS = 100, RUNS_MAX = 101 };

static void must(struct polyton_error *error)
{
	if (!error)
		return;
	fprintf(stderr, "dwarf_types: %s\n", polyton_error_message(error));
	exit(3);
}

static double now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

// Of the file's variables every nth, so that they come from all over it.
static uint32_t choose(struct elf_file *file, uint32_t wanted, struct dwarf_asked *asked)
{
	struct elf_symbols symbols;
	uint32_t found = 0, count = 0;
	must(elf_symbols_full(file, &symbols));
	for (int pass = 0; pass < 2; pass++) {
		uint32_t step = pass && wanted && found > wanted ? found / wanted : 1, at = 0;
		for (size_t i = 1; i < symbols.count && count < wanted; i++) {
			const Elf64_Sym *symbol = &symbols.entries[i];
			const char *name = elf_symbol_name(&symbols, symbol);
			unsigned type = ELF64_ST_TYPE(symbol->st_info);
			bool is_fit = (type == STT_OBJECT || type == STT_TLS) && symbol->st_shndx != SHN_UNDEF &&
				      symbol->st_size && symbol->st_value && strncmp(name, "_ZT", 3) != 0 &&
				      strncmp(name, "_ZGV", 4) != 0;
			if (!is_fit)
				continue;
			if (!pass)
				found++;
			else if (at++ % step == 0)
				asked[count++] = (struct dwarf_asked){ type == STT_TLS ? POLYTON_KIND_TLS
										       : POLYTON_KIND_STATIC,
								       symbol->st_value, symbol->st_size, name };
		}
	}
	return count;
}

static uint32_t ask(struct dwarf_client *client, int fd, const struct dwarf_question *question)
{
	struct dwarf_answer *answer = NULL;
	uint32_t typed = 0;
	must(dwarf_client_ask(client, fd, question));
	while (!answer)
		must(dwarf_client_step(client, STEP_MS, &answer));
	for (uint32_t i = 0; i < answer->variable_count; i++)
		typed += answer->variables[i].absence == TYPE_IS_THERE;
	dwarf_answer_destroy(answer);
	return typed;
}

// Of the only child: what it has in memory that no file is behind.
static unsigned long anonymous_kb(void)
{
	char path[64], line[256];
	unsigned long kb = 0;
	int child = 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	if (file && fscanf(file, "%d", &child) != 1)
		child = 0;
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/status", child);
	file = child ? fopen(path, "r") : NULL;
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "RssAnon: %lu", &kb) == 1)
			break;
	}
	if (file)
		fclose(file);
	return kb;
}

static int compare(const void *left, const void *right)
{
	const double *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	double cold[RUNS_MAX], warm[RUNS_MAX];
	int runs = 11, at = 1;
	uint32_t wanted = 10, typed = 0;
	unsigned long kb = 0;
	for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
		if (strcmp(argv[at], "--runs") == 0)
			runs = atoi(argv[at + 1]);
		else if (strcmp(argv[at], "--count") == 0)
			wanted = (uint32_t)atoi(argv[at + 1]);
	}
	if (at >= argc || runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: dwarf_types [--runs N] [--count N] FILE\n");
		return 2;
	}
	struct elf_file *file;
	struct dwarf_asked *asked = calloc((size_t)wanted + 1, sizeof(*asked));
	auto_close int fd = open(argv[at], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !asked) {
		perror(argv[at]);
		return 3;
	}
	must(elf_file_open(fd, argv[at], &file));
	const struct dwarf_question question = { .variables = asked, .variable_count = choose(file, wanted, asked) };
	for (int i = 0; i < runs; i++) {
		const struct dwarf_client_options options = { 0 };
		struct dwarf_client *client;
		double start = now_ms();
		must(dwarf_client_create(&options, &client));
		typed = ask(client, fd, &question);
		cold[i] = now_ms() - start;
		start = now_ms();
		ask(client, fd, &question);
		warm[i] = now_ms() - start;
		unsigned long used = anonymous_kb();
		kb = used > kb ? used : kb;
		dwarf_client_destroy(client);
	}
	printf("%.1f %.1f %lu %" PRIu32 " %" PRIu32 "\n", median(cold, runs), median(warm, runs), kb, typed,
	       question.variable_count);
	free(asked);
	elf_file_close(file);
	return 0;
}

// polyton diff: two reports, and what has become of the findings. Their texts come from files of unknown intent.

#include "command.h"

#include <string.h>

static void print_finding(struct output *output, const struct fact *fact)
{
	output_print(output, "  %s ", severity_words[fact->severity]);
	output_escaped(output, fact->rule);
	output_print(output, ": ");
	output_escaped(output, fact->headline);
	output_print(output, "\n");
}

static bool has_object(const struct fact *fact, const char *name)
{
	for (size_t i = 0; i < fact->object_count; i++) {
		if (strcmp(fact->objects[i], name) == 0)
			return true;
	}
	return false;
}

// "    also in liba.so, libb.so": objects of @p fact that @p other has not.
static void print_objects(struct output *output, const char *words, const struct fact *fact, const struct fact *other)
{
	bool is_first = true;
	for (size_t i = 0; i < fact->object_count; i++) {
		if (has_object(other, fact->objects[i]))
			continue;
		output_print(output, "%s", is_first ? words : ", ");
		output_escaped(output, fact->objects[i]);
		is_first = false;
	}
	if (!is_first)
		output_print(output, "\n");
}

static void print_change(struct output *output, const struct pair *pair)
{
	if (pair->now->severity != pair->before->severity)
		output_print(output, "    was: %s\n", severity_words[pair->before->severity]);
	print_objects(output, "    also in: ", pair->now, pair->before);
	print_objects(output, "    no more in: ", pair->before, pair->now);
}

/** What becomes of findings, in the order in which it is told. */
enum fate { FATE_NEW, FATE_CHANGED, FATE_GONE, FATE_SAME, FATES };

static enum fate fate_of(const struct pair *pair)
{
	return !pair->before ? FATE_NEW : !pair->now ? FATE_GONE : pair_is_changed(pair) ? FATE_CHANGED : FATE_SAME;
}

static void print_text(const struct comparison *comparison, bool is_verbose, struct output *output)
{
	static const char *const titles[FATES] = { "New", "Changed", "Gone", "The same" };
	size_t counts[FATES] = { 0 };
	for (int fate = FATE_NEW; fate < FATES; fate++) {
		for (size_t i = 0; i < comparison->count; i++) {
			const struct pair *pair = &comparison->pairs[i];
			if ((int)fate_of(pair) != fate)
				continue;
			bool is_first = !counts[fate]++;
			if (fate == FATE_SAME && !is_verbose)
				continue;
			if (is_first)
				output_print(output, "%s\n", titles[fate]);
			print_finding(output, pair->now ? pair->now : pair->before);
			if (fate == FATE_CHANGED)
				print_change(output, pair);
		}
		if (counts[fate] && (fate != FATE_SAME || is_verbose))
			output_print(output, "\n");
	}
	output_print(output, "%zu new, %zu changed, %zu gone, %zu the same.\n", counts[FATE_NEW],
		     counts[FATE_CHANGED], counts[FATE_GONE], counts[FATE_SAME]);
}

static bool has_worse(const struct comparison *comparison, const struct fail_on *fail_on)
{
	const struct policy none = { 0 };
	size_t counts[POLYTON_SEVERITY_ERROR + 1] = { 0 };
	for (size_t i = 0; i < comparison->count; i++) {
		if (pair_is_new(&comparison->pairs[i]))
			counts[comparison->pairs[i].now->severity]++;
	}
	return judge_fails(&none, fail_on, counts);
}

static int run_diff(const struct request *request, struct output *output)
{
	struct pool pool = { 0 };
	struct facts facts[2];
	struct comparison comparison;
	const char *complaint = NULL, *text = "";
	for (size_t i = 0; !complaint && i < 2; i++)
		complaint = facts_read(&pool, request->files[i], &facts[i]);
	if (complaint) {
		complain("%s", complaint);
		pool_deinit(&pool);
		return EXIT_USAGE;
	}
	compare(&pool, &facts[0], &facts[1], &comparison);
	bool is_json = request->choice[OPTION_FORMAT] == POLYTON_FORMAT_JSON;
	if (is_json)
		text = comparison_json(&pool, request->files[0], request->files[1], &comparison);
	if (!text)
		complain("out of memory");
	else if (request_has(request, OPTION_QUIET))
		;
	else if (is_json)
		output_write(output, text, strlen(text));
	else
		print_text(&comparison, request_has(request, OPTION_VERBOSE), output);
	enum exit_code code = has_worse(&comparison, &request->fail_on) ? EXIT_FINDINGS : EXIT_CLEAN;
	pool_deinit(&pool);
	return text ? code : EXIT_NOT_SEEN;
}

const struct command diff_command = {
	.name = "diff",
	.operands = "OLD NEW",
	.summary = "what has changed from one report to another",
	.help = "Compare two files, each a report of polyton's in JSON or SARIF, or a baseline:\n"
		"which findings are new, which are gone, and which are about other objects or of\n"
		"another severity now. The exit code is 1 if there is a new one, or one that an\n"
		"object was added to.",
	.compares = true,
	.act = run_diff,
	.options = OPTIONS_ALWAYS | OPTION_BIT(OPTION_VERBOSE) | OPTION_BIT(OPTION_FORMAT) |
		   OPTION_BIT(OPTION_FAIL_ON),
};

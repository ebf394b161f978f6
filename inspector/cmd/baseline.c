// polyton baseline: what is known of, for later reports to be compared with.

#include "command.h"

#include <string.h>

// What a report would count: what is suppressed is not accepted as it is, and comes back when its suppression ends.
static bool write_baseline(const struct answer *answer)
{
	struct pool pool = { 0 };
	struct facts facts;
	size_t count = 0;
	facts_take(&pool, answer->snapshot, answer->judgement->verdicts, &facts);
	struct fact *kept = pool_alloc(&pool, facts.count + 1, sizeof(*kept));
	for (uint32_t i = 0; i < facts.count; i++) {
		bool is_hidden = judgement_is_routine(answer->judgement, answer->snapshot, i) &&
				 !request_has(answer->request, OPTION_ALL);
		if (!is_hidden && !judgement_verdict(answer->judgement, answer->snapshot, i).suppressed)
			kept[count++] = facts.items[i];
	}
	const char *text = facts_baseline(&pool, &(const struct facts){ kept, count });
	bool is_good = text != NULL;
	if (!text)
		complain("out of memory");
	else if (request_has(answer->request, OPTION_OUTPUT))
		is_good = sink_put(&answer->request->sinks[0], text, strlen(text));
	else if (!request_has(answer->request, OPTION_QUIET))
		output_write(answer->output, text, strlen(text));
	pool_deinit(&pool);
	return is_good;
}

const struct command baseline_command = {
	.name = "baseline",
	.operands = "SUBJECT",
	.summary = "the findings, for later reports to compare with",
	.help = "Write the findings of the process in a form that is the same whenever they are:\n"
		"sorted, without addresses and process numbers, fit to be kept in a repository.\n"
		"'polyton report --baseline FILE' says which findings such a file has not.",
	.takes_files = true,
	.write = write_baseline,
	.options = OPTIONS_SUBJECT | OPTIONS_POLICY | OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_NO_TYPES),
};

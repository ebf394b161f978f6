// SARIF 2.1.0 as its schema has it, with all that GitHub's code scanning asks for beyond that. A service knows a result
// again by its rule and its primaryLocationLineHash, which is the finding's fingerprint here: there is no line of a
// source file that it could be computed from. The envelope is written as a stream, each result as jansson makes it.

#include "report/sarifrows.h"

#include "model/rules.h"
#include "report/jsonview.h"
#include "report/words.h"

// GitHub refuses a file with more.
enum { SARIF_MAX_RESULTS = 25000 };

static json_t *rule_row(const struct rule *rule)
{
	static const char *const problems[] = { "recommendation", "warning", "error" };
	// clang-format off
	return json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:o, s:o}, s:{s:s}, s:{s:[s, s], s:s, s:s}}",
			 "id", rule->id,
			 "name", rule->name,
			 "shortDescription", "text", rule->brief,
			 "fullDescription", "text", rule->full,
			 "help", "text", sarif_help(rule, false), "markdown", sarif_help(rule, true),
			 "defaultConfiguration", "level", words_severity[rule->severity].key,
			 "properties", "tags", "correctness", rule->slug, "precision", rule->precision,
			 "problem.severity", problems[rule->severity]);
	// clang-format on
}

static json_t *rule_list(void)
{
	json_t *list = json_array();
	for (unsigned i = 0; list && i < RULE_COUNT; i++) {
		if (json_array_append_new(list, rule_row(&rule_rows[i]))) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *tool(void)
{
	char version[sizeof("4294967295.4294967295.4294967295")];
	size_t length = strcspn(polyton_version(), " ");
	if (length >= sizeof(version))
		length = sizeof(version) - 1;
	*(char *)mempcpy(version, polyton_version(), length) = '\0';
	return json_pack("{s:{s:s, s:s, s:s, s:o}}", "driver", "name", "polyton", "semanticVersion", version,
			 "fullName", "polyton: variables that exist more than once", "rules", rule_list());
}

static json_t *notification(struct report *report, const char *level, const char *text)
{
	return json_pack("{s:s, s:{s:o}}", "level", level, "message", "text", sarif_message(report, text));
}

static bool append(json_t *list, json_t *item)
{
	return json_array_append_new(list, item) == 0;
}

// What could not be seen. Not to see everything is not a failure of the run, or nobody would get its results; it is
// said by its exit code and here.
static json_t *notifications(struct report *report)
{
	json_t *list = json_array();
	bool is_good = list != NULL;
	for (uint32_t i = 0; is_good && i < report->snapshot->notes.count; i++) {
		const struct polyton_note *note = &report->snapshot->notes.items[i];
		is_good = append(list, notification(report, note->is_loss ? "warning" : "note",
						    formats_note(report, note)));
	}
	if (is_good && report->count > SARIF_MAX_RESULTS)
		is_good = append(list, notification(report, "warning",
						    page_format(&report->page, "%zu more findings are left out",
								report->count - SARIF_MAX_RESULTS)));
	if (is_good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *invocation(struct report *report)
{
	int code = report->failed ? 1 : report->has_loss ? 3 : 0;
	return json_pack("{s:b, s:i, s:o}", "executionSuccessful", 1, "exitCode", code, "toolExecutionNotifications",
			 notifications(report));
}

void sarif_write(struct report *report)
{
	struct out *out = report->out;
	out_text(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\n"
		      "\"runs\":[{\"tool\":");
	jsonview_put(out, tool());
	out_text(out, ",\n\"automationDetails\":");
	jsonview_put(out, json_pack("{s:o}", "id", sarif_run(report)));
	out_text(out, ",\n\"columnKind\":\"unicodeCodePoints\",\n\"invocations\":[");
	jsonview_put(out, invocation(report));
	out_text(out, "],\n\"results\":[");
	for (size_t i = 0; i < report->count && i < SARIF_MAX_RESULTS && !out->error; i++) {
		out_text(out, i ? ",\n" : "\n");
		jsonview_put(out, sarif_result(report, &report->ranked[i]));
	}
	out_text(out, "]}]}\n");
}

// One way out for all views and formats. What can be wrong with the request is found before the first byte is
// written.

#include "report/formats.h"
#include "report/jsonview.h"
#include "report/judged.h"
#include "report/retold.h"
#include "report/select.h"
#include "report/text.h"

// A caller built against an older header has a shorter structure; what it lacks stays zero.
static struct polyton_error *take_options(const struct polyton_write_options *options,
					  struct polyton_write_options *ret)
{
	struct polyton_write_options taken = { 0 };
	if (options)
		memcpy(&taken, options, options->size < sizeof(taken) ? options->size : sizeof(taken));
	if ((unsigned)taken.view > POLYTON_VIEW_BINDINGS)
		return error_create(POLYTON_ERROR_ARGUMENT, "there is no view %d", (int)taken.view);
	if ((unsigned)taken.format > POLYTON_FORMAT_DOT)
		return error_create(POLYTON_ERROR_ARGUMENT, "there is no format %d", (int)taken.format);
	if (taken.format > POLYTON_FORMAT_JSON && taken.view != POLYTON_VIEW_REPORT)
		return error_create(POLYTON_ERROR_ARGUMENT, "format %d is one of the report only", (int)taken.format);
	if ((unsigned)taken.fail_on > POLYTON_FAIL_ON_NEVER)
		return error_create(POLYTON_ERROR_ARGUMENT, "there is no level %d to fail on", (int)taken.fail_on);
	*ret = taken;
	return NULL;
}

static void write_text(struct out *out, const struct polyton_snapshot *snapshot,
		       const struct polyton_write_options *options, const struct reported *reported,
		       struct match *match, uint32_t singleton)
{
	struct page page;
	page_init(&page, out, options);
	switch (options->view) {
	case POLYTON_VIEW_REPORT:
		text_report(&page, snapshot, reported);
		break;
	case POLYTON_VIEW_SHOW:
		text_show(&page, snapshot, singleton, options->parts);
		break;
	case POLYTON_VIEW_OBJECTS:
		text_objects(&page, snapshot);
		break;
	case POLYTON_VIEW_THREADS:
		text_threads(&page, snapshot);
		break;
	case POLYTON_VIEW_TLS:
		text_tls(&page, snapshot);
		break;
	case POLYTON_VIEW_BINDINGS:
		text_bindings(&page, snapshot, match);
		break;
	}
	page_deinit(&page);
}

static struct polyton_error *write_view(const struct polyton_snapshot *snapshot,
					const struct polyton_write_options *options, polyton_write_fn *write,
					void *arg)
{
	struct reported reported = { 0 };
	struct match match = { 0 };
	uint32_t singleton = POLYTON_NONE;
	struct out out = { .write = write, .arg = arg };
	struct retold retold = { 0 };
	struct polyton_error *error = NULL;

	if (options->view == POLYTON_VIEW_REPORT)
		error = reported_init(snapshot, options, &reported);
	if (options->view == POLYTON_VIEW_SHOW)
		error = select_singleton(snapshot, options->name, &singleton);
	if (options->view == POLYTON_VIEW_BINDINGS)
		error = match_init(options->match, &match);
	if (!error)
		error = retold_init(snapshot, singleton, options, &retold);
	if (error) {
		match_deinit(&match);
		reported_deinit(&reported);
		return error;
	}
	snapshot = &retold.snapshot;
	if (options->format == POLYTON_FORMAT_JSON)
		jsonview_write(&out, snapshot, options->view, &reported, &match, singleton);
	else if (options->format != POLYTON_FORMAT_TEXT)
		formats_write(&out, snapshot, options, &reported);
	else
		write_text(&out, snapshot, options, &reported, &match, singleton);
	if (match.has_failed)
		out_fail(&out, error_no_memory());
	retold_deinit(&retold);
	match_deinit(&match);
	reported_deinit(&reported);
	return out_finish(&out);
}

struct polyton_error *polyton_snapshot_write(const struct polyton_snapshot *snapshot,
					     const struct polyton_write_options *options, polyton_write_fn *write,
					     void *arg)
{
	struct polyton_write_options taken = { 0 };
	struct judged judged;

	struct polyton_error *error = take_options(options, &taken);
	if (!error)
		error = judged_init(snapshot, taken.view == POLYTON_VIEW_REPORT ? taken.verdicts : NULL, &judged);
	if (error)
		return error;
	taken.verdicts = judged.verdicts;
	error = write_view(&judged.snapshot, &taken, write, arg);
	judged_deinit(&judged);
	return error;
}

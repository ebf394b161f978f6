// One way out for all views and formats. What can be wrong with the request is found before the first byte is
// written.

#include "report/jsonview.h"
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
	if (taken.format > POLYTON_FORMAT_JSON)
		return error_create(POLYTON_ERROR_UNSUPPORTED, "format %d cannot be written", (int)taken.format);
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
		text_show(&page, snapshot, singleton);
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

struct polyton_error *polyton_snapshot_write(const struct polyton_snapshot *snapshot,
					     const struct polyton_write_options *options, polyton_write_fn *write,
					     void *arg)
{
	struct polyton_write_options taken = { 0 };
	struct reported reported = { 0 };
	struct match match = { 0 };
	uint32_t singleton = POLYTON_NONE;
	struct out out = { .write = write, .arg = arg };

	struct polyton_error *error = take_options(options, &taken);
	if (!error && taken.view == POLYTON_VIEW_REPORT)
		error = reported_init(snapshot, &taken, &reported);
	if (!error && taken.view == POLYTON_VIEW_SHOW)
		error = select_singleton(snapshot, taken.name, &singleton);
	if (!error && taken.view == POLYTON_VIEW_BINDINGS)
		error = match_init(taken.match, &match);
	if (error)
		return error;
	if (taken.format == POLYTON_FORMAT_JSON)
		jsonview_write(&out, snapshot, taken.view, &reported, &match, singleton);
	else
		write_text(&out, snapshot, &taken, &reported, &match, singleton);
	if (match.has_failed)
		out_fail(&out, error_no_memory());
	match_deinit(&match);
	reported_deinit(&reported);
	return out_finish(&out);
}

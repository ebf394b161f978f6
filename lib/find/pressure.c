// What is left is the loader's own sum. Who took the rest is told by the module table: all that the process started
// with is of one generation, the first module's, and whatever was loaded later is of a later one. Where audit modules
// come first, even the program's libraries are loaded later; then the places tell.

#include "find/pressure.h"

#include <inttypes.h>

#include "model/rules.h"

enum {
	PRESSURE_MAX_NAMED = 4, // objects named before "and N more"
	PRESSURE_HEADER =
		16, // the most that an offset counts beside the blocks (variant I: the machine's own header)
};

static uint64_t first_generation(const struct polyton_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->objects.count; i++) {
		if (snapshot->objects.items[i].tls_module == 1)
			return snapshot->objects.items[i].tls_generation;
	}
	return UINT64_MAX;
}

static int compare_sizes(const void *left, const void *right, void *arg)
{
	const struct polyton_object *objects = arg;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	if (objects[a].tls_size != objects[b].tls_size)
		return objects[a].tls_size > objects[b].tls_size ? -1 : 1;
	return (a > b) - (a < b);
}

// Beyond all that can have been used at the start.
static bool is_in_surplus(const struct polyton_tls_budget *budget, const struct polyton_object *object)
{
	return budget->is_known && budget->size >= budget->surplus &&
	       object->tls_offset > budget->size - budget->surplus + PRESSURE_HEADER;
}

struct polyton_error *pressure_takers(const struct polyton_snapshot *snapshot, uint32_t **ret, size_t *count_ret)
{
	uint64_t first = first_generation(snapshot);
	size_t count = 0;
	uint32_t *takers = calloc(snapshot->objects.count + 1, sizeof(*takers));
	if (!takers)
		return error_no_memory();
	for (uint32_t i = 0; i < snapshot->objects.count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (object->tls_placement == POLYTON_TLS_STATIC &&
		    (object->tls_generation > first || is_in_surplus(&snapshot->tls_budget, object)))
			takers[count++] = i;
	}
	if (count)
		qsort_r(takers, count, sizeof(*takers), compare_sizes, snapshot->objects.items);
	*ret = takers;
	*count_ret = count;
	return NULL;
}

// "libx.so took 1024 bytes, liby.so 256 and 3 more the rest"
static const char *describe_takers(struct polyton_snapshot *snapshot, const uint32_t *takers, size_t count)
{
	size_t shown = count <= PRESSURE_MAX_NAMED + 1 ? count : PRESSURE_MAX_NAMED;
	const char *text = "";
	for (size_t i = 0; text && i < shown; i++) {
		const struct polyton_object *object = &snapshot->objects.items[takers[i]];
		text = arena_printf(&snapshot->arena, "%s%s%s%s%" PRIu64 "%s", text,
				    !i               ? ""
				    : i + 1 == count ? " and "
						     : ", ",
				    object->name, i ? " " : " took ", object->tls_size, i ? "" : " bytes");
	}
	if (text && shown < count)
		text = arena_printf(&snapshot->arena, "%s and %zu more the rest", text, count - shown);
	return text;
}

static struct polyton_error *add(struct polyton_snapshot *snapshot, const uint32_t *takers, size_t count)
{
	static const char headline[] = "Static TLS is nearly used up: of the %" PRIu64
				       " bytes for libraries that are loaded later, %" PRIu64 " are left.";
	static const char detail[] =
		"%s%she next library with initial-exec thread-locals may not load (\"cannot allocate memory in "
		"static "
		"TLS block\"). Link or preload it with the program, so that it is counted at the start; or build it "
		"without -ftls-model=initial-exec; or start the program with "
		"GLIBC_TUNABLES=glibc.rtld.optional_static_tls=%" PRIu64 " (glibc 2.32 or later).";
	const struct polyton_tls_budget *budget = &snapshot->tls_budget;
	const char *who = describe_takers(snapshot, takers, count);
	struct polyton_finding *finding = vec_push(&snapshot->findings);
	if (!who || !finding)
		return error_no_memory();
	*finding = (struct polyton_finding){
		.rule = rule_rows[RULE_STATIC_TLS_PRESSURE].id,
		.slug = rule_rows[RULE_STATIC_TLS_PRESSURE].slug,
		.severity = POLYTON_SEVERITY_WARNING,
		.confidence = POLYTON_CONFIDENCE_CERTAIN,
		.library = POLYTON_NONE,
		.singleton = POLYTON_NONE,
		.object = POLYTON_NONE,
		.headline = arena_printf(&snapshot->arena, headline, budget->surplus, budget->free),
		.detail = arena_printf(&snapshot->arena, detail, who, who[0] ? "; t" : "T", 4 * budget->surplus),
	};
	return finding->headline && finding->detail ? NULL : error_no_memory();
}

struct polyton_error *pressure_find(struct polyton_snapshot *snapshot)
{
	const struct polyton_tls_budget *budget = &snapshot->tls_budget;
	auto_free uint32_t *takers = NULL;
	size_t count = 0;
	if (!budget->is_known || (budget->free >= budget->surplus / 4 && budget->free >= PRESSURE_LEAST))
		return NULL;
	struct polyton_error *error = pressure_takers(snapshot, &takers, &count);
	return error ? error : add(snapshot, takers, count);
}

// Findings about one object (it is stripped, it cannot be unloaded) share nothing and are not drawn; nor is what the
// user has suppressed.

#include "report/picture.h"

#include "report/text.h"

static void link_copies(const struct report *report, const struct polyton_singleton *singleton, uint8_t *links)
{
	for (uint32_t i = 0; i < singleton->copy_count; i++) {
		const struct polyton_copy *copy = &report->snapshot->copies.items[singleton->first_copy + i];
		if (copy->use == POLYTON_USE_LIVE)
			links[copy->object] = PICTURE_USED;
		else if (links[copy->object] == PICTURE_NONE)
			links[copy->object] = PICTURE_UNUSED;
	}
}

static void link_objects(const struct polyton_finding *finding, uint8_t *links)
{
	for (uint32_t i = 0; i < finding->object_count; i++)
		links[finding->objects[i]] = PICTURE_USED;
}

// "CONTEXT" for tokio::CONTEXT below "tokio".
static const char *short_name(const struct report *report, const struct polyton_singleton *singleton)
{
	const char *library = report->snapshot->libraries.items[singleton->library].name;
	size_t length = strlen(library);
	if (strncmp(singleton->name, library, length) == 0 && strncmp(singleton->name + length, "::", 2) == 0 &&
	    singleton->name[length + 2])
		return singleton->name + length + 2;
	return singleton->name;
}

static struct picture_thing *thing_of(struct picture *picture, uint32_t library, const uint8_t *links, size_t objects)
{
	for (size_t i = 0; i < picture->count; i++) {
		struct picture_thing *thing = &picture->things[i];
		if (thing->name_count && thing->library == library && memcmp(thing->links, links, objects) == 0)
			return thing;
	}
	return NULL;
}

static struct picture_thing *add_thing(struct picture *picture, const char *title, const struct ranked *ranked,
				       uint8_t *links, size_t objects)
{
	struct picture_thing *thing = &picture->things[picture->count++];
	*thing = (struct picture_thing){ .title = title,
					 .severity = ranked->verdict.severity,
					 .links = links,
					 .library = ranked->finding->library };
	for (size_t i = 0; i < objects; i++)
		picture->has_object[i] |= links[i] != PICTURE_NONE;
	return thing;
}

static void add_name(struct picture_thing *thing, const char *name)
{
	if (thing->name_count < PICTURE_MAX_NAMES)
		thing->names[thing->name_count] = name;
	thing->name_count++;
}

/** What is drawn already. */
struct drawn {
	bool *singletons;
	size_t limit;
};

static bool add_finding(struct report *report, struct picture *picture, struct drawn *drawn,
			const struct ranked *ranked)
{
	const struct polyton_finding *finding = ranked->finding;
	const struct polyton_singleton *singleton = formats_singleton(report, finding);
	size_t objects = report->snapshot->objects.count;
	// Findings come worst first, so that the first one about a singleton has its severity.
	if (ranked->verdict.suppressed || finding->object_count < 2 ||
	    (singleton && drawn->singletons[finding->singleton]))
		return true;
	uint8_t *links = arena_alloc(&report->page.arena, objects + 1, sizeof(*links));
	if (!links)
		return false;
	if (singleton)
		link_copies(report, singleton, links);
	else
		link_objects(finding, links);
	struct picture_thing *thing = singleton ? thing_of(picture, finding->library, links, objects) : NULL;
	if (!thing && picture->count == drawn->limit) {
		picture->left_out++;
		return true;
	}
	const struct polyton_library *library = polyton_snapshot_library(report->snapshot, finding->library);
	if (!thing)
		thing = add_thing(picture,
				  library ? text_library(&report->page, library)
					  : page_format(&report->page, "%s: %s", finding->rule,
							formats_about(report, finding)),
				  ranked, links, objects);
	if (singleton) {
		drawn->singletons[finding->singleton] = true;
		add_name(thing, short_name(report, singleton));
	}
	return true;
}

bool picture_make(struct report *report, size_t limit, struct picture *ret)
{
	auto_free bool *singletons = calloc(report->snapshot->singletons.count + 1, sizeof(*singletons));
	struct drawn drawn = { singletons, limit };
	struct picture picture = {
		.things = calloc(limit + 1, sizeof(*picture.things)),
		.has_object = calloc(report->snapshot->objects.count + 1, sizeof(*picture.has_object)),
	};
	bool is_good = singletons && picture.things && picture.has_object;
	for (size_t i = 0; is_good && i < report->count; i++)
		is_good = add_finding(report, &picture, &drawn, &report->ranked[i]);
	if (is_good)
		*ret = picture;
	else
		picture_free(&picture);
	return is_good;
}

void picture_free(struct picture *picture)
{
	free(picture->things);
	free(picture->has_object);
	*picture = (struct picture){ 0 };
}

const char *picture_rest(struct report *report, const struct picture_thing *thing)
{
	if (thing->name_count <= PICTURE_MAX_NAMES)
		return "";
	return page_format(&report->page, "and %zu more", thing->name_count - PICTURE_MAX_NAMES);
}

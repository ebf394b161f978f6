// What is compared from run to run is taken out of the snapshot, so that it can be held against a report of any age.

#include "fact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *const severity_words[] = { "note", "warning", "error", NULL };

// The length of the character that @p text begins with, by RFC 3629; 0 if it is none.
static size_t character_length(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc2 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (bytes[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	bool is_long = (bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xf0 && bytes[1] < 0x90);
	bool is_beyond = (bytes[0] == 0xed && bytes[1] > 0x9f) || (bytes[0] == 0xf4 && bytes[1] > 0x8f);
	return is_long || is_beyond ? 0 : length;
}

const char *facts_clean(struct pool *pool, const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t most = strlen(text) * (sizeof(replacement) - 1);
	bool is_clean = true;
	for (const char *at = text; *at && is_clean;) {
		size_t length = character_length(at);
		is_clean = length > 0;
		at += length;
	}
	if (is_clean)
		return pool_copy(pool, text, strlen(text));
	char *ret = pool_alloc(pool, most + 1, 1), *end = ret;
	while (*text) {
		size_t length = character_length(text);
		end = length ? mempcpy(end, text, length) : mempcpy(end, replacement, sizeof(replacement) - 1);
		text += length ? length : 1;
	}
	return ret;
}

const char *facts_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int compare_texts(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	return strcmp(*a, *b);
}

void facts_sort_texts(const char **texts, size_t count)
{
	qsort(texts, count, sizeof(*texts), compare_texts);
}

static const char *name_of(const struct polyton_snapshot *snapshot, const struct polyton_finding *finding)
{
	const struct polyton_singleton *singleton = polyton_snapshot_singleton(snapshot, finding->singleton);
	const struct polyton_library *library = polyton_snapshot_library(snapshot, finding->library);
	const struct polyton_object *object = polyton_snapshot_object(snapshot, finding->object);
	return singleton ? singleton->name : library ? library->name : object ? facts_base(object->path) : "";
}

void facts_take(struct pool *pool, const struct polyton_snapshot *snapshot, const struct polyton_verdict *verdicts,
		struct facts *ret)
{
	uint32_t count = polyton_snapshot_finding_count(snapshot);
	struct fact *items = pool_alloc(pool, (size_t)count + 1, sizeof(*items));
	for (uint32_t i = 0; i < count; i++) {
		const struct polyton_finding *finding = polyton_snapshot_finding(snapshot, i);
		const char **objects = pool_alloc(pool, (size_t)finding->object_count + 1, sizeof(*objects));
		for (uint32_t k = 0; k < finding->object_count; k++)
			objects[k] =
				facts_clean(pool,
					    facts_base(polyton_snapshot_object(snapshot, finding->objects[k])->path));
		facts_sort_texts(objects, finding->object_count);
		items[i] = (struct fact){
			.fingerprint = finding->fingerprint,
			.rule = finding->rule,
			.slug = finding->slug,
			.name = facts_clean(pool, name_of(snapshot, finding)),
			.objects = objects,
			.object_count = finding->object_count,
			.severity = verdicts ? verdicts[i].severity : finding->severity,
			.headline = facts_clean(pool, finding->headline),
		};
	}
	*ret = (struct facts){ items, count };
}

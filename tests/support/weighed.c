#include "weighed.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

struct weighed *weighed_create(const struct elf_symbol_spec *const *tables)
{
	struct weighed *story = calloc(1, sizeof(*story));
	assert_non_null(story);
	for (; tables[story->count]; story->count++) {
		assert_in_range(story->count, 0, WEIGHED_MAX - 1);
		find_object_init(&story->objects[story->count], tables[story->count], NULL);
	}
	return story;
}

void weighed_weigh(struct weighed *story, const struct linkage *linkage)
{
	assert_fine(drafts_find(story->objects, story->count, &story->drafts));
	assert_fine(evidence_weigh(&story->drafts, linkage));
}

struct weighed *weighed_find(const struct elf_symbol_spec *const *tables)
{
	struct weighed *story = weighed_create(tables);
	weighed_weigh(story, NULL);
	return story;
}

void weighed_end(struct weighed *story)
{
	drafts_deinit(&story->drafts);
	for (uint32_t i = 0; i < story->count; i++)
		find_object_deinit(&story->objects[i]);
	free(story);
}

size_t weighed_count(const struct weighed *story)
{
	size_t count = 0;
	for (size_t i = 0; i < story->drafts.items.count; i++)
		count += story->drafts.items.items[i].count > 0;
	return count;
}

const struct draft *weighed_draft(const struct weighed *story, const char *name)
{
	for (size_t i = 0; i < story->drafts.items.count; i++) {
		const struct draft *draft = &story->drafts.items.items[i];
		if (draft->count && strcmp(draft->name, name) == 0)
			return draft;
	}
	return NULL;
}

const char *weighed_spell(struct weighed *story, const char *name)
{
	static const char *const sure[] = { [POLYTON_CONFIDENCE_POSSIBLE] = "possible",
					    [POLYTON_CONFIDENCE_LIKELY] = "likely",
					    [POLYTON_CONFIDENCE_CERTAIN] = "certain" };
	const struct draft *draft = weighed_draft(story, name);
	if (!draft)
		return "none";
	size_t used = 0;
	for (size_t i = 0; i < draft->count; i++)
		used += (size_t)snprintf(story->text + used, sizeof(story->text) - used, "%c+%d ",
					 (char)('a' + draft->members[i]->object),
					 (int)(draft->members[i]->candidate->symbol->st_value % ELF_AT_DATA));
	snprintf(story->text + used, sizeof(story->text) - used, "%s", sure[draft->confidence]);
	return story->text;
}

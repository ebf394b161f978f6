/**
 * Objects made from rows of symbols, with the drafts of singletons that are found in them and how sure each is.
 */
#ifndef SUPPORT_WEIGHED_H
#define SUPPORT_WEIGHED_H

#include "find/draft.h"
#include "find_object.h"

enum { WEIGHED_MAX = 6 };

struct weighed {
	struct object_input objects[WEIGHED_MAX];
	uint32_t count;
	struct drafts drafts;
	char text[256];
};

/** Rows of functions. Objects that have them were made from the same source files, as far as that goes. */
#define CODE                                                      \
	FIND_SYMBOL("run_all", STB_GLOBAL, STT_FUNC, 0x1000, 64), \
		FIND_SYMBOL("run_more", STB_GLOBAL, STT_FUNC, 0x1040, 64)

/** One table of rows per object. */
#define WEIGHED(...) weighed_find((const struct elf_symbol_spec *const[]){ __VA_ARGS__, NULL })

/** Objects only; NULL ends the tables. */
struct weighed *weighed_create(const struct elf_symbol_spec *const *tables);
void weighed_weigh(struct weighed *story, const struct linkage *linkage);
/** Both, without linkage. */
struct weighed *weighed_find(const struct elf_symbol_spec *const *tables);
void weighed_end(struct weighed *story);

/** How many drafts there are. */
size_t weighed_count(const struct weighed *story);
/** The first of that name, or NULL. */
const struct draft *weighed_draft(const struct weighed *story, const char *name);
/** "a+0 b+8 likely": objects by letter, places behind ELF_AT_DATA, confidence; "none". Good until the next call. */
const char *weighed_spell(struct weighed *story, const char *name);

#endif

/**
 * The types of a snapshot's copies, asked of polyton-dwarf, and kept per file while what is asked stays the same.
 */
#ifndef TYPING_H
#define TYPING_H

#include "dwarf/client.h"
#include "scan.h"

struct typed_file;
void typed_file_destroy(struct typed_file *typed);

/** Zero-initialise; one for a session. */
struct typing {
	struct dwarf_client *client; ///< Made for the first question.
	const struct elf_debug_search *search;
	const struct subject *subject; ///< Asked between files whether to go on; NULL: none.
	const char *path, *debug_path; ///< Of the object whose debug info is being read, and of the file that has it.
};

void typing_deinit(struct typing *typing);
/**
 * Fill @c types of the snapshot, and @c type, @c type_missing, @c decl_file, @c decl_line and @c producer of its
 * copies, for singletons that may be reported. What cannot be read is a note.
 */
must_use struct polyton_error *typing_read(struct typing *typing, const struct elf_debug_search *search,
					   const struct scan *scan, struct polyton_snapshot *snapshot);

/** Ask about one file with debug info, of the object at @c path. The answer is the caller's. */
must_use struct polyton_error *typing_ask(struct typing *typing, int fd, const struct dwarf_question *question,
					  struct dwarf_answer **ret);

#endif

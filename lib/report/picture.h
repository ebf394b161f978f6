/**
 * Objects and what they share, for a drawing: the singletons of a library that the same objects have copies of are one
 * thing in it, so that it stays small.
 */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include "report/formats.h"

enum {
	PICTURE_MAX_NAMES = 3, // singletons that a shared thing names
	PICTURE_NAME = 48,     // cells of a name in a drawing
};

enum picture_link { PICTURE_NONE, PICTURE_USED, PICTURE_UNUSED };

/** Singletons of one library that the same objects have copies of; or what a finding about several objects is about. */
struct picture_thing {
	const char *title;                    ///< "tokio 1.24.2 (Rust)"
	const char *names[PICTURE_MAX_NAMES]; ///< Of singletons, without the library's.
	size_t name_count;                    ///< All of them; 0 for a thing that is no singleton.
	enum polyton_severity severity;       ///< The worst of its findings.
	uint8_t *links;                       ///< enum picture_link, by object.
	uint32_t library;
};

struct picture {
	struct picture_thing *things; ///< Worst first.
	size_t count;
	bool *has_object; ///< By index: whether some thing has a link to it.
	size_t left_out;  ///< Findings that would have made further things.
};

/** At most @p limit things. Strings live as long as the report's page. False when out of memory. */
must_use bool picture_make(struct report *report, size_t limit, struct picture *ret);
void picture_free(struct picture *picture);

/** What a thing says of names that it does not name: "and 4 more"; "" if it names all. */
const char *picture_rest(struct report *report, const struct picture_thing *thing);

#endif

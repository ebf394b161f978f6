/**
 * Which DIEs may describe which variables. A place that both have is good evidence, but no proof: what the linker
 * left out is described at places that belong to others (see dwarf_place_is_doubtful()). There a name must confirm
 * it.
 */
#ifndef DWARF_PAIRING_H
#define DWARF_PAIRING_H

#include "base/strmap.h"
#include "dwarf/scan.h"
#include "dwarf/wire.h"

enum {
	PAIRING_MAX_CANDIDATES = 8, ///< Headers' variables are described in many units: the first ones will do.
};

/** How sure, in order. */
enum pairing_evidence {
	PAIRING_NONE,
	PAIRING_BY_NAME,         ///< Its name only: the DIE has no place that could be told.
	PAIRING_BY_LINKAGE_NAME, ///< The same, of a mangled name.
	PAIRING_BY_PLACE,
	PAIRING_BY_BOTH, ///< Its place, and a name that the symbol's is made of.
	PAIRING_BY_PLACE_AND_LINKAGE,
};

struct pairing_candidate {
	uint64_t die;
	uint32_t source; ///< As given to pairing_add().
	enum pairing_evidence evidence;
};

/** Of one variable: best first, at the same evidence in the order they were found in. */
struct pairing_list {
	struct pairing_candidate items[PAIRING_MAX_CANDIDATES];
	uint32_t count;
};

struct pairing {
	const struct dwarf_question *question;
	struct pairing_list *lists; ///< One per variable of the question.
	uint32_t *by_place;         ///< Variables, by kind and offset.
	uint32_t *next_of_name;     ///< The next variable of the same symbol, POLYTON_NONE at the end.
	struct strmap by_name;
	struct arena arena;
};

/** @p question must outlive it. To be deinitialised in any case. */
must_use struct polyton_error *pairing_init(const struct dwarf_question *question, struct pairing *ret);
void pairing_deinit(struct pairing *pairing);

/**
 * Add what was found in file number @p source. With @p units, only DIEs of these units count (sorted offsets of unit
 * headers): the others describe another file's variables. True if any of it may describe a variable.
 */
bool pairing_add(struct pairing *pairing, uint32_t source, const dwarf_found_list *found,
		 const dwarf_offset_list *units);
/** Every variable has a candidate that its place speaks for. */
bool pairing_is_complete(const struct pairing *pairing);
/**
 * What the variable's name alone suggests is withdrawn where it suggests several: two files' statics of one name are
 * two variables. To be called when all has been added.
 */
void pairing_settle(struct pairing *pairing);

#endif

/** Small files whose hash, version and relocation tables are whole, or lie in one way each: where fuzzing begins. */
#ifndef SUPPORT_LOOKUP_SEEDS_H
#define SUPPORT_LOOKUP_SEEDS_H

#include "elf_writer.h"

/** How many there are. */
size_t lookup_seed_count(void);
/** A name that is a file name, too. */
const char *lookup_seed_name(size_t number);
/** Whether its tables lie, so that reading them must complain. */
bool lookup_seed_lies(size_t number);
struct elf_bytes lookup_seed(size_t number);

#endif

/**
 * Parsing by all processors what a loader is going to take, before it is asked for file by file.
 */
#ifndef PREFETCH_H
#define PREFETCH_H

#include "seek.h"

/**
 * Read into the seeker's cache what the roots need, and what that needs, as far as ld.so.cache tells. It is a guess,
 * and changes nothing of what is found: a file that cannot be read is passed over, one that nobody takes is no object.
 */
must_use struct polyton_error *prefetch_needs(struct seeker *seeker, const disk_roots *roots);

#endif

/**
 * Files as a scan: the same rows that a process's objects make.
 */
#ifndef DISKSCAN_H
#define DISKSCAN_H

#include "closure.h"
#include "scan.h"

/**
 * Fill @p snapshot's objects and subject, and note what is missing. @p closure must outlive @p ret, which lacks what
 * only a process has: images, maps, lists, modules.
 */
must_use struct polyton_error *diskscan_make(const struct disk *disk, const struct closure *closure, struct scan *ret,
					     struct polyton_snapshot *snapshot);

#endif

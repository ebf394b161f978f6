/**
 * The C library of the process.
 */
#ifndef LIBC_H
#define LIBC_H

#include "scan.h"

/** Recognise it: fills @p scan's layout and table of TLS modules, and @p snapshot's subject. */
must_use struct polyton_error *libc_find(struct subject *subject, struct scan *scan,
					 struct polyton_snapshot *snapshot);

#endif

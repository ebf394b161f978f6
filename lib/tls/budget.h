/**
 * The static TLS block: how much of it is left for objects that are loaded later.
 *
 * When a process starts, glibc reserves one block per thread for the thread-locals of what is loaded then, and a
 * surplus. An object that is loaded later and has initial-exec thread-locals gets its place in the surplus or does not
 * load ("cannot allocate memory in static TLS block"). Where glibc counts this moves with versions and distributions'
 * patches, so the words are known by what they hold.
 */
#ifndef TLS_BUDGET_H
#define TLS_BUDGET_H

#include "tls/modules.h"

/**
 * Read it. @p modules are the process's modules as just read: no account that contradicts them is believed. Whatever
 * keeps it from being known is an answer, @c why in @p ret; only want of memory is an error.
 */
must_use struct polyton_error *tls_budget_read(struct target *target, const struct tls_layout *layout,
					       const struct tls_modules *modules, struct polyton_tls_budget *ret);

#endif

/** What the worker takes from itself before it looks at a file that nobody vouches for. */
#ifndef DWARF_CONFINE_H
#define DWARF_CONFINE_H

#include <stdbool.h>

#include "base/error.h"
#include "dwarf/second.h"

/**
 * Close all descriptors above @p socket; limit memory, processor time, files; give up privileges, core files, ptrace
 * by others; then allow only the system calls that reading mapped files and talking over an open socket take. Where
 * the kernel has no seccomp filter, the rest is done all the same. @p second is started, and confined likewise; NULL:
 * there will be one thread only.
 */
must_use struct polyton_error *confine_self(int socket, struct second *second);
/**
 * While @p is_on, the end of @p socket ends the process at once: nobody wants to know any more. So does whatever else
 * comes out of it, so it is off while something is expected.
 */
void confine_to_socket(int socket, bool is_on);

#endif

/**
 * Errors: a code, a line for a person, and the place.
 *
 * NULL is success. Out of memory has one static object, so that reporting it cannot fail; destroying it is
 * a no-op.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/cleanup.h"
#include "polyton.h"

must_use returns_nonnull struct polyton_error *error_create(enum polyton_error_code code, const char *format, ...)
	printf_like(2, 3);
/** "MESSAGE: strerror(number)". EACCES and EPERM become PERMISSION, ESRCH NO_SUBJECT, the rest @p code. */
must_use returns_nonnull struct polyton_error *error_errno(enum polyton_error_code code, int number,
							   const char *format, ...) printf_like(3, 4);
must_use returns_nonnull struct polyton_error *error_no_memory(void);

#endif

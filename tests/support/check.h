/** cmocka, and what tests say about errors with it. */
#ifndef SUPPORT_CHECK_H
#define SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

/** The call went well; its message if it did not. */
#define assert_fine(call)                                                              \
	do {                                                                           \
		struct polyton_error *said_ = (call);                                  \
		if (said_)                                                             \
			print_error("unexpected: %s\n", polyton_error_message(said_)); \
		assert_null(said_);                                                    \
	} while (0)

/** The call failed with that code, and its message holds those words. */
#define assert_error(call, code, words)                                             \
	do {                                                                        \
		struct polyton_error *said_ = (call);                               \
		assert_non_null(said_);                                             \
		if (!strstr(polyton_error_message(said_), (words)))                 \
			print_error("it says: %s\n", polyton_error_message(said_)); \
		assert_int_equal(polyton_error_code(said_), (code));                \
		assert_non_null(strstr(polyton_error_message(said_), (words)));     \
		polyton_error_destroy(said_);                                       \
	} while (0)

#define count_of(array) (sizeof(array) / sizeof((array)[0]))

#endif

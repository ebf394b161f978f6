// Errors travel up through every floor, so they carry their words with them. Making one may itself run
// out of memory: then the static out-of-memory error goes up instead.

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct polyton_error {
	enum polyton_error_code code;
	char message[];
};

static const struct polyton_error out_of_memory = { POLYTON_ERROR_MEMORY, { "out of memory" } };

struct polyton_error *error_no_memory(void)
{
	// Callers only read it or hand it to polyton_error_destroy(), which knows it.
	return (struct polyton_error *)&out_of_memory;
}

static printf_like(2, 0) struct polyton_error *create(enum polyton_error_code code, const char *format, va_list args,
						      const char *suffix)
{
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return error_no_memory();

	size_t size = (size_t)length + strlen(suffix) + 1;
	struct polyton_error *error = malloc(sizeof(*error) + size);
	if (!error)
		return error_no_memory();
	error->code = code;
	vsnprintf(error->message, size, format, args);
	strcpy(error->message + length, suffix);
	return error;
}

struct polyton_error *error_create(enum polyton_error_code code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct polyton_error *error = create(code, format, args, "");
	va_end(args);
	return error;
}

struct polyton_error *error_errno(enum polyton_error_code code, int number, const char *format, ...)
{
	char reason[128], suffix[160];
	// The GNU form may answer with a string of its own instead of filling the buffer.
	snprintf(suffix, sizeof(suffix), ": %s", strerror_r(number, reason, sizeof(reason)));
	if (number == EACCES || number == EPERM)
		code = POLYTON_ERROR_PERMISSION;
	else if (number == ESRCH)
		code = POLYTON_ERROR_NO_SUBJECT;

	va_list args;
	va_start(args, format);
	struct polyton_error *error = create(code, format, args, suffix);
	va_end(args);
	return error;
}

enum polyton_error_code polyton_error_code(const struct polyton_error *error)
{
	return error->code;
}

const char *polyton_error_message(const struct polyton_error *error)
{
	return error->message;
}

void polyton_error_destroy(struct polyton_error *error)
{
	if (error != &out_of_memory)
		free(error);
}

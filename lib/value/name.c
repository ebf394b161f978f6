// Only brackets matter: nothing here knows a language's grammar.

#include "value/name.h"

#include <string.h>

// Behind the bracket that closes the first one of @p text; its end if none does.
static const char *skip_arguments(const char *text)
{
	size_t open = 0;
	for (const char *c = text; *c; c++) {
		if (*c == '<')
			open++;
		else if (*c == '>' && c[-1] != '-' && !--open) // "->" is Rust's
			return c + 1;
	}
	return text + strlen(text);
}

struct name_tail name_tail_of(const char *name)
{
	size_t size = strcspn(name, "<");
	// "<T as Trait>::X" begins with one.
	if (!size || (name[size] && *skip_arguments(name + size)))
		return (struct name_tail){ "", 0 };
	size_t start = size;
	while (start && name[start - 1] != ':')
		start--;
	return (struct name_tail){ name + start, size - start };
}

bool name_is(struct name_tail tail, const char *text)
{
	return tail.size == strlen(text) && !memcmp(tail.text, text, tail.size);
}

bool name_is_in(const char *name, const char *root)
{
	size_t size = strlen(root);
	return !strncmp(name, root, size) && !strncmp(name + size, "::", 2);
}

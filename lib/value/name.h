/** What the name of a type says: which of a standard library's types it is. */
#ifndef VALUE_NAME_H
#define VALUE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/** The last component before generic arguments, "Vec" of "alloc::vec::Vec<i32>"; borrowed. */
struct name_tail {
	const char *text; ///< Empty if the name goes on behind the arguments: "map<int, int>::iterator".
	size_t size;
};

struct name_tail name_tail_of(const char *name);
bool name_is(struct name_tail tail, const char *text);
/** Whether @p name begins with that component: "std" of "std::vector<int>", but not of "std2::vector". */
bool name_is_in(const char *name, const char *root);

#endif

/** Types in a few words, for tests: "struct ns::pair{0 first: int, 8 second: char*}". */
#ifndef SUPPORT_TYPE_TEXT_H
#define SUPPORT_TYPE_TEXT_H

#include "model/type.h"

/** How a type is called where it is used; nameless ones are described. The result is to be freed. */
char *type_text_name(const struct type_graph *graph, uint32_t type);
/** What it is made of, one level deep, behind typedefs and qualifiers. The result is to be freed. */
char *type_text_content(const struct type_graph *graph, uint32_t type);

#endif

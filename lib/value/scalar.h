/** Values without parts: numbers, characters, enumerations, pointers. Each sets the text of a node. */
#ifndef VALUE_SCALAR_H
#define VALUE_SCALAR_H

#include "value/decoder.h"

void scalar_base(struct decoder *decoder, const struct part *part, struct value_node *node);
/** By name, several names for flags: "A|B|0x40"; the number where none fits. */
void scalar_enum(struct decoder *decoder, const struct part *part, struct value_node *node);
/** What it points to by name, a C string by its text, followed as far as the limits say. */
void scalar_pointer(struct decoder *decoder, const struct part *part, struct value_node *node);
void scalar_member_pointer(struct decoder *decoder, const struct part *part, struct value_node *node);
/** A bit-field of @p whole as bytes of its type, which are then decoded like any others. False if it makes no sense. */
bool scalar_bits(struct decoder *decoder, const struct part *whole, const struct type_member *member,
		 struct part *ret);
/** A number with as few digits as tell it from its neighbours, with a point in any locale. */
const char *scalar_float(struct decoder *decoder, long double value, unsigned digits_min, unsigned digits_max);

#endif

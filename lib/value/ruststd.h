/** Types of Rust's std (and core, alloc, hashbrown, lock_api), by the last component of their name. */
#ifndef VALUE_RUSTSTD_H
#define VALUE_RUSTSTD_H

#include "value/decoder.h"

/** False if it is none that has a reader of its own, or has not the members that such a type has. */
bool ruststd_value(struct decoder *decoder, const struct part *part, struct value_node *node);

// The readers, each as ruststd_value(), by what they read.
bool rustcell_refcell(struct decoder *decoder, const struct part *part, struct value_node *node);
bool rustcell_lock(struct decoder *decoder, const struct part *part, struct value_node *node);
bool rustcell_once(struct decoder *decoder, const struct part *part, struct value_node *node);
bool rustcell_once_cell(struct decoder *decoder, const struct part *part, struct value_node *node);
bool rustcell_once_lock(struct decoder *decoder, const struct part *part, struct value_node *node);
bool rustcell_lazy_cell(struct decoder *decoder, const struct part *part, struct value_node *node);
bool rustcell_maybe_uninit(struct decoder *decoder, const struct part *part, struct value_node *node);

#endif

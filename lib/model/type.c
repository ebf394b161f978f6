// A graph comes from debug info by way of a pipe, so an index is not trusted here either.

#include "model/type.h"

enum { TYPE_MAX_STRIPPED = 64 };

const struct type *type_at(const struct type_graph *graph, uint32_t index)
{
	static const struct type unknown = { .kind = TYPE_UNKNOWN, .name = "out of range", .target = POLYTON_NONE };
	return graph && index < graph->type_count ? &graph->types[index] : &unknown;
}

uint32_t type_strip(const struct type_graph *graph, uint32_t type)
{
	for (int i = 0; i < TYPE_MAX_STRIPPED; i++) {
		const struct type *row = type_at(graph, type);
		if (row->kind != TYPE_TYPEDEF && row->kind != TYPE_QUALIFIED)
			return type;
		type = row->target;
	}
	return POLYTON_NONE;
}

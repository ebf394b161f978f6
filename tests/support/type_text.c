#include "type_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NESTED = 12 };

static void put_name(FILE *out, const struct type_graph *graph, uint32_t type, int nested);

static void put_member(FILE *out, const struct type_graph *graph, const struct type_member *member, int nested)
{
	fprintf(out, "%" PRIu64, member->offset);
	if (member->bit_size)
		fprintf(out, ".%u:%u", member->bit_offset, member->bit_size);
	fprintf(out, " %s%s%s: ", member->is_base ? "(base)" : "", member->is_artificial ? "(made)" : "",
		member->name);
	put_name(out, graph, member->type, nested);
}

static void put_variants(FILE *out, const struct type_graph *graph, const struct type *row, int nested)
{
	if (row->discriminant != POLYTON_NONE) {
		fputs(" by ", out);
		put_member(out, graph, &graph->members[row->discriminant], nested);
	}
	for (uint32_t i = 0; i < row->variant_count; i++) {
		const struct type_variant *variant = &graph->variants[row->first_variant + i];
		fputs(" | ", out);
		if (variant->is_default)
			fputs("else ", out);
		else if (variant->first_value != variant->last_value)
			fprintf(out, "%" PRIu64 "..%" PRIu64 " ", variant->first_value, variant->last_value);
		else
			fprintf(out, "%" PRIu64 " ", variant->first_value);
		fprintf(out, "%s = ", variant->name);
		if (variant->member != POLYTON_NONE)
			put_member(out, graph, &graph->members[variant->member], nested);
	}
}

static void put_content(FILE *out, const struct type_graph *graph, uint32_t type, int nested)
{
	const struct type *row = type_at(graph, type);
	fprintf(out, "%s%s%s{",
		row->kind == TYPE_UNION  ? "union"
		: row->kind == TYPE_ENUM ? "enum"
					 : "struct",
		*row->name ? " " : "", row->name);
	for (uint32_t i = 0; i < row->parameter_count; i++) {
		const struct type_member *parameter = &graph->members[row->first_parameter + i];
		fprintf(out, "%s%s=", i ? ", " : "<", parameter->name);
		put_name(out, graph, parameter->type, nested);
		if (parameter->offset)
			fprintf(out, " %" PRIu64, parameter->offset);
		if (i + 1 == row->parameter_count)
			fputs("> ", out);
	}
	for (uint32_t i = 0; i < row->member_count; i++) {
		fputs(i ? ", " : "", out);
		put_member(out, graph, &graph->members[row->first_member + i], nested);
	}
	put_variants(out, graph, row, nested);
	for (uint32_t i = 0; i < row->enumerator_count; i++) {
		const struct type_enumerator *enumerator = &graph->enumerators[row->first_enumerator + i];
		fprintf(out, "%s%s=%" PRId64, i ? ", " : "", enumerator->name, enumerator->value);
	}
	fprintf(out, "}%" PRIu64, row->size);
}

static void put_function(FILE *out, const struct type_graph *graph, const struct type *row, int nested)
{
	put_name(out, graph, row->target, nested);
	fputc('(', out);
	for (uint32_t i = 0; i < row->parameter_count; i++) {
		const struct type_member *parameter = &graph->members[row->first_parameter + i];
		fputs(i ? ", " : "", out);
		if (parameter->type == POLYTON_NONE)
			fputs(parameter->name, out);
		else
			put_name(out, graph, parameter->type, nested);
	}
	fputc(')', out);
}

static void put_target(FILE *out, const struct type_graph *graph, const struct type *row, int nested)
{
	if (row->target == POLYTON_NONE)
		fputs("void", out);
	else
		put_name(out, graph, row->target, nested);
}

// As C writes it: the outermost dimension first.
static void put_array(FILE *out, const struct type_graph *graph, const struct type *row, int nested)
{
	uint64_t counts[MAX_NESTED];
	int dimensions = 0;
	uint32_t element = POLYTON_NONE;
	for (; row->kind == TYPE_ARRAY && dimensions < MAX_NESTED; row = type_at(graph, element)) {
		counts[dimensions++] = row->count;
		element = row->target;
	}
	put_name(out, graph, element, nested);
	for (int i = 0; i < dimensions; i++) {
		if (counts[i] == UINT64_MAX)
			fputs("[]", out);
		else
			fprintf(out, "[%" PRIu64 "]", counts[i]);
	}
}

static void put_name(FILE *out, const struct type_graph *graph, uint32_t type, int nested)
{
	const struct type *row = type_at(graph, type);
	if (nested > MAX_NESTED) {
		fputs("...", out);
		return;
	}
	switch (row->kind) {
	case TYPE_UNKNOWN:
		fprintf(out, "<%s>", row->name);
		return;
	case TYPE_POINTER:
		put_target(out, graph, row, nested + 1);
		fputc('*', out);
		return;
	case TYPE_REFERENCE:
		put_target(out, graph, row, nested + 1);
		fputc('&', out);
		return;
	case TYPE_MEMBER_POINTER:
		put_target(out, graph, row, nested + 1);
		fprintf(out, "::*%" PRIu64, row->size);
		return;
	case TYPE_ARRAY:
		put_array(out, graph, row, nested + 1);
		return;
	case TYPE_QUALIFIED:
		fprintf(out, "%s ", row->name);
		put_target(out, graph, row, nested + 1);
		return;
	case TYPE_FUNCTION:
		put_function(out, graph, row, nested + 1);
		return;
	case TYPE_STRUCT:
	case TYPE_UNION:
	case TYPE_ENUM:
		if (*row->name)
			fputs(row->name, out);
		else
			put_content(out, graph, type, nested + 1);
		return;
	case TYPE_INCOMPLETE:
		fprintf(out, "%s?", row->name);
		return;
	case TYPE_VOID:
	case TYPE_BASE:
	case TYPE_TYPEDEF:
		fputs(row->name, out);
		return;
	}
}

char *type_text_name(const struct type_graph *graph, uint32_t type)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	put_name(out, graph, type, 0);
	fclose(out);
	return text;
}

char *type_text_content(const struct type_graph *graph, uint32_t type)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	uint32_t behind = type_strip(graph, type);
	enum type_kind kind = type_at(graph, behind)->kind;
	if (kind == TYPE_STRUCT || kind == TYPE_UNION || kind == TYPE_ENUM)
		put_content(out, graph, behind, 0);
	else
		put_name(out, graph, behind, 0);
	fclose(out);
	return text;
}

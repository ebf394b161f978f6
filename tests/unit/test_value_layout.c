#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "value/layout.h"

enum { MOST = 128, WIDE = 200, NARROW = 30 };
enum { C = POLYTON_LANGUAGE_C, CXX = POLYTON_LANGUAGE_CXX, RUST = POLYTON_LANGUAGE_RUST };

/** A graph that grows, as the debug info of one build. */
struct build {
	struct type types[MOST];
	struct type_member members[MOST];
	struct type_enumerator enumerators[MOST];
	struct type_variant variants[MOST];
	struct type_graph graph;
	enum polyton_language language;
};

static struct build host, module;

static void begin(int language)
{
	struct build *const builds[] = { &host, &module };
	for (size_t i = 0; i < 2; i++) {
		memset(builds[i], 0, sizeof(*builds[i]));
		builds[i]->language = (enum polyton_language)language;
		builds[i]->graph = (struct type_graph){ .types = builds[i]->types,
							.members = builds[i]->members,
							.enumerators = builds[i]->enumerators,
							.variants = builds[i]->variants };
	}
}

static uint32_t add_type(struct build *build, enum type_kind kind, const char *name, uint64_t size)
{
	uint32_t index = build->graph.type_count++;
	assert_true(index < MOST);
	build->types[index] = (struct type){ .kind = kind,
					     .name = name,
					     .size = size,
					     .language = build->language,
					     .target = POLYTON_NONE,
					     .discriminant = POLYTON_NONE,
					     .first_member = build->graph.member_count,
					     .first_enumerator = build->graph.enumerator_count,
					     .first_variant = build->graph.variant_count };
	return index;
}

static uint32_t add_target(struct build *build, enum type_kind kind, const char *name, uint32_t target)
{
	uint32_t index = add_type(build, kind, name, kind == TYPE_POINTER ? 8 : 0);
	build->types[index].target = target;
	return index;
}

static uint32_t add_array(struct build *build, uint32_t element, uint64_t count)
{
	uint32_t index = add_target(build, TYPE_ARRAY, "", element);
	build->types[index].count = count;
	return index;
}

static uint32_t integer(struct build *build)
{
	uint32_t index = add_type(build, TYPE_BASE, build->language == POLYTON_LANGUAGE_RUST ? "i32" : "int", 4);
	build->types[index].encoding = TYPE_ENCODING_SIGNED;
	return index;
}

static uint32_t word(struct build *build)
{
	return add_type(build, TYPE_BASE, build->language == POLYTON_LANGUAGE_RUST ? "usize" : "unsigned long", 8);
}

/** To the type that was added last and holds members. */
static struct type_member *put_member(struct build *build, uint32_t type, const char *name, uint64_t offset,
				      uint32_t of)
{
	uint32_t index = build->graph.member_count++;
	assert_true(index < MOST);
	build->members[index] = (struct type_member){ .name = name, .type = of, .offset = offset };
	build->types[type].member_count++;
	return &build->members[index];
}

static struct type_variant *put_variant(struct build *build, uint32_t type, const char *name, uint64_t value,
					uint32_t content)
{
	uint32_t index = build->graph.variant_count++;
	uint32_t member = POLYTON_NONE;
	if (content != POLYTON_NONE) {
		member = build->graph.member_count++;
		build->members[member] = (struct type_member){ .name = name, .type = content };
	}
	build->variants[index] = (struct type_variant){ .name = name, .first_value = value, .member = member };
	build->types[type].variant_count++;
	return &build->variants[index];
}

static void put_discriminant(struct build *build, uint32_t type, uint64_t offset, uint32_t of)
{
	build->types[type].discriminant = build->graph.member_count;
	build->members[build->graph.member_count++] =
		(struct type_member){ .name = "", .type = of, .offset = offset };
}

static void put_enumerator(struct build *build, uint32_t type, const char *name, int64_t value)
{
	build->enumerators[build->graph.enumerator_count++] = (struct type_enumerator){ name, value };
	build->types[type].enumerator_count++;
}

/** "path: host | module\n" per row. */
static void check_with(const struct layout_limits *limits, uint32_t a, uint32_t b, const char *wanted)
{
	const struct layout_subject subjects[2] = { { &host.graph, a }, { &module.graph, b } };
	struct arena arena = { 0 };
	struct layout layout;
	char *text = NULL;
	size_t length;
	assert_fine(layout_compare(subjects, limits, &arena, &layout));
	FILE *file = open_memstream(&text, &length);
	assert_non_null(file);
	for (size_t i = 0; i < layout.row_count; i++)
		fprintf(file, "%s: %s | %s\n", layout.rows[i].path, layout_side_text(&arena, &layout.rows[i], 0),
			layout_side_text(&arena, &layout.rows[i], 1));
	fprintf(file, "%s%s", layout.is_cut ? "cut\n" : "", layout.is_partial ? "partial\n" : "");
	assert_int_equal(fclose(file), 0);
	assert_string_equal(text, wanted);
	free(text);
	arena_deinit(&arena);
}

static void check(uint32_t a, uint32_t b, const char *wanted)
{
	check_with(&layout_usual_limits, a, b, wanted);
}

static uint32_t make_context(struct build *build, bool has_trace)
{
	uint32_t inner, whole, number = integer(build), size = word(build);
	inner = add_type(build, TYPE_STRUCT, "Inner", has_trace ? 24 : 16);
	put_member(build, inner, "id", 0, number);
	if (has_trace)
		put_member(build, inner, "trace", 8, size);
	put_member(build, inner, "handle", has_trace ? 16 : 8, size);
	whole = add_type(build, TYPE_STRUCT, "Context", has_trace ? 40 : 32);
	put_member(build, whole, "flags", 0, size);
	put_member(build, whole, "inner", 8, inner);
	put_member(build, whole, "last", has_trace ? 32 : 24, size);
	return whole;
}

static void test_equal_types_give_no_rows(void **state)
{
	(void)state;
	begin(C);
	integer(&module); // other indices
	check(make_context(&host, true), make_context(&module, true), "");
}

static void test_members_that_moved_or_are_missing(void **state)
{
	(void)state;
	begin(C);
	check(make_context(&host, false), make_context(&module, true),
	      ": 32 bytes, struct Context | 40 bytes, struct Context\n"
	      "inner: +8, 16 bytes, struct Inner | +8, 24 bytes, struct Inner\n"
	      "inner.trace: absent | +16, 8 bytes, unsigned long\n"
	      "inner.handle: +16, 8 bytes, unsigned long | +24, 8 bytes, unsigned long\n"
	      "last: +24, 8 bytes, unsigned long | +32, 8 bytes, unsigned long\n");
}

static void test_only_names_differ(void **state)
{
	(void)state;
	begin(C);
	uint32_t a = add_type(&host, TYPE_STRUCT, "(anonymous struct at a.c:1:1)", 16);
	uint32_t number = integer(&host), size = word(&host);
	put_member(&host, a, "count", 0, add_target(&host, TYPE_TYPEDEF, "count_t", number));
	put_member(&host, a, "size", 8, add_target(&host, TYPE_QUALIFIED, "const", size));
	uint32_t b = add_type(&module, TYPE_STRUCT, "record", 16);
	number = integer(&module), size = word(&module);
	module.types[size].name = "long unsigned int";
	put_member(&module, b, "size", 8, size);
	put_member(&module, b, "count", 0, number);
	check(a, add_target(&module, TYPE_TYPEDEF, "record_t", b), "");
}

static void test_bytes_of_another_meaning(void **state)
{
	(void)state;
	begin(C);
	uint32_t a = add_type(&host, TYPE_STRUCT, "s", 8), b = add_type(&module, TYPE_STRUCT, "s", 8);
	put_member(&host, a, "ratio", 0, integer(&host));
	put_member(&module, b, "ratio", 0, integer(&module));
	module.types[1].encoding = TYPE_ENCODING_FLOAT;
	module.types[1].name = "float";
	put_member(&host, a, "flag", 4, integer(&host));
	struct type_member *bits = put_member(&module, b, "flag", 4, integer(&module));
	bits->bit_size = 3;
	bits->bit_offset = 9;
	check(a, b,
	      "ratio: +0, 4 bytes, int | +0, 4 bytes, float\n"
	      "flag: +4, 4 bytes, int | +5 bits 1..3, int\n");
}

static void test_bits_counted_from_another_byte(void **state)
{
	(void)state;
	begin(C);
	uint32_t a = add_type(&host, TYPE_STRUCT, "s", 4), b = add_type(&module, TYPE_STRUCT, "s", 4);
	*put_member(&host, a, "flag", 1, integer(&host)) =
		(struct type_member){ .name = "flag", .type = 1, .offset = 1, .bit_size = 2, .bit_offset = 1 };
	*put_member(&module, b, "flag", 0, integer(&module)) =
		(struct type_member){ .name = "flag", .type = 1, .offset = 0, .bit_size = 2, .bit_offset = 9 };
	check(a, b, "");
}

// The pointer itself is alike; what it points to is looked at, but no pointer in there.
static uint32_t make_list(struct build *build, const char *name, bool is_long)
{
	uint32_t number = integer(build), far = add_type(build, TYPE_STRUCT, "Far", is_long ? 16 : 8);
	put_member(build, far, "x", is_long ? 8 : 0, number);
	uint32_t node = add_type(build, TYPE_STRUCT, name, is_long ? 32 : 24);
	uint32_t link = add_target(build, TYPE_POINTER, "", node),
		 far_link = add_target(build, TYPE_POINTER, "", far);
	put_member(build, node, "next", 0, link);
	put_member(build, node, "far", 8, far_link);
	put_member(build, node, "value", is_long ? 24 : 16, number);
	uint32_t head = add_type(build, TYPE_STRUCT, "List", 16);
	put_member(build, head, "first", 0, link);
	put_member(build, head, "last", 8, link);
	return head;
}

static void test_pointers_are_followed_once(void **state)
{
	(void)state;
	begin(C);
	check(make_list(&host, "Node", false), make_list(&module, "Node", true),
	      "*first: 24 bytes, struct Node | 32 bytes, struct Node\n"
	      "first->value: +16, 4 bytes, int | +24, 4 bytes, int\n");
	begin(C);
	check(make_list(&host, "Node", false), make_list(&module, "Other", false),
	      "first: +0, 8 bytes, struct Node * | +0, 8 bytes, struct Other *\n"
	      "last: +8, 8 bytes, struct Node * | +8, 8 bytes, struct Other *\n");
	begin(C);
	struct layout_limits none = layout_usual_limits, twice = layout_usual_limits;
	none.pointers = 0;
	twice.pointers = 2;
	uint32_t a = make_list(&host, "Node", false), b = make_list(&module, "Node", true);
	check_with(&none, a, b, "");
	check_with(&twice, a, b,
		   "*first: 24 bytes, struct Node | 32 bytes, struct Node\n"
		   "first->value: +16, 4 bytes, int | +24, 4 bytes, int\n"
		   "*first->far: 8 bytes, struct Far | 16 bytes, struct Far\n"
		   "first->far->x: +0, 4 bytes, int | +8, 4 bytes, int\n");
}

static void test_what_is_only_declared_is_not_compared(void **state)
{
	(void)state;
	begin(C);
	uint32_t a = make_list(&host, "Node", false), b = make_list(&module, "Node", true);
	module.types[2].kind = TYPE_INCOMPLETE;
	check(a, b, "");
	begin(C);
	a = add_type(&host, TYPE_STRUCT, "s", 8), b = add_type(&module, TYPE_STRUCT, "s", 8);
	put_member(&host, a, "x", 0, integer(&host));
	put_member(&module, b, "x", 0, add_type(&module, TYPE_UNKNOWN, "damaged", 0));
	check(a, b, "partial\n");
}

static void test_arrays_and_enumerators(void **state)
{
	(void)state;
	begin(C);
	uint32_t element[2], whole[2];
	struct build *const builds[] = { &host, &module };
	for (uint32_t i = 0; i < 2; i++) {
		element[i] = add_type(builds[i], TYPE_ENUM, "state", 4);
		put_enumerator(builds[i], element[i], "IDLE", 0);
		if (i)
			put_enumerator(builds[i], element[i], "PARKED", 1);
		put_enumerator(builds[i], element[i], "BUSY", 1 + i);
		whole[i] = add_array(builds[i], add_array(builds[i], element[i], 4), 2 + i);
	}
	check(whole[0], whole[1],
	      ": 32 bytes, enum state [2][4] | 48 bytes, enum state [3][4]\n"
	      "[][].PARKED: absent | = 1\n"
	      "[][].BUSY: = 1 | = 2\n");
	check(element[0], element[0] + 1, ": 4 bytes, enum state | 16 bytes, enum state [4]\n");
}

static uint32_t make_object(struct build *build, bool is_gcc, bool has_base)
{
	uint32_t number = integer(build), code = add_type(build, TYPE_FUNCTION, "", 0);
	uint32_t table = add_target(build, TYPE_POINTER, "", code);
	uint32_t base =
		add_type(build, TYPE_STRUCT, is_gcc ? "Box<long unsigned int, 4>" : "Box<unsigned long, 4UL>", 16);
	put_member(build, base, is_gcc ? "_vptr.Box" : "_vptr$Box", 0, table)->is_artificial = true;
	put_member(build, base, "held", has_base ? 8 : 12, number);
	uint32_t other = add_type(build, TYPE_STRUCT, "Tag", 8);
	put_member(build, other, "tag", 0, number);
	uint32_t whole = add_type(build, TYPE_STRUCT, "Derived", 32), part = add_type(build, TYPE_UNION, "", 8);
	put_member(build, part, "either", 0, number);
	build->types[whole].first_member = build->graph.member_count;
	put_member(build, whole, is_gcc ? "" : "Box", 0, base)->is_base = true;
	if (has_base)
		put_member(build, whole, "", 16, other)->is_base = true;
	if (is_gcc)
		put_member(build, whole, "", 0, add_type(build, TYPE_STRUCT, "Empty", 1))->is_base = true;
	put_member(build, whole, "", 24, part);
	return whole;
}

static void test_classes(void **state)
{
	(void)state;
	begin(CXX);
	check(make_object(&host, true, true), make_object(&module, false, true), "");
	begin(CXX);
	uint32_t a = make_object(&host, true, true), b = make_object(&module, false, false);
	module.types[5].name = "float";
	module.members[2].type = integer(&module);
	module.members[2].offset = 4;
	check(a, b,
	      "held: +8, 4 bytes, int | +12, 4 bytes, int\n"
	      "Tag: +16, 8 bytes, Tag | absent\n");
}

static uint32_t make_enum(struct build *build, bool has_more, bool has_niche)
{
	uint32_t number = integer(build), size = word(build);
	uint32_t some = add_type(build, TYPE_STRUCT, "Some", 16);
	put_member(build, some, "__0", has_niche ? 0 : 8, size);
	uint32_t none = add_type(build, TYPE_STRUCT, "None", 16);
	uint32_t option = add_type(build, TYPE_STRUCT, "Option<usize>", 16);
	put_discriminant(build, option, 0, has_niche ? size : number);
	put_variant(build, option, "None", 0, none);
	put_variant(build, option, "Some", 1, some)->is_default = has_niche;
	if (has_more)
		put_variant(build, option, "Poisoned", 2, POLYTON_NONE);
	return option;
}

static void test_variants(void **state)
{
	(void)state;
	begin(RUST);
	check(make_enum(&host, true, false), make_enum(&module, true, false), "");
	begin(RUST);
	check(make_enum(&host, false, false), make_enum(&module, true, true),
	      "(discriminant): +0, 4 bytes, i32 | +0, 8 bytes, usize\n"
	      "Some: = 1, 16 bytes, Some | otherwise, 16 bytes, Some\n"
	      "Some.0: +8, 8 bytes, usize | +0, 8 bytes, usize\n"
	      "Poisoned: absent | = 2, no content\n");
}

static uint32_t wrap(struct build *build, const char *name, const char *member, uint32_t held)
{
	uint32_t marker = add_type(build, TYPE_STRUCT, "PhantomData<T>", 0);
	uint32_t type = add_type(build, TYPE_STRUCT, name, build->types[held].size);
	put_member(build, type, member, 0, held);
	put_member(build, type, "marker", 3, marker);
	return type;
}

static void test_wrappers_are_seen_through(void **state)
{
	(void)state;
	begin(RUST);
	uint32_t a = wrap(&host, "AtomicUsize", "v", wrap(&host, "UnsafeCell<usize>", "value", word(&host)));
	uint32_t b = wrap(&module, "Align8<usize>", "__0", word(&module));
	b = wrap(&module, "Atomic<usize>", "v", wrap(&module, "UnsafeCell<Align8<usize>>", "value", b));
	check(a, b, "");
	check(a, wrap(&module, "Other", "w", b), "");
	// What all wrappers tell is told once.
	uint32_t c = wrap(&host, "Outer", "w", wrap(&host, "Middle", "v", make_context(&host, false)));
	uint32_t d = wrap(&module, "Outer", "w", wrap(&module, "Middle", "v", make_context(&module, true)));
	check(c, d,
	      ": 32 bytes, Outer | 40 bytes, Outer\n"
	      "inner: +8, 16 bytes, Inner | +8, 24 bytes, Inner\n"
	      "inner.trace: absent | +16, 8 bytes, usize\n"
	      "inner.handle: +16, 8 bytes, usize | +24, 8 bytes, usize\n"
	      "last: +24, 8 bytes, usize | +32, 8 bytes, usize\n");
}

// A structure in itself, one of doubling branches, indices that lead nowhere.
static void test_graphs_that_cannot_be(void **state)
{
	(void)state;
	begin(C);
	struct build *const builds[] = { &host, &module };
	for (uint32_t side = 0; side < 2; side++) {
		for (uint32_t i = 0; i < 40; i++) {
			add_type(builds[side], TYPE_STRUCT, "doubling", 8);
			put_member(builds[side], i, "a", 0, i + 1);
			put_member(builds[side], i, "b", side, i + 1);
		}
	}
	struct layout_limits limits = { .rows = 2, .depth = 8, .pointers = 1, .steps = 1000 };
	check_with(&limits, 0, 0,
		   "a.a.a.a.a.a.a.b: +0, 8 bytes, struct doubling | +1, 8 bytes, struct doubling\n"
		   "a.a.a.a.a.a.b: +0, 8 bytes, struct doubling | +1, 8 bytes, struct doubling\n"
		   "cut\n");
}

static void test_a_structure_in_itself(void **state)
{
	(void)state;
	begin(C);
	struct build *const builds[] = { &host, &module };
	for (uint32_t side = 0; side < 2; side++) {
		add_type(builds[side], TYPE_STRUCT, "self", 8);
		put_member(builds[side], 0, "self", 0, 0);
		add_target(builds[side], TYPE_TYPEDEF, "loop", 1);
		builds[side]->types[1].size = side;
	}
	check(0, 0, "");
	check(1, 1, "partial\n");
	check(77, 78, "partial\n");
	check(POLYTON_NONE, POLYTON_NONE, "");
	host.types[0].member_count = module.types[0].member_count = UINT32_MAX;
	check(0, 0, "");
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

// Any bytes at all: the answer does not matter, the end does.
static void fill(struct build *build, uint32_t *seed)
{
	static const char *const names[] = {
		"", "a", "b", "vtable", "(lambda at x:1)", "Box<long int>", "{impl#0}::T"
	};
	struct type_graph *graph = &build->graph;
	graph->type_count = graph->member_count = graph->enumerator_count = graph->variant_count = MOST;
	for (uint32_t i = 0; i < MOST; i++) {
		build->types[i] = (struct type){ .kind = (enum type_kind)(next_random(seed) % 14),
						 .encoding = (enum type_encoding)(next_random(seed) % 8),
						 .language = (enum polyton_language)(next_random(seed) % 3),
						 .name = names[next_random(seed) % 7],
						 .size = next_random(seed) % 9 ? next_random(seed) % 64 : UINT64_MAX,
						 .target = next_random(seed) % (MOST + 4),
						 .count = next_random(seed) % 5 ? next_random(seed) % 9 : UINT64_MAX,
						 .first_member = next_random(seed) % (MOST + 4),
						 .member_count = next_random(seed) % 9,
						 .first_enumerator = next_random(seed) % (MOST + 4),
						 .enumerator_count = next_random(seed) % 9,
						 .first_variant = next_random(seed) % (MOST + 4),
						 .variant_count = next_random(seed) % 3 ? 0 : 4,
						 .discriminant = next_random(seed) % (MOST + 4) };
		build->members[i] =
			(struct type_member){ .name = names[next_random(seed) % 7],
					      .type = next_random(seed) % (MOST + 4),
					      .offset = next_random(seed) % 9 ? next_random(seed) % 64 : UINT64_MAX,
					      .bit_size = next_random(seed) % 3 ? 0 : 3,
					      .bit_offset = next_random(seed) % 100,
					      .is_base = next_random(seed) % 5 == 0 };
		build->enumerators[i] = (struct type_enumerator){ names[next_random(seed) % 7], next_random(seed) };
		build->variants[i] = (struct type_variant){ .name = names[next_random(seed) % 7],
							    .is_default = next_random(seed) % 2,
							    .member = next_random(seed) % (MOST + 4) };
	}
}

static void test_random_graphs_end(void **state)
{
	(void)state;
	static const char *const titles[2] = { "host", "module" };
	uint32_t seed = 1;
	for (int i = 0; i < 400; i++) {
		begin(C);
		fill(&host, &seed);
		fill(&module, &seed);
		const struct layout_subject subjects[2] = { { &host.graph, next_random(&seed) % MOST },
							    { i % 2 ? &host.graph : &module.graph, i % MOST } };
		struct arena arena = { 0 };
		struct layout layout;
		size_t count = 0;
		assert_fine(layout_compare(subjects, &layout_usual_limits, &arena, &layout));
		assert_true(layout.row_count <= layout_usual_limits.rows);
		assert_non_null(layout_lines(&arena, &layout, titles, i, &count));
		arena_deinit(&arena);
	}
}

static void check_lines(const struct layout *layout, struct arena *arena, size_t columns, const char *wanted)
{
	static const char *const titles[2] = { "host", "libmod.so" };
	size_t count = 0, length;
	char *text = NULL;
	const char *const *lines = layout_lines(arena, layout, titles, columns, &count);
	assert_non_null(lines);
	FILE *file = open_memstream(&text, &length);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s\n", lines[i]);
	assert_int_equal(fclose(file), 0);
	assert_string_equal(text, wanted);
	free(text);
}

static void test_lines(void **state)
{
	(void)state;
	begin(RUST);
	uint32_t a = add_type(&host, TYPE_STRUCT, "Id", 4), b = add_type(&module, TYPE_STRUCT, "Id", 8);
	put_member(&host, a, "id", 0, integer(&host));
	put_member(&module, b, "id", 0, integer(&module));
	put_member(&module, b, "é", 4, integer(&module));
	const struct layout_subject subjects[2] = { { &host.graph, a }, { &module.graph, b } };
	struct arena arena = { 0 };
	struct layout layout;
	assert_fine(layout_compare(subjects, &layout_usual_limits, &arena, &layout));
	check_lines(&layout, &arena, WIDE,
		    "         host         libmod.so\n"
		    "(whole)  4 bytes, Id  8 bytes, Id\n"
		    "é        absent       +4, 4 bytes, i32\n");
	check_lines(&layout, &arena, NARROW,
		    "(whole)\n"
		    "  host       4 bytes, Id\n"
		    "  libmod.so  8 bytes, Id\n"
		    "é\n"
		    "  host       absent\n"
		    "  libmod.so  +4, 4 bytes, i32\n");
	check_lines(&(struct layout){ 0 }, &arena, WIDE, "");
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_types_give_no_rows),
		cmocka_unit_test(test_members_that_moved_or_are_missing),
		cmocka_unit_test(test_only_names_differ),
		cmocka_unit_test(test_bytes_of_another_meaning),
		cmocka_unit_test(test_bits_counted_from_another_byte),
		cmocka_unit_test(test_pointers_are_followed_once),
		cmocka_unit_test(test_what_is_only_declared_is_not_compared),
		cmocka_unit_test(test_arrays_and_enumerators),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_wrappers_are_seen_through),
		cmocka_unit_test(test_graphs_that_cannot_be),
		cmocka_unit_test(test_a_structure_in_itself),
		cmocka_unit_test(test_random_graphs_end),
		cmocka_unit_test(test_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

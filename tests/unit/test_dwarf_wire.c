// What is sent arrives; what is damaged on the way is refused or is another message, and never one that leads anybody
// astray.

#include "../support/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dwarf/channel.h"
#include "dwarf/wire.h"

static const struct type_member members[] = {
	{ .name = "head", .type = 1, .offset = 0, .is_base = true },
	{ .name = "", .type = 2, .offset = 1 << 20, .bit_size = 3, .bit_offset = 5, .is_artificial = true },
	{ .name = "none", .type = POLYTON_NONE, .offset = UINT64_MAX },
};
static const struct type_enumerator enumerators[] = {
	{ "LOW", INT64_MIN }, { "MINUS", -1 }, { "ZERO", 0 }, { "HIGH", INT64_MAX }
};
static const struct type_variant variants[] = {
	{ "None", false, 0, 0, POLYTON_NONE },
	{ "Some", true, UINT64_MAX, UINT64_MAX, 2 },
};
static const struct type types[] = {
	{ .kind = TYPE_STRUCT,
	  .language = POLYTON_LANGUAGE_RUST,
	  .name = "tokio::runtime::Handle",
	  .size = 24,
	  .target = POLYTON_NONE,
	  .first_member = 0,
	  .member_count = 2,
	  .first_variant = 0,
	  .variant_count = 2,
	  .discriminant = 1,
	  .first_parameter = 2,
	  .parameter_count = 1 },
	{ .kind = TYPE_BASE,
	  .encoding = TYPE_ENCODING_UTF,
	  .name = "char32_t",
	  .size = 4,
	  .target = POLYTON_NONE,
	  .discriminant = POLYTON_NONE },
	{ .kind = TYPE_ARRAY, .name = "", .target = 1, .count = UINT64_MAX, .discriminant = POLYTON_NONE },
	{ .kind = TYPE_INCOMPLETE,
	  .language = POLYTON_LANGUAGE_CXX,
	  .name = "",
	  .target = 3,
	  .first_enumerator = 0,
	  .enumerator_count = 4,
	  .discriminant = POLYTON_NONE,
	  .is_union = true },
};
static const struct type_graph graphs[] = {
	{ types, count_of(types), members, count_of(members), enumerators, count_of(enumerators), variants,
	  count_of(variants) },
	{ types + 1, 1, NULL, 0, NULL, 0, NULL, 0 },
};
static struct type_of known[] = {
	{ TYPE_IS_THERE, &graphs[0], 3, "lib.rs", 12, "rustc" },
	{ TYPE_SPLIT_MISSING, NULL, POLYTON_NONE, "", 0, "" },
	{ TYPE_IS_THERE, &graphs[1], 0, "lib.rs", UINT32_MAX, "gcc" },
};
static const struct dwarf_answer whole = { .variables = known,
					   .variable_count = count_of(known),
					   .graphs = graphs,
					   .graph_count = count_of(graphs),
					   .complaint = "one unit is damaged" };

static void check_type(const struct type *got, const struct type *sent)
{
	assert_int_equal(got->kind, sent->kind);
	assert_int_equal(got->encoding, sent->encoding);
	assert_int_equal(got->language, sent->language);
	assert_string_equal(got->name, sent->name);
	assert_true(got->size == sent->size && got->target == sent->target && got->count == sent->count);
	assert_int_equal(got->member_count, sent->member_count);
	assert_int_equal(got->enumerator_count, sent->enumerator_count);
	assert_int_equal(got->variant_count, sent->variant_count);
	assert_int_equal(got->parameter_count, sent->parameter_count);
	assert_int_equal(got->first_parameter, sent->first_parameter);
	assert_int_equal(got->discriminant, sent->discriminant);
	assert_int_equal(got->is_union, sent->is_union);
}

static void check_graph(const struct type_graph *got, const struct type_graph *sent)
{
	assert_int_equal(got->type_count, sent->type_count);
	assert_int_equal(got->member_count, sent->member_count);
	assert_int_equal(got->enumerator_count, sent->enumerator_count);
	assert_int_equal(got->variant_count, sent->variant_count);
	for (uint32_t i = 0; i < sent->type_count; i++)
		check_type(&got->types[i], &sent->types[i]);
	for (uint32_t i = 0; i < sent->member_count; i++) {
		const struct type_member *a = &got->members[i], *b = &sent->members[i];
		assert_string_equal(a->name, b->name);
		assert_true(a->type == b->type && a->offset == b->offset && a->bit_size == b->bit_size &&
			    a->bit_offset == b->bit_offset && a->is_base == b->is_base &&
			    a->is_artificial == b->is_artificial);
	}
	for (uint32_t i = 0; i < sent->enumerator_count; i++) {
		assert_string_equal(got->enumerators[i].name, sent->enumerators[i].name);
		assert_true(got->enumerators[i].value == sent->enumerators[i].value);
	}
	for (uint32_t i = 0; i < sent->variant_count; i++) {
		const struct type_variant *a = &got->variants[i], *b = &sent->variants[i];
		assert_string_equal(a->name, b->name);
		assert_true(a->is_default == b->is_default && a->first_value == b->first_value &&
			    a->last_value == b->last_value && a->member == b->member);
	}
}

static void test_answer(void **state)
{
	(void)state;
	struct pack pack = { 0 };
	struct dwarf_answer *got;
	assert_fine(wire_put_answer(&whole, &pack));
	assert_fine(wire_get_answer(pack.items, pack.count, &got));
	assert_string_equal(got->complaint, whole.complaint);
	assert_int_equal(got->graph_count, 2);
	assert_int_equal(got->variable_count, 3);
	for (size_t i = 0; i < count_of(known); i++) {
		const struct type_of *a = &got->variables[i], *b = &known[i];
		assert_int_equal(a->absence, b->absence);
		assert_int_equal(a->type, b->type);
		assert_int_equal(a->decl_line, b->decl_line);
		assert_string_equal(a->decl_file, b->decl_file);
		assert_string_equal(a->producer, b->producer);
	}
	assert_ptr_equal(got->variables[0].graph, &got->graphs[0]);
	assert_null(got->variables[1].graph);
	assert_ptr_equal(got->variables[2].graph, &got->graphs[1]);
	check_graph(&got->graphs[0], &graphs[0]);
	check_graph(&got->graphs[1], &graphs[1]);
	dwarf_answer_destroy(got);
	pack_deinit(&pack);
}

static void test_small_messages(void **state)
{
	(void)state;
	struct pack pack = { 0 };
	struct arena arena = { 0 };
	const struct dwarf_asked asked[] = {
		{ POLYTON_KIND_TLS, UINT64_MAX, 0, "_ZN5tokio7runtime7context7CONTEXTE" },
		{ POLYTON_KIND_STATIC, 0, 8, "" },
	};
	const struct dwarf_question question = { .variables = asked, .variable_count = count_of(asked) };
	struct dwarf_question heard;
	assert_fine(wire_put_question(&question, &pack));
	assert_fine(wire_get_question(pack.items, pack.count, &arena, &heard));
	assert_int_equal(heard.variable_count, 2);
	for (size_t i = 0; i < count_of(asked); i++) {
		assert_int_equal(heard.variables[i].kind, asked[i].kind);
		assert_true(heard.variables[i].offset == asked[i].offset && heard.variables[i].size == asked[i].size);
		assert_string_equal(heard.variables[i].symbol, asked[i].symbol);
	}

	struct dwarf_need need = { DWARF_NEED_ALTERNATE, "/usr/lib/debug/.dwz/x.debug", { 1, 2, 255 }, 3 }, needed;
	pack.count = 0;
	assert_fine(wire_put_need(&need, &pack));
	assert_fine(wire_get_need(pack.items, pack.count, &arena, &needed));
	assert_int_equal(needed.kind, DWARF_NEED_ALTERNATE);
	assert_string_equal(needed.path, need.path);
	assert_int_equal(needed.id_size, 3);
	assert_memory_equal(needed.id, need.id, sizeof(need.id));

	const struct wire_hello hello = { false, "too old" };
	struct wire_hello greeted;
	pack.count = 0;
	assert_fine(wire_put_hello(&hello, &pack));
	assert_fine(wire_get_hello(pack.items, pack.count, &arena, &greeted));
	assert_false(greeted.is_able);
	assert_string_equal(greeted.text, "too old");
	arena_deinit(&arena);
	pack_deinit(&pack);
}

static void test_too_much_to_send(void **state)
{
	(void)state;
	struct pack pack = { 0 };
	char *long_path = calloc(1, WIRE_MAX_TEXT + 2);
	assert_non_null(long_path);
	memset(long_path, 'x', WIRE_MAX_TEXT + 1);
	const struct dwarf_need need = { .kind = DWARF_NEED_DWO, .path = long_path };
	assert_error(wire_put_need(&need, &pack), POLYTON_ERROR_DAMAGED, "too long");
	free(long_path);

	enum { MANY = 1 << 21 };
	struct type *many = calloc(MANY, sizeof(*many));
	assert_non_null(many);
	for (size_t i = 0; i < MANY; i++)
		many[i] = (struct type){ .name = "", .target = POLYTON_NONE, .discriminant = POLYTON_NONE };
	const struct type_graph graph = { .types = many, .type_count = MANY };
	const struct dwarf_answer answer = { .graphs = &graph, .graph_count = 1, .complaint = "" };
	pack.count = 0;
	assert_error(wire_put_answer(&answer, &pack), POLYTON_ERROR_UNSUPPORTED, "too many");
	free(many);
	pack_deinit(&pack);
}

// Follow every index: what is out of range is found by the sanitizers.
static void walk(const struct dwarf_answer *answer)
{
	size_t seen = strlen(answer->complaint);
	for (uint32_t i = 0; i < answer->variable_count; i++) {
		const struct type_of *variable = &answer->variables[i];
		seen += strlen(variable->decl_file) + strlen(variable->producer);
		assert_true((variable->absence == TYPE_IS_THERE) == (variable->graph != NULL));
		assert_true(!variable->graph || variable->type < variable->graph->type_count);
	}
	for (uint32_t g = 0; g < answer->graph_count; g++) {
		const struct type_graph *graph = &answer->graphs[g];
		for (uint32_t i = 0; i < graph->type_count; i++) {
			const struct type *type = &graph->types[i];
			seen += strlen(type->name);
			assert_true(type->kind <= TYPE_INCOMPLETE && type->encoding <= TYPE_ENCODING_OTHER);
			assert_true(type->target == POLYTON_NONE || type->target < graph->type_count);
			assert_true(type->discriminant == POLYTON_NONE || type->discriminant < graph->member_count);
			assert_true((uint64_t)type->first_member + type->member_count <= graph->member_count);
			assert_true((uint64_t)type->first_parameter + type->parameter_count <= graph->member_count);
			assert_true((uint64_t)type->first_variant + type->variant_count <= graph->variant_count);
			assert_true((uint64_t)type->first_enumerator + type->enumerator_count <=
				    graph->enumerator_count);
		}
		for (uint32_t i = 0; i < graph->member_count; i++)
			assert_true(graph->members[i].type == POLYTON_NONE ||
				    graph->members[i].type < graph->type_count);
		for (uint32_t i = 0; i < graph->variant_count; i++)
			assert_true(graph->variants[i].member == POLYTON_NONE ||
				    graph->variants[i].member < graph->member_count);
	}
	assert_true(seen < SIZE_MAX);
}

// Every prefix is refused, and so is anything behind the end.
static void test_cut_answers(void **state)
{
	(void)state;
	struct pack pack = { 0 };
	struct dwarf_answer *got;
	assert_fine(wire_put_answer(&whole, &pack));
	for (size_t size = 0; size < pack.count; size++) {
		uint8_t *exact = malloc(size ? size : 1);
		assert_non_null(exact);
		memcpy(exact, pack.items, size);
		assert_error(wire_get_answer(exact, size, &got), POLYTON_ERROR_DAMAGED, "is damaged");
		free(exact);
	}
	pack_number(&pack, 0);
	assert_error(wire_get_answer(pack.items, pack.count, &got), POLYTON_ERROR_DAMAGED, "too long");
	pack_deinit(&pack);
}

// Any byte changed to anything: refused, or an answer that can be walked.
static void test_changed_answers(void **state)
{
	(void)state;
	struct pack pack = { 0 };
	struct dwarf_answer *got;
	size_t refused = 0, read = 0;
	assert_fine(wire_put_answer(&whole, &pack));
	for (size_t at = 0; at < pack.count; at++) {
		uint8_t was = pack.items[at];
		for (int value = 0; value < 256; value++) {
			pack.items[at] = (uint8_t)value;
			struct polyton_error *error = wire_get_answer(pack.items, pack.count, &got);
			if (error) {
				assert_int_equal(polyton_error_code(error), POLYTON_ERROR_DAMAGED);
				polyton_error_destroy(error);
				refused++;
			} else {
				walk(got);
				dwarf_answer_destroy(got);
				read++;
			}
		}
		pack.items[at] = was;
	}
	assert_true(refused > 1000 && read > 1000);
	pack_deinit(&pack);
}

// Counts that nothing stands behind take no memory.
static void test_absurd_counts(void **state)
{
	(void)state;
	static const uint64_t counts[] = { 1 << 20, WIRE_MAX_BODY, UINT32_MAX, UINT64_MAX };
	struct dwarf_answer *got;
	for (size_t i = 0; i < count_of(counts); i++) {
		struct pack pack = { 0 };
		pack_number(&pack, 1); // one text, ""
		pack_number(&pack, 0);
		pack_number(&pack, 0); // the complaint
		pack_number(&pack, 1); // one graph
		for (int k = 0; k < 4; k++)
			pack_number(&pack, counts[i]);
		assert_error(wire_get_answer(pack.items, pack.count, &got), POLYTON_ERROR_DAMAGED, "is damaged");
		pack_deinit(&pack);
	}
	// Eleven bytes, all of which say that there is more; and a number of 65 bits.
	static const uint8_t endless[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t wide[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03 };
	struct unpack unpack = { endless, endless + sizeof(endless), NULL, false, false };
	assert_int_equal(unpack_number(&unpack, UINT64_MAX), 0);
	assert_true(unpack.is_bad);
	unpack = (struct unpack){ wide, wide + sizeof(wide), NULL, false, false };
	assert_int_equal(unpack_number(&unpack, UINT64_MAX), 0);
	assert_true(unpack.is_bad);
}

static void test_channel_takes_descriptors(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct channel from = { .fd = ends[0] }, to = { .fd = ends[1], .takes_fds = true };
	struct pack body = { 0 };
	for (int i = 0; i < 300000; i++)
		pack_number(&body, (uint64_t)i);
	int fd = dup(STDIN_FILENO);
	assert_true(channel_put(&from, 7, &body, &fd, 1));
	enum channel_news news = CHANNEL_QUIET;
	while (news == CHANNEL_QUIET) {
		if (!channel_is_sent(&from))
			assert_int_equal(channel_step(&from, 0), CHANNEL_QUIET);
		news = channel_step(&to, 0);
	}
	assert_int_equal(news, CHANNEL_MESSAGE);
	assert_int_equal(to.header.kind, 7);
	assert_int_equal(to.fd_count, 1);
	assert_int_equal(to.body.count, body.count);
	assert_memory_equal(to.body.items, body.items, body.count);
	channel_deinit(&from);
	assert_int_equal(channel_step(&to, 1000), CHANNEL_ENDED);
	channel_deinit(&to);
	pack_deinit(&body);
}

// Writing to one who is gone is news, not a signal.
static void test_channel_raises_no_signal(void **state)
{
	(void)state;
	int ends[2];
	struct pack body = { 0 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct channel channel = { .fd = ends[0] };
	assert_int_equal(shutdown(ends[1], SHUT_RD), 0);
	assert_true(channel_put(&channel, 1, &body, NULL, 0));
	assert_int_equal(channel_step(&channel, 1000), CHANNEL_ENDED);
	channel_deinit(&channel);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_small_messages),
		cmocka_unit_test(test_too_much_to_send),
		cmocka_unit_test(test_cut_answers),
		cmocka_unit_test(test_changed_answers),
		cmocka_unit_test(test_absurd_counts),
		cmocka_unit_test(test_channel_takes_descriptors),
		cmocka_unit_test(test_channel_raises_no_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

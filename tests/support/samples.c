#include "samples.h"

#include <stdlib.h>

#include "check.h"
#include "find/about.h"

enum { MANY_OBJECTS = 60, MANY_SINGLETONS = 400, LONG_NAME = 5000 };

const char *const hostile_texts[] = {
	"<script>window.harmed=1</script>",
	"\"><img src=x onerror=window.harmed=1>",
	"' onmouseover='window.harmed=1",
	"</style></script></title><h1>x",
	"]]><!--",
	"--><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
	"&amp;&lt;&#0;&nbsp;",
	"two\nlines\r\nand\rmore",
	"\n::set-output name=x::y",
	"::error file=a,line=1::b",
	"##[set-env name=PATH]x",
	"100%0A::warning::x,y:z",
	"\033[31mred\033[0m\a\b\177",
	"\xff\xfe\x80 no \xc3( UTF-8 \xed\xa0\x80",
	"\xf0\x9f\x92\xa3 \xe2\x80\xae txt.exe \xef\xbf\xbe \xef\xb7\x90",
	"a|b\\|c `d` ``e`` | f",
	"`",
	"\\",
	"@everyone #1 GH-1 :bomb: www.example.com https://example.com a@example.com",
	"[link](https://example.com) ![i](x) [a](1) {0} {{0}} *b* _c_ ~~d~~",
	"\"];\n\tx -- y [label=\"",
	"{a|b} \\N \\G <b>&quot;",
	"\t tab ",
	"operator()(int&&)::x<y>",
	"javascript:alert(1)",
	"%s%n%p",
	NULL,
};

// Every text of the list in turn; a name of 5,000 characters every now and then.
static const char *next_text(struct polyton_snapshot *snapshot, unsigned *turn)
{
	unsigned at = (*turn)++, count = 0;
	while (hostile_texts[count])
		count++;
	if (at % (count + 1) != count)
		return hostile_texts[at % (count + 1)];
	char *name = (char *)arena_alloc(&snapshot->arena, LONG_NAME + 1, 1);
	assert_non_null(name);
	memset(name, 'n', LONG_NAME);
	return name;
}

static void spoil_copies(struct polyton_snapshot *snapshot, unsigned *turn)
{
	for (size_t i = 0; i < snapshot->copies.count; i++) {
		struct polyton_copy *copy = &snapshot->copies.items[i];
		copy->symbol = next_text(snapshot, turn);
		copy->version = next_text(snapshot, turn);
		copy->type = next_text(snapshot, turn);
		copy->decl_file = next_text(snapshot, turn);
		copy->decl_line = (uint32_t)i;
		if (copy->reason)
			copy->reason = scene_reason(snapshot, copy->reason->cause, next_text(snapshot, turn),
						    next_text(snapshot, turn), next_text(snapshot, turn));
		for (uint32_t k = 0; k < copy->cell_count; k++) {
			struct polyton_value *value = (struct polyton_value *)copy->cells[k].value;
			if (value)
				value->text = next_text(snapshot, turn);
		}
	}
}

static void spoil(struct polyton_snapshot *snapshot)
{
	static struct polyton_layout_row rows[2];
	unsigned turn = 0;
	snapshot->subject.name = next_text(snapshot, &turn);
	snapshot->subject.libc = next_text(snapshot, &turn);
	for (size_t i = 0; i < snapshot->objects.count; i++) {
		snapshot->objects.items[i].name = next_text(snapshot, &turn);
		snapshot->objects.items[i].path = next_text(snapshot, &turn);
	}
	for (size_t i = 0; i < snapshot->threads.count; i++)
		snapshot->threads.items[i].name = next_text(snapshot, &turn);
	for (size_t i = 0; i < snapshot->libraries.count; i++)
		snapshot->libraries.items[i].name = next_text(snapshot, &turn);
	for (size_t i = 0; i < snapshot->singletons.count; i++)
		snapshot->singletons.items[i].name = next_text(snapshot, &turn);
	spoil_copies(snapshot, &turn);
	for (size_t i = 0; i < count_of(rows); i++) {
		rows[i] = (struct polyton_layout_row){ .path = next_text(snapshot, &turn) };
		rows[i].side[0] = (struct polyton_layout_side){ true, 0, 8, next_text(snapshot, &turn) };
	}
	struct polyton_singleton *singleton = &snapshot->singletons.items[1];
	singleton->layout = rows;
	singleton->layout_count = count_of(rows);
	singleton->layout_copies[0] = singleton->first_copy;
	singleton->layout_copies[1] = singleton->first_copy + 1;
	// Each text as a headline and as a detail, also those that the lists above had no room for.
	for (size_t i = 0; hostile_texts[i]; i++)
		scene_rule(snapshot, (uint32_t)(i % snapshot->singletons.count), "PT003", "layout-mismatch", "");
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		snapshot->findings.items[i].headline = next_text(snapshot, &turn);
		snapshot->findings.items[i].detail = next_text(snapshot, &turn);
	}
	for (size_t i = 0; i < 8; i++) {
		const char *text = next_text(snapshot, &turn);
		assert_fine(snapshot_note(snapshot, POLYTON_NONE, i % 2, "%s", text));
	}
}

static void add_many(struct polyton_snapshot *snapshot)
{
	for (unsigned i = SCENE_OBJECTS; i < MANY_OBJECTS; i++) {
		struct polyton_object object = snapshot->objects.items[SCENE_SAME];
		object.name = arena_printf(&snapshot->arena, "libplugin_%02u.so", i);
		object.path = arena_printf(&snapshot->arena, "/opt/app/plugins/libplugin_%02u.so", i);
		struct polyton_object *place = vec_push(&snapshot->objects);
		assert_non_null(place);
		*place = object;
	}
	for (unsigned i = 0; i < MANY_SINGLETONS; i++) {
		if (i % 20 == 0)
			scene_library(snapshot, arena_printf(&snapshot->arena, "library%02u", i / 20), "1.2.3",
				      POLYTON_LANGUAGE_RUST);
		const char *name = arena_printf(&snapshot->arena, "library%02u::%s_%03u", i / 20,
						i % 2 ? "state::COUNTER" : "REGISTRY", i);
		scene_singleton(snapshot, name, i % 3 ? POLYTON_KIND_STATIC : POLYTON_KIND_TLS);
		unsigned copies = 2 + i / 20 % 30;
		for (unsigned k = 0; k < copies; k++)
			scene_copy(snapshot, (struct scene_copy){ SCENE_HOST, "_ZN7library5stateE", 8 + k % 2,
								  i % 3 ? "s" : "snniu", "17" })
				->object = k ? SCENE_OBJECTS - 1 + k : (unsigned)SCENE_HOST;
		scene_finding(snapshot,
			      i % 7 == 0   ? POLYTON_SEVERITY_NOTE
			      : i % 5 == 0 ? POLYTON_SEVERITY_WARNING
					   : POLYTON_SEVERITY_ERROR,
			      arena_printf(&snapshot->arena, "%s exists %u times: in host and %u plugins.", name,
					   copies, copies - 1),
			      "host's is set; the others are still initial.");
	}
}

// What a snapshot of files lacks.
static void make_files(struct polyton_snapshot *snapshot)
{
	snapshot->subject = (struct polyton_subject){ .kind = POLYTON_SUBJECT_FILES,
						      .name = "host",
						      .path = "build/host",
						      .machine = "x86_64",
						      .libc = "",
						      .capture_ns = 1234567 };
	snapshot->threads.count = 0;
	for (size_t i = 0; i < snapshot->objects.count; i++) {
		struct polyton_object *object = &snapshot->objects.items[i];
		object->link_map = object->load_bias = object->start = object->end = 0;
	}
	snapshot->objects.items[SCENE_HOST].path = "./build/host";
	snapshot->objects.items[SCENE_SAME].path = "../build/libmod_same.so";
	for (size_t i = 0; i < snapshot->copies.count; i++) {
		snapshot->copies.items[i].address = 0;
		snapshot->copies.items[i].cell_count = 0;
		snapshot->copies.items[i].cells = NULL;
	}
}

static struct polyton_verdict *judge(const struct polyton_snapshot *snapshot)
{
	struct polyton_verdict *verdicts = calloc(snapshot->findings.count + 1, sizeof(*verdicts));
	assert_non_null(verdicts);
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		verdicts[i].severity = snapshot->findings.items[i].severity;
		verdicts[i].baseline = i % 2 ? POLYTON_BASELINE_NEW : POLYTON_BASELINE_UNCHANGED;
		verdicts[i].anchor = i % 3 ? "modules/a b/Cargo.toml" : NULL;
		verdicts[i].anchor_line = (uint32_t)i;
	}
	verdicts[0].suppressed = "known since <1.2>, see [x](https://example.com)";
	verdicts[1].severity = POLYTON_SEVERITY_WARNING;
	verdicts[2].suppressed = "two\nlines";
	return verdicts;
}

struct sample sample_make(enum sample_kind kind)
{
	static const char *const names[SAMPLE_COUNT] = { "empty", "story", "judged", "files", "hostile", "many" };
	struct sample sample = { .name = names[kind] };
	sample.snapshot = kind == SAMPLE_EMPTY || kind == SAMPLE_MANY ? scene_create_empty() : scene_create();
	if (kind == SAMPLE_FILES)
		make_files(sample.snapshot);
	if (kind == SAMPLE_HOSTILE)
		spoil(sample.snapshot);
	if (kind == SAMPLE_MANY)
		add_many(sample.snapshot);
	assert_fine(about_settle(sample.snapshot));
	if (kind == SAMPLE_JUDGED || kind == SAMPLE_HOSTILE)
		sample.verdicts = judge(sample.snapshot);
	for (size_t i = 0; kind == SAMPLE_HOSTILE && i < sample.snapshot->findings.count; i++)
		sample.verdicts[i].anchor = hostile_texts[i % 20];
	return sample;
}

void sample_free(struct sample *sample)
{
	polyton_snapshot_destroy(sample->snapshot);
	free(sample->verdicts);
}

char *sample_write(const struct sample *sample, enum polyton_format format)
{
	const struct polyton_write_options options = { .format = format, .verdicts = sample->verdicts };
	return scene_write(sample->snapshot, &options);
}

char *write_sample(enum sample_kind kind, enum polyton_format format)
{
	struct sample sample = sample_make(kind);
	char *text = sample_write(&sample, format);
	sample_free(&sample);
	return text;
}

size_t count_parts(const char *text, const char *part)
{
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		count++;
	return count;
}

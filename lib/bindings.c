// References are read while the process runs, whatever is done for cells: the loader writes a word once, when it
// loads the object or, for a function, at the first call.

#include "bindings.h"

static const struct elf_lookup no_tables;

static struct polyton_error *make_objects(const struct scan *scan, const struct polyton_snapshot *snapshot,
					  struct link_object **ret)
{
	struct link_object *objects = calloc((size_t)scan->count + 1, sizeof(*objects));
	if (!objects)
		return error_no_memory();
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		const struct object_input *input = &scan->inputs[i];
		objects[i] = (struct link_object){
			.file = input->lookup ? input->tables : NULL,
			.dynamic = &input->dynamic,
			.lookup = input->lookup ? input->lookup : &no_tables,
			.bias = object->load_bias,
			.start = object->start,
			.end = object->end,
			.name_space = object->name_space,
			.is_program = object->is_program,
			.has_static_tls = object->tls_placement == POLYTON_TLS_STATIC,
			.tls_module = object->tls_module,
			.tls_offset = object->tls_offset,
		};
	}
	*ret = objects;
	return NULL;
}

static struct polyton_error *derive_scopes(const struct scan *scan, const struct polyton_snapshot *snapshot,
					   struct scopes *ret)
{
	auto_free struct scope_object *objects = calloc((size_t)scan->count + 1, sizeof(*objects));
	if (!objects)
		return error_no_memory();
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		const struct elf_dynamic *dynamic = &scan->inputs[i].dynamic;
		objects[i] = (struct scope_object){ .path = object->path,
						    .soname = object->soname,
						    .needed = dynamic->needed,
						    .need_kinds = dynamic->need_kinds,
						    .needed_count = dynamic->needed_count,
						    .knows_no_filters = scan->is_musl,
						    .name_space = object->name_space,
						    .is_symbolic = dynamic->is_symbolic };
		if (scan->loading) {
			objects[i].needs = scan->loading[i].needs;
			objects[i].is_opened = scan->loading[i].is_opened;
			objects[i].is_global = scan->loading[i].is_global;
			objects[i].is_deepbind = scan->loading[i].is_deepbind;
		}
	}
	return scopes_derive(objects, scan->count, ret);
}

static struct polyton_error *read_scopes(struct subject *subject, const struct scan *scan,
					 struct polyton_snapshot *snapshot, struct scopes *ret)
{
	struct polyton_error *error = scopes_read(subject->target, &scan->list, ret);
	if (error || ret->is_read)
		return error;
	error = derive_scopes(scan, snapshot, ret);
	if (error || scan->count < 2)
		return error;
	return snapshot_note(
		snapshot, POLYTON_NONE, false,
		"the loader's search lists were not understood: they are taken from what the objects need");
}

static const char *version_of(const struct resolver *resolver, const struct reference *reference)
{
	const struct elf_versions *versions = &resolver->objects[reference->object].lookup->versions;
	const struct elf_version *version = elf_versions_of(versions, reference->symbol, NULL);
	return version ? version->name : "";
}

// What the rules alone say: when the object was loaded, or, of a function that was called later, at that time.
static struct polyton_error *find_expected(struct resolver *resolver, const struct reference *reference,
					   uint32_t *ret)
{
	struct definition expected;
	bool is_pending = reference->source == POLYTON_BINDING_PENDING;
	struct polyton_error *error = resolver_find(resolver, reference->object, reference->symbol, reference->class,
						    !is_pending, &expected);
	*ret = expected.object;
	if (error || is_pending || reference->class != LOOKUP_PLT || expected.object == reference->bound_to.object)
		return error;
	error = resolver_find(resolver, reference->object, reference->symbol, reference->class, false, &expected);
	if (!error && expected.object == reference->bound_to.object)
		*ret = expected.object;
	return error;
}

static struct polyton_error *keep_rows(struct bindings *bindings, struct polyton_snapshot *snapshot)
{
	for (size_t i = 0; i < bindings->references.count; i++) {
		const struct reference *reference = &bindings->references.items[i];
		struct polyton_binding *row = vec_push(&snapshot->bindings);
		const char *symbol = arena_strdup(&snapshot->arena, reference_name(&bindings->resolver, reference));
		const char *version = arena_strdup(&snapshot->arena, version_of(&bindings->resolver, reference));
		if (!row || !symbol || !version)
			return error_no_memory();
		*row = (struct polyton_binding){ .object = reference->object,
						 .symbol = symbol,
						 .version = version,
						 .kind = reference->kind,
						 .source = reference->source,
						 .provider = reference->bound_to.object,
						 .place = reference->place };
		struct polyton_error *error = find_expected(&bindings->resolver, reference, &row->expected);
		if (error)
			return error;
	}
	return NULL;
}

// A process's references are read, those of files (without @p subject) derived.
static struct polyton_error *bind_all(struct subject *subject, const struct arch *arch, const struct scan *scan,
				      bool keep, struct polyton_snapshot *snapshot, struct bindings *ret)
{
	struct bindings *bindings = ret;
	*bindings = (struct bindings){ 0 };
	struct polyton_error *error = make_objects(scan, snapshot, &bindings->objects);
	if (!error)
		error = subject ? read_scopes(subject, scan, snapshot, &bindings->scopes)
				: derive_scopes(scan, snapshot, &bindings->scopes);
	if (!error) {
		resolver_init(&bindings->resolver, bindings->objects, scan->count, &bindings->scopes);
		error = subject ? references_read(subject->target, &bindings->resolver, &bindings->references)
				: references_derive(arch, &bindings->resolver, &bindings->references);
	}
	if (!error && keep)
		error = keep_rows(bindings, snapshot);
	if (error) {
		bindings_deinit(bindings);
		return error;
	}
	bindings->linkage = (struct linkage){ &bindings->resolver, &bindings->references, &bindings->scopes };
	return NULL;
}

struct polyton_error *bindings_read(struct subject *subject, const struct scan *scan, bool keep,
				    struct polyton_snapshot *snapshot, struct bindings *ret)
{
	return bind_all(subject, subject->target->arch, scan, keep, snapshot, ret);
}

struct polyton_error *bindings_derive(const struct arch *arch, const struct scan *scan, bool keep,
				      struct polyton_snapshot *snapshot, struct bindings *ret)
{
	return bind_all(NULL, arch, scan, keep, snapshot, ret);
}

void bindings_deinit(struct bindings *bindings)
{
	resolver_deinit(&bindings->resolver);
	scopes_deinit(&bindings->scopes);
	vec_deinit(&bindings->references);
	free(bindings->objects);
	*bindings = (struct bindings){ 0 };
}

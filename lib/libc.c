// Which C library the process has is told by its objects' names; where that keeps its threads and its table of TLS
// modules is told by its own symbols.

#include "libc.h"

#include <string.h>

#include "tls/budget.h"

/** The objects in which the C library's symbols are looked up. */
struct libc_lookup {
	struct scan *scan;
	const struct polyton_snapshot *snapshot;
};

static bool is_libc_part(const struct scan *scan, const struct polyton_object *object)
{
	static const char *const prefixes[] = { "libc.so.6", "ld-linux", "ld64.so", "ld.so", "libpthread.so" };
	if (scan->is_static)
		return object->is_program;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (object->name_space == 0 && strncmp(object->soname, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

static uint64_t find_in(const struct elf_symbols *symbols, uint64_t bias, const char *name, uint64_t *size_ret)
{
	size_t length = strlen(name);
	for (size_t i = 1; i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->entries[i];
		const char *own = elf_symbol_name(symbols, symbol);
		if (symbol->st_shndx != SHN_UNDEF && strncmp(own, name, length) == 0 &&
		    (!own[length] || own[length] == '@')) {
			*size_ret = symbol->st_size;
			return bias + symbol->st_value;
		}
	}
	return 0;
}

static uint64_t lookup(void *arg, const char *name, uint64_t *size_ret)
{
	const struct libc_lookup *libc = arg;
	uint64_t address = 0;
	*size_ret = 0;
	for (uint32_t i = 0; !address && i < libc->scan->count; i++) {
		const struct polyton_object *object = &libc->snapshot->objects.items[i];
		const struct object_input *input = &libc->scan->inputs[i];
		if (!is_libc_part(libc->scan, object))
			continue;
		address = find_in(&input->exported, object->load_bias, name, size_ret);
		// glibc up to 2.33 has them in libpthread's .symtab only.
		if (!address && input->symbols.entries != input->exported.entries)
			address = find_in(&input->symbols, object->load_bias, name, size_ret);
	}
	return address;
}

static struct polyton_error *find_budget(struct subject *subject, const struct scan *scan,
					 struct polyton_snapshot *snapshot)
{
	const char *why = "no glibc in this process";
	if (scan->is_glibc)
		return tls_budget_read(subject->target, &scan->layout, &scan->modules, &snapshot->tls_budget);
	if (scan->is_musl)
		why = "musl sets none aside for libraries that are loaded later";
	else if (scan->is_static)
		why = "a static program has no loader that keeps records of it";
	snapshot->tls_budget = (struct polyton_tls_budget){ .why = why };
	return NULL;
}

struct polyton_error *libc_find(struct subject *subject, struct scan *scan, struct polyton_snapshot *snapshot)
{
	struct libc_lookup libc = { scan, snapshot };
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct polyton_object *object = &snapshot->objects.items[i];
		if (strncmp(object->soname, "libc.musl", 9) == 0 || strstr(object->path, "/ld-musl-"))
			scan->is_musl = true;
		else if (strncmp(object->soname, "libc.so.6", 9) == 0)
			scan->is_glibc = true;
	}
	struct polyton_error *error =
		tls_layout_find(subject->target, &scan->program, &scan->list, lookup, &libc, &scan->layout);
	if (!error && scan->is_glibc)
		error = tls_modules_read(subject->target, &scan->layout, &scan->list, &scan->modules);
	if (!error)
		error = find_budget(subject, scan, snapshot);
	snapshot->subject.libc = scan->is_musl ? "musl"
				 : !scan->is_glibc
					 ? ""
					 : arena_printf(&snapshot->arena, "glibc%s%s",
							scan->layout.version[0] ? " " : "", scan->layout.version);
	return error || snapshot->subject.libc ? error : error_no_memory();
}

// ld.so goes on looking where a file is for another machine; what it cannot read at all ends the program.

#include "seek.h"

#include <string.h>

enum { SEEK_CHAIN = 8 };

/** Who asks for a library, and what was found. */
struct request {
	struct seeker *seeker;
	struct sought found;
	struct polyton_error *error;
};

struct search_object seek_asker(const struct closure_object *object, const struct search_object *loader)
{
	const struct elf_dynamic *dynamic = &object->file->dynamic;
	return (struct search_object){ .place = object->place,
				       .rpath = dynamic->rpath,
				       .runpath = dynamic->runpath,
				       .has_no_default = (dynamic->flags_1 & DF_1_NODEFLIB) != 0,
				       .loader = loader };
}

static bool is_loadable(const struct seeker *seeker, const struct scanned_file *file)
{
	return file->file->machine == seeker->closure->arch->machine && file->file->type == ET_DYN &&
	       !disk_is_program(file);
}

static bool try_place(void *arg, const struct search_place *place)
{
	struct request *request = arg;
	struct seeker *seeker = request->seeker;
	auto_close int fd = disk_open_place(seeker->disk, place);
	struct scanned_file *file;
	if (fd < 0)
		return false;
	struct polyton_error *error = file_read(seeker->debug, seeker->cache, fd, place->path, &file);
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY) {
		request->error = error;
		return true;
	}
	if (error || !is_loadable(seeker, file)) {
		polyton_error_destroy(error);
		return false;
	}
	const char *path = arena_strdup(&seeker->closure->arena, place->path);
	request->found = (struct sought){ { path, place->is_outside }, file };
	if (!path)
		request->error = error_no_memory();
	return true;
}

struct polyton_error *seek_place(struct seeker *seeker, const struct search_place *place, struct sought *ret)
{
	struct request request = { .seeker = seeker };
	try_place(&request, place);
	if (!request.error)
		*ret = request.found;
	return request.error;
}

bool seek_is_interpreter(const struct seeker *seeker, const char *name)
{
	const char *path = seeker->closure->interpreter, *slash = strrchr(path, '/');
	return path[0] && strcmp(name, slash ? slash + 1 : path) == 0;
}

// musl's libc.so is its loader, and is all of these.
static bool is_musl_libc(const struct seeker *seeker, const char *name)
{
	static const char *const parts[] = { "c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet." };
	if (!seeker->closure->is_musl || strncmp(name, "lib", 3) != 0)
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strncmp(name + 3, parts[i], strlen(parts[i])) == 0)
			return true;
	}
	return false;
}

struct polyton_error *seek_name(struct seeker *seeker, uint32_t object, const char *name, struct sought *ret)
{
	struct request request = { .seeker = seeker };
	struct search_object chain[SEEK_CHAIN];
	const struct closure *closure = seeker->closure;
	bool is_found;
	size_t count = 0;
	*ret = (struct sought){ 0 };
	if (seek_is_interpreter(seeker, name) || is_musl_libc(seeker, name)) {
		const struct search_place place = { closure->interpreter, false };
		struct polyton_error *error = seek_place(seeker, &place, ret);
		if (error || ret->file)
			return error;
	}
	// Who brought whom, the one that asks first; of a longer chain its near end and the program.
	uint32_t links[SEEK_CHAIN], last = object;
	for (; count < SEEK_CHAIN && last != POLYTON_NONE; last = closure->objects.items[last].loader)
		links[count++] = last;
	for (size_t i = count; i-- > 0;)
		chain[i] = seek_asker(&closure->objects.items[links[i]], i + 1 < count ? &chain[i + 1] : NULL);
	struct search_object program = seek_asker(&closure->objects.items[0], NULL);
	bool is_asked_last = closure->has_program && count && links[count - 1] == 0;
	const struct search_object *host = !closure->has_program ? NULL
					   : is_asked_last       ? &chain[count - 1]
								 : &program;
	struct polyton_error *error =
		search_library(seeker->search, &chain[0], host, name, try_place, &request, &is_found);
	if (!error)
		error = request.error;
	else
		polyton_error_destroy(request.error);
	if (!error)
		*ret = request.found;
	return error;
}

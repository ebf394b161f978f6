// The size that a compressed section claims decides what is allocated, so it is checked against the best that
// the format can do before anything is.

#include "elf/inflate.h"

#include <elf.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2 // gABI 2022; glibc's elf.h has it from 2.37 on
#endif

#define INFLATE_MAX_SIZE (UINT64_C(8) << 30)
enum {
	INFLATE_MAX_RATIO = 1100,   // deflate reaches 1032
	INFLATE_ZSTD_RATIO = 32768, // run-length blocks: 128 KiB in four bytes
	INFLATE_XZ_MEMORY = 256 << 20,
	INFLATE_XZ_MAX = 1 << 30,
	INFLATE_XZ_FIRST = 64 << 10,
};

static struct polyton_error *damaged(const char *name)
{
	return error_create(POLYTON_ERROR_DAMAGED, "compressed section %s is damaged", name);
}

static struct polyton_error *inflate_zlib(const char *name, const uint8_t *bytes, size_t size, uint8_t *result,
					  size_t result_size)
{
	uLongf got = result_size;
	if (uncompress(result, &got, bytes, size) != Z_OK || got != result_size)
		return damaged(name);
	return NULL;
}

static struct polyton_error *inflate_zstd(const char *name, const uint8_t *bytes, size_t size, uint8_t *result,
					  size_t result_size)
{
#ifdef HAVE_ZSTD
	size_t got = ZSTD_decompress(result, result_size, bytes, size);
	return ZSTD_isError(got) || got != result_size ? damaged(name) : NULL;
#else
	(void)bytes, (void)size, (void)result, (void)result_size;
	return error_create(POLYTON_ERROR_UNSUPPORTED, "section %s is compressed with zstd, which this build lacks",
			    name);
#endif
}

// Memory for what a section of @p size bytes says that it inflates to.
static struct polyton_error *reserve(struct arena *arena, const char *name, uint64_t claim, size_t size,
				     uint64_t ratio, uint8_t **ret)
{
	if (claim > INFLATE_MAX_SIZE || claim > (uint64_t)size * ratio)
		return error_create(POLYTON_ERROR_DAMAGED,
				    "compressed section %s claims %llu bytes, more than its content can hold", name,
				    (unsigned long long)claim);
	*ret = arena_alloc(arena, claim, 1);
	return *ret ? NULL : error_no_memory();
}

struct polyton_error *inflate_section(struct arena *arena, uint8_t elf_class, const char *name, const uint8_t *bytes,
				      size_t size, const uint8_t **ret, size_t *size_ret)
{
	Elf64_Chdr header;
	Elf32_Chdr narrow;
	size_t header_size = elf_class == ELFCLASS32 ? sizeof(narrow) : sizeof(header);
	if (size < header_size)
		return damaged(name);
	if (elf_class == ELFCLASS32) {
		memcpy(&narrow, bytes, sizeof(narrow));
		header = (Elf64_Chdr){ .ch_type = narrow.ch_type, .ch_size = narrow.ch_size };
	} else {
		memcpy(&header, bytes, sizeof(header));
	}
	bytes += header_size;
	size -= header_size;
	uint64_t ratio = header.ch_type == ELFCOMPRESS_ZSTD ? INFLATE_ZSTD_RATIO : INFLATE_MAX_RATIO;
	uint8_t *result;
	struct polyton_error *error = reserve(arena, name, header.ch_size, size, ratio, &result);
	if (error)
		return error;
	if (header.ch_type == ELFCOMPRESS_ZLIB)
		error = inflate_zlib(name, bytes, size, result, header.ch_size);
	else if (header.ch_type == ELFCOMPRESS_ZSTD)
		error = inflate_zstd(name, bytes, size, result, header.ch_size);
	else
		error = error_create(POLYTON_ERROR_UNSUPPORTED, "section %s is compressed in an unknown way (%u)",
				     name, header.ch_type);
	if (error)
		return error;
	*ret = result;
	*size_ret = header.ch_size;
	return NULL;
}

struct polyton_error *inflate_zdebug(struct arena *arena, const char *name, const uint8_t *bytes, size_t size,
				     const uint8_t **ret, size_t *size_ret)
{
	static const char magic[] = { 'Z', 'L', 'I', 'B' };
	const size_t header = sizeof(magic) + sizeof(uint64_t);
	uint8_t *result;
	uint64_t claim = 0;
	if (size < header || memcmp(bytes, magic, sizeof(magic)) != 0)
		return damaged(name);
	for (size_t i = sizeof(magic); i < header; i++) // big-endian on every machine
		claim = claim << 8 | bytes[i];
	struct polyton_error *error = reserve(arena, name, claim, size - header, INFLATE_MAX_RATIO, &result);
	if (!error)
		error = inflate_zlib(name, bytes + header, size - header, result, claim);
	if (error)
		return error;
	*ret = result;
	*size_ret = claim;
	return NULL;
}

#ifdef HAVE_LZMA
// The stream does not say its size up front: the buffer doubles until all of it has come out.
static struct polyton_error *run_xz(lzma_stream *stream, const char *name, uint8_t **buffer)
{
	for (size_t capacity = 0;;) {
		if (!stream->avail_out) {
			if (capacity == INFLATE_XZ_MAX)
				return error_create(POLYTON_ERROR_DAMAGED, "section %s inflates to more than 1 GiB",
						    name);
			size_t larger = capacity ? capacity * 2 : INFLATE_XZ_FIRST;
			uint8_t *grown = realloc(*buffer, larger);
			if (!grown)
				return error_no_memory();
			*buffer = grown;
			stream->next_out = grown + capacity;
			stream->avail_out = larger - capacity;
			capacity = larger;
		}
		lzma_ret got = lzma_code(stream, LZMA_FINISH);
		if (got == LZMA_STREAM_END)
			return NULL;
		if (got == LZMA_MEM_ERROR)
			return error_no_memory();
		if (got != LZMA_OK)
			return damaged(name);
	}
}

struct polyton_error *inflate_xz(struct arena *arena, const char *name, const uint8_t *bytes, size_t size,
				 const uint8_t **ret, size_t *size_ret)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	auto_free uint8_t *buffer = NULL;
	if (lzma_stream_decoder(&stream, INFLATE_XZ_MEMORY, 0) != LZMA_OK)
		return error_no_memory();
	stream.next_in = bytes;
	stream.avail_in = size;
	struct polyton_error *error = run_xz(&stream, name, &buffer);
	size_t got = stream.total_out;
	lzma_end(&stream);
	if (error)
		return error;
	uint8_t *result = arena_alloc(arena, got, 1);
	if (!result)
		return error_no_memory();
	if (buffer)
		memcpy(result, buffer, got);
	*ret = result;
	*size_ret = got;
	return NULL;
}
#else
struct polyton_error *inflate_xz(struct arena *arena, const char *name, const uint8_t *bytes, size_t size,
				 const uint8_t **ret, size_t *size_ret)
{
	(void)arena, (void)bytes, (void)size, (void)ret, (void)size_ret;
	return error_create(POLYTON_ERROR_UNSUPPORTED, "section %s is compressed with xz, which this build lacks",
			    name);
}
#endif

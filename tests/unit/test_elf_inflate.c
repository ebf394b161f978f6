#include "../support/check.h"

#include <elf.h>
#include <stdlib.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif

#include "../support/elf_writer.h"
#include "elf/inflate.h"
#include "elf/symbols.h"

enum { CONTENT_SIZE = 3 << 20, CHDR_ZSTD = 2 };

struct packed {
	uint8_t *bytes;
	size_t size;
};

static uint8_t *make_content(bool is_zero)
{
	uint8_t *content = calloc(CONTENT_SIZE, 1);
	assert_non_null(content);
	for (size_t i = 0; !is_zero && i < CONTENT_SIZE; i++)
		content[i] = (uint8_t)(i * 2654435761u >> 24);
	return content;
}

// A section as it stands in a file: Elf64_Chdr, then the stream.
static struct packed pack(uint32_t type, const uint8_t *content, size_t size)
{
	size_t bound = size + size / 8 + 1024;
	struct packed packed = { calloc(sizeof(Elf64_Chdr) + bound, 1), 0 };
	Elf64_Chdr header = { .ch_type = type, .ch_size = size, .ch_addralign = 8 };
	uLongf used = bound;
	assert_non_null(packed.bytes);
	memcpy(packed.bytes, &header, sizeof(header));
	if (type == ELFCOMPRESS_ZLIB) {
		assert_int_equal(compress2(packed.bytes + sizeof(header), &used, content, size, 9), Z_OK);
	} else {
#ifdef HAVE_ZSTD
		used = ZSTD_compress(packed.bytes + sizeof(header), bound, content, size, 3);
		assert_false(ZSTD_isError(used));
#else
		used = 16; // a stream that nobody can read here
#endif
	}
	packed.size = sizeof(header) + used;
	return packed;
}

static void check_same(const struct packed *packed, const uint8_t *content)
{
	struct arena arena = { 0 };
	const uint8_t *got;
	size_t size;
	assert_fine(inflate_section(&arena, ELFCLASS64, ".debug_info", packed->bytes, packed->size, &got, &size));
	assert_int_equal(size, CONTENT_SIZE);
	assert_memory_equal(got, content, size);
	arena_deinit(&arena);
}

static void test_zlib(void **state)
{
	(void)state;
	for (int is_zero = 0; is_zero < 2; is_zero++) {
		uint8_t *content = make_content(is_zero);
		struct packed packed = pack(ELFCOMPRESS_ZLIB, content, CONTENT_SIZE);
		check_same(&packed, content);
		free(packed.bytes);
		free(content);
	}
}

// zstd packs a run of zeros by a factor of over 20,000: that is no lie.
static void test_zstd(void **state)
{
	(void)state;
#ifdef HAVE_ZSTD
	for (int is_zero = 0; is_zero < 2; is_zero++) {
		uint8_t *content = make_content(is_zero);
		struct packed packed = pack(CHDR_ZSTD, content, CONTENT_SIZE);
		check_same(&packed, content);
		free(packed.bytes);
		free(content);
	}
#else
	skip();
#endif
}

static void refuse(const struct packed *packed, size_t size, enum polyton_error_code code, const char *words)
{
	struct arena arena = { 0 };
	const uint8_t *got = NULL;
	size_t got_size;
	assert_error(inflate_section(&arena, ELFCLASS64, ".debug_str", packed->bytes, size, &got, &got_size), code,
		     words);
	assert_null(got);
	arena_deinit(&arena);
}

static void test_claims_beyond_what_the_format_can_do(void **state)
{
	(void)state;
	const uint32_t types[] = { ELFCOMPRESS_ZLIB, CHDR_ZSTD, 77 };
	const uint64_t claims[] = { UINT64_MAX, UINT64_C(1) << 40, UINT64_C(9) << 30 };
	uint8_t content[64] = { 1, 2, 3 };
	for (size_t i = 0; i < count_of(types); i++) {
		struct packed packed = pack(ELFCOMPRESS_ZLIB, content, sizeof(content));
		memcpy(packed.bytes, &types[i], sizeof(types[i]));
		for (size_t k = 0; k < count_of(claims); k++) {
			memcpy(packed.bytes + offsetof(Elf64_Chdr, ch_size), &claims[k], sizeof(claims[k]));
			refuse(&packed, packed.size, POLYTON_ERROR_DAMAGED, "more than its content can hold");
		}
		free(packed.bytes);
	}
}

static void test_streams_that_are_cut_or_lie_about_their_size(void **state)
{
	(void)state;
	const uint32_t types[] = {
		ELFCOMPRESS_ZLIB,
#ifdef HAVE_ZSTD
		CHDR_ZSTD,
#endif
	};
	uint8_t content[5000];
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * i >> 3);
	for (size_t i = 0; i < count_of(types); i++) {
		struct packed packed = pack(types[i], content, sizeof(content));
		for (size_t size = 0; size < packed.size; size += 7)
			refuse(&packed, size, POLYTON_ERROR_DAMAGED, "compressed section .debug_str");
		const uint64_t sizes[] = { 0, 1, sizeof(content) - 1, sizeof(content) + 1, 2 * sizeof(content) };
		for (size_t k = 0; k < count_of(sizes); k++) {
			memcpy(packed.bytes + offsetof(Elf64_Chdr, ch_size), &sizes[k], sizeof(sizes[k]));
			refuse(&packed, packed.size, POLYTON_ERROR_DAMAGED, "compressed section .debug_str");
		}
		free(packed.bytes);
	}
}

static void test_unknown_way_is_named(void **state)
{
	(void)state;
	uint8_t content[64] = { 0 };
	struct packed packed = pack(ELFCOMPRESS_ZLIB, content, sizeof(content));
	packed.bytes[0] = 99;
	refuse(&packed, packed.size, POLYTON_ERROR_UNSUPPORTED, "unknown way (99)");
	free(packed.bytes);
}

// As a .zdebug_* section stands in a file.
static struct packed pack_zdebug(const uint8_t *content, size_t size)
{
	uLongf used = compressBound(size);
	struct packed packed = { calloc(12 + used, 1), 0 };
	assert_non_null(packed.bytes);
	memcpy(packed.bytes, "ZLIB", 4);
	for (int i = 0; i < 8; i++)
		packed.bytes[4 + i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
	assert_int_equal(compress2(packed.bytes + 12, &used, content, size, 9), Z_OK);
	packed.size = 12 + used;
	return packed;
}

static void test_zdebug(void **state)
{
	(void)state;
	for (int is_zero = 0; is_zero < 2; is_zero++) {
		struct arena arena = { 0 };
		uint8_t *content = make_content(is_zero);
		struct packed packed = pack_zdebug(content, CONTENT_SIZE);
		const uint8_t *got;
		size_t size;
		assert_fine(inflate_zdebug(&arena, ".zdebug_str", packed.bytes, packed.size, &got, &size));
		assert_int_equal(size, CONTENT_SIZE);
		assert_memory_equal(got, content, size);
		arena_deinit(&arena);
		free(packed.bytes);
		free(content);
	}
}

static void refuse_zdebug(const struct packed *packed, size_t size, const char *words)
{
	struct arena arena = { 0 };
	const uint8_t *got = NULL;
	size_t got_size;
	assert_error(inflate_zdebug(&arena, ".zdebug_str", packed->bytes, size, &got, &got_size),
		     POLYTON_ERROR_DAMAGED, words);
	assert_null(got);
	arena_deinit(&arena);
}

static void test_zdebug_that_lies(void **state)
{
	(void)state;
	uint8_t content[5000];
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * i >> 3);
	struct packed packed = pack_zdebug(content, sizeof(content));
	for (size_t size = 0; size < packed.size; size += 7)
		refuse_zdebug(&packed, size, "compressed section .zdebug_str");
	packed.bytes[11]++;
	refuse_zdebug(&packed, packed.size, "is damaged");
	packed.bytes[4] = 0x7f;
	refuse_zdebug(&packed, packed.size, "more than its content can hold");
	packed.bytes[0] = 'z';
	refuse_zdebug(&packed, packed.size, "is damaged");
	free(packed.bytes);
}

#ifdef HAVE_LZMA
static struct packed pack_xz(const uint8_t *content, size_t size, uint32_t preset)
{
	size_t bound = lzma_stream_buffer_bound(size), used = 0;
	struct packed packed = { malloc(bound), 0 };
	assert_non_null(packed.bytes);
	assert_int_equal(lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC64, NULL, content, size, packed.bytes, &used,
						 bound),
			 LZMA_OK);
	packed.size = used;
	return packed;
}

static void test_xz(void **state)
{
	(void)state;
	for (int is_zero = 0; is_zero < 2; is_zero++) {
		uint8_t *content = make_content(is_zero);
		struct packed packed = pack_xz(content, CONTENT_SIZE, 6);
		struct arena arena = { 0 };
		const uint8_t *got;
		size_t size;
		assert_fine(inflate_xz(&arena, ".gnu_debugdata", packed.bytes, packed.size, &got, &size));
		assert_int_equal(size, CONTENT_SIZE);
		assert_memory_equal(got, content, size);
		arena_deinit(&arena);
		free(packed.bytes);
		free(content);
	}
}

static void test_xz_that_is_cut_changed_or_hungry(void **state)
{
	(void)state;
	uint8_t content[3000];
	struct arena arena = { 0 };
	const uint8_t *got;
	size_t size;
	for (size_t i = 0; i < sizeof(content); i++)
		content[i] = (uint8_t)(i * i >> 4);
	struct packed packed = pack_xz(content, sizeof(content), 1);
	for (size_t cut = 0; cut < packed.size; cut += 11)
		assert_error(inflate_xz(&arena, ".gnu_debugdata", packed.bytes, cut, &got, &size),
			     POLYTON_ERROR_DAMAGED, ".gnu_debugdata is damaged");
	for (size_t at = 0; at < packed.size; at += 13) {
		packed.bytes[at] ^= 0x55;
		polyton_error_destroy(inflate_xz(&arena, ".gnu_debugdata", packed.bytes, packed.size, &got, &size));
		packed.bytes[at] ^= 0x55;
	}
	free(packed.bytes);
	// Its dictionary would take more memory than a symbol table is worth.
	lzma_options_lzma options;
	assert_false(lzma_lzma_preset(&options, 1));
	options.dict_size = 1536u << 20;
	const lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	// Only the header's claim counts, so it is written by hand: stream header, block header with that dictionary.
	uint8_t block[64] = { 0 };
	lzma_stream_flags flags = { .version = 0, .check = LZMA_CHECK_NONE };
	assert_int_equal(lzma_stream_header_encode(&flags, block), LZMA_OK);
	lzma_block info = { .version = 0,
			    .check = LZMA_CHECK_NONE,
			    .compressed_size = LZMA_VLI_UNKNOWN,
			    .uncompressed_size = LZMA_VLI_UNKNOWN,
			    .filters = (lzma_filter *)filters };
	assert_int_equal(lzma_block_header_size(&info), LZMA_OK);
	assert_int_equal(lzma_block_header_encode(&info, block + LZMA_STREAM_HEADER_SIZE), LZMA_OK);
	assert_error(inflate_xz(&arena, ".gnu_debugdata", block, sizeof(block), &got, &size), POLYTON_ERROR_DAMAGED,
		     "damaged");
	arena_deinit(&arena);
}

static void test_mini_debug_info_names_a_stripped_file(void **state)
{
	(void)state;
	static const struct elf_symbol_spec all[] = {
		{ "hidden", ELF_AT_DATA, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1 },
		{ 0 },
	};
	const struct elf_spec inner_spec = { .symbols = all };
	struct elf_bytes inner = elf_write(&inner_spec);
	struct packed packed = pack_xz(inner.bytes, inner.size, 6);
	for (int is_damaged = 0; is_damaged < 2; is_damaged++) {
		const struct elf_spec spec = { .extra_name = ".gnu_debugdata",
					       .extra = packed.bytes,
					       .extra_size = packed.size };
		if (is_damaged)
			packed.bytes[packed.size / 2] ^= 0xff;
		struct elf_bytes bytes = elf_write(&spec);
		const struct elf_debug_search search = { 0 };
		struct elf_file *file, *extra;
		struct elf_symbols symbols;
		enum polyton_symbol_source source;
		const char *complaint;
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
		assert_fine(elf_symbols_find(file, "/lib/x", &search, &symbols, &source, &extra, &complaint));
		if (is_damaged) {
			assert_int_equal(source, POLYTON_SYMBOLS_NONE);
			assert_int_equal(symbols.count, 0);
			assert_null(extra);
			assert_non_null(strstr(complaint, ".gnu_debugdata is damaged"));
		} else {
			assert_int_equal(source, POLYTON_SYMBOLS_MINIDEBUG);
			assert_string_equal(elf_symbol_name(&symbols, &symbols.entries[1]), "hidden");
			assert_non_null(extra);
			assert_null(complaint);
		}
		elf_file_close(file);
		elf_file_close(extra);
		elf_bytes_deinit(&bytes);
	}
	free(packed.bytes);
	elf_bytes_deinit(&inner);
}
#endif

static void test_compressed_section_of_a_file(void **state)
{
	(void)state;
	uint8_t content[4000];
	memset(content, 'x', sizeof(content));
	struct packed packed = pack(ELFCOMPRESS_ZLIB, content, sizeof(content));
	const struct elf_spec spec = { .extra_name = ".debug_str",
				       .extra = packed.bytes,
				       .extra_size = packed.size,
				       .extra_flags = SHF_COMPRESSED };
	struct elf_bytes bytes = elf_write(&spec);
	struct elf_file *file;
	const uint8_t *got;
	size_t size;
	assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x", &file));
	assert_fine(elf_file_section_bytes(file, elf_file_section(file, ".debug_str"), &got, &size));
	assert_int_equal(size, sizeof(content));
	assert_memory_equal(got, content, size);
	elf_file_close(file);
	elf_bytes_deinit(&bytes);
	free(packed.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zlib),
		cmocka_unit_test(test_zdebug),
		cmocka_unit_test(test_zdebug_that_lies),
		cmocka_unit_test(test_zstd),
		cmocka_unit_test(test_claims_beyond_what_the_format_can_do),
		cmocka_unit_test(test_streams_that_are_cut_or_lie_about_their_size),
		cmocka_unit_test(test_unknown_way_is_named),
#ifdef HAVE_LZMA
		cmocka_unit_test(test_xz),
		cmocka_unit_test(test_xz_that_is_cut_changed_or_hungry),
		cmocka_unit_test(test_mini_debug_info_names_a_stripped_file),
#endif
		cmocka_unit_test(test_compressed_section_of_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../support/check.h"
#include "../support/elf_writer.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "find/crates.h"

// Processor seconds that this test may take: a scan that is not linear takes hours.
enum { PATIENCE = 30 };
enum { AT_SEGMENTS = sizeof(Elf64_Ehdr), MAX_SEGMENTS = 1000, AT_CONTENT = 64 * 1024 };

/** A file of segments that share one content unless they say otherwise. */
struct file {
	uint8_t *bytes;
	struct elf_file *elf;
	struct arena arena;
	char *list; ///< "name version, ..." of what the scan found
};

static struct elf_file *open_bytes(uint8_t *bytes, size_t size, const uint32_t *flags, size_t segments)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = AT_SEGMENTS,
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)segments,
	};
	memcpy(bytes, &header, sizeof(header));
	for (size_t i = 0; i < segments; i++) {
		Elf64_Phdr segment = {
			.p_type = PT_LOAD,
			.p_flags = flags[i],
			.p_offset = AT_CONTENT,
			.p_vaddr = AT_CONTENT,
			.p_filesz = size,
			.p_memsz = size,
		};
		memcpy(bytes + AT_SEGMENTS + i * sizeof(segment), &segment, sizeof(segment));
	}
	struct elf_file *elf = NULL;
	assert_fine(elf_file_from_bytes(bytes, AT_CONTENT + size, "test", &elf));
	return elf;
}

static void scan(struct file *file, const void *content, size_t size, const uint32_t *flags, size_t segments)
{
	*file = (struct file){ .bytes = calloc(1, AT_CONTENT + size) };
	assert_non_null(file->bytes);
	memcpy(file->bytes + AT_CONTENT, content, size);
	file->elf = open_bytes(file->bytes, size, flags, segments);
	struct polyton_crate *crates = NULL;
	size_t count = 0, length;
	assert_fine(crates_scan(file->elf, &file->arena, &crates, &count));
	FILE *list = open_memstream(&file->list, &length);
	assert_non_null(list);
	for (size_t i = 0; i < count; i++)
		fprintf(list, "%s%s %s", i ? ", " : "", crates[i].name, crates[i].version);
	assert_int_equal(fclose(list), 0);
}

static void forget(struct file *file)
{
	elf_file_close(file->elf);
	arena_deinit(&file->arena);
	free(file->bytes);
	free(file->list);
}

static void expect(const char *content, size_t size, const char *list)
{
	struct file file;
	scan(&file, content, size, &(uint32_t){ PF_R }, 1);
	if (strcmp(file.list, list) != 0)
		print_error("in \"%s\"\n", content);
	assert_string_equal(file.list, list);
	forget(&file);
}

static void test_paths_name_their_crate(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/log-0.4.17/src/lib.rs", "log 0.4.17" },
		{ "/usr/share/cargo/registry/tokio-1.24.2/src/runtime/context.rs", "tokio 1.24.2" },
		{ "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/fnv-1.0.7/lib.rs", "fnv 1.0.7" },
		{ "/build/app-9/vendor/time-0.1.44/src/display.rs", "time 0.1.44" },
		{ "/build/librsvg-2.54.7+dfsg/vendor/phf_shared-0.8.0/src/lib.rs", "phf_shared 0.8.0" },
		{ "/usr/share/cargo/registry/proc-macro2-1.0.47/src/fallback.rs", "proc_macro2 1.0.47" },
		{ "/usr/share/cargo/registry/sval-1.0.0-alpha.5/src/value.rs", "sval 1.0.0-alpha.5" },
		{ "/r/.cargo/registry/src/i-0/md-5-0.10.1/src/lib.rs", "md_5 0.10.1" },
		{ "/r/.cargo/registry/src/i-0/toml-1.0.3+spec-1.1.0/src/de/parser.rs", "toml 1.0.3+spec-1.1.0" },
		{ "/r/.cargo/registry/src/i-0/bzip2-sys-0.1.11+1.0.8/lib.rs", "bzip2_sys 0.1.11+1.0.8" },
		{ "/usr/share/cargo/registry/rustc-hash-1.1.0/src/lib.rs", "rustc_hash 1.1.0" },
		{ "/build/rustc-hash-1.1.0/vendor/dep-2.0.0/src/lib.rs", "dep 2.0.0" },
		// Not all crates have their code in src, but only a registry says that it is one then.
		{ "/r/.cargo/registry/src/i-0/ring-0.16.20/crypto/deep/aes.rs", "ring 0.16.20" },
		{ "/usr/share/cargo/registry/ring-0.16.20/crypto/deep/aes.rs", "ring 0.16.20" },
		{ "/home/me/ring-0.16.20/crypto/deep/aes.rs", "" },
		{ "/home/me/app-0.3.1/src/main.rs", "app 0.3.1" },
		// The folder that is nearest to the file.
		{ "/home/me/app-0.3.1/src/vendor/dep-2.0.0/src/lib.rs", "dep 2.0.0" },
	};
	for (size_t i = 0; i < count_of(rows); i++)
		expect(rows[i][0], strlen(rows[i][0]), rows[i][1]);
}

static void test_what_is_no_crate(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		".rs",
		"src/main.rs",
		"tokio-1.24.2/src/lib.rs", // text before it may be part of the name
		"/tokio-1.24.2/src/lib.c",
		"/vendor/tokio/src/lib.rs",
		"/tokio-1.24/src/lib.rs",
		"/tokio-1.24.2.1/src/lib.rs",
		"/tokio-01.24.2/src/lib.rs",
		"/tokio-1.24.2-/src/lib.rs",
		"/tokio-1.24.2-a..b/src/lib.rs",
		"/tokio-1.24.2-a_b/src/lib.rs",
		"/tokio-1.24.2+/src/lib.rs",
		"/tokio-1.24.2+a+b/src/lib.rs",
		"/tokio-1.24.2esr/src/lib.rs",
		"/tokio-v1.24.2/src/lib.rs",
		"/-1.24.2/src/lib.rs",
		"/1tokio-1.24.2/src/lib.rs",
		"/to.kio-1.24.2/src/lib.rs",
		"/tokio 1.24.2/src/lib.rs",
		"/a123456789012345678901234567890123456789012345678901234567890123456789-1.0.0/src/lib.rs",
		"/git/checkouts/tokio-d2edb1b72a9f1a1e/0a1b2c3/src/lib.rs",
		"/target/debug/build/app-0123456789abcdef/out/bindings.rs",
		"/r/.rustup/toolchains/1.63.0-x86_64-unknown-linux-gnu/lib/rustlib/src/rust/library/core/a.rs",
		// std, and what it is built with.
		"/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/thread/mod.rs",
		"/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/vendor/hashbrown-0.12.3/src/raw/mod.rs",
		"/usr/src/rustc-1.63.0/library/std/src/thread/local.rs",
		"/usr/src/rustc-1.63.0/vendor/gimli-0.25.0/src/read/line.rs",
		"/usr/src/rustc-1.40.0/src/libstd/thread/mod.rs",
		"/rust/deps/hashbrown-0.15.2/src/raw/mod.rs",
	};
	for (size_t i = 0; i < count_of(rows); i++)
		expect(rows[i], strlen(rows[i]), "");
}

static void test_strings_stand_side_by_side(void **state)
{
	(void)state;
	static const char content[] =
		"called `Option::unwrap()` on a `None` value/usr/share/cargo/registry/mio-0.8.4/src/poll.rs"
		"/usr/share/cargo/registry/mio-0.8.4/src/token.rsassertion failed: left == right"
		"/usr/src/rustc-1.63.0/library/alloc/src/vec/mod.rs/root/.cargo/registry/src/i-0/log-0.4.17/src/"
		"lib.rs"
		"\0\1\2/usr/share/cargo/registry/num_cpus-1.14.0/src/linux.rs\377\376garbage.rs.rs.r";
	expect(content, sizeof(content) - 1, "log 0.4.17, mio 0.8.4, num_cpus 1.14.0");
}

static void test_each_is_listed_once_in_order(void **state)
{
	(void)state;
	static const char content[] =
		"/x/b-1.24.2/src/a.rs\0/x/b-1.9.0/src/a.rs\0/x/a_c-2.0.0/src/a.rs\0"
		"/x/a-c-2.0.0/src/a.rs\0/x/b-1.24.2/src/z.rs\0/x/B-1.0.0/src/a.rs\0/y/b-1.24.2/src/a.rs";
	expect(content, sizeof(content) - 1, "B 1.0.0, a_c 2.0.0, b 1.9.0, b 1.24.2");
}

static void test_only_constants_are_scanned(void **state)
{
	(void)state;
	static const char content[] = "/x/log-0.4.17/src/lib.rs";
	static const struct {
		uint32_t flags[2];
		size_t count;
		const char *list;
	} rows[] = {
		{ { PF_R }, 1, "log 0.4.17" },
		{ { PF_R | PF_W }, 1, "" },
		{ { PF_R | PF_X }, 1, "log 0.4.17" }, // code and constants in one segment, as gold does it
		{ { PF_R | PF_W, PF_R }, 2, "log 0.4.17" },
		{ { PF_R | PF_W | PF_X, PF_R | PF_W }, 2, "" },
		{ { 0 }, 0, "" },
	};
	for (size_t i = 0; i < count_of(rows); i++) {
		struct file file;
		scan(&file, content, sizeof(content), rows[i].flags, rows[i].count);
		assert_string_equal(file.list, rows[i].list);
		forget(&file);
	}
	// With constants of their own, code is not looked at: here both are, but only one is what the path is in.
	struct file file = { .bytes = calloc(1, AT_CONTENT + 256) };
	assert_non_null(file.bytes);
	memcpy(file.bytes + AT_CONTENT, content, sizeof(content));
	file.elf = open_bytes(file.bytes, 256, (uint32_t[]){ PF_R | PF_X, PF_R }, 2);
	((Elf64_Phdr *)file.elf->segments)[1].p_offset = AT_CONTENT + 128;
	((Elf64_Phdr *)file.elf->segments)[1].p_filesz = 128;
	struct polyton_crate *crates;
	size_t count = 1;
	assert_fine(crates_scan(file.elf, &file.arena, &crates, &count));
	assert_int_equal(count, 0);
	forget(&file);
}

static void test_no_more_than_4096_are_kept(void **state)
{
	(void)state;
	char *content;
	size_t size, commas = 0;
	FILE *stream = open_memstream(&content, &size);
	assert_non_null(stream);
	for (int i = 0; i < 5000; i++)
		fprintf(stream, "/x/crate-0.0.%d/src/lib.rs", i);
	assert_int_equal(fclose(stream), 0);
	struct file file;
	scan(&file, content, size, &(uint32_t){ PF_R }, 1);
	for (const char *at = file.list; (at = strchr(at, ',')); at++)
		commas++;
	assert_int_equal(commas + 1, 4096);
	assert_int_equal(strncmp(file.list, "crate 0.0.0, crate 0.0.1, crate 0.0.2, ", 39), 0);
	assert_non_null(strstr(file.list, "crate 0.0.4095"));
	forget(&file);
	free(content);
}

static void test_hostile_content_takes_linear_time(void **state)
{
	(void)state;
	enum { SIZE = 2 * 1024 * 1024 };
	static const char *const parts[] = {
		".rs",
		"/",
		".",
		"-",
		"/a-1.0.0",
		"/a-1.0.0-",
		"a-0.0.",
		"/a-1.0.0/.rs",
		"/src/.rs",
		"-1.0.0-",
		"/r-1.0.0/src/a.r",
	};
	char *content = malloc(SIZE);
	uint32_t flags[MAX_SEGMENTS];
	assert_non_null(content);
	for (size_t i = 0; i < MAX_SEGMENTS; i++)
		flags[i] = PF_R;
	for (size_t i = 0; i < count_of(parts); i++) {
		size_t length = strlen(parts[i]);
		for (size_t at = 0; at < SIZE; at++)
			content[at] = parts[i][at % length];
		memcpy(content + SIZE - 3, ".rs", 3);
		// A thousand segments of the same bytes, too.
		struct file file;
		scan(&file, content, SIZE, flags, MAX_SEGMENTS);
		forget(&file);
	}
	free(content);
}

// The tables of an object are half of what can only be read, and hold no strings of the program.
static void test_sections_say_what_is_constant(void **state)
{
	(void)state;
	static const char text[] = "/r/.cargo/registry/src/i-0/fnv-1.0.7/lib.rs", other[] = "/x/log-0.4.17/src/a.rs";
	for (int i = 0; i < 2; i++) {
		struct elf_spec spec = { .rodata = text,
					 .rodata_size = sizeof(text),
					 .has_no_sections = i,
					 .extra = other,
					 .extra_size = sizeof(other),
					 .extra_name = ".notes" };
		struct elf_bytes bytes = elf_write(&spec);
		struct elf_file *file;
		struct arena arena = { 0 };
		struct polyton_crate *crates;
		size_t count;
		assert_fine(elf_file_from_bytes(bytes.bytes, bytes.size, "x.so", &file));
		assert_fine(crates_scan(file, &arena, &crates, &count));
		assert_int_equal(count, 1);
		assert_string_equal(crates[0].name, "fnv");
		elf_file_close(file);
		elf_bytes_deinit(&bytes);
		arena_deinit(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_name_their_crate),
		cmocka_unit_test(test_what_is_no_crate),
		cmocka_unit_test(test_strings_stand_side_by_side),
		cmocka_unit_test(test_each_is_listed_once_in_order),
		cmocka_unit_test(test_only_constants_are_scanned),
		cmocka_unit_test(test_sections_say_what_is_constant),
		cmocka_unit_test(test_no_more_than_4096_are_kept),
		cmocka_unit_test(test_hostile_content_takes_linear_time),
	};
	assert_int_equal(setrlimit(RLIMIT_CPU, &(struct rlimit){ PATIENCE, PATIENCE }), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

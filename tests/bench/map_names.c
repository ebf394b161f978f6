// The least that anybody who compares files has to do: map each file of standard input's list, and hash the names of
// its data symbols. Both processors, as polyton uses them. Prints how many names there were.

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { THREADS = 2, MAX_PATH = 8192 };

static char **files;
static size_t file_count;
static atomic_size_t next_file;
static atomic_ulong all_names, all_hashes, all_bytes;

static const Elf64_Shdr *best_table(const Elf64_Ehdr *header, const Elf64_Shdr *sections)
{
	const Elf64_Shdr *best = NULL;
	for (unsigned i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type == SHT_SYMTAB)
			return &sections[i];
		if (sections[i].sh_type == SHT_DYNSYM)
			best = &sections[i];
	}
	return best;
}

static void hash_names(const unsigned char *map, size_t size)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)map;
	if (size < sizeof(*header) || memcmp(map, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_shoff + (size_t)header->e_shnum * sizeof(Elf64_Shdr) > size)
		return;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(map + header->e_shoff);
	const Elf64_Shdr *table = best_table(header, sections);
	unsigned long names = 0, hashes = 0;
	if (!table || table->sh_link >= header->e_shnum || table->sh_offset + table->sh_size > size)
		return;
	const Elf64_Sym *symbols = (const Elf64_Sym *)(map + table->sh_offset);
	const char *strings = (const char *)map + sections[table->sh_link].sh_offset;
	for (size_t i = 1; i < table->sh_size / sizeof(*symbols); i++) {
		unsigned type = ELF64_ST_TYPE(symbols[i].st_info);
		if ((type != STT_OBJECT && type != STT_TLS) || symbols[i].st_shndx == SHN_UNDEF)
			continue;
		const char *name = strings + symbols[i].st_name;
		hashes += XXH3_64bits(name, strlen(name));
		names++;
	}
	atomic_fetch_add(&all_names, names);
	atomic_fetch_add(&all_hashes, hashes);
	atomic_fetch_add(&all_bytes, table->sh_size + sections[table->sh_link].sh_size);
}

static void *run(void *arg)
{
	(void)arg;
	for (size_t at; (at = atomic_fetch_add(&next_file, 1)) < file_count;) {
		struct stat facts;
		int fd = open(files[at], O_RDONLY);
		if (fd < 0 || fstat(fd, &facts) || !facts.st_size) {
			if (fd >= 0)
				close(fd);
			continue;
		}
		void *map = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		close(fd);
		if (map == MAP_FAILED)
			continue;
		hash_names(map, (size_t)facts.st_size);
		munmap(map, (size_t)facts.st_size);
	}
	return NULL;
}

int main(void)
{
	static char line[MAX_PATH];
	pthread_t threads[THREADS];
	size_t capacity = 0;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (file_count == capacity) {
			capacity = 2 * capacity + 64;
			files = realloc(files, capacity * sizeof(*files));
			if (!files)
				return 1;
		}
		files[file_count++] = strdup(line);
	}
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run, NULL))
			return 1;
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%lu names, %lu bytes of tables, %lx\n", (unsigned long)all_names, (unsigned long)all_bytes,
	       (unsigned long)all_hashes);
	return 0;
}

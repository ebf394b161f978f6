// Most objects do not have what they are asked for, and they are asked very often. So what can be is checked before the
// first question: the Bloom filter needs no check at all then, and a chain only that it stays within its table (files
// are mapped, and may be written to).

#include "elf/lookup.h"

#include <string.h>

#include "elf/narrow.h"

enum {
	LOOKUP_HIDDEN = 0x8000,
	LOOKUP_INDEX = 0x7fff,
	LOOKUP_OLDEST = 2, // the first version that a file with version definitions gives away
};

// The words of a 32-bit file's Bloom filter are narrow, too: there it is left out.
static const uint64_t lets_all_pass = UINT64_MAX;

struct header {
	uint32_t bucket_count, first, bloom_count, bloom_shift;
};

// Four bytes in one step: their products do not wait for each other.
uint32_t elf_gnu_hash(const char *name)
{
	const uint8_t *at = (const uint8_t *)name;
	uint32_t hash = 5381;
	for (; at[0] && at[1] && at[2] && at[3]; at += 4)
		hash = hash * (33 * 33 * 33 * 33) + (at[0] * (33u * 33 * 33) + at[1] * (33u * 33)) +
		       (at[2] * 33u + at[3]);
	for (; *at; at++)
		hash = hash * 33 + *at;
	return hash;
}

uint32_t elf_sysv_hash(const char *name)
{
	uint32_t hash = 0;
	for (const uint8_t *at = (const uint8_t *)name; *at; at++) {
		hash = (hash << 4) + *at;
		hash ^= hash >> 24 & 0xf0;
	}
	return hash & 0x0fffffff;
}

static struct polyton_error *read_words(struct elf_file *file, uint64_t address, uint64_t count, const uint32_t **ret)
{
	const void *words;
	struct polyton_error *error = elf_file_table(file, address, count, sizeof(**ret), &words);
	if (!error)
		*ret = words;
	return error;
}

// The chains of DT_GNU_HASH lie one after the other, each up to a link with bit 0: if the highest one ends, all do. The
// number of links is known then; 0 if the table lies.
static size_t count_gnu_links(const struct elf_lookup *lookup, const uint32_t *links, size_t most)
{
	uint32_t highest = 0;
	for (uint32_t i = 0; i < lookup->bucket_count; i++) {
		uint32_t start = lookup->buckets[i];
		if (start && start < lookup->first)
			return 0;
		if (start > highest)
			highest = start;
	}
	for (size_t i = highest - lookup->first; i < most; i++) {
		if (links[i] & 1)
			return i + 1;
	}
	return 0;
}

static bool is_any_used(const uint32_t *buckets, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (buckets[i])
			return true;
	}
	return false;
}

// glibc's _dl_setup_hash() takes the same four parts: header, Bloom filter, buckets, links.
static struct polyton_error *init_gnu(struct elf_file *file, uint64_t table, struct elf_lookup *lookup,
				      const char **complaint)
{
	const uint8_t *bytes = elf_file_at(file, table, sizeof(struct header));
	struct header header = { 0 };
	const uint32_t *links = NULL;
	const void *bloom = NULL;
	*complaint = "its GNU hash table lies outside its segments";
	if (bytes)
		memcpy(&header, bytes, sizeof(header));
	size_t word = elf_word(file->elf_class);
	uint64_t blooms = table + sizeof(header), buckets = blooms + word * header.bloom_count;
	struct polyton_error *error = elf_file_table(file, blooms, header.bloom_count, word, &bloom);
	if (!error)
		error = read_words(file, buckets, header.bucket_count, &lookup->buckets);
	if (error || !bytes || !bloom || !lookup->buckets)
		return error;
	// Where nothing is exported, linkers leave out the chains (GNU ld) or the symbols that are not in one.
	if (!is_any_used(lookup->buckets, header.bucket_count)) {
		*complaint = NULL;
		return NULL;
	}
	*complaint = "its GNU hash table is damaged";
	if (!header.bloom_count || header.bloom_count & (header.bloom_count - 1) ||
	    header.first >= lookup->symbols.count)
		return NULL;
	size_t most = lookup->symbols.count - header.first;
	error = read_words(file, buckets + sizeof(*links) * (uint64_t)header.bucket_count, most, &links);
	if (error || !links)
		return error;

	lookup->bucket_count = header.bucket_count;
	lookup->first = header.first;
	lookup->link_count = count_gnu_links(lookup, links, most);
	lookup->links = links;
	bool has_filter = word == sizeof(*lookup->bloom);
	lookup->bloom = has_filter ? bloom : &lets_all_pass;
	lookup->bloom_mask = has_filter ? header.bloom_count - 1 : 0;
	lookup->bloom_shift = header.bloom_shift % 64;
	lookup->is_gnu = true;
	if (lookup->link_count)
		*complaint = NULL;
	else
		lookup->bucket_count = 0;
	return NULL;
}

// Links of DT_HASH name the next symbol, so a chain may lead in a circle or out of the table. Each symbol is in one
// chain at most: more steps than symbols in all are a circle, or chains that meet.
static bool is_sysv_whole(const struct elf_lookup *lookup)
{
	size_t steps = 0;
	for (uint32_t i = 0; i < lookup->bucket_count; i++) {
		for (uint32_t at = lookup->buckets[i]; at; at = lookup->links[at]) {
			if (at >= lookup->link_count || ++steps > lookup->link_count)
				return false;
		}
	}
	return true;
}

static struct polyton_error *init_sysv(struct elf_file *file, uint64_t table, struct elf_lookup *lookup,
				       const char **complaint)
{
	uint32_t counts[2] = { 0, 0 }; // of buckets and of links
	const uint8_t *bytes = elf_file_at(file, table, sizeof(counts));
	*complaint = "its hash table lies outside its segments";
	if (bytes)
		memcpy(counts, bytes, sizeof(counts));
	uint64_t buckets = table + sizeof(counts), links = buckets + sizeof(*lookup->links) * (uint64_t)counts[0];
	struct polyton_error *error = read_words(file, buckets, counts[0], &lookup->buckets);
	if (!error)
		error = read_words(file, links, counts[1], &lookup->links);
	if (error || !bytes || !lookup->buckets || !lookup->links)
		return error;

	lookup->bucket_count = counts[0];
	lookup->link_count = counts[1] < lookup->symbols.count ? counts[1] : lookup->symbols.count;
	lookup->bloom = &lets_all_pass;
	*complaint = NULL;
	if (!is_sysv_whole(lookup)) {
		*complaint = "its hash table is damaged";
		lookup->bucket_count = 0;
	}
	return NULL;
}

struct polyton_error *elf_lookup_init(struct elf_file *file, const struct elf_dynamic *dynamic,
				      const struct elf_symbols *symbols, struct elf_lookup *ret,
				      const char **complaint_ret)
{
	struct elf_lookup lookup = { .symbols = *symbols };
	const char *of_hash = NULL, *of_versions;
	struct polyton_error *error = elf_versions_parse(file, dynamic, symbols, &lookup.versions, &of_versions);
	if (!error && symbols->count && dynamic->gnu_hash)
		error = init_gnu(file, dynamic->gnu_hash, &lookup, &of_hash);
	else if (!error && symbols->count && dynamic->hash)
		error = init_sysv(file, dynamic->hash, &lookup, &of_hash);
	if (error)
		return error;
	*ret = lookup;
	*complaint_ret = of_hash ? of_hash : of_versions;
	return NULL;
}

// What is found when no definition is the right one outright.
struct fallback {
	const Elf64_Sym *symbol; // the first one of a default version
	unsigned count;          // how many there are
};

static bool is_named(const struct elf_lookup *lookup, const Elf64_Sym *symbol, const char *name)
{
	return symbol->st_name < lookup->symbols.strings_size &&
	       strcmp(lookup->symbols.strings + symbol->st_name, name) == 0;
}

// The part of glibc's check_match() that knows no versions.
static bool is_definition(const Elf64_Sym *symbol, bool accept_undefined)
{
	enum {
		TYPES = 1 << STT_NOTYPE | 1 << STT_OBJECT | 1 << STT_FUNC | 1 << STT_COMMON | 1 << STT_TLS |
			1 << STT_GNU_IFUNC
	};
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	if (!symbol->st_value && symbol->st_shndx != SHN_ABS && type != STT_TLS)
		return false;
	if (symbol->st_shndx == SHN_UNDEF && !accept_undefined)
		return false;
	return 1u << type & TYPES;
}

// The other part. A symbol whose version index has no name counts as unversioned, as in ld.so.
static bool is_version(const struct elf_lookup *lookup, const struct elf_version *wanted, size_t index)
{
	bool is_hidden;
	const struct elf_version *own = elf_versions_of(&lookup->versions, index, &is_hidden);
	if (!lookup->versions.of_symbol)
		return true;
	if (own)
		return own->hash == wanted->hash && strcmp(own->name, wanted->name) == 0;
	return !wanted->is_hidden && !is_hidden;
}

// A reference without a version was linked before there were any: it gets the oldest, or else the only default one.
static bool is_oldest(const struct elf_lookup *lookup, size_t index, struct fallback *fallback)
{
	if (!lookup->versions.of_symbol)
		return true;
	Elf64_Half raw = lookup->versions.of_symbol[index];
	if ((raw & LOOKUP_INDEX) <= LOOKUP_OLDEST)
		return true;
	if (!(raw & LOOKUP_HIDDEN) && fallback->count++ == 0)
		fallback->symbol = &lookup->symbols.entries[index];
	return false;
}

static bool is_match(const struct elf_lookup *lookup, const struct elf_wanted *wanted, bool accept_undefined,
		     size_t index, struct fallback *fallback)
{
	const Elf64_Sym *symbol = &lookup->symbols.entries[index];
	if (!is_definition(symbol, accept_undefined) || !is_named(lookup, symbol, wanted->name))
		return false;
	return wanted->version ? is_version(lookup, wanted->version, index) : is_oldest(lookup, index, fallback);
}

static const Elf64_Sym *search_gnu(const struct elf_lookup *lookup, const struct elf_wanted *wanted,
				   bool accept_undefined, struct fallback *fallback)
{
	uint32_t start = lookup->buckets[wanted->gnu_hash % lookup->bucket_count];
	if (!start)
		return NULL;
	for (size_t i = start - lookup->first; i < lookup->link_count; i++) {
		size_t index = lookup->first + i;
		if ((lookup->links[i] ^ wanted->gnu_hash) >> 1 == 0 &&
		    is_match(lookup, wanted, accept_undefined, index, fallback))
			return &lookup->symbols.entries[index];
		if (lookup->links[i] & 1)
			break;
	}
	return NULL;
}

static const Elf64_Sym *search_sysv(const struct elf_lookup *lookup, const struct elf_wanted *wanted,
				    bool accept_undefined, struct fallback *fallback)
{
	uint32_t at = lookup->buckets[elf_sysv_hash(wanted->name) % lookup->bucket_count];
	for (size_t steps = 0; at && at < lookup->link_count && steps < lookup->link_count; steps++) {
		if (is_match(lookup, wanted, accept_undefined, at, fallback))
			return &lookup->symbols.entries[at];
		at = lookup->links[at];
	}
	return NULL;
}

const Elf64_Sym *elf_lookup_search(const struct elf_lookup *lookup, const struct elf_wanted *wanted,
				   bool accept_undefined)
{
	struct fallback fallback = { 0 };
	if (!lookup->bucket_count)
		return NULL;
	const Elf64_Sym *found = lookup->is_gnu ? search_gnu(lookup, wanted, accept_undefined, &fallback)
						: search_sysv(lookup, wanted, accept_undefined, &fallback);
	if (!found && fallback.count == 1)
		found = fallback.symbol;
	if (!found)
		return NULL;
	// Some linkers left hidden symbols in .dynsym (glibc's dl_symbol_visibility_binds_local_p() says which), and a
	// local one may be there by right. Neither is taken, nor another one of the chain in its place.
	unsigned visibility = ELF64_ST_VISIBILITY(found->st_other), binding = ELF64_ST_BIND(found->st_info);
	bool is_taken = visibility != STV_HIDDEN && visibility != STV_INTERNAL &&
			(binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE);
	return is_taken ? found : NULL;
}

// The loaded part is written at fixed places first, then the tables that only a file has, then the headers.

#include "elf_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "elf/lookup.h"

enum {
	ELF_FILE_MAX = 1 << 24,
	ELF_SECTIONS_MAX = 24,
	ELF_SEGMENTS_MAX = 12,
	ELF_DYNAMIC_MAX = 40,
	ELF_STRINGS_MAX = 64
};

struct writer {
	const struct elf_spec *spec;
	struct elf_bytes file;
	size_t capacity;
	uint64_t at; ///< Next free place.
	Elf64_Phdr segments[ELF_SEGMENTS_MAX];
	Elf64_Shdr sections[ELF_SECTIONS_MAX];
	Elf64_Dyn dynamic[ELF_DYNAMIC_MAX];
	char names[1024];
	size_t names_size;
};

static void need(struct writer *writer, uint64_t end)
{
	assert(end < ELF_FILE_MAX);
	if (end > writer->capacity) {
		size_t capacity = end * 2;
		writer->file.bytes = realloc(writer->file.bytes, capacity);
		assert(writer->file.bytes);
		memset(writer->file.bytes + writer->capacity, 0, capacity - writer->capacity);
		writer->capacity = capacity;
	}
	if (end > writer->file.size)
		writer->file.size = end;
}

static uint64_t put(struct writer *writer, const void *bytes, size_t size, size_t align)
{
	uint64_t at = (writer->at + align - 1) / align * align;
	need(writer, at + size);
	if (size)
		memcpy(writer->file.bytes + at, bytes, size);
	writer->at = at + size;
	return at;
}

static void add_segment(struct writer *writer, uint32_t type, uint32_t flags, uint64_t start, uint64_t file_end,
			uint64_t memory_end, uint64_t align)
{
	assert(writer->file.segment_count < ELF_SEGMENTS_MAX);
	writer->segments[writer->file.segment_count++] = (Elf64_Phdr){ .p_type = type,
								       .p_flags = flags,
								       .p_offset = start,
								       .p_vaddr = start,
								       .p_paddr = start,
								       .p_filesz = file_end - start,
								       .p_memsz = memory_end - start,
								       .p_align = align };
}

static uint32_t add_section(struct writer *writer, const char *name, Elf64_Shdr header)
{
	size_t length = strlen(name) + 1;
	assert(writer->file.section_count < ELF_SECTIONS_MAX && writer->names_size + length <= sizeof(writer->names));
	header.sh_name = (uint32_t)writer->names_size;
	memcpy(writer->names + writer->names_size, name, length);
	writer->names_size += length;
	writer->sections[writer->file.section_count] = header;
	return writer->file.section_count++;
}

static void add_dynamic(struct writer *writer, int64_t tag, uint64_t value)
{
	assert(writer->file.dynamic_count < ELF_DYNAMIC_MAX);
	writer->dynamic[writer->file.dynamic_count++] = (Elf64_Dyn){ .d_tag = tag, .d_un.d_val = value };
}

static size_t count_symbols(const struct elf_symbol_spec *rows)
{
	size_t count = 0;
	while (rows && rows[count].name)
		count++;
	return count;
}

// A table of symbols and its strings, with @p more of those: entry 0 is the null symbol, string 0 is empty.
static void put_symbols(struct writer *writer, const struct elf_symbol_spec *rows, const char *const *more,
			uint64_t *table_ret, uint64_t *strings_ret, uint64_t *strings_size_ret)
{
	size_t count = count_symbols(rows), size = 1, used = 1;
	for (size_t i = 0; i < count; i++)
		size += strlen(rows[i].name) + 1;
	for (size_t i = 0; more[i]; i++)
		size += strlen(more[i]) + 1;
	char *strings = calloc(size, 1);
	Elf64_Sym *table = calloc(count + 1, sizeof(*table));
	assert(strings && table);
	for (size_t i = 0; i < count; i++) {
		table[i + 1] = (Elf64_Sym){ .st_name = (uint32_t)used,
					    .st_info = rows[i].info,
					    .st_other = rows[i].other,
					    .st_shndx = rows[i].section,
					    .st_value = rows[i].value,
					    .st_size = rows[i].size };
		strcpy(strings + used, rows[i].name);
		used += strlen(rows[i].name) + 1;
	}
	for (size_t i = 0; more[i]; i++) {
		strcpy(strings + used, more[i]);
		used += strlen(more[i]) + 1;
	}
	*table_ret = put(writer, table, (count + 1) * sizeof(*table), 8);
	*strings_ret = put(writer, strings, size, 1);
	*strings_size_ret = size;
	free(table);
	free(strings);
}

// Everything in .dynstr that is no symbol's name, the soname first.
static void put_dynamic_symbols(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	const char *more[ELF_STRINGS_MAX] = { spec->soname ? spec->soname : "" };
	size_t count = 1;
	if (spec->runpath)
		more[count++] = spec->runpath;
	if (spec->rpath)
		more[count++] = spec->rpath;
	for (size_t i = 0; spec->needed && spec->needed[i]; i++)
		more[count++] = spec->needed[i];
	for (size_t i = 0; spec->versions && spec->versions[i].name; i++) {
		more[count++] = spec->versions[i].name;
		if (spec->versions[i].file)
			more[count++] = spec->versions[i].file;
		assert(count < ELF_STRINGS_MAX - 2);
	}
	more[count] = NULL;
	put_symbols(writer, spec->dynamic_symbols, more, &writer->file.dynsym, &writer->file.dynstr,
		    &writer->file.dynstr_size);
	writer->file.dynamic_symbol_count = (uint32_t)count_symbols(spec->dynamic_symbols) + 1;
}

static uint64_t dynstr_offset(const struct writer *writer, const char *text)
{
	const char *strings = (const char *)writer->file.bytes + writer->file.dynstr;
	for (size_t at = 0; at < writer->file.dynstr_size; at += strlen(strings + at) + 1) {
		if (strcmp(strings + at, text) == 0)
			return at;
	}
	assert(!"the text is among the strings");
	abort();
}

// One bucket, so that the chain is the whole table: what counting the symbols must find is its end.
static void put_gnu_hash(struct writer *writer, size_t count)
{
	const uint32_t header[] = { 1, 1, 1, 6 };
	const uint64_t bloom = UINT64_MAX;
	const uint32_t bucket = count ? 1 : 0;
	writer->file.hash = put(writer, header, sizeof(header), 8);
	put(writer, &bloom, sizeof(bloom), 8);
	put(writer, &bucket, sizeof(bucket), 4);
	for (size_t i = 1; i <= count; i++) {
		uint32_t link = elf_gnu_hash(writer->spec->dynamic_symbols[i - 1].name) & ~1u;
		link |= i == count;
		put(writer, &link, sizeof(link), 4);
	}
	add_dynamic(writer, DT_GNU_HASH, writer->file.hash);
}

static void put_sysv_hash(struct writer *writer, size_t count)
{
	const uint32_t header[] = { 1, (uint32_t)count + 1, count ? 1 : 0 };
	writer->file.hash = put(writer, header, sizeof(header), 8);
	for (size_t i = 0; i <= count; i++) {
		const uint32_t link = i && i < count ? (uint32_t)i + 1 : 0;
		put(writer, &link, sizeof(link), 4);
	}
	add_dynamic(writer, DT_HASH, writer->file.hash);
}

static void put_verdef(struct writer *writer, const struct elf_version_spec *rows)
{
	uint64_t last = 0;
	uint32_t count = 0;
	for (size_t i = 0; rows[i].name; i++) {
		const Elf64_Verdef record = { VER_DEF_CURRENT,
					      rows[i].flags,
					      rows[i].index,
					      1,
					      elf_sysv_hash(rows[i].name),
					      sizeof(record),
					      0 };
		const Elf64_Verdaux name = { (uint32_t)dynstr_offset(writer, rows[i].name), 0 };
		if (rows[i].file)
			continue;
		uint64_t at = put(writer, &record, sizeof(record), 8);
		put(writer, &name, sizeof(name), 4);
		if (last)
			elf_patch(&writer->file, last + offsetof(Elf64_Verdef, vd_next), at - last, 4);
		else
			writer->file.verdef = at;
		last = at;
		count++;
	}
	if (count) {
		add_dynamic(writer, DT_VERDEF, writer->file.verdef);
		add_dynamic(writer, DT_VERDEFNUM, count);
	}
}

static void put_verneed(struct writer *writer, const struct elf_version_spec *rows)
{
	uint64_t last = 0, last_name = 0;
	const char *file = "";
	uint32_t count = 0;
	for (size_t i = 0; rows[i].name; i++) {
		if (!rows[i].file)
			continue;
		if (strcmp(rows[i].file, file) != 0) {
			const Elf64_Verneed record = { VER_NEED_CURRENT, 0,
						       (uint32_t)dynstr_offset(writer, rows[i].file), sizeof(record),
						       0 };
			uint64_t at = put(writer, &record, sizeof(record), 8);
			if (last)
				elf_patch(&writer->file, last + offsetof(Elf64_Verneed, vn_next), at - last, 4);
			else
				writer->file.verneed = at;
			last = at;
			last_name = 0;
			file = rows[i].file;
			count++;
		}
		const Elf64_Vernaux name = { elf_sysv_hash(rows[i].name), rows[i].flags, rows[i].index,
					     (uint32_t)dynstr_offset(writer, rows[i].name), 0 };
		uint64_t at = put(writer, &name, sizeof(name), 4);
		if (last_name)
			elf_patch(&writer->file, last_name + offsetof(Elf64_Vernaux, vna_next), at - last_name, 4);
		last_name = at;
		elf_patch(&writer->file, last + offsetof(Elf64_Verneed, vn_cnt), writer->file.bytes[last + 2] + 1, 2);
	}
	if (count) {
		add_dynamic(writer, DT_VERNEED, writer->file.verneed);
		add_dynamic(writer, DT_VERNEEDNUM, count);
	}
}

static void put_versions(struct writer *writer, size_t count)
{
	const struct elf_spec *spec = writer->spec;
	const uint16_t none = VER_NDX_LOCAL;
	if (spec->versym) {
		writer->file.versym = put(writer, &none, sizeof(none), 2);
		put(writer, spec->versym, count * sizeof(*spec->versym), 2);
		add_dynamic(writer, DT_VERSYM, writer->file.versym);
	}
	if (spec->versions) {
		put_verdef(writer, spec->versions);
		put_verneed(writer, spec->versions);
	}
}

static void put_names(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	if (spec->soname && spec->soname[0])
		add_dynamic(writer, DT_SONAME, dynstr_offset(writer, spec->soname));
	for (size_t i = 0; spec->needed && spec->needed[i]; i++)
		add_dynamic(writer, DT_NEEDED, dynstr_offset(writer, spec->needed[i]));
	if (spec->runpath)
		add_dynamic(writer, DT_RUNPATH, dynstr_offset(writer, spec->runpath));
	if (spec->rpath)
		add_dynamic(writer, DT_RPATH, dynstr_offset(writer, spec->rpath));
	if (spec->init_array) {
		add_dynamic(writer, DT_INIT_ARRAY, spec->init_array);
		add_dynamic(writer, DT_INIT_ARRAYSZ, spec->init_array_size);
	}
}

static uint64_t put_relocs(struct writer *writer, const struct elf_reloc_spec *rows, size_t *size_ret)
{
	uint64_t at = put(writer, NULL, 0, 8);
	*size_ret = 0;
	for (; rows && rows->type; rows++) {
		const Elf64_Rela entry = { rows->offset, ELF64_R_INFO((uint64_t)rows->symbol, rows->type),
					   rows->addend };
		put(writer, &entry, sizeof(entry), 8);
		*size_ret += sizeof(entry);
	}
	return at;
}

static void put_reloc_tables(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	size_t size;
	writer->file.rela = put_relocs(writer, spec->relocs, &size);
	if (size) {
		add_dynamic(writer, DT_RELA, writer->file.rela);
		add_dynamic(writer, DT_RELASZ, size);
		add_dynamic(writer, DT_RELAENT, sizeof(Elf64_Rela));
	}
	writer->file.jmprel = put_relocs(writer, spec->plt_relocs, &size);
	if (size) {
		add_dynamic(writer, DT_JMPREL, writer->file.jmprel);
		add_dynamic(writer, DT_PLTRELSZ, size);
	}
	writer->file.relr = put(writer, spec->relr, spec->relr_count * sizeof(uint64_t), 8);
	if (spec->relr_count) {
		add_dynamic(writer, DT_RELR, writer->file.relr);
		add_dynamic(writer, DT_RELRSZ, spec->relr_count * sizeof(uint64_t));
	}
}

static void put_note(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	const Elf64_Nhdr header = { 4, (uint32_t)spec->build_id_size, NT_GNU_BUILD_ID };
	writer->file.note = put(writer, NULL, 0, 4);
	if (!spec->build_id_size)
		return;
	put(writer, &header, sizeof(header), 4);
	put(writer, "GNU", 4, 4);
	put(writer, spec->build_id, spec->build_id_size, 4);
	add_segment(writer, PT_NOTE, PF_R, writer->file.note, writer->at, writer->at, 4);
	add_section(writer, ".note.gnu.build-id",
		    (Elf64_Shdr){ .sh_type = SHT_NOTE,
				  .sh_flags = SHF_ALLOC,
				  .sh_addr = writer->file.note,
				  .sh_offset = writer->file.note,
				  .sh_size = writer->at - writer->file.note,
				  .sh_addralign = 4 });
}

static void put_tables(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	struct elf_bytes *file = &writer->file;
	size_t count = count_symbols(spec->dynamic_symbols);

	writer->at = ELF_AT_TABLES;
	put_note(writer);
	put_dynamic_symbols(writer);
	add_dynamic(writer, DT_SYMTAB, file->dynsym);
	add_dynamic(writer, DT_SYMENT, sizeof(Elf64_Sym));
	add_dynamic(writer, DT_STRTAB, file->dynstr);
	add_dynamic(writer, DT_STRSZ, file->dynstr_size);
	put_names(writer);
	if (spec->hash == ELF_HASH_GNU)
		put_gnu_hash(writer, count);
	else if (spec->hash == ELF_HASH_SYSV)
		put_sysv_hash(writer, count);
	put_versions(writer, count);
	put_reloc_tables(writer);
	if (spec->flags)
		add_dynamic(writer, DT_FLAGS, spec->flags);
	if (spec->flags_1)
		add_dynamic(writer, DT_FLAGS_1, spec->flags_1);
	if (spec->is_symbolic)
		add_dynamic(writer, DT_SYMBOLIC, 0);
	add_dynamic(writer, DT_DEBUG, 0);
	add_dynamic(writer, DT_NULL, 0);
	file->dynamic = put(writer, writer->dynamic, file->dynamic_count * sizeof(Elf64_Dyn), 8);
	assert(writer->at <= ELF_AT_RODATA);
	uint32_t strings = add_section(writer, ".dynstr",
				       (Elf64_Shdr){ .sh_type = SHT_STRTAB,
						     .sh_flags = SHF_ALLOC,
						     .sh_addr = file->dynstr,
						     .sh_offset = file->dynstr,
						     .sh_size = file->dynstr_size });
	add_section(writer, ".dynsym",
		    (Elf64_Shdr){ .sh_type = SHT_DYNSYM,
				  .sh_flags = SHF_ALLOC,
				  .sh_addr = file->dynsym,
				  .sh_offset = file->dynsym,
				  .sh_size = (count + 1) * sizeof(Elf64_Sym),
				  .sh_link = strings,
				  .sh_entsize = sizeof(Elf64_Sym),
				  .sh_addralign = 8 });
}

static void put_loaded(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	struct elf_bytes *file = &writer->file;
	assert(spec->rodata_size <= ELF_AT_RELRO - ELF_AT_RODATA && spec->relro_size <= ELF_AT_DATA - ELF_AT_RELRO);

	writer->at = ELF_AT_RODATA;
	put(writer, spec->rodata, spec->rodata_size, 1);
	writer->at = ELF_AT_RELRO;
	put(writer, spec->relro, spec->relro_size, 1);
	need(writer, ELF_AT_DATA);
	writer->at = ELF_AT_DATA;
	file->tdata = put(writer, spec->tdata, spec->tdata_size, 16);
	file->data = put(writer, spec->data, spec->data_size, 16);
	file->bss = put(writer, NULL, 0, 16);
	need(writer, file->bss);
	assert(file->bss <= ELF_AT_END);

	add_segment(writer, PT_LOAD, PF_R | PF_X, 0, ELF_AT_RELRO, ELF_AT_RELRO, 0x1000);
	add_segment(writer, PT_LOAD, PF_R | PF_W, ELF_AT_RELRO, file->bss, ELF_AT_END, 0x1000);
	add_segment(writer, PT_GNU_RELRO, PF_R, ELF_AT_RELRO, ELF_AT_DATA, ELF_AT_DATA, 1);
	if (spec->tdata_size || spec->tbss_size)
		add_segment(writer, PT_TLS, PF_R, file->tdata, file->tdata + spec->tdata_size,
			    file->tdata + spec->tdata_size + spec->tbss_size, spec->tls_align ? spec->tls_align : 8);
	if (!spec->has_no_dynamic)
		add_segment(writer, PT_DYNAMIC, PF_R | PF_W, file->dynamic,
			    file->dynamic + file->dynamic_count * sizeof(Elf64_Dyn),
			    file->dynamic + file->dynamic_count * sizeof(Elf64_Dyn), 8);
	add_section(writer, ".rodata",
		    (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
				  .sh_flags = SHF_ALLOC,
				  .sh_addr = ELF_AT_RODATA,
				  .sh_offset = ELF_AT_RODATA,
				  .sh_size = spec->rodata_size });
}

static void put_debug_link(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	if (!spec->debug_link)
		return;
	uint64_t at = put(writer, spec->debug_link, strlen(spec->debug_link) + 1, 4);
	put(writer, &spec->debug_link_crc, sizeof(spec->debug_link_crc), 4);
	add_section(writer, ".gnu_debuglink",
		    (Elf64_Shdr){ .sh_type = SHT_PROGBITS, .sh_offset = at, .sh_size = writer->at - at });
}

static void put_unloaded(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	struct elf_bytes *file = &writer->file;
	writer->at = file->size;
	if (spec->symbols) {
		uint64_t size;
		const char *const no_more[] = { "", NULL };
		put_symbols(writer, spec->symbols, no_more, &file->symtab, &file->strtab, &size);
		uint32_t strings = add_section(writer, ".strtab",
					       (Elf64_Shdr){ .sh_type = SHT_STRTAB,
							     .sh_offset = file->strtab,
							     .sh_size = size });
		add_section(writer, ".symtab",
			    (Elf64_Shdr){ .sh_type = SHT_SYMTAB,
					  .sh_offset = file->symtab,
					  .sh_size = (count_symbols(spec->symbols) + 1) * sizeof(Elf64_Sym),
					  .sh_link = strings,
					  .sh_entsize = sizeof(Elf64_Sym),
					  .sh_addralign = 8 });
	}
	put_debug_link(writer);
	if (spec->extra_name) {
		uint64_t at = put(writer, spec->extra, spec->extra_size, 8);
		add_section(writer, spec->extra_name,
			    (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
					  .sh_flags = spec->extra_flags,
					  .sh_offset = at,
					  .sh_size = spec->extra_size,
					  .sh_addralign = 8 });
	}
}

static void put_headers(struct writer *writer)
{
	const struct elf_spec *spec = writer->spec;
	struct elf_bytes *file = &writer->file;
	Elf64_Ehdr header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			      .e_type = spec->type ? spec->type : ET_DYN,
			      .e_machine = spec->machine ? spec->machine : EM_X86_64,
			      .e_version = EV_CURRENT,
			      .e_ehsize = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_shentsize = sizeof(Elf64_Shdr) };
	if (!spec->has_no_segments) {
		header.e_phoff = ELF_AT_SEGMENTS;
		header.e_phnum = (uint16_t)file->segment_count;
		memcpy(file->bytes + ELF_AT_SEGMENTS, writer->segments, file->segment_count * sizeof(Elf64_Phdr));
	}
	if (!spec->has_no_sections) {
		uint64_t names = put(writer, NULL, 0, 1);
		uint32_t index =
			add_section(writer, ".shstrtab", (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = names });
		writer->sections[index].sh_size = writer->names_size;
		put(writer, writer->names, writer->names_size, 1);
		file->sections = put(writer, writer->sections, file->section_count * sizeof(Elf64_Shdr), 8);
		header.e_shoff = file->sections;
		header.e_shnum = (uint16_t)file->section_count;
		header.e_shstrndx = (uint16_t)index;
	}
	memcpy(file->bytes, &header, sizeof(header));
}

struct elf_bytes elf_write(const struct elf_spec *spec)
{
	struct writer writer = { .spec = spec };
	need(&writer, ELF_AT_DATA);
	add_section(&writer, "", (Elf64_Shdr){ 0 });
	put_tables(&writer);
	put_loaded(&writer);
	put_unloaded(&writer);
	put_headers(&writer);
	return writer.file;
}

void elf_bytes_deinit(struct elf_bytes *file)
{
	free(file->bytes);
	*file = (struct elf_bytes){ 0 };
}

void elf_load(const struct elf_bytes *file, struct byte_target *memory, uint64_t bias, bool is_relocated)
{
	byte_target_map(memory, bias, ELF_AT_END);
	byte_target_put(memory, bias, file->bytes, file->bss);
	for (uint32_t i = 0; is_relocated && i < file->dynamic_count; i++) {
		Elf64_Dyn entry;
		uint64_t at = file->dynamic + i * sizeof(entry);
		memcpy(&entry, file->bytes + at, sizeof(entry));
		if (entry.d_tag == DT_SYMTAB || entry.d_tag == DT_STRTAB || entry.d_tag == DT_GNU_HASH ||
		    entry.d_tag == DT_HASH || entry.d_tag == DT_RELA || entry.d_tag == DT_JMPREL ||
		    entry.d_tag == DT_RELR || entry.d_tag == DT_VERSYM)
			byte_target_put_number(memory, bias + at + offsetof(Elf64_Dyn, d_un), entry.d_un.d_ptr + bias,
					       8);
	}
}

void elf_patch(struct elf_bytes *file, uint64_t offset, uint64_t value, size_t size)
{
	assert(offset + size <= file->size);
	for (size_t i = 0; i < size; i++)
		file->bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

static uint64_t find_entry(const struct elf_bytes *file, uint64_t at, uint32_t count, size_t size, size_t key_offset,
			   size_t key_size, uint64_t key)
{
	for (uint32_t i = 0; i < count; i++, at += size) {
		uint64_t found = 0;
		memcpy(&found, file->bytes + at + key_offset, key_size);
		if (found == key)
			return at;
	}
	assert(!"the file has such an entry");
	abort();
}

uint64_t elf_dynamic_entry(const struct elf_bytes *file, int64_t tag)
{
	return find_entry(file, file->dynamic, file->dynamic_count, sizeof(Elf64_Dyn), 0, 8, (uint64_t)tag);
}

uint64_t elf_section_header(const struct elf_bytes *file, uint32_t type)
{
	return find_entry(file, file->sections, file->section_count, sizeof(Elf64_Shdr),
			  offsetof(Elf64_Shdr, sh_type), 4, type);
}

uint64_t elf_segment_header(const struct elf_bytes *file, uint32_t type)
{
	return find_entry(file, ELF_AT_SEGMENTS, file->segment_count, sizeof(Elf64_Phdr), 0, 4, type);
}

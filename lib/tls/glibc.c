// Version numbers say nothing: distributions backport patches that move these fields. So the inferior's own
// descriptors are asked, and calibration looks for content that only the wanted field can have.

#include "tls/glibc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	GLIBC_MAP_SCAN = 1400,      // struct link_map is 1160 bytes in 2.41
	GLIBC_RTLD_MAX = 64 * 1024, // _rtld_global is about 4 KiB
	GLIBC_SLOTS_CHECKED = 4096,
	GLIBC_PAGE = 4096,
	// robust_head follows tid by {tid, (pid_ununsed), (padding), robust_prev} on 64-bit machines.
	GLIBC_ROBUST_AFTER_TID_64 = 16,
	GLIBC_ROBUST_AFTER_TID_32 = 4,
};

struct finder {
	struct target *target;
	tls_lookup_fn *lookup;
	void *arg;
};

// One DB_STRUCT_FIELD descriptor: {size in bits, element count, offset}. False if the symbol is not there.
static bool read_descriptor(const struct finder *finder, const char *name, uint32_t *offset_ret, int32_t *count_ret)
{
	char symbol[96];
	uint8_t descriptor[12];
	uint64_t size;
	snprintf(symbol, sizeof(symbol), "_thread_db_%s", name);
	uint64_t address = finder->lookup(finder->arg, symbol, &size);
	struct target_read piece = { address, descriptor, sizeof(descriptor), 0 };
	if (!address || size < sizeof(descriptor))
		return false;
	target_read_pieces(finder->target, &piece, 1);
	if (piece.error)
		return false;
	if (offset_ret)
		*offset_ret = (uint32_t)target_number(finder->target, descriptor + 8, 4);
	if (count_ret)
		*count_ret = target_int(finder->target, descriptor + 4);
	return true;
}

// The distance from struct pthread to the thread pointer of variant I. Machines whose debuggers are handed the pointer
// have it as a constant, the others in the descriptor of the register, negative. On variant II these hold something
// else (a segment register's number).
static bool read_distance(const struct finder *finder, uint64_t *ret)
{
	uint8_t bytes[4];
	uint64_t size, address = finder->lookup(finder->arg, "_thread_db_const_thread_area", &size);
	struct target_read piece = { address, bytes, sizeof(bytes), 0 };
	int32_t count;
	if (address && size >= sizeof(bytes)) {
		target_read_pieces(finder->target, &piece, 1);
		*ret = target_number(finder->target, bytes, sizeof(bytes));
		return !piece.error && *ret;
	}
	if (!read_descriptor(finder, "register64", NULL, &count) &&
	    !read_descriptor(finder, "register32", NULL, &count))
		return false;
	*ret = (uint64_t)(-(int64_t)count);
	return count < 0;
}

static uint32_t read_pthread_size(const struct finder *finder)
{
	uint8_t bytes[4];
	uint64_t size, address = finder->lookup(finder->arg, "_thread_db_sizeof_pthread", &size);
	struct target_read piece = { address, bytes, sizeof(bytes), 0 };
	if (!address || size < sizeof(bytes))
		return 0;
	target_read_pieces(finder->target, &piece, 1);
	return piece.error ? 0 : (uint32_t)target_number(finder->target, bytes, sizeof(bytes));
}

static void read_descriptors(const struct finder *finder, struct tls_layout *layout)
{
	const struct arch *arch = finder->target->arch;
	uint64_t distance;
	uint32_t offset;

	if (read_descriptor(finder, "pthread_tid", &layout->pthread_tid, NULL)) {
		layout->has_descriptors = true;
		layout->robust_head = layout->pthread_tid +
				      (arch->word == 8 ? GLIBC_ROBUST_AFTER_TID_64 : GLIBC_ROBUST_AFTER_TID_32);
	}
	layout->pthread_size = read_pthread_size(finder);
	read_descriptor(finder, "pthread_list", &layout->pthread_list, NULL);
	if (arch->tls_variant == ARCH_TLS_ABOVE && read_distance(finder, &distance))
		layout->pthread_above = distance;
	if (read_descriptor(finder, "pthread_dtvp", &offset, NULL))
		layout->pthread_dtv = offset;
	else if (arch->tls_variant == ARCH_TLS_ABOVE) // tcbhead_t is at the thread pointer, or right below it
		layout->pthread_dtv =
			(uint32_t)(layout->pthread_above - arch->tp_offset_bias + (uint64_t)arch->dtv_offset);
	if (!read_descriptor(finder, "link_map_l_tls_offset", &layout->map_offset, NULL) ||
	    !read_descriptor(finder, "link_map_l_tls_modid", &layout->map_module, NULL))
		layout->map_offset = layout->map_module = 0;
	if (layout->rtld_global) {
		if (read_descriptor(finder, "rtld_global__dl_tls_dtv_slotinfo_list", &offset, NULL))
			layout->slotinfo_list = layout->rtld_global + offset;
		if (read_descriptor(finder, "rtld_global__dl_stack_user", &offset, NULL))
			layout->stack_user = layout->rtld_global + offset;
		if (read_descriptor(finder, "rtld_global__dl_stack_used", &offset, NULL))
			layout->stack_used = layout->rtld_global + offset;
	}
}

// The five words of struct link_map that hold an object's PT_TLS facts; l_tls_offset and l_tls_modid follow.
static bool match_map(const struct target *target, const uint8_t *map, size_t at, const struct image *image,
		      const Elf64_Phdr *tls)
{
	uint64_t align = tls->p_align ? tls->p_align : 1;
	const uint64_t wanted[] = { image->bias + tls->p_vaddr, tls->p_filesz, tls->p_memsz, align,
				    tls->p_vaddr & (align - 1) };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (target_word(target, map + at + i * target->arch->word) != wanted[i])
			return false;
	}
	return true;
}

// What there is of a map: ld.so places those of the startup modules itself, up to the very end of its pages.
static size_t read_map(struct target *target, uint64_t address, uint8_t *map, size_t size)
{
	struct target_read piece = { address, map, size, 0 };
	target_read_pieces(target, &piece, 1);
	if (piece.error) {
		size_t left = GLIBC_PAGE - address % GLIBC_PAGE;
		piece.size = left < size ? left : size;
		target_read_pieces(target, &piece, 1);
	}
	return piece.error ? 0 : piece.size;
}

// A startup module's map is scanned: on variant I l_tls_firstbyte_offset of later ones may be overwritten.
static void calibrate_map(struct target *target, const struct image *program, const struct linkmap *list,
			  struct tls_layout *layout)
{
	uint8_t map[GLIBC_MAP_SCAN];
	struct image image = *program;
	size_t word = target->arch->word;

	for (size_t i = 0; i < list->entries.count; i++) {
		const struct linkmap_entry *entry = &list->entries.items[i];
		if (entry->name_space)
			continue;
		if (i > 0) {
			struct polyton_error *error = image_read(target, entry->bias, entry->bias, &image);
			if (error) {
				polyton_error_destroy(error);
				continue;
			}
		}
		const Elf64_Phdr *tls = image_segment(&image, PT_TLS);
		size_t size = tls ? read_map(target, entry->address, map, sizeof(map)) : 0;
		for (size_t at = 0; at + 7 * word <= size; at += word) {
			if (match_map(target, map, at, &image, tls)) {
				layout->map_offset = (uint32_t)(at + 5 * word);
				layout->map_module = (uint32_t)(at + 6 * word);
				return;
			}
		}
	}
}

// Whether @p head points to a slotinfo list whose entries are the maps of the modules that they number.
static bool is_slotinfo_list(struct target *target, uint64_t head, const struct linkmap *list,
			     const struct tls_layout *layout)
{
	uint64_t header[2];
	size_t word = target->arch->word, hits = 0;
	struct target_read piece = { head, header, 2 * word, 0 };
	if (!head || head % word)
		return false;
	target_read_pieces(target, &piece, 1);
	uint64_t length = piece.error ? 0 : target_word(target, header);
	if (length < 2 || length > GLIBC_SLOTS_CHECKED)
		return false;
	for (size_t i = 0; i < list->entries.count && hits < 8; i++) {
		uint64_t map = list->entries.items[i].address, module[1], slot[2];
		struct polyton_error *error = target_read_words(target, map + layout->map_module, 1, module);
		if (!error && module[0] && module[0] < length) {
			error = target_read_words(target, head + (2 + 2 * module[0]) * word, 2, slot);
			if (!error && slot[1] != map)
				return false;
			hits += !error;
		}
		polyton_error_destroy(error);
	}
	return hits > 0;
}

static void calibrate_slotinfo(struct target *target, const struct linkmap *list, struct tls_layout *layout)
{
	size_t word = target->arch->word, size = layout->rtld_global_size;
	if (!layout->rtld_global || !size || size > GLIBC_RTLD_MAX || !layout->map_module)
		return;
	auto_free uint8_t *global = malloc(size);
	struct target_read piece = { layout->rtld_global, global, size, 0 };
	if (!global)
		return;
	target_read_pieces(target, &piece, 1);
	for (size_t at = 0; !piece.error && at + word <= size; at += word) {
		if (is_slotinfo_list(target, target_word(target, global + at), list, layout)) {
			layout->slotinfo_list = layout->rtld_global + at;
			return;
		}
	}
}

static void read_version(const struct finder *finder, struct tls_layout *layout)
{
	static const char *const names[] = { "__nptl_version", "nptl_version" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !layout->version[0]; i++) {
		uint64_t size, address = finder->lookup(finder->arg, names[i], &size);
		struct target_read piece = { address, layout->version, size, 0 };
		if (!address || size >= sizeof(layout->version))
			continue;
		target_read_pieces(finder->target, &piece, 1);
		if (piece.error || strspn(layout->version, "0123456789.") != strlen(layout->version))
			memset(layout->version, 0, sizeof(layout->version));
	}
}

struct polyton_error *tls_layout_find(struct target *target, const struct image *program, const struct linkmap *list,
				      tls_lookup_fn *lookup, void *arg, struct tls_layout *ret)
{
	const struct arch *arch = target->arch;
	const struct finder finder = { target, lookup, arg };
	uint64_t size;
	struct tls_layout layout = {
		.pthread_tid = arch->tid_offset,
		.pthread_dtv = arch->tls_variant == ARCH_TLS_BELOW ? (uint32_t)arch->dtv_offset : 0,
		.robust_head = arch->robust_head_offset,
		.pthread_above = arch->pre_tcb_size ? (uint64_t)arch->pre_tcb_size + arch->tp_offset_bias : 0,
	};

	layout.rtld_global = lookup(arg, "_rtld_global", &layout.rtld_global_size);
	layout.rtld_global_ro = lookup(arg, "_rtld_global_ro", &layout.rtld_global_ro_size);
	read_version(&finder, &layout);
	read_descriptors(&finder, &layout);
	// glibc up to 2.32 keeps the lists in libpthread's own variables.
	if (!layout.stack_user)
		layout.stack_user = lookup(arg, "__stack_user", &size);
	if (!layout.stack_used)
		layout.stack_used = lookup(arg, "stack_used", &size);
	if (!layout.map_module)
		calibrate_map(target, program, list, &layout);
	if (!layout.slotinfo_list)
		calibrate_slotinfo(target, list, &layout);
	*ret = layout;
	return NULL;
}

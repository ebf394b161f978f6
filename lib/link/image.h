/**
 * One loaded object as its memory shows it: program headers, range, build id, dynamic section. No file needed.
 */
#ifndef LINK_IMAGE_H
#define LINK_IMAGE_H

#include <elf.h>

#include "elf/file.h"
#include "target/target.h"

enum { IMAGE_MAX_HEADERS = 128 };

struct image {
	uint64_t headers; ///< Address of the ELF header (or of the program headers, for the program).
	uint64_t bias;
	uint64_t start, end; ///< Of all PT_LOAD, page-rounded.
	Elf64_Phdr segments[IMAGE_MAX_HEADERS];
	uint32_t segment_count;
	uint64_t dynamic; ///< Run-time address of PT_DYNAMIC, 0 if none.
	uint64_t dynamic_size;
	uint64_t build_id_address; ///< Run-time address of its bytes.
	uint8_t build_id[ELF_BUILD_ID_MAX];
	uint32_t build_id_size;
};

/** The object whose program headers are at @p address (AT_PHDR); the bias is found from PT_PHDR or offset 0. */
must_use struct polyton_error *image_read_program(struct target *target, uint64_t address, uint64_t count,
						  struct image *ret);
/** The object whose ELF header is at @p address, loaded with @p bias. */
must_use struct polyton_error *image_read(struct target *target, uint64_t address, uint64_t bias, struct image *ret);
/** First segment of @p type, or NULL. */
const Elf64_Phdr *image_segment(const struct image *image, uint32_t type);

/** What the loader wrote into DT_DEBUG: the address of its struct r_debug; 0 without one. */
must_use struct polyton_error *image_read_debug(struct target *target, const struct image *image, uint64_t *ret);

#endif

/** Every question that one file's hash, version and relocation tables can be asked: for files nobody should believe. */
#ifndef SUPPORT_LOOKUP_DRIVE_H
#define SUPPORT_LOOKUP_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How many symbols were found by their own name and version; -1 if the bytes were not taken for an ELF file. */
long lookup_drive(const uint8_t *bytes, size_t size);

#endif

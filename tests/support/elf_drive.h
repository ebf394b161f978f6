/** Everything the library reads out of one file, one after the other: for files that nobody should believe. */
#ifndef SUPPORT_ELF_DRIVE_H
#define SUPPORT_ELF_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** True if the bytes were taken for an ELF file. What is read from them is touched, and then dropped. */
bool elf_drive(const uint8_t *bytes, size_t size);

#endif

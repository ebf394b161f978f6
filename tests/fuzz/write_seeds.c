// Writes the files that fuzz_lookup begins with into a folder.

#include <stdio.h>

#include "../support/lookup_seeds.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: write_seeds FOLDER\n");
		return 2;
	}
	for (size_t i = 0; i < lookup_seed_count(); i++) {
		char path[4096];
		struct elf_bytes seed = lookup_seed(i);
		snprintf(path, sizeof(path), "%s/%s", argv[1], lookup_seed_name(i));
		FILE *file = fopen(path, "wb");
		bool is_written = file && fwrite(seed.bytes, 1, seed.size, file) == seed.size;
		if ((file && fclose(file)) || !is_written) {
			perror(path);
			return 1;
		}
		elf_bytes_deinit(&seed);
	}
	return 0;
}

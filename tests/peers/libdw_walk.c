// The peer of dwarf_types: all DIEs of a file by libdw, and how many of them are variables with a place, which is the
// least it takes to find a variable by where it is. Prints milliseconds and that number.

#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TAG_VARIABLE = 0x34, AT_LOCATION = 0x02 };

static size_t variables;

static void walk(Dwarf_Die *parent)
{
	Dwarf_Die die;
	if (dwarf_child(parent, &die))
		return;
	do {
		Dwarf_Attribute attribute;
		Dwarf_Op *operations;
		size_t count;
		if (dwarf_tag(&die) == TAG_VARIABLE && dwarf_attr(&die, AT_LOCATION, &attribute) &&
		    dwarf_getlocation(&attribute, &operations, &count) == 0)
			variables++;
		if (dwarf_haschildren(&die))
			walk(&die);
	} while (dwarf_siblingof(&die, &die) == 0);
}

static double milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	double start = milliseconds();
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	Dwarf *dwarf = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);
	if (!dwarf) {
		fprintf(stderr, "usage: libdw_walk FILE-WITH-DEBUG-INFO\n");
		return EXIT_FAILURE;
	}
	size_t header;
	Dwarf_Off offset = 0, next;
	while (dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
		Dwarf_Die unit;
		if (dwarf_offdie(dwarf, offset + header, &unit))
			walk(&unit);
		offset = next;
	}
	dwarf_end(dwarf);
	close(fd);
	printf("%.1f %zu\n", milliseconds() - start, variables);
	return EXIT_SUCCESS;
}

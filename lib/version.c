// What a program can learn of the library that it was given at run time.

#include "polyton.h"

#define TEXT(x) #x
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *polyton_version(void)
{
	return VERSION_TEXT(POLYTON_VERSION_MAJOR, POLYTON_VERSION_MINOR, POLYTON_VERSION_PATCH)
#if defined(HAVE_ZSTD) && defined(HAVE_LZMA)
		" (zstd lzma)";
#elif defined(HAVE_ZSTD)
		" (zstd)";
#elif defined(HAVE_LZMA)
		" (lzma)";
#else
		" ()";
#endif
}

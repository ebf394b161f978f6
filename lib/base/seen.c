#include "base/seen.h"

#include "base/table.h"

enum { SEEN_PLACES_EACH = 16 };
#define SEEN_MOST_PLACES (UINT64_C(1) << 31)

bool seen_init(struct seen *seen, size_t expected)
{
	uint64_t places = SEEN_WORD;
	while (places / SEEN_PLACES_EACH < expected && places < SEEN_MOST_PLACES)
		places *= 2;
	seen->once = table_create(places / SEEN_WORD, sizeof(*seen->once));
	seen->again = table_create(places / SEEN_WORD, sizeof(*seen->again));
	seen->mask = places - 1;
	return seen->once && seen->again;
}

void seen_deinit(struct seen *seen)
{
	free(seen->once);
	free(seen->again);
	*seen = (struct seen){ 0 };
}

// The list of an object and what it brings: breadth first, what is filtered before who filters it.

#include "../support/check.h"

#include <stdio.h>
#include <string.h>

#include "link/deplist.h"
#include "polyton.h"

/** "b F:c A:d": needs 'b', filters 'c' and, if it is there, 'd'. '-' is not to be had. */
struct world {
	const char *const *needs; // of each letter from 'a' on
	char asked[64], moved[256];
};

static struct polyton_error *count_needs(void *arg, uint32_t object, size_t *ret)
{
	struct world *world = arg;
	size_t used = strlen(world->asked), letters = 0;
	assert_null(strchr(world->asked, 'a' + (int)object));
	world->asked[used] = (char)('a' + object);
	for (const char *at = world->needs[object]; *at; at++)
		letters += (*at >= 'a' && *at <= 'z') || *at == '-';
	*ret = letters;
	return NULL;
}

static struct polyton_error *find_need(void *arg, uint32_t object, size_t number, uint32_t *ret,
				       enum elf_need *kind_ret)
{
	const struct world *world = arg;
	const char *at = world->needs[object];
	for (;; at++) {
		if (!((*at >= 'a' && *at <= 'z') || *at == '-'))
			continue;
		if (!number--)
			break;
	}
	bool is_filtee = at > world->needs[object] && at[-1] == ':';
	*ret = *at == '-' ? POLYTON_NONE : (uint32_t)(*at - 'a');
	*kind_ret = !is_filtee ? ELF_NEED_LIBRARY : at[-2] == 'F' ? ELF_NEED_FILTEE : ELF_NEED_AUXILIARY;
	return NULL;
}

static void put_before(void *arg, uint32_t filtee, uint32_t filter)
{
	struct world *world = arg;
	size_t used = strlen(world->moved);
	snprintf(world->moved + used, sizeof(world->moved) - used, "%s%c%c", used ? " " : "", 'a' + (int)filtee,
		 'a' + (int)filter);
}

static const struct deplist_ops ops = { .count = count_needs, .find = find_need, .put_before = put_before };

static void make(struct deplist *list, struct world *world, const char *first, const char *wanted, const char *moved)
{
	uint32_t objects[16];
	char said[64] = "";
	size_t count = 0;
	for (; first[count]; count++)
		objects[count] = (uint32_t)(first[count] - 'a');
	world->asked[0] = world->moved[0] = '\0';
	memset(world->asked, 0, sizeof(world->asked));
	assert_fine(deplist_make(list, objects, count, &ops, world));
	for (size_t i = 0; i < list->objects.count; i++)
		said[i] = (char)('a' + list->objects.items[i]);
	assert_string_equal(said, wanted);
	assert_string_equal(world->moved, moved);
}

#define CHECK(first, wanted, moved, ...)                                                 \
	do {                                                                             \
		struct world world = { .needs = (const char *const[]){ __VA_ARGS__ } };  \
		struct deplist list = { 0 };                                             \
		make(&list, &world, first, wanted, moved);                               \
		make(&list, &world, first, wanted, moved); /* with what is left of it */ \
		deplist_deinit(&list);                                                   \
	} while (0)

static void test_without_filters(void **state)
{
	(void)state;
	CHECK("a", "a", "", "");
	CHECK("a", "abcd", "", "bc", "d", "d", "");
	CHECK("a", "acbd", "", "cb", "a", "ddb", "a-");
	CHECK("abb", "abcd", "", "c", "d", "", ""); // preloaded
	CHECK("a", "ab", "", "-b-a", "-");
}

static void test_filters(void **state)
{
	(void)state;
	CHECK("a", "acb", "cb", "b", "F:c", "");
	CHECK("a", "acb", "cb", "b", "A:c", "");
	CHECK("a", "ab", "", "b", "F:- A:-");
	// The first one that is filtered stands in front; what they need comes behind all.
	CHECK("a", "acdbfeg", "cb db", "b", "F:c A:d f", "e", "g", "", "", "");
	// What a filtee filters stands before that.
	CHECK("a", "adcb", "cb dc", "b", "F:c", "F:d", "");
	// The object itself may be a filter, and what is preloaded.
	CHECK("a", "bac", "ba", "F:b c", "", "");
	CHECK("ab", "acbd", "cb", "d", "F:c", "", "");
}

static void test_filtees_that_are_there(void **state)
{
	(void)state;
	// Further back: it is moved, from the end, too. In front: it stays.
	CHECK("a", "acbd", "cb", "bcd", "F:c", "", "");
	CHECK("a", "adbc", "db", "bcd", "F:d", "", "", "");
	CHECK("a", "adbce", "db", "bcd", "F:d", "e", "", "");
	CHECK("a", "abc", "", "bc", "", "F:b");
	CHECK("a", "abc", "", "bc", "", "A:a");
	// The same twice, and itself.
	CHECK("a", "acdb", "cb db", "b", "F:c F:d F:c F:b", "", "");
	// Of two filters that stand behind each other the first one has it.
	CHECK("a", "adbc", "db", "bc", "F:d", "F:d", "");
	// What waits before one filter may be moved before another filtee of it.
	CHECK("a", "adcb", "cb db dc", "b", "F:c F:d", "F:d", "");
}

static void test_filters_in_a_circle(void **state)
{
	(void)state;
	CHECK("a", "acb", "cb", "b", "F:c", "F:b");
	CHECK("a", "adcb", "cb dc", "b", "F:c", "F:d", "F:b");
	CHECK("a", "ba", "ba", "F:b", "F:a");
}

static struct polyton_error *refuse(void *arg, uint32_t object, size_t *ret)
{
	(void)arg, (void)ret;
	return object ? error_create(POLYTON_ERROR_DAMAGED, "no") : count_needs(arg, object, ret);
}

static void test_errors_end_it(void **state)
{
	(void)state;
	struct world world = { .needs = (const char *const[]){ "b", "" } };
	struct deplist list = { 0 };
	const struct deplist_ops failing = { .count = refuse, .find = find_need };
	assert_error(deplist_make(&list, &(uint32_t){ 0 }, 1, &failing, &world), POLYTON_ERROR_DAMAGED, "no");
	deplist_deinit(&list);
	deplist_deinit(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_filters),        cmocka_unit_test(test_filters),
		cmocka_unit_test(test_filtees_that_are_there), cmocka_unit_test(test_filters_in_a_circle),
		cmocka_unit_test(test_errors_end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

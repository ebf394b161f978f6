// glibc's own sums (elf/dl-tls.c, _dl_determine_tlsoffset; elf/dl-reloc.c, _dl_try_allocate_static_tls). Some stand in
// _rtld_global right behind the pointer to the table of modules, some in _rtld_global_ro at no known place. Both are
// believed only where exactly one reading of them fits the loaded modules and the rules by which glibc adds up.

#include "tls/budget.h"

#include <string.h>

enum {
	BUDGET_WORDS = 8, // from the pointer to the table on
	BUDGET_ATTEMPTS = 3,
	BUDGET_MAX_CONSTANTS = 64 * 1024, // _rtld_global_ro is less than 1 KiB
	BUDGET_MAX_BYTES = 1 << 30,
	BUDGET_MAX_ALIGN = 1 << 20,
	BUDGET_MAX_SLOTS = 1 << 20,
	// TLS_STATIC_SURPLUS up to 2.31: 64 + 100 for each of 16 namespaces. Later the default, and never less than for
	// one namespace and no audit module.
	BUDGET_OLD_SURPLUS = 1664,
	BUDGET_LEAST_SURPLUS = 288,
};

/** Where the sums stand, counted in words from the pointer to the table; 0: not there. */
struct shape {
	uint8_t size, used, align, optional, dtv, generation;
};

static const struct shape shapes[] = {
	{ .used = 2, .optional = 3, .dtv = 4, .generation = 5 },                        // from 2.34 on
	{ .size = 2, .used = 3, .align = 4, .dtv = 5, .generation = 6 },                // up to 2.31
	{ .size = 2, .used = 3, .align = 4, .optional = 5, .dtv = 6, .generation = 7 }, // 2.32, 2.33, Debian's 2.31
};
enum { SHAPE_ELEMENTS = 1 }; // in all of them: how many modules the process started with; theirs are the first ids

/** The sums as glibc has them, with the thread control block in them. */
struct sums {
	uint64_t size, used, align, optional, surplus;
};

/** What the loaded modules and the machine say about the sums. */
struct limits {
	uint64_t generation;  ///< Of the newest module.
	uint64_t end;         ///< No less than this is used.
	uint64_t startup_end; ///< No less than this was used at the start.
	uint64_t control;     ///< What of the size is a control block that the modules' offsets do not count.
	bool is_below;        ///< Variant II.
};

static struct limits limits_of(const struct target *target, const struct tls_layout *layout,
			       const struct tls_modules *modules, uint64_t elements)
{
	struct limits limits = { .is_below = target->arch->tls_variant == ARCH_TLS_BELOW };
	limits.control = limits.is_below ? layout->pthread_size : 0;
	for (size_t i = 0; i < modules->items.count; i++) {
		const struct tls_module *module = &modules->items.items[i];
		if (module->generation > limits.generation)
			limits.generation = module->generation;
		if (module->placement != POLYTON_TLS_STATIC)
			continue;
		if (module->offset > limits.end)
			limits.end = module->offset;
		if (module->id <= elements && module->offset > limits.startup_end)
			limits.startup_end = module->offset;
	}
	return limits;
}

// The main thread's first DTV, which the loader keeps even when the thread has a larger one: {capacity, -} and then
// {generation, -}.
static bool is_first_dtv(struct target *target, uint64_t dtv, uint64_t elements, uint64_t generation)
{
	uint64_t words[3], word = target->arch->word;
	if (dtv < 2 * word || dtv % word)
		return false;
	struct polyton_error *error = target_read_words(target, dtv - 2 * word, 3, words);
	if (error) {
		polyton_error_destroy(error);
		return false;
	}
	return words[0] && words[0] >= elements && words[0] <= BUDGET_MAX_SLOTS && words[2] <= generation;
}

// The generation need not be the newest module's: a failed dlopen counts it up and leaves no module.
static bool fits(struct target *target, const struct shape *shape, const uint64_t *words, const struct limits *limits)
{
	uint64_t generation = words[shape->generation], used = words[shape->used];
	return generation >= limits->generation && generation <= INT32_MAX && used >= limits->end &&
	       used <= BUDGET_MAX_BYTES && is_first_dtv(target, words[shape->dtv], words[SHAPE_ELEMENTS], generation);
}

// The only shape that fits, NULL if none or several do.
static const struct shape *find_shape(struct target *target, const uint64_t *words, const struct limits *limits)
{
	const struct shape *found = NULL;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (!fits(target, &shapes[i], words, limits))
			continue;
		if (found)
			return NULL;
		found = &shapes[i];
	}
	return found;
}

// The size is what was used at the start and the surplus, rounded up (variant II: to the alignment), and the control
// block. What was used at the start is known but for what takes no module's name (the rseq area, from 2.41 on).
static bool is_sound(const struct sums *sums, const struct limits *limits, bool is_old)
{
	uint64_t align = sums->align;
	if (sums->size > BUDGET_MAX_BYTES || sums->surplus > BUDGET_MAX_BYTES || align > BUDGET_MAX_ALIGN)
		return false;
	if (!align || align & (align - 1) || sums->surplus < BUDGET_LEAST_SURPLUS || sums->surplus < sums->optional ||
	    sums->size < limits->control + sums->surplus)
		return false;
	uint64_t blocks = sums->size - limits->control, start = blocks - sums->surplus;
	uint64_t most = is_old && limits->is_below ? limits->startup_end : sums->used;
	return (!limits->is_below || blocks % align == 0) && blocks >= sums->used && start >= limits->startup_end &&
	       start < most + align;
}

// Complete @p sums from @p constants, in which the surplus stands somewhere, from 2.34 on behind size and alignment.
static bool find_constants(const struct shape *shape, const struct limits *limits, const uint64_t *constants,
			   size_t count, struct sums *sums)
{
	struct sums found = { 0 };
	for (size_t i = 0; i + 2 < count; i++) {
		struct sums next = *sums;
		next.surplus = constants[i + 2];
		if (!shape->size) {
			next.size = constants[i];
			next.align = constants[i + 1];
		}
		if (!is_sound(&next, limits, shape->size != 0))
			continue;
		if (found.size && memcmp(&found, &next, sizeof(next)) != 0)
			return false;
		found = next;
	}
	if (found.size)
		*sums = found;
	return found.size != 0;
}

static const char *settle(struct target *target, const struct tls_layout *layout, const struct tls_modules *modules,
			  const uint64_t *words, const uint64_t *constants, size_t constant_count,
			  struct polyton_tls_budget *ret)
{
	static const uint64_t old_constants[] = { 0, 0, BUDGET_OLD_SURPLUS };
	struct limits limits = limits_of(target, layout, modules, words[SHAPE_ELEMENTS]);
	const struct shape *shape = find_shape(target, words, &limits);
	if (!shape)
		return "the loader's records of it have a form that is not known";
	if (limits.is_below && !layout->pthread_size)
		return "this glibc does not tell the size of its thread control block (libpthread is not loaded)";
	struct sums sums = { .used = words[shape->used] };
	if (shape->size) {
		sums.size = words[shape->size];
		sums.align = words[shape->align];
	}
	if (shape->optional)
		sums.optional = words[shape->optional];
	else {
		constants = old_constants;
		constant_count = sizeof(old_constants) / sizeof(old_constants[0]);
	}
	if (!find_constants(shape, &limits, constants, constant_count, &sums))
		return "the loader's records of it do not add up";

	// Variant I counts the machine's own header, which stands before the first block, as used.
	uint64_t header = limits.is_below ? 0 : target->arch->tcb_size;
	if (sums.used < header)
		return "the loader's records of it do not add up";
	*ret = (struct polyton_tls_budget){ .is_known = true,
					    .why = "",
					    .size = sums.size - limits.control - header,
					    .used = sums.used - header,
					    .free = sums.size - limits.control - sums.used,
					    .surplus = sums.surplus,
					    .optional = sums.optional };
	return NULL;
}

// _rtld_global_ro as words. None is no error: up to 2.31 none are needed.
static struct polyton_error *read_constants(struct target *target, const struct tls_layout *layout, uint64_t **ret,
					    size_t *count_ret)
{
	size_t count = layout->rtld_global_ro_size / target->arch->word;
	*count_ret = 0;
	if (!layout->rtld_global_ro || layout->rtld_global_ro_size > BUDGET_MAX_CONSTANTS)
		return NULL;
	uint64_t *constants = calloc(count + 1, sizeof(*constants));
	if (!constants)
		return error_no_memory();
	struct polyton_error *error = target_read_words(target, layout->rtld_global_ro, count, constants);
	*ret = constants;
	if (!error)
		*count_ret = count;
	return error;
}

static struct polyton_error *read_words(struct target *target, const struct tls_layout *layout, uint64_t *ret)
{
	return target_read_words(target, layout->slotinfo_list, BUDGET_WORDS, ret);
}

struct polyton_error *tls_budget_read(struct target *target, const struct tls_layout *layout,
				      const struct tls_modules *modules, struct polyton_tls_budget *ret)
{
	auto_free uint64_t *constants = NULL;
	uint64_t before[BUDGET_WORDS], after[BUDGET_WORDS];
	size_t constant_count;
	const char *why = "the loader's records of it were not found";
	struct polyton_error *error = NULL;

	if (layout->slotinfo_list && layout->rtld_global) {
		why = "it changed during every attempt to read it";
		error = read_constants(target, layout, &constants, &constant_count);
		if (!error)
			error = read_words(target, layout, before);
		for (int attempt = 0; !error && attempt < BUDGET_ATTEMPTS; attempt++) {
			struct polyton_tls_budget budget;
			const char *trouble =
				settle(target, layout, modules, before, constants, constant_count, &budget);
			error = read_words(target, layout, after);
			if (!error && memcmp(before, after, sizeof(before)) == 0) {
				why = trouble;
				if (!trouble)
					*ret = budget;
				break;
			}
			memcpy(before, after, sizeof(before));
		}
	}
	if (error && polyton_error_code(error) == POLYTON_ERROR_MEMORY)
		return error;
	if (error)
		why = "the loader's records of it cannot be read";
	polyton_error_destroy(error);
	if (why)
		*ret = (struct polyton_tls_budget){ .why = why };
	return NULL;
}

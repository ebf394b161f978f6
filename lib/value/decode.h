/**
 * The bytes of a copy, read as the programmer wrote them: from a type and what memory holds to a tree of nodes.
 *
 * Wrappers of one member are looked through, standard containers show what they hold. Graph, bytes and pointees are
 * hostile: limits bound depth, nodes, bytes and reads, and whatever makes no sense is said in the text.
 */
#ifndef VALUE_DECODE_H
#define VALUE_DECODE_H

#include "arch/arch.h"
#include "value/tree.h"

/** What a value may point to. The functions may be NULL: nothing is to be had. */
struct value_source {
	const struct arch *arch;
	/** False if not all @p size bytes at @p address could be read. */
	bool (*read)(void *arg, uint64_t address, void *buffer, size_t size);
	/**
	 * "object!symbol+0x10", demangled, or NULL if no object holds @p address; good until the next call. Without a
	 * symbol: "object+0x4010".
	 */
	const char *(*symbol)(void *arg, uint64_t address);
	void *arg;
};

struct value_limits {
	uint32_t depth;    ///< Aggregates in each other.
	uint32_t elements; ///< Of an array or container; members have no limit but nodes.
	uint32_t text;     ///< Bytes of a string.
	uint32_t pointers; ///< Plain pointers followed one after another; a std type's own are always followed.
	uint32_t nodes;
	uint32_t bytes; ///< Of pointees, in all.
	uint32_t reads;
};
extern const struct value_limits value_line_limits; ///< What a table's cell can hold.
extern const struct value_limits value_tree_limits; ///< What a person reads; may be raised.

/** One copy as captured. */
struct value_input {
	const struct type_of *type; ///< With a graph.
	const uint8_t *bytes;
	size_t size;      ///< May be less than the type's: what was not captured is said to be so.
	uint64_t address; ///< Where it lies, 0 if that is not known.
	/** What a guard tells; VALUE_PLAIN: let the type tell (std's thread-local storage knows its own state). */
	enum value_state state;
};

/**
 * Decode. With @p limits NULL: value_line_limits. Nodes and their text live as long as @p arena, type names as long as
 * the graph. Only lack of memory is an error.
 */
must_use struct polyton_error *value_decode(const struct value_input *input, const struct value_source *source,
					    const struct value_limits *limits, struct arena *arena,
					    struct value *ret);

/**
 * The state that a C++ guard's bytes tell: _ZGV... of a function-local static, or __tls_guard, which stands for all
 * dynamically initialised thread-locals of its unit. VALUE_PLAIN if @p size is 0.
 */
enum value_state value_state_of_guard(const struct arch *arch, const uint8_t *guard, size_t size);
/**
 * The state that X::__getit::STATE tells, which std keeps beside X::__getit::VAL up to 1.79. VALUE_PLAIN of a constant
 * that no code of the thread has used yet, as for std's later storage: it holds its value from the start.
 */
enum value_state value_state_of_rust(uint8_t state);

#endif

/**
 * What libpolyton and polyton-dwarf say to each other, as bytes. The worker has read a hostile file, so its answers
 * are hostile, too: whatever is decoded here holds no index, length or kind that is out of range, and takes memory
 * in proportion to the bytes it came from.
 *
 * The talk: the worker says HELLO once. To each QUESTION (with the file's descriptor) it says NEED for every further
 * file that the debug info refers to, gets a GIVE for it, and at the end says ANSWER.
 */
#ifndef DWARF_WIRE_H
#define DWARF_WIRE_H

#include "base/arena.h"
#include "base/error.h"
#include "dwarf/pack.h"
#include "model/type.h"

enum {
	WIRE_VERSION = 2,
	WIRE_MAX_BODY = 16 << 20,
	WIRE_MAX_VARIABLES = 1 << 18,
	WIRE_MAX_TEXT = 4096, ///< A path, a complaint.
	WIRE_MAX_ID = 64,
	WIRE_MAX_PLACES = 1 << 14,
};

enum wire_kind { WIRE_HELLO = 1, WIRE_QUESTION, WIRE_NEED, WIRE_GIVE, WIRE_ANSWER };

/** A variable whose type is wanted, as the symbol table has it. */
struct dwarf_asked {
	enum polyton_kind kind;
	uint64_t offset; ///< Link-time address, or offset in the TLS block.
	uint64_t size;   ///< 0 if not known.
	const char *symbol;
};

/** All that is asked of one file: the one with the debug info, or with the skeletons of what is elsewhere. */
struct dwarf_question {
	const struct dwarf_asked *variables;
	uint32_t variable_count;
	const uint64_t *places; ///< Link-time addresses of code, whose source lines are wanted.
	uint32_t place_count;
};

/** A place in a source file; "" and 0 if it is not known. */
struct dwarf_line {
	const char *file;
	uint32_t line;
};

enum dwarf_need_kind {
	DWARF_NEED_DWO,       ///< A unit's .dwo; @c id is its dwo id, as eight bytes, lowest first.
	DWARF_NEED_DWP,       ///< The .dwp of the whole file: beside it, its name and ".dwp"; @c path is "".
	DWARF_NEED_ALTERNATE, ///< dwz's common file, as .gnu_debugaltlink names it; @c id is its build id.
};

/** A further file, without which some types stay unknown. */
struct dwarf_need {
	enum dwarf_need_kind kind;
	const char *path; ///< As the debug info names it, with the compilation's folder. Not to be trusted.
	uint8_t id[WIRE_MAX_ID];
	uint32_t id_size;
};

/** What is known of each variable of a question, in its order. */
struct dwarf_answer {
	struct type_of *variables; ///< Their graphs are among @c graphs.
	uint32_t variable_count;
	const struct type_graph *graphs; ///< Of the file, and of each split file in use.
	uint32_t graph_count;
	const struct dwarf_line *lines; ///< Of the question's places; none if the file has no line tables.
	uint32_t line_count;
	const char *complaint; ///< What could not be read, or why the worker was of no use; "".
	struct arena arena;    ///< Holds all of it.
};

/** Of the worker, when it starts. */
struct wire_hello {
	bool is_able;     ///< Else @c text says what keeps it from reading debug info.
	const char *text; ///< The version of libdwarf, or the reason.
};

/** Append to @p ret; an error is out of memory, or a message that is too large to be sent. */
must_use struct polyton_error *wire_put_hello(const struct wire_hello *hello, struct pack *ret);
must_use struct polyton_error *wire_put_question(const struct dwarf_question *question, struct pack *ret);
must_use struct polyton_error *wire_put_need(const struct dwarf_need *need, struct pack *ret);
/** A variable with a type refers to one of the answer's graphs. */
must_use struct polyton_error *wire_put_answer(const struct dwarf_answer *answer, struct pack *ret);

/** The lines of an answer. */
void wire_put_lines(const struct dwarf_answer *answer, struct pack *ret);
void wire_get_lines(struct unpack *unpack, struct dwarf_answer *answer);

/** The content of a message's body; damage is POLYTON_ERROR_DAMAGED. What is returned lives in @p arena. */
must_use struct polyton_error *wire_get_hello(const uint8_t *bytes, size_t size, struct arena *arena,
					      struct wire_hello *ret);
must_use struct polyton_error *wire_get_question(const uint8_t *bytes, size_t size, struct arena *arena,
						 struct dwarf_question *ret);
must_use struct polyton_error *wire_get_need(const uint8_t *bytes, size_t size, struct arena *arena,
					     struct dwarf_need *ret);
must_use struct polyton_error *wire_get_answer(const uint8_t *bytes, size_t size, struct dwarf_answer **ret);

/** An answer in which no variable has a type; @p complaint is copied. */
must_use struct polyton_error *dwarf_answer_absent(enum type_absence absence, uint32_t variable_count,
						   const char *complaint, struct dwarf_answer **ret);
void dwarf_answer_destroy(struct dwarf_answer *answer);

#endif

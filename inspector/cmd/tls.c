// polyton tls: who has thread-locals, and where they are.

#include "command.h"

const struct command tls_command = {
	.name = "tls",
	.operands = "SUBJECT",
	.summary = "blocks of thread-locals, object by object",
	.help = "List the objects that have thread-locals: size and alignment of the block that\n"
		"each thread gets, and whether it has a fixed place or is allocated when a thread\n"
		"first touches it.",
	.view = POLYTON_VIEW_TLS,
	.takes_files = true,
	.options = OPTIONS_COMMON,
};

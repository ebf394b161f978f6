/** What a look ends with, for the commands that take more than one. */
#ifndef INSPECTOR_MAIN_H
#define INSPECTOR_MAIN_H

#include "options.h"
#include "output.h"
#include "ruling.h"

/** Complain, and destroy @p error. */
enum exit_code main_refuse(struct polyton_error *error);
/** What to exit with if one look would have given @p a and another @p b: findings come before doubts. */
enum exit_code main_worse(enum exit_code a, enum exit_code b);
/** How the request wants its pictures taken. */
struct polyton_options main_look_options(const struct request *request);
/** Whether all files that are to be written can be; complains of those that cannot. */
bool main_check_sinks(const struct request *request);
/** Judge the snapshot, and write the command's view; the answer is what this alone would exit with. */
enum exit_code main_write(const struct polyton_snapshot *snapshot, const struct request *request,
			  struct ruling *ruling, struct output *output);

#endif

/** What the picker shows: processes that can be looked at, and what a first look at each has brought. */
#ifndef INSPECTOR_VIEW_PICKER_H
#define INSPECTOR_VIEW_PICKER_H

#include "polyton.h"

enum picker_state {
	PICKER_WAITING, ///< Not looked at yet.
	PICKER_LOOKED,
	PICKER_REFUSED, ///< The kernel does not let us look.
	PICKER_FAILED,  ///< Not a program that can be looked at, or it has ended.
};

struct picker_process {
	int32_t pid;
	char name[64], user[32], command[256];
	enum picker_state state;
	uint32_t count; ///< LOOKED: variables that exist more than once.
	char why[160];  ///< Else: why not.
};

struct picker_list {
	struct picker_process *items;
	uint32_t count;
};

#endif

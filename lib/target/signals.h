/** What /proc tells of a task's signals, and of the process it belongs to. */
#ifndef TARGET_SIGNALS_H
#define TARGET_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/** The process that task @p tid is of, 0 if it is gone. */
int32_t signals_find_process(int32_t tid);
/** Whether @p signal waits to be delivered to that very task. */
bool signals_is_pending(int32_t tid, int signal);
/** Whether @p signal, about to be delivered to @p tid, ends its process: nobody catches or ignores it. */
bool signals_is_fatal(int32_t tid, int signal);

#endif

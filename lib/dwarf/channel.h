/**
 * Messages over a stream socket between libpolyton and its worker: a header, a body of bounded size, and file
 * descriptors. Nothing here waits longer than it is told to, raises SIGPIPE, or believes a length before the bytes
 * are there.
 */
#ifndef DWARF_CHANNEL_H
#define DWARF_CHANNEL_H

#include "dwarf/pack.h"

enum { CHANNEL_MAX_FDS = 1 };

struct channel_header {
	uint32_t magic;
	uint16_t version, kind;
	uint32_t size, fd_count;
};

/** Zero-initialise, then set @c fd (owned) and @c takes_fds. */
struct channel {
	int fd;
	bool takes_fds; ///< Else a message that brings descriptors is nonsense, and they are dropped.

	/** The message that has come, after CHANNEL_MESSAGE, until the next channel_step(). */
	struct channel_header header;
	struct pack body;
	int fds[CHANNEL_MAX_FDS]; ///< Owned by the channel unless taken (set to -1).
	uint32_t fd_count;

	size_t have; ///< Bytes of it that are here, the header's included.
	bool is_whole;
	struct pack out; ///< What is yet to be sent,
	size_t out_done; ///< and how far that is.
	int out_fds[CHANNEL_MAX_FDS];
	uint32_t out_fd_count;
};

enum channel_news {
	CHANNEL_QUIET,   ///< Nothing whole yet; also when a signal came.
	CHANNEL_MESSAGE, ///< A message is here.
	CHANNEL_ENDED,   ///< The other side has closed it, or is gone.
	CHANNEL_NONSENSE,
	CHANNEL_NO_MEMORY,
};

void channel_deinit(struct channel *channel);
/**
 * Queue a message behind no other one; channel_step() sends it. @p fds are handed over, whatever the result. False
 * when out of memory.
 */
must_use bool channel_put(struct channel *channel, uint16_t kind, const struct pack *body, const int *fds,
			  uint32_t fd_count);
/**
 * Send and receive what can be, for @p timeout_ms at most; negative: until there is news, or what was queued has all
 * been sent.
 */
enum channel_news channel_step(struct channel *channel, int timeout_ms);
/** Everything queued was handed to the kernel. */
bool channel_is_sent(const struct channel *channel);

#endif

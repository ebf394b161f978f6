// A stream, not packets: an answer may be larger than a packet can be. Descriptors travel with the first byte of
// their message's header, so that they belong to it beyond doubt.

#include "dwarf/channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "dwarf/wire.h"

enum { CHANNEL_MAGIC = 0x6e747970, CHANNEL_PIECE = 64 << 10 };

union control {
	char bytes[CMSG_SPACE(CHANNEL_MAX_FDS * sizeof(int))];
	struct cmsghdr first;
};

static void close_fds(int *fds, uint32_t *count)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	*count = 0;
}

void channel_deinit(struct channel *channel)
{
	close_fds(channel->fds, &channel->fd_count);
	close_fds(channel->out_fds, &channel->out_fd_count);
	pack_deinit(&channel->body);
	pack_deinit(&channel->out);
	if (channel->fd >= 0)
		close(channel->fd);
	*channel = (struct channel){ .fd = -1 };
}

bool channel_put(struct channel *channel, uint16_t kind, const struct pack *body, const int *fds, uint32_t fd_count)
{
	const struct channel_header header = { CHANNEL_MAGIC, WIRE_VERSION, kind, (uint32_t)body->count, fd_count };
	close_fds(channel->out_fds, &channel->out_fd_count);
	for (uint32_t i = 0; i < fd_count; i++)
		channel->out_fds[i] = fds[i];
	channel->out_fd_count = fd_count;
	channel->out.count = 0;
	channel->out_done = 0;
	pack_bytes(&channel->out, &header, sizeof(header));
	pack_bytes(&channel->out, body->items, body->count);
	return !channel->out.is_failed;
}

bool channel_is_sent(const struct channel *channel)
{
	return channel->out_done == channel->out.count;
}

static bool is_passing(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static enum channel_news send_some(struct channel *channel)
{
	union control control = { 0 };
	struct iovec piece = { channel->out.items + channel->out_done, channel->out.count - channel->out_done };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	size_t size = channel->out_fd_count * sizeof(int);
	if (size) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(size);
		control.first = (struct cmsghdr){ CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.first), channel->out_fds, size);
	}
	ssize_t sent = sendmsg(channel->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return is_passing(errno) ? CHANNEL_QUIET : CHANNEL_ENDED;
	channel->out_done += (size_t)sent;
	close_fds(channel->out_fds, &channel->out_fd_count);
	return CHANNEL_QUIET;
}

static bool take_fds(struct channel *channel, struct msghdr *message)
{
	bool is_good = !(message->msg_flags & MSG_CTRUNC);
	for (struct cmsghdr *rights = CMSG_FIRSTHDR(message); rights; rights = CMSG_NXTHDR(message, rights)) {
		if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(rights) + i * sizeof(int), sizeof(fd));
			if (channel->fd_count < CHANNEL_MAX_FDS) {
				channel->fds[channel->fd_count++] = fd;
			} else {
				close(fd);
				is_good = false;
			}
		}
	}
	return is_good;
}

// Where the next bytes go, and how many of them may: the header first, then the body as far as it is known to come.
static bool next_piece(struct channel *channel, struct iovec *ret)
{
	size_t of_body = channel->have - sizeof(channel->header);
	if (channel->have < sizeof(channel->header)) {
		*ret = (struct iovec){ (char *)&channel->header + channel->have,
				       sizeof(channel->header) - channel->have };
		return true;
	}
	size_t want = channel->header.size - of_body;
	if (want > CHANNEL_PIECE)
		want = CHANNEL_PIECE;
	// Piece by piece, so that what is allocated stays in proportion to what has come.
	if (!pack_reserve(&channel->body, want))
		return false;
	*ret = (struct iovec){ channel->body.items + of_body, want };
	return true;
}

static bool is_sane(const struct channel *channel)
{
	const struct channel_header *header = &channel->header;
	return header->magic == CHANNEL_MAGIC && header->version == WIRE_VERSION && header->size <= WIRE_MAX_BODY &&
	       header->fd_count == channel->fd_count;
}

static enum channel_news receive_some(struct channel *channel)
{
	union control control;
	struct iovec piece;
	if (!next_piece(channel, &piece))
		return CHANNEL_NO_MEMORY;
	// Without room for them, the kernel drops descriptors that come along.
	struct msghdr message = { .msg_iov = &piece,
				  .msg_iovlen = 1,
				  .msg_control = channel->takes_fds ? control.bytes : NULL,
				  .msg_controllen = channel->takes_fds ? sizeof(control.bytes) : 0 };
	ssize_t got = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (got < 0)
		return is_passing(errno) ? CHANNEL_QUIET : CHANNEL_ENDED;
	if (!got)
		return CHANNEL_ENDED;
	channel->have += (size_t)got;
	if (channel->takes_fds && !take_fds(channel, &message))
		return CHANNEL_NONSENSE;
	if (channel->have < sizeof(channel->header))
		return CHANNEL_QUIET;
	if (!is_sane(channel))
		return CHANNEL_NONSENSE;
	channel->body.count = channel->have - sizeof(channel->header);
	channel->is_whole = channel->body.count == channel->header.size;
	return channel->is_whole ? CHANNEL_MESSAGE : CHANNEL_QUIET;
}

static void forget_message(struct channel *channel)
{
	close_fds(channel->fds, &channel->fd_count);
	channel->have = 0;
	channel->body.count = 0;
	channel->is_whole = false;
}

enum channel_news channel_step(struct channel *channel, int timeout_ms)
{
	if (channel->is_whole)
		forget_message(channel);
	for (;;) {
		bool has_more = !channel_is_sent(channel);
		struct pollfd wait = { channel->fd, (short)(POLLIN | (has_more ? POLLOUT : 0)), 0 };
		int ready = poll(&wait, 1, timeout_ms);
		if (ready <= 0)
			return ready == 0 || errno == EINTR ? CHANNEL_QUIET : CHANNEL_ENDED;
		enum channel_news news = CHANNEL_QUIET;
		// What is still to be read comes before the news that the other side is gone.
		if (wait.revents & (POLLIN | POLLHUP | POLLERR))
			news = receive_some(channel);
		if (news == CHANNEL_QUIET && (wait.revents & POLLOUT))
			news = send_some(channel);
		if (news != CHANNEL_QUIET)
			return news;
		// One turn is a bounded piece of work; the caller has the clock.
		if (timeout_ms >= 0 || (has_more && channel_is_sent(channel)))
			return CHANNEL_QUIET;
	}
}

/* Asks the kernel about one TCP connection: a request and an answer over netlink, both of one message
 * (linux/inet_diag.h). */
#include "base/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

union answer {
	struct nlmsghdr head;
	char bytes[4096];
};

/* Asks about the connection. 0 with its state, or a negative errno. */
static int
ask_kernel(const struct peer *peer, struct inet_diag_msg *ret_state)
{
	struct question question = {
	    .head = {.nlmsg_len = sizeof(question),
	             .nlmsg_type = SOCK_DIAG_BY_FAMILY,
	             .nlmsg_flags = NLM_F_REQUEST},
	    .body = {.sdiag_family = (uint8_t)peer->family,
	             .sdiag_protocol = IPPROTO_TCP,
	             .idiag_states = UINT32_MAX},
	};
	union answer answer;
	struct inet_diag_sockid *id = &question.body.id;
	id->idiag_sport = peer->local_port;
	id->idiag_dport = peer->remote_port;
	memcpy(id->idiag_src, peer->local, sizeof(peer->local));
	memcpy(id->idiag_dst, peer->remote, sizeof(peer->remote));
	memcpy(id->idiag_cookie, peer->cookie, sizeof(peer->cookie));

	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -errno;
	/* The kernel answers before send() returns. */
	ssize_t got = send(fd, &question, sizeof(question), 0);
	if (got >= 0)
		got = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
	int result = got < 0 ? -errno : -EPROTO;
	close(fd);
	if (got < (ssize_t)sizeof(struct nlmsghdr) || answer.head.nlmsg_len > (size_t)got)
		return result;
	if (answer.head.nlmsg_type == NLMSG_ERROR &&
	    answer.head.nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr))) {
		struct nlmsgerr error;
		memcpy(&error, NLMSG_DATA(&answer.head), sizeof(error));
		return error.error < 0 ? error.error : result;
	}
	if (answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    answer.head.nlmsg_len < NLMSG_LENGTH(sizeof(*ret_state)))
		return result;
	memcpy(ret_state, NLMSG_DATA(&answer.head), sizeof(*ret_state));
	return 0;
}

/* True for a state in which bytes may still come, or lie unread. */
static bool
is_open(const struct inet_diag_msg *state)
{
	return state->idiag_state == TCP_ESTABLISHED || state->idiag_state == TCP_CLOSE_WAIT;
}

static uint32_t
family_of(const char *text, uint8_t ret_address[16])
{
	if (inet_pton(AF_INET, text, ret_address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, ret_address) == 1 ? AF_INET6 : 0;
}

bool
peer_find(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port,
          struct peer *ret_peer)
{
	struct peer peer = {.cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE},
	                    .local_port = htons(local_port),
	                    .remote_port = htons(remote_port)};
	struct inet_diag_msg state;
	peer.family = family_of(local, peer.local);
	if (peer.family == 0 || family_of(remote, peer.remote) != peer.family)
		return false;
	if (ask_kernel(&peer, &state) != 0 || !is_open(&state))
		return false;
	memcpy(peer.cookie, state.id.idiag_cookie, sizeof(peer.cookie));
	*ret_peer = peer;
	return true;
}

bool
peer_is_gone(const struct peer *peer)
{
	struct inet_diag_msg state;
	int err = ask_kernel(peer, &state);
	return err == 0 ? !is_open(&state) : err == -ENOENT || err == -ESTALE;
}

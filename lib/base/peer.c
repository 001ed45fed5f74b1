/* Asks the kernel about TCP connections over netlink (linux/inet_diag.h): about one, with an answer of one
 * message, or for a list. */
#include "base/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
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

bool
peer_has_read(const struct peer *peer)
{
	struct inet_diag_msg state;
	int err = ask_kernel(peer, &state);
	return err == 0 ? !is_open(&state) || state.idiag_wqueue == 0 : err == -ENOENT || err == -ESTALE;
}

/* ---- many at once ---- */

/* Hashes by FNV-1a. */
static uint32_t
mark_of(const void *address, size_t size, uint16_t remote_port, uint16_t local_port)
{
	const uint8_t *at = address;
	uint32_t hash = 0x811c9dc5;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x01000193;
	hash = (hash ^ remote_port) * 0x01000193;
	hash = (hash ^ local_port) * 0x01000193;
	return hash != 0 ? hash : 1;
}

static size_t
size_of(uint32_t family)
{
	return family == AF_INET ? 4 : 16;
}

uint32_t
peer_mark(const char *remote, uint16_t remote_port, uint16_t local_port)
{
	uint8_t address[16];
	uint32_t family = family_of(remote, address);
	if (family == 0 || remote_port == 0 || local_port == 0)
		return 0;
	return mark_of(address, size_of(family), remote_port, local_port);
}

/* Adds the marks of one part of the list. False at its end. */
static bool
add_marks(const union answer *part, size_t len, uint32_t *ret_marks, size_t most, size_t *count)
{
	const struct nlmsghdr *head = &part->head;
	for (; NLMSG_OK(head, len); head = NLMSG_NEXT(head, len)) {
		struct inet_diag_msg state;
		if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY || head->nlmsg_len < NLMSG_LENGTH(sizeof(state)))
			return false;
		memcpy(&state, NLMSG_DATA(head), sizeof(state));
		if (*count == most)
			return false;
		ret_marks[(*count)++] = mark_of(state.id.idiag_dst, size_of(state.idiag_family),
		                                ntohs(state.id.idiag_dport), ntohs(state.id.idiag_sport));
	}
	return true;
}

static size_t
list_half_closed(uint8_t family, uint32_t *ret_marks, size_t most)
{
	const struct question question = {
	    .head = {.nlmsg_len = sizeof(question),
	             .nlmsg_type = SOCK_DIAG_BY_FAMILY,
	             .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	    .body = {.sdiag_family = family,
	             .sdiag_protocol = IPPROTO_TCP,
	             .idiag_states = 1u << TCP_CLOSE_WAIT},
	};
	union answer part;
	size_t count = 0;
	ssize_t got = 0;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return 0;
	/* The kernel makes the next part while one is received, so there is no need to wait for one. */
	if (send(fd, &question, sizeof(question), 0) >= 0)
		do
			got = recv(fd, &part, sizeof(part), MSG_DONTWAIT);
		while (got > 0 && add_marks(&part, (size_t)got, ret_marks, most, &count));
	close(fd);
	return count;
}

static int
compare_marks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

size_t
peer_half_closed(uint32_t *ret_marks, size_t most)
{
	size_t count = list_half_closed(AF_INET, ret_marks, most);
	count += list_half_closed(AF_INET6, ret_marks + count, most - count);
	qsort(ret_marks, count, sizeof(*ret_marks), compare_marks);
	return count;
}

bool
peer_is_listed(const uint32_t *marks, size_t count, uint32_t mark)
{
	return bsearch(&mark, marks, count, sizeof(*marks), compare_marks) != NULL;
}

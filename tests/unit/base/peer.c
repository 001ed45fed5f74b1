/* A TCP connection as the kernel knows it: real sockets on the loopback. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/peer.h"
#include "support/test.h"

struct pair {
	int listener, client, server;
	uint16_t port, client_port;
	const char *address;
};

static uint16_t
port_of(int fd)
{
	struct sockaddr_in6 address; /* the port stands at the same place in both families */
	socklen_t len = sizeof address;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin6_port);
}

static struct pair
connect_pair(int family)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&four : (struct sockaddr *)&six;
	socklen_t len = family == AF_INET ? sizeof four : sizeof six;
	struct pair pair = {.address = family == AF_INET ? "127.0.0.1" : "::1"};

	pair.listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(pair.listener, address, len) != 0) { /* a machine without IPv6 */
		close(pair.listener);
		pair.listener = -1;
		return pair;
	}
	assert_int_equal(listen(pair.listener, 1), 0);
	pair.port = port_of(pair.listener);
	four.sin_port = six.sin6_port = htons(pair.port);
	pair.client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(pair.client, address, len), 0);
	pair.client_port = port_of(pair.client);
	pair.server = accept(pair.listener, NULL, NULL);
	assert_true(pair.server >= 0);
	return pair;
}

TEST(test_lasts_as_long_as_the_connection)
{
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < 2; i++) {
		struct peer peer, again;
		struct pair pair = connect_pair(families[i]);
		char piece[8];
		if (pair.listener < 0)
			continue;
		assert_true(peer_find(pair.address, pair.port, pair.address, pair.client_port, &peer));
		assert_true(peer_find(pair.address, pair.port, pair.address, pair.client_port, &again));
		assert_memory_equal(&peer, &again, sizeof peer);
		assert_false(peer_is_gone(&peer));
		/* What was sent before the end may lie unread. */
		assert_int_equal(write(pair.client, "x", 1), 1);
		assert_int_equal(shutdown(pair.client, SHUT_WR), 0);
		assert_false(peer_is_gone(&peer));
		while (read(pair.server, piece, sizeof piece) > 0)
			;
		close(pair.server);
		assert_true(peer_is_gone(&peer));
		close(pair.client);
		assert_true(peer_is_gone(&peer));
		assert_false(peer_find(pair.address, pair.port, pair.address, pair.client_port, &again));
		close(pair.listener);
	}
}

/* How often the mark is among those of half-closed connections. */
static int
count_half_closed(uint32_t mark)
{
	static uint32_t marks[4096];
	int found = 0;
	size_t count = peer_half_closed(marks, sizeof marks / sizeof *marks);
	assert_int_equal(peer_is_listed(marks, 0, mark), false);
	for (size_t i = 0; i < count; i++) {
		assert_true(peer_is_listed(marks, count, marks[i]));
		assert_true(i == 0 || marks[i - 1] <= marks[i]);
		found += marks[i] == mark;
	}
	assert_int_equal(peer_is_listed(marks, count, mark), found > 0);
	return found;
}

TEST(test_half_closed_ones_are_listed)
{
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < 2; i++) {
		struct pair pair = connect_pair(families[i]);
		if (pair.listener < 0)
			continue;
		uint32_t mark = peer_mark(pair.address, pair.client_port, pair.port);
		assert_int_not_equal(mark, 0);
		assert_int_equal(count_half_closed(mark), 0);
		shutdown(pair.client, SHUT_WR);
		assert_int_equal(count_half_closed(mark), 1);
		uint32_t one;
		assert_int_equal(peer_half_closed(&one, 1), 1);
		assert_int_equal(peer_half_closed(&one, 0), 0);
		close(pair.server);
		assert_int_equal(count_half_closed(mark), 0);
		close(pair.client);
		close(pair.listener);
	}
}

TEST(test_no_address_has_no_mark)
{
	assert_int_equal(peer_mark("", 1, 1), 0);
	assert_int_equal(peer_mark("localhost", 1, 1), 0);
	assert_int_equal(peer_mark("127.0.0.1", 0, 1), 0);
	assert_int_equal(peer_mark("127.0.0.1", 1, 0), 0);
	assert_int_not_equal(peer_mark("127.0.0.1", 1, 2), peer_mark("127.0.0.1", 2, 1));
	assert_int_not_equal(peer_mark("127.0.0.1", 1, 2), peer_mark("127.0.0.2", 1, 2));
}

TEST(test_another_one_is_not_it)
{
	struct peer peer;
	struct pair pair = connect_pair(AF_INET);
	assert_true(peer_find("127.0.0.1", pair.port, "127.0.0.1", pair.client_port, &peer));
	peer.cookie[0]++; /* the same addresses, a later connection */
	assert_true(peer_is_gone(&peer));
	close(pair.client);
	close(pair.server);
	close(pair.listener);
}

TEST(test_what_is_no_connection)
{
	struct peer peer;
	assert_false(peer_find("127.0.0.1", 1, "127.0.0.1", 2, &peer));
	assert_false(peer_find("", 80, "127.0.0.1", 2, &peer));
	assert_false(peer_find("127.0.0.1", 80, "::1", 2, &peer));
	assert_false(peer_find("127.0.0.1", 80, "unix:", 2, &peer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lasts_as_long_as_the_connection),
	    cmocka_unit_test(test_half_closed_ones_are_listed),
	    cmocka_unit_test(test_no_address_has_no_mark),
	    cmocka_unit_test(test_another_one_is_not_it),
	    cmocka_unit_test(test_what_is_no_connection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

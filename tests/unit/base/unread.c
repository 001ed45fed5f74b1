/* What is held for clients that do not read, on real connections. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/peer.h"
#include "base/unread.h"
#include "support/test.h"

enum { MOST = 1000, LATER = 2000 /* ms: when an answer is no longer young */ };

struct client {
	int there, here; /* its end, and that of the web server */
	struct peer peer;
};

static uint16_t
port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static struct client
new_client(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct client client;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	address.sin_port = htons(port_of(listener));
	client.there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client.there, (struct sockaddr *)&address, sizeof(address)), 0);
	client.here = accept(listener, NULL, NULL);
	assert_true(client.here >= 0);
	assert_true(
	    peer_find("127.0.0.1", port_of(client.here), "127.0.0.1", port_of(client.there), &client.peer));
	close(listener);
	return client;
}

static void
leave(struct client *client)
{
	close(client->here);
	close(client->there);
}

/* Writes more than the kernel takes at once. */
static void
answer(const struct client *client)
{
	static const char piece[65536];
	assert_int_equal(fcntl(client->here, F_SETFL, O_NONBLOCK), 0);
	while (write(client->here, piece, sizeof(piece)) > 0)
		;
	assert_int_equal(errno, EAGAIN);
}

/* Reads all that was written. */
static void
read_it(const struct client *client)
{
	char piece[65536];
	assert_int_equal(shutdown(client->here, SHUT_WR), 0);
	while (read(client->there, piece, sizeof(piece)) > 0)
		;
}

TEST(a_key_has_so_much_and_no_more)
{
	struct unread *unread = unread_new(MOST);
	struct client a = new_client(), b = new_client(), c = new_client();
	answer(&a);
	answer(&b);
	assert_true(unread_add(unread, 1, 600, &a.peer, 0));
	assert_true(unread_add(unread, 1, 400, &b.peer, 0));
	assert_false(unread_add(unread, 1, 1, &c.peer, LATER));
	assert_true(unread_add(unread, 2, 1000, &c.peer, LATER)); /* another key */
	/* On one connection answers follow each other. */
	assert_true(unread_add(unread, 1, 100, &a.peer, LATER));
	assert_true(unread_add(unread, 1, 500, &c.peer, LATER));
	assert_false(unread_add(unread, 1, 900, &a.peer, LATER));
	leave(&a);
	leave(&b);
	leave(&c);
	unread_free(unread);
}

TEST(what_was_read_or_left_counts_no_more)
{
	struct unread *unread = unread_new(MOST);
	struct client a = new_client(), b = new_client(), c = new_client();
	answer(&a);
	answer(&b);
	assert_true(unread_add(unread, 1, 500, &a.peer, 0));
	assert_true(unread_add(unread, 1, 500, &b.peer, 0));
	assert_false(unread_add(unread, 1, 500, &c.peer, LATER));
	read_it(&a);
	assert_true(unread_add(unread, 1, 500, &c.peer, LATER));
	leave(&b);
	struct client d = new_client();
	assert_true(unread_add(unread, 1, 500, &d.peer, LATER));
	/* Neither is old enough to tell, by what waits in the kernel, that it was read. */
	assert_false(unread_add(unread, 1, 500, &a.peer, LATER + 1));
	leave(&a);
	leave(&c);
	leave(&d);
	unread_free(unread);
}

TEST(one_answer_of_any_size)
{
	struct unread *unread = unread_new(MOST);
	struct client a = new_client(), b = new_client();
	answer(&a);
	assert_true(unread_add(unread, 1, 50 * MOST, &a.peer, 0));
	assert_false(unread_add(unread, 1, 1, &b.peer, LATER));
	assert_true(unread_add(unread, 1, 50 * MOST, &a.peer, LATER));
	leave(&a);
	leave(&b);
	unread_free(unread);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_has_so_much_and_no_more),
	    cmocka_unit_test(what_was_read_or_left_counts_no_more),
	    cmocka_unit_test(one_answer_of_any_size),
	};
	return cmocka_run_group_tests_name("base/unread", tests, NULL, NULL);
}

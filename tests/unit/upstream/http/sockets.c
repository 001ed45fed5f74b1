/* The sockets of a client in its loop: what rests stays watched without a system call, what is closed is
 * forgotten, and a number that is used anew is a new socket. */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/loop.h"
#include "support/test.h"
#include "upstream/http/sockets.h"

static int changes; /* system calls about what is watched */

int
epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
	changes++;
	return (int)syscall(SYS_epoll_ctl, epoll, what, fd, event);
}

struct fixture {
	struct loop *loop;
	struct sockets *sockets;
	int pair[2];
	int fd; /* the last that was ready */
	unsigned events;
	int calls;
};

static void
on_ready(void *cookie, int fd, unsigned events)
{
	struct fixture *f = cookie;
	f->fd = fd;
	f->events = events;
	f->calls++;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	f->loop = loop_new();
	f->sockets = sockets_new(f->loop, on_ready, f);
	*state = f;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->pair);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	sockets_free(f->sockets);
	loop_free(f->loop);
	close(f->pair[0]);
	close(f->pair[1]);
	free(f);
	return 0;
}

/* Sends a byte to the socket, and reads it again once the loop has run. */
static void
send_byte(struct fixture *f)
{
	char byte;
	assert_int_equal(write(f->pair[1], "x", 1), 1);
	loop_once(f->loop, 0);
	assert_int_equal(read(f->pair[0], &byte, 1), 1);
}

/* The number, closed before, is given to a new socket: its first byte is noticed. */
static void
assert_new_socket_is_watched(struct fixture *f, int fd)
{
	close(f->pair[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->pair), 0);
	assert_int_equal(f->pair[0], fd);
	sockets_watch(f->sockets, fd, LOOP_READ);
	send_byte(f);
	assert_int_equal(f->calls, 1);
}

TEST(test_connection_that_rests_needs_no_call)
{
	struct fixture *f = *state;
	sockets_opened(f->sockets, f->pair[0]);
	sockets_watch(f->sockets, f->pair[0], LOOP_READ);
	changes = 0;
	for (int i = 1; i <= 10; i++) {
		send_byte(f);
		assert_int_equal(f->calls, i);
		assert_int_equal(f->fd, f->pair[0]);
		assert_int_equal(f->events, LOOP_READ);
		sockets_watch(f->sockets, f->pair[0], 0);
		sockets_watch(f->sockets, f->pair[0], LOOP_READ);
	}
	assert_int_equal(changes, 0);
	sockets_watch(f->sockets, f->pair[0], LOOP_READ | LOOP_WRITE);
	loop_once(f->loop, 0);
	assert_int_equal(f->events, LOOP_WRITE);
	assert_int_equal(changes, 1);
}

TEST(test_what_comes_at_rest_wakes_once)
{
	struct fixture *f = *state;
	sockets_opened(f->sockets, f->pair[0]);
	sockets_watch(f->sockets, f->pair[0], LOOP_READ);
	sockets_watch(f->sockets, f->pair[0], 0);
	assert_int_equal(shutdown(f->pair[1], SHUT_WR), 0);
	loop_once(f->loop, 0);
	changes = 0;
	loop_once(f->loop, 0);
	assert_int_equal(f->calls, 0);
	assert_int_equal(changes, 0); /* it is out of the loop */
	sockets_watch(f->sockets, f->pair[0], LOOP_READ);
	loop_once(f->loop, 0);
	assert_int_equal(f->calls, 1);
	assert_int_equal(f->events, LOOP_READ | LOOP_HANGUP);
}

TEST(test_number_of_closed_connection_is_new)
{
	struct fixture *f = *state;
	int fd = f->pair[0];
	sockets_opened(f->sockets, fd);
	sockets_watch(f->sockets, fd, LOOP_READ);
	sockets_watch(f->sockets, fd, 0);
	assert_int_equal(sockets_close(f->sockets, fd), 0);
	assert_new_socket_is_watched(f, fd);
}

/* As libcurl's resolver has them. */
TEST(test_socket_that_is_no_connection_is_not_kept)
{
	struct fixture *f = *state;
	int fd = f->pair[0];
	sockets_watch(f->sockets, fd, LOOP_READ);
	sockets_watch(f->sockets, fd, 0);
	close(fd);
	assert_new_socket_is_watched(f, fd);
	assert_int_equal(f->fd, fd);
}

TEST(test_close_within_a_turn)
{
	struct fixture *f = *state;
	sockets_opened(f->sockets, f->pair[0]);
	sockets_watch(f->sockets, f->pair[0], LOOP_READ);
	assert_int_equal(sockets_close(f->sockets, f->pair[0]), 0);
	f->pair[0] = dup(f->pair[1]);
	loop_once(f->loop, 0);
	assert_int_equal(f->calls, 0);
	assert_int_equal(sockets_close(f->sockets, dup(f->pair[1])), 0); /* one that is not known */
	sockets_opened(f->sockets, -1);
	sockets_watch(f->sockets, 4000, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_connection_that_rests_needs_no_call, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_comes_at_rest_wakes_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_number_of_closed_connection_is_new, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_socket_that_is_no_connection_is_not_kept, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_close_within_a_turn, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

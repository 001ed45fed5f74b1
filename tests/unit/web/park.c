/* Waiting clients on socket pairs: who is woken, who is told that its time is over, who has left, and what a
 * slow one does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "web/park.h"
#include "web/reply.h"

enum { MANY = 3000, FOR_EVER = 0 };

struct room {
	struct loop *loop;
	struct park *park;
	int timeouts, gone;
	uint64_t last_key;
	bool answers; /* whoever has run out of time is answered */
};

static void
answer(struct room *room, struct parked *parked, const char *body)
{
	struct reply reply;
	reply_init(&reply);
	buf_adds(&reply.body, body);
	park_answer(room->park, parked, &reply);
	reply_done(&reply);
}

static void
on_ended(struct parked *parked, enum park_end why, void *cookie)
{
	struct room *room = cookie;
	*(why == PARK_TIMEOUT ? &room->timeouts : &room->gone) += 1;
	room->last_key = park_key(parked);
	if (why == PARK_TIMEOUT && room->answers)
		answer(room, parked, "late");
}

static int
setup(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	room->loop = loop_new();
	room->park = park_new(room->loop, on_ended, room);
	room->answers = true;
	*state = room;
	return room->loop != NULL && room->park != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct room *room = *state;
	park_free(room->park);
	loop_free(room->loop);
	free(room);
	return 0;
}

/* Parks one end of a new pair and gives the client's. */
static int
park_one(struct room *room, uint16_t id, uint64_t key, int64_t deadline, struct parked **ret_parked)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	struct parked *parked = park_add(room->park, (struct park_conn){pair[0], id}, key, deadline, 8);
	assert_non_null(parked);
	if (ret_parked != NULL)
		*ret_parked = parked;
	return pair[1];
}

/* Reads to the end of the connection, and closes it. */
static size_t
read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;
	while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return len;
}

static void
an_answer_goes_to_the_one_it_is_for(void **state)
{
	struct room *room = *state;
	struct parked *parked;
	char text[256];
	int first = park_one(room, 0, 1, FOR_EVER, &parked), second = park_one(room, 0, 1, FOR_EVER, NULL);
	memcpy(park_extra(parked), "8 bytes", 8);
	assert_int_equal(park_count(room->park, 1), 2);
	assert_ptr_equal(park_oldest(room->park, 1), parked);
	assert_string_equal(park_extra(parked), "8 bytes");
	answer(room, parked, "hello");
	assert_int_equal(park_count(room->park, 1), 1);
	assert_int_equal(park_total(room->park), 1);
	read_all(first, text, sizeof(text));
	assert_string_equal(text, "Status: 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	answer(room, park_oldest(room->park, 1), "too");
	assert_null(park_oldest(room->park, 1));
	read_all(second, text, sizeof(text));
	assert_non_null(strstr(text, "too"));
	assert_int_equal(room->gone + room->timeouts, 0);
}

/* FastCGI, section 3.3: version 1, type 6 (stdout) and 3 (end), the request's id. */
static void
an_answer_of_fastcgi_is_framed(void **state)
{
	struct room *room = *state;
	struct parked *parked;
	char text[512];
	int fd = park_one(room, 0x0102, 1, FOR_EVER, &parked);
	answer(room, parked, "hello");
	size_t len = read_all(fd, text, sizeof(text));
	assert_true(len > 24);
	assert_memory_equal(text, "\1\6\1\2", 4);
	assert_memory_equal(text + len - 16, "\1\3\1\2\0\10\0\0\0\0\0\0\0", 13);
}

static void
keys_do_not_meet(void **state)
{
	struct room *room = *state;
	int clients[20];
	for (uint64_t i = 0; i < 20; i++)
		clients[i] = park_one(room, 0, i % 5 * 64, FOR_EVER, NULL); /* of one slot, at first */
	for (uint64_t key = 0; key < 5; key++)
		assert_int_equal(park_count(room->park, key * 64), 4);
	assert_int_equal(park_count(room->park, 5 * 64), 0);
	for (struct parked *parked; (parked = park_oldest(room->park, 128)) != NULL;) {
		assert_int_equal(park_key(parked), 128);
		answer(room, parked, "x");
	}
	assert_int_equal(park_total(room->park), 16);
	for (int i = 0; i < 20; i++) {
		char byte;
		assert_int_equal(recv(clients[i], &byte, 1, MSG_DONTWAIT), i % 5 == 2 ? 1 : -1);
		close(clients[i]);
	}
}

static void
the_oldest_comes_first_and_then_the_younger(void **state)
{
	struct room *room = *state;
	struct parked *parked[4];
	int clients[4];
	for (int i = 0; i < 4; i++)
		clients[i] = park_one(room, 0, 7, FOR_EVER, &parked[i]);
	answer(room, parked[1], "x"); /* from the middle */
	assert_ptr_equal(park_oldest(room->park, 7), parked[0]);
	assert_ptr_equal(park_younger(parked[0]), parked[2]);
	assert_ptr_equal(park_younger(parked[2]), parked[3]);
	assert_null(park_younger(parked[3]));
	answer(room, parked[3], "x");
	answer(room, parked[0], "x");
	assert_ptr_equal(park_oldest(room->park, 7), parked[2]);
	for (int i = 0; i < 4; i++)
		close(clients[i]);
}

static void
deadlines_come_in_their_order(void **state)
{
	struct room *room = *state;
	int64_t now = clock_mono_ms();
	int late = park_one(room, 0, 1, now + 40, NULL), early = park_one(room, 0, 2, now + 10, NULL);
	int never = park_one(room, 0, 3, FOR_EVER, NULL);
	char text[256];
	while (room->timeouts < 1)
		loop_once(room->loop, 1000);
	assert_int_equal(room->last_key, 2);
	read_all(early, text, sizeof(text));
	assert_non_null(strstr(text, "late"));
	while (room->timeouts < 2)
		loop_once(room->loop, 1000);
	assert_int_equal(room->last_key, 1);
	read_all(late, text, sizeof(text));
	assert_int_equal(park_total(room->park), 1);
	close(never);
}

/* By closing, or by closing its side only: a web server hands on a client's FIN like that. */
static void
who_leaves_is_noticed_and_freed(void **state)
{
	struct room *room = *state;
	int first = park_one(room, 0, 1, FOR_EVER, NULL), second = park_one(room, 0, 2, FOR_EVER, NULL);
	close(first);
	while (room->gone < 1)
		loop_once(room->loop, 1000);
	assert_int_equal(room->last_key, 1);
	shutdown(second, SHUT_WR);
	while (room->gone < 2)
		loop_once(room->loop, 1000);
	assert_int_equal(room->last_key, 2);
	assert_int_equal(park_total(room->park), 0);
	close(second);
}

/* More than a socket holds: the rest waits in memory, and others are served meanwhile. */
static void
a_slow_client_holds_nobody_up(void **state)
{
	struct room *room = *state;
	enum { BIG = 4 * 1024 * 1024 };
	struct parked *slow, *quick;
	struct reply reply;
	char *text = malloc(BIG + 1024);
	int slow_fd = park_one(room, 0, 1, FOR_EVER, &slow),
	    quick_fd = park_one(room, 0, 2, FOR_EVER, &quick);
	reply_init(&reply);
	memset(text, 'x', BIG);
	assert_true(buf_add(&reply.body, text, BIG));
	park_answer(room->park, slow, &reply);
	reply_done(&reply);
	assert_int_equal(park_total(room->park), 2);
	assert_int_equal(park_count(room->park, 1), 0);
	assert_ptr_equal(park_any(room->park), quick);
	answer(room, quick, "quick");
	char small[128];
	read_all(quick_fd, small, sizeof(small));
	size_t len = 0;
	while (park_total(room->park) > 0) {
		ssize_t n = recv(slow_fd, text + len, BIG + 1024 - len, MSG_DONTWAIT);
		len += n > 0 ? (size_t)n : 0;
		loop_once(room->loop, 1);
	}
	len += read_all(slow_fd, text + len, BIG + 1024 - len);
	assert_int_equal(len, BIG + strlen("Status: 200 OK\r\nContent-Length: 4194304\r\n\r\n"));
	assert_int_equal(text[len - 1], 'x');
	free(text);
}

static void
a_slow_client_that_leaves_is_freed(void **state)
{
	struct room *room = *state;
	enum { BIG = 4 * 1024 * 1024 };
	struct parked *parked;
	struct reply reply;
	char *text = calloc(1, BIG);
	int fd = park_one(room, 0, 1, FOR_EVER, &parked);
	reply_init(&reply);
	assert_true(buf_add(&reply.body, text, BIG));
	park_answer(room->park, parked, &reply);
	reply_done(&reply);
	close(fd);
	while (park_total(room->park) > 0)
		loop_once(room->loop, 1000);
	assert_int_equal(room->gone, 0); /* it had been answered, as far as its owner knows */
	free(text);
}

static void
an_incomplete_reply_is_not_sent(void **state)
{
	struct room *room = *state;
	struct parked *parked;
	struct reply reply;
	char text[16];
	int fd = park_one(room, 0, 1, FOR_EVER, &parked);
	reply_init(&reply);
	reply.body.failed = true;
	park_answer(room->park, parked, &reply);
	reply_done(&reply);
	assert_int_equal(read_all(fd, text, sizeof(text)), 0);
	assert_int_equal(park_total(room->park), 0);
}

static void
a_connection_can_be_answered_without_waiting(void **state)
{
	struct room *room = *state;
	struct reply reply;
	int pair[2];
	char text[128];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	reply_init(&reply);
	buf_adds(&reply.body, "at once");
	park_answer_conn(room->park, (struct park_conn){pair[0], 0}, &reply);
	reply_done(&reply);
	read_all(pair[1], text, sizeof(text));
	assert_non_null(strstr(text, "at once"));
	assert_int_equal(park_total(room->park), 0);
}

static void
thousands_wait_and_each_gets_its_own(void **state)
{
	struct room *room = *state;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	int many = limit.rlim_cur > 2 * MANY + 64 ? MANY : (int)limit.rlim_cur / 2 - 64;
	int *clients = calloc((size_t)many, sizeof(int));
	char text[128], body[24];
	for (int i = 0; i < many; i++)
		clients[i] = park_one(room, 0, (uint64_t)i, FOR_EVER, NULL);
	for (int i = many - 1; i >= 0; i--) {
		snprintf(body, sizeof(body), "for %d.", i);
		answer(room, park_oldest(room->park, (uint64_t)i), body);
		read_all(clients[i], text, sizeof(text));
		assert_non_null(strstr(text, body));
	}
	assert_int_equal(park_total(room->park), 0);
	free(clients);
}

/* Whoever is left when the room ends is closed, not left hanging. */
static void
the_end_of_the_room_closes_all(void **state)
{
	struct room *room = *state;
	char text[16];
	int fd = park_one(room, 0, 1, clock_mono_ms() + 1000, NULL);
	park_free(room->park);
	park_free(NULL);
	room->park = NULL;
	assert_int_equal(read_all(fd, text, sizeof(text)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_answer_goes_to_the_one_it_is_for),
	    TEST(an_answer_of_fastcgi_is_framed),
	    TEST(keys_do_not_meet),
	    TEST(the_oldest_comes_first_and_then_the_younger),
	    TEST(deadlines_come_in_their_order),
	    TEST(who_leaves_is_noticed_and_freed),
	    TEST(a_slow_client_holds_nobody_up),
	    TEST(a_slow_client_that_leaves_is_freed),
	    TEST(an_incomplete_reply_is_not_sent),
	    TEST(a_connection_can_be_answered_without_waiting),
	    TEST(thousands_wait_and_each_gets_its_own),
	    TEST(the_end_of_the_room_closes_all),
	};
	return cmocka_run_group_tests_name("web/park", tests, NULL, NULL);
}

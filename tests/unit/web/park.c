/* Waiting clients on socket pairs: who is woken, who is told that its time is over, who has left, and what a
 * slow one does. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "web/park.h"
#include "web/reply.h"
#include "support/test.h"

enum { MANY = 3000, CROWD = 20, BIG = 4 * 1024 * 1024, FOR_EVER = 0 };

struct room {
	struct loop *loop;
	struct park *park;
	int ended;
	uint64_t last_key;
	int disorder;  /* how often a lower key came after a higher one */
	bool answers;  /* a client that is ended is answered */
	bool farewell; /* … and has all the others answered */
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

/* More than a socket holds. */
static void
answer_big(struct room *room, struct parked *parked)
{
	struct reply reply;
	reply_init(&reply);
	char *bytes = buf_room(&reply.body, BIG);
	assert_non_null(bytes);
	memset(bytes, 'x', BIG);
	park_answer(room->park, parked, &reply);
	reply_done(&reply);
}

static void
on_ended(struct parked *parked, void *cookie)
{
	struct room *room = cookie;
	room->ended++;
	room->disorder += park_key(parked) < room->last_key;
	room->last_key = park_key(parked);
	for (uint64_t key = 0; room->farewell && key < CROWD; key++)
		if (key != room->last_key && park_count(room->park, key) > 0)
			answer(room, park_oldest(room->park, key), "farewell");
	if (room->answers)
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

/* A new pair: our end. */
static int
connect_to(int *ret_client)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	*ret_client = pair[1];
	return pair[0];
}

/* Parks one end of a new pair and gives the client's. */
static int
park_one(struct room *room, uint16_t id, uint64_t key, int64_t deadline, struct parked **ret_parked)
{
	int client, ours = connect_to(&client);
	struct parked *parked = park_add(room->park, (struct park_conn){ours, id}, key, deadline, 8);
	assert_non_null(parked);
	if (ret_parked != NULL)
		*ret_parked = parked;
	return client;
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

/* The client has been sent this body, once, and the end; NULL = nothing yet, and no end. */
static void
expect(int fd, const char *body)
{
	char got[256], wanted[256];
	if (body == NULL) {
		assert_int_equal(recv(fd, got, 1, MSG_DONTWAIT), -1);
		close(fd);
		return;
	}
	snprintf(wanted, sizeof(wanted), "Status: 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body),
	         body);
	read_all(fd, got, sizeof(got));
	assert_string_equal(got, wanted);
}

static void
expect_end(int fd)
{
	char byte;
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
}

TEST(an_answer_goes_to_the_one_it_is_for)
{
	struct room *room = *state;
	struct parked *parked;
	int first = park_one(room, 0, 1, FOR_EVER, &parked), second = park_one(room, 0, 1, FOR_EVER, NULL);
	memcpy(park_extra(parked), "8 bytes", 8);
	assert_int_equal(park_count(room->park, 1), 2);
	assert_ptr_equal(park_oldest(room->park, 1), parked);
	assert_string_equal(park_extra(parked), "8 bytes");
	answer(room, parked, "hello");
	assert_int_equal(park_count(room->park, 1), 1);
	expect(first, "hello");
	answer(room, park_oldest(room->park, 1), "too");
	assert_null(park_oldest(room->park, 1));
	expect(second, "too");
	assert_int_equal(room->ended, 0);
}

/* FastCGI, section 3.3: version 1, type 6 (stdout) and 3 (end), the request's id. */
TEST(an_answer_of_fastcgi_is_framed)
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

TEST(keys_do_not_meet)
{
	struct room *room = *state;
	int clients[CROWD];
	for (uint64_t i = 0; i < CROWD; i++)
		clients[i] = park_one(room, 0, i % 5 * 64, FOR_EVER, NULL); /* of one slot, at first */
	for (uint64_t key = 0; key < 5; key++)
		assert_int_equal(park_count(room->park, key * 64), 4);
	assert_int_equal(park_count(room->park, 5 * 64), 0);
	for (struct parked *parked; (parked = park_oldest(room->park, 128)) != NULL;)
		answer(room, parked, "x");
	assert_int_equal(park_total(room->park), 16);
	for (int i = 0; i < CROWD; i++)
		expect(clients[i], i % 5 == 2 ? "x" : NULL);
}

TEST(the_oldest_comes_first_and_then_the_younger)
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

/* A client that is not answered then waits on. */
TEST(a_deadline_is_told_once)
{
	struct room *room = *state;
	int fd = park_one(room, 0, 1, clock_mono_ms() + 10, NULL),
	    never = park_one(room, 0, 2, FOR_EVER, NULL);
	room->answers = false;
	while (room->ended < 1)
		loop_once(room->loop, 1000);
	loop_once(room->loop, 0);
	assert_int_equal(room->ended, 1);
	answer(room, park_oldest(room->park, 1), "after all");
	expect(fd, "after all");
	expect(never, NULL);
}

/* All of them are over already: one round of the loop tells them all, the earliest first. */
TEST(deadlines_come_in_their_order)
{
	struct room *room = *state;
	int clients[CROWD];
	int64_t past = clock_mono_ms() - 1000;
	for (int i = 0; i < CROWD; i++) {
		int key = i * 7 % CROWD;
		clients[i] = park_one(room, 0, (uint64_t)key, past + key, NULL);
	}
	loop_once(room->loop, 0);
	assert_int_equal(room->ended, CROWD);
	assert_int_equal(room->disorder, 0);
	for (int i = 0; i < CROWD; i++)
		close(clients[i]);
}

TEST(beyond_a_cap_the_oldest_makes_room)
{
	struct room *room = *state;
	enum { CAP = 3 };
	int clients[CROWD], other = park_one(room, 0, 6, FOR_EVER, NULL);
	for (int i = 0; i < CROWD; i++) {
		if (park_count(room->park, 5) >= CAP)
			answer(room, park_oldest(room->park, 5), "");
		clients[i] = park_one(room, 0, 5, FOR_EVER, NULL);
	}
	assert_int_equal(park_count(room->park, 5), CAP);
	for (int i = 0; i < CROWD; i++)
		expect(clients[i], i < CROWD - CAP ? "" : NULL);
	expect(other, NULL);
}

TEST(a_stop_answers_everybody_once)
{
	struct room *room = *state;
	int clients[CROWD];
	for (int i = 0; i < CROWD; i++)
		clients[i] =
		    park_one(room, 0, (uint64_t)i % 3, i % 2 ? clock_mono_ms() + 60000 : FOR_EVER, NULL);
	for (struct parked *parked; (parked = park_any(room->park)) != NULL;)
		answer(room, parked, "bye");
	assert_int_equal(park_total(room->park), 0);
	for (int i = 0; i < CROWD; i++)
		expect(clients[i], "bye");
}

/* Before it was parked, or after. */
TEST(who_leaves_is_noticed_answered_and_freed)
{
	struct room *room = *state;
	int early, ours = connect_to(&early);
	close(early);
	assert_non_null(park_add(room->park, (struct park_conn){ours, 0}, 0, FOR_EVER, 0));
	int late = park_one(room, 1, 1, FOR_EVER, NULL);
	for (int i = 0; i < 2; i++) {
		while (room->ended <= i)
			loop_once(room->loop, 1000);
		assert_int_equal(room->last_key, i);
		assert_int_equal(park_total(room->park), 1 - i);
		if (i == 0)
			close(late);
	}
}

/* A web server hands on a client's FIN like that, and Apache's mod_cgid the end of the body. */
TEST(who_has_closed_its_side_waits_on)
{
	struct room *room = *state;
	for (uint16_t id = 0; id < 2; id++) {
		struct parked *parked;
		char text[256];
		int client = park_one(room, id, 1, FOR_EVER, &parked);
		shutdown(client, SHUT_WR);
		loop_once(room->loop, 0);
		loop_once(room->loop, 0);
		assert_int_equal(room->ended, 0);
		answer(room, parked, "at last");
		assert_true(read_all(client, text, sizeof(text)) > 0);
	}
}

/* … until its time is over, and no longer than it is there. */
TEST(who_has_closed_its_side_may_still_leave)
{
	struct room *room = *state;
	int waits = park_one(room, 1, 1, clock_mono_ms() + 50, NULL),
	    leaves[2] = {park_one(room, 0, 2, FOR_EVER, NULL), park_one(room, 1, 2, FOR_EVER, NULL)};
	shutdown(waits, SHUT_WR);
	for (int i = 0; i < 2; i++) {
		shutdown(leaves[i], SHUT_WR);
		loop_once(room->loop, 0);
		close(leaves[i]);
	}
	while (park_total(room->park) > 0)
		loop_once(room->loop, 1000);
	assert_int_equal(room->ended, 3);
	assert_int_equal(room->last_key, 1);
	close(waits);
}

/* All have left at once, and the first event has the others answered: the events that are read already must
 * not reach clients that are freed. */
TEST(who_leaves_may_take_others_along)
{
	struct room *room = *state;
	room->farewell = true;
	for (uint64_t key = 0; key < CROWD; key++)
		close(park_one(room, 0, key, clock_mono_ms() - 1, NULL));
	loop_once(room->loop, 0);
	assert_int_equal(room->ended, 1);
	assert_int_equal(park_total(room->park), 0);
}

/* The rest of an answer waits in memory, and others are served meanwhile. */
TEST(a_slow_client_holds_nobody_up)
{
	struct room *room = *state;
	struct parked *slow, *quick;
	char *text = malloc(BIG + 1024);
	int quick_fd = park_one(room, 0, 2, FOR_EVER, &quick),
	    slow_fd = park_one(room, 0, 1, FOR_EVER, &slow);
	shutdown(slow_fd, SHUT_WR);
	answer_big(room, slow);
	assert_int_equal(park_total(room->park), 2);
	assert_int_equal(park_count(room->park, 1), 0);
	assert_ptr_equal(park_any(room->park), quick);
	answer(room, quick, "quick");
	expect(quick_fd, "quick");
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

TEST(a_slow_client_that_leaves_is_freed)
{
	struct room *room = *state;
	struct parked *parked;
	int fd = park_one(room, 0, 1, FOR_EVER, &parked);
	answer_big(room, parked);
	close(fd);
	while (park_total(room->park) > 0)
		loop_once(room->loop, 1000);
	assert_int_equal(room->ended, 0); /* it had been answered, as far as its owner knows */
}

TEST(an_incomplete_reply_is_not_sent)
{
	struct room *room = *state;
	struct parked *parked;
	const struct reply reply = {.body.failed = true};
	int fd = park_one(room, 0, 1, FOR_EVER, &parked);
	park_answer(room->park, parked, &reply);
	expect_end(fd);
	assert_int_equal(park_total(room->park), 0);
}

TEST(a_plain_file_is_answered_too)
{
	struct room *room = *state;
	FILE *file = tmpfile();
	assert_non_null(file);
	int ours = dup(fileno(file)), theirs = dup(ours);
	fclose(file);
	assert_non_null(park_add(room->park, (struct park_conn){ours, 0}, 1, clock_mono_ms() - 1, 0));
	loop_once(room->loop, 0);
	assert_int_equal(park_total(room->park), 0);
	assert_int_equal(fcntl(ours, F_GETFD), -1); /* closed, and so not leaked */
	assert_int_equal(lseek(theirs, 0, SEEK_SET), 0);
	expect(theirs, "late");
}

TEST(thousands_wait_and_each_gets_its_own)
{
	struct room *room = *state;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	int many = limit.rlim_cur > 2 * MANY + 64 ? MANY : (int)limit.rlim_cur / 2 - 64;
	int *clients = calloc((size_t)many, sizeof(int));
	char body[24];
	for (int i = 0; i < many; i++)
		clients[i] = park_one(room, 0, (uint64_t)i, FOR_EVER, NULL);
	for (int i = many - 1; i >= 0; i--) {
		snprintf(body, sizeof(body), "for %d.", i);
		answer(room, park_oldest(room->park, (uint64_t)i), body);
		expect(clients[i], body);
	}
	assert_int_equal(park_total(room->park), 0);
	free(clients);
}

/* Clients that still wait are closed, not left hanging. */
TEST(the_end_of_the_room_closes_all)
{
	struct room *room = *state;
	int fd = park_one(room, 0, 1, clock_mono_ms() + 1000, NULL);
	park_free(room->park);
	park_free(NULL);
	room->park = NULL;
	expect_end(fd);
}

#define WITH_SETUP(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SETUP(an_answer_goes_to_the_one_it_is_for),
	    WITH_SETUP(an_answer_of_fastcgi_is_framed),
	    WITH_SETUP(keys_do_not_meet),
	    WITH_SETUP(the_oldest_comes_first_and_then_the_younger),
	    WITH_SETUP(a_deadline_is_told_once),
	    WITH_SETUP(deadlines_come_in_their_order),
	    WITH_SETUP(beyond_a_cap_the_oldest_makes_room),
	    WITH_SETUP(a_stop_answers_everybody_once),
	    WITH_SETUP(who_leaves_is_noticed_answered_and_freed),
	    WITH_SETUP(who_has_closed_its_side_waits_on),
	    WITH_SETUP(who_has_closed_its_side_may_still_leave),
	    WITH_SETUP(who_leaves_may_take_others_along),
	    WITH_SETUP(a_slow_client_holds_nobody_up),
	    WITH_SETUP(a_slow_client_that_leaves_is_freed),
	    WITH_SETUP(an_incomplete_reply_is_not_sent),
	    WITH_SETUP(a_plain_file_is_answered_too),
	    WITH_SETUP(thousands_wait_and_each_gets_its_own),
	    WITH_SETUP(the_end_of_the_room_closes_all),
	};
	alarm(120);               /* a client that is forgotten is a failure, not a hang */
	signal(SIGPIPE, SIG_IGN); /* as every program does that has a room */
	return cmocka_run_group_tests_name("web/park", tests, NULL, NULL);
}

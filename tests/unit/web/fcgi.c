/* A FastCGI program and a web server that is late: what has been answered arrives whole, whenever the server
 * ends the request's input. Unread bytes in a socket that is closed would reset the connection. */

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "support/tmpdir.h"
#include "web/transport.h"
#include "web/park.h"
#include "web/reply.h"
#include "web/request.h"
#include "web/serve.h"
#include "support/test.h"

enum {
	BEGIN_REQUEST = 1, /* FastCGI specification, section 8 */
	PARAMS = 4,
	STDIN = 5,
	RESPONDER = 1,
	AUTHORIZER = 2,
	BODY = 100000,
	ANSWER = 1024 * 1024, /* more than a socket holds: the program cannot have closed before it is read */
	LATE = 100            /* bytes of the body that come last */
};

static struct {
	char *dir;
	struct sockaddr_un address;
	pthread_t thread;
	sem_t begun, go, held; /* posted by the handler, by the test, by the handler */
	struct park_conn conn;
	int silent; /* a connection whose input never ends */
	int64_t silent_since;
} world;

static void
fill(struct reply *reply)
{
	char *bytes = buf_room(&reply->body, ANSWER);
	assert_non_null(bytes);
	memset(bytes, 'x', ANSWER);
}

/* "/read" and "/held" have read the body when they say that they have begun, "/refuse" nothing of it. */
static void
handle(void *thread, struct request *request, struct reply *reply)
{
	char piece[4096];
	(void)thread;
	fill(reply);
	if (strcmp(request->path, "/silent") == 0)
		return;
	while (strcmp(request->path, "/refuse") != 0 && request_read(request, piece, sizeof(piece)) > 0)
		;
	sem_post(&world.begun);
	sem_wait(&world.go);
	if (strcmp(request->path, "/held") == 0) {
		world.conn = park_detach(request, reply);
		sem_post(&world.held);
	}
}

static void *
open_thread(void *cookie)
{
	return cookie;
}

static void *
run(void *cookie)
{
	static const struct service service = {
	    .threads = 2, .thread_open = open_thread, .handle = handle, .cookie = &world};
	(void)cookie;
	assert_int_equal(serve_run(&service), 0);
	return NULL;
}

/* ---- the web server ---- */

static void
send_record(int fd, uint8_t type, const void *bytes, size_t len)
{
	uint8_t record[8 + UINT16_MAX] = {1, type, 0, 1, (uint8_t)(len >> 8), (uint8_t)len};
	memcpy(record + 8, bytes, len);
	assert_int_equal(send(fd, record, 8 + len, MSG_NOSIGNAL), 8 + len);
}

static void
send_body(int fd, size_t len)
{
	static const char body[BODY];
	for (size_t piece; len > 0; len -= piece) {
		piece = len < 50000 ? len : 50000;
		send_record(fd, STDIN, body, piece);
	}
}

static void
add_param(char *params, size_t *len, const char *name, const char *value)
{
	params[(*len)++] = (char)strlen(name);
	params[(*len)++] = (char)strlen(value);
	*len += (size_t)sprintf(params + *len, "%s%s", name, value);
}

/* A POST of BODY bytes, without them. */
static int
begin_as(const char *path, uint8_t role)
{
	char params[512], length[16];
	size_t len = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&world.address, sizeof(world.address)), 0);
	snprintf(length, sizeof(length), "%d", BODY);
	const uint8_t begin_request[8] = {0, role};
	send_record(fd, BEGIN_REQUEST, begin_request, sizeof(begin_request));
	add_param(params, &len, "REQUEST_METHOD", "POST");
	add_param(params, &len, "REQUEST_URI", path);
	add_param(params, &len, "CONTENT_LENGTH", length);
	send_record(fd, PARAMS, params, len);
	send_record(fd, PARAMS, "", 0);
	return fd;
}

static int
begin(const char *path)
{
	return begin_as(path, RESPONDER);
}

/* All of the answer is there, down to END_REQUEST, and after it the end of the connection and no error. */
static void
expect_whole(int fd)
{
	static uint8_t bytes[ANSWER + 4096];
	size_t len = 0;
	ssize_t got;
	while ((got = read(fd, bytes + len, sizeof(bytes) - len)) > 0)
		len += (size_t)got;
	assert_int_equal(got, 0);
	assert_in_range(len, ANSWER, sizeof(bytes) - 1);
	assert_memory_equal(bytes + len - 16, "\1\3\0\1\0\10", 6);
	close(fd);
}

/* ---- the tests ---- */

static int
setup(void **state)
{
	(void)state;
	world.dir = tmpdir_make();
	world.address.sun_family = AF_UNIX;
	snprintf(world.address.sun_path, sizeof(world.address.sun_path), "%s/s", world.dir);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&world.address, sizeof(world.address)) != 0 || listen(fd, 8) != 0 ||
	    dup2(fd, STDIN_FILENO) != STDIN_FILENO || close(fd) != 0)
		return -1;
	sem_init(&world.begun, 0, 0);
	sem_init(&world.go, 0, 0);
	sem_init(&world.held, 0, 0);
	serve_signals();
	if (pthread_create(&world.thread, NULL, run, NULL) != 0)
		return -1;
	world.silent = begin("/silent");
	world.silent_since = clock_mono_ms();
	send_body(world.silent, LATE);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	kill(getpid(), SIGTERM);
	pthread_join(world.thread, NULL);
	tmpdir_remove(world.dir);
	return 0;
}

TEST(the_end_comes_when_the_body_has_been_read)
{
	int fd = begin("/read");
	send_body(fd, BODY);
	sem_wait(&world.begun);
	send_record(fd, STDIN, "", 0);
	sem_post(&world.go);
	expect_whole(fd);
}

TEST(the_body_comes_to_one_who_does_not_want_it)
{
	int fd = begin("/refuse");
	send_body(fd, BODY - LATE);
	sem_wait(&world.begun);
	sem_post(&world.go);
	send_body(fd, LATE);
	send_record(fd, STDIN, "", 0);
	expect_whole(fd);
}

TEST(the_end_comes_before_the_client_is_parked)
{
	struct loop *loop = loop_new();
	struct park *park = park_new(loop, NULL, NULL);
	struct reply reply;
	int fd = begin("/held");
	send_body(fd, BODY);
	sem_wait(&world.begun);
	sem_post(&world.go);
	send_record(fd, STDIN, "", 0);
	sem_wait(&world.held);
	reply_init(&reply);
	buf_adds(&reply.body, "held");
	struct parked *parked = park_add(park, world.conn, 0, 0, 0);
	assert_non_null(parked);
	park_answer(park, parked, &reply);
	char text[256];
	assert_in_range(read(fd, text, sizeof(text)), 24, sizeof(text) - 1);
	assert_int_equal(read(fd, text, sizeof(text)), 0);
	close(fd);
	reply_done(&reply);
	park_free(park);
	loop_free(loop);
}

/* An authorizer has no input: lighttpd sends no record for its end. */
TEST(an_authorizer_does_not_wait)
{
	int64_t since = clock_mono_ms();
	int fd = begin_as("/refuse", AUTHORIZER);
	sem_wait(&world.begun);
	sem_post(&world.go);
	expect_whole(fd);
	assert_in_range(clock_mono_ms() - since, 0, TRANSPORT_DRAIN_MS - 1);
}

/* An end that never comes does not keep a thread for ever. */
TEST(an_end_that_never_comes_is_not_waited_for_long)
{
	expect_whole(world.silent);
	assert_in_range(clock_mono_ms() - world.silent_since, TRANSPORT_DRAIN_MS, 3 * TRANSPORT_DRAIN_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_end_comes_when_the_body_has_been_read),
	    cmocka_unit_test(the_body_comes_to_one_who_does_not_want_it),
	    cmocka_unit_test(the_end_comes_before_the_client_is_parked),
	    cmocka_unit_test(an_authorizer_does_not_wait),
	    cmocka_unit_test(an_end_that_never_comes_is_not_waited_for_long),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

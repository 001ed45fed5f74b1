/* The event loop: order of timers, watches that take one another off, posts from many threads. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "support/test.h"

enum { THREADS = 4, POSTS = 5000 };

struct fixture {
	struct loop *loop;
	int pair[2][2];
	struct loop_watch watch[2];
	unsigned events[2];
	int calls[2];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->loop = loop_new();
	for (int i = 0; i < 2; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->pair[i]) < 0)
			return -1;
		f->watch[i].fd = f->pair[i][0];
	}
	*state = f;
	return f->loop ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	for (int i = 0; i < 4; i++) {
		if (f->pair[i / 2][i % 2] >= 0)
			close(f->pair[i / 2][i % 2]);
	}
	free(f);
	return 0;
}

static void
note_first(void *cookie, unsigned events)
{
	struct fixture *f = cookie;

	f->events[0] = events;
	f->calls[0]++;
}

TEST(test_events)
{
	struct fixture *f = *state;

	f->watch[0].fn = note_first;
	f->watch[0].cookie = f;
	assert_true(loop_add(f->loop, &f->watch[0], LOOP_READ));
	loop_once(f->loop, 0);
	assert_int_equal(f->calls[0], 0);
	assert_int_equal(write(f->pair[0][1], "x", 1), 1);
	loop_once(f->loop, -1);
	assert_int_equal(f->events[0], LOOP_READ);
	assert_true(loop_change(f->loop, &f->watch[0], LOOP_READ | LOOP_WRITE));
	loop_once(f->loop, -1);
	assert_int_equal(f->events[0], LOOP_READ | LOOP_WRITE);
	assert_true(loop_change(f->loop, &f->watch[0], 0));
	loop_once(f->loop, 0);
	assert_int_equal(f->calls[0], 2);
	/* The peer's half close is told even to those who asked for nothing. */
	assert_int_equal(shutdown(f->pair[0][1], SHUT_WR), 0);
	loop_once(f->loop, -1);
	assert_int_equal(f->events[0], LOOP_HANGUP);
	/* … but not to those who ask only whether it is gone. */
	assert_true(loop_change(f->loop, &f->watch[0], LOOP_GONE));
	loop_once(f->loop, 0);
	assert_int_equal(f->calls[0], 3);
	close(f->pair[0][1]);
	f->pair[0][1] = -1;
	loop_once(f->loop, -1);
	assert_int_equal(f->events[0], LOOP_HANGUP | LOOP_GONE);
	loop_remove(f->loop, &f->watch[0]);
	loop_once(f->loop, 0);
	assert_int_equal(f->calls[0], 4);
}

TEST(test_what_cannot_be_watched)
{
	struct fixture *f = *state;
	struct loop_watch plain = {.fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
	struct loop_watch closed = {.fd = -1};

	assert_false(loop_add(f->loop, &plain, LOOP_READ));
	assert_int_equal(errno, EPERM);
	assert_false(loop_add(f->loop, &closed, LOOP_READ));
	assert_int_equal(errno, EBADF);
	assert_false(loop_change(f->loop, &f->watch[0], LOOP_READ));
	loop_remove(f->loop, &f->watch[0]);
	close(plain.fd);
}

struct rival {
	struct loop *loop;
	struct loop_watch watch;
	struct rival **other; /* the rival's pointer, freed by the one that comes first */
	int *calls;
};

static void
remove_other(void *cookie, unsigned events)
{
	struct rival *rival = cookie, *other = *rival->other;

	(void)events;
	(*rival->calls)++;
	if (other) {
		loop_remove(rival->loop, &other->watch);
		free(other);
		*rival->other = NULL;
	}
}

/* Both are ready in one batch; the first frees the second, whose event must not be delivered. */
TEST(test_removed_watch_is_silent)
{
	struct fixture *f = *state;
	struct rival *rivals[2];
	int calls = 0;

	for (int i = 0; i < 2; i++) {
		rivals[i] = calloc(1, sizeof *rivals[i]);
		*rivals[i] =
		    (struct rival){f->loop, {f->pair[i][0], remove_other, rivals[i]}, &rivals[!i], &calls};
		assert_true(loop_add(f->loop, &rivals[i]->watch, LOOP_READ));
		assert_int_equal(write(f->pair[i][1], "x", 1), 1);
	}
	loop_once(f->loop, -1);
	assert_int_equal(calls, 1);
	loop_once(f->loop, -1);
	assert_int_equal(calls, 2);
	assert_true(!rivals[0] != !rivals[1]);
	free(rivals[0]);
	free(rivals[1]);
}

/* --- timers ------------------------------------------------------------------------------------ */

static char order[16];

struct named {
	struct loop_timer timer;
	struct loop *loop;
	struct named *other;
	const char *name;
};

static void
note_name(void *cookie)
{
	struct named *named = cookie;

	strncat(order, named->name, 1);
	if (named->other)
		loop_timer_cancel(named->loop, &named->other->timer);
}

TEST(test_timers_in_order)
{
	struct fixture *f = *state;
	static const char *const names[] = {"c", "a", "d", "b", "e"};
	static const int64_t times[] = {-10, -40, 2, -20, -5};
	struct named timers[5];
	int64_t now = clock_mono_ms();

	order[0] = '\0';
	for (int i = 0; i < 5; i++) {
		timers[i] =
		    (struct named){.timer = {.fn = note_name, .cookie = &timers[i]}, f->loop, NULL, names[i]};
		assert_true(loop_timer_set(f->loop, &timers[i].timer, now + times[i]));
	}
	timers[3].other = &timers[4];
	loop_timer_set(f->loop, &timers[3].timer, now - 30);
	while (strlen(order) < 4)
		loop_once(f->loop, -1);
	assert_string_equal(order, "abcd");
	assert_true(clock_mono_ms() >= now + 2);
	loop_once(f->loop, 0);
	assert_string_equal(order, "abcd");
	loop_timer_cancel(f->loop, &timers[0].timer);
}

static void
set_again(void *cookie)
{
	struct named *named = cookie;

	strncat(order, named->name, 1);
	loop_timer_set(named->loop, &named->timer, 0);
}

/* A timer that sets itself to a time gone by fires once a turn and does not hold the loop. */
TEST(test_timer_that_is_always_due)
{
	struct fixture *f = *state;
	struct named named = {.timer = {.fn = set_again, .cookie = &named}, f->loop, NULL, "x"};

	order[0] = '\0';
	assert_true(loop_timer_set(f->loop, &named.timer, 0));
	loop_once(f->loop, -1);
	loop_once(f->loop, -1);
	assert_string_equal(order, "xx");
	loop_timer_cancel(f->loop, &named.timer);
	loop_once(f->loop, 0);
	assert_string_equal(order, "xx");
}

/* --- posts ------------------------------------------------------------------------------------- */

struct poster {
	struct loop *loop;
	pthread_t thread;
	struct count *count;
	int next; /* the number of the post that must come next */
};

struct count {
	int left;
	int out_of_order;
};

struct post {
	struct loop_task task;
	struct poster *poster;
	int number;
};

static void
take_post(void *cookie)
{
	struct post *post = cookie;
	struct poster *poster = post->poster;

	poster->count->out_of_order += post->number != poster->next++;
	if (--poster->count->left == 0)
		loop_stop(poster->loop);
	free(post);
}

static void *
post_many(void *cookie)
{
	struct poster *poster = cookie;

	for (int i = 0; i < POSTS; i++) {
		struct post *post = malloc(sizeof *post);

		if (!post)
			abort();
		*post = (struct post){.task = {NULL, take_post, post}, .poster = poster, .number = i};
		loop_post(poster->loop, &post->task);
	}
	return NULL;
}

TEST(test_posts_from_threads)
{
	struct fixture *f = *state;
	struct count count = {.left = THREADS * POSTS};
	struct poster posters[THREADS];

	for (int i = 0; i < THREADS; i++) {
		posters[i] = (struct poster){.loop = f->loop, .count = &count};
		assert_int_equal(pthread_create(&posters[i].thread, NULL, post_many, &posters[i]), 0);
	}
	loop_run(f->loop);
	for (int i = 0; i < THREADS; i++)
		pthread_join(posters[i].thread, NULL);
	assert_int_equal(count.left, 0);
	assert_int_equal(count.out_of_order, 0);
}

struct again {
	struct loop_task task;
	struct loop *loop;
	int runs;
};

static void
post_again(void *cookie)
{
	struct again *again = cookie;

	again->runs++;
	loop_post(again->loop, &again->task);
}

/* A task that posts itself runs once a turn, so descriptors and timers are not starved. */
TEST(test_task_that_posts_itself)
{
	struct fixture *f = *state;
	struct again again = {.task = {NULL, post_again, &again}, .loop = f->loop};

	loop_post(f->loop, &again.task);
	for (int turn = 1; turn <= 3; turn++) {
		loop_once(f->loop, -1);
		assert_int_equal(again.runs, turn);
	}
}

static void *
stop_it(void *cookie)
{
	loop_stop(cookie);
	return NULL;
}

TEST(test_stop)
{
	struct fixture *f = *state;
	pthread_t thread;

	loop_stop(f->loop);
	loop_run(f->loop);
	assert_int_equal(pthread_create(&thread, NULL, stop_it, f->loop), 0);
	loop_run(f->loop);
	assert_int_equal(pthread_join(thread, NULL), 0);
	loop_free(NULL);
}

int
main(void)
{
#define WITH_SETUP(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_SETUP(test_events),
	    WITH_SETUP(test_what_cannot_be_watched),
	    WITH_SETUP(test_removed_watch_is_silent),
	    WITH_SETUP(test_timers_in_order),
	    WITH_SETUP(test_timer_that_is_always_due),
	    WITH_SETUP(test_posts_from_threads),
	    WITH_SETUP(test_task_that_posts_itself),
	    WITH_SETUP(test_stop),
	};

	return cmocka_run_group_tests_name("base/loop", tests, NULL, NULL);
}

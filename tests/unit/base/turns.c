/* Turns among processes: what another holds is waited for, and a full queue is told at once. */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/turns.h"
#include "support/tmpdir.h"
#include "support/test.h"

static char path[200];

/* Locks bytes of the file, as another process would. */
static int
hold(int first, int count)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = count};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

TEST(two_at_a_time_and_both_come_back)
{
	int turns[2], again;
	for (int round = 0; round < 3; round++) {
		assert_true(turns_take(TURNS_STRANGER, &turns[0]));
		assert_true(turns_take(TURNS_KNOWN, &turns[1]));
		turns_give(turns[0]);
		assert_true(turns_take(TURNS_STRANGER, &again));
		turns_give(turns[1]);
		turns_give(again);
	}
}

TEST(a_full_queue_is_told_at_once)
{
	int turn, others = hold(0, TURNS_AT_A_TIME), strangers = hold(TURNS_AT_A_TIME, TURNS_STRANGERS);
	assert_false(turns_take(TURNS_STRANGER, &turn));
	int known = hold(TURNS_AT_A_TIME + TURNS_STRANGERS, TURNS_PROCESSES);
	assert_false(turns_take(TURNS_KNOWN, &turn));
	close(others);
	assert_true(turns_take(TURNS_STRANGER, &turn));
	turns_give(turn);
	close(strangers);
	close(known);
}

static void *
take(void *cookie)
{
	int turn;
	assert_true(turns_take(*(enum turns_queue *)cookie, &turn));
	turns_give(turn);
	return NULL;
}

/* Whether a place of the queue is taken. */
static bool
waits_at(int byte)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_GETLK, &lock), 0);
	close(fd);
	return lock.l_type != F_UNLCK;
}

TEST(who_waits_has_a_place_and_gets_the_turn)
{
	static enum turns_queue queues[] = {TURNS_STRANGER, TURNS_KNOWN};
	static const int places[] = {TURNS_AT_A_TIME, TURNS_AT_A_TIME + TURNS_STRANGERS};
	for (int i = 0; i < 2; i++) {
		pthread_t thread;
		int others = hold(0, TURNS_AT_A_TIME);
		assert_int_equal(pthread_create(&thread, NULL, take, &queues[i]), 0);
		while (!waits_at(places[i]))
			usleep(1000);
		close(others);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_false(waits_at(places[i]));
	}
}

static int
share(void **state)
{
	char *dir = tmpdir_make();
	*state = dir;
	snprintf(path, sizeof(path), "%s/password.lock", dir);
	turns_share(path);
	return 0;
}

static int
clean(void **state)
{
	tmpdir_remove(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_at_a_time_and_both_come_back),
	    cmocka_unit_test(a_full_queue_is_told_at_once),
	    cmocka_unit_test(who_waits_has_a_place_and_gets_the_turn),
	};
	return cmocka_run_group_tests_name("base/turns", tests, share, clean);
}

/* Waiting clients: which key has the most of them. */

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"
#include "web/park.h"
#include "web/reply.h"
#include "support/test.h"

enum { KEYS = 7, STEPS = 4000, MOST = 300 };

static struct loop *loop;
static struct park *park;

static int
setup(void **state)
{
	(void)state;
	loop = loop_new();
	park = park_new(loop, NULL, NULL);
	return loop != NULL && park != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	park_free(park);
	loop_free(loop);
	return 0;
}

static void
enter(uint64_t key)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	close(pair[1]);
	assert_non_null(park_add(park, (struct park_conn){pair[0], 0}, key, 0, 0));
}

static void
answer(struct parked *parked)
{
	struct reply reply;
	reply_init(&reply);
	park_answer(park, parked, &reply);
	reply_done(&reply);
}

/* Beside a count of each key, at random: mostly few under each, at times many. */
TEST(the_key_with_the_most_is_known)
{
	size_t counts[KEYS] = {0}, total = 0;
	uint32_t seed = 1;
	assert_null(park_crowded(park));
	for (int step = 0; step < STEPS; step++) {
		size_t most = 0;
		seed = seed * 1664525 + 1013904223;
		uint64_t key = (seed >> 8) % KEYS;
		bool grows = (seed >> 20) % 8 < (step / 500 % 2 ? 3u : 5u);
		if (grows && total < MOST) {
			enter(key);
			counts[key]++;
			total++;
		} else if (!grows && counts[key] > 0) {
			answer(park_oldest(park, key));
			counts[key]--;
			total--;
		}
		for (int i = 0; i < KEYS; i++)
			most = counts[i] > most ? counts[i] : most;
		const struct parked *crowded = park_crowded(park);
		assert_true((crowded == NULL) == (most == 0));
		if (crowded == NULL)
			continue;
		assert_int_equal(counts[park_key(crowded)], most);
		assert_ptr_equal(crowded, park_oldest(park, park_key(crowded)));
	}
	for (struct parked *parked; (parked = park_crowded(park)) != NULL;)
		answer(parked);
	assert_int_equal(park_total(park), 0);
}

TEST(keys_with_as_many_are_a_queue)
{
	for (uint64_t key = 2 * KEYS; key > 0; key--)
		enter(key % KEYS);
	for (uint64_t key = 2 * KEYS; key > 0; key--) {
		assert_int_equal(park_key(park_crowded(park)), key % KEYS);
		answer(park_crowded(park));
	}
	assert_null(park_crowded(park));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_key_with_the_most_is_known, setup, teardown),
	    cmocka_unit_test_setup_teardown(keys_with_as_many_are_a_queue, setup, teardown),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("web/park, crowded", tests, NULL, NULL);
}

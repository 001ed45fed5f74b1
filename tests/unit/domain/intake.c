/* Claims on DATA/tmp: their sum is exact for many at once, no user has all of it, and what is over gives its
 * room back. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/crypto.h"
#include "domain/intake.h"
#include "support/tmpdir.h"
#include "support/test.h"

enum { MB = 1000000 };

static struct config config;
static char *dir;

static int
set_up(void **state)
{
	(void)state;
	dir = tmpdir_make();
	static const char *const folders[] = {"run", "tmp"};
	for (size_t i = 0; i < 2; i++) {
		char *path = tmpdir_path(dir, folders[i]);
		mkdir(path, 0700);
		free(path);
	}
	config = (struct config){.data = dir, .tmp_max_mb = 64};
	return crypto_open() ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

static enum err_code
claim(int64_t user, int64_t bytes, uint64_t *ret_claim)
{
	const struct intake intake = {.user_id = user, .bytes = bytes};
	return intake_claim(&config, &intake, ret_claim);
}

TEST(test_half_for_one_and_all_for_all)
{
	uint64_t one, two, three, four;
	assert_int_equal(claim(1, 16 * MB, &one), ERR_OK);
	assert_int_equal(claim(1, 16 * MB, &two), ERR_OK);
	assert_true(one != 0 && two != 0 && one != two);
	assert_int_equal(claim(1, 1, &three), ERR_TOO_MANY_UPLOADS);
	assert_int_equal(claim(2, 32 * MB, &three), ERR_OK);
	assert_int_equal(claim(3, 1, &four), ERR_UPLOADS_FULL);
	assert_int_equal(claim(1, 1, &four), ERR_TOO_MANY_UPLOADS);
	intake_end(&config, one);
	intake_end(&config, one);
	intake_end(&config, 0);
	intake_end(&config, 12345);
	assert_int_equal(claim(3, 16 * MB + 1, &four), ERR_UPLOADS_FULL);
	assert_int_equal(claim(3, 16 * MB, &four), ERR_OK);
	assert_int_equal(claim(1, 1, &one), ERR_UPLOADS_FULL);
	intake_end(&config, three);
	assert_int_equal(claim(1, 16 * MB, &one), ERR_OK);
}

/* A budget so small that half of it holds no body: one comes by all the same, but not two. */
TEST(test_one_body_always)
{
	uint64_t one, two;
	config.tmp_max_mb = 20;
	assert_int_equal(claim(1, 16 * MB, &one), ERR_OK);
	assert_int_equal(claim(1, 1 * MB, &two), ERR_TOO_MANY_UPLOADS);
	assert_int_equal(claim(2, 4 * MB, &two), ERR_OK);
}

TEST(test_many_small_ones)
{
	uint64_t name;
	enum err_code err = ERR_OK;
	int count = 0;
	while ((err = claim(1, 70000, &name)) == ERR_OK)
		count++;
	assert_int_equal(err, ERR_TOO_MANY_UPLOADS);
	assert_int_equal(count, 128);
	while ((err = claim(2, 70000, &name)) == ERR_OK)
		count++;
	assert_int_equal(count, 256);
	assert_int_equal(err, ERR_TOO_MANY_UPLOADS);
	assert_int_equal(claim(3, 70000, &name), ERR_UPLOADS_FULL);
}

TEST(test_the_disk)
{
	uint64_t name;
	config.tmp_max_mb = 1000000000; /* more than any disk of ours has */
	assert_int_equal(claim(1, (int64_t)999999999 * MB, &name), ERR_NO_SPACE);
	assert_int_equal(claim(1, 1 * MB, &name), ERR_OK);
	assert_false(intake_fits(&config, (int64_t)999999999 * MB));
	assert_true(intake_fits(&config, 1));
}

TEST(test_what_cannot_be_written)
{
	uint64_t name;
	config.data = "/dev/null";
	assert_int_equal(claim(1, 1 * MB, &name), ERR_INTERNAL);
	intake_end(&config, 1);
}

/* A file that is cut in the midst of a row, or holds nothing yet: what is not there is free. */
TEST(test_a_short_file)
{
	uint64_t name;
	assert_int_equal(claim(1, 32 * MB, &name), ERR_OK);
	char *path = tmpdir_path(dir, "run/intake");
	assert_int_equal(truncate(path, 0), 0);
	free(path);
	assert_int_equal(claim(1, 32 * MB, &name), ERR_OK);
	assert_int_equal(claim(1, 1, &name), ERR_TOO_MANY_UPLOADS);
}

struct crowd {
	atomic_int granted;
	int64_t user;
};

static void *
claim_much(void *cookie)
{
	struct crowd *crowd = cookie;
	for (int i = 0; i < 40; i++) {
		uint64_t name;
		int64_t user = atomic_fetch_add(&crowd->granted, 0) % 2 + 1;
		if (claim(user + 2 * (i % 3), 1 * MB, &name) == ERR_OK)
			atomic_fetch_add(&crowd->granted, 1);
	}
	return NULL;
}

TEST(test_many_at_once)
{
	struct crowd crowd = {0};
	pthread_t threads[8];
	uint64_t name;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, claim_much, &crowd), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&crowd.granted), 64);
	assert_int_equal(claim(9, 1, &name), ERR_UPLOADS_FULL);
}

TEST(test_what_follows_from_the_machine)
{
	config.tmp_max_mb = 0;
	int64_t budget = intake_budget(&config);
	assert_true(budget >= 48 * (int64_t)MB && budget <= 1024 * (int64_t)MB);
	assert_int_equal(budget % MB, 0);
	assert_int_equal(intake_patience(0), 30000);
	assert_int_equal(intake_patience(16 * MB), 30000 + 1000 * 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_half_for_one_and_all_for_all, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_one_body_always, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many_small_ones, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_disk, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_cannot_be_written, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_short_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many_at_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_follows_from_the_machine, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

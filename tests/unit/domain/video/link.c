/* Links: good for one video and one time, by one instance. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/crypto.h"
#include "domain/video/link.h"
#include "model/task.h"
#include "support/tmpdir.h"
#include "support/test.h"

#define HEAD "/api/video/tasks/video_1_abc/input?role=reference&index=2&expires="

enum { HOUR = 3600000 };

static struct links *
open_in(const char *dir, const char *archive)
{
	const struct config config = {.data = dir,
	                              .archive = archive,
	                              .link_lifetime = HOUR,
	                              .base_path = "",
	                              .public_url = strcmp(archive, "off") == 0 ? "https://r.example" : ""};
	struct links *links = links_open(&config);
	assert_non_null(links);
	return links;
}

/* The link's end and signature. */
static void
take_apart(const char *link, int64_t *ret_end, char ret_signature[LINK_SIGNATURE + 1])
{
	long long end;
	assert_int_equal(sscanf(strchr(link, '?'), "?expires=%lld&signature=%32s", &end, ret_signature), 2);
	*ret_end = end;
}

TEST(a_link_is_good_for_its_video_until_its_end)
{
	char *dir = tmpdir_make(), link[LINK_SIZE], signature[LINK_SIGNATURE + 1];
	const struct task task = {.video_id = "video_1_abc"};
	struct links *links = open_in(dir, "on");
	int64_t now = 1764291402480, end = links_end(links, now), said;
	assert_in_range(end, now + HOUR, now + 2 * HOUR);
	links_make(links, &task, end, link);
	assert_int_equal(strncmp(link, "/api/video/tasks/video_1_abc/content?", 37), 0);
	take_apart(link, &said, signature);
	assert_int_equal(said, end);
	assert_true(links_good(links, "video_1_abc", end, signature, now));
	assert_true(links_good(links, "video_1_abc", end, signature, end - 1));
	assert_false(links_good(links, "video_1_abc", end, signature, end));
	assert_false(links_good(links, "video_1_abd", end, signature, now));
	assert_false(links_good(links, "video_1_abc", end + 1, signature, now));
	assert_false(links_good(links, "video_1_abc", end, "", now));
	for (size_t i = 0; i < LINK_SIGNATURE; i++) {
		signature[i] ^= 1;
		assert_false(links_good(links, "video_1_abc", end, signature, now));
		signature[i] ^= 1;
	}
	char long_id[200];
	memset(long_id, 'x', sizeof(long_id));
	long_id[sizeof(long_id) - 1] = '\0';
	assert_false(links_good(links, long_id, end, signature, now));
	links_close(links);
	tmpdir_remove(dir);
}

TEST(the_end_stays_the_same_for_a_stretch)
{
	char *dir = tmpdir_make();
	struct links *links = open_in(dir, "on");
	int64_t begin = 490000 * (int64_t)HOUR;
	assert_int_equal(links_end(links, begin), begin + 2 * HOUR);
	assert_int_equal(links_end(links, begin + HOUR - 1), begin + 2 * HOUR);
	assert_int_equal(links_end(links, begin + HOUR), begin + 3 * (int64_t)HOUR);
	links_close(links);
	tmpdir_remove(dir);
}

TEST(the_secret_lasts_and_is_the_instances_own)
{
	char *dir = tmpdir_make(), *other_dir = tmpdir_make(), path[4096], first[LINK_SIZE], again[LINK_SIZE],
	     other[LINK_SIZE];
	const struct task task = {.video_id = "video_1_abc"};
	struct stat st;
	struct links *links = open_in(dir, "on"), *reopened = open_in(dir, "on"),
	             *others = open_in(other_dir, "on");
	links_make(links, &task, 5, first);
	links_make(reopened, &task, 5, again);
	links_make(others, &task, 5, other);
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
	snprintf(path, sizeof(path), "%s/link.key", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	links_close(links);
	links_close(reopened);
	links_close(others);
	/* Half a secret is none. */
	assert_int_equal(truncate(path, 16), 0);
	const struct config config = {.data = dir, .archive = "on", .link_lifetime = HOUR, .base_path = ""};
	assert_null(links_open(&config));
	tmpdir_remove(dir);
	tmpdir_remove(other_dir);
}

TEST(links_may_stand_below_other_paths)
{
	char *dir = tmpdir_make(), link[LINK_SIZE], base[PREFIX_SIZE], signature[LINK_SIGNATURE + 1];
	const struct task task = {.video_id = "video_1764291402480_4xj89sk"};
	struct links *links = open_in(dir, "on");
	int64_t now = 1764291402480, end = links_end(links, now), said;
	memset(base, 'x', sizeof(base));
	base[0] = '/';
	base[sizeof(base) - 1] = '\0';
	const struct links *below = links_below(links, base);
	assert_ptr_equal(links_below(links, base), below);
	assert_ptr_equal(links_below(links, ""), links);
	assert_int_equal(links_end(below, now), end);
	links_make(below, &task, end, link);
	assert_int_equal(strncmp(link, base, strlen(base)), 0);
	assert_int_equal(strncmp(link + strlen(base), "/api/video/tasks/", 17), 0);
	take_apart(link, &said, signature);
	assert_true(links_good(links, task.video_id, end, signature, now));
	/* Their number is limited; those that are there stay. */
	for (int i = 0; i < 100; i++) {
		snprintf(base, sizeof(base), "/path%d", i);
		const struct links *more = links_below(links, base);
		links_make(more, &task, end, link);
		assert_int_equal(strncmp(link, more == links ? "/api" : "/pat", 4), 0);
	}
	assert_ptr_equal(links_below(links, "/path99"), links);
	assert_ptr_equal(links_below(links, "/path0"), links_below(links, "/path0"));
	assert_ptr_not_equal(links_below(links, "/path0"), links);
	links_close(links);
	tmpdir_remove(dir);
}

TEST(without_an_archive_there_are_no_links)
{
	char *dir = tmpdir_make();
	struct links *links = open_in(dir, "off");
	assert_int_equal(links_end(links, 1764291402480), 0);
	assert_false(links_good(links, "video_1_abc", INT64_MAX, "00000000000000000000000000000000", 0));
	links_close(links);
	links_close(NULL);
	tmpdir_remove(dir);
}

/* Also where no video is kept. */
TEST(a_link_to_an_image_is_good_for_that_image)
{
	char *dir = tmpdir_make(), link[LINK_SIZE], signature[LINK_SIGNATURE + 1];
	struct links *links = open_in(dir, "off");
	int64_t now = 1764291402480, end = now + LINK_IMAGE_MS;
	const struct link_image third = {"video_1_abc", "reference", 2};
	const struct link_image others[] = {
	    {"video_1_abc", "reference", 1}, {"video_1_abc", "last", 2}, {"video_1_abd", "reference", 2}};
	links_make_image(links, &third, end, link);
	assert_int_equal(strncmp(link, HEAD, strlen(HEAD)), 0);
	assert_int_equal(sscanf(link + strlen(HEAD), "1764295002480&signature=%32s", signature), 1);
	assert_true(links_good_image(links, &third, end, signature, end - 1));
	assert_false(links_good_image(links, &third, end, signature, end));
	assert_false(links_good_image(links, &third, end + 1, signature, now));
	assert_false(links_good_image(links, &third, end, "", now));
	for (size_t i = 0; i < 3; i++)
		assert_false(links_good_image(links, &others[i], end, signature, now));
	assert_false(links_good(links, "video_1_abc", end, signature, now));
	links_close(links);
	tmpdir_remove(dir);
}

TEST(without_a_secret_there_are_no_links_to_images)
{
	char *dir = tmpdir_make(), link[LINK_SIZE];
	const struct config config = {.data = dir, .archive = "off", .base_path = "", .public_url = ""};
	struct links *links = links_open(&config);
	assert_non_null(links);
	const struct link_image image = {"video_1_abc", "first", 0};
	links_make_image(links, &image, INT64_MAX, link);
	assert_string_equal(link, "");
	assert_false(links_good_image(links, &image, INT64_MAX, "00000000000000000000000000000000", 0));
	links_close(links);
	tmpdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_link_is_good_for_its_video_until_its_end),
	    cmocka_unit_test(the_end_stays_the_same_for_a_stretch),
	    cmocka_unit_test(the_secret_lasts_and_is_the_instances_own),
	    cmocka_unit_test(links_may_stand_below_other_paths),
	    cmocka_unit_test(without_an_archive_there_are_no_links),
	    cmocka_unit_test(a_link_to_an_image_is_good_for_that_image),
	    cmocka_unit_test(without_a_secret_there_are_no_links_to_images),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/video/link", tests, NULL, NULL) : 1;
}

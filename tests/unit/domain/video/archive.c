/* The archive's parts: where a file lies, when it is tried again, and what is taken for a video. What it does
 * as a whole is tested with whole instances. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "domain/video/archive.h"
#include "domain/video/backlog.h"
#include "domain/video/path.h"
#include "domain/video/format.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

TEST(a_path_is_made_of_ids_only)
{
	static const char *const bad[] = {"", "x", "..", "../x", "a/b", ".hidden", "video 1", "v\n"};
	struct arena *arena = arena_new();
	assert_string_equal(archive_path(arena, "/data", "video_1_abcd"), "/data/archive/cd/video_1_abcd");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(archive_path(arena, "/data", bad[i]));
	arena_free(arena);
}

TEST(tries_come_later_and_later_and_end_within_two_days)
{
	int64_t n = 1, last = 0, sum = 0;
	for (; archive_next_try(n, 1) > 0; n++) {
		assert_true(archive_next_try(n, 0) < archive_next_try(n, 1));
		assert_true(archive_next_try(n, 0.5) > last);
		last = archive_next_try(n, 0.5);
		sum += archive_next_try(n, 1);
	}
	assert_in_range(n, 5, 12);
	assert_in_range(sum, 12 * 3600000, 48 * 3600000);
	assert_int_equal(archive_next_try(0, 0), 0);
	assert_int_equal(archive_next_try(INT64_MAX, 0), 0);
}

#define FTYP                                                                                                 \
	"\0\0\0\x10"                                                                                         \
	"ftypisom\0\0\0\0"
#define MOOV "\0\0\0\x0cmoov\1\2\3\4"

static const char *
look_at(const void *bytes, size_t len, enum video_end *ret_end)
{
	char path[] = "/tmp/longreel-video-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, bytes, len), len);
	const char *type = video_file_type(fd, (int64_t)len, ret_end);
	close(fd);
	return type;
}

TEST(an_mp4_tells_whether_it_is_whole)
{
	static const char whole[] = FTYP MOOV "\0\0\0\x0amdat\1\2";
	static const char wide[] = FTYP "\0\0\0\1mdat\0\0\0\0\0\0\0\x12\1\2" MOOV;
	static const char open[] = FTYP MOOV "\0\0\0\0mdat\1\2\3";
	static const char bare[] = FTYP "\0\0\0\x0amdat\1\2";
	enum video_end end;
	assert_string_equal(look_at(whole, sizeof(whole) - 1, &end), "video/mp4");
	assert_int_equal(end, VIDEO_WHOLE);
	assert_string_equal(look_at(wide, sizeof(wide) - 1, &end), "video/mp4");
	assert_int_equal(end, VIDEO_WHOLE);
	assert_string_equal(look_at(open, sizeof(open) - 1, &end), "video/mp4");
	assert_int_equal(end, VIDEO_OPEN);
	assert_string_equal(look_at(bare, sizeof(bare) - 1, &end), "video/mp4");
	assert_int_equal(end, VIDEO_BROKEN);
	for (size_t len = 12; len < sizeof(whole) - 1; len++) {
		assert_string_equal(look_at(whole, len, &end), "video/mp4");
		assert_int_equal(end, VIDEO_BROKEN);
	}
}

TEST(an_error_page_is_no_video)
{
	static const char page[] = "<!DOCTYPE html><title>502</title>", json[] = "{\"error\":\"gone\"}";
	static const char webm[] = "\x1a\x45\xdf\xa3 and so on, and so on";
	enum video_end end;
	assert_null(look_at(page, sizeof(page) - 1, &end));
	assert_null(look_at(json, sizeof(json) - 1, &end));
	assert_null(look_at("", 0, &end));
	assert_string_equal(look_at(webm, sizeof(webm) - 1, &end), "video/webm");
	assert_int_equal(end, VIDEO_OPEN);
}

/* Has a video fetched from an upstream that answers so. Returns in how many ms it is tried again. */
static int64_t
next_try_after(const char *answer)
{
	const struct fake_step step = {FAKE_ANSWER, answer};
	struct domains *d = domains_new(&step, 1);
	struct backlog backlog = {0};
	atomic_bool stop = false;
	bool did = false;
	char sql[128];
	d->config.archive_max_mb = 1;
	d->config.archive_timeout = 20000;
	domains_task(d, "video_1_abcd", TASK_STATE_COMPLETED);
	snprintf(sql, sizeof(sql), "UPDATE task SET video_url = '%s/v.mp4'", d->base);
	raw_run(d->s->store, sql);
	raw_run(d->s->store, "INSERT INTO archive (task_id, user_id, state, due_at) "
	                     "SELECT id, user_id, 'wanted', 1 FROM task");
	/* Nothing by a clock that was set a moment ago: another's lease may only seem to be over. */
	domains_clock_set(d);
	assert_int_equal(archive_step(&d->env, d->s->arena, &backlog, &stop, &did), ERR_OK);
	assert_false(did);
	domains_clock_move(d);
	raw_run(d->s->store, "UPDATE archive SET due_at = 1");
	assert_int_equal(archive_step(&d->env, d->s->arena, &backlog, &stop, &did), ERR_OK);
	assert_true(did);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	int64_t due = raw_number(d->s->store, "SELECT due_at FROM archive WHERE state = 'wanted'");
	domains_free(d);
	return due - clock_wall_ms();
}

TEST(a_wait_that_the_upstream_asks_for_is_not_cut_short)
{
	static const char later[] = "HTTP/1.1 429 Later\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n";
	static const char soon[] = "HTTP/1.1 503 Soon\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
	assert_in_range(next_try_after(later), 590000, 600000);
	assert_in_range(next_try_after(soon), 40000, 72000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_is_made_of_ids_only),
	    cmocka_unit_test(tries_come_later_and_later_and_end_within_two_days),
	    cmocka_unit_test(an_mp4_tells_whether_it_is_whole),
	    cmocka_unit_test(an_error_page_is_no_video),
	    cmocka_unit_test(a_wait_that_the_upstream_asks_for_is_not_cut_short),
	};
	return cmocka_run_group_tests_name("domain/video/archive", tests, NULL, NULL);
}

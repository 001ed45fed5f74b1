/* Images that are uploaded before the submission: what is sent in which order, and what an upload that fails
 * means for the task. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/loop.h"
#include "domain/task/change.h"
#include "domain/task/submit.h"
#include "domain/upload.h"
#include "support/domains.h"
#include "support/test.h"
#include "support/tmpdir.h"

#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body

static const char profile[] =
    "{\"auth\":{\"header\":\"X-Key\"},\"upload\":{\"path\":\"/up\",\"accepted\":[200],\"file\":\"image\","
    "\"id\":[\"/r/id\"],\"constants\":{\"kind\":\"input\"}},"
    "\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\","
    "\"input_reference\":{\"name\":\"first\",\"type\":\"upload\"},\"last_frame\":{\"name\":\"last\",\"type\":"
    "\"upload\"}}},"
    "\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]},\"content\":{\"path\":\"/c/{id}\"},"
    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"]},"
    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";

/* Submits a task with two images, and lets its user cancel it while the first is uploaded; returns the row.
 */
static struct task
submit_and(struct domains *d, bool cancel)
{
	const struct change_target target = {.user_id = d->s->user, .video_id = "v"};
	struct task row;
	char name[64];
	snprintf(name, sizeof(name), "%s/dialects", d->s->dir);
	assert_int_equal(mkdir(name, 0700), 0);
	tmpdir_write(d->s->dir, "dialects/up.json", profile);
	assert_true(upload_make_dir(d->s->dir));
	tmpdir_write(d->s->dir, "uploads/a.png", "AAAA");
	tmpdir_write(d->s->dir, "uploads/b.png", "BBBB");
	d->config.upstream_dialect = "up";
	domains_configure(d);
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	task.size = task.aspect_ratio = task.model = NULL;
	task.seconds = 0;
	task.options = "{}";
	task.input_file = "a.png";
	task.input_type = "image/png";
	task.images = "[{\"role\":\"last\",\"file\":\"b.png\",\"type\":\"image/png\"}]";
	struct submitter *submitter = submit_new(&d->env);
	assert_true(submit_start(submitter, d->s->arena, &task, NULL, NULL));
	while (cancel && fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	if (cancel)
		assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &row), ERR_OK);
	fake_upstream_release(d->fake);
	while (submit_active(submitter) > 0)
		loop_once(d->env.loop, 60000);
	submit_free(submitter);
	return stores_get(d->s, "v");
}

TEST(images_are_uploaded_first)
{
	const struct fake_step steps[] = {{FAKE_ANSWER, ANSWER("200 OK", "{\"r\":{\"id\":9007}}")},
	                                  {FAKE_ANSWER, ANSWER("200 OK", "{\"r\":{\"id\":\"img-2\"}}")},
	                                  {FAKE_ANSWER, ANSWER("200 OK", "{\"id\":\"up-1\"}")}};
	struct domains *d = domains_new(steps, 3);
	struct task task = submit_and(d, false);
	assert_int_equal(task.state, TASK_STATE_RUNNING);
	assert_string_equal(task.external_id, "up-1");
	assert_int_equal(fake_upstream_requests(d->fake), 3);
	const char *first = fake_upstream_request(d->fake, 0);
	assert_memory_equal(first, "POST /up HTTP/1.1\r\n", 19);
	assert_non_null(strstr(first, "AAAA"));
	assert_non_null(strstr(first, "name=\"image\"; filename=\"input.png\""));
	assert_non_null(strstr(first, "name=\"kind\""));
	assert_non_null(strstr(fake_upstream_request(d->fake, 1), "BBBB"));
	const char *made = fake_upstream_request(d->fake, 2);
	assert_memory_equal(made, "POST /v HTTP/1.1\r\n", 18);
	assert_non_null(strstr(made, "\"first\":9007,\"last\":\"img-2\"}"));
	domains_free(d);
}

TEST(what_is_cancelled_while_an_image_is_uploaded_is_not_submitted)
{
	const struct fake_step steps[] = {
	    {.act = FAKE_ANSWER, .bytes = ANSWER("200 OK", "{\"r\":{\"id\":9007}}"), .held = true},
	    {FAKE_ANSWER, ANSWER("200 OK", "{\"r\":{\"id\":\"img-2\"}}")},
	    {FAKE_ANSWER, ANSWER("200 OK", "{\"id\":\"up-1\"}")}};
	struct domains *d = domains_new(steps, 3);
	struct task task = submit_and(d, true);
	assert_int_equal(task.state, TASK_STATE_CANCELLED);
	assert_int_equal(task.due_at, 0);
	assert_null(task.external_id);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	domains_free(d);
}

/* Nothing was submitted: so no outcome of an upload is unknown. */
TEST(an_upload_that_fails_submits_nothing)
{
	static const struct {
		struct fake_step step;
		enum task_state state;
	} rows[] = {
	    {{FAKE_ANSWER, ANSWER("400 Bad Request", "{\"error\":\"no picture\"}")}, TASK_STATE_FAILED},
	    {{FAKE_ANSWER, ANSWER("401 Unauthorized", "{}")}, TASK_STATE_READY},
	    {{FAKE_ANSWER, ANSWER("500 Oops", "")}, TASK_STATE_READY},
	    {{FAKE_ANSWER, ANSWER("200 OK", "{\"r\":{}}")}, TASK_STATE_READY},
	    {{FAKE_HANG_UP, ""}, TASK_STATE_READY},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domains *d = domains_new(&rows[i].step, 1);
		struct task task = submit_and(d, false);
		assert_int_equal(task.state, rows[i].state);
		assert_int_equal(fake_upstream_requests(d->fake), 1);
		domains_free(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(images_are_uploaded_first),
	    cmocka_unit_test(an_upload_that_fails_submits_nothing),
	    cmocka_unit_test(what_is_cancelled_while_an_image_is_uploaded_is_not_submitted),
	};
	return cmocka_run_group_tests_name("domain/submit_inputs", tests, NULL, NULL);
}

/* An upstream's list of its jobs, with the times of creation in the forms that upstreams write. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"
#include "support/test.h"

static const char profile[] =
    "{\"auth\":{\"header\":\"X-Key\"},"
    "\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},"
    "\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]},"
    "\"list\":{\"path\":\"/v\",\"accepted\":[200],\"items\":[\"/items\"],\"prompt\":[\"/prompt\"],"
    "\"created_at\":[\"/at\"]},"
    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],\"video_url\":[\"/url\"]},"
    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";

enum { SECOND = 1764291402 };

TEST(times_come_in_many_forms)
{
	static const struct {
		const char *json;
		int64_t ms; /* -1 = none */
	} rows[] = {
	    {"1764291402", SECOND * 1000LL},
	    {"1764291402.5", SECOND * 1000LL + 500},
	    {"1764291402480", SECOND * 1000LL + 480},
	    {"\"1764291402\"", SECOND * 1000LL},
	    {"\"1764291402480\"", SECOND * 1000LL + 480},
	    {"\"2025-11-28T00:56:42Z\"", SECOND * 1000LL},
	    {"\"2025-11-28T00:56:42.48Z\"", SECOND * 1000LL + 480},
	    {"\"2025-11-28T00:56:42.480123+00:00\"", SECOND * 1000LL + 480},
	    {"\"2025-11-28T08:56:42+08:00\"", SECOND * 1000LL},
	    {"\"2025-11-27T19:26:42-0530\"", SECOND * 1000LL},
	    {"\"2025-11-28 00:56:42\"", SECOND * 1000LL},
	    {"\"2000-02-29T00:00:00Z\"", 951782400000},
	    {"\"2000-03-01T00:00:00Z\"", 951868800000},
	    {"\"2025-11-28\"", -1},
	    {"\"2025-13-28T00:56:42Z\"", -1},
	    {"\"2025-11-28T00:56:42Zulu\"", -1},
	    {"\"2025-11-28T00:56:42+8\"", -1},
	    {"\"1969-12-31T23:59:59Z\"", -1},
	    {"\"yesterday\"", -1},
	    {"\"\"", -1},
	    {"-5", -1},
	    {"1e300", -1},
	    {"null", -1},
	};
	char why[256] = "", body[256];
	struct arena *arena = arena_new();
	struct dialect *dialect = dialect_parse("test", profile, sizeof(profile) - 1, why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct list_answer answer;
		snprintf(body, sizeof(body), "{\"items\":[{\"id\":7,\"prompt\":\"p\",\"at\":%s}]}",
		         rows[i].json);
		const struct http_response response = {
		    .end = HTTP_ANSWERED, .status = 200, .body = body, .body_len = strlen(body)};
		answer_list(dialect, &response, arena, &answer);
		assert_null(answer.why);
		if (answer.count != (rows[i].ms >= 0) ||
		    (answer.count == 1 && answer.jobs[0].created_at != rows[i].ms))
			fail_msg("%s: %zu, %lld", rows[i].json, answer.count,
			         answer.count == 1 ? (long long)answer.jobs[0].created_at : 0);
	}
	dialect_free(dialect);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(times_come_in_many_forms)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

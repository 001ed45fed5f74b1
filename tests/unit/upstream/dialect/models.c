/* The upstream's list of its models: where it is asked for, and what its answer says. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "support/test.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/message.h"

#define WITH(models)                                                                                         \
	"{\"models\":" models ",\"auth\":{\"header\":\"A\"},\"submit\":{\"path\":\"/v\",\"body\":\"json\","  \
	"\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},\"poll\":{\"path\":\"/v/"                         \
	"{id}\",\"accepted\":[200]},"                                                                        \
	"\"content\":{\"path\":\"/c/{id}\"},\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"]},"              \
	"\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}"

static char why[512];

/* The names in the answer, with blanks between; or why there are none. */
static void
assert_names(const char *dialect_name, int status, const char *body, const char *names)
{
	char text[1000] = "";
	struct arena *arena = arena_new();
	struct dialect *dialect = dialect_load("conf/dialects", dialect_name, why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
	const struct channel channel = {.name = "c", .key = "sk-secret-key", .dialect = dialect};
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = status, .body = body, .body_len = strlen(body)};
	struct models_answer answer;
	answer_models(&channel, &response, arena, &answer);
	for (size_t i = 0; i < answer.count; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, answer.names[i]);
	}
	assert_string_equal(answer.why ? answer.why : text, names);
	dialect_free(dialect);
	arena_free(arena);
}

TEST(names_are_read_by_the_shipped_profiles)
{
	assert_names("openai", 200, "{\"object\":\"list\",\"data\":[{\"id\":\"sora-2\"},{\"id\":\"b\"}]}",
	             "sora-2 b");
	assert_names("veo", 200, "{\"models\":[{\"name\":\"models/veo-3.1\"},{\"name\":\"veo-4\"}]}",
	             "veo-3.1 veo-4");
	assert_names("xai", 200, "{\"models\":[{\"id\":\"grok\"}]}", "grok");
	assert_names("openrouter", 200, "{\"data\":[{\"id\":\"google/veo-3.1\",\"name\":\"G\"}]}",
	             "google/veo-3.1");
	assert_names("openai", 200, "{\"data\":[]}", "");
}

TEST(an_answer_is_hostile)
{
	assert_names("openai", 200,
	             "{\"data\":[{\"id\":\"a\\u001b[2J\"},{\"id\":7},{},8,{\"id\":\"\"},"
	             "{\"id\":\"sk-secret-key\"},{\"id\":\"z\"}]}",
	             "a [2J z");
	assert_names("openai", 404, "{\"data\":[{\"id\":\"a\"}]}", "The upstream answered 404");
	assert_names("openai", 200, "<html>", "The answer holds no list");
	assert_names("openai", 200, "{\"data\":{}}", "The answer holds no list");
}

TEST(it_is_asked_for_where_the_profile_says)
{
	static const char json[] =
	    WITH("{\"path\":\"/m\",\"items\":[\"/d\"],\"name\":[\"/n\"],\"prefix\":\"p/\"}");
	struct http_request request;
	struct arena *arena = arena_new();
	struct dialect *with = dialect_parse("t", json, strlen(json), why, sizeof(why));
	struct dialect *without = dialect_load("conf/dialects", "sora", why, sizeof(why));
	if (with == NULL)
		fail_msg("%s", why);
	struct channel channel = {.name = "c", .base = "https://a.test", .key = "k", .dialect = with};
	assert_int_equal(compose_models(&channel, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://a.test/m");
	assert_string_equal(request.method, "GET");
	channel.dialect = without;
	assert_int_equal(compose_models(&channel, arena, &request), ERR_NOT_FOUND);
	dialect_free(with);
	dialect_free(without);
	arena_free(arena);
}

TEST(what_is_wrong_with_it_is_named)
{
	static const struct {
		const char *json, *named;
	} flaws[] = {
	    {WITH("{\"items\":[\"/d\"],\"name\":[\"/n\"]}"), "models.path"},
	    {WITH("{\"path\":\"/m\",\"name\":[\"/n\"]}"), "models.items"},
	    {WITH("{\"path\":\"/m\",\"items\":[\"/d\"]}"), "models.name"},
	    {WITH("{\"path\":\"/m\",\"items\":[\"d\"],\"name\":[\"/n\"]}"), "models.items holds \"d\""},
	    {WITH("{\"path\":\"/m\",\"items\":[\"/d\"],\"name\":[\"/n\"],\"id\":1}"), "models.id"},
	};
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		if (dialect_parse("t", flaws[i].json, strlen(flaws[i].json), why, sizeof(why)) != NULL)
			fail_msg("taken: %s", flaws[i].json);
		if (!strstr(why, flaws[i].named))
			fail_msg("%s gave: %s", flaws[i].json, why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_read_by_the_shipped_profiles),
	    cmocka_unit_test(an_answer_is_hostile),
	    cmocka_unit_test(it_is_asked_for_where_the_profile_says),
	    cmocka_unit_test(what_is_wrong_with_it_is_named),
	};
	return cmocka_run_group_tests_name("upstream/dialect/models", tests, NULL, NULL);
}

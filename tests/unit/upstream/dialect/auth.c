/* How a key is shown. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "model/channel.h"
#include "model/task.h"
#include "support/test.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"

#define REST                                                                                                 \
	",\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},"  \
	"\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]},\"content\":{\"path\":\"/c/{id}\"},"             \
	"\"answer\":{\"id\":[\"/id\"],\"status\":[\"/"                                                       \
	"s\"]},\"words\":{\"completed\":[\"a\"],\"failed\":[\"b\"]}}"
#define JWT   "{\"auth\":{\"type\":\"jwt_hs256\",\"header\":\"Authorization\",\"prefix\":\"Bearer \"}" REST
#define SIGV4 "{\"auth\":{\"type\":\"aws_sigv4\",\"service\":\"bedrock\"}" REST

static char why[512];

static struct dialect *
parse(const char *json)
{
	return dialect_parse("test", json, strlen(json), why, sizeof(why));
}

/* Decodes a part of a token. */
static size_t
decode(const char *from, size_t len, char *to)
{
	char text[600];
	size_t bytes;
	memcpy(text, from, len);
	for (size_t i = 0; i < len; i++)
		text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	while (len % 4 != 0)
		text[len++] = '=';
	assert_true(base64_read(text, len, to, &bytes));
	to[bytes] = '\0';
	return bytes;
}

TEST(a_token_is_signed_with_the_second_part_of_the_key)
{
	struct arena *arena = arena_new();
	struct dialect *dialect = parse(JWT);
	struct channel channel = {.name = "c", .base = "https://h", .key = "AK1:sec:ret", .dialect = dialect};
	struct task task = {.prompt = "p", .options = "{}", .external_id = "e"};
	struct http_request request = {0};
	static const char *const keys[] = {"AK1:sec:ret", "AK1|sec:ret"};
	for (size_t k = 0; k < 2; k++) {
		char text[600];
		uint8_t mac[CRYPTO_HASH_SIZE];
		const struct json *claims;
		int64_t exp = 0, nbf = 0, now = clock_wall_ms() / 1000;
		channel.key = keys[k];
		assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
		const char *token = request.headers[1] + strlen("Authorization: Bearer ");
		const char *body = strchr(token, '.') + 1, *sign = strchr(body, '.') + 1;
		decode(token, (size_t)(body - token - 1), text);
		assert_string_equal(text, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
		decode(body, (size_t)(sign - body - 1), text);
		assert_int_equal(json_parse(arena, text, strlen(text), &claims), ERR_OK);
		assert_string_equal(json_string(json_get(claims, "iss")), "AK1");
		assert_true(json_integer(json_get(claims, "exp"), &exp));
		assert_true(json_integer(json_get(claims, "nbf"), &nbf));
		assert_in_range(exp, now + 1800, now + 1810);
		assert_int_equal(exp - nbf, 1805);
		const struct crypto_bytes piece = {token, (size_t)(sign - token - 1)};
		crypto_hmac((struct crypto_bytes){"sec:ret", 7}, &piece, 1, mac);
		assert_int_equal(decode(sign, strlen(sign), text), sizeof(mac));
		assert_memory_equal(text, mac, sizeof(mac));
	}
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_null(strstr(request.headers[1], "sec"));
	static const char *const wrong[] = {"alone", ":x", "x:", "a\"b:c", "a\nb:c"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		channel.key = wrong[i];
		assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
	}
	dialect_free(dialect);
	arena_free(arena);
}

TEST(a_request_is_signed_for_service_and_region)
{
	struct arena *arena = arena_new();
	struct dialect *dialect = parse(SIGV4);
	struct channel channel = {.name = "c",
	                          .base = "https://bedrock-runtime.eu-west-3.amazonaws.com",
	                          .key = "AK|SK",
	                          .dialect = dialect};
	struct task task = {.prompt = "p", .options = "{}", .external_id = "e"};
	struct http_request request = {0};
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_string_equal(request.sigv4, "aws:amz:eu-west-3:bedrock");
	assert_string_equal(request.user, "AK:SK");
	for (const char *const *line = request.headers; *line; line++)
		assert_null(strstr(*line, "SK"));
	request = (struct http_request){0};
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.sigv4, "aws:amz:eu-west-3:bedrock");
	channel.key = "SK";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
	dialect_free(dialect);
	arena_free(arena);
}

TEST(no_part_of_a_key_is_passed_on)
{
	struct dialect *dialect = parse(JWT);
	const struct channel channel = {
	    .name = "c", .base = "https://h", .key = "AK1:secretsecret", .dialect = dialect};
	assert_null(answer_without_key(&channel, "the key secretsecret is wrong"));
	assert_null(answer_without_key(&channel, "bad token eyJhbGciOiJIUzI1"));
	assert_non_null(answer_without_key(&channel, "no cats"));
	dialect_free(dialect);
}

TEST(what_auth_needs_is_named)
{
	static const char *const rows[][2] = {
	    {"{\"auth\":{\"type\":\"basic\",\"header\":\"A\"}" REST, "auth.type must be \"header\""},
	    {"{\"auth\":{\"type\":\"jwt_hs256\"}" REST, "auth.header is missing"},
	    {"{\"auth\":{\"type\":\"aws_sigv4\"}" REST, "auth.service is missing"},
	    {"{\"auth\":{\"type\":\"aws_sigv4\",\"service\":\"b\",\"header\":\"A\"}" REST,
	     "auth has a header"},
	    {"{\"auth\":{\"header\":\"content-type\"}" REST,
	     "auth.header is a header that longreel writes itself"},
	    {"{\"auth\":{\"header\":\"X-Key\"},\"headers\":{\"x-key\":\"1\"}" REST, "fixed header \"X-Key\""},
	    {"{\"auth\":{\"header\":\"X-Key\"},\"headers\":{\"Accept\":\"1\"}" REST,
	     "headers.Accept is a header that"},
	    {"{\"auth\":{\"header\":\"A\",\"region\":\"r\"}" REST, "auth has a service or a region"},
	    {"{\"auth\":{\"type\":\"aws_sigv4\",\"service\":\"a:b\"}" REST, "auth.service must be a word"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(parse(rows[i][0]));
		if (!strstr(why, rows[i][1]))
			fail_msg("%s gave %s", rows[i][0], why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_is_signed_with_the_second_part_of_the_key),
	    cmocka_unit_test(a_request_is_signed_for_service_and_region),
	    cmocka_unit_test(no_part_of_a_key_is_passed_on),
	    cmocka_unit_test(what_auth_needs_is_named),
	};
	return cmocka_run_group_tests_name("upstream/dialect/auth", tests, NULL, NULL);
}

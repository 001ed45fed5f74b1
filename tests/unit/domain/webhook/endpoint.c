/* What may be the address of a webhook, and what may not; what is sent there is the same each time. */
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "domain/webhook/deliver.h"
#include "domain/webhook/endpoint.h"
#include "support/test.h"

static const struct config strict = {.webhook_private = "off"}, loose = {.webhook_private = "on"};

TEST(public_addresses_are_good)
{
	static const char *const good[] = {"https://a.example",
	                                   "https://a.example/",
	                                   "https://A.Example:8443/x/y?z=%20&a=b@c",
	                                   "https://a.example?x",
	                                   "https://1.1.1.1/",
	                                   "https://[2606:4700::1111]:443/",
	                                   "https://xn--bcher-kva.example/",
	                                   "https://10.example.com/",
	                                   "https://localhost.example/"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (webhook_url_fault(&strict, good[i]) != NULL || webhook_url_fault(&loose, good[i]) != NULL)
			fail_msg("%s", good[i]);
}

TEST(private_ones_only_where_they_are_allowed)
{
	static const char *const private[] = {"http://a.example/",
	                                      "https://127.0.0.1/",
	                                      "https://10.0.0.1:8080/",
	                                      "https://169.254.169.254/latest/meta-data",
	                                      "https://100.64.0.1/",
	                                      "https://0.0.0.0/",
	                                      "https://[::1]/",
	                                      "https://[::]/",
	                                      "https://[fd00::1]/",
	                                      "https://[::ffff:127.0.0.1]/",
	                                      "https://[64:ff9b::10.0.0.1]/",
	                                      "https://LOCALHOST/",
	                                      "https://a.localhost/",
	                                      "https://printer.local/",
	                                      "https://db.internal/",
	                                      "https://127.1/",
	                                      "https://2130706433/",
	                                      "https://0177.0.0.1/",
	                                      "https://0x7f.0.0.1/"};
	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		if (webhook_url_fault(&strict, private[i]) == NULL ||
		    webhook_url_fault(&loose, private[i]) != NULL)
			fail_msg("%s", private[i]);
}

TEST(what_is_no_address_is_refused)
{
	static const char *const bad[] = {"",
	                                  "a.example",
	                                  "ftp://a.example/",
	                                  "HTTPS://a.example/",
	                                  "https:/a.example/",
	                                  "https://",
	                                  "https:///x",
	                                  "https://?x",
	                                  "https://.a.example/",
	                                  "https://a.example./",
	                                  "https://a b.example/",
	                                  "https://user@a.example/",
	                                  "https://u:p@a.example/",
	                                  "https://a.example\\@b.example/",
	                                  "https://a.example#@b.example/",
	                                  "https://a.example/#x",
	                                  "https://a.example:0/",
	                                  "https://a.example:/",
	                                  "https://a.example:65536/",
	                                  "https://a.example:443x/",
	                                  "https://a_b.example/",
	                                  "https://b\xc3\xbc"
	                                  "cher.example/",
	                                  "https://a.example/\r\nX: y",
	                                  "https://a.example/\x7f",
	                                  "https://[::1/",
	                                  "https://[a]/",
	                                  "https://[1.1.1.1]/",
	                                  "https://[::1]x/",
	                                  "https://[fe80::1%25eth0]/"};
	char longest[WEBHOOK_URL + 2] = "https://a.example/";
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (webhook_url_fault(&loose, bad[i]) == NULL)
			fail_msg("%s", bad[i]);
	memset(longest + strlen(longest), 'x', WEBHOOK_URL - strlen(longest));
	assert_int_equal(strlen(longest), WEBHOOK_URL);
	assert_null(webhook_url_fault(&strict, longest));
	longest[WEBHOOK_URL] = 'x';
	assert_non_null(webhook_url_fault(&strict, longest));
}

TEST(an_event_is_the_same_each_time)
{
	struct arena *arena = arena_new();
	struct delivery delivery = {.id = 7,
	                            .attempt = 2,
	                            .event = WEBHOOK_FAILED,
	                            .created_at = 1764291402480,
	                            .video_id = "video_1764291402480_4xj89sk",
	                            .client_request_id = "夕阳 \"x\""};
	const char *body = deliver_body(arena, &delivery);
	assert_string_equal(
	    body,
	    "{\"id\":\"evt_1764291402480_4xj89sk_2_failed\",\"object\":\"event\",\"created_at\":1764291402,"
	    "\"type\":\"video.failed\",\"data\":{\"id\":\"video_1764291402480_4xj89sk\","
	    "\"clientRequestId\":\"夕阳 \\\"x\\\"\",\"attempt\":2}}");
	delivery.id = 8;
	delivery.tries = 9;
	delivery.due_at = 1;
	delivery.tried_at = 5;
	delivery.url = "https://b.example/";
	assert_string_equal(deliver_body(arena, &delivery), body);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(public_addresses_are_good),
	    cmocka_unit_test(private_ones_only_where_they_are_allowed),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(an_event_is_the_same_each_time),
	};
	return cmocka_run_group_tests_name("domain/webhook/endpoint", tests, NULL, NULL);
}

/* The channels of a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/config.h"
#include "domain/channel.h"

static struct config
configured(const char *base, const char *dialect)
{
	return (struct config){.upstream_base = base,
	                       .upstream_key = "secret",
	                       .upstream_dialect = dialect,
	                       .upstream_idempotency = "off",
	                       .upstream_private = "on"};
}

static void
no_upstream_is_no_channel_and_no_error(void **state)
{
	(void)state;
	char why[256] = "";
	struct config config = configured("", "there is no such dialect");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_non_null(channels);
	assert_null(channels_for_new(channels));
	assert_null(channels_named(channels, "default"));
	channels_close(channels);
	channels_close(NULL);
}

static void
an_upstream_is_the_channel_default(void **state)
{
	(void)state;
	char why[256] = "";
	struct config config = configured("https://api.example.com", "openai");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_non_null(channels);
	const struct channel *channel = channels_for_new(channels);
	assert_non_null(channel);
	assert_string_equal(channel->name, "default");
	assert_string_equal(channel->base, "https://api.example.com");
	assert_string_equal(channel->key, "secret");
	assert_non_null(channel->dialect);
	assert_true(channel->allow_private);
	assert_ptr_equal(channels_named(channels, "default"), channel);
	assert_null(channels_named(channels, "other"));
	channels_close(channels);
}

static void
an_unknown_dialect_is_named(void **state)
{
	(void)state;
	char why[256] = "";
	struct config config = configured("https://api.example.com", "klingon");
	assert_null(channels_open(&config, "conf/dialects", why, sizeof(why)));
	assert_non_null(strstr(why, "klingon"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_upstream_is_no_channel_and_no_error),
	    cmocka_unit_test(an_upstream_is_the_channel_default),
	    cmocka_unit_test(an_unknown_dialect_is_named),
	};
	return cmocka_run_group_tests_name("domain/channel", tests, NULL, NULL);
}

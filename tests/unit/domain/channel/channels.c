/* The channels of a configuration. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "domain/channel/channels.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/stores.h"
#include "support/tmpdir.h"
#include "upstream/dialect/dialect.h"
#include "support/test.h"

static struct config
configured(const char *base, const char *dialect)
{
	return (struct config){.upstream_base = base,
	                       .upstream_key = "secret",
	                       .upstream_dialect = dialect,
	                       .billing = "off",
	                       .upstream_idempotency = "off",
	                       .upstream_private = "on"};
}

TEST(no_upstream_is_no_channel_and_no_error)
{
	char why[256] = "";
	struct config config = configured("", "there is no such dialect");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_non_null(channels);
	assert_false(channels_any(channels));
	assert_null(channels_find(channels, "default"));
	channels_close(channels);
	channels_close(NULL);
}

TEST(an_upstream_is_the_channel_default)
{
	char why[256] = "";
	struct config config = configured("https://api.example.com", "openai");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_non_null(channels);
	const struct channel *channel = channels_find(channels, "default");
	assert_non_null(channel);
	assert_string_equal(channel->name, "default");
	assert_string_equal(channel->base, "https://api.example.com");
	assert_string_equal(channel->key, "secret");
	assert_non_null(channel->dialect);
	assert_true(channel->allow_private);
	assert_true(channel->takes_new);
	channel_release(channel);
	assert_null(channels_find(channels, "other"));
	channels_close(channels);
}

TEST(an_unknown_dialect_is_named)
{
	char why[256] = "";
	struct config config = configured("https://api.example.com", "klingon");
	assert_null(channels_open(&config, "conf/dialects", why, sizeof(why)));
	assert_non_null(strstr(why, "klingon"));
}

TEST(models_and_secrets_are_handed_out)
{
	char why[256] = "", path[256];
	const char *secret;
	char *dir = tmpdir_make();
	struct arena *arena = arena_new();
	struct config config = configured("https://api.example.com", "openai");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_false(channels_list(channels, "a"));
	assert_int_equal(channels_webhook_secret(channels, arena, "default", &secret), ERR_NOT_FOUND);
	channels_close(channels);

	tmpdir_write(dir, "secret", "whsec_bm9ib2R5\n");
	snprintf(path, sizeof(path), "%s/secret", dir);
	config.upstream_models = "a=x, b";
	config.upstream_webhook_secret_file = path;
	channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_true(channels_list(channels, "a") && channels_list(channels, "b"));
	assert_false(channels_list(channels, "x"));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(channels_webhook_secret(channels, arena, "default", &secret), ERR_INTERNAL);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(channels_webhook_secret(channels, arena, "default", &secret), ERR_OK);
	assert_string_equal(secret, "whsec_bm9ib2R5");
	tmpdir_write(dir, "secret", "a password\n");
	assert_int_equal(channels_webhook_secret(channels, arena, "default", &secret), ERR_INTERNAL);
	assert_int_equal(channels_webhook_secret(channels, arena, "other", &secret), ERR_NOT_FOUND);
	channels_close(channels);
	config.upstream_models = "a,a";
	assert_null(channels_open(&config, "conf/dialects", why, sizeof(why)));
	assert_non_null(strstr(why, "twice"));
	arena_free(arena);
	tmpdir_remove(dir);
}

TEST(an_instance_has_profiles_of_its_own)
{
	static const char profile[] =
	    "{\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"path\":\"/"
	    "v\",\"body\":\"json\",\"accepted\":[200],"
	    "\"fields\":{\"prompt\":\"p\"}},\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]},"
	    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/"
	    "s\"],\"video_url\":[\"/url\"]},\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";
	char why[256] = "", path[256];
	char *dir = tmpdir_make();
	struct config config = configured("https://api.example.com", "mine");
	config.data = dir;
	snprintf(path, sizeof(path), "%s/dialects", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	tmpdir_write(path, "mine.json", profile);
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_non_null(channels);
	const struct channel *channel = channels_find(channels, "default");
	assert_string_equal(dialect_name(channel->dialect), "mine");
	channel_release(channel);
	channels_close(channels);
	config.upstream_dialect = "openai";
	channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	assert_non_null(channels);
	channels_close(channels);
	tmpdir_remove(dir);
}

static const struct channel *
by_key(struct channels *channels, const char *key_id)
{
	const struct task task = {.channel = "x", .key_id = key_id};
	return channels_for_task(channels, &task);
}

static bool
awaited(struct channels *channels, const char *key_id)
{
	const struct task task = {.channel = "x", .key_id = key_id};
	const struct channel *channel = channels_for_task(channels, &task);
	bool is = channels_must_wait(channels, channel, &task);
	channel_release(channel);
	return is;
}

/* The files are looked at once a second. */
static void
refresh_soon(struct channels *channels, struct store *store)
{
	usleep(10000);
	channels_refresh(channels, store);
}

/* A key for new work, earlier ones for what they have made; a file that changes is noticed; who has taken a
 * channel out keeps it as it was. */
TEST(keys_come_and_go)
{
	char why[256] = "", one[256], two[256], path[256], id[32];
	struct stores *s = stores_new();
	struct config config = configured("", "openai");
	const struct channel_row row = {
	    .name = "x", .base = "http://a", .dialect = "openai", .models = "", .weight = 1, .enabled = true};
	snprintf(one, sizeof(one), "file:%s/one", s->dir);
	snprintf(two, sizeof(two), "file:%s/two", s->dir);
	tmpdir_write(s->dir, "one", "first\n");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	channels_refresh(channels, s->store);
	assert_null(channels_find(channels, "x"));
	assert_false(awaited(channels, NULL));

	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	assert_int_equal(store_channel_add_key(s->store, "x", one), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	channels_refresh(channels, s->store);
	const struct channel *kept = channels_find(channels, "x");
	assert_string_equal(kept->key, "first");
	assert_true(kept->takes_new);
	snprintf(id, sizeof(id), "%s", kept->key_id);

	/* The file of the next key is not there yet: no new work, and the first still serves. */
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_add_key(s->store, "x", two), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	channels_refresh(channels, s->store);
	assert_false(channels_any(channels));
	const struct channel *channel = by_key(channels, id);
	assert_string_equal(channel->key, "first");
	assert_false(channel->takes_new);
	channel_release(channel);
	assert_false(awaited(channels, id));
	assert_true(awaited(channels, "that of the next")); /* which the first must not be taken for */

	tmpdir_write(s->dir, "two", "second\n");
	while (!channels_any(channels))
		refresh_soon(channels, s->store);
	channel = channels_find(channels, "x");
	assert_string_equal(channel->key, "second");
	assert_string_not_equal(channel->key_id, id);
	channel_release(channel);
	channel = by_key(channels, id);
	assert_string_equal(channel->key, "first");
	channel_release(channel);
	channel = by_key(channels, "none");
	assert_string_equal(channel->key, "second");
	channel_release(channel);
	assert_false(awaited(channels, "none"));
	assert_string_equal(kept->key, "first");
	channel_release(kept);

	/* All keys are unreadable for a moment: it is not gone. */
	snprintf(path, sizeof(path), "%s/one", s->dir);
	assert_int_equal(chmod(path, 0644), 0);
	tmpdir_write(s->dir, "two", "");
	while (channels_any(channels))
		refresh_soon(channels, s->store);
	assert_null(by_key(channels, id));
	assert_true(awaited(channels, id));
	tmpdir_write(s->dir, "two", "second\n");
	while (!channels_any(channels))
		refresh_soon(channels, s->store);
	assert_true(awaited(channels, id));
	assert_int_equal(unlink(path), 0); /* that is how an earlier key is given up */
	while (awaited(channels, id))
		refresh_soon(channels, s->store);
	channels_close(channels);
	stores_free(s);
}

/* What the channel of the configuration is to a task: its very own, another key, or another upstream, which
 * is not asked. */
enum kin { KIN_OWN, KIN_OTHER_KEY, KIN_STRANGER };

static enum kin
kin_of(const struct config *config, const char *key_id)
{
	char why[256];
	const struct task task = {.channel = "default", .key_id = key_id};
	struct stores *s = stores_new();
	struct channels *channels = channels_open(config, "conf/dialects", why, sizeof(why));
	channels_refresh(channels, s->store);
	const struct channel *channel = channels_for_task(channels, &task);
	enum kin kin = channel == NULL                 ? KIN_STRANGER
	               : channel_is_of(channel, &task) ? KIN_OWN
	                                               : KIN_OTHER_KEY;
	assert_int_equal(channels_must_wait(channels, channel, &task), kin == KIN_STRANGER);
	channel_release(channel);
	channels_close(channels);
	stores_free(s);
	return kin;
}

TEST(a_key_is_told_by_where_it_leads)
{
	static const struct {
		const char *base, *key, *dialect;
		enum kin kin, of_old_row; /* whose id has no place */
	} now[] = {
	    {"https://a", "secret", "openai", KIN_OWN, KIN_OWN},
	    {"https://a", "other", "openai", KIN_OTHER_KEY, KIN_OTHER_KEY},
	    {"https://b", "secret", "openai", KIN_OTHER_KEY, KIN_OWN},
	    {"https://a", "secret", "sora", KIN_OTHER_KEY, KIN_OWN},
	    {"https://b", "other", "openai", KIN_STRANGER, KIN_OTHER_KEY},
	    {"https://a", "", "openai", KIN_OTHER_KEY, KIN_OTHER_KEY},
	    {"https://b", "", "openai", KIN_STRANGER, KIN_OTHER_KEY},
	};
	/* By earlier versions, for the key "secret": digest of "longreel channel key secret". */
	const char *old_id = "ca1cb9f03ae4";
	char id[64], why[256];
	struct config config = configured("https://a", "openai");
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	const struct channel *channel = channels_find(channels, "default");
	snprintf(id, sizeof(id), "%s", channel->key_id);
	channel_release(channel);
	channels_close(channels);
	for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
		config = configured(now[i].base, now[i].dialect);
		config.upstream_key = now[i].key;
		if (kin_of(&config, id) != now[i].kin || kin_of(&config, old_id) != now[i].of_old_row)
			fail_msg("case %zu", i);
	}
	config = configured("http://a", "openai");
	config.upstream_key = "";
	assert_int_equal(kin_of(&config, ""), KIN_OWN); /* an old row without a key */
	assert_int_equal(kin_of(&config, NULL), KIN_OWN);
}

/* The configuration's channel may be told how it is used, and has earlier keys, too. */
TEST(the_preset_has_a_row_and_old_keys)
{
	char why[256] = "", file[256];
	struct stores *s = stores_new();
	struct config config = configured("https://api.example.com", "openai");
	const struct channel_row row = {.name = "default", .models = "m", .weight = 4, .priority = 2};
	tmpdir_write(s->dir, "old", "old secret\n");
	snprintf(file, sizeof(file), " %s/old  /nowhere ", s->dir);
	config.upstream_old_key_files = file;
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(s->store, &row), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	struct channels *channels = channels_open(&config, "conf/dialects", why, sizeof(why));
	const struct channel *channel = channels_find(channels, "default");
	assert_string_equal(channel->key, "secret");
	assert_true(channel->takes_new);
	channel_release(channel);
	channels_refresh(channels, s->store);
	channel = channels_find(channels, "default");
	assert_string_equal(channel->key, "secret");
	assert_false(channel->takes_new);
	assert_int_equal(channel->weight, 4);
	assert_int_equal(channel->priority, 2);
	assert_string_equal(channel->base, "https://api.example.com");
	assert_string_equal(channel->models[0].ours, "m");
	channel_release(channel);
	channels_close(channels);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_upstream_is_no_channel_and_no_error),
	    cmocka_unit_test(an_upstream_is_the_channel_default),
	    cmocka_unit_test(an_unknown_dialect_is_named),
	    cmocka_unit_test(models_and_secrets_are_handed_out),
	    cmocka_unit_test(an_instance_has_profiles_of_its_own),
	    cmocka_unit_test(keys_come_and_go),
	    cmocka_unit_test(a_key_is_told_by_where_it_leads),
	    cmocka_unit_test(the_preset_has_a_row_and_old_keys),
	};
	return cmocka_run_group_tests_name("domain/channel/channels", tests, NULL, NULL);
}

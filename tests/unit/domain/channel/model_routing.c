/* A model that a channel lists goes to no channel that does not, on every path. */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/task/change.h"
#include "domain/channel/channels.h"
#include "domain/task/create.h"
#include "domain/channel/rebalance.h"
#include "domain/channel/route.h"
#include "domain/task/submit_outcome.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/test.h"

enum cause { KEYLESS, DISABLED, PROFILE_BAD, RESTS, CAUSES };

/* The channel "two" lists the models, and cannot make them, or can (CAUSES). */
static void
lists_and(struct domains *d, const char *models, enum cause cause)
{
	static const char *const keys[] = {"env:THE_KEY", "env:NO_SUCH_KEY"};
	const struct channel_row row = {.name = "two",
	                                .base = "http://127.0.0.1:1",
	                                .dialect = cause == PROFILE_BAD ? "no-such-profile" : "openai",
	                                .models = models,
	                                .weight = 1,
	                                .enabled = cause != DISABLED};
	const struct channel_health health = {.failures = 1, .cooldown_until = clock_wall_ms() + 3600000};
	setenv("THE_KEY", "key", 1);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(d->s->store, &row), ERR_OK);
	assert_int_equal(store_channel_add_key(d->s->store, "two", keys[cause == KEYLESS]), ERR_OK);
	if (cause == RESTS)
		assert_int_equal(store_channel_set_health(d->s->store, "two", &health), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	channels_refresh(d->channels, d->s->store);
}

/* The models of the configuration's channel. */
static void
put_default(struct domains *d, const char *models)
{
	const struct channel_row row = {.name = "default", .models = models, .weight = 1, .enabled = true};
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(d->s->store, &row), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	channels_refresh(d->channels, d->s->store);
}

/* A READY task of ours with that model, on that channel. */
static struct task
waits(struct domains *d, const char *video_id, const char *channel)
{
	struct task task = stores_task(d->s->user, video_id);
	task.channel = channel;
	task.model = "veo";
	task.owner = "me";
	task.deadline_at = clock_wall_ms() + 3600000;
	stores_add(d->s->store, &task);
	return stores_get(d->s, video_id);
}

TEST(a_listed_model_goes_to_no_other)
{
	static const enum err_code told[CAUSES] = {
	    [KEYLESS] = ERR_CHANNEL_AWAY, [DISABLED] = ERR_NO_MODEL, [PROFILE_BAD] = ERR_CHANNEL_AWAY};
	for (enum cause cause = 0; cause < CAUSES; cause++) {
		struct domains *d = domains_new(NULL, 0);
		struct rebalance_cursor *cursor = rebalance_cursor_new();
		struct create_input input = {
		    .user_id = d->s->user, .prompt = "p", .options = "{}", .metadata = "{}", .model = "veo"};
		lists_and(d, "veo=sora-2", cause);
		/* A creation. */
		struct create_order made = domains_create(d, &input, told[cause]);
		if (cause == RESTS) {
			assert_string_equal(made.task.channel, "two");
			assert_int_equal(made.task.state, TASK_STATE_READY);
		}
		/* A retry. */
		struct task failed = stores_task(d->s->user, "failed"), after;
		failed.state = TASK_STATE_FAILED;
		failed.model = "veo";
		stores_add(d->s->store, &failed);
		const struct change_target target = {d->s->user, "failed"};
		assert_int_equal(
		    change_retry(&d->env, d->s->arena, &target, &after, &(struct change_refusal){0}),
		    told[cause]);
		/* What waits for it, and what waits elsewhere since before it was listed. */
		static const char *const ids[] = {"own", "earlier"};
		for (int i = 0; i < 2; i++) {
			struct task task = waits(d, ids[i], i == 0 ? "two" : "default");
			if (i == 0 && cause != DISABLED)
				continue; /* the rest of a channel is the claim's, and who has no key has none
				           */
			assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
			assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
			assert_int_equal(store_commit(d->s->store), ERR_OK);
		}
		assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(stores_get(d->s, ids[i]).state, TASK_STATE_READY);
			assert_string_equal(stores_get(d->s, ids[i]).channel, i == 0 ? "two" : "default");
		}
		rebalance_cursor_free(cursor);
		domains_free(d);
	}
}

/* What waits elsewhere is given to who lists it by now. */
TEST(who_begins_to_list_a_model_gets_what_waits)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = waits(d, "earlier", "default");
	lists_and(d, "veo", CAUSES);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_string_equal(stores_get(d->s, "earlier").channel, "two");
	assert_int_equal(stores_get(d->s, "earlier").state, TASK_STATE_READY);
	domains_free(d);
}

/* What is made from a video of a channel is made there; by the video's model, but by none that others list.
 */
TEST(a_remix_names_no_model_of_others)
{
	struct domains *d = domains_new(NULL, 0);
	struct task source = domains_task(d, "source", TASK_STATE_COMPLETED), after;
	struct create_input input = {.user_id = d->s->user,
	                             .prompt = "p",
	                             .options = "{}",
	                             .metadata = "{}",
	                             .model = "veo",
	                             .source = &source};
	struct create_order before = domains_create(d, &input, ERR_OK);
	lists_and(d, "veo", KEYLESS);
	domains_create(d, &input, ERR_NO_MODEL);
	input.model = NULL;
	struct task other = stores_task(d->s->user, "other");
	other.state = TASK_STATE_COMPLETED;
	other.external_id = "up-2";
	other.model = "veo";
	stores_add(d->s->store, &other);
	source = stores_get(d->s, "other");
	assert_string_equal(domains_create(d, &input, ERR_OK).task.channel, "default");
	/* The same for its retry. */
	const struct change_target target = {d->s->user, before.task.video_id};
	assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &after), ERR_OK);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &after, &(struct change_refusal){0}),
	                 ERR_NO_MODEL);
	/* The video's own channel lacks its key: that is told. */
	source.channel = "two";
	domains_create(d, &input, ERR_CHANNEL_AWAY);
	domains_free(d);
}

/* Puts offers of its own, {"name": "veo"}, under the channel's name. */
static void
offers_veo(struct domains *d, const char *channel)
{
	char path[400];
	snprintf(path, sizeof(path), "%s/offers", d->s->dir);
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/offers/%s.json", d->s->dir, channel);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("[{\"name\": \"veo\"}]", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Without lists a model goes to the channels that offer it, on every path; to the others only where none does
 * that is not switched off. */
TEST(an_offered_model_goes_to_those_that_offer_it)
{
	for (enum cause cause = 0; cause <= CAUSES; cause++) {
		struct domains *d = domains_new(NULL, 0);
		struct rebalance_cursor *cursor = rebalance_cursor_new();
		struct create_input input = {
		    .user_id = d->s->user, .prompt = "p", .options = "{}", .metadata = "{}", .model = "veo"};
		bool away = cause == KEYLESS || cause == PROFILE_BAD;
		const char *expected = cause == DISABLED ? "default" : "two";
		offers_veo(d, "two");
		lists_and(d, "", cause);
		struct create_order made = domains_create(d, &input, away ? ERR_CHANNEL_AWAY : ERR_OK);
		if (!away)
			assert_string_equal(made.task.channel, expected);
		if (cause == RESTS)
			assert_int_equal(made.task.state, TASK_STATE_READY);
		/* What waits elsewhere since before it was offered. */
		struct task task = waits(d, "earlier", "default");
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_int_equal(stores_get(d->s, "earlier").state,
		                 cause == DISABLED ? TASK_STATE_SENDING : TASK_STATE_READY);
		assert_string_equal(stores_get(d->s, "earlier").channel, cause == CAUSES ? "two" : "default");
		/* What waits there stays there. */
		waits(d, "own", "two");
		assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
		if (cause != DISABLED)
			assert_string_equal(stores_get(d->s, "own").channel, "two");
		/* A model that none offers may be made by any; a remix is made where its video is. */
		input.model = "another";
		domains_create(d, &input, ERR_OK);
		input.model = "veo";
		struct task source = domains_task(d, "source", TASK_STATE_COMPLETED);
		input.source = &source;
		assert_string_equal(domains_create(d, &input, ERR_OK).task.channel, "default");
		/* A list says more than an offer. */
		input.source = NULL;
		put_default(d, "veo");
		assert_string_equal(domains_create(d, &input, ERR_OK).task.channel, "default");
		rebalance_cursor_free(cursor);
		domains_free(d);
	}
}

/* Where the upstream does not have what it offers, another that offers it is asked, and none else. */
TEST(an_offer_that_is_not_kept_is_asked_of_another_that_offers)
{
	static const struct submit_answer lacks = {
	    .verdict = SUBMIT_REFUSED, .status = 404, .no_model = true, .message = "No such model."};
	for (int both = 0; both < 2; both++) {
		struct domains *d = domains_new(NULL, 0);
		offers_veo(d, "two");
		if (both)
			offers_veo(d, "default");
		lists_and(d, "", CAUSES);
		domains_configure(d);
		struct task task = waits(d, "v", "two");
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
		assert_int_equal(submit_outcome_apply(&d->env, d->s->arena, &lacks, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_int_equal(task.state, both ? TASK_STATE_READY : TASK_STATE_FAILED);
		assert_string_equal(task.channel, both ? "default" : "two");
		domains_free(d);
	}
}

/* As long as the model lists of the operator's channels have not been read, nothing is routed. */
TEST(unread_channels_route_nothing)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task task = {.video_id = "v"};
	struct route_choice choice;
	char why[128];
	struct channels *unread = channels_open(&d->config, "conf/dialects", why, sizeof(why));
	d->env.channels = unread;
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_BUSY);
	channels_close(unread);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_listed_model_goes_to_no_other),
	    cmocka_unit_test(who_begins_to_list_a_model_gets_what_waits),
	    cmocka_unit_test(a_remix_names_no_model_of_others),
	    cmocka_unit_test(an_offered_model_goes_to_those_that_offer_it),
	    cmocka_unit_test(an_offer_that_is_not_kept_is_asked_of_another_that_offers),
	    cmocka_unit_test(unread_channels_route_nothing),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/channel/model_routing", tests, NULL, NULL)
	                     : 1;
}

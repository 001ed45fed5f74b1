/* Tasks by what their upstream shows of them. */

#include <stdio.h>

#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "support/stores.h"
#include "support/test.h"

/* Several channels may lead to one upstream, which the part of key_id behind its '.' names. */
static const struct {
	const char *channel, *key_id;
	bool same;
} places[] = {
    {"default", "k1.p1", true}, {"default", "k2.p1", true}, {"default", "k1.p2", true},
    {"other", "k1.p1", true},   {"other", "k2.p1", true},   {"other", ".p1", true},
    {"other", "k1.p2", false},  {"other", ".p2", false},    {"other", "k1", true},
    {"other", NULL, true},
};

TEST(jobs_are_known_where_they_were_sent)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct stores *s = stores_new();
		struct task sent = stores_task(s->user, "sent"), other = stores_task(s->user, "other");
		const struct task_meant meant = {.until = INT64_MAX};
		struct task_rivals rivals;
		bool known = true;
		sent.channel = "default";
		sent.key_id = "k1.p1";
		other.channel = places[i].channel;
		other.key_id = places[i].key_id;
		other.external_id = "job";
		other.state = TASK_STATE_SENDING;
		sent.id = stores_add(s->store, &sent);
		other.id = stores_add(s->store, &other);
		assert_int_equal(store_external_known(s->store, &sent, "job", &known), ERR_OK);
		assert_int_equal(known, places[i].same);
		assert_int_equal(store_external_known(s->store, &sent, "another", &known), ERR_OK);
		assert_false(known);
		assert_int_equal(store_task_rivals(s->store, &sent, &meant, &rivals), ERR_OK);
		assert_int_equal(rivals.sending, places[i].same);
		/* It is sent anew, to where the first was. */
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		enum err_code err = store_task_set_key(s->store, other.id, true, "k3.p1");
		assert_int_equal(store_end(s->store, err), ERR_OK);
		assert_int_equal(store_external_known(s->store, &sent, "job", &known), ERR_OK);
		assert_true(known);
		stores_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jobs_are_known_where_they_were_sent),
	};
	return cmocka_run_group_tests_name("store/task_match", tests, NULL, NULL);
}

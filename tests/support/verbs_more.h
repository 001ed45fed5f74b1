/* The verbs of the store that are about search, sessions, webhooks and numbers, and of the archive, for the
 * table in verbs.c. Internal to this folder. */
#ifndef SUPPORT_VERBS_MORE_H
#define SUPPORT_VERBS_MORE_H

#include "support/verbs.h"

enum err_code verb_limits(struct ground *g);
enum err_code verb_place_note(struct ground *g);
enum err_code verb_place_known(struct ground *g);
enum err_code verb_search(struct ground *g);
enum err_code verb_search_index(struct ground *g);
enum err_code verb_session_end(struct ground *g);
enum err_code verb_session_list(struct ground *g);
enum err_code verb_webhook_add(struct ground *g);
enum err_code verb_webhook_read(struct ground *g);
enum err_code verb_webhook_set(struct ground *g);
enum err_code verb_webhook_delete(struct ground *g);
enum err_code verb_webhook_mark(struct ground *g);
enum err_code verb_delivery_claim(struct ground *g);
enum err_code verb_delivery_return(struct ground *g);
enum err_code verb_delivery_read(struct ground *g);
enum err_code verb_delivery_replay(struct ground *g);
enum err_code verb_delivery_purge(struct ground *g);
enum err_code verb_inbound_add(struct ground *g);
enum err_code verb_stats(struct ground *g);
enum err_code verb_channel_model(struct ground *g);
enum err_code verb_channel_set_model(struct ground *g);
enum err_code verb_archive_claim(struct ground *g);
enum err_code verb_archive_keep(struct ground *g);
enum err_code verb_archive_return(struct ground *g);
enum err_code verb_archive_drop(struct ground *g);
enum err_code verb_archive_read(struct ground *g);
enum err_code verb_archive_want(struct ground *g);
enum err_code verb_images(struct ground *g);
enum err_code verb_task_next_due(struct ground *g);
enum err_code verb_share_deal(struct ground *g);
enum err_code verb_share_read(struct ground *g);

/* Their rows of the table. */
#define VERBS_MORE                                                                                           \
	{"place_note", verb_place_note, true}, {"place_known", verb_place_known, false},                     \
	    {"task_search, search_wanting, search_check", verb_search, false},                               \
	    {"search_clear, search_index, search_come, search_note", verb_search_index, true},               \
	    {"session_used, session_trim, session_end_others", verb_session_end, true},                      \
	    {"session_list", verb_session_list, false}, {"webhook_add", verb_webhook_add, true},             \
	    {"task_next_due", verb_task_next_due, false},                                                    \
	    {"webhook_get, webhook_list", verb_webhook_read, false},                                         \
	    {"webhook_set, webhook_rotate", verb_webhook_set, true},                                         \
	    {"webhook_delete", verb_webhook_delete, true},                                                   \
	    {"webhook_fails, webhook_works, webhook_disable", verb_webhook_mark, true},                      \
	    {"delivery_claim, delivery_settle", verb_delivery_claim, true},                                  \
	    {"delivery_claim, delivery_return", verb_delivery_return, true},                                 \
	    {"delivery_next_due, delivery_list", verb_delivery_read, false},                                 \
	    {"delivery_again", verb_delivery_replay, true}, {"delivery_purge", verb_delivery_purge, true},   \
	    {"channel_model", verb_channel_model, false},                                                    \
	    {"channel_set_model", verb_channel_set_model, true},                                             \
	    {"stats, stats_tally, stats_channels", verb_stats, false},                                       \
	    {"hearing_add", verb_inbound_add, true}, {"archive_want", verb_archive_want, true},              \
	    {"images_add, held, old, gone, forget", verb_images, true},                                      \
	    {"archive_claim", verb_archive_claim, true}, {"archive_keep", verb_archive_keep, true},          \
	    {"archive_return", verb_archive_return, true}, {"archive_drop", verb_archive_drop, true},        \
	    {"archive_next_due, total, known, look, get, oldest, after", verb_archive_read, false},          \
	    {"share_set, poller_extend, purge, remove", verb_share_deal, true},                              \
	    {"share_list, idle, lag, tasks, task, changes, asked, poller_known", verb_share_read, false},

/* Adds an endpoint with two deliveries, one of them ended. */
void verbs_more_ground(struct ground *g);

#endif

/* The rates of webhooks: see deliver_rate.h. */
#include "domain/webhook/deliver_rate.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "store/delivery.h"
#include "store/rate.h"
#include "upstream/http/origin.h"

enum { HOST_SIZE = 300 };

/* The names of the buckets that a delivery takes from. */
struct buckets {
	char user[48], host[HOST_SIZE];
	char share[HOST_SIZE + 32]; /* the user's, of the host's rate */
};

static struct buckets
buckets_of(const struct delivery *delivery)
{
	struct buckets names = {.host = "webhook:"};
	char *at = names.host + strlen(names.host);
	snprintf(names.user, sizeof(names.user), "webhook-user:%" PRId64, delivery->user_id);
	origin_host(delivery->url, at, sizeof(names.host) - strlen(names.host));
	for (; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	snprintf(names.share, sizeof(names.share), "%s %" PRId64, names.host, delivery->user_id);
	return names;
}

/* What one user may have of a host's rate: an equal part, while one part more is left. So there is always one
 * for a user who has sent nothing there lately, however many accounts another has. */
static enum err_code
share_of(struct store *store, const struct buckets *names, int64_t rate, int64_t now, int64_t *ret_share)
{
	char least[HOST_SIZE + 1], end[HOST_SIZE + 1];
	int64_t count = 0;
	snprintf(least, sizeof(least), "%s ", names->host);
	snprintf(end, sizeof(end), "%s!", names->host); /* the character after the blank */
	enum err_code err = store_rate_count(store, least, end, now, rate, &count);
	int64_t share = rate / (count + 1);
	if (err == ERR_OK)
		*ret_share = share > 0 || rate == 0 ? share : 1;
	return err;
}

enum err_code
deliver_rate(const struct config *config, struct store *store, const struct delivery *delivery, int64_t now,
             int64_t *ret_wait)
{
	const int64_t of_user = config->rate_webhook, of_host = config->rate_webhook_host;
	const struct buckets names = buckets_of(delivery);
	int64_t share = 0;
	enum err_code err = share_of(store, &names, of_host, now, &share);
	if (err == ERR_OK)
		err = store_rate_take(store, names.user, of_user, now, ret_wait);
	if (err != ERR_OK)
		return err == ERR_RATE_LIMITED ? ERR_OK : err;
	err = store_rate_take(store, names.share, share, now, ret_wait);
	bool shared = err == ERR_OK;
	if (err == ERR_OK)
		err = store_rate_take(store, names.host, of_host, now, ret_wait);
	if (err != ERR_RATE_LIMITED)
		return err;
	err = store_rate_refund(store, names.user, of_user);
	if (err == ERR_OK && shared)
		err = store_rate_refund(store, names.share, share);
	return err;
}

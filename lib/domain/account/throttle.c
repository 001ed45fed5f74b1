/* The limit of login attempts: see throttle.h. */
#include "domain/account/throttle.h"

#include <ctype.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/config.h"
#include "domain/account/user.h"
#include "store/place.h"
#include "store/rate.h"
#include "store/store.h"

/* ASCII case does not matter in a name. */
static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}

enum err_code
throttle_find(struct store *store, const struct account_attempt *attempt, const struct user *user,
              struct throttle *ret_throttle)
{
	char counted[NETBLOCK_SIZE];
	bool known = false;
	*ret_throttle = (struct throttle){.queue = TURNS_STRANGER};
	netblock_known(attempt->address, ret_throttle->block);
	netblock_counted(attempt->address, counted);
	/* Also for an unknown name, so that it takes as long. */
	enum err_code err =
	    store_place_known(store, user->id, ret_throttle->block, clock_wall_ms() - LIMIT_PLACE_MS, &known);
	if (err != ERR_OK)
		return err;
	if (known && !user->disabled) {
		ret_throttle->queue = TURNS_KNOWN;
		snprintf(ret_throttle->buckets[0], THROTTLE_BUCKET_SIZE, "known:%s:%s", ret_throttle->block,
		         attempt->username);
	} else {
		snprintf(ret_throttle->buckets[0], THROTTLE_BUCKET_SIZE, "login:%s", counted);
		snprintf(ret_throttle->buckets[1], THROTTLE_BUCKET_SIZE, "name:%s", attempt->username);
	}
	for (int i = 0; i < THROTTLE_BUCKETS; i++)
		lower(ret_throttle->buckets[i]);
	return ERR_OK;
}

enum err_code
throttle_count(struct store *store, const struct config *config, const struct throttle *throttle,
               int64_t *ret_wait_ms)
{
	int64_t now = clock_wall_ms();
	if (config->rate_login <= 0)
		return ERR_OK;
	enum err_code err = store_begin(store, STORE_RELAXED), limited = ERR_OK;
	for (int i = 0; i < THROTTLE_BUCKETS && err == ERR_OK && limited == ERR_OK; i++) {
		if (throttle->buckets[i][0] == '\0')
			continue;
		err = store_rate_take(store, throttle->buckets[i], config->rate_login, now, ret_wait_ms);
		if (err == ERR_RATE_LIMITED) {
			limited = err;
			err = ERR_OK;
		}
	}
	err = store_end(store, err);
	return err == ERR_OK ? limited : err;
}

void
throttle_refund(struct store *store, const struct config *config, const struct throttle *throttle)
{
	if (config->rate_login <= 0 || store_begin(store, STORE_RELAXED) != ERR_OK)
		return;
	enum err_code err = ERR_OK;
	for (int i = 0; i < THROTTLE_BUCKETS && err == ERR_OK; i++)
		if (throttle->buckets[i][0] != '\0')
			err = store_rate_refund(store, throttle->buckets[i], config->rate_login);
	store_end(store, err);
}

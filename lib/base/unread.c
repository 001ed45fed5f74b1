/* Unread answers: see unread.h. */
#include "base/unread.h"

#include <pthread.h>
#include <string.h>

#include "base/peer.h"
#include "base/sparse.h"

enum {
	ROWS = 1024,
	ROWS_OF_ONE = 64,
	/* The web server has not begun to write a younger answer, perhaps: nothing of it waits in the kernel.
	 */
	YOUNG_MS = 1000
};

struct row {
	int64_t key, bytes; /* bytes: 0 = the row is free */
	int64_t since_ms;
	struct peer peer;
};

struct unread {
	pthread_mutex_t lock;
	int64_t most;
	size_t count; /* rows that were ever used; those behind them are free */
	struct row rows[ROWS];
};

struct unread *
unread_new(int64_t most)
{
	struct unread *unread = sparse_new(sizeof(*unread));
	if (unread == NULL)
		return NULL;
	unread->most = most;
	pthread_mutex_init(&unread->lock, NULL);
	return unread;
}

void
unread_free(struct unread *unread)
{
	if (unread == NULL)
		return;
	pthread_mutex_destroy(&unread->lock);
	sparse_free(unread, sizeof(*unread));
}

static bool
has_room(const struct unread *unread, int64_t key, int64_t bytes)
{
	int64_t sum = 0, rows = 0;
	for (size_t i = 0; i < unread->count; i++) {
		const struct row *row = &unread->rows[i];
		if (row->bytes == 0 || row->key != key)
			continue;
		sum += row->bytes;
		rows++;
	}
	return rows == 0 || (rows < ROWS_OF_ONE && sum + bytes <= unread->most);
}

/* Frees the rows of what has been read. key: of this one only; 0 = of all. */
static void
drop_read(struct unread *unread, int64_t key, int64_t now_ms)
{
	for (size_t i = 0; i < unread->count; i++) {
		struct row *row = &unread->rows[i];
		if (row->bytes == 0 || (key != 0 && row->key != key))
			continue;
		if (now_ms - row->since_ms > YOUNG_MS ? peer_has_read(&row->peer) : peer_is_gone(&row->peer))
			row->bytes = 0;
	}
}

static void
drop_earlier(struct unread *unread, const struct peer *peer)
{
	for (size_t i = 0; i < unread->count; i++)
		if (memcmp(&unread->rows[i].peer, peer, sizeof(*peer)) == 0)
			unread->rows[i].bytes = 0;
}

static struct row *
free_row(struct unread *unread)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (unread->rows[i].bytes > 0)
			continue;
		unread->count = i < unread->count ? unread->count : i + 1;
		return &unread->rows[i];
	}
	return NULL;
}

bool
unread_add(struct unread *unread, int64_t key, int64_t bytes, const struct peer *peer, int64_t now_ms)
{
	pthread_mutex_lock(&unread->lock);
	drop_earlier(unread, peer);
	bool may = has_room(unread, key, bytes);
	if (!may) {
		drop_read(unread, key, now_ms);
		may = has_room(unread, key, bytes);
	}
	struct row *row = may ? free_row(unread) : NULL;
	if (may && row == NULL) {
		drop_read(unread, 0, now_ms);
		row = free_row(unread);
	}
	if (row != NULL)
		*row = (struct row){.key = key, .bytes = bytes, .since_ms = now_ms, .peer = *peer};
	pthread_mutex_unlock(&unread->lock);
	return may;
}

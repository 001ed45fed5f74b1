/* Claims on DATA/tmp: see intake.h. A table of fixed size in a file, read whole and written by the row, under
 * a lock that the kernel releases where a process dies. It describes connections of this boot; the next start
 * removes it. */
#include "domain/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/machine.h"

enum {
	MB = 1000000,
	CLAIMS = 256,
	CLAIMS_OF_ONE = CLAIMS / 2,
	AUTO_LEAST = 48 * MB, /* three of the largest bodies */
	AUTO_MOST = 1024 * MB,
	PARTS_OF_MEMORY = 8, /* an eighth: 64 MB of 512 */
	ROUND = 16 * MB,     /* a machine of 512 MB shows a little less */
	DISK_FLOOR = 16 * MB /* bytes that bodies leave to the database */
};

struct claim {
	uint64_t name; /* 0 = the row is free */
	int64_t user_id;
	int64_t bytes;
	int64_t until; /* its end by clock_mono_ms(), where the peer is not known */
	struct peer peer;
};

struct table {
	int fd;
	size_t count; /* rows in the file: those behind them are free, and not set here */
	struct claim rows[CLAIMS];
};

int64_t
intake_budget(const struct config *config)
{
	if (config->tmp_max_mb > 0)
		return config->tmp_max_mb * MB;
	int64_t bytes = (machine_memory() / PARTS_OF_MEMORY + ROUND - 1) / ROUND * ROUND;
	bytes = bytes > AUTO_LEAST ? bytes : AUTO_LEAST;
	return bytes < AUTO_MOST ? bytes : AUTO_MOST;
}

int64_t
intake_patience(int64_t bytes)
{
	return LIMIT_BODY_MS + bytes / LIMIT_BODY_PACE;
}

bool
intake_fits(const struct config *config, int64_t bytes)
{
	struct statvfs fs;
	char path[4096];
	if (snprintf(path, sizeof(path), "%s/tmp", config->data) >= (int)sizeof(path) ||
	    statvfs(path, &fs) != 0)
		return true; /* not known: the write will fail where it is full */
	return (int64_t)((uint64_t)fs.f_bavail * fs.f_frsize) >= bytes + DISK_FLOOR;
}

/* ---- the table ---- */

static bool
table_open(const struct config *config, struct table *ret_table)
{
	char path[4096];
	ssize_t got = -1;
	if (snprintf(path, sizeof(path), "%s/run/intake", config->data) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	ret_table->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ret_table->fd < 0)
		return false;
	while (flock(ret_table->fd, LOCK_EX) != 0 && errno == EINTR)
		;
	got = pread(ret_table->fd, ret_table->rows, sizeof(ret_table->rows), 0);
	ret_table->count = got > 0 ? (size_t)got / sizeof(ret_table->rows[0]) : 0;
	if (got >= 0)
		return true;
	int why = errno;
	close(ret_table->fd);
	errno = why;
	return false;
}

static bool
table_write(struct table *table, size_t row)
{
	const struct claim *claim = &table->rows[row];
	ssize_t put = pwrite(table->fd, claim, sizeof(*claim), (off_t)(row * sizeof(*claim)));
	if (put == (ssize_t)sizeof(*claim))
		return true;
	errno = put < 0 ? errno : ENOSPC;
	return false;
}

static void
table_free_row(struct table *table, size_t row)
{
	table->rows[row] = (struct claim){0};
	table_write(table, row);
}

/* ---- sums ---- */

struct sums {
	int64_t all, of_user;
	int64_t count_of_user;
	size_t free_row; /* CLAIMS = there is none */
};

static struct sums
sum_up(const struct table *table, int64_t user_id)
{
	struct sums sums = {.free_row = table->count};
	for (size_t i = table->count; i-- > 0;) {
		const struct claim *claim = &table->rows[i];
		if (claim->name == 0) {
			sums.free_row = i;
			continue;
		}
		sums.all += claim->bytes;
		sums.of_user += claim->user_id == user_id ? claim->bytes : 0;
		sums.count_of_user += claim->user_id == user_id;
	}
	return sums;
}

/* ERR_OK where there is room. */
static enum err_code
check_room(const struct config *config, const struct intake *intake, const struct sums *sums)
{
	int64_t budget = intake_budget(config);
	bool has_some = sums->count_of_user > 0;
	if (has_some && (sums->of_user + intake->bytes > budget / 2 || sums->count_of_user >= CLAIMS_OF_ONE))
		return ERR_TOO_MANY_UPLOADS;
	if (sums->all + intake->bytes > budget || sums->free_row == CLAIMS)
		return ERR_UPLOADS_FULL;
	return ERR_OK;
}

/* Frees the rows whose bodies will not come any more; `user_id`: of this user only, 0 = of all. */
static void
drop_gone(struct table *table, int64_t user_id)
{
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < table->count; i++) {
		const struct claim *claim = &table->rows[i];
		if (claim->name == 0 || (user_id != 0 && claim->user_id != user_id))
			continue;
		if (claim->peer.family != 0 ? peer_is_gone(&claim->peer) : claim->until < now)
			table_free_row(table, i);
	}
}

/* Frees the rows of earlier bodies on the same connection: these have ended. */
static void
drop_earlier(struct table *table, const struct peer *peer)
{
	for (size_t i = 0; i < table->count && peer->family != 0; i++)
		if (table->rows[i].name != 0 && memcmp(&table->rows[i].peer, peer, sizeof(*peer)) == 0)
			table_free_row(table, i);
}

/* ---- claims ---- */

static enum err_code
claim_in(const struct config *config, struct table *table, const struct intake *intake, uint64_t *ret_claim)
{
	drop_earlier(table, &intake->peer);
	struct sums sums = sum_up(table, intake->user_id);
	enum err_code err = check_room(config, intake, &sums);
	if (err != ERR_OK) {
		drop_gone(table, err == ERR_TOO_MANY_UPLOADS ? intake->user_id : 0);
		sums = sum_up(table, intake->user_id);
		err = check_room(config, intake, &sums);
	}
	if (err != ERR_OK)
		return err;
	if (!intake_fits(config, sums.all + intake->bytes)) {
		drop_gone(table, 0);
		sums = sum_up(table, intake->user_id);
		if (!intake_fits(config, sums.all + intake->bytes))
			return ERR_NO_SPACE;
	}
	struct claim *row = &table->rows[sums.free_row];
	*row = (struct claim){.user_id = intake->user_id,
	                      .bytes = intake->bytes,
	                      .until = clock_mono_ms() + intake_patience(intake->bytes),
	                      .peer = intake->peer};
	while (row->name == 0)
		row->name = crypto_draw();
	if (!table_write(table, sums.free_row))
		return file_error();
	*ret_claim = row->name;
	return ERR_OK;
}

enum err_code
intake_claim(const struct config *config, const struct intake *intake, uint64_t *ret_claim)
{
	struct table table;
	if (!table_open(config, &table))
		return file_error();
	enum err_code err = claim_in(config, &table, intake, ret_claim);
	int why = errno;
	close(table.fd);
	errno = why;
	return err;
}

void
intake_end(const struct config *config, uint64_t claim)
{
	struct table table;
	if (claim == 0 || !table_open(config, &table))
		return;
	for (size_t i = 0; i < table.count; i++)
		if (table.rows[i].name == claim)
			table_free_row(&table, i);
	close(table.fd);
}

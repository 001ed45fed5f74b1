/* A row of the file is a word, filled up with blanks, and its number. It is locked as that of turns.c is: the
 * system releases the lock when a process is killed, and a row is written whole. */
#include "base/refusals.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORD = 40, DIGITS = 20, ROW = WORD + DIGITS + 1 };

static char shared_path[PATH_MAX];

struct table {
	char bytes[ERR__MAX * ROW];
	size_t rows;
};

void
refusals_share(const char *path)
{
	snprintf(shared_path, sizeof(shared_path), "%s", path);
}

/* Opens the file, locked, and reads it; -1 where that fails. */
static int
open_locked(int flags, short type, struct table *ret_table)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
	int fd = shared_path[0] != '\0' ? open(shared_path, flags | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return -1;
	ssize_t len = fcntl(fd, F_OFD_SETLKW, &lock) == 0
	                  ? pread(fd, ret_table->bytes, sizeof(ret_table->bytes), 0)
	                  : -1;
	if (len < 0) {
		close(fd);
		return -1;
	}
	ret_table->rows = (size_t)len / ROW; /* half a row, of a disk that was full, is written over */
	return fd;
}

/* Finds the row of a word: the one behind the last where it has none. */
static size_t
row_of(const struct table *table, const char *word)
{
	char name[WORD + 1];
	size_t row = 0;
	snprintf(name, sizeof(name), "%-*s", WORD, word);
	while (row < table->rows && memcmp(table->bytes + row * ROW, name, WORD) != 0)
		row++;
	return row;
}

/* The number of a row; 0 where there is none. */
static uint64_t
count_of(const struct table *table, size_t row)
{
	uint64_t count = 0;
	const char *digits = table->bytes + row * ROW + WORD;
	for (int i = 0; row < table->rows && i < DIGITS; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		count = count * 10 + (uint64_t)(digits[i] - '0');
	}
	return count;
}

void
refusals_add(enum err_code code)
{
	char line[ROW + 1];
	struct table table;
	int fd = open_locked(O_RDWR | O_CREAT, F_WRLCK, &table);
	if (fd < 0)
		return;
	size_t row = row_of(&table, err_word(code));
	snprintf(line, sizeof(line), "%-*s%0*" PRIu64 "\n", WORD, err_word(code), DIGITS,
	         count_of(&table, row) + 1);
	if (row < ERR__MAX && pwrite(fd, line, ROW, (off_t)(row * ROW)) < 0) {
		/* It is not counted then: the request has its answer all the same. */
	}
	close(fd);
}

void
refusals_read(uint64_t ret_counts[ERR__MAX])
{
	struct table table;
	int fd = open_locked(O_RDONLY, F_RDLCK, &table);
	for (int code = 0; code < ERR__MAX; code++)
		ret_counts[code] =
		    fd >= 0 ? count_of(&table, row_of(&table, err_word((enum err_code)code))) : 0;
	if (fd >= 0)
		close(fd);
}

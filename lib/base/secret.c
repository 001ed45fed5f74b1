/* Reads a secret. A file that others may read is refused: a leaked key should be noticed here, and not on the
 * bill. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/limits.h"

bool
secret_is_exposed(const struct stat *st)
{
	return (st->st_mode & (st->st_uid == 0 && st->st_gid != 0 ? 037 : 077)) != 0;
}

static const char denied[] = "cannot be opened";

/* Returns what is wrong with the open file, or NULL. */
static const char *
fault_of(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return "is no regular file";
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "belongs to another user";
	if (secret_is_exposed(&st))
		return "can be read by others: chmod 600";
	if (st.st_size > LIMIT_SECRET)
		return "is too long for a secret";
	return NULL;
}

/* Reads the file, and adds a NUL. NULL with what is wrong in `ret_fault`. */
static char *
read_file(struct arena *arena, const char *path, const char **ret_fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;
	if (fd < 0) {
		*ret_fault = errno == ENOENT   ? "does not exist"
		             : errno == EACCES ? denied
		                               : "cannot be opened";
		return NULL;
	}
	*ret_fault = fault_of(fd);
	if (*ret_fault == NULL) {
		text = arena_alloc(arena, LIMIT_SECRET + 1);
		ssize_t len = text != NULL ? read(fd, text, LIMIT_SECRET) : -1;
		if (len < 0) {
			*ret_fault = "cannot be read";
			text = NULL;
		} else {
			text[len] = '\0';
			*ret_fault = strlen(text) == (size_t)len ? NULL : "holds a NUL";
		}
	}
	close(fd);
	return *ret_fault == NULL ? text : NULL;
}

/* Cuts the blanks off both ends. NULL where nothing is left, or it is not one line of printable ASCII. */
static const char *
one_line(char *text)
{
	static const char blanks[] = " \t\r\n";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	for (const char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			return NULL;
	return len > 0 ? text : NULL;
}

const char *
secret_read(struct arena *arena, const char *source, char *ret_why, size_t why_size)
{
	const char *fault = NULL, *secret = NULL;
	char *text = NULL;
	if (strncmp(source, "file:", 5) == 0) {
		text = read_file(arena, source + 5, &fault);
	} else if (strncmp(source, "env:", 4) == 0) {
		const char *value = getenv(source + 4);
		if (value == NULL)
			fault = "is not in the environment";
		else if (strlen(value) > LIMIT_SECRET)
			fault = "is too long for a secret";
		else
			text = arena_strdup(arena, value);
	} else {
		fault = "is neither file: nor env:";
	}
	if (text != NULL)
		secret = one_line(text);
	if (fault == denied)
		access_explain(source + 5, EACCES, ret_why, why_size);
	else if (secret == NULL)
		snprintf(ret_why, why_size, "%.200s %s",
		         strncmp(source, "file:", 5) == 0 ? source + 5 : source,
		         fault != NULL  ? fault
		         : text == NULL ? "cannot be read: memory is short"
		                        : "does not hold one line of printable text");
	return secret;
}

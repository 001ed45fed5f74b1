/* Files of the data directory. A file survives a power cut whole: the order is data, fsync, rename, fsync of
 * the directory, and each of the four is needed. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

enum err_code
file_error(void)
{
	return errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL;
}

bool
file_make_dir(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return true;
	if (errno != EEXIST || stat(path, &st) < 0)
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode);
}

enum err_code
file_read(const char *path, struct buf *buf)
{
	char piece[4096];
	ssize_t got;

	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_INTERNAL;
	for (;;) {
		got = read(fd, piece, sizeof(piece));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || !buf_add(buf, piece, (size_t)got))
			break;
	}
	close(fd);
	if (got < 0)
		return ERR_INTERNAL;
	if (buf->failed)
		return buf->full ? ERR_TOO_LARGE : ERR_NO_MEMORY;
	return ERR_OK;
}

bool
file_write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t written = write(fd, at, len);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			at += written;
			len -= (size_t)written;
		}
	}
	return true;
}

enum err_code
file_sync_dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	int len = slash == NULL ? snprintf(dir, sizeof(dir), ".")
	                        : snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
	if (len < 0 || len >= (int)sizeof(dir))
		return ERR_INTERNAL;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_INTERNAL;
	enum err_code code = fsync(fd) == 0 ? ERR_OK : file_error();
	close(fd);
	return code;
}

enum err_code
file_commit(int fd, const char *from, const char *to)
{
	if (fsync(fd) < 0 || rename(from, to) < 0)
		return file_error();
	return file_sync_dir_of(to);
}

enum err_code
file_write_whole(const char *path, const void *bytes, size_t len)
{
	enum err_code code = ERR_OK;
	char name[PATH_MAX];

	int written = snprintf(name, sizeof(name), "%s.XXXXXX", path);
	if (written < 0 || written >= (int)sizeof(name))
		return ERR_INTERNAL;
	int fd = mkostemp(name, O_CLOEXEC); /* makes it 0600 */
	if (fd < 0)
		return file_error();
	if (file_write_all(fd, bytes, len))
		code = file_commit(fd, name, path);
	else
		code = file_error();
	close(fd);
	if (code != ERR_OK)
		unlink(name); /* gone already where only the last sync failed */
	return code;
}

const char *
file_install_dir(struct arena *arena)
{
	static const char cgi[] = "/cgi-bin";
	char path[PATH_MAX];

	ssize_t got = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (got < 0)
		return NULL;
	path[got] = '\0';
	char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	if (len >= sizeof(cgi) - 1 && memcmp(path + len - (sizeof(cgi) - 1), cgi, sizeof(cgi) - 1) == 0)
		len -= sizeof(cgi) - 1;
	return len > 0 ? arena_strndup(arena, path, len) : arena_strdup(arena, "/");
}

/* A world that misbehaves, for LD_PRELOAD: a clock that jumps, a disk that is full or broken, no libcurl.
 * Tests say so in files, while the programs run:
 *
 *   $WORLD_CLOCK   milliseconds by which CLOCK_REALTIME is ahead of the truth
 *   $WORLD_PASSED  milliseconds that have passed, by CLOCK_REALTIME and by CLOCK_BOOTTIME
 *   $WORLD_DISK    the errno with which writing below $LONGREEL_DATA fails: "28" (ENOSPC), "5" (EIO)
 *   $WORLD_ROOM    bytes that are free on every disk, where it is not 0
 *   $WORLD_CURL    not 0 where there is no libcurl to be loaded
 *
 * No file = a world in order. The programs under test know nothing of this. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The number in the file that the variable names; 0 = there is none. */
static long long
ordered(const char *variable)
{
	char text[32];
	int before = errno;
	const char *path = getenv(variable);
	int fd = path != NULL ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	if (fd >= 0)
		close(fd);
	errno = before;
	text[len > 0 ? len : 0] = '\0';
	return strtoll(text, NULL, 10);
}

int
clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	int err = (int)syscall(SYS_clock_gettime, clock, ret_time);
	if (err == 0 && clock == CLOCK_REALTIME)
		ret_time->tv_sec += ordered("WORLD_CLOCK") / 1000;
	if (err == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME))
		ret_time->tv_sec += ordered("WORLD_PASSED") / 1000;
	return err;
}

/* True where the descriptor is of a file in the data directory and writing there fails; errno says how. */
static int
refused(int fd)
{
	char link[64], path[PATH_MAX];
	const char *data = getenv("LONGREEL_DATA");
	int code = (int)ordered("WORLD_DISK");
	if (code == 0 || data == NULL)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	if (len < 0 || strncmp(path, data, strlen(data)) != 0)
		return 0;
	path[len] = '\0';
	/* The simulator is another machine, as it were. */
	if (strstr(path, "/simulator/") != NULL)
		return 0;
	errno = code;
	return 1;
}

static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

void *
dlopen(const char *name, int flags)
{
	void *(*next)(const char *, int) = (void *(*)(const char *, int))real("dlopen");
	return name != NULL && strstr(name, "libcurl") != NULL && ordered("WORLD_CURL") != 0
	           ? NULL
	           : next(name, flags);
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	return refused(fd) ? -1 : syscall(SYS_write, fd, bytes, len);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return refused(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return refused(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
pwritev64(int fd, const struct iovec *pieces, int count, off64_t at)
{
	ssize_t (*next)(int, const struct iovec *, int, off64_t) =
	    (ssize_t(*)(int, const struct iovec *, int, off64_t))real("pwritev64");
	return refused(fd) ? -1 : next(fd, pieces, count, at);
}

ssize_t
splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned flags)
{
	ssize_t (*next)(int, off64_t *, int, off64_t *, size_t, unsigned) =
	    (ssize_t(*)(int, off64_t *, int, off64_t *, size_t, unsigned))real("splice");
	return refused(out) ? -1 : next(in, in_at, out, out_at, len, flags);
}

int
fdatasync(int fd)
{
	int (*next)(int) = (int (*)(int))real("fdatasync");
	return refused(fd) ? -1 : next(fd);
}

int
fsync(int fd)
{
	int (*next)(int) = (int (*)(int))real("fsync");
	return refused(fd) ? -1 : next(fd);
}

int
statvfs(const char *path, struct statvfs *ret_fs)
{
	int (*next)(const char *, struct statvfs *) =
	    (int (*)(const char *, struct statvfs *))real("statvfs");
	int err = next(path, ret_fs);
	long long room = ordered("WORLD_ROOM");
	if (err == 0 && room != 0) {
		ret_fs->f_frsize = 1;
		ret_fs->f_bavail = (fsblkcnt_t)room;
	}
	return err;
}

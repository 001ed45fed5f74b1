/* The bell is one byte in DATA/bell. Each write is an inotify event for each listener; the kernel merges
 * equal events that are still unread, so a thousand rings wake a listener once. */
#include "base/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

static int
bell_path(const char *data, char path[PATH_MAX])
{
	int len = snprintf(path, PATH_MAX, "%s/bell", data);

	if (len >= 0 && len < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

int
bell_open(const char *data)
{
	char path[PATH_MAX];

	if (bell_path(data, path) < 0)
		return -1;
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

void
bell_ring(int bell)
{
	if (bell < 0)
		return;
	int saved = errno;
	/* A ring that is lost costs the listeners one tick; there is nothing to be done about it. */
	ssize_t written = pwrite(bell, "!", 1, 0);
	(void)written;
	errno = saved;
}

int
bell_listen(const char *data)
{
	char path[PATH_MAX];

	if (bell_path(data, path) < 0)
		return -1;
	/* There must be a file to watch; no writer may have opened it yet. */
	int bell = bell_open(data);
	if (bell < 0)
		return -1;
	close(bell);
	int listener = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (listener < 0)
		return -1;
	if (inotify_add_watch(listener, path, IN_MODIFY) < 0) {
		int saved = errno;

		close(listener);
		errno = saved;
		return -1;
	}
	return listener;
}

void
bell_drain(int listener)
{
	char events[1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	/* One read takes all, because the kernel has merged them. Often there is none. */
	ssize_t got = read(listener, events, sizeof(events));

	(void)got;
}

/* The times of the file DATA/poller.alive. */
#include "heartbeat.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

void
heartbeat(const char *data)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/poller.alive", data);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	/* By our clock, not the file system's: /ready compares it with the same. */
	int64_t now = clock_wall_ms();
	const struct timespec at = {.tv_sec = now / 1000, .tv_nsec = now % 1000 * 1000000};
	futimens(fd, (const struct timespec[2]){at, at});
	close(fd);
}

int64_t
heartbeat_last(const char *data)
{
	char path[4096];
	struct stat st;
	snprintf(path, sizeof(path), "%s/poller.alive", data);
	if (stat(path, &st) < 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

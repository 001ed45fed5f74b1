/* Kill points: see kill_point.h. */
#include "base/kill_point.h"

#ifdef LONGREEL_FAULTS

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
kill_point(const char *name)
{
	char armed[64];
	const char *file = getenv("LONGREEL_FAULT_FILE");
	int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	ssize_t len = read(fd, armed, sizeof(armed) - 1);
	close(fd);
	armed[len > 0 ? len : 0] = '\0';
	bool stops = strncmp(armed, "stop ", 5) == 0;
	/* Of several processes that have read the file, the one that removes it is killed. */
	if (strcmp(stops ? armed + 5 : armed, name) == 0 && unlink(file) == 0)
		raise(stops ? SIGSTOP : SIGKILL); /* to this thread, so that it comes no further */
}

#else
typedef int kill_point_nothing; /* a translation unit must not be empty (C11, section 6.9) */
#endif

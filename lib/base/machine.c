/* Memory and descriptors of this machine. Control groups: cgroups(7), and the kernel's
 * admin-guide/cgroup-v2.rst; the limits of all groups above ours hold for us, too. */
#include "base/machine.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	CONNECTION_MEMORY = 128 * 1024,
	CONNECTIONS_MOST = 32000,
	CONNECTIONS_PERCENT = 45,
	FDS_SPARE = 64,
	FDS_LEAST = 256,
	FDS_MOST = 65535,
	TIMES_WEB = 16,
	PATH_SIZE = 4096
};

/* Returns the number in the file, or `most` where there is none, as with "max", or it is larger. */
static int64_t
read_limit(const char *path, int64_t most)
{
	int64_t value;
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return most;
	if (fscanf(file, "%" SCNd64, &value) != 1 || value <= 0 || value > most)
		value = most;
	fclose(file);
	return value;
}

/* Returns the least limit of `group` and those above it. Cuts `group`. */
static int64_t
limit_of(const char *root, const char *mount, char *group, const char *name, int64_t most)
{
	char path[2 * PATH_SIZE];
	for (;;) {
		if (snprintf(path, sizeof(path), "%s/sys/fs/cgroup%s%s/%s", root, mount, group, name) <
		    (int)sizeof(path))
			most = read_limit(path, most);
		char *slash = strrchr(group, '/');
		if (slash == NULL)
			return most;
		*slash = '\0';
	}
}

int64_t
machine_memory_below(const char *root)
{
	char path[PATH_SIZE], line[PATH_SIZE];
	int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	int64_t most = pages > 0 && size > 0 ? pages * size : INT64_MAX;
	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return most;
	while (fgets(line, sizeof(line), file) != NULL) { /* NUMBER:CONTROLLERS:GROUP */
		char *controllers = strchr(line, ':');
		char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
		if (group == NULL)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		controllers++;
		if (*controllers == '\0')
			most = limit_of(root, "", group, "memory.max", most);
		else if (strcmp(controllers, "memory") == 0)
			most = limit_of(root, "/memory", group, "memory.limit_in_bytes", most);
	}
	fclose(file);
	return most;
}

static int64_t memory_here;

static void
find_memory(void)
{
	memory_here = machine_memory_below("");
}

int64_t
machine_memory(void)
{
	/* A program asks for each large body. */
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, find_memory);
	return memory_here;
}

int64_t
machine_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_max;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
machine_connections(int64_t wanted, int64_t memory, int64_t descriptors)
{
	int64_t most = least(wanted > 0 ? wanted : memory / CONNECTION_MEMORY, CONNECTIONS_MOST);
	most = least(most, least(descriptors, FDS_MOST) * CONNECTIONS_PERCENT / 100);
	return most > 1 ? most : 1;
}

int64_t
machine_waiters(int64_t wanted, int64_t connections)
{
	int64_t most = wanted > 0 ? wanted : connections - connections / 4;
	return most > 1 ? most : 1;
}

int64_t
machine_web_connections(int64_t connections, int64_t memory, int64_t descriptors)
{
	int64_t machine = machine_connections(0, memory, descriptors), few = connections + connections / 4;
	int64_t most = machine < TIMES_WEB * connections ? machine : TIMES_WEB * connections;
	if (most < few)
		most = few;
	most = least(most, machine_web_descriptors(most, descriptors) / 2);
	return most > connections ? most : connections;
}

int64_t
machine_web_descriptors(int64_t connections, int64_t descriptors)
{
	int64_t fds = connections * 100 / CONNECTIONS_PERCENT + FDS_SPARE;
	return least(least(fds > FDS_LEAST ? fds : FDS_LEAST, descriptors), FDS_MOST);
}

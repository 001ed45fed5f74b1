/* A writer of its own, beside a running instance: every line of standard input is a video id, whose progress
 * grows by one in a commit of its own.
 *
 *   touch DATA PAUSE_MS < ids
 *
 * Prints for each the CLOCK_MONOTONIC in µs at which its commit began. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/store.h"
#include "store/task.h"

static int64_t
now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	struct store *store;
	struct arena *arena = arena_new();
	char id[128];
	if (argc != 3 || arena == NULL || store_open(argv[1], STORE_WRITE, &store) != ERR_OK)
		return EXIT_FAILURE;
	useconds_t pause = (useconds_t)strtoul(argv[2], NULL, 10) * 1000;
	while (fgets(id, sizeof(id), stdin) != NULL) {
		struct task task;
		int64_t rev;
		id[strcspn(id, "\n")] = '\0';
		if (store_begin(store, STORE_RELAXED) != ERR_OK ||
		    store_task_get(store, arena, 0, id, &task) != ERR_OK)
			return EXIT_FAILURE;
		const struct task_move move = {.id = task.id,
		                               .attempt = task.attempt,
		                               .from = task.state,
		                               .to = task.state,
		                               .owner = task.owner,
		                               .new_owner = task.owner,
		                               .now = clock_wall_ms(),
		                               .due_at = task.due_at,
		                               .progress = task.progress + 1,
		                               .tries = -1,
		                               .not_found_count = -1};
		if (store_task_move(store, &move, &rev) != ERR_OK)
			return EXIT_FAILURE;
		int64_t begin = now_us();
		if (store_commit(store) != ERR_OK)
			return EXIT_FAILURE;
		printf("%" PRId64 "\n", begin);
		fflush(stdout);
		arena_reset(arena);
		usleep(pause);
	}
	store_close(store);
	return EXIT_SUCCESS;
}

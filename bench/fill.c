/* Fills the database of an instance that does not run: users with a token each, and tasks.
 *
 *   fill DATA USERS TASKS STATE FIRST_TASKS DUE_IN [PROGRESS]
 *
 * TASKS tasks for each user (FIRST_TASKS for the first), in STATE (running, completed). Running ones are due
 * in so many ms, and at PROGRESS (42) per cent. Prints a line for each user: its token and the video id of
 * its last task, or "-". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/ids.h"
#include "store/store.h"
#include "store/task.h"
#include "store/token.h"
#include "store/user.h"

enum { BATCH = 5000 /* rows in one transaction */ };

static struct store *store;
static long rows;
static int64_t due_in;
static int progress = 42;

static void
must(enum err_code err)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "fill: %s\n", err_word(err));
	exit(EXIT_FAILURE);
}

/* Begins a new transaction now and then. */
static void
count_row(void)
{
	if (++rows % BATCH != 0)
		return;
	must(store_commit(store));
	must(store_begin(store, STORE_RELAXED));
}

static int64_t
add_user(long number, char token[CRYPTO_TOKEN_SIZE])
{
	char name[32];
	uint8_t hash[CRYPTO_HASH_SIZE];
	int64_t id, now = clock_wall_ms();
	snprintf(name, sizeof(name), "user%ld", number);
	const struct user user = {.username = name, .password_hash = "-", .created_at = now};
	must(store_user_add(store, &user, &id));
	crypto_token(token);
	crypto_sha256(token, strlen(token), hash);
	must(store_token_add(store, hash, id, NULL, now, now + 86400000));
	count_row();
	return id;
}

static void
add_task(int64_t user, long number, enum task_state state, char video_id[IDS_VIDEO_SIZE])
{
	char external[32], request[32];
	int64_t now = clock_wall_ms(), id, rev;
	bool running = state == TASK_STATE_RUNNING;
	ids_video(now, video_id);
	snprintf(external, sizeof(external), "job%ld", rows);
	snprintf(request, sizeof(request), "r%ld", number);
	const struct task task = {
	    .user_id = user,
	    .video_id = video_id,
	    .external_id = external,
	    .client_request_id = request,
	    .channel = "default",
	    .state = state,
	    .progress = running ? progress : 100,
	    .prompt = "A cat on a skateboard rides along the shore while the sun goes down behind it",
	    .model = "sora_video2",
	    .size = "1280x720",
	    .seconds = 10,
	    .media_type = "VIDEO",
	    .options = "{}",
	    .metadata = "{}",
	    .video_url = running ? NULL : "https://example.com/videos/0123456789abcdef.mp4",
	    .attempt = 1,
	    .created_at = now,
	    .updated_at = now,
	    .completed_at = running ? 0 : now,
	    .deadline_at = now + 86400000,
	    .due_at = running ? now + due_in : 0,
	};
	must(store_task_add(store, &task, &id, &rev));
	count_row();
}

int
main(int argc, char **argv)
{
	if (argc < 7 || argc > 8 || !crypto_open())
		return EXIT_FAILURE;
	long users = strtol(argv[2], NULL, 10), tasks = strtol(argv[3], NULL, 10);
	enum task_state state = task_state_of(argv[4]);
	due_in = strtoll(argv[6], NULL, 10);
	if (argc > 7)
		progress = (int)strtol(argv[7], NULL, 10);
	must(store_open(argv[1], STORE_MIGRATE, &store));
	must(store_begin(store, STORE_RELAXED));
	for (long u = 0; u < users; u++) {
		char token[CRYPTO_TOKEN_SIZE], video_id[IDS_VIDEO_SIZE] = "-";
		int64_t id = add_user(u, token);
		long n = u == 0 ? strtol(argv[5], NULL, 10) : tasks;
		for (long t = 0; t < n; t++)
			add_task(id, t, state, video_id);
		printf("%s %s\n", token, video_id);
	}
	must(store_commit(store));
	store_close(store);
	return EXIT_SUCCESS;
}

/* What a search costs: fills a database with prompts of 2 kB, half of them English and half Chinese, indexes
 * them, and searches, each time as a program does for a request.
 *
 *   search DATA USERS TASKS
 *
 * TASKS for each user. A database that is there already is searched as it is. Prints for each kind of
 * question the processor time of the first page in ms (the least and the middle of 21), what it found and
 * where it stopped. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/ids.h"
#include "store/list.h"
#include "store/search.h"
#include "store/store.h"
#include "store/task.h"
#include "store/user.h"

enum {
	BATCH = 2000,
	PROMPT = 2000,
	ROOM = 64 /* for a word more */,
	REPEAT = 21,
	WORDS = 3000,
	CHARACTERS = 3000,
	RARE = 997
};

static struct store *store;
static uint64_t seed = 88172645463325252u;

static void
must(enum err_code err)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "search: %s\n", err_word(err));
	exit(EXIT_FAILURE);
}

/* Below `sides`; small numbers are frequent, as words are. */
static unsigned
dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	unsigned a = (unsigned)(seed % sides), b = (unsigned)((seed >> 32) % (a + 1));
	return b;
}

static size_t
add_word(char *at)
{
	static const char *const parts[] = {"sun", "ri",     "sing",   "o",   "ver",   "the ", "sea",  "a ",
	                                    "cat", "walks ", "in",     "to",  "light", "of",   "gold", "en",
	                                    "mor", "n",      "camera", "pan", "s ",    "slow", "ly",   "mist",
	                                    "y ",  "hill",   "dra",    "gon", "neon",  "rain"};
	unsigned word = dice(WORDS), count = sizeof(parts) / sizeof(parts[0]);
	return (size_t)snprintf(at, ROOM, "%s%s ", parts[word % count], parts[word / count % count]);
}

static size_t
add_character(char *at)
{
	unsigned c = 0x4E00 + dice(CHARACTERS) * 7 % 20000;
	at[0] = (char)(0xE0 | c >> 12);
	at[1] = (char)(0x80 | (c >> 6 & 0x3F));
	at[2] = (char)(0x80 | (c & 0x3F));
	return 3;
}

static void
write_prompt(long n, char prompt[PROMPT + ROOM])
{
	size_t size = 0;
	size += (size_t)snprintf(prompt, ROOM, n % 2 == 0 ? "Everywhere " : "到处 Everywhere ");
	while (size < PROMPT)
		size += n % 2 == 0 ? add_word(prompt + size) : add_character(prompt + size);
	snprintf(prompt + size, ROOM, "%s%s", n % RARE == 0 ? " qz" : "", n % RARE == 1 ? "猫" : "");
}

static void
fill(long users, long tasks)
{
	char name[32], video_id[IDS_VIDEO_SIZE], request[32], prompt[PROMPT + ROOM];
	int64_t now = clock_wall_ms(), id, rev;
	must(store_begin(store, STORE_RELAXED));
	for (long u = 0; u < users; u++) {
		snprintf(name, sizeof(name), "user%ld", u);
		const struct user user = {.username = name, .password_hash = "-", .created_at = now};
		must(store_user_add(store, &user, &id));
	}
	for (long t = 0; t < tasks * users; t++) {
		ids_video(now, video_id);
		snprintf(request, sizeof(request), "r%ld", t);
		write_prompt(t / users, prompt);
		const struct task task = {.user_id = 1 + t % users,
		                          .video_id = video_id,
		                          .client_request_id = request,
		                          .channel = "default",
		                          .state = TASK_STATE_COMPLETED,
		                          .progress = 100,
		                          .prompt = prompt,
		                          .model = "sora_video2",
		                          .seconds = 10,
		                          .media_type = "VIDEO",
		                          .options = "{}",
		                          .metadata = "{}",
		                          .attempt = 1,
		                          .created_at = now,
		                          .updated_at = now,
		                          .completed_at = now,
		                          .deadline_at = now};
		must(store_task_add(store, &task, &id, &rev));
		if (t % BATCH == 0) {
			must(store_commit(store));
			must(store_begin(store, STORE_RELAXED));
		}
	}
	must(store_commit(store));
}

static double
processor_ms(void)
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

/* As the poller does, a block at a time. */
static void
index_all(struct arena *arena)
{
	double before = processor_ms(), most = 0;
	int64_t rev = 0, user_id;
	long blocks = 0;
	for (bool more = true; more;) {
		double start = processor_ms();
		must(store_search_wanting(store, &rev, &user_id, &more));
		if (user_id == 0)
			continue;
		must(store_begin(store, STORE_RELAXED));
		must(store_search_index(store, arena, user_id));
		must(store_commit(store));
		most = processor_ms() - start > most ? processor_ms() - start : most;
		arena_reset(arena);
		blocks++;
	}
	if (blocks > 0)
		printf("%ld blocks, %.2f ms each, the longest %.1f\n", blocks,
		       (processor_ms() - before) / (double)blocks, most);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void
search(struct arena *arena, const char *kind, const char *text, const struct task_filter *filter,
       const struct task_page *page)
{
	double ms[REPEAT];
	struct task_filter wanted = *filter;
	struct task_found found;
	wanted.text = text;
	for (int i = 0; i < REPEAT; i++) {
		double start = processor_ms();
		must(store_task_list(store, arena, &wanted, page, &found));
		ms[i] = processor_ms() - start;
		arena_reset(arena);
	}
	qsort(ms, REPEAT, sizeof(ms[0]), by_size);
	printf("%-34s %6.2f %6.2f ms  %3zu found%s\n", kind, ms[0], ms[REPEAT / 2], found.count,
	       found.stopped != 0 ? ", stopped" : "");
}

int
main(int argc, char **argv)
{
	if (argc != 4 || !crypto_open())
		return EXIT_FAILURE;
	struct arena *arena = arena_new();
	bool there = store_open(argv[1], STORE_WRITE, &store) == ERR_OK;
	if (arena == NULL)
		return EXIT_FAILURE;
	if (!there) {
		must(store_open(argv[1], STORE_MIGRATE, &store));
		fill(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	}
	const struct task_filter one = {.user_id = 2, .status = TASK_STATUS__MAX};
	const struct task_filter failed = {.user_id = 2, .status = TASK_FAILED};
	const struct task_filter all = {.status = TASK_STATUS__MAX};
	const struct task_page page = {.limit = 21}, oldest = {.limit = 21, .ascending = true};
	const struct task_page changed = {.limit = 21, .order = TASK_BY_UPDATED};
	index_all(arena);
	search(arena, "a Chinese character, rare", "猫", &one, &page);
	search(arena, "a Chinese character, frequent", "到", &one, &page);
	search(arena, "a Chinese character, nowhere", "龘", &one, &page);
	search(arena, "two Chinese characters, nowhere", "丕丄", &one, &page);
	search(arena, "a letter pair, rare", "QZ", &one, &page);
	search(arena, "a letter pair, frequent", "in", &one, &page);
	search(arena, "a letter pair, nowhere", "zz", &one, &page);
	search(arena, "nowhere", "zebra finch", &one, &page);
	search(arena, "nowhere, of frequent pieces", "nowhereseen", &one, &page);
	search(arena, "nowhere, of frequent words", "walks of seaing over", &one, &page);
	search(arena, "everywhere", "everywhere", &one, &page);
	search(arena, "everywhere, oldest first", "everywhere", &one, &oldest);
	search(arena, "nowhere, oldest first", "zebra finch", &one, &oldest);
	search(arena, "one letter", "e", &one, &page);
	search(arena, "everywhere, of no task's status", "everywhere", &failed, &page);
	search(arena, "nowhere, by what changed last", "zebra finch", &one, &changed);
	search(arena, "nowhere, of all users", "zebra finch", &all, &page);
	search(arena, "a client's id", "r12", &one, &page);
	arena_free(arena);
	store_close(store);
	return EXIT_SUCCESS;
}

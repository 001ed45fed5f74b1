/* What a poll cannot do without: fetch.c with what each request of longreel says and keeps to (a key, a name,
 * compression, limits of time and schemes), and, where a database is named, news of a task written for each
 * answer, a hundred in a transaction. No schedule, no judgement, nothing is read.
 *
 *   floor URL COUNT AT_ONCE [DATA]      a number is appended to URL; prints the rate. DATA: of fill, whose
 * running tasks have the ids 1 to COUNT, and progress below 42 */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "store/store.h"
#include "store/task.h"

enum { BATCH = 100 };

static struct store *store;
static struct curl_slist *headers;

static size_t
ignore(char *bytes, size_t size, size_t count, void *cookie)
{
	(void)bytes;
	(void)cookie;
	return size * count;
}

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
must(enum err_code err)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "floor: %s\n", err_word(err));
	exit(EXIT_FAILURE);
}

static CURL *
handle(void)
{
	CURL *easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, ignore);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 20000L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
	return easy;
}

static void
start(CURLM *multi, CURL *easy, const char *base, long number)
{
	char url[512];
	snprintf(url, sizeof(url), "%s%ld", base, number);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_multi_add_handle(multi, easy);
}

/* Writes news of the task with that row, the n-th answer. */
static void
write_news(int64_t id, long n, long count)
{
	int64_t rev;
	const struct task_move move = {.id = id,
	                               .from = TASK_STATE_RUNNING,
	                               .to = TASK_STATE_RUNNING,
	                               .attempt = 1,
	                               .plain = true,
	                               .now = clock_wall_ms(),
	                               .progress = 42};
	if (n % BATCH == 1)
		must(store_begin(store, STORE_RELAXED));
	must(store_task_move(store, &move, &rev));
	if (n % BATCH == 0 || n == count)
		must(store_commit(store));
}

int
main(int argc, char **argv)
{
	if (argc != 4 && argc != 5)
		return EXIT_FAILURE;
	long count = strtol(argv[2], NULL, 10), at_once = strtol(argv[3], NULL, 10), next = 0, done = 0;
	if (argc == 5)
		must(store_open(argv[4], STORE_WRITE, &store));
	curl_global_init(CURL_GLOBAL_DEFAULT);
	headers = curl_slist_append(NULL, "Accept: application/json");
	headers = curl_slist_append(headers, "Authorization: k");
	headers = curl_slist_append(headers, "User-Agent: longreel/floor");
	headers = curl_slist_append(headers, "Accept-Encoding: gzip");
	CURLM *multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, at_once);
	double begin = now();
	while (next < at_once && next < count)
		start(multi, handle(), argv[1], next++);
	while (done < count) {
		int running, left;
		CURLMsg *message;
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left)) != NULL) {
			CURL *easy = message->easy_handle;
			if (message->data.result != CURLE_OK)
				return EXIT_FAILURE;
			done++;
			if (store != NULL)
				write_news(done, done, count);
			curl_multi_remove_handle(multi, easy);
			if (next < count)
				start(multi, easy, argv[1], next++);
			else
				curl_easy_cleanup(easy);
		}
		if (done < count)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	printf("%.0f\n", (double)count / (now() - begin));
	curl_multi_cleanup(multi);
	curl_slist_free_all(headers);
	store_close(store);
	return EXIT_SUCCESS;
}

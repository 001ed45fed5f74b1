/* The poller without anything of a poller: a bare curl_multi loop that fetches URLs over kept-alive
 * connections.
 *
 *   fetch URL COUNT AT_ONCE      a number is appended to URL; prints the rate */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
start(CURLM *multi, CURL *easy, const char *base, long number)
{
	char url[512];
	snprintf(url, sizeof(url), "%s%ld", base, number);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
	curl_multi_add_handle(multi, easy);
}

int
main(int argc, char **argv)
{
	if (argc != 4)
		return EXIT_FAILURE;
	long count = strtol(argv[2], NULL, 10), at_once = strtol(argv[3], NULL, 10), next = 0, done = 0;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	CURLM *multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, at_once);
	double begin = now();
	while (next < at_once && next < count)
		start(multi, curl_easy_init(), argv[1], next++);
	while (done < count) {
		int running, left;
		CURLMsg *message;
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left)) != NULL) {
			CURL *easy = message->easy_handle;
			if (message->data.result != CURLE_OK)
				return EXIT_FAILURE;
			done++;
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
	return EXIT_SUCCESS;
}

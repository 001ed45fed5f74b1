/* Fuzzes the reading of answers: a body as any upstream might send it, in each shipped dialect. Beyond not
 * crashing, what comes out must keep its promises. Run from the root of the source. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "model/channel.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIALECTS_MAX = 64 };
static struct dialect *dialects[DIALECTS_MAX];
static size_t dialect_count;
static struct arena *arena;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
must_be_url(const char *url)
{
	must(!url || (strlen(url) <= LIMIT_URL &&
	              (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0)));
}

static void
must_be_text(const char *text, size_t max)
{
	if (!text)
		return;
	ssize_t count = utf8_count(text, strlen(text));
	must(count > 0 && (size_t)count <= max);
	for (; *text; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void
check_submit(const struct dialect *dialect, const struct http_response *response)
{
	struct submit_answer answer;

	answer_submit(dialect, response, NULL, arena, &answer);
	must((answer.verdict == SUBMIT_ACCEPTED) == (answer.external_id != NULL));
	must_be_text(answer.external_id, LIMIT_UPSTREAM_ID);
	must_be_text(answer.message, LIMIT_UPSTREAM_TEXT);
	if (response->status == 500)
		must(answer.verdict == SUBMIT_UNKNOWN);
	/* Surely not accepted; whose fault it is, or whether later is better, is for its words to say. */
	if (response->status == 422)
		must(answer.verdict == SUBMIT_REFUSED || answer.verdict == SUBMIT_NO_ACCOUNT ||
		     answer.verdict == SUBMIT_NOT_ACCEPTED);
	if (answer.verdict == SUBMIT_REFUSED)
		must(answer.message != NULL);
}

static void
check_poll(const struct dialect *dialect, const struct http_response *response)
{
	struct poll_answer answer;

	answer_poll(dialect, response, arena, &answer);
	/* Without a word it is what the profile takes from a code, or from what is there. */
	must(answer.verdict != POLL_NEWS || answer.word != NULL || answer.status == POLL_RUNNING ||
	     answer.status == POLL_COMPLETED || answer.status == POLL_ERROR ||
	     answer.status == POLL_NO_VIDEO);
	if (answer.verdict == POLL_FAILED)
		must(answer.why != NULL);
	else if (answer.why != NULL) /* a failed job's words about the account, which are not the user's */
		must(answer.status == POLL_ERROR && answer.error_code == NULL &&
		     answer.error_message == NULL);
	must(response->status != 500 || answer.verdict != POLL_NEWS);
	must(answer.progress >= -1 && answer.progress <= 100);
	must_be_url(answer.video_url);
	must_be_url(answer.image_url);
	must_be_text(answer.word, LIMIT_WORD);
	must_be_text(answer.error_code, LIMIT_WORD);
	must_be_text(answer.error_message, LIMIT_UPSTREAM_TEXT);
	must_be_text(answer.result_id, LIMIT_UPSTREAM_ID);
	answer_result(dialect, response, arena, &answer);
	must(!answer.asks_on);
	must_be_url(answer.video_url);
	must_be_text(answer.error_message, LIMIT_UPSTREAM_TEXT);
}

static void
check_models(const struct dialect *dialect, const struct http_response *response)
{
	const struct channel channel = {.name = "c", .key = "secret", .dialect = dialect};
	struct models_answer answer;

	answer_models(&channel, response, arena, &answer);
	must((answer.why == NULL) == (answer.names != NULL));
	for (size_t i = 0; i < answer.count; i++) {
		must(answer.names[i][0] != '\0' && strstr(answer.names[i], "secret") == NULL);
		must_be_text(answer.names[i], LIMIT_WORD);
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char name[64], why[256];
	DIR *dir = opendir("conf/dialects");

	(void)argc;
	(void)argv;
	must(dir != NULL);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		const char *end = strstr(entry->d_name, ".json");
		if (end == NULL)
			continue;
		must(dialect_count < DIALECTS_MAX);
		snprintf(name, sizeof(name), "%.*s", (int)(end - entry->d_name), entry->d_name);
		dialects[dialect_count] = dialect_load("conf/dialects", name, why, sizeof(why));
		must(dialects[dialect_count++] != NULL);
	}
	closedir(dir);
	must(dialect_count > 0);
	arena = arena_new();
	must(arena != NULL);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int codes[] = {200, 422, 500};
	/* A copy of its exact size with the NUL that a buffer has, so that a read beyond it is seen. */
	char *body = malloc(size + 1);

	must(body != NULL);
	memcpy(body, data, size);
	body[size] = '\0';
	for (size_t d = 0; d < dialect_count; d++)
		for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
			struct http_response response = {.status = codes[c], .body = body, .body_len = size};
			check_submit(dialects[d], &response);
			check_poll(dialects[d], &response);
			check_models(dialects[d], &response);
		}
	arena_reset(arena);
	free(body);
	return 0;
}

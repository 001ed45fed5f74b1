/* Fuzzes the reading of profiles. What loads must be usable: an answer is read with it and a request made. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/ability.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/wish.h"
#include "upstream/http/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* Submits the task where the profile has a place for all of it, and else knows why not. */
static void
submit(const struct channel *channel, const struct task *task, struct arena *arena)
{
	struct http_request request;
	const struct submit_image images[] = {
	    {IMAGE_FIRST, "image/png", "/1", NULL, "7", true},
	    {IMAGE_LAST, "image/jpeg", "/2", NULL, "i", false},
	    {IMAGE_REFERENCE, "image/webp", "/3", NULL, "i", false},
	    {IMAGE_REFERENCE, "image/png", "/4", NULL, "i", false},
	};
	const struct submit_inputs inputs = {images, task->images ? 4 : 0};
	enum err_code err = compose_submit(channel, task, &inputs, arena, &request);

	struct wish wish;
	if (wish_unsaid(channel, task, NULL, arena, &wish))
		must(err == ERR_UNSUPPORTED_FIELD);
	else
		must(err == ERR_OK && (request.body || request.part_count > 0));
}

/* What a model is said to take is taken, each by itself, with some images. */
static void
find_ability(const struct channel *channel, const char *model, struct arena *arena)
{
	struct ability ability;
	enum err_code err = ability_find(channel, model, arena, &ability);
	must(err == ERR_OK || err == ERR_NO_MODEL);
	if (err != ERR_OK)
		return;
	must(ability.options != NULL && ability.most >= 0);
	must(ability.seconds != NULL || ability.second_count == 0);
	for (size_t i = 0; i < ability.second_count; i++)
		must(ability.seconds[i] > 0);
	for (size_t i = 0; ability.sizes != NULL && ability.sizes[i] != NULL; i++)
		must(ability.sizes[i][0] != '\0');
}

static void
use(const struct dialect *dialect)
{
	static const char body[] =
	    "{\"id\":\"v\",\"status\":\"done\",\"progress\":\"1%\",\"data\":{\"id\":1}}";
	struct channel channel = {.name = "c", .base = "http://a.b", .key = "k:s", .dialect = dialect};
	struct task task = {.prompt = "p",
	                    .model = "m",
	                    .size = "1x1",
	                    .seconds = 4,
	                    .aspect_ratio = "1:1",
	                    .options = "{\"hd\":true,\"watermark\":false,\"private\":true}",
	                    .external_id = "a/b"};
	struct task rich = {.prompt = "p",
	                    .model = "o/m",
	                    .input_file = "1",
	                    .input_type = "image/png",
	                    .images = "[{\"role\":\"last\",\"file\":\"2\",\"type\":\"image/jpeg\"},{\"role\":"
	                              "\"reference\",\"file\":\"3\",\"type\":\"image/webp\"},{\"role\":"
	                              "\"reference\",\"file\":\"4\",\"type\":\"image/png\"}]",
	                    .options = "{\"seed\":1,\"extra\":{\"a~/\":[]},\"audio\":true}"};
	struct task remix = {.prompt = "p",
	                     .model = "m",
	                     .source_external_id = "s",
	                     .options = "{\"source_url\":\"http://a.b/v\"}"};
	struct task plain = {.prompt = "p", .model = "m", .options = "{}"};
	struct http_response response = {.status = 200, .body = body, .body_len = sizeof(body) - 1};
	struct http_request request;
	struct submit_answer submitted;
	struct poll_answer polled;
	struct arena *arena = arena_new();

	must(arena != NULL);
	submit(&channel, &task, arena);
	submit(&channel, &plain, arena);
	submit(&channel, &rich, arena);
	if (dialect_can_make(dialect, DIALECT_REMIX))
		submit(&channel, &remix, arena);
	find_ability(&channel, NULL, arena);
	find_ability(&channel, "m", arena);
	compose_models(&channel, arena, &request);
	must(compose_poll(&channel, &task, arena, &request) == ERR_OK);
	const char *places[] = {request.url, request.body != NULL ? request.body : ""};
	bool told = false;
	for (int i = 0; i < 2; i++)
		told = told || strstr(places[i], "a%2Fb") || strstr(places[i], "a/b");
	must(strncmp(request.url, "http://a.b/", 11) == 0 && told);
	compose_content(&channel, &task, arena, &request);
	compose_picture(&channel, &task, VARIANT_THUMBNAIL, arena, &request);
	compose_picture(&channel, &task, VARIANT_SPRITESHEET, arena, &request);
	answer_submit(dialect, &response, NULL, arena, &submitted);
	answer_poll(dialect, &response, arena, &polled);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[200] = "";
	char *json = malloc(size + 1);

	must(json != NULL);
	memcpy(json, data, size);
	json[size] = '\0';
	struct dialect *dialect = dialect_parse("fuzz", json, size, why, sizeof(why));
	must((dialect == NULL) == (why[0] != '\0'));
	if (dialect)
		use(dialect);
	dialect_free(dialect);
	free(json);
	return 0;
}

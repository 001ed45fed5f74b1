/* What clients ask for: copies and fingerprints; see create_content.h. */
#include "domain/task/create_content.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "upstream/dialect/dialect.h"

#define SET "set" /* among the options: of how many tasks it is one */

const char *
create_options(struct arena *arena, const struct create_input *input)
{
	const char *rest = input->options + 1; /* behind the brace */
	if (input->set <= 1)
		return input->options;
	return arena_printf(arena, "{\"" SET "\":%" PRId64 "%s%s", input->set, *rest != '}' ? "," : "", rest);
}

bool
create_is_of_set(struct arena *arena, const struct task *task)
{
	const struct json *options;
	return json_parse(arena, task->options, strlen(task->options), &options) == ERR_OK &&
	       json_get(options, SET) != NULL;
}

/* Adds a piece of content with its length, so that no two contents hash alike; NULL differs from "". */
static void
add_text(struct crypto_hash *hash, const char *text)
{
	char head[32];
	int len =
	    snprintf(head, sizeof(head), "%c%zu:", text != NULL ? 't' : 'n', text != NULL ? strlen(text) : 0);
	crypto_hash_add(hash, head, (size_t)len);
	if (text != NULL)
		crypto_hash_add(hash, text, strlen(text));
}

bool
create_fingerprint(const struct create_input *input, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	char seconds[24], place[48];
	struct crypto_hash *hash = crypto_hash_new();
	if (hash == NULL)
		return false;
	snprintf(seconds, sizeof(seconds), "%" PRId64, input->seconds);
	const char *const texts[] = {input->prompt,       input->model,   input->size,    seconds,
	                             input->aspect_ratio, input->options, input->metadata};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add_text(hash, texts[i]);
	if (input->source != NULL)
		add_text(hash, input->source->video_id);
	if (input->source != NULL && input->job != DIALECT_REMIX)
		add_text(hash, job_kind_word(input->job));
	if (input->input_sha256 != NULL)
		crypto_hash_add(hash, input->input_sha256, CRYPTO_HASH_SIZE);
	if (input->images_sha256 != NULL) {
		add_text(hash, "images");
		crypto_hash_add(hash, input->images_sha256, CRYPTO_HASH_SIZE);
	}
	if (input->set > 1) {
		snprintf(place, sizeof(place), "%" PRId64 " of %" PRId64, input->place, input->set);
		add_text(hash, place);
	}
	crypto_hash_end(hash, ret_hash);
	return true;
}

static const uint8_t *
copy_digest(struct arena *arena, const uint8_t *digest)
{
	uint8_t *copy = digest != NULL ? arena_alloc(arena, CRYPTO_HASH_SIZE) : NULL;
	return copy != NULL ? memcpy(copy, digest, CRYPTO_HASH_SIZE) : NULL;
}

bool
create_input_copy(struct arena *arena, const struct create_input *input, struct create_input *ret_input)
{
	struct create_input copy = *input;
	const char **const texts[] = {&copy.client_request_id,
	                              &copy.set_id,
	                              &copy.prompt,
	                              &copy.model,
	                              &copy.size,
	                              &copy.options,
	                              &copy.aspect_ratio,
	                              &copy.metadata,
	                              &copy.input_file,
	                              &copy.input_type,
	                              &copy.images};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
	copy.input_sha256 = copy_digest(arena, input->input_sha256);
	copy.images_sha256 = copy_digest(arena, input->images_sha256);
	if (input->source != NULL) {
		struct task *source = arena_alloc(arena, sizeof(*source));
		if (source == NULL || !task_copy(arena, input->source, source))
			return false;
		copy.source = source;
	}
	*ret_input = copy;
	return !arena_failed(arena);
}

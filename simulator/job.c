/* Jobs on disk, and their states: see job.h. */
#include "job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "web/form.h"

enum {
	ID_SIZE = 48,
	HEX_SIZE = 2 * CRYPTO_HASH_SIZE + 1,
	QUEUED_SHARE = 10 /* of the duration, in percent */
};

static void
hex(const uint8_t *bytes, size_t len, char *ret_text)
{
	for (size_t i = 0; i < len; i++)
		snprintf(ret_text + 2 * i, 3, "%02x", bytes[i]);
}

/* sora: a UUID (RFC 9562, version 4) behind "video_"; openai: 128 bits in hex. */
static void
draw_id(const char *dialect, char ret_id[ID_SIZE])
{
	char text[2 * 16 + 1];
	uint8_t bytes[16];

	crypto_random(bytes, sizeof(bytes));
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	hex(bytes, sizeof(bytes), text);
	if (strcmp(dialect, "sora") == 0)
		snprintf(ret_id, ID_SIZE, "video_%.8s-%.4s-%.4s-%.4s-%s", text, text + 8, text + 12,
		         text + 16, text + 20);
	else
		snprintf(ret_id, ID_SIZE, "video_%s", text);
}

static void
write_image(struct jsonw *w, const char *name, const struct form_file *image)
{
	char digest[HEX_SIZE];

	if (image == NULL) {
		jsonw_null(w, name);
		return;
	}
	hex(image->sha256, sizeof(image->sha256), digest);
	jsonw_object(w, name);
	jsonw_string(w, "type", image->type);
	jsonw_int(w, "size", image->size);
	jsonw_string(w, "sha256", digest);
	jsonw_object_end(w);
}

/* The image from `image` on that came under that name; NULL = none. */
static const struct form_file *
image_of(const struct form_file *image, const char *field)
{
	while (image != NULL && strcmp(image->field, field) != 0)
		image = image->next;
	return image;
}

static void
write_images(struct jsonw *w, const struct form_file *images)
{
	const struct form_file *image = image_of(images, "references");

	write_image(w, "input_reference", image_of(images, "input_reference"));
	write_image(w, "last_frame", image_of(images, "last_frame"));
	jsonw_array(w, "references");
	for (; image != NULL; image = image_of(image->next, "references"))
		write_image(w, NULL, image);
	jsonw_array_end(w);
}

/* A header, or null where it is no text. */
static void
write_header(struct jsonw *w, const char *name, const char *value)
{
	jsonw_string(w, name, value && utf8_count(value, strlen(value)) >= 0 ? value : NULL);
}

static void
write_job(struct buf *out, const char *id, const struct job_input *input)
{
	uint8_t digest[CRYPTO_HASH_SIZE];
	char digest_text[HEX_SIZE];
	struct jsonw w;

	crypto_sha256(input->authorization, strlen(input->authorization), digest);
	hex(digest, sizeof(digest), digest_text);
	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "id", id);
	jsonw_string(&w, "dialect", input->dialect);
	jsonw_int(&w, "received_at", clock_wall_ms());
	jsonw_int(&w, "duration_ms", input->duration_ms);
	jsonw_string(&w, "remixed_from", input->remixed_from);
	jsonw_string(&w, "prompt", input->prompt);
	jsonw_string(&w, "model", input->model);
	jsonw_string(&w, "size", input->size);
	jsonw_int(&w, "seconds", input->seconds);
	jsonw_raw(&w, "fields", input->fields);
	write_images(&w, input->image);
	jsonw_string(&w, "authorization_sha256", digest_text);
	write_header(&w, "idempotency_key", input->idempotency_key);
	write_header(&w, "content_type", input->content_type);
	jsonw_object_end(&w);
}

/* The path of one of a job's files. */
static const char *
path_of(struct arena *arena, const char *dir, const char *id, const char *suffix)
{
	return arena_printf(arena, "%s/jobs/%s.%s", dir, id, suffix);
}

/* Appends to a file with one write(), which other processes and threads cannot split. */
static enum err_code
append(const char *path, const char *bytes, size_t len, int64_t *ret_size)
{
	struct stat st;

	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_INTERNAL;
	bool good = file_write_all(fd, bytes, len) && fstat(fd, &st) == 0;
	close(fd);
	if (!good)
		return ERR_NO_SPACE;
	*ret_size = st.st_size;
	return ERR_OK;
}

/* Reads what write_job() wrote; `text` must outlive the job. */
static enum err_code
read_job(struct arena *arena, const char *text, struct job *ret_job)
{
	const struct json *root;

	enum err_code code = json_parse(arena, text, strlen(text), &root);
	if (code != ERR_OK)
		return code;
	struct job job = {
	    .id = json_string(json_get(root, "id")),
	    .dialect = json_string(json_get(root, "dialect")),
	    .remixed_from = json_string(json_get(root, "remixed_from")),
	    .prompt = json_string(json_get(root, "prompt")),
	    .model = json_string(json_get(root, "model")),
	    .size = json_string(json_get(root, "size")),
	    .text = text,
	};
	if (!job.id || !job.dialect || !job.prompt || !job.model || !job.size ||
	    !json_integer(json_get(root, "seconds"), &job.seconds) ||
	    !json_integer(json_get(root, "duration_ms"), &job.duration_ms) ||
	    !json_integer(json_get(root, "received_at"), &job.received_at) ||
	    model_switches_read(job.model, &job.switches).code != ERR_OK)
		return ERR_INTERNAL;
	*ret_job = job;
	return ERR_OK;
}

enum err_code
job_accept(struct arena *arena, const char *dir, const struct job_input *input, struct job *ret_job)
{
	char id[ID_SIZE];
	struct buf out;
	struct job job;
	int64_t size;

	draw_id(input->dialect, id);
	buf_init(&out, LIMIT_REPLY);
	write_job(&out, id, input);
	const char *text = out.failed ? NULL : arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	const char *path = path_of(arena, dir, id, "json");
	const char *list = arena_printf(arena, "%s/accepted", dir);
	const char *line = arena_printf(arena, "%s %s\n", input->dialect, id);
	if (text == NULL || path == NULL || list == NULL || line == NULL)
		return ERR_NO_MEMORY;
	enum err_code code = read_job(arena, text, &job);
	if (code == ERR_OK)
		code = append(list, line, strlen(line), &size);
	if (code == ERR_OK)
		code = file_write_whole(path, text, strlen(text));
	if (code == ERR_OK)
		*ret_job = job;
	return code;
}

enum err_code
job_load(struct arena *arena, const char *dir, const char *id, struct job *ret_job)
{
	struct buf bytes;

	if (!ids_is_word(id, ID_SIZE - 1))
		return ERR_NOT_FOUND;
	const char *path = path_of(arena, dir, id, "json");
	if (path == NULL)
		return ERR_NO_MEMORY;
	buf_init(&bytes, LIMIT_REPLY);
	enum err_code code = file_read(path, &bytes);
	const char *text = code == ERR_OK ? arena_strndup(arena, buf_str(&bytes), bytes.len) : NULL;
	buf_free(&bytes);
	if (code == ERR_OK && text == NULL)
		code = ERR_NO_MEMORY;
	return code == ERR_OK ? read_job(arena, text, ret_job) : code;
}

struct job_state
job_state(const struct job *job, int64_t now_ms)
{
	static const char *const ends[] = {
	    [END_COMPLETED] = "completed", [END_FAILED] = "failed", [END_CANCELLED] = "cancelled"};
	const struct model_switches *switches = &job->switches;
	int64_t age = now_ms > job->received_at ? now_ms - job->received_at : 0;
	struct job_state state = {.word = switches->strange ? "daydreaming" : "in_progress"};

	if (switches->end == END_NEVER)
		return state;
	if (age >= job->duration_ms) {
		state.word = ends[switches->end];
		state.completed = switches->end == END_COMPLETED;
		state.progress = state.completed ? 100 : 99;
		state.ended_at = job->received_at + job->duration_ms;
		return state;
	}
	state.progress = age * 100 / job->duration_ms;
	if (state.progress < QUEUED_SHARE) {
		state.word = "queued";
		state.progress = 0;
	}
	return state;
}

enum err_code
job_count_poll(struct arena *arena, const char *dir, const struct job *job, int64_t *ret_polls)
{
	const char *path = path_of(arena, dir, job->id, "polls");

	return path ? append(path, ".", 1, ret_polls) : ERR_NO_MEMORY;
}

int64_t
job_polls(struct arena *arena, const char *dir, const struct job *job)
{
	const char *path = path_of(arena, dir, job->id, "polls");
	struct stat st;

	return path && stat(path, &st) == 0 ? st.st_size : 0;
}

enum err_code
job_delete(struct arena *arena, const char *dir, const struct job *job)
{
	const char *path = path_of(arena, dir, job->id, "deleted");
	const char *text = arena_printf(arena, "%" PRId64, clock_wall_ms());

	return path && text ? file_write_whole(path, text, strlen(text)) : ERR_NO_MEMORY;
}

int64_t
job_deleted_at(struct arena *arena, const char *dir, const struct job *job)
{
	const char *path = path_of(arena, dir, job->id, "deleted");
	struct buf text;
	int64_t at = 0;

	buf_init(&text, 32);
	if (path && file_read(path, &text) == ERR_OK)
		at = strtoll(buf_str(&text), NULL, 10);
	buf_free(&text);
	return at;
}

/* Cuts the list of accepted jobs into ids, in place. */
static size_t
cut_ids(char *text, const char *dialect, const char **ids)
{
	size_t count = 0;

	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *id = strchr(line, ' ');

		*end = '\0';
		if (id == NULL)
			continue;
		*id++ = '\0';
		if (dialect == NULL || strcmp(line, dialect) == 0)
			ids[count++] = id;
	}
	return count;
}

enum err_code
job_ids(struct arena *arena, const char *dir, const char *dialect, const char ***ret_ids, size_t *ret_count)
{
	const char *path = arena_printf(arena, "%s/accepted", dir);
	size_t lines = 0;
	struct buf bytes;

	if (path == NULL)
		return ERR_NO_MEMORY;
	buf_init(&bytes, LIMIT_REPLY);
	enum err_code code = file_read(path, &bytes);
	char *text = arena_strndup(arena, buf_str(&bytes), bytes.len);
	buf_free(&bytes);
	if (code != ERR_OK && code != ERR_NOT_FOUND)
		return code;
	for (const char *at = text; at && (at = strchr(at, '\n')); at++)
		lines++;
	const char **ids = arena_alloc(arena, (lines + 1) * sizeof(*ids));
	if (text == NULL || !ids)
		return ERR_NO_MEMORY;
	*ret_count = cut_ids(text, dialect, ids);
	*ret_ids = ids;
	return ERR_OK;
}

/* The body of a creation. One table of fields for both kinds of body; what it cannot express is checked after
 * it. */
#include "api/create_input.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/create_options.h"
#include "api/create_set.h"
#include "api/input_image.h"
#include "api/openai_error.h"
#include "api/payment.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/upload.h"
#include "web/field.h"
#include "web/form.h"

struct body {
	const char *prompt, *model, *size, *aspect_ratio, *client_request_id, *video_id;
	struct field_int seconds, n, max_price;
	struct options_asked options;
	bool has_video; /* names a source, validly or not */
	const struct json *metadata;
	struct create_name names[CREATE_NAMES];
};

static const struct field fields[] = {
    {"prompt", FIELD_TEXT, offsetof(struct body, prompt), .required = true, .min = 1, .max = LIMIT_PROMPT},
    {"model", FIELD_LINE, offsetof(struct body, model), .min = 1, .max = LIMIT_WORD},
    {"size", FIELD_LINE, offsetof(struct body, size), .min = 3, .max = LIMIT_WORD},
    {"seconds", FIELD_INT, offsetof(struct body, seconds), .min = 1, .max = LIMIT_SECONDS},
    {"aspect_ratio", FIELD_LINE, offsetof(struct body, aspect_ratio), .min = 3, .max = LIMIT_WORD},
    {"aspectRatio", FIELD_LINE, offsetof(struct body, aspect_ratio), .min = 3, .max = LIMIT_WORD},
    {"clientRequestId", FIELD_LINE, offsetof(struct body, client_request_id), .min = 1,
     .max = LIMIT_CLIENT_REQUEST_ID},
    {"n", FIELD_INT, offsetof(struct body, n), .min = 1, .max = LIMIT_SET},
    {"maxPriceMicro", FIELD_INT, offsetof(struct body, max_price), .never_empty = true, .min = 0,
     .max = AMOUNT_MOST},
    {"watermark", FIELD_BOOL, offsetof(struct body, options.watermark)},
    {"hd", FIELD_BOOL, offsetof(struct body, options.hd)},
    {"private", FIELD_BOOL, offsetof(struct body, options.hidden)},
    OPTIONS_FIELDS(struct body, options),
    {"metadata", FIELD_OBJECT, offsetof(struct body, metadata), .max = LIMIT_METADATA},
    {"video[id]", FIELD_LINE, offsetof(struct body, video_id), .min = 1, .max = LIMIT_WORD},
    {"video", FIELD_OWN, 0},
#define IMAGE(name, role, several) {name, FIELD_OWN, 0, .max = 1},
    INPUT_IMAGE_NAMES(IMAGE)
#undef IMAGE
        {.kind = FIELD_HARMLESS},
};
/* Of the object `video`. */
static const struct field video_fields[] = {{"id", FIELD_OWN, 0}};
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

/* ---- checks that the table cannot express ---- */

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static struct err
check_metadata(const struct json *metadata)
{
	static const char *const ours[] = {"remix_from", "remix_from_external", "type"};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (json_get(metadata, ours[i]) != NULL)
			return err_say(ERR_BAD_FIELD, "metadata",
			               "metadata must not have a member %s: the name is reserved.", ours[i]);
	return err_of(ERR_OK);
}

static struct err
check(struct body *body)
{
	if (is_blank(body->prompt))
		return err_say(ERR_BAD_FIELD, "prompt", "prompt must not be blank.");
	struct err err = options_shape(body->size, body->aspect_ratio);
	if (err.code != ERR_OK)
		return err;
	return body->metadata != NULL ? check_metadata(body->metadata) : err_of(ERR_OK);
}

/* Reads the client's own id from the header, where it is not in the body. */
static struct err
read_request_id(struct call *call, struct body *body)
{
	const char *header = request_header(call->request, "Idempotency-Key");
	if (header != NULL) {
		static const struct field field = {"Idempotency-Key", FIELD_LINE, 0, .min = 1,
		                                   .max = LIMIT_CLIENT_REQUEST_ID};
		const char *value = NULL;
		struct field_pair pair = {.name = field.name, .value = header, .len = strlen(header)};
		struct err err = field_read_pairs(&field, 1, &pair, 1, call->arena, &value);
		if (err.code != ERR_OK)
			return err;
		if (value != NULL && body->client_request_id != NULL &&
		    strcmp(value, body->client_request_id) != 0)
			return err_say(ERR_BAD_FIELD, "clientRequestId",
			               "clientRequestId and Idempotency-Key differ.");
		if (value != NULL)
			body->client_request_id = arena_strdup(call->arena, value);
		if (value != NULL && body->client_request_id == NULL)
			return err_of(ERR_NO_MEMORY);
	}
	return err_of(ERR_OK);
}

/* The number of automatic retries before this request: the official OpenAI clients repeat a request by
 * themselves, with the same body and without a key. */
static int64_t
client_retries(const struct request *request)
{
	const char *count = request_header(request, "X-Stainless-Retry-Count");
	bool number = count != NULL && strlen(count) < 10 && strspn(count, "0123456789") == strlen(count);
	return number ? strtoll(count, NULL, 10) : 0;
}

/* ---- parts of the result ---- */

/* Moves an image to DATA/uploads. */
static struct err
keep_image(struct call *call, struct form_file *file, const char **ret_name)
{
	char id[IDS_SHORT_SIZE];
	ids_short(id);
	const char *name = arena_printf(call->arena, "%s.%s", id, strchr(file->type, '/') + 1);
	const char *path = name != NULL ? upload_path(call->arena, call->config->data, name) : NULL;
	if (path == NULL)
		return err_of(ERR_NO_MEMORY);
	enum err_code err = form_keep(file, path);
	if (err == ERR_OK)
		*ret_name = name;
	else
		upload_remove(call->config->data, name); /* only the last sync may have failed */
	return err_of(err);
}

/* Writes what the rows have of the images beside the first; NULL where there is none, or memory is short. */
static const char *
images_text(struct call *call, const struct input_images *images, const char *const *names)
{
	static const char *const words[] = {[IMAGE_LAST] = "last", [IMAGE_REFERENCE] = "reference"};
	struct buf *text = buf_in_arena(call->arena, LIMIT_JSON_BODY);
	struct jsonw w;
	if (text == NULL)
		return NULL;
	jsonw_init(&w, text);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < images->count; i++) {
		if (images->list[i].role == IMAGE_FIRST)
			continue;
		jsonw_object(&w, NULL);
		jsonw_string(&w, "role", words[images->list[i].role]);
		jsonw_string(&w, "file", names[i]);
		jsonw_string(&w, "type", images->list[i].file->type);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	return text->failed ? NULL : buf_str(text);
}

/* One hash of all images beside the first, and of their roles. */
static const uint8_t *
images_hash(struct call *call, const struct input_images *images)
{
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t *digest = arena_alloc(call->arena, CRYPTO_HASH_SIZE);
	for (size_t i = 0; i < images->count && hash != NULL && digest != NULL; i++) {
		uint8_t role = (uint8_t)images->list[i].role;
		if (images->list[i].role == IMAGE_FIRST)
			continue;
		crypto_hash_add(hash, &role, 1);
		crypto_hash_add(hash, images->list[i].file->sha256, CRYPTO_HASH_SIZE);
	}
	crypto_hash_end(hash, digest);
	return hash != NULL ? digest : NULL;
}

/* Moves all images to DATA/uploads, or none. */
static struct err
keep_images(struct call *call, const struct input_images *images, struct create_input *input)
{
	const char *names[LIMIT_IMAGES] = {0};
	struct err err = err_of(ERR_OK);
	bool more = false;
	for (size_t i = 0; i < images->count; i++)
		if (images->list[i].file->type == NULL)
			return err_say(ERR_BAD_IMAGE, images->list[i].file->field, "%s", "");
	for (size_t i = 0; i < images->count && err.code == ERR_OK; i++) {
		const struct input_image *image = &images->list[i];
		err = keep_image(call, image->file, &names[i]);
		if (image->role == IMAGE_FIRST) {
			input->input_file = names[i];
			input->input_type = image->file->type;
			input->input_sha256 = image->file->sha256;
		}
		more = more || image->role != IMAGE_FIRST;
	}
	if (err.code == ERR_OK && more) {
		input->images = images_text(call, images, names);
		input->images_sha256 = images_hash(call, images);
		if (input->images == NULL || input->images_sha256 == NULL)
			err = err_of(ERR_NO_MEMORY);
	}
	for (size_t i = 0; i < images->count && err.code != ERR_OK; i++)
		if (names[i] != NULL)
			upload_remove(call->config->data, names[i]);
	return err;
}

/* ---- what the client calls otherwise ---- */

static void
note_name(struct create_name *names, const char *field, const char *name)
{
	size_t i = 0;
	while (i < CREATE_NAMES && names[i].field != NULL && strcmp(names[i].field, field) != 0)
		i++;
	if (i < CREATE_NAMES && names[i].field == NULL)
		names[i] = (struct create_name){field, name};
}

/* Notes the other names of fields: rows of the table with the offset of an earlier one of their kind. One of
 * `object` and `form` is NULL. */
static void
note_names(struct create_name *names, const struct json *object, const struct form *form)
{
	for (size_t i = 1; i < FIELD_COUNT; i++) {
		const struct field *row = &fields[i], *first = fields;
		if (row->kind == FIELD_OWN)
			continue;
		while (first < row && (first->offset != row->offset || first->kind != row->kind))
			first++;
		if (first == row)
			continue;
		bool given = json_type(json_get(object, row->name)) != JSON_NULL;
		for (size_t k = 0; form != NULL && k < form->count; k++)
			given =
			    given || (form->pairs[k].len > 0 && strcmp(form->pairs[k].name, row->name) == 0);
		if (given)
			note_name(names, first->name, row->name);
	}
}

/* The same for images. */
static void
note_images(struct create_name *names, const struct input_images *images)
{
	static const char *const fields_of[] = {
	    [IMAGE_FIRST] = "input_reference", [IMAGE_LAST] = "last_frame", [IMAGE_REFERENCE] = "references"};
	for (size_t i = 0; i < images->count; i++)
		note_name(names, fields_of[images->list[i].role], input_image_names[images->list[i].name]);
}

/* ---- the body ---- */

/* Reads the object that names the source. */
static struct err
read_video(struct call *call, struct body *body, const struct json *video)
{
	body->has_video = true;
	if (json_type(video) != JSON_OBJECT)
		return err_of(ERR_OK);
	body->video_id = json_string(json_get(video, "id"));
	return field_read_json(video_fields, 1, video, call->arena, NULL);
}

/* Reads the source from a form: video[id], as the official clients write it, or a part of JSON. */
static struct err
read_form_video(struct call *call, struct body *body, const struct form *form)
{
	const struct json *video = NULL;
	for (size_t i = 0; i < form->count; i++) {
		const struct field_pair *pair = &form->pairs[i];
		body->has_video |= strcmp(pair->name, "video[id]") == 0;
		if (strcmp(pair->name, "video") != 0)
			continue;
		body->has_video = true;
		if (body->video_id != NULL && pair->len > 0)
			return err_say(ERR_BAD_FIELD, "video", "video is given twice.");
		if (json_parse(call->arena, pair->value, pair->len, &video) == ERR_NO_MEMORY)
			return err_of(ERR_NO_MEMORY);
	}
	return json_type(video) == JSON_OBJECT ? read_video(call, body, video) : err_of(ERR_OK);
}

static struct err
read_form(struct call *call, struct body *body, struct input_images *images)
{
	struct form form = {0};
	const char *dir = upload_dir(call->arena, call->config->data);
	if (dir == NULL)
		return err_of(ERR_NO_MEMORY);
	struct err err = form_read(call->request, input_image_names, dir, &form);
	if (err.code == ERR_OK)
		err = input_image_form(call, &form, images);
	if (err.code == ERR_OK)
		err = field_read_pairs(fields, FIELD_COUNT, form.pairs, form.count, call->arena, body);
	note_names(body->names, NULL, &form);
	return err.code == ERR_OK ? read_form_video(call, body, &form) : err;
}

static struct err
read_json(struct call *call, struct body *body, struct input_images *images)
{
	const struct json *object;
	struct err err = field_read_large_body(call->request, LIMIT_FORM_BODY, &object);
	if (err.code == ERR_OK)
		err = field_read_json(fields, FIELD_COUNT, object, call->arena, body);
	if (err.code != ERR_OK)
		return err;
	const struct json *video = json_get(object, "video");
	note_names(body->names, object, NULL);
	body->has_video = body->video_id != NULL;
	if (json_type(video) != JSON_NULL)
		err = read_video(call, body, video);
	return err.code == ERR_OK ? input_image_json(call, object, images) : err;
}

static struct err
read_body(struct call *call, struct body *body, struct input_images *images)
{
	if (request_is_type(call->request, "application/json"))
		return read_json(call, body, images);
	if (request_is_type(call->request, "multipart/form-data"))
		return read_form(call, body, images);
	return err_say(ERR_BAD_CONTENT_TYPE, NULL,
	               "The body must be multipart/form-data or application/json.");
}

/* Makes the input from a body that was read. */
static struct err
make_input(struct call *call, struct body *body, const struct input_images *images,
           struct create_input *ret_input)
{
	struct err err = check(body);
	if (err.code == ERR_OK)
		err = read_request_id(call, body);
	if (err.code == ERR_OK)
		err = create_set_check(call, body->n.set ? body->n.value : 1, body->client_request_id);
	struct price_cap cap = {0};
	if (err.code == ERR_OK)
		err = payment_cap(call, &body->max_price, &cap);
	if (err.code != ERR_OK)
		return err;
	struct create_input input = {
	    .user_id = call->user->id,
	    .api_key = call->user->key_id,
	    .client_request_id = body->client_request_id,
	    .client_retries = client_retries(call->request),
	    .received_at = clock_wall_ms() - (clock_mono_ms() - call->request->started_ms),
	    .prompt = body->prompt,
	    .model = body->model,
	    .size = body->size,
	    .seconds = body->seconds.value,
	    .set = body->n.set ? body->n.value : 1,
	    .cap = cap,
	    .aspect_ratio = body->aspect_ratio,
	    .options = options_text(call->arena, &body->options),
	    .metadata = body->metadata != NULL ? json_text(call->arena, body->metadata) : "{}",
	};
	if (input.options == NULL || input.metadata == NULL)
		return err_of(ERR_NO_MEMORY);
	for (size_t i = 0; i < images->count; i++)
		input.input_bytes += images->list[i].file->size;
	/* Here, before they are stored; and exactly, where the task is written. */
	err.code = upload_fits(call->config, call->store, input.user_id, input.input_bytes * input.set);
	if (err.code != ERR_OK)
		return err;
	note_images(body->names, images);
	memcpy(input.names, body->names, sizeof(input.names));
	err = keep_images(call, images, &input);
	if (err.code == ERR_OK)
		*ret_input = input;
	return err;
}

struct err
create_input_read(struct call *call, struct create_input *ret_input)
{
	struct body body = {0};
	struct input_images images = {.count = 0};
	struct err err = read_body(call, &body, &images);
	if (err.code == ERR_OK && body.has_video)
		err = err_in_chinese(err_say(ERR_BAD_FIELD, "video", "video is no field of this call."),
		                     "此接口不认识该参数。");
	return err.code == ERR_OK ? make_input(call, &body, &images, ret_input) : err;
}

struct err
create_input_read_from(struct call *call, struct create_input *ret_input, const char **ret_video_id)
{
	struct body body = {0};
	struct input_images images = {.count = 0};
	struct err err = read_body(call, &body, &images);
	if (err.code == ERR_BAD_FIELD && !body.has_video && err.field != NULL &&
	    strcmp(err.field, "video") == 0) /* a file: the form was not read to its end */
		err = err_say(ERR_UNSUPPORTED, "video",
		              "A video cannot be uploaded; name one that was made here: video[id].");
	if (err.code == ERR_OK && body.video_id == NULL)
		err = err_say(ERR_BAD_FIELD, "video",
		              "video must name a finished video that was made here: {\"id\": \"video_…\"}.");
	if (err.code == ERR_OK)
		err = make_input(call, &body, &images, ret_input);
	if (err.code == ERR_OK)
		*ret_video_id = body.video_id;
	return err;
}

void
create_input_drop(const char *data, const struct create_input *input)
{
	if (input->input_file != NULL)
		upload_remove(data, input->input_file);
	upload_remove_listed(data, input->images);
}

struct err
create_input_unsupported(const struct wish *wish, const struct create_name *names, struct arena *arena)
{
	const char *field = wish->field;
	for (size_t i = 0; names != NULL && field != NULL && i < CREATE_NAMES && names[i].field != NULL; i++)
		if (strcmp(names[i].field, wish->field) == 0)
			field = names[i].name;
	const char *shown = field != NULL ? field : "that";
	if (wish->why[0] == '\0')
		return err_in_chinese(err_say(ERR_UNSUPPORTED_FIELD, field,
		                              "The upstream that makes this cannot be asked for %s.", shown),
		                      "提供该内容的上游不支持此参数。");
	struct err err =
	    err_say(ERR_UNSUPPORTED_FIELD, field,
	            "The upstream that makes this cannot be asked for that as %s: %s.", shown, wish->why);
	const char *zh = NULL;
	if (wish->allowed_at > 0)
		err.allowed = arena_strdup(arena, wish->why + wish->allowed_at);
	if (err.allowed != NULL)
		zh = arena_printf(arena, "提供该内容的上游不支持此参数的这个值，可用的值：%s。", err.allowed);
	return err_in_chinese(err, zh != NULL ? zh : "提供该内容的上游不支持此参数的这个值。");
}

/* What a client wants to know the price of: see quote_fields.h. */
#include "quote_fields.h"

#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/create_options.h"
#include "api/input_image.h"
#include "api/payment.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/channel.h"
#include "model/image.h"
#include "store/task.h"
#include "web/field.h"

struct body {
	const char *model, *size, *aspect_ratio, *job, *video_id;
	struct field_int seconds, n, max_price;
	struct options_asked options;
	const struct json *object;
};

static const char *const jobs[] = {"remix", "edit", "extend", NULL};

static const struct field fields[] = {
    {"model", FIELD_LINE, offsetof(struct body, model), .min = 1, .max = LIMIT_WORD},
    {"size", FIELD_LINE, offsetof(struct body, size), .min = 3, .max = LIMIT_WORD},
    {"aspect_ratio", FIELD_LINE, offsetof(struct body, aspect_ratio), .min = 3, .max = LIMIT_WORD},
    {"aspectRatio", FIELD_LINE, offsetof(struct body, aspect_ratio), .min = 3, .max = LIMIT_WORD},
    {"seconds", FIELD_INT, offsetof(struct body, seconds), .min = 1, .max = LIMIT_SECONDS},
    {"n", FIELD_INT, offsetof(struct body, n), .min = 1, .max = LIMIT_SET},
    {"maxPriceMicro", FIELD_INT, offsetof(struct body, max_price), .never_empty = true, .min = 0,
     .max = AMOUNT_MOST},
    {"videoId", FIELD_LINE, offsetof(struct body, video_id), .min = 1, .max = LIMIT_WORD},
    {"job", FIELD_WORD, offsetof(struct body, job), .words = jobs},
    OPTIONS_FIELDS(struct body, options),
#define IMAGE(name, role, several) {name, FIELD_OWN, 0},
    INPUT_IMAGE_NAMES(IMAGE)
#undef IMAGE
    /* of a creation, and without a price */
    {"prompt", FIELD_OWN, 0},
    {"clientRequestId", FIELD_OWN, 0},
    {"watermark", FIELD_OWN, 0},
    {"hd", FIELD_OWN, 0},
    {"private", FIELD_OWN, 0},
    {"metadata", FIELD_OWN, 0},
    {.kind = FIELD_HARMLESS},
};

static const struct {
	const char *name;
	enum image_role role;
	bool several;
} image_names[] = {
#define IMAGE(name, role, several) {name, role, several},
    INPUT_IMAGE_NAMES(IMAGE)
#undef IMAGE
};

/* Counts the images that are named: whether there are any, and those of reference. */
static void
count_images(const struct json *object, struct priced *priced)
{
	for (size_t i = 0; i < sizeof(image_names) / sizeof(image_names[0]); i++) {
		const struct json *value = json_get(object, image_names[i].name);
		const char *text = json_string(value);
		bool none = json_type(value) == JSON_NULL || (text != NULL && *text == '\0');
		int64_t count = json_type(value) == JSON_ARRAY ? (int64_t)json_size(value) : !none;
		priced->image = priced->image || count > 0;
		if (image_names[i].role == IMAGE_REFERENCE || (image_names[i].several && count > 1))
			priced->images += count;
	}
}

/* What is made from a video has its size, and but for an extension its seconds. */
static enum err_code
take_source(struct call *call, const struct body *body, struct priced *priced)
{
	struct task source;
	enum err_code err =
	    store_task_get(call->store, call->arena, call_scope(call), body->video_id, &source);
	if (err != ERR_OK)
		return err;
	priced->job = body->job != NULL ? body->job : "remix";
	priced->size = task_shown_size(&source) != NULL ? task_shown_size(&source) : "";
	if (strcmp(priced->job, "extend") != 0)
		priced->seconds = task_shown_seconds(&source);
	if (body->model == NULL)
		priced->model = source.model != NULL ? source.model : "";
	return ERR_OK;
}

static struct err
read_body(struct call *call, struct body *body)
{
	struct err err = field_read_body(call->request, &body->object);
	if (err.code == ERR_OK)
		err = field_read_json(fields, sizeof(fields) / sizeof(fields[0]), body->object, call->arena,
		                      body);
	if (err.code == ERR_OK && body->job != NULL && body->video_id == NULL)
		err = err_say(ERR_BAD_FIELD, "videoId", "videoId is required with job.");
	return err.code == ERR_OK ? options_shape(body->size, body->aspect_ratio) : err;
}

struct err
quote_fields_read(struct call *call, struct quote_fields *ret_fields)
{
	struct body body = {0};
	struct err err = read_body(call, &body);
	if (err.code != ERR_OK)
		return err;
	const struct field_bool audio = body.options.audio;
	bool names_none = body.model == NULL || strcmp(body.model, MODEL_DEFAULT) == 0;
	struct priced priced = {.model = names_none ? "" : body.model,
	                        .job = "create",
	                        .size = body.size != NULL ? body.size : "",
	                        .seconds = body.seconds.value,
	                        .audio = !audio.set    ? ""
	                                 : audio.value ? "yes"
	                                               : "no",
	                        .aspect_ratio = body.aspect_ratio};
	count_images(body.object, &priced);
	if (body.video_id != NULL)
		err.code = take_source(call, &body, &priced);
	if (err.code != ERR_OK)
		return err;
	*ret_fields = (struct quote_fields){.priced = priced, .count = body.n.set ? body.n.value : 1};
	return payment_cap(call, &body.max_price, &ret_fields->cap);
}

/* Reads the reference image of a creation: finds the one text that holds it. */
#include "api/input_image.h"

#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/data_image.h"
#include "base/config.h"
#include "base/json.h"
#include "domain/upload.h"
#include "web/form.h"

#define NAME(name) name,
const char *const input_image_names[] = {INPUT_IMAGE_NAMES(NAME) NULL};
#undef NAME

/* An image that is being looked for. */
struct search {
	struct call *call;
	const char *field;       /* the name that it comes under */
	struct form_file **file; /* NULL until it is found */
};

/* Words of the neighbours that an image has in other calls of OpenAI's; they ask for nothing. */
static const char *const types[] = {"image_url", "input_image", "image", NULL};

static struct err
second_image(const struct search *search)
{
	return err_in_chinese(err_say(ERR_BAD_FIELD, search->field,
	                              "%s is a second image; only one can be sent.", search->field),
	                      "只能发送一张参考图。");
}

static struct err
no_image(const struct search *search)
{
	return err_in_chinese(
	    err_say(ERR_BAD_FIELD, search->field,
	            "%s must be an image: a file, a data URL, or {\"image_url\": DATA_URL}.", search->field),
	    "参考图须为文件、data URL 或 {\"image_url\": …}。");
}

static struct err
bad_member(const struct search *search, const char *name, size_t len)
{
	return err_in_chinese(err_say(ERR_BAD_FIELD, search->field,
	                              "%s[%.*s] cannot be used; send the image itself, as a file or a data "
	                              "URL in image_url.",
	                              search->field, len < 40 ? (int)len : 40, name),
	                      "参考图不支持该成员，请直接发送图片（文件或 data URL）。");
}

static struct err
read_text(struct search *search, const char *text)
{
	const char *dir = upload_dir(search->call->arena, search->call->config->data);
	if (dir == NULL)
		return err_of(ERR_NO_MEMORY);
	if (*search->file != NULL)
		return second_image(search);
	return data_image_read(search->call, search->field, dir, text, search->file);
}

/* True for a member beside the image that asks for nothing. */
static bool
is_plain(const char *name, size_t len, const char *value)
{
	if (len == 6 && strncmp(name, "detail", len) == 0)
		return value != NULL && strcmp(value, "auto") == 0;
	for (size_t i = 0; len == 4 && strncmp(name, "type", len) == 0 && types[i] != NULL; i++)
		if (value != NULL && strcmp(value, types[i]) == 0)
			return true;
	return false;
}

/* Reads {image_url}, {url} or {image_url:{url}}. `inner` is true for the last one's own object. */
static struct err
read_object(struct search *search, const struct json *object, bool inner)
{
	bool found = false;
	for (const struct json *member = json_first(object); member != NULL; member = json_next(member)) {
		const char *name = json_name(member), *text = json_string(member);
		bool outer = !inner && strcmp(name, "image_url") == 0;
		bool url = outer || strcmp(name, "url") == 0;
		struct err err = err_of(ERR_OK);
		if (json_type(member) == JSON_NULL)
			continue;
		if (url && text != NULL)
			err = read_text(search, text);
		else if (outer && json_type(member) == JSON_OBJECT)
			err = read_object(search, member, true);
		else if (!is_plain(name, strlen(name), text))
			err = url ? no_image(search) : bad_member(search, name, strlen(name));
		if (err.code != ERR_OK)
			return err;
		found = found || url;
	}
	return found ? err_of(ERR_OK) : no_image(search);
}

static struct err
read_item(struct search *search, const struct json *value)
{
	const char *text = json_string(value);
	if (text != NULL)
		return read_text(search, text);
	return json_type(value) == JSON_OBJECT ? read_object(search, value, false) : no_image(search);
}

static struct err
read_value(struct search *search, const struct json *value)
{
	const char *text = json_string(value);
	if (json_type(value) == JSON_NULL || (text != NULL && *text == '\0'))
		return err_of(ERR_OK);
	if (json_type(value) != JSON_ARRAY)
		return read_item(search, value);
	if (json_size(value) > 1)
		return second_image(search);
	return json_size(value) == 0 ? err_of(ERR_OK) : read_item(search, json_first(value));
}

struct err
input_image_json(struct call *call, const struct json *object, struct form_file **ret_file)
{
	struct form_file *file = NULL;
	for (size_t i = 0; input_image_names[i] != NULL; i++) {
		struct search search = {call, input_image_names[i], &file};
		struct err err = read_value(&search, json_get(object, search.field));
		if (err.code != ERR_OK)
			return err;
	}
	*ret_file = file;
	return err_of(ERR_OK);
}

/* ---- forms ---- */

/* Skips "[]" or "[0]", the place in an array. */
static const char *
skip_index(const char *rest)
{
	size_t digits = rest[0] == '[' ? strspn(rest + 1, "0123456789") : 0;
	return rest[0] == '[' && rest[1 + digits] == ']' ? rest + digits + 2 : rest;
}

/* Reads a part that is the image, or JSON with it. */
static struct err
read_part(struct search *search, const struct field_pair *pair)
{
	const struct json *value;
	const char *text = pair->value + strspn(pair->value, " \t\r\n");
	if (*text != '{' && *text != '[')
		return read_text(search, text);
	enum err_code err = json_parse(search->call->arena, text, strlen(text), &value);
	if (err == ERR_NO_MEMORY)
		return err_of(err);
	return err == ERR_OK ? read_value(search, value) : no_image(search);
}

/* Reads one part; `rest` is its name behind the field's. */
static struct err
read_pair(struct search *search, const struct field_pair *pair, const char *rest)
{
	rest = skip_index(rest);
	if (*rest == '\0')
		return pair->len > 0 ? read_part(search, pair) : err_of(ERR_OK);
	if (strcmp(rest, "[image_url]") == 0 || strcmp(rest, "[url]") == 0 ||
	    strcmp(rest, "[image_url][url]") == 0)
		return read_text(search, pair->value);
	const char *name = rest + (*rest == '[');
	size_t len = strcspn(name, "]");
	return is_plain(name, len, pair->value) || pair->len == 0 ? err_of(ERR_OK)
	                                                          : bad_member(search, name, len);
}

struct err
input_image_form(struct call *call, struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		const char *rest;
		const char *field = form_file_field(input_image_names, form->pairs[i].name, &rest);
		struct search search = {call, field, &form->file};
		struct err err = field != NULL ? read_pair(&search, &form->pairs[i], rest) : err_of(ERR_OK);
		if (err.code != ERR_OK)
			return err;
	}
	return err_of(ERR_OK);
}

/* Reads the images of a creation: finds the texts that hold them, and then says which is which, as the
 * meaning of a name may depend on how many came under it. */
#include "api/input_image.h"

#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/data_image.h"
#include "base/config.h"
#include "base/json.h"
#include "domain/upload.h"
#include "web/form.h"

#define NAME(name, role, several) name,
const char *const input_image_names[] = {INPUT_IMAGE_NAMES(NAME) NULL};
#undef NAME

static const struct {
	enum image_role role;
	bool several;
} meanings[] = {
#define MEANING(name, role, several) {role, several},
    INPUT_IMAGE_NAMES(MEANING)
#undef MEANING
};
enum { NAMES = sizeof(meanings) / sizeof(meanings[0]) };

/* Images that are being looked for. */
struct search {
	struct call *call;
	size_t name;
	const char *field; /* the name that they come under */
	struct input_images *images;
};

/* Words of the neighbours that an image has in other calls of OpenAI's; they ask for nothing. */
static const char *const types[] = {"image_url", "input_image", "image", NULL};

static struct err
second_image(const char *field)
{
	return err_in_chinese(err_say(ERR_BAD_FIELD, field,
	                              "%s is a second image for the same place; only one can be sent.",
	                              field),
	                      "同一位置只能发送一张图片。");
}

static struct err
too_many(const char *field)
{
	return err_in_chinese(err_say(ERR_BAD_FIELD, field,
	                              "%s is one image too many; at most %d references can be sent.", field,
	                              LIMIT_REFERENCES),
	                      "参考图数量过多。");
}

static struct err
no_image(const struct search *search)
{
	return err_in_chinese(
	    err_say(ERR_BAD_FIELD, search->field,
	            "%s must be an image: a file, a data URL, or {\"image_url\": DATA_URL}.", search->field),
	    "图片须为文件、data URL 或 {\"image_url\": …}。");
}

static struct err
bad_member(const struct search *search, const char *name, size_t len)
{
	return err_in_chinese(err_say(ERR_BAD_FIELD, search->field,
	                              "%s[%.*s] cannot be used; send the image itself, as a file or a data "
	                              "URL in image_url.",
	                              search->field, len < 40 ? (int)len : 40, name),
	                      "图片不支持该成员，请直接发送图片（文件或 data URL）。");
}

static struct err
add(struct search *search, struct form_file *file)
{
	struct input_images *images = search->images;
	if (images->count == LIMIT_IMAGES)
		return too_many(search->field);
	images->list[images->count++] = (struct input_image){.file = file, .name = search->name};
	return err_of(ERR_OK);
}

static struct err
read_text(struct search *search, const char *text)
{
	struct form_file *file;
	const char *dir = upload_dir(search->call->arena, search->call->config->data);
	if (dir == NULL)
		return err_of(ERR_NO_MEMORY);
	struct err err = search->images->count == LIMIT_IMAGES
	                     ? too_many(search->field)
	                     : data_image_read(search->call, search->field, dir, text, &file);
	return err.code == ERR_OK ? add(search, file) : err;
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
		if (url && found)
			return second_image(search->field);
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
	struct err err = err_of(ERR_OK);
	for (const struct json *item = json_first(value); item != NULL && err.code == ERR_OK;
	     item = json_next(item))
		err = read_item(search, item);
	return err;
}

/* ---- which is which ---- */

static struct err
assign_roles(struct input_images *images)
{
	size_t of_name[NAMES] = {0}, of_role[IMAGE_ROLE__MAX] = {0};
	for (size_t i = 0; i < images->count; i++)
		of_name[images->list[i].name]++;
	for (size_t i = 0; i < images->count; i++) {
		struct input_image *image = &images->list[i];
		bool reference = meanings[image->name].several && of_name[image->name] > 1;
		image->role = reference ? IMAGE_REFERENCE : meanings[image->name].role;
		size_t most = image->role == IMAGE_REFERENCE ? LIMIT_REFERENCES : 1;
		if (++of_role[image->role] > most)
			return (most == 1 ? second_image : too_many)(input_image_names[image->name]);
	}
	return err_of(ERR_OK);
}

struct err
input_image_json(struct call *call, const struct json *object, struct input_images *ret_images)
{
	struct input_images images = {.count = 0};
	for (size_t i = 0; i < NAMES; i++) {
		struct search search = {call, i, input_image_names[i], &images};
		struct err err = read_value(&search, json_get(object, search.field));
		if (err.code != ERR_OK)
			return err;
	}
	struct err err = assign_roles(&images);
	if (err.code == ERR_OK)
		*ret_images = images;
	return err;
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

/* The place of a name that is one of them. */
static size_t
place_of(const char *name)
{
	size_t i = 0;
	while (strcmp(input_image_names[i], name) != 0)
		i++;
	return i;
}

/* Adds the files that came before text part `at`; moves on to the first one behind it. */
static struct err
add_files(struct call *call, struct input_images *images, size_t at, struct form_file **file)
{
	struct err err = err_of(ERR_OK);
	for (; *file != NULL && (*file)->at <= at && err.code == ERR_OK; *file = (*file)->next) {
		struct search search = {call, place_of((*file)->field), (*file)->field, images};
		err = add(&search, *file);
	}
	return err;
}

struct err
input_image_form(struct call *call, const struct form *form, struct input_images *ret_images)
{
	struct input_images images = {.count = 0};
	struct form_file *file = form->file;
	for (size_t i = 0; i < form->count; i++) {
		const char *rest;
		const char *field = form_file_field(input_image_names, form->pairs[i].name, &rest);
		struct err err = add_files(call, &images, i, &file);
		if (err.code == ERR_OK && field != NULL) {
			struct search search = {call, place_of(field), field, &images};
			err = read_pair(&search, &form->pairs[i], rest);
		}
		if (err.code != ERR_OK)
			return err;
	}
	struct err err = add_files(call, &images, form->count, &file);
	if (err.code == ERR_OK)
		err = assign_roles(&images);
	if (err.code == ERR_OK)
		*ret_images = images;
	return err;
}

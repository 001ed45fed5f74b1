/* Reads a form from a request: text parts into memory, files to disk, all of it bounded and in the request's
 * arena. */
#include "web/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "model/image.h"
#include "web/request.h"
#include "web/text.h"

enum { PIECE = 64 * 1024 };

struct reader {
	struct arena *arena;
	const char *const *file_fields;
	const char *dir;
	struct form form;
	struct form_file **files_end;
	size_t file_count;
	struct form_parser *parser;
	struct form_writer file;
	struct buf text;        /* the text part that is being read */
	size_t text_total;      /* bytes of all text parts, but for those of file fields */
	const char *name;       /* of the part that is being read */
	const char *file_field; /* its file field; NULL = it may not be a file */
	bool json;              /* it says that it is JSON */
	bool in_file;
	bool skipping; /* an empty file part, as browsers send for an empty input */
	char start[2]; /* of the body */
};

const char *
form_file_field(const char *const *fields, const char *name, const char **ret_rest)
{
	for (; fields != NULL && *fields != NULL; fields++) {
		size_t len = strlen(*fields);
		if (strncmp(name, *fields, len) != 0 || (name[len] != '\0' && name[len] != '['))
			continue;
		*ret_rest = name + len;
		return *fields;
	}
	return NULL;
}

/* ---- events ---- */

/* Begins to write the current part to a file. */
static struct err
begin_file(struct reader *reader)
{
	if (reader->file_field == NULL) {
		const char *name = utf8_count(reader->name, strlen(reader->name)) < 0 ? NULL : reader->name;
		return err_in_chinese(err_say(ERR_BAD_FIELD, name, "%s cannot be a file here.",
		                              name != NULL ? name : "This part"),
		                      "该字段不能是文件。");
	}
	if (reader->file_count++ == LIMIT_IMAGES)
		return err_in_chinese(err_say(ERR_BAD_FIELD, reader->file_field,
		                              "%s is one file too many; at most %d can be sent.",
		                              reader->file_field, LIMIT_IMAGES),
		                      "文件数量过多。");
	reader->in_file = true;
	reader->skipping = false;
	return form_writer_begin(&reader->file, reader->arena, reader->file_field, reader->dir);
}

/* Makes a file of the current text part where its first bytes are those of an image: some clients send one
 * without a file name. `before` is its length before the last piece: the check is made once. */
static struct err
detect_image(struct reader *reader, size_t before)
{
	struct buf *text = &reader->text;
	if (reader->file_field == NULL || before >= IMAGE_MAGIC || text->len < IMAGE_MAGIC ||
	    image_type((const uint8_t *)text->data, text->len) == NULL)
		return err_of(ERR_OK);
	struct err err = begin_file(reader);
	if (err.code == ERR_OK)
		err = form_writer_add(&reader->file, text->data, text->len);
	buf_clear(text);
	return err;
}

static struct err
on_begin(void *cookie, const char *name, const char *file_name, bool json)
{
	struct reader *reader = cookie;
	const char *rest;
	buf_clear(&reader->text);
	reader->skipping = false;
	reader->json = json;
	reader->file_field = form_file_field(reader->file_fields, name, &rest);
	reader->text.max = reader->file_field != NULL ? LIMIT_FORM_BODY : LIMIT_FORM_FIELD;
	reader->name = arena_strdup(reader->arena, name);
	if (reader->name == NULL)
		return err_of(ERR_NO_MEMORY);
	if (file_name == NULL)
		return err_of(ERR_OK);
	if (file_name[0] == '\0') {
		reader->skipping = true;
		return err_of(ERR_OK);
	}
	return begin_file(reader);
}

static struct err
on_data(void *cookie, const char *bytes, size_t len)
{
	struct reader *reader = cookie;
	if (reader->skipping) { /* it is not empty after all */
		struct err err = begin_file(reader);
		if (err.code != ERR_OK)
			return err;
	}
	if (reader->in_file)
		return form_writer_add(&reader->file, bytes, len);
	size_t before = reader->text.len;
	reader->text_total += reader->file_field != NULL ? 0 : len;
	if (reader->text_total > LIMIT_FORM_TEXT || !buf_add(&reader->text, bytes, len))
		return err_of(reader->text_total > LIMIT_FORM_TEXT || reader->text.full ? ERR_TOO_LARGE
		                                                                        : ERR_NO_MEMORY);
	return detect_image(reader, before);
}

/* Checks a text part. In the file's field it must have been meant as an image, of a type that is not known.
 */
static struct err
check_text(const struct reader *reader, const char *text, size_t len)
{
	if (utf8_count(reader->name, strlen(reader->name)) < 0)
		return err_in_chinese(err_say(ERR_BAD_FIELD, NULL, "The name of a field is not UTF-8 text."),
		                      "字段名不是 UTF-8 编码的文本。");
	struct err err = text_check(ERR_BAD_FIELD, reader->name, text, len);
	return err.code != ERR_OK && reader->file_field != NULL
	           ? err_say(ERR_BAD_IMAGE, reader->file_field, "%s", "")
	           : err;
}

/* What a text of JSON says: the string that it is, NULL where it is null; else the text itself, which its
 * field reads or refuses. */
static const char *
plain(struct arena *arena, const char *text, size_t *len)
{
	const struct json *value;
	if (json_parse(arena, text, *len, &value) != ERR_OK)
		return text;
	if (json_type(value) == JSON_NULL)
		return NULL;
	const char *string = json_string(value);
	*len = string != NULL ? strlen(string) : *len;
	return string != NULL ? string : text;
}

static struct err
on_end(void *cookie)
{
	struct reader *reader = cookie;
	if (reader->in_file) {
		struct form_file *file = form_writer_end(&reader->file);
		file->at = reader->form.count;
		*reader->files_end = file;
		reader->files_end = &file->next;
		reader->in_file = false;
		return err_of(ERR_OK);
	}
	if (reader->skipping)
		return err_of(ERR_OK);
	size_t len = reader->text.len;
	const char *text = text_skip_mark(buf_str(&reader->text), &len);
	struct err err = check_text(reader, text, len);
	if (err.code != ERR_OK)
		return err;
	if (reader->form.pairs == NULL)
		reader->form.pairs =
		    arena_alloc(reader->arena, LIMIT_FORM_PARTS * sizeof(*reader->form.pairs));
	const char *value = arena_strndup(reader->arena, text, len);
	if (reader->form.pairs == NULL || value == NULL)
		return err_of(ERR_NO_MEMORY);
	if (reader->json)
		value = plain(reader->arena, value, &len);
	if (value != NULL)
		reader->form.pairs[reader->form.count++] =
		    (struct field_pair){.name = reader->name, .value = value, .len = len};
	return err_of(ERR_OK);
}

/* ---- the whole ---- */

static struct err
read_all(struct request *request, struct reader *reader, char *piece)
{
	ssize_t got;
	while ((got = request_read(request, piece, PIECE)) > 0) {
		if (request->body_read > LIMIT_FORM_BODY)
			return err_of(ERR_TOO_LARGE);
		size_t before = request->body_read - (size_t)got;
		for (size_t i = before; i < sizeof(reader->start) && i < request->body_read; i++)
			reader->start[i] = piece[i - before];
		if (text_is_gzip(reader->start, sizeof(reader->start)))
			return err_of(ERR_BAD_CONTENT_ENCODING);
		struct err err = form_parser_feed(reader->parser, piece, (size_t)got);
		if (err.code != ERR_OK)
			return err;
	}
	if (got < 0)
		return err_say(ERR_BAD_REQUEST, NULL, "The body ended too early.");
	return form_parser_end(reader->parser);
}

struct err
form_read(struct request *request, const char *const *file_fields, const char *dir, struct form *ret_form)
{
	static const struct form_events events = {on_begin, on_data, on_end};
	if (!request_is_type(request, "multipart/form-data"))
		return err_say(ERR_BAD_CONTENT_TYPE, NULL, "The body must be multipart/form-data.");
	if (request->content_length > LIMIT_FORM_BODY)
		return err_of(ERR_TOO_LARGE);
	struct reader reader = {.arena = request->arena, .file_fields = file_fields, .dir = dir};
	reader.files_end = &reader.form.file;
	buf_init(&reader.text, LIMIT_FORM_FIELD);
	reader.parser = form_parser_new(request->content_type, &events, &reader);
	char *piece = malloc(PIECE);
	struct err err;
	if (reader.parser == NULL)
		err = err_say(ERR_BAD_FORM, NULL, "The form's Content-Type has no usable boundary.");
	else if (piece == NULL)
		err = err_of(ERR_NO_MEMORY);
	else
		err = read_all(request, &reader, piece);
	free(piece);
	form_parser_free(reader.parser);
	form_writer_done(&reader.file);
	buf_free(&reader.text);
	if (err.code == ERR_OK)
		*ret_form = reader.form;
	return err;
}

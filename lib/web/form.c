/* A form from a request: text parts in memory, the one file on disk, everything bounded and everything in the
 * request's arena. */
#include "web/form.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "web/request.h"

enum { PIECE = 64 * 1024, MAGIC = 12 };

struct reader {
	struct arena *arena;
	const char *file_field;
	const char *dir;
	struct form form;
	struct form_parser *parser;
	struct crypto_hash *hash; /* of the file that is being read */
	struct buf text;          /* the text part that is being read */
	size_t text_total;        /* bytes of all text parts */
	const char *name;         /* of the part that is being read */
	bool in_file;
	bool skipping; /* an empty file part, as browsers send for an empty input */
	uint8_t magic[MAGIC];
};

/* ---- the file ---- */

static void
close_file(void *cookie)
{
	struct form_file *file = cookie;
	if (file->fd >= 0)
		close(file->fd);
	if (file->path != NULL)
		unlink(file->path);
}

static struct err
open_file(struct reader *reader)
{
	struct form_file *file = arena_alloc(reader->arena, sizeof(*file));
	char *path = arena_printf(reader->arena, "%s/upload-XXXXXX", reader->dir);
	reader->hash = crypto_hash_new();
	if (file == NULL || path == NULL || reader->hash == NULL)
		return err_of(ERR_NO_MEMORY);
	file->fd = mkostemp(path, O_CLOEXEC);
	if (file->fd < 0)
		return err_of(errno == ENOSPC ? ERR_NO_SPACE : ERR_INTERNAL);
	file->path = path;
	if (!arena_defer(reader->arena, close_file, file))
		return err_of(ERR_NO_MEMORY);
	reader->form.file = file;
	reader->in_file = true;
	return err_of(ERR_OK);
}

static struct err
write_file(struct reader *reader, const char *bytes, size_t len)
{
	struct form_file *file = reader->form.file;
	if (file->size + (int64_t)len > LIMIT_IMAGE)
		return err_say(ERR_TOO_LARGE, reader->file_field, "%s must be at most %d bytes.",
		               reader->file_field, LIMIT_IMAGE);
	if (file->size < MAGIC) {
		size_t room = MAGIC - (size_t)file->size;
		memcpy(reader->magic + file->size, bytes, len < room ? len : room);
	}
	if (!file_write_all(file->fd, bytes, len))
		return err_of(errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_INTERNAL);
	crypto_hash_add(reader->hash, bytes, len);
	file->size += (int64_t)len;
	return err_of(ERR_OK);
}

static void
end_file(struct reader *reader)
{
	struct form_file *file = reader->form.file;
	crypto_hash_end(reader->hash, file->sha256);
	reader->hash = NULL;
	file->type = form_image_type(reader->magic, file->size < MAGIC ? (size_t)file->size : MAGIC);
	reader->in_file = false;
}

/* ---- events ---- */

static struct err
on_begin(void *cookie, const char *name, const char *file_name)
{
	struct reader *reader = cookie;
	buf_clear(&reader->text);
	reader->skipping = false;
	reader->name = arena_strdup(reader->arena, name);
	if (reader->name == NULL)
		return err_of(ERR_NO_MEMORY);
	if (file_name == NULL)
		return err_of(ERR_OK);
	if (file_name[0] == '\0') {
		reader->skipping = true;
		return err_of(ERR_OK);
	}
	if (reader->file_field == NULL || strcmp(name, reader->file_field) != 0)
		return err_say(ERR_BAD_FIELD, reader->file_field, "Only %s may be a file.",
		               reader->file_field != NULL ? reader->file_field : "no field");
	if (reader->form.file != NULL)
		return err_say(ERR_BAD_FIELD, reader->file_field, "%s is given twice.", reader->file_field);
	return open_file(reader);
}

static struct err
on_data(void *cookie, const char *bytes, size_t len)
{
	struct reader *reader = cookie;
	if (reader->in_file)
		return write_file(reader, bytes, len);
	if (reader->skipping)
		return err_say(ERR_BAD_FORM, NULL, "The form is broken: a file without a name.");
	reader->text_total += len;
	if (reader->text_total > LIMIT_FORM_TEXT || !buf_add(&reader->text, bytes, len))
		return err_of(reader->text_total > LIMIT_FORM_TEXT || reader->text.full ? ERR_TOO_LARGE
		                                                                        : ERR_NO_MEMORY);
	return err_of(ERR_OK);
}

static struct err
on_end(void *cookie)
{
	struct reader *reader = cookie;
	if (reader->in_file) {
		end_file(reader);
		return err_of(ERR_OK);
	}
	if (reader->skipping)
		return err_of(ERR_OK);
	const char *text = buf_str(&reader->text);
	size_t len = reader->text.len;
	if (memchr(text, '\0', len) != NULL || utf8_count(text, len) < 0 ||
	    utf8_count(reader->name, strlen(reader->name)) < 0)
		return err_say(ERR_BAD_FIELD, NULL, "A field of the form is not UTF-8 text without NUL.");
	if (reader->form.pairs == NULL)
		reader->form.pairs =
		    arena_alloc(reader->arena, LIMIT_FORM_PARTS * sizeof(*reader->form.pairs));
	char *copy = arena_strndup(reader->arena, text, len);
	if (reader->form.pairs == NULL || copy == NULL)
		return err_of(ERR_NO_MEMORY);
	reader->form.pairs[reader->form.count++] =
	    (struct field_pair){.name = reader->name, .value = copy, .len = len};
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
		struct err err = form_parser_feed(reader->parser, piece, (size_t)got);
		if (err.code != ERR_OK)
			return err;
	}
	if (got < 0)
		return err_say(ERR_BAD_REQUEST, NULL, "The body ended too early.");
	return form_parser_end(reader->parser);
}

struct err
form_read(struct request *request, const char *file_field, const char *dir, struct form *ret_form)
{
	static const struct form_events events = {on_begin, on_data, on_end};
	if (!request_is_type(request, "multipart/form-data"))
		return err_say(ERR_BAD_CONTENT_TYPE, NULL, "The body must be multipart/form-data.");
	if (request->content_length > LIMIT_FORM_BODY)
		return err_of(ERR_TOO_LARGE);
	struct reader reader = {.arena = request->arena, .file_field = file_field, .dir = dir};
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
	crypto_hash_end(reader.hash, NULL);
	buf_free(&reader.text);
	if (err.code == ERR_OK)
		*ret_form = reader.form;
	return err;
}

enum err_code
form_keep(struct form_file *file, const char *path)
{
	enum err_code err = file_settle(file->fd, file->path, path);
	if (err == ERR_OK)
		file->path = NULL;
	return err;
}

const char *
form_image_type(const uint8_t *bytes, size_t len)
{
	static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
	if (len >= sizeof(png) && memcmp(bytes, png, sizeof(png)) == 0)
		return "image/png";
	if (len >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
		return "image/jpeg";
	if (len >= MAGIC && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0)
		return "image/webp";
	return NULL;
}

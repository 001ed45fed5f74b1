/* Writes the one file of a form to disk: counts and hashes the bytes, and tells the type by the first of
 * them. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "model/image.h"
#include "web/form.h"

static void
close_file(void *cookie)
{
	struct form_file *file = cookie;
	if (file->fd >= 0)
		close(file->fd);
	if (file->path != NULL)
		unlink(file->path);
}

struct err
form_writer_begin(struct form_writer *writer, struct arena *arena, const char *field, const char *dir)
{
	struct form_file *file = arena_alloc(arena, sizeof(*file));
	char *path = arena_printf(arena, "%s/upload-XXXXXX", dir);
	*writer = (struct form_writer){.field = field, .hash = crypto_hash_new()};
	if (file == NULL || path == NULL || writer->hash == NULL)
		return err_of(ERR_NO_MEMORY);
	file->fd = mkostemp(path, O_CLOEXEC);
	if (file->fd < 0)
		return err_of(file_error());
	file->path = path;
	file->field = field;
	if (!arena_defer(arena, close_file, file))
		return err_of(ERR_NO_MEMORY);
	writer->file = file;
	return err_of(ERR_OK);
}

struct err
form_writer_add(struct form_writer *writer, const void *bytes, size_t len)
{
	struct form_file *file = writer->file;
	if (file->size + (int64_t)len > LIMIT_IMAGE)
		return err_say(ERR_TOO_LARGE, writer->field, "%s must be at most %d bytes.", writer->field,
		               LIMIT_IMAGE);
	if (file->size < IMAGE_MAGIC) {
		size_t room = IMAGE_MAGIC - (size_t)file->size;
		memcpy(writer->magic + file->size, bytes, len < room ? len : room);
	}
	if (!file_write_all(file->fd, bytes, len))
		return err_of(file_error());
	crypto_hash_add(writer->hash, bytes, len);
	file->size += (int64_t)len;
	return err_of(ERR_OK);
}

struct form_file *
form_writer_end(struct form_writer *writer)
{
	struct form_file *file = writer->file;
	crypto_hash_end(writer->hash, file->sha256);
	writer->hash = NULL;
	file->type = image_type(writer->magic, file->size < IMAGE_MAGIC ? (size_t)file->size : IMAGE_MAGIC);
	return file;
}

void
form_writer_done(struct form_writer *writer)
{
	crypto_hash_end(writer->hash, NULL);
	writer->hash = NULL;
}

enum err_code
form_keep(struct form_file *file, const char *path)
{
	enum err_code err = file_commit(file->fd, file->path, path);
	if (err == ERR_OK)
		file->path = NULL;
	return err;
}

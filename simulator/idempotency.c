/* Idempotency keys on disk: see idempotency.h. A key's file is made before its job, so that two submissions
 * at the same time cannot both make one; the job's id is written into it when the job is. */
#include "idempotency.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"
#include "job.h"

static const char *
path_of(struct arena *arena, const char *dir, const char *key)
{
	uint8_t digest[CRYPTO_HASH_SIZE];
	char text[2 * CRYPTO_HASH_SIZE + 1];
	crypto_sha256(key, strlen(key), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return arena_printf(arena, "%s/jobs/%s.key", dir, text);
}

static enum err_code
load(struct arena *arena, const char *dir, const char *path, struct job *ret_job)
{
	struct buf id;
	buf_init(&id, LIMIT_WORD);
	enum err_code err = file_read(path, &id);
	if (err == ERR_OK)
		err = id.len == 0 ? ERR_CONFLICT : job_load(arena, dir, buf_str(&id), ret_job);
	buf_free(&id);
	return err;
}

enum err_code
idempotency_accept(struct arena *arena, const char *dir, const struct job_input *input, struct job *ret_job)
{
	if (input->idempotency_key == NULL)
		return job_accept(arena, dir, input, ret_job);
	const char *path = path_of(arena, dir, input->idempotency_key);
	if (path == NULL)
		return ERR_NO_MEMORY;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return load(arena, dir, path, ret_job);
	enum err_code err = job_accept(arena, dir, input, ret_job);
	if (err == ERR_OK && !file_write_all(fd, ret_job->id, strlen(ret_job->id)))
		err = ERR_NO_SPACE;
	close(fd);
	if (err != ERR_OK)
		unlink(path);
	return err;
}

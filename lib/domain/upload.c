/* Reference images: see upload.h. */
#include "domain/upload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"

#define DIR "%s/uploads"

char *
upload_dir(struct arena *arena, const char *data)
{
	return arena_printf(arena, DIR, data);
}

char *
upload_path(struct arena *arena, const char *data, const char *name)
{
	return arena_printf(arena, DIR "/%s", data, name);
}

bool
upload_make_dir(const char *data)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), DIR, data);
	if (file_make_dir(path))
		return true;
	log_error("%s: %s", path, strerror(errno));
	return false;
}

void
upload_remove(const char *data, const char *name)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof(path), DIR "/%s", data, name) < (int)sizeof(path))
		unlink(path);
}

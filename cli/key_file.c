/* Keys in files: see key_file.h. */
#include "key_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/limits.h"
#include "cli.h"
#include "model/channel_row.h"
#include "password.h"

enum { NAME_MOST = 64 };

/* DATA/keys, absolute; NULL where the data directory is missing or memory is short. */
static const char *
folder_of(const struct cli_call *call, struct arena *arena)
{
	char data[PATH_MAX];

	return realpath(call->data, data) ? arena_printf(arena, "%s/keys", data) : NULL;
}

/* True for one word of printable ASCII, as a header can hold. */
static bool
is_secret(const char *line)
{
	for (const char *c = line; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return *line != '\0';
}

const char *
key_file_keep(const struct cli_call *call, const char *secret, struct arena *arena)
{
	const char *name = call->operands[0], *folder = folder_of(call, arena);
	char id[IDS_SHORT_SIZE], why[512];

	ids_short(id);
	const char *path =
	    folder ? arena_printf(arena, "%s/%s-%s", folder, ids_is_word(name, NAME_MOST) ? name : "key", id)
	           : NULL;
	if (path == NULL || !file_make_dir(folder) ||
	    file_write_whole(path, secret, strlen(secret)) != ERR_OK) {
		access_explain(folder ? folder : call->data, errno, why, sizeof(why));
		cli_fail("cannot write the key: %s", why);
		return NULL;
	}
	return path;
}

const char *
key_file_take(const struct cli_call *call, const char *prompt, struct arena *arena)
{
	char line[LIMIT_SECRET + 2];

	if (!password_ask(prompt, line, sizeof(line)) || !is_secret(line)) {
		cli_fail(
		    "standard input holds no key: it must be one line of printable ASCII without blanks.");
		return NULL;
	}
	const char *path = key_file_keep(call, line, arena);
	explicit_bzero(line, sizeof(line));
	return path;
}

static void
remove_if_ours(const char *folder, const char *source)
{
	size_t len = strlen(folder);

	if (source && strncmp(source, "file:", 5) == 0 && strncmp(source + 5, folder, len) == 0 &&
	    source[5 + len] == '/' && !strchr(source + 6 + len, '/'))
		unlink(source + 5);
}

void
key_file_drop(const struct cli_call *call, const struct channel_row *row, struct arena *arena)
{
	const char *folder = folder_of(call, arena);

	for (size_t i = 0; folder && i < row->key_count; i++)
		remove_if_ours(folder, row->keys[i]);
	if (folder)
		remove_if_ours(folder, row->webhook);
}

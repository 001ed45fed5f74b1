/* longreel backup: a consistent copy of the database, made while everything runs. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli.h"
#include "store/database.h"
#include "store/store.h"

/* Where the file is to be; "" when memory is short. */
static const char *
folder_of(const char *file, struct arena *arena)
{
	char *copy = arena_strdup(arena, file);
	return copy != NULL ? dirname(copy) : "";
}

static int
backup(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *file = call->operands[0];

	enum err_code err = store_backup(store, file);
	if (err == ERR_CONFLICT)
		return cli_fail("%s exists already; name a new file.", file);
	if (err == ERR_INTERNAL && access(folder_of(file, arena), W_OK) < 0)
		return cli_fail("%s was not written: %s", file, strerror(errno));
	if (err != ERR_OK)
		return cli_fail("%s was not written: %s", file, err_text(err, "en"));
	printf("%s written\n", file);
	return cli_finish();
}

int
cli_backup(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, backup);
}

/* longreel backup: a consistent copy of the database, made while everything runs. */
#include <stdio.h>

#include "base/err.h"
#include "cli.h"

static int
backup(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *file = call->operands[0];

	(void)arena;
	enum err_code err = store_backup(store, file);
	if (err == ERR_CONFLICT)
		return cli_fail("%s exists already; name a new file.", file);
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

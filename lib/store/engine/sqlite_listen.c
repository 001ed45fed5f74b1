/* Notices by a bell beside the database, which commits ring, as SQLite has none for other processes. */
#include <stdlib.h>
#include <unistd.h>

#include "base/bell.h"
#include "store/engine/sqlite.h"

enum err_code
sqlite_listen(const char *data, void **ret_listener)
{
	int *bell = malloc(sizeof(*bell));
	if (bell == NULL)
		return ERR_NO_MEMORY;
	*bell = bell_listen(data);
	if (*bell < 0) {
		free(bell);
		return ERR_INTERNAL;
	}
	*ret_listener = bell;
	return ERR_OK;
}

int
sqlite_listen_fd(void *listener)
{
	const int *bell = listener;
	return *bell;
}

void
sqlite_drain(void *listener)
{
	const int *bell = listener;
	bell_drain(*bell);
}

void
sqlite_unlisten(void *listener)
{
	int *bell = listener;
	close(*bell);
	free(bell);
}

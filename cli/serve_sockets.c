/* `longreel serve --sockets DIR`: the programs and the poller without lighttpd, for a web server that speaks
 * FastCGI. Each program listens at DIR/NAME.sock. */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "cli.h"
#include "serve.h"

enum { MODE_FOLDER = 0755, MODE_SOCKET = 0660 };

bool
serve_sockets_open(struct serve *serve)
{
	const struct cli_call *call = serve->call;
	const char *dir = call->sockets;

	if (call->listen != NULL || call->port >= 0 || call->cgi || call->simulator) {
		cli_fail(
		    "--sockets is for another web server: there is no address, no CGI and no simulator.");
		return false;
	}
	/* The web server must get through it; who may connect, the sockets themselves say. */
	bool made = mkdir(dir, MODE_FOLDER) == 0 && chmod(dir, MODE_FOLDER) == 0;
	char *path = made || errno == EEXIST ? realpath(dir, NULL) : NULL;
	serve->sockets = path != NULL ? arena_strdup(serve->arena, path) : NULL;
	if (serve->sockets == NULL)
		cli_fail("cannot make %s: %s", dir, strerror(errno));
	free(path);
	return serve->sockets != NULL;
}

int
serve_socket(struct serve *serve, const char *name)
{
	const char *path = arena_printf(serve->arena, "%s/%s.sock", serve->sockets, name);
	const char *named = serve->config->archive_group;
	const struct group *group = *named != '\0' ? getgrnam(named) : NULL;

	if (path == NULL)
		return -1;
	if (*named != '\0' && group == NULL) {
		cli_fail("archive_group: there is no group %s.", named);
		return -1;
	}
	int fd = listen_shared(path, MODE_SOCKET, group != NULL ? group->gr_gid : getegid());
	serve->sockets_made += fd >= 0;
	return fd;
}

/* They were made in the order of the programs. */
void
serve_sockets_close(const struct serve *serve)
{
	int left = serve->sockets_made;

	for (const char *const *name = lighttpd_programs(); *name && left > 0; name++) {
		const char *path = arena_printf(serve->arena, "%s/%s.sock", serve->sockets, *name);

		if (path != NULL && strcmp(*name, "simulator") != 0) {
			unlink(path);
			left--;
		}
	}
}

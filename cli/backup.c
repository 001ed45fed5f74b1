/* longreel backup: a consistent copy of the database, made while everything runs. When root backs up an
 * instance of another user, a child makes the copy in the data directory as that user, and root only writes
 * it to the wanted file, where that user may not be allowed to write. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backup_all.h"
#include "base/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/owner.h"
#include "cli.h"
#include "store/database.h"
#include "store/store.h"

enum { PIECE = 64 * 1024 };

/* The folder of the file; "" when memory is short. */
static const char *
folder_of(const char *file, struct arena *arena)
{
	char *copy = arena_strdup(arena, file);
	return copy != NULL ? dirname(copy) : "";
}

/* Makes the copy in `file`, which messages call call->operands[0]. On failure says why and returns false. */
static bool
copy_to(const struct cli_call *call, struct store *store, struct arena *arena, const char *file)
{
	const char *named = call->operands[0], *folder = folder_of(file, arena);
	char why[512];

	enum err_code err = store_backup(store, file, NULL, NULL);
	if (err == ERR_OK)
		return true;
	if (err == ERR_CONFLICT) {
		cli_fail("%s exists already; name a new file.", named);
	} else if (err == ERR_INTERNAL && access(folder, W_OK) < 0) {
		access_explain(folder, errno, why, sizeof(why));
		cli_fail("cannot write %s: %s", named, why);
	} else {
		cli_fail("cannot write %s: %s", named, err_text(err, "en"));
	}
	return false;
}

static int
report(const struct cli_call *call)
{
	printf("%s written\n", call->operands[0]);
	return cli_finish();
}

static int
backup(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return copy_to(call, store, arena, call->operands[0]) ? report(call) : CLI_FAILED;
}

/* ---- by root ---- */

static bool
append_file(const char *from, int to)
{
	char piece[PIECE];
	ssize_t got = -1;

	int fd = open(from, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, piece, sizeof(piece))) > 0) {
		if (!file_write_all(to, piece, (size_t)got)) {
			got = -1;
			break;
		}
	}
	if (fd >= 0)
		close(fd);
	return got == 0 && fsync(to) == 0;
}

/* Runs as the owner, with root's file on standard output. */
static int
backup_through(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *dir = arena_printf(arena, "%s/tmp", call->data);
	const char *file = arena_printf(arena, "%s/tmp/backup-%ld", call->data, (long)getpid());

	if (dir == NULL || file == NULL || !file_make_dir(dir))
		return cli_fail("%s: %s", dir ? dir : call->data, strerror(errno));
	unlink(file); /* left by a process that was killed */
	bool good = copy_to(call, store, arena, file);
	if (good && !append_file(file, STDOUT_FILENO)) {
		good = false;
		cli_fail("cannot write %s: %s", call->operands[0], strerror(errno));
	}
	unlink(file);
	return good ? CLI_DONE : CLI_FAILED;
}

static int
backup_as_owner(const struct cli_call *call)
{
	const char *file = call->operands[0];
	int status = 0;

	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return cli_fail("%s exists already; name a new file.", file);
	if (fd < 0)
		return cli_fail("cannot write %s: %s", file, strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		bool ours = dup2(fd, STDOUT_FILENO) >= 0 && cli_become_owner(call->data);
		_exit(ours ? cli_with_store(call, STORE_WRITE, backup_through) : CLI_FAILED);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(fd);
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == CLI_DONE &&
	    file_sync_dir_of(file) == ERR_OK)
		return report(call);
	unlink(file);
	return CLI_FAILED;
}

int
cli_backup(const struct cli_call *call)
{
	if (call->all)
		return backup_all(call);
	if (call->no_archive)
		return cli_fail("--no-archive is for --all: without it the database alone is copied.");
	return owner_differs(call->data) ? backup_as_owner(call) : cli_with_store(call, STORE_WRITE, backup);
}

/* longreel restore: checks a whole backup and makes an instance of it, in a data directory that holds none.
 *
 * All is unpacked into DATA/tmp/restore and checked there; then it is moved into its places, the database
 * last: what was begun and not ended is no instance, and a start refuses it. Root makes the directory, and
 * the rest is done as its owner. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backup_hold.h"
#include "backup_write.h"
#include "base/access.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/tar.h"
#include "cli.h"
#include "instance.h"
#include "store/channel.h"
#include "store/database.h"
#include "store/store.h"
#include "unpack.h"

#define STAGE "tmp/restore"
#define COPY  "copy.db" /* in there */

struct restore {
	const struct cli_call *call;
	struct arena *arena;
	struct tar tar;
	pid_t reader; /* the process that reads a folder; 0 = none */
	struct manifest manifest;
	struct instance instance;
	bool made; /* DATA */
};

/* ---- the source ---- */

/* A folder is read by a child, with the rights that this process has now. */
static bool
open_folder(struct restore *restore, const char *folder)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || (restore->reader = fork()) < 0) {
		cli_fail("cannot start: %s", strerror(errno));
		return false;
	}
	if (restore->reader == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		_exit(backup_of_folder(folder, ends[1]) ? CLI_DONE : CLI_FAILED);
	}
	close(ends[1]);
	restore->tar.fd = ends[0];
	return true;
}

static bool
open_source(struct restore *restore)
{
	const char *from = restore->call->operands[0];
	struct stat st;

	restore->tar.fd = strcmp(from, "-") == 0 ? STDIN_FILENO : open(from, O_RDONLY | O_CLOEXEC);
	if (restore->tar.fd < 0 || fstat(restore->tar.fd, &st) < 0) {
		cli_fail("cannot read %s: %s", from, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode))
		return true;
	close(restore->tar.fd);
	restore->tar.fd = -1;
	return open_folder(restore, from);
}

static void
close_source(struct restore *restore)
{
	if (restore->tar.fd > STDIN_FILENO)
		close(restore->tar.fd);
	if (restore->reader > 0)
		waitpid(restore->reader, NULL, 0);
}

/* ---- where it goes ---- */

/* True for a folder in `dir` that is empty. */
static bool
is_empty(DIR *dir, const char *name)
{
	const struct dirent *entry;
	bool empty = true;

	int fd = openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *inner = fd >= 0 ? fdopendir(fd) : NULL;
	if (inner == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (empty && (entry = readdir(inner)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(inner);
	return empty;
}

/* True for a folder that holds nothing but what a restore leaves that has failed, or was killed. */
static bool
is_vacant(const char *data)
{
	static const char *const fine[] = {".", "..", "lost+found", "run", "tmp", "lock"};
	const struct dirent *entry;
	bool vacant = true;

	DIR *dir = opendir(data);
	if (dir == NULL)
		return errno == ENOENT;
	while (vacant && (entry = readdir(dir)) != NULL) {
		vacant = strcmp(entry->d_name, "uploads") == 0 && is_empty(dir, entry->d_name);
		for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++)
			vacant = vacant || strcmp(entry->d_name, fine[i]) == 0;
	}
	closedir(dir);
	return vacant;
}

static bool
may_go_to(const char *data)
{
	char address[128];

	if (instance_served(data, address, sizeof(address)))
		cli_fail("%s is served at this moment; nothing is restored into an instance that runs.",
		         data);
	else if (!is_vacant(data))
		cli_fail("%s holds an instance, or other things; stop what serves it, and move it away: mv "
		         "%s %s.old",
		         data, data, data);
	else
		return true;
	return false;
}

/* The user that DATA is to belong to; NULL = as it is, or whose this process is. */
static bool
find_owner(const struct restore *restore, const struct passwd **ret_user)
{
	const char *named = restore->call->user, *name = named ? named : restore->manifest.owner;
	struct stat st;

	*ret_user = NULL;
	if (geteuid() != 0) {
		if (named != NULL)
			cli_fail("only root can restore for another user.");
		return named == NULL;
	}
	if (named == NULL && ((stat(restore->call->data, &st) == 0 && st.st_uid != 0) || *name == '\0'))
		return true;
	*ret_user = getpwnam(name);
	if (*ret_user == NULL)
		cli_fail("there is no user %s here; make one, or name another with --user.", name);
	return *ret_user != NULL;
}

/* Makes DATA, whose parent is there, and becomes its owner. */
static bool
enter(struct restore *restore)
{
	const char *data = restore->call->data;
	const struct passwd *user;
	struct stat st;

	if (!may_go_to(data) || !find_owner(restore, &user))
		return false;
	restore->made = stat(data, &st) < 0;
	if (!file_make_dir(data) || (user != NULL && chown(data, user->pw_uid, user->pw_gid) < 0)) {
		cli_fail("cannot make %s: %s", data, strerror(errno));
		return false;
	}
	return cli_become_owner(data) && instance_open(data, restore->arena, &restore->instance) == 0;
}

/* ---- the database ---- */

/* The same secret where this DATA is; NULL where it lies elsewhere. */
static const char *
moved(const struct restore *restore, const char *source)
{
	const char *from = arena_printf(restore->arena, "file:%s/keys/", restore->manifest.data);

	if (from == NULL || source == NULL || strncmp(source, from, strlen(from)) != 0)
		return NULL;
	return arena_printf(restore->arena, "file:%s/keys/%s", restore->instance.data, source + strlen(from));
}

/* Names the channel's secrets where they are now. Its keys are added anew, the oldest first. */
static enum err_code
move_channel(const struct restore *restore, struct store *store, struct channel_row *row)
{
	enum err_code err = ERR_OK;

	for (size_t i = row->key_count; i > 0 && err == ERR_OK; i--) {
		const char *old = row->keys[i - 1], *now = moved(restore, old);
		if (now != NULL && strcmp(now, old) != 0)
			err = store_channel_drop_key(store, row->name, old);
		if (err == ERR_OK)
			err = store_channel_add_key(store, row->name, now != NULL ? now : old);
	}
	const char *webhook = moved(restore, row->webhook);
	if (err != ERR_OK || webhook == NULL)
		return err;
	row->webhook = webhook;
	return store_channel_put(store, row);
}

static enum err_code
move_channels(const struct restore *restore, struct store *store)
{
	struct channel_row *rows = NULL;
	size_t count = 0;

	if (strcmp(restore->manifest.data, restore->instance.data) == 0)
		return ERR_OK;
	enum err_code err = store_channels_all(store, restore->arena, &rows, &count);
	if (err == ERR_OK)
		err = store_begin(store, STORE_DURABLE);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		if (rows[i].key_count > 0 || rows[i].webhook != NULL)
			err = move_channel(restore, store, &rows[i]);
	return store_end(store, err);
}

static bool
goes_on(void *cookie)
{
	return !hold_stopped(cookie);
}

/* Checks the database, brings it up to date, and copies it, which gives it an epoch of its own: a backup that
 * is restored twice is two databases. */
static bool
check_database(const struct restore *restore)
{
	struct store *store = NULL;
	const char *why = NULL;

	enum err_code err = store_open(STAGE, STORE_MIGRATE, &store);
	if (err == ERR_OK)
		err = store_check(store, restore->arena, &why);
	if (err == ERR_OK)
		err = move_channels(restore, store);
	if (err == ERR_OK)
		err = store_backup(store, STAGE "/" COPY, goes_on, NULL);
	store_close(store);
	if (err != ERR_OK)
		cli_fail("the backup's database cannot be used: %s", why != NULL ? why : err_text(err, "en"));
	return err == ERR_OK;
}

/* ---- the rest ---- */

/* Gives what was unpacked its place; an empty folder there gives way. Moves take no room: what could fail for
 * want of it has been done. */
static bool
place(const struct restore *restore, const char *name, const char *as)
{
	const char *from = arena_printf(restore->arena, STAGE "/%s", name);

	if (from == NULL || (rename(from, as) < 0 && errno != ENOENT)) {
		cli_fail("cannot put %s in its place: %s", name, strerror(errno));
		return false;
	}
	return true;
}

static bool
place_files(const struct restore *restore)
{
	static const char *const names[] = {"link.key", "archive.mark", "keys",   "dialects",
	                                    "offers",   "archive",      "uploads"};
	const char *machine = config_of_machine(restore->arena);
	bool other = machine != NULL && access(machine, F_OK) == 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!place(restore, names[i], names[i]))
			return false;
	if (machine == NULL ||
	    !place(restore, "longreel.conf", other ? "longreel.conf.restored" : "longreel.conf"))
		return false;
	if (other && access("longreel.conf.restored", F_OK) == 0)
		fprintf(stderr,
		        "longreel: this machine has %s; that of the backup is %s/longreel.conf.restored.\n",
		        machine, restore->instance.data);
	sync();
	return place(restore, COPY, "longreel.db") && file_sync_dir_of("longreel.db") == ERR_OK;
}

static void
report(const struct restore *restore)
{
	char when[CLOCK_TEXT_SIZE];

	clock_text(restore->manifest.created_at, when);
	printf("%s restored: a backup of %s, made at %s by longreel %s\n", restore->instance.data,
	       restore->manifest.data, when, restore->manifest.version);
	for (const char **one = restore->manifest.outside; *one != NULL; one++)
		if (access(*one, F_OK) < 0)
			fprintf(stderr, "longreel: it does not hold %s, which a channel needs.\n", *one);
}

static bool
restore_all(struct restore *restore)
{
	if (!unpack_manifest(&restore->tar, restore->arena, &restore->manifest) || !enter(restore))
		return false;
	if (!hold_remove_tree(STAGE) || !file_make_dir(STAGE)) {
		cli_fail("cannot make %s/" STAGE ": %s", restore->instance.data, strerror(errno));
		return false;
	}
	return unpack_rest(&restore->tar, &restore->manifest, STAGE) && check_database(restore) &&
	       place_files(restore);
}

int
cli_restore(const struct cli_call *call)
{
	struct restore restore = {
	    .call = call, .arena = arena_new(), .tar = {.fd = -1}, .instance = {.lock = -1}};
	sigset_t set;

	umask(077);
	hold_signals(&set);
	if (restore.arena == NULL || !crypto_open())
		return cli_fail("not enough memory, or no random numbers from the system.");
	bool good = may_go_to(call->data) && open_source(&restore) && restore_all(&restore);
	if (restore.instance.lock >= 0) {
		hold_remove_tree(STAGE);
		if (!good && restore.made)
			hold_remove_tree(restore.instance.data);
	}
	close_source(&restore);
	if (good)
		report(&restore);
	instance_close(&restore.instance);
	arena_free(restore.arena);
	return good ? cli_finish() : CLI_FAILED;
}

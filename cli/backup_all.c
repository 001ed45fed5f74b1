/* longreel backup --all: all of an instance, into a file of tar or a folder, while everything runs.
 *
 * A child writes the stream as the owner of DATA; this process, which may be root's, only writes it to where
 * it was wanted, or unpacks it there. Nothing that the database names may be missing:
 *
 * 1. all images and videos are held (backup_hold.h), which takes its time;
 * 2. the one writer's place is taken: what came since is held, too; what is small is copied; and a snapshot
 * of the database begins. Then writers go on, after some ms;
 * 3. the snapshot is copied, and all is written. What is deleted meanwhile is held.
 */
#include "backup_all.h"

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
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/tar.h"
#include "cli.h"
#include "domain/settings.h"
#include "store/channel.h"
#include "store/database.h"
#include "store/store.h"
#include "unpack.h"
#include "version.h"

enum { SMALL_FILE_MAX = 4 * 1024 * 1024 /* bytes of a key, a profile, a configuration */ };

static const char *const small_folders[] = {"keys", "dialects", "offers"};

struct whole {
	const struct cli_call *call;
	struct arena *arena;
	struct hold hold;
	struct jsonw outside; /* the list of what is named and lies elsewhere */
	struct buf manifest;
};

/* ---- what is small ---- */

static const char *
in_stage(const struct whole *whole, const char *name)
{
	const char *path = arena_printf(whole->arena, "%s/%s", whole->hold.stage, name);
	return path != NULL ? path : "";
}

static const char *
in_data(const struct whole *whole, const char *name)
{
	const char *path = arena_printf(whole->arena, "%s/%s", whole->hold.data, name);
	return path != NULL ? path : "";
}

/* Copies a file into the stage; an absent one is fine. */
static bool
copy_small(const struct whole *whole, const char *from, const char *name)
{
	struct buf text;

	buf_init(&text, SMALL_FILE_MAX);
	enum err_code err = file_read(from, &text);
	int why = errno;
	if (err == ERR_OK)
		err = file_write_whole(in_stage(whole, name), buf_str(&text), text.len);
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_free(&text);
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		return true;
	cli_fail("cannot copy %s: %s", from, err == ERR_INTERNAL ? strerror(why) : err_text(err, "en"));
	return false;
}

static bool
copy_small_folder(const struct whole *whole, const char *name)
{
	const struct dirent *entry;
	struct stat st;
	const char *from = in_data(whole, name);
	bool good = true;

	DIR *dir = opendir(from);
	if (dir == NULL && errno == ENOENT)
		return true;
	if (dir == NULL || !file_make_dir(in_stage(whole, name))) {
		cli_fail("cannot copy %s: %s", from, strerror(errno));
		good = false;
	}
	while (good && (entry = readdir(dir)) != NULL) {
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) < 0 || !S_ISREG(st.st_mode))
			continue;
		const char *path = arena_printf(whole->arena, "%s/%s", from, entry->d_name);
		const char *inside = arena_printf(whole->arena, "%s/%s", name, entry->d_name);
		good = path != NULL && inside != NULL && copy_small(whole, path, inside);
	}
	if (dir != NULL)
		closedir(dir);
	return good;
}

static bool
copy_small_ones(const struct whole *whole)
{
	const char *machine = config_of_machine(whole->arena), *own = in_data(whole, "longreel.conf");

	for (size_t i = 0; i < sizeof(small_folders) / sizeof(*small_folders); i++)
		if (!copy_small_folder(whole, small_folders[i]))
			return false;
	return machine != NULL &&
	       copy_small(whole, access(own, F_OK) == 0 ? own : machine, "longreel.conf") &&
	       copy_small(whole, in_data(whole, "link.key"), "link.key") &&
	       (whole->hold.archive == NULL ||
	        copy_small(whole, in_data(whole, "archive.mark"), "archive.mark"));
}

/* ---- what lies elsewhere ---- */

/* Notes a secret of `whose` that is not in DATA/keys, "file:/path" or "env:NAME". */
static void
note_source(struct whole *whole, const char *whose, const char *source)
{
	const char *keys = in_data(whole, "keys/");
	bool in_file = source != NULL && strncmp(source, "file:", 5) == 0;

	if (source == NULL || (in_file && strncmp(source + 5, keys, strlen(keys)) == 0))
		return;
	const char *what = in_file ? source + 5 : strchr(source, ':') ? strchr(source, ':') + 1 : source;
	jsonw_string(&whole->outside, NULL, what);
	fprintf(stderr, "longreel: not in the backup, keep it yourself: %s%s (of the channel %s)\n",
	        in_file ? "" : "the variable ", what, whose);
}

static bool
note_outside(struct whole *whole, struct store *reader)
{
	struct channel_row *rows = NULL;
	size_t count = 0;
	char why[512];

	enum err_code err = store_channels_all(reader, whole->arena, &rows, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		for (size_t k = 0; k < rows[i].key_count; k++)
			note_source(whole, rows[i].name, rows[i].keys[k]);
		note_source(whole, rows[i].name, rows[i].webhook);
	}
	struct config *config = settings_load(whole->hold.data, NULL, why, sizeof(why));
	const char *files = config != NULL
	                        ? arena_printf(whole->arena, "%s %s", config->upstream_old_key_files,
	                                       config->upstream_webhook_secret_file)
	                        : "";
	char *rest = NULL, *list = arena_strdup(whole->arena, files != NULL ? files : "");
	for (char *file = list != NULL ? strtok_r(list, " \t", &rest) : NULL; file != NULL;
	     file = strtok_r(NULL, " \t", &rest)) {
		const char *source = arena_printf(whole->arena, "file:%s", file);
		note_source(whole, "default", source);
	}
	config_free(config);
	if (err != ERR_OK)
		cli_fail("cannot read the channels: %s", err_text(err, "en"));
	return err == ERR_OK;
}

/* ---- the database ---- */

/* Under the one writer's place. */
static bool
hold_all(struct whole *whole, struct store *reader)
{
	if (!hold_files(&whole->hold, whole->arena) || !copy_small_ones(whole))
		return false;
	return store_snapshot(reader) == ERR_OK && note_outside(whole, reader);
}

static bool
goes_on(void *cookie)
{
	return !hold_stopped(cookie);
}

static bool
copy_database(struct whole *whole, struct store *writer, struct store *reader)
{
	if (!hold_files(&whole->hold, whole->arena))
		return false;
	enum err_code err = store_begin(writer, STORE_RELAXED);
	if (err != ERR_OK) {
		cli_fail("the database: %s", err_text(err, "en"));
		return false;
	}
	bool held = hold_all(whole, reader);
	store_rollback(writer);
	if (!held)
		return false;
	err = store_backup(reader, in_stage(whole, "longreel.db"), goes_on, NULL);
	store_snapshot_end(reader);
	if (err != ERR_OK)
		cli_fail("cannot copy the database: %s",
		         err == ERR_STOPPING ? "stopped." : err_text(err, "en"));
	return err == ERR_OK;
}

/* ---- the stream ---- */

static void
begin_manifest(struct whole *whole)
{
	struct jsonw *w = &whole->outside;
	struct stat st;
	const struct passwd *user = stat(whole->hold.data, &st) == 0 ? getpwuid(st.st_uid) : NULL;

	jsonw_init(w, &whole->manifest);
	jsonw_object(w, NULL);
	jsonw_int(w, "format", BACKUP_FORMAT);
	jsonw_string(w, "version", LONGREEL_VERSION);
	jsonw_int(w, "createdAt", clock_wall_ms());
	jsonw_string(w, "data", whole->hold.data);
	jsonw_string(w, "owner", user != NULL ? user->pw_name : "");
	jsonw_bool(w, "archive", whole->hold.archive != NULL);
	jsonw_array(w, "outside");
}

static bool
end_manifest(struct whole *whole)
{
	jsonw_array_end(&whole->outside);
	jsonw_object_end(&whole->outside);
	buf_addc(&whole->manifest, '\n');
	if (!whole->manifest.failed && file_write_whole(in_stage(whole, BACKUP_MANIFEST),
	                                                whole->manifest.data, whole->manifest.len) == ERR_OK)
		return true;
	cli_fail("cannot write %s.", BACKUP_MANIFEST);
	return false;
}

static bool
write_members(const struct whole *whole, struct backup_out *out)
{
	static const char *const files[] = {BACKUP_MANIFEST, "longreel.db", "longreel.conf", "link.key",
	                                    "archive.mark"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!backup_file(out, in_stage(whole, files[i]), files[i], i >= 2))
			return false;
	for (size_t i = 0; i < sizeof(small_folders) / sizeof(*small_folders); i++)
		if (!backup_folder(out, in_stage(whole, small_folders[i]), small_folders[i]))
			return false;
	return backup_folder(out, whole->hold.uploads, "uploads") &&
	       (whole->hold.archive == NULL || backup_folder(out, whole->hold.archive, "archive"));
}

static bool
write_stream(const struct whole *whole, int fd)
{
	const char *sums = in_stage(whole, BACKUP_SUMS);
	struct backup_out out = {.fd = fd, .sums = fopen(sums, "we")};

	if (out.sums == NULL) {
		cli_fail("cannot write %s: %s", sums, strerror(errno));
		return false;
	}
	bool good = write_members(whole, &out);
	if (fclose(out.sums) != 0 && good) {
		cli_fail("cannot write %s: %s", sums, strerror(errno));
		good = false;
	}
	out.sums = NULL;
	return good && backup_file(&out, sums, BACKUP_SUMS, false) && tar_write_end(fd);
}

/* Runs as the owner: writes all to `fd`. */
static int
write_all(const struct cli_call *call, int fd)
{
	struct whole whole = {.call = call, .arena = arena_new()};
	struct store *writer = NULL, *reader = NULL;
	bool good = false;

	char *data = realpath(call->data, NULL);
	if (whole.arena == NULL || data == NULL || !crypto_open())
		cli_fail("%s: %s", call->data, strerror(errno));
	else if (hold_begin(data, !call->no_archive, whole.arena, &whole.hold)) {
		buf_init(&whole.manifest, BACKUP_MANIFEST_MAX);
		begin_manifest(&whole);
		enum err_code err = store_open(data, STORE_WRITE, &writer);
		if (err == ERR_OK)
			err = store_open(data, STORE_READ, &reader);
		if (err != ERR_OK)
			cli_fail("the database in %s cannot be opened: %s", data, err_text(err, "en"));
		good = err == ERR_OK && copy_database(&whole, writer, reader) && end_manifest(&whole);
		store_close(reader);
		store_close(writer);
		good = good && write_stream(&whole, fd);
		hold_end(&whole.hold);
		buf_free(&whole.manifest);
	}
	free(data);
	arena_free(whole.arena);
	return good ? CLI_DONE : CLI_FAILED;
}

/* ---- this process ---- */

/* Starts the child that writes to `fd`; -1 with errno. */
static pid_t
start_child(const struct cli_call *call, int fd, int other)
{
	pid_t parent = getpid();

	pid_t pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (other >= 0)
		close(other);
	_exit(getppid() == parent && cli_become_owner(call->data) ? write_all(call, fd) : CLI_FAILED);
}

/* Waits for the child; passes on what asks this process to end. */
static bool
wait_for(pid_t pid)
{
	sigset_t set;
	pid_t ended;
	int status = 0;

	hold_signals(&set);
	sigaddset(&set, SIGCHLD);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		int signal = sigwaitinfo(&set, NULL);
		if (signal > 0 && signal != SIGCHLD)
			kill(pid, SIGTERM);
	}
	return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == CLI_DONE;
}

static int
to_file(const struct cli_call *call, const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return cli_fail("%s exists already; name a new file.", file);
	if (fd < 0)
		return cli_fail("cannot write %s: %s", file, strerror(errno));
	pid_t pid = start_child(call, fd, -1);
	bool good = pid > 0 && wait_for(pid);
	if (good && (fsync(fd) < 0 || file_sync_dir_of(file) != ERR_OK)) {
		cli_fail("cannot write %s: %s", file, strerror(errno));
		good = false;
	}
	close(fd);
	if (!good)
		unlink(file);
	return good ? CLI_DONE : CLI_FAILED;
}

static int
to_folder(const struct cli_call *call, const char *folder)
{
	int ends[2];

	if (mkdir(folder, 0700) < 0)
		return errno == EEXIST
		           ? cli_fail("%s exists already; name a new folder, or a file FILE.tar.", folder)
		           : cli_fail("cannot make %s: %s", folder, strerror(errno));
	pid_t pid = pipe2(ends, O_CLOEXEC) == 0 ? start_child(call, ends[1], ends[0]) : -1;
	if (pid < 0) {
		rmdir(folder);
		return cli_fail("cannot start: %s", strerror(errno));
	}
	close(ends[1]);
	bool good = unpack_backup(ends[0], folder);
	close(ends[0]);
	good = wait_for(pid) && good;
	if (!good)
		hold_remove_tree(folder);
	return good ? CLI_DONE : CLI_FAILED;
}

static int
to_standard_output(const struct cli_call *call)
{
	if (isatty(STDOUT_FILENO))
		return cli_fail("a terminal is no place for a backup; name a file or a pipe.");
	pid_t pid = start_child(call, STDOUT_FILENO, -1);
	return pid > 0 && wait_for(pid) ? CLI_DONE : CLI_FAILED;
}

int
backup_all(const struct cli_call *call)
{
	const char *to = call->operands[0];
	size_t len = strlen(to);
	sigset_t set;

	umask(077);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD); /* before there is a child: wait_for() */
	sigprocmask(SIG_BLOCK, &set, NULL);
	hold_signals(&set);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	if (strcmp(to, "-") == 0)
		return to_standard_output(call);
	int result = len > 4 && strcmp(to + len - 4, ".tar") == 0 ? to_file(call, to) : to_folder(call, to);
	if (result == CLI_DONE)
		printf("%s written\n", to);
	return result == CLI_DONE ? cli_finish() : result;
}

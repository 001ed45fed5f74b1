/* longreel install-htdocs: lays longreel out for a shared host with Apache and plain CGI, in a folder that is
 * served. Only .htaccess and longreel/ are made there; the data is elsewhere, and a relative link leads to
 * it, so that all of it may be moved together. Once more replaces each file by the present one, whole. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "cli.h"
#include "store/store.h"

enum {
	MODE_FOLDER = 0755,
	MODE_FILE = 0644,
	MODE_PROGRAM = 0755,
	DEEPEST = 8,
	FILE_MAX = 64 * 1024 * 1024, /* bytes of a program, a library, a picture of the page */
};

#define OURS "# longreel on a shared host" /* .htaccess begins with it */

struct htdocs {
	struct arena *arena;
	const char *install;
	const char *top;  /* absolute: the folder that is served */
	const char *data; /* absolute */
};

static bool
fail(const char *path)
{
	cli_fail("cannot write %s: %s", path, strerror(errno));
	return false;
}

/* ---- files ---- */

/* Makes a folder that the web server may enter. */
static bool
make_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, MODE_FOLDER) == 0)
		return chmod(path, MODE_FOLDER) == 0 || fail(path);
	return (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) || fail(path);
}

static bool
put_file(const char *path, const struct buf *text, mode_t mode)
{
	return (file_write_whole(path, text->data != NULL ? text->data : "", text->len) == ERR_OK &&
	        chmod(path, mode) == 0) ||
	       fail(path);
}

static bool
copy_file(const char *from, const char *to)
{
	struct stat st;
	struct buf text;

	buf_init(&text, FILE_MAX);
	bool read = stat(from, &st) == 0 && file_read(from, &text) == ERR_OK;
	bool good = read && put_file(to, &text, st.st_mode & 0100 ? MODE_PROGRAM : MODE_FILE);
	buf_free(&text);
	if (!read)
		cli_fail("cannot read %s: %s", from, strerror(errno));
	return good;
}

static bool copy_folder(struct htdocs *htdocs, const char *from, const char *to, int depth);

static bool
copy_entry(struct htdocs *htdocs, const char *from, const char *to, int depth)
{
	struct stat st;

	if (stat(from, &st) < 0)
		return cli_fail("cannot read %s: %s", from, strerror(errno)) != CLI_FAILED;
	return S_ISDIR(st.st_mode) ? copy_folder(htdocs, from, to, depth + 1) : copy_file(from, to);
}

static bool
copy_folder(struct htdocs *htdocs, const char *from, const char *to, int depth)
{
	const struct dirent *entry;

	if (depth > DEEPEST || !make_folder(to))
		return false;
	DIR *dir = opendir(from);
	bool good = dir != NULL || cli_fail("cannot read %s: %s", from, strerror(errno)) != CLI_FAILED;
	while (good && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		const char *a = arena_printf(htdocs->arena, "%s/%s", from, entry->d_name);
		const char *b = arena_printf(htdocs->arena, "%s/%s", to, entry->d_name);
		good = a != NULL && b != NULL && copy_entry(htdocs, a, b, depth);
	}
	if (dir != NULL)
		closedir(dir);
	return good;
}

/* The programs, the page and, of a release, the libraries. */
static bool
copy_programs(struct htdocs *htdocs)
{
	static const char *const parts[] = {"longreel", "longreel-poller", "cgi-bin", "share", "lib"};
	struct stat st;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const char *from = arena_printf(htdocs->arena, "%s/%s", htdocs->install, parts[i]);
		const char *to = arena_printf(htdocs->arena, "%s/longreel/%s", htdocs->top, parts[i]);

		if (from == NULL || to == NULL)
			return false;
		if (strcmp(parts[i], "lib") == 0 && stat(from, &st) < 0)
			continue;
		if (!copy_entry(htdocs, from, to, 0))
			return false;
	}
	return true;
}

/* ---- .htaccess ---- */

static bool
is_ours(const char *path)
{
	struct buf text;

	buf_init(&text, FILE_MAX);
	enum err_code err = file_read(path, &text);
	bool ours =
	    err == ERR_NOT_FOUND || (err == ERR_OK && strncmp(buf_str(&text), OURS, sizeof(OURS) - 1) == 0);
	buf_free(&text);
	return ours;
}

/* Writes it without the line that names the data: the link does, wherever the programs run as whom. */
static bool
write_htaccess(struct htdocs *htdocs)
{
	static const char named[] = "SetEnv LONGREEL_DATA ";
	const char *from = arena_printf(htdocs->arena, "%s/share/apache.htaccess", htdocs->install);
	const char *to = arena_printf(htdocs->arena, "%s/.htaccess", htdocs->top);
	struct buf text, out;

	if (from == NULL || to == NULL)
		return false;
	buf_init(&text, FILE_MAX);
	buf_init(&out, FILE_MAX);
	bool good = file_read(from, &text) == ERR_OK || cli_fail("cannot read %s.", from) != CLI_FAILED;
	for (const char *line = buf_str(&text); good && *line != '\0';) {
		size_t len = strcspn(line, "\n") + (strchr(line, '\n') != NULL);
		if (strncmp(line, named, sizeof(named) - 1) != 0)
			buf_add(&out, line, len);
		line += len;
	}
	good = good && !out.failed && put_file(to, &out, MODE_FILE);
	buf_free(&text);
	buf_free(&out);
	return good;
}

/* ---- the data ---- */

/* Returns the way from the folder `from` to `to`, both absolute and without links. */
static const char *
way(struct arena *arena, const char *from, const char *to)
{
	struct buf *out = buf_in_arena(arena, PATH_MAX);
	size_t same = 0, i = 0;

	for (; from[i] != '\0' && from[i] == to[i]; i++)
		if (from[i] == '/')
			same = i;
	if ((from[i] == '\0' && (to[i] == '/' || to[i] == '\0')) || (to[i] == '\0' && from[i] == '/'))
		same = i;
	for (const char *up = from + same; out != NULL && *up != '\0'; up++)
		if (*up == '/')
			buf_adds(out, "../");
	if (out == NULL || !buf_adds(out, to[same] == '/' ? to + same + 1 : to + same) || out->failed)
		return NULL;
	return buf_str(out);
}

static bool
link_data(const struct htdocs *htdocs)
{
	const char *folder = arena_printf(htdocs->arena, "%s/longreel", htdocs->top);
	const char *name = arena_printf(htdocs->arena, "%s/longreel.data", folder != NULL ? folder : "");
	const char *target = folder != NULL ? way(htdocs->arena, folder, htdocs->data) : NULL;

	if (name == NULL || target == NULL) {
		cli_fail("not enough memory.");
		return false;
	}
	if (unlink(name) < 0 && errno != ENOENT)
		return fail(name);
	return symlink(target, name) == 0 || fail(name);
}

/* Makes the database, and a configuration with base_path where there is none. */
static bool
make_data(const struct htdocs *htdocs, const char *base_path)
{
	struct store *store = NULL;
	const char *conf = arena_printf(htdocs->arena, "%s/longreel.conf", htdocs->data);
	const char *line =
	    arena_printf(htdocs->arena, "base_path = %s\n", base_path != NULL ? base_path : "");

	enum err_code err =
	    conf != NULL && line != NULL ? store_open(htdocs->data, STORE_MIGRATE, &store) : ERR_NO_MEMORY;
	store_close(store);
	if (err != ERR_OK) {
		cli_fail("the database in %s cannot be opened: %s", htdocs->data, err_text(err, "en"));
		return false;
	}
	if (base_path == NULL)
		return true;
	if (access(conf, F_OK) < 0)
		return file_write_whole(conf, line, strlen(line)) == ERR_OK || fail(conf);
	fprintf(stderr, "longreel: %s is there already; it must say: %s", conf, line);
	return true;
}

static bool
is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return strncmp(path, top, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Finds all folders. The data must not be served. */
static bool
prepare(struct htdocs *htdocs, const struct cli_call *call)
{
	char top[PATH_MAX], data[PATH_MAX];
	const char *dir = call->operands[0];

	htdocs->install = file_install_dir(htdocs->arena);
	if (htdocs->install == NULL || !make_folder(dir) || realpath(dir, top) == NULL ||
	    !file_make_dir(call->data) || realpath(call->data, data) == NULL) {
		cli_fail("cannot make %s and %s: %s", dir, call->data, strerror(errno));
		return false;
	}
	htdocs->top = arena_strdup(htdocs->arena, top);
	htdocs->data = arena_strdup(htdocs->arena, data);
	const char *programs = arena_printf(htdocs->arena, "%s/longreel", top),
	           *htaccess = arena_printf(htdocs->arena, "%s/.htaccess", top);
	if (arena_failed(htdocs->arena)) {
		cli_fail("not enough memory.");
		return false;
	}
	if (is_below(data, top))
		cli_fail("%s is served by the web server: name a data directory that is not below %s.", data,
		         top);
	else if (is_below(htdocs->install, programs))
		cli_fail("%s is what is installed here; run the longreel of the new version.",
		         htdocs->install);
	else if (!is_ours(htaccess))
		cli_fail("%s is another's; name a folder of its own.", htaccess);
	else
		return true;
	return false;
}

int
cli_install_htdocs(const struct cli_call *call)
{
	struct htdocs htdocs = {.arena = arena_new()};
	bool good = htdocs.arena != NULL && prepare(&htdocs, call);
	const char *programs = good ? arena_printf(htdocs.arena, "%s/longreel", htdocs.top) : NULL;

	good = programs != NULL && make_folder(programs) && make_data(&htdocs, call->base_path) &&
	       copy_programs(&htdocs) && link_data(&htdocs) && write_htaccess(&htdocs);
	if (good)
		printf("%s is ready, with its data in %s\n\n"
		       "The poller is a cron job (crontab -e); this is its line:\n"
		       "* * * * * %s/longreel-poller --data %s --for 55\n\n"
		       "Next: %s/longreel setup --data %s\n",
		       htdocs.top, htdocs.data, programs, htdocs.data, programs, htdocs.data);
	arena_free(htdocs.arena);
	return good ? cli_finish() : CLI_FAILED;
}

/* What `longreel check` looks at besides the instance's own parts: see check.h. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/machine.h"
#include "base/secret.h"
#include "cli.h"
#include "instance.h"
#include "lighttpd.h"
#include "listen.h"
#include "profile.h"
#include "upstream/dialect/dialect.h"

enum {
	FEW_CONNECTIONS = 1000,
	OLD_DAYS = 180,       /* of a lighttpd that no package of the system renews */
	FIRST_YEAR = 2026,    /* longreel is not older */
	PATH_ENTRIES = 100000 /* of a folder that are looked at */
};

bool
check_is_local(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0 ||
	       strncmp(address, "unix:", 5) == 0;
}

/* ---- the data ---- */

/* The first entry of the folder that is another user's, or that others may write; NULL where there is none.
 */
static const char *
stray_in(struct arena *arena, const char *folder, const struct stat *own, bool *ret_foreign)
{
	const char *found = NULL;
	DIR *dir = opendir(folder);

	for (int i = 0; dir != NULL && found == NULL && i < PATH_ENTRIES; i++) {
		struct dirent *entry = readdir(dir);
		struct stat st;

		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		*ret_foreign = st.st_uid != own->st_uid;
		if (*ret_foreign || (!S_ISLNK(st.st_mode) && (st.st_mode & 02) != 0))
			found = arena_printf(arena, "%s/%s", folder, entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

bool
check_owners(const struct check *check)
{
	static const char *const folders[] = {"",     "/keys",     "/uploads", "/tmp",
	                                      "/run", "/dialects", "/archive"};
	const char *data = check->call->data, *found = NULL;
	struct stat own;
	bool foreign = false;

	if (stat(data, &own) < 0)
		return findings_say(check->out, FINDING_BAD, "owners", strerror(errno), "see data");
	if ((own.st_mode & 067) != 0)
		return findings_say(check->out, FINDING_BAD, "owners", "the data directory is open to others",
		                    arena_printf(check->arena, "chmod 700 %s", data));
	for (size_t i = 0; found == NULL && i < sizeof(folders) / sizeof(*folders); i++)
		found = stray_in(check->arena, arena_printf(check->arena, "%s%s", data, folders[i]), &own,
		                 &foreign);
	if (found == NULL)
		return findings_say(check->out, FINDING_OK, "owners", "all is one user's, and private", NULL);
	return findings_say(check->out, FINDING_BAD, "owners",
	                    arena_printf(check->arena,
	                                 foreign ? "%s belongs to another user than the data directory"
	                                         : "%s may be written by others",
	                                 found),
	                    foreign ? arena_printf(check->arena,
	                                           "as root: chown -R --from=$(stat -c %%u %s) %ju %s", found,
	                                           (uintmax_t)own.st_uid, data)
	                            : arena_printf(check->arena, "chmod o-w %s", found));
}

/* ---- the machine ---- */

bool
check_clock(const struct check *check)
{
	struct timex state = {.modes = 0};
	time_t now = (time_t)(clock_wall_ms() / 1000);
	char text[64];
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		return findings_say(check->out, FINDING_BAD, "clock", "cannot be read",
		                    "set it: timedatectl set-ntp true");
	if (tm.tm_year + 1900 < FIRST_YEAR)
		return findings_say(check->out, FINDING_BAD, "clock",
		                    arena_printf(check->arena, "says %s, which is long ago", text),
		                    "set it: timedatectl set-ntp true");
	if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		return findings_say(check->out, FINDING_WARN, "clock",
		                    arena_printf(check->arena, "%s, which nothing keeps right", text),
		                    "timedatectl set-ntp true, or the host's own means in a container");
	return findings_say(check->out, FINDING_OK, "clock",
	                    arena_printf(check->arena, "%s, kept right", text), NULL);
}

void
check_descriptors(const struct check *check)
{
	int64_t memory = machine_memory(), descriptors = machine_descriptors();
	int64_t wanted = machine_connections(check->config->max_connections, memory, INT64_MAX / 100);
	int64_t connections = machine_connections(check->config->max_connections, memory, descriptors);
	bool few = connections < wanted && connections < FEW_CONNECTIONS;

	findings_say(
	    check->out, few ? FINDING_WARN : FINDING_OK, "descriptors",
	    arena_printf(check->arena, "%" PRId64 ", for %" PRId64 " connections", descriptors, connections),
	    few ? "more clients want LimitNOFILE=65535 in the unit, or ulimit -n 65535" : NULL);
}

/* Reads the version of the program, "1.4.69", or "". */
static void
read_version(const char *program, char *ret_version, size_t size)
{
	const char *argv[] = {program, "-v", NULL};
	char said[128] = "";
	int ends[2];

	*ret_version = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		alarm(10);
		execv(program, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	size_t len = 0;
	for (ssize_t got; pid > 0 && len < sizeof(said) - 1 &&
	                  (got = read(ends[0], said + len, sizeof(said) - 1 - len)) != 0;)
		if (got > 0)
			len += (size_t)got;
		else if (errno != EINTR)
			break;
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	const char *version = strstr(said, "lighttpd/");
	if (version != NULL)
		snprintf(ret_version, size, "%.*s", (int)strspn(version + 9, "0123456789."), version + 9);
}

bool
check_web_server(const struct check *check)
{
	struct lighttpd lighttpd;
	struct stat st;
	char version[32], made[32] = "";
	struct tm tm;

	if (!lighttpd_find(check->arena, check->install, check->config, &lighttpd))
		return findings_say(check->out, FINDING_BAD, "web server", "lighttpd is missing",
		                    "install lighttpd, or run `make setup`");
	read_version(lighttpd.program, version, sizeof(version));
	if (*version == '\0')
		return findings_say(check->out, FINDING_BAD, "web server",
		                    arena_printf(check->arena, "%s does not run", lighttpd.program),
		                    arena_printf(check->arena, "see what %s -v says", lighttpd.program));
	size_t len = strlen(check->install);
	bool carried = strncmp(lighttpd.program, check->install, len) == 0 && lighttpd.program[len] == '/';
	int64_t days = -1;
	if (carried && stat(lighttpd.program, &st) == 0 && gmtime_r(&st.st_mtime, &tm) != NULL) {
		days = (clock_wall_ms() / 1000 - (int64_t)st.st_mtime) / 86400;
		strftime(made, sizeof(made), "%Y-%m-%d", &tm);
	}
	return findings_say(
	    check->out, days > OLD_DAYS ? FINDING_WARN : FINDING_OK, "web server",
	    days >= 0
	        ? arena_printf(check->arena, "lighttpd %s of %s, %" PRId64 " days old, carried along: %s",
	                       version, made, days, lighttpd.program)
	        : arena_printf(check->arena, "lighttpd %s, the system's: %s", version, lighttpd.program),
	    days > OLD_DAYS ? "a newer release of longreel brings a newer one, with its security fixes"
	                    : NULL);
}

/* ---- the configuration ---- */

void
check_proxy(const struct check *check)
{
	const struct config *config = check->config;
	char at[LISTEN_ADDRESS_SIZE];
	bool served = instance_served(check->call->data, at, sizeof(at)) && *at;
	bool local = check_is_local(served ? at : *config->listen ? config->listen : "127.0.0.1");
	bool socket = strncmp(served ? at : config->listen, "unix:", 5) == 0;

	if (*config->public_url == '\0' || !local)
		findings_say(check->out, FINDING_OK, "proxy",
		             *config->trusted_proxies ? config->trusted_proxies : "none is named", NULL);
	else if (socket || *config->trusted_proxies)
		findings_say(check->out, FINDING_OK, "proxy",
		             socket ? "what comes by the socket is believed" : config->trusted_proxies, NULL);
	else
		findings_say(check->out, FINDING_WARN, "proxy",
		             "public_url leads here by a proxy that is not believed: all clients count as "
		             "one address, "
		             "and share its limits",
		             "trusted_proxies = 127.0.0.1, and have it send X-Forwarded-For");
}

void
check_sendfile(const struct check *check)
{
	const struct config *config = check->config;
	char at[LISTEN_ADDRESS_SIZE];
	bool served = instance_served(check->call->data, at, sizeof(at));
	/* Of --sockets, the folder: another web server runs the programs. */
	bool shared = strncmp(at, "unix:", 5) == 0 && at[strlen(at) - 1] == '/';
	bool on = strcmp(config->sendfile, "off") != 0;
	const char *text = arena_printf(check->arena, "sendfile = %s", config->sendfile);

	if (on && served && !shared)
		findings_say(check->out, FINDING_WARN, "sendfile",
		             arena_printf(check->arena,
		                          "%s counts only where another web server runs the programs", text),
		             "leave it out: longreel serve has lighttpd send kept videos in any case");
	else if (on && *config->archive_group == '\0')
		findings_say(
		    check->out, FINDING_WARN, "sendfile",
		    arena_printf(check->arena,
		                 "%s, and no archive_group: a web server of another user cannot read "
		                 "the videos",
		                 text),
		    "archive_group = the web server's group, of which this user must be a member");
	else
		findings_say(check->out, FINDING_OK, "sendfile", text, NULL);
}

bool
check_profiles(const struct check *check)
{
	char why[PROFILE_WHY_SIZE];
	size_t count = 0, own = 0;
	bool good = true;
	const struct profile_file *files = profile_files(check->call, check->arena, &count);

	if (files == NULL)
		return findings_say(check->out, FINDING_BAD, "profiles", NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		struct dialect *dialect = dialect_load(files[i].dir, files[i].name, why, sizeof(why));

		own += strcmp(files[i].where, "own") == 0;
		if (dialect == NULL)
			good =
			    findings_say(check->out, FINDING_BAD, "profiles", arena_strdup(check->arena, why),
			                 "mend the file; longreel dialect check NAME tells the next fault");
		dialect_free(dialect);
	}
	if (good)
		findings_say(check->out, FINDING_OK, "profiles",
		             arena_printf(check->arena, "%zu can be read, %zu of them your own", count, own),
		             NULL);
	return good;
}

bool
check_old_keys(const struct check *check)
{
	char file[PATH_MAX], why[512];
	bool good = true;

	for (const char *at = check->config->upstream_old_key_files; *(at += strspn(at, " ")) != '\0';) {
		size_t len = strcspn(at, " ");

		snprintf(file, sizeof(file), "file:%.*s", (int)len, at);
		at += len;
		if (!secret_read(check->arena, file, why, sizeof(why)))
			good =
			    findings_say(check->out, FINDING_BAD, "old keys", arena_strdup(check->arena, why),
			                 "a file of mode 0600 that this user can read, or another list in "
			                 "upstream_old_key_files");
	}
	return good;
}

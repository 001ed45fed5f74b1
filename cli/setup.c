/* longreel setup: asks what an instance needs, tries the upstream, and writes it into the one configuration
 * that is read. What is there already is proposed, and stays where nothing else is answered. Where
 * one is an option, or there is no terminal, nothing is asked: the options are all answers. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/config_edit.h"
#include "base/config_env.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/home.h"
#include "base/owner.h"
#include "channel_check.h"
#include "check.h"
#include "cli.h"
#include "instance.h"
#include "listen.h"
#include "options.h"
#include "password.h"
#include "profile.h"
#include "setup_admin.h"
#include "store/channel.h"
#include "upstream/dialect/dialect.h"

enum { ANSWER_SIZE = 512 };

enum answer { ADDRESS, PUBLIC, PROXIES, REGISTRATIONS, PROFILE, BASE_URL, KEY, ANSWERS };

static const struct {
	const char *key, *question;
} answers[ANSWERS] = {
    [ADDRESS] = {"listen", "Where to listen (HOST:PORT, [::]:PORT, unix:/PATH; none = 127.0.0.1:8080)"},
    [PUBLIC] = {"public_url", "The address that others use, such as https://reel.example.com"},
    [PROXIES] = {"trusted_proxies", "The proxies before it, whose X-Forwarded-For is believed"},
    [REGISTRATIONS] = {"registration", "Who may register (open, closed, invite)"},
    [PROFILE] = {"upstream_dialect", "The upstream's profile, or none"},
    [BASE_URL] = {"upstream_base", "Its address"},
    [KEY] = {"upstream_key", "Its key"},
};

struct setup {
	const struct cli_call *call;
	struct arena *arena;
	struct config *config;        /* as it is, with the answers so far */
	const char *file;             /* that is written */
	const char *was[ANSWERS];     /* at the beginning */
	const char *changed[ANSWERS]; /* NULL = stays */
	bool asks;
};

/* The value, which ends with that configuration: the next answer frees it. */
static const char *
value_of(const struct config *config, enum answer which)
{
	const char *const values[ANSWERS] = {
	    [ADDRESS] = config->listen,           [PUBLIC] = config->public_url,
	    [PROXIES] = config->trusted_proxies,  [REGISTRATIONS] = config->registration,
	    [PROFILE] = config->upstream_dialect, [BASE_URL] = config->upstream_base,
	    [KEY] = config->upstream_key,
	};
	return values[which];
}

/* Takes an answer by reading the configuration with it. False after a message. */
static bool
take(struct setup *setup, enum answer which, const char *value)
{
	char variable[CONFIG_ENV_SIZE], why[512];

	if (strstr(value, " #") != NULL) {
		cli_fail("%s: must not have a # behind a blank", answers[which].key);
		return false;
	}
	config_env_name(answers[which].key, variable);
	if (setenv(variable, value, 1) < 0)
		return false;
	struct config *config = config_load(setup->call->data, why, sizeof(why));
	if (config == NULL) {
		const char *colon = strncmp(why, variable, strlen(variable)) == 0 ? strchr(why, ':') : NULL;

		cli_fail("%s%s", colon ? answers[which].key : "", colon ? colon : why);
		setenv(variable, value_of(setup->config, which), 1);
		return false;
	}
	config_free(setup->config);
	setup->config = config;
	const char *now = value_of(config, which);
	setup->changed[which] = strcmp(now, setup->was[which]) != 0 ? arena_strdup(setup->arena, now) : NULL;
	return true;
}

/* ---- questions ---- */

/* Reads an answer at the terminal; an empty one is `preset`. False at its end. */
static bool
ask(const char *question, const char *preset, char ret_answer[ANSWER_SIZE])
{
	fprintf(stderr, "%s [%s]: ", question, *preset ? preset : "none");
	if (fgets(ret_answer, ANSWER_SIZE, stdin) == NULL) {
		cli_fail("nothing was written.");
		return false;
	}
	ret_answer[strcspn(ret_answer, "\n")] = '\0';
	if (*ret_answer == '\0')
		snprintf(ret_answer, ANSWER_SIZE, "%s", preset);
	return true;
}

/* Settles an answer: the option, else what is said at the terminal, else what is there. False after a
 * message. */
static bool
settle(struct setup *setup, enum answer which, const char *option, const char *preset)
{
	char said[ANSWER_SIZE];

	if (option != NULL)
		return take(setup, which, option);
	if (!setup->asks)
		return strcmp(preset, value_of(setup->config, which)) == 0 || take(setup, which, preset);
	do {
		if (!ask(answers[which].question, preset, said))
			return false;
	} while (!take(setup, which, strcmp(said, "none") == 0 ? "" : said));
	return true;
}

/* The proxies that are proposed: this machine's own, where an https address has just been named that leads to
 * a port of this machine alone. Not to believe it would have all clients count as this machine. */
static const char *
proxies_for(const struct setup *setup)
{
	const struct config *config = setup->config;
	char at[LISTEN_ADDRESS_SIZE];
	/* One that runs says where, which an option of serve may have settled, as in a container. */
	bool served = setup->changed[ADDRESS] == NULL && instance_served(config->data, at, sizeof(at)) && *at;
	const char *listen = served ? at : *config->listen ? config->listen : "127.0.0.1";
	bool port = strchr(listen, ':') == NULL && strchr(listen, '.') == NULL;

	if (*config->trusted_proxies == '\0' && setup->changed[PUBLIC] != NULL &&
	    strncmp(config->public_url, "https://", 8) == 0 && (port || check_is_local(listen)) &&
	    strncmp(listen, "unix:", 5) != 0)
		return "127.0.0.1";
	return config->trusted_proxies;
}

/* ---- the upstream ---- */

/* Reads the key from the file, or from standard input. False after a message. */
static bool
settle_key(struct setup *setup)
{
	const char *file = setup->call->key_file, *key = NULL;
	char path[PATH_MAX], why[512], line[LIMIT_SECRET + 2] = "";
	bool good = true;

	if (file == NULL && !setup->asks)
		return true;
	if (file == NULL || strcmp(file, "-") == 0) {
		const char *prompt =
		    value_of(setup->config, KEY)[0] ? "Its key [as before]: " : "Its key [none]: ";
		good = password_ask(prompt, line, sizeof(line));
		key = line;
		if (!good || (*line == '\0' && file != NULL))
			cli_fail("standard input holds no key.");
		if (*line == '\0')
			return good && file == NULL;
	} else if (!realpath(file, path)) {
		access_explain(file, errno, why, sizeof(why));
		cli_fail("%s", why);
		return false;
	} else {
		key =
		    secret_read(setup->arena, arena_printf(setup->arena, "file:%s", path), why, sizeof(why));
		if (key == NULL)
			cli_fail("the key cannot be used: %s", why);
	}
	good = good && key != NULL && take(setup, KEY, key);
	explicit_bzero(line, sizeof(line));
	return good;
}

/* The address that a profile proposes: the present one with the present profile. NULL after a message. */
static const char *
base_for(struct setup *setup, const char *profile)
{
	char why[512] = "not enough memory";
	const char *present = setup->was[BASE_URL], *shipped = dialect_shipped_dir(setup->arena);

	if (*present != '\0' && strcmp(profile, setup->was[PROFILE]) == 0)
		return present;
	struct dialect *dialect =
	    shipped ? dialect_load_for(setup->config->data, shipped, profile, why, sizeof(why)) : NULL;
	if (dialect == NULL) {
		cli_fail("%s", why);
		return NULL;
	}
	const char *base = dialect_base(dialect) ? arena_strdup(setup->arena, dialect_base(dialect)) : "";
	dialect_free(dialect);
	return base;
}

static void
list_profiles(struct setup *setup)
{
	size_t count = 0;
	const struct profile_file *files = profile_files(setup->call, setup->arena, &count);

	fputs("\nProfiles:", stderr);
	for (size_t i = 0; files != NULL && i < count; i++)
		fprintf(stderr, " %s", files[i].name);
	fputc('\n', stderr);
}

/* Asks the upstream what costs nothing. At the terminal a fault may be passed over. */
static bool
try_upstream(struct setup *setup)
{
	const struct channel_check check = {.config = setup->config, .name = CHANNEL_DEFAULT};
	char said[ANSWER_SIZE];

	if (setup->call->no_check ||
	    (!setup->changed[PROFILE] && !setup->changed[BASE_URL] && !setup->changed[KEY]) ||
	    channel_check(&check, setup->arena))
		return true;
	fflush(stdout);
	if (setup->asks)
		return ask("Keep it all the same (yes, no)", "no", said) && strcmp(said, "yes") == 0;
	cli_fail("nothing was written; --no-check takes the upstream all the same.");
	return false;
}

/* Settles profile, address and key, and tries them. False after a message. */
static bool
settle_upstream(struct setup *setup)
{
	const struct cli_call *call = setup->call;
	bool has = *value_of(setup->config, BASE_URL) != '\0';
	char said[ANSWER_SIZE];
	const char *profile = call->dialect, *present = has ? setup->was[PROFILE] : "";

	if (profile == NULL && setup->asks) {
		list_profiles(setup);
		if (!ask(answers[PROFILE].question, present, said))
			return false;
		profile = said;
	}
	if (profile == NULL)
		profile = has || call->base ? setup->was[PROFILE] : "";
	if (*profile == '\0' && call->key_file != NULL) {
		cli_fail("a key wants an upstream: --dialect NAME, and --base URL where that has none.");
		return false;
	}
	if (*profile == '\0')
		return true;
	if (strcmp(profile, "none") == 0)
		return take(setup, KEY, "") && take(setup, BASE_URL, "");
	const char *base = base_for(setup, profile);
	if (base == NULL || !take(setup, PROFILE, profile) || !settle(setup, BASE_URL, call->base, base))
		return false;
	if (*value_of(setup->config, BASE_URL) == '\0') {
		cli_fail("%s has no address of its own: name one with --base URL", profile);
		return false;
	}
	return settle_key(setup) && try_upstream(setup);
}

/* ---- the file ---- */

/* Gives the file that root has written the owner that it had, and closes it to others, as a key may stand
 * there now (secret_is_exposed()): a file of the machine's is root's, and the group of the service reads it.
 */
static bool
keep_owner(const struct setup *setup, const struct stat *before)
{
	struct stat data;
	gid_t group = before->st_gid;

	if (group == 0 && stat(setup->call->data, &data) == 0 && data.st_uid != 0)
		group = data.st_gid;
	mode_t most = before->st_uid == 0 && group != 0 ? 0640 : 0600;
	return chown(setup->file, before->st_uid, group) == 0 &&
	       chmod(setup->file, before->st_mode & most) == 0;
}

/* Writes the file. False after a message. */
static bool
write_config(const struct setup *setup)
{
	struct buf texts[2];
	struct stat st;
	char why[512];
	int at = 0;
	bool there = stat(setup->file, &st) == 0;

	buf_init(&texts[0], LIMIT_CONFIG_FILE);
	buf_init(&texts[1], LIMIT_CONFIG_FILE);
	bool good =
	    there ? file_read(setup->file, &texts[0]) == ERR_OK
	          : buf_adds(&texts[0], "# Written by longreel setup; longreel.conf.example has all keys.\n");
	for (int i = 0; good && i < ANSWERS; i++) {
		if (setup->changed[i] == NULL)
			continue;
		buf_clear(&texts[!at]);
		good = config_edit(buf_str(&texts[at]), answers[i].key, setup->changed[i], &texts[!at]);
		at = !at;
	}
	errno = EFBIG;
	good = good && file_write_whole(setup->file, texts[at].data, texts[at].len) == ERR_OK;
	if (good && there && geteuid() == 0)
		good = keep_owner(setup, &st);
	if (!good) {
		access_explain(setup->file, errno, why, sizeof(why));
		cli_fail("cannot write the configuration: %s", why);
	}
	explicit_bzero(texts[0].data, texts[0].len);
	explicit_bzero(texts[1].data, texts[1].len);
	buf_free(&texts[0]);
	buf_free(&texts[1]);
	return good;
}

/* Says what is set, and what was so before. */
static void
tell(const struct setup *setup)
{
	char at[LISTEN_ADDRESS_SIZE];

	printf("%s\n", setup->file);
	for (int i = 0; i < ANSWERS; i++) {
		const char *value = value_of(setup->config, (enum answer)i);

		if (i == PROFILE && *value_of(setup->config, BASE_URL) == '\0')
			continue;
		printf("%-7s %-17s %s\n", setup->changed[i] ? "set" : "stays", answers[i].key,
		       *value == '\0' ? i == ADDRESS ? "127.0.0.1:8080" : "-"
		       : i == KEY     ? "(not shown)"
		                      : value);
	}
	if (instance_served(setup->call->data, at, sizeof(at)))
		puts("It is running: a reload (SIGHUP, systemctl reload longreel) takes all but where it "
		     "listens, which "
		     "wants a restart.");
}

/* ---- all of it ---- */

static bool
begin(struct setup *setup)
{
	const char *data = setup->call->data;
	char why[512];

	if (setup->call->at_home && !home_make_parents(data)) {
		cli_fail("cannot make the directories above %s: %s", data, strerror(errno));
		return false;
	}
	if (!owner_differs(data) && !instance_make_dirs(data, setup->arena)) {
		access_explain(data, errno, why, sizeof(why));
		cli_fail("cannot make the data directory: %s", why);
		return false;
	}
	setup->config = config_load(data, why, sizeof(why));
	if (setup->config == NULL) {
		cli_fail("%s", why);
		return false;
	}
	setup->file = arena_strdup(setup->arena, setup->config->file);
	for (int i = 0; i < ANSWERS; i++)
		setup->was[i] = arena_strdup(setup->arena, value_of(setup->config, (enum answer)i));
	/* Only a file of the machine's, outside of the data directory, is written by root. */
	size_t len = strlen(setup->config->data);
	return setup->file != NULL && setup->was[KEY] != NULL &&
	       (strncmp(setup->file, setup->config->data, len) != 0 || setup->file[len] != '/' ||
	        cli_become_owner(data));
}

/* A link stays one: it is the operator's, and a new file in its place would leave the one that it leads to as
 * it was. False after a message. */
static bool
is_no_link(const struct setup *setup)
{
	struct stat st;

	if (lstat(setup->file, &st) < 0 || !S_ISLNK(st.st_mode))
		return true;
	cli_fail(
	    "%s is a symbolic link, which setup would replace; nothing was written. Change the file that it "
	    "leads to by hand, or put that file in its place.",
	    setup->file);
	return false;
}

/* Where others reach it at no address of its own there is nothing to ask. */
static bool
settle_proxies(struct setup *setup)
{
	const char *option = setup->call->trusted_proxies;

	return (option == NULL && *value_of(setup->config, PUBLIC) == '\0') ||
	       settle(setup, PROXIES, option, proxies_for(setup));
}

static bool
settle_all(struct setup *setup)
{
	const struct cli_call *call = setup->call;
	bool any = false;

	if (setup->asks && !is_no_link(setup))
		return false;
	if (!settle(setup, ADDRESS, call->listen, value_of(setup->config, ADDRESS)) ||
	    !settle(setup, PUBLIC, call->public_url, value_of(setup->config, PUBLIC)) ||
	    !settle_proxies(setup) ||
	    !settle(setup, REGISTRATIONS, call->registration, value_of(setup->config, REGISTRATIONS)) ||
	    !settle_upstream(setup))
		return false;
	for (int i = 0; i < ANSWERS; i++)
		any = any || setup->changed[i] != NULL;
	return !any || (is_no_link(setup) && write_config(setup));
}

int
cli_setup(const struct cli_call *call)
{
	/* One answer on the command line is all of them: a script asks nothing, wherever it runs. */
	const bool asks = isatty(STDIN_FILENO) && (call->given & ~HAS(DATA)) == 0;
	struct setup setup = {.call = call, .arena = arena_new(), .asks = asks};
	int result = CLI_FAILED;

	umask(077);
	if (setup.arena == NULL)
		return cli_fail("not enough memory.");
	if (begin(&setup) && settle_all(&setup) && cli_become_owner(call->data)) {
		tell(&setup);
		result = setup_admin(call, setup.asks);
	}
	config_free(setup.config);
	arena_free(setup.arena);
	return cli_finish() == CLI_DONE ? result : CLI_FAILED;
}

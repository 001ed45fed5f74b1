/* longreel: the operator's program. Its command line is two tables, of options and of commands; --help is
 * made from them. longreel.1 beside this file is the manual. */
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "cli.h"
#include "options.h"
#include "version.h"

enum { WORDS_SIZE = 256, OPTION_BASE = 256 /* beyond the characters that getopt_long() returns */ };

#define HAS_BUDGETS (HAS(BUDGET_DAY) | HAS(BUDGET_WEEK) | HAS(BUDGET_MONTH) | HAS(BUDGET_TOTAL))

/* The options of a channel. */
#define HAS_CHANNEL                                                                                          \
	(HAS(BASE) | HAS(DIALECT) | HAS(KEY_FILE) | HAS(KEY_ENV) | HAS(MODELS) | HAS(PRIORITY) |             \
	 HAS(WEIGHT) | HAS(CONCURRENCY) | HAS(RATE) | HAS(PRIVATE) | HAS(IDEMPOTENCY) |                      \
	 HAS(WEBHOOK_SECRET_FILE) | HAS(EXTRA_ALLOW) | HAS_BUDGETS)

#define HAS_SETUP                                                                                            \
	(HAS(LISTEN) | HAS(PUBLIC_URL) | HAS(TRUSTED_PROXIES) | HAS(REGISTRATION) | HAS(DIALECT) |           \
	 HAS(BASE) | HAS(KEY_FILE) | HAS(NO_CHECK) | HAS(ADMINISTRATOR) | HAS(PASSWORD_FILE))

/* What limits a user, a group, a key. */
#define HAS_LIMITS (HAS(MAX_OPEN) | HAS(RATE) | HAS(BUDGET_DAY) | HAS(BUDGET_WEEK) | HAS(BUDGET_MONTH))
#define HAS_USER                                                                                             \
	(HAS_LIMITS | HAS(BUDGET_TOTAL) | HAS(DEFAULT_MAX_OPEN) | HAS(DEFAULT_RATE) | HAS(GROUP) | HAS(NOTE))
#define HAS_GROUP (HAS_LIMITS | HAS(MULTIPLIER) | HAS(MODELS) | HAS(JSON))
#define HAS_KEY                                                                                              \
	(HAS_LIMITS | HAS(BUDGET_TOTAL) | HAS(NAME) | HAS(DAYS) | HAS(MODELS) | HAS(ADDRESSES) | HAS(SCOPE))
/* The options of a tariff. */
#define HAS_TARIFF                                                                                           \
	(HAS(PER_SECOND) | HAS(FLAT) | HAS(SIZE) | HAS(JOB) | HAS(WITH_IMAGE) | HAS(WITH_AUDIO) |            \
	 HAS(IMAGES) | HAS(MIN_SECONDS) | HAS(STEP_SECONDS) | HAS(DEFAULT_SECONDS) | HAS(DEFAULT_SIZE) |     \
	 HAS(MAX_SECONDS) | HAS(SETTLE) | HAS(FROM) | HAS(JSON))
/* The options of codes. */
#define HAS_CODE (HAS(AMOUNT) | HAS(EXPIRES) | HAS(BATCH) | HAS(USES) | HAS(COUNT) | HAS(JSON))

/* The options of `dialect show` for a task. */
#define HAS_TASK                                                                                             \
	(HAS(BASE) | HAS(PROMPT) | HAS(MODEL) | HAS(SIZE) | HAS(SECONDS) | HAS(ASPECT_RATIO) | HAS(SEED) |   \
	 HAS(NEGATIVE_PROMPT) | HAS(AUDIO) | HAS(IMAGE) | HAS(LAST) | HAS(REFERENCE) | HAS(EXTRA) |          \
	 HAS(REMIX) | HAS(EDIT) | HAS(EXTEND))

static const struct command {
	const char *name;    /* one word or two */
	const char *operand; /* those that it takes; "[NAME]" = optional; NULL = none */
	option_set options;  /* besides --data; those with HAS(DATA) can do without a data directory */
	option_set needs;    /* those of them that must be there */
	int (*run)(const struct cli_call *call);
	const char *summary;
} commands[] = {
    {"serve", NULL, HAS(PORT) | HAS(LISTEN) | HAS(SIMULATOR) | HAS(CGI) | HAS(SOCKETS), 0, cli_serve,
     "run everything, in the foreground"},
    {"setup", NULL, HAS_SETUP, 0, cli_setup,
     "ask for address, upstream, registration and an administrator, and write the configuration"},
    {"user add", "NAME", HAS(EMAIL) | HAS(ADMIN), 0, cli_user_add,
     "add a user; reads the password from standard input"},
    {"user list", NULL, HAS(JSON), 0, cli_user_list, "list all users"},
    {"user passwd", "NAME", 0, 0, cli_user_passwd, "set a user's password and end all logins"},
    {"user disable", "NAME", 0, 0, cli_user_disable, "lock a user out at once"},
    {"user enable", "NAME", 0, 0, cli_user_enable, "let a user in again"},
    {"user set", "NAME", HAS_USER | HAS(JSON), 0, cli_user_set,
     "set what a user may do, 0 = any number; without an option, show it"},
    {"key create", "USER", HAS_KEY | HAS(JSON), 0, cli_key_create,
     "make an API key and print it; it is shown only once"},
    {"key list", "USER", HAS(JSON), 0, cli_key_list, "list a user's API keys"},
    {"key revoke", "ID", 0, 0, cli_key_revoke, "revoke an API key at once"},
    {"key set", "ID", HAS_KEY | HAS(DISABLE) | HAS(ENABLE) | HAS(JSON), 0, cli_key_set,
     "set what an API key may do, 0 = as much as its user; without an option, show it"},
    {"group add", "NAME", HAS_GROUP, 0, cli_group_add, "add a group of users, with limits for each of them"},
    {"group set", "NAME", HAS_GROUP | HAS(DEFAULT_MAX_OPEN) | HAS(DEFAULT_RATE), 0, cli_group_set,
     "set its limits; without an option, show them"},
    {"group list", NULL, HAS(JSON), 0, cli_group_list, "list all groups"},
    {"group remove", "NAME", HAS(JSON), 0, cli_group_remove, "remove a group that has no users"},
    {"budget list", NULL, HAS(JSON), 0, cli_budget_list, "list all budgets, and what is used of them now"},
    {"budget set", NULL, HAS_BUDGETS | HAS(JSON), 0, cli_budget_set,
     "set what may be spent in all, by all users and channels together; without an option, show it"},
    {"credit add", "USER AMOUNT", HAS(REFERENCE) | HAS(NOTE) | HAS(JSON), 0, cli_credit_add,
     "give credit to a user; with the same --reference only once"},
    {"credit take", "USER AMOUNT", HAS(REFERENCE) | HAS(NOTE) | HAS(JSON), 0, cli_credit_take,
     "take credit from a user"},
    {"credit show", "USER", HAS(JSON), 0, cli_credit_show, "show what a user has, and what is on hold"},
    {"credit line", "USER AMOUNT", HAS(JSON), 0, cli_credit_line, "set how far below 0 a user may go"},
    {"price set", "MODEL", HAS_TARIFF, 0, cli_price_set,
     "set a price, from now or --from on; MODEL is a name, its beginning and *, or \"\" where none is named"},
    {"price list", NULL, HAS(JSON), 0, cli_price_list, "list all prices that are valid, now or later"},
    {"price check", NULL, HAS(JSON), 0, cli_price_check, "list what channels make and has no price"},
    {"price quote", "MODEL",
     HAS(SIZE) | HAS(SECONDS) | HAS(JOB) | HAS(WITH_IMAGE) | HAS(WITH_AUDIO) | HAS(IMAGES) | HAS(USER) |
         HAS(JSON),
     HAS(USER), cli_price_quote, "say what a video would cost a user"},
    {"price remove", "ID", HAS(JSON), 0, cli_price_remove, "end a price or a cost now"},
    {"cost set", "CHANNEL MODEL", HAS_TARIFF, 0, cli_cost_set, "set what a video costs you by a channel"},
    {"cost list", NULL, HAS(JSON), 0, cli_cost_list, "list all costs that are valid, now or later"},
    {"charge list", NULL, HAS(USER) | HAS(FROM) | HAS(TO) | HAS(MODEL) | HAS(STATUS) | HAS(LIMIT) | HAS(JSON),
     0, cli_charge_list, "list what attempts of tasks cost, the latest first"},
    {"charge show", "ID", HAS(JSON), 0, cli_charge_show, "show one, by its number"},
    {"charge refund", "ID", HAS(NOTE) | HAS(JSON), 0, cli_charge_refund, "give back what was charged, once"},
    {"charge release", "ID", HAS(JSON), 0, cli_charge_release, "give back what is on hold"},
    {"usage", NULL, HAS(BY) | HAS(FROM) | HAS(TO) | HAS(USER) | HAS(CSV) | HAS(JSON), 0, cli_usage,
     "sum up what was made and charged, by day unless --by says otherwise; by default this month"},
    {"ledger check", NULL, HAS(JSON), 0, cli_ledger_check,
     "check that all accounts add up; nothing needs to stop"},
    {"ledger list", NULL, HAS(USER) | HAS(LIMIT) | HAS(JSON), 0, cli_ledger_list,
     "list the latest transfers"},
    {"audit list", NULL, HAS(LIMIT) | HAS(JSON), 0, cli_audit_list,
     "list what operators have done, the latest first"},
    {"code create", NULL, HAS_CODE, HAS(AMOUNT), cli_code_create,
     "make codes that give credit, and print them; they are shown only once"},
    {"code list", "[BATCH]", HAS(JSON), 0, cli_code_list, "list all batches of codes, or the codes of one"},
    {"code disable", "BATCH", HAS(JSON), 0, cli_code_disable, "disable the codes of a batch at once"},
    {"invite create", NULL, HAS_CODE | HAS(GROUP), 0, cli_invite_create,
     "make codes to register with, for registration = invite"},
    {"task list", NULL, HAS(STATUS) | HAS(USER) | HAS(LIMIT) | HAS(JSON), 0, cli_task_list,
     "list the latest tasks"},
    {"task show", "ID", HAS(JSON), 0, cli_task_show, "show a task with its state, lease and next poll"},
    {"channel add", "NAME", HAS_CHANNEL | HAS(JSON), HAS(BASE) | HAS(DIALECT), cli_channel_add,
     "add an upstream"},
    {"channel set", "NAME", HAS_CHANNEL | HAS(NO_PRIVATE) | HAS(NO_IDEMPOTENCY) | HAS(JSON), 0,
     cli_channel_set, "change a channel; a new key is used for new jobs"},
    {"channel list", NULL, HAS(JSON), 0, cli_channel_list, "list all channels with their load"},
    {"channel stats", "[NAME]", HAS(JSON) | HAS(FROM) | HAS(TO), 0, cli_channel_stats,
     "count what became of tasks at channels"},
    {"channel check", "[NAME]", HAS(JSON), 0, cli_channel_check, "check that channels can be used"},
    {"channel webhook", "NAME", HAS(JSON), 0, cli_channel_webhook,
     "show the address for its upstream's webhooks"},
    {"channel disable", "NAME", HAS(JSON), 0, cli_channel_disable, "send no new jobs to a channel"},
    {"channel enable", "NAME", HAS(JSON), 0, cli_channel_enable, "send new jobs to it again"},
    {"channel remove", "NAME", HAS(JSON), 0, cli_channel_remove, "remove a channel that no open task needs"},
    {"dialect list", NULL, HAS(DATA) | HAS(JSON), 0, cli_dialect_list, "list all profiles of dialects"},
    {"dialect check", "[PROFILE]", HAS(DATA) | HAS(JSON), 0, cli_dialect_check,
     "check a profile, by its name or its file, or all"},
    {"dialect show", "PROFILE", HAS(DATA) | HAS_TASK | HAS(CALL) | HAS(CURL) | HAS(JSON), HAS(PROMPT),
     cli_dialect_show, "show the requests that it would make"},
    {"dialect replay", "PROFILE ANSWER", HAS(DATA) | HAS(STATUS) | HAS(CALL) | HAS(JSON), 0,
     cli_dialect_replay, "tell what an answer means; ANSWER is a file, or - for standard input"},
    {"backup", "TO", HAS(ALL) | HAS(NO_ARCHIVE), 0, cli_backup,
     "copy the database into a new file, or --all into FILE.tar, a folder, or - (standard output); nothing "
     "needs to stop"},
    {"restore", "FROM", HAS(USER), 0, cli_restore,
     "check a backup of all, and make an instance of it in a new data directory"},
    {"install-htdocs", "DIR", HAS(BASE_PATH), 0, cli_install_htdocs,
     "lay everything out for Apache and plain CGI in a folder that is served, as on a shared host"},
    {"check", NULL, HAS(JSON), 0, cli_check, "check configuration, database, web server and channels"},
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

/* What stands for the value of an option; two options mean something of their own to some commands. */
static const char *
value_word(const struct command *command, int option)
{
	if (option == REFERENCE && strncmp(command->name, "credit ", 7) == 0)
		return "TEXT";
	if (option == MODELS && strncmp(command->name, "channel ", 8) != 0)
		return "NAME,…";
	return options[option].value;
}

static void
print_command(FILE *out, const struct command *command)
{
	fprintf(out, "  longreel %s", command->name);
	if (command->operand)
		fprintf(out, " %s", command->operand);
	fputs(" [--data DIR]", out);
	for (int i = 0; i < OPTIONS; i++) {
		if (i == DATA || !(command->options & HAS(i)))
			continue;
		fprintf(out, command->needs & HAS(i) ? " --%s" : " [--%s", options[i].name);
		const char *word = value_word(command, i);
		bool list = options[i].kind == OPTION_LIST && word == options[i].value;
		if (word)
			fprintf(out, " %s", word);
		if (!(command->needs & HAS(i)))
			fputs(list ? "]…" : "]", out);
	}
	fprintf(out, "\n      %s\n", command->summary);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool
begins_with(const struct command *command, const char *word)
{
	size_t len = strlen(word);

	return strncmp(command->name, word, len) == 0 && strchr(" ", command->name[len]) != NULL;
}

/* Prints the usage of `only`; NULL = of all commands that begin with `word`; NULL = of all. */
static int
print_help(const struct command *only, const char *word)
{
	printf("Usage:\n");
	for (size_t i = 0; i < COMMANDS; i++) {
		if (only ? only == &commands[i] : word == NULL || begins_with(&commands[i], word))
			print_command(stdout, &commands[i]);
	}
	printf("Without --data, LONGREEL_DATA names the data directory; without that it is\n"
	       "~/.local/share/longreel, root's /var/lib/longreel. More: man longreel\n");
	return cli_finish();
}

/* Finds the command that the first words name, and the number of these words. */
static const struct command *
find_command(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++) {
		const char *blank = strchr(commands[i].name, ' ');
		size_t first = blank ? (size_t)(blank - commands[i].name) : strlen(commands[i].name);

		if (strlen(argv[1]) != first || strncmp(argv[1], commands[i].name, first) != 0)
			continue;
		if (blank && (argc < 3 || strcmp(argv[2], blank + 1) != 0))
			continue;
		*ret_words = blank ? 2 : 1;
		return &commands[i];
	}
	return NULL;
}

/* Says that the command line is wrong, and where `command` is known, how it is used. */
__attribute__((format(printf, 2, 3))) static int
misuse(const struct command *command, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "longreel: %s\n", text);
	if (command)
		fprintf(stderr, "Try longreel %s --help.\n", command->name);
	return CLI_MISUSED;
}

/* Reads the options of the command. Returns CLI_DONE, or what main() is to return; -1 where --help is asked
 * for. */
static int
read_options(const struct command *command, int argc, char **argv, struct cli_call *call)
{
	struct option table[OPTIONS + 1] = {{0}};
	char why[160];
	int found;

	for (int i = 0; i < OPTIONS; i++)
		table[i] =
		    (struct option){options[i].name, options[i].value ? required_argument : no_argument, NULL,
		                    OPTION_BASE + i};
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (found == OPTION_BASE + HELP || found == 'h')
			return -1;
		if (found == ':')
			return misuse(command, "option %s needs a value", argv[optind - 1]);
		if (found == '?')
			return misuse(command, "unknown option %s", argv[optind - 1]);
		int option = found - OPTION_BASE;
		if (!((command->options | HAS(DATA)) & HAS(option)))
			return misuse(command, "unknown option --%s", options[option].name);
		if (!option_read((enum option_id)option, optarg, call)) {
			option_explain((enum option_id)option, why, sizeof(why));
			return misuse(command, "%s", why);
		}
		call->given |= HAS(option);
	}
	for (int i = 0; i < OPTIONS; i++) {
		if (command->needs & ~call->given & HAS(i))
			return misuse(command, "missing option --%s %s", options[i].name, options[i].value);
	}
	return CLI_DONE;
}

/* Without a data directory on the command line or in the environment takes that of the user; those that can
 * do without it want it only where it is there. False where there is none. */
static bool
choose_data(const struct command *command, char *ret_home, size_t size, struct cli_call *call)
{
	if (call->data != NULL && *call->data != '\0')
		return true;
	call->data = NULL;
	bool good = home_data(ret_home, size), optional = command->options & HAS(DATA);
	if (good && (!optional || access(ret_home, X_OK) == 0)) {
		call->data = ret_home;
		call->at_home = true;
	}
	return optional || call->data != NULL;
}

static int
run_command(const struct command *command, int argc, char **argv)
{
	struct cli_call call = {.data = getenv("LONGREEL_DATA"),
	                        .port = -1,
	                        .limit = -1,
	                        .days = -1,
	                        .max_open = CLI_NO_MAX_OPEN,
	                        .disabled = -1,
	                        .count = -1,
	                        .uses = -1,
	                        .images = -1,
	                        .min_seconds = -1,
	                        .step_seconds = -1,
	                        .default_seconds = -1,
	                        .max_seconds = -1,
	                        .priority = CLI_NO_PRIORITY,
	                        .weight = -1,
	                        .concurrency = -1,
	                        .rate = -1,
	                        .idempotency = -1,
	                        .private = -1};

	char home[PATH_MAX];
	int result = read_options(command, argc, argv, &call);
	if (result != CLI_DONE)
		return result < 0 ? print_help(command, NULL) : result;
	const char *operand = command->operand, *second = operand ? strchr(operand, ' ') : NULL;
	int given = argc - optind, most = second ? 2 : operand != NULL;
	int least = operand && operand[0] == '[' ? 0 : most;
	if (given > most)
		return misuse(command, "unexpected argument \"%s\"", argv[optind + most]);
	if (given < least)
		return misuse(command, "missing argument %s", given == 1 ? second + 1 : operand);
	if (!choose_data(command, home, sizeof(home), &call))
		return misuse(command, "missing option --data DIR (or set LONGREEL_DATA)");
	call.operands = argv + optind;
	/* These act as root first. */
	bool first = command->run == cli_serve || command->run == cli_setup || command->run == cli_backup ||
	             command->run == cli_restore;
	if (!first && call.data != NULL && !cli_become_owner(call.data))
		return CLI_FAILED;
	return command->run(&call);
}

/* Writes the subcommands of `word`, as "add, list"; "" where there are none. Returns the number of commands
 * that begin with it. */
static int
list_subcommands(const char *word, char ret_text[WORDS_SIZE])
{
	size_t used = 0;
	int count = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *blank = strchr(commands[i].name, ' ');

		if (!begins_with(&commands[i], word))
			continue;
		count++;
		if (blank && used < WORDS_SIZE)
			used += (size_t)snprintf(ret_text + used, WORDS_SIZE - used, "%s%s", used ? ", " : "",
			                         blank + 1);
	}
	return count;
}

/* No command matches: says what is missing or wrong, or helps with the part of it that is there. */
static int
explain_command(int argc, char **argv)
{
	bool asks = argc > 1 && is_help(argv[1]);
	char words[WORDS_SIZE];

	if (argc < 2)
		return misuse(NULL, "missing command; try longreel help");
	if (asks && argc < 3)
		return print_help(NULL, NULL);
	const char *first = argv[asks ? 2 : 1], *second = argc > 2 && !asks ? argv[2] : NULL;
	if (list_subcommands(first, words) == 0)
		return misuse(NULL, "unknown command \"%s\"; try longreel help", first);
	if (asks || (second && is_help(second)))
		return print_help(NULL, first);
	if (second == NULL || *second == '-')
		return misuse(NULL, "missing subcommand: %s", words);
	return misuse(NULL, "unknown subcommand \"%s\": %s", second, words);
}

int
main(int argc, char **argv)
{
	int words = 0;

	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("longreel " LONGREEL_VERSION);
		return cli_finish();
	}
	const struct command *command = find_command(argc, argv, &words);
	if (command == NULL)
		return explain_command(argc, argv);
	return run_command(command, argc - words, argv + words);
}

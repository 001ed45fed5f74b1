/* longreel: the operator's program. Its command line is two tables, of options and of commands; --help is
 * made from them. longreel.1 beside this file is the manual. */
#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli.h"
#include "owner.h"
#include "version.h"

enum option_id {
	DATA,
	PORT,
	LISTEN,
	SIMULATOR,
	CGI,
	EMAIL,
	ADMIN,
	STATUS,
	USER,
	LIMIT,
	NAME,
	DAYS,
	BASE,
	DIALECT,
	KEY_FILE,
	KEY_ENV,
	MODELS,
	PRIORITY,
	WEIGHT,
	CONCURRENCY,
	RATE,
	PRIVATE,
	NO_PRIVATE,
	IDEMPOTENCY,
	NO_IDEMPOTENCY,
	WEBHOOK_SECRET_FILE,
	PROMPT,
	MODEL,
	SIZE,
	SECONDS,
	ASPECT_RATIO,
	SEED,
	NEGATIVE_PROMPT,
	AUDIO,
	IMAGE,
	LAST,
	REFERENCE,
	EXTRA,
	REMIX,
	EDIT,
	EXTEND,
	CURL,
	CALL,
	JSON,
	MAX_OPEN,
	DEFAULT_MAX_OPEN,
	HELP,
	OPTIONS
};

enum { MOST = 1000000 /* the largest number that an option takes */, WORDS_SIZE = 256 };

/* How the value of an option is read, and into which kind of member of struct cli_call. */
enum option_kind {
	OPTION_HELP,
	OPTION_FLAG,   /* no value; bool: true */
	OPTION_SET,    /* no value; int: `low` */
	OPTION_TEXT,   /* const char * */
	OPTION_WORD,   /* const char *, not empty */
	OPTION_LIST,   /* struct cli_list of at most `high`, none empty */
	OPTION_NUMBER, /* int from `low` to `high` */
	OPTION_RATE    /* int from `low` to `high`; "/min" may follow */
};

static const struct option_row {
	const char *name;
	const char *value; /* its name in --help; NULL = it takes none */
	enum option_kind kind;
	size_t offset; /* of the member of struct cli_call */
	int low, high;
} options[OPTIONS] = {
#define MEMBER(name) offsetof(struct cli_call, name)
    [DATA] = {"data", "DIR", OPTION_WORD, MEMBER(data)},
    [PORT] = {"port", "N", OPTION_NUMBER, MEMBER(port), 0, 65535},
    [LISTEN] = {"listen", "ADDR", OPTION_WORD, MEMBER(listen)},
    [SIMULATOR] = {"simulator", NULL, OPTION_FLAG, MEMBER(simulator)},
    [CGI] = {"cgi", NULL, OPTION_FLAG, MEMBER(cgi)},
    [EMAIL] = {"email", "ADDRESS", OPTION_TEXT, MEMBER(email)},
    [ADMIN] = {"admin", NULL, OPTION_FLAG, MEMBER(admin)},
    [STATUS] = {"status", "STATUS", OPTION_TEXT, MEMBER(status)},
    [USER] = {"user", "NAME", OPTION_TEXT, MEMBER(user)},
    [LIMIT] = {"limit", "N", OPTION_NUMBER, MEMBER(limit), 1, MOST},
    [NAME] = {"name", "NAME", OPTION_WORD, MEMBER(name)},
    [DAYS] = {"days", "N", OPTION_NUMBER, MEMBER(days), 1, 36500},
    [BASE] = {"base", "URL", OPTION_TEXT, MEMBER(base)},
    [DIALECT] = {"dialect", "NAME", OPTION_TEXT, MEMBER(dialect)},
    [KEY_FILE] = {"key-file", "FILE", OPTION_TEXT, MEMBER(key_file)},
    [KEY_ENV] = {"key-env", "VARIABLE", OPTION_TEXT, MEMBER(key_env)},
    [MODELS] = {"models", "OURS=THEIRS,…", OPTION_TEXT, MEMBER(models)},
    [PRIORITY] = {"priority", "N", OPTION_NUMBER, MEMBER(priority), -999999, 999999},
    [WEIGHT] = {"weight", "N", OPTION_NUMBER, MEMBER(weight), 0, MOST},
    [CONCURRENCY] = {"concurrency", "N", OPTION_NUMBER, MEMBER(concurrency), 0, MOST},
    [RATE] = {"rate", "N/min", OPTION_RATE, MEMBER(rate), 0, MOST},
    [PRIVATE] = {"private", NULL, OPTION_SET, MEMBER(private), 1},
    [NO_PRIVATE] = {"no-private", NULL, OPTION_SET, MEMBER(private), 0},
    [IDEMPOTENCY] = {"idempotency", NULL, OPTION_SET, MEMBER(idempotency), 1},
    [NO_IDEMPOTENCY] = {"no-idempotency", NULL, OPTION_SET, MEMBER(idempotency), 0},
    [WEBHOOK_SECRET_FILE] = {"webhook-secret-file", "FILE", OPTION_TEXT, MEMBER(webhook_secret_file)},
    [PROMPT] = {"prompt", "TEXT", OPTION_WORD, MEMBER(prompt)},
    [MODEL] = {"model", "NAME", OPTION_WORD, MEMBER(model)},
    [SIZE] = {"size", "WxH", OPTION_WORD, MEMBER(size)},
    [SECONDS] = {"seconds", "N", OPTION_NUMBER, MEMBER(seconds), 1, LIMIT_SECONDS},
    [ASPECT_RATIO] = {"aspect-ratio", "W:H", OPTION_WORD, MEMBER(aspect_ratio)},
    [SEED] = {"seed", "N", OPTION_WORD, MEMBER(seed)},
    [NEGATIVE_PROMPT] = {"negative-prompt", "TEXT", OPTION_WORD, MEMBER(negative_prompt)},
    [AUDIO] = {"audio", NULL, OPTION_FLAG, MEMBER(audio)},
    [IMAGE] = {"image", "FILE", OPTION_WORD, MEMBER(image)},
    [LAST] = {"last", "FILE", OPTION_WORD, MEMBER(last)},
    [REFERENCE] = {"reference", "FILE", OPTION_LIST, MEMBER(references), 1, LIMIT_REFERENCES},
    [EXTRA] = {"extra", "JSON", OPTION_WORD, MEMBER(extra)},
    [REMIX] = {"remix", "ID", OPTION_WORD, MEMBER(remix)},
    [EDIT] = {"edit", "ID", OPTION_WORD, MEMBER(edit)},
    [EXTEND] = {"extend", "ID", OPTION_WORD, MEMBER(extend)},
    [CURL] = {"curl", NULL, OPTION_FLAG, MEMBER(curl)},
    [CALL] = {"call", "CALL", OPTION_WORD, MEMBER(call)},
    [JSON] = {"json", NULL, OPTION_FLAG, MEMBER(json)},
    [MAX_OPEN] = {"max-open", "N", OPTION_NUMBER, MEMBER(max_open), 0, MOST},
    [DEFAULT_MAX_OPEN] = {"default-max-open", NULL, OPTION_SET, MEMBER(max_open), -1},
    [HELP] = {"help"},
#undef MEMBER
};

#define HAS(option) (1ULL << (option))

/* The options of a channel. */
#define HAS_CHANNEL                                                                                          \
	(HAS(BASE) | HAS(DIALECT) | HAS(KEY_FILE) | HAS(KEY_ENV) | HAS(MODELS) | HAS(PRIORITY) |             \
	 HAS(WEIGHT) | HAS(CONCURRENCY) | HAS(RATE) | HAS(PRIVATE) | HAS(IDEMPOTENCY) |                      \
	 HAS(WEBHOOK_SECRET_FILE))

/* The options of `dialect show` for a task. */
#define HAS_TASK                                                                                             \
	(HAS(BASE) | HAS(PROMPT) | HAS(MODEL) | HAS(SIZE) | HAS(SECONDS) | HAS(ASPECT_RATIO) | HAS(SEED) |   \
	 HAS(NEGATIVE_PROMPT) | HAS(AUDIO) | HAS(IMAGE) | HAS(LAST) | HAS(REFERENCE) | HAS(EXTRA) |          \
	 HAS(REMIX) | HAS(EDIT) | HAS(EXTEND))

static const struct command {
	const char *name;           /* one word or two */
	const char *operand;        /* those that it takes; "[NAME]" = optional; NULL = none */
	unsigned long long options; /* besides --data, which those with HAS(DATA) can do without */
	unsigned long long needs;   /* those of them that must be there */
	int (*run)(const struct cli_call *call);
	const char *summary;
} commands[] = {
    {"serve", NULL, HAS(PORT) | HAS(LISTEN) | HAS(SIMULATOR) | HAS(CGI), HAS(PORT), cli_serve,
     "run everything, in the foreground"},
    {"user add", "NAME", HAS(EMAIL) | HAS(ADMIN), 0, cli_user_add,
     "add a user; reads the password from standard input"},
    {"user list", NULL, 0, 0, cli_user_list, "list all users"},
    {"user passwd", "NAME", 0, 0, cli_user_passwd, "set a user's password and end all logins"},
    {"user disable", "NAME", 0, 0, cli_user_disable, "lock a user out at once"},
    {"user enable", "NAME", 0, 0, cli_user_enable, "let a user in again"},
    {"user set", "NAME", HAS(MAX_OPEN) | HAS(DEFAULT_MAX_OPEN), 0, cli_user_set,
     "set how many open tasks a user may have, 0 = any number; without an option, show it"},
    {"key create", "USER", HAS(NAME) | HAS(DAYS), 0, cli_key_create,
     "make an API key and print it; it is shown only once"},
    {"key list", "USER", 0, 0, cli_key_list, "list a user's API keys"},
    {"key revoke", "ID", 0, 0, cli_key_revoke, "revoke an API key at once"},
    {"key set", "ID", HAS(MAX_OPEN), HAS(MAX_OPEN), cli_key_set,
     "set how many open tasks made with an API key there may be; 0 = any number"},
    {"task list", NULL, HAS(STATUS) | HAS(USER) | HAS(LIMIT), 0, cli_task_list, "list the latest tasks"},
    {"task show", "ID", 0, 0, cli_task_show, "show a task with its state, lease and next poll"},
    {"channel add", "NAME", HAS_CHANNEL, HAS(BASE) | HAS(DIALECT), cli_channel_add, "add an upstream"},
    {"channel set", "NAME", HAS_CHANNEL | HAS(NO_PRIVATE) | HAS(NO_IDEMPOTENCY), 0, cli_channel_set,
     "change a channel; a new key is used for new jobs"},
    {"channel list", NULL, 0, 0, cli_channel_list, "list all channels with their load"},
    {"channel check", "[NAME]", 0, 0, cli_channel_check, "check that channels can be used"},
    {"channel webhook", "NAME", 0, 0, cli_channel_webhook, "show the address for its upstream's webhooks"},
    {"channel disable", "NAME", 0, 0, cli_channel_disable, "send no new jobs to a channel"},
    {"channel enable", "NAME", 0, 0, cli_channel_enable, "send new jobs to it again"},
    {"channel remove", "NAME", 0, 0, cli_channel_remove, "remove a channel that no open task needs"},
    {"dialect list", NULL, HAS(DATA) | HAS(JSON), 0, cli_dialect_list, "list all profiles of dialects"},
    {"dialect check", "[PROFILE]", HAS(DATA) | HAS(JSON), 0, cli_dialect_check,
     "check a profile, by its name or its file, or all"},
    {"dialect show", "PROFILE", HAS(DATA) | HAS_TASK | HAS(CALL) | HAS(CURL) | HAS(JSON), HAS(PROMPT),
     cli_dialect_show, "show the requests that it would make"},
    {"dialect replay", "PROFILE ANSWER", HAS(DATA) | HAS(STATUS) | HAS(CALL) | HAS(JSON), 0,
     cli_dialect_replay, "tell what an answer means; ANSWER is a file, or - for standard input"},
    {"backup", "FILE", 0, 0, cli_backup, "copy the database into a new file; nothing needs to stop"},
    {"check", NULL, 0, 0, cli_check, "check configuration, database, web server and channels"},
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static void
print_command(FILE *out, const struct command *command)
{
	fprintf(out, "  longreel %s", command->name);
	if (command->operand)
		fprintf(out, " %s", command->operand);
	fputs(command->options & HAS(DATA) ? " [--data DIR]" : " --data DIR", out);
	for (int i = 0; i < OPTIONS; i++) {
		if (i == DATA || !(command->options & HAS(i)))
			continue;
		fprintf(out, command->needs & HAS(i) ? " --%s" : " [--%s", options[i].name);
		if (options[i].value)
			fprintf(out, " %s", options[i].value);
		if (!(command->needs & HAS(i)))
			fputs(options[i].kind == OPTION_LIST ? "]…" : "]", out);
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
	printf("Without --data, LONGREEL_DATA names the data directory. More: man longreel\n");
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

/* Reads a number of at most nine digits, with `end` behind it or nothing. False where it is none, or not from
 * row->low to row->high. */
static bool
read_number(const struct option_row *row, const char *text, const char *end, int *ret_number)
{
	const char *digits = text + (*text == '-');
	size_t len = strspn(digits, "0123456789");

	if (len == 0 || len > 9 || (digits[len] != '\0' && strcmp(digits + len, end) != 0))
		return false;
	long number = strtol(text, NULL, 10);
	if (number < row->low || number > row->high)
		return false;
	*ret_number = (int)number;
	return true;
}

static bool
add_to_list(struct cli_list *list, int most, const char *value)
{
	if (list->count == most || *value == '\0')
		return false;
	list->at[list->count++] = value;
	return true;
}

/* Reads one option into its member of `call`. False where its value is bad. */
static bool
read_option(const struct option_row *row, const char *value, struct cli_call *call)
{
	void *member = (char *)call + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return true;
	case OPTION_SET:
		*(int *)member = row->low;
		return true;
	case OPTION_TEXT:
	case OPTION_WORD:
		*(const char **)member = value;
		return row->kind == OPTION_TEXT || *value != '\0';
	case OPTION_LIST:
		return add_to_list(member, row->high, value);
	case OPTION_NUMBER:
		return read_number(row, value, "", member);
	case OPTION_RATE:
		return read_number(row, value, "/min", member);
	case OPTION_HELP:
		break;
	}
	return false;
}

/* Says what the value of the option must be. */
static int
bad_value(const struct command *command, const struct option_row *row)
{
	if (row->kind == OPTION_WORD)
		return misuse(command, "--%s must not be empty", row->name);
	if (row->kind == OPTION_LIST)
		return misuse(command, "--%s must not be empty, and not be given more than %d times",
		              row->name, row->high);
	return misuse(command, "--%s must be a number from %d to %d%s", row->name, row->low, row->high,
	              row->kind == OPTION_RATE ? ", with or without /min" : "");
}

/* Reads the options of the command. Returns CLI_DONE, or what main() is to return; -1 where --help is asked
 * for. */
static int
read_options(const struct command *command, int argc, char **argv, struct cli_call *call)
{
	struct option table[OPTIONS + 1] = {{0}};
	unsigned long long seen = 0;
	int option;

	for (int i = 0; i < OPTIONS; i++)
		table[i] = (struct option){options[i].name,
		                           options[i].value ? required_argument : no_argument, NULL, i};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (option == HELP || option == 'h')
			return -1;
		if (option == ':')
			return misuse(command, "option %s needs a value", argv[optind - 1]);
		if (option == '?')
			return misuse(command, "unknown option %s", argv[optind - 1]);
		if (!((command->options | HAS(DATA)) & HAS(option)))
			return misuse(command, "unknown option --%s", options[option].name);
		if (!read_option(&options[option], optarg, call))
			return bad_value(command, &options[option]);
		seen |= HAS(option);
	}
	for (int i = 0; i < OPTIONS; i++) {
		if (command->needs & ~seen & HAS(i))
			return misuse(command, "missing option --%s %s", options[i].name, options[i].value);
	}
	return CLI_DONE;
}

static int
run_command(const struct command *command, int argc, char **argv)
{
	struct cli_call call = {.data = getenv("LONGREEL_DATA"),
	                        .port = -1,
	                        .limit = -1,
	                        .days = -1,
	                        .max_open = CLI_NO_MAX_OPEN,
	                        .priority = CLI_NO_PRIORITY,
	                        .weight = -1,
	                        .concurrency = -1,
	                        .rate = -1,
	                        .idempotency = -1,
	                        .private = -1};

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
	if (call.data != NULL && *call.data == '\0')
		call.data = NULL;
	if (call.data == NULL && !(command->options & HAS(DATA)))
		return misuse(command, "missing option --data DIR (or set LONGREEL_DATA)");
	call.operands = argv + optind;
	/* These two act as root first. */
	if (command->run != cli_serve && command->run != cli_backup && call.data != NULL &&
	    !owner_become(call.data))
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

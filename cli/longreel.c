/* longreel: the operator's program. The table below is its command line: what it understands and what
 * --help prints both come from it. longreel.1 beside this file is the manual. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	HELP,
	OPTIONS
};

static const struct {
	const char *name;
	const char *value; /* NULL = it takes none */
	bool needed;
} options[OPTIONS] = {
    [DATA] = {"data", "DIR"},
    [PORT] = {"port", "N", true},
    [LISTEN] = {"listen", "ADDR"},
    [SIMULATOR] = {"simulator"},
    [CGI] = {"cgi"},
    [EMAIL] = {"email", "ADDRESS"},
    [ADMIN] = {"admin"},
    [STATUS] = {"status", "STATUS"},
    [USER] = {"user", "NAME"},
    [LIMIT] = {"limit", "N"},
    [NAME] = {"name", "NAME"},
    [DAYS] = {"days", "N"},
    [BASE] = {"base", "URL"},
    [DIALECT] = {"dialect", "NAME"},
    [KEY_FILE] = {"key-file", "FILE"},
    [KEY_ENV] = {"key-env", "VARIABLE"},
    [MODELS] = {"models", "OURS=THEIRS,…"},
    [PRIORITY] = {"priority", "N"},
    [WEIGHT] = {"weight", "N"},
    [CONCURRENCY] = {"concurrency", "N"},
    [RATE] = {"rate", "N/min"},
    [PRIVATE] = {"private"},
    [NO_PRIVATE] = {"no-private"},
    [IDEMPOTENCY] = {"idempotency"},
    [NO_IDEMPOTENCY] = {"no-idempotency"},
    [WEBHOOK_SECRET_FILE] = {"webhook-secret-file", "FILE"},
    [HELP] = {"help"},
};

#define HAS(option) (1ULL << (option))

/* What can be said of a channel. */
#define HAS_CHANNEL                                                                                          \
	(HAS(BASE) | HAS(DIALECT) | HAS(KEY_FILE) | HAS(KEY_ENV) | HAS(MODELS) | HAS(PRIORITY) |             \
	 HAS(WEIGHT) | HAS(CONCURRENCY) | HAS(RATE) | HAS(PRIVATE) | HAS(IDEMPOTENCY) |                      \
	 HAS(WEBHOOK_SECRET_FILE))

static const struct command {
	const char *name;           /* one word or two */
	const char *operand;        /* the one that it needs, "[NAME]" = or may have, or NULL */
	unsigned long long options; /* beside --data */
	int (*run)(const struct cli_call *call);
	const char *summary;
} commands[] = {
    {"serve", NULL, HAS(PORT) | HAS(LISTEN) | HAS(SIMULATOR) | HAS(CGI), cli_serve,
     "run everything, in the foreground"},
    {"user add", "NAME", HAS(EMAIL) | HAS(ADMIN), cli_user_add,
     "add a user; the password comes on standard input"},
    {"user list", NULL, 0, cli_user_list, "list all users"},
    {"user passwd", "NAME", 0, cli_user_passwd, "set a password and end all logins of the user"},
    {"user disable", "NAME", 0, cli_user_disable, "lock a user out at once"},
    {"user enable", "NAME", 0, cli_user_enable, "let a user in again"},
    {"key create", "USER", HAS(NAME) | HAS(DAYS), cli_key_create,
     "make an API key for a user, and print it this once"},
    {"key list", "USER", 0, cli_key_list, "list a user's API keys"},
    {"key revoke", "ID", 0, cli_key_revoke, "end an API key at once"},
    {"task list", NULL, HAS(STATUS) | HAS(USER) | HAS(LIMIT), cli_task_list, "list the latest tasks"},
    {"task show", "ID", 0, cli_task_show, "show all of a task, with state, lease and next look"},
    {"channel add", "NAME", HAS_CHANNEL, cli_channel_add, "add an upstream"},
    {"channel set", "NAME", HAS_CHANNEL | HAS(NO_PRIVATE) | HAS(NO_IDEMPOTENCY), cli_channel_set,
     "change what is said of one; another key is for new work"},
    {"channel list", NULL, 0, cli_channel_list, "list all channels and what they have to do"},
    {"channel check", "[NAME]", 0, cli_channel_check, "ask whether channels can be used"},
    {"channel disable", "NAME", 0, cli_channel_disable, "keep new work away from a channel"},
    {"channel enable", "NAME", 0, cli_channel_enable, "give it new work again"},
    {"channel remove", "NAME", 0, cli_channel_remove, "forget a channel that no open task needs"},
    {"backup", "FILE", 0, cli_backup, "copy the database into a new file while everything runs"},
    {"check", NULL, 0, cli_check, "check configuration, database, web server and upstream"},
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static void
print_command(FILE *out, const struct command *command)
{
	fprintf(out, "  longreel %s", command->name);
	if (command->operand)
		fprintf(out, " %s", command->operand);
	fputs(" --data DIR", out);
	for (int i = 0; i < OPTIONS; i++) {
		if (!(command->options & HAS(i)))
			continue;
		fprintf(out, options[i].needed ? " --%s" : " [--%s", options[i].name);
		if (options[i].value)
			fprintf(out, " %s", options[i].value);
		if (!options[i].needed)
			fputc(']', out);
	}
	fprintf(out, "\n      %s\n", command->summary);
}

static int
print_help(const struct command *only)
{
	printf("Usage:\n");
	for (size_t i = 0; i < COMMANDS; i++) {
		if (only == NULL || only == &commands[i])
			print_command(stdout, &commands[i]);
	}
	printf("--data may be left out where LONGREEL_DATA is set. More: man longreel\n");
	return cli_finish();
}

/* The command that the first words name; the number of those words in `ret_words`. */
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

/* A number from 0 to `most`, or -1. */
static int
number_of(const char *text, long most)
{
	char *end;

	long number = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || strlen(text) > 9 || number > most)
		return -1;
	return (int)number;
}

/* A number of either sign, with up to six digits. */
static bool
signed_number(const char *text, int *ret_number)
{
	bool minus = *text == '-';
	int number = number_of(text + minus, 999999);

	*ret_number = minus ? -number : number;
	return number >= 0;
}

/* "30" or "30/min". */
static int
rate_of(const char *text)
{
	char digits[16];
	size_t len = strspn(text, "0123456789");

	if (len >= sizeof(digits) || (text[len] != '\0' && strcmp(text + len, "/min") != 0))
		return -1;
	snprintf(digits, sizeof(digits), "%.*s", (int)len, text);
	return number_of(digits, 1000000);
}

/* Takes in one of the options that say something of a channel. */
static bool
take_channel_option(struct cli_call *call, int option, const char *value)
{
	const char **const texts[OPTIONS] = {
	    [BASE] = &call->base,         [DIALECT] = &call->dialect,
	    [KEY_FILE] = &call->key_file, [KEY_ENV] = &call->key_env,
	    [MODELS] = &call->models,     [WEBHOOK_SECRET_FILE] = &call->webhook_secret_file};
	int *const numbers[OPTIONS] = {[WEIGHT] = &call->weight, [CONCURRENCY] = &call->concurrency};

	if (texts[option]) {
		*texts[option] = value;
		return true;
	}
	if (numbers[option]) {
		*numbers[option] = number_of(value, 1000000);
		return *numbers[option] >= 0;
	}
	if (option == RATE)
		return (call->rate = rate_of(value)) >= 0;
	if (option == PRIORITY)
		return call->has_priority = signed_number(value, &call->priority);
	if (option == PRIVATE || option == NO_PRIVATE)
		call->private = option == PRIVATE;
	else
		call->idempotency = option == IDEMPOTENCY;
	return true;
}

/* Takes in one option. False where its value is bad. */
static bool
take_option(struct cli_call *call, int option, const char *value)
{
	switch ((enum option_id)option) {
	case DATA:
		call->data = value;
		return *value != '\0';
	case PORT:
		call->port = number_of(value, 65535);
		return call->port >= 0;
	case LISTEN:
		call->listen = value;
		return *value != '\0';
	case SIMULATOR:
		call->simulator = true;
		return true;
	case CGI:
		call->cgi = true;
		return true;
	case EMAIL:
		call->email = value;
		return true;
	case ADMIN:
		call->admin = true;
		return true;
	case STATUS:
		call->status = value;
		return true;
	case USER:
		call->user = value;
		return true;
	case LIMIT:
		call->limit = number_of(value, 1000000);
		return call->limit > 0;
	case NAME:
		call->name = value;
		return *value != '\0';
	case DAYS:
		call->days = number_of(value, 36500);
		return call->days > 0;
	case BASE:
	case DIALECT:
	case KEY_FILE:
	case KEY_ENV:
	case MODELS:
	case PRIORITY:
	case WEIGHT:
	case CONCURRENCY:
	case RATE:
	case PRIVATE:
	case NO_PRIVATE:
	case IDEMPOTENCY:
	case NO_IDEMPOTENCY:
	case WEBHOOK_SECRET_FILE:
		return take_channel_option(call, option, value);
	case HELP:
	case OPTIONS:
		break;
	}
	return false;
}

static int
run_command(const struct command *command, int argc, char **argv)
{
	struct option table[OPTIONS + 1] = {{0}};
	struct cli_call call = {.data = getenv("LONGREEL_DATA"),
	                        .port = -1,
	                        .limit = -1,
	                        .days = -1,
	                        .weight = -1,
	                        .concurrency = -1,
	                        .rate = -1,
	                        .idempotency = -1,
	                        .private = -1};
	unsigned long long seen = 0;
	int option;

	for (int i = 0; i < OPTIONS; i++)
		table[i] = (struct option){options[i].name,
		                           options[i].value ? required_argument : no_argument, NULL, i};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (option == HELP)
			return print_help(command);
		if (option == ':')
			return cli_misuse("%s needs a value.", argv[optind - 1]);
		if (option == '?')
			return cli_misuse("%s is no option of `longreel %s`.", argv[optind - 1],
			                  command->name);
		if (!((command->options | HAS(DATA)) & HAS(option)))
			return cli_misuse("--%s is no option of `longreel %s`.", options[option].name,
			                  command->name);
		if (!take_option(&call, option, optarg))
			return cli_misuse("--%s cannot be \"%s\".", options[option].name, optarg);
		seen |= HAS(option);
	}
	for (int i = 0; i < OPTIONS; i++) {
		if (options[i].needed && (command->options & HAS(i)) && !(seen & HAS(i)))
			return cli_misuse("--%s %s is missing.", options[i].name, options[i].value);
	}
	int given = argc - optind, wanted = command->operand ? 1 : 0;
	bool may_lack = command->operand && command->operand[0] == '[';
	if (given > wanted)
		return cli_misuse("\"%s\" is one word too many.", argv[optind + wanted]);
	if (given < wanted && !may_lack)
		return cli_misuse("%s is missing.", command->operand);
	if (!call.data || *call.data == '\0')
		return cli_misuse("--data DIR is missing.");
	call.operands = argv + optind;
	/* These two have something to do as root before. */
	if (command->run != cli_serve && command->run != cli_backup && !owner_become(call.data))
		return CLI_FAILED;
	return command->run(&call);
}

/* What may stand behind the first word, "add, list"; "" where no command begins with it. */
static void
second_words(const char *first, char *ret_text, size_t size)
{
	size_t len = strlen(first), used = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *name = commands[i].name;
		if (strncmp(name, first, len) == 0 && name[len] == ' ' && used < size)
			used += (size_t)snprintf(ret_text + used, size - used, "%s%s", used ? ", " : "",
			                         name + len + 1);
	}
}

static int
no_command(int argc, char **argv)
{
	char words[256];

	if (argc < 2)
		return cli_misuse("what is to be done?");
	second_words(argv[1], words, sizeof(words));
	if (*words)
		return cli_misuse("what of `longreel %s`: %s?", argv[1], words);
	return cli_misuse("there is no command \"%s\".", argv[1]);
}

int
main(int argc, char **argv)
{
	int words = 0;

	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0))
		return print_help(NULL);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("longreel " LONGREEL_VERSION);
		return cli_finish();
	}
	const struct command *command = find_command(argc, argv, &words);
	if (command == NULL)
		return no_command(argc, argv);
	return run_command(command, argc - words, argv + words);
}

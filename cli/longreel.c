/* longreel: the operator's program. The table below is its command line: what it understands and what
 * --help prints both come from it. longreel.1 beside this file is the manual. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char version[] = "0.1.0";

enum option_id { DATA, PORT, LISTEN, SIMULATOR, CGI, EMAIL, ADMIN, STATUS, USER, LIMIT, HELP, OPTIONS };

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
    [HELP] = {"help"},
};

#define HAS(option) (1U << (option))

static const struct command {
	const char *name;    /* one word or two */
	const char *operand; /* the one that it needs, or NULL */
	unsigned options;    /* beside --data */
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
    {"task list", NULL, HAS(STATUS) | HAS(USER) | HAS(LIMIT), cli_task_list, "list the latest tasks"},
    {"task show", "ID", 0, cli_task_show, "show all of a task, with state, lease and next look"},
    {"backup", "FILE", 0, cli_backup, "copy the database into a new file while everything runs"},
    {"check", NULL, 0, cli_check, "check configuration, database, web server and upstream"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

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
		if (!only || only == &commands[i])
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
	struct cli_call call = {.data = getenv("LONGREEL_DATA"), .port = -1, .limit = -1};
	unsigned seen = 0;
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
	if (given > wanted)
		return cli_misuse("\"%s\" is one word too many.", argv[optind + wanted]);
	if (given < wanted)
		return cli_misuse("%s is missing.", command->operand);
	if (!call.data || *call.data == '\0')
		return cli_misuse("--data DIR is missing.");
	call.operands = argv + optind;
	return command->run(&call);
}

int
main(int argc, char **argv)
{
	int words = 0;

	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0))
		return print_help(NULL);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("longreel %s\n", version);
		return cli_finish();
	}
	const struct command *command = find_command(argc, argv, &words);
	if (!command)
		return argc > 1 ? cli_misuse("there is no command \"%s%s%s\".", argv[1], argc > 2 ? " " : "",
		                             argc > 2 ? argv[2] : "")
		                : cli_misuse("what is to be done?");
	return run_command(command, argc - words, argv + words);
}

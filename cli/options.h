/* The options of the command line: one table, from which they are read and --help is made. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "cli.h"

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
	EXTRA_ALLOW,
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
	DEFAULT_RATE,
	GROUP,
	MULTIPLIER,
	NOTE,
	SCOPE,
	ADDRESSES,
	DISABLE,
	ENABLE,
	BUDGET_DAY,
	BUDGET_WEEK,
	BUDGET_MONTH,
	BUDGET_TOTAL,
	COUNT,
	AMOUNT,
	EXPIRES,
	BATCH,
	USES,
	PER_SECOND,
	FLAT,
	JOB,
	WITH_IMAGE,
	WITH_AUDIO,
	IMAGES,
	MIN_SECONDS,
	STEP_SECONDS,
	DEFAULT_SECONDS,
	DEFAULT_SIZE,
	MAX_SECONDS,
	SETTLE,
	FROM,
	TO,
	BY,
	CSV,
	PUBLIC_URL,
	TRUSTED_PROXIES,
	REGISTRATION,
	ADMINISTRATOR,
	PASSWORD_FILE,
	NO_CHECK,
	ALL,
	NO_ARCHIVE,
	SOCKETS,
	BASE_PATH,
	HELP,
	OPTIONS
};

/* The set that holds this option, for option_set (cli.h). */
#define HAS(option) ((option_set)1 << (option))

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

struct option_row {
	const char *name;
	const char *value; /* its name in --help; NULL = it takes none */
	enum option_kind kind;
	size_t offset; /* of the member of struct cli_call */
	int low, high;
};

extern const struct option_row options[OPTIONS];

/* Reads the value of an option (NULL where it takes none) into its member of `call`. False where it is bad.
 */
bool option_read(enum option_id id, const char *value, struct cli_call *call);

/* Writes what the value of the option must be: "--port must be a number from 0 to 65535". */
void option_explain(enum option_id id, char *ret_text, size_t size);

/* Writes the operands, and the options that were given but for --data and --json, as a JSON object. Texts
 * must be valid UTF-8.
 */
void option_write(struct jsonw *w, const struct cli_call *call);

#endif

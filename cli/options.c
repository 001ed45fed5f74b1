/* The options of the command line: see options.h. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { MOST = 1000000 /* the largest number that an option takes */ };

const struct option_row options[OPTIONS] = {
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
    [EXTRA_ALLOW] = {"extra-allow", "NAME,…", OPTION_TEXT, MEMBER(extra_allow)},
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
    [DEFAULT_RATE] = {"default-rate", NULL, OPTION_SET, MEMBER(rate), CLI_DEFAULT},
    [GROUP] = {"group", "NAME", OPTION_TEXT, MEMBER(group)},
    [MULTIPLIER] = {"multiplier", "N", OPTION_WORD, MEMBER(multiplier)},
    [NOTE] = {"note", "TEXT", OPTION_TEXT, MEMBER(note)},
    [SCOPE] = {"scope", "all|read|admin", OPTION_WORD, MEMBER(scope)},
    [ADDRESSES] = {"address", "NETWORK,…", OPTION_TEXT, MEMBER(addresses)},
    [DISABLE] = {"disable", NULL, OPTION_SET, MEMBER(disabled), 1},
    [ENABLE] = {"enable", NULL, OPTION_SET, MEMBER(disabled), 0},
    [BUDGET_DAY] = {"budget-day", "AMOUNT|none", OPTION_WORD, MEMBER(budgets[WINDOW_DAY])},
    [BUDGET_WEEK] = {"budget-week", "AMOUNT|none", OPTION_WORD, MEMBER(budgets[WINDOW_WEEK])},
    [BUDGET_MONTH] = {"budget-month", "AMOUNT|none", OPTION_WORD, MEMBER(budgets[WINDOW_MONTH])},
    [BUDGET_TOTAL] = {"budget-total", "AMOUNT|none", OPTION_WORD, MEMBER(budgets[WINDOW_TOTAL])},
    [COUNT] = {"count", "N", OPTION_NUMBER, MEMBER(count), 1, LIMIT_CODES},
    [AMOUNT] = {"amount", "AMOUNT", OPTION_WORD, MEMBER(amount)},
    [EXPIRES] = {"expires", "TIME", OPTION_WORD, MEMBER(expires)},
    [BATCH] = {"batch", "NAME", OPTION_WORD, MEMBER(batch)},
    [USES] = {"uses", "N", OPTION_NUMBER, MEMBER(uses), 1, MOST},
    [PER_SECOND] = {"per-second", "AMOUNT", OPTION_WORD, MEMBER(per_second)},
    [FLAT] = {"flat", "AMOUNT", OPTION_WORD, MEMBER(flat)},
    [JOB] = {"job", "JOB", OPTION_WORD, MEMBER(job)},
    [WITH_IMAGE] = {"with-image", "yes|no", OPTION_WORD, MEMBER(with_image)},
    [WITH_AUDIO] = {"with-audio", "yes|no", OPTION_WORD, MEMBER(with_audio)},
    [IMAGES] = {"images", "N", OPTION_NUMBER, MEMBER(images), 0, LIMIT_IMAGES},
    [MIN_SECONDS] = {"min-seconds", "N", OPTION_NUMBER, MEMBER(min_seconds), 0, LIMIT_SECONDS},
    [STEP_SECONDS] = {"step-seconds", "N", OPTION_NUMBER, MEMBER(step_seconds), 1, LIMIT_SECONDS},
    [DEFAULT_SECONDS] = {"default-seconds", "N", OPTION_NUMBER, MEMBER(default_seconds), 0, LIMIT_SECONDS},
    [DEFAULT_SIZE] = {"default-size", "WxH", OPTION_WORD, MEMBER(default_size)},
    [MAX_SECONDS] = {"max-seconds", "N", OPTION_NUMBER, MEMBER(max_seconds), 0, LIMIT_SECONDS},
    [SETTLE] = {"settle", "asked|delivered", OPTION_WORD, MEMBER(settle)},
    [FROM] = {"from", "TIME", OPTION_WORD, MEMBER(from)},
    [TO] = {"to", "TIME", OPTION_WORD, MEMBER(to)},
    [BY] = {"by", "user|model|channel|key|day", OPTION_WORD, MEMBER(by)},
    [CSV] = {"csv", NULL, OPTION_FLAG, MEMBER(csv)},
    [PUBLIC_URL] = {"public-url", "URL", OPTION_TEXT, MEMBER(public_url)},
    [TRUSTED_PROXIES] = {"trusted-proxies", "ADDRESSES", OPTION_TEXT, MEMBER(trusted_proxies)},
    [REGISTRATION] = {"registration", "open|closed|invite", OPTION_WORD, MEMBER(registration)},
    [ADMINISTRATOR] = {"administrator", "NAME", OPTION_WORD, MEMBER(administrator)},
    [PASSWORD_FILE] = {"password-file", "FILE", OPTION_WORD, MEMBER(password_file)},
    [NO_CHECK] = {"no-check", NULL, OPTION_FLAG, MEMBER(no_check)},
    [ALL] = {"all", NULL, OPTION_FLAG, MEMBER(all)},
    [NO_ARCHIVE] = {"no-archive", NULL, OPTION_FLAG, MEMBER(no_archive)},
    [SOCKETS] = {"sockets", "DIR", OPTION_WORD, MEMBER(sockets)},
    [BASE_PATH] = {"base-path", "PATH", OPTION_WORD, MEMBER(base_path)},
    [HELP] = {"help"},
#undef MEMBER
};

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

bool
option_read(enum option_id id, const char *value, struct cli_call *call)
{
	const struct option_row *row = &options[id];
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

void
option_explain(enum option_id id, char *ret_text, size_t size)
{
	const struct option_row *row = &options[id];

	if (row->kind == OPTION_WORD)
		snprintf(ret_text, size, "--%s must not be empty", row->name);
	else if (row->kind == OPTION_LIST)
		snprintf(ret_text, size, "--%s must not be empty, and not be given more than %d times",
		         row->name, row->high);
	else
		snprintf(ret_text, size, "--%s must be a number from %d to %d%s", row->name, row->low,
		         row->high, row->kind == OPTION_RATE ? ", with or without /min" : "");
}

/* The text, where it can be written as JSON. */
static const char *
readable(const char *text)
{
	return utf8_count(text, strlen(text)) >= 0 ? text : "?";
}

void
option_write(struct jsonw *w, const struct cli_call *call)
{
	jsonw_object(w, NULL);
	jsonw_array(w, "operands");
	for (char *const *operand = call->operands; *operand != NULL; operand++)
		jsonw_string(w, NULL, readable(*operand));
	jsonw_array_end(w);
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_row *row = &options[i];
		const void *member = (const char *)call + row->offset;

		if (i == DATA || i == JSON || !(call->given & HAS(i)))
			continue;
		switch (row->kind) {
		case OPTION_TEXT:
		case OPTION_WORD:
			jsonw_string(w, row->name, readable(*(const char *const *)member));
			break;
		case OPTION_NUMBER:
		case OPTION_RATE:
			jsonw_int(w, row->name, *(const int *)member);
			break;
		case OPTION_LIST:
			jsonw_string(w, row->name, readable(((const struct cli_list *)member)->at[0]));
			break;
		case OPTION_FLAG:
		case OPTION_SET:
			jsonw_bool(w, row->name, true);
			break;
		case OPTION_HELP:
			break;
		}
	}
	jsonw_object_end(w);
}

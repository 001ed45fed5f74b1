/* What the subcommands share. Messages go to standard error, results to standard output, so that a script
 * can tell them apart. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/access.h"
#include "base/amount.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/owner.h"
#include "store/store.h"

int
cli_fail(const char *format, ...)
{
	va_list args;

	fputs("longreel: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_FAILED;
}

/* True for what is written as an amount, however large. */
static bool
looks_like_amount(const char *text)
{
	const char digits[] = "0123456789";
	size_t whole = strspn(text, digits), behind = 0;

	text += whole;
	if (*text == '.') {
		behind = strspn(++text, digits);
		if (behind == 0)
			return false;
	}
	return whole > 0 && behind <= AMOUNT_DECIMALS && text[behind] == '\0';
}

bool
cli_read_amount(const char *what, const char *text, int64_t least, int64_t *ret_micro)
{
	int64_t micro;

	if (amount_read(text, &micro) && micro >= least) {
		*ret_micro = micro;
		return true;
	}
	if (looks_like_amount(text) && !amount_read(text, &micro))
		cli_fail("%s must be at most %" PRId64 ".", what, AMOUNT_MOST / AMOUNT_UNIT);
	else
		cli_fail("%s must be an amount%s such as 20 or 0.50, with at most six decimals.", what,
		         least > 0 ? " above 0," : "");
	return false;
}

bool
cli_become_owner(const char *data)
{
	char why[512];

	if (owner_become(data, why, sizeof(why)))
		return true;
	cli_fail("%s", why);
	return false;
}

int
cli_with_store(const struct cli_call *call, enum store_mode mode,
               int (*fn)(const struct cli_call *call, struct store *store, struct arena *arena))
{
	struct store *store = NULL;
	int result = CLI_FAILED;
	char why[512];

	struct arena *arena = arena_new();
	if (arena == NULL || !crypto_open())
		return cli_fail("not enough memory, or no random numbers from the system.");
	/* Else a file that may only be read would fail at the first write, and without its name. */
	bool denied = mode != STORE_READ && access_denied(call->data, why, sizeof(why));
	enum err_code err = denied ? ERR_FORBIDDEN : store_open(call->data, mode, &store);
	if (err == ERR_OK)
		result = fn(call, store, arena);
	else if (denied || access_denied(call->data, why, sizeof(why)))
		cli_fail("%s", why);
	else if (err == ERR_NOT_FOUND)
		cli_fail("there is no database in %s; `longreel serve` or `longreel check` makes one.",
		         call->data);
	else
		cli_fail("the database in %s cannot be opened: %s", call->data, err_text(err, "en"));
	store_close(store);
	arena_free(arena);
	return result;
}

/* The bytes of the UTF-8 character at `s`. */
static int
width_of(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

int
cli_put_text(FILE *out, const char *text, int max)
{
	int count = 0;

	if (text == NULL)
		text = "-";
	for (; *text != '\0'; count++) {
		unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
		int width = width_of(text);

		if (count == max) {
			fputs("…", out);
			return count + 1;
		}
		if (first < 0x20 || first == 0x7F || (first == 0xC2 && second < 0xA0))
			fputc(' ', out);
		else
			fprintf(out, "%.*s", width, text);
		text += strnlen(text, (size_t)width);
	}
	return count;
}

static void
put_cell(const struct cli_column *column, const char *text)
{
	bool last = column[1].title == NULL;
	const char *shown = text != NULL && *text != '\0' ? text : "-";

	int width = cli_put_text(stdout, shown, column->max > 0 ? column->max : INT_MAX);
	if (last)
		putchar('\n');
	else if (isatty(STDOUT_FILENO))
		printf("%*s", width < column->width ? column->width - width + 2 : 2, "");
	else
		putchar('\t');
}

void
cli_put_header(const struct cli_column *columns)
{
	for (; columns->title; columns++)
		put_cell(columns, columns->title);
}

void
cli_put_row(const struct cli_column *columns, const char *const *cells)
{
	for (; columns->title; columns++)
		put_cell(columns, *cells++);
}

int
cli_finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CLI_DONE;
	return cli_fail("standard output cannot be written: %s", strerror(errno));
}

/* What the subcommands share. Messages go to standard error, results to standard output, so that a script
 * can tell them apart. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "store/store.h"

__attribute__((format(printf, 1, 0))) static void
say(const char *format, va_list args)
{
	fputs("longreel: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int
cli_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return CLI_FAILED;
}

int
cli_misuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fputs("Try `longreel --help`.\n", stderr);
	return CLI_MISUSED;
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
		return cli_fail("not enough memory, or no randomness.");
	/* A file that may only be read would be told by the first write alone, and not by its name. */
	bool denied = mode != STORE_READ && access_denied(call->data, why, sizeof(why));
	enum err_code err = denied ? ERR_FORBIDDEN : store_open(call->data, mode, &store);
	if (err == ERR_OK)
		result = fn(call, store, arena);
	else if (denied || access_denied(call->data, why, sizeof(why)))
		cli_fail("%s", why);
	else if (err == ERR_NOT_FOUND)
		cli_fail("%s holds no database; `longreel serve` or `longreel check` makes one.", call->data);
	else
		cli_fail("the database in %s cannot be opened: %s", call->data, err_text(err, "en"));
	store_close(store);
	arena_free(arena);
	return result;
}

/* The bytes of the character at `s`, which is valid UTF-8. */
static int
width_of(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

void
cli_put_text(FILE *out, const char *text, int max)
{
	if (text == NULL)
		text = "-";
	for (int count = 0; *text != '\0'; count++) {
		unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
		int width = width_of(text);

		if (count == max) {
			fputs("…", out);
			return;
		}
		if (first < 0x20 || first == 0x7F || (first == 0xC2 && second < 0xA0))
			fputc(' ', out);
		else
			fprintf(out, "%.*s", width, text);
		text += strnlen(text, (size_t)width);
	}
}

int
cli_finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CLI_DONE;
	return cli_fail("standard output cannot be written: %s", strerror(errno));
}

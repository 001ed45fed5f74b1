/* The table of err.def as functions. A code outside of it is answered as an internal error: a number may have
 * been damaged on its way. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

struct row {
	int status;
	const char *word;
	const char *en;
	const char *zh;
};

static const struct row rows[ERR__MAX] = {
#define ERR(name, status, code, en, zh) [ERR_##name] = {status, code, en, zh},
#include "base/err.def"
};

static const struct row *
row_of(enum err_code code)
{
	return &rows[(unsigned)code < ERR__MAX ? code : ERR_INTERNAL];
}

int
err_status(enum err_code code)
{
	return row_of(code)->status;
}

const char *
err_word(enum err_code code)
{
	return row_of(code)->word;
}

const char *
err_text(enum err_code code, const char *lang)
{
	const struct row *row = row_of(code);

	return lang && strcmp(lang, "zh") == 0 ? row->zh : row->en;
}

struct err
err_of(enum err_code code)
{
	return (struct err){.code = code};
}

struct err
err_say(enum err_code code, const char *field, const char *format, ...)
{
	struct err err = {.code = code, .field = field};
	char text[sizeof(err.detail) + 4]; /* a character more, so that the cut sees where one begins */
	va_list args;

	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > 0)
		memcpy(err.detail, text, utf8_cut(text, sizeof(err.detail) - 1));
	return err;
}

struct err
err_in_chinese(struct err err, const char *zh)
{
	err.zh = zh;
	return err;
}

const char *
err_sentence(const struct err *err, const char *lang, bool any)
{
	bool zh = strcmp(lang, "zh") == 0;

	if (zh && err->zh)
		return err->zh;
	return err->detail[0] && (any || !zh) ? err->detail : err_text(err->code, lang);
}

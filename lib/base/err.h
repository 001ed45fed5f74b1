/* What went wrong, as a value. Floors below `api` return an enum err_code; endpoint handlers return
 * a struct err, which adds what helps a person. Nothing in lib/ logs an error that it returns. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_code {
#define ERR(name, status, code, en, zh) ERR_##name,
#include "base/err.def"
#undef ERR
	ERR__MAX
};

struct err {
	enum err_code code;
	const char *field;      /* the field at fault, or NULL; lives as long as the request, or longer */
	int64_t retry_after_ms; /* when another try makes sense; 0 = not known */
	bool no_auto_retry;     /* a client that repeats the request by itself would be misunderstood */
	const char *zh;         /* `detail` in Chinese, or NULL; lives for ever */
	char detail[160];       /* one sentence for a person in place of the row's own; "" = the row's */
};

/* The HTTP status of a code. */
int err_status(enum err_code code);

/* The machine code of a code, such as "task_not_found". Never NULL; lives for ever. */
const char *err_word(enum err_code code);

/* The sentence of a code, in Chinese when `lang` is "zh", else in English. Lives for ever. */
const char *err_text(enum err_code code, const char *lang);

/* A struct err of `code` with nothing to add. */
struct err err_of(enum err_code code);

/* A struct err with a sentence of its own (cut at 159 bytes, at a character's border) and, where
 * `field` is not NULL, the field at fault. */
struct err
err_say(enum err_code code, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with a sentence in Chinese as well, a constant: it names no field, since whoever shows it does. */
struct err err_in_chinese(struct err err, const char *zh);

/* The sentence to show for `err`: its own where it has one in that language (or in any, where `any`), else
 * the row's. Lives as long as `err`. */
const char *err_sentence(const struct err *err, const char *lang, bool any);

#endif

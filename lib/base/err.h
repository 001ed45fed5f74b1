/* Errors as values; the table is err.def. Floors below `api` return an enum err_code; endpoint handlers
 * return a struct err, which adds the field at fault and a sentence. Nothing in lib/ logs an error that it
 * returns. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_code {
#define ERR(name, status, code, en, zh) ERR_##name,
#include "base/err.def"
	ERR__MAX
};

struct err {
	enum err_code code;
	const char *field;         /* the field at fault, or NULL; lives at least as long as the request */
	int64_t retry_after_ms;    /* after this another try makes sense; 0 = not known */
	bool no_auto_retry;        /* a client must not repeat the request by itself */
	int upstream_status;       /* of a refusal of the upstream's: its status, or 0 */
	const char *upstream_code; /* … and its code, or NULL; as `field` */
	const char *allowed; /* values that the field may have, separated by ", ", or NULL; as `field` */
	const char
	    *details;     /* a JSON object for programs, in place of the other details, or NULL; as `field` */
	const char *zh;   /* `detail` in Chinese, or NULL; as `field` */
	char detail[512]; /* one sentence in English in place of the table's; "" = the table's */
};

/* Returns the HTTP status of a code. */
int err_status(enum err_code code);

/* Returns the word of a code in the API, such as "task_not_found". Never NULL; lives for ever. */
const char *err_word(enum err_code code);

/* Returns the table's sentence of a code, in Chinese where `lang` is "zh", else in English. Lives for ever.
 */
const char *err_text(enum err_code code, const char *lang);

/* Makes a struct err of `code` with nothing to add. */
struct err err_of(enum err_code code);

/* Makes a struct err with a sentence of its own (cut at 511 bytes, between characters) and, where `field` is
 * not NULL, the field at fault. */
struct err
err_say(enum err_code code, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds a sentence in Chinese, which lives as long as the field. It names no field: that is shown beside it.
 */
struct err err_in_chinese(struct err err, const char *zh);

/* Returns the sentence to show for `err`: its own where it has one in that language (or in any, where `any`),
 * else the table's. Lives as long as `err`. */
const char *err_sentence(const struct err *err, const char *lang, bool any);

#endif

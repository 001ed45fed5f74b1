/* Byte ranges (RFC 9110, section 14): one range of bytes, or the whole. Pure, thread-safe. */
#ifndef WEB_RANGE_H
#define WEB_RANGE_H

#include <stdint.h>

enum range_kind {
	RANGE_WHOLE, /* answer 200 with everything */
	RANGE_PART,  /* answer 206 with the range */
	RANGE_BAD    /* answer 416 with "Content-Range: bytes * /size" (without the blank) */
};

struct range {
	int64_t first; /* offset of the first byte */
	int64_t len;   /* bytes */
};

/* Which part of `size` bytes the request asks for, by the values of its headers Range and If-Range (NULL =
 * absent) and the representation's strong entity tag (quotes included). ret_range is written unless the kind
 * is RANGE_BAD. What is allowed to be ignored is: another unit than bytes, several ranges, bad syntax, an
 * If-Range that is not this very tag (a weak tag or a date never is); the answer is then the whole. */
enum range_kind
range_read(const char *range, const char *if_range, const char *etag, int64_t size, struct range *ret_range);

#endif

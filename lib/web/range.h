/* Byte ranges (RFC 9110, section 14): one range, or the whole. Pure, thread-safe. */
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

/* Tells which part of `size` bytes a request asks for, by its headers Range and If-Range (NULL = absent) and
 * the strong entity tag of the content (quotes included). ret_range is written unless the kind is RANGE_BAD.
 * All that may be ignored means the whole: another unit than bytes, several ranges, bad syntax, an If-Range
 * that is not exactly this tag (a weak tag or a date never is). */
enum range_kind
range_read(const char *range, const char *if_range, const char *etag, int64_t size, struct range *ret_range);

#endif

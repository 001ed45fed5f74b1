/* Ids made of random bits in base36, always of full width, so that ids of one kind have one length and sort
 * by their prefix. */
#include "base/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"

enum { VIDEO_DIGITS = 12, SHORT_HALF = 8 }; /* base36 digits that hold 60 and 40 bits */

/* Writes `bits` random bits as `digits` digits. */
static void
draw_digits(unsigned bits, size_t digits, char *out)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	uint64_t number = crypto_draw() >> (64 - bits);

	for (size_t i = digits; i > 0; i--) {
		out[i - 1] = alphabet[number % 36];
		number /= 36;
	}
}

void
ids_video(int64_t wall_ms, char ret_id[IDS_VIDEO_SIZE])
{
	char digits[VIDEO_DIGITS + 1] = "";

	draw_digits(60, VIDEO_DIGITS, digits);
	snprintf(ret_id, IDS_VIDEO_SIZE, "video_%" PRId64 "_%s", wall_ms, digits);
}

void
ids_short(char ret_id[IDS_SHORT_SIZE])
{
	draw_digits(40, SHORT_HALF, ret_id);
	draw_digits(40, SHORT_HALF, ret_id + SHORT_HALF);
	ret_id[2 * SHORT_HALF] = '\0';
}

bool
ids_is_word(const char *s, size_t max)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
	size_t len = strspn(s, allowed);

	return len > 0 && len <= max && s[len] == '\0';
}

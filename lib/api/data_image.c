/* Decodes an image piece by piece: it is large, and is in memory once already, as text. */
#include "api/data_image.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "api/call.h"
#include "base/base64.h"
#include "web/form.h"

enum { PIECE = 16 * 1024 /* characters; whole groups of four */ };

/* The beginning of the base64, or NULL. */
static const char *
find_data(const char *url)
{
	static const char mark[] = ";base64";
	const char *comma = strchr(url, ',');
	size_t len = sizeof(mark) - 1;
	if (comma == NULL || strncasecmp(url, "data:", 5) != 0 || (size_t)(comma - url) < 5 + len ||
	    strncasecmp(comma - len, mark, len) != 0)
		return NULL;
	return comma + 1;
}

static struct err
write_all(struct form_writer *writer, const char *field, const char *text)
{
	uint8_t bytes[PIECE / 4 * 3];
	struct err err = err_of(ERR_OK);
	for (size_t left = strlen(text); left > 0 && err.code == ERR_OK;) {
		size_t n = left < PIECE ? left : PIECE, len;
		/* Only the last piece may have padding. */
		if (!base64_read(text, n, bytes, &len) || (n < left && len < sizeof(bytes)))
			return err_say(ERR_BAD_FIELD, field, "%s is not valid base64.", field);
		err = form_writer_add(writer, bytes, len);
		text += n;
		left -= n;
	}
	return err;
}

struct err
data_image_read(struct call *call, const char *field, const char *dir, const char *url,
                struct form_file **ret_file)
{
	struct form_writer writer = {0};
	const char *text = find_data(url);
	if (text == NULL)
		return err_say(
		    ERR_BAD_FIELD, field,
		    "%s must be an image, as a file or as a data URL in base64; links are not followed.",
		    field);
	struct err err = form_writer_begin(&writer, call->arena, field, dir);
	if (err.code == ERR_OK)
		err = write_all(&writer, field, text);
	if (err.code == ERR_OK)
		*ret_file = form_writer_end(&writer);
	form_writer_done(&writer);
	return err;
}

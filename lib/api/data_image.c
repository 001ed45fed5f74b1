/* Decodes an image piece by piece: it is large, and is in memory once already, as text. */
#include "api/data_image.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "api/call.h"
#include "base/base64.h"
#include "model/image.h"
#include "web/form.h"
#include "web/text.h"

enum { PIECE = 16 * 1024 /* characters; whole groups of four */ };

/* The base64 that is being decoded. */
struct decoder {
	struct form_writer writer;
	char text[PIECE];
	size_t len;
	bool ended; /* by padding */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* True for base64 without a URL around it, by its first bytes, which must be those of an image. */
static bool
is_bare(const char *text)
{
	char first[IMAGE_MAGIC / 3 * 4];
	uint8_t bytes[IMAGE_MAGIC];
	size_t len = 0;
	for (; *text != '\0' && len < sizeof(first); text++)
		if (!is_blank(*text))
			first[len++] = *text;
	return base64_read(first, len - len % 4, bytes, &len) && image_type(bytes, len) != NULL;
}

/* The beginning of the base64, or NULL. */
static const char *
find_data(const char *url)
{
	static const char mark[] = ";base64";
	const char *comma = strchr(url, ',');
	size_t len = sizeof(mark) - 1;
	if (is_bare(url))
		return url;
	url += strspn(url, " \t\r\n");
	if (comma == NULL || strncasecmp(url, "data:", 5) != 0 || (size_t)(comma - url) < 5 + len ||
	    strncasecmp(comma - len, mark, len) != 0)
		return NULL;
	return comma + 1;
}

static struct err
bad_base64(const struct decoder *decoder)
{
	const char *field = decoder->writer.field;
	return err_in_chinese(err_say(ERR_BAD_FIELD, field, "%s is not valid base64.", field),
	                      "参考图不是有效的 base64。");
}

/* Decodes what is there: whole groups, of which only the very last may have padding. */
static struct err
decode(struct decoder *decoder)
{
	uint8_t bytes[PIECE / 4 * 3];
	size_t len;
	if (decoder->len == 0)
		return err_of(ERR_OK);
	if (decoder->ended || !base64_read(decoder->text, decoder->len, bytes, &len))
		return bad_base64(decoder);
	decoder->ended = len < decoder->len / 4 * 3;
	decoder->len = 0;
	return form_writer_add(&decoder->writer, bytes, len);
}

/* Blanks and line breaks are skipped, as mail programs and `base64` write them; percent escapes are read, as
 * a URL may have them. Missing padding is refused: the end of an image may be missing with it. */
static struct err
decode_all(struct decoder *decoder, const char *text)
{
	struct err err = err_of(ERR_OK);
	for (; *text != '\0' && err.code == ERR_OK; text++) {
		char c = *text;
		if (is_blank(c))
			continue;
		if (c == '%') {
			int byte = text_escaped_byte(text, strnlen(text, 3));
			if (byte < 0)
				return bad_base64(decoder);
			c = (char)byte;
			text += 2;
		}
		decoder->text[decoder->len++] = c;
		if (decoder->len == PIECE)
			err = decode(decoder);
	}
	return err.code == ERR_OK ? decode(decoder) : err;
}

struct err
data_image_read(struct call *call, const char *field, const char *dir, const char *url,
                struct form_file **ret_file)
{
	struct decoder decoder = {0};
	const char *text = find_data(url);
	if (text == NULL)
		return err_in_chinese(
		    err_say(
		        ERR_BAD_FIELD, field,
		        "%s must be an image, as a file or as a data URL in base64; links are not followed.",
		        field),
		    "参考图须为文件或 base64 编码的 data URL；不会访问外部链接。");
	struct err err = form_writer_begin(&decoder.writer, call->arena, field, dir);
	if (err.code == ERR_OK)
		err = decode_all(&decoder, text);
	if (err.code == ERR_OK)
		*ret_file = form_writer_end(&decoder.writer);
	form_writer_done(&decoder.writer);
	return err;
}

/* Parses multipart/form-data (RFC 2046, section 5.1; RFC 7578), fed in pieces that may be cut anywhere. It
 * keeps the headers of one part, and passes contents on as they come. Line ends are CRLF only.
 *
 * The delimiter is CRLF "--" boundary. The very first one has no CRLF before it: the parser starts as if it
 * had just read one. */
#include "web/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"

enum { BOUNDARY_MAX = 70, DELIMITER_MAX = BOUNDARY_MAX + 4 };

enum place {
	PREAMBLE,        /* before the first delimiter; what stands here is dropped */
	AFTER_DELIMITER, /* the two bytes that tell the next part from the end */
	HEADERS,
	CONTENT,
	EPILOGUE /* after the end; dropped */
};

struct form_parser {
	struct form_events events;
	void *cookie;
	enum place place;
	char delimiter[DELIMITER_MAX + 1]; /* CRLF, two dashes, boundary */
	size_t delimiter_len;
	size_t matched; /* bytes of the delimiter that the input ends with so far */
	char after[2];
	size_t after_len;
	size_t parts;
	size_t preamble; /* bytes before the first delimiter */
	size_t mark;     /* bytes of a byte order mark before everything, as some programs write it */
	struct buf headers;
};

static struct err
broken(const char *why)
{
	return err_say(ERR_BAD_FORM, NULL, "The form is broken: %s.", why);
}

/* ---- the boundary ---- */

enum found { ABSENT, FOUND, UNREADABLE /* longer than `size` allows, or without its closing quote */ };

/* Returns the closing quote of the quoted string whose opening quote `at` is; NULL where there is none. */
static const char *
closing_quote(const char *at)
{
	for (at++; *at != '\0' && *at != '"'; at++)
		if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
	return *at == '"' ? at : NULL;
}

/* Copies a quoted string, from behind its opening quote to `end`, and resolves its escapes. */
static enum found
copy_quoted(const char *from, const char *end, char *ret_value, size_t size)
{
	size_t used = 0;
	for (; from < end; from++) {
		if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		if (used + 1 >= size)
			return UNREADABLE;
		ret_value[used++] = *from;
	}
	ret_value[used] = '\0';
	return FOUND;
}

static enum found
copy_token(const char *from, const char *end, char *ret_value, size_t size)
{
	size_t len = (size_t)(end - from);
	if (len >= size)
		return UNREADABLE;
	memcpy(ret_value, from, len);
	ret_value[len] = '\0';
	return FOUND;
}

/* Finds the value of parameter `name` in a header's value: a quoted string or a token. */
static enum found
find_parameter(const char *header, const char *name, char *ret_value, size_t size)
{
	size_t name_len = strlen(name);
	for (const char *at = strchr(header, ';'); at != NULL; at = strchr(at, ';')) {
		at += strspn(at, "; \t");
		bool wanted = strncasecmp(at, name, name_len) == 0 && at[name_len] == '=';
		at += strcspn(at, "=;");
		at += *at == '=';
		const char *value = at;
		bool quoted = *value == '"';
		at = quoted ? closing_quote(value) : value + strcspn(value, "; \t");
		if (at == NULL)
			return UNREADABLE;
		if (wanted)
			return quoted ? copy_quoted(value + 1, at, ret_value, size)
			              : copy_token(value, at, ret_value, size);
	}
	return ABSENT;
}

static bool
boundary_ok(const char *boundary)
{
	size_t len = strlen(boundary);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)boundary[i]) && strchr("'()+_,-./:=? ", boundary[i]) == NULL)
			return false;
	return len >= 1 && len <= BOUNDARY_MAX && boundary[len - 1] != ' ';
}

struct form_parser *
form_parser_new(const char *content_type, const struct form_events *events, void *cookie)
{
	char boundary[BOUNDARY_MAX + 1];
	if (find_parameter(content_type, "boundary", boundary, sizeof(boundary)) != FOUND ||
	    !boundary_ok(boundary))
		return NULL;
	struct form_parser *parser = calloc(1, sizeof(*parser));
	if (parser == NULL)
		return NULL;
	parser->events = *events;
	parser->cookie = cookie;
	memcpy(parser->delimiter, "\r\n--", 4);
	memcpy(parser->delimiter + 4, boundary, strlen(boundary));
	parser->delimiter_len = 4 + strlen(boundary);
	parser->matched = 2;
	buf_init(&parser->headers, LIMIT_PART_HEADERS);
	return parser;
}

void
form_parser_free(struct form_parser *parser)
{
	if (parser == NULL)
		return;
	buf_free(&parser->headers);
	free(parser);
}

/* ---- the headers of a part ---- */

/* Replaces %22, which browsers send for a quote in a name (WHATWG HTML, multipart/form-data encoding). Line
 * ends, which they escape, too, stay escaped. */
static void
unescape(char *name)
{
	char *to = name;
	for (const char *at = name; *at != '\0'; at++) {
		if (strncasecmp(at, "%22", 3) == 0) {
			*to++ = '"';
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
}

/* True for the value of a header that says JSON: an object of a form, as FormData and fetch send one, is a
 * Blob and has a file name. */
static bool
is_json(const char *value)
{
	static const char type[] = "application/json";
	value += strspn(value, " \t");
	size_t len = strcspn(value, "; \t");
	return len == sizeof(type) - 1 && strncasecmp(value, type, len) == 0;
}

static struct err
begin_part(struct form_parser *parser)
{
	char name[256], file_name[1024];
	char *line = parser->headers.data;
	const char *disposition = NULL;
	bool json = false;
	if (memchr(line, '\0', parser->headers.len) != NULL)
		return broken("a NUL in the headers of a part");
	if (++parser->parts > LIMIT_FORM_PARTS)
		return err_say(ERR_TOO_LARGE, NULL, "The form has too many parts.");
	while (line != NULL && *line != '\0') {
		char *end = strstr(line, "\r\n");
		if (end != NULL)
			*end = '\0';
		if (strncasecmp(line, "Content-Disposition:", 20) == 0)
			disposition = line + 20 + strspn(line + 20, " \t");
		if (strncasecmp(line, "Content-Type:", 13) == 0)
			json = is_json(line + 13);
		if (strncasecmp(line, "Content-Transfer-Encoding:", 26) == 0 &&
		    strcasestr(line, "base64") != NULL)
			return broken("a part in base64");
		line = end != NULL ? end + 2 : NULL;
	}
	if (disposition == NULL || strncasecmp(disposition, "form-data", 9) != 0 ||
	    find_parameter(disposition, "name", name, sizeof(name)) != FOUND || name[0] == '\0')
		return broken("a part without a name");
	/* RFC 7578, section 4.2, forbids filename*, but some clients send nothing else for a foreign name. */
	enum found file = find_parameter(disposition, "filename", file_name, sizeof(file_name));
	if (file == ABSENT)
		file = find_parameter(disposition, "filename*", file_name, sizeof(file_name));
	if (file == UNREADABLE)
		return broken("a file name that cannot be read");
	unescape(name);
	buf_clear(&parser->headers);
	parser->place = CONTENT;
	return parser->events.begin(parser->cookie, name, file == FOUND && !json ? file_name : NULL, json);
}

static struct err
feed_header(struct form_parser *parser, char c)
{
	struct buf *headers = &parser->headers;
	if (!buf_addc(headers, c))
		return headers->full ? broken("the headers of a part are too long") : err_of(ERR_NO_MEMORY);
	/* An empty line ends the headers; a part whose first line is empty has none. */
	bool end = headers->len >= 4 && memcmp(headers->data + headers->len - 4, "\r\n\r\n", 4) == 0;
	if (headers->len == 2 && memcmp(headers->data, "\r\n", 2) == 0)
		return broken("a part without headers");
	return end ? begin_part(parser) : err_of(ERR_OK);
}

/* ---- contents and delimiters ---- */

/* Looks for the delimiter in content or preamble and passes content on, all of a piece at once: each call of
 * data() may be a write to disk, and a body may consist of CRs. Writes how many bytes it has read.
 *
 * The invariant: the last `matched` bytes of the input are the first `matched` of the delimiter, and are not
 * passed on yet. The first `held` of these came in earlier pieces: they are no longer in `bytes`, but known,
 * as they are the delimiter's. After a mismatch only the current byte can begin a new match, as no boundary
 * holds a CR. */
static struct err
feed_content(struct form_parser *parser, const char *bytes, size_t len, size_t *ret_used)
{
	bool content = parser->place == CONTENT;
	struct err err = err_of(ERR_OK);
	size_t held = parser->matched;
	size_t i = 0;
	while (i < len && parser->matched < parser->delimiter_len && err.code == ERR_OK) {
		if (parser->matched > 0 && bytes[i] == parser->delimiter[parser->matched]) {
			parser->matched++;
			i++;
		} else if (parser->matched > 0) {
			if (content && held > 0)
				err = parser->events.data(parser->cookie, parser->delimiter, held);
			held = 0;
			parser->matched = 0;
		} else {
			const char *cr = memchr(bytes + i, '\r', len - i);
			parser->matched = cr != NULL;
			i = cr != NULL ? (size_t)(cr - bytes) + 1 : len;
		}
	}
	size_t plain = i - (parser->matched - held);
	if (content && plain > 0 && err.code == ERR_OK)
		err = parser->events.data(parser->cookie, bytes, plain);
	if (parser->matched == parser->delimiter_len) {
		parser->matched = 0;
		parser->after_len = 0;
		parser->place = AFTER_DELIMITER;
		if (content && err.code == ERR_OK)
			err = parser->events.end(parser->cookie);
	}
	if (!content && (parser->preamble += i) > LIMIT_PART_HEADERS)
		err = broken("no part begins");
	*ret_used = i;
	return err;
}

/* Reads what follows a delimiter: two dashes end the form, blanks and a line end begin a part. */
static struct err
feed_after(struct form_parser *parser, char c)
{
	if (parser->after_len == 0 && (c == ' ' || c == '\t'))
		return err_of(ERR_OK);
	parser->after[parser->after_len++] = c;
	if (parser->after_len < 2)
		return c == '-' || c == '\r' ? err_of(ERR_OK)
		                             : broken("a delimiter is followed by something else");
	if (memcmp(parser->after, "--", 2) == 0)
		parser->place = EPILOGUE;
	else if (memcmp(parser->after, "\r\n", 2) == 0)
		parser->place = HEADERS;
	else
		return broken("a delimiter is followed by something else");
	return err_of(ERR_OK);
}

/* Skips a byte order mark at the very beginning, however it is cut. Returns how many bytes it has read. */
static size_t
skip_mark(struct form_parser *parser, const char *bytes, size_t len)
{
	static const char mark[3] = {'\xef', '\xbb', '\xbf'};
	size_t used = 0;
	while (used < len && parser->place == PREAMBLE && parser->preamble == 0 &&
	       parser->mark < sizeof(mark) && bytes[used] == mark[parser->mark]) {
		parser->mark++;
		used++;
	}
	return used;
}

struct err
form_parser_feed(struct form_parser *parser, const char *bytes, size_t len)
{
	struct err err = err_of(ERR_OK);
	size_t used = skip_mark(parser, bytes, len);
	bytes += used;
	len -= used;
	while (len > 0 && err.code == ERR_OK && parser->place != EPILOGUE) {
		switch (parser->place) {
		case PREAMBLE:
		case CONTENT:
			err = feed_content(parser, bytes, len, &used);
			break;
		case AFTER_DELIMITER:
			err = feed_after(parser, *bytes);
			used = 1;
			break;
		case HEADERS:
			err = feed_header(parser, *bytes);
			used = 1;
			break;
		case EPILOGUE:
			break;
		}
		bytes += used;
		len -= used;
	}
	return err;
}

struct err
form_parser_end(struct form_parser *parser)
{
	return parser->place == EPILOGUE ? err_of(ERR_OK) : broken("it ends too early");
}

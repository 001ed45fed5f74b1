/* Requests in words: see request_print.h. Bodies are read byte by byte: they are JSON that longreel has
 * written itself, compact and valid. */
#include "request_print.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/message.h"

/* The forms of a body. */
enum form {
	FORM_COMPACT,
	FORM_INDENTED,
	FORM_SHELL /* indented, inside a here-document of the shell */
};

/* ---- words of a shell ---- */

/* Appends a text between single quotes. */
static void
put_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}

/* Appends a text that stands between double quotes or in a here-document. */
static void
put_escaped(struct buf *out, char c)
{
	if (c == '$' || c == '`' || c == '\\')
		buf_addc(out, '\\');
	buf_addc(out, c);
}

/* Appends a text on one line, with blanks in place of what would change a terminal's state. */
static void
put_clean(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char first = (unsigned char)text[0], second = (unsigned char)text[1];
		bool control = first == 0xC2 && second >= 0x80 && second < 0xA0;
		buf_addc(out, control || first < ' ' || first == 0x7F ? ' ' : *text);
		text += control;
	}
}

/* ---- the key ---- */

/* A header, with the key taken out of it. */
struct header {
	const char *line; /* without the key */
	int len;
	const char *key; /* what stands for it: "KEY" or "TOKEN"; NULL = the line has none */
};

static struct header
read_header(const struct dialect *dialect, const char *line)
{
	const char *prefix = "", *name = dialect_key_header(dialect, &prefix);
	size_t len = name ? strlen(name) : 0, all = len + 2 + strlen(prefix);
	if (name == NULL || strncasecmp(line, name, len) != 0 || strncmp(line + len, ": ", 2) != 0)
		return (struct header){line, (int)strlen(line), NULL};
	bool whole = strcmp(line + all, "ACCESS:SECRET") == 0;
	return (struct header){line, (int)all, whole ? "KEY" : "TOKEN"};
}

/* ---- bodies ---- */

static long long
size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (long long)st.st_size : 0;
}

/* Appends what stands for a file in a body of JSON: inside a string. */
static void
put_file(struct buf *out, enum form form, const char *path)
{
	if (form == FORM_SHELL) {
		buf_adds(out, "$(base64 -w0 < ");
		put_quoted(out, path);
		buf_addc(out, ')');
		return;
	}
	buf_adds(out, "<base64 of ");
	for (const char *p = path; *p; p++)
		buf_addc(out, (unsigned char)*p < ' ' || *p == '"' || *p == '\\' ? '?' : *p);
	buf_addf(out, ", %lld bytes>", size_of(path));
}

static void
put_byte(struct buf *out, enum form form, char c)
{
	if (form == FORM_SHELL)
		put_escaped(out, c);
	else
		buf_addc(out, c);
}

struct pen {
	struct buf *out;
	enum form form;
	int depth;
	char last; /* the byte before, outside of strings */
	bool in_string, escaped;
};

static void
new_line(struct pen *pen)
{
	if (pen->form != FORM_COMPACT)
		buf_addf(pen->out, "\n%*s", 2 * pen->depth, "");
}

/* Writes a byte outside of strings; `next` follows it. */
static void
put_outside(struct pen *pen, char c, char next)
{
	bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
	pen->depth -= closes;
	if (closes && pen->last != '{' && pen->last != '[')
		new_line(pen);
	buf_addc(pen->out, c);
	pen->depth += opens;
	if ((opens && next != '}' && next != ']') || c == ',')
		new_line(pen);
	else if (c == ':' && pen->form != FORM_COMPACT)
		buf_addc(pen->out, ' ');
}

/* Writes a byte inside of a string: what would change a terminal's state is escaped. Returns how many bytes
 * of `at` it took. */
static size_t
put_inside(struct pen *pen, const char *at)
{
	unsigned char first = (unsigned char)at[0], second = (unsigned char)at[1];
	if (first == 0x7F || (first == 0xC2 && second < 0xA0)) {
		put_byte(pen->out, pen->form, '\\');
		buf_addf(pen->out, "u00%02x", first == 0x7F ? first : second);
		return first == 0x7F ? 1 : 2;
	}
	put_byte(pen->out, pen->form, at[0]);
	return 1;
}

static void
put_body(struct buf *out, enum form form, const struct http_request *request)
{
	struct pen pen = {.out = out, .form = form};
	const char *body = request->body;
	size_t file = 0;
	for (size_t i = 0; i < request->body_len;) {
		for (; file < request->insert_count && request->inserts[file].at == i; file++)
			put_file(out, form, request->inserts[file].path);
		char c = body[i];
		bool quote = c == '"' && !pen.escaped;
		pen.escaped = pen.in_string && c == '\\' && !pen.escaped;
		if (quote)
			pen.in_string = !pen.in_string;
		if (quote || pen.in_string) {
			i += put_inside(&pen, body + i);
		} else {
			put_outside(&pen, c, body[i + 1]);
			i++;
		}
		pen.last = c;
	}
}

/* ---- the three forms ---- */

void
request_put_text(struct buf *out, const struct dialect *dialect, const struct http_request *request)
{
	buf_addf(out, "%s %s\n", request->method, request->url);
	for (const char *const *line = request->headers; line && *line; line++) {
		struct header header = read_header(dialect, *line);
		buf_addf(out, "%.*s%s\n", header.len, header.line, header.key ? "***" : "");
	}
	if (request->sigv4 != NULL)
		buf_addf(out, "(signed with the key: %s)\n", request->sigv4);
	if (request->part_count > 0)
		buf_adds(out, "Content-Type: multipart/form-data\n\n");
	for (size_t i = 0; i < request->part_count; i++) {
		const struct http_part *part = &request->parts[i];
		put_clean(out, part->name);
		buf_adds(out, " = ");
		put_clean(out, part->file ? part->file : part->value);
		if (part->file != NULL)
			buf_addf(out, " (%lld bytes, as %s, %s)", size_of(part->file), part->file_name,
			         part->type);
		buf_addc(out, '\n');
	}
	if (request->body != NULL) {
		buf_addc(out, '\n');
		put_body(out, FORM_INDENTED, request);
		buf_addc(out, '\n');
	}
}

static void
put_curl_header(struct buf *out, const struct dialect *dialect, const char *line)
{
	struct header header = read_header(dialect, line);
	buf_adds(out, " \\\n  -H ");
	if (header.key == NULL) {
		put_quoted(out, line);
		return;
	}
	buf_addc(out, '"');
	for (int i = 0; i < header.len; i++)
		put_escaped(out, header.line[i]);
	buf_addf(out, "$%s\"", header.key);
}

/* A part's file: curl takes a name between double quotes, in which those and backslashes are escaped. */
static void
put_curl_file(struct buf *out, const struct http_part *part)
{
	struct buf text;
	buf_init(&text, REQUEST_BODY_MOST);
	buf_addf(&text, "%s=@\"", part->name);
	for (const char *p = part->file; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_addc(&text, '\\');
		buf_addc(&text, *p);
	}
	buf_addf(&text, "\";filename=%s;type=%s", part->file_name, part->type);
	out->failed = out->failed || text.failed;
	buf_adds(out, " \\\n  -F ");
	put_quoted(out, buf_str(&text));
	buf_free(&text);
}

void
request_put_curl(struct buf *out, const struct dialect *dialect, const struct http_request *request)
{
	buf_addf(out, "curl -sS -X %s ", request->method);
	put_quoted(out, request->url);
	for (const char *const *line = request->headers; line && *line; line++)
		put_curl_header(out, dialect, *line);
	if (request->sigv4 != NULL) {
		buf_adds(out, " \\\n  --aws-sigv4 ");
		put_quoted(out, request->sigv4);
		buf_adds(out, " --user \"$KEY\"");
	}
	for (size_t i = 0; i < request->part_count; i++) {
		const struct http_part *part = &request->parts[i];
		if (part->file != NULL) {
			put_curl_file(out, part);
			continue;
		}
		buf_adds(out, " \\\n  --form-string ");
		put_quoted(out, part->name);
		buf_adds(out, "=");
		put_quoted(out, part->value);
	}
	if (request->body != NULL) {
		buf_adds(out, " \\\n  --data-binary @- <<END\n");
		put_body(out, FORM_SHELL, request);
		buf_adds(out, "\nEND");
	}
	buf_addc(out, '\n');
}

static void
put_json_parts(struct jsonw *w, const struct http_request *request)
{
	jsonw_array(w, "parts");
	for (size_t i = 0; i < request->part_count; i++) {
		const struct http_part *part = &request->parts[i];
		jsonw_object(w, NULL);
		jsonw_string(w, "name", part->name);
		if (part->file != NULL) {
			jsonw_string(w, "file", part->file);
			jsonw_string(w, "fileName", part->file_name);
			jsonw_string(w, "type", part->type);
			jsonw_int(w, "bytes", size_of(part->file));
		} else {
			jsonw_string(w, "value", part->value);
		}
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

enum err_code
request_put_json(struct jsonw *w, const struct dialect *dialect, const struct http_request *request,
                 struct arena *arena)
{
	struct buf *body = buf_in_arena(arena, REQUEST_BODY_MOST);
	if (body == NULL)
		return ERR_NO_MEMORY;
	jsonw_string(w, "method", request->method);
	jsonw_string(w, "url", request->url);
	jsonw_array(w, "headers");
	for (const char *const *line = request->headers; line && *line; line++) {
		struct header header = read_header(dialect, *line);
		jsonw_string(w, NULL,
		             arena_printf(arena, "%.*s%s", header.len, header.line, header.key ? "***" : ""));
	}
	jsonw_array_end(w);
	if (request->sigv4 != NULL)
		jsonw_string(w, "signed", request->sigv4);
	if (request->part_count > 0)
		put_json_parts(w, request);
	if (request->body != NULL) {
		put_body(body, FORM_COMPACT, request);
		jsonw_raw(w, "body", buf_str(body));
	}
	return body->failed || arena_failed(arena) ? ERR_NO_MEMORY : ERR_OK;
}

/* Fuzzes multipart/form-data. The first line of the input is the Content-Type, the rest is the body: it must
 * give the same parts and the same error in one piece, byte by byte, and cut at any other places. And
 * whatever the body is, as the content of a part it must come out as it went in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "web/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct buf content; /* of all parts, one behind the other */
	struct buf parts;   /* their names, file names and where each ends */
	bool open;
	size_t count;
	struct err err;
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static struct err
on_begin(void *cookie, const char *name, const char *file_name, bool json)
{
	struct run *run = cookie;

	must(!run->open && name[0] != '\0' && !(json && file_name));
	run->open = true;
	run->count++;
	buf_add(&run->parts, name, strlen(name) + 1);
	if (file_name)
		buf_add(&run->parts, file_name, strlen(file_name) + 1);
	buf_adds(&run->parts, file_name ? "file" : "field");
	return err_of(ERR_OK);
}

static struct err
on_data(void *cookie, const char *bytes, size_t len)
{
	struct run *run = cookie;

	must(run->open && len > 0);
	buf_add(&run->content, bytes, len);
	return err_of(ERR_OK);
}

static struct err
on_end(void *cookie)
{
	struct run *run = cookie;

	must(run->open);
	run->open = false;
	buf_addf(&run->parts, "%zu", run->content.len);
	return err_of(ERR_OK);
}

/* Parses in pieces of 1 to `most` bytes, which `seed` chooses. */
static struct run
parse(const char *type, const char *body, size_t len, size_t most, uint32_t seed)
{
	static const struct form_events events = {on_begin, on_data, on_end};
	struct run run = {.err = err_of(ERR_BAD_CONTENT_TYPE)};

	buf_init(&run.content, LIMIT_FORM_BODY);
	buf_init(&run.parts, LIMIT_FORM_BODY);
	struct form_parser *parser = form_parser_new(type, &events, &run);
	if (!parser)
		return run;
	run.err = err_of(ERR_OK);
	while (len > 0 && run.err.code == ERR_OK) {
		seed = seed * 1664525 + 1013904223;
		size_t piece = 1 + (seed >> 8) % most;
		piece = piece < len ? piece : len;
		run.err = form_parser_feed(parser, body, piece);
		body += piece;
		len -= piece;
	}
	if (run.err.code == ERR_OK)
		run.err = form_parser_end(parser);
	form_parser_free(parser);
	must(run.count <= LIMIT_FORM_PARTS && !run.content.failed && !run.parts.failed);
	must(run.err.code != ERR_OK || !run.open);
	return run;
}

static void
free_run(struct run *run)
{
	buf_free(&run->content);
	buf_free(&run->parts);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void
check_cut(const char *type, const char *body, size_t len)
{
	static const size_t most[] = {1, 10, 300};
	struct run whole = parse(type, body, len, SIZE_MAX, 0);

	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		struct run run = parse(type, body, len, most[i], (uint32_t)len);
		must(run.err.code == whole.err.code && strcmp(run.err.detail, whole.err.detail) == 0);
		must(same(&run.content, &whole.content) && same(&run.parts, &whole.parts));
		free_run(&run);
	}
	free_run(&whole);
}

static void
check_content(const char *content, size_t len)
{
	static const char before[] = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n",
	                  after[] = "\r\n--B--";
	struct buf body;

	buf_init(&body, LIMIT_FORM_BODY);
	buf_adds(&body, before);
	buf_add(&body, content, len);
	buf_adds(&body, after);
	must(!body.failed);
	const char *from = body.data + sizeof(before) - 1;
	/* Not where the content holds the delimiter, or its end and the true one together make an earlier
	 * one. */
	if (memmem(from, len + sizeof(after) - 1, after, 5) == from + len) {
		struct run run =
		    parse("multipart/form-data; boundary=B", body.data, body.len, 1 + len / 2, (uint32_t)len);
		must(run.err.code == ERR_OK && run.count == 1 && run.content.len == len);
		must(len == 0 || memcmp(run.content.data, content, len) == 0);
		free_run(&run);
	}
	buf_free(&body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t type_len = newline ? (size_t)(newline - data) : 0;
	char *type = strndup((const char *)data, type_len);
	const char *body = (const char *)data + (newline ? type_len + 1 : 0);
	size_t len = size - (newline ? type_len + 1 : 0);

	must(type != NULL);
	check_cut(type, body, len);
	check_content(body, len);
	free(type);
	return 0;
}

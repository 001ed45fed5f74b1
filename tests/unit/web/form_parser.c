/* The parser of multipart/form-data: hostile bodies, and one good one cut everywhere. What it tells is
 * written down as "name=content;" for a field and "name@file=content;" for a file. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "web/form.h"
#include "support/test.h"

#define TYPE "multipart/form-data; boundary=X"
#define HEAD "--X\r\nContent-Disposition: form-data; "
#define PART "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n"
#define END  "\r\n--X--\r\n"

struct run {
	struct buf log;
	struct err err; /* of the feed that failed, or of the end */
};

static struct err
on_begin(void *cookie, const char *name, const char *file_name, bool json)
{
	struct buf *log = cookie;

	buf_addf(log, "%s%s%s%s=", name, file_name ? "@" : "", file_name ? file_name : "",
	         json ? " JSON" : "");
	return err_of(ERR_OK);
}

static struct err
on_data(void *cookie, const char *bytes, size_t len)
{
	assert_true(len > 0);
	buf_add(cookie, bytes, len);
	return err_of(ERR_OK);
}

static struct err
on_end(void *cookie)
{
	buf_addc(cookie, ';');
	return err_of(ERR_OK);
}

static const struct form_events events = {on_begin, on_data, on_end};

/* Feeds `len` bytes as a first piece of `first` bytes and others of `each`, every one in memory of its own,
 * so that a look beyond it is found by the sanitizer. */
static struct run
feed(const char *body, size_t len, size_t first, size_t each)
{
	struct run run = {.err = err_of(ERR_OK)};
	size_t piece = first < len ? first : len;

	buf_init(&run.log, LIMIT_FORM_BODY);
	struct form_parser *parser = form_parser_new(TYPE, &events, &run.log);
	assert_non_null(parser);
	for (size_t at = 0; at < len && run.err.code == ERR_OK; at += piece, piece = each) {
		piece = piece < len - at ? piece : len - at;
		char *copy = malloc(piece + !piece);
		assert_non_null(copy);
		memcpy(copy, body + at, piece);
		run.err = form_parser_feed(parser, copy, piece);
		free(copy);
	}
	if (run.err.code == ERR_OK)
		run.err = form_parser_end(parser);
	form_parser_free(parser);
	assert_false(run.log.failed);
	return run;
}

static void
expect(const char *body, size_t len, const struct run *whole, size_t first, size_t each)
{
	struct run run = feed(body, len, first, each);

	if (run.err.code != whole->err.code || strcmp(run.err.detail, whole->err.detail) != 0 ||
	    run.log.len != whole->log.len ||
	    (run.log.len > 0 && memcmp(run.log.data, whole->log.data, run.log.len) != 0))
		fail_msg("cut at %zu: \"%s\" and %s; in one piece: \"%s\" and %s", first, buf_str(&run.log),
		         run.err.detail, buf_str(&whole->log), whole->err.detail);
	buf_free(&run.log);
}

/* What the body gives in one piece, after seeing that it gives the same cut in two anywhere, and in bytes. */
static struct run
feed_cut(const char *body, size_t len)
{
	struct run whole = feed(body, len, len, len);

	for (size_t cut = 1; cut < len; cut++)
		expect(body, len, &whole, cut, len);
	expect(body, len, &whole, 1, 1);
	return whole;
}

struct row {
	const char *body;
	size_t len;
	const char *log;
	const char *why; /* what the refusal's sentence holds; NULL = taken */
};
#define ROW(text, ...)                                                                                       \
	{                                                                                                    \
		text, sizeof(text) - 1, __VA_ARGS__                                                          \
	}

static void
check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct run run = feed_cut(rows[i].body, rows[i].len);
		bool same = run.log.len == strlen(rows[i].log) && strcmp(buf_str(&run.log), rows[i].log) == 0;

		if (!same || (run.err.code == ERR_OK) != (rows[i].why == NULL) ||
		    (rows[i].why && (run.err.code != ERR_BAD_FORM || !strstr(run.err.detail, rows[i].why))))
			fail_msg("%s\ngave \"%s\" and %s", rows[i].body, buf_str(&run.log), run.err.detail);
		buf_free(&run.log);
	}
}

TEST(test_taken)
{
	static const struct row rows[] = {
	    ROW("--X--", ""),
	    ROW(PART "1" END, "a=1;"),
	    ROW(PART END, "a=;"),
	    ROW(PART "1\r\n--X--", "a=1;"),
	    ROW(PART "1\r\n" PART "2" END, "a=1;a=2;"),
	    /* preamble, epilogue, blanks behind a delimiter */
	    ROW("This is MIME.\r\n\r\n-X\r\n" PART "1" END "--X\r\nmore\r\n--X", "a=1;"),
	    ROW("\r\n" PART "1" END, "a=1;"),
	    ROW("--X \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1" END, "a=1;"),
	    /* what only looks like a delimiter */
	    ROW(PART "\r\r\n\r\n-\r\n--\r\n--x\r\n--Y--X\n--X--X--" END,
	        "a=\r\r\n\r\n-\r\n--\r\n--x\r\n--Y--X\n--X--X--;"),
	    ROW(PART "--X--" END, "a=--X--;"),
	    ROW(PART "\r\n" END, "a=\r\n;"),
	    ROW(PART "\r" END, "a=\r;"),
	    ROW("\r\n--\r\n--Y\r\n\r\r\n" PART "1" END, "a=1;"),
	    /* names */
	    ROW(HEAD "name=\"a b\"\r\n\r\n1" END, "a b=1;"),
	    ROW(HEAD "name=\"a;name=b\"\r\n\r\n1" END, "a;name=b=1;"),
	    ROW(HEAD "name=\"a\\\"b\\\\c\\d\"\r\n\r\n1" END, "a\"b\\c\\d=1;"),
	    ROW(HEAD "name=\"a%22b%0D%0Ac%\"\r\n\r\n1" END, "a\"b%0D%0Ac%=1;"),
	    ROW(HEAD "name=\"\xE4\xBB\xBB\xE5\x8A\xA1\"\r\n\r\n1" END, "\xE4\xBB\xBB\xE5\x8A\xA1=1;"),
	    ROW(HEAD "NAME=a\r\n\r\n1" END, "a=1;"),
	    ROW(HEAD "x=\"; name=b\"; x; y=z;name=a ;\r\n\r\n1" END, "a=1;"),
	    ROW("--X\r\nX-A: b\r\ncontent-disposition:form-data;name=a\r\nContent-Type: "
	        "text/plain\r\n\r\n1" END,
	        "a=1;"),
	    /* file names */
	    ROW(HEAD "name=a; filename=b.png\r\n\r\n1" END, "a@b.png=1;"),
	    ROW(HEAD "filename=\"b.png\"; name=\"a\"\r\n\r\n1" END, "a@b.png=1;"),
	    ROW(HEAD "name=a; filename=\"\"\r\n\r\n" END, "a@=;"),
	    ROW(HEAD "name=a; filename=\"../../etc/passwd\"\r\n\r\n1" END, "a@../../etc/passwd=1;"),
	    ROW(HEAD "name=a; filename=\"C:\\dir\\b.png\"\r\n\r\n1" END, "a@C:\\dir\\b.png=1;"),
	    ROW(HEAD "name=a; filename=\"\xC3\xA9;\xF0\x9F\x8E\xA5.png\"\r\n\r\n1" END,
	        "a@\xC3\xA9;\xF0\x9F\x8E\xA5.png=1;"),
	    ROW(HEAD "name=a; filename*=UTF-8''%C3%A9\r\n\r\n1" END, "a@UTF-8''%C3%A9=1;"),
	    ROW(HEAD "name=a; filename*=UTF-8''%C3%A9; filename=e\r\n\r\n1" END, "a@e=1;"),
	};

	check(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(test_refused)
{
	static const struct row rows[] = {
	    ROW("", "", "ends too early"),
	    ROW("no form at all", "", "ends too early"),
	    ROW("{\"prompt\":\"a\"}", "", "ends too early"),
	    ROW("--Y--", "", "ends too early"),
	    ROW("--x--", "", "ends too early"),
	    ROW("a--X--", "", "ends too early"),
	    ROW("a\n--X--", "", "ends too early"),
	    /* the end is another's, or none */
	    ROW(PART "1\r\n--Y--\r\n", "a=1\r\n--Y--", "ends too early"),
	    ROW(PART "1\r\n--X\r\n", "a=1;", "ends too early"),
	    ROW(PART "1\r\n--X-", "a=1;", "ends too early"),
	    ROW(PART "1\n--X--\n", "a=1\n--X--\n", "ends too early"),
	    ROW(PART "1\r--X--", "a=1\r--X--", "ends too early"),
	    ROW(PART "1\r\n--X-\r\n", "a=1;", "followed by something else"),
	    ROW(PART "1\r\n--XY\r\n" END, "a=1;", "followed by something else"),
	    ROW(PART "1\r\n--X\n" END, "a=1;", "followed by something else"),
	    ROW(PART "1\r\n--X\r" END, "a=1;", "followed by something else"),
	    ROW(PART "1\r\n--X\0\r\n" END, "a=1;", "followed by something else"),
	    /* lines that end in LF */
	    ROW("--X\nContent-Disposition: form-data; name=a\n\n1\n--X--\n", "",
	        "followed by something else"),
	    ROW("--X\r\nContent-Disposition: form-data; name=a\n\n1" END, "", "ends too early"),
	    ROW("--X\r\nX: y\nContent-Disposition: form-data; name=a\r\n\r\n1" END, "", "without a name"),
	    /* headers */
	    ROW("--X\r\n\r\n1" END, "", "without headers"),
	    ROW("--X\r\nContent-Type: text/plain\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name=\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name=\"\"\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name=\"a\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name=\"a\\\"\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name*=a\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "filename=b\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "xname=b\r\n\r\n1" END, "", "without a name"),
	    ROW("--X\r\nContent-Disposition: attachment; name=a\r\n\r\n1" END, "", "without a name"),
	    ROW("--X\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1" END, "", "without a name"),
	    ROW(HEAD "name=\"a\0b\"\r\n\r\n1" END, "", "a NUL"),
	    ROW(HEAD "name=a\r\nX: \0\r\n\r\n1" END, "", "a NUL"),
	    ROW(HEAD "name=a; filename=\"b\r\n\r\n1" END, "", "a file name"),
	    ROW(HEAD "name=a\r\nContent-Transfer-Encoding: BASE64\r\n\r\nMQ==" END, "", "base64"),
	    /* the second part is as bad as a first one would be */
	    ROW(PART "1\r\n--X\r\n\r\n2" END, "a=1;", "without headers"),
	};

	check(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Everything there is in one body; the file holds every byte, and beginnings of the delimiter of every
 * length. */
static size_t
good_body(char *body, size_t size)
{
	static const char before[] = "preamble\r\n" PART "one\r\n\r\n--\r\n" HEAD
	                             "name=\"f\"; filename=\"b.bin\"\r\nContent-Type: image/png\r\n\r\n";
	static const char delimiter[] = "\r\n--X";
	static const char after[] =
	    "\r\n--X \r\nContent-Disposition: form-data; name=c\r\n\r\nthree" END "epilogue";
	size_t len = sizeof(before) - 1;

	assert_true(size > 1024);
	memcpy(body, before, len);
	for (int i = 0; i < 256; i++)
		body[len++] = (char)i;
	for (size_t part = 1; part < sizeof(delimiter) - 1; part++) {
		memcpy(body + len, delimiter, part);
		len += part;
	}
	memcpy(body + len, after, sizeof(after) - 1);
	return len + sizeof(after) - 1;
}

TEST(test_binary_file_cut_everywhere)
{
	static const char before[] = "a=one\r\n\r\n--;f@b.bin=", after[] = "\r\r\n\r\n-\r\n--;c=three;";
	char body[2048];
	size_t len = good_body(body, sizeof(body));
	struct run run = feed_cut(body, len);

	assert_int_equal(run.err.code, ERR_OK);
	assert_int_equal(run.log.len, sizeof(before) - 1 + 256 + sizeof(after) - 1);
	assert_memory_equal(run.log.data, before, sizeof(before) - 1);
	for (int i = 0; i < 256; i++)
		assert_int_equal((unsigned char)run.log.data[sizeof(before) - 1 + (size_t)i], i);
	assert_memory_equal(run.log.data + run.log.len - (sizeof(after) - 1), after, sizeof(after) - 1);
	buf_free(&run.log);
}

/* A body that breaks off is refused wherever it does, and has told nothing that the whole would not. */
TEST(test_truncated_everywhere)
{
	char body[2048];
	size_t whole_len = good_body(body, sizeof(body)) - strlen("\r\nepilogue");
	struct run whole = feed(body, whole_len, whole_len, whole_len);

	assert_int_equal(whole.err.code, ERR_OK);
	for (size_t len = 0; len < whole_len; len++) {
		struct run run = feed(body, len, len, len);

		assert_int_equal(run.err.code, ERR_BAD_FORM);
		assert_non_null(strstr(run.err.detail, "ends too early"));
		assert_true(run.log.len <= whole.log.len);
		if (run.log.len > 0)
			assert_memory_equal(run.log.data, whole.log.data, run.log.len);
		buf_free(&run.log);
	}
	buf_free(&whole.log);
}

TEST(test_content_types)
{
#define SEVENTY "0123456789012345678901234567890123456789012345678901234567890123456789"
	static const struct {
		const char *type, *boundary; /* NULL = refused */
	} rows[] = {
	    {TYPE, "X"},
	    {"multipart/form-data; charset=utf-8; Boundary=\"a b\"", "a b"},
	    {"multipart/form-data;boundary=X;charset=utf-8", "X"},
	    {"multipart/form-data; boundary=----WebKitFormBoundary7M", "----WebKitFormBoundary7M"},
	    {"multipart/form-data; boundary='()+_,-./:=?", "'()+_,-./:=?"},
	    {"multipart/form-data; boundary=" SEVENTY, SEVENTY},
	    {"multipart/form-data; boundary=" SEVENTY "0", NULL},
	    {"", NULL},
	    {"multipart/form-data", NULL},
	    {"multipart/form-data; boundary", NULL},
	    {"multipart/form-data; boundary=", NULL},
	    {"multipart/form-data; boundary=\"\"", NULL},
	    {"multipart/form-data; boundary=\"X", NULL},
	    {"multipart/form-data; boundary=\"X \"", NULL},
	    {"multipart/form-data; boundary=\"a\r\nb\"", NULL},
	    {"multipart/form-data; boundary=a\"b", NULL},
	    {"multipart/form-data; boundary=\xC3\xA9", NULL},
	    {"multipart/form-data; xboundary=X", NULL},
	    {"boundary=X", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf log;
		char end[128];

		buf_init(&log, 100);
		struct form_parser *parser = form_parser_new(rows[i].type, &events, &log);
		if ((parser != NULL) != (rows[i].boundary != NULL))
			fail_msg("%s", rows[i].type);
		if (parser) {
			snprintf(end, sizeof(end), "--%s--", rows[i].boundary);
			assert_int_equal(form_parser_feed(parser, end, strlen(end)).code, ERR_OK);
			assert_int_equal(form_parser_end(parser).code, ERR_OK);
		}
		form_parser_free(parser);
		buf_free(&log);
	}
	form_parser_free(NULL);
}

/* Parses `before`, `count` bytes 'y' and `after`, in one piece and in bytes. */
static enum err_code
parse_long(const char *before, size_t count, const char *after)
{
	size_t len = strlen(before) + count + strlen(after);
	char *body = malloc(len + 1);

	assert_non_null(body);
	memcpy(body, before, strlen(before));
	memset(body + strlen(before), 'y', count);
	memcpy(body + strlen(before) + count, after, strlen(after) + 1);
	struct run run = feed(body, len, len, len);
	expect(body, len, &run, 1, 1);
	buf_free(&run.log);
	free(body);
	return run.err.code;
}

TEST(test_ceilings)
{
	static const struct {
		const char *before, *after;
		size_t most; /* bytes between them that are still taken */
	} rows[] = {
	    {"", "\r\n" PART "1" END, LIMIT_PART_HEADERS - sizeof("\r\n--X") + 1},
	    {HEAD "name=a\r\nX: ", "\r\n\r\n1" END,
	     LIMIT_PART_HEADERS - sizeof("Content-Disposition: form-data; name=a\r\nX: \r\n\r\n") + 1},
	    {HEAD "name=\"", "\"\r\n\r\n1" END, 255},
	    {HEAD "name=", "\r\n\r\n1" END, 255},
	    {HEAD "name=a; filename=\"", "\"\r\n\r\n1" END, 1023},
	    {HEAD "name=a; filename*=", "\r\n\r\n1" END, 1023},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (parse_long(rows[i].before, rows[i].most, rows[i].after) != ERR_OK ||
		    parse_long(rows[i].before, rows[i].most + 1, rows[i].after) != ERR_BAD_FORM)
			fail_msg("row %zu", i);
	}
	/* What never becomes a part, or never ends its headers, is given up in the middle. */
	assert_int_equal(parse_long("", 2 * LIMIT_PART_HEADERS, ""), ERR_BAD_FORM);
	assert_int_equal(parse_long("--X\r\n", 2 * LIMIT_PART_HEADERS, ""), ERR_BAD_FORM);
	/* Content has no ceiling here; the events' receiver has one. */
	assert_int_equal(parse_long(PART, 1024 * 1024, END), ERR_OK);
}

TEST(test_too_many_parts)
{
	static const char part[] = PART "1\r\n";
	char body[(LIMIT_FORM_PARTS + 1) * sizeof(part) + 8];
	size_t len = 0;

	for (int parts = 1; parts <= LIMIT_FORM_PARTS + 1; parts++) {
		memcpy(body + len, part, sizeof(part) - 1);
		len += sizeof(part) - 1;
		memcpy(body + len, "--X--", 5);
		struct run run = feed(body, len + 5, len + 5, len + 5);
		assert_int_equal(run.err.code, parts <= LIMIT_FORM_PARTS ? ERR_OK : ERR_TOO_LARGE);
		assert_int_equal(run.log.len, 4 * (parts <= LIMIT_FORM_PARTS ? parts : LIMIT_FORM_PARTS));
		buf_free(&run.log);
	}
}

/* Each event's refusal ends the feed with that very error. */
static int fail_at;

static struct err
maybe_fail(void)
{
	return fail_at-- == 0 ? err_of(ERR_NO_SPACE) : err_of(ERR_OK);
}

static struct err
failing_begin(void *cookie, const char *name, const char *file_name, bool json)
{
	(void)cookie;
	(void)name;
	(void)file_name;
	(void)json;
	return maybe_fail();
}

static struct err
failing_data(void *cookie, const char *bytes, size_t len)
{
	(void)cookie;
	(void)bytes;
	(void)len;
	return maybe_fail();
}

static struct err
failing_end(void *cookie)
{
	(void)cookie;
	return maybe_fail();
}

TEST(test_refusals_of_the_receiver)
{
	static const struct form_events failing = {failing_begin, failing_data, failing_end};
	static const char body[] = PART "one\r\ntwo" END;
	const size_t cut = sizeof(PART "one\r") - 1; /* the CR is held back and given out later */

	for (int at = 0; at < 5; at++) {
		struct form_parser *parser = form_parser_new(TYPE, &failing, NULL);
		struct err err;

		assert_non_null(parser);
		fail_at = at;
		err = form_parser_feed(parser, body, cut);
		assert_int_equal(err.code, at < 2 ? ERR_NO_SPACE : ERR_OK);
		if (at >= 2)
			err = form_parser_feed(parser, body + cut, sizeof(body) - 1 - cut);
		assert_int_equal(err.code, ERR_NO_SPACE);
		assert_int_equal(fail_at, -1);
		form_parser_free(parser);
	}
}

/* Content goes out once for a piece: a body of nothing but CRs must not become a write for each. */
TEST(test_one_write_for_a_piece)
{
	static const struct form_events failing = {failing_begin, failing_data, failing_end};
	struct form_parser *parser = form_parser_new(TYPE, &failing, NULL);
	char piece[4096];

	assert_non_null(parser);
	memset(piece, '\r', sizeof(piece));
	fail_at = 1000;
	assert_int_equal(form_parser_feed(parser, PART, sizeof(PART) - 1).code, ERR_OK);
	assert_int_equal(form_parser_feed(parser, piece, sizeof(piece)).code, ERR_OK);
	assert_int_equal(form_parser_feed(parser, piece, sizeof(piece)).code, ERR_OK);
	/* One for the beginning, one for each piece, one for what the first held back. */
	assert_int_equal(fail_at, 1000 - 4);
	form_parser_free(parser);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_taken),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_binary_file_cut_everywhere),
	    cmocka_unit_test(test_truncated_everywhere),
	    cmocka_unit_test(test_content_types),
	    cmocka_unit_test(test_ceilings),
	    cmocka_unit_test(test_too_many_parts),
	    cmocka_unit_test(test_refusals_of_the_receiver),
	    cmocka_unit_test(test_one_write_for_a_piece),
	};
	return cmocka_run_group_tests_name("web/form_parser", tests, NULL, NULL);
}

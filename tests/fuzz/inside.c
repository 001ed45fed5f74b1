/* Videos inside answers: the bytes that are handed on are the same however the answer is cut into pieces, and
 * what is left of it for the poll is no longer than it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/inside.h"
#include "upstream/http/cut.h"

static void
must(int fact)
{
	if (!fact)
		abort();
}

static struct dialect *dialect;

static bool
on_head(void *cookie, const struct download_head *head)
{
	(void)cookie;
	return head->status == 200;
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	return buf_add(cookie, bytes, len);
}

/* Reads the answer in pieces; true where it has a whole video, which is then in `out`. */
static bool
read_in(const char *text, size_t len, size_t piece, struct buf *out)
{
	struct arena *arena = arena_new();
	const struct download_sink to = {on_head, on_data, out};
	must(arena != NULL);
	struct inside *in = inside_new(arena, dialect, &to);
	must(in != NULL);
	struct download_sink sink = inside_sink(in);
	bool good = true;
	for (size_t at = 0; good && at < len; at += piece)
		good = sink.data(sink.cookie, text + at, len - at < piece ? len - at : piece);
	bool whole = good && inside_whole(in);
	arena_free(arena);
	return whole;
}

static void
cut_in(const char *text, size_t len, size_t piece, struct buf *out)
{
	struct cut cut = {0};
	for (size_t at = 0; at < len; at += piece)
		cut_add(&cut, out, text + at, len - at < piece ? len - at : piece);
	must(out->failed || out->len <= len + 8);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char profile[] =
	    "{\"auth\":{\"header\":\"K\"},\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],"
	    "\"fields\":{\"prompt\":\"p\"}},\"poll\":{\"path\":\"/{id}\",\"accepted\":[200]},"
	    "\"answer\":{\"id\":[\"/i\"],\"completed\":[\"/v\"],\"failed\":[\"/e\"],"
	    "\"video_base64\":[\"/v\",\"/a/0/v\"]}}";
	char why[256];
	(void)argc;
	(void)argv;
	dialect = dialect_parse("fuzz", profile, sizeof(profile) - 1, why, sizeof(why));
	must(dialect != NULL);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct buf whole, pieces;
	buf_init(&whole, LIMIT_ANSWER);
	buf_init(&pieces, LIMIT_ANSWER);
	bool good = read_in(text, size, size + 1, &whole);
	must(read_in(text, size, 1, &pieces) == good);
	must(!good || (whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0));
	buf_clear(&whole);
	buf_clear(&pieces);
	cut_in(text, size, size + 1, &whole);
	cut_in(text, size, 3, &pieces);
	must(strcmp(buf_str(&whole), buf_str(&pieces)) == 0 || memchr(text, '\0', size));
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}

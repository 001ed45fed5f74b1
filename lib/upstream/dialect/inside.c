/* Reads JSON byte by byte, without a tree: the path to the value that is being read is kept as a JSON
 * pointer, and where that is one of the profile's, the string there is decoded. */
#include "upstream/dialect/inside.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "upstream/dialect/profile.h"

enum {
	PATH_MAX_BYTES = 512, /* of a pointer; what is deeper is none of the profile's */
	OUT_MAX = 8192,       /* bytes that are handed on at a time */
	PREFIX_MAX = 128,     /* bytes of "data:video/mp4;base64," */
	TYPE_MAX = 64,        /* bytes of a media type */
	BAD = -1,
	PASSED_OVER = -2
};

enum place {
	BETWEEN, /* values and punctuation */
	NAME,    /* inside the name of a member */
	OTHER,   /* inside a string that is not the video */
	VIDEO
};

struct inside {
	const char *const *pointers;
	const struct download_sink *to;
	enum place place;
	bool failed, found, whole;
	/* the path */
	size_t depth;
	bool in_object[LIMIT_JSON_DEPTH + 1];
	size_t index[LIMIT_JSON_DEPTH + 1]; /* of an element */
	size_t ends[LIMIT_JSON_DEPTH + 1];  /* where in `path` the container's own path ends */
	bool names_next;                    /* the next string is a name */
	size_t lost_depth;                  /* the path is not known from this depth on; 0 = it is known */
	size_t path_len;
	char path[PATH_MAX_BYTES];
	/* a string */
	bool escaped;
	int hex_left; /* digits of \uXXXX to come */
	unsigned hex;
	/* the video */
	bool prefixed; /* the beginning has been judged */
	char prefix[PREFIX_MAX];
	size_t prefix_len;
	char type[TYPE_MAX];
	unsigned bits, bit_count;
	bool padded, headed;
	size_t out_len;
	char out[OUT_MAX];
};

/* ---- the path ---- */

static void
lose_path(struct inside *in)
{
	if (in->lost_depth == 0)
		in->lost_depth = in->depth;
}

static void
path_add(struct inside *in, char c)
{
	if (in->path_len + 1 < sizeof(in->path))
		in->path[in->path_len++] = c;
	else
		lose_path(in);
}

/* Begins the step of a member or an element, which replaces the one before it. */
static void
step_begin(struct inside *in)
{
	in->path_len = in->ends[in->depth];
	if (in->depth <= in->lost_depth)
		in->lost_depth = 0;
	path_add(in, '/');
}

static void
step_to_element(struct inside *in)
{
	char digits[24];
	step_begin(in);
	snprintf(digits, sizeof(digits), "%zu", in->index[in->depth]);
	for (const char *p = digits; *p; p++)
		path_add(in, *p);
}

static void
open_container(struct inside *in, bool object)
{
	if (in->depth == LIMIT_JSON_DEPTH) {
		in->failed = true;
		return;
	}
	in->depth++;
	in->in_object[in->depth] = in->names_next = object;
	in->ends[in->depth] = in->path_len;
	in->index[in->depth] = 0;
	if (!object)
		step_to_element(in);
}

static void
close_container(struct inside *in)
{
	if (in->depth == 0) {
		in->failed = true;
		return;
	}
	in->path_len = in->ends[in->depth--];
	in->names_next = false;
}

static bool
is_wanted(struct inside *in)
{
	in->path[in->path_len] = '\0';
	for (const char *const *p = in->pointers; p && *p && in->lost_depth == 0 && !in->found; p++)
		if (strcmp(*p, in->path) == 0)
			return true;
	return false;
}

static void
read_between(struct inside *in, char c)
{
	switch (c) {
	case '{':
	case '[':
		open_container(in, c == '{');
		break;
	case '}':
	case ']':
		close_container(in);
		break;
	case ',':
		in->names_next = in->in_object[in->depth];
		in->index[in->depth]++;
		if (in->depth > 0 && !in->names_next)
			step_to_element(in);
		break;
	case ':':
		in->names_next = false;
		break;
	case '"':
		if (in->names_next)
			step_begin(in);
		in->place = in->names_next ? NAME : is_wanted(in) ? VIDEO : OTHER;
		in->found = in->found || in->place == VIDEO;
		break;
	default:
		break;
	}
}

/* ---- the video ---- */

static bool
hand_on(struct inside *in)
{
	const struct download_head head = {
	    .status = 200, .length = -1, .type = in->type[0] ? in->type : "video/mp4", .range = ""};
	if (in->out_len == 0)
		return true;
	if (!in->headed && !in->to->head(in->to->cookie, &head))
		return false;
	in->headed = true;
	size_t len = in->out_len;
	in->out_len = 0;
	return in->to->data(in->to->cookie, in->out, len);
}

/* Returns the six bits of a character of base64 or base64url (RFC 4648), PASSED_OVER for a line break, or
 * BAD. */
static int
six_bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return c == '\n' || c == '\r' || c == ' ' ? PASSED_OVER : BAD;
}

static bool
decode(struct inside *in, char c)
{
	int six = six_bits(c);
	if (c == '=')
		in->padded = true;
	if (c == '=' || six == PASSED_OVER)
		return true;
	if (six == BAD || in->padded)
		return false;
	in->bits = (in->bits << 6 | (unsigned)six) & 0xfff;
	in->bit_count += 6;
	if (in->bit_count < 8)
		return true;
	in->bit_count -= 8;
	in->out[in->out_len++] = (char)(in->bits >> in->bit_count & 0xff);
	return in->out_len < OUT_MAX || hand_on(in);
}

/* Takes the media type out of "data:video/webm;base64,". */
static void
read_type(struct inside *in)
{
	size_t scheme = strlen("data:"), len = 0;
	while (scheme + len < in->prefix_len && !strchr(";,", in->prefix[scheme + len]))
		len++;
	if (len < strlen("video/") || len >= sizeof(in->type) ||
	    strncmp(in->prefix + scheme, "video/", strlen("video/")) != 0)
		return;
	memcpy(in->type, in->prefix + scheme, len);
	in->type[len] = '\0';
}

/* Judges the beginning of the text: a data URL's goes up to the comma. */
static bool
read_prefix(struct inside *in, char c, bool last)
{
	static const char scheme[] = "data:";
	size_t most = strlen(scheme);
	if (!last)
		in->prefix[in->prefix_len++] = c;
	size_t len = in->prefix_len < most ? in->prefix_len : most;
	bool url = memcmp(in->prefix, scheme, len) == 0;
	if (url && !last && c != ',')
		return in->prefix_len < PREFIX_MAX;
	in->prefixed = true;
	if (url && len == most) {
		read_type(in);
		return c == ',';
	}
	for (size_t i = 0; i < in->prefix_len; i++)
		if (!decode(in, in->prefix[i]))
			return false;
	return true;
}

/* Ends the string. A rest of six bits is half a byte: the text was cut off. */
static void
end_video(struct inside *in)
{
	bool good = (in->prefixed || read_prefix(in, '\0', true)) && in->bit_count != 6 && hand_on(in);
	in->failed = !good;
	in->whole = good && in->headed;
	in->found = in->whole;
	if (!in->found) { /* an empty one is none */
		in->prefixed = in->padded = false;
		in->prefix_len = 0;
	}
}

/* ---- strings ---- */

/* Takes one character of a string, its escapes undone; `odd`: it was one that is not ASCII. */
static void
take(struct inside *in, char c, bool odd)
{
	if (in->place == VIDEO)
		in->failed = odd || !(in->prefixed ? decode(in, c) : read_prefix(in, c, false));
	if (in->place != NAME)
		return;
	if (odd || c == '\0')
		lose_path(in); /* no pointer of a profile has that */
	if (c == '~' || c == '/')
		path_add(in, '~');
	path_add(in, c == '~' ? '0' : c == '/' ? '1' : c);
}

static void
read_hex(struct inside *in, char c)
{
	const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;
	if (c >= '0' && c <= '9')
		at = digits + (c - '0');
	if (at == NULL) {
		in->failed = true;
		return;
	}
	in->hex = in->hex << 4 | (unsigned)(at - digits);
	if (--in->hex_left == 0)
		take(in, (char)(in->hex & 0x7f), in->hex > 0x7e);
}

static void
read_escape(struct inside *in, char c)
{
	static const char letters[] = "nrtbf", stand_for[] = "\n\r\t\b\f";
	const char *at = c != '\0' ? strchr(letters, c) : NULL;
	in->escaped = false;
	in->hex = 0;
	if (c == 'u')
		in->hex_left = 4;
	else
		take(in, at != NULL ? stand_for[at - letters] : c, false);
}

static void
read_string(struct inside *in, char c)
{
	if (in->hex_left > 0) {
		read_hex(in, c);
	} else if (in->escaped) {
		read_escape(in, c);
	} else if (c == '\\') {
		in->escaped = true;
	} else if (c == '"') {
		if (in->place == VIDEO)
			end_video(in);
		in->place = BETWEEN;
	} else {
		take(in, c, (unsigned char)c > 0x7e);
	}
}

/* ---- the sink ---- */

static bool
on_head(void *cookie, const struct download_head *head)
{
	(void)cookie;
	return head->status == 200;
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct inside *in = cookie;
	const char *text = bytes;
	for (size_t i = 0; i < len && !in->failed; i++)
		(in->place == BETWEEN ? read_between : read_string)(in, text[i]);
	return !in->failed;
}

static bool
goes_on(void *cookie)
{
	const struct inside *in = cookie;
	return in->to->goes_on == NULL || in->to->goes_on(in->to->cookie);
}

bool
inside_possible(const struct dialect *dialect)
{
	return dialect->facts[FACT_VIDEO_BASE64] != NULL;
}

struct inside *
inside_new(struct arena *arena, const struct dialect *dialect, const struct download_sink *to)
{
	struct inside *in = arena_alloc(arena, sizeof(*in));
	if (in == NULL)
		return NULL;
	in->pointers = dialect->facts[FACT_VIDEO_BASE64];
	in->to = to;
	return in;
}

struct download_sink
inside_sink(struct inside *in)
{
	return (struct download_sink){on_head, on_data,         in,
	                              goes_on, in->to->ret_why, in->to->ret_retry_after};
}

bool
inside_whole(const struct inside *in)
{
	return in->whole;
}

/* Tokens out of paths: see shown_path.h. */
#include "api/shown_path.h"

#include <stdbool.h>
#include <string.h>

struct segment {
	const char *text;
	size_t len;
};

static bool
is(struct segment segment, const char *name)
{
	return segment.len == strlen(name) && memcmp(segment.text, name, segment.len) == 0;
}

static bool
begins(struct segment segment, const char *prefix)
{
	size_t len = strlen(prefix);
	return segment.len > len && memcmp(segment.text, prefix, len) == 0;
}

/* `last` stands before it, `before` before that. */
static bool
is_token(struct segment segment, struct segment last, struct segment before)
{
	return is(last, "token") || is(last, "key") || is(last, "share") || is(before, "webhook") ||
	       begins(segment, "sk-") || begins(segment, "lr_");
}

void
shown_path(const char *path, char ret_path[LIMIT_PATH + 1])
{
	static const char mask[] = "***";
	struct segment before = {"", 0}, last = {"", 0};
	size_t at = 0;
	while (*path != '\0' && at < LIMIT_PATH) {
		if (*path == '/') {
			ret_path[at++] = *path++;
			continue;
		}
		struct segment segment = {path, strcspn(path, "/")};
		bool token = is_token(segment, last, before);
		size_t len = token ? sizeof(mask) - 1 : segment.len;
		len = len < LIMIT_PATH - at ? len : LIMIT_PATH - at;
		memcpy(ret_path + at, token ? mask : path, len);
		at += len;
		path += segment.len;
		before = last;
		last = segment;
	}
	ret_path[at] = '\0';
}

/* Reads how the key is shown, and small values beside. */
#include "upstream/dialect/reader.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"

bool
dialect_read_auth_type(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	static const char *const words[] = {
	    [AUTH_HEADER] = "header", [AUTH_JWT] = "jwt_hs256", [AUTH_SIGV4] = "aws_sigv4"};
	enum auth_type *to = dialect_slot(r, key);
	const char *s = json_string(value);
	for (size_t i = 0; s != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(s, words[i]) == 0) {
			*to = (enum auth_type)i;
			return true;
		}
	return dialect_fail(r, "must be \"header\", \"jwt_hs256\" or \"aws_sigv4\"");
}

bool
dialect_read_word(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = dialect_text(r, value, false);
	if (*to && (*to)[strspn(*to, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
		return dialect_fail(r, "must be a word of small letters, digits and \"-\"");
	return *to != NULL;
}

bool
dialect_read_base(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = dialect_text(r, value, false);
	if (*to == NULL)
		return false;
	size_t scheme = strncmp(*to, "https://", 8) == 0  ? 8
	                : strncmp(*to, "http://", 7) == 0 ? 7
	                                                  : 0,
	       len = strlen(*to);
	if (scheme == 0 || len == scheme || (*to)[len - 1] == '/' || strpbrk(*to, " @?#\\\"<>{}"))
		return dialect_fail(
		    r, "must be an address such as \"https://api.example.com\", without a slash at its end");
	return true;
}

bool
dialect_read_part(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	const char **to = dialect_slot(r, key);
	*to = dialect_text(r, value, false);
	if (*to && (*to)[0] == '/')
		return dialect_fail(r, "must be a plain name: a multipart body has no pointers");
	return *to != NULL;
}

/* True where one of the lines is of that header. */
static bool
has_line(const char *const *lines, const char *header)
{
	size_t len = header ? strlen(header) : 0;
	for (; lines && *lines && header; lines++)
		if (strncasecmp(*lines, header, len) == 0 && (*lines)[len] == ':')
			return true;
	return false;
}

/* Refuses fixed headers that would stand beside the key's own, or that of the idempotency key. */
static bool
headers_fit(struct dialect_reader *r)
{
	const struct dialect *d = r->dialect;
	const char *const own[] = {d->auth_header, d->idempotency_header};
	for (size_t i = 0; i < 2; i++) {
		bool twice = has_line(d->headers, own[i]) || has_line(d->upload.headers, own[i]);
		for (int j = 0; j < DIALECT_JOB__MAX; j++)
			twice = twice || has_line(d->forms[j].headers, own[i]);
		if (twice)
			return dialect_fail(r, "has a fixed header \"%.60s\", which longreel writes itself",
			                    own[i]);
	}
	return !d->auth_header || !d->idempotency_header || strcasecmp(own[0], own[1]) != 0 ||
	       dialect_fail(r, "has one header for the key and for the idempotency key");
}

bool
dialect_auth_ok(struct dialect_reader *r)
{
	const struct dialect *d = r->dialect;
	size_t back = dialect_enter(r, "auth");
	if (d->auth_type != AUTH_SIGV4 && d->auth_header == NULL)
		dialect_enter(r, "header");
	else if (d->auth_type == AUTH_SIGV4 && d->auth_service == NULL)
		dialect_enter(r, "service");
	else if (d->auth_type == AUTH_SIGV4 && (d->auth_header || d->auth_prefix[0]))
		return dialect_fail(r, "has a header or a prefix, which aws_sigv4 makes by itself");
	else if (d->auth_type != AUTH_SIGV4 && (d->auth_service || d->auth_region))
		return dialect_fail(r, "has a service or a region, which only aws_sigv4 needs");
	else {
		dialect_leave(r, back);
		return headers_fit(r);
	}
	return dialect_fail(r, "is missing");
}

/* Reads the paths of a profile, with their placeholders. */
#include "upstream/dialect/reader.h"

#include <string.h>

#include "upstream/dialect/fill.h"

/* The placeholders that a key may hold, each once. */
struct allowed {
	unsigned may;     /* of enum fill_set */
	unsigned must;    /* one of these; 0 = none */
	const char *rule; /* the same, as a message */
};

static bool
placeholders_fit(const char *text, struct allowed allowed)
{
	size_t len;
	enum fill_set which;
	unsigned seen = 0;
	for (const char *at; (at = fill_find(text, &len, &which)) != NULL; text = at + len) {
		if ((which & allowed.may & ~seen) == 0)
			return false;
		seen |= which;
	}
	return allowed.must == 0 || (seen & allowed.must) != 0;
}

static bool
read_path_with(struct dialect_reader *r, const struct json *value, const struct dialect_key *key,
               struct allowed allowed)
{
	const char **to = dialect_slot(r, key);
	const char *s = dialect_text(r, value, false);

	if (s == NULL)
		return false;
	if (s[0] != '/' || strpbrk(s, " #"))
		return dialect_fail(
		    r, "must begin with a slash, like \"/v1/videos\", and hold neither space nor #");
	if (!placeholders_fit(s, allowed))
		return dialect_fail(r, "%s", allowed.rule);
	*to = s;
	return true;
}

bool
dialect_read_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_path_with(r, value, key, (struct allowed){0, 0, "must hold no placeholder"});
}

bool
dialect_read_model_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_path_with(
	    r, value, key,
	    (struct allowed){FILL_MODEL, 0, "must hold no placeholder but {model}: there is no id yet"});
}

bool
dialect_read_id_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_path_with(r, value, key,
	                      (struct allowed){FILL_ID | FILL_MODEL, FILL_ID,
	                                       "must hold {id} once, and no placeholder else but {model}"});
}

bool
dialect_read_any_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_path_with(
	    r, value, key,
	    (struct allowed){FILL_ID | FILL_MODEL, 0, "must hold no placeholder but {id} and {model}"});
}

bool
dialect_read_result_path(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	return read_path_with(r, value, key,
	                      (struct allowed){FILL_ID | FILL_RESULT_ID | FILL_MODEL, 0,
	                                       "must hold no placeholder but {id}, {result_id} and {model}"});
}

bool
dialect_header_fits(const char *value, bool model)
{
	return placeholders_fit(value, (struct allowed){FILL_UUID | (model ? FILL_MODEL : 0), 0, ""});
}

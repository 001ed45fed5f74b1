/* What may not be in `extra`: a closed list, since the members themselves are any provider's; and with
 * billing what the profile knows to be priced. */
#include "upstream/dialect/extra.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/json.h"
#include "upstream/dialect/profile.h"

enum { NAME_MAX_LEN = 32 /* longer names are in no list */ };

/* Without what is no letter and no digit, in small letters; as providers' public interfaces have them. */
static const char *const forbidden[] = {
    /* how many videos */
    "n", "count", "quantity", "batch", "batchcount", "batchsize", "nsamples", "nvariants", "nvideos",
    "numberofoutputs", "numberofresults", "numberofsamples", "numberofvideos", "numgenerations", "numoutputs",
    "numresults", "numsamples", "numvideos", "numvideosperprompt", "outputcount", "outputnumber",
    "samplecount", "samplenum", "variants", "videocount", "videonum",
    /* where the upstream would send its news or the video */
    "callback", "callbackuri", "callbackurl", "gcsuri", "hookurl", "notificationurl", "notifyhook",
    "notifyurl", "outputdataconfig", "outputgcsuri", "outputs3uri", "outputuri", "outputurl", "storageuri",
    "uploadurl", "webhook", "webhookeventsfilter", "webhooks", "webhooksecret", "webhookurl", NULL};

/* Writes the name without what is no letter and no digit, in small letters; "" where it is longer than any in
 * a list. */
static void
simplify(const char *name, char ret_plain[NAME_MAX_LEN])
{
	size_t len = 0;
	ret_plain[0] = '\0';
	for (; *name != '\0'; name++) {
		if (!isalnum((unsigned char)*name))
			continue;
		if (len + 1 == NAME_MAX_LEN) {
			ret_plain[0] = '\0';
			return;
		}
		ret_plain[len++] = (char)tolower((unsigned char)*name);
		ret_plain[len] = '\0';
	}
}

static bool
is_same(const char *a, const char *b)
{
	char plain_a[NAME_MAX_LEN], plain_b[NAME_MAX_LEN];
	simplify(a, plain_a);
	simplify(b, plain_b);
	return strcmp(a, b) == 0 || (plain_a[0] != '\0' && strcmp(plain_a, plain_b) == 0);
}

static bool
is_in(const char *name, const char *const *list)
{
	while (list != NULL && *list != NULL && !is_same(name, *list))
		list++;
	return list != NULL && *list != NULL;
}

/* ---- what is looked for ---- */

struct search {
	bool (*is_found)(const struct search *search, const char *name);
	const void *in;
};

/* The first member that is found, as deep as JSON is read. */
static const char *
find(const struct search *search, const struct json *extra)
{
	const char *found = NULL;
	for (const struct json *v = json_first(extra); v != NULL && found == NULL; v = json_next(v)) {
		const char *name = json_name(v);
		found = name != NULL && search->is_found(search, name) ? name : find(search, v);
	}
	return found;
}

static bool
is_forbidden(const struct search *search, const char *name)
{
	return is_in(name, search->in);
}

const char *
extra_forbidden(const struct json *extra)
{
	const struct search search = {is_forbidden, forbidden};
	return find(&search, extra);
}

static bool
is_unlisted(const struct search *search, const char *name)
{
	const char *const *list = search->in;
	while (list != NULL && *list != NULL && strcmp(*list, name) != 0)
		list++;
	return list == NULL || *list == NULL;
}

const char *
extra_unlisted(const struct json *extra, const char *const *list)
{
	const struct search search = {is_unlisted, list};
	return find(&search, extra);
}

/* True for the last part of a member's path: "/parameters/duration" writes duration. */
static bool
is_written_as(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	return is_same(slash != NULL ? slash + 1 : path, name);
}

static bool
is_constant(const struct dialect_constant *list, const char *name)
{
	while (list != NULL && list->name != NULL && !is_written_as(list->name, name))
		list++;
	return list != NULL && list->name != NULL;
}

static bool
is_of_form(const struct dialect_form *form, const char *name)
{
	for (int i = 0; i < JOB_EXTRA; i++)
		for (const struct dialect_field *f = &form->fields[i]; f != NULL && f->name != NULL;
		     f = f->next)
			if (is_written_as(f->name, name) || is_constant(f->with, name))
				return true;
	for (const struct dialect_constants *c = form->constants; c != NULL && c->list != NULL; c++)
		if (is_constant(c->list, name))
			return true;
	return false;
}

static bool
is_priced(const struct search *search, const char *name)
{
	const struct dialect *dialect = search->in;
	for (int i = 0; i < DIALECT_JOB__MAX; i++)
		if (is_of_form(&dialect->forms[i], name))
			return true;
	return is_in(name, dialect->extra_priced);
}

const char *
extra_priced(const struct json *extra, const struct dialect *dialect)
{
	const struct search search = {is_priced, dialect};
	return find(&search, extra);
}

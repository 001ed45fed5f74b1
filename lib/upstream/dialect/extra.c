/* What may not be in `extra`: a closed list, since the members themselves are any provider's. */
#include "upstream/dialect/extra.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/json.h"

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

static bool
is_forbidden(const char *name)
{
	char plain[NAME_MAX_LEN];
	size_t len = 0;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name))
			continue;
		if (len + 1 == sizeof(plain))
			return false;
		plain[len++] = (char)tolower((unsigned char)*name);
	}
	plain[len] = '\0';
	const char *const *one = forbidden;
	while (*one != NULL && strcmp(*one, plain) != 0)
		one++;
	return *one != NULL;
}

/* As deep as JSON is read. */
const char *
extra_forbidden(const struct json *extra)
{
	const char *found = NULL;
	for (const struct json *v = json_first(extra); v != NULL && found == NULL; v = json_next(v)) {
		const char *name = json_name(v);
		found = name != NULL && is_forbidden(name) ? name : extra_forbidden(v);
	}
	return found;
}

static bool
is_listed(const char *name, const char *const *list)
{
	while (list != NULL && *list != NULL && strcmp(*list, name) != 0)
		list++;
	return list != NULL && *list != NULL;
}

const char *
extra_unlisted(const struct json *extra, const char *const *list)
{
	const char *found = NULL;
	for (const struct json *v = json_first(extra); v != NULL && found == NULL; v = json_next(v)) {
		const char *name = json_name(v);
		found = name != NULL && !is_listed(name, list) ? name : extra_unlisted(v, list);
	}
	return found;
}

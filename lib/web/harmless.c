/* The names that a call ignores: two short tables. */
#include "web/harmless.h"

#include <stddef.h>
#include <string.h>

static const char *const parameters[] = {
    "",
    "_",
    "_t",
    "nocache",
    "cachebust",   /* against caches, by jQuery and others */
    "api-version", /* Azure's flavour of the OpenAI clients */
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content", /* added to links when */
    "fbclid",
    "gclid",
    "msclkid",
    "mc_cid",
    "mc_eid", /* they are shared */
};

static const struct {
	const char *name;
	const char *only; /* the value that asks for nothing; NULL = any */
} members[] = {
    {"user", NULL},              /* OpenAI's: an end user, for its statistics of abuse */
    {"safety_identifier", NULL}, /* its successor */
    {"stream", "false"},
    {"n", "1"},
};

bool
harmless_parameter(const char *name)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (strcmp(parameters[i], name) == 0)
			return true;
	return false;
}

bool
harmless_member(const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(members[i].name, name) == 0)
			return members[i].only == NULL || strcmp(members[i].only, value) == 0;
	return false;
}

/* Texts that would be taken in silence and then match nothing are refused where they are read: see
 * config_text.h. */
#include "base/config_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/ids.h"
#include "base/networks.h"
#include "base/place.h"
#include "base/prefix.h"
#include "base/window.h"

enum { ENTRY_SIZE = 300, DIALECT_MOST = 64 };

static bool
is_visible(const char *s)
{
	while (*s > ' ' && *s <= '~')
		s++;
	return *s == '\0';
}

/* The length of http:// or https:// at the beginning, or 0. */
static size_t
scheme_of(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
}

static bool
is_address(char *base)
{
	size_t scheme = scheme_of(base);
	if (*base == '\0')
		return true;
	if (scheme == 0 || !is_visible(base) || strpbrk(base, "@?#\\\"<>"))
		return false;
	size_t len = strlen(base);
	while (len > scheme && base[len - 1] == '/')
		base[--len] = '\0';
	return len > scheme && base[scheme] != '/' && base[scheme] != ':';
}

static bool
is_dialect(char *name)
{
	return ids_is_word(name, DIALECT_MOST);
}

/* ---- lists ---- */

/* An origin as browsers send it (RFC 6454, section 6.1): scheme and host, perhaps a port, and no more. Pages
 * of applications have schemes of their own. */
static bool
is_origin(const char *entry)
{
	const char *host = strstr(entry, "://");
	if (strcmp(entry, "*") == 0 || strcmp(entry, "null") == 0)
		return true;
	return host != NULL && host != entry && host[3] != '\0' && is_visible(entry) &&
	       strpbrk(host + 3, "/@?#\\\"*") == NULL;
}

static bool
all_are(const char *list, bool (*is)(const char *entry))
{
	char entry[ENTRY_SIZE];
	for (list += strspn(list, " "); *list != '\0'; list += strspn(list, " ")) {
		size_t len = strcspn(list, " ");
		if (len >= sizeof(entry))
			return false;
		snprintf(entry, sizeof(entry), "%.*s", (int)len, list);
		if (!is(entry))
			return false;
		list += len;
	}
	return true;
}

static bool
are_origins(char *list)
{
	return all_are(list, is_origin);
}

static bool
are_networks(char *list)
{
	return networks_valid(list);
}

static bool
is_prefix(char *path)
{
	return prefix_valid(path);
}

static bool
is_key(char *key)
{
	return is_visible(key);
}

static bool
is_zone(char *name)
{
	return window_zone_known(name);
}

static bool
is_currency(char *word)
{
	size_t len = strlen(word);
	return len > 0 && len <= AMOUNT_WORD && is_visible(word) && strpbrk(word, "\"\\") == NULL;
}

static bool
is_place(char *text)
{
	struct place place;
	return *text == '\0' || place_read(text, &place);
}

static bool
is_credit(char *text)
{
	int64_t amount;
	return amount_read(text, &amount) && amount >= 0;
}

/* ---- which key must be what ---- */

#define NETWORKS_FAULT "must be addresses, or networks such as 10.0.0.0/8, separated by blanks"

static const struct {
	const char *key;
	bool (*is)(char *value);
	const char *fault;
} rules[] = {
    {"upstream_base", is_address,
     "must be empty or an address such as https://api.example.com, without user name, query and fragment"},
    {"public_url", is_address,
     "must be empty or an address such as https://reel.example.com, without user name, query and fragment"},
    {"upstream_dialect", is_dialect, "must be the name of a file in conf/dialects, without .json"},
    {"upstream_key", is_key, "must be of visible ASCII characters, without blanks"},
    {"base_path", is_prefix,
     "must be a path such as /reel, of letters, digits and -._~, without a slash at its end"},
    {"listen", is_place, "must be a port, HOST:PORT, [IPV6]:PORT or unix:/PATH"},
    {"cors_origins", are_origins,
     "must be origins such as https://app.example.com, without a path or a slash at the end, separated by "
     "blanks; or *"},
    {"trusted_proxies", are_networks, NETWORKS_FAULT},
    {"admin_addresses", are_networks, NETWORKS_FAULT},
    {"timezone", is_zone,
     "must be UTC, or a time zone that this machine's tzdata has, such as Europe/Berlin"},
    {"currency", is_currency, "must be a word of up to 8 visible ASCII characters, such as EUR"},
    {"signup_credit", is_credit,
     "must be a decimal from 0 to 1000000000, with up to 6 digits behind the point"},
};

const char *
config_text_fault(const char *key, char *value)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].key, key) == 0)
			return rules[i].is(value) ? NULL : rules[i].fault;
	return NULL;
}

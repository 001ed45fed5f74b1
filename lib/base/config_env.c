/* Environment variables, and those that are no keys. A misspelt one must not be passed over: it may have been
 * meant to close what is open by default. */
#include "base/config_env.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

#define PREFIX          "LONGREEL_"
#define UPSTREAM_PREFIX "SORA_"

/* The variables that are no keys and yet ours; a name that ends in _ stands for all that begin with it. Those
 * that channels name as their keys come on top (domain/settings.c). */
static const char *const others[] = {
    "LONGREEL_DATA",  /* the data directory, for programs that are not told on their command line */
    "LONGREEL_ETC",   /* the folder of longreel.conf in place of /etc/longreel */
    "LONGREEL_BUILD", /* the build that tests and benchmarks run */
    "LONGREEL_SEED",  /* of the tests' dice */
    "LONGREEL_FAULTS", "LONGREEL_FAULT_FILE", /* where the tests have a program die (base/kill_point.c) */
    "LONGREEL_TEST_",
};

/* Second names of two keys. */
static const char *const upstream[] = {"SORA_API_BASE", "SORA_API_KEY"};

enum {
	OTHERS = sizeof(others) / sizeof(*others),
	UPSTREAM = sizeof(upstream) / sizeof(*upstream),
	SLIPS = 2, /* letters by which a name may differ from one of ours and still be taken for it */
	WORD_MOST = 48
};

void
config_env_name(const char *key, char ret_name[CONFIG_ENV_SIZE])
{
	int len = snprintf(ret_name, CONFIG_ENV_SIZE, PREFIX "%s", key);

	for (int i = 0; i < len && i < CONFIG_ENV_SIZE; i++)
		ret_name[i] = (char)toupper((unsigned char)ret_name[i]);
}

/* True where the variable, whose name has `len` bytes, is the key's. Asked of each key by each request of
 * plain CGI. */
static bool
is_key(const char *variable, size_t len, const char *key)
{
	size_t i = sizeof(PREFIX) - 1;

	while (i < len && *key != '\0' && variable[i] == toupper((unsigned char)*key)) {
		i++;
		key++;
	}
	return i == len && *key == '\0';
}

static bool
is_known(const char *variable, size_t len, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < OTHERS; i++) {
		size_t other = strlen(others[i]);

		if ((len == other || (len > other && others[i][other - 1] == '_')) &&
		    memcmp(variable, others[i], other) == 0)
			return true;
	}
	for (size_t i = 0; i < UPSTREAM; i++) {
		if (strlen(upstream[i]) == len && memcmp(variable, upstream[i], len) == 0)
			return true;
	}
	for (size_t i = 0; i < count; i++) {
		if (len > sizeof(PREFIX) - 1 && memcmp(variable, PREFIX, sizeof(PREFIX) - 1) == 0 &&
		    is_key(variable, len, keys[i]))
			return true;
	}
	return false;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;
	return ab < c ? ab : c;
}

/* Counts the characters to be changed, put in or left out (Levenshtein's distance), in any case of letters.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MOST + 1], len = strlen(b);

	if (len > WORD_MOST || strlen(a) > WORD_MOST)
		return WORD_MOST;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			bool same = tolower((unsigned char)a[i]) == tolower((unsigned char)b[j]);
			size_t above = row[j + 1];

			row[j + 1] = least(above + 1, row[j] + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[len];
}

const char *
config_env_meant(const char *word, const char *const *words, size_t count)
{
	const char *meant = NULL;
	size_t nearest = strlen(word) / 3 < 4 ? strlen(word) / 3 + 1 : 4; /* the first that is too far */

	for (size_t i = 0; i < count; i++) {
		size_t far = distance(word, words[i]);

		if (far < nearest) {
			nearest = far;
			meant = words[i];
		}
	}
	return meant;
}

/* ---- unknown ones ---- */

/* Writes the name of ours, of key or upstream, that the variable's is but for a slip or two, in any case of
 * letters. False where there is none. Each request of plain CGI asks, of all that it inherits: what begins
 * with another letter, or is longer or shorter, is passed over. */
static bool
is_like_ours(const char *variable, size_t len, const char *const *keys, size_t count,
             char ret_ours[CONFIG_ENV_SIZE])
{
	char name[CONFIG_ENV_SIZE];

	if (len >= sizeof(name) || strchr("LlSs", *variable) == NULL)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)len, variable);
	for (size_t i = 0; i < count + UPSTREAM; i++) {
		size_t own = i < count ? sizeof(PREFIX) - 1 + strlen(keys[i]) : strlen(upstream[i - count]);

		if (own > len + SLIPS || len > own + SLIPS)
			continue;
		if (i < count)
			config_env_name(keys[i], ret_ours);
		else
			snprintf(ret_ours, CONFIG_ENV_SIZE, "%s", upstream[i - count]);
		if (distance(name, ret_ours) <= SLIPS)
			return true;
	}
	return false;
}

static bool
has_prefix(const char *variable, const char *prefix)
{
	return strncmp(variable, prefix, strlen(prefix)) == 0;
}

const char *const *
config_env_strangers(struct arena *arena, const char *const *keys, size_t count)
{
	char ours[CONFIG_ENV_SIZE];
	size_t most = 0, found = 0;

	for (char **variable = environ; variable && *variable; variable++)
		most++;
	const char **strangers = arena_alloc(arena, (most + 1) * sizeof(*strangers));
	for (char **variable = environ; variable && *variable && strangers; variable++) {
		size_t len = strcspn(*variable, "=");

		if ((*variable)[len] == '\0' ||
		    (!has_prefix(*variable, PREFIX) && !has_prefix(*variable, UPSTREAM_PREFIX) &&
		     !is_like_ours(*variable, len, keys, count, ours)) ||
		    is_known(*variable, len, keys, count))
			continue;
		strangers[found] = arena_strndup(arena, *variable, len);
		if (!strangers[found++])
			return NULL;
	}
	if (strangers)
		strangers[found] = NULL;
	return strangers;
}

bool
config_env_alike(const char *variable, const char *const *keys, size_t count, char ret_ours[CONFIG_ENV_SIZE])
{
	const char *meant = NULL;

	if (has_prefix(variable, UPSTREAM_PREFIX)) {
		if ((meant = config_env_meant(variable, upstream, UPSTREAM)) != NULL)
			snprintf(ret_ours, CONFIG_ENV_SIZE, "%s", meant);
		return meant != NULL;
	}
	if (!has_prefix(variable, PREFIX))
		return is_like_ours(variable, strlen(variable), keys, count, ret_ours);
	if ((meant = config_env_meant(variable + sizeof(PREFIX) - 1, keys, count)) != NULL)
		config_env_name(meant, ret_ours);
	return meant != NULL;
}

/* Reads the configuration. One table, made from config.def, has for every key where its value goes and what
 * it may be; defaults, file and environment all pass through set_value(). A message never repeats a value: it
 * might be the key of an upstream. */
#include "base/config.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/access.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/config_env.h"
#include "base/config_text.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/utf8.h"

enum kind { KIND_WORD, KIND_INT, KIND_TIME, KIND_TEXT };

struct key {
	const char *name;
	enum kind kind;
	size_t offset;      /* in struct config */
	const char *preset; /* as it would stand in the file */
	const char *words;
	int64_t least, most;
};

static const struct key keys[] = {
#define CONFIG_WORD(name, preset, words, what)                                                               \
	{#name, KIND_WORD, offsetof(struct config, name), preset, words},
#define CONFIG_INT(name, preset, least, most, what)                                                          \
	{#name, KIND_INT, offsetof(struct config, name), #preset, NULL, least, most},
#define CONFIG_TIME(name, preset, least, most, what)                                                         \
	{#name, KIND_TIME, offsetof(struct config, name), preset, NULL, least, most},
#define CONFIG_TEXT(name, preset, what) {#name, KIND_TEXT, offsetof(struct config, name), preset},
#include "base/config.def"
};

enum { KEYS = sizeof(keys) / sizeof(*keys) };

static const char *const names[] = {
#define CONFIG_WORD(name, preset, words, what)       #name,
#define CONFIG_INT(name, preset, least, most, what)  #name,
#define CONFIG_TIME(name, preset, least, most, what) #name,
#define CONFIG_TEXT(name, preset, what)              #name,
#include "base/config.def"
};

struct reading {
	struct config config; /* first, because config_free() gets its address */
	struct arena *arena;
	char *why;
	size_t why_size;
	const char *path;
	int line; /* 0 = not in the file */
	bool seen[KEYS];
};

/* Writes the sentence that config_load() answers with, led by file and line. Returns false. */
__attribute__((format(printf, 2, 3))) static bool
refuse(struct reading *r, const char *format, ...)
{
	va_list args;
	int len = 0;

	if (r->line > 0)
		len = snprintf(r->why, r->why_size, "%s, line %d: ", r->path, r->line);
	if (len < 0 || (size_t)len >= r->why_size)
		return false;
	va_start(args, format);
	vsnprintf(r->why + len, r->why_size - (size_t)len, format, args);
	va_end(args);
	return false;
}

/* Refuses a file that cannot be used, by errno. */
static bool
refuse_file(struct reading *r, const char *path)
{
	access_explain(path, errno, r->why, r->why_size);
	return false;
}

/* ---- values ---- */

static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {"", 1000}};

/* Reads a time: digits, perhaps with a point between them, and a unit. */
static bool
read_time(const char *value, int64_t *ret_ms)
{
	size_t whole = strspn(value, "0123456789");
	size_t fraction = value[whole] == '.' ? strspn(value + whole + 1, "0123456789") : 0;
	size_t len = whole + (value[whole] == '.' ? fraction + 1 : 0);

	if (whole == 0 || len > 15 || value[len - 1] == '.')
		return false;
	const char *unit = value + len + strspn(value + len, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(unit, units[i].name) == 0) {
			*ret_ms = llround(strtod(value, NULL) * (double)units[i].ms);
			return true;
		}
	}
	return false;
}

/* Writes a time in the largest unit that divides it. */
static void
time_text(int64_t ms, char *ret_text, size_t size)
{
	size_t i = 4;

	while (i > 0 && (ms % units[i].ms != 0 || (ms == 0 && i > 1)))
		i--;
	snprintf(ret_text, size, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
}

static bool
read_int(const char *value, int64_t *ret_number)
{
	const char *digits = value + (*value == '-');
	size_t len = strspn(digits, "0123456789");

	if (len == 0 || len > 18 || digits[len] != '\0')
		return false;
	*ret_number = strtoll(value, NULL, 10);
	return true;
}

static bool
set_number(struct reading *r, const struct key *key, const char *where, const char *value)
{
	bool time = key->kind == KIND_TIME;
	char least[32], most[32];
	int64_t number = 0;

	if ((time ? read_time : read_int)(value, &number) && number >= key->least && number <= key->most) {
		memcpy((char *)&r->config + key->offset, &number, sizeof(number));
		return true;
	}
	if (!time)
		return refuse(r, "%s: must be a whole number from %" PRId64 " to %" PRId64, where, key->least,
		              key->most);
	time_text(key->least, least, sizeof(least));
	time_text(key->most, most, sizeof(most));
	return refuse(
	    r, "%s: must be a time from %s to %s: seconds, or a number with ms, s, m, h or d behind it",
	    where, least, most);
}

static bool
set_word(struct reading *r, const struct key *key, const char *where, const char *value)
{
	char choice[64] = "";
	size_t len = strlen(value);

	for (const char *word = key->words; *word; word += strcspn(word, "|"), word += *word == '|') {
		size_t size = strcspn(word, "|");

		if (size == len && memcmp(word, value, len) == 0) {
			memcpy((char *)&r->config + key->offset, &value, sizeof(value));
			return true;
		}
		size_t used = strlen(choice);
		snprintf(choice + used, sizeof(choice) - used, "%s%.*s", used ? " or " : "", (int)size, word);
	}
	return refuse(r, "%s: must be %s", where, choice);
}

static bool
set_text(struct reading *r, const struct key *key, const char *where, char *value)
{
	const char *fault = config_text_fault(key->name, value);
	if (fault != NULL)
		return refuse(r, "%s: %s", where, fault);
	memcpy((char *)&r->config + key->offset, &value, sizeof(value));
	return true;
}

/* Sets one key from text, whatever its source; `where` is its name there. */
static bool
set_value(struct reading *r, const struct key *key, const char *where, const char *text)
{
	size_t len = strlen(text);
	char *value = arena_strdup(r->arena, text);

	if (value == NULL)
		return refuse(r, "%s: not enough memory", where);
	if (utf8_count(value, len) < 0 || utf8_has_control(value, len) || strpbrk(value, "\t\r\n"))
		return refuse(r, "%s: must be text in UTF-8 without control characters", where);
	switch (key->kind) {
	case KIND_WORD:
		return set_word(r, key, where, value);
	case KIND_INT:
	case KIND_TIME:
		return set_number(r, key, where, value);
	case KIND_TEXT:
		return set_text(r, key, where, value);
	}
	return false;
}

/* ---- sources ---- */

static bool
set_presets(struct reading *r)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (!set_value(r, &keys[i], keys[i].name, keys[i].preset))
			return false;
	}
	return true;
}

/* Cuts the blanks off both ends, in place. */
static char *
trim_blanks(char *text)
{
	text += strspn(text, " \t\r");
	size_t len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* Cuts off a comment: a # at the start of the line or behind a blank, since a value may hold one. */
static void
cut_comment(char *line)
{
	for (char *at = line; (at = strchr(at, '#')); at++) {
		if (at == line || at[-1] == ' ' || at[-1] == '\t') {
			*at = '\0';
			return;
		}
	}
}

static bool
read_line(struct reading *r, char *line)
{
	size_t i = 0;

	cut_comment(line);
	line = trim_blanks(line);
	if (*line == '\0')
		return true;
	char *equals = strchr(line, '=');
	if (equals == NULL)
		return refuse(r, "must read KEY = VALUE");
	*equals = '\0';
	char *name = trim_blanks(line);
	while (i < KEYS && strcmp(name, keys[i].name) != 0)
		i++;
	if (i == KEYS) {
		/* A text that does not look like a key may be a secret in the wrong place: not repeated. */
		bool like_key =
		    strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name) && strlen(name) <= 40;

		const char *meant = like_key ? config_env_meant(name, names, KEYS) : NULL;

		return refuse(r, "%s: there is no such key%s%s%s",
		              like_key && *name ? name : "(what is before the =)",
		              meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	}
	if (r->seen[i])
		return refuse(r, "%s: occurs a second time", name);
	r->seen[i] = true;
	return set_value(r, &keys[i], name, trim_blanks(equals + 1));
}

/* Refuses a file that holds the upstream's key and that other users of this machine may read. */
static bool
check_secret(struct reading *r)
{
	struct stat st;

	if (*r->config.upstream_key == '\0' || stat(r->path, &st) < 0 || !secret_is_exposed(&st))
		return true;
	return refuse(r, "%s: upstream_key: others may read this file; run chmod 600 on it", r->path);
}

static bool
read_lines(struct reading *r, char *text)
{
	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) /* as some editors put before UTF-8 */
		text += 3;
	for (char *line; (line = strsep(&text, "\n"));) {
		r->line++;
		if (!read_line(r, line))
			return false;
	}
	r->line = 0;
	return check_secret(r);
}

static bool
read_file(struct reading *r)
{
	struct buf text;
	bool good;

	buf_init(&text, LIMIT_CONFIG_FILE);
	enum err_code code = file_read(r->path, &text);
	if (code == ERR_NOT_FOUND || (code == ERR_OK && text.len == 0))
		good = true;
	else if (code == ERR_TOO_LARGE)
		good = refuse(r, "%s: is larger than %d bytes", r->path, LIMIT_CONFIG_FILE);
	else if (code != ERR_OK)
		good = refuse_file(r, r->path);
	else if (utf8_count(text.data, text.len) < 0 || utf8_has_control(text.data, text.len))
		good = refuse(r, "%s: is not a text in UTF-8", r->path);
	else
		good = read_lines(r, text.data);
	buf_free(&text);
	return good;
}

/* An empty variable is a value like any other: it is refused where the key may not be empty, and else takes
 * precedence over the file. */
static bool
set_from_environment(struct reading *r, const struct key *key, const char *variable)
{
	const char *value = getenv(variable);

	return value == NULL || set_value(r, key, variable, value);
}

static bool
read_environment(struct reading *r)
{
	for (size_t i = 0; i < KEYS; i++) {
		char variable[CONFIG_ENV_SIZE];
		const char *other = NULL;

		config_env_name(keys[i].name, variable);
		if (keys[i].offset == offsetof(struct config, upstream_base))
			other = "SORA_API_BASE";
		else if (keys[i].offset == offsetof(struct config, upstream_key))
			other = "SORA_API_KEY";
		if (other && !set_from_environment(r, &keys[i], other))
			return false;
		if (!set_from_environment(r, &keys[i], variable))
			return false;
	}
	r->config.strangers = config_env_strangers(r->arena, names, KEYS);
	return r->config.strangers || refuse(r, "not enough memory");
}

void
config_explain(const char *variable, char *ret_why, size_t why_size)
{
	char ours[CONFIG_ENV_SIZE];
	bool alike = config_env_alike(variable, names, KEYS, ours);

	snprintf(ret_why, why_size, "%.64s: there is no such variable%s%s%s", variable,
	         alike ? "; did you mean " : "", alike ? ours : "", alike ? "?" : "");
}

static bool
check_whole(struct reading *r)
{
	if (r->config.poll_interval_min > r->config.poll_interval_max)
		return refuse(r, "poll_interval_min: must not be longer than poll_interval_max");
	return true;
}

const char *
config_of_machine(struct arena *arena)
{
	const char *dir = getenv("LONGREEL_ETC");

	return arena_printf(arena, "%s/longreel.conf", dir && *dir ? dir : "/etc/longreel");
}

/* Finds the file: in the data directory, or the one of the machine; there may not be both. Fails where the
 * machine's cannot be looked for: it may be there, and close what is open by default. */
static bool
find_file(struct reading *r)
{
	const char *common = config_of_machine(r->arena);

	r->path = arena_printf(r->arena, "%s/longreel.conf", r->config.data);
	if (common == NULL || !r->path)
		return false;
	if (access(common, F_OK) < 0)
		return errno == ENOENT || errno == ENOTDIR || refuse_file(r, common);
	if (access(r->path, F_OK) == 0)
		return refuse(r, "%s and %s: there may be only one of the two", r->path, common);
	r->path = common;
	return true;
}

struct config *
config_load(const char *data, char *ret_why, size_t why_size)
{
	struct reading *r = calloc(1, sizeof(*r));
	char path[PATH_MAX];

	snprintf(ret_why, why_size, "Not enough memory to read the configuration.");
	if (r == NULL || !(r->arena = arena_new()))
		goto fail;
	r->why = ret_why;
	r->why_size = why_size;
	if (!realpath(data, path)) {
		refuse_file(r, data);
		goto fail;
	}
	r->config.data = arena_strdup(r->arena, path);
	if (!r->config.data || !find_file(r))
		goto fail;
	r->config.file = r->path;
	if (!set_presets(r) || !read_file(r) || !read_environment(r) || !check_whole(r))
		goto fail;
	ret_why[0] = '\0';
	return &r->config;
fail:
	if (r)
		config_free(&r->config);
	return NULL;
}

void
config_free(struct config *config)
{
	struct reading *r = (struct reading *)config;

	if (r == NULL)
		return;
	arena_free(r->arena);
	free(r);
}

bool
config_is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

bool
config_on(const char *word)
{
	return strcmp(word, "on") == 0 || strcmp(word, "open") == 0;
}

/* The settings on disk: see settings.h. The file is replaced whole, so readers need no lock. Counting it down
 * or replacing it takes flock(2) on a file beside it, which excludes threads as well as processes, since each
 * opens that file for itself. */
#include "settings.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "web/field.h"

enum { FILE_MAX = 4096, DAY_MS = 24 * 3600 * 1000 };

/* Long enough to see the progress move. */
static const struct settings defaults = {.duration_ms = 8000, .retry_after = 1, .times = -1};

struct input_fields {
	struct field_int duration_ms, answer_delay_ms, poll_delay_ms, retry_after, times;
	struct field_bool keys;
	const char *submit, *poll;
};

static const struct field fields[] = {
    {"duration_ms", FIELD_INT, offsetof(struct input_fields, duration_ms), .max = DAY_MS},
    {"answer_delay_ms", FIELD_INT, offsetof(struct input_fields, answer_delay_ms), .max = DAY_MS},
    {"poll_delay_ms", FIELD_INT, offsetof(struct input_fields, poll_delay_ms), .max = DAY_MS},
    {"retry_after", FIELD_INT, offsetof(struct input_fields, retry_after), .max = 3600},
    {"times", FIELD_INT, offsetof(struct input_fields, times), .min = 1, .max = 1000000},
    {"keys", FIELD_BOOL, offsetof(struct input_fields, keys)},
    {"submit", FIELD_WORD, offsetof(struct input_fields, submit), .words = fault_words},
    {"poll", FIELD_WORD, offsetof(struct input_fields, poll), .words = fault_words},
};
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static bool
is_setting(const char *name)
{
	size_t i = 0;

	while (i < FIELD_COUNT && strcmp(fields[i].name, name) != 0)
		i++;
	return i < FIELD_COUNT;
}

static int64_t
or_default(struct field_int given, int64_t preset)
{
	return given.set ? given.value : preset;
}

struct err
settings_read(struct arena *arena, const struct json *object, struct settings *ret_settings)
{
	struct input_fields given = {.times.set = false};

	for (const struct json *member = json_first(object); member; member = json_next(member)) {
		if (!is_setting(json_name(member)))
			return err_say(ERR_BAD_FIELD, NULL, "There is no setting \"%s\".", json_name(member));
	}
	struct err err = field_read_json(fields, FIELD_COUNT, object, arena, &given);
	if (err.code != ERR_OK)
		return err;
	*ret_settings = (struct settings){
	    .duration_ms = or_default(given.duration_ms, defaults.duration_ms),
	    .answer_delay_ms = or_default(given.answer_delay_ms, defaults.answer_delay_ms),
	    .poll_delay_ms = or_default(given.poll_delay_ms, defaults.poll_delay_ms),
	    .retry_after = or_default(given.retry_after, defaults.retry_after),
	    .times = or_default(given.times, defaults.times),
	    .keys = given.keys.value,
	    .submit = given.submit ? fault_of(given.submit) : defaults.submit,
	    .poll = given.poll ? fault_of(given.poll) : defaults.poll,
	};
	return err;
}

void
settings_write(struct jsonw *w, const struct settings *settings)
{
	jsonw_object(w, NULL);
	jsonw_int(w, "duration_ms", settings->duration_ms);
	jsonw_int(w, "answer_delay_ms", settings->answer_delay_ms);
	jsonw_int(w, "poll_delay_ms", settings->poll_delay_ms);
	jsonw_int(w, "retry_after", settings->retry_after);
	if (settings->times < 0)
		jsonw_null(w, "times");
	else
		jsonw_int(w, "times", settings->times);
	jsonw_bool(w, "keys", settings->keys);
	jsonw_string(w, "submit", fault_words[settings->submit]);
	jsonw_string(w, "poll", fault_words[settings->poll]);
	jsonw_object_end(w);
}

enum err_code
settings_load(struct arena *arena, const char *dir, struct settings *ret_settings)
{
	const char *path = arena_printf(arena, "%s/control.json", dir);
	const struct json *object;
	struct buf text;

	if (path == NULL)
		return ERR_NO_MEMORY;
	buf_init(&text, FILE_MAX);
	enum err_code code = file_read(path, &text);
	if (code == ERR_OK)
		code = json_parse(arena, buf_str(&text), text.len, &object);
	buf_free(&text);
	if (code == ERR_NOT_FOUND) {
		*ret_settings = defaults;
		return ERR_OK;
	}
	if (code == ERR_OK && settings_read(arena, object, ret_settings).code != ERR_OK)
		code = ERR_INTERNAL; /* not written by us */
	return code;
}

static enum err_code
replace(struct arena *arena, const char *dir, const struct settings *settings)
{
	const char *path = arena_printf(arena, "%s/control.json", dir);
	struct jsonw w;
	struct buf text;

	if (path == NULL)
		return ERR_NO_MEMORY;
	buf_init(&text, FILE_MAX);
	jsonw_init(&w, &text);
	settings_write(&w, settings);
	enum err_code code = text.failed ? ERR_NO_MEMORY : file_write_whole(path, buf_str(&text), text.len);
	buf_free(&text);
	return code;
}

/* Takes the lock. Returns its descriptor, to be closed, or -1. */
static int
lock(struct arena *arena, const char *dir)
{
	const char *path = arena_printf(arena, "%s/control.lock", dir);

	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

enum err_code
settings_store(struct arena *arena, const char *dir, const struct settings *settings)
{
	int fd = lock(arena, dir);
	if (fd < 0)
		return ERR_INTERNAL;
	enum err_code code = replace(arena, dir, settings ? settings : &defaults);
	close(fd);
	return code;
}

static bool
counts(const struct settings *settings, bool poll)
{
	return settings->times > 0 && (poll ? settings->poll : settings->submit) != FAULT_OK;
}

/* The settings after a request that counts. */
static struct settings
counted(struct settings settings)
{
	if (--settings.times == 0) {
		settings.submit = settings.poll = FAULT_OK;
		settings.times = defaults.times;
	}
	return settings;
}

enum err_code
settings_count(struct arena *arena, const char *dir, bool poll, struct settings *ret_settings,
               enum fault *ret_fault)
{
	struct settings now, next;

	enum err_code code = settings_load(arena, dir, &now);
	if (code == ERR_OK && counts(&now, poll)) {
		int fd = lock(arena, dir);
		if (fd < 0)
			return ERR_INTERNAL;
		code = settings_load(arena, dir, &now); /* others may have counted meanwhile */
		if (code == ERR_OK && counts(&now, poll)) {
			next = counted(now);
			code = replace(arena, dir, &next);
		}
		close(fd);
	}
	if (code != ERR_OK)
		return code;
	*ret_settings = now;
	*ret_fault = poll ? now.poll : now.submit;
	return ERR_OK;
}

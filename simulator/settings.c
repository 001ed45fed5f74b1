/* The settings on disk: see settings.h. The file is replaced whole, so who reads it needs no lock; who counts
 * it down or replaces it holds flock(2) on a file beside it, which excludes threads as well as processes,
 * since each opens it for itself. */
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

/* Long enough that a person sees the progress move. */
static const struct settings defaults = {.duration_ms = 8000, .retry_after = 1, .times = -1};

struct wishes {
	struct field_int duration_ms, answer_delay_ms, poll_delay_ms, retry_after, times;
	struct field_bool keys;
	const char *submit, *poll;
};

static const struct field fields[] = {
    {"duration_ms", FIELD_INT, offsetof(struct wishes, duration_ms), .max = DAY_MS},
    {"answer_delay_ms", FIELD_INT, offsetof(struct wishes, answer_delay_ms), .max = DAY_MS},
    {"poll_delay_ms", FIELD_INT, offsetof(struct wishes, poll_delay_ms), .max = DAY_MS},
    {"retry_after", FIELD_INT, offsetof(struct wishes, retry_after), .max = 3600},
    {"times", FIELD_INT, offsetof(struct wishes, times), .min = 1, .max = 1000000},
    {"keys", FIELD_BOOL, offsetof(struct wishes, keys)},
    {"submit", FIELD_WORD, offsetof(struct wishes, submit), .words = fault_words},
    {"poll", FIELD_WORD, offsetof(struct wishes, poll), .words = fault_words},
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
or_default(struct field_int wish, int64_t preset)
{
	return wish.set ? wish.value : preset;
}

struct err
settings_read(struct arena *arena, const struct json *object, struct settings *ret_settings)
{
	struct wishes wishes = {.times.set = false};

	for (const struct json *member = json_first(object); member; member = json_next(member)) {
		if (!is_setting(json_name(member)))
			return err_say(ERR_BAD_FIELD, NULL, "There is no setting \"%s\".", json_name(member));
	}
	struct err err = field_read_json(fields, FIELD_COUNT, object, arena, &wishes);
	if (err.code != ERR_OK)
		return err;
	*ret_settings = (struct settings){
	    .duration_ms = or_default(wishes.duration_ms, defaults.duration_ms),
	    .answer_delay_ms = or_default(wishes.answer_delay_ms, defaults.answer_delay_ms),
	    .poll_delay_ms = or_default(wishes.poll_delay_ms, defaults.poll_delay_ms),
	    .retry_after = or_default(wishes.retry_after, defaults.retry_after),
	    .times = or_default(wishes.times, defaults.times),
	    .keys = wishes.keys.value,
	    .submit = wishes.submit ? fault_of(wishes.submit) : defaults.submit,
	    .poll = wishes.poll ? fault_of(wishes.poll) : defaults.poll,
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

/* The lock's descriptor, to be closed; -1 where there is none to be had. */
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

/* What is left after a request that counts. */
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
settings_meet(struct arena *arena, const char *dir, bool poll, struct settings *ret_settings,
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

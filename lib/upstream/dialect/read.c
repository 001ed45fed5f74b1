/* Reads a profile. Every key is one row of a table: its name, whether it is required, how its value is read
 * and where that goes; a key without a row is an error. conf/dialects/README.md describes the same rows. */
#include "upstream/dialect/dialect.h"

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/limits.h"
#include "upstream/dialect/line.h"
#include "upstream/dialect/reader.h"

enum { PROFILE_NAME = 64 /* bytes of a profile's name */ };

/* ---- the keys ---- */

#define AT(member) offsetof(struct dialect, member)

static const struct dialect_key auth_keys[] = {
    {"type", false, dialect_read_auth_type, AT(auth_type)},
    {"header", false, dialect_read_header, AT(auth_header)},
    {"prefix", false, dialect_read_prefix, AT(auth_prefix)},
    {"service", false, dialect_read_word, AT(auth_service)},
    {"region", false, dialect_read_word, AT(auth_region)},
    {"refused", false, dialect_read_values, AT(auth_refused)},
    {NULL},
};

/* The fields of a call that makes a job. */
#define FIELD(form, name, required, which)                                                                   \
	{                                                                                                    \
		name, required, dialect_read_field, AT(forms[form].fields[which])                            \
	}
#define FIELD_KEYS(form)                                                                                     \
	{                                                                                                    \
		FIELD(form, "prompt", true, JOB_PROMPT), FIELD(form, "model", false, JOB_MODEL),             \
		    FIELD(form, "size", false, JOB_SIZE), FIELD(form, "width", false, JOB_WIDTH),            \
		    FIELD(form, "height", false, JOB_HEIGHT),                                                \
		    FIELD(form, "resolution", false, JOB_RESOLUTION),                                        \
		    FIELD(form, "seconds", false, JOB_SECONDS),                                              \
		    FIELD(form, "aspect_ratio", false, JOB_ASPECT_RATIO),                                    \
		    FIELD(form, "watermark", false, JOB_WATERMARK), FIELD(form, "hd", false, JOB_HD),        \
		    FIELD(form, "private", false, JOB_PRIVATE), FIELD(form, "seed", false, JOB_SEED),        \
		    FIELD(form, "negative_prompt", false, JOB_NEGATIVE_PROMPT),                              \
		    FIELD(form, "audio", false, JOB_AUDIO), FIELD(form, "source", false, JOB_SOURCE),        \
		    FIELD(form, "input_reference", false, JOB_INPUT_REFERENCE),                              \
		    FIELD(form, "last_frame", false, JOB_LAST_FRAME),                                        \
		    FIELD(form, "references", false, JOB_REFERENCES),                                        \
		    FIELD(form, "extra", false, JOB_EXTRA), {NULL},                                          \
	}

/* The keys that all calls that make a job have. */
#define FORM_KEYS(form, fields)                                                                              \
	{"body", true, dialect_read_body, AT(forms[form].body)},                                             \
	    {"body_with_image", false, dialect_read_body, AT(forms[form].body_with_image)},                  \
	    {"headers", false, dialect_read_job_headers, AT(forms[form].headers)},                           \
	    {"constants", false, dialect_read_constants, AT(forms[form].constants)},                         \
	{                                                                                                    \
		"fields", true, dialect_read_members, 0, fields                                              \
	}

/* The keys of a call that makes a job from a video of the upstream's. */
#define DERIVED_KEYS(form, fields)                                                                           \
	{                                                                                                    \
		{"path", true, dialect_read_any_path, AT(forms[form].call.path)}, FORM_KEYS(form, fields),   \
		    {NULL},                                                                                  \
	}

static const struct dialect_key submit_field_keys[] = FIELD_KEYS(DIALECT_CREATE);
static const struct dialect_key remix_field_keys[] = FIELD_KEYS(DIALECT_REMIX);
static const struct dialect_key edit_field_keys[] = FIELD_KEYS(DIALECT_EDIT);
static const struct dialect_key extend_field_keys[] = FIELD_KEYS(DIALECT_EXTEND);

static const struct dialect_key refused_keys[] = {
    {"at", false, dialect_read_pointers, AT(refused.at)},
    {"unless", false, dialect_read_values, AT(refused.unless)},
    {"later", false, dialect_read_values, AT(refused.later)},
    {"key", false, dialect_read_values, AT(refused.key)},
    {NULL},
};

static const struct dialect_key submit_keys[] = {
    {"path", true, dialect_read_model_path, AT(forms[DIALECT_CREATE].call.path)},
    {"accepted", true, dialect_read_codes, AT(forms[DIALECT_CREATE].call.accepted)},
    {"idempotency_header", false, dialect_read_header, AT(idempotency_header)},
    {"refused", false, dialect_read_members, 0, refused_keys},
    {"path_with_image", false, dialect_read_model_path, AT(forms[DIALECT_CREATE].paths.with_image)},
    {"path_with_last", false, dialect_read_model_path, AT(forms[DIALECT_CREATE].paths.with_last)},
    {"path_with_references", false, dialect_read_model_path, AT(forms[DIALECT_CREATE].paths.with_references)},
    FORM_KEYS(DIALECT_CREATE, submit_field_keys),
    {NULL},
};

static const struct dialect_key upload_keys[] = {
    {"path", true, dialect_read_path, AT(upload.call.path)},
    {"accepted", true, dialect_read_codes, AT(upload.call.accepted)},
    {"file", true, dialect_read_part, AT(upload.file)},
    {"id", true, dialect_read_pointers, AT(upload.id)},
    {"headers", false, dialect_read_headers, AT(upload.headers)},
    {"constants", false, dialect_read_constants, AT(upload.constants)},
    {NULL},
};

static const struct dialect_key remix_keys[] = DERIVED_KEYS(DIALECT_REMIX, remix_field_keys);
static const struct dialect_key edit_keys[] = DERIVED_KEYS(DIALECT_EDIT, edit_field_keys);
static const struct dialect_key extend_keys[] = DERIVED_KEYS(DIALECT_EXTEND, extend_field_keys);

static const struct dialect_key poll_keys[] = {
    {"path", true, dialect_read_any_path, AT(poll.call.path)},
    {"path_with_image", false, dialect_read_any_path, AT(poll.paths.with_image)},
    {"path_with_last", false, dialect_read_any_path, AT(poll.paths.with_last)},
    {"path_with_references", false, dialect_read_any_path, AT(poll.paths.with_references)},
    {"url", false, dialect_read_pointers, AT(poll.url)},
    {"method", false, dialect_read_ask_method, AT(poll.method)},
    {"body", false, dialect_read_ask_body, AT(poll.body)},
    {"accepted", true, dialect_read_codes, AT(poll.call.accepted)},
    {"pending", false, dialect_read_verdict_codes, AT(poll.pending)},
    {"failed", false, dialect_read_verdict_codes, AT(poll.failed)},
    {"interval_min", false, dialect_read_seconds, AT(poll_interval_min)},
    {NULL},
};

static const struct dialect_key result_keys[] = {
    {"path", false, dialect_read_result_path, AT(result.call.path)},
    {"url", false, dialect_read_pointers, AT(result.url)},
    {"method", false, dialect_read_ask_method, AT(result.method)},
    {"body", false, dialect_read_ask_body, AT(result.body)},
    {"accepted", true, dialect_read_codes, AT(result.call.accepted)},
    {"pending", false, dialect_read_verdict_codes, AT(result.pending)},
    {"failed", false, dialect_read_verdict_codes, AT(result.failed)},
    {NULL},
};

static const struct dialect_key content_keys[] = {
    {"path", true, dialect_read_id_path, AT(content.path)},
    {"thumbnail", false, dialect_read_id_path, AT(thumbnail)},
    {"spritesheet", false, dialect_read_id_path, AT(spritesheet)},
    {NULL},
};

static const struct dialect_key cancel_keys[] = {
    {"method", true, dialect_read_method, AT(cancel.method)},
    {"path", true, dialect_read_any_path, AT(cancel.call.path)},
    {"url", false, dialect_read_pointers, AT(cancel.url)},
    {"body", false, dialect_read_ask_body, AT(cancel.body)},
    {NULL},
};

static const struct dialect_key check_keys[] = {
    {"path", true, dialect_read_path, AT(check.path)},
    {NULL},
};

static const struct dialect_key list_keys[] = {
    {"path", true, dialect_read_path, AT(list.call.path)},
    {"accepted", true, dialect_read_codes, AT(list.call.accepted)},
    {"items", true, dialect_read_pointers, AT(list.items)},
    {"prompt", true, dialect_read_pointers, AT(list.prompt)},
    {"created_at", true, dialect_read_pointers, AT(list.created_at)},
    {"source", false, dialect_read_pointers, AT(list.source)},
    {NULL},
};

static const struct dialect_key models_keys[] = {
    {"path", true, dialect_read_path, AT(models.call.path)},
    {"items", true, dialect_read_pointers, AT(models.items)},
    {"name", true, dialect_read_pointers, AT(models.name)},
    {"prefix", false, dialect_read_prefix, AT(models.prefix)},
    {NULL},
};

static const struct dialect_key webhook_keys[] = {
    {"id", true, dialect_read_pointers, AT(webhook_id)},
    {NULL},
};

static const struct dialect_key answer_keys[] = {
    {"id", true, dialect_read_pointers, AT(facts[FACT_ID])},
    {"status", false, dialect_read_pointers, AT(facts[FACT_STATUS])},
    {"completed", false, dialect_read_signs, AT(completed)},
    {"failed", false, dialect_read_signs, AT(failed)},
    {"result_id", false, dialect_read_pointers, AT(facts[FACT_RESULT_ID])},
    {"progress", false, dialect_read_pointers, AT(facts[FACT_PROGRESS])},
    {"video_url", false, dialect_read_pointers, AT(facts[FACT_VIDEO_URL])},
    {"video_base64", false, dialect_read_pointers, AT(facts[FACT_VIDEO_BASE64])},
    {"image_url", false, dialect_read_pointers, AT(facts[FACT_IMAGE_URL])},
    {"model", false, dialect_read_pointers, AT(facts[FACT_MODEL])},
    {"size", false, dialect_read_pointers, AT(facts[FACT_SIZE])},
    {"seconds", false, dialect_read_pointers, AT(facts[FACT_SECONDS])},
    {"expires_at", false, dialect_read_pointers, AT(facts[FACT_EXPIRES_AT])},
    {"cost", false, dialect_read_pointers, AT(facts[FACT_COST])},
    {"cost_unit_micro", false, dialect_read_worth, AT(cost_unit)},
    {"error_code", false, dialect_read_pointers, AT(facts[FACT_ERROR_CODE])},
    {"error_message", false, dialect_read_pointers, AT(facts[FACT_ERROR_MESSAGE])},
    {NULL},
};

static const struct dialect_key word_keys[] = {
    {"queued", false, dialect_read_words, AT(words[POLL_QUEUED])},
    {"processing", false, dialect_read_words, AT(words[POLL_RUNNING])},
    {"completed", false, dialect_read_words, AT(words[POLL_COMPLETED])},
    {"failed", false, dialect_read_words, AT(words[POLL_ERROR])},
    {"cancelled", false, dialect_read_words, AT(words[POLL_CANCELLED])},
    {"lost", false, dialect_read_words, AT(words[POLL_LOST])},
    {NULL},
};

static const struct dialect_key profile_keys[] = {
    {"base", false, dialect_read_base, AT(base)},
    {"auth", true, dialect_read_members, 0, auth_keys},
    {"headers", false, dialect_read_headers, AT(headers)},
    {"submit", true, dialect_read_members, 0, submit_keys},
    {"upload", false, dialect_read_members, 0, upload_keys},
    {"remix", false, dialect_read_members, 0, remix_keys},
    {"edit", false, dialect_read_members, 0, edit_keys},
    {"extend", false, dialect_read_members, 0, extend_keys},
    {"poll", true, dialect_read_members, 0, poll_keys},
    {"result", false, dialect_read_members, 0, result_keys},
    {"content", false, dialect_read_members, 0, content_keys},
    {"cancel", false, dialect_read_members, 0, cancel_keys},
    {"list", false, dialect_read_members, 0, list_keys},
    {"check", false, dialect_read_members, 0, check_keys},
    {"models", false, dialect_read_members, 0, models_keys},
    {"webhook", false, dialect_read_members, 0, webhook_keys},
    {"answer", true, dialect_read_members, 0, answer_keys},
    {"words", false, dialect_read_members, 0, word_keys},
    {"offers", false, dialect_read_offers, 0},
    {"extra_priced", false, dialect_read_names, AT(extra_priced)},
    {NULL},
};

static const struct dialect_key profile = {"", true, dialect_read_members, 0, profile_keys};

const struct dialect_key *
dialect_keys(void)
{
	return &profile;
}

const char *
dialect_field_key(enum job_field field)
{
	const struct dialect_key *key = submit_field_keys;
	while (key->at != AT(forms[DIALECT_CREATE].fields[0]) + field * sizeof(struct dialect_field))
		key++;
	return key->name;
}

/* ---- loading ---- */

bool
dialect_not_json(struct dialect_reader *r, const char *json, size_t len)
{
	size_t at = json_fault(json, len), size = 0;
	const char *twice = at == len ? line_of_double(json, len, &size) : NULL;
	if (twice != NULL) {
		snprintf(r->why, r->why_size, "%s:%zu: has %.*s a second time in one object", r->label,
		         line_of_byte(json, (size_t)(twice - json)), size < 80 ? (int)size : 80, twice);
		dialect_clean(r);
		return false;
	}
	if (at == len)
		return dialect_fail(r, "is not valid JSON: a character is no UTF-8, or a number too large");
	snprintf(r->why, r->why_size, "%s:%zu: is not valid JSON from here on", r->label,
	         line_of_byte(json, at));
	return false;
}

static bool
read_profile(struct dialect_reader *r, const char *json, size_t len)
{
	const struct json *root;

	if (json_parse(r->dialect->arena, json, len, &root) != ERR_OK)
		return dialect_not_json(r, json, len);
	r->text = json;
	r->text_len = len;
	if (!dialect_read_members(r, root, &profile) || !dialect_auth_ok(r))
		return false;
	for (int i = 0; i < DIALECT_JOB__MAX; i++) {
		const char *name = job_kind_word((enum job_kind)i);
		if (!dialect_form_ok(r, name, &r->dialect->forms[i], json_get(root, name)))
			return false;
	}
	return dialect_answer_ok(r);
}

/* Does dialect_parse() with another label for the messages. */
static struct dialect *
parse_profile(struct dialect_reader *r, const char *name, const char *json, size_t len)
{
	struct arena *arena = arena_new();

	r->dialect = arena ? arena_alloc(arena, sizeof(*r->dialect)) : NULL;
	if (!r->dialect) {
		dialect_fail(r, "finds no memory");
		arena_free(arena);
		return NULL;
	}
	r->dialect->arena = arena;
	r->dialect->auth_prefix = "";
	r->dialect->name = arena_strdup(arena, name);
	if (!r->dialect->name || !read_profile(r, json, len)) {
		if (!r->dialect->name)
			dialect_fail(r, "finds no memory");
		arena_free(arena);
		return NULL;
	}
	return r->dialect;
}

struct dialect *
dialect_parse(const char *name, const char *json, size_t len, char *ret_why, size_t why_size)
{
	struct dialect_reader r = {.label = name, .why = ret_why, .why_size = why_size};
	return parse_profile(&r, name, json, len);
}

const char *
dialect_shipped_dir(struct arena *arena)
{
	const char *install = file_install_dir(arena);
	return install != NULL ? arena_printf(arena, "%s/share/dialects", install) : NULL;
}

struct dialect *
dialect_load_for(const char *data, const char *shipped, const char *name, char *ret_why, size_t why_size)
{
	struct dialect_reader r = {.label = "dialect", .why = ret_why, .why_size = why_size};
	char dirs[2][1024], path[1100];
	snprintf(dirs[0], sizeof(dirs[0]), "%s/dialects", data);
	snprintf(dirs[1], sizeof(dirs[1]), "%s", shipped);
	for (size_t i = 0; i < 2 && ids_is_word(name, PROFILE_NAME); i++) {
		int len = snprintf(path, sizeof(path), "%s/%s.json", dirs[i], name);
		if (len < (int)sizeof(path) && access(path, F_OK) == 0)
			return dialect_load(dirs[i], name, ret_why, why_size);
	}
	if (!ids_is_word(name, PROFILE_NAME))
		return dialect_load(shipped, name, ret_why, why_size);
	dialect_fail(&r, "%s: %s/%s.json does not exist, nor %s/%s.json", name, dirs[0], name, shipped, name);
	return NULL;
}

struct dialect *
dialect_load(const char *dir, const char *name, char *ret_why, size_t why_size)
{
	char path[1024];
	struct dialect_reader r = {.label = path, .why = ret_why, .why_size = why_size};
	struct dialect *dialect = NULL;
	struct buf buf;

	if (!ids_is_word(name, PROFILE_NAME)) {
		r.label = "dialect";
		dialect_fail(&r, "has a name that is no word of letters and digits");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/%s.json", dir, name);
	buf_init(&buf, LIMIT_DIALECT_FILE);
	enum err_code err = file_read(path, &buf);
	if (err == ERR_OK)
		dialect = parse_profile(&r, name, buf_str(&buf), buf.len);
	else if (err == ERR_NOT_FOUND)
		dialect_fail(&r, "does not exist");
	else if (err == ERR_TOO_LARGE)
		dialect_fail(&r, "is longer than %d bytes", LIMIT_DIALECT_FILE);
	else
		dialect_fail(&r, "cannot be read");
	buf_free(&buf);
	return dialect;
}

/* The questions about a profile that other folders may ask; read.c makes it. */
#include "upstream/dialect/dialect.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "model/channel.h"
#include "upstream/dialect/profile.h"

void
dialect_free(struct dialect *dialect)
{
	if (dialect)
		arena_free(dialect->arena);
}

bool
dialect_can_make(const struct dialect *dialect, enum job_kind job)
{
	return dialect->forms[job].call.path != NULL;
}

bool
dialect_source_is_link(const struct dialect *dialect, enum job_kind job)
{
	const struct dialect_field *field = &dialect->forms[job].fields[JOB_SOURCE];
	return field->name != NULL && field->type == TYPE_URL;
}

const char *
job_kind_word(enum job_kind job)
{
	static const char *const words[DIALECT_JOB__MAX] = {"submit", "remix", "edit", "extend"};
	return words[job];
}

int64_t
dialect_poll_interval(const struct dialect *dialect)
{
	return dialect->poll_interval_min;
}

bool
dialect_takes(const struct dialect *dialect, enum image_role role)
{
	static const enum job_field fields[IMAGE_ROLE__MAX] = {JOB_INPUT_REFERENCE, JOB_LAST_FRAME,
	                                                       JOB_REFERENCES};
	return dialect->forms[DIALECT_CREATE].fields[fields[role]].name != NULL;
}

const char *
dialect_key_header(const struct dialect *dialect, const char **ret_prefix)
{
	*ret_prefix = dialect->auth_prefix;
	return dialect->auth_type != AUTH_SIGV4 ? dialect->auth_header : NULL;
}

bool
dialect_can_cancel(const struct dialect *dialect)
{
	return dialect->cancel.call.path != NULL;
}

bool
dialect_can_list(const struct dialect *dialect)
{
	return dialect->list.call.path != NULL;
}

const char *
dialect_idempotency_header(const struct dialect *dialect)
{
	return dialect->idempotency_header;
}

const struct dialect_offer *
dialect_offers(const struct dialect *dialect, size_t *ret_count)
{
	*ret_count = dialect->offer_count;
	return dialect->offers;
}

const struct dialect_offer *
channel_offers(const struct channel *channel, size_t *ret_count)
{
	if (channel->offers == NULL)
		return dialect_offers(channel->dialect, ret_count);
	*ret_count = channel->offers->count;
	return channel->offers->list;
}

const struct dialect_offer *
channel_offer_of(const struct channel *channel, const char *theirs)
{
	size_t count;
	const struct dialect_offer *offers = channel_offers(channel, &count);
	for (size_t i = 0; theirs != NULL && i < count; i++)
		if (strcmp(offers[i].name, theirs) == 0)
			return &offers[i];
	return NULL;
}

const char *
dialect_base(const struct dialect *dialect)
{
	return dialect->base;
}

const char *
dialect_name(const struct dialect *dialect)
{
	return dialect->name;
}

bool
dialect_accepts(const struct dialect_call *call, int status)
{
	return status >= 200 && status < 300 && call->accepted[status - 200];
}

enum poll_status
dialect_status(const struct dialect *dialect, const char *word)
{
	for (int i = 0; i < WORDS__MAX; i++)
		for (const char *const *w = dialect->words[i]; w && *w; w++)
			if (strcasecmp(*w, word) == 0)
				return (enum poll_status)i;
	return POLL_UNKNOWN_WORD;
}

const char *
dialect_path(const struct dialect_call *call, const struct dialect_paths *paths, unsigned have)
{
	if ((have & INPUT_REFERENCES) && paths->with_references)
		return paths->with_references;
	if ((have & INPUT_LAST) && paths->with_last)
		return paths->with_last;
	return (have & INPUT_IMAGE) && paths->with_image ? paths->with_image : call->path;
}

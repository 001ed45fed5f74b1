/* Model lists: see model_list.h. Names at upstreams hold slashes, dots and colons, but no blanks or commas.
 */
#include "domain/channel/model_list.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/utf8.h"

static const char between[] = " \t,";

/* Copies a name; NULL where it cannot be one, or when memory is short. */
static const char *
copy_name(struct arena *arena, const char *from, size_t len)
{
	bool good = len > 0 && utf8_count(from, len) > 0 && utf8_count(from, len) <= LIMIT_WORD &&
	            !utf8_has_control(from, len);
	return good ? arena_strndup(arena, from, len) : NULL;
}

/* One entry of `len` bytes. */
static bool
read_one(struct arena *arena, const char *from, size_t len, struct channel_model *ret_model)
{
	const char *equals = memchr(from, '=', len);
	size_t ours = equals != NULL ? (size_t)(equals - from) : len;
	ret_model->ours = copy_name(arena, from, ours);
	ret_model->theirs = equals != NULL ? copy_name(arena, equals + 1, len - ours - 1) : ret_model->ours;
	return ret_model->ours != NULL && ret_model->theirs != NULL;
}

bool
model_list_read(struct arena *arena, const char *text, struct model_list *ret_models, char *ret_why,
                size_t why_size)
{
	struct channel_model *list = arena_alloc(arena, LIMIT_MODELS * sizeof(*list));
	size_t count = 0, len;
	snprintf(ret_why, why_size, "memory is short");
	if (list == NULL)
		return false;
	for (const char *p = text + strspn(text, between); *p != '\0'; p += len, p += strspn(p, between)) {
		len = strcspn(p, between);
		if (count == LIMIT_MODELS) {
			snprintf(ret_why, why_size, "there are more than %d models", LIMIT_MODELS);
			return false;
		}
		if (!read_one(arena, p, len, &list[count])) {
			snprintf(ret_why, why_size, "a model must be a name, or ours=theirs: %.*s",
			         len > 60 ? 60 : (int)len, p);
			return false;
		}
		for (size_t i = 0; i < count; i++)
			if (strcmp(list[i].ours, list[count].ours) == 0) {
				snprintf(ret_why, why_size, "the model %s is listed twice", list[i].ours);
				return false;
			}
		count++;
	}
	*ret_models = (struct model_list){.list = list, .count = count};
	return true;
}

bool
name_list_read(struct arena *arena, const char *text, const char *const **ret_names, char *ret_why,
               size_t why_size)
{
	const char **list = arena_alloc(arena, (LIMIT_MODELS + 1) * sizeof(*list));
	size_t count = 0, len;
	snprintf(ret_why, why_size, "memory is short");
	if (list == NULL)
		return false;
	for (const char *p = text + strspn(text, between); *p != '\0'; p += len, p += strspn(p, between)) {
		len = strcspn(p, between);
		if (count == LIMIT_MODELS) {
			snprintf(ret_why, why_size, "there are more than %d names", LIMIT_MODELS);
			return false;
		}
		list[count] = copy_name(arena, p, len);
		if (list[count++] == NULL) {
			snprintf(ret_why, why_size, "this cannot be a name: %.*s", len > 60 ? 60 : (int)len,
			         p);
			return false;
		}
	}
	*ret_names = list;
	return true;
}

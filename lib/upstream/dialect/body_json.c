/* Members as JSON, in one pass. A name may be a pointer: "/input/prompt" is the member prompt of the object
 * input. */
#include "upstream/dialect/body_json.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "upstream/dialect/inputs.h"
#include "upstream/dialect/profile.h"

/* Counts the levels that two names share: "/a/b/x" and "/a/b/y" both lie in /a and in /a/b. */
static size_t
shared_levels(const char *a, const char *b)
{
	size_t levels = 0;
	if (a[0] != '/' || b[0] != '/')
		return 0;
	for (size_t i = 1; a[i] == b[i] && a[i] != '\0'; i++)
		levels += a[i] == '/';
	return levels;
}

/* Puts the member behind the last one that shares the most levels with it. So members of the same object or
 * array always stand in a row, and otherwise in the order in which they came. */
static void
insert_member(struct body_member *sorted, size_t count, const struct body_member *member)
{
	size_t at = count, most = 0;
	for (size_t i = 0; i < count; i++) {
		size_t levels = shared_levels(sorted[i].name, member->name);
		if (levels > 0 && levels >= most) {
			most = levels;
			at = i + 1;
		}
	}
	memmove(&sorted[at + 1], &sorted[at], (count - at) * sizeof(*sorted));
	sorted[at] = *member;
}

/* A JSON text under construction. Level 0 is the root, which is an object. */
struct writer {
	struct jsonw w;
	struct arena *arena;
	size_t level;
	bool is_array[DIALECT_DEPTH_MAX + 1];
};

static void
close_levels(struct writer *writer, size_t level)
{
	for (; writer->level > level; writer->level--)
		(writer->is_array[writer->level] ? jsonw_array_end : jsonw_object_end)(&writer->w);
}

/* Returns the step of a name, `len` bytes, as a member's name: in a pointer ~1 is a slash, ~0 a tilde. NULL
 * for an element of an array. */
static const char *
step_name(const struct writer *writer, const char *step, size_t len, bool pointer)
{
	if (writer->is_array[writer->level])
		return NULL;
	char *name = arena_strndup(writer->arena, step, len), *to = name;
	for (const char *p = name; p != NULL && pointer && *p; p++) {
		bool escape = *p == '~';
		p += escape;
		*to++ = !escape ? *p : *p == '1' ? '/' : '~';
	}
	if (name != NULL && pointer)
		*to = '\0';
	return name;
}

/* Opens the levels of `pointer` that are not open yet. Returns its last step. */
static const char *
open_levels(struct writer *writer, const char *pointer)
{
	const char *step = pointer + 1;
	for (size_t level = 0;; level++) {
		size_t len = strcspn(step, "/");
		if (step[len] == '\0')
			return step;
		if (level == writer->level) {
			bool array = isdigit((unsigned char)step[len + 1]) != 0;
			(array ? jsonw_array : jsonw_object)(&writer->w, step_name(writer, step, len, true));
			writer->is_array[++writer->level] = array;
		}
		step += len + 1;
	}
}

/* Writes the members, which insert_member() has sorted: between two of them it closes the levels that they do
 * not share, and opens those of the next. Returns how many files it has left room for. */
static size_t
write_members(const struct body_member *sorted, size_t count, struct arena *arena, struct buf *out,
              struct http_insert *inserts)
{
	struct writer writer = {.arena = arena};
	size_t files = 0;
	jsonw_init(&writer.w, out);
	jsonw_object(&writer.w, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct body_member *member = &sorted[i];
		bool pointer = member->name[0] == '/';
		close_levels(&writer, i > 0 ? shared_levels(sorted[i - 1].name, member->name) : 0);
		const char *step = pointer ? open_levels(&writer, member->name) : member->name;
		const char *name = step_name(&writer, step, strlen(step), pointer);
		if (member->json != NULL)
			jsonw_raw(&writer.w, name, member->json);
		else
			jsonw_string(&writer.w, name, member->text);
		if (member->file != NULL)
			inserts[files++] = (struct http_insert){member->file->path, out->len - 1};
	}
	close_levels(&writer, 0);
	jsonw_object_end(&writer.w);
	return files;
}

enum err_code
body_json_write(const struct body_member *members, size_t count, struct arena *arena,
                struct http_request *request)
{
	struct buf *out = buf_in_arena(arena, LIMIT_JSON_BODY);
	struct body_member *sorted = arena_alloc(arena, (count + 1) * sizeof(*sorted));
	struct http_insert *inserts = arena_alloc(arena, (count + 1) * sizeof(*inserts));

	if (out == NULL || sorted == NULL || inserts == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		insert_member(sorted, i, &members[i]);
	request->insert_count = write_members(sorted, count, arena, out, inserts);
	if (out->failed || arena_failed(arena))
		return ERR_NO_MEMORY;
	request->body = out->data;
	request->body_len = out->len;
	request->inserts = inserts;
	return ERR_OK;
}

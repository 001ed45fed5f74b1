/* Fuzzes JSON. What is taken must be a tree within the limits whose every value is found by its pointer, and
 * its text must be taken again and give the same tree and text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena *arena;

struct walk {
	const struct json *root;
	int values;
	int depth;
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* The pointer of a child: `parent`, a slash, and its name as RFC 6901, section 3, escapes it, or its index.
 */
static char *
pointer_to(const char *parent, const struct json *child, size_t index)
{
	const char *name = json_name(child);
	size_t used = strlen(parent);
	char *pointer = arena_alloc(arena, used + (name ? 2 * strlen(name) : 20) + 2);

	must(pointer != NULL);
	memcpy(pointer, parent, used);
	pointer[used++] = '/';
	if (!name)
		snprintf(pointer + used, 20, "%zu", index);
	for (; name && *name; name++) {
		bool special = *name == '~' || *name == '/';
		if (special)
			pointer[used++] = '~';
		pointer[used++] = special ? (*name == '~' ? '0' : '1') : *name;
	}
	return pointer;
}

static void
check_scalar(const struct json *value)
{
	const char *text = json_string(value);
	int64_t whole = 0;
	double number = 0;
	bool flag;

	must((json_type(value) == JSON_STRING) == (text != NULL));
	must((json_type(value) == JSON_NUMBER) == json_number(value, &number));
	must((json_type(value) == JSON_BOOL) == json_bool(value, &flag));
	must(!text || utf8_count(text, strlen(text)) >= 0);
	must(number - number == 0); /* finite */
	must(!json_integer(value, &whole) || (double)whole == number);
}

static void
check_value(struct walk *walk, const struct json *value, const char *pointer)
{
	size_t index = 0;

	must(++walk->values <= LIMIT_JSON_VALUES && walk->depth <= LIMIT_JSON_DEPTH);
	/* The pointers of a very broad or deep tree would take the time that others need. */
	if (walk->values <= 200)
		must(json_pointer(walk->root, pointer) == value);
	check_scalar(value);
	walk->depth++;
	for (const struct json *child = json_first(value); child; child = json_next(child)) {
		const char *name = json_name(child);
		must((json_type(value) == JSON_OBJECT) == (name != NULL));
		must(!name || (utf8_count(name, strlen(name)) >= 0 && json_get(value, name) == child));
		check_value(walk, child, walk->values < 200 ? pointer_to(pointer, child, index) : "");
		index++;
	}
	must(json_size(value) == index);
	walk->depth--;
}

static void
check_same(const struct json *a, const struct json *b)
{
	const char *text = json_string(a), *name = json_name(a);
	double number = 0, other_number = 0;
	bool flag = false, other_flag = false;

	must(json_type(a) == json_type(b));
	must((name == NULL) == (json_name(b) == NULL) && (!name || strcmp(name, json_name(b)) == 0));
	must(!text || strcmp(text, json_string(b)) == 0);
	must(json_number(a, &number) == json_number(b, &other_number) && number == other_number);
	must(json_bool(a, &flag) == json_bool(b, &other_flag) && flag == other_flag);
	a = json_first(a);
	b = json_first(b);
	for (; a && b; a = json_next(a), b = json_next(b))
		check_same(a, b);
	must(!a && !b);
}

static void
check_tree(const struct json *root)
{
	struct walk walk = {.root = root};
	const struct json *again;
	const char *text = json_text(arena, root);

	check_value(&walk, root, "");
	must(text != NULL);
	must(json_parse(arena, text, strlen(text), &again) == ERR_OK);
	check_same(root, again);
	const char *text_again = json_text(arena, again);
	must(text_again != NULL && strcmp(text, text_again) == 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	arena = arena_new();
	must(arena != NULL);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json *root = NULL;
	/* A copy of its exact size, so that a read beyond it is seen. */
	char *bytes = malloc(size + !size);

	must(bytes != NULL);
	memcpy(bytes, data, size);
	enum err_code code = json_parse(arena, bytes, size, &root);
	free(bytes);
	must(code == ERR_OK ? root != NULL : code == ERR_BAD_JSON && !root);
	if (root)
		check_tree(root);
	arena_reset(arena);
	return 0;
}

/* conf/dialects/README.md: the profiles that stand there as examples are profiles, and its tables have the
 * keys that are read, all of them and no others. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/reader.h"
#include "support/test.h"

#define BEGIN "\n```json\n"
#define END   "\n```"

enum { KEYS_MAX = 400, KEY_SIZE = 80 };

/* Paths of keys: "submit.fields.size". */
struct keys {
	char all[KEYS_MAX][KEY_SIZE];
	size_t count;
};

static void
add_key(struct keys *keys, const char *parent, const char *name)
{
	assert_true(keys->count < KEYS_MAX);
	int len = snprintf(keys->all[keys->count++], KEY_SIZE, "%s%s%s", parent, parent[0] ? "." : "", name);
	assert_true(len < KEY_SIZE);
}

/* Collects the keys that are read, without those that only hold others. */
static void
gather_read(struct keys *keys, const struct dialect_key *row, const char *path)
{
	char below[KEY_SIZE];
	for (const struct dialect_key *k = row->keys; k->name; k++) {
		snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "." : "", k->name);
		if (k->keys)
			gather_read(keys, k, below);
		else
			add_key(keys, path, k->name);
	}
}

/* Collects the keys of a row of the table, which begins with them in its first cell: of several the first is
 * whole, and the others are its neighbours: "`submit.fields.width`, `height`". */
static void
gather_row(struct keys *keys, const char *row)
{
	char parent[KEY_SIZE] = "", name[KEY_SIZE];
	const char *end = strstr(row + 2, " |");
	for (const char *p = strchr(row, '`'); p && p < end; p = strchr(p, '`')) {
		size_t len = strcspn(++p, "`");
		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		char *dot = strrchr(name, '.');
		if (dot != NULL && strcmp(dot, ".\xe2\x80\xa6") == 0) { /* "edit.…": all of its keys */
			*dot = '\0';
			add_key(keys, name, "*");
			dot = NULL;
			name[0] = '\0';
		} else if (dot != NULL) {
			*dot = '\0';
			snprintf(parent, sizeof(parent), "%s", name);
			add_key(keys, parent, dot + 1);
		} else {
			add_key(keys, parent, name);
		}
		p += len + 1;
	}
}

/* Collects the keys of the first table. */
static void
gather_told(struct keys *keys, const char *text)
{
	const char *p = strstr(text, "\n| key | must be there |");
	assert_non_null(p);
	p = strstr(p, "\n|---");
	assert_non_null(p);
	for (p = strchr(p + 1, '\n'); p[1] == '|'; p = strchr(p + 1, '\n'))
		gather_row(keys, p + 1);
}

/* True where the list has the key, or all that is in the object that it is in. */
static bool
covers(const struct keys *keys, const char *key)
{
	for (size_t i = 0; i < keys->count; i++) {
		size_t len = strlen(keys->all[i]);
		if (strcmp(keys->all[i], key) == 0 ||
		    (keys->all[i][len - 1] == '*' && strncmp(keys->all[i], key, len - 1) == 0))
			return true;
	}
	return false;
}

/* True where the key is read, or is a part of a value that is: of "offers", whose members its reader names.
 */
static bool
is_read(const struct keys *read, const char *key)
{
	size_t len = strlen(key);
	if (strncmp(key, "offers[].", 9) == 0)
		return covers(read, "offers");
	for (size_t i = 0; i < read->count; i++)
		if (strcmp(read->all[i], key) == 0 ||
		    (key[len - 1] == '*' && strncmp(read->all[i], key, len - 1) == 0))
			return true;
	return false;
}

TEST(the_tables_have_the_keys_that_are_read)
{
	static struct keys read, told;
	struct buf text;
	buf_init(&text, LIMIT_ANSWER);
	assert_int_equal(file_read("conf/dialects/README.md", &text), ERR_OK);
	gather_read(&read, dialect_keys(), "");
	gather_told(&told, buf_str(&text));
	assert_true(read.count > 100 && told.count > 80);
	for (size_t i = 0; i < read.count; i++)
		/* A new job's source is read to be refused. */
		if (!covers(&told, read.all[i]) && strcmp(read.all[i], "submit.fields.source") != 0)
			fail_msg("%s is read, and not in conf/dialects/README.md", read.all[i]);
	for (size_t i = 0; i < told.count; i++)
		if (!is_read(&read, told.all[i]))
			fail_msg("%s is in conf/dialects/README.md, and not read", told.all[i]);
	buf_free(&text);
}

/* What stands behind "there are " in a sentence about a key that is not known: what is read. */
static void
expect_members(const char *text, const char *json, const char *sentence)
{
	char why[512] = "", row[KEY_SIZE];
	struct dialect *dialect = dialect_parse("test", json, strlen(json), why, sizeof(why));
	dialect_free(dialect);
	const char *list = strstr(why, sentence);
	if (list == NULL)
		fail_msg("%s: no \"%s\"", why, sentence);
	for (const char *p = list + strlen(sentence); *p; p += strspn(p, ", ")) {
		size_t len = strcspn(p, ", ");
		static const char *const marks[][2] = {{"`", "`"}, {"`offers[].", "`"}, {"`{\"", "\": …}`"}};
		bool found = false;
		for (size_t i = 0; i < 3 && !found; i++) {
			snprintf(row, sizeof(row), "%s%.*s%s", marks[i][0], (int)len, p, marks[i][1]);
			found = strstr(text, row) != NULL;
		}
		if (!found)
			fail_msg("%.*s is read, and not in conf/dialects/README.md", (int)len, p);
		p += len;
	}
}

TEST(the_members_of_values_are_told)
{
	struct buf text;
	buf_init(&text, LIMIT_ANSWER);
	assert_int_equal(file_read("conf/dialects/README.md", &text), ERR_OK);
	expect_members(buf_str(&text), "{\"offers\":[{\"none\":1}]}", "there are ");
	expect_members(buf_str(&text), "{\"submit\":{\"fields\":{\"size\":{\"none\":1}}}}", "there are ");
	expect_members(buf_str(&text), "{\"submit\":{\"fields\":{\"resolution\":{\"none\":1}}}}",
	               "there are ");
	buf_free(&text);
}

TEST(the_examples_are_profiles)
{
	struct buf text;
	size_t count = 0;
	buf_init(&text, LIMIT_ANSWER);
	assert_int_equal(file_read("conf/dialects/README.md", &text), ERR_OK);
	for (const char *p = buf_str(&text); (p = strstr(p, BEGIN)) != NULL; p = strstr(p, END)) {
		char why[512] = "";
		p += strlen(BEGIN);
		const char *end = strstr(p, END), *submit = strstr(p, "\"submit\"");
		assert_non_null(end);
		if (submit == NULL || submit > end)
			continue; /* a piece of one */
		struct dialect *dialect = dialect_parse("example", p, (size_t)(end - p), why, sizeof(why));
		if (!dialect)
			fail_msg("%s in %.200s", why, p);
		dialect_free(dialect);
		count++;
	}
	assert_true(count >= 2);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_tables_have_the_keys_that_are_read),
	    cmocka_unit_test(the_members_of_values_are_told),
	    cmocka_unit_test(the_examples_are_profiles),
	};
	return cmocka_run_group_tests_name("upstream/readme", tests, NULL, NULL);
}

/* What the checks have found: see findings.h. */
#include "findings.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

enum { JSON_MOST = 1024 * 1024 };

static const char *const words[] = {[FINDING_OK] = "ok",
                                    [FINDING_WAIT] = "wait",
                                    [FINDING_WARN] = "warn",
                                    [FINDING_BAD] = "BAD",
                                    [FINDING_NOTE] = ""};
static const char *const levels[] = {[FINDING_OK] = "ok",
                                     [FINDING_WAIT] = "wait",
                                     [FINDING_WARN] = "warn",
                                     [FINDING_BAD] = "bad",
                                     [FINDING_NOTE] = "note"};

bool
findings_begin(struct findings *findings, bool json, struct arena *arena)
{
	*findings = (struct findings){.json = json};
	if (!json)
		return true;
	findings->text = buf_in_arena(arena, JSON_MOST);
	if (findings->text == NULL)
		return false;
	jsonw_init(&findings->w, findings->text);
	jsonw_object(&findings->w, NULL);
	jsonw_array(&findings->w, "findings");
	return true;
}

/* A path may be of any bytes. */
static const char *
readable(const char *text)
{
	return utf8_count(text, strlen(text)) >= 0 ? text : "?";
}

bool
findings_say(struct findings *findings, enum finding finding, const char *part, const char *text,
             const char *todo)
{
	if (text == NULL)
		text = "not enough memory";
	if (findings == NULL || !findings->json) {
		printf("%-5s %-14s %s%s%s\n", words[finding], part, text, todo ? ": " : "", todo ? todo : "");
		return finding != FINDING_BAD;
	}
	struct jsonw *w = &findings->w;
	jsonw_object(w, NULL);
	jsonw_string(w, "level", levels[finding]);
	jsonw_string(w, "part", readable(part));
	jsonw_string(w, "text", readable(text));
	if (todo)
		jsonw_string(w, "todo", readable(todo));
	else
		jsonw_null(w, "todo");
	jsonw_object_end(w);
	return finding != FINDING_BAD;
}

bool
findings_end(struct findings *findings, bool good)
{
	if (!findings->json)
		return true;
	jsonw_array_end(&findings->w);
	jsonw_bool(&findings->w, "good", good);
	jsonw_object_end(&findings->w);
	if (findings->text->failed)
		return false;
	puts(buf_str(findings->text));
	return true;
}

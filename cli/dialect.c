/* longreel dialect list and check: which profiles there are, what each can do, and whether it can be read. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli.h"
#include "model/image.h"
#include "profile.h"
#include "upstream/dialect/dialect.h"

enum { JSON_MOST = 1024 * 1024, NAME_WIDTH = 16, CAN_WIDTH = 60 };

/* What profiles can do that not all of them can. */
enum ability { IMAGE, LAST, REFERENCES, REMIX, EDIT, EXTEND, CANCEL, LIST, ABILITIES };

static const char *const ability_words[ABILITIES] = {
    "image", "last", "references", "remix", "edit", "extend", "cancel", "list",
};

static bool
can(const struct dialect *dialect, enum ability ability)
{
	switch (ability) {
	case IMAGE:
		return dialect_takes(dialect, IMAGE_FIRST);
	case LAST:
		return dialect_takes(dialect, IMAGE_LAST);
	case REFERENCES:
		return dialect_takes(dialect, IMAGE_REFERENCE);
	case REMIX:
		return dialect_can_make(dialect, DIALECT_REMIX);
	case EDIT:
		return dialect_can_make(dialect, DIALECT_EDIT);
	case EXTEND:
		return dialect_can_make(dialect, DIALECT_EXTEND);
	case CANCEL:
		return dialect_can_cancel(dialect);
	case LIST:
		return dialect_can_list(dialect);
	case ABILITIES:
		break;
	}
	return false;
}

/* A profile that was read, or what is wrong with it. */
struct finding {
	const char *name, *where, *file; /* `where` and `file` may be NULL */
	struct dialect *dialect;         /* NULL = it is bad */
	char why[PROFILE_WHY_SIZE];
};

/* Writes one finding as an object. */
static void
write_finding(struct jsonw *w, const struct finding *found)
{
	jsonw_object(w, NULL);
	jsonw_string(w, "name", found->name);
	jsonw_bool(w, "good", found->dialect != NULL);
	if (found->file != NULL) {
		jsonw_string(w, "where", found->where);
		jsonw_string(w, "file", found->file);
	}
	if (found->dialect != NULL) {
		jsonw_array(w, "can");
		for (int i = 0; i < ABILITIES; i++)
			if (can(found->dialect, (enum ability)i))
				jsonw_string(w, NULL, ability_words[i]);
		jsonw_array_end(w);
	} else {
		jsonw_string(w, "error", found->why);
	}
	jsonw_object_end(w);
}

static const struct cli_column columns[] = {
    {"NAME", NAME_WIDTH, 0}, {"WHERE", 7, 0}, {"CAN", CAN_WIDTH, 0}, {"FILE", 0, 0}, {NULL, 0, 0},
};

static void
put_finding(const struct finding *found, bool list)
{
	char words[128] = "text";
	for (int i = 0; i < ABILITIES && found->dialect != NULL; i++) {
		size_t len = strlen(words);
		if (can(found->dialect, (enum ability)i))
			snprintf(words + len, sizeof(words) - len, ", %s", ability_words[i]);
	}
	if (list) {
		cli_put_row(columns, (const char *const[]){found->name, found->where,
		                                           found->dialect ? words : "BAD", found->file});
		return;
	}
	const char *text = found->dialect == NULL ? found->why : words;
	printf("%-5s %-*s ", found->dialect ? "ok" : "BAD", NAME_WIDTH, found->name);
	cli_put_text(stdout, text, PROFILE_WHY_SIZE);
	putchar('\n');
}

/* What is said of profiles, as text or as JSON. */
struct report {
	struct arena *arena;
	bool list, good;
	struct buf *json; /* NULL = as text */
	struct jsonw w;
};

static bool
report_begin(struct report *report, const struct cli_call *call, bool list)
{
	*report = (struct report){.arena = arena_new(), .list = list, .good = true};
	if (report->arena == NULL)
		return false;
	if (list && !call->json)
		cli_put_header(columns);
	if (!call->json)
		return true;
	report->json = buf_in_arena(report->arena, JSON_MOST);
	if (report->json == NULL)
		return false;
	jsonw_init(&report->w, report->json);
	jsonw_array(&report->w, NULL);
	return true;
}

/* Says what was found, and frees the profile. */
static void
report_add(struct report *report, struct finding *found)
{
	if (report->json != NULL)
		write_finding(&report->w, found);
	else
		put_finding(found, report->list);
	if (found->dialect == NULL && report->list && report->json == NULL)
		cli_fail("%s", found->why);
	report->good = report->good && found->dialect != NULL;
	dialect_free(found->dialect);
}

/* Ends the report. Returns the exit code. */
static int
report_end(struct report *report)
{
	int result = report->good ? CLI_DONE : CLI_FAILED;
	if (report->json != NULL) {
		jsonw_array_end(&report->w);
		if (report->json->failed)
			result = cli_fail("not enough memory.");
		else
			puts(buf_str(report->json));
	}
	arena_free(report->arena);
	return cli_finish() == CLI_DONE ? result : CLI_FAILED;
}

/* Says of all profiles what was found. */
static int
report_all(const struct cli_call *call, struct report *report)
{
	size_t count = 0;
	const struct profile_file *files = profile_files(call, report->arena, &count);
	if (files == NULL)
		report->good = cli_fail("not enough memory.") == CLI_DONE;
	for (size_t i = 0; files != NULL && i < count; i++) {
		struct finding found = {.name = files[i].name, .where = files[i].where};
		found.file = arena_printf(report->arena, "%s/%s.json", files[i].dir, files[i].name);
		found.dialect = dialect_load(files[i].dir, files[i].name, found.why, sizeof(found.why));
		report_add(report, &found);
	}
	return report_end(report);
}

int
cli_dialect_list(const struct cli_call *call)
{
	struct report report;
	if (!report_begin(&report, call, true))
		return cli_fail("not enough memory.");
	return report_all(call, &report);
}

int
cli_dialect_check(const struct cli_call *call)
{
	struct report report;
	struct finding found = {.name = call->operands[0]};
	if (!report_begin(&report, call, false))
		return cli_fail("not enough memory.");
	if (found.name == NULL)
		return report_all(call, &report);
	found.dialect = profile_load(call, found.name, report.arena, found.why);
	if (found.dialect != NULL)
		found.name = dialect_name(found.dialect);
	report_add(&report, &found);
	return report_end(&report);
}

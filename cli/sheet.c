/* Tables and JSON: see sheet.h. */
#include "sheet.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

enum { JSON_MOST = 64 * 1024 * 1024, CELL_SIZE = 40 };

static void
describe(const struct sheet_column *columns, struct cli_column ret_columns[SHEET_COLUMNS + 1])
{
	size_t i = 0;
	for (; i < SHEET_COLUMNS && columns[i].title != NULL; i++)
		ret_columns[i] = (struct cli_column){columns[i].title, columns[i].width, columns[i].max};
	ret_columns[i] = (struct cli_column){NULL, 0, 0};
}

/* Begins the JSON, where that is wanted. */
static bool
begin_json(struct sheet *sheet, const struct cli_call *call)
{
	if (!call->json)
		return true;
	sheet->json = buf_in_arena(sheet->arena, JSON_MOST);
	if (sheet->json == NULL) {
		cli_fail("not enough memory.");
		return false;
	}
	jsonw_init(&sheet->w, sheet->json);
	return true;
}

bool
sheet_begin(struct sheet *ret_sheet, const struct cli_call *call, struct arena *arena,
            const struct sheet_column *columns, const char *name)
{
	struct cli_column shown[SHEET_COLUMNS + 1];
	struct sheet sheet = {.columns = columns, .arena = arena, .many = name != NULL};
	if (!begin_json(&sheet, call))
		return false;
	if (sheet.json == NULL) {
		describe(columns, shown);
		cli_put_header(shown);
	} else if (sheet.many) {
		jsonw_object(&sheet.w, NULL);
		jsonw_array(&sheet.w, name);
	}
	*ret_sheet = sheet;
	return true;
}

bool
sheet_begin_tall(struct sheet *ret_sheet, const struct cli_call *call, struct arena *arena)
{
	struct sheet sheet = {.arena = arena, .tall = true};
	if (!begin_json(&sheet, call))
		return false;
	if (sheet.json != NULL)
		jsonw_object(&sheet.w, NULL);
	*ret_sheet = sheet;
	return true;
}

static bool
is_none(enum sheet_kind kind, const struct cell *cell)
{
	switch (kind) {
	case SHEET_TEXT:
		return cell->text == NULL;
	case SHEET_TIME:
		return cell->number == 0 || cell->number == INT64_MAX;
	case SHEET_INT:
	case SHEET_AMOUNT:
	case SHEET_PPM:
		return cell->number == SHEET_NONE;
	case SHEET_BOOL:
	case SHEET_PERCENT:
		break;
	}
	return false;
}

/* Writes the cell of a table. */
static const char *
text_of(enum sheet_kind kind, const struct cell *cell, char ret_text[CELL_SIZE])
{
	if (is_none(kind, cell))
		return NULL;
	switch (kind) {
	case SHEET_TEXT:
		return cell->text;
	case SHEET_INT:
		snprintf(ret_text, CELL_SIZE, "%" PRId64, cell->number);
		break;
	case SHEET_PERCENT:
		snprintf(ret_text, CELL_SIZE, "%3" PRId64 "%%", cell->number);
		break;
	case SHEET_BOOL:
		return cell->number != 0 ? "yes" : "no";
	case SHEET_TIME:
		clock_text(cell->number, ret_text);
		break;
	case SHEET_AMOUNT:
	case SHEET_PPM:
		amount_text(cell->number, ret_text);
		break;
	}
	return ret_text;
}

static void
put_json(struct jsonw *w, const struct sheet_column *column, const struct cell *cell)
{
	char text[CELL_SIZE];
	if (is_none(column->kind, cell)) {
		jsonw_null(w, column->json);
		return;
	}
	switch (column->kind) {
	case SHEET_TEXT:
	case SHEET_TIME:
		jsonw_string(w, column->json, text_of(column->kind, cell, text));
		break;
	case SHEET_BOOL:
		jsonw_bool(w, column->json, cell->number != 0);
		break;
	case SHEET_INT:
	case SHEET_AMOUNT:
	case SHEET_PPM:
	case SHEET_PERCENT:
		jsonw_int(w, column->json, cell->number);
		break;
	}
}

void
sheet_row(struct sheet *sheet, const struct cell *cells)
{
	char texts[SHEET_COLUMNS][CELL_SIZE];
	const char *shown[SHEET_COLUMNS];
	struct cli_column columns[SHEET_COLUMNS + 1];
	size_t i = 0;
	if (sheet->json != NULL)
		jsonw_object(&sheet->w, NULL);
	for (; i < SHEET_COLUMNS && sheet->columns[i].title != NULL; i++) {
		if (sheet->json != NULL)
			put_json(&sheet->w, &sheet->columns[i], &cells[i]);
		else
			shown[i] = text_of(sheet->columns[i].kind, &cells[i], texts[i]);
	}
	if (sheet->json != NULL) {
		jsonw_object_end(&sheet->w);
		return;
	}
	describe(sheet->columns, columns);
	cli_put_row(columns, shown);
}

void
sheet_member(struct sheet *sheet, const struct sheet_column *column, struct cell cell)
{
	char text[CELL_SIZE];
	if (sheet->json != NULL) {
		put_json(&sheet->w, column, &cell);
		return;
	}
	printf("%-18s ", column->title);
	cli_put_text(stdout, text_of(column->kind, &cell, text), INT_MAX);
	putchar('\n');
}

int
sheet_end(struct sheet *sheet)
{
	if (sheet->json == NULL)
		return cli_finish();
	if (sheet->tall)
		jsonw_object_end(&sheet->w);
	if (sheet->many) {
		jsonw_array_end(&sheet->w);
		jsonw_object_end(&sheet->w);
	}
	if (sheet->json->failed)
		return cli_fail("not enough memory.");
	printf("%s\n", buf_str(sheet->json));
	return cli_finish();
}

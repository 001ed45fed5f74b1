/* What a command lists or shows, as a table or, with --json, as JSON: one description of the columns for
 * both. */
#ifndef CLI_SHEET_H
#define CLI_SHEET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "cli.h"

struct arena;
struct buf;

/* What a cell is. The names of amounts end in "Micro" in JSON, where they are whole; a table has decimals. */
enum sheet_kind {
	SHEET_TEXT,   /* NULL = none */
	SHEET_INT,    /* SHEET_NONE = none */
	SHEET_BOOL,   /* yes, no */
	SHEET_TIME,   /* ms since the epoch; 0, INT64_MAX = none */
	SHEET_AMOUNT, /* micro-units; SHEET_NONE = none */
	SHEET_PPM,    /* millionths, as a decimal in a table */
	SHEET_PERCENT /* "42%" in a table */
};

#define SHEET_NONE INT64_MIN

enum { SHEET_COLUMNS = 20 };

struct sheet_column {
	const char *title; /* of the table; NULL = the end */
	int width, max;    /* as in struct cli_column */
	const char *json;  /* the member's name */
	enum sheet_kind kind;
};

/* A cell, by the kind of its column. */
struct cell {
	const char *text;
	int64_t number;
};

#define CELL_TEXT(value)   ((struct cell){.text = (value)})
#define CELL_NUMBER(value) ((struct cell){.number = (value)})
/* Of a limit, of which a number below 0 says that there is none. */
#define CELL_LIMIT(value) CELL_NUMBER((value) < 0 ? SHEET_NONE : (value))

struct sheet {
	const struct sheet_column *columns;
	struct arena *arena;
	bool many;        /* a list, even of one */
	bool tall;        /* one thing, a line for each of its members */
	struct buf *json; /* NULL = as a table */
	struct jsonw w;
};

/* Begins a list (`many`), or what shows one thing. `name` is the list's name in JSON: {"users":[…]}; what
 * shows one thing is that object. False when memory is short. */
bool sheet_begin(struct sheet *ret_sheet, const struct cli_call *call, struct arena *arena,
                 const struct sheet_column *columns, const char *name);

/* Writes a row: a cell for each column. */
void sheet_row(struct sheet *sheet, const struct cell *cells);

/* Begins what shows one thing that is too wide for a table: a line for each member, or that object. False
 * when memory is short. */
bool sheet_begin_tall(struct sheet *ret_sheet, const struct cli_call *call, struct arena *arena);

/* Writes a member: its title and what it is, "-" for none. Of the column widths are ignored. */
void sheet_member(struct sheet *sheet, const struct sheet_column *column, struct cell cell);

/* Ends it. Returns what the command is to return. */
int sheet_end(struct sheet *sheet);

#endif

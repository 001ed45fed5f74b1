/* Comma-separated values (RFC 4180) that spreadsheets open as they are. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>

struct buf;

/* The byte order mark by which Excel knows UTF-8. */
#define CSV_BOM "\xEF\xBB\xBF"

/* Appends a cell, NULL as an empty one, with what stands between cells or, where `last`, ends the row. A text
 * that a spreadsheet would take for a formula, as it begins with = + - @ (in their wide forms, too), a tab or
 * a carriage return, gets a ' in front. Failures stick to `out`. Thread-safe for different buffers. */
void csv_cell(struct buf *out, const char *text, bool last);

#endif

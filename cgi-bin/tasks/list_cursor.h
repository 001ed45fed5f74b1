/* The cursors of lists: a letter for the order and the id or revision of the last task: "c123" (created,
 * newest first), "C" (oldest first), "u", "U" (updated). Thread-safe. */
#ifndef TASKS_LIST_CURSOR_H
#define TASKS_LIST_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

struct task_page;

enum { LIST_CURSOR_SIZE = 33 };

/* Reads a cursor into page->after. False where it is none, or one of another order than the page's. */
bool list_cursor_read(const char *cursor, struct task_page *page);

/* Writes the cursor that stands for `after` in the page's order. */
void list_cursor_write(const struct task_page *page, int64_t after, char ret_cursor[LIST_CURSOR_SIZE]);

#endif

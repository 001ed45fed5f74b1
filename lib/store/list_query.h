/* The statement of a list, for the files of this folder that look at its rows one by one. */
#ifndef STORE_LIST_QUERY_H
#define STORE_LIST_QUERY_H

#include "store/db.h"

struct task_filter;
struct task_page;

/* Starts the statement that lists the page, as rows of task_shown. */
struct query list_query(struct store *store, const struct task_filter *filter, const struct task_page *page);

#endif

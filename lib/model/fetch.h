/* A video on its way from an upstream: its head, and the callbacks that take it. Plain data. */
#ifndef MODEL_FETCH_H
#define MODEL_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FETCH_WHY_SIZE = 160 }; /* bytes of fetch_sink's ret_why */

struct fetch_head {
	int status;        /* 200 or 206 */
	int64_t length;    /* bytes of the body that follows; -1 = not stated */
	const char *type;  /* Content-Type, or "" */
	const char *range; /* Content-Range, or "" */
};

struct fetch_sink {
	/* Called once before the first piece, only for 200 and 206. False ends the fetch. */
	bool (*head)(void *cookie, const struct fetch_head *head);
	/* A piece of the body. False ends the fetch. */
	bool (*data)(void *cookie, const void *bytes, size_t len);
	void *cookie;
	/* Asked about once a second, also while nothing comes; false ends the fetch. NULL = it goes on. */
	bool (*goes_on)(void *cookie);
	/* Where one phrase for the log is written with ERR_UPSTREAM_FAILED and ERR_FORBIDDEN, without the
	 * URL's path and query; FETCH_WHY_SIZE bytes, or NULL. */
	char *ret_why;
};

#endif

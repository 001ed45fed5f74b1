/* A download of a video: its head, and the callbacks that receive it. Plain data. */
#ifndef MODEL_DOWNLOAD_H
#define MODEL_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DOWNLOAD_WHY_SIZE = 160 /* bytes of a sink's ret_why */ };

struct download_head {
	int status;        /* 200 or 206 */
	int64_t length;    /* bytes of the body that follows; -1 = not stated */
	const char *type;  /* Content-Type, or "" */
	const char *range; /* Content-Range, or "" */
};

/* Reads the link in an answer that is JSON in place of a video. */
struct download_json {
	/* Returns the link, which lives as long as the download, or NULL where there is none. */
	const char *(*link)(void *cookie, const char *bytes, size_t len);
	void *cookie;
};

/* All functions are called in the downloading thread. */
struct download_sink {
	/* Called once before the first piece, only for 200 and 206. False ends the download. */
	bool (*head)(void *cookie, const struct download_head *head);
	/* A piece of the body. False ends the download. */
	bool (*data)(void *cookie, const void *bytes, size_t len);
	void *cookie;
	/* Asked about once a second, also while nothing comes; false ends the download. NULL = it goes on. */
	bool (*goes_on)(void *cookie);
	/* Where one phrase for the log is written with ERR_UPSTREAM_FAILED and ERR_FORBIDDEN, without the
	 * URL's path and query; DOWNLOAD_WHY_SIZE bytes, or NULL. */
	char *ret_why;
	/* Where the wait is written that the answer of a download which failed asks for, in ms, at most
	 * LIMIT_RETRY_AFTER; 0 = none. NULL = nowhere. */
	int64_t *ret_retry_after;
};

#endif

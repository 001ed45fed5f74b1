/* A video that is kept in the archive, as plain data. Strings belong to whoever loaded it. */
#ifndef MODEL_ARCHIVE_ENTRY_H
#define MODEL_ARCHIVE_ENTRY_H

#include <stdint.h>

struct archive_entry {
	int64_t task_id;
	const char *video_id; /* these two only where it was asked for as the oldest */
	const char *type;     /* media type; not there */
	int64_t size;         /* bytes */
	int64_t kept_at;      /* ms since the epoch */
	const char *state;    /* "wanted", "kept" or "gone"; this and the rest only where it was asked for */
	int64_t due_at;       /* when somebody fetches it, ms since the epoch; 0 = never */
	int64_t tries;        /* that failed */
};

#endif

/* A video in the archive. Plain data; strings live as long as the arena it was loaded into. */
#ifndef MODEL_ARCHIVE_ENTRY_H
#define MODEL_ARCHIVE_ENTRY_H

#include <stdint.h>

struct archive_entry {
	int64_t task_id;
	const char *video_id; /* ours; set only where the oldest or the next entry is asked for */
	const char *type;     /* media type; NULL until it is kept */
	int64_t size;         /* bytes */
	int64_t kept_at;      /* ms since the epoch */
	const char *state;    /* "wanted", "kept" or "gone" */
	int64_t due_at;       /* when it is fetched next, ms since the epoch; 0 = never */
	int64_t tries;        /* fetches that failed */
};

#endif

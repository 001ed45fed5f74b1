/* A video in the archive. Plain data; strings live as long as the arena it was loaded into. */
#ifndef MODEL_ARCHIVE_ENTRY_H
#define MODEL_ARCHIVE_ENTRY_H

#include <stdint.h>

struct archive_entry {
	int64_t task_id;      /* this and video_id are set where the oldest entry is asked for */
	const char *video_id; /* ours */
	const char *type;     /* media type; set in all other cases */
	int64_t size;         /* bytes */
	int64_t kept_at;      /* ms since the epoch */
	/* set where the state is asked for */
	const char *state; /* "wanted", "kept" or "gone" */
	int64_t due_at;    /* when it is fetched next, ms since the epoch; 0 = never */
	int64_t tries;     /* fetches that failed */
};

#endif

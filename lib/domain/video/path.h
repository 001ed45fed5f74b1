/* The paths of the archive's files. Thread-safe. */
#ifndef DOMAIN_VIDEO_PATH_H
#define DOMAIN_VIDEO_PATH_H

struct arena;

#define ARCHIVE_PART ".part-" /* in the names of temporary files only, behind a video's id */

/* Returns the path of a video's file in the data directory `data`, in the arena: DATA/archive/XX/ID. NULL
 * when memory is short, or for a text that cannot be an id. */
char *archive_path(struct arena *arena, const char *data, const char *video_id);

#endif

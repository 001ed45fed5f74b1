/* The paths of the archive's files: in folders by the last two characters of their ids, which are random. */
#include "domain/video/path.h"

#include <string.h>

#include "base/arena.h"
#include "base/ids.h"

char *
archive_path(struct arena *arena, const char *data, const char *video_id)
{
	size_t len = strlen(video_id);
	if (len < 2 || !ids_is_word(video_id, IDS_VIDEO_SIZE) || video_id[0] == '.')
		return NULL;
	return arena_printf(arena, "%s/archive/%s/%s", data, video_id + len - 2, video_id);
}

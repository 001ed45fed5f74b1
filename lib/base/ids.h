/* Ids made of random bits. Thread-safe. */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDS_VIDEO_SIZE = 48, IDS_SHORT_SIZE = 24 };

/* Writes a video id, "video_<ms>_<random>": the creation time in ms and 60 random bits in base36. */
void ids_video(int64_t wall_ms, char ret_id[IDS_VIDEO_SIZE]);

/* Writes 80 random bits in base36: a request id, a lease owner, a database epoch, a file name. */
void ids_short(char ret_id[IDS_SHORT_SIZE]);

/* True for 1 to `max` characters of A–Z a–z 0–9 . _ : - only. */
bool ids_is_word(const char *s, size_t max);

#endif

/* Jobs on disk, under DATA/simulator:
 *
 * - accepted: a line "dialect id" for each job, in order of acceptance; written before the job itself: a line
 * without a job was never accepted.
 * - jobs/ID.json: everything that was received; written once, whole, and never changed.
 * - jobs/ID.polls: a byte for each poll.
 * - jobs/ID.deleted: the time of its deletion, in ms, if it was deleted.
 *
 * A job's state is not stored: it is computed from its file and the clock. Thread-safe, and safe between
 * processes. */
#ifndef SIMULATOR_JOB_H
#define SIMULATOR_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model_switches.h"

struct arena;
struct buf;
struct form_file;

/* A submission, as it is kept. */
struct job_input {
	const char *dialect;      /* "sora", "openai" */
	const char *remixed_from; /* or NULL */
	const char *prompt, *model, *size;
	int64_t seconds;
	int64_t duration_ms;
	const char *fields;            /* JSON: an object of all that was sent, unchanged */
	const struct form_file *image; /* the first of its images, or NULL */
	const char *authorization;     /* the whole header; only its digest is kept */
	const char *idempotency_key;   /* or NULL */
	const char *content_type;
};

struct job {
	const char *id, *dialect, *remixed_from, *prompt, *model, *size;
	const char *text; /* the file, one JSON object */
	int64_t seconds, duration_ms;
	int64_t received_at; /* wall ms */
	struct model_switches switches;
};

struct job_state {
	const char *word; /* "queued", "in_progress", "completed", "failed", "cancelled", or "daydreaming" */
	int64_t progress; /* 0 to 100 */
	int64_t ended_at; /* wall ms; 0 = not ended */
	bool completed;
};

/* Makes a job, in `arena`. ERR_BAD_JSON where its fields cannot be kept (a name twice),
 * ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code
job_accept(struct arena *arena, const char *dir, const struct job_input *input, struct job *ret_job);

/* Reads a job, deleted or not; `id` may be any text. ERR_NOT_FOUND, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code job_load(struct arena *arena, const char *dir, const char *id, struct job *ret_job);

/* The state of the job at `now_ms` (wall). Pure. */
struct job_state job_state(const struct job *job, int64_t now_ms);

/* Counts a poll and gives the number of polls so far. ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code job_count_poll(struct arena *arena, const char *dir, const struct job *job, int64_t *ret_polls);

/* The number of polls so far. */
int64_t job_polls(struct arena *arena, const char *dir, const struct job *job);

/* Marks the job as deleted. ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code job_delete(struct arena *arena, const char *dir, const struct job *job);

/* The time of deletion in wall ms; 0 = not deleted. */
int64_t job_deleted_at(struct arena *arena, const char *dir, const struct job *job);

/* Lists the ids of a dialect's jobs (NULL: of all), in order of acceptance. ERR_TOO_LARGE, ERR_NO_MEMORY,
 * ERR_INTERNAL. */
enum err_code
job_ids(struct arena *arena, const char *dir, const char *dialect, const char ***ret_ids, size_t *ret_count);

#endif

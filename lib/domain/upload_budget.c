/* The space that reference images may take, and their end: see upload.h. A row is changed before its files: a
 * crash in between leaves files that upload_sweep() removes, never a row that names a file which is gone. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "domain/env.h"
#include "domain/upload.h"
#include "store/clock.h"
#include "store/image.h"
#include "store/store.h"

enum {
	MB = 1000000,
	SHARERS_MOST = 1000,
	BATCH = 100,   /* tasks in one transaction */
	STEP_MS = 2000 /* the clock was set where it has moved by so much */
};

enum err_code
upload_fits(const struct config *config, struct store *store, int64_t user_id, int64_t bytes)
{
	int64_t user = config->uploads_max_mb_per_user * MB, block = config->uploads_max_mb_per_block * MB;
	struct images_held held;
	if (bytes <= 0 || (user == 0 && block == 0))
		return ERR_OK;
	enum err_code err = store_images_held(store, user_id, &held);
	if (err != ERR_OK)
		return err;
	if (user > 0 && held.user + bytes > user)
		return ERR_IMAGES_FULL;
	if (block == 0 || held.block + bytes <= block)
		return ERR_OK;
	/* One person with several accounts must not lock out the others of the block. */
	int64_t sharers = 0;
	err = store_images_sharers(store, user_id, SHARERS_MOST, &sharers);
	if (err != ERR_OK)
		return err;
	return held.user + bytes <= block / (sharers > 0 ? sharers : 1) ? ERR_OK : ERR_IMAGES_FULL;
}

static enum err_code
forget_old(const struct domain_env *env, struct arena *arena, int64_t now, struct image_row **ret_rows,
           size_t *ret_count)
{
	struct image_row *rows;
	size_t count = 0;
	int64_t step = 0;
	enum err_code err =
	    store_images_old(env->store, arena, now - env->config->uploads_keep, BATCH, &rows, &count);
	if (err != ERR_OK || count == 0)
		return err;
	err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_clock_step(env->store, &step);
	/* After a step of the clock that is not noted yet, everything may seem old. */
	bool set = step <= -STEP_MS || step >= STEP_MS;
	/* Again, as a task may have been tried anew meanwhile, or its images forgotten by another process. */
	if (err == ERR_OK && !set)
		err = store_images_old(env->store, arena, now - env->config->uploads_keep, BATCH, &rows,
		                       &count);
	for (size_t i = 0; i < count && err == ERR_OK && !set; i++)
		err = store_images_forget(env->store, rows[i].task_id, now);
	err = store_end(env->store, err);
	if (err == ERR_OK && !set) {
		*ret_rows = rows;
		*ret_count = count;
	}
	return err;
}

enum err_code
upload_purge(const struct domain_env *env, struct arena *arena)
{
	struct image_row *rows = NULL;
	size_t count = 0;
	if (env->config->uploads_keep == 0)
		return ERR_OK;
	enum err_code err = forget_old(env, arena, clock_wall_ms(), &rows, &count);
	if (err != ERR_OK || count == 0)
		return err;
	kill_point("upload.forgotten");
	for (size_t i = 0; i < count; i++) {
		if (rows[i].input_file != NULL)
			upload_remove(env->config->data, rows[i].input_file);
		upload_remove_listed(env->config->data, rows[i].images);
	}
	log_info("the images of tasks that ended long ago were removed: tasks=%zu", count);
	return ERR_OK;
}

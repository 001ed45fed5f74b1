/* Finds what a task is sent with: see submit_inputs.h. */
#include "domain/task/submit_inputs.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "domain/env.h"
#include "domain/upload.h"
#include "domain/video/link.h"
#include "model/image.h"
#include "model/task.h"

/* Returns the link to an image, which is good for a while; NULL where there are none, or memory is short. */
static const char *
link_to(const struct domain_env *env, const struct task *task, enum image_role role, size_t index,
        struct arena *arena)
{
	char link[LINK_SIZE];
	if (env->links == NULL || !config_is_set(env->config->public_url))
		return NULL;
	const struct link_image image = {task->video_id, image_role_word(role), index};
	links_make_image(env->links, &image, clock_wall_ms() + LINK_IMAGE_MS, link);
	return link[0] != '\0' ? arena_printf(arena, "%s%s", env->config->public_url, link) : NULL;
}

enum err_code
submit_inputs_find(const struct domain_env *env, const struct task *task, struct arena *arena,
                   struct submit_image **ret_images, size_t *ret_count)
{
	size_t count = 0, of_role[IMAGE_ROLE__MAX] = {0};
	const struct task_image *from = task_images(arena, task, &count);
	struct submit_image *images = arena_alloc(arena, (count + 1) * sizeof(*images));
	if (from == NULL || images == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const char *path = upload_path(arena, env->config->data, from[i].file);
		if (path == NULL)
			return ERR_NO_MEMORY;
		if (access(path, F_OK) < 0 && errno == ENOENT)
			return ERR_INPUT_LOST;
		images[i] = (struct submit_image){.role = from[i].role, .type = from[i].type, .path = path};
		images[i].link = link_to(env, task, from[i].role, of_role[from[i].role]++, arena);
	}
	*ret_images = images;
	*ret_count = count;
	return ERR_OK;
}

/* Finds what a task is sent with: see submit_inputs.h. */
#include "domain/task/submit_inputs.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "domain/upload.h"
#include "model/image.h"
#include "model/task.h"

enum err_code
submit_inputs_find(const struct config *config, const struct task *task, struct arena *arena,
                   struct submit_image **ret_images, size_t *ret_count)
{
	size_t count = 0;
	const struct task_image *from = task_images(arena, task, &count);
	struct submit_image *images = arena_alloc(arena, (count + 1) * sizeof(*images));
	if (from == NULL || images == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const char *path = upload_path(arena, config->data, from[i].file);
		if (path == NULL)
			return ERR_NO_MEMORY;
		if (access(path, F_OK) < 0 && errno == ENOENT)
			return ERR_INPUT_LOST;
		images[i] = (struct submit_image){.role = from[i].role, .type = from[i].type, .path = path};
	}
	*ret_images = images;
	*ret_count = count;
	return ERR_OK;
}

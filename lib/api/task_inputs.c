/* The list of a task's images: see task_inputs.h. */
#include "api/task_inputs.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "model/image.h"
#include "model/task.h"

static void
write_input(struct jsonw *w, struct arena *arena, const struct task *task, const struct task_image *image,
            size_t index)
{
	const char *role = image_role_word(image->role);
	const char *url = arena_printf(arena, "/api/video/tasks/%s/input?role=%s", task->video_id, role);
	if (image->role == IMAGE_REFERENCE && url != NULL)
		url = arena_printf(arena, "%s&index=%zu", url, index);
	jsonw_object(w, NULL);
	jsonw_string(w, "role", role);
	jsonw_string(w, "type", image->type);
	jsonw_string(w, "url", url);
	jsonw_object_end(w);
}

void
task_inputs_view(struct jsonw *w, const struct task *task)
{
	if (task->input_file == NULL && task->images == NULL) {
		jsonw_raw(w, "hasInput", "false,\"inputs\":[]"); /* as most tasks are: both members at once */
		return;
	}
	struct arena *arena = arena_new();
	size_t count = 0, references = 0;
	const struct task_image *images = arena != NULL ? task_images(arena, task, &count) : NULL;
	jsonw_bool(w, "hasInput", true);
	jsonw_array(w, "inputs");
	for (size_t i = 0; i < count; i++) {
		write_input(w, arena, task, &images[i], references);
		references += images[i].role == IMAGE_REFERENCE;
	}
	jsonw_array_end(w);
	if (images == NULL || arena_failed(arena))
		w->out->failed = true; /* for want of memory: half an object is none */
	arena_free(arena);
}

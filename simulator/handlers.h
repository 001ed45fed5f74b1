/* The handlers of simulator.c's route table. */
#ifndef SIMULATOR_HANDLERS_H
#define SIMULATOR_HANDLERS_H

#include "base/err.h"

struct call;

struct err sora_create(struct call *call), sora_get(struct call *call), sora_remix(struct call *call);
struct err openai_create(struct call *call), openai_get(struct call *call), openai_remix(struct call *call);
struct err openai_list(struct call *call), openai_delete(struct call *call);
struct err openai_content(struct call *call), content_file(struct call *call);
struct err job_list_all(struct call *call), job_list_one(struct call *call);
struct err control_get(struct call *call), control_put(struct call *call), control_delete(struct call *call);

#endif

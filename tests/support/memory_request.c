/* A transport that has only a body. What else a request holds is empty and never NULL. */
#include "support/memory_request.h"

#include "base/clock.h"

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char *
no_variable(struct transport *transport, const char *name)
{
	(void)transport;
	(void)name;
	return NULL;
}

static ssize_t
read_body(struct transport *transport, void *bytes, size_t len, int64_t ms)
{
	(void)ms;
	struct memory_request *memory =
	    (struct memory_request *)((char *)transport - offsetof(struct memory_request, transport));
	size_t most = memory->piece < memory->left ? memory->piece : memory->left;

	len = len < most ? len : most;
	memcpy(bytes, memory->body, len);
	memory->body += len;
	memory->left -= len;
	return (ssize_t)len;
}

void
memory_request_init(struct memory_request *memory, const char *content_type, const char *body, size_t len)
{
	*memory = (struct memory_request){
	    .transport = {.variable = no_variable, .read = read_body},
	    .body = body,
	    .left = len,
	    .piece = SIZE_MAX,
	    .request = {.method = "POST",
	                .path = "/",
	                .query = "",
	                .content_type = content_type,
	                .content_length = (int64_t)len,
	                .started_ms = clock_mono_ms(),
	                .remote_addr = ""},
	};
	memory->request.transport = &memory->transport;
	memory->request.arena = arena_new();
	if (!memory->request.arena)
		err(1, "arena_new");
}

void
memory_request_free(struct memory_request *memory)
{
	arena_free(memory->request.arena);
}

/* Asking an instance whether it answers: GET /health, over a plain socket. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

struct arena;
struct loop;
struct probe;

/* Asks at the listening socket `listener`, again and again until the answer is 200, and then calls `ready`
 * once. With memory from `arena`. NULL when memory is short. */
struct probe *
probe_start(struct loop *loop, struct arena *arena, int listener, void (*ready)(void *cookie), void *cookie);

/* Gives up. `ready` is not called any more. NULL is fine. */
void probe_stop(struct probe *probe);

#endif

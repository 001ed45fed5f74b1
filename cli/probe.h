/* Waits until an instance answers: GET /health, over a plain socket. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

struct arena;
struct loop;
struct probe;

/* Asks at the listening socket `listener` until the answer is 200, then calls `ready` once, on the loop.
 * Memory from `arena`; NULL when it is short. */
struct probe *
probe_start(struct loop *loop, struct arena *arena, int listener, void (*ready)(void *cookie), void *cookie);

/* Ends the probe; `ready` is not called any more. NULL is fine. */
void probe_stop(struct probe *probe);

#endif

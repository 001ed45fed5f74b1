/* Turns a finished reply into a faulty one. Thread-safe. */
#ifndef SIMULATOR_FAULT_APPLY_H
#define SIMULATOR_FAULT_APPLY_H

struct call;

/* Changes the reply of the call, a handler's good one, as the call's fault wants it. FAULT_HANG sets the
 * call's delay; FAULT_HANGUP sends a part of the reply, closes the connection and leaves the reply detached.
 */
void fault_apply(struct call *call);

/* Writes an error in OpenAI's envelope; `param` may be NULL. */
void fault_error(struct call *call, int status, const char *code, const char *param, const char *message);

#endif

/* Notices of commits by other connections, of any process. A lost notice delays a listener until it next
 * looks by itself, no more. */
#ifndef STORE_LISTEN_H
#define STORE_LISTEN_H

struct store_listener;

/* Listens to the database in the directory `data`, which need not be there yet. NULL where that cannot be. */
struct store_listener *store_listen(const char *data);

/* A descriptor for poll(2), readable once a commit has added or moved a task. -1 for NULL. */
int store_listener_fd(const struct store_listener *listener);

/* Drains all notices so far, so that the descriptor is readable only after the next. */
void store_listener_drain(struct store_listener *listener);

/* Stops listening. NULL is fine. */
void store_listener_free(struct store_listener *listener);

#endif

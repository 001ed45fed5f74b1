/* The bell: wakes every process that waits for changes of the database, after a commit.
 * It is a file, DATA/bell. To ring is to write its one byte; to listen is to watch it by inotify(7). So
 * writers need not know the listeners, there may be any number of these, and many rings become one event.
 * A ring may be lost: then a listener notices the change at its next tick.
 * (A watch on the WAL file would report a write before its commit can be read; hence a file of our own.) */
#ifndef BASE_BELL_H
#define BASE_BELL_H

/* Opens the bell of the directory `data` for ringing, and creates it (0600) where it is absent. Returns a
 * descriptor that the caller closes, or -1 with errno. */
int bell_open(const char *data);

/* Rings. Never blocks and reports no failure. Thread-safe. A negative descriptor is fine. */
void bell_ring(int bell);

/* Opens the bell of `data` for listening. Returns a non-blocking descriptor that is readable after a ring and
 * that the caller closes, or -1 with errno. */
int bell_listen(const char *data);

/* Reads all rings so far, so that the descriptor is readable again only after the next one. */
void bell_drain(int listener);

#endif

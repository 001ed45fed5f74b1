/* The bell: whoever commits a change rings; whoever waits for changes, in any process, hears.
 * It is a file, DATA/bell: ringing writes its one byte, listening is an inotify watch on it. So there
 * may be any number of listeners, none registers with the writers, many rings become one, and a path
 * of any length will do. A lost ring costs a listener's next tick, no more.
 * (inotify on the WAL itself hears the write before the commit can be seen; hence a file of our own.) */
#ifndef BASE_BELL_H
#define BASE_BELL_H

/* Opens (and creates, 0600) the bell of the directory `data` for ringing. A descriptor, or -1 with errno. */
int bell_open(const char *data);

/* Rings. Never blocks, never fails loudly. Thread-safe. A negative descriptor is fine. */
void bell_ring(int bell);

/* Opens the bell of `data` for listening: a non-blocking descriptor that is readable after a ring,
 * or -1 with errno. */
int bell_listen(const char *data);

/* Takes in all rings so far, so that the descriptor is readable only after the next. */
void bell_drain(int listener);

#endif

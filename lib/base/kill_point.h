/* Kill points: named places where a test kills the process, as a power cut would. Only builds with
 * LONGREEL_FAULTS (the sanitizer builds) have them; in all others they compile to nothing. A test arms one
 * by writing its name into the file that $LONGREEL_FAULT_FILE names. */
#ifndef BASE_KILL_POINT_H
#define BASE_KILL_POINT_H

#ifdef LONGREEL_FAULTS
/* Kills the process (SIGKILL) where the file holds `name`, or stops it (SIGSTOP) where it holds "stop
 * `name`", and removes the file first: one arming kills one process, the first to come. Thread-safe. */
void kill_point(const char *name);
#else
#define kill_point(name) ((void)0)
#endif

#endif

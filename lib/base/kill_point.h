/* Named points at which a test kills the process that comes by, as a power cut would. Only builds with
 * LONGREEL_FAULTS have them (the sanitizer builds); in all others they are nothing. A test arms one by
 * writing its name into the file that $LONGREEL_FAULT_FILE names. */
#ifndef BASE_KILL_POINT_H
#define BASE_KILL_POINT_H

#ifdef LONGREEL_FAULTS
/* Ends the process by SIGKILL where `name` is armed, or stops it by SIGSTOP where "stop `name`" is, and
 * disarms it: one kill for one arming, whichever process comes first. Thread-safe. */
void kill_point(const char *name);
#else
#define kill_point(name) ((void)0)
#endif

#endif

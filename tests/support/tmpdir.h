/* A directory for one test, gone with everything in it at the end. */
#ifndef SUPPORT_TMPDIR_H
#define SUPPORT_TMPDIR_H

/* Makes a new directory under $TMPDIR or /tmp. The caller gives it to tmpdir_remove(). */
char *tmpdir_make(void);

/* Removes the directory with all that is in it and frees its name. NULL is fine. */
void tmpdir_remove(char *dir);

/* "dir/name"; the caller frees it. */
char *tmpdir_path(const char *dir, const char *name);

/* Writes a file of text `dir`/`name`, mode 0600. */
void tmpdir_write(const char *dir, const char *name, const char *text);

#endif

/* The pace at which videos are fetched that are not new: those of a time when none were kept, and those whose
 * first try has failed. They come behind what is new, a few at once and then one after the other with pauses,
 * and none from a host that has just failed. Of one thread; times by clock_mono_ms(). */
#ifndef DOMAIN_VIDEO_BACKLOG_H
#define DOMAIN_VIDEO_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

enum { BACKLOG_HOSTS = 16, BACKLOG_HOST_SIZE = 80 };

struct backlog_host {
	char name[BACKLOG_HOST_SIZE];
	int64_t failures; /* in a row */
	int64_t until;    /* it is left alone until then */
};

/* Zeroes at first. */
struct backlog {
	int64_t ahead_until; /* the time that the fetches so far have used up, by their pace */
	/* where the last look ended: at videos that failed so often, due before then (wall ms) */
	int64_t tries, before;
	struct backlog_host hosts[BACKLOG_HOSTS];
	int64_t failed;  /* since it was told */
	int64_t told_at; /* 0 = never */
};

/* True where one may be fetched at `now`. */
bool backlog_may(const struct backlog *backlog, int64_t now);

/* Notes that fetching one took from `began` to `now`. */
void backlog_spend(struct backlog *backlog, int64_t began, int64_t now);

/* True where the host is left alone at `now`. */
bool backlog_rests(const struct backlog *backlog, const char *host, int64_t now);

/* Notes that a video of the host was fetched, or could not be: then it is left alone for 10 s, doubled with
 * each in a row up to ten minutes. */
void backlog_note(struct backlog *backlog, const char *host, bool fetched, int64_t now);

/* Returns how many could not be fetched since it was last told, once a minute; else 0. */
int64_t backlog_tell(struct backlog *backlog, int64_t now);

#endif

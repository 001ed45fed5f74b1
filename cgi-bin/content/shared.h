/* What the threads of this program share. */
#ifndef CONTENT_SHARED_H
#define CONTENT_SHARED_H

#include <pthread.h>
#include <stdint.h>

struct channels;

enum {
	THREADS = 6,
	/* Videos passed through at a time: each holds a thread for as long as its upstream takes. The other
	 * threads serve videos that are kept. */
	PASSING_MOST = THREADS - 2,
	PASSING_OF_ONE = PASSING_MOST / 2, /* of one user */
};

struct shared {
	struct channels *channels;
	pthread_mutex_t lock;
	int64_t passing[PASSING_MOST]; /* the user whose video it is; 0 = the slot is free */
};

#endif

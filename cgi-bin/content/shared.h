/* What the threads of this program share. */
#ifndef CONTENT_SHARED_H
#define CONTENT_SHARED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct budget;
struct channels;

enum {
	THREADS = 8,
	/* Streams at a time (stream.h): each holds a thread for as long as its upstream or its client takes.
	 * The other threads answer what takes no time. */
	STREAMS_MOST = THREADS - 2,
	STREAMS_OF_ONE = STREAMS_MOST / 3, /* of one user; and as many by links to that user's videos */
};

struct slot {
	bool taken;
	int64_t who;
};

struct shared {
	struct channels *channels;
	struct budget *passes; /* what is asked of upstreams, by who asks; NULL = nothing is counted */
	pthread_mutex_t lock;
	struct slot slots[STREAMS_MOST];
};

#endif

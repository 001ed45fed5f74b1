/* What the threads of this program share. */
#ifndef CONTENT_SHARED_H
#define CONTENT_SHARED_H

#include <stdatomic.h>

struct channels;

enum {
	THREADS = 6,
	/* Videos passed through at a time: each holds a thread for as long as its upstream takes. The other
	 * threads serve videos that are kept. */
	PASSING_MOST = THREADS - 2,
};

struct shared {
	struct channels *channels;
	atomic_int passing;
};

#endif

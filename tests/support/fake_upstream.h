/* An HTTP server for tests: loopback, a port from the kernel, a thread for each connection, and a script that
 * says what becomes of each request. It records every byte that it was sent. Thread-safe. */
#ifndef SUPPORT_FAKE_UPSTREAM_H
#define SUPPORT_FAKE_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>

struct fake_upstream;

enum fake_act {
	FAKE_ANSWER,      /* reads the request, sends the bytes, closes */
	FAKE_ANSWER_KEEP, /* as above, and goes on reading: the connection is kept alive */
	FAKE_HANG_UP,     /* reads the request, closes */
	FAKE_HANG_UP_NOW, /* closes without reading anything */
	FAKE_BLURT,       /* sends the bytes without reading anything, closes */
	FAKE_SILENT       /* reads the request, says nothing until fake_upstream_free() */
};

struct fake_step {
	enum fake_act act;
	const char *bytes;
	size_t len;       /* 0 = up to the NUL */
	bool held;        /* waits for fake_upstream_release() … */
	size_t held_from; /* … after so many of the bytes */
};

/* A running server; the steps must outlive it. Each request takes the next step, all further ones the last.
 * Never NULL: what fails ends the test program. */
struct fake_upstream *fake_upstream_new(const struct fake_step *steps, size_t count);

/* Closes every connection and joins every thread. NULL is fine. */
void fake_upstream_free(struct fake_upstream *fake);

/* "http://127.0.0.1:PORT". */
const char *fake_upstream_base(const struct fake_upstream *fake);

/* Lets every held step go on, those to come included. */
void fake_upstream_release(struct fake_upstream *fake);

/* Returns how many requests have been read whole. */
size_t fake_upstream_requests(struct fake_upstream *fake);

/* Return how many connections have been accepted, and on how many of them any byte came. */
size_t fake_upstream_connections(struct fake_upstream *fake);
size_t fake_upstream_spoken_to(struct fake_upstream *fake);

/* Waits until `count` requests have been read whole. */
void fake_upstream_wait(struct fake_upstream *fake, size_t count);

/* Request number `i` from its request line to the end of its body, NUL-terminated; lives as long as the
 * server. NULL where it has not come. */
const char *fake_upstream_request(struct fake_upstream *fake, size_t i);

#endif

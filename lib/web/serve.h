/* The life of a program in cgi-bin: FastCGI where descriptor 0 is a listening socket (FastCGI specification,
 * section 2.2), else one request of plain CGI (RFC 3875). Threads, accepting, signals, and closing without
 * waiting for the peer. */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

#include <stdbool.h>

struct reply;
struct request;

struct service {
	int threads; /* accepting threads under FastCGI */
	void *(*thread_open)(
	    void *cookie); /* what one thread needs; NULL = it cannot work; called in that thread */
	void (*thread_close)(void *thread); /* NULL = nothing to close */
	void (*handle)(void *thread, struct request *request, struct reply *reply);
	void *cookie;
};

/* Blocks SIGTERM and SIGINT in the calling thread and in all that it starts later; call before any thread is
 * started. Ignores SIGPIPE. */
void serve_signals(void);

/* True where this process was started as plain CGI. */
bool serve_is_cgi(void);

/* Serves until SIGTERM or SIGINT (FastCGI) or for one request (CGI); every thread has ended when it returns.
 * 0, or -1 where nothing could be served at all (no thread could open). */
int serve_run(const struct service *service);

#endif

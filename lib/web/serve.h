/* Runs a program of cgi-bin: FastCGI where descriptor 0 is a listening socket (FastCGI specification,
 * section 2.2), else one request of plain CGI (RFC 3875). Starts threads, accepts connections, handles
 * signals. */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

#include <stdbool.h>

struct reply;
struct request;

struct service {
	int threads; /* accepting threads under FastCGI, at most: one at first, others when all are busy */
	void *(*thread_open)(
	    void *cookie); /* makes what one thread needs, in that thread; NULL = it cannot */
	void (*thread_close)(void *thread); /* may be NULL */
	void (*handle)(void *thread, struct request *request, struct reply *reply);
	void *cookie;
};

/* Blocks SIGTERM and SIGINT in the calling thread and in all that it starts later, and ignores SIGPIPE. Call
 * it before any thread is started. */
void serve_signals(void);

/* True where this process was started as plain CGI. */
bool serve_is_cgi(void);

/* Serves until SIGTERM or SIGINT (FastCGI), or one request (CGI). When it returns, every thread has ended. 0,
 * or -1 where nothing could be served (no thread could open). */
int serve_run(const struct service *service);

#endif

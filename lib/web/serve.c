/* Runs a program of cgi-bin. Each accepting thread waits for a connection or for the stop; a connection wakes
 * one of them and not all (EPOLLEXCLUSIVE). No signal interrupts a thread: libfcgi takes an interrupted read
 * for the end of the request. So SIGTERM is blocked everywhere, and the main thread waits for it. */
#include "web/serve.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "web/transport.h"
#include "web/cgi.h"
#include "web/fcgi.h"
#include "web/reply.h"
#include "web/request.h"

enum { SERVE_THREADS_MAX = 64, ACCEPT_PAUSE_MS = 50, HEAD_ROOM = 64 * 1024 };

/* What the accepting threads share. */
struct crew {
	int stop;             /* an eventfd, readable once all are to end */
	atomic_bool stopping; /* the same for threads that are not waiting */
	atomic_int working;   /* threads that could open */
	sem_t opened;         /* posted by each thread once it has opened, or could not */
};

struct acceptor {
	const struct service *service;
	struct crew *crew;
	pthread_t id;
};

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

void
serve_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

bool
serve_is_cgi(void)
{
	return FCGX_IsCGI() != 0;
}

/* Serves one request, from its variables to its answer. */
static void
serve_one(const struct service *service, void *thread, struct transport *transport, struct arena *arena)
{
	struct request request = {.arena = arena};
	struct reply reply;
	reply_init(&reply);
	if (request_begin(&request, transport))
		service->handle(thread, &request, &reply);
	else
		reply.status = 503;
	if (!reply.detached)
		request_drain(&request);
	if (!reply.detached && !reply.streaming) {
		struct buf out;
		buf_init(&out, LIMIT_REPLY + HEAD_ROOM);
		if (reply_write(&reply, &out))
			transport->write(transport, out.data, out.len);
		else
			log_error("an answer was too large or found no memory, request=%s", request.id);
		buf_free(&out);
	}
	reply_done(&reply);
	arena_reset(arena);
}

/* Waits a little where accept() has failed for want of descriptors or memory. */
static void
pause_after(int error)
{
	if (error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM) {
		log_error("accept: %s", strerror(-error));
		sleep_ms(ACCEPT_PAUSE_MS);
	}
}

/* Makes the epoll descriptor that one thread waits on. -1 with errno. */
static int
open_epoll(int stop)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event connection = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = STDIN_FILENO};
	struct epoll_event end = {.events = EPOLLIN, .data.fd = stop};
	if (epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &connection) == 0 &&
	    epoll_ctl(epoll, EPOLL_CTL_ADD, stop, &end) == 0)
		return epoll;
	if (epoll >= 0)
		close(epoll);
	return -1;
}

/* Waits for a connection. False when it is time to end. */
static bool
wait_for_connection(int epoll, int stop)
{
	struct epoll_event events[2];
	int count;
	do
		count = epoll_wait(epoll, events, 2, -1);
	while (count < 0 && errno == EINTR);
	for (int i = 0; i < count; i++)
		if (events[i].data.fd == stop)
			return false;
	return count > 0;
}

static void *
accept_thread(void *cookie)
{
	struct acceptor *acceptor = cookie;
	const struct service *service = acceptor->service;
	struct arena *arena = arena_new();
	struct fcgi *fcgi = fcgi_new();
	int epoll = open_epoll(acceptor->crew->stop);
	bool ready = arena != NULL && fcgi != NULL && epoll >= 0;
	void *thread = ready ? service->thread_open(service->cookie) : NULL;
	if (thread != NULL)
		atomic_fetch_add(&acceptor->crew->working, 1);
	sem_post(&acceptor->crew->opened);
	if (thread != NULL) {
		/* Under load the next connection is there already, and there is nothing to wait for. */
		while (!atomic_load(&acceptor->crew->stopping)) {
			int error = fcgi_accept(fcgi);
			if (error == 0) {
				serve_one(service, thread, fcgi_transport(fcgi), arena);
				fcgi_finish(fcgi);
				continue;
			}
			pause_after(error);
			if (!wait_for_connection(epoll, acceptor->crew->stop))
				break;
		}
		if (service->thread_close != NULL)
			service->thread_close(thread);
	}
	if (epoll >= 0)
		close(epoll);
	fcgi_free(fcgi);
	arena_free(arena);
	return NULL;
}

static int
serve_cgi(const struct service *service)
{
	struct transport transport;
	struct arena *arena = arena_new();
	void *thread = arena != NULL ? service->thread_open(service->cookie) : NULL;
	if (thread != NULL) {
		cgi_transport(&transport);
		serve_one(service, thread, &transport, arena);
		if (service->thread_close != NULL)
			service->thread_close(thread);
	}
	arena_free(arena);
	return thread != NULL ? 0 : -1;
}

static void
wait_for_stop(void)
{
	sigset_t set;
	int caught;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (sigwait(&set, &caught) != 0)
		;
}

static int
serve_fcgi(const struct service *service)
{
	struct acceptor acceptors[SERVE_THREADS_MAX];
	struct crew crew = {.stop = eventfd(0, EFD_CLOEXEC)};
	int started = 0;
	int wanted = service->threads < SERVE_THREADS_MAX ? service->threads : SERVE_THREADS_MAX;
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	/* Another thread, or another process on the same socket, may be faster: accept() must not block
	 * then. */
	if (crew.stop < 0 || flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    FCGX_Init() != 0 || sem_init(&crew.opened, 0, 0) != 0)
		return -1;
	/* libfcgi would take SIGUSR1 for a wish to end, and accept nothing any more. */
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	for (int i = 0; i < wanted; i++) {
		acceptors[started] = (struct acceptor){.service = service, .crew = &crew};
		if (pthread_create(&acceptors[started].id, NULL, accept_thread, &acceptors[started]) == 0)
			started++;
	}
	for (int i = 0; i < started; i++)
		while (sem_wait(&crew.opened) != 0)
			;
	int working = atomic_load(&crew.working);
	if (working > 0)
		wait_for_stop();
	atomic_store(&crew.stopping, true);
	eventfd_write(crew.stop, 1);
	for (int i = 0; i < started; i++)
		pthread_join(acceptors[i].id, NULL);
	sem_destroy(&crew.opened);
	close(crew.stop);
	return working > 0 ? 0 : -1;
}

int
serve_run(const struct service *service)
{
	return serve_is_cgi() ? serve_cgi(service) : serve_fcgi(service);
}

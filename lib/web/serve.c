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
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/stop.h"
#include "web/transport.h"
#include "web/cgi.h"
#include "web/fcgi.h"
#include "web/reply.h"
#include "web/request.h"

enum {
	SERVE_THREADS_MAX = 64,
	ACCEPT_PAUSE_MS = 50,
	START_PAUSE_MS = 1000, /* until another is tried after a thread that could not open */
	HEAD_ROOM = 64 * 1024
};

struct crew;

struct hand {
	struct crew *crew;
	pthread_t thread;
	bool started, over; /* over: it could not open, and is to be joined */
};

/* The accepting threads. Each costs memory, mostly its connection to the database: the first is started by
 * itself, any other when all that there are have something to do. */
struct crew {
	const struct service *service;
	int stop;             /* an eventfd, readable once all are to end */
	atomic_bool stopping; /* the same for threads that are not waiting */
	atomic_int idle;      /* threads that serve no request */
	atomic_bool working;  /* the first could open */
	sem_t opened;         /* posted by each thread once it has opened, or could not */
	pthread_mutex_t lock; /* of what follows */
	int64_t not_before;   /* clock_mono_ms(): no thread is started */
	struct hand hands[SERVE_THREADS_MAX];
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
	stop_set(&set);
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

static void *accept_thread(void *cookie);

/* Finds the place of another thread; NULL = there are all already. The lock is held. */
static struct hand *
free_hand(struct crew *crew)
{
	int most = crew->service->threads < SERVE_THREADS_MAX ? crew->service->threads : SERVE_THREADS_MAX;
	for (int i = 0; i < most; i++) {
		struct hand *hand = &crew->hands[i];
		if (hand->over)
			pthread_join(hand->thread, NULL);
		if (hand->over || !hand->started)
			return hand;
	}
	return NULL;
}

/* Starts another thread, unless there are all already. Where that cannot be, or it cannot open, those that
 * there are do the work, and another is tried later. */
static bool
start_thread(struct crew *crew)
{
	bool good = false;
	pthread_mutex_lock(&crew->lock);
	bool may = !atomic_load(&crew->stopping) && clock_mono_ms() >= crew->not_before;
	struct hand *hand = may ? free_hand(crew) : NULL;
	if (hand != NULL) {
		*hand = (struct hand){.crew = crew};
		atomic_fetch_add(&crew->idle, 1);
		good = pthread_create(&hand->thread, NULL, accept_thread, hand) == 0;
		hand->started = good;
		if (!good)
			atomic_fetch_sub(&crew->idle, 1);
	}
	pthread_mutex_unlock(&crew->lock);
	return good;
}

/* Notes that the thread ends, as it could not open. */
static void
give_up(struct hand *hand)
{
	struct crew *crew = hand->crew;
	pthread_mutex_lock(&crew->lock);
	hand->over = true;
	crew->not_before = clock_mono_ms() + START_PAUSE_MS;
	pthread_mutex_unlock(&crew->lock);
}

/* Accepts and serves until it is time to end. */
static void
serve_all(struct crew *crew, void *thread, struct fcgi *fcgi, struct arena *arena, int epoll)
{
	/* Under load the next connection is there already, and there is nothing to wait for. */
	while (!atomic_load(&crew->stopping)) {
		int error = fcgi_accept(fcgi);
		if (error == 0) {
			if (atomic_fetch_sub(&crew->idle, 1) == 1)
				start_thread(crew);
			serve_one(crew->service, thread, fcgi_transport(fcgi), arena);
			fcgi_finish(fcgi);
			atomic_fetch_add(&crew->idle, 1);
			continue;
		}
		pause_after(error);
		if (!wait_for_connection(epoll, crew->stop))
			break;
	}
}

static void *
accept_thread(void *cookie)
{
	struct hand *hand = cookie;
	struct crew *crew = hand->crew;
	const struct service *service = crew->service;
	struct arena *arena = arena_new();
	struct fcgi *fcgi = fcgi_new();
	int epoll = open_epoll(crew->stop);
	bool ready = arena != NULL && fcgi != NULL && epoll >= 0;
	void *thread = ready ? service->thread_open(service->cookie) : NULL;
	if (thread != NULL)
		atomic_store(&crew->working, true);
	sem_post(&crew->opened);
	if (thread != NULL) {
		serve_all(crew, thread, fcgi, arena, epoll);
		if (service->thread_close != NULL)
			service->thread_close(thread);
	}
	atomic_fetch_sub(&crew->idle, 1);
	if (epoll >= 0)
		close(epoll);
	fcgi_free(fcgi);
	arena_free(arena);
	if (thread == NULL)
		give_up(hand);
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
	stop_set(&set);
	while (sigwait(&set, &caught) != 0)
		;
}

static int
serve_fcgi(const struct service *service)
{
	struct crew crew = {
	    .service = service, .stop = eventfd(0, EFD_CLOEXEC), .lock = PTHREAD_MUTEX_INITIALIZER};
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	/* Another thread, or another process on the same socket, may be faster: accept() must not block
	 * then. */
	if (crew.stop < 0 || flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    FCGX_Init() != 0 || sem_init(&crew.opened, 0, 0) != 0)
		return -1;
	/* libfcgi would take SIGUSR1 for a wish to end, and accept nothing any more. */
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	bool started = start_thread(&crew);
	while (started && sem_wait(&crew.opened) != 0)
		;
	bool working = atomic_load(&crew.working);
	if (working)
		wait_for_stop();
	pthread_mutex_lock(&crew.lock);
	atomic_store(&crew.stopping, true); /* from here on none is started */
	pthread_mutex_unlock(&crew.lock);
	eventfd_write(crew.stop, 1);
	for (int i = 0; i < SERVE_THREADS_MAX; i++)
		if (crew.hands[i].started)
			pthread_join(crew.hands[i].thread, NULL);
	sem_destroy(&crew.opened);
	close(crew.stop);
	return working ? 0 : -1;
}

int
serve_run(const struct service *service)
{
	return serve_is_cgi() ? serve_cgi(service) : serve_fcgi(service);
}

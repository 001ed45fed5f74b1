/* An event loop: epoll tells which descriptors are ready, a heap which timers are due, and an eventfd that
 * other threads have posted work. Events are read in batches; a watch that is removed is removed from the
 * current batch, too, so that its owner may free it at once. */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum { BATCH = 256 };

struct loop {
	int epoll;
	struct loop_watch wake; /* the eventfd */
	struct heap timers;
	atomic_bool stop;
	struct epoll_event batch[BATCH];
	int batch_count;
	int batch_next; /* the first event that has not been delivered */

	pthread_mutex_t lock; /* guards what follows */
	struct loop_task *first;
	struct loop_task **end;
	bool poked; /* the eventfd has been written for what is queued */
};

_Static_assert(offsetof(struct loop_timer, node) == 0, "a heap node is taken for its timer");

/* Makes epoll_wait() return. May be called by any thread and by a signal handler. */
static void
poke(struct loop *loop)
{
	uint64_t one = 1;
	/* Fails only when the counter is full, and then the loop is awake anyway. */
	ssize_t written = write(loop->wake.fd, &one, sizeof(one));

	(void)written;
}

/* Runs the tasks that were posted before. What they post themselves waits for the next round, so that
 * descriptors and timers get their turn. */
static void
run_posted(void *cookie, unsigned events)
{
	struct loop *loop = cookie;
	uint64_t count;
	ssize_t got = read(loop->wake.fd, &count, sizeof(count));

	(void)got;
	(void)events;
	pthread_mutex_lock(&loop->lock);
	struct loop_task *task = loop->first;
	loop->first = NULL;
	loop->end = &loop->first;
	loop->poked = false;
	pthread_mutex_unlock(&loop->lock);
	while (task) {
		struct loop_task *next = task->next;

		task->fn(task->cookie);
		task = next;
	}
}

struct loop *
loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return NULL;
	pthread_mutex_init(&loop->lock, NULL);
	loop->end = &loop->first;
	loop->wake = (struct loop_watch){.fd = -1, .fn = run_posted, .cookie = loop};
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		goto fail;
	loop->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->wake.fd < 0 || !loop_add(loop, &loop->wake, LOOP_READ))
		goto fail;
	return loop;
fail:
	loop_free(loop);
	return NULL;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	int saved = errno;
	if (loop->wake.fd >= 0)
		close(loop->wake.fd);
	if (loop->epoll >= 0)
		close(loop->epoll);
	heap_free(&loop->timers);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
	errno = saved;
}

void
loop_run(struct loop *loop)
{
	while (!atomic_exchange(&loop->stop, false))
		loop_once(loop, -1);
}

void
loop_stop(struct loop *loop)
{
	atomic_store(&loop->stop, true);
	poke(loop);
}

static bool
watch_control(struct loop *loop, int what, struct loop_watch *watch, unsigned events)
{
	struct epoll_event event = {.events = (events & LOOP_GONE) ? 0 : EPOLLRDHUP, .data.ptr = watch};

	if (events & LOOP_READ)
		event.events |= EPOLLIN;
	if (events & LOOP_WRITE)
		event.events |= EPOLLOUT;
	return epoll_ctl(loop->epoll, what, watch->fd, &event) == 0;
}

bool
loop_add(struct loop *loop, struct loop_watch *watch, unsigned events)
{
	return watch_control(loop, EPOLL_CTL_ADD, watch, events);
}

bool
loop_change(struct loop *loop, struct loop_watch *watch, unsigned events)
{
	return watch_control(loop, EPOLL_CTL_MOD, watch, events);
}

void
loop_remove(struct loop *loop, struct loop_watch *watch)
{
	watch_control(loop, EPOLL_CTL_DEL, watch, 0);
	loop_forget(loop, watch);
}

void
loop_forget(struct loop *loop, const struct loop_watch *watch)
{
	for (int i = loop->batch_next; i < loop->batch_count; i++) {
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
	}
}

bool
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t mono_ms)
{
	return heap_set(&loop->timers, &timer->node, mono_ms);
}

void
loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	heap_remove(&loop->timers, &timer->node);
}

void
loop_post(struct loop *loop, struct loop_task *task)
{
	task->next = NULL;
	pthread_mutex_lock(&loop->lock);
	*loop->end = task;
	loop->end = &task->next;
	/* Under the lock, because once the task has run the loop may be freed. */
	if (!loop->poked)
		poke(loop);
	loop->poked = true;
	pthread_mutex_unlock(&loop->lock);
}

/* Returns how long epoll may sleep: until the next timer, and at most `max_ms`. */
static int
sleep_ms(const struct loop *loop, int64_t max_ms)
{
	const struct heap_node *least = heap_min(&loop->timers);

	if (max_ms < 0 || max_ms > INT_MAX)
		max_ms = INT_MAX;
	if (least) {
		int64_t now = clock_mono_ms();

		if (least->key <= now)
			return 0;
		if (least->key - now < max_ms)
			max_ms = least->key - now;
	}
	return (int)max_ms;
}

static void
deliver_event(const struct epoll_event *event)
{
	const struct loop_watch *watch = event->data.ptr;
	unsigned events = 0;

	if (event->events & EPOLLIN)
		events |= LOOP_READ;
	if (event->events & EPOLLOUT)
		events |= LOOP_WRITE;
	if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		events |= LOOP_HANGUP;
	if (event->events & (EPOLLHUP | EPOLLERR))
		events |= LOOP_GONE;
	if (watch)
		watch->fn(watch->cookie, events);
}

/* Fires the timers that are due, at most as many as were set before: a timer that always sets itself to a
 * time in the past must not keep descriptors from their turn. */
static void
run_timers(struct loop *loop)
{
	int64_t now = clock_mono_ms();

	for (size_t left = loop->timers.count; left > 0; left--) {
		struct heap_node *least = heap_min(&loop->timers);

		if (least == NULL || least->key > now)
			break;
		struct loop_timer *timer = (struct loop_timer *)least;
		heap_remove(&loop->timers, least);
		timer->fn(timer->cookie);
	}
}

void
loop_once(struct loop *loop, int64_t max_ms)
{
	loop->batch_next = 0;
	/* An interruption by a signal counts as an empty batch. */
	loop->batch_count = epoll_wait(loop->epoll, loop->batch, BATCH, sleep_ms(loop, max_ms));
	while (loop->batch_next < loop->batch_count)
		deliver_event(&loop->batch[loop->batch_next++]);
	run_timers(loop);
}

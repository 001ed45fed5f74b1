/* A scripted HTTP server. One mutex guards everything; connection threads hold it but for reading, writing
 * and waiting. */
#include "support/fake_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

enum { CONNECTIONS = 256, REQUESTS = 256, REQUEST_MAX = 16 * 1024 * 1024, READ_SIZE = 64 * 1024 };

struct connection {
	struct fake_upstream *fake;
	pthread_t thread;
	int fd;
};

struct fake_upstream {
	const struct fake_step *steps;
	size_t step_count;
	size_t step; /* at hand */
	char base[64];
	int listener;
	pthread_t acceptor;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool released;
	bool ending;
	struct connection connections[CONNECTIONS];
	size_t connection_count;
	size_t spoken_to;
	struct buf requests[REQUESTS];
	size_t request_count;
};

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

/* The next step of the script; with `take` it is used up, but for the last. */
static struct fake_step
step_at_hand(struct fake_upstream *fake, bool take)
{
	pthread_mutex_lock(&fake->lock);
	struct fake_step step = fake->steps[fake->step];
	if (take && fake->step < fake->step_count - 1)
		fake->step++;
	pthread_mutex_unlock(&fake->lock);
	return step;
}

static bool
send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

/* The whole length of the request in `buf`, as soon as its head is there; else 0. */
static size_t
request_length(const struct buf *buf)
{
	const char *end = strstr(buf_str(buf), "\r\n\r\n");
	if (!end)
		return 0;
	const char *length = strcasestr(buf_str(buf), "\r\nContent-Length:");
	size_t head = (size_t)(end - buf->data) + 4;
	return length && length < end ? head + strtoul(length + 17, NULL, 10) : head;
}

/* Reads one request from its first byte on and keeps it. False where the peer left. */
static bool
read_request(struct connection *c, bool *spoken)
{
	struct fake_upstream *fake = c->fake;
	struct buf buf;
	char *piece = malloc(READ_SIZE);
	size_t whole = 0;

	need(piece != NULL, "malloc");
	buf_init(&buf, REQUEST_MAX);
	while (whole == 0 || buf.len < whole) {
		ssize_t got = recv(c->fd, piece, READ_SIZE, 0);
		if (got <= 0)
			break;
		if (!*spoken) {
			*spoken = true;
			pthread_mutex_lock(&fake->lock);
			fake->spoken_to++;
			pthread_mutex_unlock(&fake->lock);
		}
		need(buf_add(&buf, piece, (size_t)got), "request");
		if (whole == 0)
			whole = request_length(&buf);
	}
	free(piece);
	if (whole == 0 || buf.len < whole) {
		buf_free(&buf);
		return false;
	}
	pthread_mutex_lock(&fake->lock);
	need(fake->request_count < REQUESTS, "too many requests");
	fake->requests[fake->request_count++] = buf;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
	return true;
}

/* Waits until the step may go on; false where the server ends. */
static bool
hold(struct fake_upstream *fake, bool silent)
{
	pthread_mutex_lock(&fake->lock);
	while (!fake->ending && (silent || !fake->released))
		pthread_cond_wait(&fake->changed, &fake->lock);
	bool go = !fake->ending;
	pthread_mutex_unlock(&fake->lock);
	return go;
}

static bool
play(struct connection *c, const struct fake_step *step)
{
	size_t len = step->len ? step->len : step->bytes ? strlen(step->bytes) : 0;
	size_t first = step->held ? step->held_from : len;

	if (step->act == FAKE_SILENT)
		return hold(c->fake, true);
	if (step->act == FAKE_HANG_UP || step->act == FAKE_HANG_UP_NOW)
		return false;
	if (!send_all(c->fd, step->bytes, first))
		return false;
	if (step->held && (!hold(c->fake, false) || !send_all(c->fd, step->bytes + first, len - first)))
		return false;
	return step->act == FAKE_ANSWER_KEEP;
}

static void *
serve(void *cookie)
{
	struct connection *c = cookie;
	bool spoken = false;
	struct fake_step step = step_at_hand(c->fake, false);

	if (step.act == FAKE_HANG_UP_NOW || step.act == FAKE_BLURT) {
		step = step_at_hand(c->fake, true);
		play(c, &step);
	} else {
		while (read_request(c, &spoken)) {
			step = step_at_hand(c->fake, true);
			if (!play(c, &step))
				break;
		}
	}
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static void *
accept_all(void *cookie)
{
	struct fake_upstream *fake = cookie;
	int fd;

	while ((fd = accept(fake->listener, NULL, NULL)) >= 0) {
		pthread_mutex_lock(&fake->lock);
		need(fake->connection_count < CONNECTIONS, "too many connections");
		struct connection *c = &fake->connections[fake->connection_count];
		c->fake = fake;
		c->fd = fd;
		need(pthread_create(&c->thread, NULL, serve, c) == 0, "pthread_create");
		fake->connection_count++;
		pthread_mutex_unlock(&fake->lock);
	}
	return NULL;
}

struct fake_upstream *
fake_upstream_new(const struct fake_step *steps, size_t count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	struct fake_upstream *fake = calloc(1, sizeof(*fake));

	need(fake != NULL, "calloc");
	need(setenv("no_proxy", "*", 1) == 0, "setenv");
	fake->steps = steps;
	fake->step_count = count;
	pthread_mutex_init(&fake->lock, NULL);
	pthread_cond_init(&fake->changed, NULL);
	fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(fake->listener >= 0, "socket");
	need(bind(fake->listener, (struct sockaddr *)&at, sizeof(at)) == 0, "bind");
	need(listen(fake->listener, 64) == 0, "listen");
	need(getsockname(fake->listener, (struct sockaddr *)&at, &size) == 0, "getsockname");
	snprintf(fake->base, sizeof(fake->base), "http://127.0.0.1:%d", ntohs(at.sin_port));
	need(pthread_create(&fake->acceptor, NULL, accept_all, fake) == 0, "pthread_create");
	return fake;
}

void
fake_upstream_free(struct fake_upstream *fake)
{
	if (!fake)
		return;
	shutdown(fake->listener, SHUT_RDWR);
	pthread_join(fake->acceptor, NULL);
	pthread_mutex_lock(&fake->lock);
	fake->ending = true;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
	for (size_t i = 0; i < fake->connection_count; i++) {
		shutdown(fake->connections[i].fd, SHUT_RDWR);
		pthread_join(fake->connections[i].thread, NULL);
		close(fake->connections[i].fd);
	}
	for (size_t i = 0; i < fake->request_count; i++)
		buf_free(&fake->requests[i]);
	close(fake->listener);
	pthread_cond_destroy(&fake->changed);
	pthread_mutex_destroy(&fake->lock);
	free(fake);
}

const char *
fake_upstream_base(const struct fake_upstream *fake)
{
	return fake->base;
}

void
fake_upstream_release(struct fake_upstream *fake)
{
	pthread_mutex_lock(&fake->lock);
	fake->released = true;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
}

static size_t
read_count(struct fake_upstream *fake, const size_t *count)
{
	pthread_mutex_lock(&fake->lock);
	size_t n = *count;
	pthread_mutex_unlock(&fake->lock);
	return n;
}

size_t
fake_upstream_requests(struct fake_upstream *fake)
{
	return read_count(fake, &fake->request_count);
}

size_t
fake_upstream_connections(struct fake_upstream *fake)
{
	return read_count(fake, &fake->connection_count);
}

size_t
fake_upstream_spoken_to(struct fake_upstream *fake)
{
	return read_count(fake, &fake->spoken_to);
}

void
fake_upstream_wait(struct fake_upstream *fake, size_t count)
{
	pthread_mutex_lock(&fake->lock);
	while (fake->request_count < count)
		pthread_cond_wait(&fake->changed, &fake->lock);
	pthread_mutex_unlock(&fake->lock);
}

const char *
fake_upstream_request(struct fake_upstream *fake, size_t i)
{
	pthread_mutex_lock(&fake->lock);
	const char *request = i < fake->request_count ? buf_str(&fake->requests[i]) : NULL;
	pthread_mutex_unlock(&fake->lock);
	return request;
}

/* An upstream that answers at once, or after a time, on one thread: every POST is taken under a new id, every
 * other request finds its job under way, at PROGRESS (42) per cent; or, at 100, completed, and what it has
 * cost where COST says so.
 *
 *   upstream [DELAY_MS [PROGRESS [COST]]]
 *
 * Prints its port. On SIGTERM it prints "requests N connections M", M being the most at a time, and ends. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, REQUEST_MAX = 16384 };

struct peer {
	struct peer *next; /* among those that wait for their answer, the longest first */
	int fd;
	int64_t due;
	size_t len;
	bool post, gone;
	char request[REQUEST_MAX];
};

static int loop;
static int64_t delay;
static int progress;
static const char *state = "in_progress";
static char result[256]; /* what a completed job has beside */
static uint64_t requests, jobs, connections, most;
static struct peer *waiting, **waiting_end = &waiting;

static int64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
answer(struct peer *peer)
{
	char text[1024], body[512];
	int body_len =
	    snprintf(body, sizeof(body), "{\"id\":\"job%" PRIu64 "\",\"status\":\"%s\",\"progress\":%d%s}",
	             peer->post ? ++jobs : 1, peer->post ? "queued" : state, peer->post ? 0 : progress,
	             peer->post ? "" : result);
	int len =
	    snprintf(text, sizeof(text),
	             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	             body_len, body);
	requests++;
	if (send(peer->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		shutdown(peer->fd, SHUT_RDWR);
}

static void
drop(struct peer *peer)
{
	close(peer->fd);
	connections--;
	free(peer);
}

/* One whole request at the front of what has come; false where there is none yet. */
static bool
take(struct peer *peer)
{
	peer->request[peer->len] = '\0';
	char *end = strstr(peer->request, "\r\n\r\n");
	if (end == NULL)
		return false;
	const char *length = strcasestr(peer->request, "\r\nContent-Length:");
	size_t whole = (size_t)(end + 4 - peer->request) +
	               (length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0);
	if (peer->len < whole)
		return false;
	peer->post = strncmp(peer->request, "POST", 4) == 0;
	peer->len -= whole;
	memmove(peer->request, peer->request + whole, peer->len);
	return true;
}

static void
receive(struct peer *peer)
{
	ssize_t n = recv(peer->fd, peer->request + peer->len, REQUEST_MAX - 1 - peer->len, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (peer->due != 0)
			peer->gone = true; /* the queue still holds it */
		else
			drop(peer);
		return;
	}
	peer->len += (size_t)n;
	if (!take(peer))
		return;
	if (delay == 0) {
		answer(peer);
		return;
	}
	peer->due = now_ms() + delay;
	peer->next = NULL;
	*waiting_end = peer;
	waiting_end = &peer->next;
}

static void
answer_due(void)
{
	while (waiting != NULL && waiting->due <= now_ms()) {
		struct peer *peer = waiting;
		waiting = peer->next;
		if (waiting == NULL)
			waiting_end = &waiting;
		peer->due = 0;
		if (peer->gone)
			drop(peer);
		else
			answer(peer);
	}
}

static void
accept_all(int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct peer *peer = calloc(1, sizeof(*peer));
		if (peer == NULL)
			exit(EXIT_FAILURE);
		peer->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		epoll_ctl(loop, EPOLL_CTL_ADD, fd,
		          &(struct epoll_event){.events = EPOLLIN, .data.ptr = peer});
		if (++connections > most)
			most = connections;
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	struct epoll_event events[EVENTS];
	sigset_t set;
	delay = argc > 1 ? strtoll(argv[1], NULL, 10) : 0;
	progress = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 42;
	if (progress == 100) {
		state = "completed";
		snprintf(result, sizeof(result), ",\"video_url\":\"https://example.com/v.mp4\"%s%.64s%s",
		         argc > 3 ? ",\"usage\":{\"cost\":" : "", argc > 3 ? argv[3] : "",
		         argc > 3 ? "}" : "");
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int stop = signalfd(-1, &set, SFD_CLOEXEC),
	    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	loop = epoll_create1(EPOLL_CLOEXEC);
	if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4096) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		return EXIT_FAILURE;
	epoll_ctl(loop, EPOLL_CTL_ADD, listener,
	          &(struct epoll_event){.events = EPOLLIN, .data.ptr = &listener});
	epoll_ctl(loop, EPOLL_CTL_ADD, stop, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &stop});
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(loop, events, EVENTS, waiting != NULL ? 1 : -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == &stop) {
				printf("requests %" PRIu64 " connections %" PRIu64 "\n", requests, most);
				return EXIT_SUCCESS;
			}
			if (events[i].data.ptr == &listener)
				accept_all(listener);
			else
				receive(events[i].data.ptr);
		}
		answer_due();
	}
}

/* A crowd of HTTP clients on one thread, each with a connection of its own, for long polls and for bursts.
 *
 *   swarm HOST PORT < requests
 *
 * Every line of standard input is a request for one client: a path, a blank, a bearer token or "-", and for a
 * POST a further blank and a body of JSON. All are connected, a few hundred at a time, and their requests
 * sent; then "sent COUNT FIRST LAST" is printed. Each answer is a line "INDEX STATUS SENT DONE": times are
 * CLOCK_MONOTONIC in µs, DONE that of the last byte. Ends when all are answered, or on SIGTERM, which leaves
 * the rest unanswered. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, AT_ONCE = 400, HEAD_MAX = 4096 };

struct client {
	int fd;
	char *request;
	size_t len;
	int64_t sent;
	char head[HEAD_MAX]; /* of the answer, for its status and length */
	size_t head_len;
	size_t left; /* bytes of the body to come */
	int status;
	bool in_body;
};

static struct client *clients;
static size_t count, connecting, sent_count, done_count;
static int loop;
static int64_t first_sent, last_sent;

static int64_t
now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
finish(struct client *client, int status)
{
	printf("%zu %d %" PRId64 " %" PRId64 "\n", (size_t)(client - clients), status, client->sent,
	       now_us());
	close(client->fd);
	client->fd = -1;
	done_count++;
}

static void
start(struct client *client, const struct sockaddr_in *address)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0) {
		perror("swarm: socket");
		exit(EXIT_FAILURE);
	}
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (connect(client->fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	    errno != EINPROGRESS) {
		perror("swarm: connect");
		exit(EXIT_FAILURE);
	}
	epoll_ctl(loop, EPOLL_CTL_ADD, client->fd, &event);
	connecting++;
}

static void
send_request(struct client *client)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
	connecting--;
	client->sent = now_us();
	if (send(client->fd, client->request, client->len, MSG_NOSIGNAL) != (ssize_t)client->len) {
		finish(client, -1);
		return;
	}
	free(client->request);
	client->request = NULL;
	epoll_ctl(loop, EPOLL_CTL_MOD, client->fd, &event);
	if (sent_count++ == 0)
		first_sent = client->sent;
	last_sent = client->sent;
}

/* Takes the head, once it is whole; what is behind it is body. */
static void
take_head(struct client *client)
{
	client->head[client->head_len] = '\0';
	char *end = strstr(client->head, "\r\n\r\n");
	if (end == NULL)
		return;
	const char *length = strcasestr(client->head, "\r\nContent-Length:");
	client->status = (int)strtol(client->head + 9, NULL, 10);
	client->left = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
	size_t body = client->head_len - (size_t)(end + 4 - client->head);
	client->left -= body < client->left ? body : client->left;
	client->in_body = true;
}

static void
receive(struct client *client)
{
	char bytes[65536];
	for (;;) {
		char *to = client->in_body ? bytes : client->head + client->head_len;
		size_t room = client->in_body ? sizeof(bytes) : HEAD_MAX - 1 - client->head_len;
		ssize_t n = recv(client->fd, to, room, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || (!client->in_body && room == 0)) {
			finish(client, -1);
			return;
		}
		if (client->in_body) {
			client->left -= (size_t)n < client->left ? (size_t)n : client->left;
		} else {
			client->head_len += (size_t)n;
			take_head(client);
		}
		if (client->in_body && client->left == 0) {
			finish(client, client->status);
			return;
		}
	}
}

static void
add(const char *line, const char *host)
{
	char path[1024] = "", token[256] = "", body[8192] = "", request[16384];
	if (sscanf(line, "%1023s %255s %8191[^\n]", path, token, body) < 2)
		return;
	clients = realloc(clients, (count + 1) * sizeof(*clients));
	if (clients == NULL)
		exit(EXIT_FAILURE);
	int len = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: %s\r\n",
	                   body[0] ? "POST" : "GET", path, host);
	if (strcmp(token, "-") != 0)
		len += snprintf(request + len, sizeof(request) - (size_t)len, "Authorization: Bearer %s\r\n",
		                token);
	if (body[0])
		len += snprintf(request + len, sizeof(request) - (size_t)len,
		                "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	len += snprintf(request + len, sizeof(request) - (size_t)len, "\r\n%s", body);
	clients[count++] = (struct client){.fd = -1, .request = strdup(request), .len = (size_t)len};
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0, next = 0;
	struct epoll_event events[EVENTS];
	bool told = false;
	if (argc != 3) {
		fputs("usage: swarm HOST PORT < requests\n", stderr);
		return EXIT_FAILURE;
	}
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons((uint16_t)strtol(argv[2], NULL, 10))};
	if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
		return EXIT_FAILURE;
	while (getline(&line, &size, stdin) > 0)
		add(line, argv[1]);
	free(line);
	setvbuf(stdout, NULL, _IOLBF, 0);
	loop = epoll_create1(EPOLL_CLOEXEC);
	while (done_count < count) {
		while (next < count && connecting < AT_ONCE)
			start(&clients[next++], &address);
		int n = epoll_wait(loop, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			struct client *client = events[i].data.ptr;
			if (client->request != NULL)
				send_request(client);
			else
				receive(client);
		}
		if (sent_count == count && !told)
			printf("sent %zu %" PRId64 " %" PRId64 "\n", count, first_sent, last_sent);
		told = told || sent_count == count;
	}
	return EXIT_SUCCESS;
}

/* The counterpart of touch.c for Nchan: every line of standard input is a channel, to which one message is
 * published over a kept-alive connection.
 *
 *   publish PORT PAUSE_MS < channels
 *
 * Prints for each the CLOCK_MONOTONIC in µs at which its request was sent. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t
now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int
main(int argc, char **argv)
{
	char channel[128], text[512], answer[4096];
	if (argc != 3)
		return EXIT_FAILURE;
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10)),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return EXIT_FAILURE;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	useconds_t pause = (useconds_t)strtoul(argv[2], NULL, 10) * 1000;
	while (fgets(channel, sizeof(channel), stdin) != NULL) {
		channel[strcspn(channel, "\n")] = '\0';
		/* As long as a task object is. */
		int len = snprintf(text, sizeof(text),
		                   "POST /pub?id=%s HTTP/1.1\r\nHost: b\r\nContent-Length: 300\r\n\r\n%300s",
		                   channel, "x");
		int64_t begin = now_us();
		if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len ||
		    recv(fd, answer, sizeof(answer), 0) <= 0)
			return EXIT_FAILURE;
		printf("%" PRId64 "\n", begin);
		fflush(stdout);
		usleep(pause);
	}
	return EXIT_SUCCESS;
}

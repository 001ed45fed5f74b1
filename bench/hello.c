/* The smallest FastCGI program there is, with its connection closed at once: what any program behind this
 * lighttpd can reach at most.
 *
 *   hello SOCKET THREADS */
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void *
serve(void *cookie)
{
	FCGX_Request request;
	FCGX_InitRequest(&request, *(int *)cookie, 0);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutS("Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n", request.out);
		FCGX_FFlush(request.out);
		FCGX_Detach(&request); /* libfcgi would wait for the web server to close */
		FCGX_Finish_r(&request);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	if (argc != 3 || FCGX_Init() != 0)
		return EXIT_FAILURE;
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = SIG_DFL}, NULL); /* libfcgi has swallowed it */
	int listener = FCGX_OpenSocket(argv[1], 4096);
	if (listener < 0)
		return EXIT_FAILURE;
	for (long i = 1; i < strtol(argv[2], NULL, 10); i++)
		if (pthread_create(&thread, NULL, serve, &listener) != 0)
			return EXIT_FAILURE;
	serve(&listener);
	return EXIT_SUCCESS;
}

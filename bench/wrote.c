/* Runs a command and tells what it has cost: bytes written to the disk (as its task_io_accounting counts
 * them, in units of 512), and processor time. Of all its processes that have ended.
 *
 *   wrote COMMAND [ARGUMENT…]      prints "BYTES MICROSECONDS" on standard error, after the command's own */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	if (argc < 2)
		return EXIT_FAILURE;
	pid_t pid = fork();
	if (pid == 0) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || getrusage(RUSAGE_CHILDREN, &usage) < 0)
		return EXIT_FAILURE;
	long long micros = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL +
	                   usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
	fprintf(stderr, "%lld %lld\n", usage.ru_oublock * 512LL, micros);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

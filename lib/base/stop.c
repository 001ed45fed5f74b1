/* SIGTERM and SIGINT by signalfd(2). */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

void
stop_set(sigset_t *ret_set)
{
	sigemptyset(ret_set);
	sigaddset(ret_set, SIGTERM);
	sigaddset(ret_set, SIGINT);
}

bool
stop_watch(struct loop *loop, struct loop_watch *watch, void (*fn)(void *cookie, unsigned events),
           void *cookie)
{
	sigset_t set;
	stop_set(&set);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return false;
	*watch = (struct loop_watch){
	    .fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .fn = fn, .cookie = cookie};
	return watch->fd >= 0 && loop_add(loop, watch, LOOP_READ);
}

void
stop_drain(const struct loop_watch *watch)
{
	struct signalfd_siginfo info;
	while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
}

void
stop_end(struct loop *loop, struct loop_watch *watch)
{
	if (watch->fd < 0)
		return;
	loop_remove(loop, watch);
	close(watch->fd);
	watch->fd = -1;
}

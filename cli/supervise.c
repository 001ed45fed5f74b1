/* Children. Each has a process group of its own: so a Ctrl-C reaches the supervisor alone, which keeps the
 * order of the stop, and lighttpd, which signals its whole group, reaches only itself. */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"

enum {
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 5000,
	STABLE_MS = 10000, /* a child that ran for so long is restarted without backoff */
	LAST_MS = 5000,    /* between hurry_signal and SIGKILL */
	WEB_FD = 3,
	HOW_SIZE = 64
};

struct child {
	struct child *next;
	struct supervisor *supervisor;
	struct child_plan plan;
	pid_t pid; /* 0 = not running */
	int64_t started_ms;
	int64_t backoff_ms;      /* before the next start */
	bool hurried;            /* it has got its hurry_signal */
	struct loop_timer timer; /* the next start; during a stop, the end of its grace */
};

/* A process that was replaced and is still finishing. */
struct retired {
	struct retired *next;
	struct supervisor *supervisor;
	struct child_plan plan;
	pid_t pid;
	struct loop_timer timer; /* SIGKILL */
};

struct supervisor {
	struct loop *loop;
	struct arena *arena;
	struct supervisor_events events;
	struct child *children;
	struct retired *retired;
	bool stopping;
	bool hurried;
	enum child_stage stage; /* that is being stopped */
};

struct supervisor *
supervisor_new(struct loop *loop, struct arena *arena, const struct supervisor_events *events)
{
	struct supervisor *supervisor = arena_alloc(arena, sizeof(*supervisor));

	if (supervisor == NULL)
		return NULL;
	supervisor->loop = loop;
	supervisor->arena = arena;
	supervisor->events = *events;
	return supervisor;
}

/* Makes `from` the descriptor `to`, open over exec. */
static bool
move_descriptor(int from, int to)
{
	return from == to ? fcntl(to, F_SETFD, 0) == 0 : dup2(from, to) == to;
}

/* Runs in the child: sets up signals and descriptors, and executes the program. Does not return. */
static void
run_child(const struct child_plan *plan, pid_t parent)
{
	char pid[16];
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it ended before prctl(); no signal will come */
		_exit(EXIT_FAILURE);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	int input = plan->input >= 0 ? plan->input : open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* Standard output is kept for the line "ready". */
	if (input < 0 || !move_descriptor(input, STDIN_FILENO) || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		goto fail;
	if (plan->web >= 0) {
		snprintf(pid, sizeof(pid), "%ld", (long)getpid());
		if (!move_descriptor(plan->web, WEB_FD) || setenv("LISTEN_PID", pid, 1) < 0 ||
		    setenv("LISTEN_FDS", "1", 1) < 0)
			goto fail;
	}
	execv(plan->argv[0], (char *const *)(uintptr_t)plan->argv);
fail:
	log_error("cannot start %s: %s", plan->argv[0], strerror(errno));
	_exit(EXIT_FAILURE);
}

static void
restart_later(struct child *child)
{
	child->backoff_ms = child->backoff_ms == 0 ? BACKOFF_MIN_MS : child->backoff_ms * 2;
	if (child->backoff_ms > BACKOFF_MAX_MS)
		child->backoff_ms = BACKOFF_MAX_MS;
	if (!loop_timer_set(child->supervisor->loop, &child->timer, clock_mono_ms() + child->backoff_ms))
		log_error("cannot restart %s: not enough memory", child->plan.name);
}

/* Starts a process. Returns its pid, or -1 after a line in the log. */
static pid_t
launch(const struct child_plan *plan)
{
	pid_t parent = getpid();

	pid_t pid = fork();
	if (pid == 0)
		run_child(plan, parent);
	if (pid < 0)
		log_error("cannot start %s: %s", plan->name, strerror(errno));
	else
		log_debug("%s started, process %ld", plan->name, (long)pid);
	return pid;
}

static void
start(struct child *child)
{
	child->started_ms = clock_mono_ms();
	pid_t pid = launch(&child->plan);
	if (pid < 0)
		restart_later(child);
	else
		child->pid = pid;
}

static void
on_timer(void *cookie)
{
	struct child *child = cookie;

	if (!child->supervisor->stopping) {
		start(child);
	} else if (child->pid > 0 && child->plan.hurry_signal != 0 && !child->hurried) {
		child->hurried = true;
		kill(child->pid, child->plan.hurry_signal);
		loop_timer_set(child->supervisor->loop, &child->timer, clock_mono_ms() + LAST_MS);
	} else if (child->pid > 0) {
		log_warn("%s does not end; killing it", child->plan.name);
		kill(child->pid, SIGKILL);
	}
}

bool
supervisor_add(struct supervisor *supervisor, const struct child_plan *plan)
{
	struct child *child = arena_alloc(supervisor->arena, sizeof(*child));

	if (child == NULL)
		return false;
	child->supervisor = supervisor;
	child->plan = *plan;
	child->timer.fn = on_timer;
	child->timer.cookie = child;
	child->next = supervisor->children;
	supervisor->children = child;
	start(child);
	return true;
}

/* ---- renewal ---- */

static void
on_patience(void *cookie)
{
	struct retired *retired = cookie;

	log_warn("%s: the replaced process %ld does not end; killing it", retired->plan.name,
	         (long)retired->pid);
	kill(retired->pid, SIGKILL);
}

static struct child *
find_child(const struct supervisor *supervisor, const char *name)
{
	struct child *child = supervisor->children;

	while (child && strcmp(child->plan.name, name) != 0)
		child = child->next;
	return child;
}

bool
supervisor_retiring(const struct supervisor *supervisor, const char *name)
{
	for (const struct retired *retired = supervisor->retired; retired; retired = retired->next)
		if (strcmp(retired->plan.name, name) == 0)
			return true;
	return false;
}

const struct child_plan *
supervisor_plan(const struct supervisor *supervisor, const char *name)
{
	const struct child *child = find_child(supervisor, name);

	return child ? &child->plan : NULL;
}

bool
supervisor_renew(struct supervisor *supervisor, const char *name, const struct child_plan *plan,
                 int64_t patience_ms, bool *ret_retired)
{
	struct child *child = find_child(supervisor, name);

	*ret_retired = false;
	if (child == NULL || supervisor->stopping)
		return false;
	if (child->pid == 0) {
		child->plan = *plan;
		return true;
	}
	struct retired *retired = calloc(1, sizeof(*retired));
	if (retired == NULL)
		return false;
	*retired = (struct retired){
	    .supervisor = supervisor,
	    .plan = child->plan,
	    .pid = child->pid,
	    .timer = {.fn = on_patience, .cookie = retired},
	};
	pid_t pid = launch(plan);
	if (pid < 0 || !loop_timer_set(supervisor->loop, &retired->timer, clock_mono_ms() + patience_ms)) {
		if (pid > 0) /* the old one stays; the new one is reaped as unknown */
			kill(pid, SIGKILL);
		free(retired);
		return false;
	}
	retired->next = supervisor->retired;
	supervisor->retired = retired;
	child->plan = *plan;
	child->pid = pid;
	child->started_ms = clock_mono_ms();
	kill(retired->pid, retired->plan.stop_signal);
	*ret_retired = true;
	return true;
}

/* ---- the stop ---- */

static bool
stage_runs(const struct supervisor *supervisor, enum child_stage stage)
{
	for (const struct child *child = supervisor->children; child; child = child->next) {
		if (child->plan.stage == stage && child->pid > 0)
			return true;
	}
	for (const struct retired *retired = supervisor->retired; retired; retired = retired->next) {
		if (retired->plan.stage == stage)
			return true;
	}
	return false;
}

static void
stop_child(struct child *child)
{
	struct supervisor *supervisor = child->supervisor;

	if (supervisor->hurried) {
		kill(child->pid, SIGKILL);
		return;
	}
	kill(child->pid, child->plan.stop_signal);
	if (!loop_timer_set(supervisor->loop, &child->timer, clock_mono_ms() + child->plan.grace_ms))
		kill(child->pid, SIGKILL);
}

/* It has got its stop_signal already: from now on it has the usual grace. */
static void
stop_retired(struct retired *retired)
{
	struct supervisor *supervisor = retired->supervisor;

	if (retired->plan.hurry_signal != 0)
		kill(retired->pid, retired->plan.hurry_signal);
	if (supervisor->hurried ||
	    !loop_timer_set(supervisor->loop, &retired->timer, clock_mono_ms() + retired->plan.grace_ms))
		kill(retired->pid, SIGKILL);
}

static void
stop_stage(struct supervisor *supervisor)
{
	for (struct retired *retired = supervisor->retired; retired; retired = retired->next) {
		if (retired->plan.stage == supervisor->stage)
			stop_retired(retired);
	}
	for (struct child *child = supervisor->children; child; child = child->next) {
		if (child->plan.stage == supervisor->stage && child->pid > 0)
			stop_child(child);
	}
}

/* Stops the next stage once the present one has ended. */
static void
next_stage(struct supervisor *supervisor)
{
	while (!stage_runs(supervisor, supervisor->stage)) {
		if (supervisor->stage + 1 == STAGE__MAX) {
			supervisor->events.all_ended(supervisor->events.cookie);
			return;
		}
		supervisor->stage++;
		stop_stage(supervisor);
	}
}

void
supervisor_stop(struct supervisor *supervisor)
{
	supervisor->hurried = supervisor->stopping;
	if (!supervisor->stopping) {
		supervisor->stopping = true;
		for (struct child *child = supervisor->children; child; child = child->next) {
			loop_timer_cancel(supervisor->loop, &child->timer);
			/* No connection may wait at a socket that is not served any more. */
			if (child->plan.input >= 0)
				close(child->plan.input);
		}
	}
	stop_stage(supervisor);
	next_stage(supervisor);
}

/* ---- deaths ---- */

static void
describe(int status, char *ret_how)
{
	if (WIFSIGNALED(status))
		snprintf(ret_how, HOW_SIZE, "was killed by signal %d", WTERMSIG(status));
	else
		snprintf(ret_how, HOW_SIZE, "ended with status %d", WEXITSTATUS(status));
}

static void
on_death(struct child *child, int status)
{
	struct supervisor *supervisor = child->supervisor;
	char how[HOW_SIZE];

	child->pid = 0;
	loop_timer_cancel(supervisor->loop, &child->timer);
	describe(status, how);
	if (supervisor->stopping) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			log_warn("%s %s", child->plan.name, how);
		return;
	}
	if (clock_mono_ms() - child->started_ms >= STABLE_MS)
		child->backoff_ms = 0;
	restart_later(child);
	log_error("%s %s; restarting it in %lld ms", child->plan.name, how, (long long)child->backoff_ms);
	supervisor->events.died(supervisor->events.cookie, child->plan.name, how);
}

/* Takes the process off the list of retired ones, if it is on it. */
static void
reap_retired(struct supervisor *supervisor, pid_t pid, int status)
{
	char how[HOW_SIZE];

	for (struct retired **at = &supervisor->retired; *at; at = &(*at)->next) {
		struct retired *retired = *at;

		if (retired->pid != pid)
			continue;
		describe(status, how);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			log_warn("%s: the replaced process %ld %s", retired->plan.name, (long)pid, how);
		loop_timer_cancel(supervisor->loop, &retired->timer);
		*at = retired->next;
		free(retired);
		if (!supervisor->stopping)
			supervisor->events.retired(supervisor->events.cookie);
		return;
	}
}

void
supervisor_reap(struct supervisor *supervisor)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = supervisor->children;

		while (child && child->pid != pid)
			child = child->next;
		if (child)
			on_death(child, status);
		else
			reap_retired(supervisor, pid, status);
	}
	if (supervisor->stopping)
		next_stage(supervisor);
}

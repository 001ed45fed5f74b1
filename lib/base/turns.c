/* Turns within a process are a count; among processes they are locks on bytes of a file (fcntl(2), "open file
 * description locks"), which the system releases when a process is killed. Bytes 0 and 1 are the turns, the
 * next ones the places of the queues: a place is locked before a turn is waited for, so a queue can be full.
 */
#include "base/turns.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int taken;
	int waiting[2]; /* in each queue */
	char path[PATH_MAX];
} turns = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

void
turns_share(const char *path)
{
	snprintf(turns.path, sizeof(turns.path), "%s", path);
}

/* ---- within this process ---- */

static bool
wait_turn(enum turns_queue queue)
{
	pthread_mutex_lock(&turns.lock);
	bool room = queue == TURNS_KNOWN || turns.waiting[queue] < TURNS_STRANGERS;
	if (room) {
		turns.waiting[queue]++;
		while (turns.taken >= TURNS_AT_A_TIME ||
		       (queue == TURNS_STRANGER && turns.waiting[TURNS_KNOWN] > 0))
			pthread_cond_wait(&turns.changed, &turns.lock);
		turns.waiting[queue]--;
		turns.taken++;
		/* A stranger may have waited until this one had its turn. */
		pthread_cond_broadcast(&turns.changed);
	}
	pthread_mutex_unlock(&turns.lock);
	return room;
}

static void
end_turn(void)
{
	pthread_mutex_lock(&turns.lock);
	turns.taken--;
	pthread_cond_broadcast(&turns.changed);
	pthread_mutex_unlock(&turns.lock);
}

/* ---- among processes ---- */

static bool
lock_bytes(int fd, short type, int first, int count, int how)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = first, .l_len = count};
	return fcntl(fd, how, &lock) == 0;
}

/* Locks the first byte of these that is free. */
static bool
lock_any(int fd, int first, int count)
{
	for (int i = 0; i < count; i++)
		if (lock_bytes(fd, F_WRLCK, first + i, 1, F_OFD_SETLK))
			return true;
	return false;
}

/* False where the queue is full. ret_fd holds the turn; -1 = none is needed. */
static bool
wait_shared_turn(enum turns_queue queue, int *ret_fd)
{
	bool known = queue == TURNS_KNOWN;
	int first = TURNS_AT_A_TIME + (known ? TURNS_STRANGERS : 0);
	int count = known ? TURNS_PROCESSES : TURNS_STRANGERS;
	int fd = turns.path[0] != '\0' ? open(turns.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && !lock_any(fd, 0, TURNS_AT_A_TIME)) {
		if (!lock_any(fd, first, count)) {
			close(fd);
			return false;
		}
		/* Wait for one of the two turns, chosen by chance, and then free the place. */
		lock_bytes(fd, F_WRLCK, ((int)getpid() + fd) % TURNS_AT_A_TIME, 1, F_OFD_SETLKW);
		lock_bytes(fd, F_UNLCK, first, count, F_OFD_SETLK);
	}
	*ret_fd = fd;
	return true;
}

bool
turns_take(enum turns_queue queue, int *ret_turn)
{
	if (!wait_turn(queue))
		return false;
	if (wait_shared_turn(queue, ret_turn))
		return true;
	end_turn();
	return false;
}

void
turns_give(int turn)
{
	if (turn >= 0)
		close(turn);
	end_turn();
}

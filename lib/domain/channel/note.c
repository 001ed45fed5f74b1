/* Logs each change of a channel between working and failing: see note.h. A change too soon after the last
 * line is left to the next exchange: so an unsteady channel does not flood the log, and the last line is soon
 * right. */
#include "domain/channel/note.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "upstream/http/message.h"

enum { GAP_MS = 10 * 1000, WHY_SIZE = 240, UNAUTHORIZED = 401, FORBIDDEN = 403, SERVER_ERROR = 500 };

struct note {
	struct note *next;
	int64_t at;         /* of the last line */
	char why[WHY_SIZE]; /* "" = it works */
	char channel[];
};

struct channel_notes {
	pthread_mutex_t lock;
	struct note *first;
};

struct channel_notes *
channel_notes_new(void)
{
	struct channel_notes *notes = calloc(1, sizeof(*notes));
	if (notes != NULL)
		pthread_mutex_init(&notes->lock, NULL);
	return notes;
}

void
channel_notes_free(struct channel_notes *notes)
{
	struct note *next;
	if (notes == NULL)
		return;
	for (struct note *note = notes->first; note != NULL; note = next) {
		next = note->next;
		free(note);
	}
	pthread_mutex_destroy(&notes->lock);
	free(notes);
}

/* Why the channel fails; "" where it works. A 4xx is the fault of the request, but for a refused key. */
static void
judge(const struct http_response *response, char ret_why[WHY_SIZE])
{
	char reason[128];
	int status = response->status;
	ret_why[0] = '\0';
	if (response->end != HTTP_ANSWERED && response->error != 0)
		snprintf(ret_why, WHY_SIZE, "%s (%s)", response->why,
		         strerror_r(response->error, reason, sizeof(reason)));
	else if (response->end != HTTP_ANSWERED)
		snprintf(ret_why, WHY_SIZE, "%s", response->why);
	else if (status >= SERVER_ERROR || status == UNAUTHORIZED || status == FORBIDDEN)
		snprintf(ret_why, WHY_SIZE, "It answered %d", status);
}

/* Finds the note of the channel; `make`: makes it where it is absent, as of a channel that works. NULL =
 * there is none. */
static struct note *
find(struct channel_notes *notes, const char *channel, bool make)
{
	struct note *note = notes->first;
	while (note != NULL && strcmp(note->channel, channel) != 0)
		note = note->next;
	if (note != NULL || !make)
		return note;
	size_t size = strlen(channel) + 1;
	note = calloc(1, sizeof(*note) + size);
	if (note == NULL)
		return NULL;
	memcpy(note->channel, channel, size);
	note->at = INT64_MIN / 2;
	note->next = notes->first;
	notes->first = note;
	return note;
}

void
channel_note(struct channel_notes *notes, const char *channel, const struct http_response *response,
             int64_t now)
{
	char why[WHY_SIZE];
	if (response->end != HTTP_ANSWERED && response->ours)
		return;
	judge(response, why);
	pthread_mutex_lock(&notes->lock);
	struct note *note = find(notes, channel, why[0] != '\0');
	if (note != NULL && strcmp(note->why, why) != 0 && now - note->at >= GAP_MS) {
		memcpy(note->why, why, sizeof(why));
		note->at = now;
		if (why[0] != '\0')
			log_warn("channel=%s state=failing why=%s", channel, why);
		else
			log_info("channel=%s state=working", channel);
	}
	pthread_mutex_unlock(&notes->lock);
}

/* Logs how the channels are doing, as this process sees it: a line when that changes, but not for the
 * hundredth failure in a row. Thread-safe. */
#ifndef DOMAIN_CHANNEL_NOTE_H
#define DOMAIN_CHANNEL_NOTE_H

#include <stdint.h>

struct channel_notes;
struct http_response;

/* Makes the notes of a process. NULL when memory is short. */
struct channel_notes *channel_notes_new(void);

/* Frees them. NULL is fine. */
void channel_notes_free(struct channel_notes *notes);

/* Notes the outcome of an exchange with the channel at `now` (clock_mono_ms()). Logs a line where the channel
 * fails now, or for another reason than before (refused, DNS, TLS, timeout, a 5xx, a refused key), and one
 * where it works again; at most one in ten seconds a channel. Never logs a key, a query or the upstream's
 * words. */
void channel_note(struct channel_notes *notes, const char *channel, const struct http_response *response,
                  int64_t now);

#endif

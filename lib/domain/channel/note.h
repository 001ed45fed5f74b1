/* How it stands with the channels, as this process has seen it last: for the log, where a change is worth a
 * line and the hundredth failure in a row is not. Thread-safe. */
#ifndef DOMAIN_CHANNEL_NOTE_H
#define DOMAIN_CHANNEL_NOTE_H

#include <stdint.h>

struct channel_notes;
struct http_response;

/* NULL when memory is short. */
struct channel_notes *channel_notes_new(void);

/* NULL is fine. */
void channel_notes_free(struct channel_notes *notes);

/* Notes what became of an exchange with the channel at `now` (clock_mono_ms()). One line where it does not
 * work any more, and why (refused, DNS, TLS, timeout, a 5xx, a key that is not taken), or does so for another
 * reason, and one where it works again; at most one in ten seconds for each channel. Never a key, a query or
 * the upstream's words. */
void channel_note(struct channel_notes *notes, const char *channel, const struct http_response *response,
                  int64_t now);

#endif

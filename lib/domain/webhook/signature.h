/* Signatures of webhooks by the Standard Webhooks specification (standardwebhooks.com): HMAC-SHA256 of
 * "id.timestamp.body", in the header webhook-signature as "v1," and Base64; several signatures are separated
 * by blanks. A secret is "whsec_" and Base64. Pure and thread-safe. */
#ifndef DOMAIN_WEBHOOK_SIGNATURE_H
#define DOMAIN_WEBHOOK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SIGNATURE_TOLERANCE_S = 300, /* how far a timestamp may be from now */
	SIGNATURE_SECRET_SIZE = 51,  /* bytes of a secret that we draw: 256 bits as text, NUL included */
	SIGNATURE_SIZE = 48,         /* bytes of one signature as text, NUL included */
	SIGNATURE_TOKEN_SIZE = 44,   /* bytes of a token, NUL included */
	SIGNATURE_LIST_MOST = 64     /* signatures that are looked at in one header */
};

/* Says, to an operator, what is wrong with a secret that signature_secret_good() refuses. */
#define SIGNATURE_BAD_SECRET "it is not Base64, with whsec_ before it"

struct signed_message {
	const char *id;    /* webhook-id */
	int64_t timestamp; /* webhook-timestamp: of the try, in seconds since the epoch */
	const void *body;
	size_t len;
};

/* Draws a random secret. */
void signature_draw(char ret_secret[SIGNATURE_SECRET_SIZE]);

/* True where `secret` can be used: Base64, with or without the prefix. */
bool signature_secret_good(const char *secret);

/* Signs the message. False, with nothing written, where the secret cannot be used. */
bool signature_make(const char *secret, const struct signed_message *message, char ret_text[SIGNATURE_SIZE]);

/* True where one of the signatures in the header `list` is that of the message under `secret`. The time it
 * takes does not depend on which, or on where they differ. Versions other than v1 are skipped. A NULL secret
 * does the same work and matches nothing. */
bool signature_matches(const char *secret, const struct signed_message *message, const char *list);

/* Writes the token of the address that upstreams which do not sign send their webhooks of `channel` to:
 * base64url, made from the secret, which it does not disclose. False, with nothing written, where the secret
 * cannot be used. */
bool signature_token(const char *secret, const char *channel, char ret_token[SIGNATURE_TOKEN_SIZE]);

/* True where `token` is that of the channel under `secret`, in the same time wherever it differs. A NULL
 * secret does the same work and matches nothing. */
bool signature_token_good(const char *secret, const char *channel, const char *token);

/* True where the timestamp is within the tolerance of `now_ms`. */
bool signature_fresh(const struct signed_message *message, int64_t now_ms);

#endif

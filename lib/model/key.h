/* An API key without its secret, of which only a hash is stored. Plain data; strings live as long as the
 * arena it was loaded into. */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include <stdbool.h>
#include <stdint.h>

/* What a key is good for. */
enum key_scope {
	KEY_SCOPE_ALL,  /* what its user may do, but for an administrator's calls */
	KEY_SCOPE_READ, /* reading */
	KEY_SCOPE_ADMIN /* an administrator's calls, too */
};

struct key {
	int64_t id;
	int64_t user_id;
	const char *name;      /* the user's */
	const char *hint;      /* "sk-Ab1…9xYz": its beginning and its end */
	int64_t created_at;    /* ms since the epoch, as those below */
	int64_t expires_at;    /* 0 = never */
	int64_t last_used_at;  /* to the hour; 0 = never */
	const char *models;    /* patterns (base/glob.h) of those that it may have made; "" = all */
	const char *addresses; /* networks (base/networks.h) that it is taken from; "" = all */
	int64_t max_open;      /* open tasks made with it, at most; 0 = as many as its user may have */
	int64_t rate;          /* creations a minute; 0 = as many as its user may make */
	enum key_scope scope;
	bool disabled; /* refused until it is enabled again */
};

/* The word of a scope: "all", "read", "admin". Lives for ever. */
const char *key_scope_word(enum key_scope scope);

/* The scope of a word; KEY_SCOPE_READ, which may do least, for any other word and for NULL. */
enum key_scope key_scope_of(const char *word);

#endif

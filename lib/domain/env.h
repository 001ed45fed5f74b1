/* What the verbs of this floor work with; opened by the program, outlives everything made from it. Plain
 * data. */
#ifndef DOMAIN_ENV_H
#define DOMAIN_ENV_H

struct channels;
struct config;
struct http;
struct queues;
struct loop;
struct store;

struct domain_env {
	const struct config *config;
	struct channels *channels;
	const char *owner;     /* the lease owner of this process */
	struct store *store;   /* of the thread that uses the environment */
	struct loop *loop;     /* the last ones for what talks to an upstream: submit, refresh, errand */
	struct queues *queues; /* for all three; NULL = submissions go at once, by `http` */
	struct http *http;
};

#endif

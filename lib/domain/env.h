/* What most functions of the domain work with. Opened by the program; outlives everything made from it. Plain
 * data. */
#ifndef DOMAIN_ENV_H
#define DOMAIN_ENV_H

struct channels;
struct config;
struct http;
struct links;
struct queues;
struct loop;
struct store;

struct domain_env {
	const struct config *config;
	struct channels *channels;
	const char *owner;   /* the name by which this process holds leases */
	struct store *store; /* of the thread that uses the environment */
	/* for what talks to an upstream: submit, poll, followup */
	struct loop *loop;
	struct queues *queues;     /* NULL = submissions go at once, by `http` */
	struct http *http;         /* without queues; else NULL */
	const struct links *links; /* for upstreams that fetch images; NULL = they get none */
};

#endif

/* Reads single facts out of an answer: ids, links, words, numbers. What an upstream sends is hostile: each
 * has its form and its ceiling. Internal to this folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_FACT_H
#define UPSTREAM_DIALECT_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/task.h"
#include "upstream/dialect/profile.h"

struct arena;
struct http_response;
struct json;

/* The status codes that mean more than their class. */
enum {
	HTTP_OK = 200,
	HTTP_REDIRECT = 300,
	HTTP_MOVED = 301,
	HTTP_FOUND = 302,
	HTTP_SEE_OTHER = 303,
	HTTP_TEMPORARY_REDIRECT = 307,
	HTTP_PERMANENT_REDIRECT = 308,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_REQUEST_TIMEOUT = 408,
	HTTP_GONE = 410,
	HTTP_TOO_EARLY = 425,
	HTTP_TOO_MANY = 429,
	HTTP_SERVER_ERROR = 500,
	HTTP_BAD_GATEWAY = 502,
	HTTP_UNAVAILABLE = 503,
	HTTP_GATEWAY_TIMEOUT = 504
};

/* Returns the tree of the body, or NULL where it is not one whole JSON object, nor a list of just one, as
 * Google's gateways send. */
const struct json *fact_root(const struct http_response *response, struct arena *arena);

/* Returns the sentence that the body is as a whole, as plain text or as one string of JSON; NULL where it is
 * none. */
const char *fact_sentence(const struct http_response *response, struct arena *arena);

/* Reads an id, which goes into URLs, rows and logs; NULL where it is not fit for that. */
const char *fact_id(struct arena *arena, const struct json *value);

/* Reads a link of http or https, or NULL. */
const char *fact_url(struct arena *arena, const struct json *value);

/* Copies a text for people: spaces for control characters, none at the ends, stars for the signature of a
 * link, at most `max` characters. NULL where nothing is left. */
const char *fact_clean(struct arena *arena, const char *s, size_t max);

/* Returns the text of a string or a whole number; NULL for all else. */
const char *fact_text(struct arena *arena, const struct json *value);

/* Returns the text of a string, a whole number or a boolean; NULL for all else. */
const char *fact_scalar(struct arena *arena, const struct json *value);

/* Returns the first of the signs (a list, or NULL) that the answer has, or NULL. */
const struct dialect_sign *
fact_sign(const struct dialect_sign *signs, const struct json *root, struct arena *arena);

/* Returns the value at the first of the places (a list, or NULL) that has one, or NULL. */
const struct json *fact_at(const struct json *root, const char *const *places);

/* Returns a fact that is a text from the first of its places that holds a usable value, or NULL. */
const char *
fact_find(const struct dialect *dialect, enum fact fact, const struct json *root, struct arena *arena);

/* Returns what the cost, as found by fact_cost() (NULL = none), is in micro-units, and one more; 0 where that
 * is not told. */
int64_t fact_worth(const struct dialect *dialect, const char *cost);

/* Finds the cost, in the provider's unit: a number or a short string, as JSON. NULL where it is not said. */
const char *fact_cost(const struct dialect *dialect, const struct json *root, struct arena *arena);

/* Finds the progress in per cent; -1 where it is not said. */
int fact_progress(const struct dialect *dialect, const struct json *root);

/* Reads a time: seconds since the Unix epoch, milliseconds where it would be after the year 5138 otherwise,
 * or ISO 8601. In ms; 0 where it is none. */
int64_t fact_time(const struct json *value);

/* Finds what is said of the job: its model, size, seconds, and when its file goes. */
struct job_facts fact_job(const struct dialect *dialect, const struct json *root, struct arena *arena);

#endif

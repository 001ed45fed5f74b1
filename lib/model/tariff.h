/* Tariffs, and what is priced by them. Plain data; strings live as long as what holds them. */
#ifndef MODEL_TARIFF_H
#define MODEL_TARIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/amount.h"

/* A rule: what a video costs the user, or by way of a channel the operator. Times in ms since the epoch. */
struct tariff {
	int64_t id;
	const char *channel; /* "" = a price, for users; else what the channel costs */
	const char *model;   /* a name, or its beginning and *; "" = none is named */
	const char *job;     /* "any", "create", "remix", "edit", "extend" */
	const char *size;    /* "any", "720p" (base/size.h), "1280x720" */
	const char *image;   /* with a reference image or without: "any", "yes", "no" */
	const char *audio;   /* with sound or without, likewise */
	int64_t images;      /* for at least so many images of reference; 0 = any number */
	struct amount_rate rate;
	int64_t default_seconds;  /* what is asked for where the client names none; 0 = nothing */
	const char *default_size; /* likewise; "" = nothing */
	int64_t max_seconds;      /* more are refused; 0 = none are */
	bool delivered;           /* what the upstream has made is paid for, not what was asked for */
	int64_t valid_from;       /* it counts from then on, until a later one of its kind does … */
	int64_t valid_until;      /* … or until then; INT64_MAX = it is not ended by itself */
	bool at_once;             /* it counts since it was made, wherever the clock stands */
	int64_t created_at;
	const char *created_by;
};

/* What the price of a video depends on. */
struct priced {
	const char *model; /* "" = none is named */
	const char *job;   /* "create", … */
	const char *size;  /* "1280x720"; "" = none is named */
	int64_t seconds;   /* 0 = none are named */
	bool image;
	const char *audio;        /* "yes", "no"; "" = nothing is said of it */
	int64_t images;           /* of reference */
	const char *aspect_ratio; /* "9:16": how a size is turned that is not named; NULL = none is named */
};

#endif

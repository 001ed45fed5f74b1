/* Codes that users redeem. Plain data; strings live as long as what holds them. */
#ifndef MODEL_CODE_H
#define MODEL_CODE_H

#include <stdbool.h>
#include <stdint.h>

struct code {
	int64_t id;
	const char *batch; /* by which the operator knows those that were made together */
	const char *hint;  /* its beginning */
	bool invite;       /* one registers with it; else it gives credit to a user */
	int64_t amount;    /* of credit, in micro-units; of an invitation what a new user begins with */
	int64_t group_id;  /* of those who register with it; 0 = none */
	int64_t uses_max, uses;
	int64_t expires_at; /* ms since the epoch; 0 = never */
	bool disabled;
	int64_t created_at;
	const char *created_by;
};

/* The codes that were made together, and are of one kind. */
struct code_batch {
	const char *batch;
	bool invite;
	int64_t codes, uses, uses_max, amount, expires_at, disabled, created_at;
};

#endif

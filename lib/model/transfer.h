/* Transfers between accounts. Plain data; strings live as long as what holds them. Amounts in micro-units
 * (base/amount.h). */
#ifndef MODEL_TRANSFER_H
#define MODEL_TRANSFER_H

#include <stdint.h>

enum transfer_kind {
	TRANSFER_GRANT,   /* the operator gives credit: funding → available */
	TRANSFER_REDEEM,  /* a code does */
	TRANSFER_RESERVE, /* a charge is made: available → held */
	TRANSFER_SETTLE,  /* … and paid: held → revenue */
	TRANSFER_RELEASE, /* … or given back: held → available */
	TRANSFER_REFUND,  /* … after it was paid: revenue → available */
	TRANSFER_TAKE,    /* the operator takes credit: available → adjust */
	TRANSFER_KIND__MAX
};

struct transfer {
	int64_t id; /* written by the store, as `balance` */
	int64_t at; /* ms since the epoch */
	enum transfer_kind kind;
	int64_t user_id;
	int64_t amount;    /* at least 1 */
	int64_t balance;   /* what the user has available after it */
	int64_t charge_id; /* 0 = of none, as the next */
	int64_t code_id;
	const char *reference; /* by which a shop knows it; NULL = none */
	const char *note;      /* NULL = none */
	const char *actor;     /* who made it */
	const char *video_id;  /* of the charge's task; NULL = of none; read only */
};

/* What a user has. */
struct balance {
	int64_t available, held, credit_line;
};

/* Returns "grant", …. Lives for ever. */
const char *transfer_kind_word(enum transfer_kind kind);

/* Returns the kind of a word; TRANSFER_KIND__MAX where there is none. */
enum transfer_kind transfer_kind_of(const char *word);

#endif

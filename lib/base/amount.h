/* Amounts of money: whole millionths of the configured currency, exact. There is no double anywhere. Pure,
 * thread-safe. */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	AMOUNT_UNIT = 1000000, /* of one unit of the currency */
	AMOUNT_DECIMALS = 6,
	AMOUNT_SIZE = 32, /* bytes of an amount as text, NUL included, with a word for the currency */
	AMOUNT_WORD = 8   /* bytes of that word that are shown, at most */
};

/* The most of a price, a transfer, a balance: below 2^53, so that each JSON reader keeps it. */
#define AMOUNT_MOST INT64_C(1000000000000000)

/* What a video costs, before its seconds are known. */
struct amount_rate {
	int64_t flat, per_second;          /* from 0 to AMOUNT_MOST */
	int64_t min_seconds, step_seconds; /* what is paid for at least, and in steps of; 0, 1 = as it is */
};

/* Reads a decimal such as "12", "-0.80" or "0.000001", digits before and behind the point, at most six
 * behind. False, and nothing written, for all else and beyond AMOUNT_MOST either way. */
bool amount_read(const char *text, int64_t *ret_micro);

/* Reads a decimal of at least 0, with or without an exponent ("0.85", "5e-05", "108900"), of a unit that is
 * worth `unit` micro-units, up to 1 000 000 000: rounded up, once. False, and nothing written, for all else,
 * and where it is more than AMOUNT_MOST. */
bool amount_units(const char *text, int64_t unit, int64_t *ret_micro);

/* Writes the decimal exactly, without zeros at its end: "0.8". */
void amount_text(int64_t micro, char ret_text[AMOUNT_SIZE]);

/* Writes it for people, with so many decimals (0 to 6) and the currency: "$0.80", "0.80 CHF". What does not
 * fit is rounded up where `up`, as prices are, else down, as balances are. */
void amount_show(int64_t micro, const char *currency, int64_t decimals, bool up, char ret_text[AMOUNT_SIZE]);

/* Computes the one price: (flat + per_second × seconds that are paid for) × ppm / 1 000 000, rounded up,
 * once, at the end. False, and nothing written, where it is above AMOUNT_MOST. `seconds` and `ppm` are at
 * least 0. */
bool amount_price(const struct amount_rate *rate, int64_t seconds, int64_t ppm, int64_t *ret_micro);

#endif

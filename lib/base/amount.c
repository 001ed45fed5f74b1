/* Amounts: see amount.h. */
#include "base/amount.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { PART = 1000000000 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Adds digits to `value`, and returns the place behind them; NULL where it grows beyond the ceiling. */
static const char *
add_digits(const char *at, int64_t *value)
{
	for (; is_digit(*at); at++) {
		*value = *value * 10 + (*at - '0');
		if (*value > AMOUNT_MOST)
			return NULL;
	}
	return at;
}

bool
amount_read(const char *text, int64_t *ret_micro)
{
	bool minus = *text == '-';
	const char *at = text + minus;
	int64_t value = 0, decimals = 0;
	if (!is_digit(*at) || (at = add_digits(at, &value)) == NULL)
		return false;
	if (*at == '.') {
		const char *from = ++at;
		if (!is_digit(*at) || (at = add_digits(at, &value)) == NULL)
			return false;
		decimals = at - from;
	}
	if (*at != '\0' || decimals > AMOUNT_DECIMALS)
		return false;
	for (; decimals < AMOUNT_DECIMALS; decimals++) {
		value *= 10;
		if (value > AMOUNT_MOST)
			return false;
	}
	*ret_micro = minus ? -value : value;
	return true;
}

/* Reads "e-05" at the end of a number. False where it is none. */
static bool
read_exponent(const char *at, int64_t *ret_exponent)
{
	if (*at == '\0') {
		*ret_exponent = 0;
		return true;
	}
	bool minus = at[0] != '\0' && at[1] == '-';
	const char *digits = at + 1 + (at[1] == '-' || at[1] == '+');
	size_t len = strspn(digits, "0123456789");
	if ((*at != 'e' && *at != 'E') || len == 0 || len > 3 || digits[len] != '\0')
		return false;
	int64_t value = 0;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (digits[i] - '0');
	*ret_exponent = minus ? -value : value;
	return true;
}

/* A number of up to 27 digits, in two parts, and whether there was more behind it, which rounds it up. */
struct wide {
	int64_t high, low; /* low < PART */
	bool more;
};

/* Reads digits with or without a point. The number is `ret_wide` times ten to the power of the exponent that
 * is added to. Returns the place behind them; NULL where there are none. */
static const char *
read_digits(const char *at, struct wide *ret_wide, int64_t *exponent)
{
	struct wide wide = {0};
	bool point = false, any = false;
	for (; is_digit(*at) || (*at == '.' && !point); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		any = true;
		bool counts = wide.high < PART / 10; /* the first 18 digits do */
		if (counts) {
			int64_t low = wide.low * 10 + (*at - '0');
			wide.high = wide.high * 10 + low / PART;
			wide.low = low % PART;
		}
		wide.more = wide.more || (!counts && *at != '0');
		*exponent += (counts ? 0 : 1) - (point ? 1 : 0);
	}
	*ret_wide = wide;
	return any ? at : NULL;
}

bool
amount_units(const char *text, int64_t unit, int64_t *ret_micro)
{
	struct wide wide;
	int64_t exponent = 0, more;
	const char *at = read_digits(text, &wide, &exponent);
	if (at == NULL || !read_exponent(at, &more) || unit > PART)
		return false;
	wide.low *= unit;
	wide.high = wide.high * unit + wide.low / PART;
	wide.low %= PART;
	for (exponent += more; exponent > 0 && (wide.high > 0 || wide.low > 0); exponent--) {
		if (wide.high > AMOUNT_MOST / PART)
			return false;
		wide.low *= 10;
		wide.high = wide.high * 10 + wide.low / PART;
		wide.low %= PART;
	}
	for (; exponent < 0 && (wide.high > 0 || wide.low > 0); exponent++) {
		wide.low += wide.high % 10 * PART;
		wide.high /= 10;
		wide.more = wide.more || wide.low % 10 > 0;
		wide.low /= 10;
	}
	if (wide.high > AMOUNT_MOST / PART)
		return false;
	int64_t micro = wide.high * PART + wide.low + wide.more;
	if (micro > AMOUNT_MOST)
		return false;
	*ret_micro = micro;
	return true;
}

void
amount_text(int64_t micro, char ret_text[AMOUNT_SIZE])
{
	int64_t size = micro < 0 ? -micro : micro;
	int len = snprintf(ret_text, AMOUNT_SIZE, "%s%" PRId64 ".%06" PRId64, micro < 0 ? "-" : "",
	                   size / AMOUNT_UNIT, size % AMOUNT_UNIT);
	while (ret_text[len - 1] == '0')
		len--;
	if (ret_text[len - 1] == '.')
		len--;
	ret_text[len] = '\0';
}

static const char *
sign_of(const char *currency)
{
	static const char *const signs[][2] = {{"USD", "$"}, {"EUR", "€"}, {"GBP", "£"}, {"CNY", "¥"}};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcmp(currency, signs[i][0]) == 0)
			return signs[i][1];
	return NULL;
}

void
amount_show(int64_t micro, const char *currency, int64_t decimals, bool up, char ret_text[AMOUNT_SIZE])
{
	char number[AMOUNT_SIZE];
	const char *sign = sign_of(currency);
	int64_t step = 1;
	for (int64_t i = decimals; i < AMOUNT_DECIMALS; i++)
		step *= 10;
	int64_t rest = (micro % step + step) % step;
	int64_t shown = micro - rest + (up && rest > 0 ? step : 0), size = shown < 0 ? -shown : shown;
	int len = snprintf(number, sizeof(number), "%" PRId64 ".%06" PRId64, size / AMOUNT_UNIT,
	                   size % AMOUNT_UNIT);
	len -= (int)(AMOUNT_DECIMALS - decimals) + (decimals == 0);
	snprintf(ret_text, AMOUNT_SIZE, "%s%s%.*s%s%.*s", shown < 0 ? "-" : "", sign != NULL ? sign : "", len,
	         number, sign != NULL ? "" : " ", sign != NULL ? 0 : AMOUNT_WORD, currency);
}

/* The seconds that are paid for. */
static bool
billed(const struct amount_rate *rate, int64_t seconds, int64_t *ret_seconds)
{
	int64_t step = rate->step_seconds > 1 ? rate->step_seconds : 1, more;
	int64_t rest = seconds % step;
	if (__builtin_add_overflow(seconds, rest > 0 ? step - rest : 0, &more))
		return false;
	*ret_seconds = more > rate->min_seconds ? more : rate->min_seconds;
	return true;
}

bool
amount_price(const struct amount_rate *rate, int64_t seconds, int64_t ppm, int64_t *ret_micro)
{
	int64_t paid, sum, whole, part;
	if (!billed(rate, seconds, &paid) || __builtin_mul_overflow(rate->per_second, paid, &sum) ||
	    __builtin_add_overflow(sum, rate->flat, &sum))
		return false;
	/* In two parts, as the product may need more than 64 bits where the price does not. */
	if (__builtin_mul_overflow(sum / AMOUNT_UNIT, ppm, &whole) ||
	    __builtin_mul_overflow(sum % AMOUNT_UNIT, ppm, &part))
		return false;
	part = part / AMOUNT_UNIT + (part % AMOUNT_UNIT > 0);
	if (__builtin_add_overflow(whole, part, &sum) || sum > AMOUNT_MOST)
		return false;
	*ret_micro = sum;
	return true;
}

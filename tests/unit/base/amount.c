/* Amounts: read, written and priced exactly. */

#include "base/amount.h"
#include "support/test.h"

TEST(decimals_are_read_exactly)
{
	static const struct {
		const char *text;
		int64_t micro;
	} rows[] = {
	    {"0", 0},
	    {"0.80", 800000},
	    {"12", 12000000},
	    {"-0.000001", -1},
	    {"1000000000", AMOUNT_MOST},
	    {"-1000000000.000000", -AMOUNT_MOST},
	    {"007.5", 7500000},
	};
	static const char *const wrong[] = {"",
	                                    "-",
	                                    ".5",
	                                    "5.",
	                                    "+1",
	                                    "1e3",
	                                    "1,5",
	                                    " 1",
	                                    "1 ",
	                                    "0.0000001",
	                                    "0x10",
	                                    "1.2.3",
	                                    "--1",
	                                    "1.-5",
	                                    "1000000000.000001",
	                                    "99999999999999999999",
	                                    "0.00000000000000000000000000001",
	                                    "9999999999"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t micro = 7;
		if (!amount_read(rows[i].text, &micro) || micro != rows[i].micro)
			fail_msg("%s: %lld", rows[i].text, (long long)micro);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t micro = 7;
		if (amount_read(wrong[i], &micro) || micro != 7)
			fail_msg("%s is read", wrong[i]);
	}
}

TEST(what_is_written_is_read_again)
{
	static const int64_t values[] = {0,        1,       -1,        800000,      1000000,
	                                 10000000, -350000, 123456789, AMOUNT_MOST, -AMOUNT_MOST};
	static const char *const texts[] = {"0",  "0.000001", "-0.000001",  "0.8",        "1",
	                                    "10", "-0.35",    "123.456789", "1000000000", "-1000000000"};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char text[AMOUNT_SIZE];
		int64_t again = 7;
		amount_text(values[i], text);
		assert_string_equal(text, texts[i]);
		assert_true(amount_read(text, &again));
		assert_int_equal(again, values[i]);
	}
}

TEST(what_a_provider_counts_is_worth_something)
{
	static const struct {
		const char *text;
		int64_t unit, micro;
	} rows[] = {
	    {"0.85", 1000000, 850000},
	    {"0", 1000000, 0},
	    {"108900", 2, 217800},
	    {"5e-05", 1000000, 50},
	    {"5E-07", 1000000, 1},
	    {"1e-300", 1000000, 1},
	    {"1.5e2", 10, 1500},
	    {"0.0000001", 1000000, 1},
	    {"12345678901", 1, 12345678901},
	    {"0e999", 1, 0},
	    {"1e15", 1, AMOUNT_MOST},
	    {"0.000000000123456789012", 1000000000, 1},
	    {"12345.678901", 1000000, 12345678901},
	    {"123456789.123456", 1000000, 123456789123456},
	    {"123456789.1234560000000000001", 1000000, 123456789123457},
	    {"1000000000", 1000000, AMOUNT_MOST},
	    {"999999999.9999991", 1000000, AMOUNT_MOST},
	    {"0.999999999999999999", 1000000000, 1000000000},
	    {"0.00000000000000000000000000000000001", 1000000000, 1},
	    {"007.50", 1000000, 7500000},
	    {"1234567890123456789e-9", 1000, 1234567890124},
	    {"1e6", 1000000000, AMOUNT_MOST},
	    {"0.000", 1000000000, 0},
	    {"999999999999999999e-9", 1000000, 1000000000000000},
	};
	static const char *const wrong[] = {"",
	                                    "-1",
	                                    "1.2.3",
	                                    ".",
	                                    "e5",
	                                    "1e",
	                                    "1e+",
	                                    "1e1234",
	                                    "1 ",
	                                    "3 credits",
	                                    "0x1",
	                                    "1e16",
	                                    "1e999",
	                                    "99999999999999999999",
	                                    "1000000000000001",
	                                    "1e15e1",
	                                    "1000000000000000.1"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t micro = -1;
		if (!amount_units(rows[i].text, rows[i].unit, &micro) || micro != rows[i].micro)
			fail_msg("%s: %lld", rows[i].text, (long long)micro);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t micro = 7;
		if (amount_units(wrong[i], 1, &micro) || micro != 7)
			fail_msg("%s is read", wrong[i]);
	}
}

TEST(people_see_prices_up_and_balances_down)
{
	static const struct {
		int64_t micro, decimals;
		const char *currency;
		bool up;
		const char *text;
	} rows[] = {
	    {800000, 2, "USD", true, "$0.80"},
	    {801000, 2, "USD", true, "$0.81"},
	    {809999, 2, "USD", false, "$0.80"},
	    {-1, 2, "USD", false, "-$0.01"},
	    {-801000, 2, "EUR", true, "-€0.80"},
	    {1, 0, "JPY", true, "1 JPY"},
	    {1999999, 0, "JPY", false, "1 JPY"},
	    {1, 6, "CNY", false, "¥0.000001"},
	    {AMOUNT_MOST, 2, "CHF", true, "1000000000.00 CHF"},
	    {-AMOUNT_MOST, 6, "ABCDEFGHIJKL", true, "-1000000000.000000 ABCDEFGH"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[AMOUNT_SIZE];
		amount_show(rows[i].micro, rows[i].currency, rows[i].decimals, rows[i].up, text);
		assert_string_equal(text, rows[i].text);
	}
}

TEST(a_price_is_rounded_once_and_up)
{
	static const struct {
		struct amount_rate rate;
		int64_t seconds, ppm, micro;
	} rows[] = {
	    {{0, 100000, 0, 1}, 8, 1000000, 800000},
	    {{0, 0, 0, 1}, 8, 1000000, 0},
	    {{1, 0, 0, 1}, 8, 1, 1},
	    {{1, 0, 0, 1}, 8, 0, 0},
	    {{3, 0, 0, 1}, 0, 333333, 1},
	    {{3, 0, 0, 1}, 0, 333334, 2},
	    {{500, 10, 5, 5}, 1, 1000000, 550},
	    {{500, 10, 5, 5}, 6, 1000000, 600},
	    {{0, 10, 4, 3}, 4, 1000000, 60},
	    {{0, 1, 0, 0}, 7, 1000000, 7},
	    {{0, 100001, 0, 1}, 3, 900000, 270003},
	    {{AMOUNT_MOST, 0, 0, 1}, 1, 1000000, AMOUNT_MOST},
	    {{AMOUNT_MOST - 1, 0, 0, 1}, 1, 1000001, -1},
	    {{0, AMOUNT_MOST, 0, 1}, 2, 1000000, -1},
	    {{0, AMOUNT_MOST, 0, 1}, INT64_MAX, 1000000, -1},
	    {{0, 0, 0, 5}, INT64_MAX, 1000000, -1},
	    {{AMOUNT_MOST, 0, 0, 1}, 1, INT64_MAX, -1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t micro = -1;
		bool is = amount_price(&rows[i].rate, rows[i].seconds, rows[i].ppm, &micro);
		if (is != (rows[i].micro >= 0) || micro != rows[i].micro)
			fail_msg("row %zu: %lld", i, (long long)micro);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decimals_are_read_exactly),
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(what_a_provider_counts_is_worth_something),
	    cmocka_unit_test(people_see_prices_up_and_balances_down),
	    cmocka_unit_test(a_price_is_rounded_once_and_up),
	};
	return cmocka_run_group_tests_name("base/amount", tests, NULL, NULL);
}
